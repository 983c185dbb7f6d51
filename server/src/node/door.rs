//! The front door as plugins see it: the same one everybody uses.

use std::sync::Arc;

use async_trait::async_trait;

use crate::chat::{Chat, Staged};
use crate::model::{
    App, AppId, Command, Context, ConversationId, Cursor, File, FileId, Refusal, Reply, Roster, Seq, UserId,
};
use crate::plugin_host::{FrontDoor, Vault};
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

    async fn keep_file(&self, context: Context, staged: Staged, owner: Option<UserId>) -> Result<File, Refusal> {
        self.chat.keep_file(&context, staged, owner).await
    }

    async fn file(&self, app: AppId, file: &FileId) -> Result<File, Refusal> {
        self.chat.files().get(app, file).await
    }

    async fn delete_file(&self, app: AppId, file: &FileId) -> Result<(), Refusal> {
        self.chat.files().delete(app, file, None).await
    }

    async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Arc<Roster>, Refusal> {
        self.chat.roster(app, conversation).await
    }

    async fn scene(&self, app: AppId, conversation: ConversationId) -> Option<(Arc<Roster>, Seq)> {
        self.chat.scene(app, conversation).await.ok()
    }

    fn delivered(&self) -> Cursor {
        self.chat.delivered()
    }

    fn app(&self, app: AppId) -> Option<Arc<App>> {
        self.chat.tenants().get(app)
    }

    fn later(&self) -> Option<Arc<dyn Later>> {
        Some(self.later.clone())
    }

    fn vault(&self) -> Option<Arc<dyn Vault>> {
        Some(self.chat.clone())
    }
}
