//! Callbacks to the tenant's server.

use crate::answer::{self, Outcome};
use crate::object::Object;
use crate::registration::Told;
use crate::{registry, ticket};
use switchboard_plugin::host::credentials;
use switchboard_plugin::host::types::Context;
use switchboard_plugin::host::webhooks::{self, Header, HeaderValue, Webhook};

/// Posts a callback: durable, tried again, in order for each address.
pub fn post(url: &str, body: String) -> Outcome<()> {
    webhooks::post(&Webhook {
        url: url.to_owned(),
        headers: vec![Header {
            name: "content-type".to_owned(),
            value: HeaderValue::Text("application/json; charset=utf-8".to_owned()),
        }],
        body,
        order_key: None,
    })?;
    Ok(())
}

/// Tells every address a token is registered with that it went offline.
pub fn offline(ctx: &Context, fingerprint: &str) -> Outcome<()> {
    let Some(record) = registry::record(fingerprint)? else {
        return Ok(());
    };
    let Some(token) = credentials::token_of(&registry::keeper(fingerprint))? else {
        return Ok(());
    };
    for (url, told) in record.callbacks() {
        let info = ticket::signed(info(&told, &token))?;
        post(url, answer::object("ok", info, ctx.now))?;
    }
    Ok(())
}

/// What was attached, and over it the document's fields; of a chat also the user and its groups.
fn info(told: &Told<'_>, token: &str) -> Object {
    let mut info = Object::new();
    for attach in &told.attach {
        info = info.with_all(attach);
    }
    // "colse" is how the document spells it.
    info = info.with("serviceType", "colse").with("token", token);
    info = info.with("eventName", told.events.clone());
    match told.uid {
        Some(uid) => info.with("uid", uid).with("gids", told.gids.clone()),
        None => info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_documents_notice() {
        let attach = json!({ "mine": 1, "token": "forged" });
        let told = Told {
            events: vec!["T-1"],
            attach: vec![attach.as_object().unwrap()],
            ..Told::default()
        };
        assert_eq!(
            info(&told, "9ecf").to_string(),
            r#"{"mine":1,"token":"9ecf","serviceType":"colse","eventName":["T-1"]}"#
        );
        let told = Told {
            uid: Some("u"),
            gids: vec!["A"],
            ..Told::default()
        };
        assert_eq!(
            info(&told, "9ecf").to_string(),
            r#"{"serviceType":"colse","token":"9ecf","eventName":[],"uid":"u","gids":["A"]}"#
        );
    }
}
