//! Somebody else's server, which webhooks are sent to: it keeps what it gets and answers what it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::asked::Asked;
use super::{eventually, now_ms};

/// A request that has come.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub at: u64,
}

impl Received {
    /// The body of a webhook of the clock guest: what it was told to say.
    pub fn told(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["told"].clone()
    }
}

/// A listener on this machine.
pub struct Hooks {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Hooks {
    /// One that answers each request, by its number from 0, with a status and further lines of the head.
    pub async fn answering(answer: impl Fn(usize, &Received) -> (u16, String) + Send + Sync + 'static) -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (all, answer) = (Arc::clone(&received), Arc::new(answer));
        let address = Asked::listen("127.0.0.1:0", move |one| {
            let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
            async move {
                let received = Received {
                    path: one.path.clone(),
                    headers: one.headers.clone(),
                    body: String::from_utf8(one.body.clone()).ok()?,
                    at: now_ms(),
                };
                let (status, more) = {
                    let mut all = all.lock().unwrap();
                    all.push(received.clone());
                    answer(all.len() - 1, &received)
                };
                one.answer(status, &more, b"").await
            }
        })
        .await;
        Self { address, received }
    }

    /// One that answers 200 to all.
    pub async fn new() -> Self {
        Self::answering(|_, _| (200, String::new())).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for so many requests.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        eventually(&format!("{count} webhooks"), async || {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}
