//! `impersonation`: acts as any user of the app without a proof. The grant is what allows it.

use super::proofs::Proven;
use crate::plugin_host::bindings::switchboard::plugin::impersonation::Host;
use crate::plugin_host::desk::Proof;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn of_user(&mut self, uid: String) -> Proven {
        let user = match self.door()? {
            Ok(court) => court.user(&uid).await,
            Err(denial) => Err(denial),
        };
        self.prove(user.map(Proof::User))
    }
}
