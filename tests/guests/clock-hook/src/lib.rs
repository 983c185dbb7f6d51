//! Does what it is told by JSON: in texts (`{"set": {…}}`, `{"cancel": name}`, `{"list": true}`, `{"post": {…}}`), in the
//! payloads of its timers (`{"say": conversation}` and what is added to it), and in actions on its kind `claim`. It answers
//! texts by system messages.

mod claim;
mod payload;

use serde_json::{Value, json};
use switchboard_plugin::host::types::{Algorithm, Part, Recipe};
use switchboard_plugin::host::{timers, webhooks};
use switchboard_plugin::prelude::*;

struct Clock;

#[switchboard_plugin::hook]
impl Observer for Clock {
    fn interests() -> Interest {
        Interest {
            events: vec![EventKind::MessageSent],
            kinds: vec!["text".to_owned()],
        }
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let Some(told) = message
            .text()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        else {
            return Ok(());
        };
        let marker = format!("tried/{}", ctx.call_id);
        let tried = kv::get(&marker)?.is_some();
        let answer = obey(&told).unwrap_or_else(|error| format!("{error:?}"));
        reply(&message.conversation_id, answer).send()?;
        kv::set(&marker, b"1", Some(3600))?;
        match told["fail_once"].as_bool() {
            Some(true) if !tried => Err("failed once, as told".to_owned()),
            _ => Ok(()),
        }
    }
}

#[switchboard_plugin::hook]
impl Timer for Clock {
    fn fire(ctx: Context, firing: Firing) -> Result<(), String> {
        payload::fire(&ctx, &firing)
    }
}

#[switchboard_plugin::hook]
impl MessageType for Clock {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new("claim", claim::SCHEMA)]
    }
}

#[switchboard_plugin::hook]
impl MessageAction for Clock {
    fn act(_: Context, action: Action) -> Result<Outcome, Refusal> {
        claim::act(&action)
    }
}

fn obey(told: &Value) -> Result<String, Error> {
    if told["set"].is_object() {
        return set(&told["set"]).map(|replaced| format!("set {replaced}"));
    }
    if let Some(name) = told["cancel"].as_str() {
        return timers::cancel(name).map(|cancelled| format!("cancelled {cancelled}"));
    }
    if told["list"] == true {
        let all = timers::all(None, 100)?;
        let names: Vec<&str> = all.iter().map(|timer| timer.name.as_str()).collect();
        return Ok(format!("timers {}", names.join(",")));
    }
    if told["post"].is_object() {
        return post(&told["post"]).map(|id| format!("posted {id}"));
    }
    Ok("nothing".to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn set(told: &Value) -> Result<bool, Error> {
    let schedule = timers::Schedule {
        first_at: told["first_at"].as_u64().unwrap_or(0),
        every: told["every"].as_u64(),
        runs: told["runs"].as_u64().and_then(|runs| u32::try_from(runs).ok()),
    };
    timers::set(&text(&told["name"]), schedule, &told["payload"].to_string())
}

/// Posts a webhook that is signed as the hooks protocol signs.
fn post(told: &Value) -> Result<String, Error> {
    let header = |name: &str, value| webhooks::Header {
        name: name.to_owned(),
        value,
    };
    let recipe = Recipe {
        algorithm: Algorithm::HmacSha256,
        parts: vec![Part::TimeSeconds, Part::Text(".".to_owned()), Part::Body],
    };
    webhooks::post(&webhooks::Webhook {
        url: text(&told["url"]),
        headers: vec![
            header("X-Time", webhooks::HeaderValue::TimeSeconds),
            header("X-Signature", webhooks::HeaderValue::Signature(recipe)),
            header("X-Delivery", webhooks::HeaderValue::DeliveryId),
            header(
                "Content-Type",
                webhooks::HeaderValue::Text("application/x-told".to_owned()),
            ),
        ],
        body: json!({ "told": told["body"] }).to_string(),
        order_key: told["key"].as_str().map(str::to_owned),
    })
}
