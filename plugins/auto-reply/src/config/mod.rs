//! The configuration, read on every call. What is left out is as the schema says, and nothing of it asks the server.

mod hours;
mod menu;
mod rule;

use serde::Deserialize;

pub use hours::{Holiday, HoursConfig, Plural, Week, Words};
pub use menu::{Choice, Menu, Page, Style};
pub use rule::{Action, Desk, Doors, Match, On, Rule, When};

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
    /// How long there is silence after a human's answer; 0: none.
    pub quiet_minutes: u32,
    /// When somebody is there; none: always.
    pub hours: Option<HoursConfig>,
    /// What is said outside of the hours.
    pub out_of_office: OutOfOffice,
    /// Questions and answers to choose from.
    pub menu: Option<Menu>,
    /// In order.
    pub rules: Vec<Rule>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            greeting: Greeting::default(),
            agents: Vec::new(),
            reply_as: None,
            quiet_minutes: 5,
            hours: None,
            out_of_office: OutOfOffice::default(),
            menu: None,
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

/// What a customer who writes outside of the hours is told.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutOfOffice {
    /// The text; empty: none.
    pub text: String,
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

    /// The rules of one event, in order.
    pub fn rules_on(&self, on: On) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.on == on)
    }

    /// The rules of waiting, from the shortest wait to the longest.
    pub fn waits(&self) -> Vec<&Rule> {
        let mut waits: Vec<&Rule> = self.rules_on(On::Idle).collect();
        waits.sort_by_key(|rule| rule.idle_seconds);
        waits
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
        let rule = &schema["$defs"]["rule"]["properties"];
        let plain: Rule = serde_json::from_str(r#"{"name":"a","reply":"b"}"#).unwrap();
        assert_eq!(rule["idle_seconds"]["default"], plain.idle_seconds);
        let menu: Menu = serde_json::from_str(r#"{"text":"a","choices":[]}"#).unwrap();
        let properties = &schema["$defs"]["menu"]["properties"];
        assert_eq!(properties["expires_seconds"]["default"], menu.expires_seconds);
        assert_eq!(properties["line"]["default"], menu.line);
        assert_eq!(properties["back"]["default"], menu.back);
        let words = Words::default();
        let properties = &schema["$defs"]["words"]["properties"];
        for (name, default) in [
            ("time", &words.time),
            ("date", &words.date),
            ("today", &words.today),
            ("tomorrow", &words.tomorrow),
            ("week", &words.week),
            ("later", &words.later),
            ("am", &words.am),
            ("pm", &words.pm),
        ] {
            assert_eq!(properties[name]["default"], **default, "{name}");
        }
        assert_eq!(properties["weekdays"]["default"], serde_json::json!(words.weekdays));
        assert_eq!(properties["months"]["default"], serde_json::json!(words.months));
        assert_eq!(properties["minutes"]["default"], words.minutes.of(2));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, part) in [
            (r#"{"rule":[]}"#, "unknown field `rule`"),
            (r#"{"rules":[{"reply":"a"}]}"#, "missing field `name`"),
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
