//! Apps. A secret is told once: to who made the app, or gave it a new one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Operator, Tenant};
use super::settings::{ChangeApp, Settings};
use crate::chat::AppPatch;
use crate::gateway::error::Result;
use crate::gateway::rest::{Json, Params};
use crate::gateway::wire::PageSize;
use crate::model::{self, AppId, AppSettings, Capability, Code, PluginName, Refusal, Who};
use crate::plugin_host::{InstallPatch, InstallRequest};

/// How many calls an instance of a bundled dialect serves: as many as it may.
const REUSE: u32 = 512;

/// Owns the kinds that dialects speak of, pictures for instance: an app that is made with dialects gets it beside them, if
/// the server has it.
const BESIDE: &str = "standard-types";

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(create_app, list_apps))
        .routes(routes!(get_app, update_app))
        .routes(routes!(rotate_secret))
}

/// An app.
#[derive(Debug, Serialize, ToSchema)]
struct App {
    /// Its id.
    app_id: AppId,
    /// Told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// A name for people.
    name: String,
    /// A disabled app answers nobody.
    enabled: bool,
    /// What the tenant has chosen.
    settings: Settings,
}

impl From<&model::App> for App {
    fn from(app: &model::App) -> Self {
        Self {
            app_id: app.id,
            secret: None,
            name: app.name.clone(),
            enabled: app.enabled,
            settings: (&app.settings).into(),
        }
    }
}

impl App {
    fn with_secret(app: &model::App) -> axum::Json<Self> {
        let secret = Some(app.secret.clone());
        axum::Json(Self { secret, ..app.into() })
    }
}

/// Makes an app.
#[utoipa::path(
    post, path = "/apps", tag = "admin", request_body = ChangeApp,
    responses((status = CREATED, body = App, description = "The app with its secret"))
)]
async fn create_app(
    _: Operator,
    State(admin): State<Arc<Admin>>,
    Json(new): Json<ChangeApp>,
) -> Result<(StatusCode, axum::Json<App>)> {
    new.check()?;
    let settings = new.settings(&AppSettings::default())?.unwrap_or_default();
    let Some(name) = new.name else {
        let missing = Refusal::new(Code::MissingField, "this field is required");
        return Err(Refusal {
            field: Some("name".into()),
            ..missing
        }
        .into());
    };
    let dialects = Box::pin(bundled(&admin, new.dialects.unwrap_or_default())).await?;
    let mut app = admin.chat.tenants().create(new.id, name, None, false, settings).await?;
    for request in dialects {
        Box::pin(admin.plugins.install(app.id, Who::Operator, request)).await?;
    }
    if new.enabled == Some(false) {
        let enabled = new.enabled;
        app = admin
            .chat
            .update_app(
                app.id,
                AppPatch {
                    enabled,
                    ..AppPatch::default()
                },
            )
            .await?;
    }
    Ok((StatusCode::CREATED, App::with_secret(&app)))
}

/// Bundled plugins to be installed, each found and admitted.
async fn bundled(admin: &Admin, mut names: Vec<PluginName>) -> Result<Vec<InstallRequest>> {
    let named = names.len();
    if named > 0 && !names.iter().any(|name| name.as_str() == BESIDE) {
        names.extend(PluginName::new(BESIDE));
    }
    let mut requests = Vec::with_capacity(names.len());
    for (at, name) in names.into_iter().enumerate() {
        let Some(component) = admin.mounts.component(&name).await else {
            if at >= named {
                continue;
            }
            return Err(Refusal::field("dialects", format!("this server has no dialect {name}")).into());
        };
        admin.plugins.inspect(component.clone()).await?;
        requests.push(InstallRequest {
            name,
            component,
            settings: InstallPatch {
                grants: Some(Capability::ALL.to_vec()),
                reuse: Some(REUSE),
                ..InstallPatch::default()
            },
        });
    }
    Ok(requests)
}

/// A page of the apps.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListApps {
    /// The last id of the page before.
    after: Option<AppId>,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 1000)]
    limit: PageSize<1000, 1000>,
}

/// Apps, by id.
#[derive(Debug, Serialize, ToSchema)]
struct Apps {
    /// They, without their secrets.
    apps: Vec<App>,
    /// Whether there are more.
    has_more: bool,
}

/// The apps of this server, by id.
#[utoipa::path(
    get, path = "/apps", tag = "admin", params(ListApps),
    responses((status = OK, body = Apps, description = "A page"))
)]
async fn list_apps(_: Operator, State(admin): State<Arc<Admin>>, Params(page): Params<ListApps>) -> axum::Json<Apps> {
    let all = admin.chat.tenants().list();
    let mut rest = all.iter().filter(|app| page.after.is_none_or(|after| app.id > after));
    let apps = rest
        .by_ref()
        .take(page.limit.0 as usize)
        .map(|app| App::from(&**app))
        .collect();
    let has_more = rest.next().is_some();
    axum::Json(Apps { apps, has_more })
}

/// An app.
#[utoipa::path(
    get, path = "/apps/{app}", tag = "admin", params(("app" = AppId, Path)),
    responses((status = OK, body = App, description = "The app, without its secret"))
)]
async fn get_app(Tenant(app): Tenant) -> axum::Json<App> {
    axum::Json(App::from(&*app))
}

/// Changes an app. Disabling it closes its users' connections.
#[utoipa::path(
    patch, path = "/apps/{app}", tag = "admin", params(("app" = AppId, Path)), request_body = ChangeApp,
    responses((status = OK, body = App, description = "The app as it is now"))
)]
async fn update_app(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Json(change): Json<ChangeApp>,
) -> Result<axum::Json<App>> {
    change.check()?;
    if change.dialects.is_some() {
        return Err(Refusal::field("dialects", "only of a new app: install a plugin instead").into());
    }
    if change.id.is_some_and(|id| id != app.id) {
        return Err(Refusal::field("id", "an app keeps its id").into());
    }
    let patch = AppPatch {
        settings: change.settings(&app.settings)?,
        name: change.name,
        enabled: change.enabled,
    };
    let app = admin.chat.update_app(app.id, patch).await?;
    Ok(axum::Json(App::from(&*app)))
}

/// A new secret.
#[derive(Debug, Serialize, ToSchema)]
struct Secret {
    /// Told once.
    secret: String,
}

/// Gives an app a new secret; the old one ends at once, and with it every token signed with it.
#[utoipa::path(
    post, path = "/apps/{app}/secret/rotate", tag = "admin", params(("app" = AppId, Path)),
    responses((status = OK, body = Secret, description = "The new secret"))
)]
async fn rotate_secret(Tenant(app): Tenant, State(admin): State<Arc<Admin>>) -> Result<axum::Json<Secret>> {
    let app = admin.chat.tenants().rotate_secret(app.id).await?;
    let secret = app.secret.clone();
    Ok(axum::Json(Secret { secret }))
}
