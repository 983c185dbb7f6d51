//! The hooks and the server behind them: contract types in, contract types out, nothing decided here.

use crate::config::Config;
use crate::gate::Heard;
use crate::host::{Answer, Host, Past, Room, Say, Trouble};
use crate::reply as answers;
use crate::schema;
use crate::settings::Endpoint;
use std::cell::Cell;
use switchboard_plugin::host::conversations_write::{self, Patch};
use switchboard_plugin::host::messages_send::{Delivery, Echo, submit};
use switchboard_plugin::prelude::*;

/// How long a decision is kept: longer than its call is repeated.
const DECISION_SECONDS: u32 = 86_400;
/// How long a day's counter is kept.
const COUNTER_SECONDS: u32 = 2 * 86_400;

struct LlmReply;

#[switchboard_plugin::hook]
impl About for LlmReply {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Observer for LlmReply {
    fn interests() -> Interest {
        Interest::in_kinds(["text"])
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        // What was taken back has no text.
        let Some(text) = message.text() else {
            return Ok(());
        };
        // A broken configuration is told and not tried again: that would not mend it.
        let config = match Config::parse(&config::get()) {
            Ok(config) => config,
            Err(error) => {
                error!("{error}");
                return Ok(());
            }
        };
        let heard = Heard {
            id: &message.id,
            seq: message.seq,
            conversation: &message.conversation_id,
            place: message.conversation_kind.name(),
            uid: message.sender.uid.as_deref(),
            automatic: ctx.depth > 0 || message.sender.origin.is_some(),
            mentions: &message.mentions,
            text: &text,
            at: message.created_at,
        };
        // Only what may work the next time is an error of the call.
        match answers::reply(&Live::default(), &config, &ctx.plugin, &heard) {
            Ok(()) => Ok(()),
            Err(Trouble::Final(text)) => {
                warn!("message {}: {text}", message.id);
                Ok(())
            }
            Err(Trouble::Passing(text)) => Err(text),
        }
    }
}

fn trouble(error: Error) -> Trouble {
    if error.passes() {
        Trouble::Passing(error.into())
    } else {
        Trouble::Final(error.into())
    }
}

fn past(message: Message) -> Past {
    Past {
        seq: message.seq,
        text: (message.kind == "text").then(|| message.text()).flatten(),
        uid: message.sender.uid,
        automatic: message.sender.origin.is_some(),
        kind: message.kind,
        recalled: message.recalled_at.is_some(),
        at: message.created_at,
    }
}

/// The server, and how many writes this call has made: the server keys them by their place in the call.
#[derive(Default)]
struct Live {
    writes: Cell<u32>,
}

impl Live {
    fn wrote(&self) {
        self.writes.set(self.writes.get() + 1);
    }
}

impl Host for Live {
    fn room(&self, conversation: &str, bot: &str) -> Result<Option<Room>, Trouble> {
        let view = conversations::seen_by(conversation, bot).map_err(trouble)?;
        Ok(view.map(|view| Room {
            ext: view.conversation.ext,
            last: view.last_message.map(past),
        }))
    }

    fn past(&self, conversation: &str, limit: u32) -> Result<Vec<Past>, Trouble> {
        let messages = messages::history(conversation, None, limit).map_err(trouble)?;
        Ok(messages.into_iter().map(past).collect())
    }

    fn decision(&self, message: &str) -> Result<Option<String>, Trouble> {
        let entry = kv::get(&format!("decision/{message}")).map_err(trouble)?;
        Ok(entry.map(|entry| String::from_utf8_lossy(&entry.value).into_owned()))
    }

    fn decide(&self, message: &str, decision: &str) -> Result<(), Trouble> {
        self.wrote();
        let key = format!("decision/{message}");
        kv::set(&key, decision.as_bytes(), Some(DECISION_SECONDS)).map_err(trouble)
    }

    fn count(&self, key: &str, delta: i64) -> Result<i64, Trouble> {
        self.wrote();
        kv::increment(key, delta, Some(COUNTER_SECONDS)).map_err(trouble)
    }

    fn typing(&self, conversation: &str, bot: &str, typing: bool) {
        self.wrote();
        if let Err(error) = conversations_write::typing(bot, conversation, typing) {
            debug!("typing is not shown: {}", String::from(error));
        }
    }

    fn ask(&self, endpoint: &Endpoint, body: &str) -> Result<Answer, Trouble> {
        let mut request = http::post(endpoint.completions(), body)
            .header("content-type", "application/json")
            .timeout_ms(endpoint.timeout_ms);
        if !endpoint.api_key.is_empty() {
            request = request.bearer(&endpoint.api_key);
        }
        for (name, value) in &endpoint.headers {
            request = request.header(name, value);
        }
        let response = request.send().map_err(|error| match error {
            // A customer is waiting: not that long.
            Error::Quota(_) => Trouble::Final(error.into()),
            error => trouble(error),
        })?;
        Ok(Answer {
            status: response.status,
            body: response.body,
        })
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        self.wrote();
        let mut outgoing = reply(&say.conversation, &say.text).as_user(&say.bot);
        if say.quoted {
            outgoing = outgoing.reply_to(&say.message);
        }
        let delivery = Delivery {
            // The same whatever is repeated, and unique for good.
            nonce: Some(format!("llm-reply.{}", say.message)),
            mention_all: false,
            echo: Echo::All,
        };
        submit(&outgoing, &delivery).map(drop).map_err(trouble)
    }

    fn merge(&self, conversation: &str, ext: &str) -> Result<(), Trouble> {
        self.wrote();
        let patch = Patch {
            name: None,
            cover: None,
            ext: None,
            merge: Some(ext.to_owned()),
            muted: None,
            members_invite: None,
        };
        conversations_write::update(None, conversation, &patch)
            .map(drop)
            .map_err(trouble)
    }

    fn writes(&self) -> u32 {
        self.writes.get()
    }

    fn pass(&self) -> Result<(), Trouble> {
        self.wrote();
        // Where nothing is remembered for this place, nothing is there to be deleted.
        kv::delete("nothing").map_err(trouble)
    }

    fn info(&self, text: &str) {
        info!("{text}");
    }

    fn warn(&self, text: &str) {
        warn!("{text}");
    }
}
