//! Who has a conversation: what plugins for customer service tell one another by the `desk` of its ext.

use serde_json::Value;

use crate::config::Desk;

/// Whether it waits for a human or has one: then no bot speaks.
pub fn has_human(ext: &Value) -> bool {
    matches!(by(ext), Some("queue" | "agent"))
}

/// Who has it, while no human does.
pub fn state(ext: &Value) -> Desk {
    match by(ext) {
        None => Desk::None,
        Some("closed") => Desk::Closed,
        Some(_) => Desk::Bot,
    }
}

fn by(ext: &Value) -> Option<&str> {
    ext.pointer("/desk/by")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_states_of_a_desk() {
        let of = |by: &str| json!({ "desk": { "by": by } });
        assert!(has_human(&of("queue")) && has_human(&of("agent")));
        assert!(!has_human(&of("bot")) && !has_human(&of("closed")) && !has_human(&json!({})));
        assert_eq!(state(&of("bot")), Desk::Bot);
        assert_eq!(state(&of("closed")), Desk::Closed);
        assert_eq!(state(&json!({ "desk": {} })), Desk::None);
        assert_eq!(state(&Value::Null), Desk::None);
    }
}
