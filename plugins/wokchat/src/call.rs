//! One call: for whom it is, from where it came, and what it looks up again and again.

use std::cell::OnceCell;

use switchboard_plugin::host::conversations::Seat;
use switchboard_plugin::host::types::{Context, User, View};
use switchboard_plugin::host::{config as host_config, conversations, users};

use crate::clock::Clock;
use crate::config::{self, App, Config};
use crate::fault::{Fault, NO_SESSION, refused};
use crate::greeting::Told;
use crate::recorded::People;

/// How a call has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A user's socket: what happens next reaches it.
    Socket,
    /// A user's request.
    User,
    /// The tenant's own server, for a user.
    Admin,
}

/// A call for a user, who is proven or whom the app itself speaks for.
pub struct Call<'a> {
    pub ctx: &'a Context,
    pub uid: String,
    pub way: Way,
    /// What its connection was told.
    pub told: Told,
    /// Made when it is first looked at.
    pub clock: OnceCell<Clock>,
}

/// The most uids that are looked up at once.
const LOOK_UP: usize = 1_000;

impl Call<'_> {
    /// The clock of this call.
    pub fn clock(&self) -> Clock {
        *self.clock.get_or_init(|| {
            let config: Config = config::read(&host_config::get());
            Clock {
                now: self.ctx.now,
                offset_minutes: config.utc_offset_minutes,
            }
        })
    }

    /// The user of the call.
    pub fn oneself(&self) -> Result<User, Fault> {
        self.user(&self.uid, "用户不存在")
    }

    /// A user; `missing` says that there is none.
    pub fn user(&self, uid: &str, missing: &str) -> Result<User, Fault> {
        let user = users::get(uid).map_err(|error| refused(error, missing))?;
        user.ok_or_else(|| Fault(format!("{missing}:{uid}")))
    }

    /// Those of these users that exist.
    pub fn people(&self, mut uids: Vec<String>) -> Result<People, Fault> {
        if uids.is_empty() {
            return Ok(People::default());
        }
        uids.truncate(LOOK_UP);
        let users = users::get_many(&uids).map_err(|error| refused(error, "用户不存在"))?;
        Ok(People::of(&users))
    }

    /// The user's seat in a session; any other session does not exist.
    pub fn seat(&self, session: &str) -> Result<Seat, Fault> {
        let seat = conversations::seat_of(session, &self.uid).map_err(|error| refused(error, NO_SESSION))?;
        seat.ok_or_else(|| Fault::new(NO_SESSION))
    }

    /// A session the user of the call is in; any other does not exist.
    pub fn view(&self, session: &str) -> Result<View, Fault> {
        let view = conversations::seen_by(session, &self.uid).map_err(|error| refused(error, NO_SESSION))?;
        view.ok_or_else(|| Fault::new(NO_SESSION))
    }
}

/// The settings of the app.
pub fn app() -> App {
    config::read(&host_config::app())
}
