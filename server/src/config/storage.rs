//! `[storage]`: the embedded database.

use std::path::PathBuf;

use super::numbers::numbers;
use super::problems::Problems;

/// Where data lies and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// The folder of the database and of compiled plugins; made if it is not there.
    pub data_dir: PathBuf,
    /// Connections that read.
    pub readers: u32,
    /// Messages that one commit may hold.
    pub group: usize,
    /// Writes that may wait for a commit; who comes later waits for room.
    pub queue: usize,
    /// Milliseconds between checkpoints of the write-ahead log.
    pub checkpoint_ms: u64,
    /// The largest the database may grow, in MiB; 0 for no bound.
    pub max_megabytes: u64,
}

numbers! {
    "storage" => Storage {
        readers = 4, 1..=64;
        group = 512, 1..=4_096;
        queue = 8_192, 1..=1_000_000;
        checkpoint_ms = 100, 10..=60_000;
        max_megabytes = 0, 0..=16_000_000;
    }
    also {
        data_dir: PathBuf = "data".into();
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Storage {
    let storage = raw.numbers(problems);
    if storage.data_dir.as_os_str().is_empty() {
        problems.add("storage.data_dir", "must name a folder");
    }
    storage
}
