//! Which names are near to one that was asked for.

/// Returns the set of the letters of a name, as bits: two names of which more letters differ than the edits allow need not be compared.
pub(crate) fn mask(name: &[u8]) -> u32 {
    let bit = |byte: &u8| match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => 1 << (letter - b'a'),
        b'0'..=b'9' => 1 << 26,
        b'_' => 1 << 27,
        _ => 1 << 28,
    };
    name.iter().map(bit).fold(0, |set, bit| set | bit)
}

/// A name that others are compared with.
pub(crate) struct Near {
    name: String,
    length: usize,
    mask: u32,
    threshold: f64,
}

impl Near {
    /// Takes names that are at least as similar as `threshold`: 1 is the same name, 0 has nothing of it.
    pub(crate) fn new(name: &str, threshold: f64) -> Self {
        let lower = name.to_ascii_lowercase();
        Self { length: name.len(), mask: mask(name.as_bytes()), name: lower, threshold: threshold.clamp(0.0, 1.0) }
    }

    /// Says whether a name of that length and with those letters may be near enough.
    pub(crate) fn may_be(&self, length: usize, mask: u32) -> bool {
        let longer = self.length.max(length).max(1);
        let edits = ((1.0 - self.threshold) * longer as f64).floor() as u32;
        // One edit takes one letter away, or brings one, or both.
        let (gone, come) = ((self.mask & !mask).count_ones(), (mask & !self.mask).count_ones());
        self.length.abs_diff(length) <= edits as usize && gone.max(come) <= edits
    }

    /// Returns how similar a name is, if it is near enough. Case counts little: it is what memory loses first.
    pub(crate) fn similarity(&self, name: &str) -> Option<f64> {
        let lower = name.to_ascii_lowercase();
        let longer = self.name.chars().count().max(lower.chars().count()).max(1);
        let alike = 1.0 - strsim::osa_distance(&self.name, &lower) as f64 / longer as f64;
        (alike >= self.threshold).then_some(alike)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_ruled_out_by_its_letters_is_not_near(a in "[a-cA-C_0-9é]{0,12}", b in "[a-cA-C_0-9é]{0,12}", threshold in 0.0..1.0) {
            let near = Near::new(&a, threshold);
            // Lengths are in bytes and edits in characters: only ASCII is ruled out by its length.
            if a.is_ascii() && b.is_ascii() && near.similarity(&b).is_some() {
                prop_assert!(near.may_be(b.len(), mask(b.as_bytes())));
            }
        }
    }
}
