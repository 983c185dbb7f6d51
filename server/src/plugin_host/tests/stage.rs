//! A host on a stage of its own: a folder that goes away, a clock that is set, a door that remembers who came through.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use async_trait::async_trait;
use parking_lot::Mutex;
use tempfile::TempDir;

use super::shelf::Shelf;
use crate::model::{
    Actor, App, AppId, Body, Call, CallId, Capability, Change, Clock, Command, Context, Conversation, ConversationId,
    ConversationKind, Cursor, Draft, EventKind, File, FileId, Job, JobId, Kind, Member, Mentions, Message, MessageId,
    Millis, Nonce, Observation, PluginName, Random, Refusal, Reply, Role, Roster, Sender, Sent, Seq, Stored, UserId,
    Who,
};
use crate::outbound::{Client, Reach};
use crate::plugin_host::{
    Attempt, Chain, Doer, FrontDoor, InstallPatch, InstallRequest, InstallView, News, ObserveError, PluginHost, Scene,
    Settings,
};
use crate::storage::NewJob;
use crate::storage::blobs::Staged;

/// A clock that stands still until it is set.
#[derive(Default)]
pub struct Hands(pub AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Millis {
        Millis(self.0.load(Relaxed))
    }
}

/// Counts instead of guessing.
#[derive(Default)]
struct Count(AtomicU64);

impl Random for Count {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Relaxed).to_le_bytes();
        buffer
            .iter_mut()
            .zip(count.iter().cycle())
            .for_each(|(to, from)| *to = *from);
    }
}

/// A door that remembers who came through, and dedupes messages by nonce as storage does.
#[derive(Default)]
pub struct Door {
    pub seen: Mutex<Vec<(Context, Command)>>,
    nonces: Mutex<Vec<Nonce>>,
}

#[async_trait]
impl FrontDoor for Door {
    async fn execute(&self, context: Context, command: Command) -> Result<Reply, Refusal> {
        if let Command::SendMessage(message) = &command {
            let nonce = message.nonce.clone().unwrap();
            let mut nonces = self.nonces.lock();
            let known = nonces.iter().position(|old| *old == nonce);
            let place = known.unwrap_or(nonces.len());
            if known.is_none() {
                nonces.push(nonce);
                self.seen.lock().push((context.clone(), command.clone()));
            }
            let id = MessageId::new(place as u64 + 1).ok();
            let stored = Stored {
                id,
                seq: Seq(place as u64 + 1),
                at: context.now,
                duplicate: known.is_some(),
            };
            return Ok(Reply::Sent(Sent {
                stored,
                body: None,
                command: None,
            }));
        }
        self.seen.lock().push((context, command));
        Ok(Reply::Done)
    }

    async fn keep_file(&self, _: Context, _: Staged, _: Option<UserId>) -> Result<File, Refusal> {
        Err(Refusal::internal())
    }

    async fn file(&self, _: AppId, _: &FileId) -> Result<File, Refusal> {
        Err(Refusal::internal())
    }

    async fn delete_file(&self, _: AppId, _: &FileId) -> Result<(), Refusal> {
        Err(Refusal::internal())
    }

    fn app(&self, _: AppId) -> Option<Arc<App>> {
        None
    }

    async fn roster(&self, _: AppId, _: ConversationId) -> Result<Arc<Roster>, Refusal> {
        Err(Refusal::not_found("conversation"))
    }

    async fn scene(&self, _: AppId, _: ConversationId) -> Option<(Arc<Roster>, Seq)> {
        None
    }
}

impl Door {
    /// The texts of the messages that were sent, with the depth they came from.
    pub fn texts(&self) -> Vec<(String, u32)> {
        let seen = self.seen.lock();
        let sends = seen
            .iter()
            .filter_map(|(context, command)| match (&context.actor, command) {
                (Actor::Plugin { depth, .. }, Command::SendMessage(message)) => {
                    Some((message.body.as_str().to_owned(), *depth))
                }
                _ => None,
            });
        sends.collect()
    }
}

/// A host and all around it.
pub struct Stage {
    pub host: Arc<PluginHost>,
    pub door: Arc<Door>,
    pub clock: Arc<Hands>,
    pub shelf: Arc<Shelf>,
    pub settings: Settings,
    folder: TempDir,
}

/// The tenant of most tests.
pub fn app() -> AppId {
    AppId::new(7).unwrap()
}

/// A plugin's name.
pub fn plugin(name: &str) -> PluginName {
    PluginName::new(name).unwrap()
}

/// A guest's bytes.
pub fn guest(name: &str) -> Vec<u8> {
    let path = from_environment("SWITCHBOARD_GUESTS").join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask test`", path.display()))
}

/// What the test's starter has set.
fn from_environment(name: &str) -> PathBuf {
    std::env::var_os(name).map_or_else(
        || panic!("{name} is not set: run the tests by `cargo xtask test`"),
        PathBuf::from,
    )
}

impl Stage {
    /// One with the default bounds, but for those by the clock.
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// One with other bounds.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().unwrap();
        let artifacts = folder.path().join("artifacts");
        let mut settings = Settings::new(artifacts, from_environment("SWITCHBOARD_BIN"));
        // So wide that a busy machine does not run into them: CPU time is counted in ticks, and they go on meanwhile.
        (settings.deadline_ms, settings.wall_ms) = (1_000, 30_000);
        settings.instances = 64;
        change(&mut settings);
        let (clock, shelf, door) = (Arc::<Hands>::default(), Arc::<Shelf>::default(), Arc::<Door>::default());
        clock.0.store(1_000, Relaxed);
        let host = start(&settings, &shelf, &clock).await;
        host.open_door(door.clone());
        Self {
            host,
            door,
            clock,
            shelf,
            settings,
            folder,
        }
    }

    /// Starts the host again on the same folder and storage.
    pub async fn restart(&mut self) {
        assert!(self.folder.path().exists());
        self.host.stop().await;
        self.host = start(&self.settings, &self.shelf, &self.clock).await;
        self.host.open_door(self.door.clone());
    }

    /// Installs a guest under a name, with every grant.
    pub async fn install(&self, name: &str, component: Vec<u8>) -> InstallView {
        self.try_install(name, component, |_| ()).await.unwrap()
    }

    /// Tries to install a guest.
    pub async fn try_install(
        &self,
        name: &str,
        component: Vec<u8>,
        change: impl FnOnce(&mut InstallPatch),
    ) -> Result<InstallView, Refusal> {
        let mut settings = InstallPatch {
            grants: Some(Capability::ALL.to_vec()),
            ..InstallPatch::default()
        };
        change(&mut settings);
        let request = InstallRequest {
            name: plugin(name),
            component,
            settings,
        };
        self.host.install(app(), Who::App, request).await
    }

    /// The app's chain.
    pub fn chain(&self) -> Arc<Chain> {
        self.host.chain(app())
    }

    /// Sends a text through the policies; answers what it has become and how many jobs follow.
    pub async fn send(&self, text: &str) -> Result<(String, usize), Refusal> {
        let mut draft = draft("text", Body::text(text));
        let jobs = judge(&self.chain(), &mut draft).await?;
        Ok((draft.body.as_str().to_owned(), jobs.len()))
    }

    /// The lines of a plugin's log.
    pub fn log(&self, name: &str) -> String {
        let lines = self.host.logs(app(), &plugin(name), 0, 1000).unwrap();
        lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }
}

async fn start(settings: &Settings, shelf: &Arc<Shelf>, clock: &Arc<Hands>) -> Arc<PluginHost> {
    let (installs, kv, clock) = (shelf.clone(), shelf.clone(), clock.clone());
    let client = Arc::new(Client::new(Reach::default()).unwrap());
    PluginHost::start_on(settings.clone(), installs, kv, clock, Arc::<Count>::default(), client)
        .await
        .unwrap()
}

/// Puts a draft to the policies; answers the jobs that follow.
pub async fn judge(chain: &Chain, draft: &mut Draft) -> Result<Vec<NewJob>, Refusal> {
    let (sender, origin) = (draft.sender.clone(), draft.origin.clone());
    let doer = Doer {
        user: sender.user(),
        role: draft.role,
        origin: origin.as_ref(),
    };
    let mut attempt = Attempt::Send {
        draft,
        conversation: ConversationKind::Group,
    };
    chain.judge(&call(), &doer, &mut attempt, Seq(0)).await
}

/// Tells an observer that something was said in group 1.
pub async fn observe(chain: &Chain, job: &Job, text: &str) -> Result<(), ObserveError> {
    let roster = roster();
    let scene = Scene {
        roster: &roster,
        last_seq: Seq(1),
    };
    chain.observe(job, &News::Changed(said(text)), Some(scene)).await
}

/// A call by a human's act.
pub fn call() -> Call {
    Call {
        app: app(),
        id: CallId::new("c"),
        now: Millis(1_000),
        depth: 0,
        after: Cursor(0),
    }
}

/// A draft of user `ann` in group 1.
pub fn draft(kind: &str, body: Body) -> Draft {
    Draft {
        conversation: ConversationId::new(1).unwrap(),
        sender: Sender::User(UserId::new("ann").unwrap()),
        role: Some(Role::Member),
        kind: Kind::new(kind).unwrap(),
        body,
        nonce: Nonce::new("n").unwrap(),
        mentions: Mentions::default(),
        reply_to: None,
        origin: None,
        depth: 0,
        transient: false,
    }
}

/// Group 1 with `ann` in it.
pub fn roster() -> Roster {
    let conversation = Conversation {
        id: ConversationId::new(1).unwrap(),
        kind: ConversationKind::Group,
        name: "group".to_owned(),
        cover: String::new(),
        ext: Body::empty(),
        owner: None,
        creator: None,
        muted: false,
        members_invite: false,
        notice: None,
        created_at: Millis(1),
        updated_at: None,
    };
    let user = UserId::new("ann").unwrap();
    let member = Member {
        user,
        role: Role::Member,
        muted_until: None,
        joined_at: Millis(1),
    };
    Roster::new(conversation, vec![member])
}

/// The news that `ann` has said something.
pub fn said(text: &str) -> Change {
    let message = Message::from_draft(
        draft("text", Body::text(text)),
        MessageId::new(9).ok(),
        Seq(1),
        Millis(1),
    );
    Change::MessageSent(Arc::new(message))
}

/// A job of a plugin.
pub fn job(id: u64, name: &str, work: Observation) -> Job {
    Job {
        id: JobId::new(id).unwrap(),
        app: app(),
        plugin: plugin(name),
        conversation: ConversationId::new(1).ok(),
        work,
        due_at: Millis(1),
        attempts: 0,
        depth: 0,
    }
}

/// The job of telling an observer that a message was sent.
pub fn sent_job(id: u64, name: &str) -> Job {
    let work = Observation::Event {
        kind: EventKind::MessageSent,
        message: MessageId::new(9).ok(),
        users: Vec::new(),
        by: None,
        emoji: None,
        things: Vec::new(),
    };
    job(id, name, work)
}
