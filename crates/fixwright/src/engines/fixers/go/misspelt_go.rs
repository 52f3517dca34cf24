//! Names of Go that differ by a letter or two from one that is known where they stand: variables, what the package or another package of
//! the module declares, fields and methods. Where the compiler says which one it knows, that one is meant.

use domain::{Applicability, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::missing_go_import::{module, path_of, specs};
use super::nearest_name::nearest;
use super::packages::likely_name;
use super::scopes::{BUILTINS, local_names, members, package_names, package_of};
use super::source::Source;

pub(super) const FIXER: Fixer = Fixer {
    id: "misspelt_go",
    about: "corrects misspelt names of Go",
    handles: |finding| undefined(finding).is_some() || no_member(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Returns the name of `undefined: name` and `undefined: package.Name`.
fn undefined(finding: &Finding) -> Option<&str> {
    finding.message.strip_prefix("undefined: ").filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.'))
}

/// The type, the member, and the one that the compiler knows, of `x.lenght undefined (type T has no field or method lenght)`.
fn no_member(finding: &Finding) -> Option<(&str, &str, Option<&str>)> {
    let rest = finding.message.split_once(" undefined (type ")?.1.strip_suffix(')')?;
    let (kind, rest) = rest.split_once(" has no field or method ")?;
    let (name, known) = match rest.split_once(", but does have ") {
        Some((name, known)) => (name, known.rsplit(' ').next()),
        None => (rest, None),
    };
    Some((kind, name, known))
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let (leaf, right) = if let Some((kind, name, known)) = no_member(context.finding) {
        let leaf = named(&source, at, name)?;
        let right = match known {
            Some(known) => known.to_owned(),
            None => {
                let of = kind.trim_start_matches('*').rsplit('.').next()?.split('[').next()?;
                let all = members(context.files, source.path.parent(), package_of(&source)?, of);
                nearest(name, all.iter().map(String::as_str))?.to_owned()
            }
        };
        (leaf, right)
    } else {
        let name = undefined(context.finding)?;
        match name.split_once('.') {
            Some((package, member)) => (named(&source, at, member)?, exported(context, &source, package, member)?),
            None => {
                let leaf = named(&source, at, name)?;
                (leaf, variable(context, &source, leaf, name)?)
            }
        }
    };
    let is_word = !right.is_empty() && right.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word.then(|| Proposal {
        summary: format!("spell `{}` as `{right}`", source.str(leaf)),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![source.edit(leaf.byte_range(), right)]),
    })
}

/// Returns the name at `at`, or the member of what stands there.
fn named<'s>(source: &'s Source, at: usize, name: &str) -> Option<Node<'s>> {
    let leaf = source.leaf(at)?;
    if source.str(leaf) == name {
        return Some(leaf);
    }
    let selector = std::iter::successors(leaf.parent(), Node::parent)
        .take_while(|node| node.start_byte() == leaf.start_byte())
        .find(|node| matches!(node.kind(), "selector_expression" | "qualified_type"))?;
    let member = selector.child_by_field_name("field").or_else(|| selector.child_by_field_name("name"))?;
    (source.str(member) == name).then_some(member)
}

fn variable(context: &FixContext<'_>, source: &Source, leaf: Node<'_>, name: &str) -> Option<String> {
    let package = package_names(context.files, source.path.parent(), package_of(source)?);
    let imports: Vec<String> = specs(source).into_iter().filter_map(|spec| path_of(source, spec)).collect();
    let qualifies = leaf.parent().is_some_and(|parent| matches!(parent.kind(), "selector_expression" | "qualified_type"));
    let imported = imports.iter().map(|path| likely_name(path)).filter(|_| qualifies);
    let known = local_names(source, leaf).into_iter().chain(package.iter().map(String::as_str)).chain(imported);
    nearest(name, known.chain(BUILTINS.split_ascii_whitespace())).map(str::to_owned)
}

/// Returns what a package of this module exports that is spelt nearly so.
fn exported(context: &FixContext<'_>, source: &Source, package: &str, member: &str) -> Option<String> {
    let path = specs(source).into_iter().filter_map(|spec| path_of(source, spec)).find(|path| likely_name(path) == package)?;
    let (folder, module) = module(context, source)?;
    let below = path.strip_prefix(&module)?;
    let folder = format!("{folder}{below}");
    let known = package_names(context.files, folder.trim_start_matches('/'), package);
    nearest(member, known.iter().map(String::as_str).filter(|name| name.starts_with(char::is_uppercase))).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
