use super::*;
use crate::fake::{config, heard};
use proptest::prelude::*;
use serde_json::json;

fn past(seq: u64, uid: &str, text: &str) -> Past {
    Past {
        seq,
        uid: (!uid.is_empty()).then(|| uid.to_owned()),
        kind: "text".to_owned(),
        text: Some(text.to_owned()),
        ..Past::default()
    }
}

/// Role, name and words of all but the first line.
fn said(lines: &[Line]) -> Vec<(&str, &str, &str)> {
    lines[1..]
        .iter()
        .map(|line| (line.role, line.name.as_deref().unwrap_or(""), line.content.as_str()))
        .collect()
}

#[test]
fn roles_say_who_is_who() {
    let set = config(json!({ "agents": ["eve@shop.example"] }));
    let desk = Desk::read(r#"{"desk":{"by":"bot","agent":"dan"}}"#);
    let image = Past {
        kind: "image".to_owned(),
        text: None,
        ..past(8, "ann", "")
    };
    let recalled = Past {
        recalled: true,
        ..past(6, "ann", "oops")
    };
    let joined = Past {
        kind: "system".to_owned(),
        ..past(5, "", "joined")
    };
    // Newest first, as the server answers.
    let all = [
        past(11, "ann", "and another thing"),
        past(10, "ann", "how much?"),
        past(9, "", "We are open."),
        image,
        past(7, "eve@shop.example", "hello ann"),
        recalled,
        joined,
        past(4, "dan", "hi"),
        past(3, "bot", "Hello!"),
        past(2, "ann", "hi there"),
    ];
    let lines = build(&set, &heard("how much?"), "ann", &desk, &all);
    assert_eq!(
        said(&lines),
        [
            ("user", "", "hi there"),
            ("assistant", "", "Hello!"),
            ("assistant", "dan", "hi"),
            ("assistant", "eve_shop_example", "hello ann"),
            ("user", "", "[image]"),
            ("assistant", "", "We are open."),
            ("user", "", "how much?"),
        ]
    );
    assert_eq!(lines[0].role, "system");
}

#[test]
fn in_groups_customers_have_names() {
    let set = config(json!({}));
    let group = Heard {
        place: "group",
        ..heard("and me?")
    };
    let lines = build(
        &set,
        &group,
        "ann",
        &Desk::default(),
        &[past(9, "ben", "what about me?"), past(8, "ann", "hi")],
    );
    assert_eq!(
        said(&lines),
        [
            ("user", "ann", "hi"),
            ("user", "ben", "what about me?"),
            ("user", "ann", "and me?")
        ]
    );
}

#[test]
fn answers_to_earlier_messages_are_told() {
    let all = [
        past(12, "bot", "To the first."),
        past(10, "ann", "second"),
        past(9, "ann", "first"),
    ];
    let lines = build(&config(json!({})), &heard("second"), "ann", &Desk::default(), &all);
    assert_eq!(
        said(&lines),
        [
            ("user", "", "first"),
            ("assistant", "", "To the first."),
            ("user", "", "second")
        ]
    );
}

#[test]
fn the_model_knows_what_the_customer_asks_about() {
    let set = config(json!({
        "system": "You are Bo.",
        "context": { "snippets": 2 },
        "knowledge": [
            { "keywords": ["refund", "退款"], "text": "Refunds take 5 days." },
            { "keywords": ["price"], "text": "It is 9.99." },
            { "text": "We are in Berlin." },
            { "text": "Never told: there is no room." }
        ]
    }));
    let system = |text: &str, all: &[Past]| {
        build(&set, &heard(text), "ann", &Desk::default(), all)[0]
            .content
            .clone()
    };
    let rule =
        "If you are not sure, cannot help, or the customer asks for a human, answer with [[HANDOFF]] and nothing else.";
    assert_eq!(
        system("我要退款", &[]),
        format!("You are Bo.\n\n{rule}\n\nWhat you know:\n- Refunds take 5 days.\n- We are in Berlin.")
    );
    assert!(
        system("how long?", &[past(8, "ann", "a refund please")]).contains("5 days"),
        "asked before"
    );
    assert!(
        !system("how long?", &[past(8, "bot", "a refund?")]).contains("5 days"),
        "not the bot's own words"
    );
    let set = config(json!({ "system": "S", "answers": { "format": "json" } }));
    let lines = build(&set, &heard("x"), "ann", &Desk::default(), &[]);
    assert!(
        lines[0].content.starts_with("S\n\nAnswer with one JSON object"),
        "{}",
        lines[0].content
    );
    let plain = config(json!({ "system": "S", "handoff": { "marker": "" } }));
    assert_eq!(build(&plain, &heard("x"), "ann", &Desk::default(), &[])[0].content, "S");
}

proptest! {
    #[test]
    fn the_newest_that_fit_are_told_in_order(
        texts in proptest::collection::vec("[a-z]{0,30}", 0..30),
        messages in 1_u32..20,
        chars in 0_usize..300,
    ) {
        let set = config(json!({ "context": { "messages": messages, "chars": chars } }));
        let mut all: Vec<Past> = (1_u64..)
            .zip(&texts)
            .map(|(seq, text)| past(seq, if seq % 2 == 0 { "bot" } else { "ann" }, text))
            .collect();
        all.reverse();
        let own = Heard { seq: 100, ..heard("my question") };
        let lines = build(&set, &own, "ann", &Desk::default(), &all);
        let told = &lines[1..];
        prop_assert_eq!(told.last().map(|line| line.content.as_str()), Some("my question"));
        prop_assert!(told.len() <= messages as usize);
        let before: Vec<&str> = told[..told.len() - 1].iter().map(|line| line.content.as_str()).collect();
        let length: usize = before.iter().map(|text| text.len()).sum();
        prop_assert!(length + "my question".len() <= chars.max("my question".len()));
        prop_assert_eq!(&texts.iter().map(String::as_str).collect::<Vec<_>>()[texts.len() - before.len()..], &before[..]);
    }

    #[test]
    fn names_are_plain(uid in ".{1,80}") {
        let name = plain_name(&uid);
        prop_assert!((1..=64).contains(&name.len()));
        prop_assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)));
    }
}
