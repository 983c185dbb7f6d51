//! The bytes of files. What comes in is staged first: written to a file of its own that goes by itself unless it is kept.
//! Keeping is a rename, so that a file is there as a whole or not at all.

mod mime;
mod picture;

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

pub use mime::mime;
pub use picture::{Picture, examine};

use crate::model::{AppId, FileId};

/// The folder of all files.
#[derive(Debug, Clone)]
pub struct Blobs {
    kept: PathBuf,
    staging: PathBuf,
}

/// Bytes that are all there and not kept yet. Dropping it removes them.
#[derive(Debug)]
pub struct Staged {
    /// Names it while its request lasts.
    pub id: String,
    /// The field of the form it came in.
    pub field: String,
    /// The name it came with.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, in hex.
    pub etag: String,
    /// Where it lies.
    pub path: TempPath,
}

/// Bytes that are coming in.
pub struct Staging {
    file: File,
    path: TempPath,
    hash: Sha256,
    size: u64,
}

impl Blobs {
    /// In a folder, which is made if it is not there. What was staged before the last end is removed.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self {
            kept: folder.join("files"),
            staging: folder.join("staging"),
        };
        match std::fs::remove_dir_all(&blobs.staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::create_dir_all(&blobs.staging)?;
        std::fs::create_dir_all(&blobs.kept)?;
        Ok(blobs)
    }

    /// Begins to take bytes in.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn stage(&self) -> io::Result<Staging> {
        let folder = self.staging.clone();
        let made = tokio::task::spawn_blocking(move || tempfile::NamedTempFile::new_in(folder)).await;
        let (file, path) = made.map_err(io::Error::other)??.into_parts();
        Ok(Staging {
            file: File::from_std(file),
            path,
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Where a kept file lies.
    #[must_use]
    pub fn path(&self, app: AppId, file: &FileId) -> PathBuf {
        let text = file.as_str();
        self.kept.join(app.to_string()).join(&text[..2]).join(text)
    }

    /// Where the smaller picture of a kept one lies.
    #[must_use]
    pub fn thumb_path(&self, app: AppId, file: &FileId) -> PathBuf {
        self.path(app, file).with_extension("t")
    }

    /// Keeps staged bytes under an id, durably, with the smaller picture if there is one.
    ///
    /// # Errors
    /// What the file system says; then nothing is kept.
    pub async fn keep(&self, app: AppId, file: &FileId, staged: TempPath, thumb: Option<Vec<u8>>) -> io::Result<()> {
        let (path, thumb_path) = (self.path(app, file), self.thumb_path(app, file));
        let work = move || {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            if let Some(thumb) = thumb {
                std::fs::write(&thumb_path, thumb)?;
                std::fs::File::open(&thumb_path)?.sync_all()?;
            }
            staged.persist(&path).map_err(|error| error.error)?;
            std::fs::File::open(folder)?.sync_all()
        };
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    }

    /// Removes a kept file. One that is not there is no error.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn remove(&self, app: AppId, file: &FileId) -> io::Result<()> {
        for path in [self.path(app, file), self.thumb_path(app, file)] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Staging {
    /// How many bytes there are so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        self.file.write_all(bytes).await
    }

    /// All bytes are there, and on disk.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn finish(mut self, id: String, field: String, name: String) -> io::Result<Staged> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        Ok(Staged {
            id,
            field,
            name,
            size: self.size,
            etag: hex::encode(self.hash.finalize()),
            path: self.path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_stays_and_what_is_not_goes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (app, id) = (AppId::new(7).unwrap(), FileId::new(&"ab".repeat(16)).unwrap());
        let mut staging = blobs.stage().await.unwrap();
        staging.write(b"hello ").await.unwrap();
        staging.write(b"world").await.unwrap();
        let staged = staging.finish("1".into(), "file".into(), "a.txt".into()).await.unwrap();
        assert_eq!(
            (staged.size, staged.etag.as_str()),
            (11, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9")
        );
        blobs
            .keep(app, &id, staged.path, Some(b"small".to_vec()))
            .await
            .unwrap();
        let left = blobs.stage().await.unwrap();
        drop(left);

        assert_eq!(std::fs::read(blobs.path(app, &id)).unwrap(), b"hello world");
        assert_eq!(std::fs::read(blobs.thumb_path(app, &id)).unwrap(), b"small");
        assert_eq!(std::fs::read_dir(folder.path().join("staging")).unwrap().count(), 0);
        blobs.remove(app, &id).await.unwrap();
        blobs.remove(app, &id).await.unwrap();
        assert!(!blobs.path(app, &id).exists() && !blobs.thumb_path(app, &id).exists());
    }
}
