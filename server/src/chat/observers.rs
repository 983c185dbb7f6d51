//! Which installs are to hear of an event: their jobs are written with it.

use crate::model::{Context, Kind, Message, Observation, PluginName, UserId};
use crate::plugin_host::Chain;
use crate::storage::NewJob;

/// Jobs for an event of a message; storage fills in which message. What a plugin brings about it does not hear of.
pub(super) fn of_message(
    chain: &Chain,
    event: &'static str,
    kind: &Kind,
    origin: Option<&PluginName>,
    depth: u32,
) -> Vec<NewJob> {
    collect(chain, event, Some(kind), origin, depth, &[], None, None)
}

/// The same for what somebody does to a message that is there.
pub(super) fn of_change(chain: &Chain, event: &'static str, ctx: &Context, message: &Message) -> Vec<NewJob> {
    let (origin, depth) = match ctx.origin() {
        (None, _) => (message.origin.as_ref(), message.depth),
        made => made,
    };
    of_message(chain, event, &message.kind, origin, depth)
}

/// Jobs for a reaction.
pub(super) fn of_reaction(
    chain: &Chain,
    added: bool,
    ctx: &Context,
    kind: &Kind,
    user: &UserId,
    emoji: &str,
) -> Vec<NewJob> {
    let event = if added { "reaction-added" } else { "reaction-removed" };
    let users = std::slice::from_ref(user);
    let (origin, depth) = ctx.origin();
    collect(chain, event, Some(kind), origin, depth, users, None, Some(emoji))
}

/// Jobs for an event of a conversation; storage fills in which one.
pub(super) fn of_conversation(chain: &Chain, event: &'static str, ctx: &Context, users: &[UserId]) -> Vec<NewJob> {
    let (origin, depth) = ctx.origin();
    collect(chain, event, None, origin, depth, users, ctx.user(), None)
}

#[expect(clippy::too_many_arguments, reason = "private: those above are its faces")]
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
