//! Instances that wait for their next call. A call that ends while the server goes away leaves none behind.

use parking_lot::Mutex;

use super::instance::Lease;
use super::machine::Machine;

/// The instances of one component for one purpose.
pub struct Parking {
    most: usize,
    waiting: Mutex<Vec<Lease>>,
}

impl Parking {
    /// Room for so many.
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            waiting: Mutex::new(Vec::new()),
        }
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.lock().is_empty()
    }

    /// One that waits, if there is one.
    pub fn take(&self) -> Option<Lease> {
        self.waiting.lock().pop()
    }

    /// Keeps an instance for its next call, if it may have one of so many and there is room.
    pub fn keep(&self, machine: &Machine, mut lease: Lease, calls: u32) {
        if lease.served >= calls {
            return;
        }
        // An instance that waits must not keep alive the install that keeps it.
        lease.store.data_mut().task.rest();
        lease.parked = machine.parking.clone().try_acquire_owned().ok();
        let mut waiting = self.waiting.lock();
        // Looked at under the lock: whoever drains comes after the server has begun to go.
        if lease.parked.is_some() && waiting.len() < self.most && !machine.leaving.is_cancelled() {
            waiting.push(lease);
        }
    }

    /// Drops all that wait.
    pub fn drain(&self) {
        self.waiting.lock().clear();
    }
}
