//! How long a call computes: the time in which it is polled, without what the server does in it on its behalf. What it
//! waits for, and whoever computes meanwhile, is not its own time, and time in which it computes never counts as waiting.
//! Where it stands back for others, only what it really computes is counted.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

use super::engine::TICK;

thread_local! {
    static BACK: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread lets others go first.
pub fn stands_back() {
    BACK.set(true);
}

/// A moment on one thread.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Real(Instant),
    /// What the thread has computed so far.
    Computed(Duration),
}

impl Moment {
    fn now() -> Self {
        if BACK.get() {
            Self::Computed(computed())
        } else {
            Self::Real(Instant::now())
        }
    }

    fn elapsed(self) -> Duration {
        match self {
            Self::Real(begun) => begun.elapsed(),
            Self::Computed(before) => computed().saturating_sub(before),
        }
    }
}

/// The time this thread has had a processor.
pub fn computed() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

/// The own time of one call.
#[derive(Debug, Default)]
pub struct Stopwatch(Mutex<Run>);

#[derive(Debug, Default)]
struct Run {
    sum: Duration,
    since: Option<Moment>,
}

impl Stopwatch {
    /// The time so far.
    pub fn read(&self) -> Duration {
        let run = self.0.lock();
        run.sum + run.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Runs while a call is polled, on whichever thread.
    pub async fn running<T>(&self, call: impl Future<Output = T>) -> T {
        let mut call = pin!(call);
        poll_fn(|context| {
            self.go();
            let poll = call.as_mut().poll(context);
            self.stop();
            poll
        })
        .await
    }

    /// Stands still while something is polled that the call waits for.
    pub async fn standing<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        poll_fn(|context| {
            self.stop();
            let poll = answer.as_mut().poll(context);
            self.go();
            poll
        })
        .await
    }

    fn go(&self) {
        self.0.lock().since = Some(Moment::now());
    }

    fn stop(&self) {
        let mut run = self.0.lock();
        if let Some(since) = run.since.take() {
            run.sum += since.elapsed();
        }
    }
}

/// What a call may still compute, in ticks of the engine. The engine's clock goes on while a call waits, so that a tick
/// alone says nothing: one is taken for each tick's worth of own time, and never more than one at once, because a machine
/// that has too much to do lets a guest that computes stand still as well.
#[derive(Debug)]
pub struct Budget {
    ticks: u64,
    paid: Duration,
}

impl Budget {
    /// So many milliseconds from now on; `computed` is the call's own time so far, if it is known.
    pub fn new(millis: u64, computed: Option<Duration>) -> Self {
        Self {
            ticks: u64::try_from(u128::from(millis).div_ceil(TICK.as_millis())).unwrap_or(u64::MAX),
            paid: computed.unwrap_or_default(),
        }
    }

    /// Whether a call in which a tick was noticed may go on.
    pub fn tick(&mut self, computed: Option<Duration>) -> bool {
        if let Some(computed) = computed {
            let owed = computed.saturating_sub(self.paid);
            let Some(rest) = owed.checked_sub(TICK) else {
                return true;
            };
            self.paid = computed.saturating_sub(rest.min(TICK));
        }
        match self.ticks.checked_sub(1) {
            Some(left) => self.ticks = left,
            None => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// After how much own time a budget of 50 ms is used up, if a tick is noticed after each of these steps.
    fn ends_after(steps: impl IntoIterator<Item = u64>) -> Option<Duration> {
        let mut budget = Budget::new(50, None);
        let mut computed = Duration::ZERO;
        steps.into_iter().find_map(|step| {
            computed += Duration::from_micros(step);
            (!budget.tick(Some(computed))).then_some(computed)
        })
    }

    #[test]
    fn waiting_is_free_and_computing_is_not() {
        assert_eq!(ends_after(std::iter::repeat_n(10, 6000)), Some(millis(55)));
        assert_eq!(
            ends_after(std::iter::repeat_n(10, 500)),
            None,
            "500 waits of any length"
        );
        for step in [100, 1000, 4000, 4990, 5000, 5010] {
            let end = ends_after(std::iter::repeat_n(step, 1000)).unwrap();
            assert!((millis(50)..=millis(61)).contains(&end), "{step}: {end:?}");
        }
    }

    #[test]
    fn a_machine_that_stands_still_costs_a_tick() {
        assert_eq!(ends_after([200_000; 10]), None);
        assert_eq!(ends_after([200_000; 11]), Some(millis(2200)));
    }

    #[test]
    fn without_a_stopwatch_every_tick_counts() {
        let mut budget = Budget::new(12, None);
        assert!(budget.tick(None) && budget.tick(None) && budget.tick(None) && !budget.tick(None));
    }

    #[test]
    fn who_stands_back_is_charged_for_what_it_computes_alone() {
        let read_after = |work: fn()| {
            let watch = Stopwatch::default();
            watch.go();
            work();
            watch.stop();
            watch.read()
        };
        let others = || std::thread::sleep(millis(200));
        assert!(read_after(others) >= millis(200));
        let charged = std::thread::spawn(move || {
            stands_back();
            let own = || {
                let begun = computed();
                while computed() - begun < millis(20) {}
            };
            (read_after(others), read_after(own))
        });
        let (waiting, computing) = charged.join().unwrap();
        assert!(
            waiting < millis(100) && computing >= millis(20),
            "{waiting:?}, {computing:?}"
        );
    }

    #[tokio::test]
    async fn only_polling_is_own_time_and_not_all_of_it() {
        let (watch, begun) = (Stopwatch::default(), Instant::now());
        let spin = |time: u64| std::thread::sleep(millis(time));
        watch
            .running(async {
                spin(20);
                tokio::time::sleep(millis(100)).await;
                spin(20);
                watch
                    .standing(async {
                        spin(50);
                        tokio::time::sleep(millis(50)).await;
                        spin(50);
                    })
                    .await;
                assert!(watch.read() >= millis(40));
                spin(20);
            })
            .await;
        let (own, all) = (watch.read(), begun.elapsed());
        // However slow the machine is: 250 ms of it all were waited, less what a timer is told while it is polled.
        assert!(own >= millis(60) && own + millis(240) <= all, "{own:?} of {all:?}");
    }
}
