//! What the host offers: the shared types, and one module for each capability.
//!
//! Calling a function of a capability makes the component import it, and an install then needs that grant; what is
//! never called does not appear in the component. Outside of a component, as in `cargo test`, these calls panic.

#[expect(missing_docs, reason = "generated; the documentation is that of the WIT")]
mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "capabilities",
        runtime_path: "::switchboard_plugin::wit_bindgen::rt",
        generate_unused_types: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use bindings::switchboard::plugin::{
    config, connections, contacts, conversations, conversations_write, credentials, files, http, impersonation, kv,
    log, messages, messages_edit, messages_send, metrics, proofs, search, signatures, timers, types, users,
    users_write, webhooks,
};
