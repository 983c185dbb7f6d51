//! Makes texts comparable: lower case, half width, invisible characters left out. Every character that stays knows
//! its place in the original, so that exactly the matched ones can be masked.

/// A character's comparable form; `None` for one that is invisible and only splits words.
pub fn fold(c: char, case_sensitive: bool) -> Option<char> {
    let c = match c {
        'a'..='z' | '0'..='9' | ' ' | '\u{4e00}'..='\u{9fff}' => return Some(c),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => return None,
        '\u{3000}' => ' ',
        // The full-width forms of ASCII lie in its order; the sum stays below 0x7f.
        '\u{ff01}'..='\u{ff5e}' => char::from((u32::from(c) - 0xfee0) as u8),
        _ => c,
    };
    Some(if case_sensitive { c } else { lower(c) })
}

/// Lower case where that is one character; where it is not, the character itself, so that places stay true.
fn lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut forms = c.to_lowercase();
    match (forms.next(), forms.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// A message made comparable.
#[derive(Debug)]
pub struct Text {
    /// The comparable characters.
    pub chars: Vec<char>,
    /// For each of them, which character of the original it is.
    pub places: Vec<u32>,
}

impl Text {
    /// Folds a message. Its length is bounded by the server, far below 2^32.
    pub fn new(text: &str, case_sensitive: bool) -> Text {
        let mut chars = Vec::with_capacity(text.len());
        let mut places = Vec::with_capacity(text.len());
        for (place, c) in (0u32..).zip(text.chars()) {
            if let Some(c) = fold(c, case_sensitive) {
                chars.push(c);
                places.push(place);
            }
        }
        Text { chars, places }
    }

    /// Whether the characters from `start` on, `length` of them, stand as a word of their own, where that matters:
    /// at an end that is written in a script with spaces, the neighbour must not go on in such a script.
    pub fn stands_alone(&self, start: usize, length: usize) -> bool {
        let end = start + length;
        let open = |inside: Option<&char>, outside: Option<&char>| {
            !(inside.is_some_and(|c| spaced(*c)) && outside.is_some_and(|c| spaced(*c)))
        };
        let before = start.checked_sub(1).and_then(|at| self.chars.get(at));
        open(self.chars.get(start), before) && open(self.chars.get(end - 1), self.chars.get(end))
    }
}

/// Letters and digits of scripts that put spaces between words.
fn spaced(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Thai, Lao, Burmese, Khmer
            | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' // Hangul
            | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}') // Han, kana
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_case_fold_one_to_one() {
        let text = Text::new("ＡＢc！İß　x\u{200b}y你", false);
        assert_eq!(text.chars.iter().collect::<String>(), "abc!İß xy你");
        assert_eq!(text.places, [0, 1, 2, 3, 4, 5, 6, 7, 9, 10]);
        assert_eq!(Text::new("Ａb", true).chars, ['A', 'b']);
        assert_eq!(Text::new("ÄΣ", false).chars, ['ä', 'σ']);
    }

    #[test]
    fn words_end_where_their_script_has_spaces() {
        let alone = |text: &str, start, length| Text::new(text, false).stands_alone(start, length);
        assert!(alone("a bad b", 2, 3));
        assert!(!alone("abadb", 1, 3));
        assert!(!alone("bad1", 0, 3));
        assert!(alone("你bad好", 1, 3), "Chinese around it does not hide a word");
        assert!(alone("abc敏感xyz", 3, 2), "Chinese counts anywhere");
        assert!(alone("(bad)", 1, 3));
    }
}
