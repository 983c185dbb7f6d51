//! The WebSocket of a token. Its state is the token's fingerprint.

use crate::answer::{self, Failure, Outcome};
use crate::frames::Frame;
use crate::object::Object;
use crate::{chat, notice, registry};
use switchboard_plugin::hooks::dialect::{CloseReason, Connection, Reaction, Request};
use switchboard_plugin::host::types::Context;
use switchboard_plugin::host::{connections, credentials, impersonation, proofs};
use switchboard_plugin::warn;

/// Digits of the fingerprint that name the device: two tokens of one user are two devices.
const DEVICE: usize = 16;

/// Lets a socket in whose token is known. A token that was registered for chat is its user's; the host has checked the
/// token, and that this user goes with it was said by the app.
pub fn open(request: &Request) -> Outcome<Reaction> {
    let token = request.parameter("token").filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Failure::missing("token"))?;
    let proof = proofs::by_token(token).map_err(|_| Failure::wrong("token "))?;
    let fingerprint = credentials::fingerprint(token)?;
    let record = registry::record(&fingerprint)?;
    let device = fingerprint.get(..DEVICE);
    match record.as_ref().and_then(|record| record.chatter()) {
        Some(uid) => impersonation::of_user(uid)
            .map_err(|_| Failure::refused("用户不可用"))?
            .bind(device)?,
        None => proof.bind(device)?,
    }
    Ok(Reaction::nothing().with_state(fingerprint))
}

/// Answers a frame.
pub fn on_frame(ctx: &Context, connection: &Connection, text: &str) -> Reaction {
    let outcome = Frame::read(text).and_then(|frame| respond(connection, frame));
    Reaction::frame(answer::outcome(outcome, ctx.now))
}

fn respond(connection: &Connection, frame: Frame) -> Outcome<(&'static str, Object)> {
    if frame == Frame::Ping {
        return Ok(("ok", Object::new().with("serviceType", "pong")));
    }
    let uid = connection.uid.as_deref().ok_or_else(|| Failure::wrong("token "))?;
    if uid == registry::keeper(&connection.state) {
        return Err(Failure::refused("该 token 未注册聊天"));
    }
    match frame {
        Frame::Ping => Ok(("ok", Object::new())),
        Frame::Chat(message) => chat::send(uid, message),
        Frame::History { target, before, num } => chat::history(uid, &target, before, num),
    }
}

/// Tells the tenant when it was the last connection. A server that goes away says nothing: its clients come back.
pub fn on_close(ctx: &Context, connection: &Connection, reason: CloseReason) {
    let Some(uid) = connection.uid.as_deref().filter(|_| reason != CloseReason::GoingAway) else {
        return;
    };
    let told = match connections::online(uid) {
        Ok(true) => Ok(()),
        Ok(false) => notice::offline(ctx, &connection.state),
        Err(error) => Err(error.into()),
    };
    if let Err(failure) = told {
        warn!("nobody was told that a token went offline: {}", failure.msg);
    }
}
