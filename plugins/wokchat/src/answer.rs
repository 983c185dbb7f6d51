//! The two envelopes: `{"code":1,"msg":…}` over HTTP, always with status 200, and `{"do_action":…}` on a socket.

use serde::Serialize;
use switchboard_plugin::hooks::dialect::Response;

use crate::fault::{Fault, LATER};

/// What calls answer that have nothing to tell.
#[derive(Debug, Serialize)]
pub struct Nothing {}

/// What the protocol says when all went well.
pub const DONE: &str = "成功";
/// The same of a message.
pub const SENT: &str = "消息发送成功";

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u8,
    msg: &'a str,
    #[serde(flatten)]
    fields: &'a T,
}

#[derive(Serialize)]
struct Frame<'a, T> {
    do_action: &'a str,
    #[serde(flatten)]
    fields: &'a T,
}

fn text<T: Serialize>(value: &T) -> String {
    // Everything here has string keys and finite numbers.
    serde_json::to_string(value).unwrap_or_else(|_| format!(r#"{{"code":0,"msg":"{LATER}"}}"#))
}

/// A success with its fields beside `code` and `msg`, as text.
pub fn success<T: Serialize>(msg: &str, fields: &T) -> String {
    text(&Envelope { code: 1, msg, fields })
}

/// A failure as text.
pub fn failure(fault: &Fault) -> String {
    text(&Envelope {
        code: 0,
        msg: &fault.0,
        fields: &Nothing {},
    })
}

/// An answer over HTTP.
pub fn response(body: String) -> Response {
    Response::json(200, body)
}

/// A frame that makes the client do something.
pub fn frame<T: Serialize>(do_action: &str, fields: &T) -> String {
    text(&Frame { do_action, fields })
}

/// A frame without fields.
pub fn signal(do_action: &str) -> String {
    frame(do_action, &Nothing {})
}

/// A hint that goes away by itself: how every failure is told.
pub fn toast(fault: &Fault) -> String {
    frame("show_toast", &Text { text: &fault.0 })
}

/// A line among the messages that nobody has sent.
pub fn sys_message(text: &str) -> String {
    frame("sys_message", &Text { text })
}

/// The last frame of a connection that ends in peace.
pub fn bye() -> String {
    success("bye", &Nothing {})
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_documents_envelopes() {
        let fields = json!({ "data": { "token": "user_token" } });
        assert_eq!(
            success(DONE, &fields),
            r#"{"code":1,"msg":"成功","data":{"token":"user_token"}}"#
        );
        assert_eq!(failure(&Fault::new("失败")), r#"{"code":0,"msg":"失败"}"#);
        assert_eq!(signal("send_success"), r#"{"do_action":"send_success"}"#);
        assert_eq!(
            toast(&Fault::new("系统错误请稍候再试")),
            r#"{"do_action":"show_toast","text":"系统错误请稍候再试"}"#
        );
        assert_eq!(
            sys_message("对方当前不在线"),
            r#"{"do_action":"sys_message","text":"对方当前不在线"}"#
        );
        assert_eq!(bye(), r#"{"code":1,"msg":"bye"}"#);
    }
}
