//! The `timer` hook: a plugin is called at a time it has set, at least once for each run. A call that is made again has the
//! same id, so that its writes have no second effect.

use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::timer::Firing;
use super::convert;
use super::failure::Fault;
use super::observer::{ObserveError, call, told};
use super::plugin::Plugin;
use super::writes::Writes;
use crate::model::{self, Hook, Job, LogLevel};

/// Lets one run of a timer fire.
pub async fn fire(plugin: &Arc<Plugin>, job: &Job, of: &model::Firing) -> Result<(), ObserveError> {
    let Some(indices) = &plugin.blueprint.hooks.timer else {
        return Err(ObserveError::Gone);
    };
    let call = &call(plugin, job);
    let firing = Firing {
        name: of.name.clone(),
        payload: of.payload.as_str().to_owned(),
        run: of.run,
        due_at: convert::millis(of.due_at),
        last: of.last,
    };
    let answer = plugin.run(Hook::Timer, call, Writes::durable(), |mut lease| async move {
        let guest = lease.guest(|store, instance| indices.load(store, instance))?;
        let context = convert::context(plugin, call);
        lease.given(|| json!(firing));
        match guest.call_fire(&mut lease.store, &context, &firing).await? {
            Ok(()) => Ok(((), lease)),
            Err(text) => Err(Fault::error(text)),
        }
    });
    told(answer.await)
}

/// Tells the plugin's log that a run counts as done although it was not.
pub fn given_up(plugin: &Plugin, job: &Job, of: &model::Firing, error: &str) {
    let call = call(plugin, job);
    let text = format!("run {} of the timer `{}` is given up: {error}", of.run, of.name);
    plugin
        .ledger
        .log
        .push(call.now, LogLevel::Error, call.id.as_str(), text);
}
