//! Rosters resolved to seats, so that a fan-out looks nobody up.

use std::sync::{Arc, Weak};

use quick_cache::sync::Cache;

use crate::hub::{Hub, Seat};
use crate::model::{AppId, ConversationId, Roster};

/// Resolved rosters kept at hand.
const KEPT: usize = 10_000;

/// A conversation's seats, and the roster they were resolved from.
#[derive(Clone)]
struct Resolved {
    roster: Weak<Roster>,
    seats: Arc<[Arc<Seat>]>,
}

/// Seats by conversation. An entry counts only for the very roster it was made from: a membership change makes a new
/// roster, and with it a new entry.
pub struct Audiences {
    hub: Arc<Hub>,
    resolved: Cache<ConversationId, Resolved>,
}

impl Audiences {
    /// An empty cache over a hub.
    #[must_use]
    pub fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            resolved: Cache::new(KEPT),
        }
    }

    /// The seats of a roster's members.
    #[must_use]
    pub fn seats(&self, app: AppId, roster: &Arc<Roster>) -> Arc<[Arc<Seat>]> {
        let id = roster.conversation.id;
        if let Some(known) = self.resolved.get(&id)
            && known.roster.as_ptr() == Arc::as_ptr(roster)
        {
            return known.seats;
        }
        let seats: Arc<[Arc<Seat>]> = roster
            .members
            .iter()
            .map(|member| self.hub.seat(app, &member.user))
            .collect();
        self.resolved.insert(
            id,
            Resolved {
                roster: Arc::downgrade(roster),
                seats: seats.clone(),
            },
        );
        seats
    }
}
