//! The events that observers can hear of, by the names they have in the plugin contract.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what its name says; the contract describes them")]
pub enum EventKind {
    MessageSent,
    MessageEdited,
    MessageRecalled,
    ReactionAdded,
    ReactionRemoved,
    ConversationCreated,
    ConversationUpdated,
    ConversationDissolved,
    MembersJoined,
    MembersLeft,
    MessagesHidden,
    Marked,
    MemberUpdated,
    Announced,
    UserUpdated,
    UserOnline,
    UserOffline,
    FileUploaded,
    MessageUndelivered,
}

impl EventKind {
    /// Every one.
    pub const ALL: [Self; 19] = [
        Self::MessageSent,
        Self::MessageEdited,
        Self::MessageRecalled,
        Self::ReactionAdded,
        Self::ReactionRemoved,
        Self::ConversationCreated,
        Self::ConversationUpdated,
        Self::ConversationDissolved,
        Self::MembersJoined,
        Self::MembersLeft,
        Self::MessagesHidden,
        Self::Marked,
        Self::MemberUpdated,
        Self::Announced,
        Self::UserUpdated,
        Self::UserOnline,
        Self::UserOffline,
        Self::FileUploaded,
        Self::MessageUndelivered,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageSent => "message-sent",
            Self::MessageEdited => "message-edited",
            Self::MessageRecalled => "message-recalled",
            Self::ReactionAdded => "reaction-added",
            Self::ReactionRemoved => "reaction-removed",
            Self::ConversationCreated => "conversation-created",
            Self::ConversationUpdated => "conversation-updated",
            Self::ConversationDissolved => "conversation-dissolved",
            Self::MembersJoined => "members-joined",
            Self::MembersLeft => "members-left",
            Self::MessagesHidden => "messages-hidden",
            Self::Marked => "marked",
            Self::MemberUpdated => "member-updated",
            Self::Announced => "announced",
            Self::UserUpdated => "user-updated",
            Self::UserOnline => "user-online",
            Self::UserOffline => "user-offline",
            Self::FileUploaded => "file-uploaded",
            Self::MessageUndelivered => "message-undelivered",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(EventKind::named("message-snet"), None);
    }
}
