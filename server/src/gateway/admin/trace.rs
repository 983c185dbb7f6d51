//! What a plugin's calls were given, did and answered: written down while its tenant looks.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Tenant, Under};
use crate::gateway::error::Result;
use crate::gateway::rest::{Json, Params};
use crate::gateway::wire::PageSize;
use crate::model::{AppId, Millis, PluginName, Refusal};
use crate::plugin_host;

/// The longest time that calls are written down without a look, in seconds: a day.
const SECONDS: i64 = 86_400;

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(get_trace, keep_trace, stop_trace))
}

/// A page of a trace.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListCalls {
    /// Only calls with a greater id.
    #[serde(default)]
    after: u64,
    /// How many: the newest.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 20)]
    limit: PageSize<20, 200>,
}

/// The last calls of a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct Trace<'a> {
    /// Until when calls are written down, if nobody looks again.
    until: Millis,
    /// Oldest first.
    calls: Vec<Call<'a>>,
}

/// A call of a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct Call<'a> {
    /// 1, 2, 3 … in its install, since the server started.
    id: u64,
    /// When it began.
    at: Millis,
    /// Its name, as in the log.
    call: &'a str,
    /// Which hook.
    hook: &'static str,
    /// Which version of the install.
    version: u32,
    /// SHA-256 of its component, in hex.
    digest: &'a str,
    /// What it was given beside the context.
    input: &'a Value,
    /// How it called the server, in order.
    effects: Vec<Effect<'a>>,
    /// How many calls of the server more there were.
    more_effects: u32,
    /// What it answered; null if that says nothing.
    #[schema(required = true)]
    answer: Option<&'a Value>,
    /// Why it gave no answer, with the functions it was in if it trapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    /// How long it took, in microseconds.
    took_us: u64,
}

/// A plugin's call of the server.
#[derive(Debug, Serialize, ToSchema)]
struct Effect<'a> {
    /// The capability, and what of it.
    what: &'a str,
    /// With what.
    with: &'a Value,
    /// What came of it.
    outcome: &'a Value,
}

impl<'a> From<&'a plugin_host::TracedCall> for Call<'a> {
    fn from(of: &'a plugin_host::TracedCall) -> Self {
        Self {
            id: of.id,
            at: of.at,
            call: &of.call,
            hook: of.hook.as_str(),
            version: of.version.0,
            digest: &of.version.1.0,
            input: &of.input,
            effects: of.effects.iter().map(Effect::from).collect(),
            more_effects: of.more_effects,
            answer: of.answer.as_ref(),
            failure: of.failure.as_deref(),
            took_us: of.took_us,
        }
    }
}

impl<'a> From<&'a plugin_host::Effect> for Effect<'a> {
    fn from(of: &'a plugin_host::Effect) -> Self {
        Self {
            what: &of.what,
            with: &of.with,
            outcome: &of.outcome,
        }
    }
}

/// The last calls of a plugin. Looking keeps them being written down for ten minutes.
#[utoipa::path(
    get, path = "/apps/{app}/plugins/{name}/trace", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path), ListCalls),
    responses((status = OK, body = Trace, description = "The newest of them, oldest first"))
)]
async fn get_trace(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Params(page): Params<ListCalls>,
) -> Result<Response> {
    let found = admin.plugins.trace(app.id, &name, page.after, page.limit.0 as usize);
    let (until, calls) = found.ok_or_else(|| Refusal::not_found("plugin"))?;
    let calls = calls.iter().map(Call::from).collect();
    Ok(axum::Json(Trace { until, calls }).into_response())
}

/// How long calls are to be written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeepTrace {
    /// From now on, without a look: 1 to 86,400.
    #[schema(minimum = 1, maximum = 86_400)]
    seconds: i64,
}

/// Until when calls are written down.
#[derive(Debug, Serialize, ToSchema)]
struct Kept {
    /// If nobody looks.
    until: Millis,
}

/// Writes a plugin's calls down from now on.
#[utoipa::path(
    put, path = "/apps/{app}/plugins/{name}/trace", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path)), request_body = KeepTrace,
    responses((status = OK, body = Kept, description = "Until when"))
)]
async fn keep_trace(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Json(KeepTrace { seconds }): Json<KeepTrace>,
) -> Result<Response> {
    if !(1..=SECONDS).contains(&seconds) {
        return Err(Refusal::field("seconds", format!("must be from 1 to {SECONDS}")).into());
    }
    let until = admin.clock.now().plus(seconds * 1000);
    if !admin.plugins.keep_trace(app.id, &name, Some(until)) {
        return Err(Refusal::not_found("plugin").into());
    }
    Ok(axum::Json(Kept { until }).into_response())
}

/// Stops writing a plugin's calls down, and forgets them.
#[utoipa::path(
    delete, path = "/apps/{app}/plugins/{name}/trace", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path)),
    responses((status = NO_CONTENT, description = "They are forgotten"))
)]
async fn stop_trace(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
) -> Result<StatusCode> {
    if !admin.plugins.keep_trace(app.id, &name, None) {
        return Err(Refusal::not_found("plugin").into());
    }
    Ok(StatusCode::NO_CONTENT)
}
