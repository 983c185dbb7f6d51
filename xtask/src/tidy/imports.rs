//! Which module of the server may import which: data flows one way.
//!
//! Test code is exempt: a test may put neighbours together.

use super::Finding;
use super::source::{Source, Token, reads, tokens};

const RULE: &str = "imports";

/// Each module with the modules it may import, in the order of the flow. This is the import rule; change it here and
/// in ARCHITECTURE.md together.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("telemetry", &[]),
    ("ambient", &["model"]),
    ("config", &["model"]),
    ("hub", &["model"]),
    ("cluster", &["model"]),
    ("outbound", &["model"]),
    ("storage", &["model", "telemetry"]),
    ("plugin_host", &["model", "storage", "outbound"]),
    ("delivery", &["model", "storage", "hub", "cluster", "telemetry"]),
    ("chat", &["model", "storage", "plugin_host", "hub", "delivery"]),
    (
        "jobs",
        &["model", "storage", "chat", "plugin_host", "outbound", "telemetry"],
    ),
    (
        "gateway",
        &["model", "chat", "hub", "plugin_host", "delivery", "telemetry"],
    ),
];

/// The composition root, its like for rehearsals and the command line put everything together; `lib` and `main` only name
/// the modules.
const EVERYTHING: &[&str] = &["node", "rehearsal", "cli", "lib", "main"];

/// Checks every path from the crate's root, in one server file, against the table.
pub fn check(source: &Source) -> Vec<Finding> {
    let Some(module) = source.server_module() else {
        return Vec::new();
    };
    let finding = |line, what| Finding::new(&source.path, line, RULE, what);
    if !is_module(module) && !EVERYTHING.contains(&module) {
        return vec![finding(1, format!("`{module}` is not a module of the import rule"))];
    }
    let is_root = source.path.trim_start_matches("server/src/") == format!("{module}.rs")
        || source.path.ends_with(&format!("src/{module}/mod.rs"));
    let tokens = tokens(&source.shipped);
    let mut findings = Vec::new();
    for at in 0..tokens.len() {
        if reads(&tokens, at, &["super", "::", "super"]) {
            findings.push(finding(
                tokens[at].line,
                "`super::super` hides where a path leads: start at `crate`".into(),
            ));
        }
        let from_crate = reads(&tokens, at, &["crate", "::"]);
        // In the file of a top-level module, `super` is the crate's root.
        let from_super = is_root && reads(&tokens, at, &["super", "::"]);
        if from_crate || from_super {
            let targets = first_segments(&tokens[at + 2..]);
            let refused = targets
                .into_iter()
                .filter(|target| !(may(module, target.text) || from_super && !is_module(target.text)));
            findings.extend(refused.map(|target| finding(target.line, refusal(module, target.text))));
        }
    }
    findings
}

fn is_module(name: &str) -> bool {
    EDGES.iter().any(|(module, _)| *module == name)
}

fn may(module: &str, target: &str) -> bool {
    if EVERYTHING.contains(&module) || module == target {
        return true;
    }
    EDGES
        .iter()
        .any(|(name, allowed)| *name == module && allowed.contains(&target))
}

fn refusal(module: &str, target: &str) -> String {
    let allowed = EDGES
        .iter()
        .find(|(name, _)| *name == module)
        .map_or(&[][..], |(_, allowed)| allowed);
    let allowed = if allowed.is_empty() {
        "nothing".to_owned()
    } else {
        allowed.join(", ")
    };
    format!("`{module}` may not import `{target}`, only {allowed}")
}

/// The first segment of the path that begins here, or of each path in the braces that begin here.
fn first_segments<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    if tokens.first().is_none_or(|token| token.text != "{") {
        return tokens.first().copied().into_iter().collect();
    }
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && matches!(tokens[at - 1].text, "{" | ",") => found.push(*token),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
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
    fn arrows_point_forward() {
        assert!(
            findings(
                "server/src/chat/send.rs",
                "use crate::{chat::Chat, model::{App, User}, storage};"
            )
            .is_empty()
        );
        let found = findings(
            "server/src/storage/mod.rs",
            "use crate::model::App;\nfn f() { crate::chat::send() }",
        );
        assert_eq!(
            found,
            ["server/src/storage/mod.rs:2: imports: `storage` may not import `chat`, only model, telemetry"]
        );
    }

    #[test]
    fn every_path_of_a_group_counts() {
        let found = findings(
            "server/src/model/app.rs",
            "use crate::{\n  model::{User, hub},\n  hub::{self, Hub},\n};",
        );
        assert_eq!(
            found,
            ["server/src/model/app.rs:3: imports: `model` may not import `hub`, only nothing"]
        );
    }

    #[test]
    fn super_is_no_way_around() {
        let found = findings(
            "server/src/hub/mod.rs",
            "use super::chat::Chat;\nuse self::super::storage;\nuse super::Ours;",
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(findings("server/src/hub/shard.rs", "use super::chat;").is_empty());
        assert_eq!(findings("server/src/hub/shard.rs", "use super::super::chat;").len(), 1);
    }

    #[test]
    fn the_root_of_the_crate_is_not_imported_whole() {
        assert_eq!(findings("server/src/hub/mod.rs", "use crate::*;").len(), 1);
        assert_eq!(findings("server/src/hub/mod.rs", "use crate::{self as all};").len(), 1);
    }

    #[test]
    fn text_and_tests_are_not_imports() {
        let text = "// crate::chat\nlet a = \"crate::chat\";\n#[cfg(test)]\nmod tests { use crate::chat::Chat; }";
        assert!(findings("server/src/model/app.rs", text).is_empty());
    }

    #[test]
    fn the_root_may_everything_and_strangers_are_named() {
        assert!(findings("server/src/node.rs", "use crate::{chat, storage, gateway};").is_empty());
        assert!(findings("server/src/cli/serve.rs", "use crate::node::Node;").is_empty());
        assert_eq!(findings("server/src/extras/mod.rs", "").len(), 1);
    }

    #[test]
    fn the_table_has_no_way_back() {
        for (at, (module, allowed)) in EDGES.iter().enumerate() {
            for target in *allowed {
                let earlier = EDGES[..at].iter().any(|(name, _)| name == target);
                assert!(earlier, "{module} imports {target}, which does not come before it");
            }
        }
    }
}
