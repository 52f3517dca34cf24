//! What the Python fixers ask of a program: scopes, statements, names, and which modules belong to whom.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::{Applicability, Edit, Files, Language, RepoPath};
use tree_sitter::Node;

use super::fixer::{FixContext, Proposal, Repair};
use super::source::{Source, ancestor, walk};

/// Returns the finding's file, when it is Python.
pub(super) fn source(context: &FixContext<'_>) -> Option<Rc<Source>> {
    Source::of(context, &[Language::Python])
}

/// Returns the proposals for `edits`: one, or none when there is nothing to edit.
pub(super) fn proposals(summary: impl Into<String>, applicability: Applicability, edits: Option<Vec<Edit>>) -> Vec<Proposal> {
    match edits {
        Some(edits) if !edits.is_empty() => {
            vec![Proposal { summary: summary.into(), applicability, repair: Repair::Edits(edits) }]
        }
        _ => Vec::new(),
    }
}

/// Returns the statement that a node is (part of): the nearest node that stands directly in a block or in the module.
pub(super) fn statement(node: Node<'_>) -> Option<Node<'_>> {
    std::iter::successors(Some(node), Node::parent)
        .find(|node| node.parent().is_some_and(|parent| matches!(parent.kind(), "block" | "module")))
}

/// Returns the nearest function, class, lambda or module around a node, the node itself excluded.
pub(super) fn scope(node: Node<'_>) -> Option<Node<'_>> {
    ancestor(node, &["function_definition", "class_definition", "lambda", "module"])
}

/// Says whether a node is at the module's level, not in a function or a class (it may be within `if` or `try`).
pub(super) fn is_at_module_level(node: Node<'_>) -> bool {
    scope(node).is_none_or(|scope| scope.kind() == "module")
}

/// Returns the name that a module-level expression statement assigns to, with the value: `name = value`.
pub(super) fn assigned_name<'t>(statement: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let assignment = (statement.kind() == "expression_statement").then(|| statement.named_child(0)).flatten()?;
    let left =
        assignment.child_by_field_name("left").filter(|left| assignment.kind() == "assignment" && left.kind() == "identifier")?;
    Some((left, assignment.child_by_field_name("right")?))
}

/// Returns every identifier below a node, whatever it means there: what is not among them is free.
pub(super) fn identifiers<'s>(source: &'s Source, node: Node<'_>) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    walk(node, |node| {
        if node.kind() == "identifier" {
            found.insert(source.str(node));
        }
    });
    found
}

/// Returns the identifiers below `node` that are the variable `name` (not an attribute, a keyword of a call, or part of a module's name).
pub(super) fn uses<'t>(source: &Source, node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    walk(node, |node| {
        if node.kind() == "identifier" && source.str(node) == name && is_variable(node) {
            found.push(node);
        }
    });
    found
}

/// Says whether an identifier stands for a variable.
pub(super) fn is_variable(identifier: Node<'_>) -> bool {
    let Some(parent) = identifier.parent() else { return true };
    let is = |field: &str| parent.child_by_field_name(field).is_some_and(|child| child.id() == identifier.id());
    match parent.kind() {
        "attribute" => !is("attribute"),
        "keyword_argument" => !is("name"),
        "dotted_name" => false,
        _ => true,
    }
}

/// Says whether an identifier is bound where it stands (assigned, a parameter, a loop's target, …) and not read.
pub(super) fn is_bound_here(identifier: Node<'_>) -> bool {
    let mut node = identifier;
    while let Some(parent) = node.parent() {
        let is = |field: &str| parent.child_by_field_name(field).is_some_and(|child| child.id() == node.id());
        match parent.kind() {
            "pattern_list"
            | "tuple_pattern"
            | "list_pattern"
            | "list_splat_pattern"
            | "tuple"
            | "list"
            | "parenthesized_expression"
            | "as_pattern_target"
            | "typed_parameter"
            | "dictionary_splat_pattern" => node = parent,
            "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" => return is("left"),
            "function_definition" | "class_definition" | "named_expression" => return is("name"),
            "default_parameter" | "typed_default_parameter" => return is("name"),
            "as_pattern" => return is("alias"),
            "aliased_import" => return is("alias"),
            "except_clause" => return is("alias"),
            "parameters" | "lambda_parameters" | "global_statement" | "nonlocal_statement" | "delete_statement" => return true,
            _ => return false,
        }
    }
    false
}

/// Returns the text of a string literal that has no prefix but `u` or `r`, no interpolation and no escapes; `None` for any other.
pub(super) fn plain_string<'s>(source: &'s Source, node: Node<'_>) -> Option<&'s str> {
    if node.kind() != "string" {
        return None;
    }
    let text = source.str(node).trim_start_matches(['u', 'U']);
    let (raw, text) = text.strip_prefix(['r', 'R']).map_or((false, text), |text| (true, text));
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text.starts_with(quote))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (raw || !inner.contains('\\')).then_some(inner)
}

/// Moves the lines of `text` after the first from the indentation `from` to `to`. `None` when a line holds less than `from`, or when a string
/// spans lines (its content would change), which the caller must have excluded with [`has_multiline_string`].
pub(super) fn reindent(text: &str, from: &str, to: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 16);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index == 0 || line.trim().is_empty() {
            out.push_str(line);
        } else {
            out.push_str(to);
            out.push_str(line.strip_prefix(from)?);
        }
    }
    Some(out)
}

/// Says whether a string below `node` spans lines, so that the lines cannot be moved sideways.
pub(super) fn has_multiline_string(node: Node<'_>) -> bool {
    let mut found = false;
    walk(node, |node| found |= node.kind() == "string" && node.start_position().row != node.end_position().row);
    found
}

/// Returns one step of indentation, as this file does it.
pub(super) fn indent_step(source: &Source) -> String {
    let mut step = None;
    walk(source.root(), |node| {
        if step.is_none() && node.kind() == "block" {
            let opened = node.parent().map(|parent| source.indent(parent.start_byte())).unwrap_or_default();
            let inner = source.indent(node.start_byte());
            if node.start_position().row > node.parent().map_or(0, |parent| parent.start_position().row) {
                step = inner.strip_prefix(opened).filter(|step| !step.is_empty()).map(str::to_owned);
            }
        }
    });
    step.unwrap_or_else(|| "    ".to_owned())
}

/// Says whether the statement is the only one that stands on its lines (a comment may follow it).
pub(super) fn stands_alone(source: &Source, statement: Node<'_>) -> bool {
    let before = source.slice(source.line_start(statement.start_byte())..statement.start_byte());
    let after = source.slice(statement.end_byte()..source.line_end(statement.end_byte())).trim();
    before.trim().is_empty() && (after.is_empty() || after.starts_with('#'))
}

/// Returns the dotted module name of a file, seen from the folder `root`: `a/b/__init__.py` is `a.b`. Folders named `src` or `lib` directly below
/// the root hold packages and are no packages.
pub(super) fn module_name(path: &RepoPath, root: &str) -> Option<String> {
    let root = if root == "." { "" } else { root.trim_matches('/') };
    let inside = if root.is_empty() { path.as_str() } else { path.as_str().strip_prefix(root)?.strip_prefix('/')? };
    let inside = inside.strip_prefix("src/").or_else(|| inside.strip_prefix("lib/")).unwrap_or(inside);
    let stem = inside.strip_suffix(".py")?;
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    stem.split('/').all(is_identifier).then(|| stem.replace('/', "."))
}

/// Returns the file of a module, looked for below the folder `root`.
pub(super) fn module_file(files: &Files, root: &str, module: &str) -> Option<RepoPath> {
    let root = if root == "." { "" } else { root.trim_matches('/') };
    let stem = module.replace('.', "/");
    ["", "src/", "lib/"].iter().find_map(|folder| {
        [format!("{root}/{folder}{stem}.py"), format!("{root}/{folder}{stem}/__init__.py")]
            .into_iter()
            .filter_map(|path| RepoPath::new(path.trim_start_matches('/')).ok())
            .find(|path| files.contains(path))
    })
}

/// Says whether another file takes `name` from the module `path`: imports it, or reads it as the module's attribute.
pub(super) fn is_taken_elsewhere(files: &Files, path: &RepoPath, name: &str) -> bool {
    let folder = path.parent().rsplit('/').next().unwrap_or_default();
    let stem = path.file_name().trim_end_matches(".py");
    let stem = if stem == "__init__" { folder } else { stem };
    let attribute = format!("{stem}.{name}");
    let words = |line: &str, word: &str| line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|one| one == word);
    files.paths().iter().filter(|other| *other != path && other.extension() == Some("py")).any(|other| {
        files.text(other).is_some_and(|text| {
            // A list of imported names may go on over several lines.
            let lists = text.split("from ").skip(1).filter_map(|rest| {
                let (module, names) = rest.split_once(" import ")?;
                let end = if names.trim_start().starts_with('(') { names.find(')') } else { names.find('\n') };
                Some((module, names.get(..end.unwrap_or(names.len()))?))
            });
            text.contains(&attribute)
                || lists.filter(|(module, _)| words(module, stem)).any(|(_, names)| names.contains('*') || words(names, name))
        })
    })
}

/// Says whether a text is a name.
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic()) && text.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// Says whether `module` belongs to Python itself.
pub(super) fn is_stdlib(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or_default();
    STDLIB.split_ascii_whitespace().any(|name| name == top)
}

/// The standard library's modules (3.8 to 3.13).
const STDLIB: &str = "__future__ abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect \
    builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser \
    contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email \
    encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass \
    gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json \
    keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing \
    netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil \
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random \
    re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr \
    socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau \
    symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize \
    tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref \
    webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";
