//! Foreign protocols: a request below a mount goes to the dialect that is mounted there, as whichever app it is for; a
//! WebSocket's frames do the same, and events come back in the dialect's own words. What cannot be passed on is told in
//! those words too.

mod berth;
pub(super) mod form;
mod http;
mod interpreter;
mod request;
pub(super) mod response;
mod session;
mod socket;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use self::interpreter::Interpreters;
use super::peer::Peer;
use super::socket::handshake;
use super::{Edge, error};
use crate::model::{App, AppId, Code, Random};
use crate::plugin_host::{Address, Answer, Dialect, FaultKind, Found, Missed, Mounted, Mounts, PluginHost, Visit};

/// Where native connections come in.
pub(super) const NATIVE_SOCKET: &str = "/v1/ws";

/// How many ends of connections are told to dialects at the same time.
const ENDINGS: usize = 64;

/// What foreign protocols lead to.
pub(super) struct Dialects {
    edge: Arc<Edge>,
    plugins: Arc<PluginHost>,
    mounts: Arc<Mounts>,
    random: Arc<dyn Random>,
    interpreters: Interpreters,
    endings: Semaphore,
}

/// Which app's install something goes to.
#[derive(Clone)]
struct Owner {
    app: Arc<App>,
    dialect: Dialect,
}

impl Dialects {
    pub(super) fn new(
        edge: Arc<Edge>,
        plugins: Arc<PluginHost>,
        mounts: Arc<Mounts>,
        random: Arc<dyn Random>,
    ) -> Arc<Self> {
        Arc::new(Self {
            interpreters: Interpreters::new(plugins.clone(), edge.tasks.clone(), edge.limits.dialect_queue),
            edge,
            plugins,
            mounts,
            random,
            endings: Semaphore::new(ENDINGS),
        })
    }

    /// Whose something that has come in is, in the version that whoever has this name meets: none if the first frame will
    /// tell.
    async fn owner(&self, mounted: &Mounted, visit: &Visit, name: &str) -> Result<Option<Owner>, FaultKind> {
        let app = match mounted.mount.app {
            Some(app) => app,
            None => match self.identify(mounted, visit).await? {
                Some(app) => app,
                None => return Ok(None),
            },
        };
        self.of_app(mounted, app, name).map(Some)
    }

    /// The install that answers for an app at a mount.
    fn of_app(&self, mounted: &Mounted, app: AppId, name: &str) -> Result<Owner, FaultKind> {
        let app = self
            .edge
            .chat
            .tenants()
            .enabled(app)
            .map_err(|refusal| match refusal.code {
                Code::AppDisabled => FaultKind::DisabledApp,
                _ => FaultKind::UnknownApp,
            })?;
        let dialect = self.plugins.dialect(app.id, &mounted.mount.dialect)?;
        let dialect = dialect.of(name);
        Ok(Owner { app, dialect })
    }

    /// The app that the dialect says; none if it says so later.
    async fn identify(&self, mounted: &Mounted, visit: &Visit) -> Result<Option<AppId>, FaultKind> {
        let speaker = self.mounts.speaker(mounted).ok_or(FaultKind::Failed)?;
        let address = speaker.identify(visit).await.map_err(|missed| {
            // One that is left alone was told of when it failed.
            if let Missed::Failed(failure) = missed {
                tracing::warn!(dialect = %mounted.mount.dialect, %failure, "a dialect cannot say whose a request is");
            }
            FaultKind::Failed
        })?;
        match address {
            Address::App(app) => app.parse().map(Some).map_err(|_| FaultKind::UnknownApp),
            Address::Token(token) => {
                let issued = self.issued(&token).await;
                if let Err(FaultKind::Unidentified) = issued {
                    visit.wrong().add();
                }
                issued.map(Some)
            }
            Address::Later => Ok(None),
            Address::Unknown => Err(FaultKind::Unidentified),
        }
    }

    /// The app in which a token was issued.
    async fn issued(&self, token: &str) -> Result<AppId, FaultKind> {
        let hash = Sha256::digest(token).into();
        let known = self.edge.chat.people().token(hash, self.edge.clock.now()).await;
        known.map(|token| token.app).map_err(|refusal| match refusal.code {
            Code::Busy | Code::StorageUnavailable => FaultKind::Busy,
            _ => FaultKind::Unidentified,
        })
    }

    /// Whether a dialect takes this request for a socket.
    fn opens(&self, request: &Request) -> bool {
        let Ok(path) = form::decode(request.uri().path(), false) else {
            return false;
        };
        let client = request.extensions().get::<Peer>();
        let host = client.map_or("localhost", Peer::host);
        handshake::asks(request.headers()) && self.mounts.find(host, &path, true).is_some()
    }

    /// The dialect's words for what cannot be passed on; none if it has none.
    async fn fault(&self, mounted: &Mounted, visit: &Visit, fault: FaultKind) -> Option<Answer> {
        let speaker = self.mounts.speaker(mounted)?;
        let said = speaker.fault(visit, fault).await;
        said.inspect_err(|missed| {
            if let Missed::Failed(failure) = missed {
                tracing::warn!(dialect = %mounted.mount.dialect, %failure, ?fault, "a dialect has no words for it");
            }
        })
        .ok()
    }
}

/// A layer: a request that wants to become a WebSocket goes to a dialect also where a page of the server's own is, as at
/// `/`; the native protocol's one address for sockets stays its own.
pub(super) async fn divert(State(dialects): State<Arc<Dialects>>, request: Request, next: Next) -> Response {
    let diverted = request.headers().contains_key(header::UPGRADE)
        && request.uri().path() != NATIVE_SOCKET
        && dialects.opens(&request);
    if diverted {
        answer(State(dialects), request).await
    } else {
        next.run(request).await
    }
}

/// Answers what no route of the server's own answers.
pub(super) async fn answer(State(dialects): State<Arc<Dialects>>, mut request: Request) -> Response {
    let client = Peer::of(request.extensions());
    let Ok(path) = form::decode(request.uri().path(), false) else {
        return error::unknown_route().await;
    };
    let socket = *request.method() == Method::GET && handshake::asks(request.headers());
    let found = dialects.mounts.find(client.host(), &path, socket);
    let Some(Found { mounted, path }) = found else {
        return error::unknown_route().await;
    };
    let gate = &dialects.edge.gate;
    let passed = gate.pass(&mut request).and_then(|()| gate.may_prove(client.address));
    if response::is_preflight(&request) && passed.is_ok() {
        return response::preflight(&request);
    }
    if let Err(refusal) = passed {
        return Box::pin(http::hold(
            &dialects,
            &mounted,
            client,
            path,
            (request, socket),
            refusal,
        ))
        .await;
    }
    if socket {
        Box::pin(socket::open(dialects, mounted, client, path, request)).await
    } else {
        Box::pin(http::answer(&dialects, &mounted, client, path, request)).await
    }
}
