//! Where listed words were found, and the text with them masked.

use crate::fold::Text;

/// Which characters of the original belong to a match.
#[derive(Debug, PartialEq, Eq)]
pub struct Hits {
    marked: Vec<bool>,
    found: bool,
}

impl Hits {
    /// Nothing found yet, in a text of so many characters.
    pub fn none(characters: usize) -> Hits {
        Hits {
            marked: vec![false; characters],
            found: false,
        }
    }

    /// Marks a match of `length` comparable characters. Matches may overlap.
    pub fn mark(&mut self, text: &Text, start: usize, length: usize) {
        self.found = true;
        for place in &text.places[start..start + length] {
            self.marked[*place as usize] = true;
        }
    }

    /// Whether anything was found.
    pub fn any(&self) -> bool {
        self.found
    }

    /// The original with one mask for each matched character.
    pub fn mask(&self, original: &str, mask: char) -> String {
        original
            .chars()
            .zip(&self.marked)
            .map(|(c, marked)| if *marked { mask } else { c })
            .collect()
    }
}
