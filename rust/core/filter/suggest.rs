//! What a misspelt word may have been meant to be.

/// The word that is nearest, if one is near: within two letters changed, added, left out or swapped with the next,
/// letter case and the choice of `_`, `-` or nothing between words aside.
pub fn nearest<'a>(found: &str, words: &[&'a str]) -> Option<&'a str> {
    let found = plain(found);
    let near = |&word: &&'a str| (distance(&found, &plain(word)), word);
    let (distance, word) = words.iter().map(near).min_by_key(|&(distance, _)| distance)?;
    let most = if found.len() < 5 { 1 } else { 2 };
    (distance <= most && distance < word.len()).then_some(word)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).take(40).collect()
}

/// Damerau-Levenshtein, optimal string alignment.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for (i, a) in one.iter().enumerate() {
        let at = |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0);
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let left = row.get(j).copied().unwrap_or(0);
            let mut least = (at(i, j) + usize::from(a != b)).min(at(i, j + 1) + 1).min(left + 1);
            if i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a) {
                least = least.min(at(i - 1, j - 1) + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_not() {
        let words = ["anything-but", "prefix", "exists", "equals-ignore-case"];
        for (found, wanted) in [
            ("anythingBut", Some("anything-but")),
            ("anyting-but", Some("anything-but")),
            ("perfix", Some("prefix")),
            ("PREFIX", Some("prefix")),
            ("exist", Some("exists")),
            ("equals_ignore_case", Some("equals-ignore-case")),
            ("regex", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(found, &words), wanted, "{found}");
        }
    }

    #[test]
    fn long_words_cost_little() {
        assert_eq!(nearest(&"x".repeat(100_000), &["prefix"]), None);
    }
}
