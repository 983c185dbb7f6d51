//! What a timer does is in its payload.

use serde_json::{Value, json};
use switchboard_plugin::host::{messages_edit, timers};
use switchboard_plugin::prelude::*;

/// Counts the run and says so in the conversation of `say`. Then, if told: acts on the message of `claim`, sets itself
/// again or cancels itself, fails the first time or always.
pub fn fire(ctx: &Context, firing: &Firing) -> Result<(), String> {
    let told: Value = serde_json::from_str(&firing.payload).map_err(|error| error.to_string())?;
    let marker = format!("tried/{}", ctx.call_id);
    let tried = kv::get(&marker)?.is_some();
    let count = kv::increment(&format!("runs/{}", firing.name), 1, None)?;
    if let Some(conversation) = told["say"].as_str() {
        let last = if firing.last { " last" } else { "" };
        let text = format!("{} {} {count}{last}", firing.name, firing.run);
        reply(conversation, text).send()?;
    }
    if let Some(message) = told["claim"].as_str() {
        let answer = messages_edit::act(None, message, &json!({ "do": "claim" }).to_string())?;
        if let Some(conversation) = told["say"].as_str() {
            reply(conversation, format!("claimed {answer}")).send()?;
        }
    }
    if told["cancel"] == true {
        timers::cancel(&firing.name)?;
    }
    kv::set(&marker, b"1", Some(3600))?;
    match told["fail"].as_str() {
        Some("once") if !tried => Err("failed once, as told".to_owned()),
        Some("always") => Err("failed, as told".to_owned()),
        _ => Ok(()),
    }
}
