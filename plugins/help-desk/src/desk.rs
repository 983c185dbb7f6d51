//! Tickets and the world: every change of a ticket, and making the world what a ticket says.
//!
//! `reconcile` may run in several calls at once, and any of them may end at any point. Each step asks for what the newest
//! ticket says and may be done again; after the last one the ticket must still be the one that was read, else all is done
//! anew. So whatever is done last is what the newest ticket says.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::config::Config;
use crate::host::{Host, Outcome, Sure, Trouble, Words};
use crate::moves::{Refused, Step};
use crate::survey::Row;
use crate::ticket::{Beside, Phase, Ticket};

/// The call this plugin is in.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The time in milliseconds.
    pub now: u64,
    /// Whether the server makes it again if it ends before its time.
    pub again: bool,
}

/// The desk, in one call.
pub struct Desk<'a, H: Host + ?Sized> {
    /// The server.
    pub host: &'a H,
    /// The tenant's settings.
    pub config: &'a Config,
    /// The call.
    pub call: Call,
    /// Whether conversations are being given away: the one who does goes on until nobody is free.
    pub dispatching: Cell<bool>,
    /// How many were given away in this call.
    pub given: Cell<u32>,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The rules of the desk.
    Refused(Refused),
    /// The server.
    Trouble(Trouble),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// What may fail.
pub type Done<T> = Result<T, Failure>;

/// How often a ticket that others change as well is tried.
const TRIES: u32 = 40;
/// How soon a ticket is looked at whose call may have ended before its time, in milliseconds.
const SOON: u64 = 3_000;

impl<H: Host + ?Sized> Desk<'_, H> {
    /// A ticket and its version.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn ticket(&self, conversation: &str) -> Outcome<Option<(Ticket, u64)>> {
        let Some(entry) = self.host.get(&Ticket::key(conversation))? else {
            return Ok(None);
        };
        match serde_json::from_str(&entry.value) {
            Ok(ticket) => Ok(Some((ticket, entry.version))),
            Err(error) => Err(Trouble::Final(format!(
                "the ticket of {conversation} cannot be read: {error}"
            ))),
        }
    }

    /// Changes a ticket and makes the world so. Answers the ticket as it is then, and whether it was changed.
    ///
    /// # Errors
    /// What `step` refuses; trouble of the server.
    pub fn act(
        &self,
        conversation: &str,
        mut step: impl FnMut(Option<&Ticket>) -> Done<Step>,
    ) -> Done<(Option<Ticket>, bool)> {
        for _ in 0..TRIES {
            let found = self.ticket(conversation)?;
            if found.as_ref().is_some_and(|(ticket, _)| ticket.dirty) {
                // Somebody has not finished, or is about to.
                self.reconcile(conversation)?;
            }
            let found = self.ticket(conversation)?;
            let old = found.as_ref().map(|(ticket, _)| ticket);
            let new = match step(old)? {
                Step::Same => return Ok((found.map(|(ticket, _)| ticket), false)),
                Step::Refused(refused) => return Err(refused.into()),
                Step::To(new) => *new,
            };
            if new.dirty && !self.call.again {
                let soon = self.call.now + SOON;
                self.host.wake(&Ticket::timer(conversation), soon, self.call.now)?;
            }
            let version = found.as_ref().map_or(0, |(_, version)| *version);
            if !self.keep(&new, version)? {
                continue;
            }
            if new.dirty {
                self.reconcile(conversation)?;
            } else {
                self.arm(&new)?;
            }
            return Ok((self.ticket(conversation)?.map(|(ticket, _)| ticket), true));
        }
        Err(Refused::Busy.into())
    }

    fn keep(&self, ticket: &Ticket, version: u64) -> Outcome<bool> {
        let value = serde_json::to_string(ticket).map_err(|error| Trouble::Final(error.to_string()))?;
        let ttl = (!ticket.is_open() && !ticket.dirty).then(|| self.config.keep_seconds());
        self.host
            .swap_surely(&Ticket::key(&ticket.conversation), version, &value, ttl)
    }

    fn arm(&self, ticket: &Ticket) -> Outcome<()> {
        match ticket.deadline(self.config) {
            Some(at) => {
                let at = at.max(self.call.now + 1);
                self.host.wake(&Ticket::timer(&ticket.conversation), at, self.call.now)
            }
            None => Ok(()),
        }
    }

    /// Makes the world what the newest ticket says, and then gives to those who wait what has become free.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn reconcile(&self, conversation: &str) -> Outcome<()> {
        let (mut teams, mut brought) = (Vec::new(), Vec::new());
        for _ in 0..TRIES {
            let Some((ticket, version)) = self.ticket(conversation)? else {
                return Ok(());
            };
            self.furnish(&ticket, &mut brought)?;
            for errand in &ticket.errands {
                teams.extend(self.run(errand, conversation)?);
            }
            self.line_up(&ticket)?;
            self.arm(&ticket)?;
            if !ticket.dirty {
                if self.ticket(conversation)?.is_some_and(|(_, now)| now == version) {
                    break;
                }
                continue;
            }
            if self.keep(&settled(&ticket), version)? {
                break;
            }
        }
        // Should the call end here, those who wait are looked at soon enough, and then this is done.
        teams.sort();
        teams.dedup();
        teams.iter().try_for_each(|team| self.dispatch(team))
    }

    /// The conversation itself: its members, its data and what is said in it. Whom this call has brought in, it puts out
    /// again should the ticket be somebody else's by then.
    fn furnish(&self, ticket: &Ticket, brought: &mut Vec<String>) -> Outcome<()> {
        let id = ticket.conversation.as_str();
        let Some(room) = self.host.room(id)? else {
            return Ok(());
        };
        let here = ticket.agent();
        let is_in = |uid: &str| room.members.iter().any(|member| member == uid);
        if let Some(agent) = here.filter(|agent| !is_in(agent)) {
            brought.push(agent.to_owned());
            self.told(self.host.bring_in(id, agent))?;
        }
        for say in &ticket.out {
            let (kind, body, nonce) = (&say.kind, &say.body, ticket.nonce(say));
            let words = Words {
                conversation: id,
                kind,
                body,
                nonce: &nonce,
            };
            self.told(self.host.say(&words))?;
        }
        if let Some(merge) = note(ticket, &room.desk) {
            self.told(self.host.note(id, &json!({ "desk": merge })))?;
        }
        if let Some(direct) = ticket.of.as_ref().filter(|_| ticket.dirty) {
            self.mirror(ticket, direct)?;
        }
        if self.config.leave {
            // Somebody else may have just brought in who was here before.
            let guests = ticket.guests.iter().chain(brought.iter());
            let gone = guests.filter(|guest| Some(guest.as_str()) != here);
            for guest in gone.filter(|guest| is_in(guest)) {
                self.told(self.host.put_out(id, guest))?;
            }
        }
        if let Some(agent) = here.filter(|agent| !ticket.is_known_to(agent, &room.desk)) {
            let data = json!({ "conversation": id, "phase": phase_name(&ticket.phase), "customer": ticket.customer });
            self.told(self.host.push(agent, "assigned", &data))?;
        }
        self.remember(ticket)
    }

    /// What is kept besides: who a customer had last, and what was answered.
    fn remember(&self, ticket: &Ticket) -> Outcome<()> {
        if !ticket.dirty {
            return Ok(());
        }
        let keep = Some(self.config.keep_seconds());
        if let (Phase::Closed, Some(agent)) = (&ticket.phase, &ticket.last_agent) {
            self.host.put_surely(&Ticket::last_key(&ticket.customer), agent, keep)?;
        }
        if let Some(row) = Row::of(ticket) {
            let value = serde_json::to_string(&row).map_err(|error| Trouble::Final(error.to_string()))?;
            self.host.put_surely(&row.key(), &value, keep)?;
        }
        Ok(())
    }

    /// The queue: the one key it is to have, and none of the others.
    fn line_up(&self, ticket: &Ticket) -> Outcome<()> {
        let here = ticket.queue_key();
        if let Some(key) = &here
            && self.host.get(key)?.is_none()
        {
            self.host.put_surely(key, "1", None)?;
        }
        for key in ticket.keys.iter().filter(|key| Some(*key) != here.as_ref()) {
            self.host.drop_surely(key)?;
        }
        Ok(())
    }

    /// What will not work the next time either is told to the tenant, and the rest goes on.
    pub(crate) fn told(&self, outcome: Outcome<()>) -> Outcome<()> {
        match outcome {
            Err(Trouble::Final(text)) => {
                self.host.warn(&text);
                Ok(())
            }
            other => other,
        }
    }
}

impl Ticket {
    /// Whether the conversation's data said already that this agent has it.
    fn is_known_to(&self, agent: &str, desk: &Value) -> bool {
        desk["agent"] == agent || desk["offered"] == agent && matches!(self.phase, Phase::Offered { .. })
    }
}

/// A phase's name for clients.
#[must_use]
pub const fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Bot => "bot",
        Phase::Queued => "queued",
        Phase::Offered { .. } => "offered",
        Phase::Active { .. } => "active",
        Phase::Closed => "closed",
        Phase::Beside(_) => "beside",
    }
}

/// A ticket to which the world has been made.
fn settled(ticket: &Ticket) -> Ticket {
    // Those who go now are remembered until the next time: a call that is late may bring them in again.
    let here = ticket.agent();
    let gone = ticket
        .guests
        .iter()
        .rev()
        .filter(|guest| Some(guest.as_str()) != here)
        .take(1);
    let guests = gone.map(String::as_str).chain(here).map(str::to_owned).collect();
    Ticket {
        dirty: false,
        heard: false,
        out: Vec::new(),
        errands: Vec::new(),
        keys: ticket.queue_key().into_iter().collect(),
        guests,
        ..ticket.clone()
    }
}

/// What is to be merged into the desk's part of the conversation's data; none if it is so already. What is wanted stays
/// until it was heard.
fn note(ticket: &Ticket, desk: &Value) -> Option<Value> {
    let mut ext = ticket.ext();
    let answered = ticket.heard || ticket.is_open() || ticket.beside().is_some_and(Beside::is_open);
    let differs = ["by", "agent", "offered", "since", "case"]
        .iter()
        .any(|name| desk[*name] != ext[*name]);
    let is_wanted = !desk["wanted"].is_null();
    if !differs && (!answered || !is_wanted) {
        return None;
    }
    if answered {
        ext["wanted"] = Value::Null;
    }
    Some(ext)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_stays_until_it_was_heard() {
        let mut ticket = Ticket {
            phase: Phase::Closed,
            since: 5,
            ..Ticket::default()
        };
        let wanted = json!({ "by": "closed", "since": 5, "wanted": { "reason": "x" } });
        assert_eq!(note(&ticket, &wanted), None);
        ticket.heard = true;
        assert_eq!(note(&ticket, &wanted).unwrap()["wanted"], Value::Null);
        assert!(note(&ticket, &json!({ "by": "bot" })).is_some());
        ticket.heard = false;
        assert!(note(&ticket, &json!({ "by": "bot" })).unwrap().get("wanted").is_none());
    }
}
