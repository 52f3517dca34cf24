//! F403, F405: `from m import *`. Where `m` is a module of this repository the names that it offers are known, and those that are used here are
//! imported by name.

use std::collections::BTreeSet;

use domain::{Applicability, Edit, RepoPath};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::imports::from_import;
use super::members::BUILTINS;
use super::scopes::Bindings;
use super::source::{Source, parts};
use super::syntax::{assigned_name, module_file, plain_string, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "star_import",
    about: "imports by name what a star import brings",
    handles: |finding| matches!(finding.rule.as_str(), "F403" | "F405" | "W0401" | "wildcard-import"),
    propose,
    may_change: &[],
};

/// Star imports may lead on to others; more steps than this are a circle or a maze.
const MAX_DEPTH: u32 = 6;

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        // A package's own file collects names for others.
        if source.path.file_name() == "__init__.py" {
            return None;
        }
        let bindings = Bindings::of(&source);
        let stars = stars(&source);
        let mut free: BTreeSet<&str> = bindings.free().into_iter().map(|node| source.str(node)).collect();
        free.retain(|name| !BUILTINS.split_ascii_whitespace().any(|builtin| builtin == *name));
        free.extend(wanted_elsewhere(context, &source, &bindings)?);
        let mut settled: Vec<(Node<'_>, BTreeSet<String>)> = Vec::new();
        let mut unknown = false;
        for star in &stars {
            let exported = module_of(context, &source, *star).and_then(|file| exported(context, &file, MAX_DEPTH));
            match exported {
                Some(names) => settled.push((*star, names)),
                None => unknown = true,
            }
        }
        // A later import takes a name over from an earlier one.
        let mut given: BTreeSet<&str> = BTreeSet::new();
        let mut takes: Vec<(Node<'_>, Vec<&str>)> = Vec::new();
        for (star, names) in settled.iter().rev() {
            let used: Vec<&str> = free.iter().copied().filter(|name| names.contains(*name) && !given.contains(name)).collect();
            given.extend(used.iter());
            takes.push((*star, used));
        }
        if !unknown && free.iter().any(|name| !given.contains(name)) {
            // Something would come out as undefined that is not there now.
            return None;
        }
        let row = usize::try_from(context.finding.line()?).ok()?.checked_sub(1)?;
        let meant: Vec<&(Node<'_>, Vec<&str>)> = if context.finding.message.contains("may be undefined") {
            let name = context.finding.message.split(['`', '\'']).nth(1)?;
            takes.iter().filter(|(_, used)| used.contains(&name)).collect()
        } else {
            takes.iter().filter(|(star, _)| star.start_position().row == row).collect()
        };
        let mut edits: Vec<Edit> = Vec::new();
        for (star, used) in meant {
            if used.is_empty() {
                return None;
            }
            let module = source.str(star.child_by_field_name("module_name")?);
            let text = from_import(&source, module, used, source.indent(star.start_byte()));
            edits.push(source.edit(star.byte_range(), text));
        }
        Some(edits)
    };
    match edits() {
        Some(edits) if !edits.is_empty() => vec![Proposal {
            summary: "Import by name what the star import brings".to_owned(),
            applicability: Applicability::Unsafe,
            repair: Repair::Edits(edits),
        }],
        _ => Vec::new(),
    }
}

/// The star imports of a file, in order.
fn stars(source: &Source) -> Vec<Node<'_>> {
    code::descendants(source.root())
        .filter(|node| {
            node.kind() == "import_from_statement" && parts(*node).last().is_some_and(|last| last.kind() == "wildcard_import")
        })
        .collect()
}

/// The file of the module that a star import names, within this repository.
fn module_of(context: &FixContext<'_>, source: &Source, star: Node<'_>) -> Option<RepoPath> {
    let module = source.str(star.child_by_field_name("module_name")?);
    resolve(context, &source.path, module)
}

fn resolve(context: &FixContext<'_>, from: &RepoPath, module: &str) -> Option<RepoPath> {
    let dots = module.len() - module.trim_start_matches('.').len();
    let name = module.trim_start_matches('.');
    if dots == 0 {
        // Tests import what lies beside them.
        return module_file(context.files, &context.subproject.path, name)
            .or_else(|| module_file(context.files, from.parent(), name));
    }
    let mut folder = from.parent();
    for _ in 1..dots {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    if name.is_empty() {
        return RepoPath::new(format!("{folder}/__init__.py").trim_start_matches('/'))
            .ok()
            .filter(|path| context.files.contains(path));
    }
    module_file(context.files, folder, name)
}

/// The names that `import *` takes from a file; `None` when that cannot be told.
fn exported(context: &FixContext<'_>, path: &RepoPath, depth: u32) -> Option<BTreeSet<String>> {
    let depth = depth.checked_sub(1)?;
    let source = Source::open(context.files, path, &[domain::Language::Python])?;
    if let Some(list) = all_of(&source) {
        return list;
    }
    let bindings = Bindings::of(&source);
    let mut names: BTreeSet<String> =
        bindings.module_names().into_iter().filter(|name| !name.starts_with('_')).map(str::to_owned).collect();
    let further: Vec<RepoPath> = {
        let stars = stars(&source);
        let found: Option<Vec<RepoPath>> =
            stars.iter().map(|star| resolve(context, path, source.str(star.child_by_field_name("module_name")?))).collect();
        found?
    };
    for file in further {
        names.extend(exported(context, &file, depth)?);
    }
    Some(names)
}

/// `__all__` of a file: `None` when it has none, `Some(None)` when it is computed.
#[expect(clippy::option_option, reason = "no list, a list, and a list that cannot be read are three things")]
fn all_of(source: &Source) -> Option<Option<BTreeSet<String>>> {
    let mut names = None;
    let mut mentions = 0;
    super::source::walk(source.root(), |node| {
        mentions += usize::from(node.kind() == "identifier" && source.str(node) == "__all__");
    });
    if mentions == 0 {
        return None;
    }
    let mut cursor = source.root().walk();
    for node in source.root().named_children(&mut cursor) {
        let Some((left, right)) = assigned_name(node) else { continue };
        if source.str(left) == "__all__" && matches!(right.kind(), "list" | "tuple") {
            let list: Option<BTreeSet<String>> =
                parts(right).into_iter().map(|item| plain_string(source, item).map(str::to_owned)).collect();
            names = list;
        }
    }
    Some(names.filter(|_| mentions == 1))
}

/// The names of a file's star imports that other files take from it. `None` when another file takes all of them.
fn wanted_elsewhere<'s>(context: &FixContext<'_>, source: &'s Source, bindings: &Bindings<'s>) -> Option<BTreeSet<&'s str>> {
    let stem = source.path.file_name().strip_suffix(".py")?;
    let own = bindings.module_names();
    for other in context.files.paths().iter().filter(|other| **other != source.path && other.extension() == Some("py")) {
        let Some(text) = context.files.text(other) else { continue };
        if !text.contains(stem) {
            continue;
        }
        for line in text.lines().filter(|line| line.trim_start().starts_with("from ")) {
            let Some((module, names)) = line.trim_start().get(5..).and_then(|rest| rest.split_once(" import ")) else { continue };
            if module.trim_start_matches('.').rsplit('.').next() != Some(stem)
                || resolve(context, other, module.trim()).as_ref() != Some(&source.path)
            {
                continue;
            }
            // Names that go through here and are not its own cannot all be followed.
            let through = names.split([',', '(', ')', '#']).map(|name| name.trim().split(" as ").next().unwrap_or_default());
            if names.trim_start().starts_with('*')
                || names.trim_start().starts_with('(')
                || through.filter(|name| !name.is_empty()).any(|name| !own.contains(name))
            {
                return None;
            }
        }
    }
    Some(BTreeSet::new())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
