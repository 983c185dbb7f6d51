//! Chats pinned to the top.

use serde_json::json;

use super::desk::{Desk, each, list};

#[tokio::test]
async fn k7_pins_are_ordered_by_time() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    let (jid, _) = desk.room(&me, "room", &[]).await;
    desk.say(&me, &first.id, "a", "1").await;
    desk.say(&me, &second.id, "b", "2").await;
    let order = async || each(&desk.chats(&me).await, "jid");
    assert_eq!(order().await, [second.id.as_str(), &first.id, &jid]);
    for pin in [&jid, &first.id] {
        let params = [("jid", pin.as_str()), ("isAdaptive", "1")];
        assert!(desk.did(&me, "/tigase/dialog/add", &params).await.is_null());
    }
    assert_eq!(
        order().await,
        [first.id.as_str(), &jid, &second.id],
        "the latest pin first"
    );
    desk.did(&me, "/friends/add", &[("toUserId", &first.id)]).await;
    let friend = desk.did(&me, "/friends/page", &[]).await["pageData"][0].clone();
    assert!(friend["openTopChatTime"].as_u64().unwrap() > 0, "{friend}");
    assert_eq!(
        list(&desk.did(&me, "/room/list/his", &[]).await)[0]["member"]["isOpenTopChat"],
        1
    );
    for pin in [&first.id, &jid] {
        desk.did(&me, "/tigase/dialog/delete", &[("jid", pin), ("isAdaptive", "1")])
            .await;
    }
    assert_eq!(order().await, [second.id.as_str(), &first.id, &jid]);
}

#[tokio::test]
async fn k7_who_has_not_spoken_can_be_pinned() {
    let desk = Desk::new().await;
    let [me, first, _] = desk.three().await;
    desk.did(&me, "/friends/add", &[("toUserId", &first.id)]).await;
    desk.failed(&me, "/tigase/dialog/delete", &[("jid", &first.id)]).await;
    desk.did(&me, "/tigase/dialog/add", &[("jid", &first.id), ("isAdaptive", "1")])
        .await;
    let friend = desk.did(&me, "/friends/page", &[]).await["pageData"][0].clone();
    assert!(friend["openTopChatTime"].as_u64().unwrap() > 0);
    assert!(desk.chats(&me).await.is_empty(), "there is nothing to show yet");
    for jid in ["999999", "no-such-room", "", &me.id] {
        assert_eq!(
            desk.ask(&me, "/tigase/dialog/add", &[("jid", jid)]).await["resultCode"],
            json!(0),
            "{jid}"
        );
    }
}
