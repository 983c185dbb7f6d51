//! The commands: one for each outcome, and some that go wrong.

use switchboard_plugin::prelude::*;

use crate::{Config, Switchman};

#[switchboard_plugin::hook]
impl Command for Switchman {
    fn commands() -> Vec<Definition> {
        vec![
            Definition::new("whisper", "<text>", "Tells only you"),
            Definition::new("say", "<text>", "Says it for you"),
            Definition::new("sing", "<kind> <body>", "Says a body of a kind for you"),
            Definition::new("silent", "", "Does nothing"),
            Definition::new("refuse", "", "Says no"),
            Definition::new("desk", "", "For those in charge").only([Role::Owner, Role::Admin]),
            Definition::new("count", "", "Counts"),
            Definition::new("stumble", "", "Counts, and fails the first time"),
            Definition::new("post", "<text>", "Posts as the plugin"),
            Definition::new("mirror", "[anything]", "Shows what it was given"),
            Definition::new("long", "", "Whispers too much"),
            Definition::new("odd", "", "Says what is no body"),
            Definition::new("trap", "", "Fails"),
            Definition::new("loop", "", "Never ends"),
        ]
    }

    fn run(ctx: Context, sender: Sender, invocation: Invocation) -> Result<CommandOutcome, Refusal> {
        let arguments = invocation.arguments.as_str();
        Ok(match invocation.name.as_str() {
            "whisper" => CommandOutcome::whisper(format!("{}{arguments}", configured().prefix)),
            "say" => CommandOutcome::say_text(arguments),
            "sing" => {
                let (kind, body) = arguments.split_once(' ').unwrap_or((arguments, "{}"));
                CommandOutcome::say(kind, body)
            }
            "silent" => CommandOutcome::Silent,
            "refuse" => return Err(Refusal::new("not_today", "Not today.")),
            "desk" => CommandOutcome::whisper("welcome"),
            "count" => match kv::increment("count", 1, None) {
                Ok(count) => CommandOutcome::whisper(count.to_string()),
                Err(error) => return Err(Refusal::new("no_count", String::from(error))),
            },
            "stumble" => stumble()?,
            "post" => match reply(&invocation.conversation.id, arguments).send() {
                Ok(Sent::Stored(id)) => CommandOutcome::whisper(id),
                Ok(Sent::Queued) => CommandOutcome::whisper("queued"),
                Err(error) => return Err(Refusal::new("no_post", String::from(error))),
            },
            "mirror" => CommandOutcome::whisper(mirror(&ctx, &sender, &invocation)),
            "long" => CommandOutcome::whisper("x".repeat(4_001)),
            "odd" => CommandOutcome::say("text", "[]"),
            "loop" => loop {
                std::hint::black_box(());
            },
            other => panic!("the command {other} fails on purpose"),
        })
    }

    fn complete(_ctx: Context, sender: Sender, completion: Completion) -> Vec<Suggestion> {
        match completion.name.as_str() {
            "trap" => panic!("fails on purpose"),
            // What it writes is refused.
            "count" => vec![Suggestion::new("0", format!("{:?}", kv::increment("count", 1, None)))],
            "long" => (0..60).map(|n| Suggestion::new(n.to_string(), "")).collect(),
            _ => {
                let of = sender.uid.unwrap_or_default();
                let all = configured().suggestions.into_iter();
                all.filter(|value| value.starts_with(&completion.arguments))
                    .map(|value| Suggestion::new(value, format!("for {of}")))
                    .collect()
            }
        }
    }
}

/// Counts, and falls over afterwards unless it has done so before.
fn stumble() -> Result<CommandOutcome, Refusal> {
    let told = |error| Refusal::new("no_count", String::from(error));
    let count = kv::increment("count", 1, None).map_err(told)?;
    if kv::get("stumbled").map_err(told)?.is_none() {
        kv::set("stumbled", b"once", None).map_err(told)?;
        panic!("the first time fails on purpose");
    }
    Ok(CommandOutcome::whisper(count.to_string()))
}

fn configured() -> Config {
    config::read().unwrap_or_default()
}

fn mirror(ctx: &Context, sender: &Sender, invocation: &Invocation) -> String {
    let Invocation {
        conversation,
        name,
        arguments,
        reply_to,
        mentions,
    } = invocation;
    serde_json::json!({
        "app": ctx.app_id, "plugin": ctx.plugin, "depth": ctx.depth, "call": ctx.call_id,
        "uid": sender.uid, "role": sender.role.map(|role| format!("{role:?}")), "origin": sender.origin,
        "conversation": conversation.id, "kind": format!("{:?}", conversation.kind),
        "members": conversation.member_count, "seq": conversation.last_seq,
        "name": name, "arguments": arguments, "reply_to": reply_to, "mentions": mentions,
    })
    .to_string()
}
