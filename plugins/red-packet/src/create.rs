//! A packet as it is sent. Whatever a client says about the state of a packet is left out: a packet begins unclaimed.

use serde_json::{Map, Value};

use crate::config::Config;

/// Fields that only actions write.
const STATE: [&str; 4] = ["claims", "left", "returned", "state"];

/// The most bytes of a body as it is sent: together with a hundred claims it stays below what a message may hold.
const BODY_BYTES: usize = 12 * 1024;

/// The most characters of a greeting.
const TEXT_CHARS: usize = 200;

/// The body to store for a body that was sent.
///
/// # Errors
/// The field that is wrong, in words.
pub fn create(body: &str, config: &Config, now: u64) -> Result<String, String> {
    if body.len() > BODY_BYTES {
        return Err("a red packet is longer than 12 KiB".to_owned());
    }
    let mut body: Map<String, Value> =
        serde_json::from_str(body).map_err(|_| "a red packet is a JSON object".to_owned())?;
    for name in STATE {
        body.remove(name);
    }
    let whole = |name: &str| {
        body.get(name)
            .and_then(Value::as_u64)
            .ok_or_else(|| format!("{name} is missing"))
    };
    let (total, count) = (whole("total")?, whole("count")?);
    if count == 0 || count > config.max_count {
        return Err(format!("count is from 1 to {}", config.max_count));
    }
    if total < count || total > config.max_total {
        return Err(format!("total is from count to {}", config.max_total));
    }
    match body.get("text") {
        None | Some(Value::Null) => drop(body.remove("text")),
        Some(Value::String(text)) if text.chars().count() <= TEXT_CHARS => {}
        Some(_) => return Err(format!("text has at most {TEXT_CHARS} characters")),
    }
    match body.get("mode").map(Value::as_str) {
        None => drop(body.insert("mode".to_owned(), "equal".into())),
        Some(Some("equal" | "random")) => {}
        Some(_) => return Err("mode is equal or random".to_owned()),
    }
    let latest = now.saturating_add(config.expiry_seconds.saturating_mul(1_000));
    let expires_at = match body.get("expires_at") {
        None | Some(Value::Null) => latest,
        Some(at) => at
            .as_u64()
            .filter(|at| (now + 1..=latest).contains(at))
            .ok_or_else(|| format!("expires_at is in the future, at most {} s", config.expiry_seconds))?,
    };
    body.insert("expires_at".to_owned(), expires_at.into());
    body.insert("claims".to_owned(), Value::Array(Vec::new()));
    body.insert("left".to_owned(), total.into());
    body.insert("state".to_owned(), "open".into());
    Ok(Value::Object(body).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::packet::{Packet, State};

    fn created(body: Value) -> Result<Packet, String> {
        create(&body.to_string(), &Config::default(), 1_000).map(|body| Packet::read(&body).unwrap())
    }

    #[test]
    fn a_packet_begins_unclaimed_whatever_its_sender_says() {
        let forged = json!({
            "total": 100, "count": 2, "mode": "random", "text": "恭喜发财", "own": [1], "state": "finished", "left": 0,
            "returned": 7, "claims": [{ "user": "me", "amount": 100, "at": 1 }]
        });
        let packet = created(forged).unwrap();
        assert_eq!((packet.left, packet.returned, packet.state), (100, 0, State::Open));
        assert!(packet.claims.is_empty());
        assert_eq!(
            (&packet.rest["text"], &packet.rest["own"]),
            (&json!("恭喜发财"), &json!([1]))
        );
        assert_eq!(packet.expires_at, 1_000 + 86_400_000);
    }

    #[test]
    fn a_policys_change_is_created_again() {
        let once = create(r#"{"total":5,"count":5}"#, &Config::default(), 1_000).unwrap();
        assert_eq!(create(&once, &Config::default(), 1_005).unwrap(), once);
    }

    #[test]
    fn bounds_are_named() {
        for (body, part) in [
            (json!({ "total": 0, "count": 1 }), "total is"),
            (json!({ "total": 2, "count": 3 }), "total is"),
            (json!({ "total": 2_000_001, "count": 3 }), "2000000"),
            (json!({ "total": 500, "count": 101 }), "count is"),
            (json!({ "total": 500, "count": 0 }), "count is"),
            (json!({ "total": 500, "count": "5" }), "count is missing"),
            (json!({ "total": 500, "count": 5, "mode": "some" }), "mode"),
            (json!({ "total": 500, "count": 5, "text": "x".repeat(201) }), "text"),
            (json!({ "total": 500, "count": 5, "expires_at": 1_000 }), "expires_at"),
            (
                json!({ "total": 500, "count": 5, "expires_at": 99_999_999_999_u64 }),
                "expires_at",
            ),
            (json!([]), "object"),
            (
                json!({ "total": 500, "count": 5, "attr": "x".repeat(13_000) }),
                "12 KiB",
            ),
        ] {
            let error = created(body.clone()).unwrap_err();
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
