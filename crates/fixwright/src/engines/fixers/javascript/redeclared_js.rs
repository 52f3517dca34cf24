//! JavaScript names that are declared twice or assigned against their declaration: a second `var` becomes an assignment, a function
//! that is replaced later becomes a variable, a function that an equal one hides goes, and so does a repeated `/* global */`.

use std::ops::Range;

use domain::{Applicability, Edit, Finding};
use tree_sitter::Node;

use super::effects::{LISTS, removal};
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::{JAVASCRIPT, Kind, Use};
use super::source::{Source, ancestor, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "redeclared_js",
    about: "turns a second JavaScript declaration of a name into an assignment, and a function that is assigned to into a variable",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(
        finding.rule.as_str(),
        "no-redeclare"
            | "@typescript-eslint/no-redeclare"
            | "no-func-assign"
            | "no-unassigned-vars"
            | "no-shadow-restricted-names"
    )
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let name = context.finding.message.split('\'').nth(1).filter(|name| !name.is_empty())?;
    let (summary, edits) = match context.finding.rule.as_str() {
        "no-func-assign" => (format!("declare `{name}` as the variable that it is"), as_variable(&source, range.start)?),
        "no-unassigned-vars" | "no-shadow-restricted-names" => {
            (format!("do not declare `{name}` again"), own_undefined(&source, range.start)?)
        }
        _ => (format!("declare `{name}` once"), redeclared(&source, range, name)?),
    };
    Some(Proposal { summary, applicability: Applicability::Safe, repair: Repair::Edits(edits) })
}

fn redeclared(source: &Source, range: Range<usize>, name: &str) -> Option<Vec<Edit>> {
    let node = source.node(range.clone())?;
    if node.kind() == "comment" {
        return repeated_global(source, node, range, name);
    }
    let leaf = source.leaf(range.start)?;
    let scopes = source.scopes();
    let variable = scopes.variable(range.start).filter(|variable| variable.name == name)?;
    let (first_kind, first) = variable.declarations().next()?;
    if first.start == range.start || scopes.is_dynamic(variable) {
        return None;
    }
    let parent = leaf.parent()?;
    match parent.kind() {
        "function_declaration" if first_kind == Kind::Function => {
            // The last one wins from the start, so the one before it never ran.
            let (_, hidden) = variable.declarations().take_while(|(_, one)| one.start < range.start).last()?;
            let hidden = source.leaf(hidden.start)?.parent()?;
            let same_list = hidden.parent()?.id() == parent.parent()?.id() && hidden.kind() == "function_declaration";
            same_list.then(|| removal(source, hidden)).flatten().map(|range| vec![source.edit(range, "")])
        }
        "for_in_statement" => {
            let word = parent.child_by_field_name("kind").filter(|word| source.str(*word) == "var")?;
            Some(vec![source.edit(word.start_byte()..leaf.start_byte(), "")])
        }
        "variable_declarator" => declaration(source, parent.parent().filter(|d| d.kind() == "variable_declaration")?),
        _ => None,
    }
}

/// Rewrites a `var` whose names, some or all, were declared before. All of its findings ask for this same edit.
fn declaration(source: &Source, node: Node<'_>) -> Option<Vec<Edit>> {
    let all: Vec<Node<'_>> = parts(node).into_iter().filter(|part| part.kind() == "variable_declarator").collect();
    let word = node.child(0)?;
    let scopes = source.scopes();
    let again: Vec<bool> = all
        .iter()
        .map(|one| {
            let name = one.child_by_field_name("name").filter(|name| name.kind() == "identifier")?;
            let variable = scopes.variable(name.start_byte())?;
            Some(variable.declarations().next()?.1.start < name.start_byte())
        })
        .collect::<Option<_>>()?;
    let in_loop = match node.parent()?.kind() {
        "for_statement" => true,
        kind if LISTS.contains(&kind) => false,
        _ if all.len() == 1 && all.first()?.child_by_field_name("value").is_some() => false,
        _ => return None,
    };
    if again.iter().all(|again| *again) {
        let valued = |one: &&Node<'_>| one.child_by_field_name("value").is_some();
        if all.iter().all(|one| !valued(&one)) {
            let range = if in_loop { word.start_byte()..all.last()?.end_byte() } else { removal(source, node)? };
            return Some(vec![source.edit(range, "")]);
        }
        // Without a value it does nothing, and as an expression it would be one without use.
        let mut edits = vec![source.edit(word.start_byte()..all.first()?.start_byte(), "")];
        if all.iter().any(|one| !valued(&one)) {
            edits.clear();
            let kept: Vec<&str> = all.iter().filter(valued).map(|one| source.str(*one)).collect();
            edits.push(source.edit(word.start_byte()..all.last()?.end_byte(), kept.join(", ")));
        }
        return Some(edits);
    }
    let comments = source.slice(node.byte_range()).contains("//") || source.slice(node.byte_range()).contains("/*");
    if in_loop {
        // The new names are declared before the loop, and the loop only assigns.
        let owner = node.parent()?;
        if !LISTS.contains(&owner.parent()?.kind()) || all.iter().any(|one| one.child_by_field_name("value").is_none()) {
            return None;
        }
        let fresh: Vec<&str> = all
            .iter()
            .zip(&again)
            .filter(|(_, again)| !**again)
            .filter_map(|(one, _)| Some(source.str(one.child_by_field_name("name")?)))
            .collect();
        let ahead = format!("var {};{}{}", fresh.join(", "), source.newline(), source.indent(owner.start_byte()));
        return Some(vec![
            source.edit(owner.start_byte()..owner.start_byte(), ahead),
            source.edit(word.start_byte()..all.first()?.start_byte(), ""),
        ]);
    }
    if comments {
        return None;
    }
    // Split where declared and redeclared names meet, in order: values may depend on one another.
    let mut edits = Vec::new();
    let indent = source.indent(node.start_byte());
    let break_line = format!(";{}{indent}", source.newline());
    let mut written = false;
    let mut at = word.start_byte();
    let mut previous: Option<bool> = None;
    for (one, again) in all.iter().zip(&again) {
        let skipped = *again && one.child_by_field_name("value").is_none();
        let lead = match (written, skipped, previous == Some(*again)) {
            (_, true, _) => None,
            (false, false, _) => Some(if *again { String::new() } else { "var ".to_owned() }),
            (true, false, true) if !*again => Some(source.slice(at..one.start_byte()).to_owned()),
            (true, false, _) => Some(format!("{break_line}{}", if *again { "" } else { "var " })),
        };
        match lead {
            None => edits.push(source.edit(at..one.end_byte(), "")),
            Some(lead) => {
                if lead != source.slice(at..one.start_byte()) {
                    edits.push(source.edit(at..one.start_byte(), lead));
                }
                (written, previous) = (true, Some(*again));
            }
        }
        at = one.end_byte();
    }
    Some(edits)
}

/// A name of a `/* global */` comment that is known without it: the comment loses the name, or goes.
fn repeated_global(source: &Source, comment: Node<'_>, range: Range<usize>, name: &str) -> Option<Vec<Edit>> {
    let text = source.str(comment);
    let body = text.strip_prefix("/*")?.strip_suffix("*/")?;
    let list = body.trim_start().strip_prefix("globals").or_else(|| body.trim_start().strip_prefix("global"))?;
    let names: Vec<&str> = list.split(',').map(|one| one.split(':').next().unwrap_or_default().trim()).collect();
    if names.as_slice() == [name] {
        return Some(vec![source.edit(source.whole_lines(comment.byte_range()), "")]);
    }
    let separated = list.contains(',') && names.contains(&name);
    let (start, end) = (range.start, comment.end_byte().checked_sub(2)?);
    let rest = source.slice(start..end);
    if !separated || !rest.starts_with(name) {
        return None;
    }
    match rest.find(',') {
        Some(comma) => {
            let behind = rest.get(comma + 1..)?;
            let blank = behind.len() - behind.trim_start().len();
            Some(vec![source.edit(start..start + comma + 1 + blank, "")])
        }
        None => {
            let before = source.slice(comment.start_byte()..start).rfind(',')?;
            Some(vec![source.edit(comment.start_byte() + before..start + rest.trim_end().len(), "")])
        }
    }
}

/// `function f() {…}` that is assigned to becomes `var f = function() {…};` where nothing needs it before.
fn as_variable(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let variable = source.scopes().variable(at)?;
    let mut declarations = variable.declarations();
    let ((kind, one), None) = (declarations.next()?, declarations.next()) else { return None };
    let name = source.leaf(one.start)?;
    let function = name.parent().filter(|node| kind == Kind::Function && node.kind() == "function_declaration")?;
    let list = function.parent()?;
    let in_function =
        list.kind() == "program" || list.parent().is_some_and(|owner| super::scopes::FUNCTIONS.contains(&owner.kind()));
    let early = variable.occurrences.iter().any(|one| one.start < function.start_byte());
    if early || !in_function {
        return None;
    }
    // What runs before the declaration may call a function that stands behind it and reads the name.
    let hoisted = |one: usize| {
        source
            .leaf(one)
            .and_then(|leaf| ancestor(leaf, &["function_declaration"]))
            .is_some_and(|outer| outer.id() != function.id() && outer.parent().is_some_and(|holder| holder.id() == list.id()))
    };
    let runs_before = parts(list).into_iter().take_while(|part| part.id() != function.id()).any(|part| {
        !matches!(part.kind(), "function_declaration" | "variable_declaration" | "lexical_declaration" | "import_statement")
            && !source.str(part).starts_with(['\'', '"'])
    });
    if runs_before && variable.occurrences.iter().any(|one| one.usage == Use::Read && hoisted(one.start)) {
        return None;
    }
    let word = function.child(0)?;
    let parameters = function.child_by_field_name("parameters")?;
    let head = if source.str(word) == "async" {
        format!("var {} = async function", source.str(name))
    } else {
        format!("var {} = function", source.str(name))
    };
    Some(vec![
        source.edit(function.start_byte()..parameters.start_byte(), head),
        source.edit(function.end_byte()..function.end_byte(), ";"),
    ])
}

/// A variable or parameter of one's own that is called `undefined`: the global one has that value and cannot be changed.
fn own_undefined(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let node =
        source.root().descendant_for_byte_range(at, at + "undefined".len()).filter(|node| source.str(*node) == "undefined")?;
    let declarator =
        node.parent().filter(|node| node.kind() == "variable_declarator" && node.child_by_field_name("value").is_none())?;
    let declaration = declarator.parent()?;
    if parts(declaration).len() != 1 {
        return None;
    }
    Some(vec![source.edit(removal(source, declaration)?, "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
