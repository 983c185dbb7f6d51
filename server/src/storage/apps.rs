//! Tenants.

use async_trait::async_trait;

use super::Result;
use crate::model::{App, AppId};

/// Tenants.
#[async_trait]
pub trait Apps {
    /// All of them, by id.
    async fn apps(&self) -> Result<Vec<App>>;
    /// One.
    async fn app(&self, app: AppId) -> Result<Option<App>>;
    /// Makes one; without an id it gets the next free one from 10,000,000 up.
    ///
    /// # Errors
    /// `Exists` if the id is taken.
    async fn create_app(&self, id: Option<AppId>, app: NewApp) -> Result<App>;
    /// Replaces all of an app's data but its id. False if there is none.
    async fn save_app(&self, app: &App) -> Result<bool>;
}

/// A tenant to be made.
pub type NewApp = Box<dyn FnOnce(AppId) -> App + Send>;
