//! Declares JavaScript names that are used without a declaration: a variable that leaks out of its function gets its `var`, and
//! names that the test runner or the loader provides are declared as what they are, globals of the environment. What the file elsewhere
//! takes from the global object is taken from there.

use domain::{Applicability, Edit, Finding};
use tree_sitter::Node;

use super::effects::LISTS;
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::{FUNCTIONS, JAVASCRIPT, Use, Variable};
use super::source::{Source, ancestor, is_field, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "undefined_js",
    about: "declares JavaScript variables that leak, and the globals that a test runner or module loader provides",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Files that are searched for other uses of a leaking name, at most.
const MANY_FILES: usize = 500;

fn handles(finding: &Finding) -> bool {
    finding.rule == "no-undef"
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let name = context.finding.message.split('\'').nth(1)?;
    let variable = source.scopes().undeclared(name)?;
    if variable.occurrences.iter().any(|one| one.usage == Use::Write) {
        if is_shared(context, &source, name) {
            return None;
        }
        let edits = declare(&source, variable)?;
        let summary = format!("declare `{name}`");
        return Some(Proposal { summary, applicability: Applicability::Unsafe, repair: Repair::Edits(edits) });
    }
    if let Some(edits) = of_global_object(context, &source, name) {
        let summary = format!("name the global object that `{name}` is of");
        return Some(Proposal { summary, applicability: Applicability::Unsafe, repair: Repair::Edits(edits) });
    }
    let names = provided(context, &source, name)?;
    let start = if source.text.starts_with("#!") { source.line_end(0) } else { 0 };
    let line = format!("/* global {} */{}", names.join(", "), source.newline());
    Some(Proposal {
        summary: format!("declare the globals that {} provides", family(name)?.provider),
        applicability: Applicability::Display,
        repair: Repair::Edits(vec![source.edit(start..start, line)]),
    })
}

/// `if (global.name) name()`: what the file itself takes to be a property of the global object is written as one.
fn of_global_object(context: &FixContext<'_>, source: &Source, name: &str) -> Option<Vec<Edit>> {
    let owned = |owner: &&&str| {
        let path = format!("{owner}.{name}");
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        source.text.match_indices(&path).any(|(at, _)| is_end(source.slice(at + path.len()..source.text.len())))
    };
    let owner = ["global", "globalThis", "window"].iter().find(owned)?;
    // An owner that is a variable of this file is another one.
    source.scopes().variables().iter().any(|one| one.name == **owner && one.declarations().next().is_none()).then_some(())?;
    let leaf = source.leaf(source.range(context.finding.location.as_ref()?)?.start).filter(|leaf| leaf.kind() == "identifier")?;
    let asks = leaf.parent().is_some_and(|parent| parent.kind() == "unary_expression");
    (!asks).then(|| vec![source.edit(leaf.start_byte()..leaf.start_byte(), format!("{owner}."))])
}

/// Says whether another file uses the name without declaring it: then the leak is how they talk.
fn is_shared(context: &FixContext<'_>, source: &Source, name: &str) -> bool {
    let others = context.files.paths().iter().filter(|path| **path != source.path && path.is_below(&context.subproject.path));
    let scripts = others.filter(|path| code::language_of(path).is_some_and(|language| JAVASCRIPT.contains(&language)));
    scripts.take(MANY_FILES).any(|path| {
        let mentions = context.files.text(path).is_some_and(|text| text.contains(name));
        mentions
            && Source::read(context.files, path, JAVASCRIPT).is_some_and(|(other, _)| {
                // A leak of its own there is no use of ours.
                let used = other.scopes().undeclared(name);
                used.is_some_and(|used| used.occurrences.first().is_some_and(|first| first.usage != Use::Write))
            })
    })
}

/// Gives a leaking variable its declaration in the function that alone uses it.
fn declare(source: &Source, variable: &Variable) -> Option<Vec<Edit>> {
    let first = variable.occurrences.first().filter(|first| first.usage == Use::Write)?;
    let last = variable.occurrences.last()?;
    let leaf = source.leaf(first.start)?;
    let holds = |node: &Node<'_>| FUNCTIONS.contains(&node.kind()) && node.end_byte() >= last.end;
    let owner = std::iter::successors(leaf.parent(), Node::parent).find(holds);
    let nearest = ancestor(leaf, FUNCTIONS);
    let is_module =
        source.text.contains("require(") || source.text.contains("module.exports") || source.text.contains("exports.");
    if owner.is_none() && !is_module {
        return None;
    }
    let home = owner.and_then(|owner| owner.child_by_field_name("body")).unwrap_or_else(|| source.root());
    if nearest.map(|node| node.id()) == owner.map(|node| node.id())
        && let Some(at) = first_assignment(leaf)
    {
        return Some(vec![source.edit(at..at, "var ")]);
    }
    if !LISTS.contains(&home.kind()) {
        return None;
    }
    // Behind the directives and what else stands at the top by custom.
    let before = parts(home).into_iter().find(|part| !is_directive(source, *part))?;
    let line = format!("var {};{}{}", variable.name, source.newline(), source.indent(before.start_byte()));
    (source.slice(source.line_start(before.start_byte())..before.start_byte()).trim().is_empty())
        .then(|| vec![source.edit(before.start_byte()..before.start_byte(), line)])
}

fn is_directive(source: &Source, statement: Node<'_>) -> bool {
    statement.kind() == "expression_statement" && source.str(statement).starts_with(['\'', '"'])
}

/// Returns where `var` goes when the first use is `x = 1;`, `for (x = 0;` or `for (x in`.
fn first_assignment(leaf: Node<'_>) -> Option<usize> {
    let parent = leaf.parent()?;
    if parent.kind() == "for_in_statement" {
        return Some(leaf.start_byte());
    }
    let holder = parent.parent().filter(|_| parent.kind() == "assignment_expression")?;
    if holder.kind() == "expression_statement" && holder.start_byte() == leaf.start_byte() {
        let list = holder.parent()?;
        if LISTS.contains(&list.kind()) || (list.kind() == "for_statement" && is_field(holder, "initializer")) {
            return Some(leaf.start_byte());
        }
    }
    let in_loop = holder.kind() == "for_statement" && is_field(parent, "initializer");
    in_loop.then_some(leaf.start_byte())
}

struct Family {
    provider: &'static str,
    names: &'static [&'static str],
    /// Words of `package.json` that say that it is there.
    packages: &'static [&'static str],
}

const FAMILIES: &[Family] = &[
    Family {
        provider: "the test runner",
        names: &[
            "describe",
            "it",
            "before",
            "after",
            "beforeEach",
            "afterEach",
            "context",
            "specify",
            "suite",
            "test",
            "setup",
            "teardown",
            "suiteSetup",
            "suiteTeardown",
            "xit",
            "xdescribe",
            "expect",
            "jest",
            "jasmine",
            "spyOn",
            "beforeAll",
            "afterAll",
        ],
        packages: &["mocha", "jest", "jasmine", "jasmine-node", "vitest", "karma"],
    },
    Family { provider: "QUnit", names: &["QUnit"], packages: &["qunit", "qunitjs", "karma-qunit", "grunt-contrib-qunit"] },
    Family { provider: "the AMD loader", names: &["define"], packages: &[] },
];

fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.names.contains(&name))
}

/// Returns the names of the environment that this file uses, when there is evidence that the environment of `name` is there.
fn provided<'s>(context: &FixContext<'_>, source: &'s Source, name: &str) -> Option<Vec<&'s str>> {
    let family = family(name)?;
    let evidence = if family.packages.is_empty() {
        // `define` is the loader's where it is called with the module's function, or asked for by `define.amd`.
        source.text.contains("define.amd") || calls_with_function(source, name)
    } else {
        let manifest = format!("{}/package.json", context.subproject.path);
        let text = domain::RepoPath::new(manifest).ok().and_then(|path| context.files.text(&path))?;
        family.packages.iter().any(|package| text.contains(&format!("\"{package}\"")) || text.contains(&format!("{package} ")))
    };
    if !evidence {
        return None;
    }
    let mut names: Vec<&str> = source
        .scopes()
        .variables()
        .iter()
        .filter(|variable| family.names.contains(&variable.name.as_str()) && variable.declarations().next().is_none())
        .map(|variable| variable.name.as_str())
        .collect();
    names.sort_unstable();
    Some(names)
}

fn calls_with_function(source: &Source, name: &str) -> bool {
    source.scopes().undeclared(name).is_some_and(|variable| {
        variable.occurrences.iter().any(|one| {
            let call = source.leaf(one.start).and_then(|leaf| leaf.parent()).filter(|call| call.kind() == "call_expression");
            let arguments = call.and_then(|call| call.child_by_field_name("arguments"));
            arguments
                .is_some_and(|list| parts(list).iter().any(|one| matches!(one.kind(), "function_expression" | "arrow_function")))
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
