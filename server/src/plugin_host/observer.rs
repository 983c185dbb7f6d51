//! The `observer` hook, and the writes of policies: work that jobs ask for, at least once. A call that is made again has
//! the same id, so that its writes have no second effect.

use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::observer::{
    Event, Hidden, Marking, MemberChange, Membership, Reaction, Undelivered,
};
use super::bindings::switchboard::plugin::types;
use super::failure::Fault;
use super::occurrence::Scene;
use super::plugin::{Answer, Missed, Plugin};
use super::writes::{self, Writes};
use super::{convert, held};
use crate::model::{
    Body, Call, CallId, Change, Cursor, File, Hook, Job, LogLevel, Member, Message, Millis, Roster, Seq, UserId,
};

/// Why a job is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// Nobody will ever do it: the install is removed or disabled, or observes no more. Drop the job.
    #[error("the plugin is gone")]
    Gone,
    /// The hook is suspended; try then. This is no attempt.
    #[error("the plugin is suspended until {until}")]
    Suspended {
        /// When.
        until: Millis,
    },
    /// It failed; try later, a bounded number of times.
    #[error("{0}")]
    Failed(String),
}

/// What observers are told of, beside what clients are.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
pub enum News {
    /// Clients are told as well.
    Changed(Change),
    /// A user has hidden messages from itself; their ids.
    Hidden { user: UserId, messages: Vec<String> },
    /// A member's rank or right to speak has changed, by this user's doing.
    Ranked { member: Member, by: Option<UserId> },
    /// A file was kept.
    Kept(File),
    /// A message did not reach these receivers.
    Undelivered { message: Arc<Message>, users: Vec<UserId> },
}

/// Tells an observer what has happened, and where.
pub async fn observe(
    plugin: &Arc<Plugin>,
    job: &Job,
    news: &News,
    scene: Option<Scene<'_>>,
) -> Result<(), ObserveError> {
    let Some(indices) = &plugin.blueprint.hooks.observer else {
        return Err(ObserveError::Gone);
    };
    let Some(event) = event(plugin, news, scene) else {
        return Ok(());
    };
    let call = &call(plugin, job);
    let answer = plugin.run(Hook::Observer, call, Writes::durable(), |mut lease| async move {
        let guest = lease.guest(|store, instance| indices.load(store, instance))?;
        let context = convert::context(plugin, call);
        lease.given(|| json!(event));
        match guest.call_handle(&mut lease.store, &context, &event).await? {
            Ok(()) => Ok(((), lease)),
            // An error of the guest is a failure like a trap: it counts, and the job is tried again.
            Err(text) => Err(Fault::error(text)),
        }
    });
    told(answer.await)
}

/// What a call that a job asked for means for the job.
pub fn told(answer: Result<Answer<'_, ()>, Missed>) -> Result<(), ObserveError> {
    match answer {
        Ok(answer) => {
            answer.verdict.succeeded();
            Ok(())
        }
        Err(Missed::Suspended(until)) => Err(ObserveError::Suspended { until }),
        Err(Missed::Failed(failure)) => Err(ObserveError::Failed(failure.to_string())),
    }
}

/// Does what a policy wrote, now that its message is accepted. What the rules refuse is told to the plugin's log and
/// not tried again; only what the server cannot do now is.
pub async fn perform(plugin: &Arc<Plugin>, job: &Job, body: &Body) -> Result<(), ObserveError> {
    let writes = held::decode(body).ok_or(ObserveError::Gone)?;
    let call = call(plugin, job);
    for (index, write) in (0..).zip(writes) {
        match writes::perform(plugin, &call, index, true, write).await {
            Ok(_) => {}
            Err(types::Error::Unavailable(text)) => return Err(ObserveError::Failed(text)),
            Err(error) => {
                let text = format!("write {index} of an accepted message was not done: {}", words(&error));
                plugin.ledger.log.push(call.now, LogLevel::Warn, call.id.as_str(), text);
            }
        }
    }
    Ok(())
}

/// The call that does a job.
pub fn call(plugin: &Plugin, job: &Job) -> Call {
    Call {
        app: job.app,
        id: CallId::new(&format!("j{}", job.id)),
        now: plugin.machine.clock.now(),
        depth: job.depth,
        // A job has its number right before its cause has its place in the stream.
        after: Cursor(job.id.get()),
    }
}

fn words(error: &types::Error) -> String {
    match error {
        types::Error::NotFound => "not found".to_owned(),
        types::Error::Refused(refusal) => format!("{}: {}", refusal.code, refusal.text),
        types::Error::Invalid(text) | types::Error::Quota(text) | types::Error::Unavailable(text) => text.clone(),
    }
}

/// The news as the contract knows them; none for what no observer hears, or cannot be told without its conversation.
fn event(plugin: &Plugin, news: &News, scene: Option<Scene<'_>>) -> Option<Event> {
    let shown = |of: &Roster| {
        let last = scene.map_or(Seq(0), |scene| scene.last_seq);
        convert::conversation(&of.conversation, of.members.len(), last)
    };
    let place = || scene.map(|scene| shown(scene.roster));
    let message = |of: &Message| scene.map(|scene| convert::message_in(scene.roster, of));
    let change = match news {
        News::Changed(change) => change,
        News::Hidden { user, messages } => {
            return Some(Event::MessagesHidden(Hidden {
                uid: user.to_string(),
                message_ids: messages.clone(),
            }));
        }
        News::Ranked { member, by } => {
            return Some(Event::MemberUpdated(MemberChange {
                conversation: place()?,
                member: convert::member(member),
                by: by.as_ref().map(ToString::to_string),
            }));
        }
        News::Kept(file) => return Some(Event::FileUploaded(convert::file(plugin.install.app, file))),
        News::Undelivered { message: of, users } => {
            return Some(Event::MessageUndelivered(Undelivered {
                message: message(of)?,
                conversation: place()?,
                uids: convert::uids(users),
            }));
        }
    };
    let membership = |of: &Roster, users: &[UserId], by: &Option<UserId>| Membership {
        conversation: shown(of),
        uids: convert::uids(users),
        by: by.as_ref().map(ToString::to_string),
    };
    Some(match change {
        Change::MessageSent(of) => Event::MessageSent(message(of)?),
        Change::MessageEdited(of) => Event::MessageEdited(message(of)?),
        Change::MessageRecalled(of) => Event::MessageRecalled(message(of)?),
        Change::Reacted {
            message: of,
            user,
            emoji,
            added,
        } => {
            let reaction = Reaction {
                message: message(of)?,
                uid: user.to_string(),
                emoji: emoji.clone(),
            };
            if *added {
                Event::ReactionAdded(reaction)
            } else {
                Event::ReactionRemoved(reaction)
            }
        }
        Change::ConversationCreated(of) => Event::ConversationCreated(shown(of)),
        Change::ConversationUpdated(of) => Event::ConversationUpdated(shown(of)),
        Change::Announced { roster, .. } => Event::Announced(shown(roster)),
        Change::ConversationDissolved(of) => Event::ConversationDissolved(shown(of)),
        Change::MembersJoined { roster, users, by } => Event::MembersJoined(membership(roster, users, by)),
        Change::MembersLeft { roster, users, by } => Event::MembersLeft(membership(roster, users, by)),
        Change::Marked { receipt, .. } => Event::Marked(Marking {
            conversation: place()?,
            mark: convert::mark(receipt),
        }),
        Change::UserUpdated(user) => Event::UserUpdated(convert::user(user)),
        Change::PresenceChanged { user, online: true } => Event::UserOnline(user.to_string()),
        Change::PresenceChanged { user, online: false } => Event::UserOffline(user.to_string()),
        // What is not stored nobody hears of later, and of some things the news say more.
        Change::MessagesDeleted(_)
        | Change::MemberUpdated { .. }
        | Change::HistoryCleared { .. }
        | Change::Preferred { .. }
        | Change::Typing { .. }
        | Change::Pushed { .. } => return None,
    })
}
