//! Red packets: what `extra` says of one, and the body it is here.

use serde_json::{Map, Value, json};
use switchboard_plugin::number_of;

use crate::answer::{Done, Fault};
use crate::params::whole_of;

/// Their type.
pub const NUMBER: u64 = 5;
/// Their kind.
pub const KIND: &str = "red-packet";

/// Fields that both sides name alike.
const NUMBERS: [&str; 3] = ["total", "count", "expires_at"];

/// Moves what makes a red packet from `extra` into a body, and answers its kind.
///
/// # Errors
/// `BAD` if one of its numbers is none.
pub fn store(body: &mut Map<String, Value>, extra: &mut Map<String, Value>) -> Done<&'static str> {
    for name in NUMBERS {
        let Some(value) = extra.remove(name) else { continue };
        let number = whole_of(&value).ok_or_else(|| Fault::bad(format!("extra.{name} is a whole number")))?;
        body.insert(name.to_owned(), number.into());
    }
    for name in ["total", "count"] {
        if !body.contains_key(name) {
            return Err(Fault::bad(format!("extra.{name} is missing")));
        }
    }
    if let Some(mode) = extra.remove("mode") {
        let mode = match whole_of(&mode) {
            Some(1) => "equal".into(),
            Some(2) => "random".into(),
            _ => mode,
        };
        body.insert("mode".to_owned(), mode);
    }
    for state in ["claims", "left", "returned", "state"] {
        extra.remove(state);
    }
    Ok(KIND)
}

/// Adds a red packet's body to `extra`, its claimers by both of their ids.
pub fn show(body: Map<String, Value>, extra: &mut Map<String, Value>) {
    for (name, value) in body {
        let value = match (name.as_str(), value) {
            ("claims", Value::Array(claims)) => claims.into_iter().map(shown_claim).collect(),
            (_, value) => value,
        };
        extra.insert(name, value);
    }
}

fn shown_claim(claim: Value) -> Value {
    let user = claim["user"].as_str().unwrap_or_default();
    json!({ "app_user_id": user, "user_id": number_of(user), "amount": claim["amount"], "at": claim["at"] })
}
