//! Whether bytes are a component at all. The first look costs nothing and happens in the server; the full validation
//! belongs into the compile worker.

use wasmparser::Validator;

const WASM: [u8; 4] = *b"\0asm";
const MODULE: [u8; 4] = [1, 0, 0, 0];
const COMPONENT_LAYER: [u8; 2] = [1, 0];

/// Looks at the first bytes.
///
/// # Errors
/// What this is instead of a component, and what to do about it.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let says = |text: &str| Err(text.to_owned());
    if bytes.is_empty() {
        return says("the upload is empty");
    }
    if bytes.starts_with(b"\x7fELF") {
        return says("this is a compiled artifact (ELF); upload the component itself");
    }
    if bytes.trim_ascii_start().starts_with(b"(") {
        return says("this is WebAssembly text; upload a binary component");
    }
    let Some(rest) = bytes.strip_prefix(&WASM) else {
        return says("this is no WebAssembly");
    };
    if rest.starts_with(&MODULE) {
        return says("this is a core module, not a component; build it with --target wasm32-wasip2");
    }
    if rest.get(2..4) != Some(&COMPONENT_LAYER) {
        return says("this is no WebAssembly component of a version this server knows");
    }
    Ok(())
}

/// Validates every byte.
///
/// # Errors
/// What is wrong, and at which offset.
pub fn validate(bytes: &[u8]) -> Result<(), String> {
    Validator::new()
        .validate_all(bytes)
        .map(drop)
        .map_err(|error| format!("the component is not valid: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_component_is_told_what_it_is() {
        let says = |bytes: &[u8]| check(bytes).unwrap_err();
        assert!(says(b"").contains("empty"));
        assert!(says(b"\x7fELF\x02\x01").contains("ELF"));
        assert!(says(b" (component)").contains("text"));
        assert!(says(b"GIF89a").contains("no WebAssembly"));
        assert!(says(b"\0asm\x01\0\0\0").contains("wasm32-wasip2"));
        assert!(says(b"\0asm\x0d\0").contains("version"));
        assert_eq!(check(b"\0asm\x0d\0\x01\0"), Ok(()));
        assert_eq!(validate(b"\0asm\x0d\0\x01\0"), Ok(()));
        assert!(
            validate(b"\0asm\x0d\0\x01\0\x01\x05")
                .unwrap_err()
                .contains("not valid")
        );
    }
}
