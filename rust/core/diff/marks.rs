//! Which names were seen, as far as ten bits of each tell.

/// The marks that names left.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Marks([u64; 16]);

impl Marks {
    /// Leaves the mark of a name. True when no name that was seen before can be this one.
    #[inline]
    pub fn is_new(&mut self, name: &[u8]) -> bool {
        let mark = mark_of(name);
        self.0.get_mut(mark >> 6).is_some_and(|word| {
            let bit = 1 << (mark & 63);
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }
}

/// Ten bits of a name: its length, its first and its last eight bytes, mixed.
#[inline]
fn mark_of(name: &[u8]) -> usize {
    let short = || name.iter().fold(0_u64, |word, &byte| (word << 8) | u64::from(byte));
    let head = name.first_chunk::<8>().map_or_else(short, |bytes| u64::from_le_bytes(*bytes));
    let tail = name.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let mixed = (head ^ tail.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    #[allow(clippy::cast_possible_truncation)] // the upper ten bits
    let mark = (mixed >> 54) as usize;
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_new_once() {
        let names: Vec<String> = (0..40).map(|at| format!("attribute_{at:02}")).collect();
        let mut marks = Marks::default();
        let new = names.iter().filter(|name| marks.is_new(name.as_bytes())).count();
        assert!(new > 30, "{new} of 40 names have a mark of their own");
        assert!(!names.iter().any(|name| marks.is_new(name.as_bytes())));
        assert!(Marks::default().is_new(b""));
    }
}
