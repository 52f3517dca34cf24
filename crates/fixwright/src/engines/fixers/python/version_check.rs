//! YTT201, YTT202, YTT203, YTT301: `sys.version_info[0] == 3` is false under Python 4, `sys.version[0]` under Python 10.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{ancestor, parts};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "version_check",
    about: "compares Python versions in a way that lasts",
    handles: |finding| matches!(finding.rule.as_str(), "YTT201" | "YTT202" | "YTT301"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let comparison = ancestor(source.leaf(at)?, &["comparison_operator"])?;
        let operands = parts(comparison);
        let [left, right] = operands.as_slice() else { return None };
        let operator = source.slice(left.end_byte()..right.start_byte()).trim();
        let packed: String = source.str(*left).chars().filter(|c| !c.is_whitespace()).collect();
        let info = packed.strip_suffix("[0]").or_else(|| packed.strip_suffix(".major"))?;
        if !info.ends_with("version_info") {
            return None;
        }
        match (operator, source.str(*right)) {
            ("==", "3") => Some(vec![source.edit(comparison.byte_range(), format!("{} >= 3", source.str(*left)))]),
            ("!=", "3") => Some(vec![source.edit(comparison.byte_range(), format!("{} < 3", source.str(*left)))]),
            _ => None,
        }
    };
    proposals("Compare the version in a way that lasts", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
