//! Rewrites calls of C that the standards have dropped or deprecated, where the successor is known and means the same. A buffer whose
//! size the successor wants to know must be an array that this function declares.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "deprecated_c",
    about: "replaces dropped and deprecated functions of C by their successors",
    handles: |finding| item(finding).is_some_and(|name| known(name).is_some()),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Functions and the calls that take their place; `$1` and so on are the arguments.
const SUCCESSORS: &[(&str, &str)] = &[
    ("bcmp", "memcmp($1, $2, $3)"),
    ("bcopy", "memmove($2, $1, $3)"),
    ("bzero", "memset($1, 0, $2)"),
    ("getwd", "getcwd($1, sizeof $1)"),
    ("index", "strchr($1, $2)"),
    ("rindex", "strrchr($1, $2)"),
];

/// `gets` drops the end of the line, which `fgets` keeps.
const GETS: &str = "if (fgets($1, sizeof $1, stdin) != NULL) $1[strcspn($1, \"\\n\")] = '\\0'";

fn known(item: &str) -> Option<&'static str> {
    let found = SUCCESSORS.iter().find(|(name, _)| *name == item).map(|(_, call)| *call);
    found.or((item == "gets").then_some(GETS))
}

/// Returns the function that gcc and clang call deprecated, do not know any more, or that their analyser warns of.
fn item(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    if let Some((name, _)) = message.strip_prefix("The ").and_then(|rest| rest.split_once("() function is obsoleted by ")) {
        return Some(name);
    }
    let quoted = |text: &'_ str| -> Option<(usize, usize)> {
        let open = text.find(['‘', '\'', '`'])?;
        let from = open + text.get(open..)?.chars().next()?.len_utf8();
        let length = text.get(from..)?.find(['’', '\''])?;
        Some((from, from + length))
    };
    let is_deprecated = finding.rule == "-Wdeprecated-declarations" && message.contains(" is deprecated");
    let is_dropped =
        message.starts_with("implicit declaration of function ") || message.starts_with("call to undeclared function ");
    if !(is_deprecated || is_dropped) {
        return None;
    }
    let (from, to) = quoted(message)?;
    let name = message.get(from..to)?;
    // Of what was dropped, only `gets` is nowhere declared; for the others a header is missing.
    (!is_dropped || name == "gets").then_some(name)
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let item = item(context.finding)?;
    let successor = known(item)?;
    let source = Source::of(context, &[Language::C])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let call = std::iter::successors(source.leaf(at), Node::parent)
        .take_while(|node| node.start_byte() == at)
        .find(|node| node.kind() == "call_expression")
        .filter(|call| call.child_by_field_name("function").is_some_and(|function| source.str(function) == item))?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let count = (1..=9).take_while(|number| successor.contains(&format!("${number}"))).count();
    if arguments.len() != count {
        return None;
    }
    let mut sure = true;
    let mut text = successor.to_owned();
    for (index, argument) in arguments.iter().enumerate() {
        let argument = source.str(*argument);
        let hole = format!("${}", index + 1);
        sure &= !successor.contains(&format!("sizeof {hole}")) || is_array(&source, call, argument);
        text = text.replace(&hole, argument);
    }
    let is_statement = call.parent().is_some_and(|parent| {
        parent.kind() == "expression_statement" && parent.parent().is_some_and(|list| list.kind() == "compound_statement")
    });
    if !sure || (item == "gets" && !is_statement) {
        return None;
    }
    Some(Proposal {
        summary: format!("replace the deprecated `{item}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![Edit::new(&source.path, call.byte_range(), text)]),
    })
}

/// Says whether the name is an array that a block around `node` declares: its size is that of what it holds.
fn is_array(source: &Source, node: Node<'_>, name: &str) -> bool {
    let Some(function) = ancestor(node, &["function_definition"]) else { return false };
    let (mut found, mut other) = (false, false);
    walk(function, |one| {
        if one.kind() == "identifier" && source.str(one) == name {
            let declarator = one.parent();
            let is_array = declarator.is_some_and(|parent| parent.kind() == "array_declarator");
            let in_parameter = ancestor(one, &["parameter_declaration", "compound_statement"]);
            let is_parameter = in_parameter.is_some_and(|holder| holder.kind() == "parameter_declaration");
            let declares = declarator.is_some_and(|parent| {
                matches!(parent.kind(), "declaration" | "pointer_declarator" | "parameter_declaration" | "init_declarator")
            });
            found |= is_array && !is_parameter;
            other |= is_parameter || declares && super::source::is_field(one, "declarator");
        }
    });
    found && !other
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
