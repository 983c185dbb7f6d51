//! Work of observers that was given up.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Tenant, Under};
use crate::chat::DeadJob;
use crate::gateway::error::Result;
use crate::gateway::rest::Params;
use crate::gateway::wire::PageSize;
use crate::model::{AppId, ConversationId, JobId, MessageId, Millis, Observation, PluginName, Refusal};

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(list_jobs))
        .routes(routes!(retry_job))
}

/// Which jobs are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListJobs {
    /// Only those that were given up are shown.
    #[serde(default)]
    #[param(inline)]
    state: JobState,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 100)]
    limit: PageSize<100, 100>,
}

/// What has become of a job.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum JobState {
    /// Given up.
    #[default]
    Dead,
}

/// A job that was given up.
#[derive(Debug, Serialize, ToSchema)]
struct Job<'a> {
    /// Its id.
    id: u64,
    /// What has become of it.
    state: JobState,
    /// Whose work it is.
    #[schema(value_type = PluginName)]
    plugin: &'a PluginName,
    /// Where it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<ConversationId>,
    /// The event it is about; none for writes of a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    /// The message it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    /// How often it was tried.
    attempts: u32,
    /// When it was last due.
    due_at: Millis,
    /// What went wrong the last time.
    error: &'a str,
}

impl<'a> From<&'a DeadJob> for Job<'a> {
    fn from(dead: &'a DeadJob) -> Self {
        let (event, message) = match &dead.job.work {
            Observation::Event { kind, message, .. } => (Some(kind.as_str()), *message),
            Observation::Writes(_) | Observation::Fire(_) | Observation::Offline => (None, None),
        };
        Self {
            id: dead.job.id.get(),
            state: JobState::Dead,
            plugin: &dead.job.plugin,
            conversation: dead.job.conversation,
            event,
            message,
            attempts: dead.job.attempts,
            due_at: dead.job.due_at,
            error: &dead.error,
        }
    }
}

/// Jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Jobs<'a> {
    /// They.
    jobs: Vec<Job<'a>>,
}

/// Work of observers that was given up, newest first.
#[utoipa::path(
    get, path = "/apps/{app}/jobs", tag = "admin", params(("app" = AppId, Path), ListJobs),
    responses((status = OK, body = Jobs, description = "The newest"))
)]
async fn list_jobs(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Params(page): Params<ListJobs>,
) -> Result<Response> {
    let ListJobs {
        state: JobState::Dead,
        limit,
    } = page;
    let dead = admin.chat.dead_jobs(app.id, limit.0).await?;
    let jobs = dead.iter().map(Job::from).collect();
    Ok(axum::Json(Jobs { jobs }).into_response())
}

/// Tries given-up work again, now.
#[utoipa::path(
    post, path = "/apps/{app}/jobs/{job}/retry", tag = "admin", params(("app" = AppId, Path), ("job" = u64, Path)),
    responses((status = NO_CONTENT, description = "It is due"))
)]
async fn retry_job(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(job): Under<String>,
) -> Result<StatusCode> {
    let job: JobId = job.parse().map_err(|_| Refusal::not_found("job"))?;
    admin.chat.retry_job(app.id, job, admin.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
