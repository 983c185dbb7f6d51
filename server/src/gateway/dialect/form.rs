//! Names and values as queries and forms write them.

use std::str::Utf8Error;

use crate::plugin_host::Param;

/// How many names and values one query or form may have.
const PARAMS: usize = 1000;

/// Undoes percent-encoding; in forms and queries a plus is a space.
pub fn decode(text: &str, plus: bool) -> Result<String, Utf8Error> {
    std::str::from_utf8(&bytes(text, plus)).map(str::to_owned)
}

/// Names and values in order; `None` if there are too many. What is no UTF-8 is replaced.
pub fn params(text: &str) -> Option<Vec<Param>> {
    let lossy = |text: &str| match String::from_utf8(bytes(text, true)) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    let mut params = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if params.len() == PARAMS {
            return None;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        params.push(Param {
            name: lossy(name),
            value: lossy(value),
        });
    }
    Some(params)
}

fn bytes(text: &str, plus: bool) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = after.first().zip(after.get(1)).filter(|_| byte == b'%');
        let value = digits.and_then(|(high, low)| Some(hex(*high)? << 4 | hex(*low)?));
        decoded.push(match value {
            Some(value) => {
                rest = &after[2..];
                value
            }
            None if plus && byte == b'+' => b' ',
            None => byte,
        });
    }
    decoded
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        assert_eq!(decode("/a%20b+c/%E4%BD%A0", false).as_deref(), Ok("/a b+c/你"));
        assert_eq!(decode("100%25%2", true).as_deref(), Ok("100%%2"));
        assert!(decode("%ff", false).is_err());
        let found = params("a=1&a=%32&b&&c=x+y%3D&=z&d=%ff").unwrap_or_default();
        let found: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("a", "1"),
                ("a", "2"),
                ("b", ""),
                ("c", "x y="),
                ("", "z"),
                ("d", "\u{fffd}")
            ]
        );
        assert!(params(&"a&".repeat(PARAMS)).is_some());
        assert!(params(&"a&".repeat(PARAMS + 1)).is_none());
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd(text in ".*") {
            let _ = (decode(&text, true), params(&text));
        }
    }
}
