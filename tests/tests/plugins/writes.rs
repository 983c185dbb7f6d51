use serde_json::json;

use crate::harness::{App, Guest, eventually, guest};

#[tokio::test]
async fn what_a_policy_writes_waits_for_the_verdict() {
    let app = App::new().await;
    app.upload("naughty", guest(Guest::Naughty))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let send = |text: &str, nonce: &str| json!({ "conversation": id, "kind": "text", "body": { "text": text }, "nonce": nonce });

    alice
        .attempt("message.send", send("policy write-refuse", "a"))
        .await
        .unwrap_err()
        .is("naughty");
    let first = alice.call("message.send", send("policy write", "b")).await;
    let again = alice.call("message.send", send("policy write", "b")).await;
    assert_eq!((&again["id"], &again["duplicate"]), (&first["id"], &json!(true)));
    let texts = eventually("what the accepted call has sent", async || {
        let texts = alice.texts(id).await;
        (texts.len() > 1).then_some(texts)
    })
    .await;
    assert_eq!(texts, ["policy write", "written"]);
    // Whatever the refused and the repeated call had written would stand before this one's.
    alice.call("message.send", send("policy write", "c")).await;
    let texts = eventually("the second write", async || {
        let texts = alice.texts(id).await;
        (texts.len() > 3).then_some(texts)
    })
    .await;
    assert_eq!(texts, ["policy write", "written", "policy write", "written"]);
    let page = alice
        .call(
            "message.history",
            json!({ "conversation": id, "after_seq": 1, "limit": 1 }),
        )
        .await;
    let written = &page["messages"][0];
    assert_eq!(
        (&written["origin"], &written["from"]),
        (&json!("naughty"), &json!(null)),
        "{written}"
    );
}
