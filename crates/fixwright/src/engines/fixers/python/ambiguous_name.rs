//! E741: `l`, `O` and `I` are hard to tell from figures. The variable gets a name that says what it holds, everywhere in its scope.

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::scopes::Bindings;
use super::source::{Source, ancestor, is_field, parts};
use super::syntax::{identifiers, is_bound_here, is_taken_elsewhere, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "ambiguous_name",
    about: "renames variables called l, O or I",
    handles: |finding| matches!(finding.rule.as_str(), "E741"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let name = context.finding.message.split(['`', '\'']).nth(1)?;
        let location = context.finding.location.as_ref()?;
        let range = source.range(location)?;
        let row = usize::try_from(location.line).ok()?.checked_sub(1)?;
        // flake8 points to the statement, ruff to the name; `as l` is reported with its whole clause.
        let bindings = Bindings::of(&source);
        let all = super::syntax::uses(&source, source.root(), name);
        let bound = *all
            .iter()
            .find(|node| node.start_byte() >= range.start && node.start_position().row >= row && is_bound_here(**node))?;
        let scope = bindings.scope_of(bound)?;
        // An attribute of a class is seen from outside; a variable of a module too, when others import it.
        if scope.kind() == "class_definition"
            || scope.kind() == "module" && context.finding.path().is_none_or(|path| is_taken_elsewhere(context.files, path, name))
        {
            return None;
        }
        let same: Vec<Node<'_>> =
            all.iter().copied().filter(|node| bindings.scope_of(*node).is_some_and(|own| own.id() == scope.id())).collect();
        if same
            .iter()
            .any(|node| node.parent().is_some_and(|parent| matches!(parent.kind(), "global_statement" | "nonlocal_statement")))
        {
            return None;
        }
        let text = source.str(scope);
        if ["locals()", "vars()", "globals()", "eval(", "exec("].iter().any(|call| text.contains(call)) {
            return None;
        }
        let is_parameter = same.iter().any(|node| is_parameter(*node));
        if is_parameter && scope.kind() != "lambda" && is_passed_by_keyword(context, name) {
            return None;
        }
        // Every finding about this variable gets the name that its first binding suggests.
        let first = *same.iter().find(|node| is_bound_here(**node))?;
        let new = new_name(&source, first, is_parameter, &same)?;
        Some(same.into_iter().map(|node| source.edit(node.byte_range(), new.clone())).collect())
    };
    proposals("Give an ambiguous variable a name that says what it holds", Applicability::Safe, edits())
}

fn is_parameter(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "parameters" | "lambda_parameters" | "typed_parameter" => true,
        "default_parameter" | "typed_default_parameter" => is_field(node, "name"),
        _ => false,
    }
}

/// Whether any call in the repository passes an argument of that name.
fn is_passed_by_keyword(context: &FixContext<'_>, name: &str) -> bool {
    context.files.paths().iter().filter(|path| path.extension() == Some("py")).any(|path| {
        context.files.text(path).is_some_and(|text| {
            text.match_indices(name).any(|(at, _)| {
                let before = text.get(..at).unwrap_or_default().trim_end();
                let after = text.get(at + name.len()..).unwrap_or_default().trim_start();
                before.ends_with(['(', ',']) && after.starts_with('=') && !after.starts_with("==")
                    // A parameter's default is no call.
                    && !text.get(..at).and_then(|head| head.rfind('\n')).and_then(|line| text.get(line..at)).is_some_and(|line| line.contains("def ") || line.contains("lambda"))
            })
        })
    })
}

/// A free name for what the variable holds, as far as its binding tells.
fn new_name(source: &Source, bound: Node<'_>, is_parameter: bool, same: &[Node<'_>]) -> Option<String> {
    let taken = identifiers(source, source.root());
    let own = source.str(bound);
    let mut wanted: Vec<&str> = Vec::new();
    let looped = ancestor(bound, &["for_statement", "for_in_clause"])
        .filter(|node| node.child_by_field_name("left").is_some_and(|left| left.byte_range().contains(&bound.start_byte())));
    let assigned =
        ancestor(bound, &["assignment"]).filter(|node| is_field(bound, "left") && node.child_by_field_name("right").is_some());
    if let Some(over) = looped.and_then(|node| node.child_by_field_name("right")) {
        let text = source.str(over).to_lowercase();
        let is_text = text.contains("line") || text.contains("split") || text.contains("read") || text.contains("open(");
        if is_text {
            wanted.push("line");
        } else if text.starts_with("range(") || text.starts_with("xrange(") {
            wanted.push("index");
        }
        wanted.extend(["item", "element", "entry"]);
    } else if let Some(value) = assigned.and_then(|node| node.child_by_field_name("right")) {
        let callee = value.child_by_field_name("function").map(|callee| source.str(callee)).unwrap_or_default();
        match value.kind() {
            "list" | "list_comprehension" => wanted.push("items"),
            "call" if callee == "len" => wanted.push("length"),
            "call" if matches!(callee, "list" | "sorted") => wanted.push("items"),
            "call" if callee.ends_with("Lock") => wanted.push("lock"),
            "call" if callee.ends_with(".readline") => wanted.push("line"),
            "call" if callee.ends_with(".split") || callee.ends_with(".readlines") => wanted.push("parts"),
            "call" if callee.rsplit('.').next().is_some_and(|class| class.starts_with(char::is_uppercase)) => {
                wanted.push("instance")
            }
            "lambda" => wanted.push("function"),
            "integer" => wanted.push("level"),
            _ => {}
        }
        wanted.extend(["value", "result", "current"]);
    } else if ancestor(bound, &["as_pattern_target"]).is_some() {
        let handler = ancestor(bound, &["except_clause", "with_item"]).is_some_and(|node| node.kind() == "except_clause");
        wanted.extend(if handler { ["error", "exc"] } else { ["handle", "resource"] });
    } else if is_parameter {
        let appended = same.iter().any(|node| {
            node.parent()
                .filter(|parent| parent.kind() == "attribute")
                .and_then(|parent| parent.child_by_field_name("attribute"))
                .is_some_and(|method| matches!(source.str(method), "append" | "extend" | "insert" | "pop" | "sort"))
        });
        let iterated = same
            .iter()
            .any(|node| is_field(*node, "right") && node.parent().is_some_and(|parent| parent.kind().starts_with("for_")));
        if appended || iterated {
            wanted.push("items");
        }
        wanted.push("value");
    }
    match own {
        "l" => wanted.extend(["item", "value", "left", "low"]),
        "O" => wanted.extend(["outer", "output", "obj"]),
        _ => wanted.extend(["index", "identity", "item"]),
    }
    let constant = own != "l"
        && parts(bound).is_empty()
        && !is_parameter
        && looped.is_none()
        && ancestor(bound, &["function_definition"]).is_none();
    wanted
        .into_iter()
        .map(|name| if constant { name.to_uppercase() } else { name.to_owned() })
        .find(|name| !taken.contains(name.as_str()))
        .or_else(|| (1..100).map(|n| format!("value_{n}")).find(|name| !taken.contains(name.as_str())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
