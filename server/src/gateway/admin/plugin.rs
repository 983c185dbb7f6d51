//! Plugins of an app: installed, changed, rolled back, removed; and their logs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{By, Operator, Tenant, Under};
use super::inspection::Inspection;
use super::install::{Install, Installs, LogLine, LogLines};
use super::upload::Upload;
use crate::gateway::error::Result;
use crate::gateway::rest::{Json, Params};
use crate::gateway::wire::{List, PageSize};
use crate::model::{AppId, Body, Capability, HttpHost, PluginName, Refusal};
use crate::plugin_host::{InstallPatch, InstallRequest, InstallView};

/// Carries the configuration of a component that is uploaded.
const CONFIG: &str = "x-plugin-config";

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(inspect_component))
        .routes(routes!(install_plugin, list_plugins))
        .routes(routes!(get_plugin, put_plugin, update_plugin, remove_plugin))
        .routes(routes!(promote_plugin))
        .routes(routes!(roll_back_plugin))
        .routes(routes!(list_logs))
}

fn answer(status: StatusCode, view: &InstallView) -> Response {
    (status, axum::Json(Install::from(view))).into_response()
}

/// Says what a component is, without installing it.
#[utoipa::path(
    post, path = "/plugins/inspect", tag = "admin",
    request_body(content = inline(String), content_type = "application/wasm", description = "The component"),
    responses((status = OK, body = Inspection, description = "What it is"))
)]
async fn inspect_component(
    _: Operator,
    State(admin): State<Arc<Admin>>,
    Upload(component): Upload,
) -> Result<Response> {
    let size = component.len();
    let found = Box::pin(admin.plugins.inspect(component)).await?;
    Ok(axum::Json(Inspection::of(&found, Some(size))).into_response())
}

/// Where a component is installed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Named {
    /// Under which name.
    name: PluginName,
}

/// How a component is installed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NewInstall {
    /// What it may import: `all`, or names of capabilities with commas between, like `kv,messages-send`. In an upgrade: as
    /// before, if absent.
    grants: Option<String>,
    /// The hosts it may ask if it is granted `http`, with commas between: `api.example.com`, `*.example.com`,
    /// `192.0.2.1:8080`. In an upgrade: as before, if absent.
    http_hosts: Option<String>,
    /// Its place among the app's policies.
    priority: Option<i32>,
    /// How many calls an instance may serve, 1 to 512.
    reuse: Option<u32>,
    /// Whether it is called. If absent: as before, or true.
    enabled: Option<bool>,
    /// Runs the component as a canary beside the one that is there, for so many of a hundred conversations. If absent: for
    /// everybody.
    #[param(minimum = 1, maximum = 99)]
    canary_percent: Option<u8>,
    /// Whether a new version that fails is rolled back without being asked. If absent: as before, or only canaries.
    auto_rollback: Option<bool>,
}

/// Installs a component, or upgrades the one under the name.
#[utoipa::path(
    post, path = "/apps/{app}/plugins", tag = "admin",
    params(
        ("app" = AppId, Path), Named, NewInstall,
        ("X-Plugin-Config" = Option<String>, Header, description = "Its configuration: a JSON object"),
    ),
    request_body(content = inline(String), content_type = "application/wasm", description = "The component"),
    responses((status = CREATED, body = Install, description = "The install"))
)]
async fn install_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Params(Named { name }): Params<Named>,
    Params(new): Params<NewInstall>,
    headers: HeaderMap,
    Upload(component): Upload,
) -> Result<Response> {
    let request = new.request(name, component, &headers)?;
    let view = Box::pin(admin.plugins.install(app.id, who, request)).await?;
    Ok(answer(StatusCode::CREATED, &view))
}

/// The same under the name in the path.
#[utoipa::path(
    put, path = "/apps/{app}/plugins/{name}", tag = "admin",
    params(
        ("app" = AppId, Path), ("name" = PluginName, Path), NewInstall,
        ("X-Plugin-Config" = Option<String>, Header, description = "Its configuration: a JSON object"),
    ),
    request_body(content = inline(String), content_type = "application/wasm", description = "The component"),
    responses(
        (status = CREATED, body = Install, description = "The install, which is new"),
        (status = OK, body = Install, description = "The install, which was there"),
    )
)]
async fn put_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Params(new): Params<NewInstall>,
    headers: HeaderMap,
    Upload(component): Upload,
) -> Result<Response> {
    let request = new.request(name, component, &headers)?;
    let view = Box::pin(admin.plugins.install(app.id, who, request)).await?;
    let is_new = view.install.revision == 1;
    Ok(answer(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &view))
}

impl NewInstall {
    fn request(self, name: PluginName, component: Vec<u8>, headers: &HeaderMap) -> Result<InstallRequest, Refusal> {
        let named = self.grants.as_deref().map(|list| capabilities(listed(list)));
        let hosts = self
            .http_hosts
            .as_deref()
            .map(|list| listed(list).map(host).collect::<Result<_, _>>());
        let settings = InstallPatch {
            grants: named.transpose()?,
            http_hosts: hosts.transpose()?,
            config: config(headers)?,
            priority: self.priority,
            reuse: self.reuse,
            enabled: self.enabled,
            canary_percent: self.canary_percent,
            auto_rollback: self.auto_rollback,
        };
        Ok(InstallRequest {
            name,
            component,
            settings,
        })
    }
}

/// Capabilities by their names; `all` is every one.
fn capabilities<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<Vec<Capability>, Refusal> {
    Capability::listed(names).map_err(|_| {
        let text = format!("must be all, or each one of {}", Capability::known());
        Refusal::field("grants", text)
    })
}

/// What stands between the commas.
fn listed(list: &str) -> impl Iterator<Item = &str> + Clone {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn host(text: &str) -> Result<HttpHost, Refusal> {
    HttpHost::new(text).map_err(|error| Refusal::field("http_hosts", format!("{text:?} {error}")))
}

fn config(headers: &HeaderMap) -> Result<Option<Body>, Refusal> {
    let Some(value) = headers.get(CONFIG) else {
        return Ok(None);
    };
    let config = std::str::from_utf8(value.as_bytes()).ok().and_then(Body::parse);
    match config {
        Some(config) if config.is_object() => Ok(Some(config)),
        _ => Err(Refusal::field(CONFIG, "must be a JSON object")),
    }
}

/// An app's plugins.
#[utoipa::path(
    get, path = "/apps/{app}/plugins", tag = "admin", params(("app" = AppId, Path)),
    responses((status = OK, body = Installs, description = "All of them, by name"))
)]
async fn list_plugins(Tenant(app): Tenant, State(admin): State<Arc<Admin>>) -> Response {
    let views = admin.plugins.installs(app.id);
    let plugins = views.iter().map(Install::from).collect();
    axum::Json(Installs { plugins }).into_response()
}

/// A plugin with its state and counters.
#[utoipa::path(
    get, path = "/apps/{app}/plugins/{name}", tag = "admin", params(("app" = AppId, Path), ("name" = PluginName, Path)),
    responses((status = OK, body = Install, description = "The install"))
)]
async fn get_plugin(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
) -> Result<Response> {
    let view = admin
        .plugins
        .install_view(app.id, &name)
        .ok_or_else(|| Refusal::not_found("plugin"))?;
    Ok(answer(StatusCode::OK, &view))
}

/// What to change of an install; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePlugin {
    /// Its configuration, replacing the old.
    config: Option<Body>,
    /// What it may import, replacing the old; `["all"]` is everything.
    #[schema(value_type = Option<Vec<String>>)]
    grants: Option<List<String, 32>>,
    /// The hosts it may ask if it is granted `http`, replacing the old.
    #[schema(value_type = Option<Vec<String>>)]
    http_hosts: Option<List<String, 64>>,
    /// Its place among the app's policies.
    priority: Option<i32>,
    /// How many calls an instance may serve, 1 to 512.
    reuse: Option<u32>,
    /// Whether it is called.
    enabled: Option<bool>,
    /// How many of a hundred conversations meet the canary, 1 to 99.
    canary_percent: Option<u8>,
    /// Whether a new version that fails is rolled back without being asked.
    auto_rollback: Option<bool>,
}

/// Changes an install.
#[utoipa::path(
    patch, path = "/apps/{app}/plugins/{name}", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path)), request_body = ChangePlugin,
    responses((status = OK, body = Install, description = "The install as it is now"))
)]
async fn update_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Json(change): Json<ChangePlugin>,
) -> Result<Response> {
    if change.config.as_ref().is_some_and(|config| !config.is_object()) {
        return Err(Refusal::field("config", "must be a JSON object").into());
    }
    let grants = change
        .grants
        .map(|grants| capabilities(grants.0.iter().map(String::as_str)));
    let hosts = change
        .http_hosts
        .map(|hosts| hosts.0.iter().map(|text| host(text)).collect());
    let patch = InstallPatch {
        config: change.config,
        grants: grants.transpose()?,
        http_hosts: hosts.transpose()?,
        priority: change.priority,
        reuse: change.reuse,
        enabled: change.enabled,
        canary_percent: change.canary_percent,
        auto_rollback: change.auto_rollback,
    };
    let view = Box::pin(admin.plugins.configure(app.id, &name, who, patch)).await?;
    Ok(answer(StatusCode::OK, &view))
}

/// Lets the canary run for everybody; the version that ran becomes the one before.
#[utoipa::path(
    post, path = "/apps/{app}/plugins/{name}/promote", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path)),
    responses((status = OK, body = Install, description = "The install as it is now"))
)]
async fn promote_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
) -> Result<Response> {
    let view = Box::pin(admin.plugins.promote(app.id, &name, who)).await?;
    Ok(answer(StatusCode::OK, &view))
}

/// Ends the canary. Without one, goes back to the version before.
#[utoipa::path(
    post, path = "/apps/{app}/plugins/{name}/rollback", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path)),
    responses((status = OK, body = Install, description = "The install as it is now"))
)]
async fn roll_back_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
) -> Result<Response> {
    let view = Box::pin(admin.plugins.rollback(app.id, &name, who)).await?;
    Ok(answer(StatusCode::OK, &view))
}

/// How an install is removed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct RemovePlugin {
    /// Whether what it has stored stays.
    #[serde(default)]
    keep_data: bool,
}

/// Removes an install.
#[utoipa::path(
    delete, path = "/apps/{app}/plugins/{name}", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path), RemovePlugin),
    responses((status = NO_CONTENT, description = "It is gone"))
)]
async fn remove_plugin(
    Tenant(app): Tenant,
    By(who): By,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Params(how): Params<RemovePlugin>,
) -> Result<StatusCode> {
    admin.plugins.remove(app.id, &name, who, how.keep_data).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A page of a log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListLogs {
    /// Only lines with a greater id.
    #[serde(default)]
    after: u64,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize<100, 1000>,
}

/// Lines of a plugin's log, oldest first.
#[utoipa::path(
    get, path = "/apps/{app}/plugins/{name}/logs", tag = "admin",
    params(("app" = AppId, Path), ("name" = PluginName, Path), ListLogs),
    responses((status = OK, body = LogLines, description = "A page"))
)]
async fn list_logs(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(name): Under<PluginName>,
    Params(page): Params<ListLogs>,
) -> Result<Response> {
    let lines = admin.plugins.logs(app.id, &name, page.after, page.limit.0 as usize);
    let lines = lines.ok_or_else(|| Refusal::not_found("plugin"))?;
    let lines = lines.iter().map(LogLine::from).collect();
    Ok(axum::Json(LogLines { lines }).into_response())
}
