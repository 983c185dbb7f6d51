//! The WebSocket: a user logs in and is then told of new messages.
//!
//! The document prints one frame up, `login`. *(ours)* `ping`, so that a client without WebSocket pings can stay, and
//! frames `login.fail` and `error` for what it prints no answer to.

use crate::answer::{Failure, Outcome, fault_frame, frame};
use crate::door::{self, unproven};
use crate::fields::{self, Params};
use crate::schema::{Config, open_logins};
use serde_json::{Map, Value, json};
use switchboard_plugin::hooks::dialect::{Connection, Reaction, Request};
use switchboard_plugin::host::proofs::{self, Proof, Unproven};
use switchboard_plugin::host::types::Context;
use switchboard_plugin::host::{users, users_write};

/// Bytes of a login's `ext`, as JSON.
const EXT: usize = 4096;
/// The device of a login that names none.
const DEVICE: &str = "default";

/// A socket comes in. With a token in its header or query it is its user's at once.
pub fn open(request: &Request) -> Outcome<Reaction> {
    let token = door::bearer(request).or_else(|| request.parameter("token"));
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        let proof = proofs::by_token(token).map_err(unproven)?;
        let device = request.parameter("device_id").unwrap_or(DEVICE);
        proof.bind(Some(device))?;
    }
    Ok(Reaction::nothing())
}

/// Answers a frame.
pub fn on_frame(ctx: &Context, connection: &Connection, text: &str) -> Reaction {
    let parsed: Option<Map<String, Value>> = serde_json::from_str(text).ok();
    let kind = parsed
        .as_ref()
        .and_then(|frame| frame.get("type"))
        .and_then(Value::as_str);
    match (kind, parsed.as_ref().and_then(|frame| frame.get("data"))) {
        (Some("ping"), _) => Reaction::frame(frame("pong", None, json!({ "time": ctx.now }))),
        (Some("login"), Some(Value::Object(data))) => match login(ctx, connection, data) {
            Ok(()) => Reaction::frame(frame("login.success", Some("success"), json!({ "time": ctx.now }))),
            Err(failure) => Reaction::frame(fault_frame("login.fail", &failure)),
        },
        (Some("login"), _) => Reaction::frame(fault_frame("login.fail", &Failure::missing("data"))),
        (Some(_), _) => error(&Failure::malformed("type", "login or ping")),
        (None, _) => error(&Failure::malformed("frame", r#"must be {"type":"…","data":{…}}"#)),
    }
}

fn error(failure: &Failure) -> Reaction {
    Reaction::frame(fault_frame("error", failure))
}

/// Whether a frame is a login, good or not.
pub fn is_login(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|frame| frame["type"] == "login")
}

/// The app that a login names.
pub fn app_of(text: &str) -> Option<String> {
    let frame: Value = serde_json::from_str(text).ok()?;
    let data = frame.get("data").filter(|_| frame["type"] == "login")?;
    fields::id(data.get("app_id")?, "app_id").ok()
}

fn login(ctx: &Context, connection: &Connection, data: &Params) -> Outcome<()> {
    let uid = fields::id(fields::required(data, "client_id")?, "client_id")?;
    let app = fields::id(fields::required(data, "app_id")?, "app_id")?;
    if app != ctx.app_id {
        return Err(Failure::other("unknown app"));
    }
    let device = match fields::optional(data, "device_id") {
        Some(device) => fields::id(device, "device_id")?,
        None => DEVICE.to_owned(),
    };
    let patch = patch(data)?;
    let token = fields::text(data, "token")?;
    match &connection.uid {
        Some(bound) if *bound == uid => return keep(&uid, patch),
        Some(_) => return Err(Failure::other("this connection is another user's")),
        None => {}
    }
    let proof = match token {
        Some(token) => by_token(token, &uid, &patch)?,
        None if Config::of_install().require_tokens || !open_logins() => {
            return Err(Failure::no_header("Authorization"));
        }
        None => {
            door::may_exist(std::slice::from_ref(&uid))?;
            banned(&uid)?;
            keep(&uid, patch.clone())?;
            proofs::by_trust(&uid).map_err(unproven)?
        }
    };
    proof.bind(Some(&device))?;
    Ok(())
}

fn banned(uid: &str) -> Outcome<()> {
    match users::get(uid)? {
        Some(user) if user.banned => Err(Failure::banned()),
        _ => Ok(()),
    }
}

/// The proof of a token, which must be that user's; the user is made if the token is good and nobody is.
fn by_token(token: &str, uid: &str, patch: &users_write::Patch) -> Outcome<Proof> {
    let proof = match proofs::by_token(token) {
        Err(Unproven::UnknownUser) => {
            door::may_exist(&[uid.to_owned()])?;
            keep(uid, patch.clone())?;
            proofs::by_token(token).map_err(unproven)?
        }
        known => known.map_err(unproven)?,
    };
    if proof.user().as_deref() != Some(uid) {
        return Err(Failure::other("the token is of another user"));
    }
    keep(uid, patch.clone())?;
    Ok(proof)
}

/// What a login says about the user: `ext` whole, and from it what every protocol shows.
fn patch(data: &Params) -> Outcome<users_write::Patch> {
    let ext = match fields::optional(data, "ext") {
        None => None,
        Some(Value::Object(ext)) if Value::Object(ext.clone()).to_string().len() <= EXT => Some(ext),
        Some(_) => return Err(Failure::malformed("ext", "must be an object of at most 4 KiB")),
    };
    let text = |name: &str| ext?.get(name)?.as_str().map(str::to_owned);
    Ok(users_write::Patch {
        nickname: text("nickname"),
        avatar: text("avatar"),
        attributes: ext.map(|ext| json!({ "ext": ext }).to_string()),
    })
}

/// Makes the user, or changes what is new about it.
fn keep(uid: &str, patch: users_write::Patch) -> Outcome<()> {
    if let Some(user) = users::get(uid)? {
        let same = |given: &Option<String>, has: &str| given.as_deref().is_none_or(|given| given == has);
        let known: Value = serde_json::from_str(&user.attributes).unwrap_or_default();
        let given: Value = patch
            .attributes
            .as_deref()
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_default());
        let nothing_new = given.is_null() || given.get("ext") == known.get("ext");
        if same(&patch.nickname, &user.nickname) && same(&patch.avatar, &user.avatar) && nothing_new {
            return Ok(());
        }
    }
    users_write::put(uid, &patch)?;
    Ok(())
}
