//! `*` stands for any text, in time linear in the text whatever the pattern: each piece between two stars is looked
//! for once, from where the piece before it ended.

use super::fold::folded;

/// A text with stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// The texts around the stars; at least one.
    pieces: Vec<String>,
}

/// Why a text is no wildcard, and the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Two stars in a row.
    Consecutive(usize),
    /// A backslash before anything but a star or backslash.
    Escape(usize),
}

impl Wildcard {
    /// Reads `*`, `\*` and `\\`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let literal = match c {
                '*' if characters.next_if(|&(_, next)| next == '*').is_some() => return Err(Broken::Consecutive(at)),
                '*' => {
                    pieces.push(String::new());
                    continue;
                }
                '\\' => {
                    let escaped = characters.next_if(|&(_, next)| next == '*' || next == '\\');
                    escaped.ok_or(Broken::Escape(at))?.1
                }
                _ => c,
            };
            if let Some(last) = pieces.last_mut() {
                last.push(literal);
            }
        }
        Ok(Self { pieces })
    }

    /// The same for texts that are folded.
    #[must_use]
    pub fn ignoring_case(&self) -> Self {
        Self { pieces: self.pieces.iter().map(|piece| folded(piece)).collect() }
    }

    /// The texts around the stars; at least one.
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// Whether it is the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        let [first, rest @ ..] = self.pieces.as_slice() else {
            return false;
        };
        let [between @ .., last] = rest else {
            return first == text;
        };
        let Some(mut text) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        for piece in between {
            // std's search takes linear time (Two-Way).
            match text.find(piece.as_str()) {
                Some(at) => text = text.get(at + piece.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        text.ends_with(last.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Wildcard::parse(pattern).unwrap().matches(text)
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in [
            ("P*D", "PAID"),
            ("PAID*", "PAID"),
            ("*", ""),
            ("*", "\n"),
            ("a*c", "a\nc"),
            ("", ""),
            ("a\\*c", "a*c"),
            ("a\\\\c", "a\\c"),
            ("*a*b*", "xxaybz"),
            ("a*a", "aa"),
            ("é*", "éa"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*a", "a"), ("", "a"), ("a\\*c", "abc"), ("P*D", "PAIDX"), ("*ab*ab", "xab")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn broken_ones_name_the_byte() {
        for (pattern, wanted) in [
            ("P**D", Broken::Consecutive(1)),
            ("a\\nc", Broken::Escape(1)),
            ("é\\", Broken::Escape(2)),
            ("***", Broken::Consecutive(0)),
        ] {
            assert_eq!(Wildcard::parse(pattern), Err(wanted), "{pattern}");
        }
    }

    /// Every way to fill the stars.
    fn plain(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| plain(rest, &text[at..])),
            Some((byte, rest)) => text.first() == Some(byte) && plain(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_way(pattern in "(\\*?[ab]{0,2}){0,4}", text in "[ab]{0,10}") {
            if let Ok(wildcard) = Wildcard::parse(&pattern) {
                prop_assert_eq!(wildcard.matches(&text), plain(pattern.as_bytes(), text.as_bytes()));
            }
        }
    }
}
