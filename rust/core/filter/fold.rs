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
    match c {
        // A dotless i has I as its capital, and is yet another letter than i.
        'ı' => return c,
        // Two characters each for one letter, whose capitals are several characters: only the folding says so.
        '\u{1fd3}' => return '\u{390}',
        '\u{1fe3}' => return '\u{3b0}',
        '\u{fb05}' => return '\u{fb06}',
        _ => {}
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
    use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};
    use std::collections::BTreeMap;

    /// The characters that fold as this one does, by the tables of another crate.
    fn alike(c: char) -> Vec<char> {
        let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
        class.try_case_fold_simple().unwrap();
        class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect()
    }

    /// What those tables know: std may have a newer Unicode.
    fn known() -> impl Iterator<Item = char> {
        let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(r"\p{Age:16.0}").unwrap().into_kind() else {
            panic!()
        };
        class.ranges().to_vec().into_iter().flat_map(|range| range.start()..=range.end())
    }

    /// Lines C and S of Unicode's CaseFolding.txt, all planes.
    #[test]
    fn characters_are_alike_that_unicode_folds_alike() {
        let mut by_fold = BTreeMap::<char, Vec<char>>::new();
        for c in known() {
            by_fold.entry(fold(c)).or_default().push(c);
        }
        for c in known() {
            assert_eq!(by_fold[&fold(c)], alike(c), "{c:?}");
        }
        assert!(by_fold.values().filter(|alike| alike.len() > 1).count() > 1400);
    }

    #[test]
    fn letters_that_differ_in_case_are_one() {
        for group in [
            "kK\u{212a}",
            "sSſ",
            "σςΣ",
            "µμΜ",
            "åÅ\u{212b}",
            "ǆǅǄ",
            "ßẞ",
            "éÉ",
            "ωΩ\u{2126}",
            "𐐨𐐀",
            "ꭰᎠ",
            "ᾳᾼ",
            "\u{fb05}\u{fb06}",
        ] {
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
