//! One call of a guest.

use std::fmt;
use std::sync::Arc;

/// Names a piece of work a guest does: every write it makes in it is keyed by this and the write's index, so that
/// doing the work again has no second effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallId(Arc<str>);

impl CallId {
    /// Wraps a name; names of durable work are made from the job's id and never used twice.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the host tells a guest about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The tenant.
    pub app: super::AppId,
    /// Names the work.
    pub id: CallId,
    /// The time.
    pub now: super::Millis,
    /// How many plugin-made messages led here.
    pub depth: u32,
    /// A place in the stream of changes before whatever the call is about: a connection that was there by then has been
    /// told of it.
    pub after: super::Cursor,
}
