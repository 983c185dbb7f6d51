//! The admin API: for the operator, who may do everything, and with an app's secret for that app's tenant. To a tenant
//! everything outside its app does not exist.

mod access;
mod app;
mod audit;
pub mod inspection;
mod install;
mod job;
mod mount;
mod plugin;
mod settings;
mod timer;
mod trace;
mod upload;
mod user;
mod webhook;

use std::sync::Arc;

use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

use super::gate::Gate;
use crate::chat::Chat;
use crate::model::Clock;
use crate::plugin_host::{Mounts, PluginHost};

/// Components that are received at the same time: each is held in memory.
const UPLOADS: usize = 4;

/// What the admin API is made of.
pub struct Admin {
    chat: Arc<Chat>,
    plugins: Arc<PluginHost>,
    mounts: Arc<Mounts>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    token: Option<String>,
    component_bytes: usize,
    uploads: Semaphore,
}

impl Admin {
    /// Over the rules and the plugins. Without a token there is no operator. `component_bytes` bounds an upload.
    #[must_use]
    pub fn new(
        chat: Arc<Chat>,
        plugins: Arc<PluginHost>,
        mounts: Arc<Mounts>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
        token: Option<String>,
        component_bytes: usize,
    ) -> Self {
        Self {
            chat,
            plugins,
            mounts,
            gate,
            clock,
            // An empty token is an unset variable, never a password.
            token: token.filter(|token| !token.is_empty()),
            component_bytes,
            uploads: Semaphore::new(UPLOADS),
        }
    }
}

/// Every route under `/admin/api`, each with its description.
#[must_use]
pub fn routes() -> OpenApiRouter<Arc<Admin>> {
    let routes = OpenApiRouter::new()
        .merge(app::routes())
        .merge(user::routes())
        .merge(plugin::routes())
        .merge(job::routes())
        .merge(mount::routes())
        .merge(timer::routes())
        .merge(trace::routes())
        .merge(webhook::routes())
        .merge(audit::routes());
    OpenApiRouter::new().nest("/admin/api", routes)
}
