//! An app that speaks everything, and a pair of users in each protocol. Their uids are numbers, so that every protocol can
//! name them.

use std::sync::Arc;

use serde_json::json;

use super::party::Party;
use super::said::Tongue;
use crate::dialects::hooks::scene::{Scene as Hooks, URL};
use crate::dialects::imrest::scene::{GRANTS, Scene as Imrest};
use crate::dialects::shiku::desk::{Desk, GRANTS as SHIKU};
use crate::dialects::social::club::{Club, GRANTS as SOCIAL};
use crate::dialects::wokchat::shop::Shop;
use crate::harness::{App, Server, bundled};

/// An app that speaks everything.
pub struct Town {
    pub app: App,
    pub wokchat: Shop,
    pub imrest: Imrest,
    pub social: Club,
    pub hooks: Hooks,
    pub shiku: Desk,
}

impl Town {
    /// On the shared server.
    pub async fn new() -> Self {
        Self::on(&Server::shared()).await
    }

    /// On a server.
    pub async fn on(server: &Arc<Server>) -> Self {
        let settings = json!({ "open_logins": true, "system_messages": true });
        let wokchat = Shop::on(server, settings).await;
        let app = wokchat.app.clone();
        let id = app.id;
        app.upload("imrest", bundled("imrest")).grants(GRANTS).install().await;
        app.upload("social", bundled("social")).grants(SOCIAL).install().await;
        app.upload("shiku", bundled("shiku")).grants(SHIKU).install().await;
        let mounts = [
            ("imrest", format!("/t{id}")),
            ("social", format!("/t{id}/social")),
            ("shiku", format!("/t{id}/shiku")),
        ];
        for (dialect, prefix) in mounts {
            let mount = json!({ "dialect": dialect, "prefix": prefix });
            app.server
                .admin("POST", &format!("/apps/{id}/mounts"), mount)
                .await
                .ok();
        }
        let hooks = Hooks::of(app.clone()).await;
        Self {
            imrest: Imrest { app: app.clone() },
            social: Club {
                app: app.clone(),
                prefix: format!("/t{id}/social"),
            },
            shiku: Desk {
                app: app.clone(),
                prefix: format!("/t{id}/shiku"),
            },
            hooks,
            wokchat,
            app,
        }
    }

    /// A user of a protocol, connected; `n` tells the users of one protocol apart.
    pub async fn party(&self, tongue: Tongue, n: u64) -> Party {
        let uid = (1000 * (tongue as u64 + 1) + n).to_string();
        match tongue {
            Tongue::Wokchat => {
                let person = self.wokchat.person(uid.parse().unwrap(), &format!("nick {uid}")).await;
                let page = person.page().await;
                Party::wokchat(uid, person, page)
            }
            Tongue::Imrest => Party::imrest(self.imrest.login(&uid, "d").await, uid),
            Tongue::Social => Party::social(self.social.person(&uid).await.line().await, uid),
            Tongue::Hooks => {
                let token = format!("token-{uid}");
                self.hooks.chatter(&uid, json!(["A"]), &token, URL).await;
                Party::hooks(self.hooks.connect(&token).await, uid)
            }
            Tongue::Shiku => {
                let person = self
                    .shiku
                    .register(&format!("1380000{uid}"), &format!("nick {uid}"))
                    .await;
                let wire = self.shiku.connect(&person).await;
                Party::shiku(person, wire)
            }
            Tongue::Native => {
                let user = self.app.user(&uid).await;
                let socket = user.connect().await;
                Party::native(uid, user, socket)
            }
        }
    }
}
