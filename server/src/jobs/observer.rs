//! A job's row becomes the event it was written for, and the event goes to its observer.

use std::sync::Arc;

use super::Runner;
use crate::model::{Change, Code, Job, Message, Observation, Roster, Seq};
use crate::plugin_host::ObserveError;
use crate::storage::DueJob;

impl Runner {
    /// Does one job.
    pub(super) async fn observe(&self, due: DueJob) -> Result<(), ObserveError> {
        let DueJob { job, message } = due;
        let chain = match job.conversation {
            Some(conversation) => self.plugins.chain_in(job.app, conversation),
            None => self.plugins.chain(job.app),
        };
        if let Observation::Writes(writes) = &job.work {
            return chain.perform(&job, writes).await;
        }
        if let Observation::Fire(firing) = &job.work {
            return chain.fire(&job, firing).await;
        }
        // What the event was about may be gone: then there is nobody left to tell.
        let conversation = job.conversation.ok_or(ObserveError::Gone)?;
        let scene = match &job.work {
            // Told of a conversation as it was at its end.
            Observation::Event { name, .. } if name == "conversation-dissolved" => {
                let roster = self.chat.last_scene(job.app, conversation).await;
                roster.map(|roster| (roster, Seq(0)))
            }
            _ => self.chat.scene(job.app, conversation).await,
        };
        let (roster, last_seq) = scene.map_err(|refusal| match refusal.code {
            Code::NotFound => ObserveError::Gone,
            _ => ObserveError::Failed(refusal.to_string()),
        })?;
        let change = rebuild(&job, message.map(Arc::new), &roster).ok_or(ObserveError::Gone)?;
        chain.observe(&job, &change, &roster, last_seq).await
    }
}

/// The event a job was written for; `None` if it can no longer be told.
fn rebuild(job: &Job, message: Option<Arc<Message>>, roster: &Arc<Roster>) -> Option<Change> {
    let Observation::Event {
        name, users, by, emoji, ..
    } = &job.work
    else {
        return None;
    };
    let reacted = |added| {
        let (user, emoji) = (users.first()?.clone(), emoji.clone()?);
        Some(Change::Reacted {
            message: message.clone()?,
            user,
            emoji,
            added,
        })
    };
    match name.as_str() {
        "message-sent" => message.map(Change::MessageSent),
        "message-edited" => message.map(Change::MessageEdited),
        "message-recalled" => message.map(Change::MessageRecalled),
        "reaction-added" => reacted(true),
        "reaction-removed" => reacted(false),
        "conversation-created" => Some(Change::ConversationCreated(roster.clone())),
        "conversation-updated" => Some(Change::ConversationUpdated(roster.clone())),
        "conversation-dissolved" => Some(Change::ConversationDissolved(roster.clone())),
        "members-joined" => Some(Change::MembersJoined {
            roster: roster.clone(),
            users: users.clone(),
            by: by.clone(),
        }),
        "members-left" => Some(Change::MembersLeft {
            roster: roster.clone(),
            users: users.clone(),
            by: by.clone(),
        }),
        _ => None,
    }
}
