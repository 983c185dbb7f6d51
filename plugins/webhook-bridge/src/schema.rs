//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Webhook bridge",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "targets": {
      "type": "array", "maxItems": 10, "default": [],
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "url"],
        "properties": {
          "name": { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,31}$",
            "description": "unique; begins the order keys by which its deliveries are found" },
          "url": { "type": "string", "pattern": "^https?://[^\\s/@]+(/\\S*)?$", "maxLength": 2048,
            "description": "with no user in it" },
          "events": { "type": "array", "maxItems": 50, "default": [],
            "items": { "enum": [
              "message.*", "reaction.*", "conversation.*", "members.*", "messages.*", "member.*", "user.*",
              "file.*", "message.sent", "message.edited", "message.recalled", "reaction.added",
              "reaction.removed", "conversation.created", "conversation.updated", "conversation.dissolved",
              "members.joined", "members.left", "messages.hidden", "marked", "member.updated", "announced",
              "user.updated", "user.online", "user.offline", "file.uploaded", "message.undelivered"
            ] },
            "description": "names of events, or beginnings such as message.*; empty: all" },
          "kinds": { "type": "array", "maxItems": 100, "default": [],
            "items": { "type": "string", "minLength": 1, "maxLength": 64 },
            "description": "of events about a message: only these kinds; empty: all" },
          "conversations": { "type": "array", "maxItems": 4, "default": [],
            "items": { "enum": ["direct", "temporary", "group", "chatroom"] },
            "description": "of events in a conversation: only these kinds of it; empty: all" },
          "uids": { "type": "array", "maxItems": 100, "default": [],
            "items": { "type": "string", "minLength": 1, "maxLength": 64 },
            "description": "only events of a user whose uid begins with one of these; empty: all events" },
          "plugins": { "type": "boolean", "default": true, "description": "whether it hears of what plugins have done" },
          "headers": { "type": "object", "maxProperties": 16, "default": {}, "writeOnly": true,
            "propertyNames": { "pattern": "^[A-Za-z0-9-]{1,64}$",
              "not": { "anyOf": [
                { "pattern": "^([Ss][Ww][Ii][Tt][Cc][Hh][Bb][Oo][Aa][Rr][Dd]-.*|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-.*)$" },
                { "pattern": "^([Hh][Oo][Ss][Tt]|[Tt][Ee]|[Tt][Rr][Aa][Ii][Ll][Ee][Rr]|[Ee][Xx][Pp][Ee][Cc][Tt]|[Uu][Pp][Gg][Rr][Aa][Dd][Ee])$" },
                { "pattern": "^([Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn]|[Kk][Ee][Ee][Pp]-[Aa][Ll][Ii][Vv][Ee]|[Hh][Tt][Tt][Pp]2-[Ss][Ee][Tt][Tt][Ii][Nn][Gg][Ss])$" },
                { "pattern": "^[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg]$" },
                { "pattern": "^[Pp][Rr][Oo][Xx][Yy]-[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]$" },
                { "pattern": "^[Pp][Rr][Oo][Xx][Yy]-[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn]$" }
              ] } },
            "additionalProperties": { "type": "string", "maxLength": 2048, "pattern": "^[ -~]*$" },
            "description": "sent with every request, such as a token of the backend's own" },
          "order": { "enum": ["conversation", "target"], "default": "conversation",
            "description": "which deliveries are sent one after the other: those of a conversation, or all of the target" }
        }
      }
    }
  }
}"#;

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use switchboard_plugin::prelude::EventKind;
    use switchboard_plugin::testing::{Schema, examples};

    /// What the server keeps for its connections: a webhook with one of them is never sent.
    const OF_THE_CONNECTION: [&str; 12] = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "http2-settings",
        "te",
        "trailer",
        "expect",
        "proxy-authorization",
        "proxy-connection",
    ];

    fn with(name: &str, value: Value) -> Value {
        let mut target = json!({ "name": "a", "url": "https://a/" });
        target[name] = value;
        json!({ "targets": [target] })
    }

    #[test]
    fn it_takes_what_the_readme_shows() {
        let schema = Schema::of(super::CONFIG);
        let example = examples(include_str!("../README.md"))[0];
        schema.takes_text(example);
        assert_eq!(Config::parse(example).unwrap().targets.len(), 2);
        schema.takes(&json!({}));
        schema.states("targets", json!([]));
        schema.hides(["targets/*/headers"]);
        for name in ["Authorization", "X-Key", "te-x", "my-host", "proxy-x"] {
            schema.takes(&with("headers", json!({ name: "x" })));
        }
        for url in [
            "http://a",
            "https://a.b:8443/x?y=@z",
            "http://[::1]:8/",
            "http://127.0.0.1:1/",
        ] {
            schema.takes(&with("url", json!(url)));
        }
    }

    #[test]
    fn it_refuses_mistakes() {
        let schema = Schema::of(super::CONFIG);
        schema.refuses([
            json!({ "targets": [{ "name": "a" }] }),
            json!({ "targets": {} }),
            with("name", json!("A/b")),
            with("conversations", json!(["room"])),
            with("headers", json!({ "Switchboard-Signature": "x" })),
            with("headers", json!({ "content-type": "x" })),
            with("headers", json!({ "x": "a\r\nb" })),
            with("order", json!("none")),
            with("secret", json!("s")),
        ]);
    }

    /// Each of these would lose every event.
    #[test]
    fn it_refuses_what_could_never_be_sent() {
        let schema = Schema::of(super::CONFIG);
        let urls = [
            "ftp://a/",
            "http://u:p@x/",
            "http://a b/",
            "http:///x",
            "https://",
            "http://a/b c",
        ];
        schema.refuses(urls.map(|url| with("url", json!(url))));
        let events = [
            "message-sent",
            "*",
            "message",
            "message.send",
            "marked.*",
            "chat.*",
            "message.sent.*",
        ];
        schema.refuses(events.map(|event| with("events", json!([event]))));
        for name in OF_THE_CONNECTION {
            schema.refuses([name.to_owned(), name.to_uppercase()].map(|name| with("headers", json!({ name: "x" }))));
        }
    }

    #[test]
    fn it_names_every_event_and_every_beginning() {
        let schema = Schema::of(super::CONFIG);
        let names = EventKind::ALL.map(EventKind::name);
        let beginnings = names
            .iter()
            .filter_map(|name| Some(format!("{}.*", name.split_once('.')?.0)));
        let expected: BTreeSet<String> = beginnings.chain(names.iter().map(|name| (*name).to_owned())).collect();
        let stated: BTreeSet<String> =
            serde_json::from_value(schema.property("targets/*/events/*")["enum"].clone()).unwrap();
        assert_eq!(stated, expected);
    }
}
