//! What all connections of a load process write down together.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, futures::Notified},
    time::timeout,
};

use super::report::{Counts, Latency};
use crate::figures::statistics;

/// How long a waiting sender sleeps before it looks at the stop flag again.
const LOOK_UP: Duration = Duration::from_millis(200);

/// Counters, the clock, the counted window and the stop flags.
pub struct Ledger {
    started: Instant,
    started_unix_ns: u64,
    window_start: AtomicU64,
    window_end: AtomicU64,
    stop_sending: AtomicBool,
    stop_reading: AtomicBool,
    pub sent: AtomicU64,
    pub acknowledged: AtomicU64,
    pub delivered: AtomicU64,
    pub replies: AtomicU64,
    pub refused: AtomicU64,
    pub closed: AtomicU64,
    first_fault: OnceLock<String>,
    latencies: Mutex<Latencies>,
    arrival: Notify,
}

/// Microseconds, by kind; acknowledgements by second of the window.
#[derive(Default)]
pub struct Latencies {
    acknowledgements: Vec<Vec<u32>>,
    deliveries: Vec<u32>,
}

impl Ledger {
    pub fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            started: Instant::now(),
            started_unix_ns: since_epoch.as_nanos() as u64,
            window_start: AtomicU64::new(u64::MAX),
            window_end: AtomicU64::new(u64::MAX),
            stop_sending: AtomicBool::new(false),
            stop_reading: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            replies: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            first_fault: OnceLock::new(),
            latencies: Mutex::default(),
            arrival: Notify::new(),
        }
    }

    /// Nanoseconds since 1970, never backwards: stamps of two runs on one file differ.
    pub fn now(&self) -> u64 {
        self.started_unix_ns + self.started.elapsed().as_nanos() as u64
    }

    pub fn open_window(&self) {
        self.window_start.store(self.now(), Relaxed);
    }

    pub fn close_window(&self) {
        self.window_end.store(self.now(), Relaxed);
    }

    pub fn stop_sending(&self) {
        self.stop_sending.store(true, Relaxed);
    }

    pub fn sending(&self) -> bool {
        !self.stop_sending.load(Relaxed)
    }

    pub fn stop_reading(&self) {
        self.stop_reading.store(true, Relaxed);
    }

    pub fn reading(&self) -> bool {
        !self.stop_reading.load(Relaxed)
    }

    pub fn fault(&self, text: &str) {
        self.first_fault.get_or_init(|| text.chars().take(300).collect());
    }

    pub fn first_fault(&self) -> Option<String> {
        self.first_fault.get().cloned()
    }

    pub fn counts(&self) -> Counts {
        Counts {
            sent: self.sent.load(Relaxed),
            acknowledged: self.acknowledged.load(Relaxed),
            delivered: self.delivered.load(Relaxed),
            replies: self.replies.load(Relaxed),
            refused: self.refused.load(Relaxed),
            closed: self.closed.load(Relaxed),
        }
    }

    /// Second of the window that `now` falls into.
    pub fn second(&self, now: u64) -> Option<usize> {
        let start = self.window_start.load(Relaxed);
        let inside = start <= now && now < self.window_end.load(Relaxed);
        inside.then(|| ((now - start) / 1_000_000_000) as usize)
    }

    /// Tells a sender that waits for the whole room that something has arrived.
    pub fn arrived(&self) {
        self.arrival.notify_one();
    }

    pub async fn wait_for_arrival(&self) {
        wait(self.arrival.notified()).await;
    }

    /// Takes over what one reader has gathered.
    pub fn gather(&self, from: Latencies) {
        let mut all = self.latencies.lock();
        for (second, values) in from.acknowledgements.into_iter().enumerate() {
            all.second(second).extend(values);
        }
        all.deliveries.extend(from.deliveries);
    }

    /// All acknowledgements, the same by second, and all deliveries.
    pub fn summaries(&self) -> (Latency, Vec<Latency>, Latency) {
        let mut all = self.latencies.lock();
        let by_second = all
            .acknowledgements
            .iter_mut()
            .map(|values| statistics::latency(values))
            .collect();
        let mut acknowledgements = all.acknowledgements.concat();
        (
            statistics::latency(&mut acknowledgements),
            by_second,
            statistics::latency(&mut all.deliveries),
        )
    }
}

impl Latencies {
    pub fn acknowledged(&mut self, second: usize, nanoseconds: u64) {
        self.second(second).push(microseconds(nanoseconds));
    }

    pub fn delivered(&mut self, nanoseconds: u64) {
        self.deliveries.push(microseconds(nanoseconds));
    }

    fn second(&mut self, second: usize) -> &mut Vec<u32> {
        if self.acknowledgements.len() <= second {
            self.acknowledgements.resize_with(second + 1, Vec::new);
        }
        &mut self.acknowledgements[second]
    }
}

/// Waits for a notice, but not so long that a stop would be overlooked.
pub async fn wait(notice: Notified<'_>) {
    // An elapsed time-out is no news: the caller looks at the counters either way.
    let _elapsed = timeout(LOOK_UP, notice).await;
}

fn microseconds(nanoseconds: u64) -> u32 {
    u32::try_from(nanoseconds / 1000).unwrap_or(u32::MAX)
}
