//! `POST /im/file/upload`.

use crate::answer::{Failure, Outcome, json};
use switchboard_plugin::hooks::dialect::Request;
use switchboard_plugin::host::files;

/// Keeps the file and answers its address.
pub fn upload(request: &Request, owner: Option<&str>) -> Outcome<String> {
    let file = request.files().iter().find(|file| file.field == "file");
    let file = file.ok_or_else(|| Failure::missing("file"))?;
    let kept = files::keep(&file.id, owner)?;
    Ok(json(&format!("{}{}", request.base.trim_end_matches('/'), kept.path)))
}
