//! Secrets that are printed for everyone are not used where everyone can come.

use std::net::SocketAddr;

use super::apps::App;
use super::problems::Problems;

/// Secrets that the documentation prints.
const PRINTED: &[&str] = &["demo-secret", "master", "demo-key"];

/// Refuses apps whose secret is public on an address that others can reach.
pub fn check(listen: SocketAddr, apps: &[App], problems: &mut Problems) {
    if listen.ip().to_canonical().is_loopback() {
        return;
    }
    for app in apps.iter().filter(|app| is_public(app)) {
        let what = format!(
            "this app's secret is public, and server.listen = {listen} lets others in: listen on 127.0.0.1 for a demo, \
             or remove the app from the configuration (`--set apps=[]` removes all), or give it a secret of your own \
             and demo = false"
        );
        problems.add(format_args!("apps.{}", app.id), what);
    }
}

fn is_public(app: &App) -> bool {
    app.demo || PRINTED.contains(&app.secret.as_str()) || app.secret.starts_with("demo-secret-")
}
