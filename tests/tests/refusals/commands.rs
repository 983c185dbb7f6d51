//! Every command with data that is right, so that it can be made wrong in one place.

use serde_json::{Value, json};

use crate::harness::User;

/// A command with the fields it cannot do without.
pub struct Example {
    pub kind: &'static str,
    pub data: Value,
    pub required: &'static [&'static str],
}

/// What the examples are about.
pub struct Scene {
    pub group: u64,
    pub room: u64,
    pub message: u64,
}

impl Scene {
    /// Conversations and a message of a user.
    pub async fn of(owner: &User) -> Self {
        let group = owner.conversation("group", &[]).await;
        owner
            .call(
                "member.add",
                json!({ "conversation": group, "users": ["bob", "carol"] }),
            )
            .await;
        let room = owner.conversation("chatroom", &[]).await;
        let message = owner.say(group, "look").await["id"].as_u64().unwrap();
        Self { group, room, message }
    }

    /// Every command of the protocol that needs a login, those that end things last.
    pub fn commands(&self) -> Vec<Example> {
        let Self { group, room, message } = self;
        let example = |kind, data, required| Example { kind, data, required };
        vec![
            example(
                "message.send",
                json!({ "conversation": group, "kind": "text", "body": { "text": "x" } }),
                &["conversation", "kind", "body"],
            ),
            example("message.get", json!({ "message": message }), &["message"]),
            example("message.history", json!({ "conversation": group }), &["conversation"]),
            example(
                "message.edit",
                json!({ "message": message, "body": { "text": "y" } }),
                &["message", "body"],
            ),
            example(
                "message.react",
                json!({ "message": message, "emoji": "x" }),
                &["message", "emoji"],
            ),
            example(
                "receipt.delivered",
                json!({ "conversation": group, "seq": 1 }),
                &["conversation", "seq"],
            ),
            example(
                "receipt.read",
                json!({ "conversation": group, "seq": 1 }),
                &["conversation", "seq"],
            ),
            example("receipt.list", json!({ "conversation": group }), &["conversation"]),
            example("typing", json!({ "conversation": group }), &["conversation"]),
            example(
                "conversation.create",
                json!({ "kind": "group", "members": ["bob"] }),
                &["kind"],
            ),
            example("conversation.get", json!({ "conversation": group }), &["conversation"]),
            example("conversation.list", json!({}), &[]),
            example("conversation.open", json!({ "conversation": group }), &["conversation"]),
            example(
                "conversation.update",
                json!({ "conversation": group, "name": "n" }),
                &["conversation"],
            ),
            example(
                "conversation.prefer",
                json!({ "conversation": group, "pinned": true }),
                &["conversation"],
            ),
            example(
                "conversation.announce",
                json!({ "conversation": group, "text": "x" }),
                &["conversation", "text"],
            ),
            example(
                "conversation.notices",
                json!({ "conversation": group }),
                &["conversation"],
            ),
            example("command.list", json!({ "conversation": group }), &["conversation"]),
            example("search", json!({ "q": "x" }), &["q"]),
            example("member.list", json!({ "conversation": group }), &["conversation"]),
            example(
                "member.add",
                json!({ "conversation": group, "users": ["dave"] }),
                &["conversation", "users"],
            ),
            example(
                "member.role",
                json!({ "conversation": group, "user": "bob", "role": "admin" }),
                &["conversation", "user", "role"],
            ),
            example(
                "member.mute",
                json!({ "conversation": group, "user": "carol", "until": 0 }),
                &["conversation", "user", "until"],
            ),
            example("member.join", json!({ "conversation": room }), &["conversation"]),
            example("user.get", json!({ "user": "bob" }), &["user"]),
            example("user.update", json!({ "nickname": "n" }), &[]),
            example("block.add", json!({ "user": "bob" }), &["user"]),
            example("block.remove", json!({ "user": "bob" }), &["user"]),
            example("block.list", json!({}), &[]),
            example("friend.add", json!({ "user": "bob" }), &["user"]),
            example(
                "friend.remark",
                json!({ "user": "bob", "remark": "B" }),
                &["user", "remark"],
            ),
            example("friend.list", json!({}), &[]),
            example("friend.remove", json!({ "user": "bob" }), &["user"]),
            example("presence.get", json!({ "users": ["bob"] }), &["users"]),
            example("presence.watch", json!({ "users": ["bob"] }), &["users"]),
            example(
                "member.remove",
                json!({ "conversation": group, "users": ["carol"] }),
                &["conversation", "users"],
            ),
            example("member.leave", json!({ "conversation": room }), &["conversation"]),
            example("message.delete", json!({ "messages": [message] }), &["messages"]),
            example("message.recall", json!({ "message": message }), &["message"]),
            example(
                "conversation.clear",
                json!({ "conversation": group }),
                &["conversation"],
            ),
            example(
                "conversation.dissolve",
                json!({ "conversation": group }),
                &["conversation"],
            ),
        ]
    }
}
