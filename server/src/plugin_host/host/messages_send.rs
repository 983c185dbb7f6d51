//! `messages-send`: sends messages in the plugin's name. They pass the rules as anyone's do.

use super::{Answer, conversation_id, invalid, json, odd, uid};
use crate::model::{Actor, Command, Echo, Kind, Mentions, MessageId, Nonce, Reply, SendMessage};
use crate::plugin_host::bindings::switchboard::plugin::messages_send::{
    self as wit, Delivery, Host, Outgoing, Receipt, Sent,
};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::writes::{Outcome, Write, Writes};

/// The largest body; the rules may ask for less.
const BODY_BYTES: usize = 64 << 10;
/// How many users a message may name.
const MENTIONS: usize = 100;

impl Host for State {
    async fn send(&mut self, message: Outgoing) -> Answer<Sent> {
        self.charge()?;
        Ok(self.send_message(message).await)
    }

    async fn submit(&mut self, message: Outgoing, delivery: Delivery) -> Answer<Receipt> {
        self.charge()?;
        Ok(self.submit_message(message, delivery).await)
    }
}

impl State {
    async fn send_message(&mut self, message: Outgoing) -> Result<Sent, Error> {
        let write = outgoing(message)?;
        if let Write::Send {
            as_user: Some(user), ..
        } = &write
        {
            // In a dialect's call a name is not enough.
            self.actor(Some(user.clone()))?;
        }
        self.spend_on_write(Quota::Messages)?;
        match self.write(write).await? {
            Outcome::Held => Ok(Sent::Queued),
            Outcome::Sent(id) => Ok(Sent::Stored(id.map_or_else(|| "0".to_owned(), |id| id.to_string()))),
            Outcome::Kv(_) | Outcome::Posted(_) | Outcome::Done => Err(odd()),
        }
    }

    async fn submit_message(&mut self, message: Outgoing, delivery: Delivery) -> Result<Receipt, Error> {
        let Write::Send { as_user, mut message } = outgoing(message)? else {
            return Err(odd());
        };
        message.mentions.all = delivery.mention_all;
        message.echo = match delivery.echo {
            wit::Echo::Others => Echo::Others,
            wit::Echo::All => Echo::All,
            wit::Echo::None => Echo::Nobody,
        };
        message.nonce = match delivery.nonce {
            Some(nonce) if nonce.starts_with('~') => return Err(invalid("nonce must not begin with '~'")),
            Some(nonce) => Some(Nonce::new(&nonce).map_err(|error| invalid(format!("nonce {error}")))?),
            None => None,
        };
        if let Actor::Plugin { depth, .. } = self.actor(as_user.clone())? {
            let (plugin, call) = self.at_work()?;
            if depth > plugin.machine.settings.max_depth {
                return Err(convert::refused(
                    "too_deep",
                    "too many plugin-made messages follow from one another",
                ));
            }
            if let (None, Writes::Keyed { next, .. }) = (&message.nonce, &self.task.writes) {
                let nonce = Nonce::new(&format!("~{}.{next}", call.id));
                message.nonce = Some(nonce.map_err(|error| invalid(format!("call id {error}")))?);
            }
        }
        let send = Command::SendMessage(Box::new(message));
        match self.change_as(Quota::Messages, as_user, send).await? {
            Reply::Sent(sent) => Ok(Receipt {
                id: sent.stored.id.map_or_else(|| "0".to_owned(), |id| id.to_string()),
                seq: sent.stored.seq.0,
                created_at: convert::millis(sent.stored.at),
                duplicate: sent.stored.duplicate,
                body: sent.body.map(|body| body.as_str().to_owned()),
            }),
            _ => Err(odd()),
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
            echo: Echo::Others,
        },
    })
}
