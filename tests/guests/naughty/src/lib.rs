//! Misbehaves on command. The text of a message is `HOOK WORD`: as a policy it obeys `policy WORD`, as an observer
//! `observer WORD`, and as the owner of the kind `naughty` it obeys `type WORD`; it leaves other texts alone.
//!
//! Words for every hook are in `misdeeds`; the two that judge also know `refuse`, `refuse-long`, `change`, `nonsense`
//! (a body that is no JSON) and `huge` (a body of 8 MiB); the observer knows `fail`. `policy write-refuse` writes and
//! then refuses.

mod misdeeds;

use switchboard_plugin::prelude::*;

struct Naughty;

/// The word for this hook, after doing what it says.
fn obey(hook: &str, text: Option<String>, conversation_id: &str) -> Result<String, Error> {
    let text = text.unwrap_or_default();
    let Some(word) = text.strip_prefix(hook).and_then(|rest| rest.strip_prefix(' ')) else {
        return Ok(String::new());
    };
    misdeeds::commit(word.strip_suffix("-refuse").unwrap_or(word), conversation_id)?;
    Ok(word.to_owned())
}

/// The body to go on with, if not the one given.
fn judge(hook: &str, draft: &Draft) -> Result<Option<String>, Refusal> {
    let word = obey(hook, draft.text(), &draft.conversation_id);
    match word.map_err(|error| Refusal::new("write_failed", error))?.as_str() {
        "refuse" | "write-refuse" => Err(Refusal::new("naughty", "Refused, as told.")),
        "refuse-long" => Err(Refusal::new("naughty", "x".repeat(8 << 20))),
        "change" => Ok(Some(text_body("changed"))),
        "nonsense" => Ok(Some("{not json".to_owned())),
        "huge" => Ok(Some(text_body(&"x".repeat(8 << 20)))),
        _ => Ok(None),
    }
}

#[switchboard_plugin::hook]
impl MessageType for Naughty {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new("naughty", r#"{"type":"object","required":["text"]}"#)]
    }

    fn check(_ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        Ok(judge("type", &draft)?.unwrap_or(draft.body))
    }
}

#[switchboard_plugin::hook]
impl Policy for Naughty {
    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        let Attempt::Send(draft) = attempt else {
            return Verdict::Allow;
        };
        judge("policy", &draft).map_or_else(Verdict::Refuse, |body| body.map_or(Verdict::Allow, Verdict::change))
    }
}

#[switchboard_plugin::hook]
impl Observer for Naughty {
    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let word = obey("observer", message.text(), &message.conversation_id)?;
        if word == "fail" {
            Err("failed, as told".to_owned())
        } else {
            Ok(())
        }
    }
}
