//! One connection: a bounded queue of frames, and a way to end it with a reason.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::model::{AppId, ConnectionId, Cursor, DeviceId, Event, UserId};

/// Which encoder a connection's frames come from: the index under which the node registered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolId(pub u8);

/// Puts events into the words of a protocol that only a plugin speaks: one for all connections of an app that speak it.
pub trait Interpreter: fmt::Debug + Send + Sync {
    /// Whether its protocol tells of this event at all.
    fn tells(&self, event: &Event) -> bool;
    /// Takes an event for these connections. Must not block: what it makes of it is pushed later, in order.
    fn tell(&self, event: Arc<Event>, links: Vec<Arc<Link>>);
}

/// How events become a connection's frames.
#[derive(Debug, Clone)]
pub enum Tongue {
    /// At once, by an encoder of the node.
    Encoded(ProtocolId),
    /// Later, by a plugin of the app; the number says in which of a hundred parts of its connections this one is.
    Interpreted(Arc<dyn Interpreter>, u8),
}

impl From<ProtocolId> for Tongue {
    fn from(protocol: ProtocolId) -> Self {
        Self::Encoded(protocol)
    }
}

/// An encoded event. Cloning it copies a handle, not the text.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where it stands in the stream of stored changes, if it is stored.
    pub cursor: Option<Cursor>,
    /// What goes on the wire.
    pub text: Utf8Bytes,
}

/// Why the server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CloseReason {
    /// The server is going away.
    GoingAway = 1,
    /// Nothing came from the client for too long.
    Idle = 2,
    /// Another login took its place.
    Replaced = 3,
    /// It did not log in, or not in time.
    NotLoggedIn = 4,
    /// The user is banned, the app disabled, or a plugin or the tenant ended it.
    Expelled = 5,
    /// Its queue was full: what is missing is stored.
    TooSlow = 6,
}

impl CloseReason {
    const ALL: [Self; 6] = [
        Self::GoingAway,
        Self::Idle,
        Self::Replaced,
        Self::NotLoggedIn,
        Self::Expelled,
        Self::TooSlow,
    ];
}

/// One connection, as seen by whoever has something for it.
#[derive(Debug)]
pub struct Link {
    /// Its number on this node.
    pub id: ConnectionId,
    /// The tenant.
    pub app: AppId,
    /// Whose.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// How events become its frames.
    pub tongue: Tongue,
    queue: mpsc::Sender<Frame>,
    since: AtomicU64,
    closing: AtomicU8,
    closed: Notify,
    pub(super) watching: Mutex<Vec<UserId>>,
}

/// The connection's own end of its queue.
pub type Inbox = mpsc::Receiver<Frame>;

impl Link {
    /// In which of a hundred parts of a plugin's connections it is.
    #[must_use]
    pub const fn part(&self) -> u8 {
        match self.tongue {
            Tongue::Interpreted(_, part) => part,
            Tongue::Encoded(_) => 0,
        }
    }

    pub(super) fn new(
        id: ConnectionId,
        app: AppId,
        user: UserId,
        device: DeviceId,
        tongue: Tongue,
        capacity: usize,
    ) -> (Self, Inbox) {
        let (queue, inbox) = mpsc::channel(capacity);
        let (closing, closed) = (AtomicU8::new(0), Notify::new());
        (
            Self {
                id,
                app,
                user,
                device,
                tongue,
                queue,
                since: AtomicU64::new(u64::MAX),
                closing,
                closed,
                watching: Mutex::default(),
            },
            inbox,
        )
    }

    pub(super) fn entered(&self, delivered: Cursor) {
        self.since.store(delivered.0, Ordering::SeqCst);
    }

    /// The last event that had been delivered when it came: it is told of all that follow.
    #[must_use]
    pub fn since(&self) -> Cursor {
        Cursor(self.since.load(Ordering::SeqCst))
    }

    /// Queues a frame. A full queue ends the connection: its client comes back and resumes from what is stored.
    pub fn push(&self, frame: Frame) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(frame) {
            self.close(CloseReason::TooSlow);
        }
    }

    /// Ends the connection. The first reason counts.
    pub fn close(&self, reason: CloseReason) {
        if self
            .closing
            .compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
        {
            self.closed.notify_one();
        }
    }

    /// Why the connection is to end, if it is.
    #[must_use]
    pub fn closing(&self) -> Option<CloseReason> {
        let code = self.closing.load(Ordering::Acquire);
        CloseReason::ALL.into_iter().find(|reason| *reason as u8 == code)
    }

    /// Waits until the connection is to end. Safe to drop and call again.
    pub async fn ended(&self) -> CloseReason {
        loop {
            if let Some(reason) = self.closing() {
                return reason;
            }
            self.closed.notified().await;
        }
    }
}
