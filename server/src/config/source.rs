//! Where values come from: a file, then what the command line sets over it.

use std::path::Path;

use super::problems::{ConfigError, Problems};

/// A value set from outside the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// `section.key`.
    pub key: String,
    /// What it is set to.
    pub value: toml::Value,
}

impl Override {
    /// Sets a key to a text as it is.
    #[must_use]
    pub fn text(key: &str, value: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: toml::Value::String(value.into()),
        }
    }
}

impl std::str::FromStr for Override {
    type Err = String;

    /// Reads `section.key=VALUE`; the value is TOML, or else a text as it is.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some((key, value)) = text.split_once('=') else {
            return Err("must be section.key=VALUE".to_owned());
        };
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || key.split('.').any(str::is_empty) {
            return Err(format!("{key:?} is no section.key"));
        }
        let value = value.parse().unwrap_or_else(|_| toml::Value::String(value.to_owned()));
        Ok(Self {
            key: key.to_owned(),
            value,
        })
    }
}

/// The file's values, or none without a file.
pub fn read(file: Option<&Path>) -> Result<toml::Table, ConfigError> {
    let Some(path) = file else {
        return Ok(toml::Table::new());
    };
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        what: error.to_string(),
    })
}

/// Sets values over those of the file, the last one of a key wins.
pub(super) fn apply(table: &mut toml::Table, overrides: &[Override], problems: &mut Problems) {
    for set in overrides {
        let (sections, key) = match set.key.rsplit_once('.') {
            Some((sections, key)) => (sections.split('.').collect(), key),
            None => (Vec::new(), set.key.as_str()),
        };
        let mut inner = Some(&mut *table);
        for section in sections {
            inner = inner.and_then(|table| {
                let entry = table.entry(section).or_insert_with(|| toml::Table::new().into());
                entry.as_table_mut()
            });
        }
        match inner {
            Some(table) => drop(table.insert(key.to_owned(), set.value.clone())),
            None => problems.add(&set.key, "cannot be set one by one: only keys of sections can"),
        }
    }
}
