//! Numbers in bytes: small ones in one byte. Reading checks every bound, since a file on disk may have been damaged.

/// Appends a number, seven bits a byte.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number that may be less than the one before it.
pub(super) fn put_step(out: &mut Vec<u8>, from: u32, to: u32) {
    let step = i64::from(to) - i64::from(from);
    put(out, ((step << 1) ^ (step >> 63)) as u64);
}

/// Reads what [`put`] wrote.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        // Most numbers are small, and this is the innermost step of every look-up.
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *first < 0x80 {
            return Some(u64::from(*first));
        }
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if *byte < 0x80 {
                return Some(value);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    pub(super) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// Reads what [`put_step`] wrote.
    pub(super) fn step(&mut self, from: u32) -> Option<u32> {
        let value = self.number()?;
        let step = ((value >> 1) as i64) ^ -((value & 1) as i64);
        u32::try_from(i64::from(from).checked_add(step)?).ok()
    }

    /// Reads a number that stands one higher than it is, zero for none.
    pub(super) fn maybe(&mut self) -> Option<Option<u32>> {
        Some(self.small()?.checked_sub(1))
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers: Vec<u64>, steps: Vec<(u32, u32)>) {
            let mut out = Vec::new();
            numbers.iter().for_each(|number| put(&mut out, *number));
            steps.iter().for_each(|(from, to)| put_step(&mut out, *from, *to));
            let mut reader = Reader::new(&out);
            for number in numbers {
                prop_assert_eq!(reader.number(), Some(number));
            }
            for (from, to) in steps {
                prop_assert_eq!(reader.step(from), Some(to));
            }
            prop_assert!(reader.is_empty());
            prop_assert_eq!(reader.number(), None);
        }

        #[test]
        fn damaged_bytes_are_no_panic(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.number().is_some() {}
            let mut reader = Reader::new(&bytes);
            while reader.step(7).is_some() && reader.maybe().is_some() {}
        }
    }
}
