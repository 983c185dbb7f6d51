//! The kind `claim`: something of which there is so much, and everyone takes one.

use serde_json::{Value, json};
use switchboard_plugin::prelude::*;

pub const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["left"],
    "properties": {
        "left": { "type": "integer", "minimum": 0 },
        "claims": { "type": "array", "items": { "type": "string" } }
    }
}"#;

/// `claim` takes one, `look` changes nothing, `note` only writes, `spoil` answers a body that does not fit, `crash` traps.
pub fn act(action: &Action) -> Result<Outcome, Refusal> {
    let mut body: Value = serde_json::from_str(&action.message.body).unwrap_or_default();
    let data: Value = serde_json::from_str(&action.data).unwrap_or_default();
    let who = action.uid.clone().unwrap_or_else(|| "the app".to_owned());
    let left = body["left"].as_u64().unwrap_or(0);
    let counter = format!("claimed/{}", action.message.id);
    match data["do"].as_str() {
        Some("claim") if left == 0 => Err(refusal("nothing_left", "All of it is taken.")),
        Some("claim") => {
            body["left"] = json!(left - 1);
            if !body["claims"].is_array() {
                body["claims"] = json!([]);
            }
            if let Some(claims) = body["claims"].as_array_mut() {
                claims.push(json!(who));
            }
            let text = format!("{who} took one");
            reply(&action.message.conversation_id, text).send().map_err(odd)?;
            kv::increment(&counter, 1, None).map_err(odd)?;
            Ok(outcome(json!({ "left": left - 1 }), Some(&body)))
        }
        Some("look") => Ok(outcome(json!(left), None)),
        Some("note") => {
            reply(&action.message.conversation_id, "noted").send().map_err(odd)?;
            Ok(outcome(json!(null), None))
        }
        Some("spoil") => Ok(outcome(json!(null), Some(&json!({ "left": -1 })))),
        Some("crash") => panic!("crashed, as told"),
        _ => Err(refusal("no_such_thing", "There is nothing of the kind to do.")),
    }
}

fn outcome(answer: Value, body: Option<&Value>) -> Outcome {
    Outcome {
        answer: answer.to_string(),
        body: body.map(Value::to_string),
    }
}

fn refusal(code: &str, text: &str) -> Refusal {
    Refusal {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}

fn odd(error: Error) -> Refusal {
    refusal("odd", &format!("{error:?}"))
}
