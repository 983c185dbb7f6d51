//! A client's socket: frames in, frames out. Frames out are gathered and flushed together; a client that does not take
//! them is not waited for longer than the idle timeout, nor beyond the end of its connection.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::Socket;
use super::close::Closing;
use crate::hub::Link;

/// How long a client may take to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came from a client.
pub enum Incoming {
    /// A frame.
    Text(Utf8Bytes),
    /// A frame that is no text.
    Binary,
    /// A sign of life.
    Life,
    /// The end.
    End(Closing),
}

/// A client's socket.
pub struct Out {
    socket: Box<Socket>,
    link: Option<Arc<Link>>,
    patience: Duration,
    /// There is something to flush.
    pub dirty: bool,
}

impl Out {
    /// Over a socket that may take so long to accept a frame.
    pub const fn new(socket: Box<Socket>, patience_ms: u64) -> Self {
        Self {
            socket,
            link: None,
            patience: Duration::from_millis(patience_ms),
            dirty: false,
        }
    }

    /// From now on, stops waiting for the socket when this connection is to end.
    pub fn belongs_to(&mut self, link: Arc<Link>) {
        self.link = Some(link);
    }

    /// What comes next. Safe to drop and call again.
    pub async fn next(&mut self) -> Incoming {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => Incoming::Text(text),
            Some(Ok(Message::Binary(_))) => Incoming::Binary,
            Some(Ok(Message::Ping(_))) => {
                // Its pong is written already and wants to be flushed.
                self.dirty = true;
                Incoming::Life
            }
            Some(Ok(Message::Pong(_) | Message::Frame(_))) => Incoming::Life,
            Some(Ok(Message::Close(_))) | None => Incoming::End(Closing::Gone),
            Some(Err(error)) => Incoming::End(end(&error)),
        }
    }

    /// Adds a frame to what will be flushed. No frame is a fault that has been logged: then the client learns nothing.
    pub async fn text(&mut self, text: Option<Utf8Bytes>) -> Result<(), Closing> {
        match text {
            Some(text) => self.feed(Message::Text(text)).await,
            None => Ok(()),
        }
    }

    /// Asks the client for a sign of life.
    pub async fn ping(&mut self) -> Result<(), Closing> {
        self.feed(Message::Ping(Default::default())).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Closing> {
        self.dirty = true;
        let (socket, link, patience) = (&mut self.socket, self.link.as_deref(), self.patience);
        tokio::select! {
            biased;
            done = socket.feed(message) => done.map_err(|error| end(&error)),
            closing = stalled(link, patience) => Err(closing),
        }
    }

    /// Sends what was added.
    pub async fn flush(&mut self) -> Result<(), Closing> {
        self.dirty = false;
        let (socket, link, patience) = (&mut self.socket, self.link.as_deref(), self.patience);
        tokio::select! {
            biased;
            done = socket.flush() => done.map_err(|error| end(&error)),
            closing = stalled(link, patience) => Err(closing),
        }
    }

    /// Says why, and waits a little for the client to have heard it.
    pub async fn close(mut self, closing: Closing) {
        let farewell = async {
            if WebSocketStream::close(&mut self.socket, closing.frame()).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // Whoever does not answer is hung up on.
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
    }
}

/// Waits until there is no more point in waiting for the socket.
async fn stalled(link: Option<&Link>, patience: Duration) -> Closing {
    let late = tokio::time::sleep(patience);
    match link {
        Some(link) => tokio::select! {
            reason = link.ended() => Closing::Because(reason),
            () = late => Closing::Gone,
        },
        None => {
            late.await;
            Closing::Gone
        }
    }
}

fn end(error: &Error) -> Closing {
    match error {
        Error::Capacity(_) => Closing::TooLarge,
        Error::Protocol(_) | Error::Utf8(_) => Closing::Broken,
        _ => Closing::Gone,
    }
}
