//! What a message is answered with.
//!
//! Only what a human typed is answered, and only while no human does: silence is always the safe side.

use crate::act;
use crate::config::{Config, On};
use crate::host::{Call, Host, PAST, Trouble};
use crate::hours::Hours;
use crate::idle;
use crate::menu;
use crate::plan::{Decision, Step, once};
use crate::rules::{Tried, met};
use crate::scene::{Scene, Spoken};
use crate::talk::Talk;
use crate::voice::{is_answer, voice};

/// How long it is kept that a day's out-of-office text was said, in milliseconds: longer than any day.
const DAY: u64 = 2 * 86_400_000;

/// The kind of messages that tell of changes: nobody typed them.
pub const NOTICE: &str = "system";

/// A stored message.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its place in the conversation.
    pub seq: u64,
    /// Where it was sent.
    pub conversation: &'a str,
    /// Whether the conversation can be one of two.
    pub pair: bool,
    /// Who sent it; none: the app itself.
    pub uid: Option<&'a str>,
    /// Whether a plugin made it, or made what led to it.
    pub automatic: bool,
    /// Its kind.
    pub kind: &'a str,
    /// What it says, if it is a text.
    pub text: Option<&'a str>,
    /// When it was sent, in milliseconds.
    pub at: u64,
}

impl Heard<'_> {
    /// Who sent it, if that is somebody to answer.
    pub fn customer(&self, config: &Config) -> Option<&str> {
        self.uid
            .filter(|uid| !self.automatic && self.kind != NOTICE && !config.is_agent(uid))
    }
}

/// Answers a message, and sees to it that whoever has to wait is told.
pub fn hear(
    host: &impl Host,
    settings: (&Config, Option<&Hours<'_>>),
    call: Call<'_>,
    heard: &Heard<'_>,
) -> Result<(), Trouble> {
    let answered = answer(host, settings, call, heard);
    if matches!(answered, Err(Trouble::Passing(_))) {
        return answered;
    }
    // Last, so that what a repeated call repeats keeps its place.
    let listened = idle::listen(host, settings.0, heard);
    answered.and(listened)
}

/// Answers a message by the hours, the menu and the rules.
pub fn answer(
    host: &impl Host,
    (config, hours): (&Config, Option<&Hours<'_>>),
    call: Call<'_>,
    heard: &Heard<'_>,
) -> Result<(), Trouble> {
    let Some(customer) = heard.customer(config) else {
        return Ok(());
    };
    if !concerns(host, config, hours, heard) {
        return Ok(());
    }
    once(
        host,
        heard.conversation,
        call,
        |talk| &mut talk.heard,
        |talk| {
            let Some(voice) = voice(host, config, heard.conversation, heard.pair, customer)? else {
                return Ok(None);
            };
            let mut scene = Scene::new(host, (config, hours), heard.conversation, (customer, voice), heard.at);
            scene.message = Some(Spoken {
                id: heard.id,
                seq: heard.seq,
                kind: heard.kind,
                text: heard.text,
            });
            decide(&scene, talk, heard)
        },
    )
}

/// Whether there may be something to do, found out without a question to the server.
fn concerns(host: &impl Host, config: &Config, hours: Option<&Hours<'_>>, heard: &Heard<'_>) -> bool {
    let tried = heard.text.map(Tried::new);
    let told = || !config.out_of_office.text.is_empty() || config.rules_on(On::OutsideHours).next().is_some();
    (config.menu.is_some() && heard.text.is_some())
        || hours.is_some_and(|hours| told() && !hours.is_open(heard.at))
        || config
            .rules_on(On::Message)
            .any(|rule| met(rule, tried.as_ref(), |text| host.warn(text)))
}

fn decide<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, heard: &Heard<'_>) -> Result<Decision, Trouble> {
    if scene.has_human()? {
        return Ok(None);
    }
    let away = outside_hours(scene, talk)?;
    let mut acted = away.is_some();
    let mut all = away.unwrap_or_default();
    let by_menu = match heard.text {
        Some(text) => menu::hear(scene, talk, text)?,
        None => None,
    };
    if let Some(steps) = by_menu {
        all.extend(steps);
        return Ok(Some(all));
    }
    let outcome = act::on(scene, talk, On::Message)?;
    acted |= outcome.acted;
    all.extend(outcome.steps);
    if !outcome.ended && heard.text.is_some() && !acted {
        return menu::puzzled(scene, talk);
    }
    Ok(acted.then_some(all))
}

/// What is said outside of the hours: once a day by the wall clock, and not where an agent began.
fn outside_hours<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk) -> Result<Option<Vec<Step>>, Trouble> {
    let Some(hours) = scene.hours.filter(|_| scene.is_closed()) else {
        return Ok(None);
    };
    let key = format!("away/{}", hours.day(scene.at));
    if talk.rests(&key, scene.at, DAY) || began_by_an_agent(scene)? {
        return Ok(None);
    }
    let mut outcome = act::on(scene, talk, On::OutsideHours)?;
    let text = &scene.config.out_of_office.text;
    if !outcome.ended && !text.is_empty() {
        outcome.steps.push(Step::Say(scene.say(scene.words(text)?)));
        outcome.acted = true;
    }
    if !outcome.acted {
        return Ok(None);
    }
    talk.rest(key, scene.at, DAY);
    Ok(Some(outcome.steps))
}

/// Whether the first human message of the conversation was an agent's.
fn began_by_an_agent<H: Host>(scene: &Scene<'_, H>) -> Result<bool, Trouble> {
    let first = scene.host.past(scene.conversation, Some(PAST as u64 + 1))?;
    let human = |past: &&crate::host::Past| {
        past.uid.as_deref() == Some(scene.customer) && !past.automatic
            || is_answer(scene.config, past, scene.customer, &scene.voice)
    };
    let first = first.iter().rev().find(human);
    Ok(first.is_some_and(|past| past.uid.as_deref() != Some(scene.customer)))
}

#[cfg(test)]
mod tests;
