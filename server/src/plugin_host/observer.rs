//! The `observer` hook, and the writes of policies: work that jobs ask for, at least once. A call that is made again has
//! the same id, so that its writes have no second effect.

use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::observer::{Event, Membership, Reaction};
use super::bindings::switchboard::plugin::types;
use super::failure::Fault;
use super::plugin::{Answer, Missed, Plugin};
use super::writes::{self, Writes};
use super::{convert, held};
use crate::model::{Body, Call, CallId, Change, Cursor, Hook, Job, LogLevel, Millis, Roster, Seq, UserId};

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

/// Tells an observer what has happened.
pub async fn observe(
    plugin: &Arc<Plugin>,
    job: &Job,
    change: &Change,
    roster: &Roster,
    last_seq: Seq,
) -> Result<(), ObserveError> {
    let Some(indices) = &plugin.blueprint.hooks.observer else {
        return Err(ObserveError::Gone);
    };
    let Some(event) = event(change, roster, last_seq) else {
        return Ok(());
    };
    let call = &call(plugin, job);
    let answer = plugin.run(Hook::Observer, call, Writes::durable(), |mut lease| async move {
        let guest = indices.load(&mut lease.store, &lease.instance)?;
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

/// The event as the contract knows it; none for what no observer hears.
fn event(change: &Change, roster: &Roster, last_seq: Seq) -> Option<Event> {
    let conversation = |of: &Roster| convert::conversation(&of.conversation, of.members.len(), last_seq);
    let membership = |of: &Roster, users: &[UserId], by: &Option<UserId>| Membership {
        conversation: conversation(of),
        uids: users.iter().map(ToString::to_string).collect(),
        by: by.as_ref().map(ToString::to_string),
    };
    Some(match change {
        Change::MessageSent(message) => Event::MessageSent(convert::message_in(roster, message)),
        Change::MessageEdited(message) => Event::MessageEdited(convert::message_in(roster, message)),
        Change::MessageRecalled(message) => Event::MessageRecalled(convert::message_in(roster, message)),
        Change::Reacted {
            message,
            user,
            emoji,
            added,
        } => {
            let reaction = Reaction {
                message: convert::message_in(roster, message),
                uid: user.to_string(),
                emoji: emoji.clone(),
            };
            if *added {
                Event::ReactionAdded(reaction)
            } else {
                Event::ReactionRemoved(reaction)
            }
        }
        Change::ConversationCreated(of) => Event::ConversationCreated(conversation(of)),
        Change::ConversationUpdated(of) | Change::Announced { roster: of, .. } => {
            Event::ConversationUpdated(conversation(of))
        }
        Change::ConversationDissolved(of) => Event::ConversationDissolved(conversation(of)),
        Change::MembersJoined { roster, users, by } => Event::MembersJoined(membership(roster, users, by)),
        Change::MembersLeft { roster, users, by } => Event::MembersLeft(membership(roster, users, by)),
        Change::MessagesDeleted(_)
        | Change::HistoryCleared { .. }
        | Change::Preferred { .. }
        | Change::Marked { .. }
        | Change::Typing { .. }
        | Change::MemberUpdated { .. }
        | Change::UserUpdated(_)
        | Change::PresenceChanged { .. }
        | Change::Pushed { .. } => return None,
    })
}
