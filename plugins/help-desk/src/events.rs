//! What the hooks bring, and what people ask of the desk: each reads what it needs, lets a pure step decide, and writes.

use std::cell::Cell;

use crate::agent::{Agent, Duty};
use crate::arrivals::Ask;
use crate::clock::look;
use crate::config::{Config, Start};
use crate::desk::{Call, Desk, Done, Failure};
use crate::dispatch::forgive;
use crate::host::{Host, Outcome};
use crate::moves::{Refused, Step, To, Why, accept, close, left, transfer};
use crate::talk::{Heard, Meaning, hear};
use crate::ticket::{Phase, Ticket};

/// A message, as the server tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Where.
    pub conversation: &'a str,
    /// Of which kind the conversation is.
    pub room: &'a str,
    /// Its place.
    pub seq: u64,
    /// Who; none: the app itself.
    pub uid: Option<&'a str>,
    /// Whether a plugin made it, or what led to it.
    pub automatic: bool,
    /// What it says, if it is a text.
    pub text: Option<&'a str>,
    /// When.
    pub at: u64,
}

/// How often a ticket that others change meanwhile is looked at; after that its timer does.
const LOOKS: u32 = 4;

impl<'a, H: Host + ?Sized> Desk<'a, H> {
    /// The desk in a call.
    pub const fn new(host: &'a H, config: &'a Config, call: Call) -> Self {
        Self {
            host,
            config,
            call,
            dispatching: Cell::new(false),
            given: Cell::new(0),
        }
    }

    /// A message was sent. What a machine says does not count.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn heard(&self, message: &Message<'_>) -> Done<()> {
        let (Some(uid), false) = (message.uid, message.automatic) else {
            return Ok(());
        };
        let found = self.ticket(message.conversation)?;
        let Some((ticket, _)) = found else {
            if self.config.start == Start::Message && !self.is_agent(uid)? {
                self.begin(message, uid)?;
            }
            return Ok(());
        };
        let mine = uid == ticket.customer || ticket.agent() == Some(uid);
        let heard = Heard {
            seq: message.seq,
            uid,
            agent: !mine && self.is_agent(uid)?,
            text: message.text,
            at: message.at,
        };
        let offered = matches!(&ticket.phase, Phase::Offered { agent, .. } if agent == uid);
        let name = if offered { self.name(uid)? } else { String::new() };
        let (mut begins, mut seen) = (false, false);
        self.act(message.conversation, |old| {
            let Some(old) = old else { return Ok(Step::Same) };
            Ok(match hear(old, &heard, &name, self.call.now, self.config) {
                Meaning::Step(step) => step,
                Meaning::Begins => {
                    begins = true;
                    Step::Same
                }
                Meaning::Seen => {
                    seen = true;
                    Step::Same
                }
            })
        })?;
        if begins && !heard.agent {
            self.begin(message, uid)?;
        } else if seen {
            self.reconcile(message.conversation)?;
        }
        Ok(())
    }

    fn begin(&self, message: &Message<'_>, uid: &str) -> Done<()> {
        let ask = Ask {
            conversation: message.conversation,
            room: message.room,
            customer: Some(uid),
            team: None,
            reason: "",
            asked: false,
            seq: message.seq,
        };
        forgive(self.arrives(&ask))?;
        Ok(())
    }

    /// The time of a ticket has come, or somebody wants it to be looked at.
    ///
    /// What is seen of the queue is true of a ticket whose key is in it, and of that very ticket: so it is finished first,
    /// and if it is another one by the time something is to be said of it, it is looked at anew.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn looks(&self, conversation: &str) -> Done<()> {
        let mut alarm = false;
        let mut looked = None;
        for _ in 0..LOOKS {
            let Some(before) = self.finished(conversation)? else {
                return Ok(());
            };
            let (seen, mut other) = (self.look_at(&before)?, false);
            let done = self.act(conversation, |old| {
                other = old != Some(&before);
                let Some(old) = old.filter(|_| !other) else {
                    return Ok(Step::Same);
                };
                let step = look(old, &seen, self.call.now, self.config);
                alarm = matches!(&step, Step::To(new) if new.escalated && !old.escalated);
                Ok(step)
            })?;
            looked = Some(done);
            if !other {
                break;
            }
        }
        let Some((ticket, changed)) = looked else { return Ok(()) };
        if !changed {
            self.reconcile(conversation)?;
        }
        if let Some(ticket) = ticket {
            if alarm {
                self.alarm(&ticket)?;
            }
            if ticket.phase == Phase::Queued {
                self.dispatch(&ticket.team)?;
            }
        }
        Ok(())
    }

    /// A ticket, after what an earlier call may have left to do.
    fn finished(&self, conversation: &str) -> Outcome<Option<Ticket>> {
        let found = self.ticket(conversation)?;
        if !found.as_ref().is_some_and(|(ticket, _)| ticket.dirty) {
            return Ok(found.map(|(ticket, _)| ticket));
        }
        self.reconcile(conversation)?;
        Ok(self.ticket(conversation)?.map(|(ticket, _)| ticket))
    }

    /// A ticket's own timer has fired: as above, and it is set again whatever came of it.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn fires(&self, name: &str) -> Done<()> {
        match name.split_once(':') {
            Some(("c", conversation)) => self.looks(conversation),
            Some(("a", uid)) => forgive(self.look_after(uid)).map(drop).map_err(Into::into),
            _ => Ok(()),
        }
    }

    /// A conversation's data have changed, and nobody is wanted: perhaps because this call is made again, after it has
    /// answered what was wanted and before it was done.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn changed(&self, conversation: &str) -> Done<()> {
        let Some((ticket, _)) = self.ticket(conversation)? else {
            return Ok(());
        };
        if ticket.dirty {
            self.looks(conversation)?;
        }
        match ticket.beside() {
            Some(there) => self.changed(&there.case),
            None => Ok(()),
        }
    }

    /// Members have left.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn gone(&self, conversation: &str, uids: &[String]) -> Done<()> {
        let (ticket, _) = self.act(conversation, |old| {
            Ok(old.map_or(Step::Same, |old| left(old, uids, self.call.now, self.config)))
        })?;
        if let Some(ticket) = ticket.filter(|ticket| ticket.phase == Phase::Queued) {
            self.dispatch(&ticket.team)?;
        }
        Ok(())
    }

    /// Members have come by other ways than the desk: they stay.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn come(&self, conversation: &str, uids: &[String]) -> Done<()> {
        self.act(conversation, |old| {
            let Some(old) = old.filter(|old| old.guests.iter().any(|guest| uids.contains(guest))) else {
                return Ok(Step::Same);
            };
            let mut ticket = old.clone();
            ticket.guests.retain(|guest| !uids.contains(guest));
            Ok(ticket.into())
        })?;
        Ok(())
    }

    /// A conversation is over.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn over(&self, conversation: &str) -> Done<()> {
        let done = self.act(conversation, |old| {
            Ok(old.map_or(Step::Same, |old| {
                close(old, None, Why::Gone, self.call.now, self.config)
            }))
        });
        forgive(done)?;
        Ok(self.reconcile(conversation)?)
    }

    /// An agent accepts what it was offered, or takes who waits here.
    ///
    /// # Errors
    /// What the desk refuses; trouble of the server.
    pub fn accepts(&self, uid: &str, conversation: &str) -> Done<Ticket> {
        let found = self.ticket(conversation)?.map(|(ticket, _)| ticket);
        let ticket = found.filter(Ticket::is_open).ok_or(Refused::NotOpen)?;
        if ticket.phase == Phase::Queued {
            return self.takes(uid, &ticket);
        }
        let name = self.name(uid)?;
        let (ticket, _) = self.act(conversation, |old| {
            Ok(old.map_or(Step::Refused(Refused::NotOpen), |old| {
                accept(old, uid, &name, self.call.now, self.config)
            }))
        })?;
        ticket.ok_or_else(|| Refused::NotOpen.into())
    }

    /// An agent takes a ticket that waits, and accepts it with that.
    fn takes(&self, uid: &str, ticket: &Ticket) -> Done<Ticket> {
        let (turn, conversation) = (ticket.turn_id(), ticket.conversation.as_str());
        if !self.reserve(uid, conversation, &turn, false)? {
            return Err(Refused::Full.into());
        }
        let config = Config {
            accept_seconds: crate::config::Seconds(0.0),
            ..self.config.clone()
        };
        let now = self.call.now;
        let took = self.settle(conversation, uid, &turn, |old, name| {
            crate::moves::assign(old, &turn, uid, name, now, &config)
        })?;
        let ticket = self.ticket(conversation)?.map(|(ticket, _)| ticket);
        ticket.filter(|_| took).ok_or_else(|| Refused::NotYours.into())
    }

    /// An agent takes the next who waits for one of its teams.
    ///
    /// # Errors
    /// Nobody waits; it has no room; trouble of the server.
    pub fn next(&self, uid: &str) -> Done<Ticket> {
        let agent = self.agent(uid)?.ok_or(Refused::Full)?;
        for team in &agent.teams {
            while let Some(ticket) = self.first(team)? {
                match self.takes(uid, &ticket) {
                    // Somebody was faster.
                    Err(Failure::Refused(Refused::NotYours | Refused::NotOpen)) => {}
                    done => return done,
                }
            }
        }
        Err(Refused::Empty.into())
    }

    /// A conversation is passed on: by who has it, or (none) by somebody who may.
    ///
    /// # Errors
    /// What the desk refuses; trouble of the server.
    pub fn passes(&self, by: Option<&str>, conversation: &str, to: Target<'_>) -> Done<Ticket> {
        let found = self.ticket(conversation)?.map(|(ticket, _)| ticket);
        let ticket = found.filter(Ticket::is_open).ok_or(Refused::NotOpen)?;
        // Asked before anybody is given anything.
        if by.is_some() && ticket.agent() != by {
            return Err(Refused::NotYours.into());
        }
        if by.is_some() && ticket.transfers >= self.config.transfers {
            return Err(Refused::TooOften.into());
        }
        let now = self.call.now;
        match to {
            Target::Team(team) => {
                if !self.config.has_team(team) {
                    return Err(Refused::Unknown.into());
                }
                self.act(conversation, |old| {
                    Ok(old.map_or(Step::Refused(Refused::NotOpen), |old| {
                        transfer(old, by, To::Team(team), now, self.config)
                    }))
                })?;
                self.dispatch(team)?;
                self.looks(conversation)?;
            }
            Target::Agent(uid) => {
                if ticket.agent() == Some(uid) {
                    return Ok(ticket);
                }
                if !self.is_agent(uid)? {
                    return Err(Refused::Unknown.into());
                }
                let turn = ticket.next_turn_id();
                if !self.reserve(uid, conversation, &turn, false)? {
                    return Err(Refused::Full.into());
                }
                let passed = self.settle(conversation, uid, &turn, |old, name| {
                    transfer(old, by, To::Agent(uid, &turn, name), now, self.config)
                })?;
                if !passed {
                    return Err(Refused::Busy.into());
                }
            }
        }
        let ticket = self.ticket(conversation)?.map(|(ticket, _)| ticket);
        ticket.ok_or_else(|| Refused::NotOpen.into())
    }

    /// A conversation is closed: by who has it, or (none) by somebody who may.
    ///
    /// # Errors
    /// What the desk refuses; trouble of the server.
    pub fn closes(&self, by: Option<&str>, conversation: &str) -> Done<Ticket> {
        let (ticket, _) = self.act(conversation, |old| {
            Ok(old.map_or(Step::Refused(Refused::NotOpen), |old| {
                close(old, by, Why::Done, self.call.now, self.config)
            }))
        })?;
        ticket.ok_or_else(|| Refused::NotOpen.into())
    }

    /// Somebody is there, or not.
    ///
    /// # Errors
    /// Who is no agent; trouble of the server.
    pub fn turns(&self, uid: &str, duty: Duty) -> Done<Agent> {
        self.turn(uid, duty, false)
    }
}

/// Whom a conversation is passed on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// An agent.
    Agent(&'a str),
    /// A team.
    Team(&'a str),
}
