//! Removes JavaScript and TypeScript that can never run or never count: statements behind `return`, branches of a constant
//! condition, a case or a property that an equal one hides.

use std::ops::Range;

use domain::{Applicability, Edit, Finding};
use tree_sitter::Node;

use super::effects::{Effect, LISTS, effect, removal};
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::{JAVASCRIPT, Kind, Use};
use super::source::{Source, ancestor, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "unreachable_js",
    about: "removes JavaScript and TypeScript code that can never run, and properties and cases that are hidden by an equal one",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(
        finding.rule.as_str(),
        "no-unreachable" | "no-constant-condition" | "no-dupe-keys" | "no-duplicate-case" | "TS7027" | "7027"
    )
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (summary, edits) = match context.finding.rule.as_str() {
        "no-constant-condition" => ("write out the constant condition", constant(&source, range)?),
        "no-dupe-keys" => ("remove the property that a later one replaces", hidden_property(&source, range.start)?),
        "no-duplicate-case" => ("remove the case that an earlier one hides", hidden_case(&source, range.start)?),
        _ => ("remove unreachable code", unreachable_code(&source, range)?),
    };
    Some(Proposal { summary: summary.to_owned(), applicability: Applicability::Safe, repair: Repair::Edits(edits) })
}

fn unreachable_code(source: &Source, range: Range<usize>) -> Option<Vec<Edit>> {
    let mut first = source.leaf(range.start)?;
    if let Some(body) = first.parent().filter(|body| body.parent().is_some_and(|clause| clause.kind() == "catch_clause")) {
        return tried(source, ancestor(body, &["try_statement"])?);
    }
    while first.parent()?.start_byte() == range.start && !LISTS.contains(&first.parent()?.kind()) {
        first = first.parent()?;
    }
    let list = first.parent().filter(|list| LISTS.contains(&list.kind()))?;
    let mut edits = Vec::new();
    let all = parts(list);
    // An end that the tool does not name is that of the first statement.
    let end = range.end.max(first.end_byte());
    let dead: Vec<Node<'_>> = all.into_iter().filter(|one| one.start_byte() >= range.start && one.end_byte() <= end).collect();
    for one in &dead {
        if matches!(one.kind(), "function_declaration" | "generator_function_declaration") {
            continue;
        }
        if declares_for_others(source, range.start..end, one.byte_range()) {
            return None;
        }
        edits.push(source.edit(removal(source, *one)?, ""));
    }
    (!edits.is_empty()).then_some(edits)
}

/// Nothing in the block of `try` can throw: what is in it stands alone.
fn tried(source: &Source, statement: Node<'_>) -> Option<Vec<Edit>> {
    let block = statement.child_by_field_name("body")?;
    let all = parts(block);
    // Comments stay.
    let (first, last) = (block.named_child(0)?, block.named_children(&mut block.walk()).last()?);
    let own_names =
        all.iter().any(|one| matches!(one.kind(), "lexical_declaration" | "class_declaration" | "function_declaration"));
    let catch = statement.child_by_field_name("handler")?;
    let is_listed = statement.parent().is_some_and(|list| LISTS.contains(&list.kind()));
    if own_names
        || !is_listed
        || statement.child_by_field_name("finalizer").is_some()
        || declares_for_others(source, catch.byte_range(), catch.byte_range())
        || source.str(block).contains(['`', '\\'])
    {
        return None;
    }
    let (outer, inner) = (source.indent(statement.start_byte()), source.indent(first.start_byte()));
    let text = source.slice(first.start_byte()..last.end_byte());
    let own_line = source.slice(source.line_start(first.start_byte())..first.start_byte()).trim().is_empty();
    let text = if own_line { text.replace(&format!("\n{inner}"), &format!("\n{outer}")) } else { text.to_owned() };
    Some(vec![source.edit(statement.byte_range(), text)])
}

/// Says whether something that is declared in `part` is named outside of `dead`: `var` holds for the whole function.
fn declares_for_others(source: &Source, dead: Range<usize>, part: Range<usize>) -> bool {
    source.scopes().variables().iter().any(|variable| {
        variable.declarations().any(|(kind, one)| {
            part.contains(&one.start)
                && match kind {
                    Kind::Var | Kind::Let | Kind::Const | Kind::Class | Kind::Function | Kind::Type => true,
                    Kind::Param | Kind::Catch | Kind::Import => false,
                }
        }) && variable
            .occurrences
            .iter()
            .any(|one| !dead.contains(&one.start) && matches!(one.usage, Use::Read | Use::Write | Use::Update))
            && !variable.declarations().any(|(_, one)| !dead.contains(&one.start))
    })
}

fn constant(source: &Source, range: Range<usize>) -> Option<Vec<Edit>> {
    let node = source.node(range)?;
    let truth = truth(source, node)?;
    let owner = ancestor(node, &["if_statement", "while_statement", "do_statement", "for_statement", "ternary_expression"])?;
    let condition = owner.child_by_field_name("condition")?;
    if !(condition.start_byte() <= node.start_byte() && node.end_byte() <= condition.end_byte()) {
        return None;
    }
    match (owner.kind(), truth) {
        ("while_statement", true) if source.str(node) != "true" => Some(vec![source.edit(node.byte_range(), "true")]),
        ("for_statement", true) => {
            let end = if condition.kind() == "expression_statement" { condition.end_byte() - 1 } else { condition.end_byte() };
            Some(vec![source.edit(condition.start_byte()..end, "")])
        }
        // `do … while (true)` is the same loop as `while (true) …`.
        ("do_statement", true) => {
            let body = owner.child_by_field_name("body").filter(|body| body.kind() == "statement_block")?;
            let word = owner.child(0)?;
            Some(vec![source.edit(word.byte_range(), "while (true)"), source.edit(body.end_byte()..owner.end_byte(), "")])
        }
        ("if_statement", false) => {
            let body = owner.child_by_field_name("consequence")?;
            if declares_for_others(source, body.byte_range(), body.byte_range()) {
                return None;
            }
            match owner.child_by_field_name("alternative") {
                None => Some(vec![source.edit(removal(source, owner)?, "")]),
                Some(other) => {
                    // `else if` takes the place of `if`; a block may stay a block.
                    let rest = parts(other).into_iter().next()?;
                    let lexical = rest.kind() != "if_statement" && rest.kind() != "statement_block";
                    if lexical { None } else { unwrap(source, owner, rest) }
                }
            }
        }
        ("if_statement", true) => {
            if let Some(other) = owner.child_by_field_name("alternative")
                && declares_for_others(source, other.byte_range(), other.byte_range())
            {
                return None;
            }
            unwrap(source, owner, owner.child_by_field_name("consequence")?)
        }
        ("ternary_expression", _) => {
            let kept = owner.child_by_field_name(if truth { "consequence" } else { "alternative" })?;
            Some(vec![source.edit(owner.start_byte()..kept.start_byte(), ""), source.edit(kept.end_byte()..owner.end_byte(), "")])
        }
        _ => None,
    }
}

/// Puts the statements of `kept` in the place of the `if` that it is a branch of.
fn unwrap(source: &Source, owner: Node<'_>, kept: Node<'_>) -> Option<Vec<Edit>> {
    if !LISTS.contains(&owner.parent()?.kind()) {
        return None;
    }
    if kept.kind() != "statement_block" {
        return Some(vec![
            source.edit(owner.start_byte()..kept.start_byte(), ""),
            source.edit(kept.end_byte()..owner.end_byte(), ""),
        ]);
    }
    // The block's own `let`, `const`, `class` and functions must stay in a block of their own.
    let scoped = parts(kept).iter().any(|part| {
        matches!(
            part.kind(),
            "lexical_declaration" | "class_declaration" | "function_declaration" | "generator_function_declaration"
        )
    });
    let (inside, close) = (parts(kept), kept.child(kept.child_count().checked_sub(1)?)?);
    let first = inside.first()?;
    let first_line = source.line_start(first.start_byte());
    let one_line = first_line <= kept.start_byte();
    if scoped || one_line || source.slice(source.line_start(close.start_byte())..close.start_byte()).trim() != "" {
        return None;
    }
    let mut edits = vec![source.edit(source.line_start(owner.start_byte())..source.line_end(kept.start_byte()), "")];
    if source.slice(source.line_start(owner.start_byte())..owner.start_byte()).trim() != ""
        || source.line_end(kept.start_byte()) > first_line
    {
        return None;
    }
    // Lines move to the left by the difference of the two indentations, except inside of templates.
    let (outer, inner) = (source.indent(owner.start_byte()), source.indent(first.start_byte()));
    let shift = inner.strip_prefix(outer).map_or(0, str::len);
    let mut at = source.line_end(kept.start_byte());
    if !source.str(kept).contains('`') && shift > 0 {
        while at < source.line_start(close.start_byte()) {
            if source.indent(at).len() >= shift && source.slice(at..source.line_end(at)).trim() != "" {
                edits.push(source.edit(at..at + shift, ""));
            }
            at = source.line_end(at);
        }
    }
    let end = source.line_end(owner.end_byte());
    if source.slice(owner.end_byte()..end).trim() != "" {
        return None;
    }
    edits.push(source.edit(source.line_start(close.start_byte())..end, ""));
    Some(edits)
}

/// Says whether a literal is true, `None` for anything but a literal and `!` before one.
fn truth(source: &Source, node: Node<'_>) -> Option<bool> {
    match source.str(node) {
        "true" | "1" | "!0" | "!false" => Some(true),
        "false" | "0" | "null" | "undefined" | "!1" | "!true" => Some(false),
        _ => None,
    }
}

fn hidden_property(source: &Source, at: usize) -> Option<Vec<Edit>> {
    // The tool names the later one; it wins, and the earlier one goes.
    let leaf = source.leaf(at)?;
    let pair =
        if matches!(leaf.parent()?.kind(), "pair" | "method_definition") { leaf.parent()? } else { ancestor(leaf, &["pair"])? };
    let object = pair.parent().filter(|object| object.kind() == "object")?;
    let key = |node: Node<'_>| {
        let key = node.child_by_field_name("key").or_else(|| node.child_by_field_name("name"))?;
        (key.kind() != "computed_property_name").then(|| source.str(key).trim_matches(['\'', '"']).to_owned())
    };
    let own = key(pair)?;
    let all = parts(object);
    let end = all.iter().position(|one| one.id() == pair.id())?;
    let at = all.iter().take(end).rposition(|one| key(*one).as_deref() == Some(own.as_str()))?;
    let earlier = *all.get(at)?;
    // A spread between the two could replace the value in between, which nobody sees either; an accessor is another matter.
    let quiet = earlier.kind() == "pair" && pair.kind() == "pair" && own != "__proto__";
    if !quiet || effect(source, earlier.child_by_field_name("value")?) == Effect::Possible {
        return None;
    }
    let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
    Some(vec![source.edit(source.element(earlier.byte_range(), before, all.get(at + 1).copied()), "")])
}

fn hidden_case(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let leaf = source.leaf(at)?;
    let case = if leaf.kind() == "switch_case" { leaf } else { ancestor(leaf, &["switch_case"])? };
    let before = case.prev_named_sibling()?;
    // Reached only by falling into it: not when the one before ends, or is as empty as `case 1:`.
    let statements = |case: Node<'_>| parts(case).len() - usize::from(case.kind() == "switch_case");
    let ends = |case: Node<'_>| {
        parts(case).last().is_some_and(|last| matches!(last.kind(), "break_statement" | "return_statement" | "throw_statement"))
    };
    if before.kind() == "comment" {
        return None;
    }
    if statements(case) == 0 {
        return Some(vec![source.edit(source.whole_lines(case.byte_range()), "")]);
    }
    if !ends(before) || !ends(case) || declares_for_others(source, case.byte_range(), case.byte_range()) {
        return None;
    }
    Some(vec![source.edit(source.whole_lines(case.byte_range()), "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
