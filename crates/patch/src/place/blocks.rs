//! The change blocks of a hunk: runs of deleted and added lines between context.

use std::ops::Range;

use crate::model::{Hunk, Op};

/// A run of deleted and added lines.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Deleted lines, as positions in the list of old lines.
    pub(super) deletes: Range<usize>,
    /// Added lines, as positions in [`Hunk::lines`].
    pub(super) adds: Vec<usize>,
}

/// Returns the change blocks within `range` of the hunk's lines.
pub(super) fn blocks(hunk: &Hunk, range: &Range<usize>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut old = 0;
    let mut inside = false;
    for at in range.clone() {
        let Some(line) = hunk.lines.get(at) else { break };
        if line.op == Op::Keep {
            inside = false;
            old += 1;
            continue;
        }
        if !inside {
            blocks.push(Block { deletes: old..old, adds: Vec::new() });
            inside = true;
        }
        let Some(block) = blocks.last_mut() else { break };
        if line.op == Op::Add {
            block.adds.push(at);
        } else {
            old += 1;
            block.deletes.end = old;
        }
    }
    blocks
}
