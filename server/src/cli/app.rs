//! `app`: the tenants of a running server.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::client::{Access, Call};
use super::print::{self, word};
use crate::model::{AppId, PluginName};

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
    /// Make an app; its secret is shown once.
    Create {
        /// A name for people.
        name: String,
        /// Its id; the server chooses one if none is given.
        #[arg(long)]
        id: Option<AppId>,
        /// A bundled dialect to install, with the usual message types. May be repeated.
        #[arg(long = "dialect", value_name = "NAME")]
        dialects: Vec<PluginName>,
        /// A setting, such as login=single or text_chars=2000. May be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
        settings: Vec<(String, Value)>,
    },
    /// List all apps.
    List,
    /// Show an app.
    Show { app: AppId },
    /// Change settings of an app.
    Set {
        app: AppId,
        /// A setting, such as login=single or text_chars=2000.
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = setting)]
        settings: Vec<(String, Value)>,
    },
    /// Give an app a new secret, shown once; the old one ends at once.
    RotateSecret { app: AppId },
    /// Let an app answer again.
    Enable { app: AppId },
    /// Make an app answer nobody and close its connections.
    Disable { app: AppId },
}

/// Reads `key=value`: the value is JSON, or else a text.
fn setting(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((key.trim().to_owned(), value))
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let access = &self.access;
        if matches!(self.what, What::List) {
            return list(access);
        }
        let answer = access.call(call(self.what))?;
        if access.json {
            print::json(&answer)
        } else {
            print::line(&print::fields(&fields(&answer)))
        }
    }
}

fn call(what: What) -> Call {
    let change = |app: AppId, body: Value| Call::new("PATCH", format!("/apps/{app}")).json(&body);
    match what {
        What::Create {
            name,
            id,
            dialects,
            settings,
        } => {
            let mut body: Map<String, Value> = settings.into_iter().collect();
            if !dialects.is_empty() {
                let dialects: Vec<&str> = dialects.iter().map(PluginName::as_str).collect();
                body.insert("dialects".to_owned(), dialects.into());
            }
            body.insert("name".to_owned(), name.into());
            body.extend(id.map(|id| ("id".to_owned(), id.get().into())));
            Call::new("POST", "/apps").json(&body.into())
        }
        What::List => Call::new("GET", "/apps"),
        What::Show { app } => Call::new("GET", format!("/apps/{app}")),
        What::Set { app, settings } => change(app, settings.into_iter().collect::<Map<_, _>>().into()),
        What::RotateSecret { app } => Call::new("POST", format!("/apps/{app}/secret/rotate")),
        What::Enable { app } => change(app, json!({ "enabled": true })),
        What::Disable { app } => change(app, json!({ "enabled": false })),
    }
}

fn list(access: &Access) -> anyhow::Result<()> {
    let mut apps = Vec::new();
    let mut path = "/apps".to_owned();
    loop {
        let page = access.call(Call::new("GET", path))?;
        apps.extend_from_slice(print::items(&page, "apps"));
        match apps.last().and_then(|app: &Value| app["app_id"].as_u64()) {
            Some(last) if page["has_more"] == true => path = format!("/apps?after={last}"),
            _ => break,
        }
    }
    if access.json {
        return print::json(&json!({ "apps": apps }));
    }
    let rows: Vec<_> = apps.iter().map(row).collect();
    print::line(&print::table(["APP", "NAME", "ENABLED", "LOGIN"], &rows))
}

fn row(app: &Value) -> [String; 4] {
    [
        word(&app["app_id"]),
        word(&app["name"]),
        word(&app["enabled"]),
        word(&app["settings"]["login"]),
    ]
}

/// What an answer says about an app, its settings one a line.
fn fields(answer: &Value) -> Vec<(&str, String)> {
    let top = [
        ("app", "app_id"),
        ("name", "name"),
        ("secret", "secret"),
        ("enabled", "enabled"),
    ];
    let mut fields: Vec<(&str, String)> = top
        .into_iter()
        .filter(|(_, key)| answer.get(key).is_some())
        .map(|(label, key)| (label, word(&answer[key])))
        .collect();
    let settings = answer["settings"].as_object().into_iter().flatten();
    fields.extend(settings.map(|(key, value)| (key.as_str(), word(value))));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_json_or_text() {
        assert_eq!(setting("text_chars=10").unwrap(), ("text_chars".into(), json!(10)));
        assert_eq!(setting("login=single").unwrap(), ("login".into(), json!("single")));
        assert!(setting("login").is_err());
    }

    #[test]
    fn an_app_is_shown_with_its_settings() {
        let answer = json!({"app_id": 7, "secret": "s", "name": "客服", "enabled": true,
            "settings": {"login": "multiple", "text_chars": 5000}});
        assert_eq!(
            print::fields(&fields(&answer)),
            "app         7\nname        客服\nsecret      s\nenabled     yes\nlogin       multiple\ntext_chars  5000"
        );
        assert_eq!(fields(&json!({"secret": "s"})), [("secret", "s".to_owned())]);
        assert_eq!(row(&answer), ["7", "客服", "yes", "multiple"]);
    }
}
