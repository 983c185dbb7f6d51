//! Hears of everything and says in its log what it has heard, in the conversation `log` of its configuration as well. A
//! text `edit me` it edits, which it must not hear of; a text `fail once` makes its first call fail, and `spend push`,
//! `say` or `post` as well, after a write of which there may be none left and one that counts.

use serde::Deserialize;
use switchboard_plugin::host::{messages_edit, webhooks};
use switchboard_plugin::prelude::*;

struct Witness;

#[derive(Default, Deserialize)]
struct Config {
    #[serde(default)]
    log: Option<String>,
}

#[switchboard_plugin::hook]
impl Observer for Witness {
    fn interests() -> Interest {
        Interest::all()
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let said = told(&event);
        if let Some(log) = config::read::<Config>().unwrap_or_default().log {
            reply(&log, said.clone()).send()?;
        }
        if let Event::MessageSent(message) = &event {
            match message.text().as_deref() {
                Some("edit me") => messages_edit::edit(None, &message.id, &text_body("edited"))?,
                Some("fail once") => fail_once(&ctx)?,
                Some(text) => {
                    if let Some(what) = text.strip_prefix("spend ") {
                        let _ = spend(what, message);
                        let count = kv::increment(&format!("spent/{what}"), 1, None)?;
                        info!("spent {what} {count}");
                        fail_once(&ctx)?;
                    }
                }
                None => {}
            }
        }
        info!("{said}");
        Ok(())
    }
}

fn fail_once(ctx: &Context) -> Result<(), String> {
    let marker = format!("tried/{}", ctx.call_id);
    if kv::get(&marker)?.is_some() {
        return Ok(());
    }
    kv::set(&marker, b"1", Some(3600))?;
    Err("failed once, as told".to_owned())
}

fn spend(what: &str, message: &Message) -> Result<(), String> {
    match what {
        "push" => connections::push(message.sender.uid.as_deref().unwrap_or_default(), "spent", "{}")?,
        "say" => drop(reply(&message.conversation_id, "spent").send()?),
        "post" => {
            let webhook = webhooks::Webhook {
                url: "https://example.invalid/".to_owned(),
                headers: Vec::new(),
                body: "{}".to_owned(),
                order_key: None,
            };
            webhooks::post(&webhook)?;
        }
        other => return Err(format!("no way to spend `{other}`")),
    }
    Ok(())
}

fn told(event: &Event) -> String {
    let text = |message: &Message| message.text().unwrap_or_default();
    match event {
        Event::MessageSent(message) => format!("message-sent {}", text(message)),
        Event::MessageEdited(message) => format!("message-edited {}", text(message)),
        Event::MessageRecalled(message) => format!("message-recalled {}", message.seq),
        Event::ReactionAdded(reaction) => format!("reaction-added {} {}", reaction.uid, reaction.emoji),
        Event::ReactionRemoved(reaction) => format!("reaction-removed {} {}", reaction.uid, reaction.emoji),
        Event::ConversationCreated(of) => format!("conversation-created {}", of.name),
        Event::ConversationUpdated(of) => format!("conversation-updated {}", of.name),
        Event::ConversationDissolved(of) => format!("conversation-dissolved {}", of.name),
        Event::MembersJoined(moved) => format!("members-joined {}", moved.uids.join(",")),
        Event::MembersLeft(moved) => format!("members-left {}", moved.uids.join(",")),
        Event::MessagesHidden(hidden) => format!("messages-hidden {} {}", hidden.uid, hidden.message_ids.len()),
        Event::Marked(marking) => format!(
            "marked {} {}/{} of {}",
            marking.mark.uid, marking.mark.delivered_seq, marking.mark.read_seq, marking.conversation.last_seq
        ),
        Event::MemberUpdated(change) => format!(
            "member-updated {} {:?} by {}",
            change.member.uid,
            change.member.role,
            change.by.as_deref().unwrap_or("the app")
        ),
        Event::Announced(of) => format!("announced {}", of.notice.as_ref().map_or("", |notice| &notice.text)),
        Event::UserUpdated(user) => format!("user-updated {} {}", user.uid, user.nickname),
        Event::UserOnline(uid) => format!("user-online {uid}"),
        Event::UserOffline(uid) => format!("user-offline {uid}"),
        Event::FileUploaded(file) => format!(
            "file-uploaded {} {} {}",
            file.name,
            file.size,
            file.owner.as_deref().unwrap_or("nobody")
        ),
        Event::MessageUndelivered(missed) => {
            format!(
                "message-undelivered {}: {}",
                text(&missed.message),
                missed.uids.join(",")
            )
        }
    }
}
