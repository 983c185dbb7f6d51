//! Somebody else's server, which plugins ask. What it answers stands in the path: `/ok`, `/status/503`, `/slow/900` (after
//! so many milliseconds), `/huge/1000` (so many bytes), `/endless` (bytes without end, unannounced), `/echo` (what was
//! asked), `/to?URL` (a redirection).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::asked::Asked;

/// A listener on this machine.
pub struct Far {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Far {
    pub async fn new() -> Self {
        Self::on("127.0.0.1:0").await
    }

    pub async fn on(address: &str) -> Self {
        let asked = Arc::<AtomicUsize>::default();
        let all = Arc::clone(&asked);
        let address = Asked::listen(address, move |one| {
            all.fetch_add(1, Ordering::Relaxed);
            serve(one)
        })
        .await;
        Self { address, asked }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same under another name or address of this machine.
    pub fn at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// How many requests have come.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn serve(mut one: Asked) -> Option<()> {
    let path = one.path.clone();
    let number = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.parse::<u64>().ok());
    let (mut status, mut more, mut answer) = (200, "content-type: text/plain\r\n".to_owned(), b"hello".to_vec());
    if let Some(other) = number("/status/") {
        status = u16::try_from(other).ok()?;
    } else if let Some(wait) = number("/slow/") {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    } else if let Some(bytes) = number("/huge/") {
        answer = vec![b'x'; usize::try_from(bytes).ok()?];
    } else if let Some(url) = path.strip_prefix("/to?") {
        status = 302;
        more += &format!("location: {url}\r\n");
    } else if path == "/echo" {
        let body = String::from_utf8_lossy(&one.body);
        answer = json!({ "method": one.method, "headers": one.headers, "body": body })
            .to_string()
            .into_bytes();
    } else if path == "/endless" {
        one.stream.write_all(b"HTTP/1.1 200 X\r\n\r\n").await.ok()?;
        loop {
            one.stream.write_all(&[b'x'; 4096]).await.ok()?;
        }
    }
    one.answer(status, &more, &answer).await
}
