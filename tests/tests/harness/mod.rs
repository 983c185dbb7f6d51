//! What the tests stand on: servers that clean up and complain, tenants, users, sockets and guests. Every wait is
//! bounded and says what it waited for.

mod app;
mod asked;
mod chance;
pub mod craft;
mod door;
mod failure;
mod far;
mod guest;
mod home;
mod hooks;
mod http;
mod model;
mod plugin;
mod server;
mod socket;
mod user;

use std::future::Future;
use std::time::Duration;

pub use self::app::App;
pub use self::chance::Chance;
pub use self::door::{Door, Way, route};
pub use self::failure::Failure;
pub use self::far::Far;
pub use self::guest::{Guest, bundled, guest, variant};
pub use self::home::{Home, from_environment};
pub use self::hooks::{Hooks, Received};
pub use self::http::{Response, request};
pub use self::model::{Model, Turn};
pub use self::server::{ADMIN_TOKEN, Server};
pub use self::socket::{Connect, Socket, text_to};
pub use self::user::{Claims, User, now_ms};

/// The longest wait for anything: far above what it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something, but not for ever.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Asks again until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
