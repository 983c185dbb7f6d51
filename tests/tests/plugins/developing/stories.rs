use super::Desk;
use crate::harness::{Guest, guest};

/// A folder with a component that is there already, and these stories.
fn stage(desk: &Desk, component: Guest, stories: &[(&str, &str)]) {
    let root = desk.folder.path();
    std::fs::create_dir(root.join("tests")).unwrap();
    std::fs::write(root.join("package.json"), r#"{"name": "ready"}"#).unwrap();
    std::fs::write(root.join("ready.wasm"), guest(component)).unwrap();
    for (name, text) in stories {
        std::fs::write(root.join("tests").join(name), text).unwrap();
    }
}

const TEST: &[&str] = &["plugin", "test", "--component", "ready.wasm"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_expected_is_shown_beside_what_happened() {
    let desk = Desk::new().await;
    let right = r#"{"conversations": {"room": {"members": ["ann", "bob"]}}, "steps": [
        {"send": {"from": "ann", "to": "room", "text": "one"}, "expect": {"messages": [{"to": "room", "text": "1"}]}},
        {"send": {"from": "bob", "to": "room", "text": "two"}, "expect": {"messages": [{"to": "room", "text": "2"}]}}]}"#;
    let wrong = r#"
        [conversations.room]
        members = ["ann"]
        [[steps]]
        send = { from = "ann", to = "room", text = "one" }
        expect.messages = [{ to = "room", text = "2" }]
        expect.refused = "muted"
    "#;
    stage(&desk, Guest::Counter, &[("right.json", right), ("wrong.toml", wrong)]);
    let said = desk.fails("", TEST);
    for part in [
        "ok      tests/right.json (2 steps",
        "FAILED  tests/wrong.toml, step 1 (send)",
        "- refused: muted",
        "+ done",
        r#"- {"text":"2","to":"room"}"#,
        r#"+ {"text":"1","to":"room"}"#,
        "error: 1 of 2 stories failed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    desk.text("", &[TEST, &["--only", "right"]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_the_plugin_fails_its_story() {
    let desk = Desk::new().await;
    let unexpected = r#"
        [conversations.room]
        members = ["ann"]
        [[steps]]
        send = { from = "ann", to = "room", text = "observer panic" }
    "#;
    let expected = format!("{unexpected}\nexpect.failed = \"panic\"");
    stage(&desk, Guest::Naughty, &[("a.toml", unexpected), ("b.toml", &expected)]);
    let said = desk.fails("", TEST);
    assert!(
        said.contains("failures of the plugin:") && said.contains("observer failed: "),
        "{said}"
    );
    assert!(said.contains("ok      tests/b.toml"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_cannot_be_read_says_where() {
    let desk = Desk::new().await;
    stage(&desk, Guest::Noop, &[("a.toml", "[[steps]]\nsing = \"la\"")]);
    let said = desk.fails("", TEST);
    assert!(
        said.contains("tests/a.toml") && said.contains("unknown field `sing`"),
        "{said}"
    );
}
