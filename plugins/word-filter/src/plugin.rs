//! The hooks: contract types in, contract types out, nothing decided here.

use crate::filter::{FIELDS, Memory, Outcome, filter};
use crate::schema;
use std::cell::RefCell;
use switchboard_plugin::prelude::*;

struct WordFilter;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

#[switchboard_plugin::hook]
impl About for WordFilter {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Policy for WordFilter {
    /// Every kind that can be configured: the host reads this once, before there is a configuration. What a message
    /// becomes later is looked at as well.
    fn rules() -> Rule {
        Rule {
            attempts: vec![AttemptKind::Send, AttemptKind::Edit],
            ..Rule::for_kinds(["text", "image", "voice", "video", "location", "file", "card", "link"])
        }
    }

    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        let (kind, body) = match &attempt {
            Attempt::Send(draft) => (&draft.kind, &draft.body),
            Attempt::Edit(edit) => (&edit.message.kind, &edit.body),
            _ => return Verdict::Allow,
        };
        // Without a place for words there is no need for the configuration either. A backslash could hide a key.
        if !body.contains('\\') && !FIELDS.iter().any(|name| body.contains(name)) {
            return Verdict::Allow;
        }
        let outcome = MEMORY.with_borrow_mut(|memory| filter(memory, config::get(), kind, body));
        match outcome {
            Ok(Outcome::Pass) => Verdict::Allow,
            Ok(Outcome::Masked(body)) => Verdict::change(body),
            Ok(Outcome::Refused(text)) => Verdict::refuse("forbidden_words", text),
            Err(error) => {
                error!("{error}; the message was let through");
                Verdict::Allow
            }
        }
    }
}
