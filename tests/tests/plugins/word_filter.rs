use serde_json::json;

use crate::harness::{App, bundled, text_to};

#[tokio::test]
async fn listed_words_are_masked_or_refused() {
    let app = App::new().await;
    app.upload("word-filter", bundled("word-filter")).install().await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    alice.say(id, "spam 敏感词").await;
    app.change_plugin("word-filter", json!({ "config": { "words": ["spam", "敏感词"] } }))
        .await;
    alice.say(id, "Ｓpam! 这是敏感词。").await;
    alice.say(id, "s\u{200b}pam and ham").await;
    let texts = alice.texts(id).await;
    assert_eq!(texts[0], "spam 敏感词");
    assert_eq!(texts[1], "****! 这是***。");
    assert!(
        !texts[2].contains("pam") && texts[2].ends_with(" and ham"),
        "{}",
        texts[2]
    );

    let reject = json!({ "mode": "reject", "words": ["敏感词"], "message": "不可以" });
    app.change_plugin("word-filter", json!({ "config": reject })).await;
    let refusal = alice
        .attempt("message.send", text_to(id, "有敏感词吗"))
        .await
        .unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.message.as_str()),
        ("forbidden_words", "不可以")
    );
    assert_eq!(alice.say(id, "spam").await["seq"], 4);
    let bad = app
        .admin(
            "PATCH",
            "/plugins/word-filter",
            json!({ "config": { "mode": "shout" } }),
        )
        .await;
    bad.refused().is("bad_field");
}
