//! Histories and the list of chats.

use serde_json::{Value, json};

use super::desk::{Desk, each, list, object, shape};

fn printed(text: &str) -> Value {
    serde_json::from_str::<Value>(text).unwrap()["data"].clone()
}

/// What the printed `message` says, as its shape.
fn inside(entry: &Value) -> Value {
    shape(&serde_json::from_str(entry["message"].as_str().unwrap()).unwrap())
}

#[tokio::test]
async fn k4_each_side_has_its_own_copy() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    desk.say(&me, &peer.id, "skimweb_1", "你好").await;
    desk.say(&peer, &me.id, "skimweb_2", "11").await;
    let copies = desk.copies(&me, &peer).await;
    let expected = printed(include_str!("../../../../plugins/shiku/printed/msgs.json"));
    assert_eq!(shape(&copies[0]), shape(&expected[1]));
    assert_eq!(inside(&copies[0]), inside(&expected[1]));
    assert_eq!(each(&copies, "content"), ["11", "你好"], "newest first");
    assert_eq!(each(&copies, "direction"), [1, 0]);
    assert_eq!(each(&copies, "messageId"), ["skimweb_2", "skimweb_1"]);
    for copy in &copies {
        assert_eq!((&copy["sender"], &copy["receiver"]), (&json!(me.id), &json!(peer.id)));
    }
    assert_eq!(copies[0]["sender_jid"], format!("{}/web", peer.id));
    let theirs = desk.copies(&peer, &me).await;
    assert_eq!(each(&theirs, "direction"), [0, 1]);
    assert_eq!(theirs[0]["sender"], peer.id);
    // By now both have read what the other has said.
    assert_eq!(each(&desk.copies(&me, &peer).await, "isRead"), [1, 1]);
}

#[tokio::test]
async fn k4_pages_and_times_bound_a_history() {
    let desk = Desk::new().await;
    let [me, peer, stranger] = desk.three().await;
    let mut wire = desk.connect(&me).await;
    let mut times = Vec::new();
    for n in 0..5 {
        let said = wire.ask(object(&peer.id, &format!("n{n}"), &n.to_string())).await;
        times.push(said["timeSend"].as_u64().unwrap());
    }
    let page = async |params: &[(&str, &str)]| {
        let receiver = [("receiver", peer.id.as_str())];
        each(
            &list(&desk.did(&me, "/tigase/shiku_msgs", &[&receiver, params].concat()).await),
            "content",
        )
    };
    assert_eq!(page(&[("pageIndex", "0"), ("pageSize", "2")]).await, ["4", "3"]);
    assert_eq!(page(&[("pageIndex", "1"), ("pageSize", "2")]).await, ["2", "1"]);
    assert_eq!(page(&[("pageIndex", "2"), ("pageSize", "2")]).await, ["0"]);
    assert!(page(&[("pageIndex", "3"), ("pageSize", "2")]).await.is_empty());
    // Both ends belong to it.
    let (from, to) = (times[1].to_string(), times[3].to_string());
    let within = page(&[("startTime", &from), ("endTime", &to)]).await;
    let expected: Vec<String> = (0..5)
        .rev()
        .filter(|n| (times[1]..=times[3]).contains(&times[*n]))
        .map(|n| n.to_string())
        .collect();
    assert_eq!(within, expected);
    assert!(within.contains(&json!("1")) && within.contains(&json!("3")));
    assert!(page(&[("startTime", &(times[4] + 1).to_string())]).await.is_empty());
    for bad in [("startTime", "x"), ("pageSize", "0"), ("pageIndex", "-1")] {
        desk.failed(&me, "/tigase/shiku_msgs", &[("receiver", &peer.id), bad])
            .await;
    }
    assert!(desk.copies(&me, &stranger).await.is_empty(), "they have not spoken");
    desk.failed(&me, "/tigase/shiku_msgs", &[("receiver", "999999")]).await;
    desk.failed(&me, "/tigase/shiku_msgs", &[("receiver", &me.id)]).await;
}

#[tokio::test]
async fn k4_a_room_s_history_tells_of_newcomers() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (jid, id) = desk.room(&me, "测试群", &[&first, &second]).await;
    let entries = desk.history(&me, &jid).await;
    let expected = printed(include_str!("../../../../plugins/shiku/printed/muc.json"));
    assert_eq!(each(&entries, "contentType"), [907, 907]);
    assert_eq!(
        (shape(&entries[0]), inside(&entries[0])),
        (shape(&expected[4]), inside(&expected[4]))
    );
    let told: Vec<Value> = entries
        .iter()
        .map(|entry| serde_json::from_str(entry["message"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(each(&told, "toUserId").len(), 2);
    assert!(each(&told, "toUserId").contains(&json!(first.id)) && each(&told, "toUserId").contains(&json!(second.id)));
    assert_eq!((&told[0]["fileName"], &told[0]["objectId"]), (&json!(id), &json!(jid)));
    assert_ne!(entries[0]["messageId"], entries[1]["messageId"]);
    assert_ne!(entries[0]["_id"], entries[1]["_id"]);
    // The printed switch, there and back.
    for value in ["1", "0"] {
        desk.did(&me, "/room/update", &[("roomId", &id), ("showRead", value)])
            .await;
    }
    desk.say(&first, &jid, "skimweb_1", "不好").await;
    let entries = desk.history(&second, &jid).await;
    assert_eq!(each(&entries, "contentType"), [1, 915, 915, 907, 907]);
    assert_eq!(each(&entries, "content"), ["不好", "0", "1", "测试群", "测试群"]);
    for (at, theirs) in [(0, 0), (1, 2)] {
        assert_eq!(shape(&entries[at]), shape(&expected[theirs]));
        assert_eq!(inside(&entries[at]), inside(&expected[theirs]));
    }
    let answer = desk.ask(&me, "/tigase/shiku_muc_msgs", &[("roomId", &jid)]).await;
    assert_eq!(answer["resultMsg"], "");
}

#[tokio::test]
async fn k4_chats_are_listed_with_their_last_entry() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (jid, _) = desk.room(&me, "测试群", &[&first, &second]).await;
    let chats = desk.chats(&me).await;
    let expected = printed(include_str!("../../../../plugins/shiku/printed/last.json"));
    assert_eq!(shape(&chats[0]), shape(&expected[0]));
    let room = &chats[0];
    assert_eq!(
        (&room["type"], &room["content"], &room["isRoom"]),
        (&json!(907), &json!("测试群"), &json!(1))
    );
    assert_eq!(
        (&room["jid"], &room["to"], &room["from"]),
        (&json!(jid), &json!(jid), &json!("10005/Server"))
    );
    assert_eq!(
        (&room["userId"], &room["fromUserName"]),
        (&json!(me.id), &json!("张益达"))
    );
    desk.say(&first, &me.id, "n1", "hi").await;
    let chats = desk.chats(&me).await;
    assert_eq!(each(&chats, "isRoom"), [0, 1], "the newest first");
    let chat = &chats[0];
    assert_eq!(
        (&chat["jid"], &chat["content"], &chat["type"]),
        (&json!(first.id), &json!("hi"), &json!(1))
    );
    assert_eq!(
        (&chat["from"], &chat["to"]),
        (&json!(format!("{}/web", first.id)), &json!(me.id))
    );
    assert_eq!(
        (&chat["fromUserName"], &chat["toUserName"]),
        (&json!("测试001"), &json!("张益达"))
    );
    assert_eq!(
        desk.did(&me, "/tigase/getLastChatList", &[("pageIndex", "1"), ("pageSize", "1")])
            .await[0]["jid"],
        jid
    );
}
