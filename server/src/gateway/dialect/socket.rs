//! A request that wants to become a WebSocket. If its app is known, the dialect may still answer the request instead.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request as HttpRequest;
use axum::http::HeaderValue;
use axum::response::Response;
use hyper::upgrade::OnUpgrade;

use super::berth::Berth;
use super::http::excuse;
use super::session::{Beginning, Session};
use super::{Dialects, request, response};
use crate::gateway::gate;
use crate::gateway::peer::Peer;
use crate::gateway::socket::handshake;
use crate::gateway::socket::out::Out;
use crate::plugin_host::{Arrival, Connection, FaultKind, Mounted, Reaction, Standing, Visit};

/// A frame this many times over the limit is still read, so that its sender is told in the dialect's words.
const TOLD: usize = 16;

/// Opens a socket below a mount, or says why not.
pub async fn open(
    dialects: Arc<Dialects>,
    mounted: Arc<Mounted>,
    client: Peer,
    path: String,
    from: HttpRequest,
) -> Response {
    let (mut parts, _) = from.into_parts();
    let (address, ticket) = (client.address, gate::ticket_of(&parts.extensions));
    let Ok(head) = request::head(&parts, client, path) else {
        return response::without_words();
    };
    let visit = dialects.mounts.visit(&mounted, Arrival::Socket(head));
    let shaken = handshake::accept_key(&parts.headers).and_then(|accept| {
        let pending = handshake::pending(&mut parts.extensions)?;
        Ok((accept, pending))
    });
    let Ok((accept, pending)) = shaken else {
        return excuse(&dialects, &mounted, &visit, FaultKind::Malformed).await;
    };
    let begun = begin(&dialects, &mounted, &visit, address).await;
    dialects.edge.gate.proved_wrong(address, visit.proved_wrong());
    match begun {
        Ok(Ok(beginning)) => switch(dialects, mounted, Beginning { ticket, ..beginning }, accept, pending),
        Ok(Err(answer)) => answer,
        Err(kind) => excuse(&dialects, &mounted, &visit, kind).await,
    }
}

async fn begin(
    dialects: &Arc<Dialects>,
    mounted: &Arc<Mounted>,
    visit: &Visit,
    address: IpAddr,
) -> Result<Result<Beginning, Response>, FaultKind> {
    if dialects.edge.shutdown.is_cancelled() {
        return Err(FaultKind::Busy);
    }
    let mut beginning = Beginning {
        id: id(dialects),
        address,
        ticket: None,
        app: None,
        bound: None,
        reaction: Reaction {
            frames: Vec::new(),
            state: None,
            close: false,
        },
    };
    let remote = address.to_string();
    let Some(owner) = dialects.owner(mounted, visit, &beginning.id).await? else {
        return Ok(Ok(beginning));
    };
    let berth = Berth::new(
        dialects.clone(),
        mounted.clone(),
        owner.app.clone(),
        beginning.id.clone(),
        Some(&remote),
    );
    let standing = Standing {
        binder: Some(berth.clone()),
        ..Standing::default()
    };
    let connection = Connection {
        id: beginning.id.clone(),
        uid: None,
        device: None,
        state: String::new(),
        remote,
    };
    match owner.dialect.on_open(standing, &connection, visit).await? {
        Ok(reaction) => {
            beginning.app = Some(owner.app.id);
            beginning.bound = berth.take();
            beginning.reaction = reaction;
            Ok(Ok(beginning))
        }
        Err(answer) => Ok(Err(response::of(answer))),
    }
}

fn switch(
    dialects: Arc<Dialects>,
    mounted: Arc<Mounted>,
    beginning: Beginning,
    accept: HeaderValue,
    pending: OnUpgrade,
) -> Response {
    let tasks = dialects.edge.tasks.clone();
    let answer = handshake::switching(accept);
    tasks.spawn(async move {
        if let Some(socket) = handshake::open(pending, &dialects.edge.limits, TOLD).await {
            let out = Out::new(socket, dialects.edge.limits.idle_timeout_ms);
            Session::new(dialects, mounted, out, beginning).run().await;
        }
    });
    answer.unwrap_or_else(|_| response::without_words())
}

/// A name for a connection, also after a restart no other's.
fn id(dialects: &Dialects) -> String {
    let mut bytes = [0; 8];
    dialects.random.fill(&mut bytes);
    hex::encode(bytes)
}
