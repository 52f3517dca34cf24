//! Writes all of a buffer where only part may be written and nobody looks how much.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "partial_write",
    about: "writes `write_all` for a `write` whose count is thrown away",
    handles: |finding| finding.rule == "clippy::unused_io_amount" && finding.message.starts_with("written amount"),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (first, last) = source.tokens_of(&range)?;
    // The last call of the name is the outermost: what stands inside of its arguments has brackets around it.
    let mut at = first;
    let mut found = None;
    while at <= last {
        if source.reads(at, &[".", "write", "("]) {
            found = Some(at + 1);
        }
        at = source.pair(at).filter(|pair| *pair > at).unwrap_or(at) + 1;
    }
    let token = source.token(found?)?;
    let edit = Edit::new(&source.path, token.start..token.end, "write_all");
    tokens::edits("write all of the buffer", Applicability::Unsafe, vec![edit])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
