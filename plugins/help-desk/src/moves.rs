//! What happens to a ticket when somebody comes, goes or passes it on. Pure: a ticket in, a ticket out.

use serde_json::json;

use crate::agent::End;
use crate::config::{Config, Form, Unavailable};
use crate::texts::fill;
use crate::ticket::{Answer, Phase, Ticket};

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Same,
    /// The ticket is this now.
    To(Box<Ticket>),
    /// It may not be, and why.
    Refused(Refused),
}

/// Why something may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No ticket, or it is over.
    NotOpen,
    /// Somebody else has it.
    NotYours,
    /// It was passed on too often.
    TooOften,
    /// Whom it should go to cannot take it.
    Full,
    /// There is no such agent or team.
    Unknown,
    /// Nobody waits.
    Empty,
    /// This kind of conversation does not come to the desk.
    Kind,
    /// Not an agent.
    NotAgent,
    /// Too much happens at once.
    Busy,
}

impl Refused {
    /// For machines, and for people.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotOpen => ("desk_not_open", "This conversation is not at the desk."),
            Self::NotYours => ("desk_not_yours", "Somebody else has this conversation."),
            Self::TooOften => ("desk_too_often", "This conversation was passed on too often already."),
            Self::Full => ("desk_full", "Who should have it is not there or has no room."),
            Self::Unknown => ("desk_unknown", "There is no such agent or team."),
            Self::Empty => ("desk_empty", "Nobody is waiting."),
            Self::Kind => ("desk_kind", "Conversations of this kind do not come to the desk."),
            Self::NotAgent => ("desk_not_agent", "Only agents may do that."),
            Self::Busy => ("desk_busy", "Too much happens at once. Try again."),
        }
    }
}

impl From<Ticket> for Step {
    fn from(ticket: Ticket) -> Self {
        Self::To(Box::new(ticket))
    }
}

/// A customer who is to be answered by a person.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// Where.
    pub conversation: &'a str,
    /// Who.
    pub customer: &'a str,
    /// For which team.
    pub team: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Whether somebody has asked for it by name, and is to hear what comes of it.
    pub asked: bool,
    /// Whether the desk is open.
    pub open: bool,
    /// Whether anybody of the team is there.
    pub on_duty: bool,
    /// Whether people can be brought into a conversation of this kind.
    pub fits: bool,
    /// The message it comes with; 0: none.
    pub seq: u64,
    /// The direct conversation it is the case of.
    pub of: Option<&'a str>,
}

/// How long a customer who only writes is not told again that nobody is there, or where somebody is, in milliseconds.
pub const TOLD_AGAIN: u64 = 600_000;

/// A customer comes to the desk.
#[must_use]
pub fn arrive(old: Option<&Ticket>, arrival: &Arrival<'_>, now: u64, config: &Config) -> Step {
    if let Some(open) = old.filter(|old| old.is_open()) {
        let mut ticket = open.clone();
        ticket.heard = arrival.asked;
        ticket.dirty = arrival.asked;
        return if arrival.asked { ticket.into() } else { Step::Same };
    }
    let mut ticket = Ticket {
        conversation: arrival.conversation.to_owned(),
        customer: arrival.customer.to_owned(),
        // No two tickets of a conversation share their nonces.
        opened_at: old.map_or(now, |old| now.max(old.opened_at + 1)),
        team: arrival.team.to_owned(),
        reason: arrival.reason.to_owned(),
        waiting_since: now,
        last_agent: old.and_then(|old| old.last_agent.clone()),
        guests: old.map(|old| old.guests.clone()).unwrap_or_default(),
        seen: arrival.seq.max(old.map_or(0, |old| old.seen)),
        last_at: now,
        heard: arrival.asked,
        of: arrival
            .of
            .map(str::to_owned)
            .or_else(|| old.and_then(|old| old.of.clone())),
        ..Ticket::default()
    };
    if arrival.open && arrival.on_duty && arrival.fits {
        enqueue(&mut ticket, now);
        return ticket.into();
    }
    let texts = &config.texts;
    let why = if arrival.open {
        &texts.unavailable
    } else {
        &texts.outside
    };
    let told_at = old.filter(|old| old.phase == Phase::Bot).map_or(0, |old| old.told_at);
    if config.unavailable == Unavailable::Message && arrival.fits {
        ticket.mail = true;
        enqueue(&mut ticket, now);
        ticket.say(&format!("{why} {}", texts.message));
        return ticket.into();
    }
    if !arrival.asked && told_at > 0 && now < told_at.saturating_add(TOLD_AGAIN) {
        return Step::Same;
    }
    ticket.turn_to(Phase::Bot, now);
    ticket.told_at = now;
    ticket.say(why);
    ticket.into()
}

/// Puts a ticket into the queue, for another turn.
fn enqueue(ticket: &mut Ticket, now: u64) {
    ticket.turn_to(Phase::Queued, now);
    ticket.turn += 1;
    ticket.awaiting = None;
    ticket.reminded_at = None;
    ticket.keys.extend(ticket.queue_key());
}

/// An agent has room for it, and its value says so already.
#[must_use]
pub fn assign(old: &Ticket, turn: &str, agent: &str, name: &str, now: u64, config: &Config) -> Step {
    if old.phase != Phase::Queued || old.turn_id() != turn {
        return Step::Refused(Refused::NotOpen);
    }
    let mut ticket = old.clone();
    hand_over(&mut ticket, agent, name, now, config);
    ticket.into()
}

fn hand_over(ticket: &mut Ticket, agent: &str, name: &str, now: u64, config: &Config) {
    if !ticket.guests.iter().any(|guest| guest == agent) {
        ticket.guests.push(agent.to_owned());
    }
    match config.accept_seconds.millis() {
        Some(wait) => {
            let (agent, until) = (agent.to_owned(), now.saturating_add(wait));
            ticket.turn_to(Phase::Offered { agent, until }, now);
        }
        None => begin(ticket, agent, name, now, config),
    }
}

/// From here on the agent's time counts.
fn begin(ticket: &mut Ticket, agent: &str, name: &str, now: u64, config: &Config) {
    let agent = agent.to_owned();
    ticket.last_agent = Some(agent.clone());
    ticket.turn_to(Phase::Active { agent }, now);
    ticket.mail = false;
    ticket.awaiting = Some(now);
    ticket.replied = false;
    ticket.escalated = false;
    ticket.reminded_at = None;
    ticket.last_at = now;
    ticket.tried.clear();
    ticket.say(&fill(&config.texts.assigned, &[("agent", name)]));
}

/// An agent accepts what it was offered.
#[must_use]
pub fn accept(old: &Ticket, agent: &str, name: &str, now: u64, config: &Config) -> Step {
    match &old.phase {
        Phase::Offered { agent: offered, .. } if offered == agent => {
            let mut ticket = old.clone();
            begin(&mut ticket, agent, name, now, config);
            ticket.errand(agent, None);
            ticket.into()
        }
        Phase::Active { agent: current } if current == agent => Step::Same,
        Phase::Offered { .. } | Phase::Active { .. } => Step::Refused(Refused::NotYours),
        Phase::Bot | Phase::Queued | Phase::Closed | Phase::Beside(_) => Step::Refused(Refused::NotOpen),
    }
}

/// A customer who was talking to somebody is told its place again; who has only waited knows it.
fn talked(ticket: &mut Ticket, old: &Ticket) {
    if matches!(old.phase, Phase::Active { .. }) {
        ticket.told = 0;
    }
}

/// Takes a ticket from whoever has it and puts it back into the queue.
#[must_use]
pub fn back(old: &Ticket, end: End, now: u64) -> Step {
    let Some(agent) = old.agent().map(str::to_owned) else {
        return Step::Same;
    };
    let mut ticket = old.clone();
    ticket.errand(&agent, Some(end));
    ticket.tried.push(agent);
    talked(&mut ticket, old);
    enqueue(&mut ticket, now);
    ticket.into()
}

/// Where a ticket is passed on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// An agent, whose value says already that it has this next turn, and its name.
    Agent(&'a str, &'a str, &'a str),
    /// A team.
    Team(&'a str),
}

/// A ticket is passed on by who has it, or by the desk itself.
#[must_use]
pub fn transfer(old: &Ticket, by: Option<&str>, to: To<'_>, now: u64, config: &Config) -> Step {
    if !old.is_open() {
        return Step::Refused(Refused::NotOpen);
    }
    if by.is_some() && old.agent() != by {
        return Step::Refused(Refused::NotYours);
    }
    if by.is_some() && old.transfers >= config.transfers {
        return Step::Refused(Refused::TooOften);
    }
    let mut ticket = old.clone();
    ticket.transfers += u32::from(by.is_some());
    ticket.tried.clear();
    let name = match to {
        To::Agent(agent, ..) if old.agent() == Some(agent) => return Step::Same,
        To::Agent(_, turn, _) if turn != old.next_turn_id() => return Step::Refused(Refused::Busy),
        To::Agent(_, _, name) | To::Team(name) => name,
    };
    if let Some(agent) = old.agent().map(str::to_owned) {
        ticket.errand(&agent, Some(End::Passed));
        ticket.tried.push(agent);
        ticket.say(&fill(&config.texts.transferred, &[("to", name)]));
    }
    match to {
        To::Agent(agent, _, name) => {
            ticket.turn += 1;
            hand_over(&mut ticket, agent, name, now, config);
        }
        To::Team(team) => {
            ticket.team = team.to_owned();
            ticket.told = 0;
            enqueue(&mut ticket, now);
        }
    }
    ticket.into()
}

/// Why a ticket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody says so.
    Done,
    /// The customer says nothing more.
    Idle,
    /// The customer, or the conversation, is gone.
    Gone,
}

/// A ticket is closed: by who has it, or (none) by the desk itself.
#[must_use]
pub fn close(old: &Ticket, by: Option<&str>, why: Why, now: u64, config: &Config) -> Step {
    if !old.is_open() {
        return Step::Refused(Refused::NotOpen);
    }
    if by.is_some() && old.agent().is_some() && old.agent() != by {
        return Step::Refused(Refused::NotYours);
    }
    let mut ticket = old.clone();
    let agent = old.agent().map(str::to_owned);
    if let Some(agent) = &agent {
        ticket.errand(agent, Some(End::Closed));
    }
    ticket.turn_to(Phase::Closed, now);
    match why {
        Why::Done => ticket.say(&config.texts.closed),
        Why::Idle => ticket.say(&config.texts.idle_closed),
        Why::Gone => {}
    }
    if why != Why::Gone && config.survey.enabled && ticket.replied {
        ask(&mut ticket, now, config);
    }
    ticket.into()
}

/// Asks the customer how it was.
fn ask(ticket: &mut Ticket, now: u64, config: &Config) {
    ticket.answer = Answer {
        asked_at: now,
        agent: ticket.last_agent.clone().unwrap_or_default(),
        ..Answer::default()
    };
    match config.survey.form {
        Form::Text => ticket.say(&config.texts.survey),
        Form::Survey => {
            let (text, customer) = (&config.texts.survey, &ticket.customer);
            let body = json!({
                "text": text, "scale": 5, "customer": customer, "agent": ticket.answer.agent,
                "asked_at": now, "state": "open",
            });
            ticket.say_as(crate::survey::KIND, body);
        }
    }
}

/// Members have left by themselves, or were put out by somebody else.
#[must_use]
pub fn left(old: &Ticket, uids: &[String], now: u64, config: &Config) -> Step {
    if !old.is_open() {
        return Step::Same;
    }
    if uids.contains(&old.customer) {
        return close(old, None, Why::Gone, now, config);
    }
    if old.agent().is_some_and(|agent| uids.iter().any(|uid| uid == agent)) {
        return back(old, End::Passed, now);
    }
    Step::Same
}
