//! What a plugin says about itself, and the schema its configuration must fit.

bindings!("hook-about", "::switchboard_plugin::hooks::about::bindings");

pub use bindings::exports::switchboard::plugin::about::Description;

/// Describes the plugin. Optional: without it there is no summary, and any JSON object is a configuration.
pub trait About {
    /// Called once, when the plugin is admitted; see [`description!`](crate::description).
    fn describe() -> Description;
}

impl<P: About> bindings::exports::switchboard::plugin::about::Guest for P {
    fn describe() -> Description {
        P::describe()
    }
}

/// The [`Description`](crate::hooks::about::Description) that the calling crate's `Cargo.toml` gives: its
/// `description` and `version`. An argument is the JSON Schema of the configuration:
/// `description!(r#"{"type":"object"}"#)`.
#[macro_export]
macro_rules! description {
    () => {
        $crate::hooks::about::Description {
            summary: ::std::env!("CARGO_PKG_DESCRIPTION").to_owned(),
            version: ::std::env!("CARGO_PKG_VERSION").to_owned(),
            config_schema: None,
        }
    };
    ($schema:expr) => {
        $crate::hooks::about::Description {
            config_schema: Some(::std::string::String::from($schema)),
            ..$crate::description!()
        }
    };
}
