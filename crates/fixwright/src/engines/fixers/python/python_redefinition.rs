//! F811: something is defined twice and the first was never used. A test that is hidden so gets a name of its own and runs; other functions and classes that
//! are never reached go, and so do imports.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, parts, walk};
use super::syntax::{identifiers, proposals, source, stands_alone};

pub(super) const FIXER: Fixer = Fixer {
    id: "python_redefinition",
    about: "removes or renames what is defined twice",
    handles: |finding| matches!(finding.rule.as_str(), "F811" | "E0102" | "function-redefined" | "W0404" | "reimported"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let name = context.finding.message.split(['`', '\'']).nth(1)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let second = source.leaf(at)?;
        let first_line: usize =
            context.finding.message.split("line ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let first = bound_on_line(&source, name, first_line.checked_sub(1)?)?;
        settle(&source, name, first, second)
    };
    proposals("Remove or rename what is defined twice", Applicability::Unsafe, edits())
}

fn bound_on_line<'t>(source: &'t Source, name: &str, row: usize) -> Option<Node<'t>> {
    let mut found = None;
    walk(source.root(), |node| {
        if found.is_none() && node.kind() == "identifier" && node.start_position().row == row && source.str(node) == name {
            found = Some(node);
        }
    });
    found
}

fn definition<'t>(name: Node<'t>) -> Option<Node<'t>> {
    name.parent().filter(|parent| matches!(parent.kind(), "function_definition" | "class_definition"))
}

fn settle(source: &Source, name: &str, first: Node<'_>, second: Node<'_>) -> Option<Vec<Edit>> {
    let import = std::iter::successors(Some(first), Node::parent)
        .find(|node| matches!(node.kind(), "import_statement" | "import_from_statement"));
    if let Some(import) = import {
        // An import within `try` or `if` is one of two ways; which is taken shows only when it runs.
        return same_block(import, second).then(|| drop_import(source, import, first)).flatten();
    }
    let early = definition(first)?;
    let decorated = early.parent().filter(|parent| parent.kind() == "decorated_definition");
    if name.starts_with("test") {
        let late = definition(second)?;
        let taken = identifiers(source, source.root());
        let new = (2..100).map(|n| format!("{name}_{n}")).find(|new| !taken.contains(new.as_str()))?;
        let own = late.child_by_field_name("name")?;
        return Some(vec![source.edit(own.byte_range(), new)]);
    }
    // A decorator may keep what it is given (`@property`, a registry).
    if decorated.is_some() || !same_block(early, second) || !stands_alone(source, early) {
        return None;
    }
    let mut range = source.line_start(early.start_byte())..source.line_end(early.end_byte());
    let rest = source.slice(range.end..source.text.len());
    let blank: usize = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    range.end += blank;
    Some(vec![source.edit(range, "")])
}

/// Whether two nodes are (in) statements of the same block.
fn same_block(first: Node<'_>, second: Node<'_>) -> bool {
    let block = |node: Node<'_>| {
        std::iter::successors(node.parent(), Node::parent)
            .find(|node| matches!(node.kind(), "block" | "module"))
            .map(|node| node.id())
    };
    let Some(own) = block(first) else { return false };
    std::iter::successors(second.parent(), Node::parent).any(|node| node.id() == own)
        && std::iter::successors(Some(second), Node::parent).take_while(|node| node.id() != own).all(|node| {
            !matches!(node.kind(), "if_statement" | "try_statement" | "except_clause" | "elif_clause" | "else_clause")
        })
}

fn drop_import(source: &Source, import: Node<'_>, name: Node<'_>) -> Option<Vec<Edit>> {
    let mut cursor = import.walk();
    let members: Vec<Node<'_>> = import.children_by_field_name("name", &mut cursor).collect();
    let index = members.iter().position(|member| member.byte_range().contains(&name.start_byte()))?;
    if members.len() > 1 {
        let before = index.checked_sub(1).and_then(|before| members.get(before)).copied();
        return Some(vec![
            source.edit(source.element(members.get(index)?.byte_range(), before, members.get(index + 1).copied()), ""),
        ]);
    }
    let block = import.parent()?;
    if block.kind() == "block" && parts(block).len() == 1 {
        return Some(vec![source.edit(import.byte_range(), "pass")]);
    }
    stands_alone(source, import)
        .then(|| vec![source.edit(source.line_start(import.start_byte())..source.line_end(import.end_byte()), "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
