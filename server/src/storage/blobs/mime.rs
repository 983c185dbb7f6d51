//! What a file is, told by its first bytes: a name says nothing.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes that are looked at.
const HEAD: u64 = 8 * 1024;
/// What nobody opens by itself.
const UNKNOWN: &str = "application/octet-stream";

/// What a file is.
///
/// # Errors
/// What the file system says.
pub fn mime(path: &Path) -> io::Result<String> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(of(&head).to_owned())
}

fn of(head: &[u8]) -> &'static str {
    if let Some(known) = infer::get(head) {
        return known.mime_type();
    }
    // A character may be cut at the end of what was looked at.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return UNKNOWN,
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    if text.is_empty() || !text.chars().all(plain) {
        return UNKNOWN;
    }
    if text.trim_start().starts_with('<') {
        return "text/html";
    }
    "text/plain"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_says_what_it_is() {
        for (head, mime) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"%PDF-1.7", "application/pdf"),
            (b"PK\x03\x04", "application/zip"),
            (b"<!DOCTYPE html><p>", "text/html"),
            (b"  <svg xmlns='x' onload='alert(1)'>", "text/html"),
            ("你好，世界".as_bytes(), "text/plain"),
            (b"a\0b", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(of(head), mime, "{head:?}");
        }
        let cut = "字".repeat(3000);
        assert_eq!(of(&cut.as_bytes()[..8192]), "text/plain");
    }
}
