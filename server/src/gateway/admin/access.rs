//! Who may: the operator everywhere, a tenant in its own app. Secrets are compared in constant time.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Admin;
use crate::gateway::auth::same;
use crate::gateway::error::{Failure, Result};
use crate::gateway::gate;
use crate::gateway::rest::bearer;
use crate::model::{App, AppId, Code, Refusal, Who};

/// The operator asks.
pub struct Operator;

/// The operator or the app's own tenant asks, about this app.
pub struct Tenant(pub Arc<App>);

/// Who asks, for the audit log: beside one of the others, which says whether it may.
pub struct By(pub Who);

impl FromRequestParts<Arc<Admin>> for By {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self> {
        Ok(Self(match holder(parts, admin).await? {
            Holder::Operator => Who::Operator,
            Holder::Tenant(_) => Who::App,
        }))
    }
}

enum Holder {
    Operator,
    Tenant(Arc<App>),
}

impl FromRequestParts<Arc<Admin>> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self> {
        match holder(parts, admin).await? {
            Holder::Operator => Ok(Self),
            Holder::Tenant(_) => Err(Refusal::not_found("address").into()),
        }
    }
}

impl FromRequestParts<Arc<Admin>> for Tenant {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self> {
        let holder = holder(parts, admin).await?;
        let app = named(parts, admin).await;
        match (holder, app) {
            (Holder::Operator, Some(app)) => Ok(Self(app)),
            (Holder::Tenant(own), Some(app)) if own.id == app.id => {
                if !app.enabled {
                    return Err(Refusal::new(Code::AppDisabled, "this app is disabled").into());
                }
                Ok(Self(app))
            }
            _ => Err(Refusal::not_found("app").into()),
        }
    }
}

/// What a path names under an app. A bad name names nothing that could be there.
pub struct Under<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Under<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path((_, name)) = Path::<(AppId, T)>::from_request_parts(parts, state).await?;
        Ok(Self(name))
    }
}

/// What a path names under a thing of an app.
pub struct Beneath<A, B>(pub A, pub B);

impl<A, B, S> FromRequestParts<S> for Beneath<A, B>
where
    A: DeserializeOwned + Send,
    B: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path((_, a, b)) = Path::<(AppId, A, B)>::from_request_parts(parts, state).await?;
        Ok(Self(a, b))
    }
}

/// Whose token this is, if its address may still show any.
async fn holder(parts: &Parts, admin: &Admin) -> Result<Holder, Refusal> {
    let from = gate::address_of(&parts.extensions);
    admin.gate.check(from, async { whose(parts, admin) }).await
}

fn whose(parts: &Parts, admin: &Admin) -> Result<Holder, Refusal> {
    let Some(token) = bearer(&parts.headers) else {
        return Err(Refusal::new(
            Code::Unauthenticated,
            "the operator token or an app's secret is required",
        ));
    };
    if admin.token.as_deref().is_some_and(|operator| same(operator, token)) {
        return Ok(Holder::Operator);
    }
    let tenant = admin
        .chat
        .tenants()
        .list()
        .into_iter()
        .find(|app| same(&app.secret, token));
    match tenant {
        Some(app) => Ok(Holder::Tenant(app)),
        None if admin.token.is_none() => Err(Refusal::new(Code::BadToken, "no operator token is set on this server")),
        None => Err(Refusal::new(
            Code::BadToken,
            "neither the operator token nor an app's secret",
        )),
    }
}

/// The app that the path names.
async fn named(parts: &mut Parts, admin: &Admin) -> Option<Arc<App>> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let app: AppId = params.iter().find(|(name, _)| *name == "app")?.1.parse().ok()?;
    admin.chat.tenants().get(app)
}
