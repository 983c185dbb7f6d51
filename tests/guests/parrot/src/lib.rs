//! Speaks a small dialect and misbehaves on command, so that a test can look at everything the host does around one.
//!
//! A frame is a word and what follows it, with a space between; an event is `KIND REST`. Over HTTP `/echo` answers what
//! has arrived, `/do/WORD` does what frames do. Which app: `app` as a query parameter, `token` as another, or the frame
//! `app ID` first. `misdeeds` has the words that hurt.

mod events;
mod frames;
mod misdeeds;
mod requests;

use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Description, Dialect, Encoded, EventKind, Farewell, FaultKind,
    Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::host::types::Context;
use switchboard_plugin::kv;

struct Parrot;

#[switchboard_plugin::hook]
impl Dialect for Parrot {
    fn describe() -> Description {
        let farewell = |reason, frame: &str| Farewell {
            reason,
            frame: frame.to_owned(),
        };
        Description {
            name: "parrot".to_owned(),
            paths: ["/echo", "/do/*"].map(str::to_owned).to_vec(),
            sockets: ["/talk", "/later"].map(str::to_owned).to_vec(),
            credentials: ["secret", "token", "x-secret"].map(str::to_owned).to_vec(),
            events: vec![
                EventKind::MessageSent,
                EventKind::Typing,
                EventKind::Marked,
                EventKind::ConversationCreated,
                EventKind::MembersJoined,
                EventKind::MembersLeft,
                EventKind::UserUpdated,
                EventKind::Pushed,
            ],
            farewells: vec![
                farewell(CloseReason::GoingAway, "bye going-away"),
                farewell(CloseReason::Idle, "bye idle"),
                farewell(CloseReason::Replaced, "bye replaced"),
                farewell(CloseReason::NotLoggedIn, "bye not-logged-in"),
                farewell(CloseReason::Expelled, "bye expelled"),
            ],
        }
    }

    fn identify(arrival: Arrival) -> Address {
        let request = match arrival {
            Arrival::Frame(frame) => {
                return match frame.split_once(' ') {
                    Some(("app", app)) => Address::App(app.to_owned()),
                    _ => Address::Unknown,
                };
            }
            Arrival::Socket(request) if request.path == "/later" => return Address::Later,
            Arrival::Request(request) | Arrival::Socket(request) => request,
        };
        if let Some(token) = request.parameter("token") {
            return Address::Token(token.to_owned());
        }
        misdeeds::commit(request.parameter("identify").unwrap_or_default());
        request
            .parameter("app")
            .map_or(Address::Unknown, |app| Address::App(app.to_owned()))
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        let word = format!("{fault:?}");
        match arrival {
            Arrival::Frame(frame) => Answer::Frames(vec![format!("fault {word} {frame}")]),
            Arrival::Request(request) | Arrival::Socket(request) => {
                misdeeds::commit(request.parameter("fault").unwrap_or_default());
                let fault = serde_json::json!({ "fault": word, "path": request.path });
                Answer::Response(Response::json(418, fault.to_string()))
            }
        }
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        requests::answer(&ctx, request)
    }

    fn on_open(_ctx: Context, connection: Connection, request: Request) -> Result<Reaction, Response> {
        if let Some(status) = request.parameter("refuse") {
            return Err(Response::json(status.parse().unwrap_or(403), r#"{"refused":true}"#));
        }
        misdeeds::commit(request.parameter("open").unwrap_or_default());
        let hello = format!("hello {}", connection.remote);
        match request.parameter("user") {
            Some(user) => Ok(frames::bind(user, None, &hello)),
            None => Ok(Reaction::frame(hello)),
        }
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        frames::answer(&ctx, &connection, &frame)
    }

    fn on_close(_ctx: Context, connection: Connection, reason: CloseReason) {
        let who = connection.uid.unwrap_or_default();
        let _ = kv::set(
            &format!("closed/{who}"),
            format!("{reason:?} {}", connection.state).as_bytes(),
            None,
        );
    }

    fn encode(_ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        events::encode(&occurrence)
    }
}
