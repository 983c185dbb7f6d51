//! Ids and names. Whoever holds one holds a valid one: the constructors check, nothing else makes them.

use std::fmt;
use std::sync::Arc;

/// Ids stay below 2^53, so that every JSON reader can hold them.
pub const MAX_ID: u64 = (1 << 53) - 1;

/// Why a text is no id or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty where something is needed.
    #[error("must not be empty")]
    Empty,
    /// Longer than its bound, in bytes.
    #[error("must have at most {0} bytes")]
    TooLong(usize),
    /// Holds a character it must not hold.
    #[error("may hold only {0}")]
    Character(&'static str),
    /// A number outside 1 … 2^53 − 1.
    #[error("must be an integer from 1 to 9007199254740991")]
    Range,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Wraps a number from 1 to 2^53 − 1.
            ///
            /// # Errors
            /// `Range` for any other.
            pub const fn new(value: u64) -> Result<Self, IdError> {
                if value == 0 || value > MAX_ID { Err(IdError::Range) } else { Ok(Self(value)) }
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map_err(|_| IdError::Range).and_then(Self::new)
            }
        }
    };
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $allowed:expr, $words:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The bound, in bytes.
            pub const MAX: usize = $max;

            /// Checks a text and wraps it.
            ///
            /// # Errors
            /// `Empty`, `TooLong` or `Character`.
            pub fn new(text: &str) -> Result<Self, IdError> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() {
                    Err(IdError::Empty)
                } else if text.len() > Self::MAX {
                    Err(IdError::TooLong(Self::MAX))
                } else if !text.chars().all(allowed) {
                    Err(IdError::Character($words))
                } else {
                    Ok(Self(text.into()))
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    };
}

number!(
    /// A tenant.
    AppId
);
number!(
    /// A conversation, unique on the whole server.
    ConversationId
);
number!(
    /// A message, unique on the whole server and increasing inside its conversation.
    MessageId
);
number!(
    /// A durable piece of work.
    JobId
);
number!(
    /// One socket on this node.
    ConnectionId
);
counter!(
    /// A message's place in its conversation: 1, 2, 3 … without gaps. 0 is "before the first".
    Seq
);
counter!(
    /// A place in the server's stream of stored changes. Message ids are drawn from the same counter, so that the
    /// cursor of a new message is its id.
    Cursor
);
text!(
    /// A user's id inside its app: chosen by the tenant.
    UserId, 64, |c| !c.is_control(), "printable characters"
);
text!(
    /// A file's id: 32 hex digits of chance.
    FileId, 32, |c| c.is_ascii_digit() || ('a'..='f').contains(&c), "lower-case hex digits"
);
text!(
    /// A user's device, named by its client.
    DeviceId, 64, |c| !c.is_control(), "printable characters"
);
text!(
    /// The sender's own id for a message, unique per sender for good.
    Nonce, 64, |c| !c.is_control(), "printable characters"
);
text!(
    /// A message kind.
    Kind, 64, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c), "lower-case letters, digits, '.', '_' and '-'"
);
text!(
    /// The name of an install in its app.
    PluginName, 64, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c), "lower-case letters, digits, '.', '_' and '-'"
);

text!(
    /// The name of a command that users type after a slash.
    SlashName, 32, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c), "lower-case letters, digits, '_' and '-'"
);

impl Kind {
    /// The one kind that the core itself knows and that users send.
    pub const TEXT: &str = "text";
    /// What the server itself stores when a group changes; nobody else sends it.
    pub const SYSTEM: &str = "system";

    /// `system`.
    #[must_use]
    pub fn system() -> Self {
        Self(Self::SYSTEM.into())
    }

    /// Whether this is `system`.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.as_str() == Self::SYSTEM
    }

    /// Whether this is `text`.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.as_str() == Self::TEXT
    }
}

impl PluginName {
    /// Who does the server's own work for an app. No tenant can install anything under this name.
    pub const CORE: &str = "~server";

    /// The same, as a name.
    #[must_use]
    pub fn core() -> Self {
        Self(Self::CORE.into())
    }

    /// Whether this is the server itself.
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.as_str() == Self::CORE
    }
}

/// Milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

impl Millis {
    /// This time plus a number of milliseconds.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl DeviceId {
    /// The device of whoever names none.
    #[must_use]
    pub fn unnamed() -> Self {
        Self("default".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_inside_what_json_can_hold() {
        assert_eq!(MessageId::new(0), Err(IdError::Range));
        assert_eq!(MessageId::new(MAX_ID + 1), Err(IdError::Range));
        assert_eq!(MessageId::new(MAX_ID).map(MessageId::get), Ok(MAX_ID));
        assert_eq!("12".parse::<AppId>().map(AppId::get), Ok(12));
        assert_eq!("-1".parse::<AppId>(), Err(IdError::Range));
    }

    #[test]
    fn texts_are_bounded_and_clean() {
        assert_eq!(UserId::new(""), Err(IdError::Empty));
        assert_eq!(UserId::new(&"é".repeat(33)), Err(IdError::TooLong(64)));
        assert!(UserId::new("客服 1").is_ok());
        assert!(matches!(UserId::new("a\nb"), Err(IdError::Character(_))));
        assert!(matches!(Kind::new("Image"), Err(IdError::Character(_))));
        assert!(PluginName::new("auto-reply").is_ok());
        assert!(
            PluginName::new(PluginName::CORE).is_err(),
            "no tenant can take the server's own name"
        );
    }
}
