//! The apps of the configuration, made at the first start. Later starts leave them as their owners have changed them,
//! but for bundled plugins that have come with a newer server.

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::chat::Chat;
use crate::config::{App, AppPlugin, AppUser, AppUserRole, Config, Grants};
use crate::gateway::{DemoApp, DemoUser};
use crate::model::{AppId, Body, Capability, Clock, Context, Install, UserPatch, Who};
use crate::plugin_host::{InstallRequest, PluginHost};

/// Makes what is missing.
pub(super) async fn apply(config: &Config, chat: &Chat, plugins: &PluginHost, clock: &dyn Clock) -> anyhow::Result<()> {
    for app in &config.apps {
        let is_new = chat.tenants().get(app.id).is_none();
        if is_new {
            let (name, secret) = (app.name.clone(), Some(app.secret.clone()));
            let made = chat
                .tenants()
                .create(Some(app.id), name, secret, app.demo, app.settings.clone())
                .await;
            made.with_context(|| format!("cannot make app {}", app.id))?;
            let ctx = Context::admin(app.id, clock.now());
            for user in &app.users {
                let made = chat.put_user(&ctx, &user.user, profile(user)).await;
                made.with_context(|| format!("cannot make user {} of app {}", user.user, app.id))?;
            }
        }
        // An app without any plugin may have been made before they were built.
        let is_bare = is_new || plugins.installs(app.id).is_empty();
        for plugin in &app.plugins {
            // One that its tenant has removed stays away.
            if is_bare || plugins.install_view(app.id, &plugin.name).is_some() {
                install(config, plugins, app.id, plugin).await;
            }
        }
    }
    Ok(())
}

fn profile(user: &AppUser) -> UserPatch {
    let mut attributes = serde_json::Map::new();
    for (name, text) in [
        ("auto_reply", &user.auto_reply),
        ("auto_reply_offline", &user.auto_reply_offline),
    ] {
        if let Some(text) = text {
            attributes.insert(name.to_owned(), text.clone().into());
        }
    }
    UserPatch {
        nickname: Some(user.nickname.clone()),
        attributes: Some(Body::trusted(&serde_json::Value::Object(attributes).to_string())),
        ..UserPatch::default()
    }
}

/// Installs or upgrades a bundled plugin. A missing file or a refused component is told and does not stop the server:
/// the app works without it.
async fn install(config: &Config, plugins: &PluginHost, app: AppId, plugin: &AppPlugin) {
    let file = config.plugins.bundled_file(&plugin.component);
    let component = match tokio::fs::read(&file).await {
        Ok(component) => component,
        Err(error) => {
            let hint = "build the bundled plugins with `cargo xtask build`";
            return tracing::warn!(%app, plugin = %plugin.name, file = %file.display(), %error, hint, "plugin not installed");
        }
    };
    let before = plugins.install_view(app, &plugin.name);
    let digest = hex::encode(Sha256::digest(&component));
    if before.as_ref().is_some_and(|view| is_settled(&view.install, &digest)) {
        return;
    }
    let grants = match &plugin.grants {
        Grants::All => Capability::ALL.to_vec(),
        Grants::Only(grants) => grants.clone(),
    };
    // An upgrade keeps what the tenant has chosen since.
    let first = before.is_none();
    let request = InstallRequest {
        name: plugin.name.clone(),
        component,
        grants: first.then_some(grants),
        config: first.then(|| plugin.config.clone()),
        priority: plugin.priority.filter(|_| first),
        reuse: first.then_some(plugin.reuse),
        enabled: first.then_some(true),
        canary_percent: None,
        auto_rollback: None,
    };
    match plugins.install(app, Who::Config, request).await {
        Ok(_) => tracing::info!(%app, plugin = %plugin.name, "bundled plugin installed"),
        Err(refusal) => tracing::warn!(%app, plugin = %plugin.name, %refusal, "plugin not installed"),
    }
}

/// Whether a component runs already, or was gone back from and is not to come again by itself.
fn is_settled(install: &Install, digest: &str) -> bool {
    let previous = install.previous.as_ref();
    let left = previous.filter(|previous| previous.number > install.current.number);
    install.current.digest.0 == digest || left.is_some_and(|left| left.digest.0 == digest)
}

/// What the demo page offers.
pub(super) fn demo_apps(config: &Config) -> Vec<DemoApp> {
    if !config.demo.page {
        return Vec::new();
    }
    config.apps.iter().filter(|app| app.demo).map(demo_app).collect()
}

fn demo_app(app: &App) -> DemoApp {
    let user = |user: &AppUser| DemoUser {
        user: user.user.clone(),
        nickname: user.nickname.clone(),
        role: match user.role {
            AppUserRole::Agent => "agent",
            AppUserRole::Customer => "customer",
        },
    };
    DemoApp {
        app: app.id,
        name: app.name.clone(),
        users: app.users.iter().map(user).collect(),
    }
}
