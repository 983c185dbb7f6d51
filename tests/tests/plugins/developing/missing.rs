use super::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_with_how_to_get_it() {
    let desk = Desk::new().await;
    let empty = desk.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for (language, hint) in [
        ("rust", "Rust is missing: install it from https://rustup.rs"),
        ("js", "npm is missing: install Node.js 20 or newer"),
        ("python", "python3 is missing: install Python 3.10 or newer"),
    ] {
        desk.text("", &["plugin", "new", language, "--lang", language]);
        let output = desk
            .command(language, &["plugin", "build"])
            .env("PATH", &empty)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(hint), "{language}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_in_words() {
    let desk = Desk::new().await;
    for (args, part) in [
        (&["plugin", "new", "7up", "--lang", "js"][..], "begins with a letter"),
        (
            &["plugin", "new", "a", "--lang", "js", "--hook", "observer,timer"],
            "both have an observer",
        ),
        (&["plugin", "build"], "is no plugin"),
        (&["plugin", "check", "absent.wasm"], "cannot read absent.wasm"),
    ] {
        let said = desk.fails("", args);
        assert!(said.contains(part), "{args:?}: {said}");
    }
    desk.text("", &["plugin", "new", "twice", "--lang", "js"]);
    let said = desk.fails("", &["plugin", "new", "twice", "--lang", "js"]);
    assert!(said.contains("is there already"), "{said}");
    std::fs::write(desk.folder.path().join("no.wasm"), "no component").unwrap();
    desk.fails("", &["plugin", "check", "no.wasm"]);
}
