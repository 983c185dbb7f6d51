//! `[files]`: what may be uploaded, and what is kept.

use super::numbers::numbers;
use super::problems::Problems;
use crate::model::FileLimits;

numbers! {
    "files" => FileLimits {
        file_bytes = 20 << 20, 1_024..=16 << 30;
        files_per_request = 9, 1..=100;
        app_megabytes = 10_240, 1..=1 << 30;
        keep_days = 0, 0..=36_500;
        picture_pixels = 50_000_000, 1..=1_000_000_000;
        thumb_pixels = 320, 16..=2_048;
        decoders = 2, 1..=64;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> FileLimits {
    raw.numbers(problems)
}
