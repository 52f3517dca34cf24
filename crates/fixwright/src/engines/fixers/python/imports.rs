//! Adding an import to a Python file where `isort` (and ruff's `I001`) would put it, so that one finding does not become another.
//!
//! Two findings that need the same import get the identical edit.

use domain::{Edit, Files};
use tree_sitter::Node;

use super::source::Source;
use super::syntax::{is_stdlib, module_file};

/// Lines that become longer than this are wrapped, as ruff and black do.
const WIDTH: usize = 88;

/// Returns the edit that makes `name` of `module` known at the top of the file (`from module import name`), or the module itself when `name` is
/// `None` (`import module`). An empty list when it is imported there already; `None` when there is no place.
pub(super) fn add_import(source: &Source, files: &Files, root: &str, module: &str, name: Option<&str>) -> Option<Vec<Edit>> {
    let top = Top::of(source)?;
    if let Some(name) = name {
        if let Some(statement) = top.imports.iter().find(|node| is_from(source, **node, module)) {
            return extend(source, *statement, name);
        }
    } else if top.imports.iter().any(|node| imports_module(source, *node, module)) {
        return Some(Vec::new());
    }
    if is_imported_later(source, module, name) {
        return None;
    }
    let line = name.map_or_else(|| format!("import {module}"), |name| format!("from {module} import {name}"));
    let newline = source.newline();
    let own = Rank::of(files, root, module, name.is_some());
    let ranks: Vec<(Rank, Node<'_>)> = top
        .imports
        .iter()
        .filter_map(|node| {
            let (module, from) = module_of(source, *node)?;
            Some((Rank::of(files, root, module, from), *node))
        })
        .collect();
    let before = ranks.iter().rev().find(|(rank, _)| rank.section == own.section && *rank < own);
    if let Some((_, node)) = before {
        return Some(vec![after(source, *node, &format!("{line}{newline}"))]);
    }
    if let Some((_, node)) = ranks.iter().find(|(rank, _)| rank.section == own.section) {
        let at = source.line_start(node.start_byte());
        return Some(vec![source.edit(at..at, format!("{line}{newline}"))]);
    }
    // A section of its own.
    if let Some((_, node)) = ranks.iter().find(|(rank, _)| rank.section > own.section) {
        let at = source.line_start(node.start_byte());
        return Some(vec![source.edit(at..at, format!("{line}{newline}{newline}"))]);
    }
    if let Some((_, node)) = ranks.iter().rev().find(|(rank, _)| rank.section < own.section) {
        return Some(vec![after(source, *node, &format!("{newline}{line}{newline}"))]);
    }
    Some(vec![first(source, &top, &line)])
}

/// Returns `from module import …` on one line, or wrapped where that is too long.
pub(super) fn from_import(source: &Source, module: &str, names: &[&str], indent: &str) -> String {
    let mut names = names.to_vec();
    names.sort_by_key(|name| member_key(name));
    let one_line = format!("from {module} import {}", names.join(", "));
    if indent.len() + one_line.len() <= WIDTH {
        return one_line;
    }
    let newline = source.newline();
    let list: String = names.iter().map(|name| format!("{indent}    {name},{newline}")).collect();
    format!("from {module} import ({newline}{list}{indent})")
}

/// Returns the edits that move import statements, which stand on lines of their own, up to those at the top.
pub(super) fn move_to_top(source: &Source, files: &Files, root: &str, statements: &[Node<'_>]) -> Option<Vec<Edit>> {
    let top = Top::of(source)?;
    let ranks: Vec<(Rank, Node<'_>)> =
        top.imports.iter().filter_map(|node| Some((Rank::of_statement(source, files, root, *node)?, *node))).collect();
    let newline = source.newline();
    let mut moved: Vec<(usize, Rank, String)> = Vec::new();
    let mut gone: Vec<std::ops::Range<usize>> = Vec::new();
    for node in statements {
        let whole = source.line_start(node.start_byte())..source.line_end(node.end_byte());
        let mut text = source.slice(whole).trim_end().to_owned();
        text.push_str(newline);
        let own = Rank::of_statement(source, files, root, *node)?;
        let before = ranks.iter().rev().find(|(rank, _)| *rank < own).or(ranks.first());
        let at = match before {
            Some((rank, node)) if *rank < own => source.line_end(node.end_byte()),
            Some((_, node)) => source.line_start(node.start_byte()),
            None => first(source, &top, "").start,
        };
        moved.push((at, own, text));
        // Statements that follow upon each other go as one, and a blank line beside them with them.
        match gone.last_mut() {
            Some(last) if source.line_end(last.end) == source.line_start(node.start_byte()) => last.end = node.end_byte(),
            _ => gone.push(node.byte_range()),
        }
    }
    let mut edits: Vec<Edit> = gone.into_iter().map(|range| source.edit(source.whole_lines(range), "")).collect();
    moved.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut places: Vec<(usize, Vec<(Rank, String)>)> = Vec::new();
    for (at, rank, text) in moved {
        match places.last_mut() {
            Some((last, texts)) if *last == at => texts.push((rank, text)),
            _ => places.push((at, vec![(rank, text)])),
        }
    }
    for (at, texts) in places {
        let mut section =
            ranks.iter().rev().find(|(_, node)| source.line_end(node.end_byte()) <= at).map(|(rank, _)| rank.section);
        let behind = ranks.iter().find(|(_, node)| source.line_start(node.start_byte()) >= at).map(|(rank, _)| rank.section);
        let mut joined = String::new();
        for (rank, text) in &texts {
            if section.is_some_and(|section| section != rank.section) {
                joined.push_str(newline);
            }
            section = Some(rank.section);
            joined.push_str(text);
        }
        if ranks.is_empty() {
            joined = format!("{newline}{joined}");
        } else if behind.is_some() && behind != section && !source.slice(at..source.text.len()).starts_with(newline) {
            joined.push_str(newline);
        }
        edits.push(source.edit(at..at, joined));
    }
    Some(edits)
}

/// Whether the module imports the same within an `if` or `try`, or further down: a second import would redefine it.
fn is_imported_later(source: &Source, module: &str, name: Option<&str>) -> bool {
    let mut walk = code::descendants(source.root());
    while let Some(node) = walk.next() {
        match node.kind() {
            "function_definition" | "class_definition" if name.is_some() => walk.skip_below(),
            "import_statement" if name.is_none() && imports_module(source, node, module) => return true,
            "import_from_statement" => {
                let mut cursor = node.walk();
                let bound = name.unwrap_or(module);
                if node.children_by_field_name("name", &mut cursor).any(|member| source.str(member) == bound) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// The import statements that a file begins with.
struct Top<'t> {
    imports: Vec<Node<'t>>,
    docstring: Option<Node<'t>>,
    /// The first statement that is neither.
    rest: Option<Node<'t>>,
}

impl<'t> Top<'t> {
    fn of(source: &'t Source) -> Option<Self> {
        let mut cursor = source.root().walk();
        let mut top = Self { imports: Vec::new(), docstring: None, rest: None };
        for (index, node) in source.root().named_children(&mut cursor).filter(|node| node.kind() != "comment").enumerate() {
            match node.kind() {
                "import_statement" | "import_from_statement" | "future_import_statement" => top.imports.push(node),
                "expression_statement" if index == 0 && node.named_child(0).is_some_and(|child| child.kind() == "string") => {
                    top.docstring = Some(node);
                }
                // A file may begin with a version or a guard before its imports; isort looks at each block by itself, and so the first block of imports is the top.
                _ if top.imports.is_empty() && assigns_dunder(source, node) => {}
                _ => {
                    top.rest = Some(node);
                    break;
                }
            }
        }
        // Something that shares a line with an import cannot be told apart by lines.
        top.imports.iter().all(|node| super::syntax::stands_alone(source, *node)).then_some(top)
    }
}

fn assigns_dunder(source: &Source, node: Node<'_>) -> bool {
    super::syntax::assigned_name(node).is_some_and(|(name, _)| source.str(name).starts_with("__"))
}

/// Where isort sorts a statement: section, `import` before `from`, module.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    section: u8,
    from: bool,
    module: String,
}

impl Rank {
    fn of(files: &Files, root: &str, module: &str, from: bool) -> Self {
        let top = module.split('.').next().unwrap_or_default();
        let section = match module {
            "__future__" => 0,
            _ if module.starts_with('.') => 4,
            _ if is_stdlib(module) => 1,
            _ if module_file(files, root, top).is_some() => 3,
            _ => 2,
        };
        Self { section, from, module: module.to_lowercase() }
    }
}

impl Rank {
    fn of_statement(source: &Source, files: &Files, root: &str, statement: Node<'_>) -> Option<Self> {
        let (module, from) = module_of(source, statement)?;
        Some(Self::of(files, root, module, from))
    }
}

fn module_of<'s>(source: &'s Source, statement: Node<'_>) -> Option<(&'s str, bool)> {
    match statement.kind() {
        "future_import_statement" => Some(("__future__", true)),
        "import_from_statement" => Some((source.str(statement.child_by_field_name("module_name")?), true)),
        _ => {
            let name = statement.child_by_field_name("name")?;
            Some((source.str(name.child_by_field_name("name").unwrap_or(name)), false))
        }
    }
}

fn is_from(source: &Source, statement: Node<'_>, module: &str) -> bool {
    statement.kind() == "import_from_statement"
        && module_of(source, statement).is_some_and(|(own, _)| own == module)
        && statement.child_by_field_name("name").is_some_and(|name| name.kind() == "dotted_name")
}

fn imports_module(source: &Source, statement: Node<'_>, module: &str) -> bool {
    let mut cursor = statement.walk();
    statement.kind() == "import_statement"
        && statement
            .children_by_field_name("name", &mut cursor)
            .any(|name| name.kind() == "dotted_name" && source.str(name) == module)
}

/// Adds a name to `from module import …`.
fn extend(source: &Source, statement: Node<'_>, name: &str) -> Option<Vec<Edit>> {
    let mut cursor = statement.walk();
    let members: Vec<Node<'_>> = statement.children_by_field_name("name", &mut cursor).collect();
    if members.iter().any(|member| source.str(*member) == name) {
        return Some(Vec::new());
    }
    let key = |member: Node<'_>| member_key(source.str(member.child_by_field_name("name").unwrap_or(member)));
    let own = member_key(name);
    let behind = members.iter().find(|member| key(**member) > own);
    let newline = source.newline();
    let one_line = statement.start_position().row == statement.end_position().row;
    if one_line && statement.end_position().column + name.len() + 2 > WIDTH && !source.str(statement).contains('#') {
        let mut names: Vec<&str> = members.iter().map(|member| source.str(*member)).collect();
        let at = behind.and_then(|behind| members.iter().position(|member| member.id() == behind.id())).unwrap_or(names.len());
        names.insert(at, name);
        let module = source.str(statement.child_by_field_name("module_name")?);
        let list: String = names.iter().map(|name| format!("    {name},{newline}")).collect();
        return Some(vec![source.edit(statement.byte_range(), format!("from {module} import ({newline}{list})"))]);
    }
    let opens_line =
        |member: Node<'_>| source.slice(source.line_start(member.start_byte())..member.start_byte()).trim().is_empty();
    let indent = |member: Node<'_>| source.indent(member.start_byte()).to_owned();
    Some(vec![match behind {
        Some(behind) if opens_line(*behind) => {
            source.edit(behind.start_byte()..behind.start_byte(), format!("{name},{newline}{}", indent(*behind)))
        }
        Some(behind) => source.edit(behind.start_byte()..behind.start_byte(), format!("{name}, ")),
        None => {
            let last = *members.last()?;
            let text = if opens_line(last) { format!(",{newline}{}{name}", indent(last)) } else { format!(", {name}") };
            source.edit(last.end_byte()..last.end_byte(), text)
        }
    }])
}

/// How isort orders members: constants, classes, the rest.
fn member_key(name: &str) -> (u8, String) {
    let kind = if name.len() > 1 && !name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase) {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    };
    (kind, name.to_lowercase())
}

fn after(source: &Source, node: Node<'_>, text: &str) -> Edit {
    let at = source.line_end(node.end_byte());
    if source.slice(0..at).ends_with('\n') {
        return source.edit(at..at, text);
    }
    source.edit(at..at, format!("{}{}", source.newline(), text.trim_end()))
}

/// The first import of a file: behind the comments at the head and the docstring.
fn first(source: &Source, top: &Top<'_>, line: &str) -> Edit {
    let newline = source.newline();
    let behind = match top.rest {
        Some(node) if matches!(node.kind(), "function_definition" | "class_definition" | "decorated_definition") => 2,
        _ => 1,
    };
    if let Some(docstring) = top.docstring {
        let at = source.line_end(docstring.end_byte());
        // What blank lines there are stay behind the import.
        let blank = source.slice(at..source.text.len()).split_inclusive('\n').take_while(|line| line.trim().is_empty()).count();
        let gap = newline.repeat(behind_gap(behind, blank));
        return source.edit(at..at, format!("{newline}{line}{newline}{gap}"));
    }
    let mut at = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for text in source.slice(at..source.text.len()).split_inclusive('\n') {
        if !text.starts_with('#') {
            break;
        }
        at += text.len();
    }
    let rest = source.slice(at..source.text.len());
    let blank = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).count();
    let gap = newline.repeat(behind_gap(behind, blank));
    let lead = if at > 2 { newline } else { "" };
    source.edit(at..at, format!("{lead}{line}{newline}{gap}"))
}

fn behind_gap(wanted: usize, there: usize) -> usize {
    wanted.saturating_sub(there)
}
