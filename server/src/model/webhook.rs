//! Webhooks: requests to other servers that must arrive.

use super::{AppId, JobId, Millis, PluginName, Recipe};

/// A webhook to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name for sender and receiver: the same for every try.
    pub delivery: String,
    /// Webhooks of one target are sent one after the other.
    pub target: String,
    /// Where to.
    pub url: String,
    /// With which headers, beside those every request has.
    pub headers: Vec<(String, HeaderValue)>,
    /// What.
    pub body: String,
}

/// A header's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// As it is.
    Text(String),
    /// The seconds since 1970 of the try.
    TimeSeconds,
    /// A signature, made for each try.
    Signature(Recipe),
    /// The delivery's id.
    DeliveryId,
}

/// A webhook that waits, or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in the order of its target.
    pub id: JobId,
    /// The tenant.
    pub app: AppId,
    /// The install that posted it.
    pub plugin: PluginName,
    /// What to send.
    pub webhook: Webhook,
    /// When it was posted.
    pub created_at: Millis,
    /// Not before.
    pub due_at: Millis,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it was given up.
    pub dead: bool,
    /// What went wrong the last time; empty if nothing has yet.
    pub error: String,
}
