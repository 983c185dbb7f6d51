//! `where`: triples such as `["conv_id","=","…"]`, all of which must fit.

use crate::answer::{Failure, Outcome};
use crate::fields;
use crate::ids::{self, Prints, Thing};
use serde_json::Value;
use switchboard_plugin::host::types::ConversationKind;

/// The most triples.
const TRIPLES: usize = 16;

/// What conversations are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The server's id.
    pub id: Option<String>,
    /// The kind.
    pub kind: Option<ConversationKind>,
    /// Who made it.
    pub creator: Option<String>,
    /// Who is in it.
    pub member: Option<String>,
    /// Nothing can fit: an id that none of ours can be, or two different ones.
    pub nothing: bool,
}

impl Filter {
    /// Reads `where`, given as JSON or as a text of JSON.
    ///
    /// # Errors
    /// 4406, or 4405 for a kind that does not exist.
    pub fn read(prints: &impl Prints, value: &Value) -> Outcome<Self> {
        let parsed;
        let value = match value {
            Value::String(text) => {
                parsed = serde_json::from_str(text).map_err(|_| wrong())?;
                &parsed
            }
            other => other,
        };
        let triples = value.as_array().filter(|all| all.len() <= TRIPLES).ok_or_else(wrong)?;
        let mut filter = Self::default();
        for triple in triples {
            match triple.as_array().map(Vec::as_slice) {
                Some([Value::String(name), Value::String(operator), value]) if operator == "=" => {
                    filter.narrow(prints, name, value)?;
                }
                _ => return Err(wrong()),
            }
        }
        Ok(filter)
    }

    /// Whether it asks for everything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn narrow(&mut self, prints: &impl Prints, name: &str, value: &Value) -> Outcome<()> {
        match name {
            "conv_id" => {
                let hex = value
                    .as_str()
                    .ok_or_else(|| Failure::malformed("conv_id", "must be a text"))?;
                // 0 is no conversation: it finds nothing.
                let id = ids::open(prints, Thing::Conversation, hex)?.unwrap_or_else(|| "0".to_owned());
                self.nothing |= id == "0" || self.id.as_ref().is_some_and(|other| *other != id);
                self.id = Some(id);
            }
            "conv_type" => {
                let kind = kind(fields::integer(value, name)?)?;
                self.nothing |= self.kind.is_some_and(|other| other != kind);
                self.kind = Some(kind);
            }
            "conv_creater_id" => self.nothing |= !settle(&mut self.creator, fields::id(value, name)?),
            "user_id" => self.nothing |= !settle(&mut self.member, fields::id(value, name)?),
            _ => return Err(Failure::malformed("where", &format!("nothing is called {name}"))),
        }
        Ok(())
    }
}

/// Sets it; false if it was something else.
fn settle(slot: &mut Option<String>, value: String) -> bool {
    let agrees = slot.as_ref().is_none_or(|other| *other == value);
    *slot = Some(value);
    agrees
}

fn wrong() -> Failure {
    Failure::malformed("where", r#"must be triples such as [["conv_id","=","…"]]"#)
}

/// The kind of a `conv_type`.
///
/// # Errors
/// 4405.
pub fn kind(conv_type: i64) -> Outcome<ConversationKind> {
    match conv_type {
        1 => Ok(ConversationKind::Direct),
        2 => Ok(ConversationKind::Temporary),
        3 => Ok(ConversationKind::Group),
        4 => Ok(ConversationKind::Chatroom),
        _ => Err(Failure::conversation_type(
            "conv_type: 1 private, 2 temporary, 3 group, 4 chat room",
        )),
    }
}

/// The `conv_type` of a kind.
pub fn conv_type(kind: ConversationKind) -> u8 {
    match kind {
        ConversationKind::Direct => 1,
        ConversationKind::Temporary => 2,
        ConversationKind::Group => 3,
        ConversationKind::Chatroom => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::tests::Press;
    use serde_json::json;

    #[test]
    fn all_names_are_read() {
        let hex = ids::seal(&Press, Thing::Conversation, "17").unwrap();
        let filter = Filter::read(
            &Press,
            &json!(
                json!([
                    ["conv_id", "=", hex],
                    ["conv_type", "=", "3"],
                    ["conv_creater_id", "=", "a"],
                    ["user_id", "=", 2]
                ])
                .to_string()
            ),
        );
        let expected = Filter {
            id: Some("17".to_owned()),
            kind: Some(ConversationKind::Group),
            creator: Some("a".to_owned()),
            member: Some("2".to_owned()),
            nothing: false,
        };
        assert_eq!(filter, Ok(expected));
        assert!(Filter::read(&Press, &json!([])).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_fit_finds_nothing() {
        for nothing in [
            json!([["conv_id", "=", "e7c42cf35bd47c216f4b8e205e1fc0ca"]]),
            json!([["conv_id", "=", ""]]),
            json!([["user_id", "=", "a"], ["user_id", "=", "b"]]),
            json!([["conv_type", "=", 1], ["conv_type", "=", 2]]),
        ] {
            assert!(Filter::read(&Press, &nothing).unwrap().nothing, "{nothing}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (bad, code) in [
            (json!("x"), 4406),
            (json!({ "conv_id": "x" }), 4406),
            (json!([["conv_id", "x"]]), 4406),
            (json!([["conv_id", ">", "x"]]), 4406),
            (json!([["secret", "=", "x"]]), 4406),
            (json!([["conv_id", "=", 1]]), 4406),
            (json!([["conv_type", "=", 9]]), 4405),
            (json!(vec![json!(["user_id", "=", "a"]); 17]), 4406),
        ] {
            assert_eq!(Filter::read(&Press, &bad).unwrap_err().code, code, "{bad}");
        }
    }
}
