//! All seats of this node, sharded by user.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use super::{CloseReason, Inbox, Link, Seat, Tongue};
use crate::model::{AppId, ConnectionId, Cursor, DeviceId, Login, Presence, UserId};

/// The connections of this node.
pub struct Hub {
    seats: DashMap<(AppId, UserId), Arc<Seat>, FxBuildHasher>,
    next: AtomicU64,
    live: AtomicUsize,
    delivered: AtomicU64,
    queue: usize,
    per_user: usize,
}

/// A connection that has just come in.
pub struct Arrival {
    /// As the rest of the server sees it.
    pub link: Arc<Link>,
    /// Its own end of the queue.
    pub inbox: Inbox,
    /// Nobody of this user was connected before.
    pub first: bool,
}

impl Hub {
    /// An empty hub whose connections have queues of `queue` frames, at most `per_user` for each user.
    #[must_use]
    pub fn new(queue: usize, per_user: usize) -> Self {
        Self {
            seats: DashMap::with_hasher(FxBuildHasher),
            next: AtomicU64::new(1),
            live: AtomicUsize::new(0),
            delivered: AtomicU64::new(0),
            queue,
            per_user,
        }
    }

    /// A user's seat, made if need be.
    #[must_use]
    pub fn seat(&self, app: AppId, user: &UserId) -> Arc<Seat> {
        let key = (app, user.clone());
        if let Some(seat) = self.seats.get(&key) {
            return seat.clone();
        }
        self.seats
            .entry(key)
            .or_insert_with(|| Arc::new(Seat::new(app, user.clone())))
            .clone()
    }

    /// A user's seat, if there is one: for whoever has something for those who are there.
    #[must_use]
    pub fn find(&self, app: AppId, user: &UserId) -> Option<Arc<Seat>> {
        self.seats.get(&(app, user.clone())).map(|seat| seat.clone())
    }

    /// Forgets all seats that nobody sits in, watches or holds: those made for a fan-out whose conversation is no longer
    /// at hand.
    pub fn sweep(&self) {
        self.seats
            .retain(|_, seat| Arc::strong_count(seat) > 1 || !seat.is_idle());
    }

    /// Says that an event is about to be delivered: who is here by then hears of it.
    pub fn delivering(&self, cursor: Cursor) {
        self.delivered.store(cursor.0, Ordering::SeqCst);
    }

    /// The last event that was.
    #[must_use]
    pub fn delivered(&self) -> Cursor {
        Cursor(self.delivered.load(Ordering::SeqCst))
    }

    /// Lets a connection in. What the login policy does not allow beside it is closed as replaced, and so is the
    /// oldest connection of a user that has too many.
    pub fn enter(
        &self,
        app: AppId,
        user: UserId,
        device: DeviceId,
        tongue: impl Into<Tongue>,
        login: Login,
    ) -> Arrival {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Ok(id) = ConnectionId::new(number) else {
            unreachable!("2^53 connections take longer than any server runs")
        };
        let (link, inbox) = Link::new(id, app, user.clone(), device, tongue.into(), self.queue);
        let link = Arc::new(link);
        // Entering under the map's lock keeps a seat that is being given up from being entered.
        let (seat, before) = {
            let entry = self
                .seats
                .entry((app, user.clone()))
                .or_insert_with(|| Arc::new(Seat::new(app, user)));
            let before = entry.enter(link.clone());
            // After it has entered: whatever is delivered from now on finds it.
            link.entered(self.delivered());
            (entry.clone(), before)
        };
        self.live.fetch_add(1, Ordering::Relaxed);
        self.replace(&seat, &link, login);
        Arrival {
            link,
            inbox,
            first: before == 0,
        }
    }

    fn replace(&self, seat: &Seat, newest: &Arc<Link>, login: Login) {
        let mut others: Vec<_> = seat
            .links()
            .into_iter()
            .filter(|link| !Arc::ptr_eq(link, newest))
            .collect();
        others.retain(|link| {
            let goes = match login {
                Login::Multiple => false,
                Login::PerDevice => link.device == newest.device,
                Login::Single => true,
            };
            if goes {
                link.close(CloseReason::Replaced);
            }
            !goes
        });
        if others.len() >= self.per_user
            && let Some(oldest) = others.iter().min_by_key(|link| link.id)
        {
            oldest.close(CloseReason::Replaced);
        }
    }

    /// Takes a connection out. True if it was the user's last.
    pub fn leave(&self, link: &Arc<Link>) -> bool {
        self.watch(link, Vec::new());
        let key = (link.app, link.user.clone());
        let Some(left) = self.seats.get(&key).and_then(|seat| seat.leave(link)) else {
            return false;
        };
        self.live.fetch_sub(1, Ordering::Relaxed);
        self.give_up(&key);
        left == 0
    }

    /// Forgets a seat that nobody sits in, watches or holds.
    fn give_up(&self, key: &(AppId, UserId)) {
        self.seats
            .remove_if(key, |_, seat| Arc::strong_count(seat) == 1 && seat.is_idle());
    }

    /// Makes a connection watch these users, and no others.
    pub fn watch(&self, link: &Arc<Link>, users: Vec<UserId>) {
        let before = std::mem::replace(&mut *link.watching.lock(), users.clone());
        for user in before {
            self.seat(link.app, &user).watch(link, false);
            self.give_up(&(link.app, user));
        }
        for user in users {
            self.seat(link.app, &user).watch(link, true);
        }
    }

    /// Whether a user is connected to this node.
    #[must_use]
    pub fn is_online(&self, app: AppId, user: &UserId) -> bool {
        self.find(app, user).is_some_and(|seat| seat.is_taken())
    }

    /// Who of these is connected to this node.
    #[must_use]
    pub fn presence(&self, app: AppId, user: &UserId) -> Presence {
        let mut devices: Vec<DeviceId> = Vec::new();
        let mut since: Option<Cursor> = None;
        if let Some(seat) = self.seats.get(&(app, user.clone())) {
            seat.each(|link| {
                if !devices.contains(&link.device) {
                    devices.push(link.device.clone());
                }
                since = Some(since.map_or(link.since(), |since| since.min(link.since())));
            });
        }
        Presence {
            user: user.clone(),
            devices,
            since,
        }
    }

    /// Ends every connection of a user.
    pub fn expel(&self, app: AppId, user: &UserId) {
        if let Some(seat) = self.seats.get(&(app, user.clone())) {
            seat.each(|link| link.close(CloseReason::Expelled));
        }
    }

    /// Ends every connection of an app.
    pub fn expel_app(&self, app: AppId) {
        self.close_where(CloseReason::Expelled, |seat| seat.app == app);
    }

    /// Ends every connection: the server is going away.
    pub fn close_all(&self) {
        self.close_where(CloseReason::GoingAway, |_| true);
    }

    fn close_where(&self, reason: CloseReason, which: impl Fn(&Seat) -> bool) {
        for seat in self.seats.iter().filter(|seat| which(seat)) {
            seat.each(|link| link.close(reason));
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Frame, ProtocolId};

    fn names() -> (AppId, UserId, DeviceId) {
        (
            AppId::new(1).unwrap(),
            UserId::new("ann").unwrap(),
            DeviceId::new("phone").unwrap(),
        )
    }

    #[tokio::test]
    async fn a_full_queue_ends_the_connection_and_nobody_waits() {
        let hub = Hub::new(2, 8);
        let (app, user, device) = names();
        let arrival = hub.enter(app, user, device, ProtocolId(0), Login::Multiple);
        for _ in 0..3 {
            arrival.link.push(Frame {
                cursor: None,
                text: "x".into(),
            });
        }
        assert_eq!(arrival.link.ended().await, CloseReason::TooSlow);
    }

    #[test]
    fn the_login_policy_says_who_is_replaced() {
        for (login, same_device, other_device) in [
            (Login::Multiple, None, None),
            (Login::PerDevice, Some(CloseReason::Replaced), None),
            (Login::Single, Some(CloseReason::Replaced), Some(CloseReason::Replaced)),
        ] {
            let hub = Hub::new(8, 8);
            let (app, user, phone) = names();
            let tablet = DeviceId::new("tablet").unwrap();
            let first = hub.enter(app, user.clone(), phone.clone(), ProtocolId(0), Login::Multiple);
            let second = hub.enter(app, user.clone(), tablet, ProtocolId(0), Login::Multiple);
            let third = hub.enter(app, user, phone, ProtocolId(0), login);
            assert_eq!(
                (first.link.closing(), second.link.closing(), third.link.closing()),
                (same_device, other_device, None)
            );
        }
    }

    #[test]
    fn too_many_connections_of_one_user_replace_the_oldest() {
        let hub = Hub::new(8, 2);
        let (app, user, device) = names();
        let all: Vec<_> = (0..3)
            .map(|_| hub.enter(app, user.clone(), device.clone(), ProtocolId(0), Login::Multiple))
            .collect();
        assert_eq!(all[0].link.closing(), Some(CloseReason::Replaced));
        assert_eq!(all[2].link.closing(), None);
    }

    #[test]
    fn presence_says_since_when() {
        let hub = Hub::new(8, 8);
        let (app, user, device) = names();
        assert_eq!(hub.presence(app, &user).since, None);
        hub.delivering(Cursor(5));
        let first = hub.enter(app, user.clone(), device.clone(), ProtocolId(0), Login::Multiple);
        hub.delivering(Cursor(9));
        let second = hub.enter(app, user.clone(), device, ProtocolId(0), Login::Multiple);
        assert_eq!(hub.presence(app, &user).since, Some(Cursor(5)));
        hub.leave(&first.link);
        assert_eq!(hub.presence(app, &user).since, Some(Cursor(9)));
        hub.leave(&second.link);
        assert_eq!(hub.presence(app, &user).since, None);
    }

    #[test]
    fn seats_are_given_up_when_nobody_sits_watches_or_holds() {
        let hub = Hub::new(8, 8);
        let (app, user, device) = names();
        let arrival = hub.enter(app, user.clone(), device, ProtocolId(0), Login::Multiple);
        assert!(arrival.first);
        hub.watch(&arrival.link, vec![UserId::new("bob").unwrap()]);
        assert_eq!((hub.live(), hub.seats.len()), (1, 2));
        assert!(hub.presence(app, &user).online());
        assert!(hub.leave(&arrival.link));
        assert!(!hub.leave(&arrival.link));
        assert_eq!((hub.live(), hub.seats.len()), (0, 0));
    }
}
