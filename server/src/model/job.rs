//! Durable work: rows written in the same transaction as their cause.

use super::{AppId, Body, ConversationId, EventKind, Firing, JobId, Millis, PluginName, UserId};

/// A piece of work due at a time. What no plugin does is the server's own: [`PluginName::core`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The tenant.
    pub app: AppId,
    /// The install that does it.
    pub plugin: PluginName,
    /// Jobs of one conversation are done in order.
    pub conversation: Option<ConversationId>,
    /// What to do.
    pub work: Observation,
    /// Not before.
    pub due_at: Millis,
    /// How often it was tried.
    pub attempts: u32,
    /// How many plugin-made messages led to it.
    pub depth: u32,
}

/// What has become of a job that is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waiting, or being done.
    Due,
    /// Given up; kept for the tenant to look at and retry.
    Dead,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Tell an observer of an event: what happened and what it needs to be rebuilt (ids, as JSON written by `storage`).
    Event {
        /// What happened.
        kind: EventKind,
        /// The message it is about.
        message: Option<super::MessageId>,
        /// The users it is about (who joined, who left, who reacted).
        users: Vec<UserId>,
        /// Who did it.
        by: Option<UserId>,
        /// The emoji of a reaction.
        emoji: Option<String>,
        /// Ids of what else it is about: the messages that were hidden, the file that was kept.
        things: Vec<String>,
    },
    /// See who was away when a message was sent, and let those hear of it who want to know. Work of the server's own.
    Offline,
    /// Do the writes a policy made, now that its message is accepted: JSON written and read by `plugin_host`.
    Writes(Body),
    /// Call the plugin: one run of a timer.
    Fire(Firing),
}
