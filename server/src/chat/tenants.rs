//! Apps, kept in memory: the message path asks for one with every message.

use std::sync::Arc;

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use super::error::{Result, refuse};
use crate::model::{App, AppId, AppSettings, Bucket, Code, Random, Refusal};
use crate::storage::Storage;

/// All apps of this server.
pub struct Tenants {
    storage: Arc<dyn Storage>,
    random: Arc<dyn Random>,
    apps: DashMap<AppId, Tenant, FxBuildHasher>,
}

/// An app, and what is left of the messages that its users may send now. That outlives changes of the app.
#[derive(Clone)]
pub(super) struct Tenant {
    /// The app.
    pub app: Arc<App>,
    /// Its messages.
    pub messages: Arc<Bucket>,
}

impl From<Arc<App>> for Tenant {
    fn from(app: Arc<App>) -> Self {
        Self {
            app,
            messages: Arc::default(),
        }
    }
}

/// What to change of an app; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct AppPatch {
    /// New name.
    pub name: Option<String>,
    /// Whether it answers anybody.
    pub enabled: Option<bool>,
    /// New settings.
    pub settings: Option<AppSettings>,
}

impl Tenants {
    /// Reads all apps.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn load(
        storage: Arc<dyn Storage>,
        random: Arc<dyn Random>,
    ) -> Result<Self, crate::storage::StorageError> {
        let apps = storage
            .apps()
            .await?
            .into_iter()
            .map(|app| (app.id, Arc::new(app).into()))
            .collect();
        Ok(Self { storage, random, apps })
    }

    /// An app, enabled or not.
    #[must_use]
    pub fn get(&self, app: AppId) -> Option<Arc<App>> {
        self.apps.get(&app).map(|tenant| tenant.app.clone())
    }

    /// An app that answers.
    ///
    /// # Errors
    /// `NotFound`, `AppDisabled`.
    pub fn enabled(&self, app: AppId) -> Result<Arc<App>> {
        let app = self.get(app).ok_or_else(|| Refusal::not_found("app"))?;
        is_enabled(&app).map(|()| app)
    }

    /// The same for who sends a message.
    pub(super) fn sending(&self, app: AppId) -> Result<Tenant> {
        let tenant = self.apps.get(&app).map(|tenant| tenant.clone());
        let tenant = tenant.ok_or_else(|| Refusal::not_found("app"))?;
        is_enabled(&tenant.app).map(|()| tenant)
    }

    /// All of them, by id.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<App>> {
        let mut apps: Vec<_> = self.apps.iter().map(|tenant| tenant.app.clone()).collect();
        apps.sort_by_key(|app| app.id);
        apps
    }

    /// Makes an app; without a secret it gets a random one.
    ///
    /// # Errors
    /// `Conflict` if the id is taken, or what storage answers.
    pub async fn create(
        &self,
        id: Option<AppId>,
        name: String,
        secret: Option<String>,
        demo: bool,
        settings: AppSettings,
    ) -> Result<Arc<App>> {
        let secret = secret.unwrap_or_else(|| self.new_secret());
        let make = move |id| App {
            id,
            name,
            secret,
            enabled: true,
            demo,
            settings,
        };
        let app = self.storage.create_app(id, Box::new(make)).await.map_err(refuse)?;
        Ok(self.keep(app))
    }

    /// Changes an app.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn update(&self, id: AppId, patch: AppPatch) -> Result<Arc<App>> {
        let mut app = App::clone(&*self.get(id).ok_or_else(|| Refusal::not_found("app"))?);
        app.name = patch.name.unwrap_or(app.name);
        app.enabled = patch.enabled.unwrap_or(app.enabled);
        app.settings = patch.settings.unwrap_or(app.settings);
        self.save(app).await
    }

    /// Gives an app a new secret; the old one ends at once.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn rotate_secret(&self, id: AppId) -> Result<Arc<App>> {
        let mut app = App::clone(&*self.get(id).ok_or_else(|| Refusal::not_found("app"))?);
        app.secret = self.new_secret();
        self.save(app).await
    }

    async fn save(&self, app: App) -> Result<Arc<App>> {
        if !self.storage.save_app(&app).await.map_err(refuse)? {
            return Err(Refusal::not_found("app"));
        }
        Ok(self.keep(app))
    }

    /// The app as it is from now on.
    fn keep(&self, app: App) -> Arc<App> {
        let app = Arc::new(app);
        let tenant = self.apps.entry(app.id);
        tenant
            .and_modify(|tenant| tenant.app = app.clone())
            .or_insert_with(|| Tenant::from(app.clone()));
        app
    }

    fn new_secret(&self) -> String {
        let mut bytes = [0; 24];
        self.random.fill(&mut bytes);
        format!("sbs_{}", hex::encode(bytes))
    }
}

fn is_enabled(app: &App) -> Result<()> {
    if app.enabled {
        Ok(())
    } else {
        Err(Refusal::new(Code::AppDisabled, "this app is disabled"))
    }
}
