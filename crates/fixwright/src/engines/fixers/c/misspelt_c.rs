//! Names of C that differ by a letter or two from one that the file or a header of the repository that it includes declares. The compilers
//! suggest most of these themselves; clang has nothing to say of functions.

use std::collections::BTreeSet;

use domain::{Applicability, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::headers::header_of;
use super::nearest_name::nearest;
use super::source::{Source, ancestor, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "misspelt_c",
    about: "corrects misspelt names of C",
    handles: |finding| unknown(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Headers that are read for their names, at most.
const MANY_HEADERS: usize = 50;

/// Returns the name that gcc or clang does not know.
fn unknown(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    let leads = ["implicit declaration of function ", "call to undeclared function ", "use of undeclared identifier "];
    let rest = leads.iter().find_map(|lead| message.strip_prefix(lead));
    let rest = rest.or_else(|| message.contains(" undeclared (first use").then_some(message))?;
    rest.strip_prefix(['‘', '\''])?.split(['’', '\'']).next()
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let name = unknown(context.finding)?;
    let source = Source::of(context, &[Language::C])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let leaf = source.leaf(at).filter(|leaf| source.str(*leaf) == name)?;
    // A name of the standard library is spelt as it is meant.
    if header_of(name).is_some() {
        return None;
    }
    let is_call = leaf.parent().is_some_and(|call| call.kind() == "call_expression");
    let mut known = BTreeSet::new();
    names(&source, Some(leaf), is_call, &mut known);
    for header in headers(context, &source) {
        names(&header, None, is_call, &mut known);
    }
    let right = nearest(name, known.iter().map(String::as_str))?;
    Some(Proposal {
        summary: format!("spell `{name}` as `{right}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![source.edit(leaf.byte_range(), right)]),
    })
}

/// Returns the headers of the repository that a file includes by a name of which there is one.
fn headers(context: &FixContext<'_>, source: &Source) -> Vec<Source> {
    let mut found = Vec::new();
    walk(source.root(), |node| {
        let path = node.child_by_field_name("path").filter(|_| node.kind() == "preproc_include" && found.len() < MANY_HEADERS);
        let Some(path) = path.map(|path| source.str(path)).and_then(|path| path.strip_prefix('"')?.strip_suffix('"')) else {
            return;
        };
        let file = path.rsplit("../").next().unwrap_or(path);
        let mut all =
            context.files.paths().iter().filter(|one| one.as_str() == file || one.as_str().ends_with(&format!("/{file}")));
        if let (Some(one), None) = (all.next(), all.next()) {
            found.extend(Source::read(context.files, one, &[Language::C]).map(|(header, _)| header));
        }
    });
    found
}

/// Adds what a file declares and `place` can name: functions and macros for a call, variables and constants else.
fn names(source: &Source, place: Option<Node<'_>>, is_call: bool, known: &mut BTreeSet<String>) {
    walk(source.root(), |node| {
        let kind = match node.kind() {
            "preproc_function_def" => is_call,
            "preproc_def" | "enumerator" => !is_call,
            "function_declarator" => is_call,
            "init_declarator" | "array_declarator" | "pointer_declarator" | "declaration" | "parameter_declaration" => !is_call,
            _ => false,
        };
        if !kind {
            return;
        }
        let mut cursor = node.walk();
        let declared = node.children_by_field_name("declarator", &mut cursor).chain(node.child_by_field_name("name"));
        for name in declared.filter(|name| name.kind() == "identifier") {
            let scope = ancestor(name, &["compound_statement", "function_definition"]);
            let is_near = scope.is_none_or(|scope| place.is_some_and(|place| scope.byte_range().contains(&place.start_byte())));
            let is_before = place.is_none_or(|place| is_call || name.start_byte() < place.start_byte());
            if is_near && is_before || node.kind() == "function_declarator" {
                known.insert(source.str(name).to_owned());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
