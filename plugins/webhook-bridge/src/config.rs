//! The configuration, read on every call.

use serde::Deserialize;
use std::collections::BTreeMap;

/// All settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where events go; each is told on its own.
    pub targets: Vec<Target>,
}

/// One backend, and what it wants to hear.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Unique; begins the order keys by which its deliveries are found.
    pub name: String,
    /// Where the requests go.
    pub url: String,
    /// Names of events, or their beginnings such as `message.*`; empty: all.
    #[serde(default)]
    pub events: Vec<String>,
    /// Of events about a message: only these kinds; empty: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Of events in a conversation: only these kinds of it; empty: all.
    #[serde(default)]
    pub conversations: Vec<String>,
    /// Only events of a user whose uid begins so; empty: all events.
    #[serde(default)]
    pub uids: Vec<String>,
    /// Whether it hears of what plugins have done.
    #[serde(default = "yes")]
    pub plugins: bool,
    /// Further headers, such as a token of the backend's own.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What waits for what.
    #[serde(default)]
    pub order: Order,
}

/// Which deliveries of a target are sent one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Those of a conversation; what belongs to none: those of a user.
    #[default]
    Conversation,
    /// All of them.
    Target,
}

fn yes() -> bool {
    true
}

impl Config {
    /// Reads a configuration; the text of an error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Config, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_needs_a_name_and_a_url() {
        let config = Config::parse(r#"{"targets":[{"name":"crm","url":"https://x/"}]}"#).unwrap();
        let target = &config.targets[0];
        assert!(target.plugins && target.events.is_empty() && target.headers.is_empty());
        assert_eq!(target.order, Order::Conversation);
        assert!(Config::parse("{}").unwrap().targets.is_empty());
        for bad in [r#"{"targets":[{"name":"a"}]}"#, r#"{"target":[]}"#, "7"] {
            assert!(Config::parse(bad).unwrap_err().starts_with("configuration: "), "{bad}");
        }
    }
}
