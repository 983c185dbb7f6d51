use serde_json::json;

use super::club::Club;
use super::line::data;

#[tokio::test]
async fn s2_a_receiver_sees_who_says_what() {
    let club = Club::new().await;
    let [a, b] = club.people(["8", "b"]).await;
    let (mut up, mut down) = (a.line().await, b.line().await);
    let frame = json!({ "action": "chat", "nonce": "1594635219668NKtGhJ", "type": 1, "content": "你好", "extra": { "own": 1 },
        "to_app_user_id": "b" });
    let echo = up.done(frame).await;
    let told = down.action("chat").await;
    assert_eq!(
        (&told["code"], &told["nonce"], &told["user_id"], &told["msg_id"]),
        (&json!(200), &json!("1594635219668NKtGhJ"), &json!(8), &echo["msg_id"])
    );
    assert!(told["time"].as_u64().unwrap() > 1_600_000_000_000, "{told}");
    assert_eq!(
        data(&told),
        json!({ "app_user_id": "8", "to_app_user_id": "b", "nickname": "nick 8", "head": "http://img/8.jpg", "type": 1,
            "content": "你好", "extra": { "own": 1 } })
    );
    // The sender's other connection hears it too, the one that sent it only the result.
    let mut other = a.socket().await;
    other.system(19).await;
    up.say("b", "again").await;
    assert_eq!(data(&other.action("chat").await)["content"], "again");
    assert!(up.so_far().await.iter().all(|frame| frame["action"] != "chat"));
}

#[tokio::test]
async fn s3_the_result_is_the_frame_with_a_message_id() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let (mut up, mut down) = (a.line().await, b.line().await);
    let frame = json!({ "action": "chat", "nonce": "n1", "type": 1, "content": "hi", "extra": { "x": [1, "2"] }, "own": true,
        "to_app_user_id": "b" });
    let echo = up.done(frame.clone()).await;
    for (name, value) in frame.as_object().unwrap() {
        assert_eq!(&echo[name], value, "{name}");
    }
    assert!(
        echo["msg_id"].is_u64() && echo["time"].is_u64() && echo["user_id"].is_u64(),
        "{echo}"
    );
    assert!(echo.get("group_id").is_none());
    // The same nonce again is the same message.
    let again = up.ask(frame).await;
    assert_eq!((&again["code"], &again["msg_id"]), (&json!(831), &echo["msg_id"]));
    let group = a.group("g", &[&b]).await;
    let frame = json!({ "action": "groupChat", "nonce": "n2", "type": 1, "content": "hi all", "group_id": group });
    let echo = up.done(frame.clone()).await;
    assert_eq!(
        (&echo["group_id"], &data(&echo)["group_id"]),
        (&json!(group), &json!(group))
    );
    let told = down.action("groupChat").await;
    assert_eq!(
        (&told["group_id"], &told["msg_id"], &data(&told)["content"]),
        (&json!(group), &echo["msg_id"], &json!("hi all"))
    );
    assert_eq!(up.ask(frame).await["code"], 831);
    // Another user may use the same nonce.
    let frame = json!({ "action": "chat", "nonce": "n1", "type": 1, "content": "back", "to_app_user_id": "a" });
    assert_eq!(down.done(frame).await["code"], 200);
    // Told once.
    let chats = down
        .so_far()
        .await
        .iter()
        .filter(|frame| frame["action"] == "chat")
        .count();
    assert_eq!(chats, 1);
}

#[tokio::test]
async fn s3_400_names_what_is_wrong() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let group = a.group("g", &[&b]).await;
    let mut up = a.line().await;
    let good = json!({ "action": "chat", "type": 1, "content": "x", "extra": {}, "to_app_user_id": "b" });
    for (name, value) in [
        ("to_app_user_id", json!(null)),
        ("to_app_user_id", json!("nobody")),
        ("to_app_user_id", json!("a")),
        ("to_app_user_id", json!({})),
        ("to_app_user_id", json!("x".repeat(100))),
        ("type", json!(null)),
        ("type", json!("x")),
        ("type", json!(-1)),
        ("type", json!([])),
        ("content", json!({})),
        ("extra", json!("no json")),
        ("extra", json!([1])),
        ("extra", json!(5)),
        ("action", json!("groupChat")),
        ("action", json!("dance")),
        ("nonce", json!("~mine")),
        ("nonce", json!("n".repeat(65))),
    ] {
        let mut frame = good.clone();
        frame[name] = value.clone();
        assert_eq!(up.refused(frame).await, 400, "{name} {value}");
    }
    for (name, value) in [
        ("group_id", json!("999999999")),
        ("group_id", json!("x")),
        ("group_id", json!({})),
    ] {
        let frame = json!({ "action": "groupChat", "type": 1, "content": "x", name: value });
        assert_eq!(up.refused(frame).await, 400, "{value}");
    }
    for text in [
        "",
        "{",
        "[]",
        "7",
        "null",
        "\"chat\"",
        "{}",
        "{\"action\":5}",
        "{\"action\":\"chat\"}",
    ] {
        up.send_text(text).await;
        let answer = up.read("an answer").await.unwrap();
        assert_eq!(answer["code"], 400, "{text}: {answer}");
    }
    assert!(up.say_in(&group, "still here").await > 0);
}

#[tokio::test]
async fn s3_401_without_a_login() {
    let club = Club::new().await;
    let [a, _b] = club.people(["a", "b"]).await;
    let mut line = super::line::dial(&club, "")
        .await
        .unwrap_or_else(|status| panic!("{status}"));
    let frame = json!({ "action": "chat", "type": 1, "content": "x", "to_app_user_id": "b" });
    assert_eq!(line.refused(frame.clone()).await, 401);
    assert_eq!(line.refused(json!({ "action": "login" })).await, 401);
    assert_eq!(line.refused(json!({ "action": "login", "token": "wrong" })).await, 401);
    let echo = line.done(json!({ "action": "login", "token": a.token })).await;
    assert!(echo.get("token").is_none());
    line.system(19).await;
    line.done(frame).await;
    assert_eq!(line.refused(json!({ "action": "login", "token": a.token })).await, 400);
    for query in ["token=wrong", "token=sbu_0000"] {
        let refused = super::line::dial(&club, query).await.err().unwrap();
        assert!(
            refused.starts_with("401 ") && refused.contains("\"code\":401"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn s3_811_from_the_blacklist() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let (mut on_a, mut on_b) = (a.line().await, b.line().await);
    let to_b = json!({ "action": "chat", "type": 1, "content": "x", "to_app_user_id": "b" });
    // Also before the two have ever talked.
    b.done("/blacklist/add", json!({ "app_user_id": "a" })).await;
    b.done("/blacklist/add", json!({ "app_user_id": "a" })).await;
    assert_eq!(on_a.refused(to_b.clone()).await, 811);
    b.done("/blacklist/remove", json!({ "app_user_id": "a" })).await;
    b.done("/blacklist/remove", json!({ "app_user_id": "a" })).await;
    on_a.done(to_b.clone()).await;
    on_b.action("chat").await;
    b.done("/blacklist/add", json!({ "app_user_id": "a" })).await;
    assert_eq!(on_a.refused(to_b).await, 811);
    assert!(on_b.so_far().await.is_empty());
    for other in [json!("nobody"), json!("b"), json!(null), json!({})] {
        assert_eq!(b.refused("/blacklist/add", json!({ "app_user_id": other })).await, 400);
    }
}

#[tokio::test]
async fn s3_other_refusals_say_why() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let group = a.group("g", &[&b]).await;
    a.done("/group/edit", json!({ "group_id": group, "banned_to_post": 1 }))
        .await;
    let mut line = b.line().await;
    let frame = json!({ "action": "groupChat", "type": 1, "content": "x", "group_id": group });
    let echo = line.ask(frame).await;
    assert_eq!(echo["code"], 0, "{echo}");
    assert!(echo["msg"].as_str().unwrap().contains("owner"), "{echo}");
}
