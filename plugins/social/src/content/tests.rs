use proptest::prelude::*;
use serde_json::json;

use super::*;

fn content(number: u64, content: &str, extra: Value) -> Content {
    Content {
        number,
        content: content.to_owned(),
        extra: extra.as_object().cloned().unwrap_or_default(),
    }
}

fn stored(number: u64, text: &str, extra: Value) -> (&'static str, Value) {
    let stored = store(content(number, text, extra)).unwrap();
    (stored.kind, stored.body.into())
}

#[test]
fn each_type_is_a_kind() {
    for (number, extra, kind, body) in [
        (1, json!({}), "text", json!({ "text": "x" })),
        (
            1,
            json!({ "own": [1] }),
            "text",
            json!({ "text": "x", "attr": { "own": [1] } }),
        ),
        (
            2,
            json!({ "voice_url": "/v.mp3", "duration": "3", "own": 1 }),
            "voice",
            json!({ "text": "x", "url": "/v.mp3", "duration": "3", "attr": { "own": 1 } }),
        ),
        (
            3,
            json!({ "url": "a.png", "width": 6, "height": "4", "is_original": "1", "thumb_url": "http://t", "thumbWidth": 3, "thumbHeight": 2 }),
            "image",
            json!({ "text": "x", "url": "/a.png", "width": 6, "height": "4", "original": true, "thumb_url": "http://t",
                "thumb_width": 3, "thumb_height": 2 }),
        ),
        (
            4,
            json!({ "latitude": "24.5", "longitude": 118.1, "name": "厦门站", "zoom": 3 }),
            "location",
            json!({ "text": "x", "latitude": 24.5, "longitude": 118.1, "name": "厦门站",
                "attr": { "latitude": "24.5", "longitude": 118.1, "name": "厦门站", "zoom": 3 } }),
        ),
        (
            5,
            json!({ "total": "100", "count": 3, "mode": 2, "state": "finished", "own": 1 }),
            "red-packet",
            json!({ "text": "x", "total": 100, "count": 3, "mode": "random", "attr": { "own": 1 } }),
        ),
        (
            6,
            json!({ "app_user_id": 7, "nickname": "小白", "head": "x.png" }),
            "card",
            json!({ "text": "x", "user": "7", "nickname": "小白",
                "attr": { "app_user_id": 7, "nickname": "小白", "head": "x.png" } }),
        ),
        (
            7,
            json!({ "video_url": "/v.mp4", "cover_url": "/c.png", "videoTotalTime": 9, "width": 6, "weight": 4 }),
            "video",
            json!({ "text": "x", "url": "/v.mp4", "cover_url": "/c.png", "duration": 9, "width": 6, "height": 4 }),
        ),
        (
            8,
            json!({ "file_name": "新建文件夹.doc", "file_size": 2_312_432, "etag": "dsf", "download_url": "/f" }),
            "file",
            json!({ "text": "x", "name": "新建文件夹.doc", "size": 2_312_432, "etag": "dsf", "url": "/f" }),
        ),
    ] {
        assert_eq!(stored(number, "x", extra), (kind, body));
    }
}

#[test]
fn what_is_no_type_is_refused() {
    for number in [0, 9, 12, 19, u64::MAX] {
        assert_eq!(store(content(number, "x", json!({}))).unwrap_err().code, 400);
    }
    for extra in [
        json!({}),
        json!({ "total": 5 }),
        json!({ "total": "x", "count": 1 }),
        json!({ "total": -1, "count": 1 }),
    ] {
        assert_eq!(store(content(5, "x", extra)).unwrap_err().code, 400);
    }
}

#[test]
fn an_address_with_a_scheme_is_for_the_kind_to_judge() {
    assert_eq!(
        stored(3, "", json!({ "url": "javascript:alert(1)" })).1,
        json!({ "url": "javascript:alert(1)" })
    );
    assert_eq!(stored(3, "", json!({ "url": "//host" })).1, json!({ "url": "//host" }));
    assert_eq!(
        stored(4, "", json!({ "latitude": 500, "longitude": 1 })).1["latitude"],
        Value::Null
    );
}

#[test]
fn a_video_is_shown_with_both_spellings_of_its_height() {
    let shown = show(
        "video",
        r#"{"url":"/v","height":4,"thumb_height":2,"mime":"video/mp4"}"#,
    );
    let expected = json!({ "video_url": "/v", "height": 4, "weight": 4, "thumbHeight": 2, "mime": "video/mp4" });
    assert_eq!((shown.number, Value::from(shown.extra)), (7, expected));
}

#[test]
fn an_image_says_whether_it_is_the_original() {
    for (original, shown) in [(true, 1), (false, 2)] {
        let body = json!({ "url": "/a", "original": original }).to_string();
        assert_eq!(show("image", &body).extra["is_original"], shown);
    }
}

#[test]
fn other_kinds_are_shown_as_text() {
    for (kind, body, text) in [
        ("text", r#"{"text":"hi"}"#, "hi"),
        ("text", "{}", ""),
        ("link", r#"{"url":"https://x","title":"News"}"#, "News https://x"),
        ("wokchat.9", r#"{"text":"nine","attr":{"a":1}}"#, "nine"),
        ("vote", "[]", "[vote]"),
        ("vote", "", "[vote]"),
    ] {
        let shown = show(kind, body);
        assert_eq!((shown.number, shown.content.as_str()), (1, text));
    }
}

#[test]
fn claimers_of_a_red_packet_are_named_by_both_ids() {
    let body = r#"{"total":9,"count":2,"left":4,"state":"open","claims":[{"user":"8","amount":5,"at":1}],"text":"go"}"#;
    let shown = show("red-packet", body);
    assert_eq!((shown.number, shown.content.as_str()), (5, "go"));
    let claims = json!([{ "app_user_id": "8", "user_id": 8, "amount": 5, "at": 1 }]);
    assert_eq!((&shown.extra["claims"], &shown.extra["left"]), (&claims, &json!(4)));
}

#[test]
fn lists_have_words_for_everything() {
    assert_eq!(words("image", r#"{"url":"/a"}"#, false), "[图片]");
    assert_eq!(words("image", r#"{"url":"/a","text":"our house"}"#, false), "our house");
    assert_eq!(words("red-packet", "{}", false), "[红包]");
    assert_eq!(words("text", "{}", true), "[撤回]");
}

fn json_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        proptest::collection::vec("[a-z]{0,3}", 0..3).prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn foreign_keys_survive_the_way_there_and_back(
        number in prop_oneof![Just(1u64), 2u64..=4, 6u64..=8],
        text in ".{1,20}",
        extra in proptest::collection::btree_map("x[a-z]{1,6}", json_value(), 0..6),
        url in "/[a-z]{1,9}",
    ) {
        let mut extra: Map<String, Value> = extra.into_iter().collect();
        for name in ["url", "voice_url", "video_url", "download_url"] {
            extra.insert(name.to_owned(), url.clone().into());
        }
        let sent = Content { number, content: text, extra };
        let stored = store(sent.clone()).unwrap();
        prop_assert_eq!(show(stored.kind, &Value::from(stored.body).to_string()), sent);
    }

    #[test]
    fn any_body_can_be_shown(kind in "[a-z.-]{1,10}|image|video|red-packet", body in ".{0,60}", value in json_value()) {
        let _ = show(&kind, &body);
        let body = json!({ "text": value, "attr": value, "claims": [value], "url": value, "original": value });
        let _ = words(&kind, &body.to_string(), false);
    }
}
