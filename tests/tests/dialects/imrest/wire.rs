//! A WebSocket that speaks whatever it is given.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::within;

/// A connection.
pub struct Wire(WebSocketStream<TcpStream>);

impl Wire {
    /// Opens one at a path with a query.
    pub async fn open(to: SocketAddr, path: &str) -> Self {
        match Self::try_open(to, path, &[]).await {
            Ok(wire) => wire,
            Err((status, body)) => panic!("{path} was answered with {status}: {body}"),
        }
    }

    /// Opens one, or answers status and body of the refusal.
    pub async fn try_open(
        to: SocketAddr,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Self, (u16, Value)> {
        let stream = TcpStream::connect(to).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut request = format!("ws://{to}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match within("the handshake", tokio_tungstenite::client_async(request, stream)).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((
                    response.status().as_u16(),
                    serde_json::from_slice(body).unwrap_or_default(),
                ))
            }
            Err(error) => panic!("cannot connect to {to}{path}: {error}"),
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: impl ToString) {
        within("a frame to be sent", self.0.send(Message::text(frame.to_string())))
            .await
            .unwrap();
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        self.read().await.unwrap_or_else(|| panic!("the connection ended"))
    }

    /// The next frame as it came; none if the connection ended.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            match within("a frame", self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame; none if the connection ended.
    pub async fn read(&mut self) -> Option<Value> {
        let text = self.text().await?;
        Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// Closes it and waits until the server has noticed.
    pub async fn close(mut self) {
        let _ = self.0.close(None).await;
        while self.text().await.is_some() {}
    }
}
