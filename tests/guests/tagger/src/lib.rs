//! Appends the configured `tag` to every text, so that a message shows which plugins saw it, and in which order.

use serde::Deserialize;
use switchboard_plugin::prelude::*;

struct Tagger;

#[derive(Deserialize)]
struct Config {
    tag: String,
}

#[switchboard_plugin::hook]
impl About for Tagger {
    fn describe() -> Description {
        description!(
            r#"{"type":"object","properties":{"tag":{"type":"string","maxLength":32}},"required":["tag"],
                "additionalProperties":false}"#
        )
    }
}

#[switchboard_plugin::hook]
impl Policy for Tagger {
    fn rules() -> Rule {
        Rule::for_kinds(["text"])
    }

    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        let Some(text) = attempt.text() else {
            return Verdict::Allow;
        };
        match config::read::<Config>() {
            Ok(Config { tag }) => Verdict::change(text_body(&format!("{text}{tag}"))),
            Err(error) => Verdict::refuse("bad_config", error),
        }
    }
}
