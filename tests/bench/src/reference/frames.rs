//! The reference's own tiny protocol, JSON text frames.
//!
//! Up: `{"t":"join","conv":N}` and `{"t":"msg","conv":N,"nonce":"…","type":"text","content":{…}}`. Down: `joined`, `ack`
//! (nonce, seq, id, at) and `msg`. Content stays the bytes it came as.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A frame from a client.
#[derive(Deserialize)]
pub struct Up<'a> {
    #[serde(rename = "t")]
    pub action: &'a str,
    #[serde(rename = "conv")]
    pub conversation: i64,
    #[serde(borrow, default)]
    pub nonce: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    pub kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
}

/// A frame to a client.
#[derive(Serialize)]
#[serde(tag = "t")]
pub enum Down<'a> {
    #[serde(rename = "joined")]
    Joined { conv: i64 },
    #[serde(rename = "ack")]
    Acknowledgement {
        nonce: &'a str,
        conv: i64,
        seq: i64,
        id: i64,
        at: i64,
    },
    #[serde(rename = "msg")]
    Message {
        conv: i64,
        seq: i64,
        id: i64,
        from: i64,
        #[serde(rename = "type")]
        kind: &'a str,
        content: &'a RawValue,
        at: i64,
    },
}
