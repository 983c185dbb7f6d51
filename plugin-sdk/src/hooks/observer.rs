//! What has happened, told after it is stored.

use crate::host::types::Context;

bindings!("hook-observer", "::switchboard_plugin::hooks::observer::bindings");

pub use bindings::exports::switchboard::plugin::observer::{
    Event, EventKind, Hidden, Interest, Marking, MemberChange, Membership, Reaction, Undelivered,
};

/// Hears events: at least once each, in order inside a conversation, never for what the plugin itself has done.
pub trait Observer {
    /// Which events; by default [`Interest::default`]. Called once, at admission.
    fn interests() -> Interest {
        Interest::default()
    }

    /// Takes one event. When it is called again for the same event, the writes it repeats have no second effect.
    ///
    /// # Errors
    /// An error, like a panic, makes the host call again later, a bounded number of times.
    fn handle(ctx: Context, event: Event) -> Result<(), String>;
}

impl<P: Observer> bindings::exports::switchboard::plugin::observer::Guest for P {
    fn interests() -> Interest {
        P::interests()
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        P::handle(ctx, event)
    }
}

impl Default for Interest {
    /// Sent messages of every kind.
    fn default() -> Self {
        Self {
            events: vec![EventKind::MessageSent],
            kinds: Vec::new(),
        }
    }
}

impl Interest {
    /// Everything there is to hear.
    #[must_use]
    pub fn all() -> Self {
        Self::of(EventKind::ALL)
    }

    /// These events, of messages of every kind.
    pub fn of(events: impl IntoIterator<Item = EventKind>) -> Self {
        Self {
            events: events.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Sent messages of these kinds.
    pub fn in_kinds<K: Into<String>>(kinds: impl IntoIterator<Item = K>) -> Self {
        Self {
            kinds: kinds.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

impl EventKind {
    /// Every one, in the contract's order.
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

    /// The contract's name with dots, as clients and backends are told it: `message.sent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessageSent => "message.sent",
            Self::MessageEdited => "message.edited",
            Self::MessageRecalled => "message.recalled",
            Self::ReactionAdded => "reaction.added",
            Self::ReactionRemoved => "reaction.removed",
            Self::ConversationCreated => "conversation.created",
            Self::ConversationUpdated => "conversation.updated",
            Self::ConversationDissolved => "conversation.dissolved",
            Self::MembersJoined => "members.joined",
            Self::MembersLeft => "members.left",
            Self::MessagesHidden => "messages.hidden",
            Self::Marked => "marked",
            Self::MemberUpdated => "member.updated",
            Self::Announced => "announced",
            Self::UserUpdated => "user.updated",
            Self::UserOnline => "user.online",
            Self::UserOffline => "user.offline",
            Self::FileUploaded => "file.uploaded",
            Self::MessageUndelivered => "message.undelivered",
        }
    }
}

impl Event {
    /// What has happened.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::MessageSent(_) => EventKind::MessageSent,
            Self::MessageEdited(_) => EventKind::MessageEdited,
            Self::MessageRecalled(_) => EventKind::MessageRecalled,
            Self::ReactionAdded(_) => EventKind::ReactionAdded,
            Self::ReactionRemoved(_) => EventKind::ReactionRemoved,
            Self::ConversationCreated(_) => EventKind::ConversationCreated,
            Self::ConversationUpdated(_) => EventKind::ConversationUpdated,
            Self::ConversationDissolved(_) => EventKind::ConversationDissolved,
            Self::MembersJoined(_) => EventKind::MembersJoined,
            Self::MembersLeft(_) => EventKind::MembersLeft,
            Self::MessagesHidden(_) => EventKind::MessagesHidden,
            Self::Marked(_) => EventKind::Marked,
            Self::MemberUpdated(_) => EventKind::MemberUpdated,
            Self::Announced(_) => EventKind::Announced,
            Self::UserUpdated(_) => EventKind::UserUpdated,
            Self::UserOnline(_) => EventKind::UserOnline,
            Self::UserOffline(_) => EventKind::UserOffline,
            Self::FileUploaded(_) => EventKind::FileUploaded,
            Self::MessageUndelivered(_) => EventKind::MessageUndelivered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_there_once_and_has_the_contracts_name() {
        let contract = include_str!("../../wit/hooks.wit");
        let list = contract
            .split_once("enum event-kind {")
            .and_then(|(_, rest)| rest.split_once('}'));
        let named = list.map_or("", |(list, _)| list).split(',').map(str::trim);
        let named: Vec<String> = named
            .filter(|name| !name.is_empty())
            .map(|name| name.replace('-', "."))
            .collect();
        assert_eq!(EventKind::ALL.map(EventKind::name).to_vec(), named);
        for (place, kind) in EventKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
        assert_eq!(Event::UserOnline("ann".to_owned()).kind(), EventKind::UserOnline);
        assert_eq!(Interest::all().events.len(), 19);
    }
}
