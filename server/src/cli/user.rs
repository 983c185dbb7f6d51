//! `user`: users of an app and the tokens they log in with.

use clap::Subcommand;
use serde_json::{Map, Value};

use super::client::{Access, Call, part};
use super::print::{self, word};
use crate::model::{AppId, DeviceId, UserId};

/// The command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a user, or change it.
    Put {
        app: AppId,
        user: UserId,
        /// Shown to others.
        #[arg(long)]
        nickname: Option<String>,
        /// URL of a picture.
        #[arg(long)]
        avatar: Option<String>,
        /// The app's own data: a JSON object that replaces the old one.
        #[arg(long, value_name = "JSON", value_parser = object)]
        attributes: Option<Value>,
    },
    /// Issue a token with which a user logs in, at /v1/ws?token=TOKEN or as a bearer.
    Token {
        app: AppId,
        user: UserId,
        /// How long it lasts, in seconds; the server's usual time if not given.
        #[arg(long, value_name = "SECONDS")]
        ttl: Option<u64>,
        /// The only device it opens.
        #[arg(long)]
        device: Option<DeviceId>,
    },
}

fn object(text: &str) -> Result<Value, String> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| format!("no JSON object: {error}"))?;
    Ok(object.into())
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let (call, labels) = call(self.what);
        let answer = self.access.call(call)?;
        if self.access.json {
            return print::json(&answer);
        }
        let shown = labels.iter().filter(|label| answer.get(**label).is_some());
        let fields: Vec<(&str, String)> = shown.map(|label| (*label, text(label, &answer[*label]))).collect();
        print::line(&print::fields(&fields))
    }
}

fn text(label: &str, value: &Value) -> String {
    if label.ends_with("_at") {
        print::time(value)
    } else {
        word(value)
    }
}

fn call(what: What) -> (Call, &'static [&'static str]) {
    let body = |fields: Vec<(&str, Option<Value>)>| -> Value {
        let given = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect())
    };
    match what {
        What::Put {
            app,
            user,
            nickname,
            avatar,
            attributes,
        } => {
            let path = format!("/apps/{app}/users/{}", part(user.as_str()));
            let fields = vec![
                ("nickname", nickname.map(Value::from)),
                ("avatar", avatar.map(Value::from)),
                ("attributes", attributes),
            ];
            (
                Call::new("PUT", path).json(&body(fields)),
                &["user", "nickname", "avatar", "attributes", "created_at"],
            )
        }
        What::Token { app, user, ttl, device } => {
            let path = format!("/apps/{app}/users/{}/tokens", part(user.as_str()));
            let device = device.map(|device| Value::from(device.as_str()));
            let fields = vec![("ttl_seconds", ttl.map(Value::from)), ("device", device)];
            (Call::new("POST", path).json(&body(fields)), &["token", "expires_at"])
        }
    }
}
