//! The `message-action` hook: who owns a kind acts on stored messages of it. What the guest writes waits and happens with
//! the message's new body, or not at all.

use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::message_action;
use super::failure::{Failure, Fault};
use super::message_type::object;
use super::plugin::{Missed, Plugin};
use super::schema::Schema;
use super::writes::{Held, Writes};
use super::{convert, policy, refusals};
use crate::model::{Body, Call, Hook, Message, Refusal, Roster, UserId};
use crate::storage::NewJob;

/// The largest answer, in bytes.
const ANSWER_BYTES: usize = 64 << 10;

/// What is asked of a message.
#[derive(Clone, Copy)]
pub struct Action<'a> {
    /// By whom; none: the app itself.
    pub user: Option<&'a UserId>,
    /// The message, as it is now.
    pub message: &'a Message,
    /// Where it is.
    pub roster: &'a Roster,
    /// What: a JSON object.
    pub data: &'a Body,
}

/// What the guest made of it.
pub struct Acted {
    /// For who asks.
    pub answer: Body,
    /// The message's new body.
    pub body: Option<Body>,
    /// Does what the guest wrote; belongs into the transaction that stores the body.
    pub job: Option<NewJob>,
}

/// Asks the owner of a kind.
///
/// # Errors
/// The guest's own refusal, or `PluginFailed` if it did not answer.
pub async fn act(plugin: &Arc<Plugin>, schema: &Schema, call: &Call, action: Action<'_>) -> Result<Acted, Refusal> {
    let Some(indices) = &plugin.blueprint.hooks.message_action else {
        return Err(refusals::no_action(&action.message.kind));
    };
    let given = message_action::Action {
        uid: action.user.map(ToString::to_string),
        message: convert::message_in(action.roster, action.message),
        data: action.data.as_str().to_owned(),
    };
    let writes = Writes::Held(Held::default());
    let answer = plugin.run(Hook::MessageAction, call, writes, |mut lease| async move {
        let guest = lease.guest(|store, instance| indices.load(store, instance))?;
        let context = convert::context(plugin, call);
        lease.given(|| json!(given));
        let said = guest.call_act(&mut lease.store, &context, &given).await?;
        lease.answered(|| json!(said));
        let outcome = match said {
            Ok(outcome) => Ok((
                answer(&outcome.answer)?,
                outcome.body.as_deref().map(object).transpose()?,
            )),
            Err(refusal) => Err(convert::refusal(refusal)),
        };
        Ok((outcome, lease))
    });
    let answer = match answer.await {
        Ok(answer) => answer,
        Err(Missed::Suspended(_)) => return Err(refusals::suspended(&plugin.install.name)),
        Err(Missed::Failed(failure)) => return Err(refusals::failed(&plugin.install.name, &failure)),
    };
    let (said, body) = match answer.value {
        Ok(outcome) => outcome,
        Err(refusal) => {
            answer.verdict.succeeded();
            plugin.ledger.counters.refused(Hook::MessageAction);
            return Err(refusal);
        }
    };
    if let Some(Err(error)) = body.as_ref().map(|body| schema.check(body)) {
        let failure = Failure::Nonsense(format!("a new body does not fit its kind: {error}"));
        return Err(refusals::failed(&plugin.install.name, &answer.verdict.failed(failure)));
    }
    answer.verdict.succeeded();
    Ok(Acted {
        answer: said,
        body,
        job: policy::job(plugin, call, &answer.writes)?,
    })
}

fn answer(json: &str) -> wasmtime::Result<Body> {
    if json.len() > ANSWER_BYTES {
        return Err(Fault::nonsense(format!("an answer has at most {ANSWER_BYTES} bytes")));
    }
    Body::parse(json).ok_or_else(|| Fault::nonsense("an answer must be JSON"))
}
