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

#[tokio::test(flavor = "multi_thread")]
async fn other_servers_answer_as_the_story_says() {
    let desk = Desk::new().await;
    let story = r#"
        [conversations.room]
        members = ["ann"]
        [[http]]
        url = "https://far.example/busy"
        times = 1
        status = 503
        [[http]]
        url = "https://far.example/busy"
        body = { answer = "in {room}" }
        [[http]]
        url = "https://far.example:8443/*"
        method = "POST"
        fails = "timeout"
        [[steps]]
        send = { from = "ann", to = "room", text = '{"get":{"url":"https://far.example/busy","follow":0}}' }
        expect.http = [{ method = "GET", url = "https://far.example/busy" }]
        expect.log = ['"status":503']
        [[steps]]
        send = { from = "ann", to = "room", text = '{"get":{"url":"https://far.example/busy","follow":0}}' }
        expect.log = ['"type":"application/json"', 'in {room}']
        [[steps]]
        send = { from = "ann", to = "room", text = '{"post":{"url":"https://far.example:8443/x","body":"{}","timeout_ms":9}}' }
        expect.http = [{ method = "POST", headers = { x-own = "1" }, body = {} }]
        expect.log = ["unavailable no answer within"]
        [[steps]]
        send = { from = "ann", to = "room", text = '{"get":{"url":"https://elsewhere.example/","follow":0}}' }
        expect.http = []
        expect.log = ["refused http_forbidden"]
    "#;
    let wrong = r#"
        [conversations.room]
        members = ["ann"]
        [[http]]
        url = "https://far.example/there"
        [[steps]]
        send = { from = "ann", to = "room", text = '{"get":{"url":"https://far.example/not-there","follow":0}}' }
        expect.log = ["the story has no [[http]] for GET https://far.example/not-there"]
        expect.http = [{ url = "https://far.example/there" }]
    "#;
    let unreadable = "http = [{ url = \"far.example\" }]\nsteps = []";
    stage(
        &desk,
        Guest::Fetcher,
        &[("a.toml", story), ("b.toml", wrong), ("c.toml", unreadable)],
    );
    desk.text("", &[TEST, &["--only", "a.toml"]].concat());
    let said = desk.fails("", &[TEST, &["--only", "b.toml"]].concat());
    for part in [
        "http:\n",
        r#"- {"url":"https://far.example/there"}"#,
        r#"+ {"url":"https://far.example/not-there"}"#,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("log:"), "{said}");
    let said = desk.fails("", &[TEST, &["--only", "c.toml"]].concat());
    assert!(said.contains(r#"http: "far.example""#), "{said}");
}
