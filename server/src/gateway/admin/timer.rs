//! Timers of a plugin.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Beneath, Tenant, Under};
use crate::chat::InstallKey;
use crate::gateway::error::Result;
use crate::gateway::rest::Params;
use crate::gateway::wire::PageSize;
use crate::model::{self, AppId, Body, Millis, PluginName, Refusal};

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(list_timers))
        .routes(routes!(cancel_timer))
}

/// Which timers are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListTimers {
    /// After this name.
    after: Option<String>,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 100)]
    limit: PageSize<100, 100>,
}

/// A timer.
#[derive(Debug, Serialize, ToSchema)]
struct Timer<'a> {
    /// Its name.
    name: &'a str,
    /// The first time it runs.
    first_at: Millis,
    /// Milliseconds between runs; null: it runs once.
    #[schema(required = true)]
    every: Option<u64>,
    /// How many runs; null: no number.
    #[schema(required = true)]
    runs: Option<u32>,
    /// What the plugin gave it.
    #[schema(value_type = Body)]
    payload: &'a Body,
    /// When it runs next.
    next_at: Millis,
    /// Runs that are finished.
    runs_done: u32,
}

impl<'a> From<&'a model::Timer> for Timer<'a> {
    fn from(of: &'a model::Timer) -> Self {
        Self {
            name: &of.name,
            first_at: of.schedule.first_at,
            every: of.schedule.every,
            runs: of.schedule.runs,
            payload: &of.payload,
            next_at: of.next_at,
            runs_done: of.runs_done,
        }
    }
}

/// Timers, by name.
#[derive(Debug, Serialize, ToSchema)]
struct Timers<'a> {
    /// They.
    timers: Vec<Timer<'a>>,
    /// Whether there are more.
    has_more: bool,
}

/// Timers of a plugin, by name.
#[utoipa::path(
    get, path = "/apps/{app}/plugins/{name}/timers", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path), ListTimers),
    responses((status = OK, body = Timers, description = "A page"))
)]
async fn list_timers(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(plugin): Under<PluginName>,
    Params(page): Params<ListTimers>,
) -> Result<Response> {
    let install = install(&admin, app.id, plugin)?;
    let limit = page.limit.0;
    let mut found = admin.chat.timers(&install, page.after.as_deref(), limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let timers = found.iter().map(Timer::from).collect();
    Ok(axum::Json(Timers { timers, has_more }).into_response())
}

/// Cancels a timer.
#[utoipa::path(
    delete, path = "/apps/{app}/plugins/{name}/timers/{timer}", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path), ("timer" = String, Path, description = "Its name")),
    responses((status = NO_CONTENT, description = "It is cancelled"))
)]
async fn cancel_timer(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Beneath(plugin, timer): Beneath<PluginName, String>,
) -> Result<StatusCode> {
    let install = install(&admin, app.id, plugin)?;
    admin.chat.cancel_timer(&install, &timer).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn install(admin: &Admin, app: AppId, plugin: PluginName) -> Result<InstallKey, Refusal> {
    match admin.plugins.install_view(app, &plugin) {
        Some(_) => Ok(InstallKey { app, plugin }),
        None => Err(Refusal::not_found("plugin")),
    }
}
