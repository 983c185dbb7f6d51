//! One request: decoded, given to the app it is for, answered in the dialect's words whatever happens.

use axum::extract::Request as HttpRequest;
use axum::http::Method;
use axum::response::Response;

use super::{Dialects, request, response};
use crate::chat::Staged;
use crate::gateway::error;
use crate::gateway::peer::Peer;
use crate::model::Refusal;
use crate::plugin_host::{Answer, Arrival, Content, FaultKind, Mounted, Request, Visit};

/// Answers a request below a mount.
pub async fn answer(dialects: &Dialects, mounted: &Mounted, client: Peer, path: String, from: HttpRequest) -> Response {
    let (parts, body) = from.into_parts();
    let (mut fault, mut uploads) = (None, Vec::new());
    let address = client.address;
    let mut head = request::head(&parts, client.clone(), path.clone()).unwrap_or_else(|kind| {
        fault = Some(kind);
        without_query(&parts.method, client, path)
    });
    if fault.is_none() {
        match request::content(&parts.headers, body, &dialects.edge.limits, dialects.edge.chat.files()).await {
            Ok((content, files)) => {
                head.content = content;
                uploads = files;
            }
            Err(kind) => fault = Some(kind),
        }
    }
    let visit = dialects.mounts.visit(mounted, Arrival::Request(head));
    let answered = match fault {
        Some(kind) => Err(kind),
        // Whoever asks is not known yet: requests of one address meet one version.
        None => pass(dialects, mounted, &visit, &address.to_string(), uploads).await,
    };
    dialects.edge.gate.proved_wrong(address, visit.proved_wrong());
    match answered {
        Ok(answer) => answer,
        Err(kind) => excuse(dialects, mounted, &visit, kind).await,
    }
}

async fn pass(
    dialects: &Dialects,
    mounted: &Mounted,
    visit: &Visit,
    remote: &str,
    uploads: Vec<Staged>,
) -> Result<Response, FaultKind> {
    if dialects.edge.shutdown.is_cancelled() {
        return Err(FaultKind::Busy);
    }
    let owner = dialects.owner(mounted, visit, remote).await?;
    let owner = owner.ok_or(FaultKind::Unidentified)?;
    let answer = owner.dialect.on_http(visit, uploads).await?;
    Ok(response::of(answer))
}

/// Answers what comes too often: in the dialect's words, and with the time after which it may come again.
pub async fn hold(
    dialects: &Dialects,
    mounted: &Mounted,
    client: Peer,
    path: String,
    (from, socket): (HttpRequest, bool),
    refusal: Refusal,
) -> Response {
    let (parts, _) = from.into_parts();
    let head = request::head(&parts, client.clone(), path.clone());
    let head = head.unwrap_or_else(|_| without_query(&parts.method, client, path));
    let arrival = if socket {
        Arrival::Socket(head)
    } else {
        Arrival::Request(head)
    };
    let visit = dialects.mounts.visit(mounted, arrival);
    let mut answer = excuse(dialects, mounted, &visit, FaultKind::Busy).await;
    error::announce(&refusal, answer.headers_mut());
    answer
}

/// What cannot be passed on, in the dialect's words.
pub async fn excuse(dialects: &Dialects, mounted: &Mounted, visit: &Visit, kind: FaultKind) -> Response {
    match dialects.fault(mounted, visit, kind).await {
        Some(Answer::Response(answer)) if (200..=599).contains(&answer.status) => response::of(answer),
        _ => response::without_words(),
    }
}

/// A request of which not even the head can be read, as far as it can.
fn without_query(method: &Method, client: Peer, path: String) -> Request {
    Request {
        method: method.as_str().to_owned(),
        path,
        query: Vec::new(),
        headers: Vec::new(),
        content: Content::None,
        base: client.base,
        remote: client.address.to_string(),
        id: String::new(),
    }
}
