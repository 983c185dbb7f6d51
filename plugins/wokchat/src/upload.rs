//! `upfile`: contents of pictures, voices and videos are addresses; here is where those come from.

use serde::Serialize;
use switchboard_plugin::hooks::dialect::Request;
use switchboard_plugin::host::files;

use crate::call::{self, Call};
use crate::fault::{Fault, refused};
use crate::params::Params;

/// Where a file is now.
#[derive(Debug, Serialize)]
pub struct Kept {
    data: Place,
}

#[derive(Debug, Serialize)]
struct Place {
    url: String,
    file_path: String,
}

const MISSING: &str = "file不能为空";

/// Keeps the file of a request.
pub fn keep(call: &Call<'_>, request: &Request, params: &Params) -> Result<Kept, Fault> {
    let kind = params.text("type")?.unwrap_or_else(|| "file".to_owned());
    let files = request.files();
    let upload = files.iter().find(|file| file.field == "file").or_else(|| files.first());
    let upload = upload.ok_or_else(|| Fault::new(MISSING))?;
    let file = files::keep(&upload.id, Some(&call.uid)).map_err(|error| refused(error, MISSING))?;
    if kind == "image" && !file.mime.starts_with("image/") {
        files::delete(&file.id).map_err(|error| refused(error, MISSING))?;
        return Err(Fault::new("不是图片文件"));
    }
    let base = call::app().public_url.filter(|url| !url.is_empty());
    let base = base.as_deref().unwrap_or(&request.base);
    Ok(Kept {
        data: Place {
            url: format!("{}{}", base.trim_end_matches('/'), file.path),
            file_path: file.path,
        },
    })
}
