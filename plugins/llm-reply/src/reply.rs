//! From a customer's message to one answer: look, decide, keep the decision, carry it out.
//!
//! A call that is made again finds its decision and only carries out what is left of it: the answer has a nonce of its own,
//! and that a human was called is noted. The server keys the writes of a call by their order, so a repeated call first
//! passes over as many as were made before the decision.

use crate::budget::{self, Reserved, estimate};
use crate::completion::{self, Completion};
use crate::config::Config;
use crate::cut::cut;
use crate::gate::{self, Heard};
use crate::host::{Host, Past, Room, Say, Trouble};
use crate::judge::{Verdict, judge};
use crate::prompt;
use crate::settings::Reason;
use crate::words;
use serde::{Deserialize, Serialize};
use serde_json::json;
use switchboard_plugin::desk::Desk;

/// Further messages that are looked at beside those the model is told, because some do not count.
const MARGIN: u32 = 20;
/// What a message costs beside its words.
const TOKENS_PER_LINE: i64 = 5;

/// What was decided about a message, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Decision {
    /// What to say; empty: nothing.
    say: String,
    /// Why a human is called, if one is.
    handoff: Option<Reason>,
    /// How many writes of the call were made, this one included.
    #[serde(default)]
    writes: u32,
    /// Whether nothing is left to do.
    #[serde(default)]
    done: bool,
}

impl Decision {
    fn to_say(say: String, handoff: Option<Reason>) -> Self {
        Self {
            say,
            handoff,
            writes: 0,
            done: false,
        }
    }
}

/// Answers a message, if it is one that the bot answers. `plugin` is the name under which it is installed.
pub fn reply(host: &impl Host, config: &Config, plugin: &str, heard: &Heard<'_>) -> Result<(), Trouble> {
    let Some(customer) = gate::customer(config, heard) else {
        return Ok(());
    };
    let kept = host.decision(heard.id)?;
    let decision: Decision = match kept.and_then(|text| serde_json::from_str(&text).ok()) {
        Some(decision) => decision,
        None => match decide(host, config, heard, customer)? {
            Some(decision) => keep(host, config, heard, decision)?,
            None => return Ok(()),
        },
    };
    if decision.done {
        return Ok(());
    }
    while host.writes() < decision.writes {
        host.pass()?;
    }
    carry_out(host, config, plugin, heard, decision)
}

/// Keeps a decision before it is done. What cannot be kept might be decided otherwise by a repeated call: then a human
/// decides.
fn keep(host: &impl Host, config: &Config, heard: &Heard<'_>, mut decision: Decision) -> Result<Decision, Trouble> {
    decision.writes = host.writes() + 1;
    match host.decide(heard.id, &json!(decision).to_string()) {
        Ok(()) => Ok(decision),
        Err(Trouble::Final(text)) => {
            host.warn(&format!("message {}: no answer, it cannot be kept: {text}", heard.id));
            let room = host.room(heard.conversation, &config.bot)?.unwrap_or_default();
            Ok(Decision {
                writes: decision.writes,
                ..hand_off(config, &Desk::read(&room.ext), Reason::Failed)
            })
        }
        Err(passing) => Err(passing),
    }
}

/// First what the customer hears, then the human: a call that ends in between goes on from there.
fn carry_out(
    host: &impl Host,
    config: &Config,
    plugin: &str,
    heard: &Heard<'_>,
    decision: Decision,
) -> Result<(), Trouble> {
    if !decision.say.is_empty() {
        let said = host.say(&Say {
            conversation: heard.conversation.to_owned(),
            bot: config.bot.clone(),
            text: decision.say.clone(),
            message: heard.id.to_owned(),
            quoted: heard.in_a_group(),
        });
        match said {
            // The customer may have blocked the bot; a human is called all the same.
            Err(Trouble::Final(text)) => host.warn(&format!("message {}: not said, {text}", heard.id)),
            other => other?,
        }
    }
    if let Some(reason) = decision.handoff {
        call_human(host, config, plugin, heard, reason)?;
    }
    // The desk may give the conversation back: then this is not to be done again. What was said needs no room any more.
    let done = Decision {
        say: String::new(),
        done: true,
        ..decision
    };
    match host.decide(heard.id, &json!(done).to_string()) {
        Err(Trouble::Final(_)) => Ok(()),
        kept => kept,
    }
}

fn call_human(
    host: &impl Host,
    config: &Config,
    plugin: &str,
    heard: &Heard<'_>,
    reason: Reason,
) -> Result<(), Trouble> {
    // As it is now: the desk may have taken over since an earlier call.
    let room = host.room(heard.conversation, &config.bot)?;
    let desk = room.map(|room| Desk::read(&room.ext)).unwrap_or_default();
    let called = gate::calls(config, &desk) && !gate::is_leaving(config, &desk);
    if called {
        let wanted = json!({ "reason": reason.name(), "from": plugin, "customer": heard.uid });
        let wanted = json!({ "desk": { "wanted": wanted } });
        host.merge(heard.conversation, &wanted.to_string())?;
    }
    Ok(())
}

/// What to do about a message; none if a human does.
fn decide(host: &impl Host, config: &Config, heard: &Heard<'_>, customer: &str) -> Result<Option<Decision>, Trouble> {
    let Some(room) = host.room(heard.conversation, &config.bot)? else {
        return Ok(None);
    };
    let desk = Desk::read(&room.ext);
    if !gate::may_speak(config, heard, &desk) {
        return Ok(None);
    }
    let limit = config.context.messages.saturating_add(MARGIN).min(100);
    let past = host.past(heard.conversation, limit)?;
    if desk.by.is_none() && gate::human_is_there(config, heard, customer, &past) {
        return Ok(None);
    }
    if words::has_any(heard.text, &config.handoff.words) {
        return Ok(Some(hand_off(config, &desk, Reason::Asked)));
    }
    let lines = prompt::build(config, heard, customer, &desk, &past);
    let prompt = lines.iter().map(|line| estimate(&line.content) + TOKENS_PER_LINE).sum();
    let most = prompt + i64::from(config.endpoint.max_tokens);
    let reserved = match budget::reserve(host, &config.budget, heard.conversation, heard.at, most) {
        Ok(Some(reserved)) => reserved,
        Ok(None) => {
            host.warn("no answer: the tokens of the day are used up");
            return Ok(Some(hand_off(config, &desk, Reason::Budget)));
        }
        Err(Trouble::Final(text)) => {
            host.warn(&format!("no answer, its tokens cannot be counted: {text}"));
            return Ok(Some(hand_off(config, &desk, Reason::Failed)));
        }
        Err(passing) => return Err(passing),
    };
    host.typing(heard.conversation, &config.bot, true);
    let said = ask(
        host,
        config,
        &completion::request(config, &lines),
        Cost { prompt, most },
    );
    let decision = match settle(host, config, heard, reserved, said)? {
        Ok(say) => Decision::to_say(say, None),
        Err(reason) => hand_off(config, &desk, reason),
    };
    if decision.say.is_empty() {
        host.typing(heard.conversation, &config.bot, false);
    }
    // The model takes its time: somebody may have come meanwhile.
    let meanwhile = host.room(heard.conversation, &config.bot)?;
    let free = meanwhile.is_some_and(|room| is_free(config, heard, customer, &room));
    Ok(free.then_some(decision))
}

fn is_free(config: &Config, heard: &Heard<'_>, customer: &str, room: &Room) -> bool {
    let answered = |last: &Past| last.seq > heard.seq && gate::is_humans_answer(config, heard, customer, last);
    let desk = Desk::read(&room.ext);
    match desk.by {
        _ if gate::is_leaving(config, &desk) => false,
        Some(_) => true,
        None => config.conversations.quiet_minutes == 0 || !room.last.as_ref().is_some_and(answered),
    }
}

fn hand_off(config: &Config, desk: &Desk, reason: Reason) -> Decision {
    let text = config.handoff.text_for(reason, gate::calls(config, desk));
    Decision::to_say(text.to_owned(), Some(reason))
}

/// What an answer may cost, guessed beforehand.
#[derive(Debug, Clone, Copy)]
struct Cost {
    prompt: i64,
    most: i64,
}

/// What became of asking the model, and what it has cost.
struct Said {
    outcome: Result<Completion, String>,
    tokens: i64,
    tries: u32,
}

/// Asks until there is an answer, as often as that may help.
fn ask(host: &impl Host, config: &Config, body: &str, cost: Cost) -> Said {
    let endpoint = &config.endpoint;
    let (mut tokens, mut tries, mut error) = (0, 0, String::new());
    while tries < endpoint.tries() {
        tries += 1;
        error = match host.ask(endpoint, body) {
            Ok(answer) if (200..300).contains(&answer.status) => {
                let outcome = completion::read(&answer.body);
                let told = outcome.as_ref().ok();
                let used = told.and_then(|told| told.tokens);
                tokens += used.unwrap_or_else(|| told.map_or(cost.most, |told| cost.prompt + estimate(&told.content)));
                return Said { outcome, tokens, tries };
            }
            Ok(answer) => {
                let text = cut(&String::from_utf8_lossy(&answer.body), 200);
                let error = format!("the endpoint answered {}: {text}", answer.status);
                if !may_help(answer.status) {
                    let outcome = Err(error);
                    return Said { outcome, tokens, tries };
                }
                error
            }
            // It may have worked on it all the same.
            Err(Trouble::Passing(text)) => {
                tokens += cost.most;
                text
            }
            Err(Trouble::Final(text)) => {
                let outcome = Err(text);
                return Said { outcome, tokens, tries };
            }
        };
    }
    let outcome = Err(error);
    Said { outcome, tokens, tries }
}

/// Whether asking again may be answered otherwise.
fn may_help(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Counts what was used, and decides by what was said: what to say, or why a human is called.
fn settle(
    host: &impl Host,
    config: &Config,
    heard: &Heard<'_>,
    reserved: Reserved,
    said: Said,
) -> Result<Result<String, Reason>, Trouble> {
    match reserved.settle(host, said.tokens) {
        // Too many are counted, until the day is over.
        Err(Trouble::Final(text)) => host.warn(&format!("tokens are not counted: {text}")),
        other => other?,
    }
    let verdict = match said.outcome {
        Ok(completion) => judge(config, &completion),
        Err(error) => Verdict::HandOff(Reason::Failed, error),
    };
    let (id, tokens, tries) = (heard.id, said.tokens, said.tries);
    Ok(match verdict {
        Verdict::Say(say) => {
            host.info(&format!("message {id}: answered, {tokens} tokens, tries: {tries}"));
            Ok(say)
        }
        Verdict::HandOff(reason, why) => {
            host.warn(&format!(
                "message {id}: no answer, {why}; {tokens} tokens, tries: {tries}"
            ));
            Err(reason)
        }
    })
}

#[cfg(test)]
mod tests;
