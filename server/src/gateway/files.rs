//! Serves files. Whoever has the address may read; what a browser could run is only ever handed out as a download.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Body};
use tower_http::services::ServeFile;

use super::error::{Failure, Result};
use super::rest::At;
use crate::chat::{Chat, Reading};
use crate::model::{AppId, FileId, Refusal};

/// Content that browsers show and do not run.
const SHOWN: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/avif",
    "audio/",
    "video/",
];
/// Content that is not even named, so that nobody runs it after saving.
const ACTIVE: &[&str] = &[
    "text/html",
    "text/xml",
    "image/svg",
    "application/xhtml",
    "text/x-shellscript",
];

/// The addresses of files.
pub fn router(chat: Arc<Chat>) -> Router {
    Router::new()
        .route("/files/{app}/{id}/{name}", get(whole))
        .route("/files/{app}/{id}/thumb/{name}", get(thumb))
        .with_state(chat)
}

async fn whole(
    State(chat): State<Arc<Chat>>,
    At((app, id, _)): At<(AppId, FileId, String)>,
    request: Request,
) -> Result<Response> {
    send(chat.files().read(app, &id, false).await?, request).await
}

async fn thumb(
    State(chat): State<Arc<Chat>>,
    At((app, id, _)): At<(AppId, FileId, String)>,
    request: Request,
) -> Result<Response> {
    let mut reading = chat.files().read(app, &id, true).await?;
    reading.file.etag.push_str("-t");
    if reading.file.mime != "image/jpeg" {
        "image/png".clone_into(&mut reading.file.mime);
    }
    send(reading, request).await
}

async fn send(Reading { file, path }: Reading, request: Request) -> Result<Response> {
    let etag = format!("\"{}\"", file.etag);
    let same = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // The bytes are asked for by range or as a whole; nothing else of the request matters.
        let mut plain = Request::new(Body::empty());
        *plain.method_mut() = if request.method() == Method::HEAD {
            Method::HEAD
        } else {
            Method::GET
        };
        if let Some(range) = request.headers().get(header::RANGE) {
            plain.headers_mut().insert(header::RANGE, range.clone());
        }
        ServeFile::new(path)
            .try_call(plain)
            .await
            .map_err(|error| {
                tracing::error!(%error, "a file cannot be read");
                Failure(Refusal::internal())
            })?
            .into_response()
    };
    if response.status().as_u16() == 404 {
        return Err(Refusal::not_found("file").into());
    }
    let headers = response.headers_mut();
    headers.remove(header::LAST_MODIFIED);
    for (name, value) in heads(&file, &etag) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

fn heads(file: &crate::model::File, etag: &str) -> [(HeaderName, String); 6] {
    let shown = SHOWN.iter().any(|kind| file.mime.starts_with(kind));
    let active = ACTIVE.iter().any(|kind| file.mime.starts_with(kind)) || file.mime.contains("script");
    let mime = if active {
        "application/octet-stream"
    } else {
        file.mime.as_str()
    };
    let place = if shown { "inline" } else { "attachment" };
    let name = file.encoded_name();
    [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{place}; filename*=UTF-8''{name}")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
        (header::ETAG, etag.to_owned()),
    ]
}
