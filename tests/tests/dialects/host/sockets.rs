use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::parrot::{Cage, Talk};
use crate::harness::eventually;

#[tokio::test]
async fn frames_are_answered_in_their_order() {
    let cage = Cage::new().await;
    let mut talk = cage.bound("ann").await;
    for n in 0..200 {
        talk.send(&format!("say {n}")).await;
    }
    for n in 0..200 {
        assert_eq!(talk.next().await, format!("echo say {n}"));
    }
    talk.send("many 3").await;
    talk.send("last").await;
    for frame in ["many 1", "many 2", "many 3", "echo last"] {
        assert_eq!(talk.next().await, frame);
    }
    talk.send("silent").await;
    talk.is_quiet().await;
}

#[tokio::test]
async fn a_connection_is_bound_once_and_its_calls_know_to_whom() {
    let cage = Cage::new().await;
    let mut talk = cage.talk().await;
    assert!(talk.ask("who").await.starts_with("who - - "));
    assert_eq!(talk.ask("login ann phone").await, "bound ann ");
    assert!(talk.ask("who").await.starts_with("who ann phone "));
    assert!(talk.ask("login bob").await.starts_with("unbound bob "));
    assert!(talk.ask("who").await.starts_with("who ann phone "));
    let watching = cage.app.user("bob").await;
    let presence = watching.call("presence.get", json!({ "users": ["ann"] })).await;
    assert_eq!(presence["presence"][0]["devices"], json!(["phone"]));
}

#[tokio::test]
async fn who_is_not_let_in_is_not_bound() {
    let cage = Cage::new().await;
    cage.app.user("ann").await;
    let ban = format!("/apps/{}/users/ann/ban", cage.app.id);
    cage.app.server.admin("POST", &ban, json!({})).await.ok();
    let mut talk = cage.talk().await;
    assert!(talk.ask("login ann").await.starts_with("unbound ann "));
    assert_eq!(talk.ask("login bob").await, "bound bob ", "and may try again");
    cage.app.change(json!({ "open_logins": false })).await;
    let mut talk = cage.talk().await;
    assert!(talk.ask("login carol").await.starts_with("unbound carol "));
}

#[tokio::test]
async fn nobody_acts_as_somebody_else() {
    let cage = Cage::new().await;
    let [ann, bob] = cage.app.users(["ann", "bob"]).await;
    let mut talk = cage.bound("ann").await;
    let id = ann.conversation("direct", &[&bob]).await;
    assert_eq!(talk.next().await, format!("created {id} 2"));
    let forged = talk.ask(&format!("send-as bob {id} forged")).await;
    assert!(forged.starts_with("unsent "), "{forged}");
    let own = talk.ask(&format!("send {id} mine")).await;
    assert!(own.starts_with("sent "), "{own}");
    assert_eq!(ann.texts(id).await, ["mine"]);
}

#[tokio::test]
async fn a_dialect_that_fails_keeps_its_connections() {
    let cage = Cage::new().await;
    let mut talk = cage.talk().await;
    assert_eq!(talk.ask("keep safe").await, "kept");
    assert_eq!(talk.ask("trap").await, "fault FaultKind::Failed trap");
    assert_eq!(talk.ask("state").await, "state safe");
    assert_eq!(talk.ask("spin").await, "fault FaultKind::Failed spin");
    assert_eq!(talk.ask("state").await, "state safe");
    assert_eq!(talk.ask("bloat").await, "fault FaultKind::Failed bloat");
    assert_eq!(talk.ask("huge").await, "fault FaultKind::Failed huge");
    assert_eq!(talk.ask("state").await, "state safe");
    // What was done before it failed is done.
    assert!(talk.ask("login-trap ann").await.starts_with("fault "));
    assert!(talk.ask("who").await.starts_with("who ann "));
}

#[tokio::test]
async fn bad_frames_are_answered_and_the_connection_stays() {
    let cage = Cage::new().await;
    let mut talk = cage.talk().await;
    talk.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(talk.next().await, "fault FaultKind::Malformed ");
    for size in [(64 << 10) + 1, 256 << 10, 1000 << 10] {
        assert_eq!(
            talk.ask(&"x".repeat(size)).await,
            "fault FaultKind::TooLarge ",
            "{size}"
        );
    }
    talk.send_message(Message::Ping(vec![1].into())).await;
    assert_eq!(talk.ask("").await, "echo ");
    talk.is_quiet().await;
}

#[tokio::test]
async fn a_socket_may_be_refused_by_the_dialect() {
    let cage = Cage::new().await;
    let refused = async |query: &str| {
        let opened = Talk::open(cage.address(), &format!("{}/talk?{query}", cage.prefix)).await;
        opened.err().unwrap_or_else(|| panic!("{query} was let in"))
    };
    assert_eq!(refused("refuse=403").await, (403, json!({ "refused": true })));
    assert_eq!(refused("refuse=700").await.0, 418);
    let (status, body) = refused("open=trap").await;
    assert_eq!((status, &body["fault"]), (418, &json!("FaultKind::Failed")));
    // Whoever was bound before the refusal is not there.
    let watching = cage.app.user("bob").await;
    let presence = watching.call("presence.get", json!({ "users": ["ann"] })).await;
    assert_eq!(presence["presence"][0]["online"], false);
}

#[tokio::test]
async fn the_end_is_told_with_what_was_kept() {
    let cage = Cage::new().await;
    let mut talk = cage.bound("ann").await;
    assert_eq!(talk.ask("keep last words").await, "kept");
    assert_eq!(talk.ask("quit").await, "quit");
    assert_eq!(talk.rest().await, (vec![], 1000));
    let mut gone = cage.bound("bob").await;
    assert_eq!(gone.ask("keep x").await, "kept");
    drop(gone);
    for (user, words) in [("ann", "CloseReason::Gone last words"), ("bob", "CloseReason::Gone x")] {
        let told = eventually("the end to be told", async || {
            let told = cage.kept(&format!("closed/{user}")).await;
            told.as_str().map(str::to_owned)
        });
        assert_eq!(told.await, words);
    }
}
