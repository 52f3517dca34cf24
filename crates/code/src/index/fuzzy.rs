//! Which names are near to one that was asked for.
//!
//! The defined names of a segment are kept by their length, in lower case, side by side: of most of them only the letters are looked at, as
//! bits, and few are compared in full.

use rapidfuzz::distance::osa::{Args, BatchComparator};

use super::wire::{Reader, put};

/// More edits are no slip, however long the name is.
const MAX_EDITS: usize = 4;

/// The defined names of one length.
pub(crate) struct Alike {
    length: usize,
    letters: Vec<u64>,
    /// The numbers of the names in their segment.
    numbers: Vec<u32>,
    /// Their texts in lower case, one after the other.
    texts: Vec<u8>,
}

/// Writes names with their numbers.
pub(super) fn write(mut names: Vec<(u32, &[u8])>) -> Vec<u8> {
    names.sort_by_key(|(number, name)| (name.len(), *number));
    let mut out = Vec::new();
    for alike in names.chunk_by(|a, b| a.1.len() == b.1.len()) {
        put(&mut out, alike.first().map_or(0, |(_, name)| name.len() as u64));
        put(&mut out, alike.len() as u64);
        alike.iter().for_each(|(_, name)| out.extend_from_slice(&letters(name).to_le_bytes()));
        alike.iter().for_each(|(number, _)| out.extend_from_slice(&number.to_le_bytes()));
        alike.iter().for_each(|(_, name)| out.extend(name.iter().map(u8::to_ascii_lowercase)));
    }
    out
}

/// Reads what [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Alike>> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while !reader.is_empty() {
        let length = usize::try_from(reader.number()?).ok()?;
        let count = usize::try_from(reader.number()?).ok()?;
        let letters = reader.bytes(count.checked_mul(8)?)?.chunks_exact(8);
        let letters = letters.filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes).collect();
        let numbers = reader.bytes(count.checked_mul(4)?)?.chunks_exact(4);
        let numbers = numbers.filter_map(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).collect();
        all.push(Alike { length, letters, numbers, texts: reader.bytes(count.checked_mul(length)?)?.to_vec() });
    }
    Some(all)
}

/// Returns the letters of a name as bits: for each kind of letter one for its first occurrence, one for the second, and so on for some.
/// An edit takes away one bit at most, and brings one at most.
fn letters(name: &[u8]) -> u64 {
    let mut seen = [0_u8; 29];
    name.iter().fold(0, |set, byte| {
        let (kind, bits): (usize, &[u8]) = match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => {
                let at = letter - b'a';
                let third = [b'e', b't', b'r', b's'].iter().position(|frequent| *frequent == letter);
                let bits = [at, 26 + at, third.map_or(u8::MAX, |third| 52 + third as u8)];
                let times = seen.get_mut(usize::from(at)).map_or(0, |times| std::mem::replace(times, times.saturating_add(1)));
                return set | bits.get(usize::from(times)).map_or(0, |bit| 1_u64.checked_shl(u32::from(*bit)).unwrap_or(0));
            }
            b'0'..=b'9' => (26, &[56, 57, 58]),
            b'_' => (27, &[59, 60, 61, 62]),
            _ => (28, &[63]),
        };
        let times = seen.get_mut(kind).map_or(0, |times| std::mem::replace(times, times.saturating_add(1)));
        set | bits.get(usize::from(times)).map_or(0, |bit| 1 << bit)
    })
}

/// A name that others are compared with.
pub(crate) struct Near {
    length: usize,
    letters: u64,
    threshold: f64,
    compare: BatchComparator<u8>,
}

impl Near {
    /// Takes names that are at least as similar as `threshold` (1 is the same name, 0 has nothing of it), and no more than a few edits away. Case does
    /// not count: it is what memory loses first.
    pub(crate) fn new(name: &str, threshold: f64) -> Self {
        let compare = BatchComparator::new(name.bytes().map(|byte| byte.to_ascii_lowercase()));
        Self { length: name.len(), letters: letters(name.as_bytes()), threshold: threshold.clamp(0.0, 1.0), compare }
    }

    /// Returns the numbers of those names that are near enough, and how similar each is.
    pub(crate) fn among(&self, alike: &Alike) -> Vec<(u32, f64)> {
        let longer = self.length.max(alike.length).max(1);
        let edits = (((1.0 - self.threshold) * longer as f64 + 1e-9).floor() as usize).min(MAX_EDITS);
        if self.length.abs_diff(alike.length) > edits {
            return Vec::new();
        }
        let args = Args::default().score_cutoff(edits);
        let most = u32::try_from(edits).unwrap_or(u32::MAX);
        let far = |letters: u64| (self.letters & !letters).count_ones().max((letters & !self.letters).count_ones()) > most;
        let near = alike.letters.iter().enumerate().filter(|(_, letters)| !far(**letters));
        near.filter_map(|(at, _)| {
            let text = alike.texts.get(at * alike.length..(at + 1) * alike.length)?;
            let distance = self.compare.distance_with_args(text.iter().copied(), &args)?;
            Some((*alike.numbers.get(at)?, 1.0 - distance as f64 / longer as f64))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(name: &str, others: &[String], threshold: f64) -> Vec<u32> {
        let near = Near::new(name, threshold);
        let all = read(&write((0..).zip(others.iter().map(String::as_bytes)).collect())).unwrap();
        let mut found: Vec<u32> = all.iter().flat_map(|alike| near.among(alike)).map(|(number, _)| number).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_are_near_by_edits_and_not_by_case() {
        let others = ["parse_header", "parse_headers", "ParseHeader", "haeder", ""].map(str::to_owned);
        assert_eq!(found("parse_haeder", &others, 0.9), [0]);
        assert_eq!(found("parse_haeder", &others, 0.8), [0, 1, 2]);
        assert_eq!(found("", &others, 1.0), [4]);
        assert_eq!(found("zzz", &others, 0.0), [4], "more than a few edits are no slip");
    }

    proptest! {
        #[test]
        fn nothing_near_is_ruled_out_by_its_letters(name in "[a-cA-Cset_0-2.]{0,12}", others in prop::collection::vec("[a-cset_0-2.]{0,12}", 0..9), threshold in 0.0..1.0) {
            let lower = name.to_ascii_lowercase();
            let near = |other: &String| {
                let longer = lower.len().max(other.len()).max(1);
                let edits = rapidfuzz::distance::osa::distance(lower.bytes(), other.bytes());
                edits <= MAX_EDITS && edits as f64 <= (1.0 - threshold) * longer as f64
            };
            let expected: Vec<u32> = (0..).zip(&others).filter(|(_, other)| near(other)).map(|(at, _)| at).collect();
            prop_assert_eq!(found(&name, &others, threshold), expected);
        }

        #[test]
        fn damaged_bytes_are_no_panic(bytes: Vec<u8>) {
            for alike in read(&bytes).unwrap_or_default() {
                Near::new("name", 0.5).among(&alike);
            }
        }
    }
}
