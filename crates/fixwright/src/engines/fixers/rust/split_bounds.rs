//! Joins the bounds of a type parameter that stand both at its declaration and in the `where` clause: all go into the clause.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "split_bounds",
    about: "joins bounds of a type parameter that are declared in two places",
    handles: |finding| finding.rule == "clippy::multiple_bound_locations",
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let at = source.at(context)?;
    let name = source.word(at).to_owned();
    source.reads(at + 1, &[":"]).then_some(())?;
    let bounds_end = list_end(&source, at + 2)?;
    let bounds = source.slice(source.token(at + 2)?.start..source.token(bounds_end - 1)?.end).to_owned();
    // To the clause: before the body or the semicolon.
    let mut index = bounds_end;
    while source.word(index) != "where" {
        if matches!(source.word(index), "{" | ";") {
            return None;
        }
        index = next(&source, index)?;
    }
    index += 1;
    while !(source.word(index) == name && source.word(index + 1) == ":" && source.word(index + 2) != ":") {
        // One bound after the other.
        while source.word(index) != "," {
            if matches!(source.word(index), "{" | ";") {
                return None;
            }
            index = if source.word(index) == "<" { angle_end(&source, index)? + 1 } else { next(&source, index)? };
        }
        index += 1;
    }
    let colon = source.token(index + 1)?;
    let empty = matches!(source.word(index + 2), "," | "{" | ";");
    let joined = if empty { format!(" {bounds}") } else { format!(" {bounds} +") };
    let list = vec![
        Edit::new(&source.path, source.token(at)?.end..source.token(bounds_end - 1)?.end, ""),
        Edit::new(&source.path, colon.end..colon.end, joined),
    ];
    tokens::edits(format!("declare the bounds of `{name}` in one place"), Applicability::Safe, list)
}

fn next(source: &Source, index: usize) -> Option<usize> {
    let token = source.token(index)?;
    Some(if source.word(index) != "}" && token.pair.is_some_and(|pair| pair > index) { token.pair? } else { index } + 1)
}

/// Returns the token behind the bounds of one parameter.
fn list_end(source: &Source, first: usize) -> Option<usize> {
    let mut index = first;
    loop {
        match source.word(index) {
            "," | ">" | "=" => return (index > first).then_some(index),
            "<" => index = angle_end(source, index)? + 1,
            "-" => index += 2,
            _ => index = next(source, index)?,
        }
    }
}

/// Returns the `>` that closes the `<` at `open`; that of an arrow is none.
fn angle_end(source: &Source, open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut index = open;
    loop {
        match source.word(index) {
            "<" => depth += 1,
            ">" if source.word(index - 1) != "-" => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            ";" | "{" | "}" => return None,
            _ => {}
        }
        index = next(source, index)?;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
