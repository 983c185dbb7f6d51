//! Planned tasks: each is a timer, each run a callback.

use crate::answer::{self, Failure, Outcome};
use crate::fields::Params;
use crate::notice;
use crate::object::Object;
use crate::plan::{Plan, Task};
use crate::ticket;
use switchboard_plugin::host::timers::{self, Schedule};
use switchboard_plugin::host::types::Context;

/// What the names of timers of tasks begin with.
pub const TIMER: &str = "cron:";

/// `POST /cron`.
pub fn plan(ctx: &Context, params: &Params) -> Outcome<(&'static str, Object)> {
    let info = |name: &str| Object::new().with("cronName", name).with("serviceType", "cron");
    match Plan::read(params, ctx.now)? {
        Plan::Del { name } => match timers::cancel(&format!("{TIMER}{name}"))? {
            true => Ok(("计划任务删除成功", info(&name))),
            false => Err(Failure::unknown("计划任务")),
        },
        Plan::Add { name, times, task } => {
            let payload = serde_json::to_string(&task).map_err(|_| Failure::too_large("data"))?;
            let schedule = Schedule {
                first_at: times.first_at,
                every: times.every,
                runs: Some(times.runs),
            };
            match timers::set(&format!("{TIMER}{name}"), schedule, &payload)? {
                true => Ok(("计划任务修改成功", info(&name))),
                false => Ok(("计划任务添加成功", info(&name))),
            }
        }
    }
}

/// One run. The server's own fields go before the tenant's of the same name.
pub fn run(ctx: &Context, payload: &str) -> Outcome<()> {
    let Ok(task) = serde_json::from_str::<Task>(payload) else {
        return Ok(());
    };
    let info = ticket::signed(Object::new().with_all(&task.data).with("serviceType", "cron"))?;
    notice::post(&task.url, answer::object("ok", info, ctx.now))
}
