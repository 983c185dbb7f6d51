//! Tickets: what a tenant's server gets for a signature and shows with every other call.
//!
//! The document signs a random text and no time. Two things follow: a text is taken once in a week, and one that this
//! plugin has signed in a callback is never taken, or whoever reads a callback could ask for a ticket.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use crate::object::Object;
use crate::schema::Config;
use switchboard_plugin::host::proofs::{self, Unproven};
use switchboard_plugin::host::types::{Algorithm, Part, Recipe};
use switchboard_plugin::host::{credentials, signatures};
use switchboard_plugin::kv;

/// How long a random text is remembered.
const REMEMBERED: u32 = 7 * 86_400;
/// Bytes of a random text.
const RANDOM: usize = 128;
/// What every random text of a callback begins with, and how many hex digits follow.
const OWN: &str = "wh";
const OWN_DIGITS: u32 = 16;

/// md5(random text + key).
fn recipe(random: &str) -> Recipe {
    Recipe {
        algorithm: Algorithm::Md5,
        parts: vec![Part::Text(random.to_owned()), Part::Secret],
    }
}

/// Adds `randomStr` and `sign` to what a callback says.
///
/// # Errors
/// What the capability answers.
pub fn signed(info: Object) -> Outcome<Object> {
    let random = format!("{OWN}{}", signatures::random_hex(OWN_DIGITS));
    let sign = signatures::sign(&recipe(&random))?;
    Ok(info.with("randomStr", random).with("sign", sign))
}

/// `POST /ticket`.
pub fn issue(app: &str, params: &Params) -> Outcome<(&'static str, Object)> {
    let named = fields::name(fields::required(params, "app_id")?, "app_id", 64)?;
    if named != app {
        return Err(Failure::unknown_app());
    }
    let time = fields::number(params, "time", 0, i64::MAX.unsigned_abs())?;
    let random = fields::name(fields::required(params, "randomStr")?, "randomStr", RANDOM)?;
    let sign = fields::text(params, "sign")?;
    let _app = proofs::by_signature(&recipe(&random), sign, i64::try_from(time).ok()).map_err(|why| match why {
        Unproven::Expired => Failure::expired("签名"),
        _ => Failure::wrong("签名"),
    })?;
    if is_own(&random) {
        return Err(Failure::wrong("randomStr "));
    }
    if !kv::compare_and_set(&format!("random:{random}"), 0, b"1", Some(REMEMBERED))? {
        return Err(Failure::expired("签名"));
    }
    let seconds = Config::of_install().ticket_seconds;
    let ticket = signatures::random_hex(40);
    kv::set(&key(&ticket)?, b"1", Some(seconds))?;
    Ok(("ok", Object::new().with("ticket", ticket).with("expires_in", seconds)))
}

/// Lets a call in that brings a ticket.
///
/// # Errors
/// 403.
pub fn check(params: &Params) -> Outcome<()> {
    let ticket = fields::optional(params, "ticket").and_then(serde_json::Value::as_str);
    let ticket = ticket.ok_or_else(Failure::no_ticket)?;
    kv::get(&key(ticket)?)?.map(|_| ()).ok_or_else(Failure::no_ticket)
}

/// Tickets are kept by their fingerprints: neither the store nor a log shows one.
fn key(ticket: &str) -> Outcome<String> {
    Ok(format!("ticket:{}", credentials::fingerprint(ticket)?))
}

fn is_own(random: &str) -> bool {
    random.strip_prefix(OWN).is_some_and(|digits| {
        digits.len() == OWN_DIGITS as usize && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_texts_are_known() {
        assert!(is_own("wh0123456789abcdef"));
        for other in [
            "wh",
            "2y4zV5uhIG6fFZrjbR",
            "wh0123456789abcdeg",
            "wh0123456789abcdef0",
            "0123456789abcdef",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
