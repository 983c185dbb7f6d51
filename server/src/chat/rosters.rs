//! Conversations with their members, kept in memory: the message path never asks storage who is in one.
//!
//! A change reaches the cache in commit order, from inside storage's announcement. A load that was under way while a
//! change committed may have read the state before it: such a load counts for its caller only and is not kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

use super::error::{Result, refuse};
use crate::model::{AppId, ConversationId, Refusal, Roster};
use crate::storage::Storage;

/// Changes are counted in this many drawers, so that a load notices a change of its own conversation and of few others.
const DRAWERS: usize = 1024;

/// Rosters at hand.
pub struct Rosters {
    storage: Arc<dyn Storage>,
    kept: Cache<ConversationId, (AppId, Arc<Roster>)>,
    changes: Box<[AtomicU64]>,
}

impl Rosters {
    /// An empty cache of at most `capacity` conversations.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, capacity: usize) -> Self {
        let changes = (0..DRAWERS).map(|_| AtomicU64::new(0)).collect();
        Self {
            storage,
            kept: Cache::new(capacity),
            changes,
        }
    }

    /// A conversation of this app.
    ///
    /// # Errors
    /// `NotFound` if there is none, it is another app's or it is over; or what storage answers.
    pub async fn get(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>> {
        if let Some((owner, roster)) = self.kept.get(&conversation) {
            return if owner == app {
                Ok(roster)
            } else {
                Err(Refusal::not_found("conversation"))
            };
        }
        let drawer = self.drawer(conversation);
        let before = drawer.load(Ordering::Acquire);
        let roster = self.storage.roster(app, conversation).await.map_err(refuse)?;
        let roster = Arc::new(roster.ok_or_else(|| Refusal::not_found("conversation"))?);
        self.kept.insert(conversation, (app, roster.clone()));
        if drawer.load(Ordering::Acquire) != before {
            self.kept.remove(&conversation);
        }
        Ok(roster)
    }

    /// Puts a changed roster in the place of the one at hand: called in commit order. `fallback` is what the caller has
    /// seen last, in case it is no longer at hand; a roster made from it is announced but not kept.
    pub fn change(&self, app: AppId, fallback: &Arc<Roster>, change: impl FnOnce(&Roster) -> Roster) -> Arc<Roster> {
        let id = fallback.conversation.id;
        self.drawer(id).fetch_add(1, Ordering::AcqRel);
        match self.kept.get(&id) {
            Some((_, current)) => {
                let roster = Arc::new(change(&current));
                self.kept.insert(id, (app, roster.clone()));
                roster
            }
            None => Arc::new(change(fallback)),
        }
    }

    /// Keeps the roster of a conversation that was just made.
    pub fn insert(&self, app: AppId, roster: Arc<Roster>) {
        self.kept.insert(roster.conversation.id, (app, roster));
    }

    /// Forgets a conversation that is over.
    pub fn forget(&self, conversation: ConversationId) {
        self.drawer(conversation).fetch_add(1, Ordering::AcqRel);
        self.kept.remove(&conversation);
    }

    fn drawer(&self, conversation: ConversationId) -> &AtomicU64 {
        let index = usize::try_from(conversation.get() % DRAWERS as u64).unwrap_or(0);
        &self.changes[index]
    }
}
