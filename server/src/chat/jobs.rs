//! What the job runner and the tenant need of the rules.

use std::sync::Arc;

use super::Chat;
use super::error::{Result, refuse};
use crate::model::{AppId, ConversationId, JobId, Millis, Refusal, Roster, Seq};
use crate::storage::DeadJob;

/// Dead jobs shown at most.
const DEAD: u32 = 100;

impl Chat {
    /// A conversation and its newest seq, for work that is about it.
    ///
    /// # Errors
    /// `NotFound` if it is over, or what storage answers.
    pub async fn scene(&self, app: AppId, conversation: ConversationId) -> Result<(Arc<Roster>, Seq)> {
        let roster = self.rosters.get(app, conversation).await?;
        let last = self.storage.last_seq(app, conversation).await.map_err(refuse)?;
        Ok((roster, last))
    }

    /// Work that was given up, newest first.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>> {
        self.storage.dead_jobs(app, limit.clamp(1, DEAD)).await.map_err(refuse)
    }

    /// Tries given-up work again.
    ///
    /// # Errors
    /// `NotFound` if there is no such work, or what storage answers.
    pub async fn retry_job(&self, app: AppId, job: JobId, now: Millis) -> Result<()> {
        if !self.storage.revive_job(app, job, now).await.map_err(refuse)? {
            return Err(Refusal::not_found("job"));
        }
        Ok(())
    }
}
