//! Requests as the contract has them: decoded, bounded, with names of headers in lower case.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use super::form;
use crate::chat::{Files, Staged};
use crate::gateway::body::{self, Cut};
use crate::gateway::error::RequestId;
use crate::gateway::peer::Peer;
use crate::gateway::upload;
use crate::model::{Code, Limits};
use crate::plugin_host::{Content, FaultKind, Multipart, Param, Request, Upload};

/// How long a body may take to arrive.
const WALL: Duration = Duration::from_secs(30);

/// A request's head, as the contract has it.
pub fn head(parts: &Parts, client: Peer, path: String) -> Result<Request, FaultKind> {
    let headers = parts.headers.iter().map(|(name, value)| Param {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    // What asks for the head alone gets what the whole would have.
    let method = if parts.method == Method::HEAD {
        &Method::GET
    } else {
        &parts.method
    };
    Ok(Request {
        method: method.as_str().to_owned(),
        path,
        query: form::params(parts.uri.query().unwrap_or_default()).ok_or(FaultKind::TooLarge)?,
        headers: headers.collect(),
        content: Content::None,
        base: client.base,
        remote: client.address.to_string(),
        id: parts
            .extensions
            .get::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default(),
    })
}

/// A request's body, as the contract has it, and its files, which are on disk as long as somebody holds them.
pub async fn content(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    files: &Files,
) -> Result<(Content, Vec<Staged>), FaultKind> {
    if upload::is_multipart(headers) {
        return multipart(headers, body, files).await;
    }
    let bytes = body::whole(body, limits.body_bytes, WALL)
        .await
        .map_err(|cut| match cut {
            Cut::TooLarge => FaultKind::TooLarge,
            Cut::Early | Cut::Late => FaultKind::Malformed,
        })?;
    plain(headers, bytes).map(|content| (content, Vec::new()))
}

/// A body without files.
fn plain(headers: &HeaderMap, bytes: Bytes) -> Result<Content, FaultKind> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        // Without a boundary it cannot be read.
        return Err(FaultKind::Malformed);
    }
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        // Escapes are ASCII; what is no UTF-8 outside of them is replaced as inside.
        let text = String::from_utf8_lossy(&bytes);
        return form::params(&text).map(Content::Form).ok_or(FaultKind::TooLarge);
    }
    if bytes.is_empty() {
        return Ok(Content::None);
    }
    Ok(match String::from_utf8(bytes.into()) {
        Ok(text) => Content::Text(text),
        Err(error) => Content::Bytes(error.into_bytes()),
    })
}

/// A form with parts.
async fn multipart(headers: &HeaderMap, body: Body, files: &Files) -> Result<(Content, Vec<Staged>), FaultKind> {
    let form = upload::read(headers, body, files).await;
    let form = form.map_err(|refusal| match refusal.code {
        Code::TooLarge => FaultKind::TooLarge,
        Code::BadFrame => FaultKind::Malformed,
        _ => FaultKind::Busy,
    })?;
    let uploads = form.files.iter().map(|staged| Upload {
        id: staged.id.clone(),
        field: staged.field.clone(),
        name: staged.name.clone(),
        size: staged.size,
    });
    let parts = Multipart {
        files: uploads.collect(),
        fields: form
            .fields
            .into_iter()
            .map(|(name, value)| Param { name, value })
            .collect(),
    };
    Ok((Content::Multipart(parts), form.files))
}
