//! `job`: an app's durable work: what was given up, webhooks and timers.

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Access, Call, part};
use super::print::{self, items, word};
use crate::model::{AppId, JobId, PluginName};

/// The command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List work of plugins that was given up.
    List { app: AppId },
    /// Try given-up work of a plugin again.
    Retry { app: AppId, job: JobId },
    /// List webhooks that wait or were given up, newest first.
    Webhooks {
        app: AppId,
        /// Only of this plugin.
        #[arg(long)]
        plugin: Option<PluginName>,
        /// Only to this target: the order key, or the URL.
        #[arg(long)]
        target: Option<String>,
        /// Only in this state.
        #[arg(long)]
        state: Option<State>,
    },
    /// Send a given-up webhook again, or all of a plugin to a target.
    Resend {
        app: AppId,
        /// Its delivery's id.
        #[arg(required_unless_present = "target", conflicts_with_all = ["plugin", "target"])]
        delivery: Option<String>,
        #[arg(long, requires = "target")]
        plugin: Option<PluginName>,
        /// The order key, or the URL.
        #[arg(long, requires = "plugin")]
        target: Option<String>,
    },
    /// Forget a webhook.
    Drop {
        app: AppId,
        /// Its delivery's id.
        delivery: String,
    },
    /// List the timers of a plugin.
    Timers { app: AppId, plugin: PluginName },
    /// Cancel a timer of a plugin.
    Cancel {
        app: AppId,
        plugin: PluginName,
        timer: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Waiting,
    Dead,
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let (call, show) = call(&self.what);
        let answer = self.access.call(call)?;
        if self.access.json {
            return print::json(&answer);
        }
        print::line(&show(&answer))
    }
}

type Show = fn(&Value) -> String;

fn call(what: &What) -> (Call, Show) {
    let done: Show = |_| "done".to_owned();
    match what {
        What::List { app } => (Call::new("GET", format!("/apps/{app}/jobs?state=dead")), jobs),
        What::Retry { app, job } => (Call::new("POST", format!("/apps/{app}/jobs/{job}/retry")), done),
        What::Webhooks {
            app,
            plugin,
            target,
            state,
        } => {
            let state = state.map(|state| match state {
                State::Waiting => "waiting",
                State::Dead => "dead",
            });
            let given = [
                ("plugin", plugin.as_ref().map(PluginName::as_str)),
                ("target", target.as_deref()),
                ("state", state),
            ];
            let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let query: Vec<String> = given.map(|(name, value)| format!("{name}={}", part(value))).collect();
            let path = format!("/apps/{app}/webhooks?{}", query.join("&"));
            (Call::new("GET", path), webhooks)
        }
        What::Resend {
            app,
            delivery: Some(delivery),
            ..
        } => {
            let path = format!("/apps/{app}/webhooks/{}/retry", part(delivery));
            (Call::new("POST", path), done)
        }
        What::Resend {
            app, plugin, target, ..
        } => {
            let plugin = plugin.as_ref().map(PluginName::as_str);
            let which = json!({ "plugin": plugin, "target": target });
            let call = Call::new("POST", format!("/apps/{app}/webhooks/retry")).json(&which);
            (call, |answer| format!("{} are sent again", word(&answer["retried"])))
        }
        What::Drop { app, delivery } => {
            let path = format!("/apps/{app}/webhooks/{}", part(delivery));
            (Call::new("DELETE", path), done)
        }
        What::Timers { app, plugin } => {
            let path = format!("/apps/{app}/plugins/{}/timers", part(plugin.as_str()));
            (Call::new("GET", path), timers)
        }
        What::Cancel { app, plugin, timer } => {
            let (plugin, timer) = (part(plugin.as_str()), part(timer));
            let path = format!("/apps/{app}/plugins/{plugin}/timers/{timer}");
            (Call::new("DELETE", path), done)
        }
    }
}

fn jobs(answer: &Value) -> String {
    let row = |job: &Value| {
        let words = ["id", "plugin", "event", "attempts", "error"];
        words.map(|name| word(&job[name]))
    };
    let rows: Vec<_> = items(answer, "jobs").iter().map(row).collect();
    print::table(["JOB", "PLUGIN", "EVENT", "TRIES", "ERROR"], &rows)
}

fn webhooks(answer: &Value) -> String {
    let row = |webhook: &Value| {
        let due = print::time(&webhook["due_at"]);
        let [delivery, plugin, state, tries, target, error] =
            ["delivery", "plugin", "state", "attempts", "target", "error"].map(|name| word(&webhook[name]));
        [delivery, plugin, state, tries, due, target, error]
    };
    let rows: Vec<_> = items(answer, "webhooks").iter().map(row).collect();
    print::table(
        ["DELIVERY", "PLUGIN", "STATE", "TRIES", "DUE", "TARGET", "ERROR"],
        &rows,
    )
}

fn timers(answer: &Value) -> String {
    let row = |timer: &Value| {
        let next = print::time(&timer["next_at"]);
        let [name, every, runs, done] = ["name", "every", "runs", "runs_done"].map(|name| word(&timer[name]));
        [name, next, every, runs, done]
    };
    let rows: Vec<_> = items(answer, "timers").iter().map(row).collect();
    print::table(["TIMER", "NEXT", "EVERY (MS)", "RUNS", "DONE"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_tables() {
        let answer = json!({ "webhooks": [{ "delivery": "d", "plugin": "p", "state": "dead", "attempts": 3,
            "due_at": 0, "target": "t", "error": "no" }] });
        assert!(webhooks(&answer).ends_with("d         p       dead   3      1970-01-01T00:00:00.000Z  t       no"));
        let answer = json!({ "timers": [{ "name": "t", "next_at": 0, "every": null, "runs": 2, "runs_done": 1 }] });
        assert!(timers(&answer).contains("t      1970-01-01T00:00:00.000Z  -           2     1"));
        assert_eq!(jobs(&json!({ "jobs": [] })), "JOB  PLUGIN  EVENT  TRIES  ERROR");
    }
}
