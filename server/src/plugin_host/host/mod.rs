//! What guests call: one file per capability. Each call is counted, each argument bounded, and the app it acts in comes
//! from the instance and from nowhere else, so that another app cannot be named.

mod config;
mod connections;
mod conversations;
mod kv;
mod log;
mod messages;
mod messages_send;
mod users;

use std::sync::Arc;

use super::bindings::switchboard::plugin::types::{self, Error};
use super::instance::State;
use super::plugin::Plugin;
use super::writes::{self, Outcome, Write, Writes};
use crate::model::{Body, Call, Command, ConversationId, Reply, UserId};

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
        writes::execute(&plugin, &call, None, command).await
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
        match &mut self.task.writes {
            Writes::Denied => Err(Error::Invalid("this hook must be pure: it may not write".to_owned())),
            Writes::Held(held) => {
                held.push(write, plugin.machine.settings.output_bytes)?;
                Ok(Outcome::Held)
            }
            Writes::Keyed { next, durable } => {
                let index = *next;
                *next += 1;
                writes::perform(&plugin, &call, index, *durable, write).await
            }
        }
    }
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
