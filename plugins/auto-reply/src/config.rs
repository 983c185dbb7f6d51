//! The configuration, read on every call.

use serde::Deserialize;

/// All settings; every one may be absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Greetings on opening.
    pub greeting: Greeting,
    /// Who answers customers.
    pub agents: Vec<String>,
    /// Who speaks in groups; none: the app itself.
    pub reply_as: Option<String>,
    /// How long rules are silent after a human's answer; 0: not at all.
    pub quiet_minutes: u32,
    /// In order: the first that matches counts.
    pub rules: Vec<Rule>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            greeting: Greeting::default(),
            agents: Vec::new(),
            reply_as: None,
            quiet_minutes: 5,
            rules: Vec::new(),
        }
    }
}

/// Greetings for those who have none of their own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Greeting {
    /// When the peer is online; empty: none.
    pub default: String,
    /// When the peer is offline; empty: none.
    pub default_offline: String,
    /// How long a conversation is not greeted again.
    pub cooldown_seconds: u32,
}

impl Default for Greeting {
    fn default() -> Self {
        Greeting {
            default: String::new(),
            default_offline: String::new(),
            cooldown_seconds: 3600,
        }
    }
}

/// How keywords count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The text contains one of them.
    #[default]
    Any,
    /// The text contains each of them.
    All,
    /// The text is one of them.
    Exact,
}

/// One rule: keywords or a pattern, and what to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique; keys the cooldown.
    pub name: String,
    /// What to look for; empty with a pattern.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How the keywords count.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// A regular expression instead.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The answer, with fields.
    pub reply: String,
    /// Whether `Price` and `price` differ.
    #[serde(default)]
    pub case_sensitive: bool,
    /// How long it stays silent in a conversation after an answer there.
    #[serde(default = "rule_cooldown")]
    pub cooldown_seconds: u32,
}

fn rule_cooldown() -> u32 {
    30
}

impl Config {
    /// Reads a configuration; the text of an error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Config, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }

    /// Whether this user is listed as one who answers customers.
    pub fn is_agent(&self, uid: &str) -> bool {
        self.agents.iter().any(|agent| agent == uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_configuration_is_the_default_that_the_schema_states() {
        let config = Config::parse("{}").unwrap();
        let schema: serde_json::Value = serde_json::from_str(crate::schema::CONFIG).unwrap();
        let properties = &schema["properties"];
        assert_eq!(properties["quiet_minutes"]["default"], config.quiet_minutes);
        let greeting = &properties["greeting"]["properties"];
        assert_eq!(
            greeting["cooldown_seconds"]["default"],
            config.greeting.cooldown_seconds
        );
        let rule = &properties["rules"]["items"]["properties"];
        assert_eq!(rule["cooldown_seconds"]["default"], rule_cooldown());
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, part) in [
            (r#"{"rule":[]}"#, "unknown field `rule`"),
            (r#"{"rules":[{"name":"a"}]}"#, "missing field `reply`"),
            (
                r#"{"rules":[{"name":"a","reply":"b","match":"some"}]}"#,
                "unknown variant `some`",
            ),
            (r#"{"quiet_minutes":-1}"#, "line 1"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
