//! `files`: keeps what came with a request, and reads what is known of files.

use super::{Answer, uid};
use crate::model::{Context, FileId};
use crate::plugin_host::bindings::switchboard::plugin::files::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, File};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::waits;

impl Host for State {
    async fn keep(&mut self, upload: String, owner: Option<String>) -> Answer<File> {
        self.charge()?;
        Ok(self.keep_upload(&upload, owner.as_deref()).await)
    }

    async fn get(&mut self, id: String) -> Answer<Option<File>> {
        self.charge()?;
        Ok(self.known_file(&id).await)
    }

    async fn delete(&mut self, id: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.delete_known_file(&id).await)
    }
}

impl State {
    async fn keep_upload(&mut self, upload: &str, owner: Option<&str>) -> Result<File, Error> {
        let (plugin, call) = self.at_work()?;
        let owner = owner.map(uid).transpose()?;
        let uploads = self
            .task
            .desk
            .as_ref()
            .map(|desk| &desk.uploads)
            .ok_or(Error::NotFound)?;
        let at = uploads
            .iter()
            .position(|staged| staged.id == upload)
            .ok_or(Error::NotFound)?;
        self.spend(Quota::Files)?;
        let uploads = self.task.desk.as_mut().map(|desk| &mut desk.uploads);
        let staged = uploads.ok_or(Error::NotFound)?.swap_remove(at);
        // What a user has brought and proven is its own doing, and not the dialect's.
        let actor = match self.actor(owner.clone()) {
            Err(_) => self.actor(None)?,
            actor => actor?,
        };
        let context = Context {
            app: call.app,
            actor,
            now: plugin.machine.clock.now(),
        };
        let door = plugin.machine.door().map_err(convert::refusal_error)?;
        let kept = waits::on_server(door.keep_file(context, staged, owner)).await;
        kept.map(|file| convert::file(call.app, &file))
            .map_err(convert::refusal_error)
    }

    async fn known_file(&mut self, id: &str) -> Result<Option<File>, Error> {
        let (plugin, call) = self.at_work()?;
        let Ok(id) = FileId::new(id) else { return Ok(None) };
        let door = plugin.machine.door().map_err(convert::refusal_error)?;
        let found = waits::on_server(door.file(call.app, &id)).await;
        match found.map_err(convert::refusal_error) {
            Ok(file) => Ok(Some(convert::file(call.app, &file))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete_known_file(&mut self, id: &str) -> Result<bool, Error> {
        let (plugin, call) = self.at_work()?;
        self.spend(Quota::Files)?;
        let Ok(id) = FileId::new(id) else { return Ok(false) };
        let door = plugin.machine.door().map_err(convert::refusal_error)?;
        let deleted = waits::on_server(door.delete_file(call.app, &id)).await;
        match deleted.map_err(convert::refusal_error) {
            Ok(()) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
