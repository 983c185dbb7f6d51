//! Webhooks that wait, and those that were given up.

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
use crate::chat::{Deliveries, DeliveryFilter, InstallKey, TargetKey};
use crate::gateway::error::Result;
use crate::gateway::rest::{Json, Params};
use crate::gateway::wire::PageSize;
use crate::model::{AppId, Delivery, JobId, Millis, PluginName};

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks))
        .routes(routes!(retry_webhooks))
        .routes(routes!(retry_webhook))
        .routes(routes!(delete_webhook))
}

/// Which webhooks are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListWebhooks {
    /// Of this plugin.
    #[param(value_type = Option<PluginName>)]
    plugin: Option<PluginName>,
    /// Of this target: the order key, or the URL.
    target: Option<String>,
    /// Only those that wait, or only those that were given up.
    #[param(inline)]
    state: Option<WebhookState>,
    /// Posted before the one with this id.
    #[param(value_type = Option<u64>)]
    before: Option<String>,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 100)]
    limit: PageSize<100, 100>,
}

/// What has become of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WebhookState {
    /// It is to be sent, or sent again.
    Waiting,
    /// It was given up.
    Dead,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
struct Webhook<'a> {
    /// Its place in the order of time.
    id: u64,
    /// Its name, for sender and receiver.
    delivery: &'a str,
    /// Who posted it.
    #[schema(value_type = PluginName)]
    plugin: &'a PluginName,
    /// What it is sent to in order.
    target: &'a str,
    /// Where to.
    url: &'a str,
    /// What has become of it.
    state: WebhookState,
    /// How often it was tried.
    attempts: u32,
    /// When it was posted.
    created_at: Millis,
    /// When it is tried next, or was last.
    due_at: Millis,
    /// What went wrong the last time.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    error: &'a str,
}

impl<'a> From<&'a Delivery> for Webhook<'a> {
    fn from(of: &'a Delivery) -> Self {
        Self {
            id: of.id.get(),
            delivery: &of.webhook.delivery,
            plugin: &of.plugin,
            target: &of.webhook.target,
            url: &of.webhook.url,
            state: if of.dead {
                WebhookState::Dead
            } else {
                WebhookState::Waiting
            },
            attempts: of.attempts,
            created_at: of.created_at,
            due_at: of.due_at,
            error: &of.error,
        }
    }
}

/// Webhooks, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Webhooks<'a> {
    /// They.
    webhooks: Vec<Webhook<'a>>,
    /// Whether there are more.
    has_more: bool,
}

/// Webhooks that wait or were given up, newest first.
#[utoipa::path(
    get, path = "/apps/{app}/webhooks", tag = "admin", params(("app" = AppId, Path), ListWebhooks),
    responses((status = OK, body = Webhooks, description = "A page"))
)]
async fn list_webhooks(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Params(page): Params<ListWebhooks>,
) -> Result<Response> {
    let limit = page.limit.0;
    let filter = DeliveryFilter {
        plugin: page.plugin,
        target: page.target,
        dead: page.state.map(|state| state == WebhookState::Dead),
        before: page
            .before
            .map(|before| before.parse::<JobId>())
            .transpose()
            .map_err(before)?,
    };
    let mut found = admin.chat.deliveries(app.id, filter, limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let webhooks = found.iter().map(Webhook::from).collect();
    Ok(axum::Json(Webhooks { webhooks, has_more }).into_response())
}

fn before(error: crate::model::IdError) -> crate::model::Refusal {
    crate::model::Refusal::field("before", error.to_string())
}

/// Which given-up webhooks are to be tried again.
#[derive(Debug, Deserialize, ToSchema)]
struct RetryWebhooks {
    /// Of this plugin.
    plugin: PluginName,
    /// To this target: the order key, or the URL.
    target: String,
}

/// How many are tried again.
#[derive(Debug, Serialize, ToSchema)]
struct Retried {
    /// So many.
    retried: u32,
}

/// Tries all given-up webhooks of a target again, now.
#[utoipa::path(
    post, path = "/apps/{app}/webhooks/retry", tag = "admin", params(("app" = AppId, Path)),
    request_body = RetryWebhooks, responses((status = OK, body = Retried, description = "How many"))
)]
async fn retry_webhooks(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Json(which): Json<RetryWebhooks>,
) -> Result<Response> {
    let RetryWebhooks { plugin, target } = which;
    let install = InstallKey { app: app.id, plugin };
    let which = Deliveries::Target(TargetKey { install, target });
    let retried = admin.chat.retry_webhooks(app.id, which, admin.clock.now()).await?;
    Ok(axum::Json(Retried { retried }).into_response())
}

/// Tries a given-up webhook again, now.
#[utoipa::path(
    post, path = "/apps/{app}/webhooks/{delivery}/retry", tag = "admin",
    params(("app" = AppId, Path), ("delivery" = String, Path, description = "Its delivery's id")),
    responses((status = NO_CONTENT, description = "It is due"))
)]
async fn retry_webhook(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(delivery): Under<String>,
) -> Result<StatusCode> {
    let which = Deliveries::One(delivery);
    admin.chat.retry_webhooks(app.id, which, admin.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a webhook, whether it waits or was given up.
#[utoipa::path(
    delete, path = "/apps/{app}/webhooks/{delivery}", tag = "admin",
    params(("app" = AppId, Path), ("delivery" = String, Path, description = "Its delivery's id")),
    responses((status = NO_CONTENT, description = "It is gone"))
)]
async fn delete_webhook(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(delivery): Under<String>,
) -> Result<StatusCode> {
    admin.chat.delete_webhook(app.id, &delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}
