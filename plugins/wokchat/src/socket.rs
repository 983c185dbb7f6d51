//! Frames: `login` first, then everything else without a signature.

use std::cell::OnceCell;

use serde::Serialize;
use switchboard_plugin::hooks::dialect::{Connection, Reaction};
use switchboard_plugin::host::types::{Context, Conversation};

use crate::answer::{SENT, bye, failure, frame, signal, success, sys_message, toast};
use crate::call::{self, Call, Way};
use crate::encode::{from_uid, new_message};
use crate::fault::{Fault, MALFORMED, NO_APP, NOT_LOGGED_IN, refused};
use crate::greeting::Told;
use crate::history::{self, Direction};
use crate::identify;
use crate::params::Params;
use crate::people::Oneself;
use crate::recorded::text_of;
use crate::sessions::Named;
use crate::{proof, push, rooms, sending, sessions};

/// The most of an unknown action that is repeated to the client, in characters.
const ACTION_CHARS: usize = 32;

/// Answers a frame, whatever it is.
pub fn answer(ctx: &Context, connection: &Connection, text: &str) -> Reaction {
    let Some(params) = Params::of_json(text) else {
        return Reaction::frame(toast(&Fault::new(MALFORMED)));
    };
    let action = identify::action(&params);
    match action.as_str() {
        "heartbeat" => Reaction::nothing(),
        "bye" => Reaction::frame(bye()).and_close(),
        "login" => told(login(ctx, connection, &params).map(|frame| vec![frame])),
        _ => {
            let Some(uid) = connection.uid.clone() else {
                return Reaction::frame(toast(&Fault::new(NOT_LOGGED_IN)));
            };
            let call = Call {
                ctx,
                uid,
                way: Way::Socket,
                told: Told::of(&connection.state),
                clock: OnceCell::new(),
            };
            if action == "get_history_message_list" {
                return history(&call, &params).unwrap_or_else(|fault| Reaction::frame(toast(&fault)));
            }
            told(act(&call, &action, &params))
        }
    }
}

/// Every failure is a toast.
fn told(frames: Result<Vec<String>, Fault>) -> Reaction {
    Reaction::frames(frames.unwrap_or_else(|fault| vec![toast(&fault)]))
}

#[derive(Serialize)]
struct Welcome {
    user: Oneself,
}

/// From here on the connection is the user's. A second login changes nothing, and cannot make it another's.
fn login(ctx: &Context, connection: &Connection, params: &Params) -> Result<String, Fault> {
    if params.required("app_id")? != ctx.app_id {
        return Err(Fault::new(NO_APP));
    }
    let (uid, proof) = proof::of_user(params)?;
    match &connection.uid {
        None => proof.bind(None).map_err(|error| refused(error, "用户不存在"))?,
        Some(bound) if *bound == uid => {}
        Some(_) => return Err(Fault::new("该连接已登录其他用户")),
    }
    let call = Call {
        ctx,
        uid,
        way: Way::Socket,
        told: Told::default(),
        clock: OnceCell::new(),
    };
    let user = Oneself::of(&call.oneself()?, &ctx.app_id);
    Ok(frame("login_success", &Welcome { user }))
}

fn act(call: &Call<'_>, action: &str, params: &Params) -> Result<Vec<String>, Fault> {
    let one = |frame| Ok(vec![frame]);
    match action {
        "get_session_list" => one(frame("get_session_list_success", &sessions::list(call, params)?)),
        "connect_to_session" => one(frame(
            "connect_to_success",
            &sessions::connect_to_session(call, params)?,
        )),
        "connect_to_user" => one(frame("connect_to_success", &sessions::connect_to_user(call, params)?)),
        "get_new_message_list" => one(frame(
            "get_new_message_list_success",
            &history::list(call, params, Direction::News)?.page,
        )),
        "send_by_session" => send(call, params),
        "set_session_rank" => sessions::set_rank(call, params).map(|()| Vec::new()),
        "create_room" => room(call, rooms::create(call, params)?),
        "create_room_by_session" => room(call, rooms::create_by_session(call, params)?),
        "add_user_to_room" => {
            let conversation = rooms::add(call, params)?;
            Ok(with_news(call, signal("add_user_to_room_success"), &conversation))
        }
        _ => {
            let action: String = action.chars().take(ACTION_CHARS).collect();
            Err(Fault(format!("失败-{action}")))
        }
    }
}

/// A page of history; opening a conversation so may bring a greeting, which follows it.
fn history(call: &Call<'_>, params: &Params) -> Result<Reaction, Fault> {
    let listed = history::list(call, params, Direction::History)?;
    let mut frames = vec![frame("get_history_list_success", &listed.page)];
    frames.extend(listed.greetings.iter().map(|message| sys_message(&text_of(message))));
    let reaction = Reaction::frames(frames);
    if listed.greetings.is_empty() {
        return Ok(reaction);
    }
    Ok(reaction.with_state(call.told.clone().with(&listed.greetings)))
}

/// Everyone else hears of it by an event, which might come before this answer; so the sender's own notice is part of it.
fn send(call: &Call<'_>, params: &Params) -> Result<Vec<String>, Fault> {
    let sent = sending::by_session(call, params);
    push::sent(call, params, || {
        sent.as_ref()
            .map_or_else(failure, |sent| success(SENT, &sent.sent(call)))
    });
    sent.map(|sent| vec![signal("send_success"), sent.notice(call)])
}

fn room(call: &Call<'_>, room: rooms::Room) -> Result<Vec<String>, Fault> {
    let made = frame("create_room_success", &room.made);
    Ok(with_news(call, made, &room.conversation))
}

/// All members hear of a change of a room; the connection that made it gets an answer instead of the event, so here is
/// the notice for it, too. Where changes are stored as messages, those are the notice.
fn with_news(call: &Call<'_>, answer: String, room: &Conversation) -> Vec<String> {
    if call::app().system_messages {
        return vec![answer];
    }
    vec![
        answer,
        new_message(Named::of(&room.id, room.kind), from_uid(Some(&call.uid))),
    ]
}
