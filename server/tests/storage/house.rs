//! A backend under test, and the house it lives in: opening it again finds what it was told before.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use switchboard::model::*;
use switchboard::storage::*;
use tokio::sync::{mpsc, oneshot};

use crate::things::{app, row};

/// What a backend announces.
pub type Events = mpsc::Receiver<Vec<Event>>;
/// How a story ends.
pub type Outcome = std::result::Result<(), Box<dyn Error>>;

/// What a story asks of the backend beside its defaults.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// How little the writer remembers.
    pub remembered: Option<usize>,
    /// There is room for some hundred messages only, until [`Backend::make_room`].
    pub small: bool,
}

/// A backend: the stories know nothing more of it.
pub trait Backend: Storage + Sized + 'static {
    /// Where its data are; gone with the value.
    type Place;
    /// A place with nothing in it.
    fn place() -> Self::Place;
    /// Opens what is in a place.
    async fn open(place: &Self::Place, conditions: Conditions, clock: Arc<dyn Clock>) -> Result<(Arc<Self>, Events)>;
    /// Ends it in peace.
    async fn close(&self);
    /// Ends the shortage of room.
    async fn make_room(&self) -> Result<()>;
}

/// A clock that moves by one each time it is read.
pub struct Hands(AtomicI64);

impl Hands {
    /// Begins at a time.
    pub fn at(time: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time)))
    }
}

impl Clock for Hands {
    fn now(&self) -> Millis {
        Millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An open backend.
pub struct House<B: Backend> {
    pub store: Arc<B>,
    pub events: Events,
    pub place: B::Place,
}

/// The writer waits as long as this is there.
pub struct Held {
    _gate: std::sync::mpsc::Sender<()>,
}

/// The app of what tests write for their own ends.
const ASIDE: u64 = 999;

impl<B: Backend> House<B> {
    pub async fn open() -> Self {
        Self::with(Conditions::default()).await
    }

    pub async fn with(conditions: Conditions) -> Self {
        Self::at(B::place(), conditions).await
    }

    pub async fn at(place: B::Place, conditions: Conditions) -> Self {
        let (store, events) = B::open(&place, conditions, Hands::at(1_000)).await.expect("opens");
        Self { store, events, place }
    }

    pub async fn reopen(self) -> Self {
        let Self { store, events, place } = self;
        store.close().await;
        drop((store, events));
        Self::at(place, Conditions::default()).await
    }

    /// Everything announced so far, in order.
    pub async fn heard(&mut self) -> Vec<Event> {
        let last = |roster: &Roster, cursor| {
            vec![Event {
                app: app(ASIDE),
                cursor: Some(cursor),
                audience: Audience::Users(vec![]),
                except: Except::Nobody,
                change: Change::ConversationCreated(Arc::new(roster.clone())),
            }]
        };
        self.aside(Sequel::events(last)).await;
        let mut all = Vec::new();
        while let Some(list) = self.events.recv().await {
            all.extend(list);
            if all.last().is_some_and(|event| event.app == app(ASIDE)) {
                all.pop();
                break;
            }
        }
        all
    }

    /// Holds the writer up between two commits: what is queued until this is dropped goes into one.
    pub async fn hold(&self) -> Held
    where
        B: 'static,
    {
        let (gate, open) = std::sync::mpsc::channel();
        let (entered, inside) = oneshot::channel();
        // The end of a story that fails opens the gate too.
        let wait = move |_: &Roster, _| {
            let _ = entered.send(());
            let _ = open.recv_timeout(Duration::from_secs(30));
            Vec::new()
        };
        let store = Arc::clone(&self.store);
        // Its answer comes when the gate is open.
        tokio::spawn(async move {
            let row = row(ConversationKind::Group, &["x"]);
            store.create_conversation(app(ASIDE), row, Sequel::events(wait)).await
        });
        inside.await.expect("the writer is held");
        Held { _gate: gate }
    }

    async fn aside(&self, sequel: Sequel<Roster>) {
        let made = self
            .store
            .create_conversation(app(ASIDE), row(ConversationKind::Group, &["x"]), sequel);
        made.await.expect("made");
    }
}
