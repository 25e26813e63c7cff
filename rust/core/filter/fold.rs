//! Letter case aside: Unicode's simple case folding, one character for one, the same both ways.
//!
//! event-ruler lets each unit of UTF-16 of the pattern stand for its lower or upper case: `K` (the Kelvin sign) then
//! matches `k` but not the other way round, `ß` matches `SS`, and characters outside the first plane match question
//! marks. None of that is copied.

/// The character that stands for all that differ in case only.
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // A dotless i has I as its capital, and is yet another letter than i.
    if c == 'ı' {
        return c;
    }
    let upper = only(c.to_uppercase()).unwrap_or(c);
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

/// The text with all its characters folded.
pub fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Whether a text is the folded one, case aside.
pub fn is_equal(folded: &str, text: &str) -> bool {
    folded.chars().eq(text.chars().map(fold))
}

/// Whether a text starts with the folded one, case aside.
pub fn is_start(folded: &str, text: &str) -> bool {
    let mut characters = text.chars().map(fold);
    folded.chars().all(|c| characters.next() == Some(c))
}

/// Whether a text ends with the folded one, case aside.
pub fn is_end(folded: &str, text: &str) -> bool {
    let mut characters = text.chars().rev().map(fold);
    folded.chars().rev().all(|c| characters.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_in_case_are_one() {
        for group in
            ["kK\u{212a}", "sSſ", "σςΣ", "µμΜ", "åÅ\u{212b}", "ǆǅǄ", "ßẞ", "éÉ", "ωΩ\u{2126}", "𐐨𐐀", "ꭰᎠ", "ᾳᾼ"]
        {
            let mut folds: Vec<char> = group.chars().map(fold).collect();
            folds.dedup();
            assert_eq!(folds.len(), 1, "{group}");
        }
    }

    #[test]
    fn other_letters_stay_apart() {
        for pair in ["iı", "İi", "éè", "ﬁf", "ŉn", "1I"] {
            let mut characters = pair.chars().map(fold);
            assert_ne!(characters.next(), characters.next(), "{pair}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
        }
    }

    #[test]
    fn starts_and_ends() {
        assert!(is_start("us-", "US-east") && !is_start("us-", "US") && is_start("", ""));
        assert!(is_end("fé", "CaFÉ") && !is_end("fé", "é"));
        assert!(is_equal("café", "CAFÉ") && !is_equal("caf", "CAFÉ") && !is_equal("café!", "CAFÉ"));
    }
}
