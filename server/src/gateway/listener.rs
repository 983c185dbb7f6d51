//! Accepts connections and speaks HTTP/1 on them, until it is told to stop; then it waits, for a bounded time, for what
//! is under way.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service as _;

use super::error::respond;
use super::peer::Origin;
use super::tls::Tls;
use crate::model::Refusal;

/// How long a client may take to send a request's head; also how long a kept-alive connection may be silent.
const HEAD: Duration = Duration::from_secs(20);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 * 1024;

/// How long to wait when no connection can be accepted: too many files are open, and some will be closed.
const BACK_OFF: Duration = Duration::from_millis(100);

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How connections come in.
#[derive(Clone)]
pub struct Entrance {
    /// The server's own certificate, if it has one.
    pub tls: Option<Arc<Tls>>,
    /// Proxies that are believed.
    pub trusted: Arc<[IpNet]>,
}

impl Default for Entrance {
    fn default() -> Self {
        Self {
            tls: None,
            trusted: Arc::from([]),
        }
    }
}

/// Serves a router.
pub(super) async fn serve(
    listener: TcpListener,
    entrance: Entrance,
    router: Router,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    grace: Duration,
) {
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, address)) => {
                tasks.spawn(meet(
                    stream,
                    address,
                    entrance.clone(),
                    router.clone(),
                    shutdown.clone(),
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "connections did not end in time");
    }
}

/// A connection comes in, encrypted or not.
async fn meet(stream: TcpStream, address: SocketAddr, entrance: Entrance, router: Router, shutdown: CancellationToken) {
    // A socket that is gone already says so soon enough.
    let _ = stream.set_nodelay(true);
    let origin = Origin {
        address,
        tls: entrance.tls.is_some(),
        trusted: entrance.trusted,
    };
    match entrance.tls {
        None => speak(stream, origin, router, shutdown).await,
        // Who does not shake hands in time, or wrongly, is hung up on.
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                speak(stream, origin, router, shutdown).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn speak<S>(stream: S, origin: Origin, router: Router, shutdown: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        let peer = origin.peer(request.headers());
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = Box::pin(connection);
    tokio::select! {
        // How a client's connection fails is the client's affair.
        _ = &mut connection => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A layer: a handler that panics has failed for one request, not for its connection.
pub(super) async fn catch_panic(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request's handler panicked");
            respond(Refusal::internal())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Router, middleware};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_connection_stays() {
        let router = Router::new()
            .route("/panic", get(|| async { panic!("on purpose") as &str }))
            .route("/fine", get(|| async { "fine" }))
            .layer(middleware::from_fn(catch_panic));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let served = tokio::spawn(serve(
            listener,
            Entrance::default(),
            router,
            stop.clone(),
            tasks,
            Duration::from_secs(5),
        ));
        let mut client = TcpStream::connect(address).await.unwrap();
        for (path, status, word) in [("/panic", "500", "\"internal\""), ("/fine", "200", "fine")] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            while !answer.contains(word) {
                let mut bytes = [0; 1024];
                let count = client.read(&mut bytes).await.unwrap();
                assert_ne!(count, 0, "closed after {answer}");
                answer.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        }
        stop.cancel();
        served.await.unwrap();
    }
}
