//! The dialect `social`, in groups: a message comes back to its sender with a code, and goes to the others with its
//! nonce. Whose the nonce is tells the two apart.

use std::io::{self, Write};

use memchr::memmem;

use super::{Incoming, Outgoing, hex_after};
use crate::load::plan::{Kind, Session};

/// Where the dialect is mounted.
pub const PREFIX: &str = "/social";
/// What the first frame has, which tells what was missed.
pub const READY: &[u8] = br#""action":"systemMessage""#;
const NONCE: &[u8] = br#""nonce":""#;
/// Digits of a nonce in front of its stamp, and with it.
const LEAD: usize = 16;
const LEAD_AND_STAMP: usize = 32;

/// Path and query of the socket.
pub fn path(session: &Session) -> String {
    format!("{PREFIX}/ws?token={}", session.token)
}

/// Appends the frame that sends a message into a group.
pub fn write(message: &Outgoing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let (nonce, group) = (message.nonce(), message.session.conversation);
    write!(out, r#"{{"action":"groupChat","nonce":"{nonce}","#)?;
    match message.content.kind {
        Kind::Text => write!(out, r#""type":1,"content":"{}","extra":{{}}"#, message.words()),
        Kind::Image => write!(
            out,
            r#""type":3,"content":"","extra":{{"url":"{}","width":1280,"height":720}}"#,
            message.url()
        ),
    }?;
    write!(out, r#","group_id":"{group}"}}"#)
}

/// What a frame says.
pub fn read(session: &Session, payload: &[u8]) -> Incoming {
    // Deliveries, by far the most, begin with it; in what was sent it stands somewhere. Inside `data` quotes are escaped.
    if memmem::find(payload, br#""code":200"#).is_none() {
        return Incoming::Refused;
    }
    if memmem::find(payload, br#""action":"groupChat""#).is_none() {
        return Incoming::Other;
    }
    let nonce = memmem::find(payload, NONCE).map(|at| &payload[at + NONCE.len()..]);
    let Some((nonce, stamp)) = nonce.and_then(|nonce| Some((nonce, hex_after(nonce.get(LEAD..)?, b"")?))) else {
        return Incoming::Other;
    };
    if sender(&nonce[LEAD_AND_STAMP..]) == Some(session.user) {
        Incoming::Acknowledged(Some(stamp))
    } else {
        Incoming::Delivered
    }
}

/// Whose number stands at the end of a nonce.
fn sender(end: &[u8]) -> Option<u32> {
    let digits = end.strip_prefix(b"-")?;
    let length = memchr::memchr(b'"', digits)?;
    u32::from_str_radix(str::from_utf8(&digits[..length]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::plan::Nonces;
    use crate::load::protocol::tests::{sent, session};
    use crate::load::protocol::{self, Protocol};

    #[test]
    fn messages_go_into_a_group() {
        let text = sent(Protocol::Social, Kind::Text, Nonces::TimeOrdered);
        assert_eq!(
            (&text["action"], &text["group_id"], &text["type"]),
            (&"groupChat".into(), &"31".into(), &1.into())
        );
        assert_eq!(text["nonce"], "00000000000000000000000000000abc-7");
        let image = sent(Protocol::Social, Kind::Image, Nonces::Random);
        assert_eq!((&image["type"], &image["extra"]["width"]), (&3.into(), &1280.into()));
    }

    #[test]
    fn the_senders_own_frame_is_the_answer() {
        let echo = |code: u32| {
            let mut frame = sent(Protocol::Social, Kind::Text, Nonces::Random);
            frame["code"] = code.into();
            frame["data"] = r#"{"code":1}"#.into();
            Protocol::Social.read(&session(), frame.to_string().as_bytes())
        };
        assert_eq!(echo(200), Incoming::Acknowledged(Some(0xABC)));
        assert_eq!(echo(831), Incoming::Refused);
    }

    #[test]
    fn anothers_frame_is_a_delivery() {
        let told = |user: &str| {
            format!(
                r#"{{"code":200,"msg":"OK","data":"{{\"content\":\"stamp-0000000000000abc \"}}","action":"groupChat","nonce":"00000000000000000000000000000abc-{user}","time":1,"user_id":1,"msg_id":4,"group_id":"31"}}"#
            )
        };
        let read = |text: &str| Protocol::Social.read(&session(), text.as_bytes());
        assert_eq!(read(&told("70")), Incoming::Delivered);
        assert_eq!(protocol::stamp(told("0").as_bytes()), Some(0xABC));
        let sync =
            r#"{"code":200,"msg":"OK","data":"{\"type\":19}","action":"systemMessage","nonce":"1595489198904abcdef"}"#;
        assert_eq!(read(sync), Incoming::Other);
        assert!(Protocol::Social.is_ready(sync.as_bytes()));
        assert_eq!(read(r#"{"code":401,"action":"close","nonce":""}"#), Incoming::Refused);
    }
}
