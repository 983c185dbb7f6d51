//! From a request to a native connection. Whoever brings a token is told about it before the upgrade, as an HTTP answer.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::response::Response;
use serde::Deserialize;

use super::Edge;
use super::auth::let_in;
use super::error::Result;
use super::gate;
use super::native::{self, Opening};
use super::rest::bearer;
use super::socket::handshake;
use crate::model::{Cursor, DeviceId};

/// A frame this many times over the limit is still read, so that its sender is told; beyond, the connection ends.
const TOLD: usize = 4;

#[derive(Deserialize)]
struct Parameters {
    token: Option<String>,
    device: Option<DeviceId>,
    cursor: Option<Cursor>,
}

/// `GET /v1/ws`.
pub(super) async fn upgrade(State(edge): State<Arc<Edge>>, mut request: Request) -> Result<Response> {
    let accept = handshake::accept_key(request.headers())?;
    let Query(parameters) = Query::<Parameters>::try_from_uri(request.uri())?;
    let token = bearer(request.headers()).map(str::to_owned).or(parameters.token);
    let from = gate::address_of(request.extensions());
    let device = parameters.device;
    let admitted = match token {
        Some(token) => Some(let_in(&edge, &token, device.clone(), from).await?),
        None => None,
    };
    let pending = handshake::pending(request.extensions_mut())?;
    let opening = Opening {
        admitted,
        device,
        from,
        cursor: parameters.cursor,
    };
    let ticket = gate::ticket_of(request.extensions());
    let tasks = edge.tasks.clone();
    tasks.spawn(async move {
        if let Some(socket) = handshake::open(pending, &edge.limits, TOLD).await {
            native::run(edge, socket, opening).await;
        }
        drop(ticket);
    });
    Ok(handshake::switching(accept)?)
}
