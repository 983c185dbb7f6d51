//! What messages mean for a ticket. Pure. Only what a person typed counts; the caller leaves out the rest.

use crate::cases;
use crate::config::{Config, Start};
use crate::moves::{Step, accept};
use crate::survey;
use crate::ticket::{Phase, Ticket};

/// A message of a person.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Its place in the conversation.
    pub seq: u64,
    /// Who sent it.
    pub uid: &'a str,
    /// Whether the sender is an agent, assigned or not.
    pub agent: bool,
    /// What it says, if it is a text.
    pub text: Option<&'a str>,
    /// When it was sent.
    pub at: u64,
}

/// What a message does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// It has counted already: the call is made again.
    Seen,
    /// This.
    Step(Step),
    /// A customer begins anew.
    Begins,
}

/// Takes a message. `name` is what the assigned agent is called, asked for only if it is needed.
pub fn hear(old: &Ticket, heard: &Heard<'_>, name: &str, now: u64, config: &Config) -> Meaning {
    if heard.seq <= old.seen {
        return Meaning::Seen;
    }
    match &old.phase {
        Phase::Active { agent } if agent == heard.uid || heard.agent => Meaning::Step(answered(old, heard)),
        Phase::Offered { agent, .. } if agent == heard.uid => {
            let Step::To(accepted) = accept(old, agent, name, now, config) else {
                return Meaning::Step(Step::Same);
            };
            Meaning::Step(answered(&accepted, heard))
        }
        _ if heard.agent => Meaning::Step(Step::Same),
        Phase::Active { .. } => Meaning::Step(asked(old, heard)),
        Phase::Queued | Phase::Offered { .. } => Meaning::Step(Step::Same),
        Phase::Beside(there) => Meaning::Step(cases::reminded(old, there, heard, now, config)),
        Phase::Closed | Phase::Bot => match survey::reply(old, heard, config) {
            Some(ticket) => Meaning::Step(ticket.into()),
            None if config.start == Start::Message => Meaning::Begins,
            None => Meaning::Step(Step::Same),
        },
    }
}

/// Since when the customer has been asked whether it is there, if what is heard now was not said after that. The desk may
/// hear of it late, and has looked at what was said before it asked.
fn still(old: &Ticket, heard: &Heard<'_>) -> Option<u64> {
    old.reminded_at.filter(|at| heard.at <= *at)
}

/// An agent has said something.
fn answered(old: &Ticket, heard: &Heard<'_>) -> Step {
    let reminded_at = still(old, heard);
    if old.awaiting.is_none() && old.reminded_at == reminded_at && old.replied {
        return Step::Same;
    }
    let mut ticket = old.clone();
    if let (false, Some(at)) = (ticket.replied, ticket.awaiting) {
        ticket.first_reply_ms = Some(heard.at.saturating_sub(at));
    }
    ticket.seen = heard.seq;
    ticket.awaiting = None;
    ticket.replied = true;
    ticket.escalated = false;
    ticket.reminded_at = reminded_at;
    ticket.last_at = ticket.last_at.max(heard.at);
    ticket.into()
}

/// The customer has said something.
fn asked(old: &Ticket, heard: &Heard<'_>) -> Step {
    if old.awaiting.is_some() {
        return Step::Same;
    }
    let mut ticket = old.clone();
    ticket.seen = heard.seq;
    ticket.awaiting = Some(heard.at);
    ticket.escalated = false;
    ticket.reminded_at = still(old, heard);
    ticket.last_at = ticket.last_at.max(heard.at);
    ticket.into()
}
