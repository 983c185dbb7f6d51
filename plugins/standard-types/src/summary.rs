//! A message in plain words, for lists, search and push: `[Image]`, `[Voice 3″]`, `[File] report.pdf`.

use crate::kinds::find;
use serde::Deserialize;

/// The longest summary, in characters.
pub const SUMMARY_CHARS: usize = 200;

/// What a summary is made of. All of it is optional: old bodies and foreign ones must have words, too.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient")]
    duration: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    text: Option<String>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    address: Option<String>,
    #[serde(deserialize_with = "lenient")]
    nickname: Option<String>,
    #[serde(deserialize_with = "lenient")]
    user: Option<String>,
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    url: Option<String>,
}

/// A field of another type than expected counts as absent.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// The words for a body of this kind. Whatever the body is, there is an answer.
pub fn summarise(kind: &str, body: &str) -> String {
    let Some(known) = find(kind) else {
        return trim(&format!("[{kind}]"));
    };
    let body: Body = serde_json::from_str(body).unwrap_or_default();
    let length = match (known.name, body.duration) {
        ("voice" | "video", Some(seconds)) => clock(seconds),
        _ => String::new(),
    };
    let words = match known.name {
        "file" => body.name.or(body.text),
        "location" => body.name.or(body.address).or(body.text),
        "card" => body.nickname.or(body.user).or(body.text),
        "link" => body.title.or(body.text).or(body.url),
        _ => body.text,
    };
    trim(&format!("[{}{length}] {}", known.label, words.unwrap_or_default()))
}

/// ` 3″`, ` 1′05″`; nothing for what is not a length.
fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || seconds <= 0.0 {
        return String::new();
    }
    // Saturates, and nothing shorter than a second reads as 0″.
    let whole = (seconds.round() as u64).max(1);
    match (whole / 60, whole % 60) {
        (0, rest) => format!(" {rest}″"),
        (minutes, rest) => format!(" {minutes}′{rest:02}″"),
    }
}

/// One line without control characters, cut to the bound.
fn trim(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SUMMARY_CHARS)
        .collect();
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::summarise;

    #[test]
    fn kinds_have_words() {
        for (kind, body, words) in [
            ("image", r#"{"url":"/a.png"}"#, "[Image]"),
            ("image", r#"{"url":"/a.png","text":"our\nhouse"}"#, "[Image] our house"),
            ("voice", r#"{"duration":3}"#, "[Voice 3″]"),
            ("voice", r#"{"duration":0.2}"#, "[Voice 1″]"),
            ("voice", r#"{"url":"/a.mp3"}"#, "[Voice]"),
            ("video", r#"{"duration":65.4}"#, "[Video 1′05″]"),
            ("file", r#"{"name":"report.pdf"}"#, "[File] report.pdf"),
            ("location", r#"{"name":"厦门站","latitude":24.4}"#, "[Location] 厦门站"),
            ("location", r#"{"address":"1 Main St"}"#, "[Location] 1 Main St"),
            ("card", r#"{"user":"u1"}"#, "[Card] u1"),
            ("link", r#"{"url":"https://a","title":"News"}"#, "[Link] News"),
        ] {
            assert_eq!(summarise(kind, body), words);
        }
    }

    #[test]
    fn nonsense_has_words_too() {
        assert_eq!(summarise("image", "not json"), "[Image]");
        assert_eq!(summarise("voice", r#"{"duration":"x","text":7}"#), "[Voice]");
        assert_eq!(summarise("poll", "{}"), "[poll]");
        assert_eq!(
            summarise("file", &format!(r#"{{"name":"{}"}}"#, "长".repeat(500)))
                .chars()
                .count(),
            200
        );
    }
}
