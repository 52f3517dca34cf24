//! Writes a `loop` that begins by breaking out as the `while let` that it is.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "while_let_loop",
    about: "writes `loop { let x = match … { …, _ => break }; … }` as `while let`",
    handles: |finding| finding.rule == "clippy::while_let_loop",
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// The head of the `while let`, and the last token that it replaces.
struct Head {
    pattern: String,
    value: String,
    last: usize,
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let at = source.at(context)?;
    (source.word(at) == "loop").then_some(())?;
    let open = at + 1;
    let close = source.pair(open)?;
    let summary = "write the loop as `while let`";
    let start = source.token(at)?.start;
    if source.word(open + 1) == "match" {
        let (pattern, value, body, end) = only_match(&source, open + 1, close)?;
        let text = format!("while let {pattern} = {value} {body}");
        return tokens::edits(summary, Applicability::Safe, vec![Edit::new(&source.path, start..source.token(end)?.end, text)]);
    }
    if source.reads(open + 1, &["if", "let"]) {
        let (head, body) = only_if_let(&source, open + 1, close)?;
        let text = format!("while {head} {body}");
        return tokens::edits(summary, Applicability::Safe, vec![Edit::new(&source.path, start..source.token(close)?.end, text)]);
    }
    (source.word(open + 1) == "let").then_some(())?;
    let head = let_match(&source, open + 1).or_else(|| let_else(&source, open + 1))?;
    (head.last < close).then_some(())?;
    // A comment in what goes would be lost.
    let gone = source.slice(start..source.token(head.last)?.end);
    (!gone.contains("//") && !gone.contains("/*")).then_some(())?;
    let text = format!("while let {} = {} {{", head.pattern, head.value);
    tokens::edits(summary, Applicability::Safe, vec![Edit::new(&source.path, start..source.token(head.last)?.end, text)])
}

/// `let x = match VALUE { Some(y) => y, None => break };`
fn let_match(source: &Source, at: usize) -> Option<Head> {
    let equals = (at..at + 4).find(|index| source.word(*index) == "=")?;
    let binding = text(source, at + 1, equals - 1)?;
    (source.word(equals + 1) == "match").then_some(())?;
    let (value, arms) = matched(source, equals + 1)?;
    let end = source.pair(arms)?;
    source.reads(end + 1, &[";"]).then_some(())?;
    let (takes, leaves) = two_arms(source, arms)?;
    is_break(source, leaves.1, leaves.2).then_some(())?;
    let (pattern, first, last) = takes;
    (first == last && source.token(first)?.kind == Kind::Word).then_some(())?;
    let name = source.word(first);
    // The name that the arm hands on is bound once in its pattern.
    let places: Vec<usize> = (pattern.0..=pattern.1).filter(|index| source.word(*index) == name).collect();
    let [place] = places.as_slice() else { return None };
    // `ref x` binds something else than `x` does, but `let` of either is the same.
    let bound = if binding.starts_with("mut ") && source.word(place - 1) == "ref" { return None } else { binding };
    let (from, to) = (source.token(pattern.0)?.start, source.token(pattern.1)?.end);
    let token = source.token(*place)?;
    let pattern = format!("{}{bound}{}", source.slice(from..token.start), source.slice(token.end..to));
    Some(Head { pattern, value, last: end + 1 })
}

/// `let Some(x) = VALUE else { break };`
fn let_else(source: &Source, at: usize) -> Option<Head> {
    let equals = (at..source.tokens.len()).take(200).find(|index| source.word(*index) == "=")?;
    let word = (equals..source.tokens.len()).take(2_000).find(|index| matches!(source.word(*index), "else" | ";"))?;
    source.reads(word, &["else", "{", "break"]).then_some(())?;
    let close = source.pair(word + 1)?;
    is_break(source, word + 2, close - 1).then_some(())?;
    source.reads(close + 1, &[";"]).then_some(())?;
    let value = text(source, equals + 1, word - 1)?;
    Some(Head { pattern: text(source, at + 1, equals - 1)?, value, last: close + 1 })
}

/// `loop { match VALUE { PATTERN => BODY, _ => break } }`: pattern, value, body, last token.
fn only_match(source: &Source, at: usize, close: usize) -> Option<(String, String, String, usize)> {
    let (value, arms) = matched(source, at)?;
    let end = source.pair(arms)?;
    let rest = if source.word(end + 1) == ";" { end + 2 } else { end + 1 };
    (rest == close).then_some(())?;
    let (takes, leaves) = two_arms(source, arms)?;
    is_break(source, leaves.1, leaves.2).then_some(())?;
    let (pattern, first, last) = takes;
    (source.word(first) == "{" && source.pair(first) == Some(last)).then_some(())?;
    Some((text(source, pattern.0, pattern.1)?, value, text(source, first, last)?, close))
}

/// `loop { if let PATTERN = VALUE { … } else { break; } }`: what stands before the block, and the block.
fn only_if_let(source: &Source, at: usize, close: usize) -> Option<(String, String)> {
    let mut body = at;
    while source.word(body) != "{" {
        let token = source.token(body)?;
        body = if token.kind == Kind::Open { token.pair? } else { body } + 1;
    }
    let end = source.pair(body)?;
    source.reads(end + 1, &["else", "{"]).then_some(())?;
    let last = source.pair(end + 2)?;
    (is_break(source, end + 2, last) && last + 1 == close).then_some(())?;
    Some((text(source, at + 1, body - 1)?, text(source, body, end)?))
}

/// Returns the value of a `match` and the bracket that opens its arms.
fn matched(source: &Source, at: usize) -> Option<(String, usize)> {
    let mut index = at + 1;
    while source.word(index) != "{" {
        let token = source.token(index)?;
        index = if token.kind == Kind::Open { token.pair? } else { index } + 1;
    }
    Some((text(source, at + 1, index - 1)?, index))
}

/// Pattern (first and last token), first and last token of the body.
type Arm = ((usize, usize), usize, usize);

/// Returns the two arms of a match, that which goes on first.
fn two_arms(source: &Source, open: usize) -> Option<(Arm, Arm)> {
    let close = source.pair(open)?;
    let mut arms: Vec<Arm> = Vec::new();
    let mut at = open + 1;
    while at < close {
        let first = at;
        while !source.reads(at, &["=", ">"]) {
            let token = source.token(at)?;
            // A guard is no pattern.
            (token.kind != Kind::Doc && source.word(at) != "if" && at < close).then_some(())?;
            at = if token.kind == Kind::Open { token.pair? } else { at } + 1;
        }
        let body = at + 2;
        let pattern = (first, at - 1);
        at = body;
        if source.word(at) == "{" {
            at = source.pair(at)? + 1;
        } else {
            while at < close && source.word(at) != "," {
                let token = source.token(at)?;
                at = if token.kind == Kind::Open { token.pair? } else { at } + 1;
            }
        }
        arms.push((pattern, body, at - 1));
        if source.word(at) == "," {
            at += 1;
        }
    }
    let [a, b] = arms.as_slice() else { return None };
    Some(if is_break(source, a.1, a.2) { (*b, *a) } else { (*a, *b) })
}

/// `break`, `break;` or `{ break; }`, without a label and without a value.
fn is_break(source: &Source, first: usize, last: usize) -> bool {
    match source.word(first) {
        "{" if source.pair(first) == Some(last) => is_break(source, first + 1, last - 1),
        "break" => first == last || (last == first + 1 && source.word(last) == ";"),
        _ => false,
    }
}

fn text(source: &Source, first: usize, last: usize) -> Option<String> {
    (first <= last).then_some(())?;
    Some(source.slice(source.token(first)?.start..source.token(last)?.end).to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
