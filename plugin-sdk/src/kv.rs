//! A key-value space private to the app and the plugin; importing it asks for the grant `kv`.
//!
//! Keys are 1 to 256 bytes, values at most 64 KiB, and the install has a quota. Inside one call the writes are keyed
//! by their order, so a repeated call must repeat its writes in the same order to repeat nothing else.

pub use crate::host::kv::{Entry, compare_and_set, delete, get, increment, scan, set};

#[cfg(feature = "json")]
use crate::host::types::Error;

/// The value of a key, read as JSON; none if the key is absent.
///
/// # Errors
/// [`Error::Invalid`] if the stored value is not such JSON, else what [`get`] answers.
#[cfg(feature = "json")]
pub fn get_json<T: serde::de::DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    let Some(entry) = get(key)? else { return Ok(None) };
    serde_json::from_slice(&entry.value)
        .map(Some)
        .map_err(|error| Error::Invalid(format!("value of {key}: {error}")))
}

/// Writes a value as JSON, optionally for a limited time.
///
/// # Errors
/// [`Error::Invalid`] if the value has no JSON form, else what [`set`] answers.
#[cfg(feature = "json")]
pub fn set_json<T: serde::Serialize>(key: &str, value: &T, ttl_seconds: Option<u32>) -> Result<(), Error> {
    let bytes = serde_json::to_vec(value).map_err(|error| Error::Invalid(format!("value of {key}: {error}")))?;
    set(key, &bytes, ttl_seconds)
}
