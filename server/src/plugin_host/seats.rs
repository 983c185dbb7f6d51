//! The places a call takes: so many of an install, of an app and on this node work at the same time. They are taken from
//! the call's own to everybody's, so that who waits for its own keeps nobody else's.

use tokio::sync::{OwnedSemaphorePermit, SemaphorePermit};

use super::plugin::Plugin;

/// A call's places: among those of its install, of its app, and on the node.
pub struct Seats<'p> {
    _own: SemaphorePermit<'p>,
    _of_app: SemaphorePermit<'p>,
    /// None if an instance is waiting, which has one.
    pub on_node: Option<OwnedSemaphorePermit>,
}

impl Plugin {
    /// The same as [`Self::seats`] if there is no need to wait.
    pub fn free_seats(&self) -> Option<Seats<'_>> {
        let own = self.seats.try_acquire().ok()?;
        let of_app = self.tenant.seats.try_acquire().ok()?;
        let on_node = if self.has_waiting() {
            None
        } else {
            Some(self.machine.seats.clone().try_acquire_owned().ok()?)
        };
        Some(Seats {
            _own: own,
            _of_app: of_app,
            on_node,
        })
    }

    /// A call's places, in the order from its own to everybody's. None when the server ends.
    pub async fn seats(&self) -> Option<Seats<'_>> {
        let own = self.seats.acquire().await.ok()?;
        let of_app = self.tenant.seats.acquire().await.ok()?;
        let on_node = if self.has_waiting() {
            None
        } else {
            Some(self.machine.seats.clone().acquire_owned().await.ok()?)
        };
        Some(Seats {
            _own: own,
            _of_app: of_app,
            on_node,
        })
    }

    /// Whether an instance waits for its next call.
    fn has_waiting(&self) -> bool {
        self.install.reuse > 1 && !self.waiting.is_empty()
    }
}
