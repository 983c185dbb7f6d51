//! Values to call a hook with in a native `cargo test`. A hook that calls no capability is plain Rust there.

use crate::host::types::{Context, ConversationKind, Draft, Role, Sender};

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
