//! `messages-send`: sends messages in the plugin's name. They pass the rules as anyone's do.

use super::{Answer, conversation_id, invalid, json, odd, uid};
use crate::model::{Kind, Mentions, MessageId, SendMessage};
use crate::plugin_host::bindings::switchboard::plugin::messages_send::{Delivery, Host, Outgoing, Receipt, Sent};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::instance::State;
use crate::plugin_host::writes::{Outcome, Write};

/// The largest body; the rules may ask for less.
const BODY_BYTES: usize = 64 << 10;
/// How many users a message may name.
const MENTIONS: usize = 100;

impl Host for State {
    async fn send(&mut self, message: Outgoing) -> Answer<Sent> {
        self.charge()?;
        Ok(self.send_message(message).await)
    }

    async fn submit(&mut self, _message: Outgoing, _delivery: Delivery) -> Answer<Receipt> {
        Ok(Err(super::closed()))
    }
}

impl State {
    async fn send_message(&mut self, message: Outgoing) -> Result<Sent, Error> {
        match self.write(outgoing(message)?).await? {
            Outcome::Held => Ok(Sent::Queued),
            Outcome::Sent(id) => Ok(Sent::Stored(id.map_or_else(|| "0".to_owned(), |id| id.to_string()))),
            Outcome::Kv(_) | Outcome::Posted(_) | Outcome::Done => Err(odd()),
        }
    }
}

fn outgoing(message: Outgoing) -> Result<Write, Error> {
    if message.mentions.len() > MENTIONS {
        return Err(invalid(format!("a message may name at most {MENTIONS} users")));
    }
    let reply_to = message.reply_to.map(|id| id.parse::<MessageId>());
    Ok(Write::Send {
        as_user: message.as_user.as_deref().map(uid).transpose()?,
        message: SendMessage {
            conversation: conversation_id(&message.conversation_id)?,
            kind: Kind::new(&message.kind).map_err(|error| invalid(format!("kind {error}")))?,
            body: json("body", &message.body, BODY_BYTES)?,
            nonce: None,
            mentions: Mentions {
                all: false,
                users: message.mentions.iter().map(|id| uid(id)).collect::<Result<_, _>>()?,
            },
            reply_to: reply_to.transpose().map_err(|_| invalid("reply-to is no message id"))?,
            transient: message.transient,
        },
    })
}
