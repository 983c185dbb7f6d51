//! What the desk says, with fields filled in. An empty text is not said.

use serde::Deserialize;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// What is said; an empty text is not.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Texts { $($(#[$doc])* pub $name: String,)* }

        impl Default for Texts {
            fn default() -> Self {
                Self { $($name: $default.to_owned(),)* }
            }
        }

        impl Texts {
            /// Every text with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &String)> {
                vec![$((stringify!($name), &self.$name),)*]
            }
        }
    };
}

texts! {
    /// To who waits: `{position}`.
    position = "You are number {position} in the queue. Somebody will be with you soon.";
    /// To who waits further back than numbers are told.
    waiting = "There are many before you. Somebody will be with you as soon as possible.";
    /// An agent is there: `{agent}`.
    assigned = "You are now talking to {agent}.";
    /// The conversation goes to an agent or a team: `{to}`.
    transferred = "You are being passed on to {to}.";
    /// In a direct conversation, to which nobody can be added: where somebody will be, `{case}`.
    beside = "Please go to the conversation \"{case}\": somebody will be with you there.";
    /// What that conversation is called.
    case = "Help desk";
    /// Nobody is on duty.
    unavailable = "Nobody is available at the moment.";
    /// The desk is closed.
    outside = "We are closed at the moment.";
    /// Beside either, when the customer may leave a message.
    message = "Leave a message here, and we will answer as soon as we are back.";
    /// The longest wait is over.
    too_long = "We are sorry that nobody could be with you in time. We will come back to you here.";
    /// To a customer whose agent takes too long.
    escalated = "";
    /// To a customer who says nothing more.
    remind = "Are you still there?";
    /// Closed by an agent.
    closed = "This conversation is closed. Thank you!";
    /// Closed because the customer says nothing more.
    idle_closed = "This conversation is closed because we have not heard from you. Write whenever you like.";
    /// The question at the end.
    survey = "How did we do? Answer with a number from 1 (bad) to 5 (very good), and say more after it if you like.";
    /// After an answer.
    thanks = "Thank you for your answer!";
}

/// Puts values into the fields `{name}` of a text; an unknown field stays.
#[must_use]
pub fn fill(text: &str, fields: &[(&str, &str)]) -> String {
    let mut rest = text;
    let mut filled = String::with_capacity(text.len());
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = rest.find('}').and_then(|end| {
            let value = fields.iter().find(|(name, _)| *name == &rest[1..end])?;
            Some((value.1, end))
        });
        match known {
            Some((value, end)) => {
                filled.push_str(value);
                rest = &rest[end + 1..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn fields_are_filled_once() {
        let fields = [("agent", "{position}"), ("position", "3")];
        assert_eq!(fill("{agent}: {position} {who} {", &fields), "{position}: 3 {who} {");
        assert_eq!(fill("你是第 {position} 位", &fields), "你是第 3 位");
    }
}
