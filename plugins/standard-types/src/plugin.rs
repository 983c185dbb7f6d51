//! The hooks: contract types in, contract types out, nothing decided here.

use crate::check::check;
use crate::kinds::{KINDS, find};
use crate::{schema, summary};
use switchboard_plugin::prelude::*;

struct StandardTypes;

#[switchboard_plugin::hook]
impl About for StandardTypes {
    fn describe() -> Description {
        description!(r#"{"type":"object","additionalProperties":false}"#)
    }
}

#[switchboard_plugin::hook]
impl MessageType for StandardTypes {
    fn kinds() -> Vec<Kind> {
        KINDS
            .iter()
            .map(|kind| Kind::new(kind.name, schema::of(kind)))
            .collect()
    }

    fn check(_ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        let Some(kind) = find(&draft.kind) else {
            return Err(Refusal::new(
                "unknown_kind",
                format!("{} is not a kind of this plugin", draft.kind),
            ));
        };
        check(kind, &draft.body).map_err(|fault| Refusal::new(fault.code, fault.text))
    }

    fn summarise(kind: String, body: String) -> String {
        summary::summarise(&kind, &body)
    }
}
