//! E701, E702, E703, E704: several statements on one line. Each gets its own.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, parts};
use super::syntax::{indent_step, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "compound_statement",
    about: "puts each statement on a line of its own",
    handles: |finding| matches!(finding.rule.as_str(), "E701" | "E702" | "E703" | "E704" | "C0321" | "multiple-statements"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let line = source.line_start(at);
        // A statement that ends on this line may have begun on another.
        let leaf = source.leaf(at).or_else(|| source.node(at..at))?;
        let body =
            std::iter::successors(Some(leaf), Node::parent).find_map(|node| one_line_body(source.str(node).is_empty(), node, at));
        match body {
            Some((header, body)) => Some(split_body(&source, header, body)),
            None => split_line(&source, at, line),
        }
    };
    proposals("Put each statement on a line of its own", Applicability::Safe, edits())
}

/// The header and the body of a compound statement whose body begins on the line of its colon, when `at` is within.
fn one_line_body(empty: bool, node: Node<'_>, at: usize) -> Option<(Node<'_>, Node<'_>)> {
    if empty {
        return None;
    }
    let mut cursor = node.walk();
    let blocks: Vec<Node<'_>> = node.children(&mut cursor).filter(|child| child.kind() == "block").collect();
    blocks.into_iter().find_map(|block| {
        let colon = block.prev_sibling().filter(|colon| colon.kind() == ":")?;
        let one_line = colon.start_position().row == block.start_position().row;
        // E704 is reported where the function begins.
        let meant = (colon.start_byte()..=block.end_byte() + 1).contains(&at)
            || node.kind() == "function_definition" && node.start_byte() == at;
        (one_line && meant).then_some((node, block))
    })
}

fn split_body(source: &Source, header: Node<'_>, body: Node<'_>) -> Vec<Edit> {
    let gap = format!("{}{}{}", source.newline(), source.indent(header.start_byte()), indent_step(source));
    let Some(colon) = body.prev_sibling() else { return Vec::new() };
    let mut edits = vec![source.edit(colon.end_byte()..body.start_byte(), gap.clone())];
    let statements = parts(body);
    for pair in statements.windows(2) {
        let [one, next] = pair else { continue };
        edits.push(source.edit(one.end_byte()..next.start_byte(), gap.clone()));
    }
    // `if x: y;` keeps its semicolon in no tree; what follows the body up to the line's end shows it.
    let rest = source.slice(body.end_byte()..source.line_end(body.end_byte()));
    let trimmed = rest.trim_start_matches([' ', '\t']);
    if trimmed.starts_with(';') {
        let end = body.end_byte() + (rest.len() - trimmed.len()) + 1;
        edits.push(source.edit(body.end_byte()..end, ""));
    }
    edits
}

/// `a; b`: the semicolon becomes the end of a line.
fn split_line(source: &Source, at: usize, line: usize) -> Option<Vec<Edit>> {
    let semicolon = source.leaf(at).filter(|leaf| leaf.kind() == ";")?.start_byte();
    let rest = source.slice(semicolon + 1..source.line_end(semicolon));
    let next = semicolon + 1 + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    let before = source.slice(line..semicolon);
    let start = line + before.trim_end().len();
    let code = source.slice(next..source.line_end(next)).trim_end();
    if code.is_empty() || code.starts_with('#') {
        // Nothing follows: the semicolon separates nothing.
        let end = if code.is_empty() { next } else { semicolon + 1 };
        return Some(vec![source.edit(start..end, "")]);
    }
    // The statement may have begun on a line further up.
    let statement = super::syntax::statement(source.leaf(line + before.len() - before.trim_start().len())?)?;
    let indent = source.indent(statement.start_byte());
    Some(vec![source.edit(start..next, format!("{}{indent}", source.newline()))])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
