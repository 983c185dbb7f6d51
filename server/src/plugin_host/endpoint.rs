//! The `endpoint` hook: an install answers HTTP requests under its own path. Each call has a desk on which nothing but the
//! user lies whose token came with the request, so that the guest can act as that one and, without more proofs, as nobody
//! else.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;

pub use super::bindings::exports::switchboard::plugin::endpoint::{
    Request as EndpointRequest, Response as EndpointResponse,
};
use super::desk::{Desk, Proof};
use super::failure::{Failure, Fault};
use super::plugin::{Missed, Plugin};
use super::split::Share;
use super::writes::Writes;
use super::{PluginHost, convert};
use crate::model::{AppId, Call, DeviceId, Hook, Millis, PluginName, UserId};

/// Bytes of a body that are written down for who looks.
const SHOWN: usize = 4 << 10;
/// What an answer may hold beside its body, in bytes.
const HEAD: usize = 1 << 20;

/// An enabled install that answers requests.
#[derive(Clone)]
pub struct Endpoint(Arc<Plugin>);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointFault {
    /// The app has no such install, or that one answers no requests.
    Absent,
    /// It could not be loaded, or did not answer; its log says why.
    Failed,
    /// It has failed too often: the next trial is at this time.
    Suspended(Millis),
    /// It has too much to do, or the server has.
    Busy,
}

/// Who has sent a request, as its token says.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The user.
    pub user: UserId,
    /// The device the token is for.
    pub device: Option<DeviceId>,
}

impl PluginHost {
    /// The app's install of a name as of now, if it answers requests.
    ///
    /// # Errors
    /// `Absent`, or `Failed` if it could not be loaded.
    pub fn endpoint(&self, app: AppId, name: &PluginName) -> Result<Endpoint, EndpointFault> {
        let chain = self.chain(app);
        match chain.enabled(name) {
            Some(plugin) if plugin.blueprint.hooks.endpoint.is_some() => Ok(Endpoint(plugin.clone())),
            None if chain.is_broken(name) => Err(EndpointFault::Failed),
            _ => Err(EndpointFault::Absent),
        }
    }
}

impl Endpoint {
    /// The version that whoever has this name meets: a user's, or an address where no user is known.
    fn of(&self, name: &str) -> &Arc<Plugin> {
        let canary = self.0.canary_for(Share::Name(name));
        let canary = canary.filter(|canary| canary.blueprint.hooks.endpoint.is_some());
        canary.unwrap_or(&self.0)
    }

    /// A place for a request whose body is still to come, so that no install fills the memory with them.
    ///
    /// # Errors
    /// `Busy` if all are taken.
    pub fn enter(&self) -> Result<SemaphorePermit<'_>, EndpointFault> {
        self.0.visitors.try_acquire().map_err(|_| EndpointFault::Busy)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn handle(
        &self,
        request: EndpointRequest,
        visitor: Option<Visitor>,
    ) -> Result<EndpointResponse, EndpointFault> {
        let plugin = self.of(request.uid.as_deref().unwrap_or(&request.remote));
        let Some(indices) = &plugin.blueprint.hooks.endpoint else {
            return Err(EndpointFault::Absent);
        };
        let machine = &plugin.machine;
        let settings = &machine.settings;
        let call = &Call {
            app: plugin.install.app,
            id: machine.fresh_call_id(),
            now: machine.clock.now(),
            depth: 0,
            after: machine.delivered(),
        };
        let (user, device) = visitor.map(|visitor| (visitor.user, visitor.device)).unzip();
        let desk = Desk {
            proven: user.map(Proof::User).into_iter().collect(),
            counts: true,
            device: device.flatten(),
            ..Desk::new(machine.random.clone())
        };
        let answer = plugin.run_at(
            Some(Box::new(desk)),
            Hook::Endpoint,
            call,
            Writes::once(),
            |mut lease| async move {
                let guest = lease.guest(|store, instance| indices.load(store, instance))?;
                let context = convert::context(plugin, call);
                // A body may be larger than anything else that a guest hands over.
                let output = settings.output_bytes.max(settings.endpoint_bytes.saturating_add(HEAD));
                lease.store.set_hostcall_fuel(output);
                lease.given(|| shown(&request));
                let response = guest.call_handle(&mut lease.store, &context, &request).await?;
                lease.answered(|| answered(&response));
                lease.store.set_hostcall_fuel(settings.output_bytes);
                let desk = lease.store.data_mut().task.desk.take();
                Ok(((fitting(response, settings.endpoint_bytes)?, desk), lease))
            },
        );
        match answer.await {
            Ok(answer) => {
                answer.verdict.succeeded();
                let (response, desk) = answer.value;
                Ok(match desk {
                    Some(desk) => opened(&desk, response),
                    None => response,
                })
            }
            Err(Missed::Suspended(until)) => Err(EndpointFault::Suspended(until)),
            Err(Missed::Failed(Failure::PoolFull | Failure::Server)) => Err(EndpointFault::Busy),
            Err(Missed::Failed(_)) => Err(EndpointFault::Failed),
        }
    }
}

/// A response that may be sent.
fn fitting(response: EndpointResponse, bytes: usize) -> wasmtime::Result<EndpointResponse> {
    if !(200..=599).contains(&response.status) {
        let text = format!("the status {} is not from 200 to 599", response.status);
        return Err(Fault::nonsense(text));
    }
    if response.body.len() > bytes {
        let text = format!(
            "the body has {} bytes, more than endpoint_body_bytes ({bytes})",
            response.body.len()
        );
        return Err(Fault::nonsense(text));
    }
    Ok(response)
}

/// A response with the real texts in the places of what the call has sealed.
fn opened(desk: &Desk, mut response: EndpointResponse) -> EndpointResponse {
    for header in &mut response.headers {
        desk.seal.open(&mut header.value);
    }
    response.body = match String::from_utf8(response.body) {
        Ok(mut text) => {
            desk.seal.open(&mut text);
            text.into_bytes()
        }
        Err(bytes) => bytes.into_bytes(),
    };
    response
}

/// A request for who looks: its body as text, as much of it as is kept.
fn shown(request: &EndpointRequest) -> Value {
    json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "uid": request.uid,
        "body": text(&request.body),
    })
}

/// A response for who looks.
fn answered(response: &EndpointResponse) -> Value {
    json!({ "status": response.status, "headers": response.headers, "body": text(&response.body) })
}

/// The beginning of a body.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned()
}
