//! Leaves a hook alone that keeps failing: after a few failures in a row it is suspended, twice as long each time a
//! trial fails. Time is passed in.

use parking_lot::Mutex;

use super::BreakerSettings;
use crate::model::Millis;

/// The breaker of one hook of one install.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// How often it was suspended since it last worked.
    suspensions: u32,
    until: Option<Millis>,
    trial: bool,
    reason: String,
}

/// Leave to call. Dropped without a verdict (a cancelled call) it leaves everything as it was.
#[derive(Debug)]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    trial: bool,
}

impl Breaker {
    /// One that is closed: calls go through.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: Mutex::default(),
        }
    }

    /// Asks for leave to call; otherwise says when to ask again.
    pub fn permit(&self, now: Millis) -> Result<Permit<'_>, Millis> {
        let mut state = self.state.lock();
        let Some(until) = state.until else {
            return Ok(Permit {
                breaker: self,
                trial: false,
            });
        };
        if now < until || state.trial {
            return Err(until.max(now.plus(1)));
        }
        state.trial = true;
        Ok(Permit {
            breaker: self,
            trial: true,
        })
    }

    /// Until when it is suspended, and why.
    pub fn suspended(&self) -> Option<(Millis, String)> {
        let state = self.state.lock();
        state.until.map(|until| (until, state.reason.clone()))
    }
}

impl Permit<'_> {
    /// The call worked.
    pub fn succeeded(self) {
        let mut state = self.breaker.state.lock();
        // A straggler of before the suspension proves nothing about now.
        if self.trial || state.until.is_none() {
            *state = State::default();
        }
    }

    /// The call failed. Answers whether the hook is suspended because of it.
    pub fn failed(self, now: Millis, reason: impl FnOnce() -> String) -> bool {
        let settings = self.breaker.settings;
        let mut state = self.breaker.state.lock();
        state.failures = state.failures.saturating_add(1);
        let suspend = if state.until.is_some() {
            self.trial
        } else {
            state.failures >= settings.failures
        };
        if suspend {
            let pause = settings
                .first_ms
                .saturating_mul(1_u64.checked_shl(state.suspensions).unwrap_or(u64::MAX))
                .min(settings.longest_ms);
            state.suspensions = (state.suspensions + 1).min(32);
            state.until = Some(now.plus(i64::try_from(pause).unwrap_or(i64::MAX)));
            state.reason = reason();
        }
        suspend
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.trial {
            self.breaker.state.lock().trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, now: i64) {
        breaker
            .permit(Millis(now))
            .unwrap()
            .failed(Millis(now), || "why".to_owned());
    }

    #[test]
    fn five_failures_in_a_row_suspend_and_each_failed_trial_doubles() {
        let breaker = Breaker::new(BreakerSettings::default());
        for _ in 0..4 {
            fail(&breaker, 0);
        }
        breaker.permit(Millis(0)).unwrap().succeeded();
        for _ in 0..5 {
            assert_eq!(breaker.suspended(), None);
            fail(&breaker, 0);
        }
        assert_eq!(breaker.suspended(), Some((Millis(50), "why".to_owned())));
        assert_eq!(breaker.permit(Millis(49)).unwrap_err(), Millis(50));
        fail(&breaker, 50);
        assert_eq!(breaker.suspended().unwrap().0, Millis(150));
        let mut now = 150;
        for _ in 0..20 {
            fail(&breaker, now);
            now = breaker.suspended().unwrap().0.0;
        }
        fail(&breaker, now);
        assert_eq!(breaker.suspended().unwrap().0, Millis(now + 30_000));
    }

    #[test]
    fn one_trial_at_a_time_and_a_cancelled_one_makes_room() {
        let breaker = Breaker::new(BreakerSettings::default());
        for _ in 0..5 {
            fail(&breaker, 0);
        }
        let trial = breaker.permit(Millis(60)).unwrap();
        assert!(breaker.permit(Millis(60)).is_err());
        drop(trial);
        breaker.permit(Millis(60)).unwrap().succeeded();
        assert_eq!(breaker.suspended(), None);
    }
}
