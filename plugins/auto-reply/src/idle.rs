//! Waiting: what is done when a customer has had no answer for a while.
//!
//! A wait begins with a customer's message that follows on a human's answer, or on nothing for longer than the longest
//! rule of waiting. That message sets the wait's one timer. The timer looks at the past when it fires, so nothing has to be
//! cancelled or replaced when somebody answers, and no run that is under way is lost; and it sets itself for the next rule.

use serde::{Deserialize, Serialize};

use crate::act;
use crate::answer::Heard;
use crate::config::{Config, Rule};
use crate::host::{Call, Host, PAST, Past, Trouble};
use crate::hours::Hours;
use crate::plan::{Decision, Step, once};
use crate::scene::Scene;
use crate::talk::Talk;
use crate::voice::{Voice, is_answer, voice};

/// What the timer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where.
    pub conversation: String,
    /// Whether it can be one of two.
    pub pair: bool,
    /// Who waits.
    pub customer: String,
    /// The place of the message the wait began with.
    pub since: u64,
    /// When that was, in milliseconds.
    pub since_at: u64,
    /// How many rules of waiting have had their turn.
    pub done: usize,
}

/// Sets the timer if a message begins a wait.
pub fn listen(host: &impl Host, config: &Config, heard: &Heard<'_>) -> Result<(), Trouble> {
    let waits = config.waits();
    let (Some(customer), false) = (heard.customer(config), waits.is_empty()) else {
        return Ok(());
    };
    let Some(voice) = voice(host, config, heard.conversation, heard.pair, customer)? else {
        return Ok(());
    };
    let before = host.past(heard.conversation, Some(heard.seq))?;
    let unanswered = before
        .iter()
        .take_while(|past| !is_answer(config, past, customer, &voice));
    let last = unanswered.into_iter().find(|past| is_by(past, customer));
    if last.is_some_and(|last| heard.at.saturating_sub(last.at) <= longest(&waits)) {
        return Ok(());
    }
    let waiting = Waiting {
        conversation: heard.conversation.to_owned(),
        pair: heard.pair,
        customer: customer.to_owned(),
        since: heard.seq,
        since_at: heard.at,
        done: 0,
    };
    match next(&waits, &waiting)? {
        Some(Step::Arm { name, at, payload }) => host.arm(&name, at, &payload),
        _ => Ok(()),
    }
}

/// Does what is due, and sets the timer for what is not.
pub fn fire(
    host: &impl Host,
    (config, hours): (&Config, Option<&Hours<'_>>),
    call: Call<'_>,
    waiting: &Waiting,
) -> Result<(), Trouble> {
    if config.waits().is_empty() || config.is_agent(&waiting.customer) {
        return Ok(());
    }
    once(
        host,
        &waiting.conversation,
        call,
        |talk| talk.fired.entry(waiting.since).or_default(),
        |talk| {
            let voice = voice(host, config, &waiting.conversation, waiting.pair, &waiting.customer)?;
            let Some(voice) = voice else { return Ok(None) };
            let who = (waiting.customer.as_str(), voice);
            let scene = Scene::new(host, (config, hours), &waiting.conversation, who, call.now);
            decide(&scene, talk, waiting)
        },
    )
}

fn decide<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, waiting: &Waiting) -> Result<Decision, Trouble> {
    let waits = scene.config.waits();
    let (past, longest) = (scene.past()?, longest(&waits));
    let Some((start, certain)) = begin(scene.config, past, &waiting.customer, &scene.voice, longest) else {
        return Ok(None);
    };
    if certain && start.seq != waiting.since {
        // Another wait has begun meanwhile; its message sets a timer of its own.
        return Ok(None);
    }
    let passed = waits.iter().take_while(|rule| due(rule, waiting) <= scene.at).count();
    let mut steps = Vec::new();
    if passed > waiting.done && !scene.desk_has_human()? {
        let turn = waits[waiting.done..passed].iter().copied();
        steps = act::try_rules(scene, talk, turn)?.steps;
    }
    let rest = Waiting {
        done: passed.max(waiting.done),
        ..waiting.clone()
    };
    steps.extend(next(&waits, &rest)?);
    Ok(Some(steps))
}

/// The message a wait that goes on began with, and whether it is certain that it did not begin before what is looked at.
fn begin<'p>(
    config: &Config,
    past: &'p [Past],
    customer: &str,
    voice: &Voice,
    longest: u64,
) -> Option<(&'p Past, bool)> {
    let mut start: Option<&Past> = None;
    let mut certain = past.len() < PAST;
    for one in past {
        let pause = start.is_some_and(|start| is_by(one, customer) && start.at.saturating_sub(one.at) > longest);
        if pause || is_answer(config, one, customer, voice) {
            certain = true;
            break;
        }
        if is_by(one, customer) {
            start = Some(one);
        }
    }
    start.map(|start| (start, certain))
}

fn is_by(past: &Past, customer: &str) -> bool {
    past.uid.as_deref() == Some(customer) && !past.automatic
}

/// The longest wait, in milliseconds.
fn longest(waits: &[&Rule]) -> u64 {
    waits.last().map_or(0, |rule| u64::from(rule.idle_seconds) * 1000)
}

fn due(rule: &Rule, waiting: &Waiting) -> u64 {
    waiting.since_at.saturating_add(u64::from(rule.idle_seconds) * 1000)
}

/// Sets the timer for the next rule, if there is one.
fn next(waits: &[&Rule], waiting: &Waiting) -> Result<Option<Step>, Trouble> {
    let Some(rule) = waits.get(waiting.done) else {
        return Ok(None);
    };
    Ok(Some(Step::Arm {
        name: format!("idle/{}/{}", waiting.conversation, waiting.since),
        at: due(rule, waiting),
        payload: serde_json::to_value(waiting).map_err(|error| Trouble::Final(error.to_string()))?,
    }))
}

#[cfg(test)]
mod tests;
