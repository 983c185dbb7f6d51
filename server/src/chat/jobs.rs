//! What the job runner and the tenant need of the rules.

use std::sync::Arc;

use super::Chat;
use super::error::{Result, refuse};
use crate::model::{AppId, ConversationId, Delivery, JobId, Marks, Millis, Refusal, Roster, Seq, Timer, UserId};
use crate::storage::{DeadJob, Deliveries, DeliveryFilter, InstallKey};

/// Dead jobs, webhooks and timers shown at most.
const PAGE: u32 = 100;

impl Chat {
    /// A conversation and its newest seq, for work that is about it.
    ///
    /// # Errors
    /// `NotFound` if it is over, or what storage answers.
    pub async fn scene(&self, app: AppId, conversation: ConversationId) -> Result<(Arc<Roster>, Seq)> {
        let roster = self.roster(app, conversation).await?;
        let last = self.storage.last_seq(app, conversation).await.map_err(refuse)?;
        Ok((roster, last))
    }

    /// A conversation and its members, from memory if at hand.
    ///
    /// # Errors
    /// `NotFound` if it is not there or over, or what storage answers.
    pub async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>> {
        self.rosters.get(app, conversation).await
    }

    /// A conversation that is over, as it was at its end.
    ///
    /// # Errors
    /// `NotFound` if there is none, or what storage answers.
    pub async fn last_scene(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>> {
        let roster = self.storage.dissolved_roster(app, conversation).await.map_err(refuse)?;
        Ok(Arc::new(roster.ok_or_else(|| Refusal::not_found("conversation"))?))
    }

    /// How far a member has come.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn marks(&self, app: AppId, conversation: ConversationId, user: &UserId) -> Result<Marks> {
        self.storage.marks(app, conversation, user).await.map_err(refuse)
    }

    /// Work that was given up, newest first.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>> {
        self.storage.dead_jobs(app, limit.clamp(1, PAGE)).await.map_err(refuse)
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

    /// Webhooks that wait or were given up, newest first.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn deliveries(&self, app: AppId, filter: DeliveryFilter, limit: u32) -> Result<Vec<Delivery>> {
        let limit = limit.clamp(1, PAGE + 1);
        self.storage.deliveries(app, filter, limit).await.map_err(refuse)
    }

    /// Tries given-up webhooks again; says how many.
    ///
    /// # Errors
    /// `NotFound` if one is meant and there is none, or what storage answers.
    pub async fn retry_webhooks(&self, app: AppId, which: Deliveries, now: Millis) -> Result<u32> {
        let is_one = matches!(which, Deliveries::One(_));
        let count = self.storage.revive_webhooks(app, which, now).await.map_err(refuse)?;
        if is_one && count == 0 {
            return Err(Refusal::not_found("dead webhook"));
        }
        Ok(count)
    }

    /// Forgets a webhook.
    ///
    /// # Errors
    /// `NotFound` if there is none, or what storage answers.
    pub async fn delete_webhook(&self, app: AppId, delivery: &str) -> Result<()> {
        if !self.storage.delete_webhook(app, delivery).await.map_err(refuse)? {
            return Err(Refusal::not_found("webhook"));
        }
        Ok(())
    }

    /// Timers of an install, by name.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn timers(&self, install: &InstallKey, after: Option<&str>, limit: u32) -> Result<Vec<Timer>> {
        let limit = limit.clamp(1, PAGE + 1);
        self.storage.timers(install, after, limit).await.map_err(refuse)
    }

    /// Cancels a timer.
    ///
    /// # Errors
    /// `NotFound` if there is none, or what storage answers.
    pub async fn cancel_timer(&self, install: &InstallKey, name: &str) -> Result<()> {
        if !self.storage.cancel_timer(install, name, None).await.map_err(refuse)? {
            return Err(Refusal::not_found("timer"));
        }
        Ok(())
    }
}
