//! Fills in what a body leaves open and its address tells.

use crate::check::Fields;
use crate::kinds::Kind;
use crate::name;
use serde_json::value::to_raw_value;
use std::borrow::Cow;

/// Adds what is missing and can be known. Never changes a field that is there.
pub fn complete(kind: &Kind, fields: &mut Fields<'_>) {
    if kind.name == "image" {
        thumbnail(fields);
    }
    let from_url = text(fields, "url").as_deref().and_then(name::from_url);
    if let (Some(family), false) = (kind.media, fields.contains_key("mime")) {
        let named = text(fields, "name");
        let guess = [named.as_deref(), from_url.as_deref()]
            .into_iter()
            .flatten()
            .find_map(name::mime);
        if let Some(mime) = guess.filter(|mime| mime.starts_with(family)) {
            put(fields, "mime", mime);
        }
    }
    if kind.name == "file"
        && !fields.contains_key("name")
        && let Some(name) = from_url
    {
        put(fields, "name", &name);
    }
}

/// An image without a thumbnail is its own, and then its size is the thumbnail's.
fn thumbnail(fields: &mut Fields<'_>) {
    if fields.contains_key("thumb_url") || !fields.contains_key("url") {
        return;
    }
    let sized = fields.contains_key("thumb_width") || fields.contains_key("thumb_height");
    copy(fields, "url", "thumb_url");
    if !sized {
        copy(fields, "width", "thumb_width");
        copy(fields, "height", "thumb_height");
    }
}

fn copy(fields: &mut Fields<'_>, from: &str, to: &str) {
    if let Some(raw) = fields.get(from).cloned() {
        fields.insert(to.to_owned(), raw);
    }
}

fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn put(fields: &mut Fields<'_>, name: &str, value: &str) {
    if let Ok(raw) = to_raw_value(value) {
        fields.insert(name.to_owned(), Cow::Owned(raw));
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::kinds::find;
    use serde_json::{Value, json};

    fn run(kind: &str, body: Value) -> Value {
        serde_json::from_str(&check(find(kind).unwrap(), &body.to_string()).unwrap()).unwrap()
    }

    #[test]
    fn an_image_is_its_own_thumbnail() {
        assert_eq!(
            run(
                "image",
                json!({ "url": "http://www.mysiete.com/images/123.png", "width": "640", "height": 0 })
            ),
            json!({
                "url": "http://www.mysiete.com/images/123.png", "thumb_url": "http://www.mysiete.com/images/123.png",
                "width": 640, "thumb_width": 640, "mime": "image/png",
            })
        );
        let given = json!({ "url": "/a.jpg", "thumb_url": "/t.jpg", "width": 9, "height": 8, "mime": "image/jpeg" });
        assert_eq!(run("image", given.clone()), given);
    }

    #[test]
    fn a_file_is_named_after_its_address() {
        assert_eq!(
            run(
                "file",
                json!({ "url": "/f/%E6%8A%A5%E5%91%8A.pdf?x=1", "size": "2312432" })
            ),
            json!({ "url": "/f/%E6%8A%A5%E5%91%8A.pdf?x=1", "size": 2_312_432, "name": "报告.pdf", "mime": "application/pdf" })
        );
        assert_eq!(
            run("file", json!({ "url": "/f/1", "name": "新建文件夹.doc" }))["mime"],
            "application/msword"
        );
    }

    #[test]
    fn a_guess_must_fit_the_kind() {
        assert_eq!(
            run("voice", json!({ "url": "/a.mp4", "duration": "3" })),
            json!({ "url": "/a.mp4", "duration": 3 })
        );
        assert_eq!(run("voice", json!({ "url": "/456.mp3" }))["mime"], "audio/mpeg");
        assert_eq!(
            run("video", json!({ "url": "/789.mp4" })),
            json!({ "url": "/789.mp4", "mime": "video/mp4" })
        );
    }
}
