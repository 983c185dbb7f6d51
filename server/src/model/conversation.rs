//! Conversations and who is in them.

use super::{Body, ConversationId, Member, Millis, Notice, Refusal, Role, UserId};

/// What a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConversationKind {
    /// Exactly two users; one for each pair.
    Direct,
    /// Like a group, made for one occasion.
    Temporary,
    /// Members by invitation.
    Group,
    /// Anyone may come and go.
    Chatroom,
}

/// A conversation's own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// What it is.
    pub kind: ConversationKind,
    /// At most 100 characters; empty for direct ones.
    pub name: String,
    /// URL of a picture; at most 1,000 bytes.
    pub cover: String,
    /// The app's own data: JSON of at most 8 KiB.
    pub ext: Body,
    /// Who owns it; none for direct ones.
    pub owner: Option<UserId>,
    /// Who made it; none: the app itself.
    pub creator: Option<UserId>,
    /// Only the owner and admins may speak.
    pub muted: bool,
    /// Any member may bring users in, not only the owner and admins.
    pub members_invite: bool,
    /// The newest announcement.
    pub notice: Option<Notice>,
    /// When it was made.
    pub created_at: Millis,
    /// When its data was last changed or something was announced, if ever.
    pub updated_at: Option<Millis>,
}

/// What to change of a conversation; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPatch {
    /// New name.
    pub name: Option<String>,
    /// New picture.
    pub cover: Option<String>,
    /// New data of the app, replacing the old.
    pub ext: Option<Body>,
    /// Merged into the data of the app, the new one if there is any, by RFC 7396.
    pub merge: Option<Body>,
    /// Whether only the owner and admins may speak.
    pub muted: Option<bool>,
    /// Whether any member may bring users in.
    pub members_invite: Option<bool>,
}

impl ConversationPatch {
    /// Whether it changes nothing but names in the app's data.
    #[must_use]
    pub fn is_a_note(&self) -> bool {
        let merged = Self {
            merge: self.merge.clone(),
            ..Self::default()
        };
        self.merge.is_some() && *self == merged
    }
}

impl Conversation {
    /// Characters of its name.
    pub const NAME: usize = 100;
    /// Bytes of its picture's URL.
    pub const COVER: usize = 1000;
    /// Bytes of the app's own data.
    pub const EXT: usize = 8 * 1024;

    /// Whether what is given fits into a conversation.
    ///
    /// # Errors
    /// `BadField` or `TooLarge`, with the field.
    pub fn fits(name: Option<&str>, cover: Option<&str>, ext: Option<&Body>) -> Result<(), Refusal> {
        if name.is_some_and(|name| name.chars().count() > Self::NAME) {
            return Err(Refusal::field("name", format!("has at most {} characters", Self::NAME)));
        }
        if cover.is_some_and(|cover| cover.len() > Self::COVER) {
            return Err(Refusal::field("cover", format!("has at most {} bytes", Self::COVER)));
        }
        if ext.is_some_and(|ext| ext.as_str().len() > Self::EXT) {
            return Err(Refusal::too_large("ext", format!("has at most {} bytes", Self::EXT)));
        }
        Ok(())
    }
}

/// A conversation with its members as of one moment: an immutable snapshot that the message path reads without asking
/// storage, and that a membership change replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The conversation.
    pub conversation: Conversation,
    /// Its members in order of uid.
    pub members: Vec<Member>,
}

impl Roster {
    /// A snapshot; sorts the members.
    #[must_use]
    pub fn new(conversation: Conversation, mut members: Vec<Member>) -> Self {
        members.sort_by(|a, b| a.user.cmp(&b.user));
        Self { conversation, members }
    }

    /// The member with this uid.
    #[must_use]
    pub fn member(&self, user: &UserId) -> Option<&Member> {
        self.members
            .binary_search_by(|member| member.user.cmp(user))
            .ok()
            .map(|at| &self.members[at])
    }

    /// The member's rank.
    #[must_use]
    pub fn role(&self, user: &UserId) -> Option<Role> {
        self.member(user).map(|member| member.role)
    }

    /// In a direct conversation: the other one.
    #[must_use]
    pub fn peer(&self, user: &UserId) -> Option<&UserId> {
        if self.conversation.kind != ConversationKind::Direct {
            return None;
        }
        self.members
            .iter()
            .map(|member| &member.user)
            .find(|other| *other != user)
    }
}
