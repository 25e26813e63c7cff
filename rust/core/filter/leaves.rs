//! A set of leaves, in one word as long as there are few.

/// A set of leaves.
#[derive(Clone, Debug, Default)]
pub struct Leaves {
    low: u64,
    rest: Vec<u64>,
}

impl Leaves {
    /// Whether it is one of them.
    #[inline]
    pub fn has(&self, leaf: u32) -> bool {
        if leaf < 64 {
            return self.low >> leaf & 1 == 1;
        }
        self.rest.get(leaf as usize / 64 - 1).is_some_and(|word| word >> (leaf % 64) & 1 == 1)
    }

    /// Makes it one of them.
    #[inline]
    pub fn add(&mut self, leaf: u32) {
        if leaf < 64 {
            self.low |= 1 << leaf;
            return;
        }
        let word = leaf as usize / 64 - 1;
        if self.rest.len() <= word {
            self.rest.resize(word + 1, 0);
        }
        if let Some(word) = self.rest.get_mut(word) {
            *word |= 1 << (leaf % 64);
        }
    }

    /// Leaves none.
    pub fn clear(&mut self) {
        self.low = 0;
        self.rest.clear();
    }
}
