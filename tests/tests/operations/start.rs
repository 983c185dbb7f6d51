use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{App, Home};

/// What a server says that must not start.
#[track_caller]
fn fails(home: &Arc<Home>, settings: &[&str]) -> String {
    let said = home.try_start(settings).err().unwrap_or_else(|| panic!("it started"));
    assert!(said.contains("error") && !said.contains("panicked"), "{said}");
    said
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told() {
    let home = Home::new();
    // Not a matter of permissions, which do not bind everyone: a file is where the folder should be.
    std::fs::write(home.data(), "a file").unwrap();
    assert!(fails(&home, &[]).contains("data"));
    std::fs::remove_file(home.data()).unwrap();
    std::fs::create_dir(home.data()).unwrap();
    let mut read_only = std::fs::metadata(home.data()).unwrap().permissions();
    read_only.set_readonly(true);
    std::fs::set_permissions(home.data(), read_only).unwrap();
    if std::fs::write(home.data().join("probe"), "").is_err() {
        assert!(fails(&home, &[]).contains("data"));
    }
    let status = Command::new("chmod").arg("u+rwx").arg(home.data()).status().unwrap();
    assert!(status.success());
    home.start(&[]);
}

#[tokio::test]
async fn a_damaged_database_is_told() {
    let home = Home::new();
    // It ends well from the moment it says that it listens, and leaves nothing beside its database.
    for _ in 0..5 {
        assert!(home.start(&[]).stop().await);
    }
    let database = home.data().join("switchboard.db");
    assert!(std::fs::read(&database).unwrap().starts_with(b"SQLite format 3"));
    std::fs::write(database, vec![7; 8_192]).unwrap();
    fails(&home, &[]);
}

#[tokio::test]
async fn two_servers_do_not_share_a_data_folder() {
    let home = Home::new();
    let first = Arc::new(home.start(&[]));
    let said = fails(&home, &[]);
    assert!(
        said.contains("data") && (said.contains("another") || said.contains("in use") || said.contains("lock")),
        "{said}"
    );
    App::on(&first, json!({})).await;
    // The lock goes with the process, however it ends.
    first.kill();
    home.start(&[]);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = home.run(&["serve", "--listen", &address]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(&address), "{said}");
}

#[tokio::test]
async fn public_secrets_are_not_used_on_a_public_address() {
    let app =
        |secret: &str, demo: bool| format!("[[apps]]\nid = 7\nname = \"a\"\nsecret = \"{secret}\"\ndemo = {demo}\n");
    let serve = |home: &Home| {
        let output = home.run(&["serve", "--listen", "0.0.0.0:0", "--config", "config.toml"]);
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for config in [
        app("demo-secret", false),
        app("master", false),
        app("a secret of one's own", true),
    ] {
        let (success, said) = serve(&Home::with(&config));
        assert!(
            !success && said.contains(" 7 ") && said.contains("0.0.0.0"),
            "{config}: {said}"
        );
    }
    let fine = Home::with(&app("a secret of one's own", false));
    let server = Arc::new(fine.start(&["server.listen=\"127.0.0.1:0\""]));
    let shown = server.admin("GET", "/apps/7", Value::Null).await.ok();
    assert_eq!(shown["app_id"], 7);
}

#[tokio::test]
async fn apps_installs_and_settings_outlive_a_restart() {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let app = App::on(&server, json!({ "text_chars": 77 })).await;
    app.user("alice").await;
    let install = app
        .upload("noop", crate::harness::guest(crate::harness::Guest::Noop))
        .install()
        .await;
    app.admin("POST", "/users/alice/ban", json!({ "reason": "r" }))
        .await
        .ok();
    assert!(server.stop().await);
    let server = Arc::new(home.start(&[]));
    let app = app.moved(&server);
    assert_eq!(
        app.admin("GET", "", Value::Null).await.ok()["settings"]["text_chars"],
        77
    );
    let after = app.plugin("noop").await;
    assert_eq!(
        (&after["current"], &after["state"]),
        (&install["current"], &json!("active"))
    );
    app.stranger("alice")
        .rest("GET", "/v1/me", Value::Null)
        .await
        .refused()
        .is("user_banned");
}
