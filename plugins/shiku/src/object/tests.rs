use super::*;
use proptest::prelude::*;

fn said(value: Value) -> Said {
    Said::read(value.as_object().unwrap()).unwrap()
}

#[test]
fn a_printed_text_is_a_text() {
    let object = json!({"content":"不好","deleteTime":0,"encryptType":0,"fileSize":0,"fileTime":0,"fromUserId":"100164",
        "fromUserName":"张益达","isEncrypt":false,"isReadDel":false,"location_x":0.0,"location_y":0.0,
        "messageHead":{"chatType":2},"timeSend":1613789795464_i64,"toUserId":"x","toUserName":"y","type":1});
    let (kind, body) = said(object.clone()).body();
    assert_eq!((kind, &body), ("text", &json!({ "text": "不好" })));
    let mut back = Said::of(kind, &body).object();
    for key in [
        "fromUserId",
        "fromUserName",
        "messageHead",
        "timeSend",
        "toUserId",
        "toUserName",
    ] {
        assert!(back.insert(key.to_owned(), object[key].clone()).is_none());
    }
    assert_eq!(Value::from(back), object);
}

#[test]
fn the_usual_types_are_the_usual_kinds() {
    for (object, kind, body) in [
        (
            json!({"type": 2, "content": "/files/a.png", "fileName": "a.png", "fileSize": 9, "location_x": 640, "location_y": 480}),
            "image",
            json!({"url": "/files/a.png", "name": "a.png", "size": 9, "width": 640, "height": 480}),
        ),
        (
            json!({"type": "3", "content": "http://h/v.amr", "fileTime": 7, "isReadDel": true}),
            "voice",
            json!({"url": "http://h/v.amr", "duration": 7, "attr": {"isReadDel": true}}),
        ),
        (
            json!({"type": 4, "content": "/map.png", "location_x": 24.5, "location_y": 118.1, "objectId": "厦门站"}),
            "location",
            json!({"url": "/map.png", "latitude": 24.5, "longitude": 118.1, "address": "厦门站"}),
        ),
        (
            json!({"type": 6, "content": "v.mp4", "fileTime": 3}),
            "video",
            json!({"text": "v.mp4", "duration": 3}),
        ),
        (
            json!({"type": 8, "content": "张益达", "objectId": "100164"}),
            "card",
            json!({"nickname": "张益达", "user": "100164"}),
        ),
        (
            json!({"type": 5, "content": "smile.gif"}),
            OTHER,
            json!({"type": 5, "text": "smile.gif"}),
        ),
    ] {
        let given = said(object);
        assert_eq!(given.clone().body(), (kind, body.clone()));
        assert_eq!(Said::of(kind, &body), given);
    }
}

#[test]
fn a_link_is_understood_and_kept() {
    let content = r#"{"title":"News","url":"https://n.example/1","img":"https://n.example/1.png","x":1}"#;
    let (kind, body) = said(json!({ "type": 82, "content": content })).body();
    assert_eq!(kind, "link");
    assert_eq!(
        (&body["url"], &body["title"]),
        (&json!("https://n.example/1"), &json!("News"))
    );
    assert_eq!(Said::of(kind, &body).content, content);
    let foreign = Said::of("link", &json!({"url": "https://a", "title": "A"}));
    assert_eq!(
        (foreign.kind, foreign.content.as_str()),
        (82, r#"{"img":"","title":"A","url":"https://a"}"#)
    );
}

#[test]
fn what_is_unknown_is_a_text() {
    assert_eq!(Said::of("wokchat.9", &json!({"text": "hi"})), Said::new(1, "hi"));
    assert_eq!(Said::of("poll", &json!({})), Said::new(1, "[poll]"));
    assert_eq!(Said::of("image", &json!("odd")), Said::new(2, ""));
}

#[test]
fn a_body_cannot_say_who_speaks() {
    let body = json!({"text": "x", "attr": {"fromUserId": "1", "messageHead": {}, "type": 907, "own": 1}});
    let object = Said::of("text", &body).object();
    assert_eq!((&object["type"], &object["own"]), (&json!(1), &json!(1)));
    assert!(!object.contains_key("fromUserId") && !object.contains_key("messageHead"));
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i32>().prop_map(Value::from),
        (-200.0..200.0_f64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::Null),
        Just(json!({ "a": [1] })),
    ]
}

proptest! {
    #[test]
    fn what_is_said_comes_back(
        kind in prop_oneof![Just(1_i64), Just(2), Just(3), Just(4), Just(6), Just(8), Just(9), Just(82), 1..900_i64],
        content in prop_oneof!["\\PC{1,30}", "https?://[a-z]{1,8}/[a-z]{0,5}", "/[a-z]{1,5}"],
        rest in prop::collection::btree_map(
            prop_oneof![
                Just("fileName"), Just("fileSize"), Just("fileTime"), Just("location_x"), Just("location_y"),
                Just("objectId"), Just("isReadDel"), Just("deleteTime"), Just("own"),
            ],
            any_value(),
            0..6,
        ),
    ) {
        let mut object: Map<String, Value> = rest.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        object.insert("type".into(), kind.into());
        object.insert("content".into(), content.into());
        let given = Said::read(&object).unwrap();
        let (name, body) = given.clone().body();
        prop_assert_eq!(&Said::of(name, &body), &given);
        // And again from its own words.
        prop_assert_eq!(Said::read(&given.object()).unwrap(), given);
    }

    #[test]
    fn nothing_stored_is_too_odd_to_show(kind in "[a-z.-]{1,12}", body in any_value(), attr in any_value()) {
        Said::of(&kind, &body).object();
        Said::of("image", &json!({ "attr": attr, "url": body })).object();
    }
}
