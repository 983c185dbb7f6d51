//! Somebody else's server, which plugins ask. What it answers stands in the path: `/ok`, `/status/503`, `/slow/900` (after
//! so many milliseconds), `/huge/1000` (so many bytes), `/endless` (bytes without end, unannounced), `/echo` (what was
//! asked), `/to?URL` (a redirection).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

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
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<AtomicUsize>::default();
        let all = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let all = all.clone();
                tokio::spawn(async move { serve(stream, &all).await });
            }
        });
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

async fn serve(stream: TcpStream, asked: &AtomicUsize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Map::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().into());
    }
    asked.fetch_add(1, Ordering::Relaxed);
    let mut body = Vec::new();
    if let Some(length) = headers.get("content-length").and_then(Value::as_str) {
        body.resize(length.parse().ok()?, 0);
        stream.read_exact(&mut body).await.ok()?;
    }
    let number = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.parse::<u64>().ok());
    let (mut status, mut more, mut answer) = (200, String::new(), b"hello".to_vec());
    if let Some(other) = number("/status/") {
        status = other;
    } else if let Some(wait) = number("/slow/") {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    } else if let Some(bytes) = number("/huge/") {
        answer = vec![b'x'; usize::try_from(bytes).ok()?];
    } else if let Some(url) = path.strip_prefix("/to?") {
        (status, more) = (302, format!("location: {url}\r\n"));
    } else if path == "/echo" {
        let body = String::from_utf8_lossy(&body);
        answer = json!({ "method": method, "headers": headers, "body": body })
            .to_string()
            .into_bytes();
    } else if path == "/endless" {
        stream.write_all(b"HTTP/1.1 200 X\r\n\r\n").await.ok()?;
        loop {
            stream.write_all(&[b'x'; 4096]).await.ok()?;
        }
    }
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{more}content-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&answer).await.ok()
}
