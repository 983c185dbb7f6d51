//! What a dialect must not do.

/// Does what the word says; does nothing for any other.
pub fn commit(word: &str) {
    match word {
        "trap" => panic!("trapped, as told"),
        "spin" => loop {
            std::hint::black_box(());
        },
        _ => {}
    }
}
