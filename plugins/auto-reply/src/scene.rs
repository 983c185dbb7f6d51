//! What a call is about, and the facts about it: each is asked for when it is needed, and once.

use std::cell::OnceCell;

use serde_json::Value;
use switchboard_plugin::desk;

use crate::config::{Config, Desk, Doors, When};
use crate::fill::fill;
use crate::host::{Host, PAST, Past, Person, Say, Trouble};
use crate::hours::Hours;
use crate::script;
use crate::talk::Talk;
use crate::voice::{Voice, is_answer};

/// A customer in a conversation at a time.
pub struct Scene<'a, H> {
    /// The server.
    pub host: &'a H,
    /// The configuration.
    pub config: &'a Config,
    /// Its hours, if it has any that can be read.
    pub hours: Option<&'a Hours<'a>>,
    /// Where.
    pub conversation: &'a str,
    /// Who is answered. Of several who came in together: the first.
    pub customer: &'a str,
    /// Who came in with the customer.
    pub company: &'a [String],
    /// Who answers.
    pub voice: Voice,
    /// When it happened, in milliseconds.
    pub at: u64,
    /// The message, if it is about one.
    pub message: Option<Spoken<'a>>,
    facts: Facts,
}

/// A message, as far as conditions ask.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its place in the conversation.
    pub seq: u64,
    /// Its kind.
    pub kind: &'a str,
    /// What it says, if it is a text.
    pub text: Option<&'a str>,
}

#[derive(Default)]
struct Facts {
    ext: OnceCell<Value>,
    customer: OnceCell<Person>,
    peer: OnceCell<Person>,
    past: OnceCell<Vec<Past>>,
}

impl<'a, H: Host> Scene<'a, H> {
    /// A scene of which nothing is known yet.
    pub fn new(
        host: &'a H,
        (config, hours): (&'a Config, Option<&'a Hours<'a>>),
        conversation: &'a str,
        (customer, voice): (&'a str, Voice),
        at: u64,
    ) -> Self {
        Scene {
            host,
            config,
            hours,
            conversation,
            customer,
            company: &[],
            voice,
            at,
            message: None,
            facts: Facts::default(),
        }
    }

    /// The app's own data about the conversation.
    pub fn ext(&self) -> Result<&Value, Trouble> {
        known(&self.facts.ext, || self.host.ext(self.conversation))
    }

    /// The last messages, newest first.
    pub fn past(&self) -> Result<&[Past], Trouble> {
        known(&self.facts.past, || self.host.past(self.conversation, None)).map(Vec::as_slice)
    }

    /// Whether a human is at it: a desk says so, or one has answered just now.
    pub fn has_human(&self) -> Result<bool, Trouble> {
        Ok(self.answered_lately()? || self.desk_has_human()?)
    }

    /// Whether a desk says that a human has the conversation, that it waits for one, or that one was called.
    pub fn desk_has_human(&self) -> Result<bool, Trouble> {
        Ok(desk::Desk::of(self.ext()?).has_human())
    }

    fn answered_lately(&self) -> Result<bool, Trouble> {
        if self.config.quiet_minutes == 0 {
            return Ok(false);
        }
        let since = self.at.saturating_sub(u64::from(self.config.quiet_minutes) * 60_000);
        let answers = |past: &Past| past.at > since && is_answer(self.config, past, self.customer, &self.voice);
        Ok(self.past()?.iter().any(answers))
    }

    /// Whether it is outside of the hours. Without hours it never is.
    pub fn is_closed(&self) -> bool {
        self.hours.is_some_and(|hours| !hours.is_open(self.at))
    }

    /// Whether everything that a condition asks holds.
    pub fn holds(&self, when: &When, talk: &Talk) -> Result<bool, Trouble> {
        let pure = self.meets_kind(when)
            && self.meets_script(when)
            && when
                .hours
                .is_none_or(|doors| (doors == Doors::Closed) == self.is_closed())
            && when
                .remembered
                .iter()
                .all(|(name, expected)| fits(expected, talk.memory(name).map(Value::from).as_ref()));
        Ok(pure && self.meets_ext(when)? && self.meets_user(when)? && self.meets_contact(when)?)
    }

    fn meets_kind(&self, when: &When) -> bool {
        let kind = self.message.map_or("", |message| message.kind);
        when.kinds.is_empty() || when.kinds.iter().any(|wanted| wanted == kind)
    }

    fn meets_script(&self, when: &When) -> bool {
        let script = || self.message?.text.and_then(script::of);
        when.scripts.is_empty() || script().is_some_and(|script| when.scripts.iter().any(|wanted| wanted == script))
    }

    fn meets_ext(&self, when: &When) -> Result<bool, Trouble> {
        if when.ext.is_empty() && when.desk.is_empty() {
            return Ok(true);
        }
        let ext = self.ext()?;
        let desk = Desk::from(desk::Desk::of(ext));
        let paths = when
            .ext
            .iter()
            .all(|(path, expected)| fits(expected, ext.pointer(path)));
        Ok(paths && (when.desk.is_empty() || when.desk.contains(&desk)))
    }

    fn meets_user(&self, when: &When) -> Result<bool, Trouble> {
        if when.user.is_empty() {
            return Ok(true);
        }
        let attributes = &self.person(self.customer, &self.facts.customer)?.attributes;
        Ok(when
            .user
            .iter()
            .all(|(path, expected)| fits(expected, attributes.pointer(path))))
    }

    fn meets_contact(&self, when: &When) -> Result<bool, Trouble> {
        let Some(first) = when.first_contact else {
            return Ok(true);
        };
        let before = self
            .host
            .past(self.conversation, self.message.map(|message| message.seq))?;
        let wrote = |past: &Past| past.uid.as_deref() == Some(self.customer) && !past.automatic;
        // Who may have written in a past that is longer than what is looked at has been here before.
        let known = before.len() >= PAST || before.iter().any(wrote);
        Ok(first != known)
    }

    /// A text with its fields filled in. What is not named in it is not asked for.
    pub fn words(&self, template: &str) -> Result<String, Trouble> {
        let name = |uid: &str, field: &str, cell| -> Result<String, Trouble> {
            if !template.contains(field) {
                return Ok(String::new());
            }
            Ok(self.person(uid, cell)?.name().to_owned())
        };
        let nickname = match self.company {
            [] => name(self.customer, "{nickname}", &self.facts.customer)?,
            _ if !template.contains("{nickname}") => String::new(),
            company => self.names(company)?,
        };
        let peer = self.voice.uid();
        let peer = peer.map_or(Ok(String::new()), |uid| name(uid, "{peer_nickname}", &self.facts.peer))?;
        Ok(fill(template, |field| match field {
            "nickname" => Some(nickname.clone()),
            "uid" => Some(self.customer.to_owned()),
            "peer_nickname" => Some(peer.clone()),
            "conversation" => Some(self.conversation.to_owned()),
            field => self.hours.and_then(|hours| hours.field(field, self.at)),
        }))
    }

    /// JSON with the fields of all its texts filled in.
    pub fn filled(&self, value: &Value) -> Result<Value, Trouble> {
        Ok(match value {
            Value::String(text) => Value::String(self.words(text)?),
            Value::Array(list) => list.iter().map(|value| self.filled(value)).collect::<Result<_, _>>()?,
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.filled(value)?)));
                Value::Object(fields.collect::<Result<_, Trouble>>()?)
            }
            other => other.clone(),
        })
    }

    /// Something to say here, in words that are filled in already.
    pub fn say(&self, text: String) -> Say {
        let answers = self.message.filter(|_| matches!(self.voice, Voice::Group(_)));
        Say {
            conversation: self.conversation.to_owned(),
            as_user: self.voice.uid().map(str::to_owned),
            text,
            reply_to: answers.map(|message| message.id.to_owned()),
            ..Say::default()
        }
    }

    fn names(&self, company: &[String]) -> Result<String, Trouble> {
        let mut names = Vec::new();
        for uid in company.iter().take(10) {
            let person = self.host.person(uid)?;
            names.push(person.map_or_else(|| uid.clone(), |person| person.name().to_owned()));
        }
        Ok(names.join(", "))
    }

    fn person<'s>(&'s self, uid: &str, cell: &'s OnceCell<Person>) -> Result<&'s Person, Trouble> {
        known(cell, || {
            Ok(self.host.person(uid)?.unwrap_or_else(|| Person {
                uid: uid.to_owned(),
                ..Person::default()
            }))
        })
    }
}

fn known<T>(cell: &OnceCell<T>, ask: impl FnOnce() -> Result<T, Trouble>) -> Result<&T, Trouble> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let answer = ask()?;
    Ok(cell.get_or_init(|| answer))
}

/// Whether a value is the expected one: one of a list, absent for null, anything else for `{"not": …}`.
fn fits(expected: &Value, found: Option<&Value>) -> bool {
    match expected {
        Value::Null => found.is_none_or(Value::is_null),
        Value::Array(any) => any.iter().any(|one| fits(one, found)),
        Value::Object(not) => not.get("not").is_some_and(|not| !fits(not, found)),
        value => found == Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;
    use serde_json::{Value, json};

    #[test]
    fn what_fits() {
        let found = json!("pro");
        for (expected, fit) in [
            (json!("pro"), true),
            (json!("free"), false),
            (json!(["free", "pro"]), true),
            (json!([]), false),
            (Value::Null, false),
            (json!({ "not": "free" }), true),
            (json!({ "not": ["free", "pro"] }), false),
            (json!({ "not": null }), true),
            (json!({}), false),
        ] {
            assert_eq!(fits(&expected, Some(&found)), fit, "{expected}");
        }
        assert!(fits(&Value::Null, None) && fits(&Value::Null, Some(&Value::Null)));
        assert!(fits(&json!([null, "pro"]), None) && !fits(&json!({ "not": null }), None));
        assert!(fits(&json!({ "not": "free" }), None), "what is absent is not `free`");
        assert!(fits(&json!(true), Some(&json!(true))) && fits(&json!(1), Some(&json!(1))));
    }
}
