//! Takes out a lifetime parameter that nothing uses.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_lifetime",
    about: "removes an unused lifetime parameter",
    handles: |finding| finding.rule == "clippy::extra_unused_lifetimes",
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let at = source.at(context)?;
    (source.token(at)?.kind == Kind::Lifetime).then_some(())?;
    let before = source.word(at.checked_sub(1)?);
    matches!(before, "<" | ",").then_some(())?;
    // Its bounds go with it.
    let mut end = at + 1;
    while !matches!(source.word(end), "," | ">") {
        matches!(source.token(end)?.kind, Kind::Lifetime | Kind::Sign).then_some(())?;
        end += 1;
    }
    let start = |index: usize| source.token(index).map(|token| token.start);
    let range = match (before, source.word(end)) {
        ("<", ">") => {
            // `for<'a>` cannot stand without its lifetimes.
            (source.word(at.checked_sub(2)?) != "for").then_some(())?;
            start(at - 1)?..source.token(end)?.end
        }
        ("<", _) if source.word(end + 1) == ">" => start(at - 1)?..source.token(end + 1)?.end,
        ("<", _) => start(at)?..start(end + 1)?,
        _ => start(at - 1)?..start(end)?,
    };
    let name = source.word(at);
    tokens::edits(format!("remove the unused lifetime `{name}`"), Applicability::Safe, vec![Edit::new(&source.path, range, "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
