//! A planned task: when it runs, and what its callback carries.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use crate::registration::{Mode, mode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Bytes of a task's name, and of its data as JSON.
const NAME: usize = 100;
const DATA: usize = 8 * 1024;
/// The latest time in seconds, and the longest interval: far away, and safe to multiply.
const LATEST: u64 = 100_000_000_000;
/// The longest time between runs that the server keeps, in milliseconds: ten years. The document's own example asks for
/// fifty; its first run comes when it should, and its second sooner.
const EVERY: u64 = 10 * 366 * 24 * 3_600_000;
/// The most runs.
const RUNS: u64 = 1_000_000_000;

/// When a task runs, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The first run.
    pub first_at: u64,
    /// Between runs.
    pub every: Option<u64>,
    /// How many.
    pub runs: u32,
}

/// What a run needs to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// `notifyUrl`.
    pub url: String,
    /// `data`.
    pub data: Map<String, Value>,
}

/// A request about a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Plans it, or plans it anew.
    Add {
        /// `cronName`.
        name: String,
        /// When.
        times: Times,
        /// What.
        task: Task,
    },
    /// Forgets it.
    Del {
        /// `cronName`.
        name: String,
    },
}

impl Plan {
    /// Reads the parameters of `cron` at a time in milliseconds.
    ///
    /// # Errors
    /// 400 and 413.
    pub fn read(params: &Params, now: u64) -> Outcome<Self> {
        let name = fields::name(fields::required(params, "cronName")?, "cronName", NAME)?;
        if mode(params)? == Mode::Del {
            return Ok(Self::Del { name });
        }
        let times = times(params, now)?;
        let task = Task {
            url: fields::address(params, "notifyUrl")?,
            data: fields::object(params, "data", DATA)?,
        };
        Ok(Self::Add { name, times, task })
    }
}

fn times(params: &Params, now: u64) -> Outcome<Times> {
    let cron_time = || fields::number(params, "cronTime", 1, LATEST).map(|seconds| seconds * 1000);
    let runs = || {
        let runs = fields::number(params, "runNum", 1, RUNS)?;
        u32::try_from(runs).map_err(|_| Failure::malformed("runNum", "is too large"))
    };
    match fields::number(params, "cronType", 1, 3)? {
        1 => Ok(Times {
            first_at: now + cron_time()?,
            every: Some(cron_time()?.min(EVERY)),
            runs: runs()?,
        }),
        2 => Ok(Times {
            // What should have begun begins now, and does not catch up.
            first_at: (fields::number(params, "start_time", 0, LATEST)? * 1000).max(now),
            every: Some(cron_time()?.min(EVERY)),
            runs: runs()?,
        }),
        _ => Ok(Times {
            first_at: cron_time()?,
            every: None,
            runs: 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_594_000_000_500;

    fn read(value: Value) -> Outcome<Plan> {
        Plan::read(value.as_object().unwrap(), NOW)
    }

    fn planned(value: Value) -> Times {
        match read(value).unwrap() {
            Plan::Add { times, .. } => times,
            Plan::Del { name } => panic!("{name} is deleted"),
        }
    }

    fn task() -> Value {
        json!({
            "cronType": 1, "cronName": "j-3", "data": [], "modeType": "add", "runNum": 2,
            "notifyUrl": "http://115.29.140.95/message/index/notify", "start_time": 1_594_988_027, "cronTime": 10,
        })
    }

    #[test]
    fn the_three_types() {
        let mut request = task();
        let (every, runs) = (Some(10_000), 2);
        assert_eq!(
            planned(request.clone()),
            Times {
                first_at: NOW + 10_000,
                every,
                runs
            }
        );
        request["cronType"] = json!("2");
        assert_eq!(
            planned(request.clone()),
            Times {
                first_at: 1_594_988_027_000,
                every,
                runs
            }
        );
        request["start_time"] = json!(1);
        let times = planned(request.clone());
        assert_eq!((times.first_at, times.every), (NOW, every), "nothing is caught up");
        request["cronType"] = json!(3);
        request["cronTime"] = json!(1_594_988_027);
        let once = Times {
            first_at: 1_594_988_027_000,
            every: None,
            runs: 1,
        };
        assert_eq!(planned(request.clone()), once);
        request["modeType"] = json!("del");
        assert_eq!(read(request), Ok(Plan::Del { name: "j-3".to_owned() }));
    }

    #[test]
    fn the_documents_interval_of_fifty_years() {
        let mut request = task();
        request["cronTime"] = json!(1_594_988_027);
        let times = planned(request);
        assert_eq!((times.first_at, times.every), (NOW + 1_594_988_027_000, Some(EVERY)));
    }

    #[test]
    fn what_is_missing_and_what_is_wrong() {
        for (name, value) in [
            ("cronType", json!(4)),
            ("cronType", Value::Null),
            ("cronName", json!("")),
            ("cronName", json!("x".repeat(101))),
            ("runNum", json!(0)),
            ("runNum", Value::Null),
            ("cronTime", json!(0)),
            ("cronTime", json!(u64::MAX)),
            ("notifyUrl", json!("x")),
            ("data", json!("x")),
            ("modeType", json!("x")),
        ] {
            let mut request = task();
            request[name] = value.clone();
            assert_eq!(read(request).unwrap_err().code, 400, "{name} {value}");
        }
        let mut request = task();
        request["cronType"] = json!(2);
        request["start_time"] = Value::Null;
        assert_eq!(read(request).unwrap_err().code, 400);
    }
}
