//! What else crosses over where both sides know it: taking back, reading, groups, blacklists.

use serde_json::{Value, json};

use super::party::{Party, Way};
use super::said::{Tongue, What};
use super::town::Town;
use crate::dialects::social::line::data;
use crate::harness::{Socket, User};

fn native(party: &mut Party) -> (&User, &mut Socket) {
    match &mut party.way {
        Way::Native(user, socket) => (user, socket),
        _ => panic!("not native"),
    }
}

#[tokio::test]
async fn what_is_taken_back_here_is_gone_there() {
    let town = Town::new().await;
    let mut ours = town.party(Tongue::Native, 1).await;
    let (mut wok, mut shiku) = (town.party(Tongue::Wokchat, 2).await, town.party(Tongue::Shiku, 2).await);
    // A native recall, seen by wokchat's history.
    ours.say(&town, &wok.uid.clone(), What::Text, "regretted").await;
    let heard = wok.hear(What::Text).await;
    let (user, _) = native(&mut ours);
    user.call("message.recall", json!({ "message": heard.whole["id"] }))
        .await;
    let Way::Wokchat(person, _) = &wok.way else {
        unreachable!()
    };
    let sessions = person.done("getSessionList", json!({ "pagesize": 10 })).await;
    let ask = json!({ "session_id": sessions["list"][0]["id"], "from_msg_id": 0, "pagesize": 10 });
    let list = person.done("getHistoryMessageList", ask).await;
    assert!(!list["list"].to_string().contains("regretted"), "{list}");
    // One of shiku's, heard by the native side.
    shiku.say(&town, &ours.uid.clone(), What::Text, "also").await;
    let heard = ours.hear(What::Text).await;
    let Way::Shiku(person, _) = &shiku.way else {
        unreachable!()
    };
    let params = [("type", "1"), ("delete", "2"), ("messageId", "n-also")];
    town.shiku.did(person, "/tigase/deleteMsg", &params).await;
    let (_, socket) = native(&mut ours);
    let recalled = socket.event("message.recalled").await;
    assert_eq!(recalled["data"]["id"], heard.whole["id"], "{recalled}");
}

#[tokio::test]
async fn who_has_read_is_told_across() {
    let town = Town::new().await;
    let mut ours = town.party(Tongue::Native, 1).await;
    let mut social = town.party(Tongue::Social, 2).await;
    ours.say(&town, &social.uid.clone(), What::Text, "read me").await;
    let Way::Social(line) = &mut social.way else {
        unreachable!()
    };
    let frame = line.action("chat").await;
    let ack = json!({ "action": "ack", "content": "", "extra": {}, "type": 1, "msg_id": frame["msg_id"], "status": 2,
        "app_user_ids": ours.uid });
    line.done(ack).await;
    let (user, socket) = native(&mut ours);
    let read = loop {
        let event = socket.event("receipt.changed").await;
        if event["data"]["user"] != json!(user.uid) {
            break event;
        }
    };
    assert_eq!(read["data"]["user"], json!(social.uid), "{read}");
    // And back.
    social.say(&town, &ours.uid.clone(), What::Text, "read me too").await;
    let (user, socket) = native(&mut ours);
    let event = loop {
        // What one sends by REST is told on one's socket as well.
        let event = socket.event("message.sent").await["data"].clone();
        if event["from"] == json!(social.uid) {
            break event;
        }
    };
    user.call(
        "receipt.read",
        json!({ "conversation": event["conversation"], "seq": event["seq"] }),
    )
    .await;
    let Way::Social(line) = &mut social.way else {
        unreachable!()
    };
    let told = line.action("ack").await;
    assert_eq!((&told["msg_id"], &told["status"]), (&event["id"], &json!(2)), "{told}");
}

#[tokio::test]
async fn a_group_is_a_group_everywhere() {
    let town = Town::new().await;
    let mut owner = town.party(Tongue::Native, 1).await;
    let mut others = Vec::new();
    for tongue in Tongue::ALL {
        others.push(town.party(tongue, 2).await);
    }
    let members: Vec<&str> = others.iter().map(|party| party.uid.as_str()).collect();
    let (user, _) = native(&mut owner);
    let group = user
        .call(
            "conversation.create",
            json!({ "kind": "group", "name": "everyone", "members": members }),
        )
        .await;
    let conversation = group["id"].clone();
    let message = json!({ "conversation": conversation, "kind": "text", "body": { "text": "hello all" } });
    user.call("message.send", message).await;
    for party in &mut others {
        match &mut party.way {
            Way::Social(line) => {
                let invited = data(&line.system(17).await);
                assert_eq!(invited["extra"]["group_info"]["group_name"], "everyone", "{invited}");
                let said = data(&line.action("groupChat").await);
                assert_eq!(said["content"], "hello all", "{said}");
            }
            Way::Shiku(_, wire) => {
                wire.heard(907).await;
                assert_eq!(wire.heard(1).await["content"], "hello all");
            }
            Way::Native(_, socket) => {
                let text = loop {
                    let event = socket.event("message.sent").await["data"].clone();
                    if event["kind"] == "text" {
                        break event["body"]["text"].clone();
                    }
                };
                assert_eq!(text, "hello all");
            }
            Way::Wokchat(person, page) => loop {
                let told = page.expect("new_message").await;
                let ask = json!({ "session_id": told["session"]["id"], "from_msg_id": 0, "pagesize": 1 });
                let list = person.done("getHistoryMessageList", ask).await;
                if list["list"][0]["content"] == "hello all" {
                    break;
                }
            },
            Way::Imrest(wire) => while wire.next().await["data"]["text"] != "hello all" {},
            Way::Hooks(wire) => while wire.next().await["info"]["data"]["text"] != "hello all" {},
        }
    }
    // It ends for all.
    let (user, _) = native(&mut owner);
    user.call("conversation.dissolve", json!({ "conversation": conversation }))
        .await;
    for party in &mut others {
        if let Way::Social(line) = &mut party.way {
            let over = data(&line.system(13).await);
            assert_eq!(over["group_id"], json!(conversation.to_string()), "{over}");
        }
    }
}

#[tokio::test]
async fn a_blacklist_counts_whoever_asks() {
    let town = Town::new().await;
    let mut ours = town.party(Tongue::Native, 1).await;
    let person = town.social.person("3002").await;
    let mut line = person.line().await;
    line.say(&ours.uid, "hello").await;
    let us = json!({ "app_user_id": ours.uid });
    person.done("/blacklist/add", us.clone()).await;
    let (user, _) = native(&mut ours);
    let made = user
        .call(
            "conversation.create",
            json!({ "kind": "direct", "members": [person.id] }),
        )
        .await;
    let message = json!({ "conversation": made["id"], "kind": "text", "body": { "text": "no" } });
    user.attempt("message.send", message.clone())
        .await
        .unwrap_err()
        .is("blocked");
    person.done("/blacklist/remove", us).await;
    user.call("message.send", message).await;
    // And the other way round.
    let uid = user.uid.clone();
    user.rest("PUT", &format!("/v1/blocks/{}", person.id), Value::Null)
        .await
        .ok();
    let frame = json!({ "action": "chat", "type": 1, "content": "x", "extra": {}, "to_app_user_id": uid });
    assert_eq!(line.refused(frame).await, 811);
}
