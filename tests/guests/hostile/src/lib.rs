//! Attacks its host. The configuration says how (`mode`) and in which hook (`at`): `misdeeds` end a call, `excess` is what
//! a quota stops, `bots` answer each other without end, `spy` tries another app's ids. Outside of that hook it does what
//! it should. Hooks without which nothing passes are those of `hostile-closed`. A text `arm` sets a timer, so that the timer's hook has something to do.

mod bots;
mod excess;
mod misdeeds;
mod outcome;
mod spy;
mod wish;

use switchboard_plugin::hooks::endpoint::{Request, Response};
use switchboard_plugin::host::timers;
use switchboard_plugin::prelude::*;
use wish::Wish;

struct Hostile;

/// Does what is to be done in a hook; the words of an answer that is too long, if that is it.
fn attack(hook: &str) -> Option<String> {
    let wish = Wish::at(hook)?;
    if excess::exceed(&wish.mode) {
        return None;
    }
    misdeeds::commit(wish)
}

#[switchboard_plugin::hook]
impl Policy for Hostile {
    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        if let Attempt::Send(draft) = &attempt {
            bots::judge(draft);
        }
        attack("policy").map_or(Verdict::Allow, |bulk| Verdict::change(text_body(&bulk)))
    }
}

#[switchboard_plugin::hook]
impl Command for Hostile {
    fn commands() -> Vec<Definition> {
        vec![Definition::new("attack", "", "Does what the configuration says")]
    }

    fn run(_ctx: Context, _sender: Sender, _invocation: Invocation) -> Result<CommandOutcome, Refusal> {
        Ok(CommandOutcome::whisper(attack("command").unwrap_or_default()))
    }
}

#[switchboard_plugin::hook]
impl Endpoint for Hostile {
    fn handle(_ctx: Context, _request: Request) -> Response {
        spy::pry(true);
        Response::text(200, attack("endpoint").unwrap_or_default())
    }
}

#[switchboard_plugin::hook]
impl Opened for Hostile {
    fn handle(_ctx: Context, _opening: switchboard_plugin::hooks::opened::Opening) -> Result<(), String> {
        attack("opened").map_or(Ok(()), Err)
    }
}

#[switchboard_plugin::hook]
impl Observer for Hostile {
    fn interests() -> Interest {
        Interest::of([EventKind::MessageSent, EventKind::MessageEdited])
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        if let Event::MessageSent(message) = &event
            && message.text().as_deref() == Some("arm")
        {
            let once = timers::Schedule {
                first_at: 0,
                every: None,
                runs: None,
            };
            timers::set(&ctx.call_id, once, "{}")?;
        }
        bots::hear(&ctx, &event)?;
        spy::pry(false);
        attack("observer").map_or(Ok(()), Err)
    }
}

#[switchboard_plugin::hook]
impl Timer for Hostile {
    fn fire(_ctx: Context, firing: Firing) -> Result<(), String> {
        bots::fire(&firing)?;
        attack("timer").map_or(Ok(()), Err)
    }
}
