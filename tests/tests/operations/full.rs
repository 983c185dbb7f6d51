use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use serde_json::json;

use crate::harness::{App, Home, User, eventually, text_to};

/// Sends until the disk is full, and answers how many messages were taken.
async fn fill(user: &User, conversation: u64) -> u64 {
    let text = "x".repeat(4_900);
    let mut socket = user.connect().await;
    for taken in 0..5_000 {
        match socket.attempt("message.send", text_to(conversation, &text)).await {
            Ok(reply) => assert_eq!(reply["seq"], taken + 1),
            Err(failure) => {
                assert_eq!(failure.code, "storage_full", "{failure:?}");
                // The connection goes on, and so does reading.
                socket
                    .call("message.history", json!({ "conversation": conversation, "limit": 1 }))
                    .await;
                return taken;
            }
        }
    }
    panic!("it never was full");
}

/// What was acknowledged is there, and nothing else.
async fn whole(user: &User, conversation: u64, taken: u64) {
    let seen = user
        .call("conversation.get", json!({ "conversation": conversation }))
        .await;
    assert_eq!(seen["last_seq"], taken);
    let ask = json!({ "conversation": conversation, "limit": 100 });
    let page = user.call("message.history", ask).await;
    let seqs: Vec<u64> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=taken).rev().take(100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_database_that_may_not_grow_says_so_and_goes_on_when_it_may() {
    let home = Home::new();
    let server = Arc::new(home.start(&["storage.max_megabytes=2"]));
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    let taken = fill(&alice, group).await;
    assert!(taken > 20, "{taken}");
    whole(&alice, group, taken).await;
    let refusal = alice
        .attempt("message.send", text_to(group, &"x".repeat(4_900)))
        .await
        .unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.status), ("storage_full", Some(507)));
    server.complain();
    assert!(server.stop().await);
    drop((alice, server));

    let server = Arc::new(home.start(&["storage.max_megabytes=20"]));
    let alice = app.moved(&server).user("alice").await;
    whole(&alice, group, taken).await;
    assert_eq!(alice.say(group, "room again").await["seq"], taken + 1);
}

/// A small disk, where the system lets us have one.
struct Disk(PathBuf);

impl Disk {
    fn at(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"])
            .arg(&folder)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

#[tokio::test]
async fn a_disk_that_was_full_is_used_again_without_a_restart() {
    let home = Home::new();
    let Some(_disk) = Disk::at(home.data()) else {
        eprintln!("no small disk can be mounted here: only the bound of the database is tested");
        return;
    };
    let ballast = home.data().join("ballast");
    let server = Arc::new(home.start(&[]));
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    std::fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let taken = fill(&alice, group).await;
    whole(&alice, group, taken).await;
    std::fs::remove_file(&ballast).unwrap();
    let seq = eventually("the disk to be used again", async || {
        alice.attempt("message.send", text_to(group, "room again")).await.ok()?["seq"].as_u64()
    })
    .await;
    assert_eq!(seq, taken + 1);
    whole(&alice, group, taken + 1).await;
    server.complain();
    // Before the disk goes.
    assert!(server.stop().await);
}
