//! LOG015: `logging.info(…)` goes to the root logger, and sets up handlers by the way. The module's own logger does neither.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::is_field;
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "root_logger",
    about: "logs to the module's logger in place of the root logger",
    handles: |finding| finding.rule == "LOG015",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let object = source.leaf(at).filter(|node| source.str(*node) == "logging" && is_field(*node, "object"))?;
        Some(vec![source.edit(object.end_byte()..object.end_byte(), ".getLogger(__name__)")])
    };
    proposals("Log to the module's logger", Applicability::Unsafe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
