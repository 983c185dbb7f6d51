//! What a call waits for is not what it computes.

use std::time::Duration;

use super::stage::{Stage, app, guest, plugin};
use crate::model::Hook;

/// Why the policy of `naughty` failed, when it reads a key for ever.
async fn end_of_a_flood(host_calls: u32, slow: Option<Duration>) -> Vec<(&'static str, u64)> {
    let naughty = guest("naughty");
    let stage = Stage::with(|settings| {
        settings.host_calls = host_calls;
        settings.deadline_ms = 50;
        settings.wall_ms = 60_000;
    })
    .await;
    stage.install("n", naughty).await;
    *stage.shelf.slow.lock() = slow;
    let _ = stage.send("policy flood").await;
    let view = stage.host.install_view(app(), &plugin("n")).unwrap();
    view.counters[Hook::Policy as usize].failures.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_waits_of_more_than_a_tick_cost_no_cpu_time() {
    let failures = end_of_a_flood(60, Some(Duration::from_millis(8))).await;
    assert_eq!(failures, [("host_calls", 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_waits_in_between_let_nobody_compute_for_ever() {
    let failures = end_of_a_flood(u32::MAX, None).await;
    assert_eq!(failures, [("cpu", 1)]);
}
