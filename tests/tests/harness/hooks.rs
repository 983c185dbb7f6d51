//! Somebody else's server, which webhooks are sent to: it keeps what it gets and answers what it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

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

type Answer = Box<dyn Fn(usize, &Received) -> (u16, String) + Send + Sync>;

/// A listener on this machine.
pub struct Hooks {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Hooks {
    /// One that answers each request, by its number from 0, with a status and further lines of the head.
    pub async fn answering(answer: impl Fn(usize, &Received) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (answer, all): (Arc<Answer>, _) = (Arc::new(Box::new(answer)), Arc::clone(&received));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                tokio::spawn(async move { serve(stream, &answer, &all).await });
            }
        });
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

async fn serve(stream: TcpStream, answer: &Answer, all: &Mutex<Vec<Received>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let one = Received {
        path,
        headers,
        body: String::from_utf8(body).ok()?,
        at: now_ms(),
    };
    let (status, more) = {
        let mut all = all.lock().unwrap();
        all.push(one.clone());
        answer(all.len() - 1, &one)
    };
    let head = format!("HTTP/1.1 {status} X\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.ok()
}
