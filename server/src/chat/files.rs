//! Files: what an upload becomes. A file is told by its content and not by its name, and its address cannot be guessed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::error::{Result, refuse};
use super::{Chat, observers};
use crate::model::{AppId, Clock, Code, Context, File, FileId, FileLimits, Millis, Random, Refusal, UserId};
use crate::plugin_host::Attempt;
use crate::storage::blobs::{self, Blobs, Staged};
use crate::storage::{NewJob, Storage, StorageError};

/// Bytes of a kept name.
const NAME: usize = 200;
/// What a file is called that brings no name.
const NAMELESS: &str = "file";
/// Expired files that are removed at once.
const BATCH: u32 = 100;
const MEGABYTE: u64 = 1 << 20;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The files of all apps.
pub struct Files {
    storage: Arc<dyn Storage>,
    blobs: Blobs,
    limits: FileLimits,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    decoders: Arc<Semaphore>,
}

/// What was seen of an upload.
struct Look {
    id: FileId,
    name: String,
    mime: String,
    picture: Option<blobs::Picture>,
}

/// An upload and what was seen of it.
struct Parcel {
    staged: Staged,
    look: Look,
}

/// A file that is about to be read.
pub struct Reading {
    /// What is known of it.
    pub file: File,
    /// Where its bytes lie.
    pub path: PathBuf,
}

impl Chat {
    /// Keeps an upload, if the policies let it be kept.
    ///
    /// # Errors
    /// `TooLarge` if the app has no room, a policy's refusal, or what storage answers.
    pub async fn keep_file(&self, ctx: &Context, staged: Staged, owner: Option<UserId>) -> Result<File> {
        let mut look = self.files.look_at(&staged).await?;
        let chain = self.plugins.chain(ctx.app);
        let attempt = Attempt::Upload {
            name: &mut look.name,
            mime: &look.mime,
            size: staged.size,
            owner: owner.as_ref(),
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        look.name = harmless(&look.name);
        jobs.extend(observers::of_file(&chain, ctx, &look.id));
        self.files.keep(ctx.app, Parcel { staged, look }, owner, jobs).await
    }
}

impl Files {
    /// Over a storage and a folder.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        blobs: Blobs,
        limits: FileLimits,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            storage,
            blobs,
            limits,
            clock,
            random,
            decoders: Arc::new(Semaphore::new(limits.decoders)),
        }
    }

    /// The bounds.
    #[must_use]
    pub const fn limits(&self) -> &FileLimits {
        &self.limits
    }

    /// Where uploads are staged.
    #[must_use]
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Looks at an upload: what it is by its content, and what it will be called.
    async fn look_at(&self, staged: &Staged) -> Result<Look> {
        let (mime, picture) = self.examine(staged).await?;
        Ok(Look {
            id: self.new_id()?,
            name: harmless(&staged.name),
            mime,
            picture,
        })
    }

    /// Keeps an upload that was looked at, with what follows from it.
    async fn keep(&self, app: AppId, parcel: Parcel, owner: Option<UserId>, jobs: Vec<NewJob>) -> Result<File> {
        let now = self.clock.now();
        let Parcel { staged, look } = parcel;
        let (thumb, thumb_size) = match look.picture.as_ref().and_then(|picture| picture.thumb.clone()) {
            Some((bytes, width, height)) => (Some(bytes), Some((width, height))),
            None => (None, None),
        };
        let file = File {
            id: look.id,
            name: look.name,
            mime: look.mime,
            size: staged.size,
            etag: staged.etag,
            picture: look.picture.map(|picture| (picture.width, picture.height)),
            thumb: thumb_size,
            owner,
            created_at: now,
            expires_at: (self.limits.keep_days > 0).then(|| now.plus(i64::from(self.limits.keep_days) * DAY_MS)),
        };
        self.blobs.keep(app, &file.id, staged.path, thumb).await.map_err(disk)?;
        let quota = self.limits.app_megabytes * MEGABYTE;
        match self.storage.put_file(app, file.clone(), quota, jobs).await {
            Ok(()) => Ok(file),
            Err(error) => {
                self.discard(app, &file.id).await;
                Err(match error {
                    StorageError::Quota(_) => {
                        Refusal::too_large("app_megabytes", "this app has no room for more files")
                    }
                    error => refuse(error),
                })
            }
        }
    }

    async fn examine(&self, staged: &Staged) -> Result<(String, Option<blobs::Picture>)> {
        let path: PathBuf = staged.path.to_path_buf();
        let (pixels, thumb) = (self.limits.picture_pixels, self.limits.thumb_pixels);
        let decoding = self.decoders.clone().acquire_owned().await;
        let look = move || {
            let _decoding = decoding;
            let mime = blobs::mime(&path)?;
            let picture = mime
                .starts_with("image/")
                .then(|| blobs::examine(&path, pixels, thumb))
                .flatten();
            Ok((mime, picture))
        };
        let looked: std::io::Result<_> = tokio::task::spawn_blocking(look)
            .await
            .map_err(|_| Refusal::internal())?;
        looked.map_err(disk)
    }

    /// One that is there.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn get(&self, app: AppId, file: &FileId) -> Result<File> {
        let found = self.storage.file(app, file, self.clock.now()).await.map_err(refuse)?;
        found.ok_or_else(|| Refusal::not_found("file"))
    }

    /// One that is there, or its smaller picture, to be read.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn read(&self, app: AppId, file: &FileId, thumb: bool) -> Result<Reading> {
        let file = self.get(app, file).await?;
        let path = match (thumb, file.thumb) {
            (false, _) => self.blobs.path(app, &file.id),
            (true, Some(_)) => self.blobs.thumb_path(app, &file.id),
            (true, None) => return Err(Refusal::not_found("file")),
        };
        Ok(Reading { file, path })
    }

    /// Removes one; for a user only its own.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn delete(&self, app: AppId, file: &FileId, by: Option<&UserId>) -> Result<()> {
        let known = self.get(app, file).await?;
        if by.is_some_and(|by| known.owner.as_ref() != Some(by)) {
            return Err(Refusal::not_found("file"));
        }
        self.forget(app, file).await
    }

    async fn forget(&self, app: AppId, file: &FileId) -> Result<()> {
        if !self.storage.delete_file(app, file).await.map_err(refuse)? {
            return Err(Refusal::not_found("file"));
        }
        self.discard(app, file).await;
        Ok(())
    }

    async fn discard(&self, app: AppId, file: &FileId) {
        if let Err(error) = self.blobs.remove(app, file).await {
            tracing::warn!(%app, %file, %error, "a file's bytes could not be removed");
        }
    }

    /// Removes what has expired.
    pub async fn sweep(&self) {
        loop {
            let now: Millis = self.clock.now();
            let expired = match self.storage.expired_files(now, BATCH).await {
                Ok(expired) => expired,
                Err(error) => return tracing::warn!(%error, "cannot look for files that have expired"),
            };
            for (app, file) in &expired {
                if let Err(error) = self.forget(*app, file).await {
                    return tracing::warn!(%app, %file, %error, "a file that has expired could not be removed");
                }
            }
            if expired.len() < BATCH as usize {
                return;
            }
        }
    }

    fn new_id(&self) -> Result<FileId> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        FileId::new(&hex::encode(bytes)).map_err(|_| Refusal::internal())
    }
}

/// The last segment of a name, without what would do harm in a header, a path or a list.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let mut kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !turns(*c) && *c != '"')
        .collect();
    // The end is kept: it says what kind of file it is.
    if kept.len() > NAME {
        let from = kept.ceil_char_boundary(kept.len() - NAME);
        kept.drain(..from);
    }
    let kept = kept.trim();
    if Path::new(kept).file_name().is_none() {
        return NAMELESS.to_owned();
    }
    kept.to_owned()
}

fn disk(error: std::io::Error) -> Refusal {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Refusal::new(Code::StorageFull, "the disk is full")
        }
        _ => {
            tracing::error!(%error, "a file could not be written or read");
            Refusal::internal()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        for (name, kept) in [
            ("报告.pdf", "报告.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\首页.png", "首页.png"),
            ("a\"b\r\nc.txt", "abc.txt"),
            ("exe\u{202e}gnp.doc", "exegnp.doc"),
            ("", "file"),
            ("..", "file"),
            ("/", "file"),
        ] {
            assert_eq!(harmless(name), kept, "{name:?}");
        }
        let long = harmless(&format!("{}.png", "字".repeat(200)));
        assert!(long.len() <= NAME && long.ends_with("字.png"));
    }
}
