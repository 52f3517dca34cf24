//! Trees as they are found in the wild, with tools made to order: a `PATH` of scripts that only know their version.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use domain::RepoPath;

use super::*;

/// A `PATH` with these programs. `python3` may be written `python3:pytest,mypy`, with the modules that it can import; a program may be
/// written `eslint=10`, with the version that it names; `cargo!clippy` is a `cargo` that lacks a component.
fn machine(programs: &str) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    for program in programs.split_whitespace() {
        let (name, script) = if let Some((name, modules)) = program.split_once(':') {
            (name, format!("echo {}", modules.replace(',', " ")))
        } else if let Some((name, version)) = program.split_once('=') {
            (name, format!("echo v{version}.1.0"))
        } else if let Some((name, lacks)) = program.split_once('!') {
            (name, format!("test \"$1\" != {lacks}"))
        } else {
            (program, "echo 1.0.0".to_owned())
        };
        install(folder.path(), name, &script);
    }
    let env = Env::from_pairs([("PATH", folder.path())]);
    (folder, env)
}

fn install(folder: &Path, name: &str, script: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn files(files: &[(&str, &str)]) -> Files {
    Files::from_map(files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect())
}

/// Returns what is found, one line a recipe and one a note.
fn found(tree: &[(&str, &str)], programs: &str, checkout: Option<&Path>) -> String {
    let (_folder, env) = machine(programs);
    let detected = detect(&files(tree), &env, checkout);
    let recipes = detected.subprojects.iter().flat_map(|one| {
        let head = format!("{} {}", one.path, one.language);
        one.recipes.iter().map(move |(name, recipe)| format!("{head} {name}: {}", recipe.command))
    });
    recipes.chain(detected.notes.iter().map(|note| format!("# {note}"))).collect::<Vec<_>>().join("\n")
}

#[test]
fn rust_packages_and_workspaces() {
    let tree = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nexclude = [\"tools/x\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("tools/x/Cargo.toml", "[package]\nname = \"x\"\n"),
        ("vendor/y/Cargo.toml", "[package]\nname = \"y\"\n"),
        ("tests/fixtures/z/Cargo.toml", "[package]\n"),
        ("rustfmt.toml", ""),
        ("Cargo.lock", ""),
        (".github/workflows/ci.yml", "jobs: {a: {steps: [{run: cargo clippy --all-targets -- -D warnings}]}}"),
    ];
    insta::assert_snapshot!(found(&tree, "cargo cargo-clippy cargo-fmt cargo-audit", None), @r"
    . rust build: cargo build --workspace
    . rust test: cargo test --workspace
    . rust lint: cargo clippy --workspace --all-targets
    . rust format: cargo fmt --all --check
    . rust audit: cargo audit
    tools/x rust build: cargo build
    tools/x rust test: cargo test
    tools/x rust lint: cargo clippy
    ");
    insta::assert_snapshot!(found(&[("Cargo.toml", "[package")], "cargo!clippy cargo-clippy", None), @r"
    . rust build: cargo build
    . rust test: cargo test
    # rust: no lint: clippy is not installed (rustup component add clippy)
    ");
    insta::assert_snapshot!(found(&[("Cargo.toml", "")], "", None), @"# rust: cargo is not installed");
}

#[test]
fn python_uses_what_is_installed() {
    let tree = [
        ("setup.py", "from setuptools import setup"),
        ("pkg/__init__.py", ""),
        ("pkg/a.py", ""),
        ("tests/test_a.py", "import unittest\nclass T(unittest.TestCase): pass\n"),
        ("setup.cfg", "[flake8]\nmax-line-length = 100\n[tool:pytest]\n"),
        ("pyproject.toml", "[tool.black]\nline-length = 100\n[tool.isort]\n[tool.mypy]\n"),
    ];
    insta::assert_snapshot!(found(&tree, "python3:pytest,black,isort,mypy ruff black isort mypy", None), @r"
    . python build: python3 -m compileall -q -f --invalidation-mode checked-hash pkg setup.py
    . python test: python3 -m pytest
    . python lint: ruff check .
    . python format: black --check .
    . python typecheck: mypy .
    # python: isort is used too, but a subproject has one format recipe: isort is not run
    ");
    insta::assert_snapshot!(found(&tree, "python3:flake8", None), @r"
    . python build: python3 -m compileall -q -f --invalidation-mode checked-hash pkg setup.py
    . python test: python3 -m unittest discover -v -s tests
    . python lint: python3 -m flake8 .
    # python: no format: black, which the project uses, is not installed (pip install black)
    # python: no format: isort, which the project uses, is not installed (pip install isort)
    # python: no typecheck: mypy, which the project uses, is not installed (pip install mypy)
    # python: tests run under unittest: pytest, which the project uses, is not installed (pip install pytest)
    ");
    insta::assert_snapshot!(found(&tree, "", None), @"# python: python3 is not installed");
}

#[test]
fn python_takes_the_targets_of_the_projects_ci() {
    let tree = [
        ("pyproject.toml", "[project]\nname = \"x\"\n"),
        ("src/x/__init__.py", ""),
        ("unit/test_x.py", "def test_x(): pass"),
        (
            ".github/workflows/ci.yml",
            "jobs: {a: {steps: [{run: 'ruff check --output-format=github src missing'}, {run: pytest --cov unit}]}}",
        ),
    ];
    insta::assert_snapshot!(found(&tree, "python3:pytest ruff", None), @r"
    . python build: python3 -m compileall -q -f --invalidation-mode checked-hash src/x
    . python test: python3 -m pytest unit
    . python lint: ruff check src
    ");
    insta::assert_snapshot!(found(&tree, "python3: ruff", None), @r"
    . python build: python3 -m compileall -q -f --invalidation-mode checked-hash src/x
    . python lint: ruff check src
    # python: no test: pytest is not installed (pip install pytest)
    ");
}

#[test]
fn discovery_starts_where_unittest_can_walk() {
    let test = "import unittest\nclass T(unittest.TestCase): pass\n";
    let command = |tree: &[(&str, &str)]| {
        let all = found(tree, "python3:", None);
        all.lines().find_map(|line| line.strip_prefix(". python test: ").map(str::to_owned)).unwrap()
    };
    assert_eq!(command(&[("test_a.py", test)]), "python3 -m unittest discover -v");
    assert_eq!(
        command(&[("pkg/__init__.py", ""), ("pkg/tests/__init__.py", ""), ("pkg/tests/test_a.py", test)]),
        "python3 -m unittest discover -v"
    );
    assert_eq!(command(&[("a b/unit/test_a.py", test), ("a.py", "")]), "python3 -m unittest discover -v -s 'a b/unit'");
}

#[test]
fn pytest_is_told_of_files_that_it_would_overlook() {
    let tree = [
        ("setup.py", ""),
        ("x/tests/tests.py", "def test_x(): pass"),
        ("test.py", "def test_y(): pass"),
        ("x/test.py", "data = 1"),
    ];
    assert!(found(&tree, "python3:pytest", None).contains("test: python3 -m pytest test.py x/tests/tests.py\n"));
    let told = [tree.as_slice(), &[("pytest.ini", "[pytest]\npython_files = test*.py\n")]].concat();
    assert!(found(&told, "python3:pytest", None).contains("test: python3 -m pytest\n"));
}

#[test]
fn a_monorepo_is_its_packages() {
    let tree = [
        ("pyproject.toml", "[tool.ruff]\n"),
        ("packages/a/pyproject.toml", "[project]\n"),
        ("packages/a/a.py", ""),
        ("packages/b/setup.py", ""),
        ("packages/b/b/__init__.py", ""),
        ("packages/b/inner/setup.py", ""),
        ("docs/conf.d/setup.py", ""),
    ];
    let all = found(&tree[..6], "python3: ruff", None);
    let paths: BTreeSet<&str> =
        all.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(Vec::from_iter(paths), ["packages/a", "packages/b"]);
}

#[test]
fn javascript_follows_its_scripts() {
    let manifest = r#"{"scripts": {"lint": "eslint --fix src lib --ext .js && prettier -c .", "test": "standard && tap test/*.js",
        "build": "rollup -c"}, "devDependencies": {"tap": "1"}, "prettier": {}}"#;
    let tree = [("package.json", manifest), ("src/a.js", ""), ("eslint.config.js", ""), ("node_modules/x/package.json", "{}")];
    let checkout = tempfile::tempdir().unwrap();
    for name in ["eslint", "tap", "prettier"] {
        install(&checkout.path().join("node_modules/.bin"), name, "echo 1.0.0");
    }
    insta::assert_snapshot!(found(&tree, "node npm", Some(checkout.path())), @r"
    . javascript test: npx --no-install tap test/*.js
    . javascript lint: npx --no-install eslint src
    . javascript format: npx --no-install prettier --check .
    # javascript: test is the runner alone: standard, which `npm test` calls too, is not installed
    # javascript: no build: rollup is not installed
    ");
    insta::assert_snapshot!(found(&tree, "node npm eslint standard tap rollup", None), @r"
    . javascript test: npm test --silent
    . javascript lint: eslint src
    # javascript: the packages that it needs are not installed (npm ci)
    # javascript: no format: prettier is not installed (npm install --save-dev prettier)
    # javascript: no build: its packages are not installed
    ");
}

#[test]
fn javascript_without_tests_or_with_an_old_configuration() {
    let tree = [
        ("package.json", r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#),
        ("index.js", ""),
        (".eslintrc.json", "{}"),
    ];
    insta::assert_snapshot!(found(&tree, "node npm eslint=10", None), @r"
    # javascript: no lint: eslint is version 10: it does not read .eslintrc.json
    # javascript: no test: package.json has no script `test`
    ");
    insta::assert_snapshot!(found(&tree, "node npm eslint=9", None), @r"
    . javascript lint: ESLINT_USE_FLAT_CONFIG=false eslint .
    # javascript: no test: package.json has no script `test`
    ");
    let typed = [("package.json", r#"{"scripts": {"test": "node --test"}}"#), ("a.ts", ""), ("tsconfig.json", "{}")];
    insta::assert_snapshot!(found(&typed, "node npm tsc", None), @r"
    . typescript test: npm test --silent
    . typescript typecheck: tsc --noEmit
    # typescript: no lint: no linter is configured
    ");
    // A script that calls itself comes to an end.
    let endless = [("package.json", r#"{"scripts": {"test": "npm run test"}}"#), ("a.js", "")];
    assert!(found(&endless, "node npm", None).contains("npm test --silent"));
    assert_eq!(found(&[("package.json", "{"), ("a.js", "")], "node", None).lines().count(), 2);
}

#[test]
fn go_java_and_c() {
    let go = [("go.mod", "module x"), ("a.go", ""), ("a_test.go", ""), (".golangci.yml", "")];
    insta::assert_snapshot!(found(&go, "go gofmt", None), @r"
    . go build: go build ./...
    . go test: go test ./...
    . go lint: go vet ./...
    . go format: gofmt -l .
    # go: lint is `go vet`: golangci-lint, which the project configures, is not installed
    ");
    insta::assert_snapshot!(found(&[("pom.xml", ""), ("core/pom.xml", "")], "mvn", None), @r"
    . java build: mvn -B -ntp test-compile
    . java test: mvn -B -ntp test
    ");
    insta::assert_snapshot!(found(&[("build.gradle", "")], "java", None), @"# java: gradle is not installed");
    let make = [("Makefile", "CC := cc\nall: a\na: a.c\n\tcc a.c\ncheck: a\n\t./a\n.PHONY: x\n"), ("a.c", "")];
    insta::assert_snapshot!(found(&make, "make gcc", None), @r"
    . c build: make -B
    . c test: make check
    ");
    let styled = [("Makefile", "all:\n"), (".clang-format", ""), ("src/a.c", ""), ("include/a.h", "")];
    insta::assert_snapshot!(found(&styled, "make gcc clang-format", None), @r"
    . c build: make -B
    . c format: clang-format --dry-run -Werror include/*.h src/*.c
    # c: no test: Makefile has no target `check` or `test`
    ");
    assert!(found(&styled, "make gcc", None).contains("clang-format, which the project uses, is not installed"));
    let cmake = [("CMakeLists.txt", "enable_testing()"), ("src/a.cpp", ""), ("build/keep", "")];
    insta::assert_snapshot!(found(&cmake, "cmake gcc", None), @r"
    . cpp build: cmake -S . -B build-fixwright && cmake --build build-fixwright --clean-first
    . cpp test: cmake -S . -B build-fixwright && cmake --build build-fixwright --clean-first && ctest --test-dir build-fixwright --output-on-failure
    ");
    insta::assert_snapshot!(found(&[("a.c", ""), ("lib x/b.c", "")], "gcc", None), @r"
    . c lint: gcc -fsyntax-only -Wall -Wextra *.c 'lib x'/*.c
    # c: no build: there is neither a Makefile nor a CMakeLists.txt
    ");
    // The Makefile of a Python project is not what builds its extension.
    assert!(
        !found(&[("Makefile", "all:\n"), ("setup.py", ""), ("ext/a.c", ""), ("ext/Makefile", "")], "make gcc python3:", None)
            .contains(" c ")
    );
}

#[test]
fn tools_of_the_checkout_are_found_and_stand_ins_are_asked() {
    let checkout = tempfile::tempdir().unwrap();
    install(&checkout.path().join(".venv/bin"), "ruff", "echo 1");
    let tree = [("sub/setup.py", "")];
    assert!(found(&tree, "python3:", Some(checkout.path())).contains("sub python lint: ruff check ."));
    assert_eq!(tools::checkout_programs(checkout.path(), "sub"), [checkout.path().join(".venv/bin")]);
    let shims = checkout.path().join("shims");
    install(&shims, "python3", "echo");
    install(&shims, "ruff", "echo 'ruff: command not found' >&2; exit 127");
    let found = detect(&files(&tree), &Env::from_pairs([("PATH", shims)]), None);
    assert!(found.notes.iter().any(|note| note.contains("neither ruff nor flake8")), "{found:?}");
}

#[test]
fn programs_that_the_repository_brings_are_not_run() {
    let place = tempfile::tempdir().unwrap();
    let (checkout, ran) = (place.path().join("checkout"), place.path().join("ran"));
    let evil = format!("touch {}; echo pytest black 10.0.0", ran.display());
    let (environment, modules) = (checkout.join(".venv"), checkout.join("node_modules"));
    for name in ["python3", "ruff", "cargo", "cargo-clippy", "env"] {
        install(&environment.join("bin"), name, &evil);
    }
    install(&modules.join(".bin"), "eslint", &evil);
    install(&checkout.join("shims"), "prettier", &evil);
    // One that the user has, by which a program of the checkout would be started.
    let system = place.path().join("bin");
    install(&system, "node", "exec env node");
    std::os::unix::fs::symlink(environment.join("bin/cargo"), system.join("cargo")).unwrap();
    for (path, text) in [
        (environment.join("lib/python3.11/site-packages/pytest/__init__.py"), ""),
        (environment.join("lib/python3.11/site-packages/mypy.py"), ""),
        (modules.join("eslint/package.json"), r#"{"version": "9.1.0"}"#),
    ] {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let tree = [
        ("setup.py", ""),
        ("tests/test_a.py", "def test_a(): pass"),
        ("mypy.ini", ""),
        ("pyproject.toml", "[tool.black]"),
        ("package.json", r#"{"scripts": {"lint": "eslint ."}, "prettier": {}}"#),
        (".eslintrc", ""),
        ("a.js", ""),
        ("Cargo.toml", "[package]"),
    ];
    let path = std::env::join_paths([checkout.join("shims"), environment.join("bin"), system]).unwrap();
    let detected = detect(&files(&tree), &Env::from_pairs([("PATH", path)]), Some(&checkout));
    assert!(!ran.exists(), "a program of the repository was run");
    let commands = detected.subprojects.iter().flat_map(|one| one.recipes.values()).map(|recipe| recipe.command.as_str());
    insta::assert_snapshot!(commands.collect::<Vec<_>>().join("\n"), @r"
    cargo build
    cargo test
    cargo clippy
    python3 -m compileall -q -f --invalidation-mode checked-hash setup.py
    python3 -m pytest
    ruff check .
    python3 -m mypy .
    ESLINT_USE_FLAT_CONFIG=false npx --no-install eslint .
    prettier --check .
    ");
}

#[test]
fn a_tree_with_nothing_gives_nothing() {
    assert_eq!(found(&[("README.md", "")], "cargo python3: node go gcc make", None), "");
}

#[test]
fn eighty_thousand_files_take_no_time() {
    let paths = (0..80_000).map(|n| RepoPath::new(format!("pkg{}/sub{}/f{n}.py", n % 300, n % 7)).unwrap());
    let manifests = (0..300).map(|n| RepoPath::new(format!("pkg{n}/setup.py")).unwrap());
    let files = Files::new(paths.chain(manifests).collect(), |_| Some(b"".as_slice().into()));
    let (_folder, env) = machine("python3: ruff");
    let started = std::time::Instant::now();
    let detected = detect(&files, &env, None);
    assert_eq!(detected.subprojects.len(), MOST_SUBPROJECTS);
    assert!(detected.notes.last().unwrap().starts_with("200 more subprojects"));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn the_written_file_has_at_most_twenty_lines_and_says_the_same() {
    let subproject = |n: usize, recipes: usize| Subproject {
        path: if n == 0 { ".".into() } else { format!("we\"ird {n}") },
        language: Language::Python,
        recipes: Recipe::ALL
            .into_iter()
            .take(recipes)
            .map(|name| (name, RecipeCommand { command: format!("echo 'a' \"b\\{n}\" {name}"), timeout_secs: 600 + n as u64 }))
            .collect(),
    };
    for (count, recipes) in [(0, 0), (1, 1), (1, 6), (2, 5), (3, 6), (4, 6), (5, 6), (16, 6), (17, 6), (40, 2)] {
        let subprojects: Vec<Subproject> = (0..count).map(|n| subproject(n, recipes)).collect();
        let text = render_toml(&subprojects);
        assert!(text.lines().count() <= 20, "{text}");
        assert_eq!(text.contains("[[subproject]]"), (1..=4).contains(&count));
        let read = crate::config::Config::load(&Env::default(), Some(("fixwright.toml", &text)), Path::new("/")).unwrap();
        assert_eq!(read.subprojects, subprojects[..count.min(16)], "{text}");
    }
    insta::assert_snapshot!(render_toml(&[subproject(0, 2), subproject(1, 1)]), @r#"
    # How fixwright builds, tests and checks this repository. `fixwright doctor` lists tools that are missing.
    [[subproject]]
    path = "."
    language = "python"
    recipes.build = { command = '''echo 'a' "b\0" build''', timeout_secs = 600 }
    recipes.test = { command = '''echo 'a' "b\0" test''', timeout_secs = 600 }

    [[subproject]]
    path = 'we"ird 1'
    language = "python"
    recipes.build = { command = '''echo 'a' "b\1" build''', timeout_secs = 601 }
    "#);
}
