//! Held writes as a job carries them: JSON that only this file writes and reads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::writes::Write;
use crate::model::{Body, ConversationId, Echo, Kind, Mentions, MessageId, Millis, SendMessage, UserId, Webhook};
use crate::storage::{KvChange, KvWrite, headers};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Row {
    Kv {
        key: String,
        #[serde(flatten)]
        change: Change,
        expires_at: Option<i64>,
    },
    Send {
        as_user: Option<String>,
        conversation: u64,
        kind: String,
        body: Box<RawValue>,
        mentions: Vec<String>,
        reply_to: Option<u64>,
        transient: bool,
    },
    Push {
        user: String,
        name: String,
        data: Box<RawValue>,
    },
    Disconnect {
        user: String,
        reason: String,
    },
    Post {
        delivery: String,
        target: String,
        url: String,
        headers: String,
        body: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Change {
    op: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
}

/// Writes as the body of a job.
pub fn encode(writes: &[Write]) -> serde_json::Result<Body> {
    let rows: Vec<Row> = writes.iter().map(row).collect::<serde_json::Result<_>>()?;
    Ok(Body::trusted(&serde_json::to_string(&rows)?))
}

/// The writes of a job; none if its body is not from here.
pub fn decode(body: &Body) -> Option<Vec<Write>> {
    let rows: Vec<Row> = serde_json::from_str(body.as_str()).ok()?;
    rows.into_iter().map(write).collect()
}

fn raw(body: &Body) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(body.as_str().to_owned())
}

fn row(write: &Write) -> serde_json::Result<Row> {
    Ok(match write {
        Write::Kv(write) => Row::Kv {
            key: write.key.clone(),
            change: Change::of(&write.change),
            expires_at: write.expires_at.map(|at| at.0),
        },
        Write::Send { as_user, message } => Row::Send {
            as_user: as_user.as_ref().map(ToString::to_string),
            conversation: message.conversation.get(),
            kind: message.kind.to_string(),
            body: raw(&message.body)?,
            mentions: message.mentions.users.iter().map(ToString::to_string).collect(),
            reply_to: message.reply_to.map(MessageId::get),
            transient: message.transient,
        },
        Write::Push { user, name, data } => Row::Push {
            user: user.to_string(),
            name: name.clone(),
            data: raw(data)?,
        },
        Write::Disconnect { user, reason } => Row::Disconnect {
            user: user.to_string(),
            reason: reason.clone(),
        },
        Write::Post(webhook) => Row::Post {
            delivery: webhook.delivery.clone(),
            target: webhook.target.clone(),
            url: webhook.url.clone(),
            headers: headers::write(&webhook.headers),
            body: webhook.body.clone(),
        },
    })
}

fn write(row: Row) -> Option<Write> {
    Some(match row {
        Row::Kv {
            key,
            change,
            expires_at,
        } => Write::Kv(KvWrite {
            key,
            change: change.back()?,
            expires_at: expires_at.map(Millis),
        }),
        Row::Send {
            as_user,
            conversation,
            kind,
            body,
            mentions,
            reply_to,
            transient,
        } => Write::Send {
            as_user: as_user.map(|uid| UserId::new(&uid)).transpose().ok()?,
            message: SendMessage {
                conversation: ConversationId::new(conversation).ok()?,
                kind: Kind::new(&kind).ok()?,
                body: Body::trusted(body.get()),
                nonce: None,
                mentions: Mentions {
                    all: false,
                    users: mentions
                        .iter()
                        .map(|uid| UserId::new(uid))
                        .collect::<Result<_, _>>()
                        .ok()?,
                },
                reply_to: reply_to.map(MessageId::new).transpose().ok()?,
                transient,
                echo: Echo::Others,
            },
        },
        Row::Push { user, name, data } => Write::Push {
            user: UserId::new(&user).ok()?,
            name,
            data: Body::trusted(data.get()),
        },
        Row::Disconnect { user, reason } => Write::Disconnect {
            user: UserId::new(&user).ok()?,
            reason,
        },
        Row::Post {
            delivery,
            target,
            url,
            headers,
            body,
        } => Write::Post(Webhook {
            delivery,
            target,
            url,
            headers: headers::read(&headers)?,
            body,
        }),
    })
}

impl Change {
    fn of(change: &KvChange) -> Self {
        let (op, value, number) = match change {
            KvChange::Set(value) => ("set", Some(STANDARD_NO_PAD.encode(value)), None),
            KvChange::Delete => ("delete", None, None),
            KvChange::CompareAndSet { expect, value } => (
                "compare_and_set",
                Some(STANDARD_NO_PAD.encode(value)),
                Some(expect.cast_signed()),
            ),
            KvChange::Increment(delta) => ("increment", None, Some(*delta)),
        };
        Self {
            op: op.to_owned(),
            value,
            number,
        }
    }

    fn back(self) -> Option<KvChange> {
        let value = self.value.map(|value| STANDARD_NO_PAD.decode(value)).transpose().ok()?;
        Some(match self.op.as_str() {
            "set" => KvChange::Set(value?),
            "delete" => KvChange::Delete,
            "compare_and_set" => KvChange::CompareAndSet {
                expect: self.number?.cast_unsigned(),
                value: value?,
            },
            "increment" => KvChange::Increment(self.number?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HeaderValue;

    #[test]
    fn writes_come_back_as_they_were() {
        let kv = |change| {
            Write::Kv(KvWrite {
                key: "k".to_owned(),
                change,
                expires_at: Some(Millis(9)),
            })
        };
        let user = UserId::new("u").unwrap();
        let writes = vec![
            kv(KvChange::Set(vec![0, 255])),
            kv(KvChange::Delete),
            kv(KvChange::CompareAndSet {
                expect: u64::MAX,
                value: Vec::new(),
            }),
            kv(KvChange::Increment(-3)),
            Write::Send {
                as_user: Some(user.clone()),
                message: SendMessage {
                    conversation: ConversationId::new(7).unwrap(),
                    kind: Kind::new("text").unwrap(),
                    body: Body::text("hi"),
                    nonce: None,
                    mentions: Mentions {
                        all: false,
                        users: vec![user.clone()],
                    },
                    reply_to: Some(MessageId::new(5).unwrap()),
                    transient: false,
                    echo: Echo::Others,
                },
            },
            Write::Push {
                user: user.clone(),
                name: "n".to_owned(),
                data: Body::trusted("[1]"),
            },
            Write::Disconnect {
                user,
                reason: "r".to_owned(),
            },
            Write::Post(Webhook {
                delivery: "d".to_owned(),
                target: "t".to_owned(),
                url: "http://x/".to_owned(),
                headers: vec![("t".to_owned(), HeaderValue::TimeSeconds)],
                body: "\u{0}".to_owned(),
            }),
        ];
        assert_eq!(decode(&encode(&writes).unwrap()), Some(writes));
        assert_eq!(decode(&Body::empty()), None);
    }
}
