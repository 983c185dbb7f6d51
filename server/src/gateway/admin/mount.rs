//! Where dialects answer for an app: chosen by the operator, because addresses are the server's.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Operator, Tenant};
use crate::gateway::error::Result;
use crate::gateway::rest::{Json, Params};
use crate::model::{self, AppId, PluginName};

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(add_mount, list_mounts, remove_mount))
}

/// Where a dialect answers for an app.
#[derive(Debug, Serialize, Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Mount {
    /// The dialect: also the name of its install in the app.
    dialect: PluginName,
    /// What goes before its paths: nothing, or `/name`.
    #[serde(default)]
    prefix: String,
    /// Only requests for this host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
}

impl Mount {
    fn of(self, app: AppId) -> model::Mount {
        model::Mount {
            dialect: self.dialect,
            prefix: self.prefix,
            host: self.host,
            app: Some(app),
        }
    }
}

impl From<model::Mount> for Mount {
    fn from(mount: model::Mount) -> Self {
        Self {
            dialect: mount.dialect,
            prefix: mount.prefix,
            host: mount.host,
        }
    }
}

/// Mounts a dialect for an app.
#[utoipa::path(
    post, path = "/apps/{app}/mounts", tag = "admin", params(("app" = AppId, Path)), request_body = Mount,
    responses((status = CREATED, body = Mount, description = "It answers there from now on"))
)]
async fn add_mount(
    _: Operator,
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Json(mount): Json<Mount>,
) -> Result<(StatusCode, axum::Json<Mount>)> {
    let mount = mount.of(app.id);
    Box::pin(admin.mounts.add(app.id, mount.clone())).await?;
    Ok((StatusCode::CREATED, axum::Json(mount.into())))
}

/// An app's mounts.
#[derive(Debug, Serialize, ToSchema)]
struct Mounted {
    /// They, the longest prefix first.
    mounts: Vec<Mount>,
}

/// Where dialects answer for an app, and for no other.
#[utoipa::path(
    get, path = "/apps/{app}/mounts", tag = "admin", params(("app" = AppId, Path)),
    responses((status = OK, body = Mounted, description = "All of them"))
)]
async fn list_mounts(_: Operator, Tenant(app): Tenant, State(admin): State<Arc<Admin>>) -> axum::Json<Mounted> {
    let mounts = admin.mounts.of(app.id).into_iter().map(Mount::from).collect();
    axum::Json(Mounted { mounts })
}

/// Ends a mount of an app.
#[utoipa::path(
    delete, path = "/apps/{app}/mounts", tag = "admin", params(("app" = AppId, Path), Mount),
    responses((status = NO_CONTENT, description = "Nothing of it answers there any more"))
)]
async fn remove_mount(
    _: Operator,
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Params(mount): Params<Mount>,
) -> Result<StatusCode> {
    admin.mounts.remove(app.id, mount.of(app.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
