//! A job's row becomes the news it was written for, and the news go to its observer. What they are about is told as it is
//! now; what is gone nobody is told of.

use std::sync::Arc;

use super::Runner;
use crate::model::{
    Change, Code, EventKind, File, FileId, Job, Message, Observation, Receipt, Refusal, Roster, Seq, UserId,
};
use crate::plugin_host::{News, ObserveError, Scene, Share};
use crate::storage::DueJob;

/// What an event's row says.
struct Event<'a> {
    job: &'a Job,
    message: Option<Arc<Message>>,
    roster: Option<Arc<Roster>>,
    users: &'a [UserId],
    by: Option<&'a UserId>,
    emoji: Option<&'a String>,
    things: &'a [String],
}

impl Runner {
    /// Does one job.
    pub(super) async fn observe(&self, due: &DueJob) -> Result<(), ObserveError> {
        let DueJob { job, message } = due;
        let chain = match (job.conversation, &job.work) {
            (Some(conversation), _) => self.plugins.chain_in(job.app, conversation),
            // As it was when the job was written: what a user does elsewhere meets the version that the user meets.
            (None, Observation::Event { users, .. }) if !users.is_empty() => {
                self.plugins.chain_for(job.app, Share::Name(users[0].as_str()))
            }
            (None, _) => self.plugins.chain(job.app),
        };
        match &job.work {
            Observation::Writes(writes) => chain.perform(job, writes).await,
            Observation::Fire(firing) => chain.fire(job, firing).await,
            Observation::Offline => Box::pin(self.tell_of_absence(job, message.as_deref())).await,
            Observation::Event {
                kind,
                users,
                by,
                emoji,
                things,
                ..
            } => {
                let scene = self.scene(job, *kind).await?;
                let (roster, last_seq) = scene.unzip();
                let event = Event {
                    job,
                    message: message.clone(),
                    roster: roster.clone(),
                    users,
                    by: by.as_ref(),
                    emoji: emoji.as_ref(),
                    things,
                };
                let news = self.news(*kind, event).await?.ok_or(ObserveError::Gone)?;
                let scene = roster.as_deref().zip(last_seq);
                let scene = scene.map(|(roster, last_seq)| Scene { roster, last_seq });
                chain.observe(job, &news, scene).await
            }
        }
    }

    async fn tell_of_absence(&self, job: &Job, message: Option<&Message>) -> Result<(), ObserveError> {
        let message = message.ok_or(ObserveError::Gone)?;
        let told = Box::pin(self.chat.tell_of_absence(job, message)).await;
        told.map_err(|refusal| ObserveError::Failed(refusal.to_string()))
    }

    /// Where it happened, if it happened in a conversation.
    async fn scene(&self, job: &Job, event: EventKind) -> Result<Option<(Arc<Roster>, Seq)>, ObserveError> {
        let Some(conversation) = job.conversation else {
            return Ok(None);
        };
        let scene = if event == EventKind::ConversationDissolved {
            // Told of a conversation as it was at its end.
            let roster = self.chat.last_scene(job.app, conversation).await;
            roster.map(|roster| (roster, Seq(0)))
        } else {
            self.chat.scene(job.app, conversation).await
        };
        // What the event was about may be over: then there is nobody left to tell of it.
        scene.map(Some).map_err(lost)
    }

    /// The news a job was written for; none if they can no longer be told.
    async fn news(&self, kind: EventKind, event: Event<'_>) -> Result<Option<News>, ObserveError> {
        let app = event.job.app;
        Ok(match kind {
            EventKind::UserUpdated => {
                let Some(user) = event.users.first() else {
                    return Ok(None);
                };
                // From storage: what is kept of a user in memory may still be of before its change.
                let user = self.storage.user(app, user).await;
                let user = user.map_err(|error| ObserveError::Failed(error.to_string()))?;
                user.map(|user| News::Changed(Change::UserUpdated(user)))
            }
            EventKind::FileUploaded => {
                let Some(id) = event.things.first() else {
                    return Ok(None);
                };
                Some(News::Kept(self.file(event.job, id).await?))
            }
            EventKind::Marked => {
                let (Some(conversation), Some(user)) = (event.job.conversation, event.users.first()) else {
                    return Ok(None);
                };
                let marks = self.chat.marks(app, conversation, user).await.map_err(lost)?;
                let receipt = Receipt {
                    user: user.clone(),
                    marks,
                };
                Some(News::Changed(Change::Marked { conversation, receipt }))
            }
            _ => event.plain(kind),
        })
    }

    async fn file(&self, job: &Job, id: &str) -> Result<File, ObserveError> {
        let id = FileId::new(id).map_err(|_| ObserveError::Gone)?;
        self.chat.files().get(job.app, &id).await.map_err(lost)
    }
}

/// What keeps news from being told: that what they are about is gone, or something that may pass.
fn lost(refusal: Refusal) -> ObserveError {
    match refusal.code {
        Code::NotFound => ObserveError::Gone,
        _ => ObserveError::Failed(refusal.to_string()),
    }
}

impl Event<'_> {
    /// The news for which everything is at hand.
    fn plain(self, kind: EventKind) -> Option<News> {
        let user = self.users.first().cloned();
        let users = self.users.to_vec();
        let by = self.by.cloned();
        Some(match kind {
            EventKind::MessagesHidden => News::Hidden {
                user: user?,
                messages: self.things.to_vec(),
            },
            EventKind::MemberUpdated => News::Ranked {
                member: self.roster?.member(&user?)?.clone(),
                by,
            },
            EventKind::MessageUndelivered => News::Undelivered {
                message: self.message?,
                users,
            },
            _ => News::Changed(match kind {
                EventKind::MessageSent => Change::MessageSent(self.message?),
                EventKind::MessageEdited => Change::MessageEdited(self.message?),
                EventKind::MessageRecalled => Change::MessageRecalled(self.message?),
                EventKind::ReactionAdded | EventKind::ReactionRemoved => Change::Reacted {
                    message: self.message?,
                    user: user?,
                    emoji: self.emoji?.clone(),
                    added: kind == EventKind::ReactionAdded,
                },
                EventKind::ConversationCreated => Change::ConversationCreated(self.roster?),
                EventKind::ConversationUpdated => Change::ConversationUpdated(self.roster?),
                EventKind::ConversationDissolved => Change::ConversationDissolved(self.roster?),
                EventKind::Announced => {
                    let roster = self.roster?;
                    let notice = roster.conversation.notice.clone()?;
                    Change::Announced { roster, notice }
                }
                EventKind::MembersJoined => Change::MembersJoined {
                    roster: self.roster?,
                    users,
                    by,
                },
                EventKind::MembersLeft => Change::MembersLeft {
                    roster: self.roster?,
                    users,
                    by,
                },
                EventKind::UserOnline | EventKind::UserOffline => Change::PresenceChanged {
                    user: user?,
                    online: kind == EventKind::UserOnline,
                },
                _ => return None,
            }),
        })
    }
}
