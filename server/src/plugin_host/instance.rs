//! One instance of a component and the bounds it lives in. It serves one app's install, one call at a time, and after
//! anything that went wrong it is dropped.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{Instance, InstancePre, ResourceTable};
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::desk::Desk;
use super::engine;
use super::failure::Fault;
use super::log::{LogWriter, Printer, Stream};
use super::machine::Machine;
use super::plugin::Plugin;
use super::sealed::Seal;
use super::stopwatch::Budget;
use super::trace::Tape;
use super::turns;
use super::waits;
use super::writes::Writes;
use crate::model::{AppId, Call, CallId, Cursor};

/// What an instance is doing.
pub struct Task {
    /// For which install; none while it is being admitted, or waits for its next call.
    pub plugin: Option<Arc<Plugin>>,
    /// Which call.
    pub call: Call,
    /// What becomes of its writes.
    pub writes: Writes,
    /// In a call of a dialect or an endpoint: for whom it may act, and what came with the request.
    pub desk: Option<Box<Desk>>,
    /// In any other call: what it has sealed, if anything.
    pub seal: Option<Seal>,
    /// What it is written down on, if somebody looks.
    pub tape: Option<Arc<Tape>>,
    /// How many times it may still call the host.
    pub host_calls_left: u32,
}

impl Task {
    /// What an instance does for nobody: it is asked about itself or, as a dialect, about a request of an app that it does
    /// not know. It reaches nothing.
    pub fn of_nobody(machine: &Machine, name: &str) -> wasmtime::Result<Self> {
        Ok(Self {
            plugin: None,
            call: Call {
                app: AppId::new(1).map_err(wasmtime::Error::from)?,
                id: CallId::new(name),
                now: machine.clock.now(),
                depth: 0,
                after: Cursor(0),
            },
            writes: Writes::Denied,
            desk: None,
            seal: None,
            tape: None,
            host_calls_left: machine.settings.host_calls,
        })
    }

    /// Lets go of all that belongs to the call that has ended.
    pub fn rest(&mut self) {
        self.plugin = None;
        self.desk = None;
        self.seal = None;
        self.tape = None;
    }

    /// Counts a call of the host. None if there were too many.
    pub const fn charge(&mut self) -> Option<()> {
        match self.host_calls_left.checked_sub(1) {
            Some(left) => {
                self.host_calls_left = left;
                Some(())
            }
            None => None,
        }
    }
}

/// How many things of the host's an instance may hold, and how large a set of headers among them may be.
const HELD: usize = 1000;
const HELD_HEADER_BYTES: usize = 32 << 10;

/// What belongs to an instance on the host's side.
pub struct State {
    /// Made when the guest first asks for anything of it, which most calls never do.
    wasi: Option<WasiCtx>,
    http: WasiHttpCtx,
    table: ResourceTable,
    memory: MemoryMeter,
    time: Budget,
    host_calls: u32,
    /// Where its words go.
    pub log: Arc<LogWriter>,
    /// What it is doing.
    pub task: Task,
}

impl State {
    /// What the guest holds of the host's.
    pub const fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// Counts a call of the host. The file it is counted in is the capability's.
    #[track_caller]
    pub fn charge(&mut self) -> wasmtime::Result<()> {
        if let Some(tape) = &self.task.tape {
            tape.called(Location::caller());
        }
        let charged = self.task.charge();
        charged.ok_or_else(|| Fault::HostCalls(self.host_calls).into())
    }
}

/// What is written down of a call, if somebody looks. Nothing is made for nobody.
impl State {
    /// What of the capability was called, and with what: as the guest gave it, with what is sealed still sealed.
    pub fn asked(&self, what: &str, with: impl FnOnce() -> Value) {
        if let Some(tape) = &self.task.tape {
            tape.asked(what, with());
        }
    }

    /// What came of it.
    pub fn came(&self, outcome: impl FnOnce() -> Value) {
        if let Some(tape) = &self.task.tape {
            tape.came(outcome());
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: self.wasi.get_or_insert_with(|| wasi(&self.log)),
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.task,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Sums over all memories of an instance, and names itself when they are too much.
struct MemoryMeter {
    used: usize,
    limit: usize,
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.used = self.used.saturating_add(desired.saturating_sub(current));
        if self.used > self.limit {
            return Err(Fault::Memory(self.limit).into());
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= engine::ELEMENTS)
    }

    fn instances(&self) -> usize {
        engine::PARTS as usize
    }

    fn memories(&self) -> usize {
        engine::MEMORIES as usize
    }

    fn tables(&self) -> usize {
        engine::TABLES as usize
    }
}

/// An instance that somebody is using. Dropping it frees everything it had.
pub struct Lease {
    /// Its state and memory.
    pub store: Store<State>,
    /// Its exports.
    pub instance: Instance,
    /// How many calls it has served, with this one.
    pub served: u32,
    /// The hook it was last called by, with its functions found and typed, if it is called more than once.
    loaded: Option<Box<dyn Any + Send>>,
    reused: bool,
    _seat: OwnedSemaphorePermit,
    /// Held while it waits for its next call.
    pub parked: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// What the guest is given, for who looks.
    pub fn given(&self, input: impl FnOnce() -> Value) {
        if let Some(tape) = &self.store.data().task.tape {
            tape.given(input());
        }
    }

    /// What it answered, for who looks.
    pub fn answered(&self, answer: impl FnOnce() -> Value) {
        if let Some(tape) = &self.store.data().task.tape {
            tape.answered(answer());
        }
    }

    /// A fresh instance; `reused` says that it may serve more than one call.
    pub async fn fresh(
        machine: &Machine,
        pre: &InstancePre<State>,
        task: Task,
        log: Arc<LogWriter>,
        seat: OwnedSemaphorePermit,
        reused: bool,
    ) -> wasmtime::Result<Self> {
        let mut store = store(machine, task, log);
        let instance = pre.instantiate_async(&mut store).await?;
        Ok(Self {
            store,
            instance,
            served: 1,
            loaded: None,
            reused,
            _seat: seat,
            parked: None,
        })
    }

    /// A hook's functions: found and typed once for all the calls an instance serves by the same hook.
    pub fn guest<G: Clone + Send + 'static>(
        &mut self,
        load: impl FnOnce(&mut Store<State>, &Instance) -> wasmtime::Result<G>,
    ) -> wasmtime::Result<G> {
        if let Some(guest) = self.loaded.as_ref().and_then(|loaded| loaded.downcast_ref::<G>()) {
            return Ok(guest.clone());
        }
        let guest = load(&mut self.store, &self.instance)?;
        if self.reused {
            self.loaded = Some(Box::new(guest.clone()));
        }
        Ok(guest)
    }

    /// The same instance for its next call.
    pub fn turn(&mut self, machine: &Machine, task: Task) {
        let state = self.store.data_mut();
        state.time = budget(machine);
        state
            .log
            .turn(task.call.id.clone(), task.call.now, machine.settings.log_bytes_per_call);
        state.task = task;
        self.store.set_epoch_deadline(1);
        self.served += 1;
        self.parked = None;
    }
}

/// What a call may compute from now on.
fn budget(machine: &Machine) -> Budget {
    Budget::new(machine.settings.deadline_ms, waits::computed())
}

/// What every program may have: clocks, randomness, and words that go into its log.
fn wasi(log: &Arc<LogWriter>) -> WasiCtx {
    let printer = |stream| Printer {
        log: log.clone(),
        stream,
    };
    WasiCtx::builder()
        .stdout(printer(Stream::Out))
        .stderr(printer(Stream::Err))
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(1 << 16)
        .build()
}

fn store(machine: &Machine, task: Task, log: Arc<LogWriter>) -> Store<State> {
    let settings = &machine.settings;
    let mut http = WasiHttpCtx::new();
    http.set_field_size_limit(HELD_HEADER_BYTES);
    let mut table = ResourceTable::new();
    table.set_max_capacity(HELD);
    let state = State {
        wasi: None,
        http,
        table,
        memory: MemoryMeter {
            used: 0,
            limit: settings.memory_bytes,
        },
        time: budget(machine),
        host_calls: settings.host_calls,
        log,
        task,
    };
    let mut store = Store::new(&machine.engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(settings.output_bytes);
    store.set_max_component_handles(10_000);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        if !context.data_mut().time.tick(waits::computed()) {
            return Ok(UpdateDeadline::Interrupt);
        }
        // Not the engine's own way, which lets no socket be looked at in between.
        turns::ticked();
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    store
}
