//! The `policy` hook: a plugin says whether a message may be sent, before it is.

use std::sync::Arc;

use super::bindings::exports::switchboard::plugin::policy::{Attempt, Verdict};
use super::message_type::object;
use super::plugin::{Answer, Missed, Plugin};
use super::writes::{Held, Writes};
use super::{convert, held, refusals};
use crate::model::{Body, Call, ConversationKind, Draft, Hook, Observation, Refusal};
use crate::storage::NewJob;

/// What a policy makes of a message.
pub enum Judgement {
    /// It may pass, with another body.
    Change(Body),
    /// It may pass as it is.
    Allow,
    /// It may not.
    Refuse(Refusal),
}

/// Asks a policy.
pub async fn judge<'p>(
    plugin: &'p Arc<Plugin>,
    call: &Call,
    draft: &Draft,
    conversation: ConversationKind,
) -> Result<Answer<'p, Judgement>, Missed> {
    let Some(indices) = &plugin.blueprint.hooks.policy else {
        return Err(Missed::Suspended(call.now));
    };
    let writes = Writes::Held(Held::default());
    plugin
        .run(Hook::Policy, call, writes, |mut lease| async move {
            let guest = lease.guest(|store, instance| indices.load(store, instance))?;
            let context = convert::context(plugin, call);
            let sender = convert::sender_of_draft(draft);
            let attempt = Attempt::Send(convert::draft(draft, conversation));
            let verdict = guest.call_check(&mut lease.store, &context, &sender, &attempt).await?;
            let judgement = match verdict {
                Verdict::Allow => Judgement::Allow,
                Verdict::Change(change) => Judgement::Change(object(&change.body)?),
                Verdict::Refuse(refusal) => Judgement::Refuse(convert::refusal(refusal)),
            };
            Ok((judgement, lease))
        })
        .await
}

/// What follows when a policy gave no answer: nothing, or a refusal.
pub fn missed(plugin: &Plugin, missed: &Missed) -> Result<(), Refusal> {
    let rule = plugin.blueprint.descriptor.policy.as_ref();
    if rule.is_none_or(|rule| rule.fails_open) {
        return Ok(());
    }
    Err(match missed {
        Missed::Suspended(_) => refusals::suspended(&plugin.install.name),
        Missed::Failed(failure) => refusals::failed(&plugin.install.name, failure),
    })
}

/// The job that does what a policy wrote, if it wrote anything.
pub fn job(plugin: &Plugin, call: &Call, writes: &Writes) -> Result<Option<NewJob>, Refusal> {
    match writes {
        Writes::Held(Held { writes, .. }) if !writes.is_empty() => Ok(Some(NewJob {
            plugin: plugin.install.name.clone(),
            work: Observation::Writes(held::encode(writes).map_err(refusals::fault)?),
            depth: call.depth,
        })),
        _ => Ok(None),
    }
}
