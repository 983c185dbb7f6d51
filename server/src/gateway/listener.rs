//! Accepts connections and speaks HTTP/1 on them, until it is told to stop; then it waits, for a bounded time, for what
//! is under way.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::error::respond;
use super::peer::Peer;
use crate::model::Refusal;

/// How long a client may take to send a request's head; also how long a kept-alive connection may be silent.
const HEAD: Duration = Duration::from_secs(20);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 * 1024;

/// How long to wait when no connection can be accepted: too many files are open, and some will be closed.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves a router.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    grace: Duration,
) {
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                tasks.spawn(speak(stream, Peer(peer), router.clone(), shutdown.clone()));
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

/// Answers the requests of one connection.
async fn speak(stream: TcpStream, peer: Peer, router: Router, shutdown: CancellationToken) {
    // A socket that is gone already says so soon enough.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
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
        let served = tokio::spawn(serve(listener, router, stop.clone(), tasks, Duration::from_secs(5)));
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
