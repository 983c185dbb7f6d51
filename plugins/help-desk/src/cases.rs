//! Cases: a direct conversation has two members and no room for a third, so people come to a conversation beside it.
//!
//! One direct conversation has one such case, made with the first and used for all others. Only an observer's call makes
//! it: those of a conversation come one after the other, and one that ends before its time is made again and finds what it
//! had made, by the case's own data. The case has a ticket like any group; the direct conversation's ticket only follows it.

use serde_json::json;

use crate::config::{Config, Unavailable};
use crate::desk::{Desk, Done};
use crate::dispatch::forgive;
use crate::host::{Host, Outcome, Sure};
use crate::moves::{Arrival, Step, TOLD_AGAIN};
use crate::talk::Heard;
use crate::texts::fill;
use crate::ticket::{Beside, Phase, Ticket};

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
        if !self.call.again {
            return self.posts(arrival).map(Some).map_err(Into::into);
        }
        let case = self.case(direct, arrival.customer)?;
        self.takes_in(&Arrival {
            conversation: &case,
            of: Some(direct),
            seq: 0,
            ..arrival.clone()
        })
    }

    /// Asks as a bot does: the server will tell of it in a call that is made again. Answers what the ticket will be.
    fn posts(&self, arrival: &Arrival<'_>) -> Outcome<Ticket> {
        let wanted = json!({
            "reason": arrival.reason, "from": "help-desk", "customer": arrival.customer, "team": arrival.team,
        });
        let merge = json!({ "desk": { "wanted": wanted } });
        self.told(self.host.note(arrival.conversation, &merge))?;
        Ok(Ticket {
            conversation: arrival.conversation.to_owned(),
            customer: arrival.customer.to_owned(),
            team: arrival.team.to_owned(),
            reason: arrival.reason.to_owned(),
            phase: Phase::Queued,
            waiting_since: self.call.now,
            ..Ticket::default()
        })
    }

    /// The case's conversation, with the customer in it.
    fn case(&self, direct: &str, customer: &str) -> Outcome<String> {
        let key = Ticket::case_key(direct);
        let kept = self.host.get(&key)?.map(|entry| entry.value);
        if let Some(case) = kept
            && let Some(room) = self.host.room(&case)?
        {
            if !room.members.iter().any(|member| member == customer) {
                self.host.bring_in(&case, customer)?;
            }
            return Ok(case);
        }
        let case = match self.host.case_of(customer, direct)? {
            Some(case) => case,
            None => self.host.open_case(customer, direct, &self.config.texts.case)?,
        };
        self.host.put_surely(&key, &case, None)?;
        Ok(case)
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
