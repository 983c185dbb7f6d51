//! Where a connection is bound to a user: asked for by the dialect in one of its calls, taken up by the connection's
//! task when the call is over. What happens in between waits in the inbox.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::Dialects;
use crate::chat::Visitor;
use crate::gateway::socket::place::Place;
use crate::hub::{CloseReason, Inbox, Tongue};
use crate::model::{App, Code, ConnectionId, DeviceId, Refusal, UserId};
use crate::plugin_host::{Binder, Dialect, Mounted};

/// A connection's way into the hub.
pub struct Berth {
    dialects: Arc<Dialects>,
    mounted: Arc<Mounted>,
    app: Arc<App>,
    /// The connection's name.
    name: String,
    remote: String,
    berth: Mutex<State>,
}

enum State {
    Free,
    /// Somebody is on the way in.
    Asked,
    Bound(Box<(Place, Inbox)>),
    Taken,
}

impl Berth {
    /// For a connection of this name, from an address that is bound to nobody, or (none) for one that is bound to somebody
    /// already.
    pub fn new(
        dialects: Arc<Dialects>,
        mounted: Arc<Mounted>,
        app: Arc<App>,
        name: String,
        remote: Option<&str>,
    ) -> Arc<Self> {
        let berth = Mutex::new(remote.map_or(State::Taken, |_| State::Free));
        Arc::new(Self {
            dialects,
            mounted,
            app,
            name,
            remote: remote.unwrap_or_default().to_owned(),
            berth,
        })
    }

    /// The place in the hub and what has come meanwhile, if the connection was bound.
    pub fn take(&self) -> Option<(Place, Inbox)> {
        let mut berth = self.berth.lock();
        match std::mem::replace(&mut *berth, State::Taken) {
            State::Bound(bound) => Some(*bound),
            other => {
                *berth = other;
                None
            }
        }
    }

    async fn enter(&self, user: &UserId, device: Option<DeviceId>) -> Result<(Place, Inbox), Refusal> {
        let edge = &self.dialects.edge;
        edge.chat.people().admit(&self.app, user, edge.clock.now()).await?;
        // Settings may have changed since the connection came in.
        let app = edge.chat.tenants().enabled(self.app.id)?;
        let device = device.unwrap_or_else(DeviceId::unnamed);
        let visitor = Visitor {
            app: app.id,
            user,
            device: &device,
            dialect: Some(&self.mounted.mount.dialect),
            remote: &self.remote,
            now: edge.clock.now(),
        };
        edge.chat.let_in(visitor).await?;
        let ticket = edge.gate.admit(app.id)?;
        let dialect = &self.mounted.mount.dialect;
        let interpreter = self.dialects.interpreters.of(app.id, dialect);
        let arrival = edge.hub.enter(
            app.id,
            user.clone(),
            device,
            Tongue::Interpreted(interpreter, Dialect::part(dialect, &self.name)),
            app.settings.login,
        );
        let place = Place::take(edge, arrival.link, arrival.first, ticket);
        // Whoever comes in after everybody was sent away has not been told.
        if edge.shutdown.is_cancelled() {
            place.link.close(CloseReason::GoingAway);
        }
        Ok((place, arrival.inbox))
    }
}

#[async_trait]
impl Binder for Berth {
    async fn bind(&self, user: &UserId, device: Option<DeviceId>) -> Result<ConnectionId, Refusal> {
        {
            let mut berth = self.berth.lock();
            if !matches!(*berth, State::Free) {
                return Err(Refusal::new(Code::Conflict, "this connection is bound already"));
            }
            *berth = State::Asked;
        }
        let entered = self.enter(user, device).await;
        let mut berth = self.berth.lock();
        match entered {
            Ok((place, inbox)) => {
                let id = place.link.id;
                *berth = State::Bound(Box::new((place, inbox)));
                Ok(id)
            }
            Err(refusal) => {
                *berth = State::Free;
                Err(refusal)
            }
        }
    }
}
