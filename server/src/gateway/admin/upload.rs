//! A component on its way in: received up to its bound, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use http_body_util::BodyExt as _;

use super::Admin;
use crate::gateway::error::{Failure, Result};
use crate::model::{Code, Refusal};

/// How long an upload may take.
const WALL: Duration = Duration::from_secs(60);
/// What a component is sent as.
const TYPES: [&str; 2] = ["application/wasm", "application/octet-stream"];

/// A component.
pub struct Upload(pub Vec<u8>);

impl FromRequest<Arc<Admin>> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, admin: &Arc<Admin>) -> Result<Self> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| TYPES.contains(&kind)) {
            let text = "the body must be a component, sent with content-type application/wasm";
            return Err(Refusal::field("content-type", text).into());
        }
        let Ok(_turn) = admin.uploads.try_acquire() else {
            return Err(Refusal::busy("too many components are being uploaded", 2000).into());
        };
        let receive = receive(request, admin.component_bytes);
        let late = |_| Refusal::busy("the upload took too long", 1000);
        Ok(Self(tokio::time::timeout(WALL, receive).await.map_err(late)??))
    }
}

async fn receive(request: Request, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = request.into_body();
    let mut component = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::new(Code::BadFrame, "the body ended early"))?;
        let Some(data) = frame.data_ref() else { continue };
        if component.len() + data.len() > limit {
            let text = format!("a component must have at most {limit} bytes");
            return Err(Refusal::too_large("component_bytes", text));
        }
        component.extend_from_slice(data);
    }
    if component.is_empty() {
        return Err(Refusal::new(Code::BadFrame, "the body must be a component"));
    }
    Ok(component)
}
