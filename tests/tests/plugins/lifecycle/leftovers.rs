//! What nobody has installed any more takes no room.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::GRANTS;
use crate::harness::{App, Guest, Home, guest, variant};

/// How many compiled components lie in a data directory.
fn compiled(data: &Path) -> usize {
    std::fs::read_dir(data.join("artifacts")).unwrap().count()
}

fn noop(mark: &str) -> Vec<u8> {
    variant(guest(Guest::Noop), mark)
}

#[tokio::test]
async fn a_component_goes_with_the_last_install_that_has_it() {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let (app, other) = (App::on(&server, json!({})).await, App::on(&server, json!({})).await);
    for mark in ["one", "two", "three"] {
        app.upload("p", noop(mark)).install().await;
    }
    assert_eq!(compiled(&home.data()), 2, "the one that runs, and the one before");
    other.upload("p", noop("two")).install().await;
    app.upload("p", noop("four")).install().await;
    assert_eq!(compiled(&home.data()), 3, "another app has the second as well");
    app.upload("p", noop("five")).canary(10).install().await;
    assert_eq!(compiled(&home.data()), 4);
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_eq!(compiled(&home.data()), 3, "the canary has ended");
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    let version = app.plugin("p").await["current"]["number"].clone();
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_ne!(app.plugin("p").await["current"]["number"], version, "back and forth");
    app.admin("DELETE", "/plugins/p?keep_data=true", Value::Null).await.ok();
    assert_eq!(compiled(&home.data()), 1);
    // What is refused leaves nothing, and neither does what is only looked at.
    let refused = app.upload("q", guest(Guest::Startloop)).send().await;
    refused.refused().is("plugin_rejected");
    let ungranted = app.upload("q", guest(Guest::Naughty)).send().await;
    ungranted.refused().is("plugin_rejected");
    assert_eq!(compiled(&home.data()), 1);
    let ann = other.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "still there").await;
}

#[tokio::test]
async fn a_restart_removes_what_was_left() {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let app = App::on(&server, json!({})).await;
    app.upload("p", noop("one")).install().await;
    let artifacts = home.data().join("artifacts");
    let own = std::fs::read_dir(&artifacts).unwrap().next().unwrap().unwrap().path();
    let name = own.file_name().unwrap().to_str().unwrap();
    let (digest, compiler) = name.split_once('-').unwrap();
    for left in [
        format!("{}-{compiler}", "0".repeat(64)),
        format!("{digest}-{}.cwasm", "0".repeat(16)),
    ] {
        std::fs::write(artifacts.join(left), "left by another").unwrap();
    }
    assert!(server.stop().await);
    let server = Arc::new(home.start(&[]));
    crate::harness::eventually("only its own to be left", async || {
        (compiled(&home.data()) == 1 && own.exists()).then_some(())
    })
    .await;
    let app = app.moved(&server);
    assert_eq!(app.plugin("p").await["state"], "active");
    app.upload("n", guest(Guest::Naughty)).grants(GRANTS).install().await;
    assert_eq!(compiled(&home.data()), 2);
}
