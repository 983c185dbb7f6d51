use serde_json::Value;

use crate::harness::{App, Server, request};

#[tokio::test]
async fn a_server_says_that_it_lives_and_is_ready() {
    let server = Server::shared();
    for path in ["/healthz", "/readyz"] {
        let response = request(server.address, "GET", path).send().await;
        assert_eq!(response.status, 200, "{path}: {response:?}");
    }
}

#[tokio::test]
async fn requests_are_named_in_errors() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let ids: Vec<String> =
        futures_util::future::join_all((0..3).map(|_| alice.rest("GET", "/v1/users/none", Value::Null)))
            .await
            .iter()
            .map(|response| serde_json::from_slice::<Value>(&response.body).unwrap()["error"]["request_id"].to_string())
            .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
}
