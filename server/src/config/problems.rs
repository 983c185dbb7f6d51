//! What is wrong with a configuration, collected: who mends a file wants to see everything at once.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{} is no TOML: {}", path.display(), what.trim_end())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and what, as the parser says it.
        what: String,
    },
    /// The values do not do.
    #[error("the configuration cannot be used:{}", Lines(.0))]
    Values(Vec<String>),
}

struct Lines<'a>(&'a [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Collects problems while the sections are checked; a checked value counts only if none was found.
#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    /// Notes what is wrong with a key.
    pub fn add(&mut self, key: impl fmt::Display, what: impl fmt::Display) {
        self.0.push(format!("{key}: {what}"));
    }

    /// How many there are: values of a section are compared with each other only if none was added for it.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// A number inside its range, in the type that holds it.
    pub fn number<T: TryFrom<i64> + Default>(
        &mut self,
        key: impl fmt::Display,
        value: i64,
        range: RangeInclusive<i64>,
    ) -> T {
        let fits = range.contains(&value).then(|| T::try_from(value).ok()).flatten();
        fits.unwrap_or_else(|| {
            self.add(
                key,
                format_args!("{value} is not from {} to {}", range.start(), range.end()),
            );
            T::default()
        })
    }

    /// A text whose length in characters is inside its range.
    pub fn text(&mut self, key: impl fmt::Display, value: &str, chars: RangeInclusive<usize>) {
        if !chars.contains(&value.chars().count()) {
            let what = format!("must have {} to {} characters", chars.start(), chars.end());
            self.add(key, what);
        }
    }

    /// A table in the form it must have: no key it does not know, no value of another type.
    pub fn read<T: DeserializeOwned>(&mut self, key: impl fmt::Display, value: toml::Value) -> Option<T> {
        let read = value.try_into();
        read.map_err(|error: toml::de::Error| self.add(key, error.to_string().trim_end().replace('\n', " ")))
            .ok()
    }

    /// The end of checking: the value, or all that is wrong with it.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError::Values(self.0))
        }
    }
}
