//! A conversation at the desk. What it says is what the world is to be like; `dirty` says that the world may not be so yet.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::agent::End;
use crate::config::Config;

/// How long a ticket that waits for nothing else is left alone, in milliseconds.
const RECHECK: u64 = 60_000;

/// Where a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Phase {
    /// With the bot: nobody could be asked.
    #[default]
    Bot,
    /// It waits for somebody.
    Queued,
    /// Somebody has it, and has not accepted yet.
    Offered {
        /// Who.
        agent: String,
        /// Until when.
        until: u64,
    },
    /// Somebody has it.
    Active {
        /// Who.
        agent: String,
    },
    /// It is over.
    Closed,
    /// A direct conversation, to which nobody can be added: its case is a conversation of its own.
    Beside(Beside),
}

/// Where a direct conversation's case is, and what is told of it there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Beside {
    /// The case's conversation.
    pub case: String,
    /// As in the case's own data.
    pub by: String,
    /// Who has it.
    pub agent: Option<String>,
    /// Which state of the case this is: what an older one says comes too late.
    pub of: (u64, u32),
}

impl Beside {
    /// Whether people are at it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.by == "queue" || self.by == "agent"
    }
}

/// Something still to be said. What is said twice is stored once: its number is in its nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Say {
    /// Its number in the ticket.
    pub number: u32,
    /// Of the message.
    pub kind: String,
    /// A JSON object.
    pub body: String,
}

/// Something still to be told to an agent's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Whose.
    pub agent: String,
    /// Which turn it is about.
    pub turn: String,
    /// It has the conversation no more; none: it has accepted it.
    pub end: Option<End>,
}

/// What came of the question at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// When it was asked; 0: it was not.
    pub asked_at: u64,
    /// Who it is about.
    pub agent: String,
    /// 1 to 5; 0: not yet.
    pub score: u8,
    /// When.
    pub scored_at: u64,
    /// What was said besides.
    pub comment: String,
}

/// A conversation at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ticket {
    /// Its id.
    pub conversation: String,
    /// Who is to be answered.
    pub customer: String,
    /// When it came; names the ticket among those of the conversation.
    pub opened_at: u64,
    /// Where it is.
    pub phase: Phase,
    /// Since when.
    pub since: u64,
    /// Which team it is for.
    pub team: String,
    /// Since when it waits: its place in the queue.
    pub waiting_since: u64,
    /// How often it was put into the queue.
    pub turn: u32,
    /// How often it went to another phase.
    pub changes: u32,
    /// The direct conversation it is the case of.
    pub of: Option<String>,
    /// It was left as a message while nobody was there.
    pub mail: bool,
    /// Why a person is wanted.
    pub reason: String,
    /// Who is not asked in this turn.
    pub tried: Vec<String>,
    /// Who had it last.
    pub last_agent: Option<String>,
    /// How often it was passed on.
    pub transfers: u32,
    /// The last message that counted.
    pub seen: u64,
    /// Since when the customer waits for a word of the agent.
    pub awaiting: Option<u64>,
    /// Whether the agent has said anything yet.
    pub replied: bool,
    /// How long the first word took.
    pub first_reply_ms: Option<u64>,
    /// Whether it was said that this wait is too long.
    pub escalated: bool,
    /// When somebody last said something that counted.
    pub last_at: u64,
    /// When the customer was asked whether it is still there.
    pub reminded_at: Option<u64>,
    /// The place that the customer was told; 0: none.
    pub told: u32,
    /// When the customer was last told something about waiting.
    pub told_at: u64,
    /// The question at the end.
    pub answer: Answer,
    /// The world may not be as this says.
    pub dirty: bool,
    /// What was asked for with `desk.wanted` is answered.
    pub heard: bool,
    /// How much was said.
    pub said: u32,
    /// What is still to be said.
    pub out: Vec<Say>,
    /// What agents' values are still to be told.
    pub errands: Vec<Errand>,
    /// Who was brought in and is to go again.
    pub guests: Vec<String>,
    /// Keys of the queue that may be there.
    pub keys: Vec<String>,
}

impl Ticket {
    /// The key of a conversation's value.
    #[must_use]
    pub fn key(conversation: &str) -> String {
        format!("c/{conversation}")
    }

    /// The name of the timer that looks after a conversation.
    #[must_use]
    pub fn timer(conversation: &str) -> String {
        format!("c:{conversation}")
    }

    /// Under which the conversation of a direct one's case is kept.
    #[must_use]
    pub fn case_key(direct: &str) -> String {
        format!("d/{direct}")
    }

    /// Under which a customer's last agent is kept.
    #[must_use]
    pub fn last_key(customer: &str) -> String {
        format!("l/{customer}")
    }

    /// What begins the keys of those who wait for a team.
    #[must_use]
    pub fn queue(team: &str) -> String {
        format!("q/{team}/")
    }

    /// Its key in the queue now; no two turns share one.
    #[must_use]
    pub fn queue_key(&self) -> Option<String> {
        let (team, since, conversation) = (&self.team, self.waiting_since, &self.conversation);
        let turn = self.turn_id();
        (self.phase == Phase::Queued).then(|| format!("q/{team}/{since:013}/{conversation}/{turn}"))
    }

    /// Whose key of the queue this is.
    #[must_use]
    pub fn of_queue(key: &str) -> Option<&str> {
        key.split('/').nth(3)
    }

    /// Who has it.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        match &self.phase {
            Phase::Offered { agent, .. } | Phase::Active { agent } => Some(agent),
            Phase::Bot | Phase::Queued | Phase::Closed | Phase::Beside(_) => None,
        }
    }

    /// Whether people are at it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Queued | Phase::Offered { .. } | Phase::Active { .. })
    }

    /// Where its case is, if that is another conversation.
    #[must_use]
    pub const fn beside(&self) -> Option<&Beside> {
        match &self.phase {
            Phase::Beside(there) => Some(there),
            _ => None,
        }
    }

    /// The nonce of something said: the same however often it is tried.
    #[must_use]
    pub fn nonce(&self, say: &Say) -> String {
        format!("desk{}.{:x}.{}", self.conversation, self.opened_at, say.number)
    }

    /// Has a text said, unless it is empty.
    pub fn say(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.say_as("text", json!({ "text": text }));
        }
    }

    /// Has something said.
    pub fn say_as(&mut self, kind: &str, body: Value) {
        self.said += 1;
        self.out.push(Say {
            number: self.said,
            kind: kind.to_owned(),
            body: body.to_string(),
        });
    }

    /// Goes to another phase.
    pub fn turn_to(&mut self, phase: Phase, now: u64) {
        self.phase = phase;
        self.changes += 1;
        self.since = now;
        self.dirty = true;
    }

    /// Has the value of who has this turn told that it is over, or (none) accepted.
    pub fn errand(&mut self, agent: &str, end: Option<End>) {
        let (agent, turn) = (agent.to_owned(), self.turn_id());
        self.errands.push(Errand { agent, turn, end });
    }

    /// Names the turn: from one enqueueing or passing on to the next. One turn is one agent's at most.
    #[must_use]
    pub fn turn_id(&self) -> String {
        turn_name(self.opened_at, self.turn)
    }

    /// What the next turn will be called.
    #[must_use]
    pub fn next_turn_id(&self) -> String {
        turn_name(self.opened_at, self.turn.saturating_add(1))
    }

    /// The desk's part of the conversation's data.
    #[must_use]
    pub fn ext(&self) -> Value {
        let (by, agent, offered) = match &self.phase {
            Phase::Bot => ("bot", None, None),
            Phase::Queued => ("queue", None, None),
            Phase::Offered { agent, .. } => ("queue", None, Some(agent)),
            Phase::Active { agent } => ("agent", Some(agent), None),
            Phase::Closed => ("closed", None, None),
            Phase::Beside(there) => (there.by.as_str(), there.agent.as_ref(), None),
        };
        let case = self.beside().map(|there| &there.case);
        json!({ "by": by, "agent": agent, "offered": offered, "since": self.since, "case": case })
    }

    /// When the desk is to look at it again, if ever.
    #[must_use]
    pub fn deadline(&self, config: &Config) -> Option<u64> {
        let after = |at: u64, wait: Option<u64>| wait.map(|wait| at.saturating_add(wait));
        match &self.phase {
            Phase::Bot | Phase::Closed | Phase::Beside(_) => None,
            Phase::Queued => {
                let every = config.queue.every_seconds.millis().unwrap_or(RECHECK);
                let too_long = after(self.waiting_since, config.queue.max_seconds.millis()).filter(|_| !self.mail);
                let look = self.told_at.max(self.since).saturating_add(every);
                Some(too_long.map_or(look, |too_long| too_long.min(look)))
            }
            Phase::Offered { until, .. } => Some(*until),
            Phase::Active { .. } => match (self.awaiting, self.reminded_at) {
                (Some(at), _) if !self.escalated => after(at, self.patience(config)),
                (Some(_), _) => None,
                (None, None) => after(self.last_at, config.idle.remind_seconds.millis()),
                (None, Some(at)) => after(at, config.idle.close_seconds.millis()),
            },
        }
    }

    /// How long the customer may be kept waiting.
    #[must_use]
    pub fn patience(&self, config: &Config) -> Option<u64> {
        if self.replied {
            config.reply.next_seconds.millis()
        } else {
            config.reply.first_seconds.millis()
        }
    }
}

/// Later turns of a conversation have later names.
fn turn_name(opened_at: u64, turn: u32) -> String {
    format!("{opened_at:012x}.{turn:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_queue_is_of_one_turn() {
        let mut ticket = Ticket {
            conversation: "17".to_owned(),
            team: "main".to_owned(),
            phase: Phase::Queued,
            waiting_since: 5,
            ..Ticket::default()
        };
        let first = ticket.queue_key().unwrap();
        ticket.turn += 1;
        let second = ticket.queue_key().unwrap();
        assert!(first.starts_with(&Ticket::queue("main")) && first != second);
        assert_eq!(Ticket::of_queue(&second), Some("17"));
        ticket.phase = Phase::Closed;
        assert_eq!(ticket.queue_key(), None);
    }

    #[test]
    fn a_nonce_fits() {
        let ticket = Ticket {
            conversation: u64::MAX.to_string(),
            opened_at: u64::MAX,
            ..Ticket::default()
        };
        let say = Say {
            number: u32::MAX,
            kind: String::new(),
            body: String::new(),
        };
        assert!(ticket.nonce(&say).len() <= 64);
    }
}
