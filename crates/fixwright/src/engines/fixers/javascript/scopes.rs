//! Which variable each name of a JavaScript or TypeScript file stands for: declarations, reads and writes, by scope.
//!
//! As exact as the fixers need: `var` and functions are hoisted, blocks, loops, `catch` and `switch` have scopes of their own, and
//! names that nothing in the file declares are variables without a declaration. Where `eval` or `with` can reach a variable, it is
//! said, and no fixer touches it.

use std::collections::HashMap;
use std::ops::Range;

use domain::Language;
use tree_sitter::Node;

use super::source::Source;

/// The languages that this knows.
pub(super) const JAVASCRIPT: &[Language] = &[Language::JavaScript, Language::TypeScript];

/// What kind of declaration a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Var,
    Let,
    Const,
    Function,
    Class,
    Param,
    Catch,
    Import,
    /// An interface, type alias, type parameter, enum or namespace.
    Type,
}

/// What a name does where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It declares, and may give a first value.
    Declare(Kind),
    /// Its value is used.
    Read,
    /// It is given a value.
    Write,
    /// Both: `x += 1`, `x++`.
    Update,
}

/// One place where a variable is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) usage: Use,
    /// The scope that it stands in.
    scope: usize,
}

/// A variable and where it is named, in the order of the text.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    scope: Option<usize>,
    pub(super) occurrences: Vec<Occurrence>,
}

impl Variable {
    /// Returns the places that declare it.
    pub(super) fn declarations(&self) -> impl Iterator<Item = (Kind, &Occurrence)> {
        self.occurrences.iter().filter_map(|one| match one.usage {
            Use::Declare(kind) => Some((kind, one)),
            Use::Read | Use::Write | Use::Update => None,
        })
    }

    /// Says whether every place where it is named declares it.
    pub(super) fn is_only_declared(&self) -> bool {
        self.occurrences.iter().all(|one| matches!(one.usage, Use::Declare(_)))
    }
}

#[derive(Debug)]
struct Scope {
    parent: Option<usize>,
    hoists: bool,
    range: Range<usize>,
}

/// The variables of a file.
#[derive(Debug)]
pub(in crate::engines::fixers) struct Scopes {
    scopes: Vec<Scope>,
    variables: Vec<Variable>,
    at: HashMap<usize, usize>,
    dynamic: Vec<usize>,
}

struct Frame<'t> {
    node: Node<'t>,
    field: Option<&'t str>,
    scope: usize,
}

/// Kinds of nodes that are functions, or look like one to a scope.
pub(super) const FUNCTIONS: &[&str] = &[
    "function_declaration",
    "generator_function_declaration",
    "function_expression",
    "generator_function",
    "arrow_function",
    "method_definition",
    "class_static_block",
    "function_signature",
    "method_signature",
    "abstract_method_signature",
    "call_signature",
    "construct_signature",
    "function_type",
    "constructor_type",
];

impl Scopes {
    /// Reads the variables of a file.
    pub(in crate::engines::fixers) fn of(source: &Source) -> Self {
        let root = source.root();
        let mut found = Self { scopes: Vec::new(), variables: Vec::new(), at: HashMap::new(), dynamic: Vec::new() };
        found.scopes.push(Scope { parent: None, hoists: true, range: root.byte_range() });
        let mut named: Vec<Occurrence> = Vec::new();
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut cursor = root.walk();
        'walk: loop {
            let node = cursor.node();
            let outer = frames.last().map_or(0, |frame| frame.scope);
            let scope = found.open(node, frames.last().map(|frame| frame.node.kind()), outer);
            frames.push(Frame { node, field: cursor.field_name(), scope });
            match node.kind() {
                "identifier" | "type_identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => {
                    named.extend(found.occurrence(source, &frames));
                }
                "with_statement" => found.dynamic.push(node.start_byte()),
                "call_expression" if node.child_by_field_name("function").is_some_and(|f| source.str(f) == "eval") => {
                    found.dynamic.push(node.start_byte());
                }
                _ => {}
            }
            if cursor.goto_first_child() {
                continue;
            }
            loop {
                frames.pop();
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    break 'walk;
                }
            }
        }
        found.resolve(source, named);
        found
    }

    fn open(&mut self, node: Node<'_>, parent: Option<&str>, outer: usize) -> usize {
        let kind = node.kind();
        let hoists = FUNCTIONS.contains(&kind);
        let block = match kind {
            "statement_block" => parent.is_none_or(|parent| parent != "catch_clause" && !FUNCTIONS.contains(&parent)),
            "for_statement" | "for_in_statement" | "switch_body" | "catch_clause" | "class" | "internal_module" | "module" => {
                true
            }
            _ => false,
        };
        if !(hoists || block) || !node.is_named() {
            return outer;
        }
        self.scopes.push(Scope { parent: Some(outer), hoists, range: node.byte_range() });
        self.scopes.len() - 1
    }

    /// Says what the identifier on top of `frames` does; a declaration comes back with the scope that it declares in.
    fn occurrence(&self, source: &Source, frames: &[Frame<'_>]) -> Option<Occurrence> {
        let (this, above) = frames.split_last()?;
        let mut usage = Use::Read;
        let mut scope = this.scope;
        let mut field = this.field;
        let outside = |depth: usize| above.len().checked_sub(depth + 2).and_then(|at| above.get(at)).map_or(0, |f| f.scope);
        for (depth, frame) in above.iter().rev().enumerate() {
            let parent = frame.node;
            let declared = |kind: Kind| Use::Declare(kind);
            match (parent.kind(), field) {
                ("array_pattern" | "rest_pattern" | "object_pattern", _)
                | ("pair_pattern", Some("value"))
                | ("assignment_pattern" | "object_assignment_pattern", Some("left")) => {
                    field = frame.field;
                    continue;
                }
                ("variable_declarator", Some("name")) => {
                    let declaration = above.iter().rev().nth(depth + 1)?.node;
                    let kind =
                        if declaration.kind() == "variable_declaration" { Kind::Var } else { lexical(source, declaration) };
                    (usage, scope) = (declared(kind), if kind == Kind::Var { self.hoist(scope) } else { scope });
                }
                ("for_in_statement", Some("left")) => {
                    usage = Use::Write;
                    if let Some(word) = parent.child_by_field_name("kind") {
                        let kind = if source.str(word) == "var" { Kind::Var } else { lexical(source, parent) };
                        (usage, scope) = (declared(kind), if kind == Kind::Var { self.hoist(scope) } else { scope });
                    }
                }
                ("formal_parameters", _) | ("arrow_function", Some("parameter")) => usage = declared(Kind::Param),
                ("required_parameter" | "optional_parameter", Some("pattern")) => usage = declared(Kind::Param),
                ("catch_clause", Some("parameter")) => usage = declared(Kind::Catch),
                ("assignment_expression", Some("left")) => usage = Use::Write,
                ("augmented_assignment_expression", Some("left")) | ("update_expression", Some("argument")) => {
                    usage = Use::Update
                }
                ("function_declaration" | "generator_function_declaration" | "function_signature", Some("name")) => {
                    (usage, scope) = (declared(Kind::Function), outside(depth));
                }
                ("function_expression" | "generator_function", Some("name")) => usage = declared(Kind::Function),
                ("class_declaration" | "abstract_class_declaration" | "class", Some("name")) => usage = declared(Kind::Class),
                (
                    "interface_declaration"
                    | "type_alias_declaration"
                    | "type_parameter"
                    | "enum_declaration"
                    | "internal_module"
                    | "module",
                    Some("name"),
                ) => (usage, scope) = (declared(Kind::Type), outside(depth)),
                ("import_clause" | "namespace_import" | "import_require_clause" | "import_alias", _)
                | ("import_specifier", Some("alias")) => usage = declared(Kind::Import),
                ("import_specifier", _) if parent.child_by_field_name("alias").is_some() => return None,
                ("import_specifier", _) => usage = declared(Kind::Import),
                ("export_specifier", Some("alias")) => return None,
                ("export_specifier", _) => {
                    let from = above.iter().rev().find(|f| f.node.kind() == "export_statement");
                    if from.is_some_and(|f| f.node.child_by_field_name("source").is_some()) {
                        return None;
                    }
                }
                _ => {}
            }
            break;
        }
        Some(Occurrence { start: this.node.start_byte(), end: this.node.end_byte(), usage, scope })
    }

    fn hoist(&self, scope: usize) -> usize {
        std::iter::successors(Some(scope), |at| self.scopes.get(*at)?.parent)
            .find(|at| self.scopes.get(*at).is_some_and(|scope| scope.hoists))
            .unwrap_or(0)
    }

    fn resolve(&mut self, source: &Source, named: Vec<Occurrence>) {
        let mut known: HashMap<(Option<usize>, &str), usize> = HashMap::new();
        for one in named.iter().filter(|one| matches!(one.usage, Use::Declare(_))) {
            let name = source.slice(one.start..one.end);
            let at = *known.entry((Some(one.scope), name)).or_insert_with(|| {
                self.variables.push(Variable { name: name.to_owned(), scope: Some(one.scope), occurrences: Vec::new() });
                self.variables.len() - 1
            });
            self.at.insert(one.start, at);
        }
        for one in named {
            let name = source.slice(one.start..one.end);
            let declared = self.at.get(&one.start).copied();
            let at = declared.or_else(|| {
                std::iter::successors(Some(one.scope), |at| self.scopes.get(*at)?.parent)
                    .find_map(|scope| known.get(&(Some(scope), name)).copied())
            });
            let at = at.unwrap_or_else(|| {
                *known.entry((None, name)).or_insert_with(|| {
                    self.variables.push(Variable { name: name.to_owned(), scope: None, occurrences: Vec::new() });
                    self.variables.len() - 1
                })
            });
            self.at.insert(one.start, at);
            if let Some(variable) = self.variables.get_mut(at) {
                variable.occurrences.push(one);
            }
        }
    }

    /// Returns the variable that is named at `offset`.
    pub(super) fn variable(&self, offset: usize) -> Option<&Variable> {
        self.variables.get(*self.at.get(&offset)?)
    }

    /// Returns all variables.
    pub(super) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Returns the variable of that name that nothing in the file declares.
    pub(super) fn undeclared(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.scope.is_none() && variable.name == name)
    }

    /// Returns the names that are declared in the scopes around `offset`.
    pub(super) fn visible(&self, offset: usize) -> impl Iterator<Item = &str> {
        let around = move |scope: usize| self.scopes.get(scope).is_some_and(|scope| scope.range.contains(&offset));
        self.variables.iter().filter(move |variable| variable.scope.is_some_and(around)).map(|variable| variable.name.as_str())
    }

    /// Says whether `eval` or `with` can reach the variable, or nothing in the file declares it.
    pub(super) fn is_dynamic(&self, variable: &Variable) -> bool {
        let Some(scope) = variable.scope.and_then(|scope| self.scopes.get(scope)) else { return true };
        self.dynamic.iter().any(|at| scope.range.contains(at))
    }
}

fn lexical(source: &Source, declaration: Node<'_>) -> Kind {
    match declaration.child_by_field_name("kind").map(|kind| source.str(kind)) {
        Some("let") => Kind::Let,
        _ => Kind::Const,
    }
}
