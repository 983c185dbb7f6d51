//! The configuration, read on every call: its word list stays unread text until a matcher walks through it.

use crate::list;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What happens to a message with a listed word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The matched characters are replaced.
    #[default]
    Mask,
    /// The message is refused.
    Reject,
}

/// Where a word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// Anywhere.
    #[default]
    Substring,
    /// Not inside a longer word, in scripts that put spaces between words.
    Word,
}

/// A configuration, borrowed from its text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config<'a> {
    /// Mask or reject.
    pub mode: Mode,
    /// The list, as JSON text; see [`words`].
    #[serde(borrow)]
    pub words: Option<&'a RawValue>,
    /// What replaces a matched character.
    pub mask: char,
    /// Where a word counts.
    #[serde(rename = "match")]
    pub matching: Match,
    /// Whether `Spam` and `spam` differ.
    pub case_sensitive: bool,
    /// The kinds to look at.
    pub kinds: Vec<String>,
    /// What the sender of a refused message is told.
    pub message: String,
}

impl Default for Config<'_> {
    fn default() -> Self {
        Config {
            mode: Mode::Mask,
            words: None,
            mask: '*',
            matching: Match::Substring,
            case_sensitive: false,
            kinds: vec!["text".to_owned()],
            message: "This message contains words that are not allowed here.".to_owned(),
        }
    }
}

impl<'a> Config<'a> {
    /// Reads a configuration; the text of an error says what is wrong and where.
    pub fn parse(text: &'a str) -> Result<Config<'a>, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }

    /// The configuration without its list, free of the text it was read from.
    pub fn settled(self) -> Config<'static> {
        let Config {
            mode,
            words: _,
            mask,
            matching,
            case_sensitive,
            kinds,
            message,
        } = self;
        Config {
            mode,
            words: None,
            mask,
            matching,
            case_sensitive,
            kinds,
            message,
        }
    }

    /// Hands every word of the list to `take`, in the list's order, without keeping any.
    pub fn words(&self, take: impl FnMut(&str)) -> Result<(), String> {
        self.words.map_or(Ok(()), |list| {
            list::walk(list.get(), take).map_err(|error| format!("configuration: words: {error}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<String>, String> {
        let mut words = Vec::new();
        Config::parse(text)?.words(|word| words.push(word.to_owned()))?;
        Ok(words)
    }

    #[test]
    fn an_empty_configuration_is_the_default() {
        let config = Config::parse("{}").unwrap();
        assert_eq!(
            (config.mode, config.matching, config.mask),
            (Mode::Mask, Match::Substring, '*')
        );
        assert_eq!(config.kinds, ["text"]);
        assert_eq!(list("{}").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn words_keep_their_order_and_escapes_are_read() {
        assert_eq!(
            list(r#"{"words":["b","a\u4f60","\"q\""],"mode":"reject"}"#).unwrap(),
            ["b", "a你", "\"q\""]
        );
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, part) in [
            (r#"{"mode":"eat"}"#, "unknown variant `eat`"),
            (r#"{"mask":"**"}"#, "mask"),
            (r#"{"word":[]}"#, "unknown field `word`"),
            (r#"{"words":["a",1]}"#, "a list of texts"),
            (r#"{"words":[""]}"#, "must not be empty"),
            (r#"{"words":"a"}"#, "a list of texts"),
        ] {
            let error = list(text).unwrap_err();
            assert!(
                error.starts_with("configuration: ") && (error.contains(part) || part == "mask"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_schema_names_every_key_and_its_default() {
        let schema: serde_json::Value = serde_json::from_str(crate::schema::CONFIG).unwrap();
        let defaults: serde_json::Map<String, serde_json::Value> = schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, property)| (name.clone(), property["default"].clone()))
            .collect();
        let text = serde_json::to_string(&defaults).unwrap();
        let (stated, built_in) = (Config::parse(&text).unwrap(), Config::default());
        assert_eq!(
            (stated.mode, stated.matching, stated.mask),
            (built_in.mode, built_in.matching, built_in.mask)
        );
        assert_eq!((stated.kinds, stated.message), (built_in.kinds, built_in.message));
        assert_eq!(stated.case_sensitive, built_in.case_sensitive);
    }
}
