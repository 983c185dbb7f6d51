//! Files: bringing them, and taking one's own away.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Rest};
use crate::gateway::error::Result;
use crate::gateway::upload;
use crate::gateway::wire::{Uploaded, Uploads};
use crate::model::{Code, FileId, Refusal};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(upload_files))
        .routes(routes!(delete_file))
        .layer(DefaultBodyLimit::disable())
}

/// Brings files: every part of the form that has a file name.
#[utoipa::path(
    post, path = "/v1/files", tag = "files",
    request_body(content_type = "multipart/form-data", description = "One or more files", content = Vec<u8>),
    responses((status = CREATED, body = Uploads, description = "The files, in order"))
)]
async fn upload_files(State(rest): State<Arc<Rest>>, caller: Caller, request: Request) -> Result<Response> {
    let (head, body) = request.into_parts();
    let form = upload::read(&head.headers, body, rest.chat.files()).await?;
    if form.files.is_empty() {
        return Err(Refusal {
            field: Some("file".into()),
            ..Refusal::new(Code::MissingField, "the form brings no file")
        }
        .into());
    }
    let mut files = Vec::with_capacity(form.files.len());
    for staged in form.files {
        let file = rest
            .chat
            .keep_file(caller.context(), staged, Some(caller.user.clone()))
            .await?;
        files.push(Uploaded::new(caller.app(), file));
    }
    Ok((StatusCode::CREATED, axum::Json(Uploads { files })).into_response())
}

/// Takes one's own file away.
#[utoipa::path(
    delete, path = "/v1/files/{file}", tag = "files", params(("file" = FileId, Path)),
    responses((status = NO_CONTENT, description = "It is gone"))
)]
async fn delete_file(State(rest): State<Arc<Rest>>, caller: Caller, At(file): At<FileId>) -> Result<Response> {
    rest.chat
        .files()
        .delete(caller.app(), &file, Some(&caller.user))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
