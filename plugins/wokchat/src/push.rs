//! The tenant's own server hears of each message that is sent: a durable, signed request, made apart from the answer.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use switchboard_plugin::host::types::{Algorithm, Part, Recipe};
use switchboard_plugin::host::webhooks::{self, Header, HeaderValue, Webhook};
use switchboard_plugin::warn;

use crate::call::{self, Call};
use crate::params::Params;
use crate::people::Oneself;

#[derive(Serialize)]
struct Body<'a> {
    user: Oneself,
    request: Map<String, Value>,
    response: Option<&'a RawValue>,
}

/// Posts what was asked and what was answered, if the app has a `push_url`.
pub fn sent(call: &Call<'_>, request: &Params, response: impl FnOnce() -> String) {
    let Some(url) = call::app().push_url.filter(|url| !url.is_empty()) else {
        return;
    };
    if let Err(text) = post(call, url, request, &response()) {
        warn!("nothing was pushed: {text}");
    }
}

fn post(call: &Call<'_>, url: String, request: &Params, response: &str) -> Result<(), String> {
    let user = call.oneself().map_err(|fault| fault.0)?;
    let mut request = request.0.clone();
    request.insert("action".to_owned(), Value::from("send_by_session"));
    // Signatures are for this server only.
    request.remove("sign");
    let session = request.get("session_id").map(Value::to_string).unwrap_or_default();
    let body = Body {
        user: Oneself::of(&user, &call.ctx.app_id),
        request,
        response: serde_json::from_str(response).ok(),
    };
    let header = |name: &str, value| Header {
        name: name.to_owned(),
        value,
    };
    let sign = Recipe {
        algorithm: Algorithm::Md5,
        parts: vec![Part::Secret, Part::TimeSeconds],
    };
    webhooks::post(&Webhook {
        url,
        headers: vec![
            header("content-type", HeaderValue::Text("application/json".to_owned())),
            header("appid", HeaderValue::Text(call.ctx.app_id.clone())),
            header("time", HeaderValue::TimeSeconds),
            header("sign", HeaderValue::Signature(sign)),
        ],
        body: serde_json::to_string(&body).map_err(|error| error.to_string())?,
        // In order inside a session; one slow session does not hold up the others.
        order_key: Some(format!("session/{}", session.trim_matches('"'))),
    })?;
    Ok(())
}
