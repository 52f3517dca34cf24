//! F821 for names that Python 2 had and Python 3 calls otherwise (`unicode`, `xrange`, `raw_input`, …).

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::source::{Source, is_field, parts};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "python2_name",
    about: "replaces names of Python 2 by those of Python 3",
    handles: |finding| name_in(&finding.message).is_some_and(|name| successor(name).is_some()),
    propose,
    may_change: &[],
};

/// What takes the place of a name.
#[derive(Clone, Copy)]
enum Successor {
    /// Another built-in.
    Builtin(&'static str),
    /// A member of a module.
    Member(&'static str, &'static str),
    /// A call that is written otherwise.
    Call(fn(&[&str]) -> Option<String>),
}

fn successor(name: &str) -> Option<Successor> {
    use Successor::{Builtin, Call, Member};
    Some(match name {
        "unicode" | "basestring" => Builtin("str"),
        "unichr" => Builtin("chr"),
        "long" => Builtin("int"),
        "xrange" => Builtin("range"),
        "raw_input" => Builtin("input"),
        "buffer" => Builtin("memoryview"),
        "StandardError" => Builtin("Exception"),
        "reduce" => Member("functools", "reduce"),
        "reload" => Member("importlib", "reload"),
        "intern" => Member("sys", "intern"),
        "izip" => Builtin("zip"),
        "imap" => Builtin("map"),
        "ifilter" => Builtin("filter"),
        "izip_longest" => Member("itertools", "zip_longest"),
        "maxint" => Member("sys", "maxsize"),
        "getcwdu" => Member("os", "getcwd"),
        "file" => Call(|arguments| Some(format!("open({})", arguments.join(", ")))),
        "cmp" => Call(|arguments| match arguments {
            [a, b] => Some(format!("({a} > {b}) - ({a} < {b})")),
            _ => None,
        }),
        "apply" => Call(|arguments| match arguments {
            [f, list] => Some(format!("{f}(*{list})")),
            [f, list, named] => Some(format!("{f}(*{list}, **{named})")),
            _ => None,
        }),
        _ => return None,
    })
}

/// The name in `` Undefined name `x` `` (ruff, pyflakes: `undefined name 'x'`) or `name 'x' is not defined`.
pub(super) fn name_in(message: &str) -> Option<&str> {
    let lower = message.to_lowercase();
    if !lower.contains("undefined name") && !lower.contains("is not defined") && !lower.contains("undefined variable") {
        return None;
    }
    message.split(['`', '\'']).nth(1).filter(|name| super::syntax::is_identifier(name))
}

/// Returns the identifier that a finding means: where it points to, or the only use of the name on its line.
pub(super) fn identifier_at<'t>(source: &'t Source, context: &FixContext<'_>, name: &str) -> Option<Node<'t>> {
    let location = context.finding.location.as_ref()?;
    let at = source.range(location)?.start;
    if let Some(node) = source.leaf(at).filter(|node| node.kind() == "identifier" && source.str(*node) == name) {
        return Some(node);
    }
    // A traceback names the line alone.
    let row = usize::try_from(location.line).ok()?.checked_sub(1)?;
    let mut found = super::syntax::uses(source, source.root(), name).into_iter().filter(|node| node.start_position().row == row);
    found.next()
}

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(name) = name_in(&context.finding.message) else { return Vec::new() };
    let edits = || {
        let source = source(context)?;
        let node = identifier_at(&source, context, name)?;
        if super::syntax::is_bound_here(node) {
            return None;
        }
        match successor(name)? {
            Successor::Builtin(new) => replace(&source, node, new),
            Successor::Member(module, member) => {
                let mut edits = add_import(&source, context.files, &context.subproject.path, module, Some(member))?;
                if member != name {
                    edits.push(source.edit(node.byte_range(), member));
                }
                Some(edits)
            }
            Successor::Call(write) => {
                let call = node.parent().filter(|parent| parent.kind() == "call" && is_field(node, "function"))?;
                let arguments = parts(call.child_by_field_name("arguments")?);
                // Each is written twice, so it must be cheap and without effects.
                let simple = |node: &Node<'_>| {
                    matches!(
                        node.kind(),
                        "identifier" | "attribute" | "string" | "integer" | "float" | "subscript" | "list" | "tuple"
                    )
                };
                if name == "cmp" && !arguments.iter().all(simple) {
                    return None;
                }
                let texts: Vec<&str> = arguments.iter().map(|node| source.str(*node)).collect();
                let text = write(&texts)?;
                let bare = call.parent().is_some_and(|parent| {
                    matches!(
                        parent.kind(),
                        "return_statement" | "assignment" | "expression_statement" | "argument_list" | "parenthesized_expression"
                    )
                });
                let text = if name == "cmp" && !bare { format!("({text})") } else { text };
                Some(vec![source.edit(call.byte_range(), text)])
            }
        }
    };
    proposals(format!("Replace Python 2's {name}"), Applicability::Unsafe, edits())
}

/// Puts a built-in in the place of the name; in a tuple of types that holds it already, the name goes.
fn replace(source: &Source, node: Node<'_>, new: &str) -> Option<Vec<Edit>> {
    if let Some(tuple) = node.parent().filter(|parent| parent.kind() == "tuple") {
        let types = parts(tuple);
        let same: Vec<&Node<'_>> = types
            .iter()
            .filter(|one| {
                let text = source.str(**one);
                text == new || matches!(successor(text), Some(Successor::Builtin(becomes)) if becomes == new)
            })
            .collect();
        if types.len() > 1 && same.len() > 1 && types.iter().all(|one| matches!(one.kind(), "identifier" | "attribute")) {
            // All of them become one, so each finding in this tuple asks for the same edit.
            let mut names: Vec<&str> = Vec::new();
            for one in &types {
                let text = source.str(*one);
                let text = if same.iter().any(|other| other.id() == one.id()) { new } else { text };
                if !names.contains(&text) {
                    names.push(text);
                }
            }
            let text = match names.as_slice() {
                [only] => (*only).to_owned(),
                _ => format!("({})", names.join(", ")),
            };
            return Some(vec![source.edit(tuple.byte_range(), text)]);
        }
    }
    // `unicode("…")` with a literal is the literal.
    if let Some(call) = node.parent().filter(|parent| new == "str" && parent.kind() == "call" && is_field(node, "function")) {
        let arguments = parts(call.child_by_field_name("arguments")?);
        if let [only] = arguments.as_slice()
            && only.kind() == "string"
            && !source.str(*only).starts_with(['b', 'B'])
        {
            return Some(vec![source.edit(call.byte_range(), source.str(*only))]);
        }
    }
    Some(vec![source.edit(node.byte_range(), new)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
