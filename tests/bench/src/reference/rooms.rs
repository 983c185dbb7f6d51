//! Who is connected to which conversation.
//!
//! Lists are copied on write, so that the dispatcher takes one reference per message and holds no lock while it sends.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// One live connection, as the rest of the server sees it.
pub struct Connection {
    pub id: u64,
    pub user: i64,
    /// Frames on their way out.
    pub queue: mpsc::Sender<Utf8Bytes>,
    /// Wakes the connection's task to end: its queue was full.
    pub too_slow: Notify,
}

impl Connection {
    /// Queues a frame; a reader that does not keep up is cut off.
    pub fn push(&self, frame: Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(frame) {
            self.too_slow.notify_one();
        }
    }
}

/// A conversation's connections at one moment.
pub type Members = Arc<Vec<Arc<Connection>>>;

#[derive(Default)]
pub struct Rooms(RwLock<HashMap<i64, Members>>);

impl Rooms {
    pub fn join(&self, conversation: i64, connection: &Arc<Connection>) {
        let mut rooms = self.0.write();
        Arc::make_mut(rooms.entry(conversation).or_default()).push(Arc::clone(connection));
    }

    pub fn leave(&self, conversations: &[i64], connection: u64) {
        let mut rooms = self.0.write();
        for conversation in conversations {
            if let Some(members) = rooms.get_mut(conversation) {
                Arc::make_mut(members).retain(|member| member.id != connection);
            }
        }
    }

    pub fn members(&self, conversation: i64) -> Members {
        self.0.read().get(&conversation).cloned().unwrap_or_default()
    }
}
