//! What a story calls things, and what the server calls them. Ids are the server's; stories write `{room}` for the id of
//! what they call `room`.

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::model::{ConversationId, MessageId};

/// Names and ids, both ways.
#[derive(Debug, Default)]
pub(super) struct Names {
    conversations: HashMap<String, ConversationId>,
    messages: HashMap<String, MessageId>,
}

impl Names {
    /// Names a conversation.
    pub(super) fn conversation(&mut self, name: &str, id: ConversationId) {
        self.conversations.insert(name.to_owned(), id);
    }

    /// Names a message.
    pub(super) fn message(&mut self, name: &str, id: MessageId) {
        self.messages.insert(name.to_owned(), id);
    }

    /// The conversation of a name, or of an id.
    pub(super) fn conversation_of(&self, name: &str) -> anyhow::Result<ConversationId> {
        let text = self.filled(name);
        let found = self.conversations.get(&text).copied().or_else(|| text.parse().ok());
        found.with_context(|| format!("the story has no conversation `{name}`"))
    }

    /// The message of a name, or of an id.
    pub(super) fn message_of(&self, name: &str) -> anyhow::Result<MessageId> {
        let text = self.filled(name);
        let found = self.messages.get(&text).copied().or_else(|| text.parse().ok());
        found.with_context(|| format!("no step before has sent a message `as = \"{name}\"`"))
    }

    /// What the story calls a conversation; its id if it has no name.
    pub(super) fn called(&self, id: ConversationId) -> String {
        let known = self.conversations.iter().find(|(_, known)| **known == id);
        known.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// What the story calls a message; its id if it has no name.
    pub(super) fn called_message(&self, id: MessageId) -> String {
        let known = self.messages.iter().find(|(_, known)| **known == id);
        known.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// A text with ids in the places of `{name}`.
    pub(super) fn filled(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let conversations = self.conversations.iter().map(|(name, id)| (name, id.to_string()));
        let messages = self.messages.iter().map(|(name, id)| (name, id.to_string()));
        conversations.chain(messages).fold(text.to_owned(), |text, (name, id)| {
            text.replace(&format!("{{{name}}}"), &id)
        })
    }

    /// The same for every text in a value, names of fields too.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.filled(text).into(),
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(fields) => self.fill_fields(fields).into(),
            other => other.clone(),
        }
    }

    /// The same for an object.
    pub(super) fn fill_fields(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let filled = |(name, value): (&String, &Value)| (self.filled(name), self.fill(value));
        fields.iter().map(filled).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_stand_for_ids() {
        let mut names = Names::default();
        names.conversation("room", ConversationId::new(7).unwrap());
        names.message("first", MessageId::new(9).unwrap());
        assert_eq!(
            names.fill(&json!({"k/{room}": ["{first}", 1, "{other}"]})),
            json!({"k/7": ["9", 1, "{other}"]})
        );
        assert_eq!(names.called(ConversationId::new(7).unwrap()), "room");
        assert_eq!(names.called_message(MessageId::new(8).unwrap()), "8");
        assert!(names.conversation_of("hall").is_err());
        assert_eq!(names.conversation_of("{room}").unwrap().get(), 7);
    }
}
