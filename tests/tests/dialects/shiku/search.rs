//! The search over everything.

use serde_json::{Value, json};

use super::desk::{Desk, each, list, shape};

#[tokio::test]
async fn k6_everything_is_found_by_words() {
    let desk = Desk::new().await;
    let [me, peer, stranger] = desk.three().await;
    desk.did(&me, "/friends/add", &[("toUserId", &peer.id)]).await;
    let (jid, _) = desk.room(&me, "群聊信息", &[&peer]).await;
    desk.say(&me, &peer.id, "a", "明天测试上线").await;
    desk.say(&peer, &jid, "b", "测试完成").await;
    desk.say(&me, &peer.id, "c", "hello").await;
    let find = async |by, text: &str| desk.did(by, "/tigase/search", &[("content", text)]).await;
    let found = find(&me, "测试").await;
    assert_eq!(each(&list(&found["friend"]), "nickname"), ["测试001"]);
    assert_eq!(each(&list(&found["shikuMsgs"]), "content"), ["明天测试上线"]);
    assert_eq!(each(&list(&found["mucmsgs"]), "content"), ["测试完成"]);
    assert_eq!(found["group"], json!([]));
    let printed: Value = serde_json::from_str(include_str!("../../../../plugins/shiku/printed/search.json")).unwrap();
    let printed = &printed["data"];
    assert_eq!(shape(&found["friend"][0]), shape(&printed["friend"][0]));
    let groups = find(&me, "群聊").await["group"].clone();
    assert_eq!(
        (&groups[0]["jid"], shape(&groups)),
        (&json!(jid), shape(&printed["group"]))
    );
    // The printed search finds the caller itself.
    assert_eq!(
        find(&me, "益达").await["friend"][0]["userId"]
            .as_u64()
            .unwrap()
            .to_string(),
        me.id
    );
    // What one is not in, and who is no friend, is not found.
    let none = json!({ "shikuMsgs": [], "friend": [], "mucmsgs": [], "group": [] });
    assert_eq!(find(&stranger, "测试").await, none);
    assert_eq!(find(&stranger, "群聊").await, none);
    assert_eq!(find(&me, "没有").await, none);
    for text in ["", " ", &"长".repeat(101)] {
        desk.failed(&me, "/tigase/search", &[("content", text)]).await;
    }
}
