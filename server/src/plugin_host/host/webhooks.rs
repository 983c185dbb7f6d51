//! `webhooks`: requests to other servers that must arrive: stored with what the call has written, sent afterwards, tried
//! again until they have arrived or are given up.

use http::{HeaderName, Uri};
use serde_json::json;

use super::{Answer, invalid, odd};
use crate::model::{HeaderValue, Part, Recipe, Webhook};
use crate::outbound::CONNECTION_HEADERS;
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::bindings::switchboard::plugin::webhooks::{self, Host};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::writes::{Outcome, Write, Writes};

/// The longest URL.
const URL_BYTES: usize = 2048;
/// The largest body.
const BODY_BYTES: usize = 256 << 10;
/// The longest order key.
const KEY_BYTES: usize = 256;
/// How many headers a webhook may have, and how long one may be.
const HEADERS: usize = 32;
const HEADER_BYTES: usize = 4096;
/// How many parts a recipe may have.
const PARTS: usize = 64;

impl Host for State {
    async fn post(&mut self, webhook: webhooks::Webhook) -> Answer<String> {
        self.charge()?;
        // As the guest gave it: what is sealed stays so.
        self.asked("post", || json!(webhook));
        let posted = self.post_webhook(webhook).await;
        self.came(|| json!(posted));
        Ok(posted)
    }
}

impl State {
    async fn post_webhook(&mut self, webhook: webhooks::Webhook) -> Result<String, Error> {
        let (plugin, _) = self.at_work()?;
        let mut delivery = [0; 16];
        plugin.machine.random.fill(&mut delivery);
        let webhook = self.webhook(hex::encode(delivery), webhook)?;
        let delivery = webhook.delivery.clone();
        self.spend_on_write(Quota::Webhooks)?;
        if matches!(self.task.writes, Writes::Held(_)) {
            self.write(Write::Post(webhook)).await?;
            return Ok(delivery);
        }
        match self.write(Write::Post(webhook)).await? {
            Outcome::Posted(delivery) => Ok(delivery),
            _ => Err(odd()),
        }
    }

    /// What is to be sent, with every sealed text put back.
    fn webhook(&self, delivery: String, of: webhooks::Webhook) -> Result<Webhook, Error> {
        let url = self.unseal(&of.url);
        check_url(&url)?;
        let body = self.unseal(&of.body);
        if body.len() > BODY_BYTES {
            return Err(invalid(format!("a webhook's body has at most {BODY_BYTES} bytes")));
        }
        let target = of.order_key.unwrap_or_else(|| url.clone());
        if target.is_empty() || (target != url && target.len() > KEY_BYTES) {
            return Err(invalid(format!("an order-key has 1 to {KEY_BYTES} bytes")));
        }
        if of.headers.len() > HEADERS {
            return Err(invalid(format!("a webhook has at most {HEADERS} headers")));
        }
        let headers = of.headers.into_iter().map(|header| self.header(header));
        Ok(Webhook {
            delivery,
            target,
            headers: headers.collect::<Result<_, _>>()?,
            url,
            body,
        })
    }

    fn header(&self, of: webhooks::Header) -> Result<(String, HeaderValue), Error> {
        let name = of.name.to_ascii_lowercase();
        if HeaderName::from_bytes(name.as_bytes()).is_err() || CONNECTION_HEADERS.contains(&name.as_str()) {
            return Err(invalid(format!("`{name}` is no header that a webhook may have")));
        }
        let value = match of.value {
            webhooks::HeaderValue::TimeSeconds => HeaderValue::TimeSeconds,
            webhooks::HeaderValue::DeliveryId => HeaderValue::DeliveryId,
            webhooks::HeaderValue::Text(text) => {
                let text = self.unseal(&text);
                if text.len() > HEADER_BYTES || http::HeaderValue::from_str(&text).is_err() {
                    return Err(invalid(format!("the value of `{name}` fits into no header")));
                }
                HeaderValue::Text(text)
            }
            webhooks::HeaderValue::Signature(recipe) => {
                HeaderValue::Signature(self.unsealed_recipe(convert::recipe(recipe)?)?)
            }
        };
        Ok((name, value))
    }

    fn unsealed_recipe(&self, mut recipe: Recipe) -> Result<Recipe, Error> {
        if recipe.parts.len() > PARTS {
            return Err(invalid(format!("a recipe has at most {PARTS} parts")));
        }
        for part in &mut recipe.parts {
            if let Part::Text(text) = part {
                *text = self.unseal(text);
                if text.len() > HEADER_BYTES {
                    return Err(invalid(format!("a text in a recipe has at most {HEADER_BYTES} bytes")));
                }
            }
        }
        Ok(recipe)
    }
}

/// Whether something can be sent there. Which addresses are allowed is seen when it is sent.
fn check_url(url: &str) -> Result<(), Error> {
    let good = url.len() <= URL_BYTES
        && url.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri
                    .authority()
                    .is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
        });
    if !good {
        return Err(invalid(format!(
            "a webhook's url is http:// or https://, has no user in it, and at most {URL_BYTES} bytes"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked() {
        for good in [
            "http://a/",
            "https://example.com:8443/x?y=z",
            "http://[::1]:8/",
            "HTTP://a",
        ] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        let long = format!("http://a/{}", "x".repeat(URL_BYTES));
        for bad in [
            "",
            "/x",
            "ftp://a/",
            "http:///x",
            "http://u:p@a/",
            "http://a b/",
            "file:///etc/passwd",
            &long,
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
