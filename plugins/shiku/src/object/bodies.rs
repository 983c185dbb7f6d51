//! The kinds and bodies of what is said, and back. Whatever no field of a body is for travels in its `attr`.

use serde_json::{Map, Value, json};

use super::{OTHER, Said};

/// The kind and the body that keep what is said.
pub fn body(said: Said) -> (&'static str, Value) {
    match said.kind {
        1 => text_body(said),
        2 => media("image", said),
        3 => media("voice", said),
        4 => location(said),
        6 => media("video", said),
        8 => card(said),
        9 => media("file", said),
        82 => link(said),
        _ => (OTHER, other(said)),
    }
}

/// What a stored body says.
pub fn said(kind: &str, body: &Value) -> Said {
    let mut said = match kind {
        "text" => Said::new(1, field(body, "text")),
        "image" => of_media(2, body),
        "voice" => of_media(3, body),
        "video" => of_media(6, body),
        "file" => of_media(9, body),
        "location" => of_location(body),
        "card" => of_card(body),
        "link" => of_link(body),
        "red-packet" => Said::new(28, field(body, "text")),
        OTHER => Said::new(body["type"].as_i64().unwrap_or(1), field(body, "text")),
        _ => {
            let words = field(body, "text");
            return Said::new(1, if words.is_empty() { format!("[{kind}]") } else { words });
        }
    };
    if let Some(attr) = body["attr"].as_object() {
        for (key, value) in attr {
            said.rest.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    said
}

fn text_body(said: Said) -> (&'static str, Value) {
    let mut body = Map::new();
    body.insert("text".to_owned(), said.content.into());
    keep(&mut body, said.rest);
    ("text", body.into())
}

fn media(kind: &'static str, mut said: Said) -> (&'static str, Value) {
    let mut body = Map::new();
    place_content(&mut body, &mut said);
    take(&mut body, "name", &mut said.rest, "fileName", |value| {
        value.as_str().is_some_and(|name| name.chars().count() <= 255)
    });
    take(&mut body, "size", &mut said.rest, "fileSize", |value| {
        value.as_u64().is_some_and(|size| size > 0 && size < 1 << 53)
    });
    if matches!(kind, "voice" | "video") {
        take(&mut body, "duration", &mut said.rest, "fileTime", |value| {
            value
                .as_f64()
                .is_some_and(|seconds| seconds > 0.0 && seconds <= 604_800.0)
        });
    }
    if kind == "image" {
        // Of a picture, the two coordinates are its width and height.
        take(&mut body, "width", &mut said.rest, "location_x", is_pixels);
        take(&mut body, "height", &mut said.rest, "location_y", is_pixels);
    }
    keep(&mut body, said.rest);
    (kind, body.into())
}

fn is_pixels(value: &Value) -> bool {
    value.as_u64().is_some_and(|pixels| (1..=100_000).contains(&pixels))
}

fn location(mut said: Said) -> (&'static str, Value) {
    let mut body = Map::new();
    place_content(&mut body, &mut said);
    let inside = |key: &str, bound: f64| {
        let value = said.rest.get(key).map_or(Some(0.0), Value::as_f64);
        value.is_some_and(|degrees| degrees.abs() <= bound)
    };
    if inside("location_x", 90.0) && inside("location_y", 180.0) {
        for (name, key) in [("latitude", "location_x"), ("longitude", "location_y")] {
            let degrees = said.rest.remove(key).unwrap_or(json!(0.0));
            body.insert(name.to_owned(), degrees);
        }
    }
    take(&mut body, "address", &mut said.rest, "objectId", |value| {
        value.as_str().is_some_and(|address| address.chars().count() <= 255)
    });
    keep(&mut body, said.rest);
    ("location", body.into())
}

fn card(mut said: Said) -> (&'static str, Value) {
    let mut body = Map::new();
    if said.content.chars().count() <= 100 {
        body.insert("nickname".to_owned(), said.content.into());
    } else {
        body.insert("text".to_owned(), said.content.into());
    }
    take(&mut body, "user", &mut said.rest, "objectId", |value| {
        value.as_str().is_some_and(|uid| (1..=64).contains(&uid.len()))
    });
    keep(&mut body, said.rest);
    ("card", body.into())
}

/// The content of a link is JSON; it is kept as it came, and what others understand of it is told to them.
fn link(said: Said) -> (&'static str, Value) {
    let told: Value = serde_json::from_str(&said.content).unwrap_or_default();
    let mut body = Map::new();
    let address = if told.is_object() {
        field(&told, "url")
    } else {
        said.content.clone()
    };
    let cover = [field(&told, "img"), field(&told, "imageUrl")]
        .into_iter()
        .find(|url| is_address(url));
    let words = [
        ("title", field(&told, "title")),
        ("description", field(&told, "subTitle")),
    ];
    for (name, value) in words
        .into_iter()
        .filter(|(_, value)| !value.is_empty() && value.chars().count() <= 200)
    {
        body.insert(name.to_owned(), value.into());
    }
    if is_address(&address) {
        body.insert("url".to_owned(), address.into());
    }
    if let Some(cover) = cover {
        body.insert("cover_url".to_owned(), cover.into());
    }
    let mut attr = said.rest;
    attr.insert("content".to_owned(), said.content.into());
    keep(&mut body, attr);
    ("link", body.into())
}

fn other(said: Said) -> Value {
    let mut body = Map::new();
    body.insert("type".to_owned(), said.kind.into());
    body.insert("text".to_owned(), said.content.into());
    keep(&mut body, said.rest);
    body.into()
}

fn of_media(kind: i64, body: &Value) -> Said {
    let mut said = of_content(kind, body);
    put(&mut said, "fileName", &body["name"]);
    put(&mut said, "fileSize", &body["size"]);
    put(&mut said, "fileTime", &body["duration"]);
    if kind == 2 {
        put(&mut said, "location_x", &body["width"]);
        put(&mut said, "location_y", &body["height"]);
    }
    said
}

fn of_location(body: &Value) -> Said {
    let mut said = of_content(4, body);
    let name = field(body, "name");
    if said.content.is_empty() {
        said.content.clone_from(&name);
    }
    put(&mut said, "location_x", &body["latitude"]);
    put(&mut said, "location_y", &body["longitude"]);
    let address = field(body, "address");
    let shown = if address.is_empty() { name } else { address };
    if !shown.is_empty() {
        put(&mut said, "objectId", &shown.into());
    }
    said
}

/// A card's user is a uid here and becomes a number in `entry`, where numbers are made.
fn of_card(body: &Value) -> Said {
    let content = ["nickname", "text", "phone"].map(|name| field(body, name));
    let mut said = Said::new(8, content.into_iter().find(|text| !text.is_empty()).unwrap_or_default());
    put(&mut said, "objectId", &body["user"]);
    said
}

fn of_link(body: &Value) -> Said {
    if let Some(content) = body["attr"]["content"].as_str() {
        return Said::new(82, content);
    }
    let parts = [
        ("title", "title"),
        ("url", "url"),
        ("subTitle", "description"),
        ("img", "cover_url"),
    ];
    let parts = parts.into_iter();
    let mut content: Map<String, Value> = parts
        .map(|(theirs, ours)| (theirs.to_owned(), field(body, ours).into()))
        .collect();
    content.retain(|key, value| matches!(key.as_str(), "title" | "url" | "img") || value != "");
    if content["title"] == "" {
        content.insert("title".to_owned(), field(body, "text").into());
    }
    Said::new(82, Value::from(content).to_string())
}

/// An address is the body's `url`, any other content its `text`; with an address, a text travels as a field.
fn place_content(body: &mut Map<String, Value>, said: &mut Said) {
    let content = std::mem::take(&mut said.content);
    if is_address(&content) {
        body.insert("url".to_owned(), content.into());
        take(body, "text", &mut said.rest, "text", |value| {
            value.as_str().is_some_and(|text| text.chars().count() <= 4_000)
        });
    } else if !content.is_empty() {
        body.insert("text".to_owned(), content.into());
    }
}

fn of_content(kind: i64, body: &Value) -> Said {
    let (url, text) = (field(body, "url"), field(body, "text"));
    if url.is_empty() {
        return Said::new(kind, text);
    }
    let mut said = Said::new(kind, url);
    if !text.is_empty() {
        put(&mut said, "text", &text.into());
    }
    said
}

fn take(
    body: &mut Map<String, Value>,
    ours: &str,
    rest: &mut Map<String, Value>,
    theirs: &str,
    fits: impl Fn(&Value) -> bool,
) {
    if let Some(value) = rest.get(theirs)
        && fits(value)
    {
        body.insert(ours.to_owned(), value.clone());
        rest.remove(theirs);
    }
}

fn put(said: &mut Said, key: &str, value: &Value) {
    if !value.is_null() {
        said.rest.insert(key.to_owned(), value.clone());
    }
}

/// What no field of the body is for goes into `attr`.
fn keep(body: &mut Map<String, Value>, rest: Map<String, Value>) {
    if !rest.is_empty() {
        body.insert("attr".to_owned(), rest.into());
    }
}

/// Whether a message may carry it as an address: `http`, `https`, or a path on this server.
fn is_address(content: &str) -> bool {
    let fits = content.len() <= 2_048
        && !content
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let web = ["http://", "https://"].iter().any(|scheme| {
        content
            .strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
    });
    fits && (web || (content.starts_with('/') && !content.starts_with("//")))
}

fn field(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_default().to_owned()
}
