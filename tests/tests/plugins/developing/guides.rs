//! The guides give the commands that the tests run.

use std::path::Path;

/// Commands of every guide, in order.
const WAY: [&str; 5] = [
    "switchboard plugin new greet --lang LANG",
    "switchboard plugin test",
    "switchboard plugin check greet.wasm",
    "switchboard plugin install APP greet.wasm --grants messages-send",
    "switchboard plugin logs APP greet",
];

#[test]
fn the_guides_commands_are_the_tests() {
    for (language, guide) in [("rust", "rust"), ("js", "js"), ("python", "python")] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/plugins-{guide}.md"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut rest = text.as_str();
        for command in WAY {
            let command = command.replace("LANG", language);
            let at = rest
                .find(&command)
                .unwrap_or_else(|| panic!("{guide} does not give `{command}` (in this order)"));
            rest = &rest[at..];
        }
    }
}
