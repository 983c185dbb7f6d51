//! The refusals of this part of the server.

use std::fmt;

use super::failure::Failure;
use crate::model::{Code, Kind, PluginName, Refusal};
use crate::storage::StorageError;

/// A component that cannot be installed.
pub fn rejected(text: impl Into<String>) -> Refusal {
    Refusal::new(Code::PluginRejected, text.into())
}

/// A plugin that must answer did not.
pub fn failed(plugin: &PluginName, failure: &Failure) -> Refusal {
    match failure {
        Failure::PoolFull => return Refusal::busy("all plugin instances are in use", 1000),
        Failure::Server => return Refusal::busy("the server is slow", 1000),
        _ => {}
    }
    Refusal::new(Code::PluginFailed, format!("the plugin `{plugin}` did not answer"))
}

/// A plugin that must answer is suspended.
pub fn suspended(plugin: &PluginName) -> Refusal {
    Refusal::new(
        Code::PluginFailed,
        format!("the plugin `{plugin}` is suspended after failing"),
    )
}

/// Nobody acts on messages of this kind.
pub fn no_action(kind: &Kind) -> Refusal {
    Refusal::new(
        Code::UnknownAction,
        format!("no plugin of this app acts on messages of the kind {:?}", kind.as_str()),
    )
}

/// A fault of the server, which is logged here.
pub fn fault(error: impl fmt::Display) -> Refusal {
    tracing::error!(%error, "the plugin host failed");
    Refusal::internal()
}

/// What storage said.
pub fn storage(error: StorageError) -> Refusal {
    match error {
        StorageError::Full => Refusal::new(Code::StorageFull, "the disk is full"),
        StorageError::Unavailable(_) => Refusal::new(Code::StorageUnavailable, "storage does not answer"),
        other => fault(other),
    }
}
