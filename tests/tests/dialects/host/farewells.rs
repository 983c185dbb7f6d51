use serde_json::json;

use super::parrot::Cage;
use crate::harness::Server;

#[tokio::test]
async fn who_is_silent_or_bound_to_nobody_is_told_and_closed() {
    let server = Server::start(&["limits.login_timeout_ms=3000", "limits.idle_timeout_ms=4000"]);
    let cage = Cage::on(&server, json!({})).await;
    let mut nobody = cage.talk().await;
    // Frames do not buy time to whoever is not bound.
    assert_eq!(nobody.ask("hello").await, "echo hello");
    assert_eq!(nobody.rest().await, (vec!["bye not-logged-in".to_owned()], 4002));
    let mut silent = cage.bound("ann").await;
    let mut alive = cage.bound("bob").await;
    for _ in 0..15 {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        alive.is_quiet().await;
    }
    assert_eq!(silent.rest().await, (vec!["bye idle".to_owned()], 4000));
    alive.is_quiet().await;
}

#[tokio::test]
async fn another_login_takes_the_place() {
    let cage = Cage::new().await;
    cage.app.change(json!({ "login": "single" })).await;
    let mut first = cage.bound("ann").await;
    let mut other = cage.bound("bob").await;
    let mut second = cage.bound("ann").await;
    assert_eq!(first.rest().await, (vec!["bye replaced".to_owned()], 4001));
    // Also over the native protocol, and the other way round.
    let _native = cage.app.user("ann").await.connect().await;
    assert_eq!(second.rest().await, (vec!["bye replaced".to_owned()], 4001));
    other.is_quiet().await;
}

#[tokio::test]
async fn bans_and_disabled_apps_end_connections() {
    let cage = Cage::new().await;
    let (mut banned, mut other) = (cage.bound("ann").await, cage.bound("bob").await);
    let ban = format!("/apps/{}/users/ann/ban", cage.app.id);
    cage.app.server.admin("POST", &ban, json!({})).await.ok();
    assert_eq!(banned.rest().await, (vec!["bye expelled".to_owned()], 4003));
    other.is_quiet().await;
    cage.app.change(json!({ "enabled": false })).await;
    assert_eq!(other.rest().await, (vec!["bye expelled".to_owned()], 4003));
}

#[tokio::test]
async fn a_server_that_goes_away_says_so() {
    let server = Server::start(&[]);
    let cage = Cage::on(&server, json!({})).await;
    let (mut bound, mut unbound) = (cage.bound("ann").await, cage.talk().await);
    let going = vec!["bye going-away".to_owned()];
    server.terminate();
    assert_eq!(bound.rest().await, (going.clone(), 1001));
    assert_eq!(unbound.rest().await, (going, 1001));
    drop((bound, unbound));
    assert!(server.stop().await, "it ends well");
    assert!(tokio::net::TcpStream::connect(cage.address()).await.is_err());
}
