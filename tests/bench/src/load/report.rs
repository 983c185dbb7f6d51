//! What a load process answers: lines of JSON on its standard output.

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Serialize, Deserialize)]
pub enum Line {
    /// The counted window begins now.
    Measuring,
    /// All is over.
    Report(Box<Report>),
}

/// What was seen. Totals count from the first message to the end of the drain; the window is what `seconds` says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub totals: Counts,
    pub window: Counts,
    /// Deliveries that acknowledged messages should have led to and that had not arrived at the end of the drain.
    pub lost: u64,
    /// Deliveries beyond those.
    pub doubled: u64,
    /// Length of the window.
    pub seconds: f64,
    /// CPU time of the server in the window, user and system.
    pub cpu_seconds: f64,
    /// Cores that were busy with neither server nor load, on average over the window.
    pub foreign_cores: f64,
    /// From sending (or from when the message was due) to the acknowledgement; for pages, to the whole answer.
    pub acknowledgement: Latency,
    /// From sending to arrival at a receiver.
    pub delivery: Latency,
    /// Acknowledgements of each second of the window.
    pub by_second: Vec<Latency>,
    /// The server's resident memory before the connections and at the end of the window.
    pub resident_before: u64,
    pub resident_after: u64,
    /// The first thing that went wrong, as the server put it.
    pub first_fault: Option<String>,
}

/// How often something happened.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    pub sent: u64,
    pub acknowledged: u64,
    /// Messages of users that arrived at a receiver.
    pub delivered: u64,
    /// Messages of plugins that arrived at a receiver.
    pub replies: u64,
    pub refused: u64,
    /// Connections the server has closed.
    pub closed: u64,
}

/// A summary in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    pub count: u64,
    pub p50: u32,
    pub p99: u32,
    pub longest: u32,
}

impl Counts {
    pub fn since(self, earlier: Self) -> Self {
        Self {
            sent: self.sent - earlier.sent,
            acknowledged: self.acknowledged - earlier.acknowledged,
            delivered: self.delivered - earlier.delivered,
            replies: self.replies - earlier.replies,
            refused: self.refused - earlier.refused,
            closed: self.closed - earlier.closed,
        }
    }
}

impl Report {
    pub fn acknowledged_per_second(&self) -> f64 {
        self.window.acknowledged as f64 / self.seconds
    }

    pub fn delivered_per_second(&self) -> f64 {
        self.window.delivered as f64 / self.seconds
    }

    /// Microseconds of the server's CPU time per acknowledged message.
    pub fn cpu_per_message(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.window.acknowledged.max(1) as f64
    }

    /// Sent, and neither acknowledged nor refused.
    pub fn unanswered(&self) -> u64 {
        self.totals
            .sent
            .saturating_sub(self.totals.acknowledged + self.totals.refused)
    }
}
