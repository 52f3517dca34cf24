//! SIM102, SIM117 where ruff has no fix because a comment stands between: `if a:` around nothing but `if b:` is `if a and b:`, and so with `with`.
//! Comments move above.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, parts};
use super::syntax::{has_multiline_string, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "nested_with_if",
    about: "joins nested if and with statements",
    handles: |finding| matches!(finding.rule.as_str(), "SIM102" | "SIM117"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let keyword = source.leaf(at)?;
        join(&source, keyword.parent()?)
    };
    proposals("Join nested statements into one", Applicability::Safe, edits())
}

fn join(source: &Source, outer: Node<'_>) -> Option<Vec<Edit>> {
    // Several levels are joined at once: each is a finding, and all want the one edit.
    let mut heads = Vec::new();
    let mut comments = Vec::new();
    let mut node = outer;
    let kind = if outer.kind() == "elif_clause" { "if_statement" } else { outer.kind() };
    let body = loop {
        heads.push(head(source, node)?);
        let block = node.child_by_field_name(if kind == "if_statement" { "consequence" } else { "body" })?;
        if node.id() != outer.id() || heads.len() == 1 {
            let plain = node.child_by_field_name("alternative").is_none();
            if !plain {
                return None;
            }
        }
        let statements = parts(block);
        match statements.as_slice() {
            [only] if only.kind() == kind && only.child_by_field_name("alternative").is_none() => {
                let between = source.slice(head_end(source, node)?..only.start_byte());
                for line in between.lines() {
                    let line = line.trim();
                    if line.starts_with('#') {
                        comments.push(line.to_owned());
                    } else if !line.is_empty() {
                        return None;
                    }
                }
                // What stands behind the inner statement in the outer block is no comment of it.
                if block.end_byte() > only.end_byte() {
                    return None;
                }
                node = *only;
            }
            _ => break block,
        }
    };
    if heads.len() < 2 || has_multiline_string(body) {
        return None;
    }
    let (indent, newline) = (source.indent(outer.start_byte()).to_owned(), source.newline());
    let keyword = source.slice(outer.start_byte()..outer.start_byte() + 4).split_whitespace().next()?.to_owned();
    let joined = if kind == "if_statement" { heads.join(" and ") } else { heads.join(", ") };
    let several_lines = joined.contains('\n');
    if several_lines && (kind != "if_statement" || joined.contains('\\') || joined.contains('#')) {
        return None;
    }
    let end = head_end(source, node)?;
    let rest = source.slice(end..body.end_byte());
    let own_indent = source.indent(body.start_byte());
    let step = own_indent.strip_prefix(source.indent(node.start_byte()))?;
    let on_own_line = body.start_position().row > node.start_position().row;
    let moved = if on_own_line {
        // A comment may be indented less than the code.
        let lines = rest.split_inclusive('\n').enumerate().map(|(index, line)| {
            if index == 0 || line.trim().is_empty() {
                return line.to_owned();
            }
            let stripped = line.strip_prefix(own_indent).unwrap_or_else(|| line.trim_start());
            format!("{indent}{step}{stripped}")
        });
        lines.collect::<String>()
    } else {
        rest.to_owned()
    };
    let one_line = format!("{keyword} {joined}:");
    let head = if (several_lines || indent.len() + one_line.len() > 88) && kind == "if_statement" {
        let deeper = format!("{indent}{step}{step}");
        format!("{keyword} ({}):", heads.join(&format!("{newline}{deeper}and ")))
    } else {
        one_line
    };
    // A comment above an `elif` would stand in the body of what is before it, which is where such comments are put.
    let notes: String = comments.iter().map(|comment| format!("{comment}{newline}{indent}")).collect();
    Some(vec![source.edit(outer.start_byte()..body.end_byte(), format!("{notes}{head}{moved}"))])
}

/// The condition, in brackets where `and` would bind closer than what is in it; the items of a `with`.
fn head(source: &Source, node: Node<'_>) -> Option<String> {
    if node.kind() == "with_statement" {
        if source.str(node).starts_with("async") {
            return None;
        }
        let clause = parts(node).into_iter().find(|part| part.kind() == "with_clause")?;
        let text = source.str(clause);
        return Some(text.to_owned());
    }
    let condition = node.child_by_field_name("condition")?;
    let text = source.str(condition);
    let loose = match condition.kind() {
        "boolean_operator" => condition.child_by_field_name("operator").is_some_and(|operator| source.str(operator) == "or"),
        "conditional_expression" | "lambda" | "named_expression" => true,
        _ => false,
    };
    Some(if loose { format!("({text})") } else { text.to_owned() })
}

/// Where the head ends: behind its colon.
fn head_end(source: &Source, node: Node<'_>) -> Option<usize> {
    let mut cursor = node.walk();
    let colon = node.children(&mut cursor).find(|child| source.str(*child) == ":")?;
    Some(colon.end_byte())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
