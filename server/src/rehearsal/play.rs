//! One story from its first step to its last, or to the first that goes wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;

use super::acts::{self, Act, object, user};
use super::compare::{self, Mismatch};
use super::names::Names;
use super::seen;
use super::stage::{Stage, Troupe};
use super::state::Look;
use super::story::{Ask, Expect, Step, Story};
use crate::gateway::NATIVE;
use crate::hub::{Inbox, Link};
use crate::model::{
    Actor, AppId, Command, Context, DeviceId, Event, JobId, LogLevel, LogLine, Login, Refusal, Reply, SlashOutcome,
    UserId, Who,
};
use crate::plugin_host::{InstallPatch, Visitor};
use crate::storage::{DeliveryFilter, Webhooks as _};

/// Lines of a step's log that are read.
const LINES: usize = 1000;
/// Webhooks of a step that are looked at.
const WEBHOOKS: u32 = 100;

/// How a story went.
#[derive(Debug)]
pub struct Played {
    /// Steps that were as expected.
    pub steps: usize,
    /// The step that was not: its place from 1, what it does, what is wrong, and what the plugin wrote in it.
    pub failed: Option<(usize, String, Vec<Mismatch>, Vec<LogLine>)>,
}

/// Plays a story with a component.
///
/// # Errors
/// If the component cannot be installed, or the story asks for what cannot be done.
pub async fn play(story: &Story, troupe: &Troupe) -> anyhow::Result<Played> {
    let stage = Stage::open(&troupe.artifacts, &story.app, story.starts_at()).await?;
    let played = Play::begin(&stage, story, troupe).await;
    let played = match played {
        Ok(mut play) => play.all(&story.steps).await,
        Err(error) => Err(error),
    };
    stage.close().await;
    played
}

/// What came of doing a step.
struct Outcome {
    refusal: Option<Refusal>,
    answer: Option<Value>,
    stored: Option<Value>,
    whisper: Option<Value>,
    response: Option<Value>,
}

/// A story that is being played.
pub(super) struct Play<'a> {
    pub(super) stage: &'a Stage,
    pub(super) app: AppId,
    pub(super) troupe: &'a Troupe,
    pub(super) names: Names,
    connections: BTreeMap<UserId, (Arc<Link>, Inbox)>,
    last_line: u64,
    last_webhook: Option<JobId>,
}

impl<'a> Play<'a> {
    async fn begin(stage: &'a Stage, story: &Story, troupe: &'a Troupe) -> anyhow::Result<Self> {
        let mut play = Self {
            stage,
            app: stage.app,
            troupe,
            names: Names::default(),
            connections: BTreeMap::new(),
            last_line: 0,
            last_webhook: None,
        };
        play.set(story).await?;
        stage.settle().await?;
        stage.tap.take();
        Ok(play)
    }

    /// Lets a user have a connection.
    pub(super) fn connect(&mut self, user: UserId) {
        let (app, device) = (self.app, DeviceId::unnamed());
        let arrival = self.stage.hub.enter(app, user.clone(), device, NATIVE, Login::Multiple);
        if arrival.first {
            self.stage.chat.presence_changed(app, &user, true);
        }
        self.connections.insert(user, (arrival.link, arrival.inbox));
    }

    async fn all(&mut self, steps: &[Step]) -> anyhow::Result<Played> {
        for (at, step) in steps.iter().enumerate() {
            let what = step.acts().join(", ");
            let outcome = self
                .act(step)
                .await
                .with_context(|| format!("step {} ({what})", at + 1))?;
            self.stage.settle().await?;
            let lines = self.lines();
            let found = self.compare(&step.expect, outcome, &lines).await?;
            for (_, inbox) in self.connections.values_mut() {
                while inbox.try_recv().is_ok() {}
            }
            if !found.is_empty() {
                return Ok(Played {
                    steps: at,
                    failed: Some((at + 1, what, found, lines)),
                });
            }
        }
        Ok(Played {
            steps: steps.len(),
            failed: None,
        })
    }

    async fn act(&mut self, step: &Step) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome {
            refusal: None,
            answer: None,
            stored: None,
            whisper: None,
            response: None,
        };
        if let Some(act) = Act::of(step, &self.names)? {
            let context = act.context(self.app, self.stage.now());
            match self.stage.chat.execute(&context, act.command).await {
                Ok(Reply::Sent(sent)) => {
                    if let Some(SlashOutcome::Whisper(text)) = sent.command.map(|run| run.outcome) {
                        outcome.whisper = Some(text.into());
                    }
                    if let (Some(label), Some(id)) = (&act.label, sent.stored.id) {
                        self.names.message(label, id);
                    }
                    if let Some(id) = sent.stored.id {
                        let context = Context {
                            actor: Actor::Admin,
                            ..context
                        };
                        if let Ok(Reply::Message(message)) =
                            self.stage.chat.execute(&context, Command::GetMessage(id)).await
                        {
                            outcome.stored = Some(seen::parsed(&message.body));
                        }
                    }
                }
                Ok(Reply::Answer(answer)) => outcome.answer = Some(seen::parsed(&answer)),
                Ok(_) => {}
                Err(refusal) => outcome.refusal = Some(refusal),
            }
        } else if let Some(ask) = &step.request {
            outcome.response = Some(self.ask(ask).await?);
        } else if let Some(uid) = &step.connect {
            self.connect(user(uid)?);
        } else if let Some(uid) = &step.disconnect {
            let user = user(uid)?;
            let (link, _) = self
                .connections
                .remove(&user)
                .with_context(|| format!("{uid} has no connection"))?;
            if self.stage.hub.leave(&link) {
                self.stage.chat.presence_changed(self.app, &user, false);
            }
        } else if let Some(config) = &step.configure {
            let patch = InstallPatch {
                config: Some(object(config, &self.names)),
                ..InstallPatch::default()
            };
            let configured = self
                .stage
                .plugins
                .configure(self.app, &self.troupe.name, Who::Operator, patch)
                .await;
            outcome.refusal = configured.err();
        } else if let Some(span) = step.wait {
            self.stage.pass(self.stage.now().plus(span.0)).await?;
        }
        Ok(outcome)
    }

    /// What the plugin answers to a request.
    async fn ask(&self, ask: &Ask) -> anyhow::Result<Value> {
        let name = &self.troupe.name;
        let endpoint = self.stage.plugins.endpoint(self.app, name);
        let endpoint = endpoint.map_err(|fault| anyhow::anyhow!("the plugin answers no requests: {fault:?}"))?;
        let visitor = match &ask.from {
            None => None,
            Some(uid) => Some(Visitor {
                user: user(uid)?,
                device: None,
            }),
        };
        let request = acts::request(ask, name, &self.names);
        Ok(match endpoint.handle(request, visitor).await {
            Ok(response) => seen::response(&response),
            // Why is in the plugin's log, which is looked at.
            Err(_) => Value::Null,
        })
    }

    /// What the plugin wrote since it was last asked.
    fn lines(&mut self) -> Vec<LogLine> {
        let lines = self
            .stage
            .plugins
            .logs(self.app, &self.troupe.name, self.last_line, LINES);
        let lines = lines.unwrap_or_default();
        self.last_line = lines.last().map_or(self.last_line, |line| line.id);
        lines
    }

    async fn compare(&mut self, expect: &Expect, outcome: Outcome, lines: &[LogLine]) -> anyhow::Result<Vec<Mismatch>> {
        let events: Vec<Event> = self.stage.tap.take();
        let posted = self.posted().await?;
        let mut found = Vec::new();
        found.extend(refused(expect.refused.as_deref(), outcome.refusal.as_ref()));
        found.extend(failed(expect.failed.as_deref(), lines));
        let fill = |items: &[Value]| -> Vec<Value> { items.iter().map(|item| self.names.fill(item)).collect() };
        for (of, expected, happened) in [
            ("stored", &expect.stored, outcome.stored),
            ("answer", &expect.answer, outcome.answer),
            ("response", &expect.response, outcome.response),
        ] {
            if let Some(expected) = expected {
                let happened = happened.unwrap_or_default();
                found.extend(compare::value(of, &self.names.fill(expected), &happened));
            }
        }
        if let Some(expected) = &expect.whisper {
            let (expected, happened) = (self.names.filled(expected), outcome.whisper.unwrap_or_default());
            found.extend(compare::value("whisper", &expected.into(), &happened));
        }
        let look = Look {
            stage: self.stage,
            app: self.app,
            plugin: &self.troupe.name,
            names: &self.names,
        };
        let sent = seen::messages(&events, &self.troupe.name, &self.names);
        let pushed = seen::pushes(&events, &self.troupe.name);
        for (of, expected, happened) in [
            ("messages", &expect.messages, sent),
            ("pushes", &expect.pushes, pushed),
            ("webhooks", &expect.webhooks, posted),
            ("http", &expect.http, self.stage.far.take()),
        ] {
            if let Some(expected) = expected {
                found.extend(compare::list(of, &fill(expected), &happened));
            }
        }
        if let Some(expected) = &expect.timers {
            found.extend(compare::list("timers", &fill(expected), &look.timers().await?));
        }
        if let Some(expected) = &expect.kv {
            found.extend(look.kv(expected).await?);
        }
        if let Some(expected) = &expect.conversations {
            found.extend(look.conversations(expected).await?);
        }
        if let Some(expected) = &expect.users {
            found.extend(look.users(expected).await?);
        }
        let written: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
        for part in expect.log.iter().flatten() {
            let part = self.names.filled(part);
            if !written.iter().any(|line| line.contains(&part)) {
                found.push(Mismatch {
                    of: "log".to_owned(),
                    expected: vec![part],
                    happened: written.clone(),
                });
            }
        }
        Ok(found)
    }

    /// Webhooks that were posted since it was last asked, oldest first.
    async fn posted(&mut self) -> anyhow::Result<Vec<Value>> {
        let all = self
            .stage
            .storage
            .deliveries(self.app, DeliveryFilter::default(), WEBHOOKS)
            .await?;
        let last = self.last_webhook;
        let mut new: Vec<_> = all.into_iter().filter(|delivery| Some(delivery.id) > last).collect();
        new.sort_by_key(|delivery| delivery.id);
        self.last_webhook = new.last().map(|delivery| delivery.id).or(last);
        Ok(new.iter().map(seen::webhook).collect())
    }
}

fn refused(expected: Option<&str>, refusal: Option<&Refusal>) -> Option<Mismatch> {
    let code = refusal.map(|refusal| refusal.code.as_str());
    if expected == code {
        return None;
    }
    let happened = refusal.map_or_else(
        || "done".to_owned(),
        |refusal| format!("refused: {} ({refusal})", refusal.code.as_str()),
    );
    let expected = expected.map_or_else(|| "done".to_owned(), |code| format!("refused: {code}"));
    Some(Mismatch::plain("outcome", expected, happened))
}

fn failed(expected: Option<&str>, lines: &[LogLine]) -> Option<Mismatch> {
    let is_failure = |line: &&LogLine| line.level == LogLevel::Error && line.text.contains(" failed: ");
    let failures: Vec<String> = lines.iter().filter(is_failure).map(|line| line.text.clone()).collect();
    match expected {
        None if failures.is_empty() => None,
        None => Some(Mismatch {
            of: "failures of the plugin".to_owned(),
            expected: Vec::new(),
            happened: failures,
        }),
        Some(part) if failures.iter().any(|failure| failure.contains(part)) => None,
        Some(part) => Some(Mismatch {
            of: "failures of the plugin".to_owned(),
            expected: vec![part.to_owned()],
            happened: failures,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_expected_is_told() {
        let refusal = Refusal::not_found("user");
        assert!(refused(None, None).is_none());
        assert!(refused(Some("not_found"), Some(&refusal)).is_none());
        assert!(
            refused(None, Some(&refusal))
                .unwrap()
                .to_string()
                .contains("+ refused: not_found")
        );
        assert!(
            refused(Some("muted"), None)
                .unwrap()
                .to_string()
                .contains("- refused: muted\n  + done")
        );
    }
}
