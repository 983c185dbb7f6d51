//! The hooks: contract types in, contract types out, nothing decided here.

use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Description as Protocol, Dialect, Encoded, EventKind, Farewell,
    FaultKind, Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::prelude::*;

use crate::clock;
use crate::config;
use crate::encode;
use crate::envelope::Failure;
use crate::other;
use crate::params::Params;
use crate::routes;
use crate::socket;

struct Shiku;

#[switchboard_plugin::hook]
impl About for Shiku {
    fn describe() -> Description {
        description!(config::SCHEMA)
    }
}

#[switchboard_plugin::hook]
impl MessageType for Shiku {
    fn kinds() -> Vec<Kind> {
        vec![other::kind()]
    }

    fn summarise(_kind: String, body: String) -> String {
        other::summary(&body)
    }
}

#[switchboard_plugin::hook]
impl Dialect for Shiku {
    fn describe() -> Protocol {
        let farewell = |reason, failure: Failure| Farewell {
            reason,
            frame: failure.farewell().to_string(),
        };
        Protocol {
            name: "shiku".to_owned(),
            paths: routes::PATHS.map(str::to_owned).to_vec(),
            sockets: routes::SOCKETS.map(str::to_owned).to_vec(),
            credentials: ["/access_token", "/password", "/payPassword"]
                .map(str::to_owned)
                .to_vec(),
            events: vec![
                EventKind::MessageSent,
                EventKind::MessageRecalled,
                EventKind::ConversationCreated,
                EventKind::ConversationUpdated,
                EventKind::ConversationDissolved,
                EventKind::Announced,
                EventKind::MembersJoined,
                EventKind::MembersLeft,
                EventKind::MemberUpdated,
            ],
            farewells: vec![
                farewell(CloseReason::Replaced, Failure::because("账号已在其他设备登录")),
                farewell(CloseReason::Expelled, Failure::BadToken),
                farewell(CloseReason::NotLoggedIn, Failure::NoToken),
            ],
        }
    }

    fn identify(arrival: Arrival) -> Address {
        match token(&arrival) {
            Some(token) => Address::Token(token),
            None => Address::Unknown,
        }
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        let failure = match fault {
            FaultKind::Unidentified if token(&arrival).is_some() => Failure::BadToken,
            FaultKind::Unidentified => Failure::NoToken,
            FaultKind::UnknownApp => Failure::unknown("应用"),
            FaultKind::DisabledApp => Failure::because("应用已停用"),
            FaultKind::NotInstalled => Failure::because("应用未开通该服务"),
            FaultKind::Failed => Failure::because("系统异常，请稍后再试"),
            FaultKind::TooLarge => Failure::because("请求过大"),
            FaultKind::Malformed => Failure::because("请求格式错误"),
            FaultKind::Busy => Failure::because("服务器繁忙，请稍后再试"),
        };
        let now = clock::now();
        match arrival {
            Arrival::Request(_) => Answer::Response(failure.response(now)),
            Arrival::Socket(_) => Answer::Response(failure.closed_door(now)),
            Arrival::Frame(_) => Answer::Frames(vec![failure.body(now).to_string()]),
        }
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        routes::answer(&request, ctx.now)
    }

    fn on_open(ctx: Context, _connection: Connection, request: Request) -> Result<Reaction, Response> {
        socket::open(&request, ctx.now)
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        socket::frame(&connection, &frame, ctx.now)
    }

    fn encode(_ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        encode::frames(&occurrence)
    }
}

/// The access token of a request, still sealed.
fn token(arrival: &Arrival) -> Option<String> {
    match arrival {
        Arrival::Request(request) | Arrival::Socket(request) => {
            Params::of(request).get("access_token").map(str::to_owned)
        }
        Arrival::Frame(_) => None,
    }
}
