//! Which installs are to hear of an event: their jobs are written with it.

use crate::model::{Context, Draft, EventKind, FileId, Kind, Message, MessageId, Observation, PluginName, UserId};
use crate::plugin_host::Chain;
use crate::storage::NewJob;

/// The plugin whose doing something is, and how many plugin-made messages lie behind it.
type Origin<'a> = (Option<&'a PluginName>, u32);

/// What an event is about.
#[derive(Clone, Copy)]
struct About<'a> {
    kind: Option<&'a Kind>,
    users: &'a [UserId],
    by: Option<&'a UserId>,
    emoji: Option<&'a str>,
    things: &'a dyn Fn() -> Vec<String>,
}

impl Default for About<'_> {
    fn default() -> Self {
        Self {
            kind: None,
            users: &[],
            by: None,
            emoji: None,
            things: &Vec::new,
        }
    }
}

/// Jobs for an event of a message; storage fills in which message. What a plugin brings about it does not hear of.
pub(super) fn of_message(
    chain: &Chain,
    event: EventKind,
    kind: &Kind,
    origin: Option<&PluginName>,
    depth: u32,
) -> Vec<NewJob> {
    let about = About {
        kind: Some(kind),
        ..About::default()
    };
    collect(chain, event, (origin, depth), about)
}

/// Jobs for a message that is sent, with the server's own if anybody minds whom it does not reach.
pub(super) fn of_sent(chain: &Chain, draft: &Draft) -> Vec<NewJob> {
    let (origin, depth) = (draft.origin.as_ref(), draft.depth);
    let mut jobs = of_message(chain, EventKind::MessageSent, &draft.kind, origin, depth);
    if chain.minds_absence(&draft.kind, origin, depth) {
        jobs.push(NewJob {
            plugin: PluginName::core(),
            work: Observation::Offline,
            depth,
        });
    }
    jobs
}

/// Jobs for those whom a message did not reach.
pub(super) fn of_absence(chain: &Chain, message: &Message, depth: u32, users: &[UserId]) -> Vec<NewJob> {
    if users.is_empty() {
        return Vec::new();
    }
    let about = About {
        kind: Some(&message.kind),
        users,
        ..About::default()
    };
    collect(
        chain,
        EventKind::MessageUndelivered,
        (message.origin.as_ref(), depth),
        about,
    )
}

/// The same for what somebody does to a message that is there.
pub(super) fn of_change(chain: &Chain, event: EventKind, ctx: &Context, message: &Message) -> Vec<NewJob> {
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
    let event = if added {
        EventKind::ReactionAdded
    } else {
        EventKind::ReactionRemoved
    };
    let about = About {
        kind: Some(kind),
        users: std::slice::from_ref(user),
        emoji: Some(emoji),
        ..About::default()
    };
    collect(chain, event, ctx.origin(), about)
}

/// Jobs for an event of a conversation; storage fills in which one.
pub(super) fn of_conversation(chain: &Chain, event: EventKind, ctx: &Context, users: &[UserId]) -> Vec<NewJob> {
    let about = About {
        users,
        by: ctx.user(),
        ..About::default()
    };
    collect(chain, event, ctx.origin(), about)
}

/// Jobs for an event of a user, that is nobody else's.
pub(super) fn of_user(chain: &Chain, event: EventKind, origin: Origin<'_>, user: &UserId) -> Vec<NewJob> {
    let about = About {
        users: std::slice::from_ref(user),
        ..About::default()
    };
    collect(chain, event, origin, about)
}

/// Jobs for messages that a user hides from itself.
pub(super) fn of_hidden(chain: &Chain, ctx: &Context, user: &UserId, messages: &[MessageId]) -> Vec<NewJob> {
    let about = About {
        users: std::slice::from_ref(user),
        things: &|| messages.iter().map(ToString::to_string).collect(),
        ..About::default()
    };
    collect(chain, EventKind::MessagesHidden, ctx.origin(), about)
}

/// Jobs for a file that is kept.
pub(super) fn of_file(chain: &Chain, ctx: &Context, file: &FileId) -> Vec<NewJob> {
    let about = About {
        things: &|| vec![file.to_string()],
        ..About::default()
    };
    collect(chain, EventKind::FileUploaded, ctx.origin(), about)
}

fn collect(chain: &Chain, event: EventKind, (origin, depth): Origin<'_>, about: About<'_>) -> Vec<NewJob> {
    if chain.is_empty() {
        return Vec::new();
    }
    chain
        .observers(event, about.kind, origin, depth)
        .map(|plugin| NewJob {
            plugin: plugin.clone(),
            work: Observation::Event {
                kind: event,
                message: None,
                users: about.users.to_vec(),
                by: about.by.cloned(),
                emoji: about.emoji.map(str::to_owned),
                things: (about.things)(),
            },
            depth,
        })
        .collect()
}
