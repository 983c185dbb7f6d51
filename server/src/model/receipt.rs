//! How far a member has got.

use super::{Seq, UserId};

/// A member's marks: everything up to them has arrived, has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Up to here it has arrived at one of the user's devices.
    pub delivered: Seq,
    /// Up to here the user has read. Never beyond `delivered`.
    pub read: Seq,
}

/// One member's marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose.
    pub user: UserId,
    /// How far.
    pub marks: Marks,
}
