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
    let public: Vec<String> = apps
        .iter()
        .filter(|app| is_public(app))
        .map(|app| app.id.to_string())
        .collect();
    if !public.is_empty() {
        let what = format!(
            "the secrets of {} are public, and server.listen = {listen} lets others in: listen on 127.0.0.1 for a demo, \
             or remove these apps from the configuration (`--set apps=[]` removes all), or give them secrets of your own \
             and demo = false",
            public.join(", ")
        );
        problems.add("apps", what);
    }
}

fn is_public(app: &App) -> bool {
    app.demo || PRINTED.contains(&app.secret.as_str()) || app.secret.starts_with("demo-secret-")
}
