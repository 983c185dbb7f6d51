//! From an event to the requests that tell of it: one for each target that wants to hear, in the order of the
//! configuration, so that a repeated call makes the same ones.

use crate::body::{self, Envelope};
use crate::config::{Config, Order, Target};
use crate::happening::Happening;
use switchboard_plugin::host::types::{Algorithm, Context, Error, Part, Recipe};
use switchboard_plugin::host::webhooks::{Header, HeaderValue, Webhook};

/// The requests for an event, each with the name of its target.
#[must_use]
pub fn pack<'a>(config: &'a Config, ctx: &Context, happening: &Happening) -> Vec<(&'a str, Webhook)> {
    let mut wanted = config
        .targets
        .iter()
        .filter(|target| target.wants(happening))
        .peekable();
    if wanted.peek().is_none() {
        return Vec::new();
    }
    let envelope = Envelope {
        app: &ctx.app_id,
        call: &ctx.call_id,
        depth: ctx.depth,
        name: happening.name,
        at: happening.at.unwrap_or(ctx.now),
    };
    let body = body::write(envelope, &happening.facts);
    let parcel = |target: &'a Target| {
        let webhook = Webhook {
            url: target.url.clone(),
            headers: headers(target, happening.name),
            body: body.clone(),
            order_key: Some(order_key(target, happening)),
        };
        (target.name.as_str(), webhook)
    };
    wanted.map(parcel).collect()
}

/// Hands the requests in, in their order. The first that may pass later ends the call: it is made again, and finds those
/// before it in their places. One that went in after it would be taken for it.
///
/// # Errors
/// Which target waits, and for what. What no later call would mend is told to `lost`.
pub fn hand_in(
    parcels: &[(&str, Webhook)],
    post: impl Fn(&Webhook) -> Result<String, Error>,
    lost: impl Fn(String),
) -> Result<(), String> {
    for (target, parcel) in parcels {
        match post(parcel) {
            Ok(_) => {}
            // The queue is full, or the server is going.
            Err(error) if error.passes() => return Err(format!("{target}: {}", String::from(error))),
            Err(error) => lost(format!("{target} is not told: {}", String::from(error))),
        }
    }
    Ok(())
}

fn headers(target: &Target, event: &str) -> Vec<Header> {
    // Of `time.body`, under the app's secret.
    let recipe = Recipe {
        algorithm: Algorithm::HmacSha256,
        parts: vec![Part::TimeSeconds, Part::Text(".".to_owned()), Part::Body],
    };
    let own = [
        ("switchboard-id", HeaderValue::DeliveryId),
        ("switchboard-timestamp", HeaderValue::TimeSeconds),
        ("switchboard-signature", HeaderValue::Signature(recipe)),
        ("switchboard-event", HeaderValue::Text(event.to_owned())),
    ];
    let further = target.headers.iter();
    let further = further.map(|(name, value)| (name.as_str(), HeaderValue::Text(value.clone())));
    let header = |(name, value): (&str, HeaderValue)| Header {
        name: name.to_owned(),
        value,
    };
    // The signed ones come last: nothing replaces them.
    further.chain(own).map(header).collect()
}

/// Deliveries of one key go one after the other.
fn order_key(target: &Target, happening: &Happening) -> String {
    match (target.order, &happening.place, happening.uids.first()) {
        (Order::Conversation, Some(place), _) => format!("{}/c/{}", target.name, place.id),
        (Order::Conversation, None, Some(uid)) => format!("{}/u/{uid}", target.name),
        _ => target.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::happening::Place;
    use serde_json::{Value, json};
    use std::cell::{Cell, RefCell};
    use switchboard_plugin::testing::context;

    fn config(targets: Value) -> Config {
        Config::parse(&json!({ "targets": targets }).to_string()).unwrap()
    }

    fn sent() -> Happening {
        Happening {
            name: "message.sent",
            place: Some(Place {
                id: "7".to_owned(),
                kind: "group",
            }),
            uids: vec!["ann".to_owned()],
            ..Happening::default()
        }
    }

    #[test]
    fn each_target_that_wants_to_hear_gets_one() {
        let config = config(json!([
            { "name": "a", "url": "https://a/" },
            { "name": "b", "url": "https://b/", "events": ["user.*"] },
            { "name": "c", "url": "https://c/", "order": "target" }
        ]));
        let parcels = pack(&config, &context(), &sent());
        let seen: Vec<_> = parcels
            .iter()
            .map(|(name, parcel)| (*name, parcel.url.as_str(), parcel.order_key.as_deref().unwrap()))
            .collect();
        assert_eq!(seen, [("a", "https://a/", "a/c/7"), ("c", "https://c/", "c")]);
        assert_eq!(parcels[0].1.body, parcels[1].1.body, "the same event");
        let body: Value = serde_json::from_str(&parcels[0].1.body).unwrap();
        assert_eq!(
            body,
            json!({ "id": "app.call", "type": "message.sent", "version": 1, "app": "app", "at": 0, "depth": 0 })
        );
    }

    /// A call is made again until all is in; a server that names what goes in by its place in the call has each once.
    #[test]
    fn one_that_waits_loses_and_doubles_none() {
        let config = config(json!([
            { "name": "a", "url": "https://a/" },
            { "name": "b", "url": "https://b/" },
            { "name": "c", "url": "https://c/" }
        ]));
        let parcels = pack(&config, &context(), &sent());
        for refused in 0..4 {
            let (posted, lost) = (RefCell::new(Vec::<String>::new()), RefCell::new(Vec::new()));
            for first in [true, false] {
                // The place is drawn for what is let in alone.
                let (asked, place) = (Cell::new(0), Cell::new(0));
                let post = |webhook: &Webhook| {
                    let number = asked.replace(asked.get() + 1);
                    if first && number == refused {
                        return Err(Error::Quota("webhooks_per_minute".to_owned()));
                    }
                    let mut posted = posted.borrow_mut();
                    if posted.len() == place.replace(place.get() + 1) {
                        posted.push(webhook.url.clone());
                    }
                    Ok(String::new())
                };
                let done = hand_in(&parcels, post, |text| lost.borrow_mut().push(text));
                assert_eq!(done.is_err(), first && refused < 3);
            }
            assert_eq!(posted.take(), ["https://a/", "https://b/", "https://c/"]);
            assert!(lost.take().is_empty());
        }
    }

    #[test]
    fn one_that_can_never_go_in_holds_up_none() {
        let config = config(json!([{ "name": "a", "url": "https://a/" }, { "name": "b", "url": "https://b/" }]));
        let (posted, lost) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let post = |webhook: &Webhook| {
            posted.borrow_mut().push(webhook.url.clone());
            Err(Error::Invalid("no".to_owned()))
        };
        let done = hand_in(&pack(&config, &context(), &sent()), post, |text| {
            lost.borrow_mut().push(text)
        });
        assert_eq!((done, posted.take().len(), lost.take().len()), (Ok(()), 2, 2));
    }

    #[test]
    fn what_belongs_to_no_conversation_waits_for_its_user() {
        let config = config(json!([{ "name": "a", "url": "https://a/" }]));
        let key = |happening: &Happening| pack(&config, &context(), happening)[0].1.order_key.clone().unwrap();
        let mut happening = sent();
        happening.place = None;
        assert_eq!(key(&happening), "a/u/ann");
        happening.uids.clear();
        assert_eq!(key(&happening), "a");
    }

    #[test]
    fn the_signature_is_over_time_and_body() {
        let config = config(json!([{ "name": "a", "url": "https://a/", "headers": { "Authorization": "Bearer x" } }]));
        let (_, parcel) = pack(&config, &context(), &sent()).remove(0);
        let names: Vec<&str> = parcel.headers.iter().map(|header| header.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Authorization",
                "switchboard-id",
                "switchboard-timestamp",
                "switchboard-signature",
                "switchboard-event"
            ]
        );
        let HeaderValue::Signature(recipe) = &parcel.headers[3].value else {
            panic!("no signature")
        };
        assert_eq!(recipe.algorithm, Algorithm::HmacSha256);
        assert_eq!(
            recipe.parts,
            [Part::TimeSeconds, Part::Text(".".to_owned()), Part::Body]
        );
    }
}
