//! The way in: sockets and requests become commands, and answers become frames and bodies. It knows every wire format
//! and no rule.

pub mod admin;
pub mod auth;
mod body;
pub mod demo;
mod dialect;
mod endpoint;
pub mod error;
mod files;
mod gate;
mod listener;
mod metrics;
mod native;
pub mod openapi;
mod page;
pub mod peer;
pub mod rest;
mod socket;
mod tls;
mod upgrade;
pub mod upload;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::Chat;
use crate::delivery::Encode;
use crate::hub::{Hub, ProtocolId};
use crate::model::{Clock, Limits, Random, Refusal};
use crate::plugin_host::{Mounts, PluginHost};
pub use demo::{DemoApp, DemoUser};
use gate::Gate;
pub use listener::Entrance;
pub use metrics::Metrics;
pub use tls::Tls;

/// The native protocol's place among the encoders of `delivery`.
pub const NATIVE: ProtocolId = ProtocolId(0);

/// What the way in leads to.
#[derive(Clone)]
pub struct Gateway {
    /// The rules.
    pub chat: Arc<Chat>,
    /// The connections.
    pub hub: Arc<Hub>,
    /// The tenants' code.
    pub plugins: Arc<PluginHost>,
    /// Where dialects answer.
    pub mounts: Arc<Mounts>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// What clients may ask for.
    pub limits: Limits,
    /// Bytes of a plugin's component.
    pub component_bytes: usize,
    /// The operator's token; without one there is no operator.
    pub admin_token: Option<String>,
    /// What the demo page offers; nothing if there is none.
    pub demo: Vec<DemoApp>,
    /// Who may see the server's figures; nobody if there is none.
    pub metrics: Option<Metrics>,
    /// The server is going away: no connection begins any more.
    pub shutdown: CancellationToken,
}

/// What a WebSocket needs of the gateway, and where its task is counted.
struct Edge {
    chat: Arc<Chat>,
    hub: Arc<Hub>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// Encodes events for native connections; `delivery` knows it under the index of [`NATIVE`].
#[must_use]
pub fn native_encoder() -> Arc<dyn Encode> {
    Arc::new(native::NativeEncoder)
}

/// Serves until `shutdown`, then waits at most `grace` for the requests and connections under way.
pub async fn serve(
    listener: TcpListener,
    entrance: Entrance,
    gateway: Gateway,
    shutdown: CancellationToken,
    grace: Duration,
) {
    let tasks = TaskTracker::new();
    let gateway = Gateway {
        shutdown: shutdown.clone(),
        ..gateway
    };
    let router = router(gateway, tasks.clone());
    listener::serve(listener, entrance, router, shutdown, tasks, grace).await;
}

/// Every address the server answers at. Tasks of WebSockets are counted in `tasks`.
pub fn router(gateway: Gateway, tasks: TaskTracker) -> Router {
    let Gateway {
        chat,
        hub,
        plugins,
        mounts,
        clock,
        random,
        limits,
        component_bytes,
        admin_token,
        demo,
        metrics,
        shutdown,
    } = gateway;
    let gate = Arc::new(Gate::new(limits, clock.clone()));
    let rest = Arc::new(rest::Rest {
        chat: chat.clone(),
        gate: gate.clone(),
        clock: clock.clone(),
    });
    let admin = Arc::new(admin::Admin::new(
        chat.clone(),
        plugins.clone(),
        mounts.clone(),
        gate.clone(),
        clock.clone(),
        admin_token,
        component_bytes,
    ));
    let with_demo = !demo.is_empty();
    let demo = Arc::new(demo::Demo::new(chat.clone(), clock.clone(), demo));
    let files = files::router(chat.clone());
    let metrics = metrics.map_or_else(Router::new, |metrics| {
        metrics::router(metrics::Board {
            metrics,
            chat: chat.clone(),
            hub: hub.clone(),
            plugins: plugins.clone(),
            mounts: mounts.clone(),
            gate: gate.clone(),
        })
    });
    let endpoints = endpoint::router(Arc::new(endpoint::Endpoints {
        chat: chat.clone(),
        gate: gate.clone(),
        plugins: plugins.clone(),
        clock: clock.clone(),
        body_bytes: limits.endpoint_body_bytes,
        shutdown: shutdown.clone(),
    }));
    let edge = Arc::new(Edge {
        chat,
        hub,
        gate: gate.clone(),
        clock,
        limits,
        shutdown: shutdown.clone(),
        tasks,
    });
    let dialects = dialect::Dialects::new(edge.clone(), plugins, mounts, random.clone());
    Router::new()
        .route(dialect::NATIVE_SOCKET, get(upgrade::upgrade).with_state(edge))
        .merge(openapi::router(rest, admin, limits.body_bytes))
        .merge(files)
        .merge(metrics)
        .merge(endpoints)
        .merge(demo::router(demo, with_demo))
        .route_layer(middleware::from_fn_with_state(gate, gate::hold))
        // Whoever watches over the server may ask as often as it likes.
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(shutdown))
        .fallback_service(any(dialect::answer).with_state(dialects.clone()))
        .method_not_allowed_fallback(error::wrong_method)
        .layer(middleware::from_fn_with_state(dialects, dialect::divert))
        .layer(middleware::from_fn(listener::catch_panic))
        .layer(middleware::from_fn_with_state(random, error::identify))
}

async fn ready(State(shutdown): State<CancellationToken>) -> Response {
    if shutdown.is_cancelled() {
        error::respond(Refusal::busy("the server is going away", 1000))
    } else {
        "ready".into_response()
    }
}
