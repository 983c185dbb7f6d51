//! The kinds of what policies are asked about, and sets of them.

use super::bindings::exports::switchboard::plugin::policy as contract;

/// What may be attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the lines of `Attempt` say what they are")]
pub enum AttemptKind {
    Send,
    Edit,
    Recall,
    React,
    Join,
    Leave,
    Create,
    Update,
    Connect,
    Upload,
    DeliverOffline,
}

/// Some kinds of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts(u16);

impl AttemptKind {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Send,
        Self::Edit,
        Self::Recall,
        Self::React,
        Self::Join,
        Self::Leave,
        Self::Create,
        Self::Update,
        Self::Connect,
        Self::Upload,
        Self::DeliverOffline,
    ];

    /// The name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
            Self::Recall => "recall",
            Self::React => "react",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Create => "create",
            Self::Update => "update",
            Self::Connect => "connect",
            Self::Upload => "upload",
            Self::DeliverOffline => "deliver-offline",
        }
    }

    /// The same as the contract names it.
    pub const fn read(kind: contract::AttemptKind) -> Self {
        match kind {
            contract::AttemptKind::Send => Self::Send,
            contract::AttemptKind::Edit => Self::Edit,
            contract::AttemptKind::Recall => Self::Recall,
            contract::AttemptKind::React => Self::React,
            contract::AttemptKind::Join => Self::Join,
            contract::AttemptKind::Leave => Self::Leave,
            contract::AttemptKind::Create => Self::Create,
            contract::AttemptKind::Update => Self::Update,
            contract::AttemptKind::Connect => Self::Connect,
            contract::AttemptKind::Upload => Self::Upload,
            contract::AttemptKind::DeliverOffline => Self::DeliverOffline,
        }
    }
}

impl Attempts {
    /// With one more.
    #[must_use]
    pub const fn with(self, kind: AttemptKind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn contains(self, kind: AttemptKind) -> bool {
        self.0 & 1 << kind as u16 != 0
    }

    /// Each of them, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = AttemptKind> {
        AttemptKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<AttemptKind> for Attempts {
    fn from_iter<I: IntoIterator<Item = AttemptKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_what_is_in_it() {
        let some: Attempts = [AttemptKind::Join, AttemptKind::DeliverOffline].into_iter().collect();
        assert_eq!(
            some.iter().map(AttemptKind::as_str).collect::<Vec<_>>(),
            ["join", "deliver-offline"]
        );
        assert!(!some.contains(AttemptKind::Send) && Attempts::default().iter().next().is_none());
        let all: Attempts = AttemptKind::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), AttemptKind::ALL.len());
    }
}
