//! Events: sent by the tenant's server to registered tokens, delivered to who is there.
//!
//! One call pushes to a bounded number of tokens; the rest of a larger event follows in timers, batch by batch.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use crate::object::Object;
use crate::registration::NAME;
use crate::registry::{event_prefix, keeper};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_plugin::host::timers::{self, Schedule};
use switchboard_plugin::host::types::Context;
use switchboard_plugin::host::{connections, credentials};
use switchboard_plugin::kv;

/// The name of the push, which `encode` looks for.
pub const PUSH: &str = "event";
/// What the names of timers that go on with an event begin with.
pub const TIMER: &str = "fan:";
/// Tokens of one call: far below its bounds of calls to the server and of time, also on a busy machine.
const BATCH: u32 = 64;
/// Tokens in `toUser` at most.
const NAMED: usize = 100;
/// Keys counted at once, and how often.
const PAGE: u32 = 1000;
const PAGES: usize = 100;
/// Bytes of `data`, as JSON.
const DATA: usize = 8 * 1024;

/// What is left of an event.
#[derive(Serialize, Deserialize)]
struct Rest {
    name: String,
    data: Value,
    after: String,
}

/// `POST /send`.
pub fn send(ctx: &Context, params: &Params) -> Outcome<(&'static str, Object)> {
    if fields::text(params, "serviceType")? != "event" {
        return Err(Failure::malformed("serviceType", "must be event"));
    }
    if fields::optional(params, "modeType").is_some_and(|mode| mode != "send" && mode != "add") {
        return Err(Failure::malformed("modeType", "must be send"));
    }
    let name = fields::name(fields::required(params, "eventName")?, "eventName", NAME)?;
    fields::address(params, "notifyUrl")?;
    let data = fields::required(params, "data")?;
    if !data.is_object() && !data.is_array() {
        return Err(Failure::malformed("data", "must be an object"));
    }
    if data.to_string().len() > DATA {
        return Err(Failure::too_large("data"));
    }
    let tokens = match params.get("toUser") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => fields::list(value, "toUser", NAMED, usize::MAX)?,
    };
    let num = if tokens.is_empty() {
        let num = count(&name)?;
        to_all(ctx, name, data.clone(), None)?;
        num
    } else {
        to_some(&name, data, &tokens)?
    };
    Ok((
        "事件已经发送！",
        Object::new().with("num", num).with("serviceType", "event"),
    ))
}

fn to_some(name: &str, data: &Value, tokens: &[String]) -> Outcome<u64> {
    let (prefix, data) = (event_prefix(name), data.to_string());
    let mut num = 0;
    for token in tokens {
        let fingerprint = credentials::fingerprint(token)?;
        if let Some(entry) = kv::get(&format!("{prefix}{fingerprint}"))? {
            push(&fingerprint, &entry.value, &data)?;
            num += 1;
        }
    }
    Ok(num)
}

fn count(name: &str) -> Outcome<u64> {
    let prefix = event_prefix(name);
    let (mut num, mut after) = (0, None);
    for _ in 0..PAGES {
        let keys = kv::scan(&prefix, after.as_deref(), PAGE)?;
        num += keys.len() as u64;
        if keys.len() < PAGE as usize {
            break;
        }
        after = keys.into_iter().next_back();
    }
    Ok(num)
}

fn to_all(ctx: &Context, name: String, data: Value, after: Option<&str>) -> Outcome<()> {
    let prefix = event_prefix(&name);
    let keys = kv::scan(&prefix, after, BATCH)?;
    let text = data.to_string();
    for key in &keys {
        if let (Some(fingerprint), Some(entry)) = (key.strip_prefix(&prefix), kv::get(key)?) {
            push(fingerprint, &entry.value, &text)?;
        }
    }
    if keys.len() < BATCH as usize {
        return Ok(());
    }
    let Some(after) = keys.into_iter().next_back() else {
        return Ok(());
    };
    let rest = serde_json::to_string(&Rest { name, data, after }).map_err(|_| Failure::too_large("data"))?;
    let at_once = Schedule {
        first_at: ctx.now,
        every: None,
        runs: Some(1),
    };
    timers::set(&format!("{TIMER}{}", ctx.call_id), at_once, &rest)?;
    Ok(())
}

/// Goes on with an event where the last batch ended.
pub fn go_on(ctx: &Context, payload: &str) -> Outcome<()> {
    let Ok(rest) = serde_json::from_str::<Rest>(payload) else {
        return Ok(());
    };
    to_all(ctx, rest.name, rest.data, Some(&rest.after))
}

/// To the connections of a token: those of the user it chats as, and those it made before it chatted.
fn push(fingerprint: &str, uid: &[u8], data: &str) -> Outcome<()> {
    let (uid, keeper) = (String::from_utf8_lossy(uid), keeper(fingerprint));
    connections::push(&uid, PUSH, data)?;
    if uid != keeper.as_str() {
        connections::push(&keeper, PUSH, data)?;
    }
    Ok(())
}
