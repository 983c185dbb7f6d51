//! The files of the demo page, part of the executable. They load nothing from elsewhere but pictures, and the browser
//! is told so.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use super::error::unknown_route;

/// Scripts, styles and connections are the server's own. Pictures may come from anywhere, since avatars and messages
/// name them by URL; a picture can run nothing.
const POLICY: &str = "default-src 'self'; img-src 'self' https: http: data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("page/", $name)))),*]
    };
}

const INDEX: &str = "index.html";
const FILES: &[(&str, &str)] = files! {
    "api.js" "chat.css" "composer.js" "demo.js" "dom.js" "format.js" "icon.svg" "ids.js" "inbox.js" "index.html"
    "kinds.js" "main.js" "marks.js" "message.js" "outbox.js" "picker.js" "session.js" "sidebar.js" "slash.js" "state.js"
    "thread.js" "toasts.js"
};

/// A file, ready to be served.
struct File {
    name: &'static str,
    text: &'static str,
    tag: HeaderValue,
}

type Files = Arc<[File]>;

/// `/` and `/page/…`.
pub fn router() -> Router {
    let file = |(name, text): &(&'static str, &'static str)| File {
        name,
        text,
        tag: tag(text),
    };
    let files: Files = FILES.iter().map(file).collect();
    Router::new()
        .route("/", get(index))
        .route("/page/{name}", get(named))
        .with_state(files)
}

/// A quoted hash: hex needs no escapes, so it is always a header's value.
fn tag(text: &str) -> HeaderValue {
    let hash = hex::encode(&Sha256::digest(text)[..8]);
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

async fn index(State(files): State<Files>, headers: HeaderMap) -> Response {
    serve(&files, INDEX, &headers).await
}

async fn named(State(files): State<Files>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&files, &name, &headers).await
}

async fn serve(files: &[File], name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = files.iter().find(|file| file.name == name) else {
        return unknown_route().await;
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| *known == file.tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.text.into_response()
    };
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    sent.insert(header::ETAG, file.tag.clone());
    for (name, value) in [
        // Kept, but asked about each time: a new server serves a new page at once.
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        sent.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_as_what_it_is() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/gateway/page");
        let found = std::fs::read_dir(folder)
            .expect("the page")
            .map(|entry| entry.expect("an entry"));
        let found = found.filter(|entry| entry.file_type().expect("a type").is_file());
        let found: BTreeSet<String> = found
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let served: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, served);
        assert!(
            FILES
                .iter()
                .all(|(name, _)| !content_type(name).starts_with("text/plain"))
        );
    }

    #[test]
    fn the_page_keeps_to_its_policy() {
        let (_, index) = FILES.iter().find(|(name, _)| *name == INDEX).expect("an index");
        for inline in ["<style", " style=", " onclick=", "<script>"] {
            assert!(!index.contains(inline), "{inline} would be refused by the browser");
        }
    }
}
