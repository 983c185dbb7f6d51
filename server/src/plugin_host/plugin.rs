//! One install as it runs: an immutable pairing of a version with its settings, and the way into its guest. A change of
//! the install makes a new one; calls that have begun end on the old.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::blueprint::Blueprint;
use super::breaker::{Breaker, Permit};
use super::counters::Counters;
use super::desk::Desk;
use super::failure::Failure;
use super::instance::{Lease, Task};
use super::log::{LogRing, LogWriter};
use super::machine::{Failing, Machine};
use super::metrics::Metrics;
use super::outgoing::HttpCounts;
use super::parking::Parking;
use super::quota::Quotas;
use super::speaker::Speaker;
use super::split::{Share, part};
use super::tenants::Tenant;
use super::trace::{Ended, TraceRing};
use super::turns::Habit;
use super::waits::{self, Waits};
use super::writes::Writes;
use crate::model::{Call, Canary, Hook, Install, InstallState, LogLevel, Millis};
use crate::storage::InstallKey;

/// How many instances of an install wait for their next call.
const WAITING: usize = 8;

/// What of an install survives its changes.
#[derive(Debug)]
pub struct Ledger {
    /// Its log.
    pub log: Arc<LogRing>,
    /// Its counters.
    pub counters: Counters,
    /// Its calls, while somebody looks.
    pub trace: Arc<TraceRing>,
    /// What it may still do this minute.
    pub quotas: Arc<Quotas>,
    /// Figures of its own.
    pub metrics: Arc<Metrics>,
    /// How its requests to other servers went.
    pub http: Arc<HttpCounts>,
    /// One permit a request to another server.
    pub asking: Arc<Semaphore>,
}

impl Ledger {
    /// The same log, and nothing counted yet of its own: of another version.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            log: self.log.clone(),
            counters: self.counters.afresh(),
            trace: self.trace.clone(),
            quotas: self.quotas.clone(),
            metrics: self.metrics.clone(),
            http: self.http.clone(),
            asking: self.asking.clone(),
        }
    }
}

/// An install as it runs.
pub struct Plugin {
    /// Its settings.
    pub install: Install,
    /// Its component, shared with every install of the same.
    pub blueprint: Arc<Blueprint>,
    /// What survives changes.
    pub ledger: Arc<Ledger>,
    /// What all installs share.
    pub machine: Arc<Machine>,
    /// The version that runs beside it, for a share.
    pub canary: Option<Arc<Self>>,
    /// How many parts of a hundred are its own, if it is a canary.
    percent: Option<u8>,
    breakers: [Breaker; Hook::ALL.len()],
    /// Its pure functions as a dialect, if it speaks one.
    pub speaker: Option<Arc<Speaker>>,
    /// A permit each for the requests to its endpoint that are under way.
    pub visitors: Semaphore,
    /// How long its calls compute.
    habit: Habit,
    /// One permit a call.
    pub(super) seats: Semaphore,
    /// What it shares with the app's other installs.
    pub(super) tenant: Arc<Tenant>,
    /// Instances that wait for their next call.
    pub(super) waiting: Parking,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Missed {
    /// The hook is suspended until then; the guest was not called.
    Suspended(Millis),
    /// The call failed. It is counted and in the plugin's log.
    Failed(Failure),
}

/// An answer, and what comes with it. It counts as a success or a failure once it is settled.
pub struct Answer<'p, T> {
    /// What the guest said.
    pub value: T,
    /// What it wrote.
    pub writes: Writes,
    /// To be settled.
    pub verdict: Verdict<'p>,
}

/// Whether an answer was any good, still to be said.
pub struct Verdict<'p> {
    plugin: &'p Plugin,
    hook: Hook,
    permit: Permit<'p>,
    call: Call,
}

impl Plugin {
    /// A version with its settings.
    #[must_use]
    pub fn new(install: Install, blueprint: Arc<Blueprint>, ledger: Arc<Ledger>, machine: Arc<Machine>) -> Self {
        Self {
            breakers: std::array::from_fn(|_| Breaker::new(machine.settings.breaker)),
            seats: Semaphore::new(machine.settings.instances_per_install as usize),
            visitors: Semaphore::new(machine.settings.instances_per_install as usize),
            waiting: Parking::new(WAITING),
            habit: Habit::default(),
            tenant: machine.tenants.of(install.app),
            speaker: Speaker::of_install(blueprint.clone(), machine.clone(), ledger.clone()).map(Arc::new),
            install,
            blueprint,
            ledger,
            machine,
            canary: None,
            percent: None,
        }
    }

    /// The same with a version beside it.
    #[must_use]
    pub fn with_canary(self, canary: Option<Arc<Self>>) -> Self {
        Self { canary, ..self }
    }

    /// An install's canary with the install's settings; what is written of it goes into a ledger of its own.
    #[must_use]
    pub fn of_canary(
        install: &Install,
        canary: &Canary,
        blueprint: Arc<Blueprint>,
        ledger: Arc<Ledger>,
        machine: Arc<Machine>,
    ) -> Arc<Self> {
        let own = Install {
            current: canary.version.clone(),
            previous: None,
            canary: None,
            activated_at: canary.since,
            ..install.clone()
        };
        Arc::new(Self {
            percent: Some(canary.percent),
            ..Self::new(own, blueprint, ledger, machine)
        })
    }

    /// The canary, for those who meet it.
    pub fn canary_for(&self, share: Share<'_>) -> Option<&Arc<Self>> {
        let canary = self.canary.as_ref()?;
        canary.meets(part(&self.install.name, share)).then_some(canary)
    }

    /// Whether this version is for those in a part of a hundred.
    pub fn meets(&self, part: u8) -> bool {
        self.percent.is_none_or(|percent| part < percent)
    }

    /// Whether to go back if it fails: the install says so, and it is new. A canary is new as long as it is one.
    pub fn falls_back(&self, now: Millis) -> bool {
        let Install {
            current,
            previous,
            activated_at,
            auto_rollback,
            ..
        } = &self.install;
        if self.percent.is_some() {
            return auto_rollback.unwrap_or(true);
        }
        let watch = i64::try_from(self.machine.settings.watch_ms).unwrap_or(i64::MAX);
        // What was gone back from already is no place to go back to.
        let is_newer = previous
            .as_ref()
            .is_some_and(|previous| previous.number < current.number);
        is_newer && auto_rollback.unwrap_or(false) && now < activated_at.plus(watch)
    }

    /// The order of its policy among the app's.
    #[must_use]
    pub fn priority(&self) -> i32 {
        let own = self
            .blueprint
            .descriptor
            .policy
            .as_ref()
            .map_or(0, |rule| rule.priority);
        self.install.priority.unwrap_or(own)
    }

    /// As the owner of jobs, timers and webhooks.
    #[must_use]
    pub fn key(&self) -> InstallKey {
        InstallKey {
            app: self.install.app,
            plugin: self.install.name.clone(),
        }
    }

    /// Whether its calls reach the guest.
    #[must_use]
    pub fn state(&self) -> InstallState {
        if !self.install.enabled {
            return InstallState::Disabled;
        }
        let suspended = self
            .breakers
            .iter()
            .filter_map(Breaker::suspended)
            .chain(self.speaker.as_ref().and_then(|speaker| speaker.suspended()))
            .max_by_key(|(until, _)| *until);
        suspended.map_or(InstallState::Active, |(until, reason)| InstallState::Suspended {
            until,
            reason,
        })
    }

    /// Runs one call inside all bounds. `work` gets an instance and gives it back with the answer; whatever else
    /// happens drops it.
    pub async fn run<'p, T, F, Fut>(
        self: &'p Arc<Self>,
        hook: Hook,
        call: &Call,
        writes: Writes,
        work: F,
    ) -> Result<Answer<'p, T>, Missed>
    where
        F: FnOnce(Lease) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        self.run_at(None, hook, call, writes, work).await
    }

    /// The same with a desk, as calls of dialects and endpoints have one.
    pub async fn run_at<'p, T, F, Fut>(
        self: &'p Arc<Self>,
        desk: Option<Box<Desk>>,
        hook: Hook,
        call: &Call,
        writes: Writes,
        work: F,
    ) -> Result<Answer<'p, T>, Missed>
    where
        F: FnOnce(Lease) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        let permit = self.breakers[hook as usize]
            .permit(self.machine.clock.now())
            .map_err(|until| {
                self.ledger.counters.suspended(hook);
                Missed::Suspended(until)
            })?;
        let verdict = Verdict {
            plugin: self,
            hook,
            permit,
            call: call.clone(),
        };
        let begun = Instant::now();
        let until = begun + self.machine.wall();
        let seats = match self.free_seats() {
            Some(seats) => Some(seats),
            None => tokio::time::timeout_at(until, self.seats()).await.ok().flatten(),
        };
        let Some(mut seats) = seats else {
            return Err(Missed::Failed(verdict.failed(Failure::PoolFull)));
        };
        let tape = self.ledger.trace.tape(call.now);
        let task = Task {
            plugin: Some(self.clone()),
            call: call.clone(),
            writes,
            desk,
            seal: None,
            tape: tape.clone(),
            host_calls_left: self.machine.settings.host_calls,
        };
        let allowance = self.machine.allowance(hook);
        let outcome = self.bounded(task, (until, allowance), seats.on_node.take(), work).await;
        let took = begun.elapsed();
        self.ledger.counters.called(hook, took);
        if let Some(tape) = tape {
            let (current, failure) = (&self.install.current, outcome.as_ref().err());
            let version = (current.number, current.digest.clone());
            self.ledger.trace.keep(
                &tape,
                Ended {
                    call,
                    hook,
                    version,
                    took,
                    failure,
                },
            );
        }
        match outcome {
            Ok((value, writes)) => Ok(Answer { value, writes, verdict }),
            Err(failure) => Err(Missed::Failed(verdict.failed(failure))),
        }
    }

    async fn bounded<T, F, Fut>(
        self: &Arc<Self>,
        task: Task,
        (until, allowance): (Instant, Duration),
        seat: Option<OwnedSemaphorePermit>,
        work: F,
    ) -> Result<(T, Writes), Failure>
    where
        F: FnOnce(Lease) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        let waiting = if seat.is_none() { self.waiting.take() } else { None };
        let log = match &waiting {
            Some(lease) => lease.store.data().log.clone(),
            None => LogWriter::new(
                self.ledger.log.clone(),
                task.call.id.clone(),
                task.call.now,
                self.machine.settings.log_bytes_per_call,
            ),
        };
        let reused = self.install.reuse > 1;
        // In a place of its own: what is counted around it would else hold it over and over.
        let call = Box::pin(async {
            let lease = match (waiting, seat) {
                (Some(mut lease), _) => {
                    lease.turn(&self.machine, task);
                    lease
                }
                (None, Some(seat)) => {
                    Lease::fresh(&self.machine, &self.blueprint.pre, task, log.clone(), seat, reused).await?
                }
                // Another call took the instance that was waiting a moment ago.
                (None, None) => {
                    let seat = self.machine.seats.clone().acquire_owned().await?;
                    Lease::fresh(&self.machine, &self.blueprint.pre, task, log.clone(), seat, reused).await?
                }
            };
            work(lease).await
        });
        let waits = Arc::<Waits>::default();
        let call = waits::counting(waits.clone(), call);
        let turns = &self.machine.tenants.turns;
        let call = turns.take(&self.tenant.turns, &self.habit, Some(&waits), call);
        let outcome = waits::within(&waits, until, allowance, call).await;
        let stderr = log.finish();
        match outcome {
            None if waits.slow() >= self.machine.wall() / 2 => Err(Failure::Server),
            None => Err(Failure::Wall),
            Some(Err(error)) => Err(Failure::classify(&error, stderr)),
            Some(Ok((value, mut lease))) => {
                let writes = std::mem::replace(&mut lease.store.data_mut().task.writes, Writes::Denied);
                self.waiting.keep(&self.machine, lease, self.install.reuse);
                Ok((value, writes))
            }
        }
    }

    /// Drops the instances that wait.
    pub fn drain(&self) {
        self.waiting.drain();
        if let Some(speaker) = &self.speaker {
            speaker.drain();
        }
        if let Some(canary) = &self.canary {
            canary.drain();
        }
    }
}

impl Verdict<'_> {
    /// The answer was good.
    pub fn succeeded(self) {
        self.permit.succeeded();
    }

    /// It was not, or there was none: counts it and tells the plugin's log.
    pub fn failed(self, failure: Failure) -> Failure {
        let Ledger {
            log, counters, trace, ..
        } = &*self.plugin.ledger;
        counters.failed(self.hook, &failure);
        trace.failed(&self.call, self.hook, &failure);
        let now = self.plugin.machine.clock.now();
        let which = if self.plugin.percent.is_some() { "canary: " } else { "" };
        let mut text = format!("{which}{} failed: {failure}", self.hook.as_str());
        if let Failure::Trap { backtrace, .. } = &failure {
            text.push('\n');
            text.push_str(backtrace);
        }
        log.push(now, LogLevel::Error, self.call.id.as_str(), text);
        if failure.is_the_plugins() {
            let reason = || format!("{}: {failure}", self.hook.as_str());
            if self.permit.failed(now, reason) && self.plugin.falls_back(now) {
                self.plugin.machine.failing.ring(Failing {
                    install: self.plugin.key(),
                    number: self.plugin.install.current.number,
                });
            }
        }
        failure
    }
}
