//! The hooks: each turns what it is told into a case of this plugin's own and lets it be decided.

use switchboard_plugin::hooks::{Timer, timer::Firing};
use switchboard_plugin::prelude::*;

use crate::answer::{Heard, hear};
use crate::config::Config;
use crate::greeting::{self, greet};
use crate::host::{Call, Trouble};
use crate::hours::Hours;
use crate::idle;
use crate::joined::{Joining, welcome};
use crate::live::Live;
use crate::schema;

struct AutoReply;

#[switchboard_plugin::hook]
impl About for AutoReply {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Opened for AutoReply {
    fn handle(ctx: Context, opening: Opening) -> Result<(), String> {
        let opened = greeting::Opening {
            conversation: &opening.conversation.id,
            pair: can_be_two(opening.conversation.kind),
            opener: &opening.uid,
            peer: opening.peer.as_deref(),
        };
        configured(&ctx, |host, settings, call| greet(host, settings, call, &opened))
    }
}

#[switchboard_plugin::hook]
impl Observer for AutoReply {
    fn interests() -> Interest {
        Interest {
            events: vec![EventKind::MessageSent, EventKind::MembersJoined],
            kinds: Vec::new(),
        }
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        match event {
            Event::MessageSent(message) => heard(&ctx, &message),
            Event::MembersJoined(joined) => {
                let joining = Joining {
                    conversation: &joined.conversation.id,
                    pair: can_be_two(joined.conversation.kind),
                    uids: &joined.uids,
                };
                configured(&ctx, |host, settings, call| welcome(host, settings, call, &joining))
            }
            _ => Ok(()),
        }
    }
}

#[switchboard_plugin::hook]
impl Timer for AutoReply {
    fn fire(ctx: Context, firing: Firing) -> Result<(), String> {
        match serde_json::from_str(&firing.payload) {
            Ok(waiting) => configured(&ctx, |host, settings, call| idle::fire(host, settings, call, &waiting)),
            Err(error) => {
                warn!("timer {}: {error}", firing.name);
                Ok(())
            }
        }
    }
}

fn heard(ctx: &Context, message: &Message) -> Result<(), String> {
    let text = if message.kind == "text" { message.text() } else { None };
    let heard = Heard {
        id: &message.id,
        seq: message.seq,
        conversation: &message.conversation_id,
        pair: can_be_two(message.conversation_kind),
        uid: message.sender.uid.as_deref(),
        automatic: ctx.depth > 0 || message.sender.origin.is_some(),
        kind: &message.kind,
        text: text.as_deref(),
        at: message.created_at,
    };
    configured(ctx, |host, settings, call| hear(host, settings, call, &heard))
}

fn can_be_two(kind: ConversationKind) -> bool {
    matches!(kind, ConversationKind::Direct | ConversationKind::Temporary)
}

type Settings<'a> = (&'a Config, Option<&'a Hours<'a>>);

/// Reads the configuration and lets something be done with it. A broken one is told and stands for none, for calling
/// again would not mend it; so do hours that cannot be read. Only what may work the next time is an error of the call.
fn configured(
    ctx: &Context,
    work: impl FnOnce(&Live, Settings<'_>, Call<'_>) -> Result<(), Trouble>,
) -> Result<(), String> {
    let config = match Config::parse(&config::get()) {
        Ok(config) => config,
        Err(error) => {
            error!("{error}");
            return Ok(());
        }
    };
    let hours = config.hours.as_ref().and_then(|hours| {
        let read = Hours::read(hours);
        read.inspect_err(|error| error!("configuration: hours: {error}; they are left out"))
            .ok()
    });
    let host = Live {
        name: ctx.plugin.clone(),
    };
    let call = Call {
        id: &ctx.call_id,
        now: ctx.now,
    };
    match work(&host, (&config, hours.as_ref()), call) {
        Ok(()) => Ok(()),
        Err(Trouble::Final(text)) => {
            warn!("not done: {text}");
            Ok(())
        }
        Err(Trouble::Passing(text)) => Err(text),
    }
}
