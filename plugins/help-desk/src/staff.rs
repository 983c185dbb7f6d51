//! Agents' values: every change of one, and the index of those who are there.
//!
//! The index may hold keys of the past: each names the change it was written for, and whoever meets one that is not of the
//! newest removes it. What it must not be without, a key of an agent who is there, is written after the value; should the
//! call end in between, the agent's timer writes it.

use serde_json::json;

use crate::agent::{Agent, Duty, End};
use crate::desk::{Desk, Done};
use crate::host::{Entry, Host, Outcome, Sure, Trouble, exchange};
use crate::moves::{Refused, Step, back};
use crate::ticket::{Errand, Phase, Ticket};

/// How long a conversation may be an agent's without its ticket saying so, in milliseconds: far longer than a call.
const GRACE: u64 = 30_000;

impl<H: Host + ?Sized> Desk<'_, H> {
    /// An agent's value, if there is one.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn agent(&self, uid: &str) -> Outcome<Option<Agent>> {
        self.host
            .get(&Agent::key(uid))?
            .as_ref()
            .map(|entry| self.read(entry, uid))
            .transpose()
    }

    fn read(&self, entry: &Entry, uid: &str) -> Outcome<Agent> {
        let read = serde_json::from_str::<Agent>(&entry.value);
        let mut agent = read.map_err(|error| Trouble::Final(format!("the agent {uid} cannot be read: {error}")))?;
        if let Some(listed) = self.config.listed(uid) {
            agent.follow(self.config, listed.cap, &listed.teams);
        }
        Ok(agent)
    }

    /// Whether somebody answers customers. Costs nothing for those who are listed or were there once; else, where an
    /// attribute says so, a look at the user.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn is_agent(&self, uid: &str) -> Outcome<bool> {
        if self.config.listed(uid).is_some() {
            return Ok(true);
        }
        Ok(self.config.role.is_some() && self.newcomer(uid)?.is_some())
    }

    /// An agent who has no value yet.
    fn newcomer(&self, uid: &str) -> Outcome<Option<Agent>> {
        let mut agent = Agent {
            uid: uid.to_owned(),
            ..Agent::default()
        };
        if let Some(listed) = self.config.listed(uid) {
            agent.follow(self.config, listed.cap, &listed.teams);
            return Ok(Some(agent));
        }
        let Some(role) = &self.config.role else {
            return Ok(None);
        };
        let Some(person) = self.host.person(uid)? else {
            return Ok(None);
        };
        if person.attributes["role"].as_str() != Some(role) {
            return Ok(None);
        }
        let teams = person.attributes["desk_teams"].as_array();
        let teams = teams.map(|teams| {
            teams
                .iter()
                .filter_map(|team| team.as_str().map(str::to_owned))
                .collect()
        });
        let cap = person.attributes["desk_cap"]
            .as_u64()
            .and_then(|cap| u32::try_from(cap).ok());
        agent.follow(self.config, cap, &teams.unwrap_or_else(Vec::new));
        Ok(Some(agent))
    }

    /// What an agent is called.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn name(&self, uid: &str) -> Outcome<String> {
        let person = self.host.person(uid)?;
        Ok(person
            .map(|person| person.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| uid.to_owned()))
    }

    /// Changes an agent's value and the index. `change` answers whether it did; it may be asked more than once.
    ///
    /// # Errors
    /// Trouble of the server; who is no agent.
    pub fn change_agent(&self, uid: &str, mut change: impl FnMut(&mut Agent) -> bool) -> Done<Agent> {
        let key = Agent::key(uid);
        let mut seen = None;
        let changed = exchange::<(Vec<String>, Agent), crate::desk::Failure>(self.host, &key, |entry| {
            let mut agent = match &entry {
                Some(entry) => self.read(entry, uid)?,
                None => self.newcomer(uid)?.ok_or(Refused::NotAgent)?,
            };
            let before = agent.index(self.config.assign);
            if !change(&mut agent) {
                seen = Some(agent);
                return Ok(None);
            }
            agent.rev += 1;
            let value = serde_json::to_string(&agent).map_err(|error| Trouble::Final(error.to_string()))?;
            Ok(Some((value, None, (before, agent))))
        })?;
        let Some((before, agent)) = changed else {
            return seen.ok_or_else(|| Refused::NotAgent.into());
        };
        for key in agent.index(self.config.assign) {
            self.host.put_surely(&key, "1", None)?;
        }
        for key in before {
            self.host.drop_surely(&key)?;
        }
        Ok(agent)
    }

    /// Gives an agent a conversation if it has room. `free`: and only if it may be given one without being asked.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn reserve(&self, uid: &str, conversation: &str, turn: &str, free: bool) -> Done<bool> {
        let mut taken = false;
        self.change_agent(uid, |agent| {
            let had = agent.has(conversation, turn);
            let may = agent.duty.here() && (!free || agent.duty == Duty::Online);
            taken = had || may && agent.take(conversation, turn, self.call.now);
            taken && !had
        })?;
        Ok(taken)
    }

    /// Takes a turn of a conversation from an agent. Answers the teams for which it may be free now.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn release(&self, uid: &str, conversation: &str, turn: &str, end: End) -> Outcome<Vec<String>> {
        let now = self.call.now;
        let released = self.change_agent(uid, |agent| agent.give_up(conversation, turn, end, now, self.config));
        match released {
            Ok(agent) => Ok(if agent.free() { agent.teams } else { Vec::new() }),
            Err(crate::desk::Failure::Trouble(trouble)) => Err(trouble),
            Err(crate::desk::Failure::Refused(_)) => Ok(Vec::new()),
        }
    }

    /// Does an errand. Answers the teams for which somebody may be free now.
    pub(crate) fn run(&self, errand: &Errand, conversation: &str) -> Outcome<Vec<String>> {
        match errand.end {
            Some(end) => self.release(&errand.agent, conversation, &errand.turn, end),
            None => {
                if self.agent(&errand.agent)?.is_some_and(|agent| agent.missed > 0) {
                    let accepted = self.change_agent(&errand.agent, |agent| std::mem::take(&mut agent.missed) > 0);
                    if let Err(crate::desk::Failure::Trouble(trouble)) = accepted {
                        return Err(trouble);
                    }
                }
                Ok(Vec::new())
            }
        }
    }

    /// An agent, or the desk itself, says whether it is there.
    ///
    /// # Errors
    /// Who is no agent; trouble of the server.
    pub fn turn(&self, uid: &str, duty: Duty, auto: bool) -> Done<Agent> {
        if duty.here() {
            let at = self.call.now + self.check_ms();
            self.host.wake(&Agent::timer(uid), at, self.call.now)?;
        }
        let agent = self.change_agent(uid, |agent| {
            let other = agent.duty != duty || agent.auto != auto;
            agent.turn(duty, auto, if other { self.call.now } else { agent.since });
            other
        })?;
        if !agent.duty.here() {
            self.pass_on_offers(&agent)?;
        }
        if agent.free() {
            for team in &agent.teams {
                self.dispatch(team)?;
            }
        }
        Ok(agent)
    }

    /// What an agent who goes was offered goes to somebody else.
    fn pass_on_offers(&self, agent: &Agent) -> Done<()> {
        for slot in &agent.load {
            self.act(&slot.conversation, |old| match old.map(|old| (old, &old.phase)) {
                Some((old, Phase::Offered { agent: offered, .. })) if *offered == agent.uid => {
                    Ok(back(old, End::Passed, self.call.now))
                }
                _ => Ok(Step::Same),
            })?;
            // It may be free for somebody now.
            if let Some((ticket, _)) = self.ticket(&slot.conversation)?
                && ticket.phase == Phase::Queued
            {
                self.dispatch(&ticket.team)?;
            }
        }
        Ok(())
    }

    fn check_ms(&self) -> u64 {
        self.config.away.check_seconds.millis().unwrap_or(20_000)
    }

    /// Looks after an agent: is it still there, are its conversations still its own, is it in the index?
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn look_after(&self, uid: &str) -> Done<()> {
        let Some(agent) = self.agent(uid)? else { return Ok(()) };
        if !agent.duty.here() && !agent.auto && agent.load.is_empty() {
            return Ok(());
        }
        let now = self.call.now;
        self.host.wake(&Agent::timer(uid), now + self.check_ms(), now)?;
        let mut lost = Vec::new();
        for slot in agent.load.iter().filter(|slot| now >= slot.at.saturating_add(GRACE)) {
            match self.ticket(&slot.conversation)? {
                Some((ticket, _)) if ticket.agent() == Some(uid) && ticket.turn_id() == slot.turn => {}
                _ => lost.push(slot),
            }
        }
        for slot in lost {
            self.release(uid, &slot.conversation, &slot.turn, End::Passed)?;
        }
        let online = self.host.online(uid)?;
        let patience = self.config.away.offline_seconds.millis();
        let agent = self.change_agent(uid, |agent| watch(agent, online, patience, now))?;
        for key in agent.index(self.config.assign) {
            if self.host.get(&key)?.is_none() {
                self.host.put_surely(&key, "1", None)?;
            }
        }
        if agent.free() {
            for team in &agent.teams {
                self.dispatch(team)?;
            }
        }
        Ok(())
    }

    /// Tells supervisors that a customer waits too long.
    ///
    /// # Errors
    /// Trouble of the server.
    pub fn alarm(&self, ticket: &Ticket) -> Outcome<()> {
        let agent = match &ticket.phase {
            Phase::Active { agent } => Some(agent),
            _ => ticket.last_agent.as_ref(),
        };
        let data = json!({ "conversation": ticket.conversation, "customer": ticket.customer, "agent": agent });
        for uid in &self.config.reply.notify {
            if let Err(Trouble::Final(text)) = self.host.push(uid, "escalated", &data) {
                self.host.warn(&text);
            }
        }
        Ok(())
    }
}

/// What a look at an agent's connections changes.
fn watch(agent: &mut Agent, online: bool, patience: Option<u64>, now: u64) -> bool {
    let Some(patience) = patience else { return false };
    match (online, agent.gone_at) {
        (true, None) => false,
        (true, Some(_)) => {
            agent.gone_at = None;
            if agent.duty == Duty::Away && agent.auto {
                agent.turn(Duty::Online, false, now);
            }
            true
        }
        (false, None) => {
            agent.gone_at = Some(now);
            agent.duty != Duty::Offline
        }
        (false, Some(gone)) if agent.duty.here() && now >= gone.saturating_add(patience) => {
            agent.turn(Duty::Away, true, now);
            // It comes back as it went: by a connection.
            agent.gone_at = Some(gone);
            true
        }
        (false, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_connection_for_long_is_away_until_it_has_one() {
        let mut agent = Agent {
            duty: Duty::Online,
            ..Agent::default()
        };
        assert!(!watch(&mut agent, true, Some(100), 0));
        assert!(watch(&mut agent, false, Some(100), 10));
        assert!(!watch(&mut agent, false, Some(100), 109));
        assert!(watch(&mut agent, false, Some(100), 110));
        assert_eq!((agent.duty, agent.auto), (Duty::Away, true));
        assert!(!watch(&mut agent, false, Some(100), 500));
        assert!(watch(&mut agent, true, Some(100), 600));
        assert_eq!((agent.duty, agent.auto), (Duty::Online, false));
        assert!(!watch(&mut agent, false, None, 700), "switched off");
    }

    #[test]
    fn who_missed_too_many_comes_back_by_a_word_only() {
        let mut agent = Agent::default();
        agent.turn(Duty::Away, true, 5);
        assert!(!watch(&mut agent, true, Some(100), 10));
        assert_eq!(agent.duty, Duty::Away);
    }
}
