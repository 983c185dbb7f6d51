//! The `dialect` hook of one app's install: a request, a socket, a frame, an end, an event. Each call has a desk, which
//! says for whom it may act.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::dialect::Occurrence;
pub use super::bindings::exports::switchboard::plugin::dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Content, Encoded, FaultKind, Guest, Multipart, Reaction,
    Receivers, Request, Response, Upload,
};
pub use super::bindings::switchboard::plugin::types::Param;
use super::description::Description;
use super::desk::{Binder, Desk, Proof};
use super::failure::{Failure, Fault};
use super::instance::Lease;
use super::occurrence::{self, Scene};
use super::plugin::{Missed, Plugin};
use super::speaker::Speaker;
use super::split::{Share, part};
use super::visit::{self, Visit};
use super::writes::Writes;
use super::{PluginHost, convert};
use crate::model::{AppId, Call, ConnectionId, DeviceId, Event, Hook, PluginName, Seq, UserId};
use crate::storage::blobs::Staged;

/// Bytes of what a dialect may leave for itself with a connection.
const STATE: usize = 4 << 10;

/// As whom a call about a connection may act, and how the connection can be bound.
#[derive(Default, Clone)]
pub struct Standing {
    /// Binds it.
    pub binder: Option<Arc<dyn Binder>>,
    /// Whom it is bound to.
    pub user: Option<UserId>,
    /// Its number, once it is bound.
    pub connection: Option<ConnectionId>,
    /// The device it is bound on.
    pub device: Option<DeviceId>,
}

/// An enabled install that speaks a dialect.
#[derive(Clone)]
pub struct Dialect(Arc<Plugin>);

impl PluginHost {
    /// The app's install of a dialect as of now.
    ///
    /// # Errors
    /// `NotInstalled`, or `Failed` if it could not be loaded.
    pub fn dialect(&self, app: AppId, name: &PluginName) -> Result<Dialect, FaultKind> {
        let chain = self.chain(app);
        match chain.enabled(name) {
            Some(plugin) if plugin.blueprint.descriptor.dialect.is_some() => Ok(Dialect(plugin.clone())),
            None if chain.is_broken(name) => Err(FaultKind::Failed),
            _ => Err(FaultKind::NotInstalled),
        }
    }
}

impl Dialect {
    /// The version that a request or a connection of this name meets.
    #[must_use]
    pub fn of(self, name: &str) -> Self {
        let canary = self.0.canary_for(Share::Name(name));
        // A canary that speaks no dialect is no reason to turn anybody away.
        let canary = canary.filter(|canary| canary.blueprint.descriptor.dialect.is_some());
        canary.cloned().map_or(self, Self)
    }

    /// In which of a hundred parts a connection of this name is.
    #[must_use]
    pub fn part(dialect: &PluginName, name: &str) -> u8 {
        part(dialect, Share::Name(name))
    }

    /// Its canary, if there is one, for the connections in the parts that meet it.
    #[must_use]
    pub fn canary(&self) -> Option<Self> {
        let canary = self.0.canary.as_ref()?;
        canary.blueprint.descriptor.dialect.as_ref()?;
        Some(Self(canary.clone()))
    }

    /// Whether connections in a part are this version's.
    #[must_use]
    pub fn meets(&self, part: u8) -> bool {
        self.0.meets(part)
    }

    /// What it said of itself.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        self.0.blueprint.descriptor.dialect.as_ref()
    }

    /// Its pure functions.
    #[must_use]
    pub fn speaker(&self) -> Option<Arc<Speaker>> {
        self.0.speaker.clone()
    }

    /// Answers a request that came with these files.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn on_http(&self, visit: &Visit, uploads: Vec<Staged>) -> Result<Response, FaultKind> {
        let (call, visit) = (&self.call(), self.seen(visit)?);
        let request = visit.request().ok_or(FaultKind::Malformed)?;
        let mut desk = self.desk(Standing::default(), Some(&visit));
        desk.uploads = uploads;
        let answer = self.run(call, desk, |mut lease, guest| async move {
            let context = convert::context(&self.0, call);
            lease.given(|| json!({ "on-http": request }));
            let response = guest.call_on_http(&mut lease.store, &context, request).await?;
            lease.answered(|| json!(response));
            Ok((fitting(response)?, lease))
        });
        let (response, desk) = answer.await?;
        Ok(visit::opened(&desk.seal, response))
    }

    /// Lets a socket in, or answers its request instead.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn on_open(
        &self,
        standing: Standing,
        connection: &Connection,
        visit: &Visit,
    ) -> Result<Result<Reaction, Response>, FaultKind> {
        let (call, visit) = (&self.call(), self.seen(visit)?);
        let request = visit.request().ok_or(FaultKind::Malformed)?;
        let desk = self.desk(standing, Some(&visit));
        let answer = self.run(call, desk, |mut lease, guest| async move {
            let context = convert::context(&self.0, call);
            lease.given(|| json!({ "on-open": { "connection": connection, "request": request } }));
            let opened = guest
                .call_on_open(&mut lease.store, &context, connection, request)
                .await?;
            lease.answered(|| json!(opened));
            let opened = match opened {
                Ok(reaction) => Ok(small(reaction)?),
                Err(response) => Err(fitting(response)?),
            };
            Ok((opened, lease))
        });
        let (opened, desk) = answer.await?;
        Ok(match opened {
            Ok(reaction) => Ok(said(&desk, reaction)),
            Err(response) => Err(visit::opened(&desk.seal, response)),
        })
    }

    /// Answers a frame.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn on_frame(
        &self,
        standing: Standing,
        connection: &Connection,
        visit: &Visit,
    ) -> Result<Reaction, FaultKind> {
        let (call, visit) = (&self.call(), self.seen(visit)?);
        let Arrival::Frame(frame) = visit.arrival() else {
            return Err(FaultKind::Malformed);
        };
        let desk = self.desk(standing, Some(&visit));
        let answer = self.run(call, desk, |mut lease, guest| async move {
            let context = convert::context(&self.0, call);
            lease.given(|| json!({ "on-frame": { "connection": connection, "frame": frame } }));
            let reaction = guest
                .call_on_frame(&mut lease.store, &context, connection, frame)
                .await?;
            lease.answered(|| json!(reaction));
            Ok((small(reaction)?, lease))
        });
        let (reaction, desk) = answer.await?;
        Ok(said(&desk, reaction))
    }

    /// Tells of the end of a connection. A failure is counted and in the plugin's log.
    pub async fn on_close(&self, connection: &Connection, reason: CloseReason) {
        let (call, desk) = (&self.call(), self.desk(Standing::default(), None));
        let told = self.run(call, desk, |mut lease, guest| async move {
            let context = convert::context(&self.0, call);
            guest
                .call_on_close(&mut lease.store, &context, connection, reason)
                .await?;
            Ok(((), lease))
        });
        // Nobody waits for it to go well.
        let _ = told.await;
    }

    /// The frames that tell of an event. A failure is counted and in the plugin's log, and the event not told.
    pub async fn encode(&self, event: &Event) -> Vec<Encoded> {
        let call = &self.call();
        let Some(occurrence) = &self.occurrence(call, event).await else {
            return Vec::new();
        };
        let desk = self.desk(Standing::default(), None);
        let answer = self.run(call, desk, |mut lease, guest| async move {
            let context = convert::context(&self.0, call);
            lease.given(|| json!({ "encode": occurrence }));
            let frames = guest.call_encode(&mut lease.store, &context, occurrence).await?;
            lease.answered(|| json!(frames));
            Ok((frames, lease))
        });
        let Ok((mut frames, desk)) = answer.await else {
            return Vec::new();
        };
        for encoded in &mut frames {
            desk.seal.open(&mut encoded.frame);
        }
        frames
    }

    async fn occurrence(&self, call: &Call, event: &Event) -> Option<Occurrence> {
        let (found, seq) = occurrence::place(&event.change, &event.audience);
        let carried = occurrence::roster(&event.change, &event.audience);
        let asked = match found {
            Some(id) if carried.is_none() || seq.is_none() => self.0.machine.scene(event.app, id).await,
            _ => None,
        };
        let last_seq = seq.or(asked.as_ref().map(|(_, seq)| *seq)).unwrap_or(Seq(0));
        let roster = carried.or(asked.as_ref().map(|(roster, _)| &**roster));
        let scene = roster.map(|roster| Scene { roster, last_seq });
        occurrence::occurrence(&event.change, scene, call.now)
    }

    /// What has come in, as this version of the dialect may see it.
    fn seen<'v>(&self, visit: &'v Visit) -> Result<Cow<'v, Visit>, FaultKind> {
        let description = self.description().ok_or(FaultKind::NotInstalled)?;
        Ok(visit.for_guest(description, &self.0.machine.random))
    }

    fn desk(&self, standing: Standing, visit: Option<&Visit>) -> Desk {
        let random = &self.0.machine.random;
        Desk {
            proven: standing.user.map(Proof::User).into_iter().collect(),
            binder: standing.binder,
            connection: standing.connection,
            device: standing.device,
            ..visit.map_or_else(
                || Desk::new(random.clone()),
                |visit| Desk::sealing(visit.seal(), visit.wrong().clone()),
            )
        }
    }

    fn call(&self) -> Call {
        Call {
            app: self.0.install.app,
            id: self.0.machine.fresh_call_id(),
            now: self.0.machine.clock.now(),
            depth: 0,
            after: self.0.machine.delivered(),
        }
    }

    /// Runs a call; the desk comes back with what was sealed in it.
    async fn run<T, F, Fut>(&self, call: &Call, desk: Desk, work: F) -> Result<(T, Box<Desk>), FaultKind>
    where
        F: FnOnce(Lease, Guest) -> Fut + Send,
        Fut: Future<Output = wasmtime::Result<(T, Lease)>> + Send,
        T: Send,
    {
        let Some(indices) = &self.0.blueprint.hooks.dialect else {
            return Err(FaultKind::NotInstalled);
        };
        let answer = self.0.run_at(
            Some(Box::new(desk)),
            Hook::Dialect,
            call,
            Writes::once(),
            |mut lease| async move {
                let guest = lease.guest(|store, instance| indices.load(store, instance))?;
                let (value, mut lease) = work(lease, guest).await?;
                let desk = lease.store.data_mut().task.desk.take();
                Ok(((value, desk), lease))
            },
        );
        match answer.await {
            Ok(answer) => {
                answer.verdict.succeeded();
                let (value, desk) = answer.value;
                desk.map(|desk| (value, desk)).ok_or(FaultKind::Failed)
            }
            Err(Missed::Failed(Failure::PoolFull)) => Err(FaultKind::Busy),
            Err(Missed::Failed(_) | Missed::Suspended(_)) => Err(FaultKind::Failed),
        }
    }
}

/// A reaction with the real texts in their places.
fn said(desk: &Desk, mut reaction: Reaction) -> Reaction {
    for frame in &mut reaction.frames {
        desk.seal.open(frame);
    }
    reaction
}

/// A response whose status may be sent.
fn fitting(response: Response) -> wasmtime::Result<Response> {
    if (200..=599).contains(&response.status) {
        return Ok(response);
    }
    let text = format!("the status {} is not from 200 to 599", response.status);
    Err(Fault::nonsense(text))
}

/// A reaction whose state may be kept.
fn small(reaction: Reaction) -> wasmtime::Result<Reaction> {
    match &reaction.state {
        Some(state) if state.len() > STATE => {
            let text = format!("a connection's state has {} bytes, more than {STATE}", state.len());
            Err(Fault::nonsense(text))
        }
        _ => Ok(reaction),
    }
}
