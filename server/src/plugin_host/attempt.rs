//! What policies are asked about: the attempt as the rules have it at hand, the same as the contract shows it, and what
//! may be changed of it. A change that does not fit is the plugin's failure and leaves the attempt as it was.

use std::borrow::Cow;

use super::attempts::AttemptKind;
use super::bindings::exports::switchboard::plugin::policy as contract;
use super::convert;
use crate::model::{
    Body, Conversation, ConversationKind, ConversationPatch, DeviceId, Draft, Kind, Message, NewConversation,
    PluginName, Reaction, Refusal, Role, Roster, Seq, UserId,
};

/// Who attempts something.
#[derive(Debug, Clone, Copy)]
pub struct Doer<'a> {
    /// The user; none: the app itself.
    pub user: Option<&'a UserId>,
    /// Its rank in the conversation, if there is one and it is in it.
    pub role: Option<Role>,
    /// The plugin whose doing it is.
    pub origin: Option<&'a PluginName>,
}

/// Something that is about to happen. What is borrowed mutably a policy may change.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
pub enum Attempt<'a> {
    /// A message is sent.
    Send {
        draft: &'a mut Draft,
        conversation: ConversationKind,
    },
    /// A message's body is replaced.
    Edit {
        roster: &'a Roster,
        message: &'a Message,
        body: &'a mut Body,
    },
    /// A message is taken back.
    Recall { roster: &'a Roster, message: &'a Message },
    /// An emoji is put on a message, or taken away.
    React {
        roster: &'a Roster,
        message: &'a Message,
        emoji: &'a mut String,
        add: bool,
    },
    /// Users come in.
    Join {
        roster: &'a Roster,
        users: &'a mut Vec<UserId>,
    },
    /// Users go.
    Leave {
        roster: &'a Roster,
        users: &'a mut Vec<UserId>,
    },
    /// A conversation is made, with these in it.
    Create {
        new: &'a mut NewConversation,
        members: &'a [UserId],
    },
    /// A conversation's data changes.
    Update {
        roster: &'a Roster,
        patch: &'a mut ConversationPatch,
    },
    /// A user is let in.
    Connect {
        user: &'a UserId,
        device: &'a DeviceId,
        dialect: Option<&'a PluginName>,
        remote: &'a str,
    },
    /// A file is kept.
    Upload {
        name: &'a mut String,
        mime: &'a str,
        size: u64,
        owner: Option<&'a UserId>,
    },
    /// Observers are told who was away.
    DeliverOffline {
        roster: &'a Roster,
        message: &'a Message,
        users: &'a mut Vec<UserId>,
    },
}

/// What a policy wants an attempt to become, as far as it can be checked without it.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// The body.
    Body(Body),
    /// Name, picture and data.
    Details(Option<String>, Option<String>, Option<Body>),
    /// Whom it concerns.
    Users(Vec<UserId>),
    /// The file's name.
    Name(String),
    /// The emoji.
    Emoji(String),
}

/// Why a change does not fit.
pub type Unfit = Cow<'static, str>;

impl Attempt<'_> {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> AttemptKind {
        match self {
            Self::Send { .. } => AttemptKind::Send,
            Self::Edit { .. } => AttemptKind::Edit,
            Self::Recall { .. } => AttemptKind::Recall,
            Self::React { .. } => AttemptKind::React,
            Self::Join { .. } => AttemptKind::Join,
            Self::Leave { .. } => AttemptKind::Leave,
            Self::Create { .. } => AttemptKind::Create,
            Self::Update { .. } => AttemptKind::Update,
            Self::Connect { .. } => AttemptKind::Connect,
            Self::Upload { .. } => AttemptKind::Upload,
            Self::DeliverOffline { .. } => AttemptKind::DeliverOffline,
        }
    }

    /// The kind of the message it is about.
    #[must_use]
    pub const fn message_kind(&self) -> Option<&Kind> {
        match self {
            Self::Send { draft, .. } => Some(&draft.kind),
            Self::Edit { message, .. }
            | Self::Recall { message, .. }
            | Self::React { message, .. }
            | Self::DeliverOffline { message, .. } => Some(&message.kind),
            _ => None,
        }
    }

    /// The conversation it is shown with.
    #[must_use]
    pub const fn shows(&self) -> Option<&Roster> {
        match self {
            Self::Join { roster, .. }
            | Self::Leave { roster, .. }
            | Self::Update { roster, .. }
            | Self::DeliverOffline { roster, .. } => Some(roster),
            _ => None,
        }
    }

    /// The doer's rank where it happens.
    #[must_use]
    pub fn role(&self, user: Option<&UserId>) -> Option<Role> {
        match self {
            Self::Send { draft, .. } => draft.role,
            Self::Edit { roster, .. } | Self::Recall { roster, .. } | Self::React { roster, .. } => roster.role(user?),
            _ => self.shows()?.role(user?),
        }
    }

    /// As the contract shows it; `last` is the newest place of the conversation it is shown with.
    pub fn told(&self, by: Option<&UserId>, last: Seq) -> contract::Attempt {
        let scene = |roster: &Roster| convert::conversation(&roster.conversation, roster.members.len(), last);
        let moved = |roster, users: &[UserId]| contract::Move {
            conversation: scene(roster),
            uids: convert::uids(users),
            by: by.map(ToString::to_string),
        };
        match self {
            Self::Send { draft, conversation } => contract::Attempt::Send(convert::draft(draft, *conversation)),
            Self::Edit { roster, message, body } => contract::Attempt::Edit(contract::Edit {
                message: convert::message_in(roster, message),
                body: body.as_str().to_owned(),
            }),
            Self::Recall { roster, message } => contract::Attempt::Recall(convert::message_in(roster, message)),
            Self::React {
                roster,
                message,
                emoji,
                add,
            } => contract::Attempt::React(contract::Reaction {
                message: convert::message_in(roster, message),
                emoji: (*emoji).clone(),
                add: *add,
            }),
            Self::Join { roster, users } => contract::Attempt::Join(moved(roster, users)),
            Self::Leave { roster, users } => contract::Attempt::Leave(moved(roster, users)),
            Self::Create { new, members } => contract::Attempt::Create(contract::Founding {
                kind: convert::conversation_kind(new.kind),
                name: new.name.clone(),
                cover: new.cover.clone(),
                ext: new.ext.as_str().to_owned(),
                members: convert::uids(members),
            }),
            Self::Update { roster, patch } => contract::Attempt::Update(contract::Alteration {
                conversation: scene(roster),
                name: patch.name.clone(),
                cover: patch.cover.clone(),
                ext: data_after(roster, patch).map(|ext| ext.as_str().to_owned()),
                muted: patch.muted,
                members_invite: patch.members_invite,
            }),
            Self::Connect {
                user,
                device,
                dialect,
                remote,
            } => contract::Attempt::Connect(contract::Login {
                uid: user.to_string(),
                device: device.to_string(),
                dialect: dialect.map(ToString::to_string),
                remote: (*remote).to_owned(),
            }),
            Self::Upload {
                name,
                mime,
                size,
                owner,
            } => contract::Attempt::Upload(contract::Upload {
                name: (*name).clone(),
                mime: (*mime).to_owned(),
                size: *size,
                owner: owner.map(ToString::to_string),
            }),
            Self::DeliverOffline { roster, message, users } => contract::Attempt::DeliverOffline(contract::Offline {
                message: convert::message_in(roster, message),
                conversation: scene(roster),
                uids: convert::uids(users),
            }),
        }
    }

    /// The draft to be checked again with another body, and where it is.
    #[must_use]
    pub fn redraft(&self, body: &Body) -> Option<(Draft, ConversationKind)> {
        match self {
            Self::Send { draft, conversation } => {
                let mut draft = Draft::clone(draft);
                draft.body = body.clone();
                Some((draft, *conversation))
            }
            Self::Edit { roster, message, .. } => Some((message.redraft(body.clone()), roster.conversation.kind)),
            _ => None,
        }
    }

    /// Takes a change over, a body as it was checked.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn take(&mut self, change: Change) -> Result<(), Unfit> {
        match (self, change) {
            (Self::Send { draft, .. }, Change::Body(new)) => draft.body = new,
            (Self::Edit { body, .. }, Change::Body(new)) => **body = new,
            (Self::React { emoji, .. }, Change::Emoji(new)) if Reaction::is_emoji(&new) => **emoji = new,
            (Self::React { .. }, Change::Emoji(_)) => return Err("an emoji is 1 to 32 bytes of text".into()),
            (Self::Join { users, .. } | Self::Leave { users, .. }, Change::Users(some)) => {
                if some.is_empty() {
                    return Err("somebody must be left; what must not happen is refused".into());
                }
                keep(users, &some)?;
            }
            (Self::DeliverOffline { users, .. }, Change::Users(some)) => keep(users, &some)?,
            (Self::Create { new, .. }, Change::Details(name, cover, ext)) => {
                Conversation::fits(name.as_deref(), cover.as_deref(), ext.as_ref()).map_err(unfit)?;
                new.name = name.unwrap_or_else(|| std::mem::take(&mut new.name));
                new.cover = cover.unwrap_or_else(|| std::mem::take(&mut new.cover));
                new.ext = ext.unwrap_or_else(|| new.ext.clone());
            }
            (Self::Update { patch, .. }, Change::Details(name, cover, ext)) => {
                Conversation::fits(name.as_deref(), cover.as_deref(), ext.as_ref()).map_err(unfit)?;
                patch.name = name.or_else(|| patch.name.take());
                patch.cover = cover.or_else(|| patch.cover.take());
                if ext.is_some() {
                    // What is given is all of it.
                    (patch.ext, patch.merge) = (ext, None);
                }
            }
            (Self::Upload { name, .. }, Change::Name(new)) => **name = new,
            _ => return Err("this cannot be changed of such an attempt".into()),
        }
        Ok(())
    }
}

/// What a conversation's data becomes by a change, if it touches them.
fn data_after(roster: &Roster, patch: &ConversationPatch) -> Option<Body> {
    let base = patch.ext.as_ref();
    match &patch.merge {
        Some(merge) => Some(base.unwrap_or(&roster.conversation.ext).merged(merge)),
        None => base.cloned(),
    }
}

fn unfit(refusal: Refusal) -> Unfit {
    refusal.to_string().into()
}

fn keep(users: &mut Vec<UserId>, some: &[UserId]) -> Result<(), Unfit> {
    if !some.iter().all(|user| users.contains(user)) {
        return Err("only some of those who were given can be left".into());
    }
    users.retain(|user| some.contains(user));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::stage;
    use super::*;

    fn users(names: &[&str]) -> Vec<UserId> {
        names.iter().map(|name| UserId::new(name).unwrap()).collect()
    }

    #[test]
    fn only_some_of_those_given_can_be_left() {
        let roster = stage::roster();
        let mut who = users(&["a", "b", "c"]);
        let mut attempt = Attempt::Join {
            roster: &roster,
            users: &mut who,
        };
        for (wrong, _why) in [(users(&["d"]), "a stranger"), (Vec::new(), "nobody")] {
            assert!(attempt.take(Change::Users(wrong)).is_err());
        }
        assert!(attempt.take(Change::Name("x".to_owned())).is_err(), "no file");
        assert_eq!(attempt.take(Change::Users(users(&["c", "a"]))), Ok(()));
        assert_eq!(who, users(&["a", "c"]));
    }

    #[test]
    fn details_replace_what_was_asked_for() {
        let roster = stage::roster();
        let mut patch = ConversationPatch {
            name: Some("asked".to_owned()),
            merge: Some(Body::trusted(r#"{"a":1}"#)),
            ..ConversationPatch::default()
        };
        let mut attempt = Attempt::Update {
            roster: &roster,
            patch: &mut patch,
        };
        let contract::Attempt::Update(told) = attempt.told(None, Seq(0)) else {
            panic!("an update")
        };
        assert_eq!(
            (told.name.as_deref(), told.ext.as_deref()),
            (Some("asked"), Some(r#"{"a":1}"#))
        );
        let long = Change::Details(Some("x".repeat(101)), None, None);
        assert!(attempt.take(long).is_err());
        let ext = Some(Body::trusted(r#"{"b":2}"#));
        assert_eq!(
            attempt.take(Change::Details(None, Some("/c".to_owned()), ext.clone())),
            Ok(())
        );
        assert_eq!(
            (patch.name.as_deref(), patch.cover.as_deref(), patch.ext, patch.merge),
            (Some("asked"), Some("/c"), ext, None)
        );
    }

    #[test]
    fn an_emoji_is_short() {
        let (roster, mut emoji) = (stage::roster(), "👍".to_owned());
        let crate::model::Change::MessageSent(message) = stage::said("x") else {
            panic!("a message")
        };
        let mut attempt = Attempt::React {
            roster: &roster,
            message: &message,
            emoji: &mut emoji,
            add: true,
        };
        for wrong in ["", "a\nb", &"x".repeat(33)] {
            assert!(attempt.take(Change::Emoji(wrong.to_owned())).is_err());
        }
        assert_eq!(attempt.take(Change::Emoji("❤".to_owned())), Ok(()));
        assert_eq!(emoji, "❤");
    }
}
