//! Files, which messages then name by their address.

use serde_json::{Value, json};
use switchboard_plugin::host::files;

use super::Call;
use crate::answer::{Done, Fault};

/// Keeps the file in the field `file`.
pub fn upload(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let upload = call.request.files().iter().find(|upload| upload.field == "file");
    let upload = upload.ok_or_else(|| Fault::bad("file is missing"))?;
    let file = files::keep(&upload.id, Some(&uid))?;
    let address = |path: &str| format!("{}{path}", call.request.base);
    let url = address(&file.path);
    Ok(json!({
        "url": url, "download_url": url, "thumb_url": file.thumb_path.as_deref().map(address),
        "file_name": file.name, "file_size": file.size, "etag": file.etag, "mime": file.mime,
        "width": file.width, "height": file.height, "thumbWidth": file.thumb_width, "thumbHeight": file.thumb_height,
    }))
}
