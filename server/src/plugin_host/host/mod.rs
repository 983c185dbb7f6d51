//! What guests call: one file per capability. Each call is counted, each argument bounded, and the app it acts in comes
//! from the instance and from nowhere else, so that another app cannot be named.

mod config;
mod connections;
mod contacts;
mod conversations;
mod conversations_write;
mod credentials;
mod files;
mod http;
mod impersonation;
mod kv;
mod log;
mod messages;
mod messages_edit;
mod messages_send;
mod metrics;
mod proofs;
mod search;
mod signatures;
mod timers;
mod users;
mod users_write;
mod webhooks;

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::{Value, json};

use super::bindings::switchboard::plugin::types::{self, Error};
use super::convert;
use super::instance::State;
use super::plugin::Plugin;
use super::quota::Quota;
use super::writes::{self, Outcome, Write, Writes};
use crate::model::{Body, Call, CallId, Command, Context, ConversationId, Reply, UserId};
use crate::storage::EffectKey;

/// What a capability answers: the outer error ends the call, the inner one is the guest's to handle.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl types::Host for State {}

impl State {
    /// The install this instance works for, and in which call.
    fn at_work(&self) -> Result<(Arc<Plugin>, Call), Error> {
        match &self.task.plugin {
            Some(plugin) => Ok((plugin.clone(), self.task.call.clone())),
            None => Err(Error::Unavailable(
                "a descriptor runs for no app and reaches nothing".to_owned(),
            )),
        }
    }

    /// Asks the rules for something.
    async fn ask(&mut self, command: Command) -> Result<Reply, Error> {
        let (plugin, call) = self.at_work()?;
        self.asked_for(&command);
        let reply = writes::execute(&plugin, &call, None, command).await;
        self.came(|| told(&reply));
        reply
    }

    /// Writes down what the rules are asked for: by the name of the command.
    fn asked_for(&self, command: &Command) {
        self.asked("ask", || shown(command).into());
    }

    /// Asks the rules for something as a user, or as the app itself if none.
    async fn ask_as(&mut self, as_user: Option<UserId>, command: Command) -> Result<Reply, Error> {
        let (plugin, call) = self.at_work()?;
        let context = Context {
            app: call.app,
            actor: self.actor(as_user)?,
            now: plugin.machine.clock.now(),
        };
        self.asked_for(&command);
        let reply = plugin.machine.execute(context, command).await;
        let reply = reply.map_err(convert::refusal_error);
        self.came(|| told(&reply));
        reply
    }

    /// The same for what changes something at once: not in a pure hook, and not before a policy's verdict.
    async fn change_as(&mut self, quota: Quota, as_user: Option<UserId>, command: Command) -> Result<Reply, Error> {
        self.effect_to_spend(quota)?;
        self.ask_as(as_user, command).await
    }

    /// The same for what would be there twice if it were done twice: the command gets the name of the write.
    async fn change_once(
        &mut self,
        quota: Quota,
        as_user: Option<UserId>,
        command: impl FnOnce(Option<(CallId, u32)>) -> Command,
    ) -> Result<Reply, Error> {
        let once = self.effect_to_spend(quota)?.map(|effect| (effect.call, effect.index));
        self.ask_as(as_user, command(once)).await
    }

    /// Counts a write that is done at once, and names it if its call may be made again. Not in a pure hook, and not
    /// before a verdict.
    fn effect_of_next(&mut self) -> Result<Option<EffectKey>, Error> {
        let (index, durable) = self.next_write()?;
        let call = &self.task.call.id;
        Ok(durable.then(|| EffectKey {
            call: call.clone(),
            index,
        }))
    }

    /// The place of a write that is done at once among those of its call, and whether the call may be made again.
    fn next_write(&mut self) -> Result<(u32, bool), Error> {
        match &mut self.task.writes {
            Writes::Denied => Err(invalid("this hook must be pure: it may not write")),
            Writes::Held(_) => Err(invalid(
                "this cannot wait for a verdict: it is not for policies and actions",
            )),
            Writes::Keyed { next, durable } => {
                let index = *next;
                *next += 1;
                Ok((index, *durable))
            }
        }
    }

    /// The same, for one of what the install may do in a minute. A write that is refused keeps its place: when the call is
    /// made again and there is enough, what follows is found where it was.
    fn effect_to_spend(&mut self, quota: Quota) -> Result<Option<EffectKey>, Error> {
        let effect = self.effect_of_next()?;
        self.spend(quota)?;
        Ok(effect)
    }

    /// The same for a write that may be held.
    fn spend_on_write(&mut self, quota: Quota) -> Result<(), Error> {
        self.spend(quota).inspect_err(|_| drop(self.effect_of_next()))
    }

    /// Asks for one thing, which may not be there.
    async fn find(&mut self, command: Command) -> Result<Option<Reply>, Error> {
        match self.ask(command).await {
            Ok(reply) => Ok(Some(reply)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Does a write now, or holds it.
    async fn write(&mut self, write: Write) -> Result<Outcome, Error> {
        let (plugin, call) = self.at_work()?;
        // A webhook holds what was sealed: `webhooks` has written it down as the guest gave it.
        if !matches!(write, Write::Post(_)) {
            self.asked("write", || shown(&write).into());
        }
        let outcome = if let Writes::Held(held) = &mut self.task.writes {
            let pushed = held.push(write, plugin.machine.settings.output_bytes);
            pushed.map(|()| Outcome::Held)
        } else {
            match self.next_write() {
                Ok((index, durable)) => writes::perform(&plugin, &call, index, durable, write).await,
                Err(error) => Err(error),
            }
        };
        self.came(|| told(&outcome));
        outcome
    }
}

/// What came of something, for who looks.
fn told<T: Debug>(outcome: &Result<T, Error>) -> Value {
    match outcome {
        Ok(value) => shown(value).into(),
        Err(error) => json!({ "error": error }),
    }
}

/// A thing of the server's own, in words.
fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// There is no way to the rules.
fn stopping() -> Error {
    Error::Unavailable("the server is starting or stopping".to_owned())
}

fn invalid(text: impl Into<String>) -> Error {
    Error::Invalid(text.into())
}

fn conversation_id(text: &str) -> Result<ConversationId, Error> {
    // What is no id names nothing.
    text.parse().map_err(|_| Error::NotFound)
}

fn uid(text: &str) -> Result<UserId, Error> {
    UserId::new(text).map_err(|error| invalid(format!("uid {error}")))
}

/// Checks JSON that a guest hands over.
fn json(what: &str, text: &str, bytes: usize) -> Result<Body, Error> {
    if text.len() > bytes {
        return Err(invalid(format!("{what} must have at most {bytes} bytes")));
    }
    Body::parse(text).ok_or_else(|| invalid(format!("{what} is no JSON")))
}

/// The front door answered something else than it was asked for.
fn odd() -> Error {
    Error::Unavailable("the server answered something unexpected".to_owned())
}
