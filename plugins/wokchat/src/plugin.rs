//! The hooks: contract types in, contract types out, nothing decided here but what this protocol is.

use switchboard_plugin::description;
use switchboard_plugin::hooks::about::{About, Description as AboutDescription};
use switchboard_plugin::hooks::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Description, Dialect, Encoded, EventKind, Farewell, FaultKind,
    Occurrence, Reaction, Request, Response,
};
use switchboard_plugin::hooks::message_type::{Kind, MessageType};
use switchboard_plugin::host::types::Context;

use crate::{answer, config, content, encode, http, identify, socket};

struct Wokchat;

#[switchboard_plugin::hook]
impl About for Wokchat {
    fn describe() -> AboutDescription {
        description!(config::SCHEMA)
    }
}

#[switchboard_plugin::hook]
impl MessageType for Wokchat {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new(content::CUSTOM, content::CUSTOM_SCHEMA)]
    }

    fn summarise(_kind: String, body: String) -> String {
        content::summary(&body)
    }
}

#[switchboard_plugin::hook]
impl Dialect for Wokchat {
    fn describe() -> Description {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let farewell = |reason, frame| Farewell { reason, frame };
        Description {
            name: "wokchat".to_owned(),
            paths: vec![format!("{}*", http::ADMIN), format!("{}*", http::USER)],
            sockets: texts(&["/", "/chat", "/chat/"]),
            credentials: texts(&["/token", "/secret"]),
            events: vec![
                EventKind::MessageSent,
                EventKind::ConversationCreated,
                EventKind::MembersJoined,
                EventKind::Pushed,
            ],
            farewells: vec![
                farewell(CloseReason::Idle, answer::bye()),
                farewell(CloseReason::Replaced, answer::signal("login_duplication")),
                farewell(CloseReason::Expelled, answer::signal("close_page")),
            ],
        }
    }

    fn identify(arrival: Arrival) -> Address {
        identify::address(&arrival)
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        identify::fault(&arrival, fault)
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        http::answer(&ctx, &request)
    }

    fn on_open(_ctx: Context, _connection: Connection, _request: Request) -> Result<Reaction, Response> {
        Ok(Reaction::nothing())
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        socket::answer(&ctx, &connection, &frame)
    }

    fn encode(ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        encode::frames(&ctx, &occurrence)
    }
}
