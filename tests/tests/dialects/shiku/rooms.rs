//! Rooms: made, listed, changed, handed over, left and ended.

use serde_json::{Value, json};

use super::desk::{Desk, each, jid, list, shape};

fn printed(text: &str) -> Value {
    serde_json::from_str::<Value>(text).unwrap()["data"].clone()
}

#[tokio::test]
async fn k3_a_room_is_made_with_phones() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let jid = jid();
    let phones = format!("[{},{}]", first.phone, second.id);
    let params = [
        ("jid", jid.as_str()),
        ("name", "005"),
        ("desc", "005"),
        ("phones", phones.as_str()),
    ];
    let made = desk.did(&me, "/room/add", &params).await;
    assert_eq!(
        shape(&made),
        shape(&printed(include_str!("../../../../plugins/shiku/printed/created.json")))
    );
    assert_eq!(
        (&made["jid"], &made["name"], &made["desc"]),
        (&json!(jid), &json!("005"), &json!("005"))
    );
    assert_eq!((&made["nickname"], &made["members"]), (&json!("张益达"), &json!([])));
    // The jid is unique, also for others, and whoever is named must be there.
    for by in [&me, &first] {
        desk.failed(by, "/room/add", &params).await;
    }
    let other = super::desk::jid();
    for phones in ["[13000000000]", "[999999]", "[", "{}"] {
        let params = [("jid", other.as_str()), ("name", "x"), ("phones", phones)];
        desk.failed(&me, "/room/add", &params).await;
    }
    for jid in ["", "100164", "a b", "房", &"a".repeat(65), &format!("{:032x}", 17)] {
        desk.failed(&me, "/room/add", &[("jid", jid), ("name", "x")]).await;
    }
    desk.failed(&me, "/room/add", &[("jid", &other)]).await;
    // A jid that was refused is free.
    desk.did(&me, "/room/add", &[("jid", &other), ("name", "x")]).await;
}

#[tokio::test]
async fn k3_a_room_has_its_owner_first() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (jid, id) = desk.room(&second, "006", &[&first, &me]).await;
    let room = desk.did(&me, "/room/get", &[("roomId", &id)]).await;
    let seen = desk.did(&second, "/room/get", &[("roomId", &id)]).await;
    assert_eq!(
        shape(&seen),
        shape(&printed(include_str!("../../../../plugins/shiku/printed/room.json")))
    );
    let members = list(&room["members"]);
    assert_eq!(members.len(), 3);
    assert_eq!(
        (&members[0]["nickname"], &members[0]["role"]),
        (&json!("朋友001"), &json!(1))
    );
    assert_eq!((&members[1]["role"], &members[2]["role"]), (&json!(3), &json!(3)));
    assert_eq!(
        (&room["member"]["nickname"], &room["userSize"]),
        (&json!("张益达"), &json!(3))
    );
    assert_eq!((&room["jid"], &room["id"]), (&json!(jid), &json!(id)));
    let list = desk.did(&me, "/room/member/list", &[("roomId", &id)]).await;
    assert_eq!(list, room["members"]);
}

#[tokio::test]
async fn k3_rooms_are_listed() {
    let desk = Desk::new().await;
    let [me, first, _] = desk.three().await;
    let (jid, id) = desk.room(&me, "测试群", &[&first]).await;
    desk.room(&first, "without me", &[]).await;
    let rooms = list(
        &desk
            .did(&me, "/room/list/his", &[("pageIndex", "0"), ("pageSize", "50000")])
            .await,
    );
    assert_eq!(rooms.len(), 1);
    assert_eq!(
        shape(&rooms[0]),
        shape(&printed(include_str!("../../../../plugins/shiku/printed/rooms.json"))[0])
    );
    assert_eq!((&rooms[0]["jid"], &rooms[0]["id"]), (&json!(jid), &json!(id)));
    assert_eq!(
        desk.did(&me, "/room/list/his", &[("pageIndex", "1"), ("pageSize", "1")])
            .await,
        json!([])
    );
}

#[tokio::test]
async fn k3_names_and_announcements_change() {
    let desk = Desk::new().await;
    let [me, first, _] = desk.three().await;
    let (_, id) = desk.room(&me, "old", &[&first]).await;
    assert_eq!(
        desk.did(&me, "/room/update", &[("roomId", &id), ("roomName", "新名")])
            .await,
        json!({})
    );
    for text in ["测试", "测试2", "修改公告"] {
        let told = desk
            .did(&me, "/room/update", &[("roomId", &id), ("notice", text)])
            .await;
        assert_eq!(told["noticeId"].as_str().unwrap().len(), 24);
    }
    let page = [("roomId", id.as_str()), ("pageIndex", "0"), ("pageSize", "500")];
    let page = desk.did(&first, "/room/noticesPage", &page).await;
    let expected = printed(include_str!("../../../../plugins/shiku/printed/notices.json"));
    assert_eq!(shape(&page), shape(&expected));
    assert_eq!(
        each(&list(&page["pageData"]), "text"),
        each(&list(&expected["pageData"]), "text")
    );
    assert_eq!(
        (&page["total"], &page["pageData"][0]["roomId"]),
        (&json!(3), &json!(id))
    );
    let second = [("roomId", id.as_str()), ("pageIndex", "1"), ("pageSize", "2")];
    assert_eq!(
        each(
            &list(&desk.did(&me, "/room/noticesPage", &second).await["pageData"]),
            "text"
        ),
        ["测试"]
    );
    let room = desk.did(&first, "/room/get", &[("roomId", &id)]).await;
    assert_eq!(
        (&room["name"], &room["notice"]["text"]),
        (&json!("新名"), &json!("修改公告"))
    );
    assert_eq!(list(&room["notices"]).len(), 3);
    // A member may not.
    desk.failed(&first, "/room/update", &[("roomId", &id), ("roomName", "x")])
        .await;
    desk.failed(&first, "/room/update", &[("roomId", &id), ("notice", "x")])
        .await;
    desk.failed(&me, "/room/update", &[("roomId", &id)]).await;
    desk.failed(&me, "/room/update", &[("roomId", &id), ("notice", &"长".repeat(2_001))])
        .await;
}

#[tokio::test]
async fn k3_a_room_is_handed_over() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (_, id) = desk.room(&me, "006", &[&first]).await;
    desk.failed(&first, "/room/transfer", &[("roomId", &id), ("toUserId", &first.id)])
        .await;
    desk.failed(&me, "/room/transfer", &[("roomId", &id), ("toUserId", &second.id)])
        .await;
    assert!(
        desk.did(&me, "/room/transfer", &[("roomId", &id), ("toUserId", &first.id)])
            .await
            .is_null()
    );
    let room = desk.did(&me, "/room/get", &[("roomId", &id)]).await;
    assert_eq!(
        (&room["members"][0]["nickname"], &room["nickname"]),
        (&json!("测试001"), &json!("测试001"))
    );
}

#[tokio::test]
async fn k3_silence_and_pins_are_one_s_own() {
    let desk = Desk::new().await;
    let [me, first, _] = desk.three().await;
    let (_, one) = desk.room(&me, "one", &[&first]).await;
    let (_, two) = desk.room(&me, "two", &[&first]).await;
    let set = async |room: &str, kind: &str, on: &str, user: &str| {
        let params = [
            ("roomId", room),
            ("offlineNoPushMsg", on),
            ("type", kind),
            ("userId", user),
        ];
        desk.ask(&me, "/room/member/setOfflineNoPushMsg", &params).await["resultCode"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(set(&one, "1", "1", "0").await, 1);
    assert_eq!(set(&one, "0", "1", &me.id).await, 1);
    let rooms = list(&desk.did(&me, "/room/list/his", &[]).await);
    assert_eq!(each(&rooms, "name"), ["one", "two"], "the pinned one is first");
    let own = &rooms[0]["member"];
    assert_eq!(
        (&own["offlineNoPushMsg"], &own["isOpenTopChat"]),
        (&json!(1), &json!(1))
    );
    assert!(own["openTopChatTime"].as_u64().unwrap() > 0);
    // The later pin is the larger number, and comes first.
    assert_eq!(set(&two, "1", "1", "0").await, 1);
    let rooms = list(&desk.did(&me, "/room/list/his", &[]).await);
    assert_eq!(each(&rooms, "name"), ["two", "one"]);
    let times: Vec<u64> = rooms
        .iter()
        .map(|room| room["member"]["openTopChatTime"].as_u64().unwrap())
        .collect();
    assert!(times[0] > times[1], "{times:?}");
    let others = list(&desk.did(&first, "/room/list/his", &[]).await);
    assert!(others.iter().all(|room| room["member"]["openTopChatTime"] == 0));
    assert_eq!(set(&two, "1", "0", "0").await, 1);
    assert_eq!(
        each(&list(&desk.did(&me, "/room/list/his", &[]).await), "name"),
        ["one", "two"]
    );
    for (kind, on, user) in [
        ("2", "1", "0"),
        ("1", "2", "0"),
        ("1", "", "0"),
        ("x", "1", "0"),
        ("1", "1", &first.id),
    ] {
        assert_eq!(set(&one, kind, on, user).await, 0, "{kind} {on} {user}");
    }
}

#[tokio::test]
async fn k3_members_come_and_go() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (_, id) = desk.room(&me, "006", &[&first]).await;
    let size = async |by| {
        desk.did(by, "/room/get", &[("roomId", &id)]).await["userSize"]
            .as_u64()
            .unwrap()
    };
    // Every member may bring others in, as `allowInviteFriend` says.
    let phones = format!("[{}]", second.phone);
    desk.did(&first, "/room/member/update", &[("roomId", &id), ("phones", &phones)])
        .await;
    assert_eq!(size(&second).await, 3);
    for phones in ["", "[]", "[13000000000]"] {
        desk.failed(&me, "/room/member/update", &[("roomId", &id), ("phones", phones)])
            .await;
    }
    // A member does not put others out; the owner does; a member leaves.
    desk.failed(
        &first,
        "/room/member/delete",
        &[("roomId", &id), ("userId", &second.id)],
    )
    .await;
    desk.failed(&me, "/room/member/delete", &[("roomId", &id)]).await;
    desk.did(&me, "/room/member/delete", &[("roomId", &id), ("userId", &second.id)])
        .await;
    desk.failed(&second, "/room/get", &[("roomId", &id)]).await;
    desk.failed(&me, "/room/member/delete", &[("roomId", &id), ("userId", &second.id)])
        .await;
    desk.did(&first, "/room/member/delete", &[("roomId", &id), ("userId", &first.id)])
        .await;
    assert_eq!(size(&me).await, 1);
    // The owner ends it.
    let mut wire = desk.connect(&me).await;
    desk.did(&me, "/room/member/delete", &[("roomId", &id), ("userId", &me.id)])
        .await;
    desk.failed(&me, "/room/get", &[("roomId", &id)]).await;
    assert_eq!(desk.did(&me, "/room/list/his", &[]).await, json!([]));
    assert_eq!(wire.heard(903).await["messageHead"]["chatType"], 2);
}
