//! The `policy` hook: a plugin says whether something may happen, before it does. The app's policies are asked in order;
//! what one of them changes is what the next one is asked about.

use std::sync::Arc;

use serde_json::json;

use super::attempt::{Attempt, Change, Doer};
use super::attempts::AttemptKind;
use super::bindings::exports::switchboard::plugin::policy as contract;
use super::chain::Chain;
use super::failure::{Failure, Fault};
use super::message_type::object;
use super::plugin::{Answer, Missed, Plugin};
use super::writes::{Held, Writes};
use super::{convert, held, refusals};
use crate::model::{Body, Call, Code, ConversationKind, Draft, Hook, Kind, Observation, Refusal, Seq, UserId};
use crate::storage::NewJob;

/// What a policy makes of an attempt.
enum Judgement {
    /// It may pass as it is.
    Allow,
    /// It may pass, changed.
    Change(Change),
    /// It may not.
    Refuse(Refusal),
}

/// Why a change is not taken over.
enum Rejected {
    /// It does not fit: the plugin's failure.
    Unfit(String),
    /// Whether it fits cannot be said.
    Unknown(Refusal),
}

impl Chain {
    /// Whether any policy is to be asked about this.
    #[must_use]
    pub fn judges(&self, attempt: AttemptKind, kind: Option<&Kind>) -> bool {
        self.asked.contains(attempt) && self.policies.iter().any(|plugin| judges(plugin, attempt, kind))
    }

    /// Asks each policy that judges such an attempt, in order, but not the one whose doing it is. Answers the jobs that do
    /// what the policies wrote: they belong into the transaction that makes it happen. `last` is the newest place of the
    /// conversation that the attempt is shown with.
    ///
    /// # Errors
    /// A policy's refusal, or `PluginFailed` if one that fails closed did not answer.
    pub async fn judge(
        &self,
        call: &Call,
        doer: &Doer<'_>,
        attempt: &mut Attempt<'_>,
        last: Seq,
    ) -> Result<Vec<NewJob>, Refusal> {
        let mut jobs = Vec::new();
        // Put into the contract's words once, and again when one of them has changed it.
        let mut told = None;
        for plugin in &self.policies {
            let judges = judges(plugin, attempt.kind(), attempt.message_kind());
            if judges && doer.origin != Some(&plugin.install.name) {
                let shown = told
                    .get_or_insert_with(|| Arc::new(attempt.told(doer.user, last)))
                    .clone();
                let (job, has_changed) = self.ask(plugin, call, doer, attempt, shown).await?;
                jobs.extend(job);
                if has_changed {
                    told = None;
                }
            }
        }
        Ok(jobs)
    }

    /// Asks one policy. Answers the job that does what it wrote, and whether it has changed the attempt.
    async fn ask(
        &self,
        plugin: &Arc<Plugin>,
        call: &Call,
        doer: &Doer<'_>,
        attempt: &mut Attempt<'_>,
        shown: Arc<contract::Attempt>,
    ) -> Result<(Option<NewJob>, bool), Refusal> {
        let answer = match judgement(plugin, call, doer, shown).await {
            Ok(answer) => answer,
            Err(failed) => return missed(plugin, &failed).map(|()| (None, false)),
        };
        let has_changed = match answer.value {
            Judgement::Allow => false,
            Judgement::Refuse(refusal) => {
                answer.verdict.succeeded();
                plugin.ledger.counters.refused(Hook::Policy);
                return Err(refusal);
            }
            Judgement::Change(change) => match self.change(call, attempt, change).await {
                Ok(()) => true,
                Err(Rejected::Unknown(refusal)) => return Err(refusal),
                Err(Rejected::Unfit(why)) => {
                    let failed = Missed::Failed(answer.verdict.failed(Failure::Nonsense(why)));
                    return missed(plugin, &failed).map(|()| (None, false));
                }
            },
        };
        answer.verdict.succeeded();
        Ok((job(plugin, call, &answer.writes)?, has_changed))
    }

    /// Takes a change over; a body only as the owner of its kind has checked it.
    async fn change(&self, call: &Call, attempt: &mut Attempt<'_>, change: Change) -> Result<(), Rejected> {
        let checked = match change {
            Change::Body(body) => match attempt.redraft(&body) {
                Some((draft, conversation)) => Change::Body(self.recheck(call, &draft, conversation).await?),
                None => Change::Body(body),
            },
            change => change,
        };
        attempt.take(checked).map_err(|why| Rejected::Unfit(why.into_owned()))
    }

    /// Checks a body that a policy has changed.
    async fn recheck(&self, call: &Call, draft: &Draft, conversation: ConversationKind) -> Result<Body, Rejected> {
        if draft.kind.is_text() && draft.body.text_chars().is_none_or(|chars| chars == 0) {
            let why = "a text must be an object with a text that is not empty";
            return Err(Rejected::Unfit(format!("a changed body is refused: {why}")));
        }
        let body = self.complete(call, draft, conversation).await;
        body.map_err(|refusal| match refusal.code {
            Code::PluginFailed | Code::Busy => Rejected::Unknown(refusal),
            _ => Rejected::Unfit(format!("a changed body is refused: {refusal}")),
        })
    }
}

fn judges(plugin: &Plugin, attempt: AttemptKind, kind: Option<&Kind>) -> bool {
    let rule = plugin.blueprint.descriptor.policy.as_ref();
    rule.is_some_and(|rule| rule.judges(attempt, kind))
}

/// Asks one policy.
async fn judgement<'p>(
    plugin: &'p Arc<Plugin>,
    call: &Call,
    doer: &Doer<'_>,
    attempt: Arc<contract::Attempt>,
) -> Result<Answer<'p, Judgement>, Missed> {
    let Some(check) = &plugin.blueprint.hooks.policy_check else {
        return Err(Missed::Suspended(call.now));
    };
    let writes = Writes::Held(Held::default());
    plugin
        .run(Hook::Policy, call, writes, |mut lease| async move {
            let check = lease.guest(|store, instance| check.load(store, instance))?;
            let context = convert::context(plugin, call);
            let sender = convert::sender(doer);
            lease.given(|| json!({ "sender": sender, "attempt": *attempt }));
            let (verdict,) = check.call_async(&mut lease.store, (context, sender, attempt)).await?;
            lease.answered(|| json!(verdict));
            let judgement = match verdict {
                contract::Verdict::Allow => Judgement::Allow,
                contract::Verdict::Change(change) => Judgement::Change(read(change)?),
                contract::Verdict::Refuse(refusal) => Judgement::Refuse(convert::refusal(refusal)),
            };
            Ok((judgement, lease))
        })
        .await
}

fn read(change: contract::Change) -> wasmtime::Result<Change> {
    let nonsense = |text: &str| Fault::Nonsense(text.to_owned());
    Ok(match change {
        contract::Change::Body(body) => Change::Body(object(&body)?),
        contract::Change::Details(contract::Details { name, cover, ext }) => {
            let ext = ext.map(|ext| Body::parse(&ext).ok_or_else(|| nonsense("ext must be JSON")));
            Change::Details(name, cover, ext.transpose()?)
        }
        contract::Change::Uids(uids) => {
            let users: Result<Vec<UserId>, _> = uids.iter().map(|uid| UserId::new(uid)).collect();
            Change::Users(users.map_err(|_| nonsense("there are no such uids"))?)
        }
        contract::Change::Name(name) => Change::Name(name),
        contract::Change::Emoji(emoji) => Change::Emoji(emoji),
    })
}

/// What follows when a policy gave no answer: nothing, or a refusal.
fn missed(plugin: &Plugin, missed: &Missed) -> Result<(), Refusal> {
    let rule = plugin.blueprint.descriptor.policy.as_ref();
    if rule.is_none_or(|rule| rule.fails_open) {
        return Ok(());
    }
    Err(match missed {
        Missed::Suspended(_) => refusals::suspended(&plugin.install.name),
        Missed::Failed(failure) => refusals::failed(&plugin.install.name, failure),
    })
}

/// The job that does what a policy wrote, if it wrote anything.
pub fn job(plugin: &Plugin, call: &Call, writes: &Writes) -> Result<Option<NewJob>, Refusal> {
    match writes {
        Writes::Held(Held { writes, .. }) if !writes.is_empty() => Ok(Some(NewJob {
            plugin: plugin.install.name.clone(),
            work: Observation::Writes(held::encode(writes).map_err(refusals::fault)?),
            depth: call.depth,
        })),
        _ => Ok(None),
    }
}
