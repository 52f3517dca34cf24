//! Gives a type with a `len` the `is_empty` that goes with it.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "len_without_is_empty",
    about: "adds the method `is_empty` beside a public `len`",
    handles: |finding| {
        let message = &finding.message;
        let none =
            message.ends_with("but no `is_empty` method") || message.ends_with("no (possibly inherited) `is_empty` method");
        finding.rule == "clippy::len_without_is_empty" && none
    },
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    // The location is the signature, or the whole trait.
    let from = source.at(context)?;
    let name = (from..source.tokens.len()).find(|at| source.reads(*at, &["fn", "len", "("]))? + 1;
    let close = source.pair(name + 1)?;
    let first = source.item_start(name - 1);
    // `is_empty` takes the same receiver, and compares a number.
    let receiver = source.slice(source.token(name + 1)?.end..source.token(close)?.start).to_owned();
    matches!(receiver.trim(), "&self" | "self").then_some(())?;
    source.reads(close + 1, &["-", ">"]).then_some(())?;
    matches!(source.word(close + 3), "usize" | "u8" | "u16" | "u32" | "u64" | "isize" | "i32" | "i64").then_some(())?;
    let body = close + 4;
    let end = match source.word(body) {
        "{" => source.token(source.pair(body)?)?.end,
        ";" => source.token(body)?.end,
        _ => return None,
    };
    let visibility = (first..name).find(|at| source.word(*at) == "pub");
    let visibility = visibility.map_or(String::new(), |at| {
        let end = if source.word(at + 1) == "(" { source.pair(at + 1).unwrap_or(at) } else { at };
        let text = source.token(at).zip(source.token(end)).map_or("", |(a, b)| source.slice(a.start..b.end));
        format!("{text} ")
    });
    let indent = source.indent(source.token(name - 1)?.start);
    let step = if indent.contains('\t') { "\t" } else { "    " };
    let n = source.newline();
    let method = format!(
        "{n}{n}{indent}/// Returns `true` if the length is zero.{n}{indent}{visibility}fn is_empty({receiver}) -> bool {{{n}\
         {indent}{step}self.len() == 0{n}{indent}}}"
    );
    tokens::edits("add `is_empty` beside `len`", Applicability::Safe, vec![Edit::new(&source.path, end..end, method)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
