//! Commands that users type, such as `/close`: texts that are run and not stored.

use super::{Body, Kind, PluginName, Role, SlashName};

/// A command of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlashCommand {
    /// What follows the slash.
    pub name: SlashName,
    /// How its arguments are written; may be empty.
    pub usage: String,
    /// One line for people; may be empty.
    pub summary: String,
    /// Who may run it; whoever may speak if empty.
    pub roles: Vec<Role>,
}

impl SlashCommand {
    /// Whether someone of this rank may run it; none: who is no member.
    #[must_use]
    pub fn is_for(&self, role: Option<Role>) -> bool {
        self.roles.is_empty() || role.is_some_and(|role| self.roles.contains(&role))
    }
}

/// What became of a message that was a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlashRun {
    /// Whose command.
    pub plugin: PluginName,
    /// Which.
    pub name: SlashName,
    /// What it came to.
    pub outcome: SlashOutcome,
}

/// What a command came to.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlashOutcome {
    /// There is nothing to tell.
    Silent,
    /// Only who ran it is told.
    Whisper(String),
    /// This is sent in place of what was typed.
    Say { kind: Kind, body: Body },
}

/// What the arguments of a command might become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlashSuggestion {
    /// The arguments, in whole.
    pub value: String,
    /// For people; may be empty.
    pub summary: String,
}

/// The name and the arguments of `/name arguments`; none of any other text. Whether there is such a command is another
/// question.
#[must_use]
pub fn slash(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('/')?;
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    SlashName::new(name).ok()?;
    Some((name, arguments.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        assert_eq!(slash("/close"), Some(("close", "")));
        assert_eq!(slash("/remind  10 tea\n"), Some(("remind", "10 tea")));
        assert_eq!(slash("/a\nb"), Some(("a", "b")));
        for text in [
            "",
            "/",
            "//close",
            "/ close",
            " /close",
            "/Close",
            "/clo\u{e9}",
            "close",
        ] {
            assert_eq!(slash(text), None, "{text:?}");
        }
        assert_eq!(slash(&format!("/{}", "x".repeat(33))), None);
    }

    #[test]
    fn ranks_are_asked_for() {
        let mut command = SlashCommand {
            name: SlashName::new("close").unwrap(),
            usage: String::new(),
            summary: String::new(),
            roles: Vec::new(),
        };
        assert!(command.is_for(None));
        command.roles = vec![Role::Owner, Role::Admin];
        assert!(command.is_for(Some(Role::Admin)));
        assert!(!command.is_for(Some(Role::Member)) && !command.is_for(None));
    }
}
