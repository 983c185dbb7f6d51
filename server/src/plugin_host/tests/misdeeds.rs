//! What happens to guests that misbehave, and that nobody else suffers.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::stage::{Stage, app, guest, observe, plugin, sent_job};
use crate::model::{Code, Hook, InstallState, Millis};
use crate::plugin_host::ObserveError;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misdeed_has_its_name_and_ends_in_time() {
    let naughty = guest("naughty");
    let stage = Stage::with(|settings| {
        settings.breaker.failures = 1000;
    })
    .await;
    stage.install("n", naughty).await;
    // What else runs here keeps running.
    let beat = tokio::spawn(async {
        let mut worst = Duration::ZERO;
        for _ in 0..200 {
            let begun = Instant::now();
            tokio::time::sleep(Duration::from_millis(2)).await;
            worst = worst.max(begun.elapsed());
        }
        worst
    });
    for (word, reason) in [
        ("loop", "cpu"),
        ("memory", "memory"),
        ("recurse", "trap"),
        ("panic", "trap"),
        ("flood", "host_calls"),
        ("refuse-long", "output"),
        ("huge", "output"),
        ("nonsense", "nonsense"),
    ] {
        let before = failures(&stage, reason);
        let begun = Instant::now();
        let answer = stage.send(&format!("policy {word}")).await;
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "{word} took {:?}",
            begun.elapsed()
        );
        assert_eq!(
            failures(&stage, reason),
            before + 1,
            "{word}: {answer:?}\n{}",
            stage.log("n")
        );
        assert!(stage.send("hello").await.is_ok(), "after {word}");
    }
    assert!(beat.await.unwrap() < Duration::from_secs(5));
    let log = stage.log("n");
    assert!(log.contains("naughty on purpose"), "a panic says why: {log}");
}

fn failures(stage: &Stage, reason: &str) -> u64 {
    let view = stage.host.install_view(app(), &plugin("n")).unwrap();
    let found = view.counters[Hook::Policy as usize]
        .failures
        .iter()
        .find(|(name, _)| *name == reason)
        .copied();
    found.map_or(0, |(_, count)| count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_bounded_and_the_rest_is_counted() {
    let naughty = guest("naughty");
    let stage = Stage::with(|settings| {
        settings.deadline_ms = 2000;
        settings.host_calls = 100_000;
    })
    .await;
    stage.install("n", naughty).await;
    for word in ["print-flood", "log-flood"] {
        let before = stage.host.install_view(app(), &plugin("n")).unwrap().log_dropped_bytes;
        stage.send(&format!("policy {word}")).await.unwrap();
        let dropped = stage.host.install_view(app(), &plugin("n")).unwrap().log_dropped_bytes - before;
        assert!(dropped > 9_000_000, "{word}: {dropped}");
    }
    assert!(stage.log("n").len() < 200_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_that_keeps_failing_is_left_alone_for_a_while() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    stage.install("n", naughty).await;
    let chain = stage.chain();
    let observe = async |id, text| observe(&chain, &sent_job(id, "n"), text).await;
    for id in 1..=5 {
        assert!(matches!(
            observe(id, "observer panic").await,
            Err(ObserveError::Failed(_))
        ));
    }
    assert_eq!(
        observe(6, "hello").await,
        Err(ObserveError::Suspended { until: Millis(1_050) })
    );
    let view = stage.host.install_view(app(), &plugin("n")).unwrap();
    assert!(
        matches!(
            view.state,
            InstallState::Suspended {
                until: Millis(1_050),
                ..
            }
        ),
        "{:?}",
        view.state
    );
    assert!(stage.send("hello").await.is_ok(), "its other hooks go on");
    stage.clock.0.store(1_050, Relaxed);
    assert_eq!(observe(6, "hello").await, Ok(()));
    assert_eq!(
        stage.host.install_view(app(), &plugin("n")).unwrap().state,
        InstallState::Active
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_fails_closed_lets_nothing_pass() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    let view = stage.install("n", naughty).await;
    let open = view.inspection.unwrap().policy.clone().unwrap().fails_open;
    let answer = stage.send("policy panic").await;
    match open {
        true => assert_eq!(answer.unwrap().0, r#"{"text":"policy panic"}"#),
        false => assert_eq!(answer.unwrap_err().code, Code::PluginFailed),
    }
    assert!(
        stage
            .send("policy change")
            .await
            .is_ok_and(|(body, _)| body == r#"{"text":"changed"}"#)
    );
}
