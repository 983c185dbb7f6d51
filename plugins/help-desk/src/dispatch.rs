//! Who waits, and who gets whom. The oldest of a team's queue is given to the first of those who are free; both are read by
//! their index, a few keys at a time, never all.

use crate::agent::{Agent, End};
use crate::clock::{Look, Place};
use crate::config::Assign;
use crate::desk::{Desk, Done, Failure};
use crate::host::{Host, Outcome, Sure, Trouble};
use crate::moves::{Refused, Step, assign};
use crate::ticket::{Phase, Ticket};

/// Keys of an index that are read at once.
const PAGE: u32 = 16;
/// How many times.
const PAGES: u32 = 4;
/// Conversations given away in one call; the others are as soon as they are looked at.
const MOST: u32 = 8;

/// What came of trying to give a ticket away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Somebody has it.
    Yes,
    /// It waits no more, or nobody who is free may have it: the next may be luckier.
    Not,
    /// Nobody is free.
    Nobody,
}

impl<H: Host + ?Sized> Desk<'_, H> {
    /// Gives those who wait for a team to those who are free.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn dispatch(&self, team: &str) -> Outcome<()> {
        if self.config.assign == Assign::Manual || self.dispatching.replace(true) {
            return Ok(());
        }
        let done = self.give_away(team);
        self.dispatching.set(false);
        done
    }

    fn give_away(&self, team: &str) -> Outcome<()> {
        let mut after = None::<String>;
        for _ in 0..PAGES {
            let keys = self.host.scan(&Ticket::queue(team), after.as_deref(), PAGE)?;
            for key in &keys {
                if self.given.get() >= MOST {
                    return Ok(());
                }
                let Some(ticket) = self.who_waits(key)? else { continue };
                match self.give(&ticket)? {
                    Given::Yes => self.given.set(self.given.get() + 1),
                    Given::Not => {}
                    Given::Nobody => return Ok(()),
                }
            }
            after = keys.last().cloned();
            if keys.len() < PAGE as usize {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The ticket of a key of the queue. A key of a ticket that waits no more is removed.
    fn who_waits(&self, key: &str) -> Outcome<Option<Ticket>> {
        let found = Ticket::of_queue(key)
            .map(|conversation| self.ticket(conversation))
            .transpose()?;
        match found.flatten() {
            Some((ticket, _)) if ticket.queue_key().as_deref() == Some(key) => Ok(Some(ticket)),
            _ => {
                self.host.drop_surely(key)?;
                Ok(None)
            }
        }
    }

    fn give(&self, ticket: &Ticket) -> Outcome<Given> {
        if let Some(agent) = self.returning(ticket)? {
            match self.hand(ticket, &agent) {
                Ok(true) => return Ok(Given::Yes),
                Ok(false) | Err(Failure::Refused(_)) => {}
                Err(Failure::Trouble(trouble)) => return Err(trouble),
            }
        }
        let (prefix, mut after, mut anybody) = (format!("f/{}/0", ticket.team), None::<String>, false);
        for _ in 0..PAGES {
            let keys = self.host.scan(&prefix, after.as_deref(), PAGE)?;
            for key in &keys {
                let Some(uid) = self.who_is_free(key)? else { continue };
                anybody = true;
                if ticket.tried.contains(&uid) {
                    continue;
                }
                match self.hand(ticket, &uid) {
                    Ok(true) => return Ok(Given::Yes),
                    Ok(false) => {}
                    Err(Failure::Refused(_)) => return Ok(Given::Not),
                    Err(Failure::Trouble(trouble)) => return Err(trouble),
                }
            }
            after = keys.last().cloned();
            if keys.len() < PAGE as usize {
                break;
            }
        }
        Ok(if anybody { Given::Not } else { Given::Nobody })
    }

    /// Who had this customer last, if it may be asked first.
    fn returning(&self, ticket: &Ticket) -> Outcome<Option<String>> {
        if !self.config.returning {
            return Ok(None);
        }
        let last = match &ticket.last_agent {
            Some(agent) => Some(agent.clone()),
            None => self
                .host
                .get(&Ticket::last_key(&ticket.customer))?
                .map(|entry| entry.value),
        };
        let Some(uid) = last.filter(|uid| !ticket.tried.contains(uid)) else {
            return Ok(None);
        };
        let agent = self.agent(&uid)?;
        Ok(agent
            .filter(|agent| agent.free() && agent.teams.contains(&ticket.team))
            .map(|agent| agent.uid))
    }

    /// The agent of a key of the index. A key of an agent who has changed since is removed.
    fn who_is_free(&self, key: &str) -> Outcome<Option<String>> {
        let Some(uid) = Agent::of_index(key) else {
            return Ok(None);
        };
        let agent = self.agent(uid)?;
        if agent.is_some_and(|agent| agent.index(self.config.assign).iter().any(|now| now == key)) {
            return Ok(Some(uid.to_owned()));
        }
        self.host.drop_surely(key)?;
        Ok(None)
    }

    /// Gives a ticket that waits to an agent: first its value, then the ticket. Whether the agent had room.
    fn hand(&self, ticket: &Ticket, uid: &str) -> Done<bool> {
        let turn = ticket.turn_id();
        if !self.reserve(uid, &ticket.conversation, &turn, true)? {
            return Ok(false);
        }
        let now = self.call.now;
        self.settle(&ticket.conversation, uid, &turn, |old, name| {
            assign(old, &turn, uid, name, now, self.config)
        })
    }

    /// Lets the ticket follow an agent's value that has it already; if the ticket will not, the agent loses it again.
    ///
    /// # Errors
    /// What the ticket refuses; trouble of the server.
    pub fn settle(
        &self,
        conversation: &str,
        uid: &str,
        turn: &str,
        step: impl Fn(&Ticket, &str) -> Step,
    ) -> Done<bool> {
        let name = self.name(uid)?;
        let mut has_it = false;
        let done = self.act(conversation, |old| match old {
            Some(old) if old.turn_id() == turn && old.agent().is_some() => {
                // It may be this one's already: then what was written has only not been seen.
                has_it = old.agent() == Some(uid);
                Ok(Step::Same)
            }
            Some(old) => Ok(step(old, &name)),
            None => Ok(Step::Refused(Refused::NotOpen)),
        });
        match done {
            Ok((_, changed)) if changed || has_it => Ok(true),
            Ok(_) => {
                self.release(uid, conversation, turn, End::Passed)?;
                Ok(false)
            }
            Err(Failure::Refused(refused)) => {
                self.release(uid, conversation, turn, End::Passed)?;
                Err(refused.into())
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// What the desk sees of a ticket.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn look_at(&self, ticket: &Ticket) -> Outcome<Look> {
        let mut look = Look::default();
        if crate::clock::asks_for_last_word(ticket) {
            look.last_at = self.host.last_word(&ticket.conversation)?;
        }
        if ticket.phase == Phase::Queued {
            look.on_duty = self.on_duty(&ticket.team)?;
            look.place = self.place(ticket)?;
        }
        Ok(look)
    }

    /// Whether anybody of a team is there.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn on_duty(&self, team: &str) -> Outcome<bool> {
        let mut after = None::<String>;
        for _ in 0..PAGES {
            let keys = self.host.scan(&format!("f/{team}/"), after.as_deref(), 4)?;
            for key in &keys {
                if self.is_there(key, team)? {
                    return Ok(true);
                }
            }
            after = keys.last().cloned();
            if keys.len() < 4 {
                break;
            }
        }
        Ok(false)
    }

    /// Whether the agent of a key of the index is there. A key of the past will do: an agent that changes at this moment
    /// has one of these only, or two.
    fn is_there(&self, key: &str, team: &str) -> Outcome<bool> {
        if self.who_is_free(key)?.is_some() {
            return Ok(true);
        }
        let agent = Agent::of_index(key).map(|uid| self.agent(uid)).transpose()?.flatten();
        Ok(agent.is_some_and(|agent| agent.duty.here() && agent.teams.iter().any(|mine| mine == team)))
    }

    /// A ticket's place in the queue: one read of at most as many keys as are told. A key that should be among them and is
    /// not was not written yet, or is another turn's by now: that is no place at the end.
    fn place(&self, ticket: &Ticket) -> Outcome<Place> {
        let told = self.config.queue.told;
        let keys = self.host.scan(&Ticket::queue(&ticket.team), None, told)?;
        let Some(mine) = ticket.queue_key() else {
            return Ok(Place::Unknown);
        };
        if let Some(before) = keys.iter().position(|key| *key == mine) {
            return Ok(Place::At(u32::try_from(before + 1).unwrap_or(u32::MAX)));
        }
        let further = keys.len() >= told as usize && keys.last().is_some_and(|last| *last < mine);
        Ok(if further { Place::Far } else { Place::Unknown })
    }

    /// The oldest of a team who waits.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn first(&self, team: &str) -> Outcome<Option<Ticket>> {
        for key in self.host.scan(&Ticket::queue(team), None, PAGE)? {
            if let Some(ticket) = self.who_waits(&key)? {
                return Ok(Some(ticket));
            }
        }
        Ok(None)
    }
}

/// What only the server can know is trouble; a refusal of the desk itself is not.
///
/// # Errors
/// Trouble of the server.
pub fn forgive<T>(done: Done<T>) -> Result<Option<T>, Trouble> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Trouble(trouble)) => Err(trouble),
    }
}
