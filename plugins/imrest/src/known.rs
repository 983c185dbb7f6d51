//! What of a message's `attr` other protocols know by name, and back: so that a picture sent here has its size there,
//! and the length of a recording made there is seen here.

use serde_json::{Map, Value};

/// How a field is checked before it is copied; what does not fit stays in `attr` only.
#[derive(Clone, Copy)]
enum Shape {
    Whole(u64),
    Seconds,
    Flag,
    Text(usize),
    Address,
}

const SIZES: [(&str, Shape); 4] = [
    ("width", Shape::Whole(1_000_000)),
    ("height", Shape::Whole(1_000_000)),
    ("thumb_width", Shape::Whole(1_000_000)),
    ("thumb_height", Shape::Whole(1_000_000)),
];
const FILE: [(&str, Shape); 3] = [
    ("name", Shape::Text(255)),
    ("size", Shape::Whole(1 << 53)),
    ("etag", Shape::Text(256)),
];
const IMAGE: [(&str, Shape); 2] = [("thumb_url", Shape::Address), ("original", Shape::Flag)];
const VIDEO: [(&str, Shape); 2] = [("cover_url", Shape::Address), ("duration", Shape::Seconds)];
const VOICE: [(&str, Shape); 1] = [("duration", Shape::Seconds)];
const PLACE: [(&str, Shape); 3] = [
    ("name", Shape::Text(255)),
    ("address", Shape::Text(500)),
    ("zoom", Shape::Whole(30)),
];

/// Copies what the kind knows from `attr` into its body.
pub fn copy(kind: &str, attr: &Map<String, Value>, body: &mut Map<String, Value>) {
    let groups: &[&[(&str, Shape)]] = match kind {
        "image" => &[&SIZES, &FILE, &IMAGE],
        "video" => &[&SIZES, &FILE, &VIDEO],
        "voice" => &[&FILE, &VOICE],
        "file" => &[&FILE],
        "location" => &[&PLACE],
        _ => &[],
    };
    for (name, shape) in groups.iter().copied().flatten() {
        if let Some(value) = attr.get(*name).filter(|value| fits(value, *shape)) {
            body.insert((*name).to_owned(), value.clone());
        }
    }
    if kind == "location"
        && let (Some(latitude), Some(longitude)) = (degrees(attr, "latitude", 90.0), degrees(attr, "longitude", 180.0))
    {
        body.insert("latitude".to_owned(), latitude);
        body.insert("longitude".to_owned(), longitude);
    }
}

fn degrees(attr: &Map<String, Value>, name: &str, most: f64) -> Option<Value> {
    let value = attr.get(name)?;
    let number = value.as_f64()?;
    (-most..=most).contains(&number).then(|| value.clone())
}

fn fits(value: &Value, shape: Shape) -> bool {
    match shape {
        Shape::Whole(most) => value.as_u64().is_some_and(|number| (1..=most).contains(&number)),
        Shape::Seconds => value
            .as_f64()
            .is_some_and(|seconds| (0.0..=604_800.0).contains(&seconds)),
        Shape::Flag => value.is_boolean(),
        Shape::Text(most) => value
            .as_str()
            .is_some_and(|text| !text.is_empty() && text.chars().count() <= most),
        Shape::Address => value.as_str().is_some_and(is_address),
    }
}

/// Whether a message may carry this address: `http`, `https` or a path on this server.
pub fn is_address(url: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if url.chars().count() > 2048 || url.chars().any(bad) {
        return false;
    }
    let scheme = ["http://", "https://"].into_iter().find_map(|scheme| {
        let head = url.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
    });
    match scheme {
        Some(rest) => !rest.is_empty() && !rest.starts_with(['/', '?', '#']),
        None => url.starts_with('/') && !url.starts_with("//"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn copied(kind: &str, attr: Value) -> Value {
        let mut body = Map::new();
        copy(kind, attr.as_object().unwrap(), &mut body);
        body.into()
    }

    #[test]
    fn what_fits_is_copied_and_nothing_else() {
        let attr = json!({ "width": 640, "height": 0, "duration": 3, "name": "a.png", "own": [1] });
        assert_eq!(copied("image", attr.clone()), json!({ "width": 640, "name": "a.png" }));
        assert_eq!(copied("voice", attr.clone()), json!({ "duration": 3, "name": "a.png" }));
        assert_eq!(copied("text", attr), json!({}));
        let place = json!({ "latitude": 24.5, "longitude": 118, "zoom": "x" });
        assert_eq!(copied("location", place), json!({ "latitude": 24.5, "longitude": 118 }));
        assert_eq!(copied("location", json!({ "latitude": 24.5 })), json!({}));
    }

    #[test]
    fn addresses_are_the_webs_or_ours() {
        for good in ["http://a/x.png", "HTTPS://a", "/files/1/x.png"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "x.png", "javascript:x", "//a/b", "http://", "/a b", "ftp://a"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
