//! Frames: a word and what follows it.

use switchboard_plugin::hooks::dialect::{Connection, Reaction};
use switchboard_plugin::host::proofs;
use switchboard_plugin::host::types::Context;
use switchboard_plugin::{kv, reply};

use crate::misdeeds;

/// Binds the connection to a user who brings nothing.
pub fn bind(user: &str, device: Option<&str>, hello: &str) -> Reaction {
    let bound = match proofs::by_trust(user) {
        Ok(proof) => proof.bind(device).map_err(|error| format!("{error:?}")),
        Err(unproven) => Err(format!("{unproven:?}")),
    };
    Reaction::frame(match bound {
        Ok(()) => format!("bound {user} {hello}"),
        Err(error) => format!("unbound {user} {error}"),
    })
}

pub fn answer(ctx: &Context, connection: &Connection, frame: &str) -> Reaction {
    let (word, rest) = frame.split_once(' ').unwrap_or((frame, ""));
    misdeeds::commit(word);
    match word {
        "app" => Reaction::frame(format!("in {}", ctx.app_id)),
        "login" => {
            let (user, device) = rest.split_once(' ').unwrap_or((rest, ""));
            bind(user, Some(device).filter(|device| !device.is_empty()), "")
        }
        "login-trap" => {
            bind(rest, None, "");
            panic!("trapped after binding, as told")
        }
        "who" => Reaction::frame(format!(
            "who {} {} {}",
            connection.uid.as_deref().unwrap_or("-"),
            connection.device.as_deref().unwrap_or("-"),
            connection.id
        )),
        "keep" => Reaction::frame("kept").with_state(rest),
        "state" => Reaction::frame(format!("state {}", connection.state)),
        "bloat" => Reaction::frame("bloated").with_state("x".repeat(5 << 10)),
        "many" => Reaction::frames((1..=rest.parse().unwrap_or(0)).map(|n| format!("many {n}")).collect()),
        "huge" => Reaction::frame("x".repeat(8 << 20)),
        "large" => Reaction::frame("x".repeat(rest.parse().unwrap_or(0))),
        "send" => send(connection, rest),
        "send-as" => {
            let (user, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let as_other = Connection {
                uid: Some(user.to_owned()),
                ..connection.clone()
            };
            send(&as_other, rest)
        }
        "quit" => Reaction::frame("quit").and_close(),
        "kv" => {
            let value = kv::get(rest).ok().flatten().map(|value| value.value);
            let value = value.map(|value| String::from_utf8_lossy(&value).into_owned());
            Reaction::frame(format!("kv {}", value.unwrap_or_default()))
        }
        "silent" => Reaction::nothing(),
        _ => Reaction::frame(format!("echo {frame}")),
    }
}

/// Sends `CONVERSATION TEXT` as the connection's user.
fn send(connection: &Connection, what: &str) -> Reaction {
    let (conversation, text) = what.split_once(' ').unwrap_or((what, ""));
    let mut outgoing = reply(conversation, text);
    outgoing.as_user = connection.uid.clone();
    match outgoing.send() {
        Ok(sent) => Reaction::frame(format!("sent {sent:?}")),
        Err(error) => Reaction::frame(format!("unsent {error:?}")),
    }
}
