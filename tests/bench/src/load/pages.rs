//! Pages of history by REST: one kept-alive connection per session, one request at a time, at random places.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use anyhow::{Context, bail, ensure};
use memchr::memmem;
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    ledger::{Latencies, Ledger},
    plan::Session,
    socket::connect,
};

/// What the reader needs of a conversation.
#[derive(Deserialize)]
struct Conversation {
    last_seq: u64,
}

/// Asks for pages until told to stop; a wrong answer is a fault and ends this connection.
pub async fn run(ledger: Arc<Ledger>, address: SocketAddr, session: Session, limit: u64) {
    let mut latencies = Latencies::default();
    if let Err(error) = read_pages(&ledger, address, &session, limit, &mut latencies).await {
        ledger.refused.fetch_add(1, Relaxed);
        ledger.fault(&format!("{error:#}"));
    }
    ledger.gather(latencies);
}

async fn read_pages(
    ledger: &Ledger,
    address: SocketAddr,
    session: &Session,
    limit: u64,
    latencies: &mut Latencies,
) -> anyhow::Result<()> {
    let mut client = Client {
        stream: connect(address, session.user).await?,
        received: Vec::new(),
    };
    let path = format!("/v1/conversations/{}", session.conversation);
    let conversation: Conversation = serde_json::from_slice(client.get(&path, &session.token).await?)?;
    ensure!(
        conversation.last_seq >= limit,
        "only {} messages are stored",
        conversation.last_seq
    );
    let mut place = u64::from(session.user) + 1;
    while ledger.sending() {
        place = place
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // A whole page lies before any seq from limit + 1 to last_seq + 1.
        let before = limit + 1 + (place >> 33) % (conversation.last_seq - limit + 1);
        let asked = ledger.now();
        ledger.sent.fetch_add(1, Relaxed);
        let page = client
            .get(
                &format!("{path}/messages?before_seq={before}&limit={limit}"),
                &session.token,
            )
            .await?;
        let found = memmem::find_iter(page, b"\"seq\":").count() as u64;
        ensure!(
            found == limit,
            "a page before {before} with {found} messages instead of {limit}"
        );
        ledger.acknowledged.fetch_add(1, Relaxed);
        let now = ledger.now();
        if let Some(second) = ledger.second(now) {
            latencies.acknowledged(second, now - asked);
        }
    }
    Ok(())
}

/// As much of HTTP/1.1 as is needed to ask one server again and again: answers with a content length.
struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    async fn get(&mut self, path: &str, token: &str) -> anyhow::Result<&[u8]> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.received.clear();
        let head = loop {
            match memmem::find(&self.received, b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.receive().await?,
            }
        };
        let length = content_length(&self.received[..head])?;
        while self.received.len() < head + length {
            self.receive().await?;
        }
        let body = &self.received[head..head + length];
        ensure!(
            self.received.starts_with(b"HTTP/1.1 200"),
            "GET {path}: {}",
            String::from_utf8_lossy(body)
        );
        Ok(body)
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        self.received.reserve(32 * 1024);
        if self.stream.read_buf(&mut self.received).await? == 0 {
            bail!("the server has closed the connection");
        }
        Ok(())
    }
}

fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = str::from_utf8(head)?;
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().context("an answer without a content length")?;
    Ok(length.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_length_is_found_in_any_case() {
        assert_eq!(
            content_length(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n").unwrap(),
            12
        );
        assert_eq!(
            content_length(b"HTTP/1.1 200 OK\r\ncontent-length:7\r\n\r\n").unwrap(),
            7
        );
        assert!(content_length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
