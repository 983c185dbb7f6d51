//! An event of the contract as this plugin looks at it: what filters ask for, and what is told.
//!
//! The name of an event is the contract's with dots: `message-sent` is `message.sent`.

use crate::facts::{Conversation, Facts, Hidden, Members, Notice, Reaction, Uids, User, id};
use switchboard_plugin::hooks::observer::{self, Event, Marking, MemberChange, Membership, Undelivered};
use switchboard_plugin::host::types::{self, ConversationKind};

/// Something that has happened.
#[derive(Debug, Clone, Default)]
pub struct Happening {
    /// What.
    pub name: &'static str,
    /// When; none: at the time of the call.
    pub at: Option<u64>,
    /// In which conversation.
    pub place: Option<Place>,
    /// About a message of which kind.
    pub kind: Option<String>,
    /// The users it is of.
    pub uids: Vec<String>,
    /// Whether a plugin did it.
    pub automatic: bool,
    /// What is told.
    pub facts: Facts,
}

/// A conversation, by id and kind.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its id.
    pub id: String,
    /// `direct`, `temporary`, `group` or `chatroom`.
    pub kind: &'static str,
}

impl From<Event> for Happening {
    fn from(event: Event) -> Self {
        Self {
            name: event.kind().name(),
            ..Self::of(event)
        }
    }
}

impl Happening {
    fn of(event: Event) -> Self {
        match event {
            Event::MessageSent(message) => {
                let at = message.created_at;
                Self::of_message(message, Some(at))
            }
            Event::MessageEdited(message) => {
                let at = message.edited_at;
                Self::of_message(message, at)
            }
            Event::MessageRecalled(message) => {
                let at = message.recalled_at;
                Self::of_message(message, at)
            }
            Event::ReactionAdded(reaction) | Event::ReactionRemoved(reaction) => Self::of_reaction(reaction),
            Event::ConversationCreated(conversation) => {
                let at = conversation.created_at;
                Self::of_conversation(conversation, Some(at))
            }
            Event::ConversationUpdated(conversation) => {
                let at = conversation.updated_at;
                Self::of_conversation(conversation, at)
            }
            Event::ConversationDissolved(conversation) => Self::of_conversation(conversation, None),
            Event::MembersJoined(moved) | Event::MembersLeft(moved) => Self::of_members(moved),
            Event::MessageUndelivered(of) => Self::of_undelivered(of),
            Event::MessagesHidden(of) => Self::of_hidden(of),
            Event::Marked(of) => Self::of_mark(of),
            Event::MemberUpdated(of) => Self::of_member(of),
            Event::Announced(of) => Self::of_notice(of),
            Event::UserUpdated(user) => Self::of_user(user.into()),
            Event::UserOnline(uid) | Event::UserOffline(uid) => Self::of_user(User { uid, profile: None }),
            Event::FileUploaded(file) => Self {
                at: Some(file.created_at),
                uids: file.owner.iter().cloned().collect(),
                facts: Facts {
                    file: Some(file.into()),
                    ..Facts::default()
                },
                ..Self::default()
            },
        }
    }

    fn of_message(message: types::Message, at: Option<u64>) -> Self {
        Self {
            at,
            place: Some(place(&message.conversation_id, message.conversation_kind)),
            kind: Some(message.kind.clone()),
            uids: message.sender.uid.iter().cloned().collect(),
            automatic: message.sender.origin.is_some(),
            facts: Facts {
                conversation: Some(Conversation::of(&message.conversation_id, message.conversation_kind)),
                message: Some(message.into()),
                ..Facts::default()
            },
            ..Self::default()
        }
    }

    fn of_reaction(of: observer::Reaction) -> Self {
        let mut happening = Self::of_message(of.message, None);
        happening.uids = vec![of.uid.clone()];
        happening.automatic = false;
        happening.facts.reaction = Some(Reaction {
            uid: of.uid,
            emoji: of.emoji,
        });
        happening
    }

    fn of_conversation(of: types::Conversation, at: Option<u64>) -> Self {
        Self {
            at,
            place: Some(place(&of.id, of.kind)),
            uids: of.creator.iter().chain(&of.owner).cloned().collect(),
            facts: Facts {
                conversation: Some(of.into()),
                ..Facts::default()
            },
            ..Self::default()
        }
    }

    fn of_members(of: Membership) -> Self {
        Self {
            place: Some(place(&of.conversation.id, of.conversation.kind)),
            uids: of.uids.iter().chain(&of.by).cloned().collect(),
            facts: Facts {
                conversation: Some(of.conversation.into()),
                members: Some(Members {
                    uids: of.uids,
                    by: of.by,
                }),
                ..Facts::default()
            },
            ..Self::default()
        }
    }

    fn of_undelivered(of: Undelivered) -> Self {
        let at = of.message.created_at;
        let mut happening = Self::of_message(of.message, Some(at));
        happening.facts.conversation = Some(of.conversation.into());
        happening.uids.extend(of.uids.iter().cloned());
        happening.facts.undelivered = Some(Uids { uids: of.uids });
        happening
    }

    fn of_hidden(of: observer::Hidden) -> Self {
        Self {
            uids: vec![of.uid.clone()],
            facts: Facts {
                hidden: Some(Hidden {
                    uid: of.uid,
                    messages: of.message_ids.iter().map(|text| id(text)).collect(),
                }),
                ..Facts::default()
            },
            ..Self::default()
        }
    }

    fn of_mark(of: Marking) -> Self {
        let mut happening = Self::of_conversation(of.conversation, None);
        happening.uids = vec![of.mark.uid.clone()];
        happening.facts.mark = Some(of.mark.into());
        happening
    }

    fn of_member(of: MemberChange) -> Self {
        let mut happening = Self::of_conversation(of.conversation.clone(), None);
        happening.uids = of.by.iter().chain([&of.member.uid]).cloned().collect();
        happening.facts.member = Some(of.into());
        happening
    }

    fn of_notice(of: types::Conversation) -> Self {
        let notice: Option<Notice> = of.notice.clone().map(Notice::from);
        let at = notice.as_ref().map(|notice| notice.created_at);
        let mut happening = Self::of_conversation(of, at);
        happening.uids = notice.iter().filter_map(|notice| notice.by.clone()).collect();
        happening.facts.notice = notice;
        happening
    }

    fn of_user(user: User) -> Self {
        Self {
            uids: vec![user.uid.clone()],
            facts: Facts {
                user: Some(user),
                ..Facts::default()
            },
            ..Self::default()
        }
    }
}

fn place(id: &str, kind: ConversationKind) -> Place {
    Place {
        id: id.to_owned(),
        kind: kind.name(),
    }
}

#[cfg(test)]
mod tests;
