//! From the contract's records to what is told of them.

use super::{Conversation, Details, File, Mark, Member, Message, Notice, Profile, User, id, raw};
use switchboard_plugin::hooks::observer::MemberChange;
use switchboard_plugin::host::types::{self, ConversationKind, Role};

impl Conversation {
    /// Where alone.
    #[must_use]
    pub fn of(text: &str, kind: ConversationKind) -> Self {
        Self {
            id: id(text),
            kind: kind.name(),
            all: None,
        }
    }
}

impl From<types::Conversation> for Conversation {
    fn from(of: types::Conversation) -> Self {
        let details = Details {
            ext: raw(&of.ext),
            name: of.name,
            cover: of.cover,
            owner: of.owner,
            creator: of.creator,
            muted: of.muted,
            members_invite: of.members_invite,
            member_count: of.member_count,
            last_seq: of.last_seq,
            created_at: of.created_at,
            updated_at: of.updated_at,
        };
        Self {
            all: Some(Box::new(details)),
            ..Self::of(&of.id, of.kind)
        }
    }
}

impl From<types::Message> for Message {
    fn from(of: types::Message) -> Self {
        Self {
            id: id(&of.id),
            seq: of.seq,
            conversation: id(&of.conversation_id),
            from: of.sender.uid,
            kind: of.kind,
            body: raw(&of.body),
            nonce: of.nonce,
            mentions: of.mentions,
            mention_all: of.mention_all,
            reply_to: of.reply_to.as_deref().map(id),
            origin: of.sender.origin,
            created_at: of.created_at,
            edited_at: of.edited_at,
            recalled_at: of.recalled_at,
        }
    }
}

impl From<types::Mark> for Mark {
    fn from(of: types::Mark) -> Self {
        Self {
            uid: of.uid,
            delivered_seq: of.delivered_seq,
            read_seq: of.read_seq,
        }
    }
}

impl From<types::Notice> for Notice {
    fn from(of: types::Notice) -> Self {
        Self {
            id: id(&of.id),
            text: of.text,
            by: of.by,
            created_at: of.created_at,
        }
    }
}

impl From<MemberChange> for Member {
    fn from(MemberChange { member, by, .. }: MemberChange) -> Self {
        let role = match member.role {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
        };
        Self {
            uid: member.uid,
            role,
            muted_until: member.muted_until,
            joined_at: member.joined_at,
            by,
        }
    }
}

impl From<types::User> for User {
    fn from(of: types::User) -> Self {
        let profile = Profile {
            nickname: of.nickname,
            avatar: of.avatar,
            attributes: raw(&of.attributes),
            banned: of.banned,
        };
        Self {
            uid: of.uid,
            profile: Some(Box::new(profile)),
        }
    }
}

impl From<types::File> for File {
    fn from(of: types::File) -> Self {
        Self {
            id: of.id,
            name: of.name,
            mime: of.mime,
            size: of.size,
            width: of.width,
            height: of.height,
            etag: of.etag,
            path: of.path,
            thumb_path: of.thumb_path,
            owner: of.owner,
            created_at: of.created_at,
        }
    }
}
