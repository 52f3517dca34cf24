//! JavaScript that means what it says but looks as if it did not: an assignment as a condition, a call on the next line, an octal
//! number, a `case` that runs into one that only ends. Written so that nobody has to wonder, with the same meaning.

use domain::{Applicability, Edit, Finding};
use std::ops::Range;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::JAVASCRIPT;
use super::source::{Source, ancestor, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "confusing_js",
    about: "writes confusing JavaScript in the plain way: assignments in conditions, calls on the next line, octal numbers",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(
        finding.rule.as_str(),
        "no-cond-assign" | "no-unexpected-multiline" | "no-octal" | "no-fallthrough" | "no-control-regex"
    )
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (summary, edits) = match context.finding.rule.as_str() {
        "no-cond-assign" => ("put an intended assignment in parentheses", condition(&source, range)?),
        "no-unexpected-multiline" => ("let a call start on the line of what is called", next_line(&source, range.start)?),
        "no-octal" => ("write an octal number with `0o`", octal(&source, range.start)?),
        "no-control-regex" => ("write control characters by their names", control(&source, range, &context.finding.message)?),
        _ => ("end the case before one that only ends", fallthrough(&source, range.start)?),
    };
    Some(Proposal { summary: summary.to_owned(), applicability: Applicability::Safe, repair: Repair::Edits(edits) })
}

/// `while (m = next())` becomes `while ((m = next()))`. A constant (`if (x = 1)`) is more likely a comparison gone wrong.
fn condition(source: &Source, range: Range<usize>) -> Option<Vec<Edit>> {
    let mut node = source.node(range)?;
    while matches!(node.kind(), "parenthesized_expression" | "expression_statement") {
        node = parts(node).into_iter().next()?;
    }
    if !matches!(node.kind(), "assignment_expression" | "augmented_assignment_expression") {
        node = ancestor(node, &["assignment_expression", "augmented_assignment_expression"])?;
    }
    let value = node.child_by_field_name("right")?;
    if matches!(value.kind(), "number" | "string" | "true" | "false" | "null" | "undefined" | "identifier" | "regex") {
        return None;
    }
    Some(vec![source.edit(node.start_byte()..node.start_byte(), "("), source.edit(node.end_byte()..node.end_byte(), ")")])
}

/// Joins `f⏎(x)` to `f(x)`: it is a call either way. Where a function follows, a semicolon is missing more likely.
fn next_line(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let open = source.leaf(at).filter(|leaf| source.str(*leaf) == "(")?;
    let arguments = open.parent().filter(|node| node.kind() == "arguments")?;
    let first = parts(arguments).first().map(|first| first.kind());
    if matches!(first, Some("function_expression" | "arrow_function" | "generator_function")) {
        return None;
    }
    let callee = arguments.parent()?.child_by_field_name("function")?;
    let between = source.slice(callee.end_byte()..at);
    between.trim().is_empty().then(|| vec![source.edit(callee.end_byte()..at, "")])
}

fn octal(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let number = source.leaf(at).filter(|leaf| leaf.kind() == "number")?;
    let digits = source.str(number).strip_prefix('0')?;
    let plain = !digits.is_empty() && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    plain.then(|| vec![source.edit(at..at + 1, "0o")])
}

/// `\x09` is `\t`, and so on; a control character without a name stays.
fn control(source: &Source, range: Range<usize>, message: &str) -> Option<Vec<Edit>> {
    const NAMES: &[(&str, &str)] = &[("09", "\\t"), ("0a", "\\n"), ("0b", "\\v"), ("0c", "\\f"), ("0d", "\\r")];
    let named = message.split("expression: ").nth(1)?.trim_end_matches('.').split(", ");
    if !named.into_iter().all(|one| NAMES.iter().any(|(code, _)| one.strip_prefix("\\x") == Some(code))) {
        return None;
    }
    let node = source.node(range).filter(|node| node.kind() == "regex" || node.kind() == "regex_pattern")?;
    let text = source.str(node);
    let mut edits = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')).map(|offset| at + offset) {
        let rest = text.get(found + 1..)?;
        let code = rest.strip_prefix('x').or_else(|| rest.strip_prefix("u00")).and_then(|rest| rest.get(..2));
        let length = if rest.starts_with('x') { 4 } else { 6 };
        match code.and_then(|code| NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))) {
            Some((_, name)) => {
                let start = node.start_byte() + found;
                edits.push(source.edit(start..start + length, *name));
                at = found + length;
            }
            None => at = found + 1 + rest.chars().next().map_or(0, char::len_utf8),
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// A case that runs into one which does nothing but end gets that same end.
fn fallthrough(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let word = source.leaf(at)?;
    let next = word.parent().filter(|node| matches!(node.kind(), "switch_case" | "switch_default"))?;
    let previous = next.prev_named_sibling().filter(|node| matches!(node.kind(), "switch_case" | "switch_default"))?;
    let body = statements(next);
    let ending = match body.as_slice() {
        [] if next.next_named_sibling().is_none() => "break;",
        [only] if source.str(*only) == "break;" || source.str(*only) == "return;" => source.str(*only),
        _ => return ladder(source, previous, next),
    };
    let last = *statements(previous).last()?;
    if last.kind() == "statement_block" && statements(previous).len() == 1 {
        return None;
    }
    let on_own_line = source.line_start(last.start_byte()) > previous.start_byte();
    let lead = if on_own_line { format!("{}{}", source.newline(), source.indent(last.start_byte())) } else { " ".to_owned() };
    Some(vec![source.edit(last.end_byte()..last.end_byte(), format!("{lead}{ending}"))])
}

/// Cases that count down or up by one and each add a step are meant to run on: `// falls through` says so.
fn ladder(source: &Source, previous: Node<'_>, next: Node<'_>) -> Option<Vec<Edit>> {
    let label = |case: Node<'_>| source.str(case.child_by_field_name("value")?).parse::<i64>().ok();
    let (from, to) = (label(previous)?, label(next)?);
    let last = *statements(previous).last()?;
    let steps = |case: Node<'_>| statements(case).first().is_some_and(|first| first.kind() == "expression_statement");
    if from.abs_diff(to) != 1 || !steps(previous) || !steps(next) {
        return None;
    }
    let rest = source.slice(last.end_byte()..source.line_end(last.end_byte())).trim();
    let comment = if rest.is_empty() { " // falls through" } else { " /* falls through */" };
    Some(vec![source.edit(last.end_byte()..last.end_byte(), comment)])
}

fn statements(case: Node<'_>) -> Vec<Node<'_>> {
    let skipped = usize::from(case.kind() == "switch_case");
    parts(case).into_iter().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
