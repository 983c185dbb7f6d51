//! Webhooks: rows that become requests. Those of one target are sent one after the other, and one that is to be tried
//! again holds up the later ones; what goes to other targets does not wait for it. A request that was answered and whose
//! row could not be removed any more is sent again after the next start: the receiver knows it by its delivery's id.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue as Value, Method, Request, StatusCode, Uri, header};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::STORAGE_PAUSE;
use super::alarm::Alarms;
use super::shifts::Shifts;
use crate::chat::Chat;
use crate::model::{AppId, Clock, Delivery, HeaderValue, Ink, Millis, Random, UserId};
use crate::outbound::{Client, Reach, SendError};
use crate::storage::{Storage, StorageError, TargetKey};
use crate::telemetry::Figures;

/// By this status a receiver says that it wants no more.
const GONE: u16 = 410;

/// How webhooks are sent.
#[derive(Debug, Clone)]
pub struct Callbacks {
    /// Which addresses may be sent to.
    pub reach: Reach,
    /// How long one try may take, in milliseconds.
    pub timeout_ms: u64,
    /// Tries before a webhook is given up.
    pub attempts: u32,
    /// The longest pause before the second try, in milliseconds; doubled for each further one. How much of it is waited
    /// is left to chance.
    pub backoff_ms: u64,
    /// What the longest pause grows to, in milliseconds.
    pub backoff_max_ms: u64,
    /// Requests at the same time, on the whole node.
    pub concurrency: usize,
    /// Requests at the same time for one app.
    pub per_app: usize,
    /// Given-up webhooks of an install that are kept.
    pub dead: u32,
}

/// What became of a try.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Arrived,
    /// Try again.
    Failed(String),
    /// There is nobody there any more.
    Gone,
}

/// Sends webhooks.
pub struct Postman {
    storage: Arc<dyn Storage>,
    chat: Arc<Chat>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    settings: Callbacks,
    client: Client,
    figures: Arc<Figures>,
    slots: Arc<Semaphore>,
    app_slots: Mutex<HashMap<AppId, Arc<Semaphore>>>,
    shifts: Shifts<TargetKey>,
    alarms: Alarms<TargetKey>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Postman {
    /// One that takes up nothing more when `stop` is cancelled.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(
        storage: Arc<dyn Storage>,
        chat: Arc<Chat>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: Callbacks,
        figures: Arc<Figures>,
        stop: CancellationToken,
    ) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            client: Client::new(settings.reach.clone())?,
            slots: Arc::new(Semaphore::new(settings.concurrency)),
            app_slots: Mutex::default(),
            shifts: Shifts::default(),
            alarms: Alarms::default(),
            tasks: TaskTracker::new(),
            storage,
            chat,
            clock,
            random,
            settings,
            figures,
            stop,
        }))
    }

    /// Sends what is left from before, then whatever is posted, until it is stopped; then waits for what is under way.
    pub async fn run(self: Arc<Self>) {
        let bell = self.storage.webhook_bell();
        self.stop.run_until_cancelled(self.take_up_old_work()).await;
        let call = async || {
            tokio::select! {
                targets = bell.wait() => targets,
                targets = self.alarms.ring(&*self.clock) => targets,
            }
        };
        while let Some(targets) = self.stop.run_until_cancelled(call()).await {
            for target in targets {
                self.wake(target);
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn take_up_old_work(&self) {
        loop {
            match self.storage.webhook_targets().await {
                Ok(targets) => {
                    for (target, due) in targets {
                        self.alarms.set(target, due);
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot look for waiting webhooks; trying again");
                    tokio::time::sleep(STORAGE_PAUSE).await;
                }
            }
        }
    }

    fn wake(self: &Arc<Self>, target: TargetKey) {
        if self.shifts.begin(&target) {
            let postman = self.clone();
            self.tasks.spawn(async move { postman.work(target).await });
        }
    }

    /// Sends what waits for a target until nothing is due.
    async fn work(self: Arc<Self>, target: TargetKey) {
        loop {
            match self.pass(&target).await {
                Ok(Some(later)) => self.alarms.set(target.clone(), later),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(app = %target.install.app, %error, "webhooks wait for storage");
                    let pause = tokio::time::sleep(STORAGE_PAUSE);
                    if self.stop.run_until_cancelled(pause).await.is_some() {
                        continue;
                    }
                }
            }
            if self.stop.is_cancelled() || self.shifts.end(&target) {
                return;
            }
        }
    }

    /// Says when the next one is due, if there is one.
    async fn pass(&self, target: &TargetKey) -> Result<Option<Millis>, StorageError> {
        while !self.stop.is_cancelled() {
            let Some(next) = self.storage.next_webhook(target).await? else {
                return Ok(None);
            };
            if next.due_at > self.clock.now() {
                return Ok(Some(next.due_at));
            }
            let Some(_slots) = self.stop.run_until_cancelled(self.slots(next.app)).await else {
                break;
            };
            let outcome = self.send(&next).await;
            self.settle(&next, outcome).await?;
        }
        Ok(None)
    }

    /// Leave to send: of the app's own first, so that whoever waits for that holds up no other app.
    async fn slots(&self, app: AppId) -> (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>) {
        let own = self
            .app_slots
            .lock()
            .entry(app)
            .or_insert_with(|| Arc::new(Semaphore::new(self.settings.per_app)))
            .clone();
        let own = own.acquire_owned().await.ok();
        (own, self.slots.clone().acquire_owned().await.ok())
    }

    async fn settle(&self, of: &Delivery, outcome: Outcome) -> Result<(), StorageError> {
        let error = match outcome {
            Outcome::Arrived => {
                self.figures.webhooks_sent.add(1);
                return self.storage.finish_webhook(of.app, of.id).await;
            }
            Outcome::Gone => "410: the receiver wants no more".to_owned(),
            Outcome::Failed(error) if of.attempts + 1 < self.settings.attempts => {
                self.figures.webhooks_failed.add(1);
                let due = self.clock.now().plus(self.pause(of.attempts));
                tracing::debug!(app = %of.app, plugin = %of.plugin, delivery = %of.webhook.delivery, error, "a webhook is tried again");
                return self.storage.postpone_webhook(of.app, of.id, due, &error).await;
            }
            Outcome::Failed(error) => error,
        };
        tracing::warn!(app = %of.app, plugin = %of.plugin, delivery = %of.webhook.delivery, error, "a webhook is given up");
        self.figures.webhooks_dead.add(1);
        self.storage
            .bury_webhook(of.app, of.id, &error, self.settings.dead)
            .await
    }

    async fn send(&self, of: &Delivery) -> Outcome {
        let Ok(uri) = of.webhook.url.parse::<Uri>() else {
            return Outcome::Failed("the URL is unusable".to_owned());
        };
        let headers = match self.headers(of).await {
            Ok(headers) => headers,
            Err(error) => return Outcome::Failed(error),
        };
        let mut request = Request::new(Bytes::from(of.webhook.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let timeout = Duration::from_millis(self.settings.timeout_ms);
        match self.client.status(request, timeout).await {
            Ok(status) => judge(status),
            Err(error @ SendError::Timeout(_)) => Outcome::Failed(format!("{error} (callbacks.timeout_ms)")),
            Err(error) => Outcome::Failed(match error.source() {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            }),
        }
    }

    /// The headers of this try.
    async fn headers(&self, of: &Delivery) -> Result<HeaderMap, String> {
        let app = self.chat.tenants().get(of.app).ok_or("the app is gone")?;
        let tokens = self.tokens(of).await.map_err(|error| error.to_string())?;
        let now = self.clock.now().0.div_euclid(1000);
        let ink = Ink {
            secret: &app.secret,
            token: &|user| tokens.get(user).cloned(),
            time_seconds: Some(now),
            body: Some(&of.webhook.body),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, Value::from_static("Switchboard"));
        headers.insert(header::CONTENT_TYPE, Value::from_static("application/json"));
        for (name, value) in &of.webhook.headers {
            let text = match value {
                HeaderValue::Text(text) => text.clone(),
                HeaderValue::TimeSeconds => now.to_string(),
                HeaderValue::DeliveryId => of.webhook.delivery.clone(),
                HeaderValue::Signature(recipe) => recipe.sign(&ink).ok_or("a user whose token signs has none")?,
            };
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            headers.insert(name, Value::from_str(&text).map_err(|error| error.to_string())?);
        }
        Ok(headers)
    }

    /// The tokens that its signatures need.
    async fn tokens(&self, of: &Delivery) -> Result<HashMap<UserId, String>, StorageError> {
        let mut tokens = HashMap::new();
        for (_, value) in &of.webhook.headers {
            let HeaderValue::Signature(recipe) = value else {
                continue;
            };
            for user in recipe.tokens() {
                if let Some(token) = self.storage.given_token(of.app, user).await? {
                    tokens.insert(user.clone(), token);
                }
            }
        }
        Ok(tokens)
    }

    fn pause(&self, tries: u32) -> i64 {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        pause(&self.settings, tries, u32::from_le_bytes(bytes))
    }
}

/// What a status means. A redirection is not followed, so it has not arrived.
fn judge(status: StatusCode) -> Outcome {
    match status {
        _ if status.is_success() => Outcome::Arrived,
        _ if status.as_u16() == GONE => Outcome::Gone,
        _ => Outcome::Failed(format!("answered {status}")),
    }
}

/// The pause after so many failed tries, in milliseconds: a chance between nothing and a bound that doubles. Full jitter:
/// many that failed together do not come back together.
fn pause(settings: &Callbacks, tries: u32, chance: u32) -> i64 {
    let doubled = settings.backoff_ms.saturating_mul(1 << tries.min(32));
    let most = doubled.min(settings.backoff_max_ms);
    let part = u128::from(most) * u128::from(chance) / u128::from(u32::MAX);
    i64::try_from(part).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_became_of_it() {
        for status in [200, 201, 204, 299] {
            assert_eq!(judge(StatusCode::from_u16(status).unwrap()), Outcome::Arrived);
        }
        assert_eq!(judge(StatusCode::from_u16(GONE).unwrap()), Outcome::Gone);
        for status in [101, 301, 302, 307, 400, 404, 429, 500, 503] {
            let outcome = judge(StatusCode::from_u16(status).unwrap());
            assert!(matches!(outcome, Outcome::Failed(_)), "{status}");
        }
    }

    #[test]
    fn pauses_grow_up_to_their_bound_and_are_spread() {
        let settings = Callbacks {
            reach: Reach::default(),
            timeout_ms: 1,
            attempts: 9,
            backoff_ms: 200,
            backoff_max_ms: 1000,
            concurrency: 1,
            per_app: 1,
            dead: 1,
        };
        let longest: Vec<i64> = (0..4).map(|tries| pause(&settings, tries, u32::MAX)).collect();
        assert_eq!(longest, [200, 400, 800, 1000]);
        assert_eq!(pause(&settings, u32::MAX, u32::MAX), 1000);
        assert_eq!(pause(&settings, 0, 0), 1);
        assert!((95..105).contains(&pause(&settings, 0, u32::MAX / 2)));
    }
}
