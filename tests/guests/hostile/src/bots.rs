//! Answers whatever it hears, itself excepted, by one way each: two of them would go on for ever.

use switchboard_plugin::host::{messages_edit, timers};
use switchboard_plugin::prelude::*;

use crate::wish::Wish;

/// `answer-in-check`: sends a message while it judges one.
pub fn judge(draft: &Draft) {
    if Wish::at("policies").is_some() {
        let sent = reply(&draft.conversation_id, "and another thing").send();
        info!("sent while judging: {}", crate::outcome::told(sent));
    }
}

/// Answers at once, by an edit, or by a timer that is due now.
pub fn hear(ctx: &Context, event: &Event) -> Result<(), Error> {
    let (Event::MessageSent(message) | Event::MessageEdited(message)) = event else {
        return Ok(());
    };
    let is_new = matches!(event, Event::MessageSent(_));
    if Wish::at("observers").is_some() && is_new {
        reply(&message.conversation_id, "I heard you").send()?;
    }
    if Wish::at("timers").is_some() && is_new {
        let now = timers::Schedule {
            first_at: 0,
            every: None,
            runs: None,
        };
        let room = serde_json::json!({ "room": message.conversation_id }).to_string();
        timers::set(&ctx.call_id, now, &room)?;
    }
    if Wish::at("edits").is_some() {
        let text = message.text().unwrap_or_default() + ".";
        messages_edit::edit(None, &message.id, &text_body(&text))?;
    }
    Ok(())
}

/// Answers what it heard when it set the timer.
pub fn fire(firing: &Firing) -> Result<(), Error> {
    let told: serde_json::Value = serde_json::from_str(&firing.payload).unwrap_or_default();
    if let Some(room) = told["room"].as_str() {
        reply(room, "I have thought about it").send()?;
    }
    Ok(())
}
