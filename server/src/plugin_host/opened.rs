//! The `opened` hook: a user opens a conversation, and a plugin may greet. Once per opening, never again, and nobody
//! waits for it to go well.

use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::opened::Opening;
use super::convert;
use super::failure::Fault;
use super::plugin::Plugin;
use super::writes::Writes;
use crate::model::{Call, Hook, Roster, Seq, UserId};

/// Who opens what.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The conversation.
    pub roster: &'a Roster,
    /// Its newest message's place.
    pub last_seq: Seq,
    /// Who opens it.
    pub user: &'a UserId,
    /// How far that one has read.
    pub read: Seq,
}

/// Lets a plugin greet. A failure is counted and in the plugin's log.
pub async fn greet(plugin: &Arc<Plugin>, call: &Call, visit: Visit<'_>) {
    let Some(indices) = &plugin.blueprint.hooks.opened else {
        return;
    };
    let call = &Call {
        id: plugin.machine.fresh_call_id(),
        ..call.clone()
    };
    let answer = plugin.run(Hook::Opened, call, Writes::once(), |mut lease| async move {
        let guest = lease.guest(|store, instance| indices.load(store, instance))?;
        let context = convert::context(plugin, call);
        let opening = Opening {
            conversation: convert::conversation(&visit.roster.conversation, visit.roster.members.len(), visit.last_seq),
            uid: visit.user.to_string(),
            peer: visit.roster.peer(visit.user).map(ToString::to_string),
            read_seq: visit.read.0,
        };
        lease.given(|| json!(opening));
        match guest.call_handle(&mut lease.store, &context, &opening).await? {
            Ok(()) => Ok(((), lease)),
            Err(text) => Err(Fault::error(text)),
        }
    });
    if let Ok(answer) = answer.await {
        answer.verdict.succeeded();
    }
}
