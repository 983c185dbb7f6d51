//! Uploads of several files at once. What a browser would run is not kept; it counts as a failure.

use serde_json::{Map, Value, json};
use switchboard_plugin::hooks::dialect::{Request, Response, Upload};
use switchboard_plugin::host::files::{self, File};

use crate::caller;
use crate::clock;
use crate::config;
use crate::envelope::Failure;
use crate::params::Params;

/// Endings of files that are pages or programs.
const ACTIVE: [&str; 16] = [
    "html", "htm", "xhtml", "shtml", "jsp", "jspx", "php", "asp", "aspx", "js", "mjs", "svg", "xml", "swf", "cgi",
    "hta",
];
/// The same by content.
const ACTIVE_MIMES: [&str; 7] = [
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
    "text/javascript",
    "application/javascript",
];

/// `/upload/UploadServlet`
pub fn answer(request: &Request, params: &Params, now: u64) -> Response {
    match keep_all(request, params) {
        Ok((data, success)) => {
            let total = request.files().len();
            let took = clock::now().saturating_sub(now);
            let answer = json!({
                "total": total, "data": data, "success": success, "failure": total - success,
                "resultCode": u8::from(success > 0), "time": took.min(60_000),
            });
            Response::json(200, answer.to_string())
        }
        Err(failure) => failure.response(now),
    }
}

/// Keeps what may be kept; answers it by sort, and how much it is.
fn keep_all(request: &Request, params: &Params) -> Result<(Map<String, Value>, usize), Failure> {
    let owner = match params.get("access_token") {
        Some(_) => Some(caller::of(params)?),
        None if config::app().anonymous_uploads => None,
        None => return Err(Failure::NoToken),
    };
    if request.files().is_empty() {
        return Err(Failure::because("缺少参数: file"));
    }
    let mut data: Map<String, Value> = [("images".to_owned(), json!([]))].into_iter().collect();
    let mut kept = 0;
    for upload in request.files().iter().filter(|upload| !is_active(&upload.name)) {
        let Some(file) = keep(upload, owner.as_deref()) else {
            continue;
        };
        let row = row(&file, &upload.name, &request.base);
        if let Some(Value::Array(rows)) = data.get_mut(sort(&file.mime)) {
            rows.push(row);
        } else {
            data.insert(sort(&file.mime).to_owned(), json!([row]));
        }
        kept += 1;
    }
    Ok((data, kept))
}

fn keep(upload: &Upload, owner: Option<&str>) -> Option<File> {
    let file = files::keep(&upload.id, owner).ok()?;
    let mime = file
        .mime
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if ACTIVE_MIMES.contains(&mime.as_str()) {
        // It stays unknown to everyone even if it cannot be deleted now.
        let _ = files::delete(&file.id);
        return None;
    }
    Some(file)
}

fn row(file: &File, name: &str, base: &str) -> Value {
    let thumb = file.thumb_path.as_ref().unwrap_or(&file.path);
    let mut row = json!({ "oFileName": name, "oUrl": format!("{base}{}", file.path), "status": 1 });
    if sort(&file.mime) == "images" {
        row["tUrl"] = format!("{base}{thumb}").into();
    }
    row
}

fn sort(mime: &str) -> &'static str {
    match mime.split('/').next() {
        Some("image") => "images",
        Some("audio") => "audios",
        Some("video") => "videos",
        _ => "others",
    }
}

/// Whether a name ends as a page or a program does, also before a further ending.
fn is_active(name: &str) -> bool {
    let lower = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    lower.split('.').skip(1).any(|part| ACTIVE.contains(&part.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_content_is_known_by_its_name() {
        for name in [
            "a.html",
            "A.HTM",
            "x.jsp",
            "a.html.",
            "a.jsp.png",
            "p.svg",
            "x.tar.php ",
        ] {
            assert!(is_active(name), "{name}");
        }
        for name in ["首页.png", "html", "a.txt", "report.pdf", "a.shtmlx", ""] {
            assert!(!is_active(name), "{name}");
        }
    }

    #[test]
    fn files_are_told_by_sort() {
        assert_eq!(
            ["image/png", "audio/amr", "video/mp4", "text/plain", ""].map(sort),
            ["images", "audios", "videos", "others", "others"]
        );
    }
}
