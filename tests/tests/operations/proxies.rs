//! Behind a proxy the client's own address is in the log, if the proxy is trusted.

use serde_json::Value;

use crate::harness::{Server, eventually, request};

async fn logged(settings: &[&str]) -> String {
    let server = Server::start(settings);
    let asked = request(server.address, "POST", "/v1/me").header("x-forwarded-for", "203.0.113.7:4711".to_owned());
    asked.json(&Value::Null).send().await;
    // A line that only an error of the server writes would not do: requests are told at debug.
    eventually("a line about the request", async || {
        let printed = server.printed();
        printed.lines().find(|line| line.contains("/v1/me")).map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn w15_only_a_trusted_proxy_says_who_the_client_is() {
    let trusted = logged(&["log.level=debug", "server.trusted_proxies=[\"127.0.0.1\"]"]).await;
    assert!(
        trusted.contains("203.0.113.7") && !trusted.contains("4711"),
        "{trusted}"
    );
    let claimed = logged(&["log.level=debug"]).await;
    assert!(
        claimed.contains("127.0.0.1") && !claimed.contains("203.0.113.7"),
        "{claimed}"
    );
}
