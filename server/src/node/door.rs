//! The front door as plugins see it: the same one everybody uses.

use std::sync::Arc;

use async_trait::async_trait;

use crate::chat::{Chat, Staged};
use crate::model::{App, AppId, Command, Context, ConversationId, File, FileId, Refusal, Reply, Roster, Seq, UserId};
use crate::plugin_host::{FrontDoor, Vault};

/// Leads to chat.
pub struct Door(pub Arc<Chat>);

#[async_trait]
impl FrontDoor for Door {
    async fn execute(&self, context: Context, command: Command) -> Result<Reply, Refusal> {
        self.0.execute(&context, command).await
    }

    async fn keep_file(&self, app: AppId, staged: Staged, owner: Option<UserId>) -> Result<File, Refusal> {
        self.0.files().keep(app, staged, owner).await
    }

    async fn file(&self, app: AppId, file: &FileId) -> Result<File, Refusal> {
        self.0.files().get(app, file).await
    }

    async fn delete_file(&self, app: AppId, file: &FileId) -> Result<(), Refusal> {
        self.0.files().delete(app, file, None).await
    }

    async fn scene(&self, app: AppId, conversation: ConversationId) -> Option<(Arc<Roster>, Seq)> {
        self.0.scene(app, conversation).await.ok()
    }

    fn app(&self, app: AppId) -> Option<Arc<App>> {
        self.0.tenants().get(app)
    }

    fn vault(&self) -> Option<Arc<dyn Vault>> {
        Some(self.0.clone())
    }
}
