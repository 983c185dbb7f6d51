//! What all installs of this node share: the engine, the bounds, the storage they reach, the front door.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::RwLock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use wasmtime::Engine;

use super::capability::Linkers;
use super::log::LogRing;
use super::tenants::Tenants;
use super::vault::Vault;
use super::{Settings, engine, waits};
use crate::model::{
    App, AppId, CallId, Clock, Code, Command, Context, ConversationId, Cursor, File, FileId, Hook, Random, Refusal,
    Reply, Roster, Seq, UserId,
};
use crate::outbound::Fetch;
use crate::storage::blobs::Staged;
use crate::storage::{Bell, InstallKey, Kv, Later, Plugins};

/// The way plugins reach the rules: the same commands as everyone's. `node` fulfils it with `chat`.
#[async_trait]
pub trait FrontDoor: Send + Sync {
    /// Does what a plugin asks, if the rules allow it.
    async fn execute(&self, context: Context, command: Command) -> Result<Reply, Refusal>;
    /// Keeps an upload.
    async fn keep_file(&self, context: Context, staged: Staged, owner: Option<UserId>) -> Result<File, Refusal>;
    /// A file that is there.
    async fn file(&self, app: AppId, file: &FileId) -> Result<File, Refusal>;
    /// Removes a file.
    async fn delete_file(&self, app: AppId, file: &FileId) -> Result<(), Refusal>;
    /// The app, its secret included: what must not be shown to a guest stays on this side.
    fn app(&self, app: AppId) -> Option<Arc<App>>;
    /// A conversation and its newest message's place; none if it is over.
    async fn scene(&self, app: AppId, conversation: ConversationId) -> Option<(Arc<Roster>, Seq)>;
    /// A conversation and its members, from memory if at hand.
    async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>, Refusal>;
    /// How far events have been delivered on this node.
    fn delivered(&self) -> Cursor {
        Cursor(0)
    }
    /// Where timers and webhooks are kept; none where there are none.
    fn later(&self) -> Option<Arc<dyn Later>> {
        None
    }
    /// Where credentials are, if it has them.
    fn vault(&self) -> Option<Arc<dyn Vault>> {
        None
    }
}

/// The part of storage that keeps installs, components, and what was done to them.
pub type InstallShelf = Arc<dyn Plugins>;
/// The part of storage that keeps the plugins' own data.
pub type KvShelf = Arc<dyn Kv + Send + Sync>;

/// A version that fails and is not to go on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failing {
    /// Of which install.
    pub install: InstallKey,
    /// Which.
    pub number: u32,
}

/// What all installs share.
pub struct Machine {
    /// Runs the guests.
    pub engine: Engine,
    /// Every bound.
    pub settings: Settings,
    /// Installs and components.
    pub installs: InstallShelf,
    /// The plugins' own data.
    pub kv: KvShelf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// Tells this start of the server from all others.
    start: u64,
    /// How many calls had a name of their own since.
    calls: AtomicU64,
    /// One permit an instance.
    pub seats: Arc<Semaphore>,
    /// What each app may take of them, and of the time.
    pub tenants: Tenants,
    /// One permit an instance that waits for its next call.
    pub parking: Arc<Semaphore>,
    /// Linkers by capabilities.
    pub linkers: Linkers,
    /// Rings for versions to be rolled back.
    pub failing: Bell<Failing>,
    /// What asks other servers.
    pub client: Arc<dyn Fetch>,
    /// One permit a request to another server.
    pub asking: Arc<Semaphore>,
    /// No other server is waited for any more.
    pub leaving: CancellationToken,
    door: RwLock<Option<Arc<dyn FrontDoor>>>,
}

impl Machine {
    /// Starts the engine.
    pub fn start(
        settings: Settings,
        installs: InstallShelf,
        kv: KvShelf,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        client: Arc<dyn Fetch>,
    ) -> anyhow::Result<Self> {
        let seats = settings.instances as usize;
        let mut start = [0; 8];
        random.fill(&mut start);
        Ok(Self {
            engine: engine::start(settings.instances)?,
            client,
            asking: Arc::new(Semaphore::new(settings.http.concurrency)),
            tenants: Tenants::new(settings.instances_per_app, settings.nice),
            leaving: CancellationToken::new(),
            settings,
            installs,
            kv,
            clock,
            random,
            start: u64::from_ne_bytes(start),
            calls: AtomicU64::new(0),
            seats: Arc::new(Semaphore::new(seats)),
            // Most seats stay free for whoever has no instance waiting.
            parking: Arc::new(Semaphore::new(seats / 4)),
            linkers: Linkers::default(),
            failing: Bell::default(),
            door: RwLock::new(None),
        })
    }

    /// Opens the front door, or closes it.
    pub fn set_door(&self, door: Option<Arc<dyn FrontDoor>>) {
        *self.door.write() = door;
    }

    /// The front door, while it is open.
    pub fn door(&self) -> Result<Arc<dyn FrontDoor>, Refusal> {
        let closed = || Refusal::new(Code::StorageUnavailable, "the server is starting or stopping");
        self.door.read().clone().ok_or_else(closed)
    }

    /// Passes a command through the front door.
    pub async fn execute(&self, context: Context, command: Command) -> Result<Reply, Refusal> {
        waits::on_server(self.door()?.execute(context, command)).await
    }

    /// The app a call runs for.
    pub fn app(&self, app: AppId) -> Option<Arc<App>> {
        self.door.read().clone().and_then(|door| door.app(app))
    }

    /// A conversation and its newest message's place.
    pub async fn scene(&self, app: AppId, conversation: ConversationId) -> Option<(Arc<Roster>, Seq)> {
        let door = self.door.read().clone()?;
        waits::on_server(door.scene(app, conversation)).await
    }

    /// A conversation and its members.
    pub async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>, Refusal> {
        waits::on_server(self.door()?.roster(app, conversation)).await
    }

    /// How far events have been delivered on this node.
    pub fn delivered(&self) -> Cursor {
        self.door.read().as_ref().map_or(Cursor(0), |door| door.delivered())
    }

    /// Where timers and webhooks are kept, while the door is open.
    pub fn later(&self) -> Option<Arc<dyn Later>> {
        self.door.read().clone().and_then(|door| door.later())
    }

    /// Where credentials are.
    pub fn vault(&self) -> Option<Arc<dyn Vault>> {
        self.door.read().clone().and_then(|door| door.vault())
    }

    /// How long a call may take.
    pub const fn wall(&self) -> Duration {
        Duration::from_millis(self.settings.wall_ms)
    }

    /// How long a call of this hook may wait for other servers beside its own time: nothing where somebody is held up.
    pub const fn allowance(&self, hook: Hook) -> Duration {
        match hook {
            Hook::Observer | Hook::Opened | Hook::Timer | Hook::Endpoint | Hook::Dialect => {
                Duration::from_millis(self.settings.http.wait_ms)
            }
            Hook::About | Hook::MessageType | Hook::MessageAction | Hook::Policy | Hook::Command => Duration::ZERO,
        }
    }

    /// An empty log.
    pub fn new_log(&self) -> Arc<LogRing> {
        let bytes = self.settings.quotas.log_bytes_per_minute;
        Arc::new(LogRing::new(self.settings.log_lines, bytes))
    }

    /// A name for work that is never done again.
    pub fn fresh_call_id(&self) -> CallId {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        CallId::new(&format!("o{:016x}.{number:x}", self.start))
    }
}
