//! Two tenants know nothing of each other; and one tenant's users meet, whatever they speak.

use serde_json::json;

use super::desk::{BAD_TOKEN, Desk, data, each, form, list, object};

#[tokio::test]
async fn another_app_s_ids_do_not_exist() {
    let (ours, theirs) = (Desk::new().await, Desk::new().await);
    let [me, peer, _] = ours.three().await;
    let (jid, id) = ours.room(&me, "测试群", &[&peer]).await;
    ours.say(&me, &jid, "secret-name", "secret words").await;
    ours.say(&me, &peer.id, "secret-direct", "secret words").await;
    let name = ours.history(&me, &jid).await[1]["messageId"]
        .as_str()
        .unwrap()
        .to_owned();
    // A user of the other app with the same number and another with none of its.
    let spy = theirs.register("13900000000", "spy").await;
    assert_eq!(spy.id, me.id);
    for (path, params) in [
        ("/user/get", vec![("userId", "100003")]),
        ("/friends/add", vec![("toUserId", peer.id.as_str())]),
        ("/room/get", vec![("roomId", id.as_str())]),
        ("/room/get", vec![("roomId", jid.as_str())]),
        ("/room/update", vec![("roomId", id.as_str()), ("roomName", "x")]),
        ("/room/noticesPage", vec![("roomId", id.as_str())]),
        ("/room/member/list", vec![("roomId", id.as_str())]),
        (
            "/room/member/update",
            vec![("roomId", id.as_str()), ("phones", "[13900000000]")],
        ),
        (
            "/room/member/delete",
            vec![("roomId", id.as_str()), ("userId", peer.id.as_str())],
        ),
        (
            "/room/member/setOfflineNoPushMsg",
            vec![("roomId", id.as_str()), ("offlineNoPushMsg", "1"), ("type", "1")],
        ),
        (
            "/room/transfer",
            vec![("roomId", id.as_str()), ("toUserId", peer.id.as_str())],
        ),
        (
            "/room/add",
            vec![("jid", "mine"), ("name", "x"), ("phones", peer.phone.as_str())],
        ),
        ("/tigase/shiku_muc_msgs", vec![("roomId", jid.as_str())]),
        ("/tigase/shiku_msgs", vec![("receiver", peer.id.as_str())]),
        (
            "/tigase/deleteMsg",
            vec![("type", "2"), ("delete", "2"), ("messageId", name.as_str())],
        ),
        (
            "/tigase/deleteMsg",
            vec![("type", "1"), ("delete", "1"), ("messageId", "secret-direct")],
        ),
        ("/tigase/dialog/add", vec![("jid", jid.as_str())]),
        ("/tigase/dialog/add", vec![("jid", peer.id.as_str())]),
        (
            "/console/oneSendOne",
            vec![
                ("type", "1"),
                ("content", "x"),
                ("sendPhone", "13900000000"),
                ("toUserPhone", &peer.phone),
            ],
        ),
    ] {
        theirs.failed(&spy, path, &params).await;
    }
    let found = theirs.did(&spy, "/tigase/search", &[("content", "secret")]).await;
    assert_eq!(
        found,
        json!({ "shikuMsgs": [], "friend": [], "mucmsgs": [], "group": [] })
    );
    // The same jid is free in the other app, and means another room.
    theirs.did(&spy, "/room/add", &[("jid", &jid), ("name", "own")]).await;
    assert_eq!(theirs.did(&spy, "/room/list/his", &[]).await[0]["name"], "own");
    assert_eq!(ours.did(&me, "/room/get", &[("roomId", &jid)]).await["name"], "测试群");
    // And a token opens one app only.
    let token = [("access_token", me.token.as_str())];
    assert_eq!(theirs.get("/user/get", &token).await["resultCode"], BAD_TOKEN);
    assert_eq!(
        theirs.try_connect(&form(&token)).await.err().unwrap().1["resultCode"],
        BAD_TOKEN
    );
}

#[tokio::test]
async fn the_native_protocol_meets_this_one() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    let native = desk.app.stranger(&peer.id);
    let mut socket = native.connect().await;
    let mut wire = desk.connect(&me).await;
    let (jid, _) = desk.room(&me, "测试群", &[&peer]).await;
    wire.ask(object(&jid, "n1", "你好")).await;
    let told = socket.event("message.sent").await;
    let told = if told["data"]["kind"] == "system" {
        socket.event("message.sent").await
    } else {
        told
    };
    assert_eq!(told["data"]["body"]["text"], "你好");
    let conversation = told["data"]["conversation"].as_u64().unwrap();
    native.say(conversation, "from elsewhere").await;
    let heard = wire.heard(1).await;
    assert_eq!(
        (&heard["content"], &heard["fromUserName"]),
        (&json!("from elsewhere"), &json!("测试001"))
    );
    assert_eq!(heard["messageHead"]["to"], jid);
    // A picture, and a kind that nobody here knows.
    let image = json!({ "conversation": conversation, "kind": "image", "body": { "url": "/files/a.png", "width": 4, "height": 3 } });
    native.call("message.send", image).await;
    let heard = wire.heard(2).await;
    assert_eq!(
        (&heard["content"], &heard["location_x"]),
        (&json!("/files/a.png"), &json!(4))
    );
    // A room of another system is a room here.
    let group = json!({ "kind": "group", "name": "other room", "members": [me.id] });
    let made = native.call("conversation.create", group).await;
    let jid = format!("{:032x}", made["id"].as_u64().unwrap());
    let rooms = list(&desk.did(&me, "/room/list/his", &[]).await);
    assert!(each(&rooms, "jid").contains(&json!(jid)), "{rooms:?}");
    wire.ask(object(&jid, "n2", "hello")).await;
    assert_eq!(
        native.texts(made["id"].as_u64().unwrap()).await.last().unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn another_system_s_data_about_a_room_does_no_harm() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    let (jid, id) = desk.room(&me, "测试群", &[&peer]).await;
    let conversation = u64::from_str_radix(&id, 16).unwrap();
    let native = desk.app.stranger(&me.id);
    for ext in [
        json!({ "jid": "someone-else" }),
        json!({}),
        json!({ "jid": 5, "desc": [] }),
    ] {
        native
            .call(
                "conversation.update",
                json!({ "conversation": conversation, "ext": ext }),
            )
            .await;
        let room = data(&desk.ask(&peer, "/room/get", &[("roomId", &jid)]).await);
        assert_eq!(room["jid"], jid, "{ext}");
    }
    // Nobody can pose as a room by its own data.
    let posing = json!({ "kind": "group", "name": "posing", "members": [me.id], "ext": { "jid": jid } });
    let made = desk.app.stranger(&peer.id).call("conversation.create", posing).await;
    let own = format!("{:032x}", made["id"].as_u64().unwrap());
    let rooms = list(&desk.did(&me, "/room/list/his", &[]).await);
    assert!(each(&rooms, "jid").contains(&json!(own)), "{rooms:?}");
}
