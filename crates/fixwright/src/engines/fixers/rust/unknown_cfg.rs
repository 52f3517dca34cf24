//! Takes out conditions that can never hold: targets that Rust has given up, and the names that only its own bootstrap once set.
//!
//! A condition that a user may set is left alone, and so is the configuration of the lint.

use std::ops::Range;

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "unknown_cfg",
    about: "removes conditions on targets that Rust no longer knows",
    handles: |finding| finding.rule == "unexpected_cfgs" && finding.message.starts_with("unexpected `cfg` condition "),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Set while Rust itself was built, when its libraries were these crates.
const BOOTSTRAP: [&str; 2] = ["rustbuild", "rust_build"];
const TARGET: [&str; 5] = ["target_os", "target_arch", "target_env", "target_vendor", "target_family"];

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (first, last) = source.tokens_of(&range)?;
    let name = source.word(first).to_owned();
    let (edit, what) = if first == last && BOOTSTRAP.contains(&name.as_str()) {
        (bootstrap(&source, first)?, name)
    } else {
        // A value from a macro's argument stands elsewhere.
        let literal = source.token(last)?.kind == Kind::Literal;
        (TARGET.contains(&name.as_str()) && source.word(first + 1) == "=" && last == first + 2 && literal).then_some(())?;
        let what = source.slice(range).to_owned();
        (never(&source, first, last)?, what)
    };
    tokens::edits(format!("remove the condition `{what}`, which never holds"), Applicability::Safe, vec![edit])
}

/// `#![cfg_attr(rustbuild, …)]` never applies.
fn bootstrap(source: &Source, at: usize) -> Option<Edit> {
    let open = at.checked_sub(1)?;
    (source.word(open) == "(" && source.word(open.checked_sub(1)?) == "cfg_attr" && source.word(at + 1) == ",").then_some(())?;
    Some(Edit::new(&source.path, source.whole_lines(attribute(source, open - 1)?), ""))
}

/// Returns the bytes of the attribute whose first word is token `word`.
fn attribute(source: &Source, word: usize) -> Option<Range<usize>> {
    let bracket = word.checked_sub(1).filter(|bracket| source.word(*bracket) == "[")?;
    let mut first = bracket.checked_sub(1)?;
    if source.word(first) == "!" {
        first = first.checked_sub(1)?;
    }
    (source.word(first) == "#").then_some(())?;
    Some(source.token(first)?.start..source.token(source.pair(bracket)?)?.end)
}

/// `first..=last` is a condition that never holds.
fn never(source: &Source, first: usize, last: usize) -> Option<Edit> {
    let open = first.checked_sub(1)?;
    match (source.word(open), source.word(open.checked_sub(1)?)) {
        ("(" | ",", _) if within(source, first)? == "any" => element(source, first, last),
        ("(", "not") => {
            let not = open - 1;
            let close = source.pair(open)?;
            (close == last + 1).then_some(())?;
            match within(source, not)? {
                "all" => element(source, not, close),
                // The whole condition always holds.
                "cfg" => Some(Edit::new(&source.path, source.whole_lines(attribute(source, not.checked_sub(2)?)?), "")),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the word before the bracket that token `at` stands in.
fn within(source: &Source, at: usize) -> Option<&str> {
    Some(source.word(source.opener(at)?.checked_sub(1)?))
}

/// Takes an element out of a list. A list of one is no list: then the other stands in its place.
fn element(source: &Source, first: usize, last: usize) -> Option<Edit> {
    let open = source.opener(first)?;
    let close = source.pair(open)?;
    let commas: Vec<usize> = (open + 1..close).filter(|at| source.word(*at) == "," && source.opener(*at) == Some(open)).collect();
    let trailing = commas.last().is_some_and(|comma| comma + 1 == close);
    let elements = if trailing { commas.len() } else { commas.len() + 1 };
    (elements >= 2).then_some(())?;
    if elements == 2 {
        let comma = *commas.first()?;
        let other = if first < comma { comma + 1..if trailing { close - 1 } else { close } } else { open + 1..comma };
        let text = source.slice(source.token(other.start)?.start..source.token(other.end.checked_sub(1)?)?.end);
        let range = source.token(open - 1)?.start..source.token(close)?.end;
        return Some(Edit::new(&source.path, range, text));
    }
    let range = if source.word(first - 1) == "," {
        source.token(first - 2)?.end..source.token(last)?.end
    } else {
        source.token(first)?.start..source.token(last + 2)?.start
    };
    Some(Edit::new(&source.path, range, ""))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
