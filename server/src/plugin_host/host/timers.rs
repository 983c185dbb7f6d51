//! `timers`: be called later, by the `timer` hook. Timers survive restarts; a run is never done twice.

use std::sync::Arc;

use serde_json::json;

use super::{Answer, invalid, json as checked_json};
use crate::model::{Millis, Schedule};
use crate::plugin_host::bindings::switchboard::plugin::timers::{self, Host};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::plugin::Plugin;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::waits;
use crate::storage::{Later, NewTimer};

/// The longest name.
const NAME_BYTES: usize = 128;
/// The largest payload.
const PAYLOAD_BYTES: usize = 16 << 10;
/// How many timers an install may have.
const TIMERS: u32 = 10_000;
/// How many timers a guest gets at once.
const PAGE: u32 = 100;
/// The shortest and the longest time between two runs, in milliseconds.
const EVERY: std::ops::RangeInclusive<u64> = 1_000..=10 * 366 * 24 * 3_600_000;

impl Host for State {
    async fn set(&mut self, name: String, schedule: timers::Schedule, payload: String) -> Answer<bool> {
        self.charge()?;
        self.asked(
            "set",
            || json!({ "name": name, "schedule": schedule, "payload": payload }),
        );
        let set = self.set_timer(name, schedule, &payload).await;
        self.came(|| json!(set));
        Ok(set)
    }

    async fn get(&mut self, name: String) -> Answer<Option<timers::Timer>> {
        self.charge()?;
        self.asked("get", || json!(name));
        let found = self.timer_named(&name).await;
        self.came(|| json!(found));
        Ok(found)
    }

    async fn cancel(&mut self, name: String) -> Answer<bool> {
        self.charge()?;
        self.asked("cancel", || json!(name));
        let cancelled = self.cancel_timer(&name).await;
        self.came(|| json!(cancelled));
        Ok(cancelled)
    }

    async fn all(&mut self, after: Option<String>, limit: u32) -> Answer<Vec<timers::Timer>> {
        self.charge()?;
        Ok(self.timers_after(after.as_deref(), limit.min(PAGE)).await)
    }
}

impl State {
    async fn set_timer(&mut self, name: String, schedule: timers::Schedule, payload: &str) -> Result<bool, Error> {
        check_name(&name)?;
        let timer = NewTimer {
            name,
            schedule: checked(schedule)?,
            payload: checked_json("payload", payload, PAYLOAD_BYTES)?,
            depth: self.task.call.depth,
        };
        let (plugin, later) = self.upcoming()?;
        if plugin.blueprint.hooks.timer.is_none() {
            return Err(invalid("only a plugin that exports `timer` can set timers"));
        }
        let effect = self.effect_to_spend(Quota::Timers)?;
        let key = plugin.key();
        let set = later.set_timer(&key, timer, effect, TIMERS);
        waits::on_server(set).await.map_err(convert::storage_error)
    }

    async fn cancel_timer(&mut self, name: &str) -> Result<bool, Error> {
        check_name(name)?;
        let (plugin, later) = self.upcoming()?;
        let effect = self.effect_to_spend(Quota::Timers)?;
        let key = plugin.key();
        let cancelled = later.cancel_timer(&key, name, effect);
        waits::on_server(cancelled).await.map_err(convert::storage_error)
    }

    async fn timer_named(&mut self, name: &str) -> Result<Option<timers::Timer>, Error> {
        check_name(name)?;
        let (plugin, later) = self.upcoming()?;
        let key = plugin.key();
        let found = waits::on_server(later.timer(&key, name)).await;
        Ok(found.map_err(convert::storage_error)?.map(timer))
    }

    async fn timers_after(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<timers::Timer>, Error> {
        let (plugin, later) = self.upcoming()?;
        let key = plugin.key();
        let found = waits::on_server(later.timers(&key, after, limit)).await;
        Ok(found.map_err(convert::storage_error)?.into_iter().map(timer).collect())
    }

    /// The install this call is of, and where its timers are.
    fn upcoming(&self) -> Result<(Arc<Plugin>, Arc<dyn Later>), Error> {
        let (plugin, _) = self.at_work()?;
        let later = plugin.machine.later();
        let later = later.ok_or_else(|| Error::Unavailable("the server is starting or stopping".to_owned()))?;
        Ok((plugin, later))
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > NAME_BYTES || name.contains('\0') {
        return Err(invalid(format!("a timer's name must have 1 to {NAME_BYTES} bytes")));
    }
    Ok(())
}

fn checked(of: timers::Schedule) -> Result<Schedule, Error> {
    match (of.every, of.runs) {
        (Some(every), _) if !EVERY.contains(&every) => Err(invalid(format!(
            "every must be from {} to {} milliseconds",
            EVERY.start(),
            EVERY.end()
        ))),
        (_, Some(0)) => Err(invalid("runs must be at least 1")),
        (None, Some(2..)) => Err(invalid("more than one run needs a time between them (every)")),
        (every, runs) => Ok(Schedule {
            first_at: i64::try_from(of.first_at).map_or(Millis(i64::MAX), Millis),
            every,
            runs,
        }),
    }
}

fn timer(of: crate::model::Timer) -> timers::Timer {
    timers::Timer {
        name: of.name,
        schedule: timers::Schedule {
            first_at: convert::millis(of.schedule.first_at),
            every: of.schedule.every,
            runs: of.schedule.runs,
        },
        payload: of.payload.as_str().to_owned(),
        next_at: convert::millis(of.next_at),
        runs_done: of.runs_done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_checked() {
        let of = |every, runs| {
            checked(timers::Schedule {
                first_at: u64::MAX,
                every,
                runs,
            })
        };
        assert_eq!(of(None, None).unwrap().first_at, Millis(i64::MAX));
        for (every, runs) in [(None, Some(1)), (Some(1_000), None), (Some(1_000), Some(9))] {
            assert!(of(every, runs).is_ok(), "{every:?} {runs:?}");
        }
        for (every, runs) in [
            (None, Some(2)),
            (None, Some(0)),
            (Some(1_000), Some(0)),
            (Some(999), None),
            (Some(u64::MAX), None),
        ] {
            assert!(of(every, runs).is_err(), "{every:?} {runs:?}");
        }
    }
}
