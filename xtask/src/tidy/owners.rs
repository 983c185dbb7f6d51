//! Names that belong to one folder: a library to its edge, a status code to the file that maps errors.

use super::Finding;
use super::source::{Source, reads, tokens};

/// A crate and the one module of the server that may name it.
const CRATES: &[(&str, &str)] = &[
    ("wasmtime", "plugin_host"),
    ("wasmtime_wasi", "plugin_host"),
    ("sqlx", "storage"),
    ("rusqlite", "storage"),
];

/// The files of the model that know JSON: the bodies of the two kinds that the core itself owns, `text` and `system`.
const TEXTS: &[&str] = &["server/src/model/body.rs", "server/src/model/system.rs"];

/// The only file that turns errors into status codes.
const ERRORS: &str = "server/src/gateway/error.rs";

/// Status codes below this one are not errors.
const SUCCESSES: &[&str] = &[
    "CONTINUE",
    "SWITCHING_PROTOCOLS",
    "PROCESSING",
    "OK",
    "CREATED",
    "ACCEPTED",
    "NON_AUTHORITATIVE_INFORMATION",
    "NO_CONTENT",
    "RESET_CONTENT",
    "PARTIAL_CONTENT",
    "MULTI_STATUS",
    "ALREADY_REPORTED",
    "IM_USED",
    "MULTIPLE_CHOICES",
    "MOVED_PERMANENTLY",
    "FOUND",
    "SEE_OTHER",
    "NOT_MODIFIED",
    "USE_PROXY",
    "TEMPORARY_REDIRECT",
    "PERMANENT_REDIRECT",
];

/// Checks who names what in one server file.
pub fn check(source: &Source) -> Vec<Finding> {
    let Some(module) = source.server_module() else {
        return Vec::new();
    };
    let tokens = tokens(&source.shipped);
    let mut findings = Vec::new();
    let mut find = |line, rule, what| findings.push(Finding::new(&source.path, line, rule, what));
    for (at, token) in tokens.iter().enumerate() {
        if let Some((name, owner)) = CRATES
            .iter()
            .find(|(name, owner)| *name == token.text && *owner != module)
        {
            find(token.line, "owners", format!("only `{owner}` names `{name}`"));
        }
        if module == "model"
            && !TEXTS.contains(&source.path.as_str())
            && matches!(token.text, "serde" | "Serialize" | "Deserialize")
        {
            find(
                token.line,
                "wire",
                "the model has no wire format: derive serde at the edge".into(),
            );
        }
        if source.path != ERRORS && reads(&tokens, at, &["StatusCode", "::"]) {
            let constant = tokens.get(at + 2).map_or("", |token| token.text);
            // Constants are in capitals; methods such as `from_u16` are not a mapping.
            if constant.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !SUCCESSES.contains(&constant) {
                find(token.line, "status", format!("only {ERRORS} answers with {constant}"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source::new(path, text))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn libraries_stay_in_their_folder() {
        for (path, text) in [
            ("server/src/chat/mod.rs", "use wasmtime::Engine;"),
            ("server/src/node.rs", "let ctx = wasmtime_wasi::p2::bindings();"),
            ("server/src/jobs/mod.rs", "sqlx::query(\"\")"),
        ] {
            assert_eq!(findings(path, text).len(), 1, "{path}");
        }
        assert!(findings("server/src/plugin_host/engine.rs", "use wasmtime::Engine;").is_empty());
        assert!(findings("server/src/storage/sqlite/app.rs", "use sqlx::Row;").is_empty());
        assert!(findings("xtask/src/main.rs", "use wasmtime::Engine;").is_empty());
    }

    #[test]
    fn the_model_has_no_wire_format() {
        assert_eq!(
            findings("server/src/model/app.rs", "#[derive(Clone, Serialize)]\nstruct App;").len(),
            1
        );
        assert!(findings("server/src/gateway/rest/app.rs", "#[derive(Serialize)]\nstruct App;").is_empty());
    }

    #[test]
    fn one_file_knows_the_codes_of_errors() {
        let found = findings(
            "server/src/gateway/rest/app.rs",
            "(StatusCode::NOT_FOUND, StatusCode::CREATED)",
        );
        let what = "server/src/gateway/rest/app.rs:1: status: only server/src/gateway/error.rs answers with NOT_FOUND";
        assert_eq!(found, [what]);
        assert!(findings(ERRORS, "StatusCode::NOT_FOUND").is_empty());
        assert!(findings("server/src/gateway/dialect.rs", "StatusCode::from_u16(code)").is_empty());
    }
}
