//! What has happened, in the words of stories.

use serde_json::{Map, Value, json};

use super::names::Names;
use crate::model::{Body, Change, Delivery, Event, HeaderValue, Message, PluginName};
use crate::plugin_host::EndpointResponse;

/// What the plugin sent, in order.
pub(super) fn messages(events: &[Event], plugin: &PluginName, names: &Names) -> Vec<Value> {
    let sent = events.iter().filter_map(|event| match &event.change {
        Change::MessageSent(sent) if sent.origin.as_ref() == Some(plugin) => Some(message(sent, names)),
        _ => None,
    });
    sent.collect()
}

/// What it pushed, in order.
pub(super) fn pushes(events: &[Event], plugin: &PluginName) -> Vec<Value> {
    let pushed = events.iter().filter_map(|event| match &event.change {
        Change::Pushed { plugin: by, name, data } if by == plugin => {
            let users = match &event.audience {
                crate::model::Audience::Users(users) => users.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            Some(json!({"user": users.first(), "name": name, "data": parsed(data)}))
        }
        _ => None,
    });
    pushed.collect()
}

/// A message; what is nothing is left out.
pub(super) fn message(message: &Message, names: &Names) -> Value {
    let mut fields = Map::new();
    fields.insert("to".to_owned(), names.called(message.conversation).into());
    if let Some(user) = message.sender.user() {
        fields.insert("from".to_owned(), user.as_str().into());
    }
    let body = parsed(&message.body);
    if message.kind.is_text() && body["text"].is_string() {
        fields.insert("text".to_owned(), body["text"].clone());
    } else {
        fields.insert("kind".to_owned(), message.kind.as_str().into());
    }
    if !message.kind.is_text() || body.as_object().is_some_and(|body| body.len() > 1) {
        fields.insert("body".to_owned(), body);
    }
    if let Some(answered) = message.reply_to {
        fields.insert("reply_to".to_owned(), names.called_message(answered).into());
    }
    let mentions: Vec<&str> = message.mentions.users.iter().map(|user| user.as_str()).collect();
    if !mentions.is_empty() {
        fields.insert("mentions".to_owned(), mentions.into());
    }
    if message.id.is_none() {
        fields.insert("transient".to_owned(), true.into());
    }
    fields.into()
}

/// A webhook. What is made when it is sent has a name in angle brackets.
pub(super) fn webhook(of: &Delivery) -> Value {
    let value = |value: &HeaderValue| match value {
        HeaderValue::Text(text) => text.clone(),
        HeaderValue::TimeSeconds => "<time>".to_owned(),
        HeaderValue::Signature(_) => "<signature>".to_owned(),
        HeaderValue::DeliveryId => "<delivery>".to_owned(),
    };
    let headers = of.webhook.headers.iter();
    let headers: Map<String, Value> = headers.map(|(name, of)| (name.clone(), value(of).into())).collect();
    let body: Value = serde_json::from_str(&of.webhook.body).unwrap_or_else(|_| of.webhook.body.clone().into());
    json!({"url": of.webhook.url, "headers": headers, "body": body})
}

/// What a request was answered.
pub(super) fn response(of: &EndpointResponse) -> Value {
    let headers = of.headers.iter();
    let headers: Map<String, Value> = headers
        .map(|header| (header.name.to_ascii_lowercase(), header.value.clone().into()))
        .collect();
    let text = String::from_utf8_lossy(&of.body);
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(&*text));
    json!({"status": of.status, "headers": headers, "body": body})
}

/// A body as JSON.
pub(super) fn parsed(body: &Body) -> Value {
    serde_json::from_str(body.as_str()).unwrap_or_default()
}
