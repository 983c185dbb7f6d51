use super::*;
use serde_json::json;

/// Runs a message through a fresh instance and through one that has an index; both must say the same.
fn run(configuration: &serde_json::Value, body: &str) -> Outcome {
    let configuration = configuration.to_string();
    let mut memory = Memory::default();
    let fresh = filter(&mut memory, configuration.clone(), "text", body).unwrap();
    assert!(memory.ready.is_none());
    let reused = filter(&mut memory, configuration.clone(), "text", body).unwrap();
    assert!(memory.ready.is_some());
    assert_eq!(fresh, reused);
    fresh
}

fn masked(configuration: serde_json::Value, text: &str) -> String {
    match run(&configuration, &json!({ "text": text }).to_string()) {
        Outcome::Masked(body) => serde_json::from_str::<serde_json::Value>(&body).unwrap()["text"]
            .as_str()
            .unwrap()
            .to_owned(),
        Outcome::Pass => text.to_owned(),
        Outcome::Refused(text) => panic!("refused: {text}"),
    }
}

#[test]
fn masks_one_for_one() {
    let words = json!({ "words": ["spam", "敏感词", "赌"] });
    assert_eq!(masked(words.clone(), "no SPAM here"), "no **** here");
    assert_eq!(masked(words.clone(), "这是敏感词。去赌"), "这是***。去*");
    assert_eq!(masked(words.clone(), "ｓＰａｍ s\u{200b}pam"), "**** *\u{200b}***");
    assert_eq!(masked(words, "fine"), "fine");
    assert_eq!(masked(json!({ "words": ["ab", "bc"], "mask": "█" }), "abcd"), "███d");
    assert_eq!(masked(json!({ "words": ["aa"] }), "aaab"), "***b");
}

#[test]
fn words_may_have_to_stand_alone() {
    let words = json!({ "words": ["ass", "坏"], "match": "word" });
    assert_eq!(masked(words.clone(), "class ass 很坏的"), "class *** 很*的");
    assert_eq!(masked(words, "你ass好"), "你***好");
}

#[test]
fn case_matters_if_asked() {
    assert_eq!(
        masked(json!({ "words": ["Spam"], "case_sensitive": true }), "spam Spam"),
        "spam ****"
    );
}

#[test]
fn reject_answers_the_configured_text() {
    let body = r#"{"text":"spam"}"#;
    assert_eq!(
        run(&json!({ "words": ["spam"], "mode": "reject", "message": "No." }), body),
        Outcome::Refused("No.".into())
    );
    assert_eq!(run(&json!({ "words": ["ham"], "mode": "reject" }), body), Outcome::Pass);
}

#[test]
fn only_words_are_touched() {
    let body = r#"{"text":"spam","url":"/spam.png","n":1.10,"name":"spam.doc","mine":{"text":"spam"}}"#;
    let Outcome::Masked(body) = run(&json!({ "words": ["spam"] }), body) else {
        panic!("not masked")
    };
    assert_eq!(
        body,
        r#"{"mine":{"text":"spam"},"n":1.10,"name":"****.doc","text":"****","url":"/spam.png"}"#
    );
    for odd in ["[]", "{", r#"{"text":7}"#, r#"{"text":null}"#] {
        assert_eq!(run(&json!({ "words": ["spam"] }), odd), Outcome::Pass, "{odd}");
    }
}

#[test]
fn other_kinds_pass_and_a_new_configuration_counts_at_once() {
    let mut memory = Memory::default();
    let body = r#"{"text":"spam"}"#;
    for _ in 0..3 {
        let outcome = filter(&mut memory, r#"{"words":["spam"]}"#.to_owned(), "image", body).unwrap();
        assert_eq!(outcome, Outcome::Pass);
        let outcome = filter(&mut memory, r#"{"words":["spam"]}"#.to_owned(), "text", body).unwrap();
        assert_eq!(outcome, Outcome::Masked(r#"{"text":"****"}"#.into()));
    }
    assert_eq!(
        filter(&mut memory, r#"{"words":["ham"]}"#.to_owned(), "text", body).unwrap(),
        Outcome::Pass
    );
    assert!(filter(&mut memory, r#"{"words":3}"#.to_owned(), "text", body).is_err());
    assert_eq!(
        filter(&mut memory, "{}".to_owned(), "text", body).unwrap(),
        Outcome::Pass
    );
}

/// The definition, as plainly as it can be put: try every word at every place.
fn plainly(words: &[String], text: &str, alone: bool) -> String {
    let folded = Text::new(text, false);
    let mut hits = Hits::none(text.chars().count());
    for word in words {
        let word = Text::new(word, false).chars;
        for start in 0..folded.chars.len() {
            if !word.is_empty()
                && folded.chars[start..].starts_with(&word)
                && (!alone || folded.stands_alone(start, word.len()))
            {
                hits.mark(&folded, start, word.len());
            }
        }
    }
    hits.mask(text, '*')
}

proptest::proptest! {
    #[test]
    fn both_matchers_do_what_the_definition_says(
        words in proptest::collection::vec("[ab坏词Ａ\u{200b}]{1,4}", 0..30),
        text in "[abAＢ坏词 .\u{200b}]{0,40}",
        alone: bool,
    ) {
        let configuration = json!({ "words": words, "match": if alone { "word" } else { "substring" } });
        proptest::prop_assert_eq!(masked(configuration, &text), plainly(&words, &text, alone));
    }

    #[test]
    fn any_text_is_fine(words in proptest::collection::vec("\\PC{1,3}", 0..30), text in "\\PC{0,40}") {
        let out = masked(json!({ "words": words }), &text);
        proptest::prop_assert_eq!(out.chars().count(), text.chars().count());
    }
}
