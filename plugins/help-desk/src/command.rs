//! What people type: `/accept` and its sisters for agents, `/agent` for customers.

use crate::agent::Duty;
use crate::arrivals::Ask;
use crate::desk::{Desk, Done, Failure, phase_name};
use crate::events::Target;
use crate::host::{Host, Outcome, Trouble};
use crate::moves::Refused;
use crate::ticket::Ticket;

/// Name, arguments and what it does.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    ("agent", "[reason]", "Ask for a person."),
    ("queue", "[team]", "Who waits, and what you have."),
    ("accept", "", "Accept this conversation, or take the next who waits."),
    ("transfer", "<uid or team:name>", "Pass this conversation on."),
    ("assign", "<uid>", "Give this conversation to an agent."),
    ("close", "", "Close this conversation."),
    ("away", "[busy or offline]", "You take no conversations for now."),
    ("back", "", "You take conversations."),
];

/// Who types what where.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// Who.
    pub uid: &'a str,
    /// Where.
    pub conversation: &'a str,
    /// Of which kind that is.
    pub room: &'a str,
    /// The command.
    pub name: &'a str,
    /// What follows it.
    pub arguments: &'a str,
}

/// How many of those who wait are listed.
const LISTED: u32 = 10;

impl<H: Host + ?Sized> Desk<'_, H> {
    /// Runs a command. Answers what only who typed it is told.
    ///
    /// # Errors
    /// What the desk refuses; trouble of the server.
    pub fn runs(&self, typed: &Typed<'_>) -> Done<String> {
        let Typed { uid, conversation, .. } = *typed;
        let argument = typed.arguments.trim();
        if typed.name == "agent" {
            return self.wants(typed, argument);
        }
        if !self.is_agent(uid)? {
            return Err(Refused::NotAgent.into());
        }
        match typed.name {
            "queue" => Ok(self.tells(uid, argument)?),
            "accept" => {
                let ticket = match self.accepts(uid, conversation) {
                    Err(Failure::Refused(Refused::NotOpen)) => self.next(uid)?,
                    done => done?,
                };
                Ok(format!("You have the conversation {}.", ticket.conversation))
            }
            "transfer" => {
                let ticket = self.passes(Some(uid), conversation, target(argument))?;
                Ok(passed(&ticket))
            }
            "assign" => {
                let ticket = self.passes(None, conversation, Target::Agent(argument.trim_start_matches('@')))?;
                Ok(passed(&ticket))
            }
            "close" => {
                self.closes(Some(uid), conversation)?;
                Ok("Closed.".to_owned())
            }
            "away" => {
                let duty = Duty::read(argument)
                    .filter(|duty| *duty != Duty::Online)
                    .unwrap_or(Duty::Away);
                self.turns(uid, duty)?;
                Ok(format!("You are {}.", duty.name()))
            }
            "back" => {
                let agent = self.turns(uid, Duty::Online)?;
                Ok(format!(
                    "You are online, with {} of {} conversations.",
                    agent.load.len(),
                    agent.cap
                ))
            }
            _ => Err(Refused::Unknown.into()),
        }
    }

    fn wants(&self, typed: &Typed<'_>, reason: &str) -> Done<String> {
        if !self.takes_kind(typed.room) {
            return Err(Refused::Kind.into());
        }
        let agent = self.is_agent(typed.uid)?;
        let ask = Ask {
            conversation: typed.conversation,
            room: typed.room,
            customer: (!agent).then_some(typed.uid),
            team: None,
            reason,
            asked: true,
            seq: 0,
        };
        let ticket = self.arrives(&ask)?;
        let phase = ticket.as_ref().map_or("bot", |ticket| phase_name(&ticket.phase));
        Ok(match phase {
            "queued" => "Somebody will be with you soon.".to_owned(),
            "offered" | "active" => "Somebody is with you.".to_owned(),
            _ => "Nobody is available at the moment.".to_owned(),
        })
    }

    fn tells(&self, uid: &str, team: &str) -> Outcome<String> {
        let team = if team.is_empty() {
            self.config.first_team()
        } else {
            team
        };
        let keys = self.host.scan(&Ticket::queue(team), None, LISTED + 1)?;
        let mut lines = vec![match keys.len() {
            0 => format!("Nobody waits for {team}."),
            count if count > LISTED as usize => format!("More than {LISTED} wait for {team}:"),
            count => format!("{count} wait for {team}:"),
        }];
        for key in keys.iter().take(LISTED as usize) {
            if let Some(Some((ticket, _))) = Ticket::of_queue(key).map(|id| self.ticket(id)).transpose()? {
                let minutes = self.call.now.saturating_sub(ticket.waiting_since) / 60_000;
                lines.push(format!(
                    "{} {}, {minutes} min {}",
                    ticket.conversation, ticket.customer, ticket.reason
                ));
            }
        }
        if let Some(agent) = self.agent(uid)? {
            let mine: Vec<&str> = agent.load.iter().map(|slot| slot.conversation.as_str()).collect();
            let (have, cap, duty) = (mine.len(), agent.cap, agent.duty.name());
            lines.push(format!("You are {duty}, with {have} of {cap}: {}", mine.join(", ")));
        }
        Ok(lines.join("\n"))
    }
}

fn target(argument: &str) -> Target<'_> {
    match argument.strip_prefix("team:") {
        Some(team) => Target::Team(team.trim()),
        None => Target::Agent(argument.trim_start_matches('@')),
    }
}

fn passed(ticket: &Ticket) -> String {
    match ticket.agent() {
        Some(agent) => format!("{agent} has it now."),
        None => format!("It waits for {}.", ticket.team),
    }
}

/// What a failed command is answered with: a code and words.
#[must_use]
pub fn refusal(failure: &Failure) -> (&'static str, String) {
    match failure {
        Failure::Refused(refused) => {
            let (code, text) = refused.words();
            (code, text.to_owned())
        }
        Failure::Trouble(Trouble::Final(text) | Trouble::Passing(text)) => ("desk_trouble", text.clone()),
    }
}
