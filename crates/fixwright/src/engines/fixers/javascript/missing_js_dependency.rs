//! Adds a package to `package.json` that the project's own code imports and that is only there because others need it: at the version
//! that the lockfile or `node_modules` has. Where neither has it, the registry is asked last.

use domain::{Applicability, Finding, RepoPath};
use regex::Regex;
use serde_json::Value;

use super::effects::is_builtin;
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::JAVASCRIPT;
use super::source::{Source, is_field, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_js_dependency",
    about: "adds a package that the code imports to package.json",
    handles: |finding| module(finding).is_some(),
    propose: |context| propose(context).unwrap_or_default(),
    may_change: &["package.json", "package-lock.json", "pnpm-lock.yaml"],
};

/// Writes `$3`, else what is installed, as version of `$2` into the list `$1`, and brings the lockfile in line from what it has.
const ADD: &str = r#"version=$3; [ "$version" ] || version=^$(node -p "require('./node_modules/$2/package.json').version") || exit 1
npm pkg set "$1[$2]=$version" || exit 1; [ ! -f package-lock.json ] && exit 0
exec npm install --package-lock-only --offline --ignore-scripts --no-audit --no-fund"#;

/// Returns the module that cannot be found, or that the manifest does not name: what node, tsc, jest and eslint's plugins say.
fn module(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    let quoted = ["Cannot find module '", "Cannot find package '", "Unable to resolve path to module '"]
        .iter()
        .find_map(|lead| message.split(lead).nth(1)?.split('\'').next());
    let listed = || {
        message.strip_suffix(" to add it")?.strip_prefix('\'')?.split("' should be listed in the project's dependencies").next()
    };
    let extraneous = || {
        let plugin = finding.rule.split('/').next().filter(|plugin| matches!(*plugin, "n" | "node"));
        let name = message.strip_suffix(" is extraneous.").or_else(|| message.strip_suffix(" is not found."))?;
        plugin.and(name.strip_prefix('"')?.strip_suffix('"'))
    };
    quoted.or_else(listed).or_else(extraneous).filter(|module| !module.starts_with(['.', '/']))
}

fn propose(context: &FixContext<'_>) -> Option<Vec<Proposal>> {
    let module = module(context.finding)?;
    let mut segments = module.split('/');
    let first = segments.next()?;
    let name = if first.starts_with('@') { format!("{first}/{}", segments.next()?) } else { first.to_owned() };
    let legal = Regex::new(r"^(@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._~-]*$").ok()?;
    if !legal.is_match(&name) || is_builtin(&name) {
        return None;
    }
    let read = |file: &str| context.files.text(&RepoPath::new(format!("{}/{file}", context.subproject.path)).ok()?);
    let manifest: Value = serde_json::from_str(&read("package.json")?).ok()?;
    let known = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
        .iter()
        .any(|list| manifest[*list].get(&name).is_some());
    if known || manifest["name"] == name.as_str() {
        return None;
    }
    // Only a file of the project says that it needs the package; a broken installation names packages of others.
    let source = Source::of(context, JAVASCRIPT)?;
    imports(&source, &name).then_some(())?;
    let path = source.path.as_str();
    let for_tests = ["test/", "tests/", "spec/", "__tests__/"].iter().any(|folder| path.contains(folder))
        || path.contains(".test.")
        || path.contains(".spec.");
    let (yarn, pnpm) = (read("yarn.lock"), read("pnpm-lock.yaml").is_some());
    let version = match &yarn {
        Some(lock) => in_yarn(lock, &name)?,
        None => read("package-lock.json").and_then(|lock| in_npm(&lock, &name)).unwrap_or_default(),
    };
    let list = if for_tests { "devDependencies" } else { "dependencies" };
    let mut ways: Vec<Vec<&str>> = Vec::new();
    if !pnpm {
        ways.push(vec!["sh", "-c", ADD, "sh", list, &name, &version]);
    }
    if version.is_empty() {
        let mut ask = if pnpm {
            vec!["pnpm", "add", "--lockfile-only", "--ignore-scripts"]
        } else {
            vec!["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
        };
        if for_tests {
            ask.push("--save-dev");
        }
        ask.push(&name);
        ways.push(ask);
    }
    let lock = if pnpm { "pnpm-lock.yaml" } else { "package-lock.json" };
    let proposal = |argv: Vec<&str>| Proposal {
        summary: format!("add `{name}` to the dependencies"),
        applicability: Applicability::Unsafe,
        repair: Repair::Command {
            argv: argv.into_iter().map(str::to_owned).collect(),
            may_change: vec!["package.json".to_owned(), lock.to_owned()],
        },
    };
    Some(ways.into_iter().map(proposal).collect())
}

/// Says whether the file imports the package or a part of it.
fn imports(source: &Source, package: &str) -> bool {
    let mut found = false;
    walk(source.root(), |node| {
        let text = source.str(node).trim_matches(['\'', '"']);
        let is_it = || text.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let call = node.parent().and_then(|list| list.parent()).filter(|call| call.kind() == "call_expression");
        let called = call.and_then(|call| call.child_by_field_name("function")).map_or("", |function| source.str(function));
        let names_module = is_field(node, "source") || matches!(called, "require" | "require.resolve" | "import" | "jest.mock");
        found |= node.kind() == "string" && is_it() && names_module;
    });
    found
}

/// Returns the range that holds what a lockfile of npm has installed for all to see.
fn in_npm(lock: &str, package: &str) -> Option<String> {
    let lock: Value = serde_json::from_str(lock).ok()?;
    let entry = match lock.get("packages") {
        Some(packages) => packages.get(format!("node_modules/{package}")),
        None => lock.get("dependencies")?.get(package),
    };
    let version = entry?.get("version")?.as_str()?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("^{version}"))
}

/// Returns the range under which a lockfile of yarn knows the package: with another one, it would not fit any more.
fn in_yarn(lock: &str, package: &str) -> Option<String> {
    let lead = format!("{package}@");
    let keys = lock.lines().filter(|line| !line.starts_with([' ', '#']) && line.ends_with(':'));
    let ranges = keys.flat_map(|line| line.trim_end_matches(':').split(", ")).filter_map(|key| {
        let range = key.trim_matches('"').strip_prefix(&lead)?;
        Some(range.strip_prefix("npm:").unwrap_or(range).to_owned())
    });
    ranges.filter(|range| range.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '^' | '~'))).max()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
