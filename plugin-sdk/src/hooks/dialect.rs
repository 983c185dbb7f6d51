//! A foreign wire protocol: requests and frames in, frames out.

use crate::host::types::{Context, Param};
use crate::params;

bindings!("hook-dialect", "::switchboard_plugin::hooks::dialect::bindings");

pub use bindings::exports::switchboard::plugin::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Content, Description, Encoded, Event, EventKind, Farewell,
    FaultKind, Marking, MemberChange, Membership, Multipart, Occurrence, Presence, Pushed, Reacted, Reaction,
    Receivers, Request, Response, Typing, Upload,
};

/// Speaks a foreign protocol. See the contract in `dialect.wit` for what the host does before and after each call.
pub trait Dialect {
    /// The protocol's name, what is a credential in it, and which events it tells of. Called once, at admission.
    fn describe() -> Description;

    /// Which app a request, a socket or a first frame is for. Pure: it reaches no capability.
    fn identify(arrival: Arrival) -> Address;

    /// The protocol's own words for what the host cannot pass on. Pure.
    fn fault(arrival: Arrival, fault: FaultKind) -> Answer;

    /// Answers a request.
    fn on_http(ctx: Context, request: Request) -> Response;

    /// Lets a socket in whose app is known.
    ///
    /// # Errors
    /// The response is sent instead, and no socket is opened.
    fn on_open(ctx: Context, connection: Connection, request: Request) -> Result<Reaction, Response>;

    /// Answers a frame.
    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction;

    /// Hears that a connection has ended.
    fn on_close(ctx: Context, connection: Connection, reason: CloseReason) {
        let _ = (ctx, connection, reason);
    }

    /// The frames that tell of an event: once for all connections of the app that speak this protocol.
    fn encode(ctx: Context, occurrence: Occurrence) -> Vec<Encoded>;
}

impl<P: Dialect> bindings::exports::switchboard::plugin::dialect::Guest for P {
    fn describe() -> Description {
        P::describe()
    }

    fn identify(arrival: Arrival) -> Address {
        P::identify(arrival)
    }

    fn fault(arrival: Arrival, fault: FaultKind) -> Answer {
        P::fault(arrival, fault)
    }

    fn on_http(ctx: Context, request: Request) -> Response {
        P::on_http(ctx, request)
    }

    fn on_open(ctx: Context, connection: Connection, request: Request) -> Result<Reaction, Response> {
        P::on_open(ctx, connection, request)
    }

    fn on_frame(ctx: Context, connection: Connection, frame: String) -> Reaction {
        P::on_frame(ctx, connection, frame)
    }

    fn on_close(ctx: Context, connection: Connection, reason: CloseReason) {
        P::on_close(ctx, connection, reason);
    }

    fn encode(ctx: Context, occurrence: Occurrence) -> Vec<Encoded> {
        P::encode(ctx, occurrence)
    }
}

impl Request {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        params::first(&self.headers, name)
    }

    /// The last parameter of this name in the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        params::last(&self.query, name)
    }

    /// The last field of this name in the body's form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        match &self.content {
            Content::Form(fields) => params::last(fields, name),
            Content::Multipart(parts) => params::last(&parts.fields, name),
            Content::None | Content::Text(_) | Content::Bytes(_) => None,
        }
    }

    /// The body, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The files of a multipart body.
    #[must_use]
    pub fn files(&self) -> &[Upload] {
        match &self.content {
            Content::Multipart(parts) => &parts.files,
            _ => &[],
        }
    }
}

impl Response {
    /// JSON with a status.
    #[must_use]
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![Param {
                name: "content-type".to_owned(),
                value: "application/json; charset=utf-8".to_owned(),
            }],
            body: body.into(),
        }
    }
}

impl Reaction {
    /// Nothing to say.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            frames: Vec::new(),
            state: None,
            close: false,
        }
    }

    /// One frame.
    #[must_use]
    pub fn frame(frame: impl Into<String>) -> Self {
        Self {
            frames: vec![frame.into()],
            ..Self::nothing()
        }
    }

    /// These frames.
    #[must_use]
    pub const fn frames(frames: Vec<String>) -> Self {
        Self {
            frames,
            state: None,
            close: false,
        }
    }

    /// With a new state.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// And then the end of the connection.
    #[must_use]
    pub const fn and_close(mut self) -> Self {
        self.close = true;
        self
    }
}

impl Encoded {
    /// A frame for every receiver.
    #[must_use]
    pub fn all(frame: impl Into<String>) -> Self {
        Self {
            frame: frame.into(),
            receivers: Receivers::All,
        }
    }
}
