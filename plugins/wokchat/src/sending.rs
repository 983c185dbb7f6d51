//! Messages from the protocol into the core.

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::messages_send::{self, Delivery, Echo, Outgoing, Receipt};
use switchboard_plugin::host::types::{Conversation, Error};

use crate::call::Call;
use crate::content::{self, CONTENT_CHARS, Draft, HIGHEST_TYPE, Shown};
use crate::encode::new_message;
use crate::fault::{Fault, NO_SESSION, refused};
use crate::params::Params;
use crate::people::{number, uid};
use crate::recorded::{Sides, receiver};
use crate::sessions::{self, Session};

/// What was sent, as requests and the tenant's own server are told.
#[derive(Debug, Serialize)]
pub struct Sent {
    session_id: Value,
    session: Session,
    message_id: Value,
    message: Message,
}

#[derive(Debug, Serialize)]
struct Message {
    id: Value,
    session_id: Value,
    #[serde(flatten)]
    shown: Shown,
    from_uid: Value,
    to_uid: Value,
    create_time: String,
}

impl Sent {
    /// That there is something new, for who has sent it.
    pub fn notice(&self) -> String {
        new_message(self.session.notice(), self.message.from_uid.clone())
    }
}

/// A type and a content that may be sent.
struct Said {
    kind: u64,
    content: String,
}

impl Said {
    fn of(params: &Params) -> Result<Self, Fault> {
        let content = match params.0.get("content") {
            // A card that was not made a text first.
            Some(card @ (Value::Object(_) | Value::Array(_))) => card.to_string(),
            _ => params.required("content")?,
        };
        let kind = params.whole("type")?;
        if kind == content::SYSTEM_TYPE || kind > HIGHEST_TYPE {
            return Err(Fault::new("type必须大于0"));
        }
        if content.chars().count() > CONTENT_CHARS {
            return Err(Fault(format!("发送内容应在{CONTENT_CHARS}字以内")));
        }
        Ok(Self { kind, content })
    }
}

/// `send_by_session`.
pub fn by_session(call: &Call<'_>, params: &Params) -> Result<Sent, Fault> {
    let session = params.id("session_id")?;
    let said = Said::of(params)?;
    let view = call.view(&session)?;
    deliver(call, &view.conversation, view.peer.as_deref(), &said)
}

/// `createMsg`: the app adds a message from one user to another.
pub fn from_user_to_user(call: &Call<'_>, params: &Params) -> Result<Sent, Fault> {
    let to = params.uid("to_uid")?;
    let said = Said::of(params)?;
    let conversation = sessions::with(call, &to)?;
    deliver(call, &conversation, Some(&to), &said)
}

fn deliver(call: &Call<'_>, conversation: &Conversation, peer: Option<&str>, said: &Said) -> Result<Sent, Fault> {
    let draft = content::draft(said.kind, &said.content);
    let (kind, receipt) = submit(call, &conversation.id, draft, said).map_err(|error| refused(error, NO_SESSION))?;
    let shown = match &receipt.body {
        Some(stored) => content::shown(kind, stored),
        None => Shown::text(said.kind, said.content.as_str()),
    };
    let sides = Sides {
        viewer: &call.uid,
        peer,
    };
    Ok(Sent {
        session_id: number(&conversation.id),
        session: Session::of(conversation, receipt.created_at, call),
        message_id: number(&receipt.id),
        message: Message {
            id: number(&receipt.id),
            session_id: number(&conversation.id),
            shown,
            from_uid: uid(&call.uid),
            to_uid: receiver(Some(&call.uid), sides),
            create_time: call.clock().full(receipt.created_at),
        },
    })
}

/// Sends it as the usual kind, or, in an app where no plugin owns that, as this plugin's own.
fn submit(call: &Call<'_>, session: &str, draft: Draft, said: &Said) -> Result<(&'static str, Receipt), Error> {
    let send = |draft: &Draft| {
        let message = Outgoing::new(session, draft.kind, draft.body.as_str()).as_user(call.uid.as_str());
        // The connection it came over has an answer of its own.
        let delivery = Delivery {
            nonce: None,
            mention_all: false,
            echo: Echo::Others,
        };
        messages_send::submit(&message, &delivery)
    };
    match send(&draft) {
        Err(Error::Refused(refusal)) if refusal.code == "unknown_kind" && draft.kind != content::CUSTOM => {
            let own = content::custom(said.kind, &said.content);
            Ok((own.kind, send(&own)?))
        }
        other => Ok((draft.kind, other?)),
    }
}
