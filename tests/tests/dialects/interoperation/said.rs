//! What is said, and how each protocol names it.

use serde_json::{Value, json};

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    Wokchat,
    Imrest,
    Social,
    Hooks,
    Shiku,
    Native,
}

impl Tongue {
    pub const ALL: [Self; 6] = [
        Self::Wokchat,
        Self::Imrest,
        Self::Social,
        Self::Hooks,
        Self::Shiku,
        Self::Native,
    ];
}

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Text,
    Image,
    Voice,
    Video,
    Location,
    File,
    Card,
    Link,
}

impl What {
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Image,
        Self::Voice,
        Self::Video,
        Self::Location,
        Self::File,
        Self::Card,
        Self::Link,
    ];

    /// The core's name.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Location => "location",
            Self::File => "file",
            Self::Card => "card",
            Self::Link => "link",
        }
    }

    /// What a protocol calls it; none if it has no word for it.
    pub fn number(self, tongue: Tongue) -> Option<i64> {
        let table: [i64; 8] = match tongue {
            Tongue::Wokchat => [1, 2, 3, 5, 0, 0, 0, 4],
            Tongue::Imrest => [-1, -2, -3, -4, -5, -6, 0, 0],
            Tongue::Social => [1, 3, 2, 7, 4, 8, 6, 0],
            Tongue::Shiku => [1, 2, 3, 6, 4, 9, 8, 82],
            Tongue::Hooks | Tongue::Native => [1; 8],
        };
        Some(table[self as usize]).filter(|number| *number != 0)
    }

    /// The core's body of it. The mark stands somewhere in it and must arrive.
    pub fn body(self, mark: &str) -> Value {
        match self {
            Self::Text => json!({ "text": format!("hello {mark}") }),
            Self::Image => json!({ "url": self.url(mark), "width": 640, "height": 480 }),
            Self::Voice => json!({ "url": self.url(mark), "duration": 3 }),
            Self::Video => json!({ "url": self.url(mark), "duration": 15 }),
            Self::Location => json!({ "latitude": 24.5, "longitude": 118.1, "name": mark }),
            Self::File => json!({ "url": self.url(mark), "size": 5 }),
            Self::Card => json!({ "user": "100001", "nickname": mark }),
            Self::Link => json!({ "url": self.url(mark), "title": mark }),
        }
    }

    pub fn url(self, mark: &str) -> String {
        let extension = match self {
            Self::Image => ".png",
            Self::Voice => ".mp3",
            Self::Video => ".mp4",
            Self::File => ".pdf",
            _ => "",
        };
        format!("http://x.example/{mark}{extension}")
    }
}
