//! Values to call a hook with in a native `cargo test`. A hook that calls no capability is plain Rust there.

#[cfg(feature = "schema")]
mod schema;

#[cfg(feature = "schema")]
pub use schema::{Schema, examples};

use crate::hooks::command::Invocation;
use crate::hooks::endpoint::Request;
use crate::host::types::{Context, Conversation, ConversationKind, Draft, Role, Sender};

/// A call for app `app` by a plugin installed as `plugin`, made by a human's act at time 0.
pub fn context() -> Context {
    Context {
        app_id: "app".to_owned(),
        plugin: "plugin".to_owned(),
        call_id: "call".to_owned(),
        now: 0,
        depth: 0,
        attrs: Vec::new(),
    }
}

/// A human who is an ordinary member.
pub fn sender(uid: impl Into<String>) -> Sender {
    Sender {
        uid: Some(uid.into()),
        role: Some(Role::Member),
        origin: None,
        attrs: Vec::new(),
    }
}

/// A draft of any kind in the group `1`.
pub fn draft(kind: impl Into<String>, body: impl Into<String>) -> Draft {
    Draft {
        conversation_id: "1".to_owned(),
        conversation_kind: ConversationKind::Group,
        kind: kind.into(),
        body: body.into(),
        mentions: Vec::new(),
        mention_all: false,
        reply_to: None,
        transient: false,
        attrs: Vec::new(),
    }
}

/// A draft of kind `text` in the group `1`.
#[cfg(feature = "json")]
pub fn text(text: impl AsRef<str>) -> Draft {
    draft("text", crate::text_body(text.as_ref()))
}

/// The group `1`, with two members and no message.
pub fn conversation() -> Conversation {
    Conversation {
        id: "1".to_owned(),
        kind: ConversationKind::Group,
        name: String::new(),
        cover: String::new(),
        owner: None,
        creator: None,
        ext: "{}".to_owned(),
        muted: false,
        members_invite: false,
        notice: None,
        member_count: 2,
        last_seq: 0,
        created_at: 0,
        updated_at: None,
        attrs: Vec::new(),
    }
}

/// A command that is typed in the group `1`.
pub fn invocation(name: impl Into<String>, arguments: impl Into<String>) -> Invocation {
    Invocation {
        conversation: conversation(),
        name: name.into(),
        arguments: arguments.into(),
        reply_to: None,
        mentions: Vec::new(),
    }
}

/// A request to an endpoint, by nobody in particular and with nothing in it.
pub fn request(method: impl Into<String>, path: impl Into<String>) -> Request {
    Request {
        method: method.into(),
        path: path.into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        uid: None,
        remote: "127.0.0.1".to_owned(),
        base: "http://localhost/apps/1/plugins/plugin".to_owned(),
        id: "request".to_owned(),
    }
}
