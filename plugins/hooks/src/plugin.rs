//! The hooks: contract types in, contract types out, nothing decided here.

use crate::answer::{self, Failure, Outcome};
use crate::fields::{self, Params};
use crate::object::Object;
use crate::registration::Registration;
use crate::{cron, down, events, registry, schema, socket, ticket};
use serde_json::Value;
use switchboard_plugin::description;
use switchboard_plugin::hooks::about::{About, Description as AboutDescription};
use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Description, Dialect, Encoded, Event, EventKind, Farewell,
    FaultKind, Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::hooks::timer::{Firing, Timer};
use switchboard_plugin::host::types::Context;

struct Hooks;

#[switchboard_plugin::hook]
impl About for Hooks {
    fn describe() -> AboutDescription {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Timer for Hooks {
    fn fire(ctx: Context, firing: Firing) -> Result<(), String> {
        let done = if firing.name.starts_with(cron::TIMER) {
            cron::run(&ctx, &firing.payload)
        } else if firing.name.starts_with(events::TIMER) {
            events::go_on(&ctx, &firing.payload)
        } else {
            Ok(())
        };
        done.map_err(|failure| failure.msg)
    }
}

#[switchboard_plugin::hook]
impl Dialect for Hooks {
    fn describe() -> Description {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Description {
            name: "hooks".to_owned(),
            paths: names(&["/ticket", "/register", "/send", "/cron"]),
            sockets: names(&["/ws"]),
            credentials: names(&["/token", "/toUser", "/ticket"]),
            events: vec![
                EventKind::MessageSent,
                EventKind::MessageEdited,
                EventKind::MessageRecalled,
                EventKind::Pushed,
            ],
            farewells: farewells(),
        }
    }

    /// The mount names the app; without one there, `app_id` does.
    fn identify(arrival: Arrival) -> Address {
        let named = match &arrival {
            Arrival::Request(request) | Arrival::Socket(request) => request
                .parameter("app_id")
                .map(str::to_owned)
                .or_else(|| app_of(request.text()?)),
            Arrival::Frame(_) => None,
        };
        named.map_or(Address::Unknown, Address::App)
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        let failure = answer::failure(&failure(fault), 0);
        match arrival {
            Arrival::Request(_) | Arrival::Socket(_) => Answer::Response(Response::json(200, failure)),
            Arrival::Frame(_) => Answer::Frames(vec![failure]),
        }
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        let outcome = respond(&ctx, &request);
        Response::json(200, answer::outcome(outcome, ctx.now))
    }

    fn on_open(ctx: Context, _connection: Connection, request: Request) -> Result<Reaction, Response> {
        socket::open(&request).map_err(|why| Response::json(401, answer::failure(&why, ctx.now)))
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        socket::on_frame(&ctx, &connection, &frame)
    }

    fn on_close(ctx: Context, connection: Connection, reason: CloseReason) {
        socket::on_close(&ctx, &connection, reason);
    }

    fn encode(ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        let (at, pair) = (occurrence.at, occurrence.pair.as_slice());
        let conversation = occurrence.conversation.as_ref();
        let chat = |service: &str, message| down::frame(down::message(service, message, conversation, pair), at);
        let frame = match &occurrence.event {
            Event::MessageSent(message) => chat("chat", message),
            Event::MessageEdited(message) => chat("chat.edited", message),
            Event::MessageRecalled(message) => chat("chat.recalled", message),
            Event::Pushed(pushed) if pushed.plugin == ctx.plugin && pushed.name == events::PUSH => {
                down::event(&pushed.data, at)
            }
            _ => return Vec::new(),
        };
        vec![Encoded::all(frame)]
    }
}

fn app_of(body: &str) -> Option<String> {
    let params: Value = serde_json::from_str(body).ok()?;
    fields::name(params.get("app_id")?, "app_id", 64).ok()
}

fn respond(ctx: &Context, request: &Request) -> Outcome<(&'static str, Object)> {
    if request.method != "POST" {
        return Err(Failure::malformed("method", "must be POST"));
    }
    let params = params(request)?;
    if request.path == "/ticket" {
        return ticket::issue(&ctx.app_id, &params);
    }
    ticket::check(&params)?;
    match request.path.as_str() {
        "/register" => registry::register(Registration::read(&params)?),
        "/send" => events::send(ctx, &params),
        "/cron" => cron::plan(ctx, &params),
        _ => Err(Failure::unknown("接口")),
    }
}

fn params(request: &Request) -> Outcome<Params> {
    let body = request
        .text()
        .ok_or_else(|| Failure::malformed("body", "must be JSON"))?;
    fields::parse(body)
}

fn failure(fault: FaultKind) -> Failure {
    match fault {
        FaultKind::Unidentified => Failure::missing("app_id"),
        FaultKind::UnknownApp => Failure::unknown_app(),
        FaultKind::DisabledApp => Failure::no_app("应用已停用"),
        FaultKind::NotInstalled => Failure::no_app("应用未安装此协议"),
        FaultKind::Malformed => Failure::malformed("body", "cannot be read"),
        FaultKind::TooLarge => Failure::too_large("body"),
        FaultKind::Failed | FaultKind::Busy => Failure::busy(),
    }
}

/// Why a connection ends, in the protocol's envelope. The time is not known when these are written.
fn farewells() -> Vec<Farewell> {
    let over = |reason, words: &str| Farewell {
        reason,
        frame: answer::failure(&Failure::refused(words), 0),
    };
    vec![
        over(CloseReason::Replaced, "该 token 已在其他地方连接"),
        over(CloseReason::Idle, "连接空闲过久"),
        over(CloseReason::Expelled, "连接已被应用关闭"),
    ]
}
