//! Uploads: a multipart body is read as it comes, its files to disk and its fields to memory, each inside its bound.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use multer::{Constraints, Multipart, SizeLimit};

use crate::chat::{Files, Staged};
use crate::model::{Code, Refusal};

/// Bytes of a form's text fields together, and how many there may be.
const FIELD_BYTES: usize = 256 << 10;
const FIELDS: usize = 200;
/// Bytes a body may have beside its files: boundaries and heads of parts.
const FRAME: u64 = 1 << 20;
/// A body whose next piece takes longer than this is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A form that was read.
#[derive(Debug, Default)]
pub struct Form {
    /// Its text fields, in order.
    pub fields: Vec<(String, String)>,
    /// Its files, on disk.
    pub files: Vec<Staged>,
}

/// Whether a request brings a form with files.
#[must_use]
pub fn is_multipart(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}

/// Reads a form.
///
/// # Errors
/// `BadFrame` for what is no form, `TooLarge` naming the limit, or what the disk says.
pub async fn read(headers: &HeaderMap, body: Body, files: &Files) -> Result<Form, Refusal> {
    let boundary = boundary(headers)
        .ok_or_else(|| Refusal::new(Code::BadFrame, "the body must be multipart/form-data with a boundary"))?;
    let limits = files.limits();
    let whole = limits
        .file_bytes
        .saturating_mul(limits.files_per_request as u64)
        .saturating_add(FRAME);
    let bounds = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole).per_field(limits.file_bytes));
    let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, bounds);
    let (mut form, mut text) = (Form::default(), 0);
    while let Some(part) = soon(parts.next_field()).await? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                if form.files.len() >= limits.files_per_request {
                    return Err(too_large("files_per_request"));
                }
                let id = (form.files.len() + 1).to_string();
                form.files.push(stage(files, part, id, field, name).await?);
            }
            None => {
                let value = words(part, FIELD_BYTES - text).await?;
                text += field.len() + value.len();
                if form.fields.len() >= FIELDS || text > FIELD_BYTES {
                    return Err(too_large("body_bytes"));
                }
                form.fields.push((field, value));
            }
        }
    }
    Ok(form)
}

async fn stage(
    files: &Files,
    mut part: multer::Field<'_>,
    id: String,
    field: String,
    name: String,
) -> Result<Staged, Refusal> {
    let mut staging = files.blobs().stage().await.map_err(|error| disk(&error))?;
    while let Some(bytes) = soon(part.chunk()).await? {
        staging.write(&bytes).await.map_err(|error| disk(&error))?;
    }
    staging.finish(id, field, name).await.map_err(|error| disk(&error))
}

async fn words(mut part: multer::Field<'_>, room: usize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(more) = soon(part.chunk()).await? {
        if bytes.len() + more.len() > room {
            return Err(too_large("body_bytes"));
        }
        bytes.extend_from_slice(&more);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::new(Code::BadFrame, "a field of the form is no UTF-8"))
}

async fn soon<T>(piece: impl Future<Output = multer::Result<T>>) -> Result<T, Refusal> {
    match tokio::time::timeout(PATIENCE, piece).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. })) => {
            Err(too_large("file_bytes"))
        }
        Ok(Err(error)) => Err(Refusal::new(
            Code::BadFrame,
            format!("the form cannot be read: {error}"),
        )),
        Err(_) => Err(Refusal::new(Code::BadFrame, "the body took too long to arrive")),
    }
}

fn too_large(limit: &'static str) -> Refusal {
    Refusal::too_large(limit, format!("the form is larger than {limit} allows"))
}

fn disk(error: &std::io::Error) -> Refusal {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Refusal::new(Code::StorageFull, "the disk is full");
    }
    tracing::error!(%error, "an upload could not be written");
    Refusal::internal()
}
