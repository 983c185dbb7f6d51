//! Types and contents of the protocol, kinds and bodies of the core: both ways, so that what comes back is what was sent.
//!
//! Contents are addresses, texts and cards, and nobody checks them in this protocol. So what is no address that the kind
//! `image` takes is kept as its text, and what is no JSON is kept as a card's text: it returns unchanged.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use switchboard_plugin::text_body;

use crate::words;

/// The longest content of every type, in characters.
pub const CONTENT_CHARS: usize = 2_000;
/// The kind of all types that are the tenant's own.
pub const CUSTOM: &str = "wokchat.custom";
/// The highest type.
pub const HIGHEST_TYPE: u64 = 2_147_483_647;
/// The type of what the app says: nobody can send it.
pub const SYSTEM_TYPE: u64 = 0;

/// What the JSON Schema of [`CUSTOM`] is.
pub const CUSTOM_SCHEMA: &str = r#"{"type":"object","additionalProperties":false,"required":["type","text"],"properties":{
  "type":{"type":"integer","minimum":1,"maximum":2147483647},"text":{"type":"string","maxLength":2000},"attr":{}}}"#;

const TEXT: u64 = 1;
const IMAGE: u64 = 2;
const VOICE: u64 = 3;
const LINK: u64 = 4;
const VIDEO: u64 = 5;

/// A kind and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: &'static str,
    pub body: String,
}

/// What a client shows: a type, and a text or a card.
#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(rename = "type")]
    pub kind: u64,
    pub content: Content,
}

/// A content.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Content {
    Text(String),
    /// Byte for byte as it was sent.
    Card(Box<RawValue>),
}

impl Shown {
    /// A text of some type.
    pub fn text(kind: u64, text: impl Into<String>) -> Self {
        Self {
            kind,
            content: Content::Text(text.into()),
        }
    }
}

/// The message of the core that a type and a content are.
pub fn draft(kind: u64, content: &str) -> Draft {
    let media = |kind| Draft {
        kind,
        body: address_body(content),
    };
    match kind {
        TEXT => Draft {
            kind: "text",
            body: text_body(content),
        },
        IMAGE => media("image"),
        VOICE => media("voice"),
        VIDEO => media("video"),
        LINK => Draft {
            kind: "link",
            body: card_body(content),
        },
        _ => custom(kind, content),
    }
}

/// The same as this plugin's own kind, for apps where nobody owns the usual one.
pub fn custom(kind: u64, content: &str) -> Draft {
    Draft {
        kind: CUSTOM,
        body: json!({ "type": kind, "text": content }).to_string(),
    }
}

/// Plain words for a message of this plugin's own kind.
pub fn summary(body: &str) -> String {
    let fields: Value = serde_json::from_str(body).unwrap_or_default();
    let text = fields["text"].as_str().unwrap_or_default();
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    if line.is_empty() {
        "[自定义消息]".to_owned()
    } else {
        line
    }
}

fn address_body(content: &str) -> String {
    let field = if is_address(content) { "url" } else { "text" };
    json!({ field: content }).to_string()
}

/// A card's object stays as it is; its title and address are what other protocols look for.
fn card_body(content: &str) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<&'a str>,
        attr: &'a RawValue,
    }
    let card = serde_json::from_str::<Value>(content)
        .ok()
        .filter(|card| card.is_object() || card.is_array());
    let raw = serde_json::from_str::<&RawValue>(content).ok();
    let (Some(card), Some(attr)) = (card, raw) else {
        return text_body(content);
    };
    let body = Body {
        title: card["title"]
            .as_str()
            .filter(|title| !title.is_empty() && title.chars().count() <= 500),
        url: card["url"].as_str().filter(|url| is_address(url)),
        attr,
    };
    serde_json::to_string(&body).unwrap_or_else(|_| text_body(content))
}

/// What the usual kinds take as an address: `http`, `https` or a path on this server.
fn is_address(text: &str) -> bool {
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return false;
    }
    let host = ["http://", "https://"].into_iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    match host {
        Some(host) => !host.is_empty() && !host.starts_with(['/', '?', '#']),
        None => text.starts_with('/') && !text.starts_with("//"),
    }
}

/// How a message of any kind is shown.
pub fn shown(kind: &str, body: &str) -> Shown {
    let fields: Value = serde_json::from_str(body).unwrap_or_default();
    let media = |number, label: &str| {
        let content = fields["url"].as_str().or_else(|| fields["text"].as_str());
        Shown::text(number, content.unwrap_or(label))
    };
    match kind {
        "text" => Shown::text(TEXT, fields["text"].as_str().unwrap_or_default()),
        "image" => media(IMAGE, "[图片]"),
        "voice" => media(VOICE, "[语音]"),
        "video" => media(VIDEO, "[视频]"),
        "link" => Shown {
            kind: LINK,
            content: card(body, &fields),
        },
        CUSTOM => {
            let number = fields["type"].as_u64().filter(|number| *number <= HIGHEST_TYPE);
            Shown::text(number.unwrap_or(TEXT), fields["text"].as_str().unwrap_or_default())
        }
        _ => Shown::text(TEXT, words::of_kind(kind, &fields)),
    }
}

/// A card's object: the sender's own, completed by what the body says beside it, or made of that alone.
fn card(body: &str, fields: &Value) -> Content {
    #[derive(serde::Deserialize)]
    struct Body {
        attr: Option<Box<RawValue>>,
    }
    let known = ["title", "url", "description", "cover_url", "source"];
    let beside = || known.iter().filter(|name| fields[**name].is_string());
    let attr = serde_json::from_str::<Body>(body).ok().and_then(|body| body.attr);
    if let Some(attr) = attr
        && (fields["attr"].is_array() || beside().all(|name| !fields["attr"][*name].is_null()))
    {
        return Content::Card(attr);
    }
    let mut object = match &fields["attr"] {
        Value::Object(object) => object.clone(),
        _ => Map::new(),
    };
    for name in beside() {
        object.entry(*name).or_insert_with(|| fields[*name].clone());
    }
    let text = fields["text"].as_str();
    if object.is_empty() {
        return Content::Text(text.unwrap_or("[链接]").to_owned());
    }
    let raw = serde_json::value::to_raw_value(&object).ok();
    raw.map_or_else(|| Content::Text(text.unwrap_or("[链接]").to_owned()), Content::Card)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(kind: u64, content: &str) -> Value {
        let draft = draft(kind, content);
        serde_json::to_value(shown(draft.kind, &draft.body)).unwrap()
    }

    fn to(kind: u64, content: &str) -> (&'static str, Value) {
        let draft = draft(kind, content);
        (draft.kind, serde_json::from_str(&draft.body).unwrap())
    }

    #[test]
    fn the_documents_examples_have_their_kinds() {
        assert_eq!(to(1, "hello world"), ("text", json!({ "text": "hello world" })));
        let url = "http://www.mysiete.com/images/123.png";
        assert_eq!(to(2, url), ("image", json!({ "url": url })));
        let url = "http://www.mysiete.com/images/456.mp3";
        assert_eq!(to(3, url), ("voice", json!({ "url": url })));
        let url = "http://www.mysiete.com/images/789.mp4";
        assert_eq!(to(5, url), ("video", json!({ "url": url })));
        assert_eq!(to(6, "x"), ("wokchat.custom", json!({ "type": 6, "text": "x" })));
        let card = json!({ "title": "商品", "url": "https://a/1", "price": 9.9 });
        assert_eq!(
            to(4, &card.to_string()),
            ("link", json!({ "title": "商品", "url": "https://a/1", "attr": card }))
        );
    }

    #[test]
    fn cards_come_back_byte_for_byte() {
        let card = r#"{"title":"a","n":123456789012345678901234567890.10,"s":"\u4f60", "url":"javascript:x"}"#;
        let draft = draft(4, card);
        assert!(!draft.body.contains(r#""url":"javascript:x","attr""#));
        let shown = serde_json::to_string(&shown(draft.kind, &draft.body)).unwrap();
        assert_eq!(shown, format!(r#"{{"type":4,"content":{card}}}"#));
        assert_eq!(back(4, "[1,2]")["content"], json!([1, 2]));
        assert_eq!(back(4, "no card")["content"], "no card");
        assert_eq!(back(4, "7")["content"], "7");
    }

    #[test]
    fn links_of_other_protocols_are_cards() {
        let native = r#"{"url":"https://a","title":"News","text":"look"}"#;
        assert_eq!(
            serde_json::to_value(shown("link", native)).unwrap()["content"],
            json!({ "url": "https://a", "title": "News" })
        );
        let both = r#"{"url":"https://a","attr":{"id":7}}"#;
        assert_eq!(
            serde_json::to_value(shown("link", both)).unwrap()["content"],
            json!({ "url": "https://a", "id": 7 })
        );
    }

    #[test]
    fn kinds_without_a_type_are_texts() {
        let shown = |kind, body| serde_json::to_value(shown(kind, body)).unwrap();
        assert_eq!(
            shown("file", r#"{"name":"a.pdf","url":"/files/1/a.pdf"}"#),
            json!({ "type": 1, "content": "[文件] a.pdf /files/1/a.pdf" })
        );
        assert_eq!(shown("imrest.77", "{}"), json!({ "type": 1, "content": "[imrest.77]" }));
        assert_eq!(shown("image", "{}"), json!({ "type": 2, "content": "[图片]" }));
        assert_eq!(
            shown(CUSTOM, r#"{"type":9,"text":"x"}"#),
            json!({ "type": 9, "content": "x" })
        );
        assert_eq!(shown("text", "not json")["content"], "");
    }

    #[test]
    fn the_schema_takes_what_is_made() {
        let schema: Value = serde_json::from_str(CUSTOM_SCHEMA).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        for kind in [2, 6, HIGHEST_TYPE] {
            let made = custom(kind, &"长".repeat(CONTENT_CHARS));
            assert!(schema.is_valid(&serde_json::from_str(&made.body).unwrap()));
        }
    }

    proptest::proptest! {
        #[test]
        fn every_content_comes_back(
            kind in 1_u64..12,
            content in "(\\PC{1,40}|https?://[a-z./]{1,20}|//?[a-z ]{1,9}|\\{\"[a-z]{1,3}\":[0-9.]{1,9}\\}|\\[[0-9,]{0,5}\\])",
        ) {
            let shown = back(kind, &content);
            proptest::prop_assert_eq!(&shown["type"], kind);
            match &shown["content"] {
                Value::String(text) => proptest::prop_assert_eq!(text, &content),
                card => {
                    proptest::prop_assert_eq!(kind, 4);
                    proptest::prop_assert_eq!(card, &serde_json::from_str::<Value>(&content).unwrap());
                }
            }
        }

        #[test]
        fn any_body_is_shown(kind in "(text|image|link|wokchat.custom|file|card|location|red-packet|x)", body in "\\PC{0,40}") {
            proptest::prop_assert!(serde_json::to_string(&shown(&kind, &body)).is_ok());
        }
    }
}
