//! Which script a text is written in, as far as its letters tell: enough to greet in a language that has one of its own.

/// The script of most of a text's letters; none without letters that are known.
pub fn of(text: &str) -> Option<&'static str> {
    const SCRIPTS: [&str; 11] = [
        "latin",
        "greek",
        "cyrillic",
        "hebrew",
        "arabic",
        "devanagari",
        "thai",
        "hangul",
        "kana",
        "han",
        "other",
    ];
    let mut counts = [0_u32; SCRIPTS.len()];
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        let script = match u32::from(letter) {
            0x41..=0x24f | 0x1e00..=0x1eff => "latin",
            0x370..=0x3ff | 0x1f00..=0x1fff => "greek",
            0x400..=0x52f => "cyrillic",
            0x590..=0x5ff => "hebrew",
            0x600..=0x6ff | 0x750..=0x77f => "arabic",
            0x900..=0x97f => "devanagari",
            0xe00..=0xe7f => "thai",
            0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7a3 => "hangul",
            0x3040..=0x30ff => "kana",
            0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => "han",
            _ => "other",
        };
        if let Some(at) = SCRIPTS.iter().position(|name| *name == script) {
            counts[at] += 1;
        }
    }
    let count = |name: &str| {
        SCRIPTS
            .iter()
            .position(|script| *script == name)
            .map_or(0, |at| counts[at])
    };
    // Japanese is written in both; kana is what tells it from Chinese.
    if count("kana") > 0 && count("kana") + count("han") > count("latin") {
        return Some("kana");
    }
    let most = counts.iter().max().filter(|most| **most > 0)?;
    counts.iter().position(|count| count == most).map(|at| SCRIPTS[at])
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn letters_tell() {
        for (text, script) in [
            ("Hello, world", Some("latin")),
            ("Grüße", Some("latin")),
            ("你好 hi", Some("latin")),
            ("请问多少钱 ok", Some("han")),
            ("これは漢字です", Some("kana")),
            ("안녕하세요", Some("hangul")),
            ("Привет", Some("cyrillic")),
            ("مرحبا", Some("arabic")),
            ("123 !?", None),
            ("", None),
        ] {
            assert_eq!(of(text), script, "{text}");
        }
    }
}
