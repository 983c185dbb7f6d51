//! TLS by the server itself. The certificate is read again when its files change, so that a renewed one needs no restart;
//! one that cannot be used leaves the old one in place.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;

/// A certificate and its key, as they are used now.
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    acceptor: ArcSwap<TlsAcceptor>,
    read_at: Mutex<Option<(SystemTime, SystemTime)>>,
}

impl Tls {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    /// If they cannot be read or do not belong together; the text says which.
    pub fn open(cert: &Path, key: &Path) -> anyhow::Result<Arc<Self>> {
        let acceptor = ArcSwap::from_pointee(read(cert, key)?);
        Ok(Arc::new(Self {
            cert: cert.to_owned(),
            key: key.to_owned(),
            acceptor,
            read_at: Mutex::new(changed(cert, key)),
        }))
    }

    /// Reads them again if they have changed. Works for as long as reading two files takes.
    pub fn refresh(&self) {
        let now = changed(&self.cert, &self.key);
        let mut read_at = self.read_at.lock();
        if now.is_none() || *read_at == now {
            return;
        }
        match read(&self.cert, &self.key) {
            Ok(acceptor) => {
                self.acceptor.store(Arc::new(acceptor));
                *read_at = now;
                tracing::info!("the certificate was renewed");
            }
            Err(error) => tracing::warn!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// What the other end did wrong.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::clone(&self.acceptor.load());
        acceptor.accept(stream).await
    }
}

fn changed(cert: &Path, key: &Path) -> Option<(SystemTime, SystemTime)> {
    let of = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    of(cert).zip(of(key))
}

fn read(cert: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    use anyhow::Context as _;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .with_context(|| format!("tls.cert: cannot read certificates from {}", cert.display()))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("tls.key: cannot read a private key from {}", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .context("tls: the certificate and the key do not fit")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
