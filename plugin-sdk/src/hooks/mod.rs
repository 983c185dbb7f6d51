//! What a plugin exports: one trait per hook, one file per trait.
//!
//! Each trait stands before the generated `Guest` trait of its own tiny world, adds defaults, and is turned into the
//! export by [`hook`](crate::hook). Because no two worlds share an export, a component exports only the hooks that
//! carry the attribute.

/// The bindings of the world of one hook.
macro_rules! bindings {
    ($world:literal, $path:literal) => {
        #[doc(hidden)]
        pub mod bindings {
            wit_bindgen::generate!({
                path: "wit",
                world: $world,
                runtime_path: "::switchboard_plugin::wit_bindgen::rt",
                pub_export_macro: true,
                default_bindings_module: $path,
                with: { "switchboard:plugin/types@0.1.0": crate::host::types },
                generate_unused_types: true,
                additional_derives: [PartialEq, Clone],
            });
        }
    };
}

pub mod about;
pub mod command;
pub mod dialect;
pub mod endpoint;
pub mod message_action;
pub mod message_type;
pub mod observer;
pub mod opened;
pub mod policy;
pub mod timer;

pub use about::About;
pub use command::Command;
pub use dialect::Dialect;
pub use endpoint::Endpoint;
pub use message_action::MessageAction;
pub use message_type::MessageType;
pub use observer::Observer;
pub use opened::Opened;
pub use policy::Policy;
pub use timer::Timer;
