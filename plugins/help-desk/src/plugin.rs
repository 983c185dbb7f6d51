//! The hooks: contract types in, contract types out, nothing decided here.

use serde_json::Value;
use switchboard_plugin::hooks::endpoint::{Request as HttpRequest, Response};
use switchboard_plugin::prelude::*;

use crate::arrivals::Ask;
use crate::command::{COMMANDS, Typed, refusal};
use crate::config::{Config, Start};
use crate::console::Request;
use crate::desk::{Call, Desk, Done, Failure};
use crate::events::Message as Told;
use crate::host::Trouble;
use crate::live::{Live, kind_name};
use crate::moves::Refused;
use crate::schema;
use crate::survey::{self, KIND};

struct HelpDesk;

#[switchboard_plugin::hook]
impl About for HelpDesk {
    fn describe() -> Description {
        description!(schema::config())
    }
}

#[switchboard_plugin::hook]
impl Observer for HelpDesk {
    fn interests() -> Interest {
        Interest {
            events: vec![
                EventKind::MessageSent,
                EventKind::ConversationCreated,
                EventKind::ConversationUpdated,
                EventKind::ConversationDissolved,
                EventKind::MembersJoined,
                EventKind::MembersLeft,
            ],
            kinds: Vec::new(),
        }
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Some(config) = configuration() else { return Ok(()) };
        let desk = Desk::new(&Live, &config, call(&ctx, true));
        settle(match event {
            Event::MessageSent(message) => {
                let text = message.text();
                desk.heard(&Told {
                    conversation: &message.conversation_id,
                    room: kind_name(message.conversation_kind),
                    seq: message.seq,
                    uid: message.sender.uid.as_deref(),
                    automatic: ctx.depth > 0 || message.sender.origin.is_some(),
                    text: text.as_deref(),
                    at: message.created_at,
                })
            }
            Event::ConversationCreated(room) | Event::ConversationUpdated(room) => wanted(&desk, &room),
            Event::ConversationDissolved(room) => desk.over(&room.id),
            Event::MembersJoined(joined) => desk.come(&joined.conversation.id, &joined.uids),
            Event::MembersLeft(left) => desk.gone(&left.conversation.id, &left.uids),
            _ => Ok(()),
        })
    }
}

#[switchboard_plugin::hook]
impl Opened for HelpDesk {
    fn handle(ctx: Context, opening: Opening) -> Result<(), String> {
        let Some(config) = configuration().filter(|config| config.start == Start::Opened) else {
            return Ok(());
        };
        let desk = Desk::new(&Live, &config, call(&ctx, false));
        let room = &opening.conversation;
        let ask = Ask {
            conversation: &room.id,
            room: kind_name(room.kind),
            customer: Some(&opening.uid),
            team: None,
            reason: "",
            asked: false,
            seq: 0,
        };
        let come = || -> Done<()> {
            if !desk.is_agent(&opening.uid)? {
                desk.arrives(&ask)?;
            }
            Ok(())
        };
        settle(come())
    }
}

#[switchboard_plugin::hook]
impl Timer for HelpDesk {
    fn fire(ctx: Context, firing: Firing) -> Result<(), String> {
        let Some(config) = configuration() else { return Ok(()) };
        settle(Desk::new(&Live, &config, call(&ctx, true)).fires(&firing.name))
    }
}

#[switchboard_plugin::hook]
impl MessageType for HelpDesk {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new(KIND, schema::SURVEY)]
    }

    fn check(ctx: Context, sender: Sender, draft: Draft) -> Result<String, Refusal> {
        // An answer is the same message with another body, stored by the action of this plugin.
        if sender.origin.is_some_and(|origin| origin == ctx.plugin) && !draft.transient {
            return Ok(draft.body);
        }
        Err(Refusal::new("desk_only", "only the desk asks how it was"))
    }

    fn summarise(_kind: String, body: String) -> String {
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        match body["text"].as_str() {
            Some(text) => text.chars().take(200).collect(),
            None => "[Survey]".to_owned(),
        }
    }
}

#[switchboard_plugin::hook]
impl MessageAction for HelpDesk {
    fn act(ctx: Context, action: Action) -> Result<Outcome, Refusal> {
        let bad = |text: &str| Refusal::new("bad_body", text);
        let config = configuration().ok_or_else(|| bad("the desk is not set up"))?;
        let message = &action.message;
        let (uid, data) = (action.uid.as_deref(), &action.data);
        let (body, row) =
            survey::rate(&message.body, &message.conversation_id, uid, data, ctx.now, &config).map_err(bad)?;
        let value = serde_json::to_vec(&row).map_err(|error| bad(&error.to_string()))?;
        kv::set(&row.key(), &value, Some(config.keep_seconds())).map_err(|error| bad(&String::from(error)))?;
        Ok(Outcome {
            answer: serde_json::json!({ "score": row.score, "text": config.texts.thanks }).to_string(),
            body: Some(body.to_string()),
        })
    }
}

#[switchboard_plugin::hook]
impl Command for HelpDesk {
    fn commands() -> Vec<Definition> {
        let define = |(name, usage, summary): &(&str, &str, &str)| Definition::new(*name, *usage, *summary);
        COMMANDS.iter().map(define).collect()
    }

    fn run(ctx: Context, sender: Sender, invocation: Invocation) -> Result<CommandOutcome, Refusal> {
        let refuse = |failure: &Failure| {
            let (code, text) = refusal(failure);
            Refusal::new(code, text)
        };
        let config = configuration().ok_or_else(|| Refusal::new("desk_config", "the desk is not set up"))?;
        let not_agent = || refuse(&Refused::NotAgent.into());
        let uid = sender.uid.ok_or_else(not_agent)?;
        let desk = Desk::new(&Live, &config, call(&ctx, false));
        let typed = Typed {
            uid: &uid,
            conversation: &invocation.conversation.id,
            room: kind_name(invocation.conversation.kind),
            name: &invocation.name,
            arguments: &invocation.arguments,
        };
        let text = desk.runs(&typed).map_err(|failure| refuse(&failure))?;
        Ok(CommandOutcome::whisper(text))
    }
}

#[switchboard_plugin::hook]
impl Endpoint for HelpDesk {
    fn handle(ctx: Context, request: HttpRequest) -> Response {
        let Some(config) = configuration() else {
            return Response::json(
                503,
                r#"{"error":{"code":"desk_config","message":"The desk is not set up."}}"#,
            );
        };
        let desk = Desk::new(&Live, &config, call(&ctx, false));
        let query: Vec<(String, String)> = (request.query.iter())
            .map(|param| (param.name.clone(), param.value.clone()))
            .collect();
        let (status, body) = desk.serves(&Request {
            method: &request.method,
            path: &request.path,
            query: &query,
            key: request.header("x-desk-key"),
            body: &request.body,
            uid: request.uid.as_deref(),
        });
        Response::json(status, body.to_string()).header("cache-control", "no-store")
    }
}

/// A bot, or the tenant's own server, wants a person for a conversation: it has said so in the conversation's data.
fn wanted(desk: &Desk<'_, Live>, room: &Conversation) -> Done<()> {
    let ext: Value = serde_json::from_str(&room.ext).unwrap_or_default();
    let wanted = &ext["desk"]["wanted"];
    if wanted.is_null() {
        return desk.changed(&room.id);
    }
    let ask = Ask {
        conversation: &room.id,
        room: kind_name(room.kind),
        customer: wanted["customer"].as_str(),
        team: wanted["team"].as_str().filter(|team| desk.config.has_team(team)),
        reason: wanted["reason"].as_str().unwrap_or_default(),
        asked: true,
        seq: 0,
    };
    desk.arrives(&ask).map(drop)
}

fn call(ctx: &Context, again: bool) -> Call {
    Call { now: ctx.now, again }
}

/// The configuration; a broken one is told and stands for none, for calling again would not mend it.
fn configuration() -> Option<Config> {
    Config::parse(&config::get())
        .inspect_err(|error| error!("{error}"))
        .ok()
}

/// Only what may work the next time is an error of the call.
fn settle(done: Done<()>) -> Result<(), String> {
    match done {
        Ok(()) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Trouble(Trouble::Final(text))) => {
            warn!("{text}");
            Ok(())
        }
        Err(Failure::Trouble(Trouble::Passing(text))) => Err(text),
    }
}
