//! One HTTP request to another server, over a connection of its own. The name is resolved here and the connection made to
//! the very addresses that were checked, so that no answer of a name server leads elsewhere afterwards. Nothing is
//! followed and no proxy is asked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::Reach;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The address cannot be used.
    #[error("the URL is unusable: {0}")]
    Url(&'static str),
    /// The name leads to no address.
    #[error("the name cannot be resolved")]
    Name(#[source] io::Error),
    /// The name leads to an address that may not be reached.
    #[error("{0} is a private address (callbacks.allow_private, callbacks.private_networks)")]
    Private(IpAddr),
    /// No connection.
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    /// A connection, and then no answer.
    #[error("no answer")]
    Http(#[source] hyper::Error),
    /// It took too long.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than asked for.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

/// Bounds of a request and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Until the whole answer is there.
    pub timeout: Duration,
    /// The largest body of an answer.
    pub answer_bytes: usize,
}

/// What sends requests.
pub struct Client {
    tls: TlsConnector,
    reach: Reach,
}

/// Where a request goes.
struct Target<'a> {
    host: &'a str,
    port: u16,
    secure: bool,
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Who answers requests with absolute URIs: other servers, or what stands for them.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Why there is none.
    async fn fetch(&self, request: Request<Bytes>, bounds: Bounds) -> Result<Response<Bytes>, SendError>;
}

#[async_trait]
impl Fetch for Client {
    async fn fetch(&self, request: Request<Bytes>, bounds: Bounds) -> Result<Response<Bytes>, SendError> {
        in_time(bounds.timeout, self.exchange(request, Some(bounds.answer_bytes))).await
    }
}

impl Client {
    /// One that trusts the public certificate authorities and reaches these addresses.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(reach: Reach) -> anyhow::Result<Self> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            reach,
        })
    }

    /// Sends a request with an absolute URI and answers the status; what follows the head of the answer is not read.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn status(&self, request: Request<Bytes>, timeout: Duration) -> Result<StatusCode, SendError> {
        let answer = in_time(timeout, self.exchange(request, None)).await?;
        Ok(answer.status())
    }

    /// One request and its answer: with a body of at most so many bytes, or without one.
    async fn exchange(&self, request: Request<Bytes>, body: Option<usize>) -> Result<Response<Bytes>, SendError> {
        let uri = request.uri().clone();
        let target = target(&uri)?;
        let request = prepared(&uri, request)?;
        let stream = self.open(&target).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(SendError::Http)?;
        let work = async {
            let answer = sender.send_request(request).await.map_err(SendError::Http)?;
            match body {
                Some(limit) => read(answer, limit).await,
                None => Ok(answer.map(|_| Bytes::new())),
            }
        };
        tokio::pin!(work, connection);
        // The connection is driven until what is wanted of the answer is here, and dropped with the rest of it unread.
        tokio::select! {
            done = &mut work => done,
            ended = &mut connection => match ended {
                Ok(()) => work.await,
                Err(error) => Err(SendError::Http(error)),
            },
        }
    }

    async fn open(&self, target: &Target<'_>) -> Result<Box<dyn Stream>, SendError> {
        let stream = self.connect(target).await?;
        if !target.secure {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(target.host.to_owned()).map_err(|_| SendError::Url("no server name"))?;
        let stream = self.tls.connect(name, stream).await.map_err(SendError::Connect)?;
        Ok(Box::new(stream))
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
        if let Some(private) = addresses.iter().find(|address| !self.reach.allows(address.ip())) {
            return Err(SendError::Private(private.ip()));
        }
        Ok(addresses)
    }
}

async fn in_time<T>(timeout: Duration, answer: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
    tokio::time::timeout(timeout, answer)
        .await
        .unwrap_or(Err(SendError::Timeout(timeout)))
}

/// Where a URI leads.
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

/// The request as it is written on its connection.
fn prepared(uri: &Uri, request: Request<Bytes>) -> Result<Request<Full<Bytes>>, SendError> {
    let authority = uri.authority().ok_or(SendError::Url("no host"))?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| SendError::Url("the host fits into no header"))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = path.parse::<Uri>().map_err(|_| SendError::Url("no path"))?;
    let mut request = request.map(Full::new);
    *request.uri_mut() = path;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// The whole answer, if it is small enough.
async fn read(answer: Response<Incoming>, limit: usize) -> Result<Response<Bytes>, SendError> {
    let (head, mut body) = answer.into_parts();
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(SendError::TooLarge(limit));
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(SendError::Http)?.into_data() else {
            continue;
        };
        if whole.len() + piece.len() > limit {
            return Err(SendError::TooLarge(limit));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Response::from_parts(head, whole.freeze()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers everything with these bytes, and then ends the connection or keeps it open.
    async fn server(answer: &'static str, ends: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if !ends {
                    kept.push(stream);
                }
            }
        });
        address
    }

    fn client(networks: &[&str]) -> Client {
        Client::new(Reach {
            private: false,
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        })
        .unwrap()
    }

    async fn fetch(client: &Client, url: &str) -> Result<Response<Bytes>, SendError> {
        let request = Request::builder().uri(url).body(Bytes::new()).unwrap();
        let bounds = Bounds {
            timeout: Duration::from_millis(500),
            answer_bytes: 8,
        };
        client.fetch(request, bounds).await
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end_or_to_its_bound() {
        let client = client(&["127.0.0.0/8"]);
        let good = server("HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello", true).await;
        let answer = fetch(&client, &format!("http://{good}/")).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (201, &b"hello"[..]));
        let announced = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789", true).await;
        let silent = server("HTTP/1.1 200 OK\r\n\r\n123456789", true).await;
        for large in [announced, silent] {
            let error = fetch(&client, &format!("http://{large}/")).await.unwrap_err();
            assert!(matches!(error, SendError::TooLarge(8)), "{error}");
        }
        let cut = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", true).await;
        let error = fetch(&client, &format!("http://{cut}/")).await.unwrap_err();
        assert!(matches!(error, SendError::Http(_)), "{error}");
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_the_bound() {
        let client = client(&["127.0.0.0/8"]);
        for slow in ["", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"] {
            let slow = server(slow, false).await;
            let error = fetch(&client, &format!("http://{slow}/")).await.unwrap_err();
            assert!(matches!(error, SendError::Timeout(_)), "{error}");
        }
    }

    #[tokio::test]
    async fn what_leads_to_a_private_address_is_not_connected_to() {
        let there = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true).await;
        let nowhere = client(&[]);
        for host in [
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
        ] {
            let error = fetch(&nowhere, &format!("http://{host}:{}/", there.port()))
                .await
                .unwrap_err();
            // Whether a number is an address is the system's to say; connected to it is not.
            assert!(
                matches!(error, SendError::Private(_) | SendError::Name(_)),
                "{host}: {error}"
            );
        }
        let some = client(&["127.0.0.1/32"]);
        assert!(fetch(&some, &format!("http://{there}/")).await.is_ok());
        let error = fetch(&some, &format!("http://127.0.0.2:{}/", there.port()))
            .await
            .unwrap_err();
        assert!(matches!(error, SendError::Private(_)), "{error}");
    }
}
