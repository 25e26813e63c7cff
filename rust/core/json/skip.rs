//! The end of an object or array, 64 bytes a step, without reading what is inside.
//!
//! Only strings and brackets are followed; what else is wrong inside shows when the value is read.

/// Where the walk through a container stands between two blocks.
pub(super) struct Walk {
    /// Open brackets so far.
    pub depth: usize,
    /// All ones inside a string.
    pub inside: u64,
    /// One if the first byte of the next block is escaped.
    pub escaped: u64,
}

/// The position just after the bracket that closes the container opening at `start`, or None if it never closes. With
/// `$own` zero, of the one that `start` lies inside.
///
/// A macro, so that simd.rs can compile the loop once for each set of instructions: a function with target features
/// cannot be passed as a parameter and still be inlined.
macro_rules! container_end {
    ($bytes:ident, $start:ident, $own:expr, $masks:path, $prefix_xor:path) => {{
        let mut walk = $crate::core::json::skip::Walk { depth: 1, inside: 0, escaped: 0 };
        let mut at = $start;
        // The bracket that opens the container is counted already.
        let mut own: u64 = $own;
        while let Some(rest) = $bytes.get(at..) {
            if rest.is_empty() {
                return None;
            }
            let masks = match rest.first_chunk::<64>() {
                Some(block) => $masks(block),
                None => $masks(&$crate::core::json::skip::padded(rest)),
            };
            let quotes = masks.quote & !walk.escaped_bits(masks.backslash);
            let inside = $prefix_xor(quotes) ^ walk.inside;
            walk.inside = (inside.cast_signed() >> 63).cast_unsigned();
            if let Some(offset) = walk.step(masks.open & !inside & !own, masks.close & !inside) {
                return Some(at + offset);
            }
            own = 0;
            at += 64;
        }
        None
    }};
}

pub(super) use container_end;

pub(super) fn padded(rest: &[u8]) -> [u8; 64] {
    let mut block = [b' '; 64];
    for (to, from) in block.iter_mut().zip(rest) {
        *to = *from;
    }
    block
}

impl Walk {
    /// Bits of the characters behind an odd run of backslashes.
    #[allow(clippy::inline_always)] // must be compiled with the features of its caller
    #[inline(always)]
    pub fn escaped_bits(&mut self, backslash: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        if backslash == 0 {
            return std::mem::take(&mut self.escaped);
        }
        let starts = backslash & !self.escaped;
        let follows = (starts << 1) | self.escaped;
        let odd_starts = starts & !EVEN & !follows;
        let (sequences, overflow) = odd_starts.overflowing_add(starts);
        self.escaped = u64::from(overflow);
        let invert = sequences << 1;
        (EVEN ^ invert) & follows
    }

    /// Counts the brackets of one block; the offset after the closing one if it is in here.
    #[allow(clippy::inline_always)] // must be compiled with the features of its caller
    #[inline(always)]
    pub fn step(&mut self, open: u64, close: u64) -> Option<usize> {
        // A bracket that closes the one just before it cannot end the container. Without these pairs, which are
        // nearly all there is in a flat image, few blocks need to be looked at closely. The sum carries each opening
        // bit over the gap behind it to the next bracket.
        let after_open = (!(open | close)).wrapping_add(open << 1);
        let pairs = after_open & close;
        let closed = (close ^ pairs).count_ones() as usize;
        if closed < self.depth {
            self.depth = self.depth + (open.count_ones() - pairs.count_ones()) as usize - closed;
            return None;
        }
        self.step_bracketwise(open, close)
    }

    fn step_bracketwise(&mut self, open: u64, close: u64) -> Option<usize> {
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            if open & bit != 0 {
                self.depth += 1;
            } else {
                self.depth -= 1;
                if self.depth == 0 {
                    return Some(bit.trailing_zeros() as usize + 1);
                }
            }
            brackets ^= bit;
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::super::simd;
    use proptest::prelude::*;

    /// The same, a byte at a time. A backslash outside a string (no JSON) escapes a quote there too.
    fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
        let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
        for (i, &byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'"' if !escaped => inside = !inside,
                b'{' | b'[' if !inside => depth += 1,
                b'}' | b']' if !inside => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(i + 1);
                    }
                }
                _ => {}
            }
            escaped = byte == b'\\' && !escaped;
        }
        None
    }

    fn document() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just("{".to_owned()),
            Just("}".to_owned()),
            Just("[".to_owned()),
            Just("]".to_owned()),
            Just("\"".to_owned()),
            Just("\\\\".to_owned()),
            Just("\\\"".to_owned()),
            Just("\\".to_owned()),
            "[a-z]{0,40}",
            Just("\"a{b}\\\\\"".to_owned()),
            Just("é".to_owned()),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|p| [b"{".to_vec(), p.concat().into_bytes()].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn blocks_agree_with_bytes(document in document(), before in 0_usize..70) {
            let mut bytes = vec![b' '; before];
            bytes.extend(document);
            let wanted = plain_end(&bytes, before);
            prop_assert_eq!(simd::container_end_baseline(&bytes, before, 1), wanted);
            prop_assert_eq!(simd::container_end(&bytes, before), wanted);
        }
    }

    #[test]
    fn an_open_container_has_no_end() {
        assert_eq!(simd::container_end(b"{\"a\":[1}", 0), None);
        assert_eq!(simd::container_end(b"{\"a", 0), None);
        assert_eq!(simd::container_end(b"[]", 0), Some(2));
    }
}
