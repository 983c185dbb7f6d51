//! The protocols the load speaks: the bare server's, Switchboard's own, and dialects (a file each). Nothing else in the
//! load knows what a frame looks like inside.
//!
//! Every message carries its stamp (nanoseconds, 16 hex digits): in the nonce, in the native frame's `id`, and after
//! `stamp-` in the body, so that an acknowledgement and a delivery can be timed without any table of what is under way.
//! Where a protocol brings no stamp back, it is counted and not timed.

pub mod social;
pub mod wokchat;

use std::{
    fmt::{self, Display},
    io::{self, Write},
};

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::plan::{Content, Kind, Nonces, Session};

const FILLER: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut \
                      labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud.";

/// How to talk to the server under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    Reference,
    Native,
    Wokchat,
    Social,
}

/// What a frame from the server means to the load.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message is durable: the one of this stamp, or one that the protocol does not name.
    Acknowledged(Option<u64>),
    Refused,
    /// A message has arrived.
    Delivered,
    /// Anything else: receipts, presence, replies to the join.
    Other,
}

/// A message to write.
pub struct Outgoing<'a> {
    pub session: &'a Session,
    pub stamp: u64,
    pub content: Content,
}

impl Protocol {
    /// Path and query of the handshake.
    pub fn path(self, session: &Session) -> String {
        match self {
            Self::Reference => format!("/ws?user={}", session.user),
            Self::Native => format!("/v1/ws?device=bench&token={}", session.token),
            Self::Wokchat => wokchat::path(),
            Self::Social => social::path(session),
        }
    }

    /// What to send first, if anything.
    pub fn join(self, session: &Session) -> Option<String> {
        match self {
            Self::Reference => Some(format!(r#"{{"t":"join","conv":{}}}"#, session.conversation)),
            Self::Wokchat => Some(session.token.clone()),
            Self::Native | Self::Social => None,
        }
    }

    /// Whether this first frame says that the connection is ready.
    pub fn is_ready(self, payload: &[u8]) -> bool {
        let sign: &[u8] = match self {
            Self::Reference => br#""t":"joined""#,
            Self::Native => br#""type":"session.ready""#,
            Self::Wokchat => wokchat::READY,
            Self::Social => social::READY,
        };
        memmem::find(payload, sign).is_some()
    }

    /// Replaces `out` by the frame that sends a message.
    pub fn write_message(self, message: &Outgoing<'_>, out: &mut Vec<u8>) {
        out.clear();
        let written = match self {
            Self::Reference => write_reference(message, out),
            Self::Native => write_native(message, out),
            Self::Wokchat => wokchat::write(message, out),
            Self::Social => social::write(message, out),
        };
        debug_assert!(written.is_ok(), "writing to memory does not fail");
    }

    /// What a frame says to the one whose session it is.
    pub fn read(self, session: &Session, payload: &[u8]) -> Incoming {
        match self {
            Self::Reference => read_reference(payload),
            Self::Native => read_native(payload),
            Self::Wokchat => wokchat::read(session, payload),
            Self::Social => social::read(session, payload),
        }
    }
}

impl Outgoing<'_> {
    /// A nonce that no other message has: 16 digits of lead, which decide its place in an index, and the stamp.
    fn nonce(&self) -> impl Display {
        let (stamp, user) = (self.stamp, self.session.user);
        let lead = match self.content.nonces {
            Nonces::Random => scatter(stamp ^ u64::from(user) << 40),
            Nonces::TimeOrdered => 0,
        };
        fmt::from_fn(move |out| write!(out, "{lead:016x}{stamp:016x}-{user:x}"))
    }

    fn kind(&self) -> &'static str {
        match self.content.kind {
            Kind::Text => "text",
            Kind::Image => "image",
        }
    }

    /// What a text says.
    fn words(&self) -> impl Display {
        let stamp = self.stamp;
        fmt::from_fn(move |out| write!(out, "stamp-{stamp:016x} {FILLER}"))
    }

    /// Where an image lies.
    fn url(&self) -> impl Display {
        let stamp = self.stamp;
        fmt::from_fn(move |out| write!(out, "https://files.example/stamp-{stamp:016x}.png"))
    }
}

fn write_reference(message: &Outgoing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let (nonce, kind, conversation) = (message.nonce(), message.kind(), message.session.conversation);
    write!(
        out,
        r#"{{"t":"msg","conv":{conversation},"nonce":"{nonce}","type":"{kind}","content":"#
    )?;
    write_body(message, out)?;
    out.write_all(b"}")
}

fn write_native(message: &Outgoing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let (nonce, kind, conversation) = (message.nonce(), message.kind(), message.session.conversation);
    write!(
        out,
        r#"{{"id":"{:016x}","type":"message.send","data":{{"conversation":{conversation},"nonce":"{nonce}","kind":"{kind}","body":"#,
        message.stamp
    )?;
    write_body(message, out)?;
    out.write_all(b"}}")
}

fn write_body(message: &Outgoing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    match message.content.kind {
        Kind::Text => write!(out, r#"{{"text":"{}"}}"#, message.words()),
        Kind::Image => write!(
            out,
            r#"{{"url":"{}","thumb_url":"https://files.example/small/stamp-{:016x}.png","width":1280,"height":720}}"#,
            message.url(),
            message.stamp
        ),
    }
}

/// The stamp of a delivered message.
pub fn stamp(payload: &[u8]) -> Option<u64> {
    hex_after(payload, b"stamp-")
}

fn read_reference(payload: &[u8]) -> Incoming {
    if payload.starts_with(br#"{"t":"msg""#) {
        Incoming::Delivered
    } else if payload.starts_with(br#"{"t":"ack""#) {
        // The nonce is 16 digits of lead, then the stamp.
        let nonce = memmem::find(payload, br#""nonce":""#).map(|at| &payload[at + 9 + 16..]);
        nonce
            .and_then(|digits| hex_after(digits, b""))
            .map_or(Incoming::Other, |stamp| Incoming::Acknowledged(Some(stamp)))
    } else {
        Incoming::Other
    }
}

/// Whether a delivered message was made by a plugin.
pub fn is_plugin_made(payload: &[u8]) -> bool {
    memmem::find(payload, br#""origin":""#).is_some()
}

fn read_native(payload: &[u8]) -> Incoming {
    // By far the most frequent frame in a large room.
    if payload.starts_with(br#"{"type":"message.sent""#) {
        return Incoming::Delivered;
    }
    let Some(at) = memmem::find(payload, br#""type":""#) else {
        return Incoming::Other;
    };
    let name = &payload[at + 8..];
    if name.starts_with(b"message.sent\"") {
        Incoming::Delivered
    } else if name.starts_with(b"reply\"") {
        hex_after(payload, br#""id":""#).map_or(Incoming::Other, |stamp| Incoming::Acknowledged(Some(stamp)))
    } else if name.starts_with(b"error\"") {
        Incoming::Refused
    } else {
        Incoming::Other
    }
}

fn hex_after(payload: &[u8], sign: &[u8]) -> Option<u64> {
    let start = memmem::find(payload, sign)? + sign.len();
    let digits = payload.get(start..start + 16)?;
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// Spreads numbers over the whole range.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn session() -> Session {
        Session {
            user: 7,
            token: "t".to_owned(),
            conversation: 31,
        }
    }

    pub(super) fn sent(protocol: Protocol, kind: Kind, nonces: Nonces) -> serde_json::Value {
        let session = session();
        let mut out = b"left over".to_vec();
        let content = Content { kind, nonces };
        protocol.write_message(
            &Outgoing {
                session: &session,
                stamp: 0xABC,
                content,
            },
            &mut out,
        );
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn messages_are_json_with_their_stamp() {
        let native = sent(Protocol::Native, Kind::Text, Nonces::Random);
        assert_eq!(native["id"], "0000000000000abc");
        assert_eq!(native["data"]["conversation"], 31);
        assert!(native["data"]["nonce"].as_str().unwrap().len() <= 64);
        let text = native["data"]["body"]["text"].as_str().unwrap();
        assert_eq!(stamp(text.as_bytes()), Some(0xABC));
        let reference = sent(Protocol::Reference, Kind::Text, Nonces::TimeOrdered);
        assert_eq!(reference["nonce"], "00000000000000000000000000000abc-7");
        assert_eq!(reference["content"], native["data"]["body"]);
        assert_eq!(
            sent(Protocol::Native, Kind::Image, Nonces::Random)["data"]["kind"],
            "image"
        );
    }

    #[test]
    fn native_frames_are_told_apart() {
        let read = |text: &str| Protocol::Native.read(&session(), text.as_bytes());
        let reply = r#"{"id":"0000000000000abc","type":"reply","data":{"id":5,"seq":1}}"#;
        assert_eq!(read(reply), Incoming::Acknowledged(Some(0xABC)));
        assert_eq!(
            read(r#"{"id":"0000000000000abc","type":"error","error":{}}"#),
            Incoming::Refused
        );
        assert_eq!(
            read(r#"{"type":"message.sent","cursor":1,"seq":1,"data":{}}"#),
            Incoming::Delivered
        );
        assert_eq!(
            read(r#"{"cursor":1,"type":"message.sent","data":{}}"#),
            Incoming::Delivered
        );
        assert!(is_plugin_made(br#"{"type":"message.sent","data":{"origin":"echo"}}"#));
        assert_eq!(read(r#"{"type":"receipt.changed","data":{}}"#), Incoming::Other);
        assert!(Protocol::Native.is_ready(br#"{"type":"session.ready","data":{}}"#));
    }

    #[test]
    fn reference_frames_are_told_apart() {
        let read = |text: &str| Protocol::Reference.read(&session(), text.as_bytes());
        let ack = r#"{"t":"ack","nonce":"ffffffffffffffff0000000000000abc-7","conv":1,"seq":1,"id":1,"at":1}"#;
        assert_eq!(read(ack), Incoming::Acknowledged(Some(0xABC)));
        assert_eq!(read(r#"{"t":"msg","conv":1}"#), Incoming::Delivered);
        assert_eq!(read(r#"{"t":"joined","conv":1}"#), Incoming::Other);
    }

    #[test]
    fn random_nonces_scatter() {
        assert!(scatter(1) ^ scatter(2) > u64::from(u32::MAX));
    }
}
