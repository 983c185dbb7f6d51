//! The socket: the object inside `message`, both ways.

use serde_json::{Value, json};

use super::desk::{BAD_TOKEN, Desk, NO_TOKEN, Person, Wire, each, object};

async fn pair(desk: &Desk) -> (Person, Person, Wire, Wire) {
    let [me, peer, _] = desk.three().await;
    let (mine, theirs) = (desk.connect(&me).await, desk.connect(&peer).await);
    (me, peer, mine, theirs)
}

#[tokio::test]
async fn k10_the_printed_object_goes_both_ways() {
    let desk = Desk::new().await;
    let (me, peer, mut mine, mut theirs) = pair(&desk).await;
    let mut also_mine = desk.connect(&me).await;
    // As the document prints it, with what this desk calls its users.
    let up = json!({
        "content": "123", "deleteTime": 0, "encryptType": 0, "fileSize": 0, "fileTime": 0, "fromUserId": me.id,
        "fromUserName": "张益达", "isEncrypt": false, "isReadDel": false, "location_x": 0.0, "location_y": 0.0,
        "messageHead": { "chatType": 1, "from": format!("{}/web", me.id), "messageId": "skimweb_100164161404837631184",
            "offline": false, "to": peer.id },
        "timeSend": 1_614_048_376_311_u64, "toUserId": peer.id, "toUserName": "测试001", "type": 1,
    });
    let echo = mine.ask(up.clone()).await;
    let down = theirs.heard(1).await;
    assert_eq!(down, echo);
    assert_eq!(
        also_mine.heard(1).await,
        echo,
        "the user's other connection hears it too"
    );
    let mut expected = up.clone();
    expected["timeSend"] = echo["timeSend"].clone();
    assert_eq!(echo, expected, "all but the time is the client's");
    let stored = desk.copies(&peer, &me).await[0].clone();
    assert_eq!(
        serde_json::from_str::<Value>(stored["message"].as_str().unwrap()).unwrap(),
        echo
    );
    // Sending it again stores nothing.
    assert_eq!(mine.ask(up).await, echo);
    assert_eq!(desk.copies(&me, &peer).await.len(), 1);
}

#[tokio::test]
async fn k10_every_type_arrives_as_it_was_sent() {
    let desk = Desk::new().await;
    let (_, peer, mut mine, mut theirs) = pair(&desk).await;
    for (n, said) in [
        json!({ "type": 2, "content": "/files/a.png", "fileName": "a.png", "fileSize": 2048, "location_x": 640, "location_y": 480 }),
        json!({ "type": 3, "content": "https://h.example/v.amr", "fileTime": 7, "isReadDel": true }),
        json!({ "type": 4, "content": "/map.png", "location_x": 24.5, "location_y": 118.1, "objectId": "厦门站" }),
        json!({ "type": 6, "content": "https://h.example/v.mp4", "fileTime": 12, "fileSize": 99 }),
        json!({ "type": 8, "content": "测试001", "objectId": peer.id }),
        json!({ "type": 9, "content": "https://h.example/%E6%8A%A5.pdf", "fileName": "报.pdf", "fileSize": 5 }),
        json!({ "type": 82, "content": "{\"title\":\"N\",\"url\":\"https://n.example/\",\"img\":\"\"}" }),
        json!({ "type": 5, "content": "smile.gif" }),
        json!({ "type": 85, "content": "[]", "objectId": "聊天记录", "own": { "a": [1] } }),
        json!({ "type": 1, "content": "burn", "isReadDel": true, "deleteTime": 60 }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut up = object(&peer.id, &format!("n{n}"), "");
        up.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let echo = mine.ask(up).await;
        assert_eq!(theirs.heard(said["type"].as_i64().unwrap()).await, echo);
        for (key, value) in said.as_object().unwrap() {
            assert_eq!(&echo[key], value, "{key} of {said}: {echo}");
        }
    }
}

#[tokio::test]
async fn k10_rooms_speak_and_tell_of_changes() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let mut theirs = desk.connect(&first).await;
    let mut mine = desk.connect(&me).await;
    let (jid, id) = desk.room(&me, "测试群", &[&first]).await;
    let told = theirs.heard(907).await;
    assert_eq!(
        (&told["toUserId"], &told["content"]),
        (&json!(first.id), &json!("测试群"))
    );
    assert_eq!(
        (&told["objectId"], &told["fileName"]),
        (&json!(jid), &json!(id)),
        "also while the room is made"
    );
    let echo = mine.ask(object(&jid, "r1", "不好")).await;
    assert_eq!(
        (&echo["toUserName"], &echo["messageHead"]["chatType"]),
        (&json!("测试群"), &json!(2))
    );
    assert_eq!(theirs.heard(1).await, echo);
    let phones = format!("[{}]", second.phone);
    desk.did(&me, "/room/member/update", &[("roomId", &id), ("phones", &phones)])
        .await;
    assert_eq!(theirs.heard(907).await["toUserId"], second.id);
    desk.did(
        &me,
        "/room/update",
        &[("roomId", &id), ("roomName", "新名"), ("notice", "公告")],
    )
    .await;
    assert_eq!(theirs.heard(902).await["content"], "新名");
    assert_eq!(theirs.heard(905).await["content"], "公告");
    desk.did(&me, "/room/update", &[("roomId", &id), ("showRead", "1")])
        .await;
    let switch = theirs.heard(915).await;
    assert_eq!(
        (&switch["content"], &switch["fromUserId"]),
        (&json!("1"), &json!(me.id))
    );
    desk.did(&me, "/room/member/delete", &[("roomId", &id), ("userId", &second.id)])
        .await;
    assert_eq!(theirs.heard(904).await["toUserId"], second.id);
    desk.did(&me, "/room/transfer", &[("roomId", &id), ("toUserId", &first.id)])
        .await;
    assert_eq!(theirs.heard(925).await["toUserId"], first.id);
    // Each was told once, and what the socket has told the history keeps under the same name.
    let history = desk.history(&first, &jid).await;
    assert!(each(&history, "messageId").contains(&switch["messageHead"]["messageId"]));
    mine.ask(object(&jid, "r2", "end")).await;
    theirs.heard(1).await;
    assert!(theirs.kept().is_empty(), "{:#?}", theirs.kept());
}

#[tokio::test]
async fn k10_apps_without_system_messages_hear_of_changes_too() {
    let desk = Desk::with(json!({ "system_messages": false }), json!({})).await;
    let [me, first, second] = desk.three().await;
    let mut theirs = desk.connect(&first).await;
    let (jid, id) = desk.room(&me, "测试群", &[&first]).await;
    assert_eq!(theirs.heard(907).await["toUserId"], first.id);
    let phones = format!("[{}]", second.phone);
    desk.did(&me, "/room/member/update", &[("roomId", &id), ("phones", &phones)])
        .await;
    assert_eq!(theirs.heard(907).await["toUserId"], second.id);
    desk.did(&me, "/room/update", &[("roomId", &id), ("notice", "公告")])
        .await;
    assert_eq!(theirs.heard(905).await["content"], "公告");
    desk.did(&me, "/room/member/delete", &[("roomId", &id), ("userId", &second.id)])
        .await;
    assert_eq!(theirs.heard(904).await["objectId"], jid);
    assert!(desk.history(&me, &jid).await.is_empty());
}

#[tokio::test]
async fn k10_messages_are_taken_back_and_read() {
    let desk = Desk::new().await;
    let (me, peer, mut mine, mut theirs) = pair(&desk).await;
    mine.ask(object(&peer.id, "n1", "1")).await;
    theirs.heard(1).await;
    let mut read = object(&me.id, "n2", "n1");
    read["type"] = json!(26);
    assert_eq!(theirs.ask(read.clone()).await["type"], 26);
    assert_eq!(desk.copies(&me, &peer).await[0]["isRead"], 1);
    let mut back = object(&peer.id, "n3", "n1");
    back["type"] = json!(202);
    assert_eq!(mine.ask(back.clone()).await["type"], 202);
    let told = theirs.heard(202).await;
    assert_eq!((&told["content"], &told["fromUserId"]), (&json!("n1"), &json!(me.id)));
    assert!(desk.copies(&peer, &me).await.is_empty());
    back["content"] = json!("unknown");
    assert_eq!(mine.ask(back).await["resultCode"], 0);
}

#[tokio::test]
async fn k10_who_is_let_in() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    for (query, code) in [
        ("", NO_TOKEN),
        ("access_token=", NO_TOKEN),
        ("access_token=nonsense", BAD_TOKEN),
    ] {
        let refused = desk
            .try_connect(query)
            .await
            .err()
            .unwrap_or_else(|| panic!("{query} was let in"));
        assert_eq!((refused.0, &refused.1["resultCode"]), (401, &json!(code)), "{query}");
    }
    let wire = desk.connect(&me).await;
    let ban = format!("/users/{}/ban", me.id);
    desk.app.admin("POST", &ban, json!({ "reason": "x" })).await.ok();
    let last = wire.ended().await;
    assert_eq!(last.last().unwrap()["resultCode"], BAD_TOKEN, "{last:?}");
}

#[tokio::test]
async fn k10_another_login_is_told() {
    let desk = Desk::with(json!({ "login": "single" }), json!({})).await;
    let me = desk.register("18094152050", "张益达").await;
    let old = desk.connect(&me).await;
    let _new = desk.connect(&me).await;
    let last = old.ended().await;
    assert_eq!(last.last().unwrap()["resultMsg"], "账号已在其他设备登录", "{last:?}");
}

#[tokio::test]
async fn k10_bad_frames_have_an_answer() {
    let desk = Desk::new().await;
    let (me, peer, mut mine, _theirs) = pair(&desk).await;
    for text in [
        "",
        "x",
        "[]",
        "{}",
        "null",
        "{\"type\":1}",
        "{\"type\":\"x\",\"toUserId\":\"1\"}",
    ] {
        mine.send(text).await;
        assert_eq!(mine.failure().await["resultCode"], 0, "{text}");
    }
    let cases = [
        ("fromUserId", json!(peer.id)),
        ("type", json!(907)),
        ("type", json!(-1)),
        ("type", json!(900)),
        ("content", json!("")),
        ("content", json!("长".repeat(5_001))),
        (
            "messageHead",
            json!({ "messageId": "~x", "to": peer.id, "chatType": 1 }),
        ),
        ("messageHead", json!({ "messageId": "a".repeat(65), "to": peer.id })),
        ("messageHead", json!({ "messageId": "n", "to": me.id })),
        ("messageHead", json!({ "messageId": "n", "to": "999999" })),
        ("messageHead", json!({ "messageId": "n", "to": "no-such-room" })),
        ("messageHead", json!({ "messageId": "n", "to": peer.id, "chatType": 2 })),
        ("messageHead", json!({ "messageId": "n", "to": peer.id, "chatType": 3 })),
    ];
    for (field, value) in cases {
        let mut bad = object(&peer.id, "n", "x");
        bad[field] = value;
        let answer = mine.ask(bad.clone()).await;
        assert_eq!(answer["resultCode"], 0, "{bad}: {answer}");
        assert!(!answer["resultMsg"].as_str().unwrap().is_empty());
    }
    assert_eq!(
        mine.ask(object(&peer.id, "ok", "x")).await["content"],
        "x",
        "the connection goes on"
    );
}

#[tokio::test]
async fn k10_who_is_blocked_is_told() {
    let desk = Desk::new().await;
    let (me, peer, mut mine, _theirs) = pair(&desk).await;
    desk.app
        .stranger(&peer.id)
        .call("block.add", json!({ "user": me.id }))
        .await;
    assert_eq!(mine.ask(object(&peer.id, "n", "x")).await["resultCode"], 0);
}
