//! Customers who come to the desk, however they do.

use crate::desk::{Desk, Done};
use crate::host::{Host, Outcome};
use crate::moves::{Arrival, Refused, arrive};
use crate::ticket::{Phase, Ticket};

/// Conversations of two, to which nobody can be added.
pub const DIRECT: &str = "direct";

/// A customer who asks for a person, or for whom a bot does.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Where.
    pub conversation: &'a str,
    /// Of which kind it is.
    pub room: &'a str,
    /// Who; none: who owns the conversation.
    pub customer: Option<&'a str>,
    /// Which team; none: the first.
    pub team: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Whether it was asked by name.
    pub asked: bool,
    /// With which message; 0: none.
    pub seq: u64,
}

impl<H: Host + ?Sized> Desk<'_, H> {
    /// A customer comes to the desk.
    ///
    /// # Errors
    /// Where the desk does not work; trouble of the server.
    pub fn arrives(&self, ask: &Ask<'_>) -> Done<Option<Ticket>> {
        // A direct conversation may be of any two: it comes only when somebody says so.
        let fits = self.takes_kind(ask.room) && (ask.asked || ask.room != DIRECT);
        if !fits && !ask.asked {
            return Err(Refused::Kind.into());
        }
        let team = ask.team.unwrap_or_else(|| self.config.first_team());
        if !self.config.has_team(team) {
            return Err(Refused::Unknown.into());
        }
        let owner;
        let customer = match ask.customer {
            Some(customer) => customer,
            None => {
                owner = self.customer_of(ask.conversation)?;
                owner.as_str()
            }
        };
        let arrival = Arrival {
            conversation: ask.conversation,
            customer,
            team,
            reason: ask.reason,
            asked: ask.asked,
            open: self.is_open(),
            on_duty: self.on_duty(team)?,
            fits,
            seq: ask.seq,
            of: None,
        };
        if fits && ask.room == DIRECT {
            return self.arrives_beside(&arrival);
        }
        self.takes_in(&arrival)
    }

    /// Whether conversations of a kind may come to the desk.
    #[must_use]
    pub fn takes_kind(&self, kind: &str) -> bool {
        self.config.kinds.iter().any(|known| known == kind)
    }

    /// Takes a customer in, gives the conversation to who is free, or tells the place in the queue at once.
    ///
    /// # Errors
    /// Trouble of the server.
    pub(crate) fn takes_in(&self, arrival: &Arrival<'_>) -> Done<Option<Ticket>> {
        let conversation = arrival.conversation;
        let (ticket, changed) = self.act(conversation, |old| Ok(arrive(old, arrival, self.call.now, self.config)))?;
        if !changed && arrival.asked {
            self.reconcile(conversation)?;
        }
        if let Some(ticket) = ticket.filter(|ticket| ticket.phase == Phase::Queued) {
            self.dispatch(&ticket.team)?;
            self.looks(conversation)?;
        }
        Ok(self.ticket(conversation)?.map(|(ticket, _)| ticket))
    }

    fn is_open(&self) -> bool {
        self.config.hours.as_ref().is_none_or(|hours| {
            hours.open(self.call.now).unwrap_or_else(|error| {
                self.host.warn(&error);
                true
            })
        })
    }

    /// Who is to be answered where nobody has said anything yet.
    fn customer_of(&self, conversation: &str) -> Outcome<String> {
        let room = self.host.room(conversation)?.unwrap_or_default();
        for uid in room.owner.iter().chain(&room.members) {
            if !self.is_agent(uid)? {
                return Ok(uid.clone());
            }
        }
        Ok(room.owner.unwrap_or_default())
    }
}
