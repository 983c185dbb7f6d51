//! Which targets want to hear of which events: everything that a target names must fit.

use crate::config::Target;
use crate::happening::Happening;

impl Target {
    /// Whether this target is told.
    #[must_use]
    pub fn wants(&self, happening: &Happening) -> bool {
        let place = happening.place.as_ref();
        (self.plugins || !happening.automatic)
            && allows(&self.events, |name| is_named(happening.name, name))
            && (happening.kind.as_ref()).is_none_or(|kind| allows(&self.kinds, |wanted| wanted == kind))
            && place.is_none_or(|place| allows(&self.conversations, |wanted| wanted == place.kind))
            && allows(&self.uids, |prefix| {
                happening.uids.iter().any(|uid| uid.starts_with(prefix))
            })
    }
}

/// An empty list allows everything.
fn allows(list: &[String], fits: impl Fn(&str) -> bool) -> bool {
    list.is_empty() || list.iter().any(|entry| fits(entry))
}

/// `message.*` names every event that begins with `message.`.
fn is_named(event: &str, name: &str) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => event.starts_with(beginning),
        None => event == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::happening::Place;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn target(filter: Value) -> Target {
        let mut target = json!({ "name": "t", "url": "https://t/" });
        target
            .as_object_mut()
            .unwrap()
            .extend(filter.as_object().unwrap().clone());
        let config = Config::parse(&json!({ "targets": [target] }).to_string()).unwrap();
        config.targets[0].clone()
    }

    fn message(kind: &str, place: &'static str, uids: &[&str]) -> Happening {
        Happening {
            name: "message.sent",
            kind: Some(kind.to_owned()),
            place: Some(Place {
                id: "7".to_owned(),
                kind: place,
            }),
            uids: uids.iter().map(|uid| (*uid).to_owned()).collect(),
            ..Happening::default()
        }
    }

    #[test]
    fn what_a_target_names_must_fit() {
        let told = message("text", "direct", &["cust_1"]);
        for (filter, wanted) in [
            (json!({}), true),
            (json!({ "events": ["message.sent"] }), true),
            (json!({ "events": ["message.*"] }), true),
            (json!({ "events": ["members.*", "message.edited"] }), false),
            (json!({ "events": ["message"] }), false),
            (json!({ "kinds": ["text", "image"] }), true),
            (json!({ "kinds": ["image"] }), false),
            (json!({ "conversations": ["direct"] }), true),
            (json!({ "conversations": ["group"] }), false),
            (json!({ "uids": ["vip_", "cust_"] }), true),
            (json!({ "uids": ["agent_"] }), false),
            (json!({ "uids": ["cust_"], "kinds": ["image"] }), false),
        ] {
            assert_eq!(target(filter.clone()).wants(&told), wanted, "{filter}");
        }
    }

    #[test]
    fn kinds_only_decide_about_what_has_one() {
        let banned = Happening {
            name: "user.updated",
            uids: vec!["cust_1".to_owned()],
            ..Happening::default()
        };
        assert!(target(json!({ "kinds": ["text"], "conversations": ["group"] })).wants(&banned));
        assert!(!target(json!({ "uids": ["agent"] })).wants(&banned));
        let by_the_app = message("text", "direct", &[]);
        assert!(!target(json!({ "uids": ["a"] })).wants(&by_the_app), "of no user");
    }

    #[test]
    fn plugins_may_be_left_out() {
        let mut told = message("text", "direct", &["a"]);
        assert!(target(json!({ "plugins": false })).wants(&told));
        told.automatic = true;
        assert!(!target(json!({ "plugins": false })).wants(&told));
        assert!(target(json!({})).wants(&told));
    }

    proptest! {
        #[test]
        fn a_uid_passes_by_each_of_its_beginnings(uid in "[a-z0-9_小]{1,20}", at in 0_usize..20) {
            let prefix: String = uid.chars().take(at + 1).collect();
            let target = target(json!({ "uids": [prefix] }));
            prop_assert!(target.wants(&message("text", "group", &[&uid])));
            let other = format!("!{uid}");
            prop_assert!(!target.wants(&message("text", "group", &[&other])));
        }
    }
}
