//! Writes `try!(…)` as `…?`, as the deprecation of the macro asks. Both convert the error by `From`, so nothing changes.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "try_macro",
    about: "writes `try!(x)` as `x?`",
    handles: |finding| finding.rule == "deprecated" && finding.message.contains("deprecated macro `try`"),
    propose: |context| propose(context).unwrap_or_default(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Vec<Proposal>> {
    let source = Source::of(context)?;
    // The location is the macro's name, in newer compilers with `r#`, and the whole call in some.
    let mut name = source.at(context)?;
    // `std::try!` is deprecated by its last word.
    while source.token(name)?.kind == Kind::Word && source.reads(name + 1, &[":", ":"]) {
        name += 3;
    }
    if !matches!(source.word(name), "try" | "r#try") || source.word(name + 1) != "!" {
        return None;
    }
    let open = name + 2;
    let close = source.pair(open)?;
    let mut last = close.checked_sub(1)?;
    if source.word(last) == "," {
        last = last.checked_sub(1)?;
    }
    if last <= open {
        return None;
    }
    let start = source.token(source.path_start(name))?.start;
    let (first, end) = (source.token(open + 1)?.start, source.token(close)?.end);
    let edits = if postfix(&source, open + 1, last) {
        let tail = source.token(last)?.end;
        let between = source.slice(source.token(open)?.end..first);
        // A comment before the expression stays; whitespace goes.
        let first = if between.trim().is_empty() { first } else { source.token(open)?.end };
        let rest = source.slice(tail..end - 1).trim_start_matches(',');
        let mut edits = vec![Edit::new(&source.path, start..first, "")];
        if rest.trim().is_empty() {
            edits.push(Edit::new(&source.path, tail..end, "?"));
        } else {
            edits.push(Edit::new(&source.path, tail..tail, "?"));
            edits.push(Edit::new(&source.path, end - 1..end, ""));
        }
        edits
    } else {
        let bracket = source.token(open)?;
        vec![Edit::new(&source.path, start..bracket.end, "("), Edit::new(&source.path, end - 1..end, ")?")]
    };
    let mut all = Vec::new();
    if let Some(whole) = whole_write(&source, name, last, close) {
        let edits = edits.iter().cloned().chain([whole]).collect();
        all.extend(tokens::edits("write `try!(….write(…))` as `….write_all(…)?`", Applicability::Unsafe, edits));
    }
    all.extend(tokens::edits("write `try!(…)` as `…?`", Applicability::Safe, edits));
    Some(all)
}

/// `try!(w.write(b))` as a statement forgets how much was written, and would be a finding of its own as `w.write(b)?`.
fn whole_write(source: &Source, name: usize, last: usize, close: usize) -> Option<Edit> {
    let before = source.path_start(name).checked_sub(1).map_or("", |before| source.word(before));
    (matches!(before, ";" | "{" | "}") && source.word(close + 1) == ";").then_some(())?;
    let open = source.pair(last).filter(|open| *open < last)?;
    let method = open.checked_sub(1)?;
    (source.word(method) == "write" && source.word(method.checked_sub(1)?) == ".").then_some(())?;
    // One argument: `write!` and formatting traits have others.
    let one = (open + 1..last).all(|at| source.word(at) != "," || source.opener(at) != Some(open));
    let token = source.token(method)?;
    one.then(|| Edit::new(&source.path, token.start..token.end, "write_all"))
}

impl Source {
    /// Returns where the path begins that ends with the word at `index`.
    fn path_start(&self, index: usize) -> usize {
        let mut at = index;
        while at >= 2 && self.reads(at - 2, &[":", ":"]) {
            at -= if at >= 3 && self.token(at - 3).is_some_and(|token| token.kind == Kind::Word) { 3 } else { 2 };
        }
        at
    }
}

/// Says whether the tokens are an expression after which `?` binds to all of it: a path, call, field, index, method chain, macro call.
fn postfix(source: &Source, first: usize, last: usize) -> bool {
    const KEYWORDS: [&str; 16] = [
        "as", "async", "box", "break", "continue", "for", "if", "let", "loop", "match", "move", "return", "static", "unsafe",
        "while", "yield",
    ];
    let mut at = first;
    while at <= last {
        let Some(token) = source.token(at) else { return false };
        let word = source.word(at);
        match token.kind {
            Kind::Word if KEYWORDS.contains(&word) => return false,
            Kind::Word | Kind::Literal => {}
            // A block or a struct literal; a macro may be called with braces.
            Kind::Open if word == "{" && !(at > first && source.word(at - 1) == "!") => return false,
            Kind::Open => match token.pair {
                Some(close) if close <= last => at = close,
                _ => return false,
            },
            Kind::Sign if word == "<" && at > first && source.word(at - 1) == ":" => match angle_end(source, at, last) {
                Some(end) => at = end,
                None => return false,
            },
            Kind::Sign if word == "." => {
                if source.word(at + 1) == "." {
                    return false;
                }
            }
            Kind::Sign if word == "!" => {
                let call = at > first && source.token(at + 1).is_some_and(|next| next.kind == Kind::Open);
                if !call {
                    return false;
                }
            }
            Kind::Sign if matches!(word, ":" | "?" | "$") => {}
            Kind::Sign | Kind::Lifetime | Kind::Doc | Kind::Close => return false,
        }
        at += 1;
    }
    true
}

fn angle_end(source: &Source, open: usize, last: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = open;
    while at <= last {
        match source.word(at) {
            "<" => depth += 1,
            ">" if source.word(at.checked_sub(1)?) != "-" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
