//! When a user was last there, on each device: system messages since then were missed.

use switchboard_plugin::hooks::dialect::CloseReason;
use switchboard_plugin::kv;

/// How long it is known, in seconds.
const KEPT: u32 = 90 * 24 * 60 * 60;

/// How long a connection may have been dead before anyone noticed, in milliseconds.
const UNNOTICED: u64 = 90_000;

/// Keeps the time of a connection's end. What a dead connection was sent may not have arrived: then it is told again.
pub fn keep(uid: &str, device: Option<&str>, now: u64, reason: CloseReason) {
    let until = match reason {
        CloseReason::Gone | CloseReason::Replaced => now,
        _ => now.saturating_sub(UNNOTICED),
    };
    // Without it only more is told again.
    let _ = kv::set(&key(uid, device), until.to_string().as_bytes(), Some(KEPT));
}

/// That time; 0 for who was never there.
pub fn last(uid: &str, device: Option<&str>) -> u64 {
    let entry = kv::get(&key(uid, device)).ok().flatten();
    let text = entry.and_then(|entry| String::from_utf8(entry.value).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn key(uid: &str, device: Option<&str>) -> String {
    let device = device.filter(|device| !device.is_empty()).unwrap_or("default");
    format!("seen/{}/{uid}/{device}", uid.len())
}
