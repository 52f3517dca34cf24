//! E722, BLE001, S110, S112: a handler that takes everything, and mostly tells nobody.
//!
//! What it may catch is narrowed to what the guarded statements can raise where that is plain to see (an import, a conversion, a look-up). Where the
//! handler raises again it keeps catching everything; where it raises something else the cause is named. Otherwise the error is
//! logged with its traceback, so that it is not lost; a program that does not log loads `logging` only when there is something to log.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::imports::add_import;
use super::members;
use super::source::{Source, ancestor, parts};
use super::syntax::{identifiers, is_identifier, scope, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "broad_except",
    about: "narrows handlers of all exceptions, or has them log what they drop",
    handles: |finding| {
        matches!(
            finding.rule.as_str(),
            "E722" | "BLE001" | "S110" | "S112" | "W0702" | "W0718" | "bare-except" | "broad-exception-caught"
        )
    },
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let mut all = Vec::new();
    let Some(source) = source(context) else { return all };
    let Some(handler) = handler_of(&source, context) else { return all };
    let bare = handler.caught.is_none();
    let mut add = |summary: &str, edits: Option<Vec<Edit>>| {
        if let Some(edits) = edits {
            all.push(Proposal {
                summary: summary.to_owned(),
                applicability: Applicability::Unsafe,
                repair: Repair::Edits(edits),
            });
        }
    };
    if handler.raises_again {
        if bare {
            add("Name what the handler catches", Some(vec![handler.catch(&source, "BaseException", None)]));
        }
        return all;
    }
    if let Some(narrow) = handler.narrowed(&source) {
        add("Catch what can be raised here", Some(vec![handler.catch(&source, &narrow, handler.name)]));
    }
    add("Name the cause of the error that is raised instead", handler.chained(&source));
    for loaded in [Loaded::InTime, Loaded::AtTop] {
        add("Log the error that is dropped", handler.logged(&source, context, loaded));
    }
    if bare {
        add("Name what the handler catches", Some(vec![handler.catch(&source, "Exception", None)]));
    }
    all
}

/// Where `logging` is imported when it has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loaded {
    /// Within the handler, unless the program has it loaded anyway.
    InTime,
    AtTop,
}

struct Handler<'t> {
    clause: Node<'t>,
    /// The body of the `try`.
    guarded: Node<'t>,
    body: Node<'t>,
    /// What is caught, without `as name`; `None` for a bare `except`.
    caught: Option<Node<'t>>,
    name: Option<&'t str>,
    raises_again: bool,
}

fn handler_of<'t>(source: &'t Source, context: &FixContext<'_>) -> Option<Handler<'t>> {
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let node = source.leaf(at)?;
    let clause = std::iter::successors(Some(node), Node::parent).find(|node| node.kind() == "except_clause")?;
    let guarded = clause.parent()?.child_by_field_name("body")?;
    let body = parts(clause).into_iter().find(|node| node.kind() == "block")?;
    let value = clause.child_by_field_name("value");
    let (caught, name) = match value {
        Some(value) if value.kind() == "as_pattern" => {
            (value.named_child(0), value.child_by_field_name("alias").map(|alias| source.str(alias)))
        }
        value => (value, clause.child_by_field_name("alias").map(|alias| source.str(alias))),
    };
    if caught.is_some_and(|caught| !matches!(source.str(caught), "Exception" | "BaseException")) {
        return None;
    }
    let raises_again = raises(body).iter().any(|raise| {
        let what = raise.named_child(0).map(|what| source.str(what));
        what.is_none() || what.is_some() && what == name
    });
    Some(Handler { clause, guarded, body, caught, name, raises_again })
}

/// The `raise` statements below a node that are not in a function of their own.
fn raises(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut walk = code::descendants(node);
    while let Some(node) = walk.next() {
        match node.kind() {
            "function_definition" | "lambda" | "class_definition" => walk.skip_below(),
            "raise_statement" => found.push(node),
            _ => {}
        }
    }
    found
}

impl Handler<'_> {
    /// Rewrites what stands between `except` and the colon.
    fn catch(&self, source: &Source, what: &str, name: Option<&str>) -> Edit {
        let name = name.map_or_else(String::new, |name| format!(" as {name}"));
        let colon = self.colon(source);
        let start = self.clause.start_byte() + "except".len();
        source.edit(start..colon, format!(" {what}{name}"))
    }

    fn colon(&self, source: &Source) -> usize {
        let from = self.clause.child_by_field_name("value").map_or(self.clause.start_byte(), |value| value.end_byte());
        let mut cursor = self.clause.walk();
        let colon = self.clause.children(&mut cursor).find(|child| child.kind() == ":" && child.start_byte() >= from);
        colon.map_or_else(|| from + source.slice(from..self.body.start_byte()).find(':').unwrap_or(0), |colon| colon.start_byte())
    }

    /// What the guarded statements can raise, when each of them is of a kind that says so.
    fn narrowed(&self, source: &Source) -> Option<String> {
        let mut kinds = Vec::new();
        let mut walk = code::descendants(self.guarded);
        while let Some(node) = walk.next() {
            match node.kind() {
                "import_statement" | "import_from_statement" => {
                    kinds.push("ImportError");
                    walk.skip_below();
                }
                "call" => kinds.extend(raised_by_call(source, node)?),
                "subscript" => kinds.extend(["LookupError", "TypeError"]),
                "attribute" if node.parent().is_none_or(|parent| parent.kind() != "call") => kinds.push("AttributeError"),
                "delete_statement" if node.named_child(0).is_some_and(|target| target.kind() == "subscript") => {}
                "identifier" if members::is_gone(source.str(node)) => kinds.push("NameError"),
                "block"
                | "expression_statement"
                | "return_statement"
                | "pass_statement"
                | "assignment"
                | "identifier"
                | "attribute"
                | "string"
                | "string_start"
                | "string_content"
                | "string_end"
                | "integer"
                | "float"
                | "true"
                | "false"
                | "none"
                | "argument_list"
                | "tuple"
                | "comment"
                | "parenthesized_expression"
                | "expression_list"
                | "pattern_list"
                | "unary_operator"
                | "not_operator"
                | "keyword_argument" => {}
                _ if !node.is_named() => {}
                _ => return None,
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        match kinds.as_slice() {
            [] => None,
            [only] => Some((*only).to_owned()),
            several => Some(format!("({})", several.join(", "))),
        }
    }

    /// `raise X(…)` becomes `raise X(…) from error`: that is what Python does by itself, said aloud.
    fn chained(&self, source: &Source) -> Option<Vec<Edit>> {
        let raises = raises(self.body);
        let last = *raises.last()?;
        // Only when every way out of the handler raises can nothing be dropped.
        let ends_in_raise = parts(self.body).last().is_some_and(|statement| statement.id() == last.id());
        if !ends_in_raise
            || raises.iter().any(|raise| raise.child_by_field_name("cause").is_some() || raise.named_child_count() != 1)
        {
            return None;
        }
        let name = match self.name {
            Some(name) => name.to_owned(),
            None => self.free_name(source)?,
        };
        let caught = self.caught.map_or("Exception", |caught| source.str(caught));
        let mut edits = vec![self.catch(source, caught, Some(&name))];
        edits.extend(raises.iter().map(|raise| source.edit(raise.end_byte()..raise.end_byte(), format!(" from {name}"))));
        Some(edits)
    }

    fn free_name(&self, source: &Source) -> Option<String> {
        let taken = identifiers(source, scope(self.clause)?);
        ["exc", "error", "cause", "caught"].into_iter().find(|name| !taken.contains(name)).map(str::to_owned)
    }

    /// Logs what is dropped: `pass` gives way, other statements stay behind it.
    fn logged(&self, source: &Source, context: &FixContext<'_>, loaded: Loaded) -> Option<Vec<Edit>> {
        // An import in a function makes the name its own: one that stands in the file already must not become that.
        let in_time = loaded == Loaded::InTime && !logs(context) && !identifiers(source, source.root()).contains("logging");
        let mut edits = Vec::new();
        if self.caught.is_none() {
            edits.push(self.catch(source, "Exception", None));
        }
        let logger = match logger_of(source) {
            Some(name) if loaded == Loaded::InTime => name.to_owned(),
            Some(_) => return None,
            None => {
                if rebinds_logging(source) {
                    return None;
                }
                if !in_time {
                    edits.extend(add_import(source, context.files, &context.subproject.path, "logging", None)?);
                }
                "logging.getLogger(__name__)".to_owned()
            }
        };
        let statements = parts(self.body);
        let first = *statements.first()?;
        let only = statements.len() == 1;
        let words = match first.kind() {
            "pass_statement" if only => "Ignored an error",
            "continue_statement" if only => "Skipped after an error",
            _ => "Handled an error",
        };
        let on_own_line = first.start_position().row > self.clause.start_position().row;
        let gap = format!("{}{}", source.newline(), source.indent(first.start_byte()));
        let import = match (in_time && logger.starts_with("logging."), on_own_line) {
            (false, _) => String::new(),
            (true, true) => format!("import logging{}{gap}", source.newline()),
            (true, false) => "import logging; ".to_owned(),
        };
        let call = format!("{import}{logger}.debug(\"{words}\", exc_info=True)");
        if only && first.kind() == "pass_statement" {
            edits.push(source.edit(first.byte_range(), call));
        } else if on_own_line {
            edits.push(source.edit(first.start_byte()..first.start_byte(), format!("{call}{gap}")));
        } else {
            edits.push(source.edit(first.start_byte()..first.start_byte(), format!("{call}; ")));
        }
        Some(edits)
    }
}

/// Whether the program (and not only its tests or documents) logs.
fn logs(context: &FixContext<'_>) -> bool {
    let apart = |folder: &str| matches!(folder, "test" | "tests" | "testing" | "docs" | "doc" | "examples");
    context.files.paths().iter().filter(|path| path.extension() == Some("py") && !path.parent().split('/').any(apart)).any(
        |path| {
            context.files.text(path).is_some_and(|text| {
                text.contains("import logging") && text.lines().any(|line| line.starts_with("import logging"))
                    || text.contains("from logging")
            })
        },
    )
}

/// Errors that a call raises, for functions known by name whose arguments are harmless.
fn raised_by_call(source: &Source, call: Node<'_>) -> Option<Vec<&'static str>> {
    let callee = source.str(call.child_by_field_name("function")?);
    Some(match callee {
        "int" | "float" | "long" => vec!["TypeError", "ValueError"],
        "len" | "iter" => vec!["TypeError"],
        "ord" | "chr" | "unichr" => vec!["TypeError", "ValueError"],
        "isinstance" | "id" | "bool" | "type" | "repr" => vec![],
        "getattr" => vec!["AttributeError"],
        "open" => vec!["OSError"],
        "__import__" | "importlib.import_module" => vec!["ImportError"],
        "json.loads" => vec!["TypeError", "ValueError"],
        _ => {
            let (module, function) = callee.rsplit_once('.')?;
            let system = match module {
                "os" => [
                    "remove",
                    "unlink",
                    "mkdir",
                    "makedirs",
                    "rmdir",
                    "removedirs",
                    "rename",
                    "stat",
                    "lstat",
                    "fstat",
                    "close",
                    "chmod",
                    "chown",
                    "kill",
                    "listdir",
                    "readlink",
                    "symlink",
                    "killpg",
                    "waitpid",
                    "getpgid",
                    "utime",
                ]
                .contains(&function),
                "shutil" => ["rmtree", "copy", "copyfile", "move", "copytree", "copy2"].contains(&function),
                _ => false,
            };
            if !system {
                return None;
            }
            vec!["OSError"]
        }
    })
}

/// A logger that the module has at its top.
fn logger_of(source: &Source) -> Option<&str> {
    let mut cursor = source.root().walk();
    source.root().named_children(&mut cursor).find_map(|node| {
        let (left, right) = super::syntax::assigned_name(node)?;
        let callee = right.child_by_field_name("function").filter(|_| right.kind() == "call")?;
        // What ruff takes for a logger goes by its name.
        let name = source.str(left);
        let is_logger =
            matches!(name, "log" | "logger" | "LOG" | "LOGGER" | "_logger" | "_log" | "logging") && is_identifier(name);
        (is_logger && matches!(source.str(callee), "logging.getLogger" | "getLogger")).then_some(name)
    })
}

/// Whether `logging` means something else than the module in this file.
fn rebinds_logging(source: &Source) -> bool {
    super::syntax::uses(source, source.root(), "logging")
        .into_iter()
        .any(|name| super::syntax::is_bound_here(name) && ancestor(name, &["import_statement"]).is_none())
        || source.text.contains("import logging as")
        || source.text.contains("import logging\n") && source.path.file_name() == "logging.py"
        || source.path.file_name() == "logging.py"
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
