//! What follows from a write.

use crate::model::{AppId, Body, ConversationId, Cursor, Event, Observation, PluginName, UserId};

/// A job to be written in the same transaction as its cause. Storage fills in the conversation, and for messages the
/// message's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The install that does it.
    pub plugin: PluginName,
    /// What to do.
    pub work: Observation,
    /// How many plugin-made messages led to it.
    pub depth: u32,
}

/// Makes the events of a write that is durable, from what was written and its place in the stream.
pub type Announce<T> = Box<dyn FnOnce(&T, Cursor) -> Vec<Event> + Send>;

/// What the server itself says about a change: a message of the kind `system`, written in the same transaction and
/// announced after the change, to the members its event is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The tenant.
    pub app: AppId,
    /// Where.
    pub conversation: ConversationId,
    /// What it says.
    pub body: Body,
    /// Whose doing it is: to that member it is read, if all before it is.
    pub by: Option<UserId>,
    /// Written with it.
    pub jobs: Vec<NewJob>,
}

/// Makes the remarks about a write from what was written.
pub type Remarks<T> = Box<dyn FnOnce(&T) -> Vec<Remark> + Send>;

/// What follows from a write: jobs and remarks in its transaction, and events after its commit.
pub struct Sequel<T> {
    /// Written with it.
    pub jobs: Vec<NewJob>,
    /// Written with it, if anything is to be said.
    pub remarks: Option<Remarks<T>>,
    /// Called once, after the commit and in commit order, with what was written and its place in the stream. The
    /// events go on the announcement channel. Must be quick and must not block: every other write waits for it.
    pub announce: Announce<T>,
}

impl<T> Sequel<T> {
    /// Events, and no jobs.
    pub fn events(announce: impl FnOnce(&T, Cursor) -> Vec<Event> + Send + 'static) -> Self {
        Self {
            jobs: Vec::new(),
            remarks: None,
            announce: Box::new(announce),
        }
    }

    /// Nothing follows.
    #[must_use]
    pub fn none() -> Self {
        Self {
            jobs: Vec::new(),
            remarks: None,
            announce: Box::new(|_, _| Vec::new()),
        }
    }

    /// With these jobs.
    #[must_use]
    pub fn with_jobs(mut self, jobs: Vec<NewJob>) -> Self {
        self.jobs = jobs;
        self
    }

    /// With these remarks, if any.
    #[must_use]
    pub fn with_remarks(mut self, remarks: Option<Remarks<T>>) -> Self {
        self.remarks = remarks;
        self
    }
}
