//! Components made by hand, for what no guest of ours would do: a world in WIT and a core module in text.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;
use wit_parser::abi::{AbiVariant, WasmType};

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin-sdk/wit");

/// A component or module from its text.
pub fn from_text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A component of `world`, the text of a WIT package that may name the contract's interfaces; `core` exports what the
/// world exports.
pub fn component(world: &str, core: &str) -> Vec<u8> {
    let mut resolve = contract();
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

fn contract() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_path(Path::new(CONTRACT)).unwrap();
    resolve
}

/// What plugins may be granted, by the names of the contract's interfaces.
pub fn capabilities() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(CONTRACT).join("capabilities.wit")).unwrap();
    let names = text.lines().filter_map(|line| line.strip_prefix("interface "));
    let names = names.map(|rest| rest.trim_end_matches([' ', '{']).to_owned());
    // These two are everybody's.
    names
        .filter(|name| !["log", "config"].contains(&name.as_str()))
        .collect()
}

/// A policy that wants one capability and nothing else.
pub fn wanting(capability: &str) -> Vec<u8> {
    let resolve = contract();
    let (_, interface) = resolve
        .interfaces
        .iter()
        .find(|(_, interface)| interface.name.as_deref() == Some(capability))
        .unwrap();
    let function = &interface.functions[0];
    let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
    let list = |word: &str, types: &[WasmType]| {
        let types: Vec<&str> = types.iter().copied().map(core_type).collect();
        if types.is_empty() {
            String::new()
        } else {
            format!("({word} {})", types.join(" "))
        }
    };
    let import = format!(
        r#"(import "switchboard:plugin/{capability}@0.1.0" "{}" (func {} {}))"#,
        function.name,
        list("param", &signature.params),
        list("result", &signature.results)
    );
    let world = format!("import switchboard:plugin/{capability}@0.1.0;");
    policy(&world, &import, &Rule::default(), "(i32.const 256)")
}

fn core_type(of: WasmType) -> &'static str {
    match of {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

/// A policy that fails closed and always traps: what it would say is never known.
pub fn closed_and_broken() -> Vec<u8> {
    closed("", "unreachable")
}

/// A policy that fails closed, with further fields of its core module, and with what it does when it is asked, which
/// leaves the address of its verdict.
pub fn closed(fields: &str, check: &str) -> Vec<u8> {
    let closed = Rule {
        closed: true,
        ..Rule::default()
    };
    policy("", fields, &closed, check)
}

/// A policy that gives messages of one kind another body, whatever they say.
pub fn replacing(kind: &str, body: &str, closed: bool) -> Vec<u8> {
    policy("", "", &Rule { kind, body, closed }, "(i32.const 128)")
}

#[derive(Default)]
struct Rule<'a> {
    /// Empty: all.
    kind: &'a str,
    /// The change that stands at 128, of which the body is a part.
    body: &'a str,
    closed: bool,
}

/// A policy about sending. At 256 there is a verdict too: to allow it.
fn policy(world: &str, fields: &str, rule: &Rule<'_>, check: &str) -> Vec<u8> {
    let closed = u32::from(rule.closed);
    let kinds = u32::from(!rule.kind.is_empty());
    let head = words(&[64, 1, 80, kinds, 0, closed]);
    let (kind, change) = (words(&[96, size(rule.kind)]), words(&[1, 0, 512, size(rule.body)]));
    let (kind_text, body_text) = (quoted(rule.kind), quoted(rule.body));
    component(
        &format!("package test:policy; world w {{ {world} export switchboard:plugin/policy@0.1.0; }}"),
        // The rule: attempts at 64 (one byte, `send`), kinds at 80, the priority, whether it fails closed.
        &format!(
            r#"(module
            {fields}
            (memory (export "memory") 1)
            (data (i32.const 0) "{head}")
            (data (i32.const 80) "{kind}")
            (data (i32.const 96) "{kind_text}")
            (data (i32.const 128) "{change}")
            (data (i32.const 512) "{body_text}")
            (global $free (mut i32) (i32.const 1024))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.set $free (i32.add (global.get $free) (i32.add (local.get 3) (i32.const 8))))
                (i32.and (i32.sub (global.get $free) (local.get 3)) (i32.const -8)))
            (func (export "switchboard:plugin/policy@0.1.0#rules") (result i32) (i32.const 0))
            (func (export "switchboard:plugin/policy@0.1.0#check") (param i32) (result i32) {check}))"#
        ),
    )
}

fn size(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap()
}

/// Numbers as they stand in memory.
fn words(numbers: &[u32]) -> String {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    bytes.map(|byte| format!("\\{byte:02x}")).collect()
}

fn quoted(text: &str) -> String {
    text.bytes().map(|byte| format!("\\{byte:02x}")).collect()
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
