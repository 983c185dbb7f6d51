//! `proofs`: who is asking, as the host has checked it. A proof lies on the desk of the call it was made in; only calls of
//! dialects and endpoints have one.

use wasmtime::component::Resource;

use super::{Answer, invalid};
use crate::model::DeviceId;
use crate::plugin_host::bindings::switchboard::plugin::proofs::{Host, HostProof, Unproven};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Recipe};
use crate::plugin_host::convert::{refusal_error, refused};
use crate::plugin_host::court::Court;
use crate::plugin_host::desk::Proof;
use crate::plugin_host::instance::State;
use crate::plugin_host::vault::Denial;
use crate::plugin_host::waits;

/// What a guest gets: a proof, or why there is none.
pub(super) type Proven = wasmtime::Result<Result<Resource<Proof>, Unproven>>;

impl Host for State {
    async fn by_signature(&mut self, recipe: Recipe, given: String, time: Option<i64>) -> Proven {
        let court = self.door()?;
        let given = self.unseal(&given);
        let proof = match court {
            Ok(court) => court.signature(&recipe, &given, time).await.map(|()| Proof::App),
            Err(denial) => Err(denial),
        };
        self.prove(proof)
    }

    async fn by_user_signature(&mut self, uid: String, recipe: Recipe, given: String, time: Option<i64>) -> Proven {
        let court = self.door()?;
        let given = self.unseal(&given);
        let user = match court {
            Ok(court) => court.user_signature(&uid, &recipe, &given, time).await,
            Err(denial) => Err(denial),
        };
        self.prove(user.map(Proof::User))
    }

    async fn by_secret(&mut self, given: String) -> Proven {
        let court = self.door()?;
        let given = self.unseal(&given);
        self.prove(court.and_then(|court| court.secret(&given)).map(|()| Proof::App))
    }

    async fn by_token(&mut self, given: String) -> Proven {
        let court = self.door()?;
        let given = self.unseal(&given);
        let user = match court {
            Ok(court) => court.token(&given).await,
            Err(denial) => Err(denial),
        };
        self.prove(user.map(Proof::User))
    }

    async fn by_password(&mut self, uid: String, given: String) -> Proven {
        let court = self.door()?;
        let given = self.unseal(&given);
        let user = match court {
            Ok(court) => court.password(&uid, given).await,
            Err(denial) => Err(denial),
        };
        self.prove(user.map(Proof::User))
    }

    async fn by_trust(&mut self, uid: String) -> Proven {
        let user = match self.door()? {
            Ok(court) => court.trust(&uid).await,
            Err(denial) => Err(denial),
        };
        self.prove(user.map(Proof::User))
    }
}

impl HostProof for State {
    async fn user(&mut self, proof: Resource<Proof>) -> wasmtime::Result<Option<String>> {
        self.charge()?;
        Ok(match self.table().get(&proof)? {
            Proof::App => None,
            Proof::User(user) => Some(user.to_string()),
        })
    }

    async fn bind(&mut self, proof: Resource<Proof>, device: Option<String>) -> Answer<()> {
        self.charge()?;
        let proof = self.table().get(&proof)?.clone();
        Ok(self.bind_connection(&proof, device.as_deref()).await)
    }

    async fn drop(&mut self, proof: Resource<Proof>) -> wasmtime::Result<()> {
        self.table().delete(proof)?;
        Ok(())
    }
}

impl State {
    /// Where this call's app checks who somebody is.
    pub(super) fn court(&self) -> Option<Court> {
        let machine = &self.task.plugin.as_ref()?.machine;
        Some(Court {
            app: machine.app(self.task.call.app)?,
            vault: machine.vault()?,
            now: machine.clock.now(),
        })
    }

    /// The same for who wants to prove something, which needs a desk.
    pub(super) fn door(&mut self) -> wasmtime::Result<Result<Court, Denial>> {
        self.charge()?;
        let court = self.task.desk.as_ref().and_then(|_| self.court());
        Ok(court.ok_or(Denial::NotAllowed))
    }

    /// Lays a proof on the desk, where it lasts as long as the call, and hands it to the guest.
    pub(super) fn prove(&mut self, checked: Result<Proof, Denial>) -> Proven {
        let proof = match (checked, &mut self.task.desk) {
            (Ok(proof), Some(desk)) => {
                if !desk.proven.contains(&proof) {
                    desk.proven.push(proof.clone());
                }
                proof
            }
            (Ok(_), None) => return Ok(Err(Unproven::NotAllowed)),
            (Err(denial), desk) => {
                if let (Denial::Wrong | Denial::UnknownUser, Some(desk)) = (denial, desk) {
                    desk.wrong.add();
                }
                return Ok(Err(unproven(denial)));
            }
        };
        Ok(Ok(self.table().push(proof)?))
    }

    async fn bind_connection(&mut self, proof: &Proof, device: Option<&str>) -> Result<(), Error> {
        let device = device.map(DeviceId::new).transpose();
        let device = device.map_err(|error| invalid(format!("device {error}")))?;
        let Proof::User(user) = proof else {
            return Err(invalid("the app itself has no connections"));
        };
        let desk = self.task.desk.as_ref();
        // A guest that is called again may still hold what was proven to it before.
        let desk = desk.filter(|desk| desk.proven.contains(proof));
        let desk = desk.ok_or_else(|| refused("unproven", "there is no proof of this user in this call"))?;
        if desk.connection.is_some() {
            return Err(refused("conflict", "this connection is bound already"));
        }
        let Some(binder) = desk.binder.clone() else {
            return Err(invalid("this call is about no connection"));
        };
        let bound = waits::on_server(binder.bind(user, device.clone())).await;
        let connection = bound.map_err(refusal_error)?;
        if let Some(desk) = &mut self.task.desk {
            desk.connection = Some(connection);
            desk.device = device;
        }
        Ok(())
    }
}

const fn unproven(denial: Denial) -> Unproven {
    match denial {
        Denial::Wrong => Unproven::Wrong,
        Denial::Expired => Unproven::Expired,
        Denial::UnknownUser => Unproven::UnknownUser,
        Denial::Banned => Unproven::Banned,
        Denial::NotAllowed => Unproven::NotAllowed,
    }
}
