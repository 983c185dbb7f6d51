//! Whom the bot answers, and when it is silent: it answers what a human customer wrote, and nobody talks over a human.

use crate::config::Config;
use crate::host::Past;
use crate::settings::Call;
use switchboard_plugin::desk::Desk;

/// A stored message of kind `text`.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its place in the conversation.
    pub seq: u64,
    /// Where it was sent.
    pub conversation: &'a str,
    /// `direct`, `temporary`, `group` or `chatroom`.
    pub place: &'static str,
    /// Who sent it; none: the app itself.
    pub uid: Option<&'a str>,
    /// Whether a plugin made it, or made what led to it.
    pub automatic: bool,
    /// Who is named in it.
    pub mentions: &'a [String],
    /// What it says.
    pub text: &'a str,
    /// When it was sent, in milliseconds.
    pub at: u64,
}

impl Heard<'_> {
    /// Whether it was sent where more than two may be.
    #[must_use]
    pub fn in_a_group(&self) -> bool {
        matches!(self.place, "group" | "chatroom")
    }
}

/// Whether a human can be called: where a desk is, or everywhere.
#[must_use]
pub fn calls(config: &Config, desk: &Desk) -> bool {
    desk.by.is_some() || config.handoff.desk == Call::Always
}

/// Whether humans have it or were called. Who calls a desk everywhere waits for it everywhere.
#[must_use]
pub fn is_leaving(config: &Config, desk: &Desk) -> bool {
    desk.has_human() || (desk.wanted && config.handoff.desk == Call::Always)
}

/// The customer who wrote it, if it is one whom the bot answers at all.
#[must_use]
pub fn customer<'a>(config: &Config, heard: &Heard<'a>) -> Option<&'a str> {
    let uid = heard.uid.filter(|_| !heard.automatic)?;
    let answered = config.is_complete()
        && uid != config.bot
        && !config.is_agent(uid)
        && config.conversations.kinds.iter().any(|kind| kind == heard.place);
    answered.then_some(uid)
}

/// Whether the bot may speak now, with nothing known of the past yet.
#[must_use]
pub fn may_speak(config: &Config, heard: &Heard<'_>, desk: &Desk) -> bool {
    match desk.by.as_deref() {
        _ if is_leaving(config, desk) => false,
        Some("bot") => true,
        _ => !heard.in_a_group() || !config.conversations.mention_only || heard.mentions.contains(&config.bot),
    }
}

/// Whether a human has answered lately, or after the message. A desk says that better, if there is one.
#[must_use]
pub fn human_is_there(config: &Config, heard: &Heard<'_>, customer: &str, past: &[Past]) -> bool {
    let quiet = u64::from(config.conversations.quiet_minutes) * 60_000;
    let since = heard.at.saturating_sub(quiet);
    quiet > 0
        && past
            .iter()
            .any(|past| (past.at > since || past.seq > heard.seq) && is_humans_answer(config, heard, customer, past))
}

/// Whether a message shows that a human is there for the customer: in a conversation of two, anyone else who typed it; in a
/// group those listed as agents.
#[must_use]
pub fn is_humans_answer(config: &Config, heard: &Heard<'_>, customer: &str, past: &Past) -> bool {
    let Some(uid) = past.uid.as_deref().filter(|uid| !past.automatic && *uid != customer) else {
        return false;
    };
    if heard.in_a_group() { config.is_agent(uid) } else { true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{config, heard};
    use serde_json::json;

    #[test]
    fn customers_are_answered_and_nobody_else() {
        let set = config(json!({ "agents": ["agent"] }));
        assert_eq!(customer(&set, &heard("hi")), Some("ann"));
        for (what, other) in [
            (
                "the app",
                Heard {
                    uid: None,
                    ..heard("hi")
                },
            ),
            (
                "the bot",
                Heard {
                    uid: Some("bot"),
                    ..heard("hi")
                },
            ),
            (
                "an agent",
                Heard {
                    uid: Some("agent"),
                    ..heard("hi")
                },
            ),
            (
                "a plugin",
                Heard {
                    automatic: true,
                    ..heard("hi")
                },
            ),
            (
                "a group",
                Heard {
                    place: "group",
                    ..heard("hi")
                },
            ),
        ] {
            assert_eq!(customer(&set, &other), None, "{what}");
        }
        let open = config(json!({ "conversations": { "kinds": ["group"] } }));
        assert_eq!(
            customer(
                &open,
                &Heard {
                    place: "group",
                    ..heard("hi")
                }
            ),
            Some("ann")
        );
        assert_eq!(customer(&open, &heard("hi")), None);
        assert_eq!(customer(&Config::default(), &heard("hi")), None, "nothing is set up");
    }

    #[test]
    fn the_desk_decides_if_there_is_one() {
        let set = config(json!({}));
        let speaks = |ext: serde_json::Value| may_speak(&set, &heard("hi"), &Desk::of(&ext));
        for (ext, expected) in [
            (json!({}), true),
            (json!({ "desk": null }), true),
            (json!({ "desk": { "by": "bot" } }), true),
            (
                json!({ "desk": { "by": "bot", "wanted": null, "agent": null, "since": 1 } }),
                true,
            ),
            (json!({ "desk": { "by": "closed" } }), true),
            (json!({ "desk": { "by": "queue" } }), false),
            (json!({ "desk": { "by": "agent", "agent": "eve" } }), false),
            (
                json!({ "desk": { "by": "bot", "wanted": { "reason": "asked", "from": "x" } } }),
                false,
            ),
        ] {
            assert_eq!(speaks(ext.clone()), expected, "{ext}");
        }
        let wanted = Desk::of(&json!({ "desk": { "wanted": { "reason": "asked", "from": "x" } } }));
        assert!(may_speak(&set, &heard("hi"), &wanted), "no desk will ever answer");
        let always = config(json!({ "handoff": { "desk": "always" } }));
        assert!(!may_speak(&always, &heard("hi"), &wanted), "one is about to");
    }

    #[test]
    fn in_groups_it_answers_what_mentions_it() {
        let (set, none) = (config(json!({})), Desk::default());
        let mentions = ["bot".to_owned()];
        let group = Heard {
            place: "group",
            ..heard("hi")
        };
        let named = Heard {
            mentions: &mentions,
            ..group.clone()
        };
        assert!(!may_speak(&set, &group, &none) && may_speak(&set, &named, &none));
        let desk = Desk::read(r#"{"desk":{"by":"bot"}}"#);
        assert!(may_speak(&set, &group, &desk), "a desk has given it to the bot");
        let open = config(json!({ "conversations": { "mention_only": false } }));
        assert!(may_speak(&open, &group, &none));
    }

    #[test]
    fn it_is_silent_while_a_human_answers() {
        let set = config(json!({ "conversations": { "quiet_minutes": 10 } }));
        let at = heard("hi").at;
        let past = |uid: &str, automatic, at, seq| Past {
            uid: Some(uid.to_owned()),
            automatic,
            at,
            seq,
            ..Past::default()
        };
        let there = |past: Past| human_is_there(&set, &heard("hi"), "ann", &[past]);
        assert!(
            there(past("bot", false, at - 1_000, 9)),
            "a human who speaks as the bot"
        );
        assert!(!there(past("bot", true, at - 1_000, 9)) && !there(past("ann", false, at - 1_000, 9)));
        assert!(!there(past("bot", false, at - 600_000, 9)), "long ago");
        assert!(there(past("bot", false, at + 1_000, 11)), "meanwhile");
        let always = config(json!({ "conversations": { "quiet_minutes": 0 } }));
        assert!(!human_is_there(
            &always,
            &heard("hi"),
            "ann",
            &[past("bot", false, at, 9)]
        ));
        let group = Heard {
            place: "group",
            ..heard("hi")
        };
        let set = config(json!({ "agents": ["eve"] }));
        assert!(human_is_there(&set, &group, "ann", &[past("eve", false, at, 9)]));
        assert!(
            !human_is_there(&set, &group, "ann", &[past("ben", false, at, 9)]),
            "another customer"
        );
    }
}
