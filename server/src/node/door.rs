//! The front door as plugins see it: the same one everybody uses.

use std::sync::Arc;

use async_trait::async_trait;

use crate::chat::Chat;
use crate::model::{App, AppId, Command, Context, Refusal, Reply};
use crate::plugin_host::FrontDoor;
use crate::storage::Later;

/// Leads to chat, and to what is put off.
pub struct Door {
    /// The rules.
    pub chat: Arc<Chat>,
    /// What is put off.
    pub later: Arc<dyn Later>,
}

#[async_trait]
impl FrontDoor for Door {
    async fn execute(&self, context: Context, command: Command) -> Result<Reply, Refusal> {
        self.chat.execute(&context, command).await
    }

    fn app(&self, app: AppId) -> Option<Arc<App>> {
        self.chat.tenants().get(app)
    }

    fn later(&self) -> Option<Arc<dyn Later>> {
        Some(self.later.clone())
    }
}
