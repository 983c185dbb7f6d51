//! What a dialect said of itself at admission, checked and ready for use.

use super::bindings::exports::switchboard::plugin::dialect;
use super::failure::Fault;
use super::sealed::Names;
use crate::model::{Change, PluginName};

/// How many paths, names or farewells a dialect may have.
const ITEMS: usize = 256;
/// Bytes of a path or a name.
const TEXT: usize = 200;
/// Bytes of a farewell.
const FAREWELL: usize = 16 << 10;

/// What a dialect is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The protocol's name.
    pub name: PluginName,
    /// Paths it answers below its mount.
    pub paths: Vec<String>,
    /// Paths of its sockets.
    pub sockets: Vec<String>,
    /// Names whose values are credentials.
    pub(super) credentials: Names,
    /// What it hears, a bit for each kind of event.
    events: u32,
    farewells: Vec<(dialect::CloseReason, String)>,
}

impl Description {
    /// Checks what a dialect said.
    pub(super) fn checked(said: dialect::Description) -> wasmtime::Result<Self> {
        let name = PluginName::new(&said.name).map_err(|error| Fault::nonsense(format!("a dialect's name {error}")))?;
        for list in [&said.paths, &said.sockets] {
            bounded("paths", list)?;
            if let Some(path) = list.iter().find(|path| !path.starts_with('/')) {
                return Err(Fault::nonsense(format!(
                    "the path {path:?} does not begin with a slash"
                )));
            }
        }
        bounded("credentials", &said.credentials)?;
        if said.farewells.len() > ITEMS || said.farewells.iter().any(|farewell| farewell.frame.len() > FAREWELL) {
            return Err(Fault::nonsense(format!(
                "farewells may have at most {FAREWELL} bytes each"
            )));
        }
        Ok(Self {
            name,
            paths: said.paths,
            sockets: said.sockets,
            credentials: Names::new(said.credentials),
            events: said.events.into_iter().fold(0, |set, kind| set | bit(kind)),
            farewells: said.farewells.into_iter().map(|f| (f.reason, f.frame)).collect(),
        })
    }

    /// What a connection is told before it is ended for this reason.
    pub fn farewells(&self, reason: dialect::CloseReason) -> impl Iterator<Item = &str> {
        let told = self.farewells.iter().filter(move |(of, _)| *of == reason);
        told.map(|(_, frame)| frame.as_str())
    }

    /// Whether it tells of such a change.
    #[must_use]
    pub fn tells(&self, change: &Change) -> bool {
        kind(change).is_some_and(|kind| self.events & bit(kind) != 0)
    }

    /// Whether it answers a request for this path.
    #[must_use]
    pub fn answers(&self, path: &str, socket: bool) -> bool {
        let own = if socket { &self.sockets } else { &self.paths };
        own.iter().any(|pattern| matches(pattern, path))
    }

    /// Whether there may be a path that both answer.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let meet = |ours: &[String], theirs: &[String]| {
            ours.iter().any(|ours| {
                theirs
                    .iter()
                    .any(|theirs| matches(ours, theirs) || matches(theirs, ours))
            })
        };
        meet(&self.paths, &other.paths) || meet(&self.sockets, &other.sockets)
    }
}

/// Whether a path fits a pattern: it is the same, or begins with what is before the final `*`.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix("/*") {
        // What the star of the other pattern stands for is below this one too.
        Some(stem) => path.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/')),
        None => pattern == path,
    }
}

const fn bit(kind: dialect::EventKind) -> u32 {
    1 << kind as u32
}

/// Which kind of event a change is.
/// Which kind of event a change is; none for what no dialect is told.
const fn kind(change: &Change) -> Option<dialect::EventKind> {
    use dialect::EventKind;
    Some(match change {
        Change::MessageSent(_) => EventKind::MessageSent,
        Change::MessageEdited(_) => EventKind::MessageEdited,
        Change::MessageRecalled(_) => EventKind::MessageRecalled,
        Change::MessagesDeleted(_) => EventKind::MessagesHidden,
        Change::Reacted { .. } => EventKind::Reacted,
        Change::Marked { .. } => EventKind::Marked,
        Change::Typing { .. } => EventKind::Typing,
        Change::ConversationCreated(_) => EventKind::ConversationCreated,
        Change::ConversationUpdated(_) => EventKind::ConversationUpdated,
        Change::ConversationDissolved(_) => EventKind::ConversationDissolved,
        Change::Announced { .. } => EventKind::Announced,
        Change::Preferred { .. } | Change::HistoryCleared { .. } => return None,
        Change::MembersJoined { .. } => EventKind::MembersJoined,
        Change::MembersLeft { .. } => EventKind::MembersLeft,
        Change::MemberUpdated { .. } => EventKind::MemberUpdated,
        Change::UserUpdated(_) => EventKind::UserUpdated,
        Change::PresenceChanged { .. } => EventKind::Presence,
        Change::Pushed { .. } => EventKind::Pushed,
    })
}

fn bounded(what: &str, list: &[String]) -> wasmtime::Result<()> {
    if list.len() > ITEMS || list.iter().any(|text| text.len() > TEXT) {
        return Err(Fault::nonsense(format!(
            "{what} may have at most {ITEMS} items of {TEXT} bytes"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(paths: &[&str]) -> Description {
        Description::checked(dialect::Description {
            name: "parrot".to_owned(),
            paths: paths.iter().map(ToString::to_string).collect(),
            sockets: Vec::new(),
            credentials: Vec::new(),
            events: vec![dialect::EventKind::Typing],
            farewells: Vec::new(),
        })
        .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_star_stands_for_all_that_begins_so() {
        let own = description(&["/api", "/files/*"]);
        for (path, answers) in [
            ("/api", true),
            ("/api/", false),
            ("/apis", false),
            ("/files/", true),
            ("/files/a/b", true),
            ("/files", false),
            ("/filesystem", false),
        ] {
            assert_eq!(own.answers(path, false), answers, "{path}");
        }
        assert!(!own.answers("/api", true));
        assert!(description(&["/*"]).answers("/", false));
    }

    #[test]
    fn patterns_overlap_where_a_path_fits_both() {
        for (ours, theirs, overlap) in [
            ("/a", "/a", true),
            ("/a", "/b", false),
            ("/a/*", "/a", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/*", true),
            ("/a/b/*", "/a/*", true),
            ("/a/*", "/ab/*", false),
            ("/*", "/x", true),
        ] {
            assert_eq!(
                description(&[ours]).overlaps(&description(&[theirs])),
                overlap,
                "{ours} {theirs}"
            );
        }
    }

    #[test]
    fn what_is_no_path_or_no_name_is_refused() {
        let said = |name: &str, path: &str| dialect::Description {
            name: name.to_owned(),
            paths: vec![path.to_owned()],
            sockets: Vec::new(),
            credentials: Vec::new(),
            events: Vec::new(),
            farewells: Vec::new(),
        };
        assert!(Description::checked(said("x", "/")).is_ok());
        assert!(Description::checked(said("X", "/")).is_err());
        assert!(Description::checked(said("x", "api")).is_err());
        assert!(Description::checked(said("x", &format!("/{}", "a".repeat(TEXT)))).is_err());
    }
}
