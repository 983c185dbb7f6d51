//! Who has a conversation, as plugins for customer service tell one another by the `desk` of its ext:
//! `{"desk": {"by": "bot"|"queue"|"agent"|"closed", "agent": uid, "since": ms, "wanted": {"reason", "from"}}}`.
//!
//! The help desk writes it. A bot that wants a human merges `wanted`, which the desk removes when it has heard of it.

use serde_json::Value;

/// What a desk says of a conversation; nothing, if none has it. What cannot be read counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desk {
    /// `bot`, `queue`, `agent` or `closed`; none: no desk looks after this conversation.
    pub by: Option<String>,
    /// The agent, if one has it.
    pub agent: Option<String>,
    /// When that began, in milliseconds since 1970.
    pub since: Option<u64>,
    /// Whether somebody has asked for a human, and no desk has answered yet.
    pub wanted: bool,
}

impl Desk {
    /// Reads a conversation's ext.
    #[must_use]
    pub fn of(ext: &Value) -> Self {
        let desk = &ext["desk"];
        let text = |name: &str| desk[name].as_str().map(str::to_owned);
        Self {
            by: text("by"),
            agent: text("agent"),
            since: desk["since"].as_u64(),
            wanted: !desk["wanted"].is_null(),
        }
    }

    /// The same of its text.
    #[must_use]
    pub fn read(ext: &str) -> Self {
        Self::of(&serde_json::from_str(ext).unwrap_or_default())
    }

    /// Whether a human has it, or it waits for one.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self.by.as_deref(), Some("queue" | "agent"))
    }

    /// Whether a human has it, it waits for one, or one was called whom the desk will send: then no bot speaks. Where no
    /// desk is, nobody would ever end a call for a human, so it does not count.
    #[must_use]
    pub fn has_human(&self) -> bool {
        self.is_taken() || (self.by.is_some() && self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bots_are_silent_from_the_call_for_a_human_on() {
        let has_human = |desk: Value| Desk::of(&json!({ "desk": desk })).has_human();
        let wanted = json!({ "reason": "asked", "from": "x" });
        assert!(has_human(json!({ "by": "queue" })) && has_human(json!({ "by": "agent", "agent": "eve" })));
        for by in ["bot", "closed"] {
            assert!(!has_human(json!({ "by": by })) && !has_human(json!({ "by": by, "wanted": null })));
            assert!(has_human(json!({ "by": by, "wanted": wanted })));
        }
        assert!(!has_human(json!({ "wanted": wanted })), "no desk is there to answer");
    }

    #[test]
    fn what_is_no_desk_says_nothing() {
        for ext in [
            "",
            "no json",
            "7",
            "{}",
            r#"{"desk":null}"#,
            r#"{"desk":7}"#,
            r#"{"desk":{"by":7}}"#,
        ] {
            assert_eq!(Desk::read(ext), Desk::default(), "{ext}");
        }
        let desk = Desk::read(r#"{"desk":{"by":"agent","agent":"eve","since":5,"wanted":{}}}"#);
        assert_eq!(
            (desk.agent.as_deref(), desk.since, desk.wanted),
            (Some("eve"), Some(5), true)
        );
    }
}
