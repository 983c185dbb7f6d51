//! The hooks: contract types in, contract types out, nothing decided here.

use serde_json::Value;
use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Description as Dialogue, Encoded, Farewell, FaultKind,
    Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::prelude::*;
use switchboard_plugin::{About, Dialect, Observer, description};

use crate::answer::{FAILED, NOT_LOGGED_IN, refusal, undelivered};
use crate::params::{Params, text_of};
use crate::{encode, frames, http, pending, socket};

struct Social;

#[switchboard_plugin::hook]
impl About for Social {
    fn describe() -> Description {
        description!(r#"{"type":"object","additionalProperties":false}"#)
    }
}

#[switchboard_plugin::hook]
impl Dialect for Social {
    fn describe() -> Dialogue {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let farewell = |reason, code, words: &str| Farewell {
            reason,
            frame: frames::farewell(code, words),
        };
        Dialogue {
            name: "social".to_owned(),
            paths: owned(&["/user/*", "/blacklist/*", "/group/*", "/upload"]),
            sockets: owned(&["/ws"]),
            credentials: owned(&["/token", "/secret"]),
            events: encode::EVENTS.to_vec(),
            farewells: vec![
                farewell(CloseReason::NotLoggedIn, NOT_LOGGED_IN, "not logged in in time"),
                farewell(CloseReason::Replaced, NOT_LOGGED_IN, "logged in elsewhere"),
                farewell(CloseReason::Expelled, NOT_LOGGED_IN, "banned or disconnected"),
                farewell(CloseReason::Idle, FAILED, "idle too long"),
                farewell(CloseReason::GoingAway, FAILED, "the server is going away"),
            ],
        }
    }

    fn identify(arrival: Arrival) -> Address {
        match arrival {
            Arrival::Request(request) => of_request(&request).unwrap_or(Address::Unknown),
            Arrival::Socket(request) => of_request(&request).unwrap_or(Address::Later),
            Arrival::Frame(frame) => Params::parse(&frame)
                .ok()
                .and_then(|fields| of_fields(&fields))
                .unwrap_or(Address::Unknown),
        }
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        let (status, fault) = undelivered(fault);
        let status = match arrival {
            Arrival::Request(_) => 200,
            Arrival::Socket(_) => status,
            Arrival::Frame(frame) => {
                let mut frame = Params::parse(&frame).unwrap_or_default().0;
                // Nobody needs to read a token on its way back.
                frame.remove("token");
                return Answer::Frames(vec![frames::echo(frame, Some(&fault), 0, Default::default())]);
            }
        };
        Answer::Response(Response::json(status, refusal(&fault).to_string()))
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        http::answer(&ctx, &request)
    }

    fn on_open(ctx: Context, _connection: Connection, request: Request) -> Result<Reaction, Response> {
        socket::open(&ctx, &request)
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        socket::answer(&ctx, &connection, &frame)
    }

    fn on_close(ctx: Context, connection: Connection, reason: CloseReason) {
        socket::closed(&ctx, &connection, reason);
    }

    fn encode(ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        encode::encode(&ctx.plugin, &occurrence)
    }
}

#[switchboard_plugin::hook]
impl Observer for Social {
    fn interests() -> Interest {
        Interest {
            events: vec![
                EventKind::MembersLeft,
                EventKind::MembersJoined,
                EventKind::ConversationUpdated,
                EventKind::ConversationDissolved,
            ],
            kinds: Vec::new(),
        }
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        pending::observe(&ctx, &event)
    }
}

/// The app is named, or the token is of one.
fn of_request(request: &Request) -> Option<Address> {
    let parameter = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    if let Some(app) = parameter("app_id") {
        return Some(Address::App(app.to_owned()));
    }
    if let Some(token) = parameter("token") {
        return Some(Address::Token(token.to_owned()));
    }
    of_fields(&Params::of(request).ok()?)
}

fn of_fields(fields: &Params) -> Option<Address> {
    let text = |name: &str| fields.0.get(name).and_then(|value: &Value| text_of(value));
    text("app_id")
        .map(Address::App)
        .or_else(|| text("token").map(Address::Token))
}
