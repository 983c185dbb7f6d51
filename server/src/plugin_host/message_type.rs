//! The `message-type` hook: who owns a kind says what its bodies must be, and completes them.

use std::sync::Arc;

use serde_json::json;

use super::failure::{Failure, Fault};
use super::plugin::{Missed, Plugin};
use super::schema::Schema;
use super::writes::Writes;
use super::{convert, refusals};
use crate::model::{Body, Call, Code, ConversationKind, Draft, Hook, Refusal};

/// Checks a body against its kind's schema and lets the guest complete it.
///
/// # Errors
/// `BadBody` with the place, the guest's own refusal, or `PluginFailed`: an owner that fails lets nothing pass.
pub async fn complete(
    plugin: &Arc<Plugin>,
    schema: &Schema,
    call: &Call,
    draft: &Draft,
    conversation: ConversationKind,
) -> Result<Body, Refusal> {
    schema.check(&draft.body).map_err(|error| Refusal {
        field: Some("body".into()),
        ..Refusal::new(Code::BadBody, error)
    })?;
    let Some(check) = &plugin.blueprint.hooks.body_check else {
        return Ok(draft.body.clone());
    };
    let answer = plugin.run(Hook::MessageType, call, Writes::Denied, |mut lease| async move {
        let check = lease.guest(|store, instance| check.load(store, instance))?;
        let context = convert::context(plugin, call);
        let sender = convert::sender_of_draft(draft);
        let given = convert::draft(draft, conversation);
        lease.given(|| json!({ "sender": sender, "draft": given }));
        let (answer,) = check.call_async(&mut lease.store, (context, sender, given)).await?;
        lease.answered(|| json!(answer));
        let body = match answer {
            Ok(json) => Ok(object(&json)?),
            Err(refusal) => Err(convert::refusal(refusal)),
        };
        Ok((body, lease))
    });
    match answer.await {
        Ok(answer) => {
            answer.verdict.succeeded();
            answer
                .value
                .inspect_err(|_| plugin.ledger.counters.refused(Hook::MessageType))
        }
        Err(Missed::Suspended(_)) => Err(refusals::suspended(&plugin.install.name)),
        Err(Missed::Failed(failure)) => Err(failed(plugin, &failure)),
    }
}

fn failed(plugin: &Plugin, failure: &Failure) -> Refusal {
    refusals::failed(&plugin.install.name, failure)
}

/// A body as a guest answers it: a JSON object.
pub fn object(json: &str) -> wasmtime::Result<Body> {
    match Body::parse(json) {
        Some(body) if body.is_object() => Ok(body),
        _ => Err(Fault::nonsense("a body must be a JSON object")),
    }
}
