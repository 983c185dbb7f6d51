//! Who is there and who is not, for observers: users who come and go, and receivers whom a message did not reach. What
//! nobody wants to know is not even looked at.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::{Result, refuse};
use super::{Chat, observers};
use crate::model::{
    AppId, Audience, Call, CallId, Change, Code, Cursor, Event, EventKind, Except, Job, Message, Roster, UserId,
};
use crate::plugin_host::{Attempt, AttemptKind, Chain, Doer, Share};
use crate::storage::{NewJob, Storage};

/// Receivers told of at once.
const AT_ONCE: usize = 1000;
/// Comings and goings that wait to be stored; what is beyond is not told.
const WAITING: usize = 10_000;
/// Of these, how many are stored together.
const BATCH: usize = 256;

/// Comings and goings on their way to storage, in order.
#[derive(Debug)]
pub(super) struct Herald(Mutex<Option<Road>>);

/// Where they are put, and what stores them.
#[derive(Debug)]
struct Road {
    queue: mpsc::Sender<(AppId, Vec<NewJob>)>,
    writer: JoinHandle<()>,
}

impl Herald {
    /// One that stores until it is closed.
    pub(super) fn start(storage: Arc<dyn Storage>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let writer = tokio::spawn(write(storage, waiting));
        Self(Mutex::new(Some(Road { queue, writer })))
    }

    /// Stores what waits, and takes no more.
    pub(super) async fn close(&self) {
        let road = self.0.lock().take();
        if let Some(Road { queue, writer }) = road {
            drop(queue);
            if let Err(error) = writer.await {
                tracing::error!(%error, "who came and went was not all stored");
            }
        }
    }
}

async fn write(storage: Arc<dyn Storage>, mut queue: mpsc::Receiver<(AppId, Vec<NewJob>)>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let mut apps: BTreeMap<AppId, Vec<NewJob>> = BTreeMap::new();
        for (app, jobs) in batch.drain(..) {
            apps.entry(app).or_default().extend(jobs);
        }
        for (app, jobs) in apps {
            if let Err(error) = storage.add_jobs(app, jobs).await {
                tracing::debug!(%app, %error, "observers are not told who came and went");
            }
        }
    }
}

impl Chat {
    /// Says that a user's first connection has come, or its last one gone, to whoever watches and to observers.
    ///
    /// Of two that change it at the same time, whoever is told here second knows what is so: what is no longer so is not
    /// told, and nobody is left with the wrong end.
    pub fn presence_changed(&self, app: AppId, user: &UserId, online: bool) {
        let road = self.herald.0.lock();
        if self.hub.is_online(app, user) != online {
            return;
        }
        self.herald(road.as_ref(), app, user, online);
        let change = Change::PresenceChanged {
            user: user.clone(),
            online,
        };
        self.delivery.publish(&Event {
            app,
            cursor: None,
            audience: Audience::Watchers(user.clone()),
            except: Except::Nobody,
            change,
        });
    }

    /// Lets those observers hear of a user's coming or going who want to.
    fn herald(&self, road: Option<&Road>, app: AppId, user: &UserId, online: bool) {
        let chain = self.plugins.chain_for(app, Share::Name(user.as_str()));
        let event = if online {
            EventKind::UserOnline
        } else {
            EventKind::UserOffline
        };
        let jobs = observers::of_user(&chain, event, (None, 0), user);
        if jobs.is_empty() {
            return;
        }
        if road.is_none_or(|road| road.queue.try_send((app, jobs)).is_err()) {
            tracing::debug!(%app, %user, "too many come and go: observers are not told of one");
        }
    }

    /// Does the server's own job of a message: sees whom it did not reach, asks the policies about them, and lets those
    /// observers hear of them who want to. All that follows takes the job's place in one step.
    ///
    /// # Errors
    /// What a retry may help against.
    pub async fn tell_of_absence(&self, job: &Job, message: &Message) -> Result<()> {
        let jobs = match self.rosters.get(job.app, message.conversation).await {
            Ok(roster) => self.absence_jobs(job, message, &roster).await?,
            // It is over, and nobody is missed.
            Err(refusal) if refusal.code == Code::NotFound => Vec::new(),
            Err(refusal) => return Err(refusal),
        };
        if jobs.is_empty() {
            // A job that is done goes with others in one step.
            return Ok(());
        }
        self.storage.replace_job(job.app, job.id, jobs).await.map_err(refuse)
    }

    async fn absence_jobs(&self, job: &Job, message: &Message, roster: &Roster) -> Result<Vec<NewJob>> {
        let chain = self.plugins.chain_in(job.app, message.conversation);
        let away = self.away(job, message, roster).await?;
        let mut jobs = Vec::new();
        for some in away.chunks(AT_ONCE) {
            let mut users = some.to_vec();
            match self.judge_absence(&chain, job, message, roster, &mut users).await {
                Ok(writes) => {
                    jobs.extend(writes);
                    jobs.extend(observers::of_absence(&chain, message, job.depth, &users));
                }
                // Nobody is told.
                Err(refusal) if matches!(refusal.code, Code::Plugin(_) | Code::PluginFailed) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(jobs)
    }

    /// Receivers who were not there when the job's message was stored, and may be disturbed.
    async fn away(&self, job: &Job, message: &Message, roster: &Roster) -> Result<Vec<UserId>> {
        // A job has its number right before its message has its place in the stream.
        let stored = Cursor(job.id.get());
        let was_told = |user: &UserId| {
            let since = self.hub.presence(job.app, user).since;
            since.is_some_and(|since| since <= stored)
        };
        let receivers = roster.members.iter().map(|member| &member.user);
        let mut away: Vec<UserId> = receivers
            .filter(|user| message.sender.user() != Some(*user) && !was_told(user))
            .cloned()
            .collect();
        if !away.is_empty() {
            let quiet = self.storage.undisturbed(job.app, message.conversation).await;
            let quiet: HashSet<UserId> = quiet.map_err(refuse)?.into_iter().collect();
            away.retain(|user| !quiet.contains(user));
        }
        Ok(away)
    }

    async fn judge_absence(
        &self,
        chain: &Chain,
        job: &Job,
        message: &Message,
        roster: &Roster,
        users: &mut Vec<UserId>,
    ) -> Result<Vec<NewJob>> {
        if !chain.judges(AttemptKind::DeliverOffline, Some(&message.kind)) {
            return Ok(Vec::new());
        }
        let last = self.storage.last_seq(job.app, message.conversation).await;
        let call = Call {
            app: job.app,
            id: CallId::new(&format!("j{}", job.id)),
            now: message.created_at,
            depth: job.depth,
            after: Cursor(job.id.get()),
        };
        let user = message.sender.user();
        let doer = Doer {
            user,
            role: user.and_then(|user| roster.role(user)),
            origin: message.origin.as_ref(),
        };
        let mut attempt = Attempt::DeliverOffline { roster, message, users };
        chain.judge(&call, &doer, &mut attempt, last.map_err(refuse)?).await
    }
}
