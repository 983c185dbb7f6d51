//! The dialect `wokchat`: everyone is told that there is news, by whom, and fetches it. Neither the answer to a message
//! nor the news carries anything of it, so both are counted and not timed.

use std::io::{self, Write};

use memchr::memmem;

use super::{Incoming, Outgoing};
use crate::load::plan::{Kind, Session, uid};

/// Where the dialect is mounted.
pub const PREFIX: &str = "/wokchat";
/// What the frame has that lets a user in.
pub const READY: &[u8] = br#""do_action":"login_success""#;

/// The path of the socket.
pub fn path() -> String {
    format!("{PREFIX}/chat/")
}

/// The frame that logs a user in.
pub fn login(app: u64, user: u32, time: u64, sign: &str) -> String {
    let uid = uid(user);
    format!(r#"{{"action":"login","app_id":{app},"uid":{uid},"time":{time},"sign":"{sign}"}}"#)
}

/// Appends the frame that sends a message.
pub fn write(message: &Outgoing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let session = message.session.conversation;
    write!(
        out,
        r#"{{"action":"send_by_session","session_id":{session},"content":""#
    )?;
    match message.content.kind {
        Kind::Text => write!(out, r#"{}","type":1}}"#, message.words()),
        Kind::Image => write!(out, r#"{}","type":2}}"#, message.url()),
    }
}

/// What a frame says. The sender of a message hears the news of it too, which is no delivery.
pub fn read(session: &Session, payload: &[u8]) -> Incoming {
    let Some(action) = after(payload, br#""do_action":""#) else {
        return Incoming::Other;
    };
    if action.starts_with(b"new_message\"") {
        match after(action, br#""from_uid":"#).and_then(number) {
            Some(from) if from != uid(session.user) => Incoming::Delivered,
            _ => Incoming::Other,
        }
    } else if action.starts_with(b"send_success\"") {
        Incoming::Acknowledged(None)
    } else if action.starts_with(b"show_toast\"") {
        Incoming::Refused
    } else {
        Incoming::Other
    }
}

fn after<'a>(payload: &'a [u8], sign: &[u8]) -> Option<&'a [u8]> {
    memmem::find(payload, sign).map(|at| &payload[at + sign.len()..])
}

/// The number that `text` begins with.
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::plan::Nonces;
    use crate::load::protocol::tests::{sent, session};
    use crate::load::protocol::{Protocol, stamp};

    #[test]
    fn messages_go_to_a_session() {
        let text = sent(Protocol::Wokchat, Kind::Text, Nonces::Random);
        assert_eq!(
            (&text["action"], &text["session_id"], &text["type"]),
            (&"send_by_session".into(), &31.into(), &1.into())
        );
        assert_eq!(stamp(text["content"].as_str().unwrap().as_bytes()), Some(0xABC));
        let image = sent(Protocol::Wokchat, Kind::Image, Nonces::Random);
        assert_eq!(image["type"], 2);
        assert_eq!(image["content"], "https://files.example/stamp-0000000000000abc.png");
    }

    #[test]
    fn a_login_names_who_and_where() {
        let frame: serde_json::Value = serde_json::from_str(&login(9, 7, 5, "s")).unwrap();
        assert_eq!(
            frame,
            serde_json::json!({ "action": "login", "app_id": 9, "uid": 8, "time": 5, "sign": "s" })
        );
    }

    #[test]
    fn frames_are_told_apart() {
        let read = |text: &str| Protocol::Wokchat.read(&session(), text.as_bytes());
        let news = |from: &str| {
            format!(r#"{{"do_action":"new_message","session":{{"id":31,"is_room":0}},"from_uid":{from}}}"#)
        };
        assert_eq!(read(&news("9")), Incoming::Delivered);
        assert_eq!(read(&news("80")), Incoming::Delivered);
        assert_eq!(read(&news("8")), Incoming::Other);
        assert_eq!(read(r#"{"do_action":"send_success"}"#), Incoming::Acknowledged(None));
        assert_eq!(
            read(r#"{"do_action":"show_toast","text":"会话不存在"}"#),
            Incoming::Refused
        );
        assert_eq!(read(r#"{"do_action":"login_success","user":{}}"#), Incoming::Other);
        assert!(Protocol::Wokchat.is_ready(br#"{"do_action":"login_success","user":{}}"#));
    }
}
