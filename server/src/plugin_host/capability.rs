//! What a component wants and what it was granted. A component is linked with exactly the capabilities it imports, and
//! runs only where all of them were granted: the intersection is never anything else.

use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::bindings::switchboard::plugin as api;
use super::instance::State;
use crate::model::{Capability, Code, Refusal};

/// How many linkers are kept.
const KEPT: usize = 32;

/// Linkers by the capabilities they offer. There are few sets that are wanted often; what else is uploaded leaves nothing
/// behind.
#[derive(Default)]
pub struct Linkers {
    by_set: Mutex<FxHashMap<u32, Arc<Linker<State>>>>,
}

impl Linkers {
    /// A linker that offers WASI without anything behind it, what is always granted, and these.
    pub fn offering(&self, engine: &Engine, capabilities: &[Capability]) -> wasmtime::Result<Arc<Linker<State>>> {
        let set = capabilities
            .iter()
            .fold(0, |set, capability| set | 1 << *capability as u32);
        let mut by_set = self.by_set.lock();
        if let Some(linker) = by_set.get(&set) {
            return Ok(linker.clone());
        }
        let linker = Arc::new(link(engine, capabilities)?);
        if by_set.len() >= KEPT {
            by_set.clear();
        }
        by_set.insert(set, linker.clone());
        Ok(linker)
    }
}

fn link(engine: &Engine, capabilities: &[Capability]) -> wasmtime::Result<Linker<State>> {
    type Own = HasSelf<State>;
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    api::types::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    api::log::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    api::config::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    for capability in capabilities {
        match capability {
            Capability::Kv => api::kv::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Users => api::users::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::UsersWrite => api::users_write::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Credentials => api::credentials::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Proofs => api::proofs::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Impersonation => api::impersonation::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Signatures => api::signatures::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Contacts => api::contacts::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Conversations => api::conversations::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::ConversationsWrite => {
                api::conversations_write::add_to_linker::<_, Own>(&mut linker, |state| state)?
            }
            Capability::Messages => api::messages::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::MessagesSend => api::messages_send::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::MessagesEdit => api::messages_edit::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Search => api::search::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Connections => api::connections::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Timers => api::timers::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Webhooks => api::webhooks::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Files => api::files::add_to_linker::<_, Own>(&mut linker, |state| state)?,
            Capability::Http => {
                api::http::add_to_linker::<_, Own>(&mut linker, |state| state)?;
                wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
            }
            Capability::Metrics => api::metrics::add_to_linker::<_, Own>(&mut linker, |state| state)?,
        }
    }
    Ok(linker)
}

/// Refuses an install whose component wants more than it was granted, naming what is missing.
pub fn check_grants(wanted: &[Capability], granted: &[Capability]) -> Result<(), Refusal> {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|capability| !granted.contains(capability))
        .map(|capability| capability.as_str())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let text = format!(
        "plugin needs capabilities that were not granted: {}",
        missing.join(", ")
    );
    Err(Refusal {
        field: Some("grants".into()),
        ..Refusal::new(Code::PluginRejected, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_linkers_are_kept_whatever_is_uploaded() {
        let linkers = Linkers::default();
        let engine = Engine::new(&super::super::engine::config()).unwrap();
        for one in Capability::ALL {
            for other in [Capability::Kv, Capability::Users, Capability::Messages] {
                if one == other {
                    continue;
                }
                assert!(linkers.offering(&engine, &[one, other]).is_ok(), "{one:?} {other:?}");
            }
            assert!(linkers.by_set.lock().len() <= KEPT);
        }
        let one = linkers.offering(&engine, &[Capability::Kv]).unwrap();
        let same = linkers.offering(&engine, &[Capability::Kv]).unwrap();
        assert!(Arc::ptr_eq(&one, &same));
    }
}
