//! Which names of a Python file are bound where: enough to say what a name means without running the program.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::source::Source;
use super::syntax::{is_bound_here, is_variable};

/// The names that each scope of a file binds, by the id of the scope's node.
pub(super) struct Bindings<'s> {
    source: &'s Source,
    of: BTreeMap<usize, BTreeSet<&'s str>>,
}

impl<'s> Bindings<'s> {
    /// Reads the bindings of a file.
    pub(super) fn of(source: &'s Source) -> Self {
        let mut of: BTreeMap<usize, BTreeSet<&'s str>> = BTreeMap::new();
        super::source::walk(source.root(), |node| {
            if node.kind() != "identifier" {
                return;
            }
            let name = source.str(node);
            if let Some(scope) = binding_scope(source, node) {
                of.entry(scope.id()).or_default().insert(name);
            }
        });
        Self { source, of }
    }

    /// Returns the scope that the variable `identifier` belongs to; `None` when nothing in this file binds it.
    pub(super) fn scope_of(&self, identifier: Node<'s>) -> Option<Node<'s>> {
        let name = self.source.str(identifier);
        let binds = |scope: &Node<'_>| self.of.get(&scope.id()).is_some_and(|names| names.contains(name));
        let mut scopes = std::iter::successors(identifier.parent(), Node::parent).filter(|node| is_scope(node.kind()));
        let first = scopes.next()?;
        // The names of a class are seen in its body and not in the functions within.
        if binds(&first) {
            return Some(first);
        }
        let comprehension = is_comprehension(first.kind());
        scopes
            .enumerate()
            .find(|(index, scope)| (scope.kind() != "class_definition" || comprehension && *index == 0) && binds(scope))
            .map(|(_, scope)| scope)
    }

    /// Returns the identifiers that are variables which nothing in this file binds.
    pub(super) fn free(&self) -> Vec<Node<'s>> {
        let mut found = Vec::new();
        super::source::walk(self.source.root(), |node| {
            if node.kind() == "identifier"
                && is_variable(node)
                && !is_import_part(node)
                && !is_bound_here(node)
                && self.scope_of(node).is_none()
            {
                found.push(node);
            }
        });
        found
    }

    /// Returns the names that the module itself binds.
    pub(super) fn module_names(&self) -> BTreeSet<&'s str> {
        self.of.get(&self.source.root().id()).cloned().unwrap_or_default()
    }
}

fn is_scope(kind: &str) -> bool {
    matches!(kind, "function_definition" | "class_definition" | "lambda" | "module") || is_comprehension(kind)
}

fn is_comprehension(kind: &str) -> bool {
    matches!(kind, "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression")
}

fn is_import_part(identifier: Node<'_>) -> bool {
    std::iter::successors(identifier.parent(), Node::parent)
        .take(4)
        .any(|node| matches!(node.kind(), "import_statement" | "import_from_statement" | "future_import_statement"))
}

/// The scope in which an identifier is bound where it stands, if it is.
fn binding_scope<'t>(source: &Source, identifier: Node<'t>) -> Option<Node<'t>> {
    let enclosing = |node: Node<'t>| std::iter::successors(node.parent(), Node::parent).find(|node| is_scope(node.kind()));
    if is_import_part(identifier) {
        return is_imported_name(identifier).then(|| enclosing(identifier)).flatten();
    }
    if !is_variable(identifier) || !is_bound_here(identifier) {
        return None;
    }
    let parent = identifier.parent()?;
    if matches!(parent.kind(), "function_definition" | "class_definition") {
        return enclosing(parent);
    }
    let scope = enclosing(identifier)?;
    if parent.kind() == "named_expression" {
        return std::iter::successors(Some(scope), Node::parent)
            .find(|node| is_scope(node.kind()) && !is_comprehension(node.kind()));
    }
    if matches!(parent.kind(), "delete_statement" | "nonlocal_statement") {
        return None;
    }
    // `global x` makes every binding of `x` in the function one of the module.
    let is_global = scope.kind() == "function_definition"
        && (parent.kind() == "global_statement" || declares_global(source, scope, source.str(identifier)));
    if is_global {
        return std::iter::successors(Some(scope), Node::parent).find(|node| node.kind() == "module");
    }
    Some(scope)
}

fn declares_global(source: &Source, function: Node<'_>, name: &str) -> bool {
    // Asked for every binding, so the text is looked at first.
    if !source.str(function).contains("global ") {
        return false;
    }
    let mut found = false;
    super::source::walk(function, |node| {
        if node.kind() == "global_statement" {
            found |= super::source::parts(node).iter().any(|one| source.str(*one) == name);
        }
    });
    found
}

/// Whether an identifier in an import statement is the name that it binds.
fn is_imported_name(identifier: Node<'_>) -> bool {
    let Some(parent) = identifier.parent() else { return false };
    if parent.kind() == "aliased_import" {
        return true;
    }
    let Some(statement) = parent.parent().filter(|_| parent.kind() == "dotted_name") else { return false };
    match statement.kind() {
        // `import a.b` binds `a`.
        "import_statement" => parent.start_byte() == identifier.start_byte(),
        "import_from_statement" => statement.child_by_field_name("module_name").is_none_or(|module| module.id() != parent.id()),
        _ => false,
    }
}
