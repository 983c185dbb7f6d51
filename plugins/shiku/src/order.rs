//! The letter a name is listed under: its first one, or the first of its pinyin.

/// The 3,755 usual characters, a line for each letter: the letter, then the characters that begin with it.
const PINYIN: &str = include_str!("pinyin.txt");

/// `A` to `Z`, or `#` for everything else.
pub fn key(name: &str) -> String {
    let Some(first) = name.chars().find(|c| !c.is_whitespace()) else {
        return "#".to_owned();
    };
    if first.is_ascii_alphabetic() {
        return first.to_ascii_uppercase().to_string();
    }
    let letter = PINYIN.lines().find(|line| !first.is_ascii() && line.contains(first));
    letter.and_then(|line| line.get(..1)).unwrap_or("#").to_owned()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn names_are_listed_as_printed() {
        for (name, letter) in [
            ("客服公众号", "K"),
            ("测试001", "C"),
            ("朋友001", "P"),
            (" alice", "A"),
            ("张益达", "Z"),
            ("9", "#"),
            ("", "#"),
            ("😀", "#"),
        ] {
            assert_eq!(key(name), letter, "{name}");
        }
    }
}
