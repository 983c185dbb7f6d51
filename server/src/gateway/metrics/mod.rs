//! `/metrics`: what the server and the plugins count, in the text format of OpenMetrics that Prometheus reads. Everything
//! is gathered when somebody asks: each question counts the rows that wait for work and copies every install's figures.

mod page;
mod plugins;
mod server;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use self::page::Page;
use super::auth::same;
use super::error::Result;
use super::gate::{self, Gate};
use super::rest::bearer;
use crate::chat::Chat;
use crate::hub::Hub;
use crate::model::{Code, Refusal};
use crate::plugin_host::{Mounts, PluginHost};
use crate::telemetry::Figures;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who may see the figures, and how many.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// What the server counts.
    pub figures: Arc<Figures>,
    /// Who asks must show it; empty: nobody has to show anything.
    pub token: String,
    /// How many installs have figures of their own; the others are summed by app.
    pub installs: usize,
}

/// What there is to count.
pub struct Board {
    /// Who may see it.
    pub metrics: Metrics,
    /// Messages, and what waits.
    pub chat: Arc<Chat>,
    /// Connections.
    pub hub: Arc<Hub>,
    /// Installs.
    pub plugins: Arc<PluginHost>,
    /// Bundled dialects.
    pub mounts: Arc<Mounts>,
    /// What clients were refused.
    pub gate: Arc<Gate>,
}

/// The route.
pub fn router(board: Board) -> Router {
    Router::new().route("/metrics", get(show)).with_state(Arc::new(board))
}

async fn show(State(board): State<Arc<Board>>, request: Request) -> Result<Response> {
    let Metrics {
        figures,
        token,
        installs,
    } = &board.metrics;
    if !token.is_empty() {
        let (from, given) = (gate::address_of(request.extensions()), bearer(request.headers()));
        board.gate.check(from, async { check(token, given) }).await?;
    }
    // Without storage there is no backlog to be told; the rest is.
    let backlog = board.chat.backlog().await.ok();
    let mut page = Page::default();
    server::tell(&mut page, figures, board.hub.live(), backlog.as_ref());
    server::tell_refused(&mut page, board.chat.pace().refused().chain(board.gate.refused()));
    plugins::tell(
        &mut page,
        board
            .plugins
            .figures(*installs)
            .into_iter()
            .chain(board.mounts.figures()),
    );
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], page.text()?).into_response())
}

fn check(token: &str, given: Option<&str>) -> Result<(), Refusal> {
    match given {
        None => Err(Refusal::new(
            Code::Unauthenticated,
            "the token of metrics.token is required",
        )),
        Some(given) if same(token, given) => Ok(()),
        Some(_) => Err(Refusal::new(Code::BadToken, "not the token of metrics.token")),
    }
}
