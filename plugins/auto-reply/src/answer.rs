//! What a message is answered with.
//!
//! Only what a human typed is answered, and only while no human does: silence is always the safe side.

use crate::config::{Config, Rule};
use crate::fill::fill;
use crate::guard::claim;
use crate::host::{Call, Host, Past, Person, Say, Trouble};
use crate::rules;

/// A stored message of kind `text`.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it was sent.
    pub conversation: &'a str,
    /// Whether the conversation can be one of two.
    pub pair: bool,
    /// Who sent it; none: the app itself.
    pub uid: Option<&'a str>,
    /// Whether a plugin made it, or made what led to it.
    pub automatic: bool,
    /// What it says.
    pub text: &'a str,
    /// When it was sent, in milliseconds.
    pub at: u64,
}

/// Answers by the first rule that the message meets.
pub fn answer(host: &impl Host, config: &Config, call: Call<'_>, heard: &Heard<'_>) -> Result<(), Trouble> {
    let Some(customer) = heard.uid.filter(|uid| !heard.automatic && !config.is_agent(uid)) else {
        return Ok(());
    };
    let Some(rule) = rules::first(&config.rules, heard.text, |text| host.warn(text)) else {
        return Ok(());
    };
    let Some(voice) = voice(host, config, heard, customer)? else {
        return Ok(());
    };
    if config.quiet_minutes > 0 {
        let since = heard.at.saturating_sub(u64::from(config.quiet_minutes) * 60_000);
        let past = host.past(heard.conversation)?;
        if past
            .iter()
            .any(|past| past.at > since && is_answer(config, past, customer, &voice))
        {
            return Ok(());
        }
    }
    let key = format!("rule/{}/{}", heard.conversation, rule.name);
    if !claim(host, &key, call, rule.cooldown_seconds)? {
        return Ok(());
    }
    let text = text(host, rule, heard, customer, voice.uid())?;
    host.say(&Say {
        conversation: heard.conversation.to_owned(),
        as_user: voice.uid().map(str::to_owned),
        text,
        reply_to: matches!(voice, Voice::Group(_)).then(|| heard.id.to_owned()),
    })
}

/// Who answers.
enum Voice {
    /// The other one of two.
    Peer(String),
    /// In a group: this member, or the app itself.
    Group(Option<String>),
}

impl Voice {
    fn uid(&self) -> Option<&str> {
        match self {
            Voice::Peer(uid) => Some(uid),
            Voice::Group(uid) => uid.as_deref(),
        }
    }
}

/// Whose part it is to answer this customer; none if it is nobody's.
fn voice(host: &impl Host, config: &Config, heard: &Heard<'_>, customer: &str) -> Result<Option<Voice>, Trouble> {
    if heard.pair {
        let others = host.others(heard.conversation, customer)?;
        if let [peer] = others.as_slice() {
            let speaks = speaks_for(host, config, peer, customer)?;
            return Ok(speaks.then(|| Voice::Peer(peer.clone())));
        }
    }
    Ok((config.reply_as.as_deref() != Some(customer)).then(|| Voice::Group(config.reply_as.clone())))
}

/// Rules speak for those listed as agents; without a list for any peer, unless the sender has a greeting of their own
/// and the peer has none: then the sender is the agent.
fn speaks_for(host: &impl Host, config: &Config, peer: &str, customer: &str) -> Result<bool, Trouble> {
    if !config.agents.is_empty() {
        return Ok(config.is_agent(peer));
    }
    let greets = |uid: &str| Ok(host.person(uid)?.is_some_and(|person| person.greets()));
    Ok(!greets(customer)? || greets(peer)?)
}

/// Whether a message shows that a human is there for the customer. In a group with listed agents only theirs do.
fn is_answer(config: &Config, past: &Past, customer: &str, voice: &Voice) -> bool {
    let Some(uid) = past.uid.as_deref().filter(|uid| !past.automatic && *uid != customer) else {
        return false;
    };
    matches!(voice, Voice::Peer(_)) || config.agents.is_empty() || config.is_agent(uid)
}

fn text(
    host: &impl Host,
    rule: &Rule,
    heard: &Heard<'_>,
    customer: &str,
    voice: Option<&str>,
) -> Result<String, Trouble> {
    // Users are read only for fields that are there.
    let name = |uid: &str, field: &str| -> Result<String, Trouble> {
        if !rule.reply.contains(field) {
            return Ok(String::new());
        }
        let person = host.person(uid)?.unwrap_or_else(|| Person {
            uid: uid.to_owned(),
            ..Person::default()
        });
        Ok(person.name().to_owned())
    };
    let nickname = name(customer, "{nickname}")?;
    let peer_nickname = voice.map_or(Ok(String::new()), |uid| name(uid, "{peer_nickname}"))?;
    Ok(fill(&rule.reply, |field| match field {
        "nickname" => Some(nickname.clone()),
        "uid" => Some(customer.to_owned()),
        "peer_nickname" => Some(peer_nickname.clone()),
        "conversation" => Some(heard.conversation.to_owned()),
        _ => None,
    }))
}

#[cfg(test)]
mod tests;
