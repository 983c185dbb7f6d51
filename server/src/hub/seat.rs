//! A user's place on this node.

use std::sync::Arc;

use parking_lot::RwLock;

use super::{Frame, Link, ProtocolId, Tongue};
use crate::model::{AppId, UserId};

/// A user's place. Whoever fans out to many users keeps their seats at hand, so that a message costs no look-up per
/// receiver; a seat outlives the connections in it.
#[derive(Debug)]
pub struct Seat {
    /// The tenant.
    pub app: AppId,
    /// Whose.
    pub user: UserId,
    links: RwLock<Vec<Arc<Link>>>,
    watchers: RwLock<Vec<Arc<Link>>>,
}

impl Seat {
    pub(super) fn new(app: AppId, user: UserId) -> Self {
        Self {
            app,
            user,
            links: RwLock::default(),
            watchers: RwLock::default(),
        }
    }

    /// Does something with each connection in this seat.
    pub fn each(&self, mut act: impl FnMut(&Arc<Link>)) {
        self.links.read().iter().for_each(&mut act);
    }

    /// Does something with each connection that watches this user.
    pub fn each_watcher(&self, mut act: impl FnMut(&Arc<Link>)) {
        self.watchers.read().iter().for_each(&mut act);
    }

    /// Queues a frame of one protocol for the connections that speak it.
    pub fn push(&self, protocol: ProtocolId, frame: &Frame) {
        self.each(|link| {
            if matches!(link.tongue, Tongue::Encoded(own) if own == protocol) {
                link.push(frame.clone());
            }
        });
    }

    /// Whether anybody sits here.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        !self.links.read().is_empty()
    }

    /// Whether nobody sits here and nobody watches.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.links.read().is_empty() && self.watchers.read().is_empty()
    }

    /// Puts a connection in; says how many there were.
    pub(super) fn enter(&self, link: Arc<Link>) -> usize {
        let mut links = self.links.write();
        links.push(link);
        links.len() - 1
    }

    /// Takes a connection out; says how many are left, or `None` if it was not here.
    pub(super) fn leave(&self, link: &Arc<Link>) -> Option<usize> {
        let mut links = self.links.write();
        let at = links.iter().position(|other| Arc::ptr_eq(other, link))?;
        links.swap_remove(at);
        if links.is_empty() {
            links.shrink_to_fit();
        }
        Some(links.len())
    }

    pub(super) fn watch(&self, link: &Arc<Link>, on: bool) {
        let mut watchers = self.watchers.write();
        watchers.retain(|other| !Arc::ptr_eq(other, link));
        if on {
            watchers.push(link.clone());
        }
    }

    /// The connections in this seat.
    #[must_use]
    pub fn links(&self) -> Vec<Arc<Link>> {
        self.links.read().clone()
    }
}
