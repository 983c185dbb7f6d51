//! Cases: a direct conversation has two members and no room for a third, so people come to a conversation beside it.
//!
//! One direct conversation has one such case, made with the first and used for all others. Who makes it says so first, so
//! that nobody else does at that time; who goes on where a call ended finds what that had made by the case's own data. The
//! case has a ticket like any group; the direct conversation's ticket only follows it.

use serde::{Deserialize, Serialize};

use crate::config::{Config, Unavailable};
use crate::desk::{Desk, Done, Failure};
use crate::dispatch::forgive;
use crate::host::{Host, Outcome, Sure, Trouble};
use crate::moves::{Arrival, Refused, Step, TOLD_AGAIN};
use crate::talk::Heard;
use crate::texts::fill;
use crate::ticket::{Beside, Phase, Ticket};

/// How long others leave the making of a case to a call, in milliseconds: far longer than it takes.
const GRACE: u64 = 30_000;

/// What is kept of a direct conversation's case.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// None: it is being made.
    case: Option<String>,
    /// By a call that is made again: of a conversation there is one such at a time.
    again: bool,
    /// Until when others leave it alone.
    until: u64,
}

impl<H: Host + ?Sized> Desk<'_, H> {
    /// A customer asks for a person in a direct conversation.
    ///
    /// # Errors
    /// Trouble of the server.
    pub(crate) fn arrives_beside(&self, arrival: &Arrival<'_>) -> Done<Option<Ticket>> {
        let direct = arrival.conversation;
        let old = self.ticket(direct)?.map(|(ticket, _)| ticket);
        let open = old.as_ref().and_then(Ticket::beside).is_some_and(Beside::is_open);
        let welcome = arrival.open && arrival.on_duty || self.config.unavailable == Unavailable::Message;
        if !open && !welcome {
            return self.takes_in(&Arrival {
                fits: false,
                ..arrival.clone()
            });
        }
        let case = self.case(direct, arrival.customer)?;
        self.takes_in(&Arrival {
            conversation: &case,
            of: Some(direct),
            seq: 0,
            ..arrival.clone()
        })
    }

    /// The case's conversation, with the customer in it.
    fn case(&self, direct: &str, customer: &str) -> Done<String> {
        let key = Ticket::case_key(direct);
        let entry = self.host.get(&key)?;
        let version = entry.as_ref().map_or(0, |entry| entry.version);
        let kept = entry.and_then(|entry| serde_json::from_str::<Kept>(&entry.value).ok());
        let kept = kept.unwrap_or_default();
        if let Some(case) = kept.case
            && let Some(room) = self.host.room(&case)?
        {
            if !room.members.iter().any(|member| member == customer) {
                self.host.bring_in(&case, customer)?;
            }
            return Ok(case);
        }
        let mine = kept.again && self.call.again;
        if !mine && (self.call.now < kept.until || !self.keeps_case(&key, version, None)?) {
            return Err(self.busy());
        }
        let case = match self.host.case_of(customer, direct)? {
            Some(case) => case,
            None => self.host.open_case(customer, direct, &self.config.texts.case)?,
        };
        let version = self.host.get(&key)?.map_or(0, |entry| entry.version);
        self.keeps_case(&key, version, Some(&case))?;
        Ok(case)
    }

    fn keeps_case(&self, key: &str, version: u64, case: Option<&str>) -> Outcome<bool> {
        let kept = Kept {
            case: case.map(str::to_owned),
            again: case.is_none() && self.call.again,
            until: case.map_or(self.call.now.saturating_add(GRACE), |_| 0),
        };
        let value = serde_json::to_string(&kept).map_err(|error| Trouble::Final(error.to_string()))?;
        self.host.swap_surely(key, version, &value, None)
    }

    /// Somebody else is making it.
    fn busy(&self) -> Failure {
        if self.call.again {
            return Trouble::Passing("the case is being made".to_owned()).into();
        }
        Refused::Busy.into()
    }

    /// Lets the direct conversation's ticket follow the one of its case.
    pub(crate) fn mirror(&self, case: &Ticket, direct: &str) -> Outcome<()> {
        let followed = self.act(direct, |old| Ok(follow(old, case, direct, self.call.now, self.config)));
        forgive(followed).map(drop)
    }
}

/// What a direct conversation's ticket is when its case is this.
fn follow(old: Option<&Ticket>, case: &Ticket, direct: &str, now: u64, config: &Config) -> Step {
    let before = old.and_then(Ticket::beside);
    let ext = case.ext();
    let there = Beside {
        case: case.conversation.clone(),
        by: ext["by"].as_str().unwrap_or_default().to_owned(),
        agent: ext["agent"].as_str().map(str::to_owned),
        of: (case.opened_at, case.changes),
    };
    let late = before.is_some_and(|before| before.case == there.case && before.of > there.of);
    let same = before == Some(&there) && !case.heard;
    if late || same {
        return Step::Same;
    }
    let was_open = before.is_some_and(Beside::is_open);
    let mut ticket = match old.filter(|_| before.is_some()) {
        Some(old) => old.clone(),
        None => Ticket {
            conversation: direct.to_owned(),
            opened_at: old.map_or(now, |old| now.max(old.opened_at + 1)),
            seen: old.map_or(0, |old| old.seen),
            ..Ticket::default()
        },
    };
    ticket.customer.clone_from(&case.customer);
    ticket.heard = case.heard;
    if there.is_open() && (!was_open || now >= ticket.told_at.saturating_add(TOLD_AGAIN)) {
        point(&mut ticket, now, config);
    }
    ticket.turn_to(Phase::Beside(there), case.since);
    ticket.into()
}

/// A customer who goes on writing in the direct conversation is told now and then where somebody is.
#[must_use]
pub fn reminded(old: &Ticket, there: &Beside, heard: &Heard<'_>, now: u64, config: &Config) -> Step {
    let due = now >= old.told_at.saturating_add(TOLD_AGAIN);
    if !there.is_open() || heard.uid != old.customer || !due {
        return Step::Same;
    }
    let mut ticket = old.clone();
    ticket.seen = heard.seq;
    ticket.dirty = true;
    point(&mut ticket, now, config);
    ticket.into()
}

/// Tells the customer where to go.
fn point(ticket: &mut Ticket, now: u64, config: &Config) {
    ticket.told_at = now;
    ticket.say(&fill(&config.texts.beside, &[("case", &config.texts.case)]));
}
