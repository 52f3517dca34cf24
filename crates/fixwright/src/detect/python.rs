//! Python: a subproject a package, or a folder of scripts with requirements.
//!
//! Recipes use what is installed, the project's own choice first. Commands run from the subproject's folder and import from there, so
//! that a package that is installed from the user's checkout does not stand in for the files that are to be proved.

use std::collections::BTreeSet;

use domain::{Language, Recipe, RepoPath};

use super::tree::{Tree, is_within, join, relative};
use super::{Found, Look, quoted};

const MANIFESTS: [&str; 5] = ["pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "requirements.txt"];
/// Test files that are read to learn how they are written.
const MOST_READ: usize = 40;

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    let folders: Vec<&str> = look
        .tree
        .folders_with(&MANIFESTS)
        .into_iter()
        .filter(|folder| python_files(look.tree, folder).next().is_some())
        .collect();
    let mut roots: Vec<&str> = Vec::new();
    for folder in &folders {
        if !roots.iter().any(|root| is_within(folder, root)) && !only_holds_packages(look.tree, folder, &folders) {
            roots.push(folder);
        }
    }
    roots.into_iter().map(|folder| recipes(look, folder)).collect()
}

/// Returns a subproject for Python files without any manifest.
pub(super) fn look_at_loose_files(look: &Look<'_>) -> Option<Found> {
    python_files(look.tree, "").next().map(|_| recipes(look, ""))
}

/// Says whether a folder is no package itself and all of its code is in packages below it, as at the root of a monorepo.
fn only_holds_packages(tree: &Tree<'_>, folder: &str, all: &[&str]) -> bool {
    let below: Vec<&str> = all.iter().copied().filter(|other| *other != folder && is_within(other, folder)).collect();
    let is_package = tree.has(folder, "setup.py")
        || ["[project]", "[tool.poetry]"].iter().any(|part| has_part(tree, folder, "pyproject.toml", part));
    !below.is_empty() && !is_package && python_files(tree, folder).all(|path| below.iter().any(|other| path.is_below(other)))
}

fn recipes(look: &Look<'_>, folder: &str) -> Found {
    let mut found = Found::new(folder, Language::Python);
    let Some(python) = look.tools.python(folder) else {
        found.note("python3 is not installed");
        return found;
    };
    add_lint(look, folder, &mut found);
    add_format(look, folder, &mut found);
    add_typecheck(look, folder, &mut found);
    add_test(look, folder, python, &mut found);
    let packages = packages(look.tree, folder);
    if !packages.is_empty() {
        // Hashes decide whether a compiled file is fresh, because two repairs within a second may have the same size.
        let names: Vec<String> = packages.iter().map(|name| quoted(name)).collect();
        found.add(Recipe::Build, format!("{python} -m compileall -q -f --invalidation-mode checked-hash {}", names.join(" ")));
    }
    found
}

fn add_lint(look: &Look<'_>, folder: &str, found: &mut Found) {
    let uses = |tool: &str| is_configured(look.tree, folder, tool) || used_by_ci(look, folder, tool).is_some();
    let installed = |tool: &str| look.tools.python_tool(folder, tool);
    let missing = |found: &mut Found, tool: &str, instead: &str| {
        if uses(tool) {
            found.note(format!("lint is {instead}: {tool}, which the project uses, is not installed (pip install {tool})"));
        }
    };
    let targets = |tool: &str| targets(look, folder, tool).unwrap_or_else(|| ".".to_owned());
    if let Some(ruff) = installed("ruff") {
        found.add(Recipe::Lint, format!("{ruff} check {}", targets("ruff")));
    } else if let Some(flake8) = installed("flake8") {
        missing(found, "ruff", "flake8");
        found.add(Recipe::Lint, format!("{flake8} {}", targets("flake8")));
    } else if let Some(pylint) = installed("pylint").filter(|_| uses("pylint")) {
        missing(found, "ruff", "pylint");
        let packages = packages(look.tree, folder).iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" ");
        found.add(Recipe::Lint, format!("{pylint} {}", if packages.is_empty() { "*.py" } else { &packages }));
    } else if let Some(pyflakes) = installed("pyflakes") {
        missing(found, "ruff", "pyflakes");
        missing(found, "flake8", "pyflakes");
        found.add(Recipe::Lint, format!("{pyflakes} ."));
    } else {
        found.left_out(Recipe::Lint, "neither ruff nor flake8 is installed (pip install ruff)");
    }
}

fn add_format(look: &Look<'_>, folder: &str, found: &mut Found) {
    let formats_with_ruff = has_part(look.tree, folder, "pyproject.toml", "[tool.ruff.format]")
        || has_part(look.tree, folder, "ruff.toml", "[format]")
        || look
            .ci
            .iter()
            .any(|command| command.arguments_of("ruff").is_some_and(|words| words.first().is_some_and(|word| word == "format")));
    let uses = |tool: &str| match tool {
        "ruff" => formats_with_ruff,
        _ => is_configured(look.tree, folder, tool) || used_by_ci(look, folder, tool).is_some(),
    };
    let used: Vec<&str> = ["black", "ruff", "isort"].into_iter().filter(|tool| uses(tool)).collect();
    for tool in &used {
        let Some(program) = look.tools.python_tool(folder, tool) else {
            found.left_out(Recipe::Format, format!("{tool}, which the project uses, is not installed (pip install {tool})"));
            continue;
        };
        if found.subproject.recipes.contains_key(&Recipe::Format) {
            found.note(format!("{tool} is used too, but a subproject has one format recipe: {program} is not run"));
            continue;
        }
        let targets = targets(look, folder, tool).unwrap_or_else(|| ".".to_owned());
        found.add(
            Recipe::Format,
            match *tool {
                "ruff" => format!("{program} format --check {targets}"),
                "isort" => format!("{program} --check-only {targets}"),
                _ => format!("{program} --check {targets}"),
            },
        );
    }
}

fn add_typecheck(look: &Look<'_>, folder: &str, found: &mut Found) {
    if !is_configured(look.tree, folder, "mypy") && used_by_ci(look, folder, "mypy").is_none() {
        return;
    }
    match look.tools.python_tool(folder, "mypy") {
        Some(mypy) => {
            let own = ["mypy.ini", ".mypy.ini", "setup.cfg", "pyproject.toml"];
            let names_files = own.iter().filter_map(|name| look.tree.text(folder, name)).any(|text| {
                let section = text.split_once("[mypy]").or_else(|| text.split_once("[tool.mypy]")).map_or("", |(_, rest)| rest);
                let mut lines = section.lines().take_while(|line| !line.starts_with('['));
                lines.any(|line| ["files", "packages", "modules"].iter().any(|key| line.starts_with(key)))
            });
            match targets(look, folder, "mypy") {
                Some(targets) => found.add(Recipe::Typecheck, format!("{mypy} {targets}")),
                None if names_files => found.add(Recipe::Typecheck, mypy),
                None => found.add(Recipe::Typecheck, format!("{mypy} .")),
            }
        }
        None => found.left_out(Recipe::Typecheck, "mypy, which the project uses, is not installed (pip install mypy)"),
    }
}

fn add_test(look: &Look<'_>, folder: &str, python: &str, found: &mut Found) {
    let tests: Vec<&RepoPath> = python_files(look.tree, folder).filter(|path| is_test(path.file_name())).collect();
    if tests.is_empty() {
        found.left_out(Recipe::Test, "there are no tests");
        return;
    }
    let pytest =
        look.tools.python_module(folder, "pytest").or_else(|| look.tools.has(folder, "pytest").then(|| "pytest".to_owned()));
    if let Some(pytest) = pytest {
        let named = targets(look, folder, "pytest").or_else(|| files_that_pytest_overlooks(look.tree, folder, &tests));
        let named = named.map(|named| format!(" {named}")).unwrap_or_default();
        found.add(Recipe::Test, format!("{pytest}{named}"));
        return;
    }
    let is_unittest =
        |path: &&&RepoPath| look.tree.text_of(path).is_some_and(|text| text.contains("unittest") && text.contains("TestCase"));
    let found_by_unittest = |path: &&&RepoPath| path.file_name().starts_with("test");
    let Some(first) = tests.iter().filter(found_by_unittest).take(MOST_READ).find(is_unittest) else {
        found.left_out(Recipe::Test, "pytest is not installed (pip install pytest)");
        return;
    };
    if uses_pytest(look, folder) {
        found.note("tests run under unittest: pytest, which the project uses, is not installed (pip install pytest)");
    }
    let start = match discovery_start(look.tree, folder, first) {
        "" => String::new(),
        start => format!(" -s {}", quoted(start)),
    };
    found.add(Recipe::Test, format!("{python} -m unittest discover -v{start}"));
}

/// Returns the test files by name where pytest would find none by itself: it does not take `test.py` and `tests.py` for tests.
fn files_that_pytest_overlooks(tree: &Tree<'_>, folder: &str, tests: &[&RepoPath]) -> Option<String> {
    let is_found = |path: &RepoPath| path.file_name().starts_with("test_") || path.file_name().ends_with("_test.py");
    let is_told =
        ["pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini"].iter().any(|name| has_part(tree, folder, name, "python_files"));
    if is_told || tests.iter().any(|path| is_found(path)) {
        return None;
    }
    let holds_tests = |path: &&&RepoPath| tree.text_of(path).is_some_and(|text| text.contains("def test"));
    let named: Vec<String> =
        tests.iter().take(MOST_READ).filter(holds_tests).map(|path| quoted(relative(folder, path.as_str()))).collect();
    (!named.is_empty()).then(|| named.join(" "))
}

/// Returns the folder, seen from the subproject, that discovery must start at to reach a test: it walks down through packages only.
fn discovery_start<'p>(tree: &Tree<'_>, folder: &str, test: &'p RepoPath) -> &'p str {
    let mut reached = relative(folder, test.parent());
    while tree.has(&join(folder, reached), "__init__.py") && !reached.is_empty() {
        reached = reached.rsplit_once('/').map_or("", |(above, _)| above);
    }
    reached
}

fn uses_pytest(look: &Look<'_>, folder: &str) -> bool {
    used_by_ci(look, folder, "pytest").is_some() || is_configured(look.tree, folder, "pytest")
}

/// Says whether the files of the project configure a tool.
fn is_configured(tree: &Tree<'_>, folder: &str, tool: &str) -> bool {
    let (files, section): (&[&str], &str) = match tool {
        "ruff" => (&["ruff.toml", ".ruff.toml"], "ruff"),
        "flake8" => (&[".flake8"], "flake8"),
        "pylint" => (&[".pylintrc", "pylintrc"], "pylint"),
        "mypy" => (&["mypy.ini", ".mypy.ini"], "mypy"),
        "isort" => (&[".isort.cfg"], "isort"),
        "pytest" => (&["pytest.ini", "conftest.py"], "pytest"),
        other => (&[], other),
    };
    tree.first_of(folder, files).is_some()
        || has_part(tree, folder, "pyproject.toml", &format!("[tool.{section}"))
        || ["setup.cfg", "tox.ini"].iter().any(|name| {
            has_part(tree, folder, name, &format!("[{section}]")) || has_part(tree, folder, name, &format!("[tool:{section}]"))
        })
}

fn has_part(tree: &Tree<'_>, folder: &str, name: &str, part: &str) -> bool {
    tree.text(folder, name).is_some_and(|text| text.lines().any(|line| line.trim_start().starts_with(part)))
}

/// Returns the arguments that the project's CI gives to a tool in this folder or at the root.
fn used_by_ci<'a>(look: &Look<'a>, folder: &str, tool: &str) -> Option<&'a [String]> {
    look.ci.iter().filter(|command| is_within(folder, &command.folder)).find_map(|command| command.arguments_of(tool))
}

/// Returns what the project's CI hands to a tool: the folders and Python files that are there, seen from the subproject.
fn targets(look: &Look<'_>, folder: &str, tool: &str) -> Option<String> {
    let commands = look.ci.iter().filter(|command| command.folder == folder).filter_map(|command| command.arguments_of(tool));
    let there = |word: &&String| {
        let path = word.trim_start_matches("./").trim_end_matches('/');
        let is_option = word.starts_with('-') || word.contains("..") || word.starts_with('/');
        !is_option
            && (path == "."
                || look.tree.is_folder(&join(folder, path)) && !path.is_empty()
                || path.ends_with(".py") && look.tree.has(folder, path))
    };
    let named = |words: &[String]| words.iter().filter(there).map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    commands.map(named).find(|targets| !targets.is_empty())
}

/// Returns the packages and modules of a project, without its tests: `pkg`, `src/pkg`, `module.py`.
fn packages(tree: &Tree<'_>, folder: &str) -> BTreeSet<String> {
    const NOT_CODE: [&str; 8] = ["tests", "test", "docs", "doc", "examples", "scripts", "tools", "benchmarks"];
    let mut packages = BTreeSet::new();
    for path in python_files(tree, folder) {
        let inside = relative(folder, path.as_str());
        let (home, inside) = inside.strip_prefix("src/").map_or(("", inside), |rest| ("src/", rest));
        match inside.split_once('/') {
            Some((package, "__init__.py")) if !NOT_CODE.contains(&package) => packages.insert(format!("{home}{package}")),
            None if !is_test(inside) && inside != "conftest.py" => packages.insert(format!("{home}{inside}")),
            _ => false,
        };
    }
    packages
}

fn is_test(name: &str) -> bool {
    name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py") || matches!(name, "tests.py" | "test.py"))
}

fn python_files<'a>(tree: &Tree<'a>, folder: &str) -> impl Iterator<Item = &'a RepoPath> + use<'a> {
    let folder = folder.to_owned();
    tree.below(&folder).filter(|path| path.extension() == Some("py"))
}
