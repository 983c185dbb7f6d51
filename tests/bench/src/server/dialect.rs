//! Dialects: installed and mounted for an app, and how its users come in, as the app's own server would arrange it.
//!
//! Users and conversations are there already, made as for the native protocol: what is compared differs in nothing but
//! the protocol.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{
    admin::{Admin, App, Install},
    in_parallel,
};
use crate::{
    load::{
        plan::{Session, uid},
        protocol::{Protocol, social, wokchat},
    },
    scenario::Bench,
};

/// As many calls by one instance as the server allows: what an app with dialects has by default.
const REUSE: u32 = 512;

/// A dialect that the load speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Wokchat,
    Social,
}

impl Dialect {
    /// Its component, and its install.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wokchat => "wokchat",
            Self::Social => "social",
        }
    }

    pub fn protocol(self) -> Protocol {
        match self {
            Self::Wokchat => Protocol::Wokchat,
            Self::Social => Protocol::Social,
        }
    }

    /// Installs it beside the types it works with, and mounts it.
    pub fn set_up(self, bench: &Bench, admin: &Admin, app: &App) -> anyhow::Result<()> {
        for name in ["standard-types", self.name()] {
            let plugin = admin.granted(bench.plugin(name, "")?)?;
            admin.install(app, &Install { reuse: REUSE, ..plugin })?;
        }
        let prefix = match self {
            Self::Wokchat => wokchat::PREFIX,
            Self::Social => social::PREFIX,
        };
        admin.mount(app, self.name(), prefix)
    }

    /// The same sessions with what this dialect takes as proof. To be used soon: signatures age.
    pub fn sessions(self, admin: &Admin, app: &App, sessions: Vec<Session>) -> anyhow::Result<Vec<Session>> {
        let tokens = in_parallel(sessions.len(), |index| {
            let user = sessions[index].user;
            match self {
                Self::Wokchat => pushed(admin, app, user),
                Self::Social => registered(admin, app, user),
            }
        })?;
        let time = seconds()?;
        let proven = sessions.into_iter().zip(tokens).map(|(session, token)| {
            let token = match self {
                Self::Wokchat => wokchat::login(app.id, session.user, time, &signature(&token, time)),
                Self::Social => token,
            };
            Session { token, ..session }
        });
        Ok(proven.collect())
    }
}

/// Makes a user known to wokchat and answers the token that signs for it.
fn pushed(admin: &Admin, app: &App, user: u32) -> anyhow::Result<String> {
    let (uid, time) = (uid(user), seconds()?);
    let sign = signature(&app.secret, time);
    let body = json!({ "app_id": app.id, "time": time, "sign": sign, "uid": uid, "nickname": uid.to_string() });
    let path = format!("{}/api/wokchatadmin/pushUser", wokchat::PREFIX);
    token(&path, 1, &admin.ask(&path, &body)?)
}

/// Registers a user with social, who is there already: the app's secret allows it.
fn registered(admin: &Admin, app: &App, user: u32) -> anyhow::Result<String> {
    let uid = uid(user).to_string();
    let body = json!({ "app_id": app.id, "secret": app.secret, "app_user_id": uid, "nickname": uid });
    let path = format!("{}/user/register", social::PREFIX);
    token(&path, 200, &admin.ask(&path, &body)?)
}

/// The token in an answer, if its code is that of a success.
fn token(path: &str, success: u64, answer: &Value) -> anyhow::Result<String> {
    ensure!(answer["code"] == success, "{path} answers {answer}");
    let token = answer["data"]["token"].as_str().context("an answer without a token")?;
    Ok(token.to_owned())
}

/// Proves that the signer knows `key`.
fn signature(key: &str, time: u64) -> String {
    format!("{:x}", Md5::digest(format!("{key}{time}")))
}

fn seconds() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_md5_in_hex() {
        assert_eq!(signature("abc", 1).len(), 32);
        assert_eq!(signature("", 0), "cfcd208495d565ef66e7dff9f98764da");
    }

    #[test]
    fn only_a_success_has_a_token() {
        let answer = json!({ "code": 1, "msg": "", "data": { "token": "t" } });
        assert_eq!(token("/x", 1, &answer).unwrap(), "t");
        assert!(token("/x", 200, &answer).is_err());
        assert!(token("/x", 1, &json!({ "code": 1 })).is_err());
    }
}
