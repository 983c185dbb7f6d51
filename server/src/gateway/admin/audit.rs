//! What was done to an app's plugins, by whom and when.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::Tenant;
use crate::gateway::error::Result;
use crate::gateway::rest::Params;
use crate::gateway::wire::PageSize;
use crate::model::{self, AppId, Body, Millis, PluginName};

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListAudit {
    /// Only those about this plugin.
    plugin: Option<PluginName>,
    /// Only those before the one with this id: the last of the page before.
    before: Option<u64>,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize<100, 1000>,
}

/// Something that was done to a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry<'a> {
    /// Later ones have greater ids.
    id: u64,
    /// When.
    at: Millis,
    /// `operator`, `app` (by its secret), `config` (at the server's start) or `automatic` (because a version failed).
    who: &'static str,
    /// `installed`, `upgraded`, `canary_started`, `canary_changed`, `promoted`, `rolled_back`, `auto_rolled_back`,
    /// `configured`, `granted`, `enabled`, `disabled` or `removed`.
    what: &'static str,
    /// To which plugin.
    #[schema(value_type = PluginName)]
    plugin: &'a PluginName,
    /// SHA-256 of the component it is about, in hex.
    digest: &'a str,
    /// More about it.
    #[schema(value_type = Body)]
    detail: &'a Body,
}

impl<'a> From<&'a model::AuditEntry> for AuditEntry<'a> {
    fn from(entry: &'a model::AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            who: entry.who.as_str(),
            what: entry.step.kind.as_str(),
            plugin: &entry.step.plugin,
            digest: &entry.step.digest.0,
            detail: &entry.step.detail,
        }
    }
}

/// A page of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct AuditPage<'a> {
    /// They.
    entries: Vec<AuditEntry<'a>>,
    /// Whether there are older ones.
    has_more: bool,
}

/// What was done to the app's plugins, newest first.
#[utoipa::path(
    get, path = "/apps/{app}/audit", tag = "admin", params(("app" = AppId, Path), ListAudit),
    responses((status = OK, body = AuditPage, description = "A page"))
)]
async fn list_audit(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Params(page): Params<ListAudit>,
) -> Result<Response> {
    let limit = page.limit.0;
    // One more than is told says whether there are more.
    let found = admin
        .plugins
        .audit(app.id, page.plugin.as_ref(), page.before, limit + 1)
        .await?;
    let entries = found.iter().take(limit as usize).map(AuditEntry::from).collect();
    let has_more = found.len() > limit as usize;
    Ok(axum::Json(AuditPage { entries, has_more }).into_response())
}
