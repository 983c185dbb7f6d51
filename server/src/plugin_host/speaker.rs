//! The pure half of a dialect: whose a request is, and the protocol's words for what cannot be passed on. It runs for no
//! app and reaches nothing, so that one component serves the mounts of every app.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::bindings::exports::switchboard::plugin::dialect::{Address, Answer, FaultKind, Guest, GuestIndices};
use super::blueprint::Blueprint;
use super::breaker::Breaker;
use super::description::Description;
use super::failure::Failure;
use super::instance::{Lease, Task};
use super::log::LogWriter;
use super::machine::Machine;
use super::parking::Parking;
use super::plugin::{Ledger, Missed};
use super::registry::new_ledger;
use super::turns::{AppTurns, Habit};
use super::visit::Visit;
use crate::model::{CallId, Hook, LogLevel, Millis};

/// How many of its instances run at the same time, and how many of these wait for their next call.
const INSTANCES: usize = 64;
const WAITING: usize = 4;
/// How many calls an instance serves.
const SERVED: u32 = 1000;
/// The name of its calls.
const CALL: &str = "pure";

/// A dialect's component, for its pure functions.
pub struct Speaker {
    blueprint: Arc<Blueprint>,
    machine: Arc<Machine>,
    /// What it printed, and how it did.
    pub(super) ledger: Arc<Ledger>,
    /// None where many tenants share it: who makes it fail must not silence it for the others.
    breaker: Option<Breaker>,
    seats: Semaphore,
    turns: AppTurns,
    habit: Habit,
    waiting: Parking,
}

impl Speaker {
    /// Of an install's component, if it exports `dialect`; what it prints, and how it fails, goes into the install's ledger.
    pub(super) fn of_install(blueprint: Arc<Blueprint>, machine: Arc<Machine>, ledger: Arc<Ledger>) -> Option<Self> {
        let breaker = Breaker::new(machine.settings.breaker);
        Self::new(blueprint, machine, ledger, Some(breaker))
    }

    /// Of a component that is nobody's.
    pub(super) fn shared(blueprint: Arc<Blueprint>, machine: Arc<Machine>) -> Option<Self> {
        let ledger = new_ledger(&machine);
        Self::new(blueprint, machine, ledger, None)
    }

    fn new(
        blueprint: Arc<Blueprint>,
        machine: Arc<Machine>,
        ledger: Arc<Ledger>,
        breaker: Option<Breaker>,
    ) -> Option<Self> {
        blueprint.descriptor.dialect.as_ref()?;
        Some(Self {
            turns: machine.tenants.turns.of_app(),
            habit: Habit::default(),
            blueprint,
            machine,
            ledger,
            breaker,
            seats: Semaphore::new(INSTANCES),
            waiting: Parking::new(WAITING),
        })
    }

    /// What it said of itself.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        self.blueprint.descriptor.dialect.as_ref()
    }

    /// Which app something is for.
    ///
    /// # Errors
    /// Why the component did not say.
    pub async fn identify(&self, visit: &Visit) -> Result<Address, Missed> {
        let arrival = visit.arrival();
        let address = self.pure(|mut lease, indices| async move {
            let guest: Guest = lease.guest(|store, instance| indices.load(store, instance))?;
            let address = guest.call_identify(&mut lease.store, arrival).await?;
            Ok((address, lease))
        });
        Ok(match address.await? {
            Address::Token(token) => Address::Token(visit.unseal(&token)),
            other => other,
        })
    }

    /// The protocol's words for what cannot be passed on.
    ///
    /// # Errors
    /// Why the component has none.
    pub async fn fault(&self, visit: &Visit, fault: FaultKind) -> Result<Answer, Missed> {
        let arrival = visit.arrival();
        let answer = self.pure(|mut lease, indices| async move {
            let guest: Guest = lease.guest(|store, instance| indices.load(store, instance))?;
            let answer = guest.call_fault(&mut lease.store, arrival, fault).await?;
            Ok((answer, lease))
        });
        Ok(visit.opened(answer.await?))
    }

    /// Until when it is left alone, and why.
    pub(super) fn suspended(&self) -> Option<(Millis, String)> {
        self.breaker.as_ref().and_then(Breaker::suspended)
    }

    /// A call, counted; an install's that has failed some times in a row is left alone for a while.
    async fn pure<'s, T, F, Fut>(&'s self, work: F) -> Result<T, Missed>
    where
        F: FnOnce(Lease, &'s GuestIndices) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        let Ledger { counters, log, .. } = &*self.ledger;
        let permit = match &self.breaker {
            Some(breaker) => Some(breaker.permit(self.machine.clock.now()).map_err(|until| {
                counters.suspended(Hook::Dialect);
                Missed::Suspended(until)
            })?),
            None => None,
        };
        let begun = Instant::now();
        let outcome = self.bounded(work).await;
        counters.called(Hook::Dialect, begun.elapsed());
        match (&outcome, permit) {
            (Ok(_), Some(permit)) => permit.succeeded(),
            (Ok(_), None) => {}
            (Err(failure), permit) => {
                counters.failed(Hook::Dialect, failure);
                let (now, what) = (
                    self.machine.clock.now(),
                    format!("{} failed: {failure}", Hook::Dialect.as_str()),
                );
                log.push(now, LogLevel::Error, CALL, what.clone());
                if let Some(permit) = permit.filter(|_| failure.is_the_plugins()) {
                    permit.failed(now, || what);
                }
            }
        }
        outcome.map_err(Missed::Failed)
    }

    async fn bounded<'s, T, F, Fut>(&'s self, work: F) -> Result<T, Failure>
    where
        F: FnOnce(Lease, &'s GuestIndices) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        let Some(indices) = &self.blueprint.hooks.dialect else {
            return Err(Failure::Nonsense("it speaks no dialect".to_owned()));
        };
        let log = LogWriter::new(
            self.ledger.log.clone(),
            CallId::new(CALL),
            self.machine.clock.now(),
            self.machine.settings.log_bytes_per_call,
        );
        let mut words = log.clone();
        let call = Box::pin(async {
            let _own = self.seats.acquire().await?;
            let task = Task::of_nobody(&self.machine, CALL)?;
            let lease = if let Some(mut lease) = self.waiting.take() {
                words = lease.store.data().log.clone();
                lease.turn(&self.machine, task);
                lease
            } else {
                let seat = self.machine.seats.clone().acquire_owned().await?;
                Lease::fresh(&self.machine, &self.blueprint.pre, task, log, seat, true).await?
            };
            work(lease, indices).await
        });
        let call = self.machine.tenants.turns.take(&self.turns, &self.habit, None, call);
        let outcome = tokio::time::timeout(self.machine.wall(), call).await;
        let stderr = words.finish();
        match outcome {
            Ok(Ok((value, lease))) => {
                self.waiting.keep(&self.machine, lease, SERVED);
                Ok(value)
            }
            Ok(Err(error)) => Err(Failure::classify(&error, stderr)),
            Err(_) => Err(Failure::Wall),
        }
    }

    /// Drops the instances that wait.
    pub fn drain(&self) {
        self.waiting.drain();
    }
}
