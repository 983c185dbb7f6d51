//! The apps of the configuration, made at the first start. Later starts leave them as their owners have changed them,
//! but for bundled plugins that have come with a newer server and whose version nobody else has chosen.

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::chat::Chat;
use crate::config::{App, AppPlugin, AppUser, AppUserRole, Config, Grants};
use crate::gateway::{DemoApp, DemoUser};
use crate::model::{AppId, Body, Capability, Clock, Context, Install, PluginName, UserPatch, Who};
use crate::plugin_host::{InstallPatch, InstallRequest, PluginHost};

/// Entries of the audit log that are read at once.
const PAGE: u32 = 100;

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
        for plugin in &app.plugins {
            if is_ours(plugins, app.id, &plugin.name).await? {
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
    let first = before.is_none().then(|| InstallPatch {
        grants: Some(grants),
        http_hosts: Some(plugin.http_hosts.clone()),
        config: Some(plugin.config.clone()),
        priority: plugin.priority,
        reuse: Some(plugin.reuse),
        ..InstallPatch::default()
    });
    let request = InstallRequest {
        name: plugin.name.clone(),
        component,
        settings: first.unwrap_or_default(),
    };
    match plugins.install(app, Who::Config, request).await {
        Ok(_) => tracing::info!(%app, plugin = %plugin.name, "bundled plugin installed"),
        Err(refusal) => tracing::warn!(%app, plugin = %plugin.name, %refusal, "plugin not installed"),
    }
}

/// Whether a component runs already, or failed and was gone back from and is not to come again by itself.
fn is_settled(install: &Install, digest: &str) -> bool {
    let previous = install.previous.as_ref();
    let left = previous.filter(|previous| previous.number > install.current.number);
    install.current.digest.0 == digest || left.is_some_and(|left| left.digest.0 == digest)
}

/// Whether the configuration decides which version of a plugin runs: nobody else has since it was first installed, by an
/// upload, by going back or by taking it away. What was never there is the configuration's too: the component may not have
/// been built when the app was made.
async fn is_ours(plugins: &PluginHost, app: AppId, plugin: &PluginName) -> anyhow::Result<bool> {
    let mut before = None;
    loop {
        let page = plugins.audit(app, Some(plugin), before, PAGE).await?;
        let Some(oldest) = page.last() else {
            return Ok(plugins.install_view(app, plugin).is_none());
        };
        before = Some(oldest.id);
        if let Some(last) = page.iter().find(|entry| entry.step.kind.is_of_version()) {
            return Ok(matches!(last.who, Who::Config | Who::Automatic));
        }
    }
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
