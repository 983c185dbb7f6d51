//! `[limits]`: what clients may ask for.

use super::numbers::numbers;
use super::problems::Problems;
use crate::model::Limits;

numbers! {
    "limits" => Limits {
        frame_bytes = 65_536, 1_024..=16 << 20;
        body_bytes = 262_144, 1_024..=64 << 20;
        message_bytes = 32_768, 256..=1 << 20;
        unacknowledged = 32, 1..=1_024;
        connection_queue = 256, 8..=65_536;
        dialect_queue = 100_000, 1..=10_000_000;
        connections_per_user = 32, 1..=10_000;
        group_members = 2_000, 2..=100_000;
        chatroom_members = 10_000, 2..=1_000_000;
        resume_events = 1_000, 1..=100_000;
        receipt_audience = 100, 0..=10_000;
        endpoint_body_bytes = 10 << 20, 1_024..=64 << 20;
        command_hours = 24, 1..=8_760;
        idle_timeout_ms = 60_000, 100..=86_400_000;
        login_timeout_ms = 10_000, 100..=600_000;
        user_messages_per_minute = 12_000, 0..=1_000_000_000;
        app_messages_per_second = 50_000, 0..=1_000_000_000;
        app_connections = 100_000, 0..=10_000_000;
        address_connections = 20_000, 0..=10_000_000;
        address_connects_per_minute = 20_000, 0..=1_000_000_000;
        address_requests_per_minute = 60_000, 0..=1_000_000_000;
        address_failures_per_minute = 300, 0..=1_000_000_000;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Limits {
    let before = problems.count();
    let limits = raw.numbers(problems);
    if problems.count() > before {
        return limits;
    }
    for (carrier, bytes) in [("frame_bytes", limits.frame_bytes), ("body_bytes", limits.body_bytes)] {
        if limits.message_bytes > bytes {
            problems.add(
                "limits.message_bytes",
                format_args!("must not be more than limits.{carrier}, {bytes}"),
            );
        }
    }
    limits
}
