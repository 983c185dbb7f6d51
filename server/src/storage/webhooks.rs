//! Webhooks: kept until they have arrived.

use async_trait::async_trait;

use super::{Bell, EffectKey, InstallKey, Result};
use crate::model::{AppId, Delivery, JobId, Millis, PluginName, Webhook};

/// What webhooks are sent to one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetKey {
    /// Who posts them.
    pub install: InstallKey,
    /// The order key, or the URL.
    pub target: String,
}

/// Which deliveries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this install.
    pub plugin: Option<PluginName>,
    /// Of this target.
    pub target: Option<String>,
    /// Given up, or waiting.
    pub dead: Option<bool>,
    /// Posted before this one.
    pub before: Option<JobId>,
}

/// Webhooks.
#[async_trait]
pub trait Webhooks {
    /// Rings when there is something to send to a target.
    fn webhook_bell(&self) -> std::sync::Arc<Bell<TargetKey>>;
    /// Keeps a webhook and rings for its target; answers its delivery's id. With an effect key of a job, doing it again
    /// answers as the first time and keeps nothing.
    ///
    /// # Errors
    /// `Quota` if the install would have more than `most` waiting.
    async fn post_webhook(
        &self,
        install: &InstallKey,
        webhook: Webhook,
        effect: Option<EffectKey>,
        most: u32,
    ) -> Result<String>;
    /// Targets for which something waits, and when the first of it is due: read at start.
    async fn webhook_targets(&self) -> Result<Vec<(TargetKey, Millis)>>;
    /// What comes next for a target, due or not.
    async fn next_webhook(&self, target: &TargetKey) -> Result<Option<Delivery>>;
    /// It has arrived.
    async fn finish_webhook(&self, app: AppId, id: JobId) -> Result<()>;
    /// It has not, and is to be tried again at a time; counts the attempt.
    async fn postpone_webhook(&self, app: AppId, id: JobId, due_at: Millis, error: &str) -> Result<()>;
    /// It is given up. Of those of its install only the newest `keep` are kept.
    async fn bury_webhook(&self, app: AppId, id: JobId, error: &str, keep: u32) -> Result<()>;
    /// Deliveries of an app, newest first.
    async fn deliveries(&self, app: AppId, filter: DeliveryFilter, limit: u32) -> Result<Vec<Delivery>>;
    /// Tries given-up ones again, now, and rings for them; the filter's `dead` does not matter. Says how many.
    async fn revive_webhooks(&self, app: AppId, which: Deliveries, now: Millis) -> Result<u32>;
    /// Forgets a delivery, whatever its state. False if there is none.
    async fn delete_webhook(&self, app: AppId, delivery: &str) -> Result<bool>;
}

/// Which given-up deliveries are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deliveries {
    /// This one.
    One(String),
    /// All of an install to a target.
    Target(TargetKey),
}
