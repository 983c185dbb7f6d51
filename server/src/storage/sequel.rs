//! What follows from a write.

use crate::model::{Cursor, Event, Observation, PluginName};

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

/// What follows from a write: jobs in its transaction, and events after its commit.
pub struct Sequel<T> {
    /// Written with it.
    pub jobs: Vec<NewJob>,
    /// Called once, after the commit and in commit order, with what was written and its place in the stream. The
    /// events go on the announcement channel. Must be quick and must not block: every other write waits for it.
    pub announce: Announce<T>,
}

impl<T> Sequel<T> {
    /// Events, and no jobs.
    pub fn events(announce: impl FnOnce(&T, Cursor) -> Vec<Event> + Send + 'static) -> Self {
        Self {
            jobs: Vec::new(),
            announce: Box::new(announce),
        }
    }

    /// Nothing follows.
    #[must_use]
    pub fn none() -> Self {
        Self {
            jobs: Vec::new(),
            announce: Box::new(|_, _| Vec::new()),
        }
    }

    /// With these jobs.
    #[must_use]
    pub fn with_jobs(mut self, jobs: Vec<NewJob>) -> Self {
        self.jobs = jobs;
        self
    }
}
