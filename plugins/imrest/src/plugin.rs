//! The hooks: contract types in, contract types out, nothing decided here.

use crate::answer::{self, Failure, Outcome, fault_frame, frame};
use crate::names::Server;
use crate::place::Place;
use crate::{conversations, door, down, members, messages, schema, socket, upload};
use serde_json::json;
use switchboard_plugin::description;
use switchboard_plugin::hooks::about::{About, Description as AboutDescription};
use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Content, Description, Dialect, Encoded, Event, EventKind,
    Farewell, FaultKind, Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::host::types::Context;

struct Imrest;

#[switchboard_plugin::hook]
impl About for Imrest {
    fn describe() -> AboutDescription {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Dialect for Imrest {
    fn describe() -> Description {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Description {
            name: "imrest".to_owned(),
            paths: names(&["/im/*"]),
            sockets: names(&["/im/ws"]),
            credentials: names(&["app-key", "authorization", "/data/token"]),
            events: vec![EventKind::MessageSent],
            farewells: farewells(),
        }
    }

    fn identify(arrival: Arrival) -> Address {
        match &arrival {
            Arrival::Request(request) => {
                door::app_id(request).map_or(Address::Unknown, |app| Address::App(app.to_owned()))
            }
            Arrival::Socket(request) => {
                let named = door::app_id(request).or_else(|| request.parameter("app-id"));
                let named = named.or_else(|| request.parameter("app_id"));
                named.map_or(Address::Later, |app| Address::App(app.to_owned()))
            }
            Arrival::Frame(text) => socket::app_of(text).map_or(Address::Unknown, Address::App),
        }
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        match &arrival {
            Arrival::Request(request) | Arrival::Socket(request) => {
                let failure = failure(fault, Failure::no_header("app-id"));
                Answer::Response(answer::response(Err(failure), request_id(request)))
            }
            Arrival::Frame(text) => {
                let kind = if socket::is_login(text) { "login.fail" } else { "error" };
                let failure = failure(fault, Failure::missing("app_id"));
                Answer::Frames(vec![fault_frame(kind, &failure)])
            }
        }
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        let outcome = respond(&ctx, &request);
        answer::response(outcome, request_id(&request))
    }

    fn on_open(_ctx: Context, _connection: Connection, request: Request) -> Result<Reaction, Response> {
        socket::open(&request).map_err(|failure| {
            let refusal = answer::response(Err(failure), request_id(&request));
            Response { status: 401, ..refusal }
        })
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        socket::on_frame(&ctx, &connection, &frame)
    }

    fn encode(_ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        match &occurrence.event {
            // Without a frame a client finds the message in its list.
            Event::MessageSent(message) => down::new(&Server, message).into_iter().map(Encoded::all).collect(),
            _ => Vec::new(),
        }
    }
}

fn respond(ctx: &Context, request: &Request) -> Outcome<String> {
    let bare = matches!(&request.content, Content::None)
        || matches!(&request.content, Content::Text(text) if text.trim().is_empty())
        || matches!(&request.content, Content::Form(form) if form.is_empty())
        || matches!(&request.content, Content::Bytes(bytes) if bytes.is_empty());
    let listing = bare && request.parameter("where").is_some();
    let place = Place::find(&request.method, &request.path, listing)
        .ok_or_else(|| Failure::other(format!("there is no {} {}", request.method, request.path)))?;
    let caller = door::admit(&ctx.app_id, request, place.without_key())?;
    if place == Place::Upload {
        return upload::upload(request, caller.viewer.as_deref());
    }
    let params = door::params(request)?;
    match place {
        Place::Create => conversations::create(&params),
        Place::List => conversations::list(&ctx.app_id, &params),
        Place::Update => conversations::update(&params),
        Place::Dissolve(id) => conversations::dissolve(&id),
        Place::Join(id) => members::add(&id, &params),
        Place::Members(id) => members::list(&id),
        Place::Leave(id) => members::remove(&id, &params),
        Place::Send(id) => messages::send(&id, &params),
        Place::Messages(id) => messages::list(&id, &params, caller.viewer.clone()),
        Place::Upload => Err(Failure::missing("file")),
    }
}

fn request_id(request: &Request) -> Option<&str> {
    request.header("request_id")
}

fn failure(fault: FaultKind, unidentified: Failure) -> Failure {
    match fault {
        FaultKind::Unidentified => unidentified,
        FaultKind::UnknownApp => Failure::other("unknown app"),
        FaultKind::DisabledApp => Failure::other("the app is disabled"),
        FaultKind::NotInstalled => Failure::other("the app does not speak this protocol"),
        FaultKind::Failed => Failure::other("Internal server error. No information available"),
        FaultKind::TooLarge => Failure::malformed("body", "too large"),
        FaultKind::Malformed => Failure::malformed("body", "cannot be read"),
        FaultKind::Busy => Failure::other("busy: try again"),
    }
}

/// `logout.kick` is the document's: the same account on the same device. The others say why it is over.
fn farewells() -> Vec<Farewell> {
    let over = |reason, words: &str| Farewell {
        reason,
        frame: fault_frame("error", &Failure::other(words)),
    };
    vec![
        Farewell {
            reason: CloseReason::Replaced,
            frame: frame(
                "logout.kick",
                Some("the account has logged in on the same device"),
                json!({}),
            ),
        },
        over(CloseReason::Idle, "nothing came for too long"),
        over(CloseReason::NotLoggedIn, "not logged in in time"),
        over(CloseReason::Expelled, "disconnected by the app"),
    ]
}
