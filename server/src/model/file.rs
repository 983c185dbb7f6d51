//! Files of an app: what was uploaded, as the rest of the server speaks of it.

use super::{AppId, FileId, Millis, UserId};

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id: not to be guessed, for whoever has a file's address may read it.
    pub id: FileId,
    /// The name it came with, made harmless; 1 to 200 bytes.
    pub name: String,
    /// What it is, told by its content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content, in hex.
    pub etag: String,
    /// Of pictures: width and height in pixels, as they are shown.
    pub picture: Option<(u32, u32)>,
    /// Of pictures: the same of the smaller one, if one was made.
    pub thumb: Option<(u32, u32)>,
    /// Who brought it; none: the app itself, or someone unknown.
    pub owner: Option<UserId>,
    /// Since when it is there.
    pub created_at: Millis,
    /// Until when it is kept; none: for good.
    pub expires_at: Option<Millis>,
}

impl File {
    /// Its address on this server: `/files/{app}/{id}/{name}`.
    #[must_use]
    pub fn path(&self, app: AppId) -> String {
        format!("/files/{app}/{}/{}", self.id, encoded(&self.name))
    }

    /// Its name as it stands in addresses and headers.
    #[must_use]
    pub fn encoded_name(&self) -> String {
        encoded(&self.name)
    }

    /// The address of its smaller picture, if it has one.
    #[must_use]
    pub fn thumb_path(&self, app: AppId) -> Option<String> {
        self.thumb?;
        Some(format!("/files/{app}/{}/thumb/{}", self.id, encoded(&self.name)))
    }
}

/// A name as a segment of an address: all but letters, digits and a few marks in per cents.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_ascii() {
        assert_eq!(encoded("首页 1.png"), "%E9%A6%96%E9%A1%B5%201.png");
        assert_eq!(encoded("a-b_c.~?/#"), "a-b_c.~%3F%2F%23");
    }
}
