//! Timers: when their runs are due. Pure arithmetic; what time it is comes from outside.

use super::{Body, Millis};

/// When a timer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The first time.
    pub first_at: Millis,
    /// Milliseconds between runs; none: it runs once.
    pub every: Option<u64>,
    /// How many runs; none: once, or until it is cancelled if it has an interval.
    pub runs: Option<u32>,
}

/// A timer of an install, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its name in its install.
    pub name: String,
    /// When it runs.
    pub schedule: Schedule,
    /// What the plugin gave it.
    pub payload: Body,
    /// When it runs next; of a last run that is under way, when that was due.
    pub next_at: Millis,
    /// Runs that are finished.
    pub runs_done: u32,
}

/// One run of a timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Of which.
    pub name: String,
    /// What the plugin gave it.
    pub payload: Body,
    /// 1, 2, 3 …
    pub run: u32,
    /// When it was due.
    pub due_at: Millis,
    /// It is the last one.
    pub last: bool,
}

/// A run that is taken now, and what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When the run was due.
    pub due_at: Millis,
    /// When the next one is due; none: this is the last.
    pub next_at: Option<Millis>,
}

impl Schedule {
    /// The run that is taken now: `taken` were taken before, and it is due at `next_at` or has been since. A timer with a
    /// number of runs makes up all it has missed, one after the other; one that has no end makes up one, for the newest
    /// tick that has passed, and goes on with the ticks to come.
    #[must_use]
    pub fn tick(&self, taken: u32, next_at: Millis, now: Millis) -> Tick {
        let Some(every) = self.every.and_then(|every| i64::try_from(every).ok()) else {
            return Tick {
                due_at: next_at,
                next_at: None,
            };
        };
        if let Some(runs) = self.runs {
            let more = taken.saturating_add(1) < runs;
            return Tick {
                due_at: next_at,
                next_at: more.then(|| next_at.plus(every)),
            };
        }
        let missed = now.0.saturating_sub(next_at.0).max(0) / every.max(1);
        let due_at = next_at.plus(missed.saturating_mul(every));
        Tick {
            due_at,
            next_at: Some(due_at.plus(every)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(every: Option<u64>, runs: Option<u32>) -> Schedule {
        Schedule {
            first_at: Millis(1_000),
            every,
            runs,
        }
    }

    fn tick(due_at: i64, next_at: Option<i64>) -> Tick {
        Tick {
            due_at: Millis(due_at),
            next_at: next_at.map(Millis),
        }
    }

    #[test]
    fn without_an_interval_it_runs_once() {
        for runs in [None, Some(1)] {
            let schedule = schedule(None, runs);
            assert_eq!(schedule.tick(0, Millis(1_000), Millis(9_000)), tick(1_000, None));
        }
    }

    #[test]
    fn counted_runs_are_all_made_up() {
        let schedule = schedule(Some(1_000), Some(3));
        let mut next = Millis(1_000);
        let mut due = Vec::new();
        for taken in 0.. {
            let tick = schedule.tick(taken, next, Millis(50_000));
            due.push(tick.due_at.0);
            match tick.next_at {
                Some(at) => next = at,
                None => break,
            }
        }
        assert_eq!(due, [1_000, 2_000, 3_000]);
    }

    #[test]
    fn an_endless_timer_makes_up_one_and_stays_on_its_grid() {
        let schedule = schedule(Some(1_000), None);
        let at = |now| schedule.tick(5, Millis(7_000), Millis(now));
        assert_eq!(at(7_000), tick(7_000, Some(8_000)));
        assert_eq!(at(7_999), tick(7_000, Some(8_000)));
        assert_eq!(at(9_500), tick(9_000, Some(10_000)));
        assert_eq!(at(6_000), tick(7_000, Some(8_000)), "a clock that was set back");
    }
}
