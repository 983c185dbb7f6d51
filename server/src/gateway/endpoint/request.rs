//! Requests as the contract has them, without what is between the client and the server alone.

use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::http::request::Parts;

use super::Place;
use crate::gateway::body::{self, Cut};
use crate::gateway::dialect::form;
use crate::gateway::error::RequestId;
use crate::gateway::peer::Peer;
use crate::gateway::rest::bearer;
use crate::model::{Code, Refusal};
use crate::plugin_host::{EndpointRequest, Param};

/// How long a body may take to arrive.
const WALL: Duration = Duration::from_secs(60);
/// The parameter that carries a token.
const TOKEN: &str = "token";

/// A request's head.
pub fn head(parts: &Parts, place: &Place) -> Result<EndpointRequest, Refusal> {
    let client = Peer::of(&parts.extensions);
    let query = form::params(parts.uri.query().unwrap_or_default());
    let mut query = query.ok_or_else(|| Refusal::new(Code::TooLarge, "the query has too many parameters"))?;
    query.retain(|param| param.name != TOKEN);
    Ok(EndpointRequest {
        method: parts.method.as_str().to_owned(),
        path: format!("/{}", place.path),
        query,
        headers: headers(parts),
        body: Vec::new(),
        uid: None,
        remote: client.address.to_string(),
        base: format!("{}/apps/{}/plugins/{}", client.base, place.app, place.plugin),
        id: parts
            .extensions
            .get::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default(),
    })
}

/// A request's headers, without those that may carry what no plugin is to know.
fn headers(parts: &Parts) -> Vec<Param> {
    let hidden = [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE];
    let shown = parts.headers.iter().filter(|(name, _)| !hidden.contains(name));
    let texts = shown.filter_map(|(name, value)| Some((name, std::str::from_utf8(value.as_bytes()).ok()?)));
    texts
        .map(|(name, value)| {
            // The address of a page that was asked for with a token has the token in it.
            let value = match value.split_once('?') {
                Some((address, _)) if *name == header::REFERER => address,
                _ => value,
            };
            Param {
                name: name.as_str().to_owned(),
                value: value.to_owned(),
            }
        })
        .collect()
}

/// The token that came along, if one did.
pub fn token(parts: &Parts) -> Option<String> {
    if let Some(token) = bearer(&parts.headers) {
        return Some(token.to_owned());
    }
    let query = form::params(parts.uri.query().unwrap_or_default())?;
    let given = query.into_iter().find(|param| param.name == TOKEN);
    given.map(|param| param.value)
}

/// A request's body.
pub async fn body(body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    match body::whole(body, most, WALL).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(Cut::TooLarge) => {
            let text = format!("the body has at most {most} bytes");
            Err(Refusal::too_large("endpoint_body_bytes", text))
        }
        Err(Cut::Early) => Err(Refusal::new(Code::BadFrame, "the body ended early")),
        Err(Cut::Late) => Err(Refusal::new(Code::BadFrame, "the body took too long to arrive")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let request = headers
            .iter()
            .fold(Request::builder().uri(uri), |request, (name, value)| {
                request.header(*name, *value)
            });
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn credentials_stay_on_this_side() {
        let parts = parts(
            "/apps/7/plugins/p/a%20b?x=1&token=t1&x=2",
            &[
                ("authorization", "Basic abc"),
                ("cookie", "a=b"),
                ("proxy-authorization", "x"),
                ("referer", "http://h/p?token=t1"),
                ("X-Other", "y"),
            ],
        );
        assert_eq!(token(&parts).as_deref(), Some("t1"));
        let place = Place {
            app: "7".to_owned(),
            plugin: "p".to_owned(),
            path: "a b".to_owned(),
        };
        let head = head(&parts, &place).unwrap();
        let pairs = |params: &[Param]| -> Vec<String> {
            let pairs = params.iter();
            pairs.map(|param| format!("{}={}", param.name, param.value)).collect()
        };
        assert_eq!(pairs(&head.query), ["x=1", "x=2"]);
        assert_eq!(pairs(&head.headers), ["referer=http://h/p", "x-other=y"]);
        assert_eq!(head.path, "/a b");
        assert!(head.base.ends_with("/apps/7/plugins/p"), "{}", head.base);
    }

    #[test]
    fn a_header_goes_before_a_parameter() {
        let both = parts("/?token=t1", &[("authorization", "Bearer t2")]);
        assert_eq!(token(&both).as_deref(), Some("t2"));
        assert_eq!(token(&parts("/?tokens=t1", &[])), None);
    }
}
