//! Types and their `extra`, and the kinds and bodies they are here: both ways, without loss. What a kind does not know goes
//! into the body's `attr` and comes back from it.

use serde_json::{Map, Value};

use crate::answer::{Done, Fault};
use crate::packet;

/// A message as the protocol has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// 1 text, 2 voice, 3 image, 4 location, 5 red packet, 6 card, 7 video, 8 file.
    pub number: u64,
    /// Words.
    pub content: String,
    /// All the rest.
    pub extra: Map<String, Value>,
}

/// A message as the server has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its kind.
    pub kind: &'static str,
    /// Its body.
    pub body: Map<String, Value>,
}

/// How a field's value differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Not at all.
    Same,
    /// An address: a bare name is a path on this server.
    Address,
    /// Yes is 1, no is 2.
    OneTwo,
}

/// A type that has a kind.
struct Kind {
    number: u64,
    name: &'static str,
    /// In words, for lists.
    label: &'static str,
    /// Its field here, the same in `extra`, and how they differ.
    fields: &'static [(&'static str, &'static str, Shape)],
    /// All of `extra` stays in `attr`, and the fields are copies for others to read.
    copies: bool,
}

const KINDS: [Kind; 6] = [
    Kind {
        number: 2,
        name: "voice",
        label: "[语音]",
        fields: &[
            ("url", "voice_url", Shape::Address),
            ("duration", "duration", Shape::Same),
        ],
        copies: false,
    },
    Kind {
        number: 3,
        name: "image",
        label: "[图片]",
        fields: &[
            ("url", "url", Shape::Address),
            ("thumb_url", "thumb_url", Shape::Address),
            ("width", "width", Shape::Same),
            ("height", "height", Shape::Same),
            ("thumb_width", "thumbWidth", Shape::Same),
            ("thumb_height", "thumbHeight", Shape::Same),
            ("original", "is_original", Shape::OneTwo),
        ],
        copies: false,
    },
    Kind {
        number: 4,
        name: "location",
        label: "[位置]",
        fields: &[
            ("latitude", "latitude", Shape::Same),
            ("longitude", "longitude", Shape::Same),
            ("name", "name", Shape::Same),
            ("address", "address", Shape::Same),
        ],
        copies: true,
    },
    Kind {
        number: 6,
        name: "card",
        label: "[名片]",
        fields: &[
            ("user", "app_user_id", Shape::Same),
            ("nickname", "nickname", Shape::Same),
            ("avatar", "head", Shape::Address),
        ],
        copies: true,
    },
    Kind {
        number: 7,
        name: "video",
        label: "[视频]",
        fields: &[
            ("url", "video_url", Shape::Address),
            ("cover_url", "cover_url", Shape::Address),
            ("duration", "videoTotalTime", Shape::Same),
            ("width", "width", Shape::Same),
            ("height", "height", Shape::Same),
            ("thumb_width", "thumbWidth", Shape::Same),
            ("thumb_height", "thumbHeight", Shape::Same),
        ],
        copies: false,
    },
    Kind {
        number: 8,
        name: "file",
        label: "[文件]",
        fields: &[
            ("url", "download_url", Shape::Address),
            ("name", "file_name", Shape::Same),
            ("size", "file_size", Shape::Same),
            ("etag", "etag", Shape::Same),
        ],
        copies: false,
    },
];

/// The type that is text.
const TEXT: u64 = 1;

/// From the protocol to the server.
///
/// # Errors
/// `BAD` if there is no such type, or a red packet without numbers.
pub fn store(content: Content) -> Done<Stored> {
    let Content {
        number,
        content,
        mut extra,
    } = content;
    let mut body = Map::new();
    // A text needs its text, all others need something.
    if !content.is_empty() || number == TEXT {
        body.insert("text".to_owned(), content.into());
    }
    let kind = match number {
        TEXT => "text",
        packet::NUMBER => packet::store(&mut body, &mut extra)?,
        _ => {
            let kind = KINDS.iter().find(|kind| kind.number == number);
            let kind = kind.ok_or_else(|| Fault::bad(format!("type {number} is not known")))?;
            translate(kind, &mut body, &mut extra);
            kind.name
        }
    };
    if !extra.is_empty() {
        body.insert("attr".to_owned(), extra.into());
    }
    Ok(Stored { kind, body })
}

fn translate(kind: &Kind, body: &mut Map<String, Value>, extra: &mut Map<String, Value>) {
    // The document spells a video's height `weight` where it is sent.
    if kind.name == "video"
        && !extra.contains_key("height")
        && let Some(height) = extra.remove("weight")
    {
        extra.insert("height".to_owned(), height);
    }
    for (here, there, shape) in kind.fields {
        if kind.copies {
            if let Some(copy) = extra.get(*there).and_then(|value| copied(here, value)) {
                body.insert((*here).to_owned(), copy);
            }
            continue;
        }
        let Some(value) = extra.remove(*there) else { continue };
        let value = match (shape, value) {
            (Shape::Address, Value::String(text)) => address(text).into(),
            (Shape::OneTwo, value) => match crate::params::whole_of(&value) {
                Some(1) => true.into(),
                Some(2 | 0) => false.into(),
                _ => value,
            },
            (_, value) => value,
        };
        body.insert((*here).to_owned(), value);
    }
    // Half a place is none.
    if kind.name == "location" && !(body.contains_key("latitude") && body.contains_key("longitude")) {
        body.remove("latitude");
        body.remove("longitude");
    }
}

/// A value that others can read as this field; none if it is something else there.
fn copied(here: &str, value: &Value) -> Option<Value> {
    let bound = match here {
        "latitude" => 90.0,
        "longitude" => 180.0,
        "avatar" => {
            let text = value.as_str()?;
            return (text.starts_with("http://") || text.starts_with("https://")).then(|| value.clone());
        }
        "user" => {
            return crate::params::text_of(value)
                .filter(|text| text.len() <= 64)
                .map(Value::from);
        }
        _ => {
            return value
                .as_str()
                .filter(|text| !text.is_empty() && text.chars().count() <= 100)
                .map(Value::from);
        }
    };
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (number.abs() <= bound).then(|| number.into())
}

/// A bare name becomes a path on this server; whatever names a scheme or a path is left to who checks it.
fn address(text: String) -> String {
    let bare = !text.is_empty() && !text.starts_with('/') && !text.contains([':', '\\', ' ']);
    if bare { format!("/{text}") } else { text }
}

/// From the server to the protocol. A kind that the protocol does not have is shown as text.
#[must_use]
pub fn show(kind: &str, body: &str) -> Content {
    let mut body: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    let content = match body.remove("text") {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let mut extra = match body.remove("attr") {
        Some(Value::Object(attr)) => attr,
        None | Some(Value::Null) => Map::new(),
        Some(other) => Map::from_iter([("attr".to_owned(), other)]),
    };
    if kind == packet::KIND {
        packet::show(body, &mut extra);
        return Content {
            number: packet::NUMBER,
            content,
            extra,
        };
    }
    let Some(known) = KINDS.iter().find(|known| known.name == kind) else {
        return Content {
            number: TEXT,
            content: words_of_unknown(kind, content, &body),
            extra,
        };
    };
    for (here, there, shape) in known.fields {
        let Some(value) = body.remove(*here) else { continue };
        let value = match (shape, value) {
            (Shape::OneTwo, Value::Bool(yes)) => Value::from(if yes { 1 } else { 2 }),
            (_, value) => value,
        };
        extra.entry(*there).or_insert(value);
    }
    if kind == "video"
        && let Some(height) = extra.get("height").cloned()
    {
        extra.entry("weight").or_insert(height);
    }
    for (name, value) in body {
        extra.entry(name).or_insert(value);
    }
    Content {
        number: known.number,
        content,
        extra,
    }
}

fn words_of_unknown(kind: &str, content: String, body: &Map<String, Value>) -> String {
    if !content.is_empty() || kind == "text" {
        return content;
    }
    let said = ["title", "url"].iter().filter_map(|name| body.get(*name)?.as_str());
    let said = said.collect::<Vec<_>>().join(" ");
    if kind == "link" && !said.is_empty() {
        said
    } else {
        format!("[{kind}]")
    }
}

/// A message in one line, for lists.
#[must_use]
pub fn words(kind: &str, body: &str, recalled: bool) -> String {
    if recalled {
        return "[撤回]".to_owned();
    }
    let shown = show(kind, body);
    if !shown.content.is_empty() {
        return shown.content;
    }
    if shown.number == packet::NUMBER {
        return "[红包]".to_owned();
    }
    let known = KINDS.iter().find(|known| known.number == shown.number);
    known.map_or_else(String::new, |known| known.label.to_owned())
}

#[cfg(test)]
mod tests;
