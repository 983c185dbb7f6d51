//! What a component does and wants, read from its type: nothing runs. What this server does not know is refused by
//! name, so that an author sees what is missing and not a linker's error.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentInstance, ComponentItem};

use crate::model::{Capability, Hook};

/// The contract this server speaks.
pub const CONTRACT: &str = "switchboard:plugin@0.1.0";
const PACKAGE: &str = "switchboard:plugin";
const SERIES: &str = "0.1.";

/// The whole name of one of the contract's interfaces.
pub fn interface(name: &str) -> String {
    let version = CONTRACT.rsplit('@').next().unwrap_or_default();
    format!("{PACKAGE}/{name}@{version}")
}

/// Parts of WASI that are linked, with nothing behind them.
const WASI: [&str; 6] = [
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:io",
    "wasi:random",
    "wasi:sockets",
];

/// What a component exports and imports of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What it does.
    pub hooks: Vec<Hook>,
    /// What it wants, beyond what is always granted.
    pub wanted: Vec<Capability>,
}

/// `package/interface@version`, taken apart.
struct Name<'a> {
    package: &'a str,
    interface: &'a str,
    version: &'a str,
}

impl<'a> Name<'a> {
    fn parse(name: &'a str) -> Self {
        let (path, version) = name.split_once('@').unwrap_or((name, ""));
        let (package, interface) = path.split_once('/').unwrap_or((path, ""));
        Self {
            package,
            interface,
            version,
        }
    }

    fn is_ours(&self) -> bool {
        self.package.starts_with("switchboard:")
    }

    fn speaks_our_contract(&self) -> bool {
        self.package == PACKAGE && self.version.starts_with(SERIES) && !self.version.contains('-')
    }
}

/// Reads a component's type.
///
/// # Errors
/// What it imports or exports that this server does not offer, and what it offers instead.
pub fn probe(engine: &Engine, component: &Component) -> Result<Probe, String> {
    let of_type = component.component_type();
    let mut probe = Probe {
        hooks: Vec::new(),
        wanted: Vec::new(),
    };
    for (name, item) in of_type.imports(engine) {
        match &item.ty {
            ComponentItem::ComponentInstance(instance) if !has_code(instance, engine) => {}
            _ => probe.wanted.extend(import(name)?),
        }
    }
    for (name, item) in of_type.exports(engine) {
        match &item.ty {
            ComponentItem::ComponentInstance(instance) if !has_code(instance, engine) => {}
            _ => probe.hooks.extend(export(name)?),
        }
    }
    probe.wanted.sort_unstable();
    // Our interface and those of WASI may ask for the same.
    probe.wanted.dedup();
    probe.hooks.sort_unstable();
    if probe.hooks.is_empty() {
        let hooks: Vec<&str> = Hook::ALL.iter().map(|hook| hook.as_str()).collect();
        return Err(format!(
            "the component exports no hook of {CONTRACT}; hooks are: {}",
            hooks.join(", ")
        ));
    }
    Ok(probe)
}

/// An interface with nothing but types, such as the contract's `types`, needs nobody to offer it.
fn has_code(instance: &ComponentInstance, engine: &Engine) -> bool {
    instance
        .exports(engine)
        .any(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)))
}

fn import(name: &str) -> Result<Option<Capability>, String> {
    let parts = Name::parse(name);
    if WASI.contains(&parts.package) && parts.version.starts_with("0.2.") {
        return Ok(None);
    }
    if parts.package == "wasi:http"
        && matches!(parts.interface, "outgoing-handler" | "types")
        && parts.version.starts_with("0.2.")
    {
        return Ok(Some(Capability::Http));
    }
    if parts.speaks_our_contract() {
        if matches!(parts.interface, "log" | "config") {
            return Ok(None);
        }
        if let Some(capability) = Capability::named(parts.interface) {
            return Ok(Some(capability));
        }
    }
    let known: Vec<&str> = Capability::ALL.iter().map(|capability| capability.as_str()).collect();
    Err(format!(
        "the component imports `{name}`, which this server does not offer; it offers {CONTRACT} with log, config, {} \
         and wasi 0.2 without files and sockets; wasi:http/outgoing-handler comes with the grant http",
        known.join(", ")
    ))
}

fn export(name: &str) -> Result<Option<Hook>, String> {
    let parts = Name::parse(name);
    if !parts.is_ours() {
        // Tools add exports of their own; nobody calls them.
        return Ok(None);
    }
    let hook = Hook::ALL.into_iter().find(|hook| hook.as_str() == parts.interface);
    if let (true, Some(hook)) = (parts.speaks_our_contract(), hook) {
        return Ok(Some(hook));
    }
    let known: Vec<&str> = Hook::ALL.iter().map(|hook| hook.as_str()).collect();
    Err(format!(
        "the component exports `{name}`, which this server does not know; it knows {CONTRACT} with {}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_named() {
        assert_eq!(import("switchboard:plugin/kv@0.1.7"), Ok(Some(Capability::Kv)));
        assert_eq!(import("wasi:cli/stdout@0.2.3"), Ok(None));
        for name in ["outgoing-handler@0.2.4", "types@0.2.0"] {
            assert_eq!(
                import(&format!("wasi:http/{name}")),
                Ok(Some(Capability::Http)),
                "{name}"
            );
        }
        for name in [
            "switchboard:plugin/kv@0.2.0",
            "switchboard:plugin/root@0.1.0",
            "wasi:http/incoming-handler@0.2.0",
            "wasi:http/types@0.3.0",
            "env",
        ] {
            assert!(import(name).unwrap_err().contains(&format!("`{name}`")), "{name}");
        }
        assert_eq!(export("switchboard:plugin/policy@0.1.0"), Ok(Some(Hook::Policy)));
        assert_eq!(export("exports"), Ok(None));
        assert!(
            export("switchboard:plugin/policy@1.0.0")
                .unwrap_err()
                .contains("it knows switchboard:plugin@0.1.0")
        );
        assert!(export("switchboard:dialect/frames@0.1.0").is_err());
    }
}
