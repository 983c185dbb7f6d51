//! Building a message to send.

use crate::host::messages_send::{Outgoing, Sent, send};
use crate::host::types::Error;

/// A text into a conversation, spoken by the app itself: `reply(&message.conversation_id, "Hello").send()?`.
#[cfg(feature = "json")]
pub fn reply(conversation_id: impl Into<String>, text: impl AsRef<str>) -> Outgoing {
    Outgoing::new(conversation_id, "text", crate::text_body(text.as_ref()))
}

impl Outgoing {
    /// A message of any kind, spoken by the app itself, with a body of JSON text.
    pub fn new(conversation_id: impl Into<String>, kind: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            conversation_id: conversation_id.into(),
            as_user: None,
            kind: kind.into(),
            body: body.into(),
            mentions: Vec::new(),
            reply_to: None,
            transient: false,
        }
    }

    /// Speaks as this member of the conversation.
    #[must_use]
    pub fn as_user(mut self, uid: impl Into<String>) -> Self {
        self.as_user = Some(uid.into());
        self
    }

    /// Names a user in the message.
    #[must_use]
    pub fn mention(mut self, uid: impl Into<String>) -> Self {
        self.mentions.push(uid.into());
        self
    }

    /// Answers this message.
    #[must_use]
    pub fn reply_to(mut self, message_id: impl Into<String>) -> Self {
        self.reply_to = Some(message_id.into());
        self
    }

    /// Delivers to who is connected and stores nothing.
    #[must_use]
    pub fn transient(mut self) -> Self {
        self.transient = true;
        self
    }

    /// Sends it, which asks for the grant `messages-send`.
    ///
    /// # Errors
    /// [`Error::Refused`] if the rules or another plugin's policy say no, [`Error::NotFound`] without such a
    /// conversation.
    pub fn send(&self) -> Result<Sent, Error> {
        send(self)
    }
}
