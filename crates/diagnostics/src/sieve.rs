//! Which of many may know a line (rules of a log, readers of reports), found without trying any pattern: nearly all lines of a log tell
//! nothing, and are let through here.
//!
//! What a rule needs is read off its pattern, and off its words where those say more: literals, or the first bytes of a line. The
//! literals are looked for in strides of two bytes: of each, two blocks of four bytes are known, one in an even place of it and one in an
//! odd one, so that one of the two begins where the eye falls, wherever the literal stands. No step waits for the one before it, which is
//! what an automaton spends its time on. A literal is compared only where a block of one is found.

use crate::needs::{self, FIRST, Need};

/// How many bytes the eye moves on, and how many it sees.
const STRIDE: usize = 2;
const BLOCK: usize = 4;

/// How many bytes are looked at in one step, and how many blocks these have where the eye falls.
const SEEN: usize = 18;
const BLOCKS: usize = (SEEN - BLOCK) / STRIDE + 1;

/// A shorter literal may have no block where the eye falls.
pub(crate) const SHORTEST: usize = STRIDE + BLOCK - 1;

/// How many bits a block is hashed to.
const BITS: u32 = 18;

/// More beginnings than rules have.
const MOST_STARTS: usize = 64;

/// More blocks than rules have.
const MOST_BLOCKS: u16 = u16::MAX;

/// A block of a literal.
struct Block {
    hash: u32,
    /// Where in the literal it begins.
    from: usize,
    /// A byte of the literal beside it, and where that stands, counted from [`BLOCK`] bytes before it.
    beside: (usize, u8),
    literal: Vec<u8>,
    owner: usize,
}

/// What the rules need, made ready to be looked for.
pub(crate) struct Sieve {
    /// Which hashes any block has.
    taken: Box<[bool; 1 << BITS]>,
    /// Where the blocks of each hash begin, of those that are taken.
    first: Box<[u16; 1 << BITS]>,
    /// All blocks, by their hashes.
    blocks: Vec<Block>,
    /// For each of the first places of a line and each byte there, the beginnings that it is right for, a bit each.
    starts: Box<[[u64; 256]; FIRST]>,
    /// For each length of a line, the beginnings that it is long enough for.
    lengths: [u64; FIRST + 1],
    /// Whose beginning each bit is.
    beginners: Vec<usize>,
    /// Those of which nothing is known: they are tried on every line.
    always: Vec<usize>,
}

impl Sieve {
    /// Makes one of what rules need, by their rank.
    pub(crate) fn of(needs: impl Iterator<Item = (usize, Need)>) -> Self {
        let mut sieve = Self {
            taken: Box::new([false; 1 << BITS]),
            first: Box::new([0; 1 << BITS]),
            blocks: Vec::new(),
            starts: Box::new([[0; 256]; FIRST]),
            lengths: [0; FIRST + 1],
            beginners: Vec::new(),
            always: Vec::new(),
        };
        for (owner, need) in needs {
            match need {
                Need::Literals(literals) if needs::length(&literals) >= SHORTEST && sieve.has_room(literals.len()) => {
                    literals.into_iter().for_each(|literal| sieve.literal(literal, owner));
                }
                Need::Start(start) if sieve.beginners.len() < MOST_STARTS => {
                    let bit = 1_u64 << sieve.beginners.len();
                    for (place, bytes) in sieve.starts.iter_mut().zip(&start.places) {
                        place.iter_mut().zip(0..=u8::MAX).filter(|(_, byte)| bytes.has(*byte)).for_each(|(bits, _)| *bits |= bit);
                    }
                    sieve.lengths.iter_mut().skip(start.shortest.min(FIRST)).for_each(|bits| *bits |= bit);
                    sieve.beginners.push(owner);
                }
                Need::Literals(_) | Need::Start(_) | Need::Nothing => sieve.always.push(owner),
            }
        }
        sieve.blocks.sort_by_key(|block| block.hash);
        let mut known = None;
        for (block, at) in sieve.blocks.iter().zip(0..=MOST_BLOCKS) {
            if known.replace(block.hash) != Some(block.hash) {
                sieve.first[block.hash as usize] = at;
            }
        }
        sieve
    }

    /// Says whether the blocks of so many more literals can be kept.
    fn has_room(&self, literals: usize) -> bool {
        self.blocks.len() + STRIDE * literals <= usize::from(MOST_BLOCKS)
    }

    fn literal(&mut self, literal: Vec<u8>, owner: usize) {
        for parity in 0..STRIDE {
            let places = literal.windows(BLOCK).enumerate().skip(parity).step_by(STRIDE);
            // The one that is likely to be the rarest in text.
            let Some((from, block)) = places.min_by_key(|(_, block)| commonness(block)) else { continue };
            // Many literals differ in their last byte alone: figures.
            let after = literal.get(from + BLOCK).map(|byte| (2 * BLOCK, *byte));
            let before = || from.checked_sub(1).and_then(|before| Some((BLOCK - 1, *literal.get(before)?)));
            let Some(beside) = after.or_else(before) else { continue };
            let hash = hash(block.iter().rev().fold(0, |bytes, byte| bytes << 8 | u32::from(*byte)));
            self.taken[hash as usize] = true;
            self.blocks.push(Block { hash, from, beside, literal: literal.clone(), owner });
        }
    }

    /// Returns those that are tried on every line.
    #[cfg(test)]
    pub(crate) fn always(&self) -> &[usize] {
        &self.always
    }

    /// Names the rules that may know a line to `found`, some of them more than once.
    pub(crate) fn candidates(&self, line: &[u8], found: &mut impl FnMut(usize)) {
        let long_enough = self.lengths[line.len().min(FIRST)];
        let begun = |first: &[u8]| {
            self.starts.iter().zip(first).fold(long_enough, |begun, (place, byte)| begun & place[usize::from(*byte)])
        };
        let mut begun = line.first_chunk::<FIRST>().map_or_else(|| begun(line), |first| begun(first));
        while begun != 0 {
            self.beginners.get(begun.trailing_zeros() as usize).into_iter().for_each(|owner| found(*owner));
            begun &= begun - 1;
        }
        self.always.iter().for_each(|owner| found(*owner));
        let (mut at, mut rest) = (0, line);
        while let Some(seen) = rest.first_chunk::<SEEN>() {
            self.look(line, at, seen, found);
            at += BLOCKS * STRIDE;
            rest = rest.get(BLOCKS * STRIDE..).unwrap_or_default();
        }
        if rest.len() < BLOCK {
            return;
        }
        // The last step looks at some bytes again, so that it ends with the line; a short line is looked at as if more followed.
        let last = line.len().saturating_sub(SEEN) / STRIDE * STRIDE;
        let rest = line.get(last..).unwrap_or_default();
        match rest.first_chunk() {
            Some(seen) => self.look(line, last, seen, found),
            None => {
                let mut padded = [0; SEEN];
                padded.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                self.look(line, 0, &padded, found);
            }
        }
    }

    /// Looks at what a line has at a place.
    #[inline(always)]
    fn look(&self, line: &[u8], at: usize, seen: &[u8; SEEN], found: &mut impl FnMut(usize)) {
        // All at once: one branch, and seldom taken.
        let hashes = blocks(seen).map(hash);
        if hashes.iter().fold(false, |any, hash| any | self.taken[*hash as usize]) {
            self.compare(line, at, &hashes, found);
        }
    }

    /// Compares the literals that have one of the blocks seen from a place on. Nearly always that is one, of one literal: what is done
    /// here depends on no other branch, since a branch that is guessed wrong costs more than all else.
    #[inline(never)]
    fn compare(&self, line: &[u8], at: usize, hashes: &[u32; BLOCKS], found: &mut impl FnMut(usize)) {
        let bit = |(place, hash): (usize, &u32)| u32::from(self.taken[*hash as usize]) << place;
        let mut places = hashes.iter().enumerate().map(bit).fold(0, |places, bit| places | bit);
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            let Some(hash) = hashes.get(place).copied() else { return };
            let at = at + place * STRIDE;
            let first = usize::from(self.first[hash as usize]);
            for block in self.blocks.get(first..).unwrap_or_default().iter().take_while(|block| block.hash == hash) {
                // The byte beside the block tells nearly all others from the literal.
                let beside = (at + block.beside.0).checked_sub(BLOCK).and_then(|beside| line.get(beside));
                if beside == Some(&block.beside.1) {
                    let place = at.checked_sub(block.from).and_then(|from| line.get(from..from + block.literal.len()));
                    if place.is_some_and(|place| *place == *block.literal) {
                        found(block.owner);
                    }
                }
            }
        }
    }
}

fn hash(bytes: u32) -> u32 {
    bytes.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)
}

/// Returns the blocks where the eye falls.
#[inline]
fn blocks(seen: &[u8; SEEN]) -> [u32; BLOCKS] {
    std::array::from_fn(|place| {
        let bytes = |of: usize| seen[place * STRIDE + of];
        u32::from_le_bytes([bytes(0), bytes(1), bytes(2), bytes(3)])
    })
}

/// Says how common a block is in text. One of two words is rarer than any part of a word.
fn commonness(block: &[u8]) -> u32 {
    let of_bytes: u32 = block
        .iter()
        .map(|byte| match byte {
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 6,
            b'l' | b'd' | b'c' | b'u' | b'h' | b'm' | b'p' | b' ' => 5,
            b'0'..=b'9' | b'A'..=b'Z' | b'.' | b'/' | b'_' | b'-' | b'g' | b'f' | b'b' => 4,
            b'k' | b'v' | b'w' | b'y' | b':' | b',' | b'(' | b')' => 3,
            _ => 1,
        })
        .sum();
    let is_of_two = block.iter().skip(1).rev().skip(1).any(|byte| *byte == b' ');
    of_bytes.saturating_sub(if is_of_two { 5 } else { 0 })
}
