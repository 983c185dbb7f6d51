//! What a newcomer reads when the server is up.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::config::Config;

/// Prints the addresses, the demo apps and the first thing to try. The first line is for programs too.
pub(super) fn print(config: &Config, address: SocketAddr) {
    let secure = if config.tls.is_some() { "s" } else { "" };
    let base = format!("http{secure}://{address}");
    let mut text = format!("listening on {base}\n");
    let socket = format!("ws{secure}://{address}/v1/ws");
    for (what, place) in [
        ("WebSocket", socket.as_str()),
        ("REST", &format!("{base}/v1")),
        ("OpenAPI", &format!("{base}/v1/openapi.json")),
        (
            "Admin API",
            &format!("{base}/admin/api (token: SWITCHBOARD_ADMIN_TOKEN)"),
        ),
    ] {
        text.push_str(&format!("  {what:<10} {place}\n"));
    }
    let metrics = &config.metrics;
    let figures = if metrics.told(&config.server) {
        let token = if metrics.token.is_empty() {
            ""
        } else {
            " (token: metrics.token)"
        };
        format!("{base}/metrics{token}")
    } else if metrics.enabled {
        "off: others can come, and metrics.token is not set".to_owned()
    } else {
        "off".to_owned()
    };
    text.push_str(&format!("  {:<10} {figures}\n", "Metrics"));
    let demos: Vec<_> = config.apps.iter().filter(|app| app.demo).collect();
    if !demos.is_empty() {
        text.push_str("\nDemo apps:\n");
        for app in &demos {
            let plugins: Vec<&str> = app.plugins.iter().map(|plugin| plugin.name.as_str()).collect();
            let plugins = if plugins.is_empty() {
                "no plugins".to_owned()
            } else {
                plugins.join(", ")
            };
            text.push_str(&format!("  {:<10} {:<28} {plugins}\n", app.id.to_string(), app.name));
        }
    }
    if config.demo.page && !demos.is_empty() {
        text.push_str(&format!(
            "\nTry this first: open {base}/ in two tabs, be the customer in one and the agent in the other.\n"
        ));
    }
    // Nobody may be reading: that is no reason to stop.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let _ = std::io::stdout().flush();
}
