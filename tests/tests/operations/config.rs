use crate::harness::Home;

/// Whether a configuration is good, and what is said about it.
fn check(config: &str) -> (bool, String) {
    let home = Home::with(config);
    let output = home.run(&["config", "check", "--config", "config.toml"]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_configuration_is_checked_without_a_server() {
    for good in [
        "",
        "[server]\nlisten = \"0.0.0.0:80\"",
        "[log]\nlevel = \"debug\"\n[limits]\nunacknowledged = 1",
    ] {
        let (success, said) = check(good);
        assert!(success, "{good}: {said}");
    }
    for (bad, hints) in [
        ("[server]\nlisten = \"nowhere\"", &["server.listen", "nowhere"][..]),
        ("[server]\nlistem = \"127.0.0.1:1\"", &["listem"]),
        ("[sever]\nlisten = \"127.0.0.1:1\"", &["sever"]),
        ("[limits]\nunacknowledged = 0", &["limits.unacknowledged", "1"]),
        ("[limits]\nframe_bytes = -5", &["limits.frame_bytes"]),
        ("[limits]\nframe_bytes = \"many\"", &["frame_bytes"]),
        ("[limits]\nmessage_bytes = 999999", &["limits.message_bytes"]),
        ("[storage]\ndata_dir = \"\"", &["storage.data_dir"]),
        ("[log]\nlevel = \"loud\"", &["level", "loud"]),
        ("no toml", &["config.toml", "1"]),
        // Everything at once.
        (
            "[limits]\nunacknowledged = 0\n[plugins]\ndeadline_ms = 0",
            &["limits.unacknowledged", "plugins.deadline_ms"],
        ),
        (
            "[[apps]]\nid = 1\nname = \"a\"\nsecret = \"s\"\ncolour = 1",
            &["colour"],
        ),
    ] {
        let (success, said) = check(bad);
        assert!(!success, "{bad} was taken: {said}");
        for hint in hints {
            assert!(said.contains(hint), "{bad}: {hint} is not in {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
    let missing = Home::new().run(&["config", "check", "--config", "nowhere.toml"]);
    assert!(!missing.status.success() && String::from_utf8_lossy(&missing.stderr).contains("nowhere.toml"));
}

#[test]
fn what_is_set_on_the_command_line_is_checked_alike() {
    let home = Home::new();
    for (setting, hint) in [
        ("limits.unacknowledged=0", "limits.unacknowledged"),
        ("limits.nothing=1", "nothing"),
    ] {
        let said = home
            .try_start(&[setting])
            .err()
            .unwrap_or_else(|| panic!("started with {setting}"));
        assert!(said.contains(hint) && !said.contains("panicked"), "{said}");
    }
}
