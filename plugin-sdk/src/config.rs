//! The configuration of this install: a JSON object, checked against the schema that [`About`](crate::About) gives.

/// What a plugin may know of the app's own settings, as JSON text.
pub use crate::host::config::app;
/// The configuration as JSON text.
pub use crate::host::config::get;

/// The configuration as a type of the plugin's own.
///
/// # Errors
/// The text says what does not fit, which happens only where the schema allows more than the type does.
#[cfg(feature = "json")]
pub fn read<T: serde::de::DeserializeOwned>() -> Result<T, String> {
    serde_json::from_str(&get()).map_err(|error| format!("configuration: {error}"))
}
