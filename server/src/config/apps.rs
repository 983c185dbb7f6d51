//! `[[apps]]`: tenants that are made at the first start. Later starts leave them as their owners have changed them.

mod plugin;
mod user;

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;

use serde::Deserialize;

pub use self::plugin::{AppPlugin, Grants};
pub use self::user::{AppUser, AppUserRole};
use super::problems::Problems;
use crate::model::{AppId, AppSettings, Login};

/// A tenant that is made at the first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// A name for people.
    pub name: String,
    /// Signs its users' tokens and opens its part of the admin API.
    pub secret: String,
    /// Offered on the demo page; its secret is public.
    pub demo: bool,
    /// What the tenant may choose.
    pub settings: AppSettings,
    /// Users it has from the start.
    pub users: Vec<AppUser>,
    /// Plugins it has from the start.
    pub plugins: Vec<AppPlugin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: i64,
    name: String,
    secret: String,
    #[serde(default)]
    demo: bool,
    login: Option<RawLogin>,
    unowned_kinds: Option<UnownedKinds>,
    auto_create_users: Option<bool>,
    text_chars: Option<i64>,
    recall_seconds: Option<i64>,
    sign_timeout: Option<i64>,
    push_url: Option<String>,
    system_messages: Option<bool>,
    open_logins: Option<bool>,
    anonymous_uploads: Option<bool>,
    search: Option<bool>,
    #[serde(default)]
    users: Vec<toml::Value>,
    #[serde(default)]
    plugins: Vec<toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawLogin {
    Multiple,
    PerDevice,
    Single,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UnownedKinds {
    Accept,
    Refuse,
}

/// Checks all apps.
pub(super) fn check(raw: toml::Value, problems: &mut Problems) -> Vec<App> {
    let entries: Vec<toml::Value> = problems.read("apps", raw).unwrap_or_default();
    let apps: Vec<App> = entries
        .into_iter()
        .enumerate()
        .filter_map(|(at, entry)| one(at, entry, problems))
        .collect();
    unique("apps", apps.iter().map(|app| app.id), problems);
    apps
}

fn one(at: usize, entry: toml::Value, problems: &mut Problems) -> Option<App> {
    // The id says more than the place, if there is one.
    let label = entry.get("id").and_then(toml::Value::as_integer);
    let key = label.map_or_else(|| format!("apps[{at}]"), |id| format!("apps.{id}"));
    let raw: Raw = problems.read(&key, entry)?;
    let id = u64::try_from(raw.id).ok().and_then(|id| AppId::new(id).ok());
    if id.is_none() {
        problems.add(
            format_args!("{key}.id"),
            "must be an integer from 1 to 9007199254740991",
        );
    }
    problems.text(format_args!("{key}.name"), &raw.name, 1..=100);
    problems.text(format_args!("{key}.secret"), &raw.secret, 1..=200);
    let settings = settings(&key, &raw, problems);
    let users = each(&raw.users, "users", &key, problems, user::check);
    unique(&format!("{key}.users"), users.iter().map(|user| &user.user), problems);
    let plugins = each(&raw.plugins, "plugins", &key, problems, plugin::check);
    unique(
        &format!("{key}.plugins"),
        plugins.iter().map(|plugin| &plugin.name),
        problems,
    );
    Some(App {
        id: id?,
        name: raw.name,
        secret: raw.secret,
        demo: raw.demo,
        settings,
        users,
        plugins,
    })
}

fn settings(key: &str, raw: &Raw, problems: &mut Problems) -> AppSettings {
    let default = AppSettings::default();
    let mut number = |name: &str, value: Option<i64>, default: u32, range| {
        value.map_or(default, |value| {
            problems.number(format_args!("{key}.{name}"), value, range)
        })
    };
    AppSettings {
        login: raw.login.as_ref().map_or(default.login, |login| match login {
            RawLogin::Multiple => Login::Multiple,
            RawLogin::PerDevice => Login::PerDevice,
            RawLogin::Single => Login::Single,
        }),
        accept_unowned_kinds: raw
            .unowned_kinds
            .as_ref()
            .map_or(default.accept_unowned_kinds, |kinds| {
                matches!(kinds, UnownedKinds::Accept)
            }),
        auto_create_users: raw.auto_create_users.unwrap_or(default.auto_create_users),
        text_chars: number("text_chars", raw.text_chars, default.text_chars, 1..=100_000),
        recall_seconds: number(
            "recall_seconds",
            raw.recall_seconds,
            default.recall_seconds,
            0..=i64::from(u32::MAX),
        ),
        sign_timeout: number("sign_timeout", raw.sign_timeout, default.sign_timeout, 1..=86_400),
        push_url: push_url(key, raw, problems),
        system_messages: raw.system_messages.unwrap_or(default.system_messages),
        open_logins: raw.open_logins.unwrap_or(default.open_logins),
        anonymous_uploads: raw.anonymous_uploads.unwrap_or(default.anonymous_uploads),
        search: raw.search.unwrap_or(default.search),
    }
}

fn push_url(key: &str, raw: &Raw, problems: &mut Problems) -> String {
    let url = raw.push_url.clone().unwrap_or_default();
    if !AppSettings::is_push_url(&url) {
        problems.add(
            format_args!("{key}.push_url"),
            "must be a URL of http or https with at most 2048 bytes, or empty",
        );
    }
    url
}

fn each<T>(
    entries: &[toml::Value],
    list: &str,
    key: &str,
    problems: &mut Problems,
    check: fn(&str, toml::Value, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let numbered = entries.iter().enumerate();
    numbered
        .filter_map(|(at, entry)| check(&format!("{key}.{list}[{at}]"), entry.clone(), problems))
        .collect()
}

fn unique<T: Display + Eq + Hash>(key: &str, items: impl Iterator<Item = T>, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for item in items {
        if seen.contains(&item) {
            problems.add(key, format_args!("{item} is there twice"));
        }
        seen.insert(item);
    }
}
