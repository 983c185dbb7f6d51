//! One HTTP request to another server, over a connection of its own. The name is resolved here and the connection made to
//! the very addresses that were checked, so that no answer of a name server leads elsewhere afterwards. Nothing is
//! followed, no proxy is asked, and what comes back is read only as far as its status.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::address::is_public;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The address cannot be used.
    #[error("the URL is unusable: {0}")]
    Url(&'static str),
    /// The name leads to no address.
    #[error("the name cannot be resolved")]
    Name(#[source] io::Error),
    /// The name leads to an address that is not public.
    #[error("{0} is a private address (callbacks.allow_private)")]
    Private(IpAddr),
    /// No connection.
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    /// A connection, and then no answer.
    #[error("no answer")]
    Http(#[source] hyper::Error),
    /// It took too long.
    #[error("no answer within {0:?} (callbacks.timeout_ms)")]
    Timeout(Duration),
}

/// What sends requests.
pub(super) struct Client {
    tls: TlsConnector,
    allow_private: bool,
    timeout: Duration,
}

/// Where a request goes.
struct Target<'a> {
    host: &'a str,
    port: u16,
    secure: bool,
}

impl Client {
    /// One that trusts the public certificate authorities.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub(super) fn new(allow_private: bool, timeout: Duration) -> anyhow::Result<Self> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            allow_private,
            timeout,
        })
    }

    /// Posts a body and answers the status.
    pub(super) async fn post(&self, uri: &Uri, headers: HeaderMap, body: Bytes) -> Result<StatusCode, SendError> {
        let exchange = async {
            let target = target(uri)?;
            let request = request(uri, headers, body)?;
            let stream = self.connect(&target).await?;
            if !target.secure {
                return exchange(stream, request).await;
            }
            let name = ServerName::try_from(target.host.to_owned()).map_err(|_| SendError::Url("no server name"))?;
            let stream = self.tls.connect(name, stream).await.map_err(SendError::Connect)?;
            exchange(stream, request).await
        };
        tokio::time::timeout(self.timeout, exchange)
            .await
            .unwrap_or(Err(SendError::Timeout(self.timeout)))
    }

    async fn connect(&self, target: &Target<'_>) -> Result<TcpStream, SendError> {
        let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in self.addresses(target).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error,
            }
        }
        Err(SendError::Connect(failed))
    }

    /// Where a name leads. One private address among them is enough to refuse them all: a name that leads to both has
    /// no business with either.
    async fn addresses(&self, target: &Target<'_>) -> Result<Vec<SocketAddr>, SendError> {
        let found = tokio::net::lookup_host((target.host, target.port)).await;
        let addresses: Vec<SocketAddr> = found.map_err(SendError::Name)?.collect();
        if !self.allow_private
            && let Some(private) = addresses.iter().find(|address| !is_public(address.ip()))
        {
            return Err(SendError::Private(private.ip()));
        }
        Ok(addresses)
    }
}

fn target(uri: &Uri) -> Result<Target<'_>, SendError> {
    let secure = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(SendError::Url("neither http nor https")),
    };
    let host = uri.host().ok_or(SendError::Url("no host"))?;
    Ok(Target {
        host: host.trim_start_matches('[').trim_end_matches(']'),
        port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
        secure,
    })
}

fn request(uri: &Uri, headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>, SendError> {
    let authority = uri.authority().ok_or(SendError::Url("no host"))?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| SendError::Url("the host fits into no header"))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = path.parse::<Uri>().map_err(|_| SendError::Url("no path"))?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path;
    *request.headers_mut() = headers;
    request.headers_mut().insert(header::HOST, host);
    request
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, SendError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(SendError::Http)?;
    let answer = sender.send_request(request);
    tokio::pin!(answer, connection);
    // The connection is driven until the head of the answer is here, and dropped with the rest of it unread.
    tokio::select! {
        answer = &mut answer => answer.map(|answer| answer.status()).map_err(SendError::Http),
        ended = &mut connection => match ended {
            Ok(()) => answer.await.map(|answer| answer.status()).map_err(SendError::Http),
            Err(error) => Err(SendError::Http(error)),
        },
    }
}
