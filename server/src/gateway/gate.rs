//! How often and how many at once: what one client's address may ask for, and how many connections an app may have. An
//! address counts as trusted proxies tell it. What is refused costs no storage, no credential check and no guest but the
//! one that says so in a dialect's words.

use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use super::error::respond;
use super::peer::Peer;
use super::socket::handshake;
use crate::model::{AppId, Buckets, Clock, Code, Limits, Rate, Refusal};

/// Addresses whose buckets are remembered: those that came last.
const KEPT: usize = 50_000;

/// When to come again where nobody knows when somebody leaves.
const SOON_MS: u64 = 1000;

/// What there can be too much of.
#[derive(Clone, Copy)]
enum Limit {
    Requests,
    Connects,
    Connections,
    Failures,
    AppConnections,
}

impl Limit {
    const ALL: [Self; 5] = [
        Self::Requests,
        Self::Connects,
        Self::Connections,
        Self::Failures,
        Self::AppConnections,
    ];

    /// The key of the configuration.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "address_requests_per_minute",
            Self::Connects => "address_connects_per_minute",
            Self::Connections => "address_connections",
            Self::Failures => "address_failures_per_minute",
            Self::AppConnections => "app_connections",
        }
    }
}

/// Counts who comes in, and says who comes too often.
pub struct Gate {
    clock: Arc<dyn Clock>,
    limits: Limits,
    requests: Buckets<IpAddr>,
    connects: Buckets<IpAddr>,
    failures: Buckets<IpAddr>,
    addresses: Arc<Crowd<IpAddr>>,
    apps: Arc<Crowd<AppId>>,
    refused: [AtomicU64; Limit::ALL.len()],
}

impl Gate {
    /// Nobody has come yet.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            limits,
            requests: Buckets::new(KEPT),
            connects: Buckets::new(KEPT),
            failures: Buckets::new(KEPT),
            addresses: Arc::default(),
            apps: Arc::default(),
            refused: Default::default(),
        }
    }

    /// Counts a request. One that wants to become a WebSocket gets a ticket along, which is to be kept as long as that is
    /// open.
    ///
    /// # Errors
    /// `RateLimited`.
    pub fn pass(&self, request: &mut Request) -> Result<(), Refusal> {
        let address = source(address_of(request.extensions()));
        if !handshake::asks(request.headers()) {
            let rate = Rate::per_minute(self.limits.address_requests_per_minute);
            return self.take(Limit::Requests, &self.requests, &address, rate);
        }
        let rate = Rate::per_minute(self.limits.address_connects_per_minute);
        self.take(Limit::Connects, &self.connects, &address, rate)?;
        let ticket = self.addresses.enter(address, self.limits.address_connections);
        let ticket = ticket.ok_or_else(|| self.refuse(Limit::Connections, SOON_MS))?;
        request.extensions_mut().insert(Arc::new(ticket));
        Ok(())
    }

    /// Counts a connection of an app as long as its ticket is kept.
    ///
    /// # Errors
    /// `RateLimited`.
    pub fn admit(&self, app: AppId) -> Result<Ticket<AppId>, Refusal> {
        let ticket = self.apps.enter(app, self.limits.app_connections);
        ticket.ok_or_else(|| self.refuse(Limit::AppConnections, SOON_MS))
    }

    /// Whether credentials from an address are looked at.
    ///
    /// # Errors
    /// `RateLimited` after too many wrong ones.
    pub fn may_prove(&self, address: IpAddr) -> Result<(), Refusal> {
        let rate = self.failure_rate();
        if !rate.is_bound() {
            return Ok(());
        }
        let looked = self.failures.of(&source(address)).look(1, rate, self.clock.now());
        looked.map_err(|wait| self.refuse(Limit::Failures, wait))
    }

    /// So many credentials from an address were wrong.
    pub fn proved_wrong(&self, address: IpAddr, times: u32) {
        let rate = self.failure_rate();
        if times == 0 || !rate.is_bound() {
            return;
        }
        let (bucket, now) = (self.failures.of(&source(address)), self.clock.now());
        for _ in 0..times {
            // Empty is empty: who is under way at the same time has been looked at already.
            let _ = bucket.take(1, rate, now);
        }
    }

    /// Checks credentials from an address, if they are looked at, and counts whether they are wrong.
    ///
    /// # Errors
    /// `RateLimited`, or what the check says.
    pub async fn check<T>(
        &self,
        address: IpAddr,
        check: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        self.may_prove(address)?;
        let checked = check.await;
        if let Err(Refusal {
            code: Code::BadToken, ..
        }) = checked
        {
            self.proved_wrong(address, 1);
        }
        checked
    }

    /// How much each limit has refused.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counted = Limit::ALL.into_iter().zip(&self.refused);
        counted.map(|(limit, count)| (limit.as_str(), count.load(Relaxed)))
    }

    const fn failure_rate(&self) -> Rate {
        Rate::per_minute(self.limits.address_failures_per_minute)
    }

    fn take(&self, limit: Limit, buckets: &Buckets<IpAddr>, address: &IpAddr, rate: Rate) -> Result<(), Refusal> {
        if !rate.is_bound() {
            return Ok(());
        }
        let taken = buckets.of(address).take(1, rate, self.clock.now());
        taken.map_err(|wait| self.refuse(limit, wait))
    }

    fn refuse(&self, limit: Limit, wait: u64) -> Refusal {
        self.refused[limit as usize].fetch_add(1, Relaxed);
        Refusal::rate_limited(limit.as_str(), wait)
    }
}

/// A layer of the server's own addresses: who asks too often is not answered. Dialects say so themselves.
pub async fn hold(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    match gate.pass(&mut request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => respond(refusal),
    }
}

/// From where a request came.
pub fn address_of(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<Peer>()
        .map_or_else(|| Peer::unknown().address, |peer| peer.address)
}

/// The ticket that a request got along.
pub fn ticket_of(extensions: &Extensions) -> Option<Arc<Ticket<IpAddr>>> {
    extensions.get().cloned()
}

/// What counts as one client: of IPv6 the network that a single customer is given.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// How many of each are here; who has left altogether is forgotten.
struct Crowd<K: Eq + Hash>(DashMap<K, usize, FxBuildHasher>);

/// Somebody who is here, until it is dropped.
pub struct Ticket<K: Copy + Eq + Hash> {
    crowd: Arc<Crowd<K>>,
    key: K,
}

impl<K: Eq + Hash> Default for Crowd<K> {
    fn default() -> Self {
        Self(DashMap::default())
    }
}

impl<K: Copy + Eq + Hash> Crowd<K> {
    /// Lets somebody in, if there are fewer than so many; 0: no bound.
    fn enter(self: &Arc<Self>, key: K, most: usize) -> Option<Ticket<K>> {
        let mut here = self.0.entry(key).or_insert(0);
        if most > 0 && *here >= most {
            return None;
        }
        *here += 1;
        drop(here);
        Some(Ticket {
            crowd: self.clone(),
            key,
        })
    }
}

impl<K: Copy + Eq + Hash> Drop for Ticket<K> {
    fn drop(&mut self) {
        self.crowd.0.remove_if_mut(&self.key, |_, here| {
            *here -= 1;
            *here == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use axum::body::Body;
    use axum::http::header;

    use super::*;
    use crate::config::Config;
    use crate::model::Millis;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Millis {
            Millis(self.0.load(Relaxed))
        }
    }

    fn gate(change: impl FnOnce(&mut Limits)) -> (Gate, Arc<Hand>) {
        let mut limits = Config::load(None, &[]).unwrap().limits;
        change(&mut limits);
        let hand = Arc::new(Hand(AtomicI64::new(1_000_000)));
        (Gate::new(limits, hand.clone()), hand)
    }

    fn request(from: &str, socket: bool) -> Request {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer {
            address: from.parse().unwrap(),
            ..Peer::unknown()
        });
        if socket {
            let headers = request.headers_mut();
            headers.insert(header::CONNECTION, "upgrade".parse().unwrap());
            headers.insert(header::UPGRADE, "websocket".parse().unwrap());
        }
        request
    }

    fn wait(passed: Result<(), Refusal>) -> Option<(String, u64)> {
        let refusal = passed.err()?;
        assert_eq!(refusal.code, Code::RateLimited);
        Some((refusal.field.unwrap().into_owned(), refusal.retry_after_ms.unwrap()))
    }

    #[test]
    fn requests_are_counted_by_address_and_time_brings_them_back() {
        let (gate, hand) = gate(|limits| limits.address_requests_per_minute = 2);
        let ask = |from| wait(gate.pass(&mut request(from, false)));
        assert_eq!((ask("192.0.2.1"), ask("192.0.2.1")), (None, None));
        let refused = Some(("address_requests_per_minute".to_owned(), 30_000));
        assert_eq!(ask("::ffff:192.0.2.1"), refused, "the same address in other words");
        assert_eq!(ask("192.0.2.2"), None);
        hand.0.fetch_add(30_000, Relaxed);
        assert_eq!(ask("192.0.2.1"), None);
        assert!(ask("192.0.2.1").is_some());
        let counted: Vec<_> = gate.refused().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [("address_requests_per_minute", 2)]);
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        let (gate, _) = gate(|limits| limits.address_requests_per_minute = 1);
        let ask = |from| gate.pass(&mut request(from, false)).is_ok();
        assert!(ask("2001:db8:0:1::1") && !ask("2001:db8:0:1:ffff::2") && ask("2001:db8:0:2::1"));
    }

    #[test]
    fn sockets_are_counted_as_they_come_and_while_they_are_open() {
        let (gate, hand) = gate(|limits| {
            limits.address_connections = 1;
            limits.address_connects_per_minute = 3;
        });
        let mut first = request("192.0.2.1", true);
        assert_eq!(wait(gate.pass(&mut first)), None);
        let again = || wait(gate.pass(&mut request("192.0.2.1", true)));
        assert_eq!(again(), Some(("address_connections".to_owned(), SOON_MS)));
        let ticket = ticket_of(first.extensions());
        drop(first);
        assert!(again().is_some(), "the ticket is held");
        drop(ticket);
        assert_eq!(again(), Some(("address_connects_per_minute".to_owned(), 20_000)));
        hand.0.fetch_add(20_000, Relaxed);
        assert_eq!(again(), None);
        assert!(gate.addresses.0.is_empty(), "who has left is forgotten");
    }

    #[test]
    fn an_app_has_so_many_connections() {
        let (gate, _) = gate(|limits| limits.app_connections = 1);
        let [one, other] = [1, 2].map(|id| AppId::new(id).unwrap());
        let ticket = gate.admit(one);
        assert!(ticket.is_ok() && gate.admit(one).is_err() && gate.admit(other).is_ok());
        drop(ticket);
        assert!(gate.admit(one).is_ok() && gate.apps.0.is_empty());
    }

    #[tokio::test]
    async fn after_many_wrong_credentials_none_are_looked_at() {
        let (gate, hand) = gate(|limits| limits.address_failures_per_minute = 2);
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        let wrong = || gate.check(from, async { Err::<(), _>(Refusal::new(Code::BadToken, "wrong")) });
        let right = || gate.check(from, async { Ok(()) });
        let banned = gate.check(from, async { Err::<(), _>(Refusal::new(Code::UserBanned, "banned")) });
        assert_eq!(banned.await.unwrap_err().code, Code::UserBanned);
        assert_eq!(wrong().await.unwrap_err().code, Code::BadToken);
        assert!(right().await.is_ok());
        assert_eq!(wrong().await.unwrap_err().code, Code::BadToken);
        assert_eq!(right().await.unwrap_err().code, Code::RateLimited);
        hand.0.fetch_add(30_000, Relaxed);
        assert!(right().await.is_ok());
    }

    #[test]
    fn zero_is_no_bound() {
        let (gate, _) = gate(|limits| {
            limits.address_requests_per_minute = 0;
            limits.address_connects_per_minute = 0;
            limits.address_connections = 0;
            limits.address_failures_per_minute = 0;
            limits.app_connections = 0;
        });
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        gate.proved_wrong(from, 1000);
        for _ in 0..1000 {
            assert!(gate.pass(&mut request("192.0.2.1", false)).is_ok() && gate.may_prove(from).is_ok());
            assert!(gate.pass(&mut request("192.0.2.1", true)).is_ok());
        }
    }
}
