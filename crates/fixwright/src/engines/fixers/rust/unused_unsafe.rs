//! Takes away an `unsafe` around code that needs none.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_unsafe",
    about: "removes an unnecessary `unsafe` block",
    handles: |finding| finding.rule == "unused_unsafe",
    propose: |context| propose(context).unwrap_or_default(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Vec<Proposal>> {
    let source = Source::of(context)?;
    let at = source.at(context)?;
    source.reads(at, &["unsafe", "{"]).then_some(())?;
    let open = at + 1;
    let close = source.pair(open)?;
    let start = source.token(at)?.start;
    let mut all = Vec::new();
    if close > open + 1 && bare(&source, at, open, close) {
        // A comment inside stays.
        let (first, last) = (source.token(open + 1)?, source.token(close - 1)?);
        let plain = source.slice(source.token(open)?.end..first.start).trim().is_empty()
            && source.slice(last.end..source.token(close)?.start).trim().is_empty();
        if plain {
            let edits = vec![
                Edit::new(&source.path, start..first.start, ""),
                Edit::new(&source.path, last.end..source.token(close)?.end, ""),
            ];
            all.extend(tokens::edits("remove the unnecessary `unsafe` block", Applicability::Safe, edits));
        }
    }
    let edit = Edit::new(&source.path, start..source.token(open)?.start, "");
    all.extend(tokens::edits("remove the unnecessary `unsafe`", Applicability::Safe, vec![edit]));
    Some(all)
}

/// Says whether the block can go with its brackets: it holds one expression that binds as tightly as a block does, or what is around it
/// cannot take it apart.
fn bare(source: &Source, at: usize, open: usize, close: usize) -> bool {
    let mut index = open + 1;
    let mut tight = true;
    while index < close {
        let Some(token) = source.token(index) else { return false };
        match (source.word(index), token.kind) {
            (";" | "{", _) | (_, Kind::Doc) => return false,
            ("let" | "as" | "if" | "match" | "while" | "for" | "loop" | "return" | "unsafe" | "move", _) => return false,
            ("." | ":" | "?" | "$", _) => {}
            ("!", _) if source.token(index + 1).is_some_and(|next| next.kind == Kind::Open) => {}
            (_, Kind::Sign | Kind::Lifetime) => tight = false,
            _ => {}
        }
        index = if token.kind == Kind::Open { token.pair.unwrap_or(close) } else { index } + 1;
    }
    let before = at.checked_sub(1).map_or("", |before| source.word(before));
    let after = source.word(close + 1);
    let enclosed = matches!(before, "=" | "(" | "," | "[" | "{" | ">") && matches!(after, ";" | ")" | "," | "]" | "}");
    // As a statement of its own it would need its semicolon.
    (tight || enclosed) && !(matches!(before, ";" | "}" | "{") && after != "}" && after != "." && after != "?")
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
