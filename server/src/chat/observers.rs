//! Which installs are to hear of an event: their jobs are written with it.

use crate::model::{Kind, Observation, PluginName, UserId};
use crate::plugin_host::Chain;
use crate::storage::NewJob;

/// Jobs for an event of a message; storage fills in which message.
pub(super) fn of_message(
    chain: &Chain,
    event: &'static str,
    kind: &Kind,
    origin: Option<&PluginName>,
    depth: u32,
) -> Vec<NewJob> {
    collect(chain, event, Some(kind), origin, depth, &[], None, None)
}

/// Jobs for a reaction.
pub(super) fn of_reaction(chain: &Chain, added: bool, kind: &Kind, user: &UserId, emoji: &str) -> Vec<NewJob> {
    let event = if added { "reaction-added" } else { "reaction-removed" };
    collect(
        chain,
        event,
        Some(kind),
        None,
        0,
        std::slice::from_ref(user),
        None,
        Some(emoji),
    )
}

/// Jobs for an event of a conversation; storage fills in which one.
pub(super) fn of_conversation(
    chain: &Chain,
    event: &'static str,
    users: &[UserId],
    by: Option<&UserId>,
) -> Vec<NewJob> {
    collect(chain, event, None, None, 0, users, by, None)
}

#[expect(clippy::too_many_arguments, reason = "private: the three above are its faces")]
fn collect(
    chain: &Chain,
    event: &str,
    kind: Option<&Kind>,
    origin: Option<&PluginName>,
    depth: u32,
    users: &[UserId],
    by: Option<&UserId>,
    emoji: Option<&str>,
) -> Vec<NewJob> {
    if chain.is_empty() {
        return Vec::new();
    }
    chain
        .observers(event, kind, origin, depth)
        .map(|plugin| NewJob {
            plugin: plugin.clone(),
            work: Observation::Event {
                name: event.to_owned(),
                message: None,
                users: users.to_vec(),
                by: by.cloned(),
                emoji: emoji.map(str::to_owned),
            },
            depth,
        })
        .collect()
}
