//! Who may do what: one pure table. No I/O, no clock, nothing looked up; whoever asks brings all that matters.
//!
//! To someone who is not in a conversation it does not exist: the answer is "not found", never "not permitted".

use crate::model::{Code, ConversationKind, Refusal, Role};

/// What someone wants to do to a conversation or a message in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See its data.
    View,
    /// See its messages, members and marks; set one's own marks; say that one is typing.
    Read,
    /// Send a message.
    Speak,
    /// Put an emoji on a message.
    React,
    /// Replace the body of a message.
    Edit,
    /// Take a message back.
    Recall,
    /// Change its name or picture, silence it, or let members bring users in.
    Update,
    /// Announce something.
    Announce,
    /// Change the app's own data about it.
    UpdateExt,
    /// End it.
    Dissolve,
    /// Bring users in.
    AddMembers,
    /// Put a member out.
    RemoveMember,
    /// Give a rank or hand it over.
    SetRole,
    /// Forbid a member to speak.
    MuteMember,
    /// Come in by oneself.
    Join,
    /// Go.
    Leave,
}

/// Who asks, as far as the rules are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The app itself: its admin API, or a plugin that does not speak as a user.
    App,
    /// A user with a rank, or without one.
    User {
        /// The rank; none for who is not in it.
        role: Option<Role>,
        /// May not speak for now.
        muted: bool,
    },
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// What the conversation is.
    pub kind: ConversationKind,
    /// Only the owner and admins may speak in it.
    pub silenced: bool,
    /// Any member may bring users into it.
    pub members_invite: bool,
    /// The message is the asker's own.
    pub own: bool,
    /// The rank of the member it is about, or of the message's sender.
    pub target: Option<Role>,
}

impl Subject {
    /// A conversation as such.
    #[must_use]
    pub const fn of(kind: ConversationKind) -> Self {
        Self {
            kind,
            silenced: false,
            members_invite: false,
            own: false,
            target: None,
        }
    }
}

/// What an action takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing.
    Anyone,
    /// To be in it.
    Member,
    /// A rank.
    Rank(Role),
    /// A rank, or only to be in it where members may bring users in.
    Invite,
    /// A rank, and above that of the one it is about.
    RankAbove(Role),
    /// To have written the message.
    Author,
    /// To have written the message, or a rank above its sender's.
    AuthorOrRankAbove(Role),
    /// It makes no sense here, whoever asks.
    Never(&'static str),
}

/// The table.
const fn need(action: Action, kind: ConversationKind) -> Need {
    use ConversationKind::{Chatroom, Direct, Group, Temporary};
    use Role::{Admin, Owner};
    match (action, kind) {
        (Action::View, Chatroom) => Need::Anyone,
        (Action::View | Action::Read | Action::Speak | Action::React, _) => Need::Member,
        (Action::Edit, _) => Need::Author,
        (Action::Recall, Direct) => Need::Author,
        (Action::Recall, Temporary | Group | Chatroom) => Need::AuthorOrRankAbove(Admin),
        (Action::Update, Direct) => Need::Never("a direct conversation has no name, picture or silence of its own"),
        (Action::Update, Temporary | Group | Chatroom) => Need::Rank(Admin),
        (Action::Announce, Direct) => Need::Never("in a direct conversation nothing is announced"),
        (Action::Announce, Temporary | Group | Chatroom) => Need::Rank(Admin),
        (Action::UpdateExt, Direct) => Need::Member,
        (Action::UpdateExt, Temporary | Group | Chatroom) => Need::Rank(Admin),
        // A direct conversation has no owner: only the app can end it.
        (Action::Dissolve, _) => Need::Rank(Owner),
        (Action::AddMembers, Direct) => Need::Never("a direct conversation has exactly two members"),
        (Action::AddMembers, Temporary | Group | Chatroom) => Need::Invite,
        (Action::RemoveMember, Direct) => Need::Never("a direct conversation has exactly two members"),
        (Action::RemoveMember, Temporary | Group | Chatroom) => Need::RankAbove(Admin),
        (Action::SetRole, Direct) => Need::Never("a direct conversation has no ranks"),
        (Action::SetRole, Temporary | Group | Chatroom) => Need::Rank(Owner),
        (Action::MuteMember, Direct) => Need::Never("in a direct conversation nobody is muted; block the user instead"),
        (Action::MuteMember, Temporary | Group | Chatroom) => Need::RankAbove(Admin),
        (Action::Join, Chatroom) => Need::Anyone,
        (Action::Join, Direct | Temporary | Group) => Need::Never("only chatrooms can be joined"),
        (Action::Leave, Direct) => Need::Never("a direct conversation cannot be left"),
        (Action::Leave, Temporary | Group | Chatroom) => Need::Member,
    }
}

/// Whether the asker may.
///
/// # Errors
/// `NotFound` to who is not in the conversation, `Muted`, or `NotPermitted` with the rule in words.
pub fn check(action: Action, asker: Asker, subject: Subject) -> Result<(), Refusal> {
    let need = need(action, subject.kind);
    let (role, muted) = match asker {
        Asker::App => {
            return match need {
                Need::Never(rule) => Err(Refusal::not_permitted(rule)),
                _ => Ok(()),
            };
        }
        Asker::User { role, muted } => (role, muted),
    };
    let Some(role) = role else {
        return match need {
            Need::Anyone => Ok(()),
            _ => Err(Refusal::not_found("conversation")),
        };
    };
    let above = |least: Role| role >= least && subject.target.is_none_or(|target| role > target);
    match need {
        Need::Anyone | Need::Member => speak(action, role, muted, subject.silenced),
        Need::Rank(least) if role >= least => Ok(()),
        Need::Rank(Role::Owner) => Err(Refusal::not_permitted("only the owner may")),
        Need::Rank(_) => Err(Refusal::not_permitted("only the owner and admins may")),
        Need::Invite if subject.members_invite || role >= Role::Admin => Ok(()),
        Need::Invite => Err(Refusal::not_permitted("only the owner and admins may")),
        Need::RankAbove(least) if above(least) => Ok(()),
        Need::RankAbove(_) => Err(Refusal::not_permitted(
            "only the owner and admins may, and only to a lower rank",
        )),
        Need::Author if subject.own => Ok(()),
        Need::Author => Err(Refusal::not_permitted("only its sender may")),
        Need::AuthorOrRankAbove(least) if subject.own || above(least) => Ok(()),
        Need::AuthorOrRankAbove(_) => Err(Refusal::not_permitted("only its sender, the owner and admins may")),
        Need::Never(rule) => Err(Refusal::not_permitted(rule)),
    }
}

fn speak(action: Action, role: Role, muted: bool, silenced: bool) -> Result<(), Refusal> {
    if !matches!(action, Action::Speak) {
        Ok(())
    } else if muted {
        Err(Refusal::new(Code::Muted, "you may not speak here for now"))
    } else if silenced && role < Role::Admin {
        Err(Refusal::new(
            Code::Muted,
            "only the owner and admins may speak here for now",
        ))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConversationKind::{Chatroom, Direct, Group, Temporary};

    /// One letter a cell: `+` may, `-` not permitted, `?` not found, `m` muted.
    fn cell(action: Action, asker: Asker, subject: Subject) -> char {
        match check(action, asker, subject) {
            Ok(()) => '+',
            Err(refusal) => match refusal.code {
                Code::NotFound => '?',
                Code::NotPermitted => '-',
                Code::Muted => 'm',
                other => panic!("no cell answers {other:?}"),
            },
        }
    }

    const fn user(role: Option<Role>) -> Asker {
        Asker::User { role, muted: false }
    }

    /// Columns: the app, a stranger, a member, an admin, the owner. Rows about a member are about a plain member, and
    /// rows about a message are about a plain member's.
    fn row(action: Action, kind: ConversationKind) -> String {
        let target =
            matches!(action, Action::RemoveMember | Action::MuteMember | Action::Recall).then_some(Role::Member);
        let subject = Subject {
            target,
            ..Subject::of(kind)
        };
        [
            Asker::App,
            user(None),
            user(Some(Role::Member)),
            user(Some(Role::Admin)),
            user(Some(Role::Owner)),
        ]
        .into_iter()
        .map(|asker| cell(action, asker, subject))
        .collect()
    }

    #[test]
    fn every_cell() {
        let table = [
            //                       direct   temporary group    chatroom
            (Action::View, ["+?+++", "+?+++", "+?+++", "+++++"]),
            (Action::Read, ["+?+++", "+?+++", "+?+++", "+?+++"]),
            (Action::Speak, ["+?+++", "+?+++", "+?+++", "+?+++"]),
            (Action::React, ["+?+++", "+?+++", "+?+++", "+?+++"]),
            (Action::Edit, ["+?---", "+?---", "+?---", "+?---"]),
            (Action::Recall, ["+?---", "+?-++", "+?-++", "+?-++"]),
            (Action::Update, ["-?---", "+?-++", "+?-++", "+?-++"]),
            (Action::Announce, ["-?---", "+?-++", "+?-++", "+?-++"]),
            (Action::UpdateExt, ["+?+++", "+?-++", "+?-++", "+?-++"]),
            (Action::Dissolve, ["+?--+", "+?--+", "+?--+", "+?--+"]),
            (Action::AddMembers, ["-?---", "+?-++", "+?-++", "+?-++"]),
            (Action::RemoveMember, ["-?---", "+?-++", "+?-++", "+?-++"]),
            (Action::SetRole, ["-?---", "+?--+", "+?--+", "+?--+"]),
            (Action::MuteMember, ["-?---", "+?-++", "+?-++", "+?-++"]),
            (Action::Join, ["-?---", "-?---", "-?---", "+++++"]),
            (Action::Leave, ["-?---", "+?+++", "+?+++", "+?+++"]),
        ];
        for (action, rows) in table {
            for (kind, expected) in [Direct, Temporary, Group, Chatroom].into_iter().zip(rows) {
                assert_eq!(row(action, kind), expected, "{action:?} in {kind:?}");
            }
        }
    }

    #[test]
    fn a_sender_may_edit_and_recall_its_own() {
        for kind in [Direct, Temporary, Group, Chatroom] {
            for action in [Action::Edit, Action::Recall] {
                let own = Subject {
                    own: true,
                    target: Some(Role::Member),
                    ..Subject::of(kind)
                };
                assert_eq!(
                    cell(action, user(Some(Role::Member)), own),
                    '+',
                    "{action:?} in {kind:?}"
                );
            }
        }
    }

    #[test]
    fn nobody_acts_on_an_equal_or_higher_rank() {
        for action in [Action::RemoveMember, Action::MuteMember, Action::Recall] {
            for (role, target, expected) in [
                (Role::Admin, Role::Admin, '-'),
                (Role::Admin, Role::Owner, '-'),
                (Role::Owner, Role::Admin, '+'),
                (Role::Owner, Role::Owner, '-'),
            ] {
                let subject = Subject {
                    target: Some(target),
                    ..Subject::of(Group)
                };
                assert_eq!(
                    cell(action, user(Some(role)), subject),
                    expected,
                    "{action:?} by {role:?} to {target:?}"
                );
            }
        }
    }

    #[test]
    fn members_bring_users_in_where_they_may() {
        for kind in [Temporary, Group, Chatroom, Direct] {
            let open = Subject {
                members_invite: true,
                ..Subject::of(kind)
            };
            let expected = if kind == Direct { "?-" } else { "?+" };
            let row: String = [None, Some(Role::Member)]
                .into_iter()
                .map(|role| cell(Action::AddMembers, user(role), open))
                .collect();
            assert_eq!(row, expected, "{kind:?}");
        }
    }

    #[test]
    fn the_muted_and_the_silenced_do_not_speak() {
        for (role, muted, silenced, expected) in [
            (Role::Member, true, false, 'm'),
            (Role::Admin, true, false, 'm'),
            (Role::Member, false, true, 'm'),
            (Role::Admin, false, true, '+'),
            (Role::Owner, false, true, '+'),
        ] {
            let subject = Subject {
                silenced,
                ..Subject::of(Group)
            };
            assert_eq!(
                cell(
                    Action::Speak,
                    Asker::User {
                        role: Some(role),
                        muted
                    },
                    subject
                ),
                expected
            );
            assert_eq!(
                cell(
                    Action::Read,
                    Asker::User {
                        role: Some(role),
                        muted
                    },
                    subject
                ),
                '+'
            );
        }
        let silenced = Subject {
            silenced: true,
            ..Subject::of(Group)
        };
        assert_eq!(cell(Action::Speak, Asker::App, silenced), '+');
    }
}
