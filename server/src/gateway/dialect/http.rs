//! One request: decoded, given to the app it is for, answered in the dialect's words whatever happens.

use axum::extract::Request as HttpRequest;
use axum::http::Method;
use axum::response::Response;

use super::{Dialects, request, response};
use crate::chat::Staged;
use crate::gateway::peer::Peer;
use crate::plugin_host::{Answer, Arrival, Content, FaultKind, Mounted, Request, Visit};

/// Answers a request below a mount.
pub async fn answer(dialects: &Dialects, mounted: &Mounted, client: Peer, path: String, from: HttpRequest) -> Response {
    let (parts, body) = from.into_parts();
    let (mut fault, mut uploads) = (None, Vec::new());
    let remote = client.address.to_string();
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
        None => pass(dialects, mounted, &visit, &remote, uploads).await,
    };
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
