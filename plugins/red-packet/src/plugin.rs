//! The hooks: contract types in, contract types out, nothing decided here.

use serde_json::{Value, json};
use switchboard_plugin::host::messages_edit;
use switchboard_plugin::host::timers::{self, Schedule};
use switchboard_plugin::prelude::*;

use crate::act::{self, Ask};
use crate::config::Config;
use crate::create::create;
use crate::packet::{Packet, State};
use crate::schema;

/// The kind this plugin owns.
const KIND: &str = "red-packet";

struct RedPacket;

#[switchboard_plugin::hook]
impl About for RedPacket {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl MessageType for RedPacket {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new(KIND, schema::BODY)]
    }

    fn check(ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        if draft.transient {
            return Err(bad_body("a red packet is stored: nobody could claim a transient one"));
        }
        create(&draft.body, &configuration()?, ctx.now).map_err(bad_body)
    }

    fn summarise(_kind: String, body: String) -> String {
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        match body["text"].as_str().filter(|text| !text.trim().is_empty()) {
            // A label and 180 characters: no summary is longer than 200.
            Some(text) => format!("[Red packet] {}", text.trim().chars().take(180).collect::<String>()),
            None => "[Red packet]".to_owned(),
        }
    }
}

#[switchboard_plugin::hook]
impl MessageAction for RedPacket {
    fn act(ctx: Context, action: Action) -> Result<Outcome, Refusal> {
        let ask = Ask::read(&action.data).ok_or_else(|| bad_body("action is claim"))?;
        let seed = format!("{}{}", configuration()?.salt, action.message.id);
        let packet = (action.message.recalled_at.is_none())
            .then(|| Packet::read(&action.message.body))
            .flatten()
            .ok_or_else(|| bad_body("this is no red packet that can be claimed"))?;
        let done = match (ask, &action.uid) {
            (Ask::Claim, Some(user)) => act::claim(packet, user, &seed, ctx.now),
            (Ask::Expire, None) => act::expire(packet),
            (Ask::Claim, None) => return Err(not_permitted("only a member can claim")),
            (Ask::Expire, Some(_)) => return Err(not_permitted("only the app itself can end a red packet")),
        };
        if done.packet.as_ref().is_some_and(|packet| packet.state != State::Open) {
            // Without it the timer finds a packet that is over, and does nothing.
            let _ = timers::cancel(&timer_of(&action.message.id));
        }
        Ok(Outcome {
            answer: done.answer.to_string(),
            body: done.packet.map(|packet| packet.write()),
        })
    }
}

#[switchboard_plugin::hook]
impl Observer for RedPacket {
    fn interests() -> Interest {
        Interest {
            events: vec![EventKind::MessageSent, EventKind::MessageRecalled],
            kinds: vec![KIND.to_owned()],
        }
    }

    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        match event {
            Event::MessageSent(message) => wait(&message),
            Event::MessageRecalled(message) => settle(timers::cancel(&timer_of(&message.id))),
            _ => Ok(()),
        }
    }
}

#[switchboard_plugin::hook]
impl Timer for RedPacket {
    fn fire(_ctx: Context, firing: Firing) -> Result<(), String> {
        let payload: Value = serde_json::from_str(&firing.payload).unwrap_or_default();
        let Some(message) = payload["message"].as_str() else {
            return Ok(());
        };
        settle(messages_edit::act(None, message, r#"{"action":"expire"}"#))
    }
}

/// Sets the timer that ends a packet. Without one, for want of room, it ends when it is next claimed.
fn wait(message: &Message) -> Result<(), String> {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let Some(first_at) = body["expires_at"].as_u64() else {
        return Ok(());
    };
    let schedule = Schedule {
        first_at,
        every: None,
        runs: Some(1),
    };
    let payload = json!({ "message": message.id }).to_string();
    settle(timers::set(&timer_of(&message.id), schedule, &payload))
}

fn timer_of(message: &str) -> String {
    format!("expire:{message}")
}

/// Only what may work the next time is an error of the call.
fn settle<T>(done: Result<T, Error>) -> Result<(), String> {
    match done {
        Ok(_) => Ok(()),
        Err(error) if error.passes() => Err(error.into()),
        Err(error) => {
            warn!("{}", String::from(error));
            Ok(())
        }
    }
}

fn configuration() -> Result<Config, Refusal> {
    Config::parse(&config::get()).map_err(|error| Refusal::new("red_packet_config", error))
}

fn bad_body(text: impl Into<String>) -> Refusal {
    Refusal::new("bad_body", text)
}

fn not_permitted(text: &str) -> Refusal {
    Refusal::new("not_permitted", text)
}
