use super::{Desk, from_name_to_reply};

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_in_rust_replies() {
    from_name_to_reply("rust").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_when_the_storys_clock_says_so() {
    let desk = Desk::new().await;
    desk.text("", &["plugin", "new", "reminder", "--lang", "rust", "--hook", "timer"]);
    let built = desk.text("reminder", &["plugin", "build"]);
    assert!(built.contains("reminder.wasm") && built.contains("KiB"), "{built}");
    let played = desk.text("reminder", &["plugin", "test", "--component", "reminder.wasm"]);
    assert!(played.contains("ok      tests/timer.toml (3 steps"), "{played}");
    let check = desk.text("reminder", &["plugin", "check", "reminder.wasm"]);
    for part in [
        "contract       switchboard:plugin@0.1.",
        "does           about, observer, timer",
        "wants          messages-send, timers",
    ] {
        assert!(check.contains(part), "{check}");
    }
}
