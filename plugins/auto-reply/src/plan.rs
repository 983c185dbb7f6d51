//! What a call sets out to do, and doing it once.
//!
//! First the record with the plan, then its steps in their order. The server names each write by its call and place, so a
//! call that is made again repeats the same writes and none has a second effect.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_plugin::desk::Desk;

use crate::host::{Call, Host, Say, Trouble};
use crate::talk::Talk;

/// How often a record is written anew because somebody was faster. Only timers, openings and events of one conversation
/// meet here.
const RACES: usize = 20;

/// What a call sets out to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Which call.
    call: String,
    /// When, in milliseconds.
    at: u64,
    /// Whether all of it is done; only openings are asked.
    #[serde(default)]
    done: bool,
    steps: Vec<Step>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Says something.
    Say(Say),
    /// Merges into the conversation's ext.
    Merge(Value),
    /// Asks for a human.
    HandOff {
        /// Why.
        reason: String,
    },
    /// Sets the conversation's timer.
    Arm {
        /// Its name.
        name: String,
        /// When.
        at: u64,
        /// What it is told.
        payload: Value,
    },
}

/// What is decided: nothing, or what to do after the record is written.
pub type Decision = Option<Vec<Step>>;

/// Decides and does what a call of durable work does. `slot` is where plans of its kind are kept.
pub fn once(
    host: &impl Host,
    conversation: &str,
    call: Call<'_>,
    slot: impl Fn(&mut Talk) -> &mut Option<Plan>,
    decide: impl Fn(&mut Talk) -> Result<Decision, Trouble>,
) -> Result<(), Trouble> {
    for _ in 0..RACES {
        let (mut talk, version) = Talk::load(host, conversation, call.now)?;
        let mine = slot(&mut talk).clone().filter(|plan| plan.call == call.id);
        let again = mine.is_some();
        let plan = match mine {
            Some(plan) => plan,
            None => match decide(&mut talk)? {
                Some(steps) => Plan {
                    call: call.id.to_owned(),
                    at: call.now,
                    done: false,
                    steps,
                },
                None => return Ok(()),
            },
        };
        *slot(&mut talk) = Some(plan.clone());
        // The same plan is written again when a call is repeated: so its writes stay in their places.
        if talk.store(host, conversation, version, call.now)? {
            return perform(host, conversation, &plan, again);
        }
    }
    Err(Trouble::Passing("the conversation's record keeps changing".to_owned()))
}

/// The same for an opening, which is not made again when the server is killed in it: the next one first does what is left,
/// and what it says is named by the plan.
pub fn at_opening(
    host: &impl Host,
    conversation: &str,
    call: Call<'_>,
    decide: impl Fn(&mut Talk) -> Result<Decision, Trouble>,
) -> Result<(), Trouble> {
    for _ in 0..RACES {
        let (mut talk, version) = Talk::load(host, conversation, call.now)?;
        if let Some(left) = talk.opened.take_if(|plan| !plan.done) {
            finish(host, conversation, call, &left, true)?;
            continue;
        }
        let Some(mut steps) = decide(&mut talk)? else {
            return Ok(());
        };
        for (number, step) in steps.iter_mut().enumerate() {
            if let Step::Say(say) = step {
                say.nonce = Some(format!("{}.{number}", call.id));
            }
        }
        let plan = Plan {
            call: call.id.to_owned(),
            at: call.now,
            done: false,
            steps,
        };
        talk.opened = Some(plan.clone());
        if talk.store(host, conversation, version, call.now)? {
            return finish(host, conversation, call, &plan, false);
        }
    }
    Err(Trouble::Passing("the conversation's record keeps changing".to_owned()))
}

fn finish(host: &impl Host, conversation: &str, call: Call<'_>, plan: &Plan, again: bool) -> Result<(), Trouble> {
    let done = perform(host, conversation, plan, again);
    if matches!(done, Err(Trouble::Passing(_))) {
        return done;
    }
    for _ in 0..RACES {
        let (mut talk, version) = Talk::load(host, conversation, call.now)?;
        match &mut talk.opened {
            Some(found) if found.call == plan.call && !found.done => {
                found.done = true;
                found.steps.clear();
            }
            _ => break,
        }
        if talk.store(host, conversation, version, call.now)? {
            break;
        }
    }
    done
}

/// Does the steps. One that can never be done does not keep the others from it.
fn perform(host: &impl Host, conversation: &str, plan: &Plan, again: bool) -> Result<(), Trouble> {
    let mut refused = Ok(());
    for step in &plan.steps {
        let done = match step {
            Step::Say(say) => host.say(say),
            Step::Merge(patch) => host.merge(conversation, patch),
            Step::HandOff { reason } => hand_off(host, conversation, reason, again.then_some(plan.at)),
            Step::Arm { name, at, payload } => host.arm(name, *at, payload),
        };
        match done {
            Err(Trouble::Passing(text)) => return Err(Trouble::Passing(text)),
            Err(trouble) => refused = Err(trouble),
            Ok(()) => {}
        }
    }
    refused
}

/// Asks for a human. A call that is made again does not ask twice: whoever has heard of the first time has changed who has
/// the conversation since.
fn hand_off(host: &impl Host, conversation: &str, reason: &str, asked_at: Option<u64>) -> Result<(), Trouble> {
    if let Some(asked_at) = asked_at {
        let ext = host.ext(conversation)?;
        let desk = Desk::of(&ext);
        if desk.since.is_some_and(|since| since >= asked_at) || desk.is_taken() {
            return Ok(());
        }
    }
    let wanted = serde_json::json!({ "desk": { "wanted": { "reason": reason, "from": host.name() } } });
    host.merge(conversation, &wanted)
}
