//! Messages deleted for oneself, and taken back for everyone.

use serde_json::{Value, json};

use super::desk::{Desk, Person, each, object};

async fn delete(desk: &Desk, by: &Person, kind: &str, how: &str, names: &str, more: &[(&str, &str)]) -> Value {
    let params = [("type", kind), ("delete", how), ("messageId", names)];
    desk.ask(by, "/tigase/deleteMsg", &[&params, more].concat()).await["resultCode"].clone()
}

#[tokio::test]
async fn k5_one_s_own_copies_are_deleted() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    let mut wire = desk.connect(&me).await;
    for n in 1..=3 {
        wire.ask(object(&peer.id, &format!("skimweb_{n}"), &n.to_string()))
            .await;
    }
    assert_eq!(delete(&desk, &me, "1", "1", "skimweb_2，skimweb_3", &[]).await, 1);
    assert_eq!(each(&desk.copies(&me, &peer).await, "content"), ["1"]);
    assert_eq!(
        desk.chats(&me).await[0]["content"],
        "1",
        "the last entry is another now"
    );
    assert_eq!(each(&desk.copies(&peer, &me).await, "content"), ["3", "2", "1"]);
    assert_eq!(
        delete(&desk, &me, "1", "1", "skimweb_1", &[("companyMpId", &peer.id)]).await,
        1
    );
    assert!(desk.copies(&me, &peer).await.is_empty() && desk.chats(&me).await.is_empty());
    assert_eq!(desk.chats(&peer).await.len(), 1);
}

#[tokio::test]
async fn k5_taking_back_deletes_both_copies() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    desk.say(&me, &peer.id, "a", "1").await;
    desk.say(&me, &peer.id, "b", "2").await;
    desk.say(&peer, &me.id, "c", "theirs").await;
    let mut wire = desk.connect(&peer).await;
    assert_eq!(delete(&desk, &me, "1", "2", "b", &[]).await, 1);
    assert_eq!(wire.heard(202).await["content"], "b");
    for (by, with) in [(&me, &peer), (&peer, &me)] {
        assert_eq!(each(&desk.copies(by, with).await, "content"), ["theirs", "1"]);
    }
    assert_eq!(delete(&desk, &me, "1", "2", "c", &[]).await, 0, "it is not one's own");
    assert_eq!(delete(&desk, &peer, "1", "2", "c", &[]).await, 1);
    assert_eq!(desk.chats(&me).await[0]["content"], "1");
    // Pages have no gaps.
    let page = [("receiver", peer.id.as_str()), ("pageIndex", "0"), ("pageSize", "1")];
    assert_eq!(desk.did(&me, "/tigase/shiku_msgs", &page).await[0]["content"], "1");
}

#[tokio::test]
async fn k5_in_rooms_too() {
    let desk = Desk::new().await;
    let [me, first, _] = desk.three().await;
    let (jid, _) = desk.room(&me, "测试群", &[&first]).await;
    desk.say(&me, &jid, "a", "1").await;
    desk.say(&first, &jid, "b", "2").await;
    assert_eq!(
        delete(&desk, &first, "2", "2", "a", &[("roomJid", &jid)]).await,
        0,
        "a member only its own"
    );
    assert_eq!(delete(&desk, &first, "2", "1", "b", &[("roomJid", &jid)]).await, 1);
    assert_eq!(desk.chats(&first).await[0]["content"], "1");
    // Nothing that people have said is left: the room is gone from the list, and the system is silent too.
    assert_eq!(delete(&desk, &first, "2", "1", "a", &[]).await, 1);
    assert!(desk.chats(&first).await.is_empty() && desk.history(&first, &jid).await.is_empty());
    assert_eq!(each(&desk.history(&me, &jid).await, "content"), ["2", "1", "测试群"]);
    desk.say(&me, &jid, "c", "3").await;
    assert_eq!(desk.chats(&first).await[0]["content"], "3");
    // The owner takes back what a member has said.
    assert_eq!(delete(&desk, &me, "2", "2", "b,c", &[("roomJid", &jid)]).await, 1);
    assert_eq!(each(&desk.history(&me, &jid).await, "content"), ["1", "测试群"]);
}

#[tokio::test]
async fn k5_names_that_the_server_gave() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    let user = desk.app.stranger(&me.id);
    let made = user
        .call("conversation.create", json!({ "kind": "direct", "members": [peer.id] }))
        .await;
    user.say(made["id"].as_u64().unwrap(), "from elsewhere").await;
    let name = desk.copies(&me, &peer).await[0]["messageId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(name.starts_with('m'), "{name}");
    assert_eq!(delete(&desk, &peer, "1", "2", &name, &[]).await, 0);
    assert_eq!(delete(&desk, &me, "1", "2", &name, &[]).await, 1);
    assert!(desk.copies(&peer, &me).await.is_empty());
}

#[tokio::test]
async fn k5_what_cannot_be_deleted() {
    let desk = Desk::new().await;
    let [me, peer, stranger] = desk.three().await;
    let (jid, _) = desk.room(&me, "x", &[&peer]).await;
    desk.say(&me, &peer.id, "a", "1").await;
    desk.say(&me, &jid, "r", "1").await;
    let history = desk.history(&me, &jid).await;
    let system = history[1]["messageId"].as_str().unwrap();
    for (by, kind, how, names, more) in [
        (&me, "3", "1", "a", &[][..]),
        (&me, "1", "3", "a", &[]),
        (&me, "1", "1", "", &[]),
        (&me, "1", "1", ",", &[]),
        (&me, "1", "1", "a,unknown", &[]),
        (&me, "1", "1", "~x", &[]),
        (&me, "2", "1", "a", &[]),
        (&me, "1", "1", "r", &[]),
        (&stranger, "1", "1", "a", &[("companyMpId", me.id.as_str())]),
        (&stranger, "2", "1", "r", &[("roomJid", jid.as_str())]),
        (&stranger, "2", "1", system, &[]),
        (&stranger, "2", "2", system, &[]),
    ] {
        assert_eq!(
            delete(&desk, by, kind, how, names, more).await,
            0,
            "{kind} {how} {names}"
        );
    }
    assert_eq!(desk.copies(&me, &peer).await.len(), 1, "nothing was touched");
    let many = vec!["a"; 101].join(",");
    assert_eq!(delete(&desk, &me, "1", "1", &many, &[]).await, 0);
}
