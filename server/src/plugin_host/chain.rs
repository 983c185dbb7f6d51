//! An app's plugins in the order they are called, as of one moment. Whoever holds a chain goes on with it whatever is
//! installed meanwhile. Everything a call needs to know beforehand is decided here without asking a guest.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::action::{self, Acted, Action};
use super::attempts::{AttemptKind, Attempts};
use super::command::Commands;
use super::observer::{self, News, ObserveError};
use super::occurrence::Scene;
use super::opened::{self, Visit};
use super::plugin::Plugin;
use super::{message_type, refusals, timer};
use crate::model::{
    Body, Call, ConversationKind, Draft, EventKind, Firing, Job, Kind, PluginName, Refusal, Roster, Seq, UserId,
};

/// Whether an install can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It is disabled, broken or not there: its work waits.
    Away,
    /// It is called.
    Ready {
        /// Whether it exports `timer`.
        has_timers: bool,
    },
}

/// The enabled plugins of an app.
#[derive(Default)]
pub struct Chain {
    by_name: FxHashMap<PluginName, Arc<Plugin>>,
    /// Installs that could not be loaded, and why.
    broken: FxHashMap<PluginName, String>,
    /// Who owns a kind, and which of its kinds it is.
    owners: FxHashMap<Kind, (Arc<Plugin>, usize)>,
    pub(super) policies: Vec<Arc<Plugin>>,
    /// What any policy is to be asked about: most attempts are let through by one look at this.
    pub(super) asked: Attempts,
    /// Whether anybody has to do with those whom messages do not reach.
    may_mind_absence: bool,
    observers: Vec<Arc<Plugin>>,
    greeters: Vec<Arc<Plugin>>,
    commands: Commands,
}

impl Chain {
    /// Puts plugins in order: priority, then name. The disabled ones are left out.
    pub(super) fn new(plugins: impl IntoIterator<Item = Arc<Plugin>>, broken: FxHashMap<PluginName, String>) -> Self {
        let mut enabled: Vec<Arc<Plugin>> = plugins.into_iter().filter(|plugin| plugin.install.enabled).collect();
        enabled.sort_by(|a, b| (a.priority(), &a.install.name).cmp(&(b.priority(), &b.install.name)));
        let mut owners = FxHashMap::default();
        for plugin in &enabled {
            for (place, (kind, _)) in plugin.blueprint.descriptor.kinds.iter().enumerate() {
                owners.entry(kind.clone()).or_insert_with(|| (plugin.clone(), place));
            }
        }
        let with = |exports: fn(&Plugin) -> bool| -> Vec<Arc<Plugin>> {
            enabled.iter().filter(|plugin| exports(plugin)).cloned().collect()
        };
        let policies = with(|plugin| plugin.blueprint.descriptor.policy.is_some());
        let observers = with(|plugin| plugin.blueprint.descriptor.observer.is_some());
        let rules = policies
            .iter()
            .filter_map(|plugin| plugin.blueprint.descriptor.policy.as_ref());
        let asked = rules.fold(Attempts::default(), |asked, rule| asked.and(rule.attempts));
        let hears = |plugin: &Arc<Plugin>| {
            let interest = plugin.blueprint.descriptor.observer.as_ref();
            interest.is_some_and(|interest| interest.hears(EventKind::MessageUndelivered, None))
        };
        Self {
            may_mind_absence: asked.contains(AttemptKind::DeliverOffline) || observers.iter().any(hears),
            asked,
            policies,
            observers,
            greeters: with(|plugin| plugin.blueprint.hooks.opened.is_some()),
            commands: Commands::of(&enabled),
            by_name: enabled
                .into_iter()
                .map(|plugin| (plugin.install.name.clone(), plugin))
                .collect(),
            owners,
            broken,
        }
    }

    /// Whether the app has no plugin that is ever called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The commands that users can type.
    #[must_use]
    pub const fn commands(&self) -> &Commands {
        &self.commands
    }

    /// An enabled plugin.
    pub(super) fn enabled(&self, name: &PluginName) -> Option<&Arc<Plugin>> {
        self.by_name.get(name)
    }

    /// Whether an install could not be loaded.
    pub(super) fn is_broken(&self, name: &PluginName) -> bool {
        self.broken.contains_key(name)
    }

    /// Whether a plugin owns this kind.
    #[must_use]
    pub fn owns(&self, kind: &Kind) -> bool {
        self.owners.contains_key(kind)
    }

    /// The body to go on with: checked and completed by who owns its kind, or as it is if nobody does.
    ///
    /// # Errors
    /// `BadBody` naming the place, the owner's own refusal, or `PluginFailed` if the owner did not answer.
    pub async fn complete(&self, call: &Call, draft: &Draft, conversation: ConversationKind) -> Result<Body, Refusal> {
        let Some((plugin, place)) = self.owners.get(&draft.kind) else {
            return Ok(draft.body.clone());
        };
        let (_, schema) = &plugin.blueprint.descriptor.kinds[*place];
        message_type::complete(plugin, schema, call, draft, conversation).await
    }

    /// Who wants a job of an event: those interested in it, but not the one that made it, and nobody once too many
    /// plugin-made messages have followed from one another.
    pub fn observers<'a>(
        &'a self,
        event: EventKind,
        kind: Option<&'a Kind>,
        origin: Option<&'a PluginName>,
        depth: u32,
    ) -> impl Iterator<Item = &'a PluginName> + 'a {
        let hears = move |plugin: &&Arc<Plugin>| {
            depth < plugin.machine.settings.max_depth
                && origin != Some(&plugin.install.name)
                && plugin
                    .blueprint
                    .descriptor
                    .observer
                    .as_ref()
                    .is_some_and(|interest| interest.hears(event, kind))
        };
        self.observers.iter().filter(hears).map(|plugin| &plugin.install.name)
    }

    /// Whether anybody is to hear of those whom a message of this kind does not reach: an observer, or a policy that may
    /// do something about it.
    #[must_use]
    pub fn minds_absence(&self, kind: &Kind, origin: Option<&PluginName>, depth: u32) -> bool {
        self.may_mind_absence
            && (self.judges(AttemptKind::DeliverOffline, Some(kind))
                || self
                    .observers(EventKind::MessageUndelivered, Some(kind), origin, depth)
                    .next()
                    .is_some())
    }

    /// Whether any plugin greets who opens a conversation.
    #[must_use]
    pub fn greets(&self) -> bool {
        !self.greeters.is_empty()
    }

    /// Lets every greeter greet, in order. Their failures are counted and in their logs.
    pub async fn opened(&self, call: &Call, roster: &Roster, last_seq: Seq, user: &UserId, read: Seq) {
        let visit = Visit {
            roster,
            last_seq,
            user,
            read,
        };
        for plugin in &self.greeters {
            opened::greet(plugin, call, visit).await;
        }
    }

    /// Tells the job's observer of an event, where it happened.
    ///
    /// # Errors
    /// Why the job is not done, and what to do with it.
    pub async fn observe(&self, job: &Job, news: &News, scene: Option<Scene<'_>>) -> Result<(), ObserveError> {
        observer::observe(self.plugin(job)?, job, news, scene).await
    }

    /// Does what a policy wrote, now that its message is accepted.
    ///
    /// # Errors
    /// Why the job is not done, and what to do with it.
    pub async fn perform(&self, job: &Job, writes: &Body) -> Result<(), ObserveError> {
        observer::perform(self.plugin(job)?, job, writes).await
    }

    /// Lets one run of a timer fire.
    ///
    /// # Errors
    /// Why the job is not done, and what to do with it.
    pub async fn fire(&self, job: &Job, firing: &Firing) -> Result<(), ObserveError> {
        timer::fire(self.plugin(job)?, job, firing).await
    }

    /// Tells a plugin's log that one run of a timer is given up.
    pub fn give_up(&self, job: &Job, firing: &Firing, error: &str) {
        if let Ok(plugin) = self.plugin(job) {
            timer::given_up(plugin, job, firing, error);
        }
    }

    /// Whether an install can work now.
    #[must_use]
    pub fn readiness(&self, name: &PluginName) -> Readiness {
        match self.by_name.get(name) {
            None => Readiness::Away,
            Some(plugin) => Readiness::Ready {
                has_timers: plugin.blueprint.hooks.timer.is_some(),
            },
        }
    }

    /// Whether the owner of a kind acts on its messages: then nobody else changes their bodies.
    #[must_use]
    pub fn acts_on(&self, kind: &Kind) -> bool {
        let acts = |(plugin, _): &(Arc<Plugin>, usize)| plugin.blueprint.hooks.message_action.is_some();
        self.owners.get(kind).is_some_and(acts)
    }

    /// Lets the owner of a message's kind act on it.
    ///
    /// # Errors
    /// `UnknownAction` if nobody does, the owner's own refusal, or `PluginFailed` if it did not answer.
    pub async fn act(&self, call: &Call, action: Action<'_>) -> Result<Acted, Refusal> {
        let kind = &action.message.kind;
        let (plugin, place) = self.owners.get(kind).ok_or_else(|| refusals::no_action(kind))?;
        let (_, schema) = &plugin.blueprint.descriptor.kinds[*place];
        action::act(plugin, schema, call, action).await
    }

    fn plugin(&self, job: &Job) -> Result<&Arc<Plugin>, ObserveError> {
        if let Some(reason) = self.broken.get(&job.plugin) {
            return Err(ObserveError::Failed(reason.clone()));
        }
        self.by_name.get(&job.plugin).ok_or(ObserveError::Gone)
    }

    /// Refuses a plugin that would own a kind another one owns.
    pub(super) fn check_kinds(&self, name: &PluginName, kinds: impl Iterator<Item = Kind>) -> Result<(), Refusal> {
        for kind in kinds {
            if let Some((owner, _)) = self.owners.get(&kind)
                && owner.install.name != *name
            {
                let owner = &owner.install.name;
                return Err(refusals::rejected(format!(
                    "the kind `{kind}` is owned by the plugin `{owner}`"
                )));
            }
        }
        Ok(())
    }
}
