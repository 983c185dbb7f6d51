//! What all installs of an app share: how much of the server they may take at a time. However many installs it has, an app
//! leaves room for the others.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::Semaphore;

use super::turns::{AppTurns, Turns};
use crate::model::AppId;

/// An app's share.
#[derive(Debug)]
pub struct Tenant {
    /// One permit an instance that works.
    pub seats: Semaphore,
    /// One permit an instance that computes for long.
    pub turns: AppTurns,
}

/// The shares of all apps that have installs.
#[derive(Debug)]
pub struct Tenants {
    /// Among whom the apps take turns.
    pub turns: Turns,
    seats: usize,
    apps: Mutex<FxHashMap<AppId, Weak<Tenant>>>,
}

impl Tenants {
    /// So many instances for each app; who computes for long stands back so far.
    pub fn new(seats: u32, nice: u8) -> Self {
        Self {
            turns: Turns::new(nice),
            seats: seats as usize,
            apps: Mutex::default(),
        }
    }

    /// An app's share: the same as long as anybody has it.
    pub fn of(&self, app: AppId) -> Arc<Tenant> {
        let mut apps = self.apps.lock();
        if let Some(tenant) = apps.get(&app).and_then(Weak::upgrade) {
            return tenant;
        }
        if apps.len() == apps.capacity() {
            apps.retain(|_, tenant| tenant.strong_count() > 0);
        }
        let tenant = Arc::new(Tenant {
            seats: Semaphore::new(self.seats),
            turns: self.turns.of_app(),
        });
        apps.insert(app, Arc::downgrade(&tenant));
        tenant
    }
}
