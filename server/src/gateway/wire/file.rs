//! Files on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{AppId, File, FileId, Millis, UserId};

/// Files that were brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploads {
    /// In the order of the form.
    pub files: Vec<Uploaded>,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploaded {
    /// Its id.
    id: FileId,
    /// Its address on this server.
    url: String,
    /// The address of a smaller picture, of pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumb_url: Option<String>,
    /// The name it came with, made harmless.
    name: String,
    /// What it is, told by its content.
    mime: String,
    /// Bytes.
    size: u64,
    /// SHA-256, in hex.
    etag: String,
    /// Of pictures, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// Of pictures, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Who brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<UserId>,
    /// When.
    created_at: Millis,
    /// When it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Millis>,
}

impl Uploaded {
    /// A file of an app.
    #[must_use]
    pub fn new(app: AppId, file: File) -> Self {
        Self {
            url: file.path(app),
            thumb_url: file.thumb_path(app),
            width: file.picture.map(|(width, _)| width),
            height: file.picture.map(|(_, height)| height),
            id: file.id,
            name: file.name,
            mime: file.mime,
            size: file.size,
            etag: file.etag,
            owner: file.owner,
            created_at: file.created_at,
            expires_at: file.expires_at,
        }
    }
}
