use serde_json::{Value, json};

use super::club::Club;
use super::line::data;

/// What goes up, and what the receiver sees of it.
fn examples() -> Vec<(u64, Value, Value)> {
    vec![
        (
            1,
            json!({ "own": [1, { "a": null }] }),
            json!({ "own": [1, { "a": null }] }),
        ),
        (
            2,
            json!({ "voice_url": "http://x/v.mp3", "duration": 3 }),
            json!({ "voice_url": "http://x/v.mp3", "duration": 3 }),
        ),
        (
            3,
            json!({ "width": 640, "height": "480", "is_original": 1, "url": "http://x/a.png", "thumb_url": "http://x/t.png",
                "thumbWidth": 64, "thumbHeight": 48 }),
            json!({ "width": 640, "height": 480, "is_original": 1, "url": "http://x/a.png", "thumb_url": "http://x/t.png",
                "thumbWidth": 64, "thumbHeight": 48 }),
        ),
        // What is missing is completed.
        (
            3,
            json!({ "url": "http://x/a.png", "width": 6, "height": 4, "is_original": 2 }),
            json!({ "url": "http://x/a.png", "thumb_url": "http://x/a.png", "width": 6, "height": 4, "thumbWidth": 6,
                "thumbHeight": 4, "is_original": 2 }),
        ),
        (
            4,
            json!({ "latitude": "24.485407", "longitude": "118.096435", "title": "厦门站" }),
            json!({ "latitude": "24.485407", "longitude": "118.096435", "title": "厦门站" }),
        ),
        (
            6,
            json!({ "app_user_id": "u9", "nickname": "小白" }),
            json!({ "app_user_id": "u9", "nickname": "小白" }),
        ),
        (
            7,
            json!({ "video_url": "http://x/v.mp4", "cover_url": "http://x/c.png", "videoTotalTime": 15, "width": 720,
                "weight": 1280, "thumbWidth": 72, "thumbHeight": 128 }),
            json!({ "video_url": "http://x/v.mp4", "cover_url": "http://x/c.png", "videoTotalTime": 15, "width": 720,
                "height": 1280, "weight": 1280, "thumbWidth": 72, "thumbHeight": 128 }),
        ),
        (
            8,
            json!({ "file_name": "新建文件夹.doc", "file_size": 2_312_432, "etag": "dsfsfaegfsrgr", "download_url": "http://x/f" }),
            json!({ "file_name": "新建文件夹.doc", "file_size": 2_312_432, "etag": "dsfsfaegfsrgr", "download_url": "http://x/f" }),
        ),
    ]
}

#[tokio::test]
async fn s1_every_type_arrives_as_it_was_sent() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let (mut up, mut down) = (a.line().await, b.line().await);
    let group = a.group("types", &[&b]).await;
    for (number, extra, expected) in examples() {
        for (action, to) in [("chat", "to_app_user_id"), ("groupChat", "group_id")] {
            let to_id = if action == "chat" { "b" } else { &group };
            let frame = json!({ "action": action, "type": number, "content": "words", "extra": extra, to: to_id });
            let echo = up.done(frame).await;
            let told = down.action(action).await;
            let seen = data(&told);
            assert_eq!(
                (&seen["type"], &seen["content"]),
                (&json!(number), &json!("words")),
                "{told}"
            );
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&seen["extra"][name], value, "{name} of {number}: {seen}");
            }
            assert_eq!(data(&echo)["extra"], seen["extra"], "the sender is told what is stored");
            assert_eq!(echo["extra"], extra, "and what it has sent");
        }
    }
}

#[tokio::test]
async fn s1_bad_bodies_are_refused() {
    let club = Club::new().await;
    let [a, _b] = club.people(["a", "b"]).await;
    let mut up = a.line().await;
    for (number, extra) in [
        (0, json!({})),
        (9, json!({})),
        (12, json!({})),
        (19, json!({})),
        (2, json!({ "voice_url": "javascript:alert(1)" })),
        (2, json!({})),
        (3, json!({ "url": "data:text/html,x" })),
        (3, json!({ "url": "http://x/a.png", "width": -1 })),
        (3, json!({ "url": "http://x/a.png", "is_original": "maybe" })),
        (5, json!({ "total": 100 })),
        (5, json!({ "total": 2, "count": 3 })),
        (5, json!({ "total": 2_000_001, "count": 3 })),
        (7, json!({ "video_url": "//host/v" })),
        (8, json!({ "download_url": "http://x/f", "file_size": "big" })),
    ] {
        let frame = json!({ "action": "chat", "type": number, "content": "", "extra": extra, "to_app_user_id": "b" });
        assert_eq!(up.refused(frame).await, 400, "{number} {extra}");
    }
    let empty = json!({ "action": "chat", "type": 1, "content": "  ", "extra": {}, "to_app_user_id": "b" });
    assert_eq!(up.refused(empty).await, 400);
    let long = json!({ "action": "chat", "type": 1, "content": "长".repeat(5_001), "to_app_user_id": "b" });
    assert_eq!(up.refused(long).await, 400);
    assert!(up.say("b", "after all that").await > 0);
}

#[tokio::test]
async fn s1_fields_may_stand_beside_extra() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let (mut up, mut down) = (a.line().await, b.line().await);
    let frame = json!({
        "action": "chat", "type": "3", "content": "", "width": "640", "height": 480, "is_original": "2",
        "extra": "{\"url\":\"http://x/a.png\"}", "to_app_user_id": "b"
    });
    up.done(frame).await;
    let extra = data(&down.action("chat").await)["extra"].clone();
    assert_eq!(
        (&extra["width"], &extra["height"], &extra["is_original"], &extra["url"]),
        (&json!(640), &json!(480), &json!(2), &json!("http://x/a.png"))
    );
}
