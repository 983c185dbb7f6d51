//! Sockets: the token opens one, each frame is answered by itself with a code.

mod ack;
mod act;
mod chat;
mod seen;
mod sync;

use serde_json::{Map, Value};
use switchboard_plugin::hooks::dialect::{CloseReason, Connection, Reaction, Request, Response};
use switchboard_plugin::host::proofs;
use switchboard_plugin::host::types::Context;
use switchboard_plugin::number_of;

use crate::answer::{Done, Fault, refusal};
use crate::frames::echo;
use crate::http::unproven;
use crate::params::Params;

/// A frame of a known user.
pub struct Up<'a> {
    /// Who sends it.
    pub uid: &'a str,
    /// Its fields.
    pub params: &'a Params,
}

/// What a frame is answered with, beside itself: a code other than `OK`, and further fields.
#[derive(Default)]
pub struct Said {
    /// Not done, or not as asked.
    pub fault: Option<Fault>,
    /// Fields of the answer.
    pub more: Map<String, Value>,
}

impl Said {
    /// With one more field.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

/// Opens a socket. Without a token it waits for a frame that brings one.
pub fn open(ctx: &Context, request: &Request) -> Result<Reaction, Response> {
    let Some(token) = request.parameter("token").filter(|token| !token.is_empty()) else {
        return Ok(Reaction::nothing());
    };
    match login(ctx, token, request.parameter("device")) {
        Ok((_, frames)) => Ok(Reaction::frames(frames)),
        Err(fault) => Err(Response::json(401, refusal(&fault).to_string())),
    }
}

/// Binds the connection to the token's user, and tells what the user has missed. Bound first: what comes from now on is
/// queued behind these frames.
fn login(ctx: &Context, token: &str, device: Option<&str>) -> Done<(String, Vec<String>)> {
    let proof = proofs::by_token(token).map_err(unproven)?;
    let uid = proof
        .user()
        .ok_or_else(|| Fault::stranger("this token is of no user"))?;
    proof.bind(device.filter(|device| !device.is_empty()))?;
    let frames = sync::frames(ctx, &uid, device);
    Ok((uid, frames))
}

/// Answers a frame.
pub fn answer(ctx: &Context, connection: &Connection, frame: &str) -> Reaction {
    let params = match Params::parse(frame) {
        Ok(params) => params,
        Err(fault) => return Reaction::frame(echo(Map::new(), Some(&fault), ctx.now, Map::new())),
    };
    let action = params.text("action").unwrap_or_default();
    if action == "login" {
        return logged_in(ctx, connection, params);
    }
    let said = match &connection.uid {
        Some(uid) => {
            let up = Up { uid, params: &params };
            said(&action, &up).map(|said| said.with("user_id", number_of(uid)))
        }
        None => Err(Fault::stranger("not logged in")),
    };
    Reaction::frame(written(ctx, params, said))
}

fn said(action: &str, up: &Up<'_>) -> Done<Said> {
    match action {
        "chat" | "groupChat" if up.params.0.contains_key("status") => ack::ack(up),
        "ack" => ack::ack(up),
        "chat" => chat::to_user(up),
        "groupChat" => chat::to_group(up),
        "leaveGroup" => act::leave(up),
        "claim" => act::claim(up),
        "heartbeat" => Ok(Said::default()),
        "" => Err(Fault::bad("action is missing")),
        other => Err(Fault::bad(format!("no such action: {other}"))),
    }
}

/// A token in a frame, for clients that open the socket without one.
fn logged_in(ctx: &Context, connection: &Connection, mut params: Params) -> Reaction {
    let done = match (&connection.uid, params.text("token")) {
        (Some(_), _) => Err(Fault::bad("logged in already")),
        (None, None) => Err(Fault::stranger("token is missing")),
        (None, Some(token)) => login(ctx, &token, params.text("device").as_deref()),
    };
    // Nobody needs to read a token on its way back.
    params.0.remove("token");
    match done {
        Ok((uid, later)) => {
            let said = Said::default().with("user_id", number_of(&uid));
            let mut frames = vec![written(ctx, params, Ok(said))];
            frames.extend(later);
            Reaction::frames(frames)
        }
        Err(fault) => Reaction::frame(written(ctx, params, Err(fault))),
    }
}

fn written(ctx: &Context, params: Params, said: Done<Said>) -> String {
    match said {
        Ok(Said { fault, more }) => echo(params.0, fault.as_ref(), ctx.now, more),
        Err(fault) => echo(params.0, Some(&fault), ctx.now, Map::new()),
    }
}

/// Remembers when a user was last there.
pub fn closed(ctx: &Context, connection: &Connection, reason: CloseReason) {
    if let Some(uid) = &connection.uid {
        seen::keep(uid, connection.device.as_deref(), ctx.now, reason);
    }
}
