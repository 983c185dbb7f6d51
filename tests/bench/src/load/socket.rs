//! Opening connections: many source addresses, the handshake, and the first answer.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};

use super::{
    frame,
    plan::{Plan, Session},
    protocol::{Incoming, Protocol},
};

/// Source addresses 127.0.0.2 to 127.0.0.21, so that no one of them runs out of ports.
const SOURCES: u32 = 20;
/// Handshakes under way at once.
const AT_ONCE: usize = 64;
/// A handshake's answer, and the first frame, are shorter than this.
const GREETING_BYTES: usize = 16 * 1024;

/// An open connection, ready for messages.
pub struct Link {
    pub session: Session,
    pub stream: Arc<TcpStream>,
    /// What came behind the first answer.
    pub pending: Vec<u8>,
}

/// Opens all connections of a plan, in the plan's order.
pub async fn open_all(plan: &Plan) -> anyhow::Result<Vec<Link>> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = JoinSet::new();
    for (index, session) in plan.sessions.iter().cloned().enumerate() {
        let permit = Arc::clone(&permits).acquire_owned().await?;
        let (address, protocol) = (plan.address, plan.protocol);
        opening.spawn(async move {
            let link = open(address, protocol, session).await;
            drop(permit);
            (index, link)
        });
    }
    let mut links = Vec::with_capacity(plan.sessions.len());
    while let Some(opened) = opening.join_next().await {
        let (index, link) = opened?;
        links.push((index, link.with_context(|| format!("connection {index}"))?));
    }
    links.sort_by_key(|(index, _)| *index);
    Ok(links.into_iter().map(|(_, link)| link).collect())
}

/// A plain connection, from the source address that belongs to `user`.
pub async fn connect(address: SocketAddr, user: u32) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if address.ip().is_loopback() {
        let source = [127, 0, 0, 2 + (user % SOURCES) as u8];
        socket.bind(SocketAddr::from((source, 0)))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn open(address: SocketAddr, protocol: Protocol, session: Session) -> anyhow::Result<Link> {
    let mut stream = connect(address, session.user).await?;
    let path = protocol.path(&session);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    let body = loop {
        if let Some(end) = memchr::memmem::find(&received, b"\r\n\r\n") {
            break end + 4;
        }
        receive(&mut stream, &mut received).await?;
    };
    ensure!(
        received.starts_with(b"HTTP/1.1 101"),
        "refused: {}",
        String::from_utf8_lossy(&received)
    );
    received.drain(..body);
    if let Some(join) = protocol.join(&session) {
        let mut out = Vec::new();
        frame::write(frame::TEXT, join.as_bytes(), &mut out);
        stream.write_all(&out).await?;
    }
    wait_until_ready(&mut stream, protocol, &session, &mut received).await?;
    Ok(Link {
        session,
        stream: Arc::new(stream),
        pending: received,
    })
}

async fn wait_until_ready(
    stream: &mut TcpStream,
    protocol: Protocol,
    session: &Session,
    received: &mut Vec<u8>,
) -> anyhow::Result<()> {
    loop {
        while let Some(first) = frame::read(received)? {
            let (ready, length) = (protocol.is_ready(first.payload), first.length);
            ensure!(
                first.opcode == frame::TEXT,
                "closed: {}",
                String::from_utf8_lossy(first.payload)
            );
            ensure!(
                protocol.read(session, first.payload) != Incoming::Refused,
                "not let in: {}",
                String::from_utf8_lossy(first.payload)
            );
            received.drain(..length);
            if ready {
                return Ok(());
            }
        }
        receive(stream, received).await?;
    }
}

async fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> anyhow::Result<()> {
    ensure!(
        received.len() < GREETING_BYTES,
        "no end of the greeting after {} bytes",
        received.len()
    );
    if stream.read_buf(received).await? == 0 {
        bail!("closed before it was ready: {}", String::from_utf8_lossy(received));
    }
    Ok(())
}

/// Writes all of `bytes`; false when the connection is gone.
pub async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        if stream.writable().await.is_err() {
            return false;
        }
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
    true
}
