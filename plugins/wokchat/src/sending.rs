//! Messages from the protocol into the core.

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::messages_send::{self, Delivery, Echo, Outgoing, Receipt};
use switchboard_plugin::host::types::Error;

use crate::call::Call;
use crate::content::{self, CONTENT_CHARS, Draft, HIGHEST_TYPE, Shown};
use crate::encode::new_message;
use crate::fault::{Fault, NO_SESSION, refused};
use crate::params::Params;
use crate::people::{number, uid};
use crate::recorded::{Sides, receiver};
use crate::sessions::{self, Named, Place, Session};

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

/// A message that was accepted.
pub struct Delivered {
    place: Place,
    peer: Option<String>,
    said: Said,
    kind: &'static str,
    receipt: Receipt,
}

impl Delivered {
    /// That there is something new, for who has sent it.
    pub fn notice(&self, call: &Call<'_>) -> String {
        new_message(Named::of(&self.place.id, self.place.kind), uid(&call.uid))
    }

    /// As requests and the tenant's own server are told.
    pub fn sent(&self, call: &Call<'_>) -> Sent {
        let Self { place, receipt, .. } = self;
        let shown = match &receipt.body {
            Some(stored) => content::shown(self.kind, stored),
            None => Shown::text(self.said.kind, self.said.content.as_str()),
        };
        let sides = Sides {
            viewer: &call.uid,
            peer: self.peer.as_deref(),
        };
        Sent {
            session_id: number(&place.id),
            session: Session::of(place, receipt.created_at, call),
            message_id: number(&receipt.id),
            message: Message {
                id: number(&receipt.id),
                session_id: number(&place.id),
                shown,
                from_uid: uid(&call.uid),
                to_uid: receiver(Some(&call.uid), sides),
                create_time: call.clock().full(receipt.created_at),
            },
        }
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
pub fn by_session(call: &Call<'_>, params: &Params) -> Result<Delivered, Fault> {
    let session = params.id("session_id")?;
    let said = Said::of(params)?;
    let seat = call.seat(&session)?;
    let place = Place::of_seat(&session, &seat);
    deliver(call, place, seat.peer, said)
}

/// `createMsg`: the app adds a message from one user to another.
pub fn from_user_to_user(call: &Call<'_>, params: &Params) -> Result<Delivered, Fault> {
    let to = params.uid("to_uid")?;
    let said = Said::of(params)?;
    let conversation = sessions::with(call, &to)?;
    deliver(call, Place::of(&conversation), Some(to), said)
}

fn deliver(call: &Call<'_>, place: Place, peer: Option<String>, said: Said) -> Result<Delivered, Fault> {
    let draft = content::draft(said.kind, &said.content);
    let (kind, receipt) = submit(call, &place.id, draft, &said).map_err(|error| refused(error, NO_SESSION))?;
    Ok(Delivered {
        place,
        peer,
        said,
        kind,
        receipt,
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
