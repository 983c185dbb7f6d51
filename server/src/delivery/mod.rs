//! The way out: an event, its audience, one encoding for each protocol that is spoken there, and the queues.
//!
//! Stored events come from storage's announcement channel in commit order and are delivered by one task, so that every
//! connection sees them in the order of the stream; what is not stored (typing, presence) is delivered at once.

mod audience;

use std::sync::Arc;

use tokio::sync::mpsc;

pub use audience::Audiences;

use crate::cluster::Bus;
use crate::hub::{Frame, Hub, Interpreter, Link, ProtocolId, Tongue};
use crate::model::{Audience, Event, Except};
use crate::telemetry::Figures;

/// Turns events into the frames of one protocol.
pub trait Encode: Send + Sync {
    /// The event's frame, the same for every receiver; none if this protocol does not tell of it.
    fn encode(&self, event: &Event) -> Option<Frame>;
}

/// How many protocols one node may speak.
const PROTOCOLS: usize = 8;

/// Members after which a fan-out lets other tasks run.
const BREATH: usize = 256;

/// The way out.
pub struct Delivery {
    hub: Arc<Hub>,
    bus: Arc<dyn Bus>,
    encoders: Vec<Arc<dyn Encode>>,
    audiences: Audiences,
    figures: Arc<Figures>,
}

impl Delivery {
    /// Delivers to the hub and the bus. The encoder at index `n` speaks `ProtocolId(n)`; at most 8.
    #[must_use]
    pub fn new(hub: Arc<Hub>, bus: Arc<dyn Bus>, encoders: Vec<Arc<dyn Encode>>, figures: Arc<Figures>) -> Self {
        assert!(encoders.len() <= PROTOCOLS, "more protocols than a node may speak");
        Self {
            audiences: Audiences::new(hub.clone()),
            hub,
            bus,
            encoders,
            figures,
        }
    }

    /// Delivers what storage announces until its channel closes.
    pub async fn run(self: Arc<Self>, mut announcements: mpsc::Receiver<Vec<Event>>) {
        while let Some(events) = announcements.recv().await {
            for event in events {
                let receivers = self.publish(&event);
                if receivers > BREATH {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Delivers one event: to everyone of its audience on this node, and to the bus. Says how many users were looked at.
    pub fn publish(&self, event: &Event) -> usize {
        self.bus.publish(event);
        if let Some(cursor) = event.cursor {
            self.hub.delivering(cursor);
        }
        let mut fan = Fan {
            event,
            encoders: &self.encoders,
            frames: Default::default(),
            told: Vec::new(),
            pushed: 0,
        };
        let receivers = match &event.audience {
            Audience::Members(roster) => self.to_members(event, roster, &mut fan),
            Audience::MembersAnd(roster, others) => {
                let members = self.to_members(event, roster, &mut fan);
                members + self.to_users(event, others, &mut fan)
            }
            Audience::Users(users) => self.to_users(event, users, &mut fan),
            Audience::Watchers(user) => {
                if let Some(seat) = self.hub.find(event.app, user) {
                    seat.each_watcher(|link| fan.push(link));
                }
                1
            }
        };
        self.figures.deliveries.add(fan.pushed);
        fan.tell();
        receivers
    }

    fn to_members(&self, event: &Event, roster: &Arc<crate::model::Roster>, fan: &mut Fan<'_>) -> usize {
        let seats = self.audiences.seats(event.app, roster);
        for seat in seats.iter() {
            seat.each(|link| fan.push(link));
        }
        seats.len()
    }

    fn to_users(&self, event: &Event, users: &[crate::model::UserId], fan: &mut Fan<'_>) -> usize {
        for user in users {
            if let Some(seat) = self.hub.find(event.app, user) {
                seat.each(|link| fan.push(link));
            }
        }
        users.len()
    }
}

/// One event on its way out: encoded for a protocol when the first connection that speaks it comes up.
struct Fan<'a> {
    event: &'a Event,
    encoders: &'a [Arc<dyn Encode>],
    frames: [Option<Option<Frame>>; PROTOCOLS],
    /// Connections whose frames plugins make, with who makes them.
    told: Vec<Told>,
    /// Connections that get a frame.
    pushed: usize,
}

/// Who makes the frames, and for which connections; none if it does not tell of such events.
type Told = (Arc<dyn Interpreter>, Option<Vec<Arc<Link>>>);

impl Fan<'_> {
    fn push(&mut self, link: &Arc<Link>) {
        match &self.event.except {
            Except::Connection(id) if *id == link.id => return,
            Except::User(user) if *user == link.user => return,
            _ => {}
        }
        let ProtocolId(index) = match &link.tongue {
            Tongue::Encoded(protocol) => *protocol,
            Tongue::Interpreted(interpreter, _) => return self.gather(interpreter, link),
        };
        let frame = self.frames[usize::from(index)].get_or_insert_with(|| {
            self.encoders
                .get(usize::from(index))
                .and_then(|encoder| encoder.encode(self.event))
        });
        if let Some(frame) = frame {
            link.push(frame.clone());
            self.pushed += 1;
        }
    }

    /// One event is put into the words of a dialect once, for all who speak it; that takes time, so it is done elsewhere.
    fn gather(&mut self, interpreter: &Arc<dyn Interpreter>, link: &Arc<Link>) {
        let known = self.told.iter().position(|(known, _)| Arc::ptr_eq(known, interpreter));
        let at = known.unwrap_or_else(|| {
            let links = interpreter.tells(self.event).then(Vec::new);
            self.told.push((interpreter.clone(), links));
            self.told.len() - 1
        });
        if let Some((_, Some(links))) = self.told.get_mut(at) {
            links.push(link.clone());
            self.pushed += 1;
        }
    }

    fn tell(self) {
        if self.told.iter().all(|(_, links)| links.is_none()) {
            return;
        }
        let event = Arc::new(self.event.clone());
        for (interpreter, links) in self.told {
            if let Some(links) = links {
                interpreter.tell(event.clone(), links);
            }
        }
    }
}
