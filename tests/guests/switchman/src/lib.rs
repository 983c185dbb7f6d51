//! Commands and an HTTP endpoint, one of each sort: what a test wants to see is in the command's name or in the path.

mod commands;
mod endpoint;

use serde::Deserialize;
use switchboard_plugin::prelude::*;

pub struct Switchman;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    /// Before every whisper.
    prefix: String,
    /// What arguments might become.
    suggestions: Vec<String>,
}

#[switchboard_plugin::hook]
impl About for Switchman {
    fn describe() -> Description {
        description!(
            r#"{"type":"object","properties":{"prefix":{"type":"string"},"suggestions":{"type":"array",
                "items":{"type":"string"}}},"additionalProperties":false}"#
        )
    }
}
