//! Names of files and their media types, as far as an address tells them.

use crate::url;

/// The longest name, in characters.
pub const NAME_CHARS: usize = 255;

/// The file name at the end of an address: decoded, without anything that could mislead a reader or leave a folder.
pub fn from_url(address: &str) -> Option<String> {
    let segment = url::path(address).rsplit('/').next()?;
    let name = clean(&decode(segment));
    (!name.is_empty() && name != "." && name != "..").then_some(name)
}

/// A name without folders, control characters and marks that turn the direction of writing (`gpj.exe` shown reversed).
pub fn clean(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    base.chars()
        .filter(|c| !c.is_control() && !turns_direction(*c))
        .take(NAME_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Percent-decoding. What does not decode to UTF-8 stays as it was written.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| segment.to_owned())
}

/// The media type that a file name's extension stands for.
pub fn mime(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1;
    TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension))
        .map(|(_, mime)| *mime)
}

const TYPES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("heic", "image/heic"),
    ("bmp", "image/bmp"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mkv", "video/x-matroska"),
    ("3gp", "video/3gpp"),
    ("avi", "video/x-msvideo"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("rar", "application/vnd.rar"),
    ("7z", "application/x-7z-compressed"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_last_segment() {
        assert_eq!(from_url("https://a/b/report.pdf?x=1").as_deref(), Some("report.pdf"));
        assert_eq!(from_url("/f/%E6%96%B0%E5%BB%BA.doc").as_deref(), Some("新建.doc"));
        assert_eq!(from_url("/f/bad%E6.doc").as_deref(), Some("bad%E6.doc"));
        assert_eq!(from_url("/f/100%").as_deref(), Some("100%"));
        assert_eq!(from_url("https://a.example"), None);
        assert_eq!(from_url("https://a.example/"), None);
        assert_eq!(from_url("/f/.."), None);
    }

    #[test]
    fn names_cannot_lie_about_folders_or_direction() {
        assert_eq!(from_url("/f/..%2F..%2Fpasswd").as_deref(), Some("passwd"));
        assert_eq!(clean("c:\\x\\photo\u{202e}gpj.exe\n"), "photogpj.exe");
    }

    #[test]
    fn types_come_from_the_extension() {
        assert_eq!(mime("a.b.PNG"), Some("image/png"));
        assert_eq!(mime("png"), None);
        assert_eq!(mime("a.html"), None, "active content is never announced as such");
    }
}
