//! F821, NameError: a name that is used and never imported: a module of the standard library, a well-known member of one, or something that
//! exactly one module of this repository defines.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::members::module_of;
use super::python2_name::{identifier_at, name_in};
use super::source::{Source, is_field};
use super::syntax::{is_at_module_level, is_stdlib, module_name, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_python_import",
    about: "imports names that are used and not imported",
    handles: |finding| name_in(&finding.message).is_some(),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(name) = name_in(&context.finding.message) else { return Vec::new() };
    let edits = || {
        let source = source(context)?;
        let node = identifier_at(&source, context, name)?;
        // A name that is bound somewhere in this file is missing for another reason.
        if super::syntax::uses(&source, source.root(), name).into_iter().any(super::syntax::is_bound_here)
            || is_imported(&source, name)
        {
            return None;
        }
        let root = context.subproject.path.as_str();
        if is_stdlib(name) && is_field(node, "object") {
            return add_import(&source, context.files, root, name, None);
        }
        if let Some(module) = module_of(name) {
            return add_import(&source, context.files, root, module, Some(name));
        }
        let module = defined_in(context, name)?;
        add(&source, context, &module, name, node)
    };
    proposals(format!("Import {name}"), Applicability::Unsafe, edits())
}

fn is_imported(source: &Source, name: &str) -> bool {
    let mut found = false;
    super::source::walk(source.root(), |node| {
        if matches!(node.kind(), "import_statement" | "import_from_statement") {
            found |= super::syntax::identifiers(source, node).contains(name);
        }
    });
    found
}

/// The one module of the repository that defines a public name at its top level.
fn defined_in(context: &FixContext<'_>, name: &str) -> Option<String> {
    if name.len() < 3 || name.starts_with('_') {
        return None;
    }
    let path = context.finding.path()?;
    let mut found = None;
    for other in context.files.paths().iter().filter(|other| *other != path && other.extension() == Some("py")) {
        let Some(module) = module_name(other, &context.subproject.path) else { continue };
        let is_test = module.split('.').any(|part| {
            part.starts_with("test") || part == "conftest" || part == "setup" || part == "docs" || part == "examples"
        });
        if is_test || !context.files.text(other).is_some_and(|text| defines(&text, name)) {
            continue;
        }
        if found.replace(module).is_some() {
            return None;
        }
    }
    found
}

fn defines(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let before = text.get(line..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default();
        match before {
            "class " => after.starts_with(['(', ':']),
            "def " | "async def " => after.starts_with('('),
            "" => after.trim_start_matches(' ').strip_prefix('=').is_some_and(|rest| !rest.starts_with('=')),
            _ => false,
        }
    })
}

/// Imports from a module of this repository: at the top, or within the function when that module imports this one (it would be a circle).
fn add(source: &Source, context: &FixContext<'_>, module: &str, name: &str, node: Node<'_>) -> Option<Vec<Edit>> {
    let root = context.subproject.path.as_str();
    let own = module_name(&source.path, root)?;
    let file = super::syntax::module_file(context.files, root, module)?;
    let text = context.files.text(&file)?;
    let last = own.rsplit('.').next()?;
    let circular = text.lines().any(|line| {
        let line = line.trim_start();
        (line.starts_with("from ") || line.starts_with("import "))
            && line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == last)
    });
    if circular && is_at_module_level(node) {
        return None;
    }
    if circular {
        let function = std::iter::successors(Some(node), Node::parent).find(|node| node.kind() == "function_definition")?;
        let first = function.child_by_field_name("body")?.named_child(0)?;
        let indent = source.indent(first.start_byte());
        let at = source.line_start(first.start_byte());
        return Some(vec![source.edit(at..at, format!("{indent}from {module} import {name}{}", source.newline()))]);
    }
    add_import(source, context.files, root, module, Some(name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
