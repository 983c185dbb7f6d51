//! Components made by hand, for what no guest of ours would do: a world in WIT and a core module in text.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component or module from its text.
pub fn from_text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A component of `world`, the text of a WIT package that may name the contract's interfaces; `core` exports what the
/// world exports.
pub fn component(world: &str, core: &str) -> Vec<u8> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-sdk/wit");
    let mut resolve = Resolve::default();
    resolve.push_path(contract).unwrap();
    let package = resolve.push_str("crafted.wit", world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = from_text(core);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap()
}

/// A policy that fails closed and always traps: what it would say is never known.
pub fn closed_and_broken() -> Vec<u8> {
    closed("", "unreachable")
}

/// A policy that fails closed, with further fields of its core module, and with what it does when it is asked, which
/// leaves the address of its verdict.
pub fn closed(fields: &str, check: &str) -> Vec<u8> {
    component(
        "package test:closed; world w { export switchboard:plugin/policy@0.1.0; }",
        // The rule: attempts at 64 (one byte, `send`), no kinds, priority 0, closed.
        &format!(
            r#"(module
            {fields}
            (memory (export "memory") 1)
            (data (i32.const 0) "\40\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01")
            (data (i32.const 64) "\00")
            (global $free (mut i32) (i32.const 1024))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.set $free (i32.add (global.get $free) (i32.add (local.get 3) (i32.const 8))))
                (i32.and (i32.sub (global.get $free) (local.get 3)) (i32.const -8)))
            (func (export "switchboard:plugin/policy@0.1.0#rules") (result i32) (i32.const 0))
            (func (export "switchboard:plugin/policy@0.1.0#check") (param i32) (result i32) {check}))"#
        ),
    )
}

/// The same component with so many more instances of a core module inside.
pub fn with_parts(mut component: Vec<u8>, module: &str, count: u32) -> Vec<u8> {
    /// What an encoded policy consists of.
    const MODULES: u32 = 1;
    let module = from_text(module);
    component.push(1);
    component.extend(leb128(u32::try_from(module.len()).unwrap()));
    component.extend(module);
    let mut instances = leb128(count);
    for _ in 0..count {
        // Instantiate it, with nothing.
        instances.push(0);
        instances.extend(leb128(MODULES));
        instances.push(0);
    }
    component.push(2);
    component.extend(leb128(u32::try_from(instances.len()).unwrap()));
    component.extend(instances);
    component
}

/// A number as components write it.
fn leb128(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
