//! What time does to a ticket. Pure.

use crate::agent::End;
use crate::config::Config;
use crate::moves::{Step, Why, back, close};
use crate::texts::fill;
use crate::ticket::{Phase, Ticket};

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Not known: the index has no key of the ticket, or not yet. Nothing is said of it.
    #[default]
    Unknown,
    /// Counted from 1.
    At(u32),
    /// Too far back to be told.
    Far,
}

impl Place {
    /// What a ticket keeps of a place that was told; none if there is nothing to tell.
    const fn told(self) -> Option<u32> {
        match self {
            Self::Unknown => None,
            Self::At(position) => Some(position),
            Self::Far => Some(u32::MAX),
        }
    }
}

/// What the desk knows when it looks at a ticket.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// The place in the queue, of who waits.
    pub place: Place,
    /// Whether anybody of the team is there.
    pub on_duty: bool,
    /// When a person last said something.
    pub last_at: u64,
}

/// Whether the last word has to be looked up for this.
#[must_use]
pub fn asks_for_last_word(ticket: &Ticket) -> bool {
    matches!(ticket.phase, Phase::Active { .. }) && ticket.awaiting.is_none()
}

/// Looks at a ticket, whatever the reason.
#[must_use]
pub fn look(old: &Ticket, look: &Look, now: u64, config: &Config) -> Step {
    match &old.phase {
        Phase::Bot | Phase::Closed | Phase::Beside(_) => Step::Same,
        Phase::Queued => wait(old, look, now, config),
        Phase::Offered { until, .. } if now >= *until => back(old, End::Missed, now),
        Phase::Offered { .. } => Step::Same,
        Phase::Active { .. } if old.awaiting.is_some() => escalate(old, now, config),
        Phase::Active { .. } => idle(old, look, now, config),
    }
}

fn wait(old: &Ticket, look: &Look, now: u64, config: &Config) -> Step {
    let too_long = config
        .queue
        .max_seconds
        .millis()
        .map(|most| old.waiting_since.saturating_add(most));
    if !old.mail && too_long.is_some_and(|end| now >= end) {
        let mut ticket = old.clone();
        ticket.turn_to(Phase::Bot, now);
        ticket.told_at = now;
        ticket.say(&config.texts.too_long);
        return ticket.into();
    }
    let mut ticket = old.clone();
    // Whoever did not accept may be asked again, once all others were.
    let again = now
        >= old
            .since
            .saturating_add(config.queue.every_seconds.millis().unwrap_or(0));
    if again {
        ticket.tried.clear();
    }
    let due = old.told == 0
        || config
            .queue
            .every_seconds
            .millis()
            .is_some_and(|every| now >= old.told_at + every);
    let news = look.place.told().filter(|place| *place != old.told);
    if let Some(place) = news.filter(|_| due && look.on_duty && !old.mail) {
        ticket.told = place;
        ticket.say(&match look.place {
            Place::At(position) => fill(&config.texts.position, &[("position", &position.to_string())]),
            Place::Far | Place::Unknown => config.texts.waiting.clone(),
        });
        ticket.dirty = true;
    }
    if due {
        ticket.told_at = now;
    }
    if ticket == *old { Step::Same } else { ticket.into() }
}

fn escalate(old: &Ticket, now: u64, config: &Config) -> Step {
    let end = (old.awaiting.zip(old.patience(config))).map(|(at, patience)| at.saturating_add(patience));
    if old.escalated || end.is_none_or(|end| now < end) {
        return Step::Same;
    }
    let mut ticket = old.clone();
    ticket.escalated = true;
    ticket.dirty = true;
    ticket.say(&config.texts.escalated);
    if config.reply.reassign {
        return back(&ticket, End::Passed, now);
    }
    ticket.into()
}

fn idle(old: &Ticket, look: &Look, now: u64, config: &Config) -> Step {
    let mut ticket = old.clone();
    ticket.last_at = old.last_at.max(look.last_at);
    match old.reminded_at {
        None => {
            let remind = config.idle.remind_seconds.millis();
            if remind.is_some_and(|wait| now >= ticket.last_at.saturating_add(wait)) {
                ticket.reminded_at = Some(now);
                ticket.say(&config.texts.remind);
                ticket.dirty = true;
            }
        }
        Some(at) => {
            let end = config.idle.close_seconds.millis();
            if ticket.last_at > at {
                ticket.reminded_at = None;
            } else if end.is_some_and(|wait| now >= at.saturating_add(wait)) {
                return close(old, None, Why::Idle, now, config);
            }
        }
    }
    if ticket == *old { Step::Same } else { ticket.into() }
}
