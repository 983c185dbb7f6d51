//! The server's own figures.

use super::page::{Labels, Page, Value};
use crate::chat::Backlog;
use crate::telemetry::{Figures, Spread};

/// Tells them.
pub fn tell(page: &mut Page, figures: &Figures, connections: usize, backlog: Option<&Backlog>) {
    for (name, help, count) in [
        ("messages_stored", "Messages stored", &figures.messages_stored),
        ("deliveries", "Frames queued for connections", &figures.deliveries),
        ("jobs_done", "Jobs done", &figures.jobs_done),
        ("jobs_failed", "Tries of jobs that failed", &figures.jobs_failed),
        ("jobs_dead", "Jobs given up", &figures.jobs_dead),
        ("timers_fired", "Runs of timers done", &figures.timers_fired),
        ("webhooks_sent", "Webhooks that arrived", &figures.webhooks_sent),
        (
            "webhooks_failed",
            "Tries of webhooks that failed",
            &figures.webhooks_failed,
        ),
        ("webhooks_dead", "Webhooks given up", &figures.webhooks_dead),
    ] {
        let value = Value::Counter(count.read());
        page.add(format!("switchboard_{name}"), help, Labels::new(), value);
    }
    gauge(page, "connections", "Connections on this node", connections as u64);
    if let Some(backlog) = backlog {
        gauge(page, "jobs_waiting", "Jobs that are not done", backlog.jobs_waiting);
        gauge(
            page,
            "jobs_buried",
            "Jobs that were given up and are kept",
            backlog.jobs_buried,
        );
        gauge(
            page,
            "webhooks_waiting",
            "Webhooks that have not arrived",
            backlog.webhooks_waiting,
        );
        gauge(
            page,
            "webhooks_buried",
            "Webhooks that were given up and are kept",
            backlog.webhooks_buried,
        );
    }
    let writes = spread(&figures.commit_writes, 1.0);
    page.add(
        "switchboard_commit_writes",
        "Writes in one commit",
        Labels::new(),
        writes,
    );
    let seconds = spread(&figures.commit_micros, 1e6);
    page.add(
        "switchboard_commit_seconds",
        "How long a commit took",
        Labels::new(),
        seconds,
    );
}

/// Tells what each limit has refused.
pub fn tell_refused(page: &mut Page, refused: impl Iterator<Item = (&'static str, u64)>) {
    for (limit, count) in refused {
        let labels = vec![("what".to_owned(), limit.to_owned())];
        let help = "What a rate limit has refused, by the limit";
        page.add("switchboard_rate_limited", help, labels, Value::Counter(count));
    }
}

fn gauge(page: &mut Page, name: &str, help: &'static str, value: u64) {
    page.add(
        format!("switchboard_{name}"),
        help,
        Labels::new(),
        Value::Gauge(value as f64),
    );
}

fn spread(of: &Spread, unit: f64) -> Value {
    powers(&of.buckets(), of.sum(), unit)
}

/// Buckets of powers of two, in a unit that is so many times as large.
pub fn powers(buckets: &[u64], sum: u64, unit: f64) -> Value {
    let last = buckets.len().saturating_sub(1);
    let bound = |i: usize| {
        if i == last {
            f64::INFINITY
        } else {
            (1_u64 << i) as f64 / unit
        }
    };
    let buckets = buckets.iter().enumerate().map(|(i, count)| (bound(i), *count));
    Value::Histogram(sum as f64 / unit, buckets.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_their_bounds_in_the_unit() {
        let Value::Histogram(sum, buckets) = powers(&[1, 0, 2], 6, 1e6) else {
            panic!("no histogram")
        };
        assert!((sum - 6e-6).abs() < 1e-12);
        assert_eq!(buckets, [(1e-6, 1), (2e-6, 0), (f64::INFINITY, 2)]);
    }
}
