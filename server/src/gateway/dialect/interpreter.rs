//! Events on their way into a dialect's words: one ordered, bounded queue for each app's dialect, worked by a task that
//! lives as long as there is work. A dialect that is slow closes its own app's connections and holds up nobody else.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use dashmap::DashMap;
use parking_lot::Mutex;
use rustc_hash::FxBuildHasher;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::task::TaskTracker;

use crate::hub::{self, CloseReason, Frame, Link};
use crate::model::{AppId, Event, PluginName};
use crate::plugin_host::{Dialect, Encoded, PluginHost, Receivers};

/// Pushes after which other tasks run.
const BREATH: usize = 256;

/// Every app's dialects that somebody is connected with.
pub struct Interpreters {
    plugins: Arc<PluginHost>,
    tasks: TaskTracker,
    room: usize,
    known: DashMap<(AppId, PluginName), Weak<Interpreter>, FxBuildHasher>,
}

/// An app's dialect, for events.
pub struct Interpreter {
    app: AppId,
    dialect: PluginName,
    plugins: Arc<PluginHost>,
    tasks: TaskTracker,
    /// How many deliveries may wait.
    room: usize,
    queue: Mutex<Queue>,
    me: Weak<Self>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(Arc<Event>, Vec<Arc<Link>>)>,
    deliveries: usize,
    working: bool,
}

impl Interpreters {
    /// Nobody yet. Each queue has room for so many deliveries.
    pub fn new(plugins: Arc<PluginHost>, tasks: TaskTracker, room: usize) -> Self {
        Self {
            plugins,
            tasks,
            room,
            known: DashMap::default(),
        }
    }

    /// The one of an app's dialect: the same for all its connections.
    pub fn of(&self, app: AppId, dialect: &PluginName) -> Arc<Interpreter> {
        let mut known = self.known.entry((app, dialect.clone())).or_default();
        if let Some(interpreter) = known.upgrade() {
            return interpreter;
        }
        let made = Arc::new_cyclic(|me| Interpreter {
            app,
            dialect: dialect.clone(),
            plugins: self.plugins.clone(),
            tasks: self.tasks.clone(),
            room: self.room,
            queue: Mutex::default(),
            me: me.clone(),
        });
        *known = Arc::downgrade(&made);
        made
    }
}

impl fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.dialect, self.app)
    }
}

impl hub::Interpreter for Interpreter {
    fn tells(&self, event: &Event) -> bool {
        let dialect = self.plugins.dialect(self.app, &self.dialect);
        dialect
            .is_ok_and(|dialect| tells(&dialect, event) || dialect.canary().is_some_and(|canary| tells(&canary, event)))
    }

    fn tell(&self, event: Arc<Event>, links: Vec<Arc<Link>>) {
        let mut queue = self.queue.lock();
        if queue.deliveries > 0 && queue.deliveries + links.len() > self.room {
            drop(queue);
            return links.iter().for_each(|link| link.close(CloseReason::TooSlow));
        }
        queue.deliveries += links.len();
        queue.waiting.push_back((event, links));
        if !queue.working {
            queue.working = true;
            if let Some(me) = self.me.upgrade() {
                self.tasks.spawn(async move { me.work().await });
            }
        }
    }
}

impl Interpreter {
    async fn work(&self) {
        while let Some((event, links)) = self.next() {
            let dialect = self.plugins.dialect(self.app, &self.dialect);
            let Ok(dialect) = dialect else { continue };
            let Some(canary) = dialect.canary() else {
                interpret(&dialect, &event, &links).await;
                continue;
            };
            let (new, old): (Vec<_>, Vec<_>) = links.into_iter().partition(|link| canary.meets(link.part()));
            interpret(&dialect, &event, &old).await;
            interpret(&canary, &event, &new).await;
        }
    }

    fn next(&self) -> Option<(Arc<Event>, Vec<Arc<Link>>)> {
        let mut queue = self.queue.lock();
        let next = queue.waiting.pop_front();
        match &next {
            Some((_, links)) => queue.deliveries -= links.len(),
            None => {
                queue.working = false;
                queue.waiting.shrink_to(8);
            }
        }
        next
    }
}

fn tells(dialect: &Dialect, event: &Event) -> bool {
    let description = dialect.description();
    description.is_some_and(|description| description.tells(&event.change))
}

async fn interpret(dialect: &Dialect, event: &Event, links: &[Arc<Link>]) {
    if links.is_empty() || !tells(dialect, event) {
        return;
    }
    for encoded in dialect.encode(event).await {
        push(encoded, links).await;
    }
}

async fn push(encoded: Encoded, links: &[Arc<Link>]) {
    let frame = Frame {
        cursor: None,
        text: Utf8Bytes::from(encoded.frame),
    };
    for (at, link) in links.iter().enumerate() {
        if receives(&encoded.receivers, link) {
            link.push(frame.clone());
        }
        if at % BREATH == BREATH - 1 {
            tokio::task::yield_now().await;
        }
    }
}

fn receives(receivers: &Receivers, link: &Link) -> bool {
    let named = |uids: &[String]| uids.iter().any(|uid| uid == link.user.as_str());
    match receivers {
        Receivers::All => true,
        Receivers::Only(uids) => named(uids),
        Receivers::AllBut(uids) => !named(uids),
    }
}
