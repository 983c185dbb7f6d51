use super::*;
use crate::fake::{Fake, answer, completion, config, heard};
use crate::host::Answer;
use proptest::prelude::*;
use serde_json::Value;

fn run(host: &Fake, config: &Config, text: &str) {
    host.begin(usize::MAX, true);
    reply(host, config, "llm-reply", &heard(text)).unwrap();
}

fn texts(host: &Fake) -> Vec<String> {
    host.said.borrow().iter().map(|say| say.text.clone()).collect()
}

fn unavailable() -> Result<Answer, Trouble> {
    Err(Trouble::Passing("unavailable: no answer in time".to_owned()))
}

const COLLEAGUE: &str = "One moment please, a colleague will take over.";
const ALONE: &str = "I am sorry, I cannot help you with this.";

#[test]
fn a_customer_is_answered_as_the_bot() {
    let host = Fake::default();
    run(&host, &config(json!({})), "hi");
    let said = host.said.take();
    assert_eq!(
        said,
        [Say {
            conversation: "7".to_owned(),
            bot: "bot".to_owned(),
            text: "Hello!".to_owned(),
            message: "41".to_owned(),
            quoted: false
        }]
    );
    assert_eq!(host.typing.take(), [true], "until the answer comes");
    assert_eq!((host.counted("tokens/1/c/7"), host.counted("tokens/1/app")), (12, 12));
    let asked = host.asked.take();
    assert_eq!(asked[0]["messages"][1], json!({ "role": "user", "content": "hi" }));
    let group = Heard {
        place: "group",
        ..heard("hi")
    };
    let open = config(json!({ "conversations": { "kinds": ["group"], "mention_only": false } }));
    host.begin(usize::MAX, true);
    reply(&host, &open, "llm-reply", &Heard { id: "42", ..group }).unwrap();
    assert!(host.said.borrow()[0].quoted, "in a group it says to what");
}

#[test]
fn where_the_bot_is_not_nothing_is_said() {
    let host = Fake::default();
    *host.room.borrow_mut() = None;
    run(&host, &config(json!({})), "hi");
    let taken = Fake::default().with_ext(json!({ "desk": { "by": "agent" } }));
    run(&taken, &config(json!({})), "hi, a human please");
    for host in [host, taken] {
        assert_eq!((texts(&host).len(), host.asked.borrow().len()), (0, 0));
    }
}

#[test]
fn who_asks_for_a_human_gets_one_without_a_model() {
    let host = Fake::default().with_ext(json!({ "desk": { "by": "bot" }, "order": 7 }));
    run(
        &host,
        &config(json!({ "handoff": { "texts": { "asked": "Calling." } } })),
        "let me talk to a HUMAN",
    );
    assert_eq!(texts(&host), ["Calling."]);
    assert_eq!(host.asked.borrow().len(), 0);
    let wanted = json!({ "desk": { "wanted": { "reason": "asked", "from": "llm-reply", "customer": "ann" } } });
    assert_eq!(host.merged.take(), [wanted]);
    // Called already: silent until the desk has decided.
    host.begin(usize::MAX, true);
    let next = Heard {
        id: "42",
        ..heard("hello?")
    };
    reply(&host, &config(json!({})), "llm-reply", &next).unwrap();
    assert_eq!(texts(&host).len(), 1);
}

#[test]
fn without_a_desk_there_is_only_the_text() {
    let host = Fake::default();
    run(&host, &config(json!({})), "转人工");
    assert_eq!((texts(&host), host.merged.borrow().len()), (vec![ALONE.to_owned()], 0));
    let always = Fake::default().with_ext(json!({}));
    run(&always, &config(json!({ "handoff": { "desk": "always" } })), "转人工");
    assert_eq!(
        (texts(&always), always.merged.borrow().len()),
        (vec![COLLEAGUE.to_owned()], 1)
    );
    let silent = Fake::default().with_ext(json!({ "desk": { "by": "bot" } }));
    run(&silent, &config(json!({ "handoff": { "text": "" } })), "转人工");
    assert_eq!((texts(&silent).len(), silent.merged.borrow().len()), (0, 1));
}

#[test]
fn whatever_fails_ends_at_a_human() {
    let refused = || Err(Trouble::Final("refused (http_forbidden)".to_owned()));
    for (what, answers, asked, reason) in [
        ("unsure", vec![completion("[[HANDOFF]]", 9)], 1, "unsure"),
        ("late twice", vec![unavailable()], 2, "failed"),
        ("5xx twice", vec![answer(503, "busy")], 2, "failed"),
        ("429 twice", vec![answer(429, "slow down")], 2, "failed"),
        ("a wrong key", vec![answer(401, "no such key")], 1, "failed"),
        ("a redirect", vec![answer(302, "")], 1, "failed"),
        ("bad JSON", vec![answer(200, "<html>")], 1, "failed"),
        ("nothing said", vec![completion("", 9)], 1, "failed"),
        ("not allowed", vec![refused()], 1, "failed"),
        (
            "late, then a wrong key",
            vec![unavailable(), answer(401, "")],
            2,
            "failed",
        ),
    ] {
        let host = Fake::default()
            .with_ext(json!({ "desk": { "by": "bot" } }))
            .answering(answers);
        run(&host, &config(json!({})), "hi");
        assert_eq!(texts(&host), [COLLEAGUE], "{what}");
        assert_eq!(host.asked.borrow().len(), asked, "{what}");
        assert_eq!(host.merged.borrow()[0]["desk"]["wanted"]["reason"], reason, "{what}");
        assert_eq!(host.warned.borrow().len(), 1, "{what}");
    }
}

#[test]
fn asking_again_may_help() {
    let host = Fake::default().answering([answer(500, "x"), completion("Now.", 20)]);
    run(&host, &config(json!({})), "hi");
    assert_eq!((texts(&host), host.asked.borrow().len()), (vec!["Now.".to_owned()], 2));
    assert_eq!(host.counted("tokens/1/app"), 20, "a refusal costs nothing");
    let host = Fake::default().answering([unavailable(), completion("Now.", 20)]);
    run(&host, &config(json!({})), "hi");
    let counted = host.counted("tokens/1/app");
    assert!(
        counted > 520,
        "what was not answered may have been worked on: {counted}"
    );
}

#[test]
fn without_usage_tokens_are_guessed() {
    let body = json!({ "choices": [{ "message": { "content": "four" } }] });
    let host = Fake::default().answering([answer(200, &body.to_string())]);
    run(
        &host,
        &config(json!({ "system": "12345678", "handoff": { "marker": "" } })),
        "abcd",
    );
    assert_eq!(host.counted("tokens/1/app"), 2 + 5 + 1 + 5 + 1);
}

#[test]
fn a_used_up_budget_ends_at_a_human() {
    let set = config(json!({ "budget": { "app_tokens": 10 } }));
    let host = Fake::default().with_ext(json!({ "desk": { "by": "bot" } }));
    run(&host, &set, "hi");
    assert_eq!(
        (texts(&host), host.asked.borrow().len()),
        (vec![COLLEAGUE.to_owned()], 0)
    );
    assert_eq!(host.merged.borrow()[0]["desk"]["wanted"]["reason"], "budget");
    assert_eq!(host.counted("tokens/1/app"), 0);
}

#[test]
fn who_comes_while_the_model_thinks_goes_first() {
    let room = |ext: Value, last: Option<Past>| {
        let ext = ext.to_string();
        Room { ext, last }
    };
    let agent = Past {
        seq: 11,
        uid: Some("bot".to_owned()),
        ..Past::default()
    };
    let plugin = Past {
        automatic: true,
        ..agent.clone()
    };
    let taken = json!({ "desk": { "by": "agent", "agent": "eve" } });
    for (meanwhile, said) in [
        (room(taken, None), 0),
        (room(json!({}), Some(agent)), 0),
        (room(json!({}), Some(plugin)), 1),
    ] {
        let host = Fake::default();
        *host.meanwhile.borrow_mut() = Some(meanwhile);
        run(&host, &config(json!({})), "hi");
        assert_eq!(texts(&host).len(), said);
        assert_eq!(host.counted("tokens/1/app"), 12, "it has cost its tokens");
    }
}

#[test]
fn a_human_is_called_though_the_bot_may_not_speak() {
    let host = Fake::default().with_ext(json!({ "desk": { "by": "bot" } }));
    host.fail_say.set(Some(Trouble::Final("refused (blocked)".to_owned())));
    run(&host, &config(json!({})), "a human!");
    assert_eq!((texts(&host).len(), host.merged.borrow().len()), (0, 1));
}

#[test]
fn where_nothing_more_can_be_kept_a_human_is_called() {
    let set = config(json!({ "handoff": { "texts": { "failed": "Wait." } } }));
    for room_for in [0, 20] {
        let host = Fake::default().with_ext(json!({ "desk": { "by": "bot" } }));
        host.room_for.set(room_for);
        for _ in 0..2 {
            host.begin(usize::MAX, false);
            reply(&host, &set, "llm-reply", &heard("hi")).unwrap();
        }
        assert_eq!(texts(&host), ["Wait."]);
        assert_eq!(host.merged.borrow().len(), 1);
        assert_eq!(host.merged.borrow()[0]["desk"]["wanted"]["reason"], "failed");
        assert!(host.warned.borrow()[0].contains("key-value bytes"));
    }
}

#[test]
fn what_is_done_takes_no_room() {
    for (answer, handoff) in [("A long answer.", Value::Null), ("[[HANDOFF]]", json!("unsure"))] {
        let host = Fake::default().answering([completion(answer, 9)]);
        run(&host, &config(json!({})), "hi");
        let kept: Value = serde_json::from_str(&host.decided().unwrap()).unwrap();
        assert_eq!(
            (&kept["say"], &kept["done"], &kept["handoff"]),
            (&json!(""), &json!(true), &handoff)
        );
    }
}

#[test]
fn what_was_decided_stays_decided() {
    let mut cut_between = 0;
    for steps in 0..40 {
        let host = Fake::default()
            .answering([completion("[[HANDOFF]]", 9), completion("Sure.", 9)])
            .with_ext(json!({ "desk": { "by": "bot" } }));
        let set = config(json!({}));
        host.begin(steps, false);
        let _ = reply(&host, &set, "llm-reply", &heard("hi"));
        if host.said.borrow().is_empty() || !host.merged.borrow().is_empty() {
            continue;
        }
        cut_between += 1;
        // The desk takes over before the call is made again.
        *host.room.borrow_mut() = Some(Room {
            ext: json!({ "desk": { "by": "queue" } }).to_string(),
            last: None,
        });
        host.begin(usize::MAX, false);
        reply(&host, &set, "llm-reply", &heard("hi")).unwrap();
        assert_eq!(
            (texts(&host), host.asked.borrow().len()),
            (vec![COLLEAGUE.to_owned()], 1)
        );
        assert_eq!(host.merged.borrow().len(), 0, "the desk has it already");
    }
    assert!(cut_between > 0);
}

proptest! {
    /// Killed anywhere, any number of times: one answer, one way, and its tokens are counted.
    #[test]
    fn killed_anywhere_it_answers_once(
        kills in proptest::collection::vec(0_usize..40, 0..6),
        replies in proptest::collection::vec((any::<bool>(), 1_i64..300), 8),
        desk in any::<bool>(),
    ) {
        let ext = if desk { json!({ "desk": { "by": "bot" } }) } else { json!({}) };
        let script = replies.iter().map(|(good, tokens)| completion(if *good { "Sure." } else { "[[HANDOFF]]" }, *tokens));
        let host = Fake::default().with_ext(ext).answering(script);
        let set = config(json!({ "budget": { "conversation_tokens": 5000 } }));
        for steps in kills.into_iter().chain([usize::MAX]) {
            host.begin(steps, false);
            let done = reply(&host, &set, "llm-reply", &heard("hi"));
            prop_assert!(done.is_ok() || steps != usize::MAX);
        }
        prop_assert_eq!(host.said.borrow().len(), 1);
        let handed_off = host.said.borrow()[0].text == if desk { COLLEAGUE } else { ALONE };
        prop_assert_eq!(host.merged.borrow().len(), usize::from(handed_off && desk));
        let asked = host.asked.borrow().len();
        let least = replies.iter().take(asked).map(|(_, tokens)| *tokens).min().unwrap_or(0);
        for counted in [host.counted("tokens/1/app"), host.counted("tokens/1/c/7")] {
            prop_assert!(counted >= least, "at least one answer is counted: {}", counted);
        }
        // The desk has nobody and gives it back: the call that is made once more changes nothing.
        if desk {
            *host.room.borrow_mut() = Some(Room { ext: json!({ "desk": { "by": "bot" } }).to_string(), last: None });
        }
        host.begin(usize::MAX, false);
        reply(&host, &set, "llm-reply", &heard("hi")).unwrap();
        prop_assert_eq!(host.merged.borrow().len(), usize::from(handed_off && desk));
        prop_assert_eq!((host.said.borrow().len(), host.asked.borrow().len()), (1, asked));
    }
}
