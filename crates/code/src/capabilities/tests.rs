//! Every rule in the code that it carries: where it holds, and where it does not.

use domain::{Language, RepoPath};

use super::{capabilities, rule, rules_of};

fn file(language: Language) -> RepoPath {
    let name = match language {
        Language::Python => "a.py",
        Language::JavaScript => "a.js",
        Language::TypeScript => "a.ts",
        Language::Go => "a.go",
        Language::Rust => "a.rs",
        Language::Java => "A.java",
        Language::C => "a.c",
        Language::Cpp => "a.cpp",
        Language::CSharp => "A.cs",
        Language::Ruby => "a.rb",
        Language::Php => "a.php",
        Language::Kotlin => "A.kt",
        Language::Scala => "A.scala",
        Language::Bash => "a.sh",
        Language::Other => "a",
    };
    RepoPath::new(name).unwrap()
}

/// Puts a snippet where the language wants statements.
fn around(language: Language, code: &str) -> String {
    match language {
        Language::Go if !code.contains("package ") => {
            let (imports, rest): (Vec<&str>, Vec<&str>) = code.lines().partition(|line| line.starts_with("import "));
            if rest.iter().any(|line| line.starts_with("func ") || line.starts_with("type ")) {
                format!("package a\n\n{}\n{}\n", imports.join("\n"), rest.join("\n"))
            } else {
                format!("package a\n\n{}\n\nfunc f(x string) {{\n{}\n}}\n", imports.join("\n"), rest.join("\n"))
            }
        }
        Language::Java | Language::CSharp if !code.contains("class ") => {
            let is_import = |line: &&str| {
                line.starts_with("import ")
                    || line.starts_with("using System")
                    || line.starts_with("using Micro")
                    || (line.starts_with("using ") && line.contains(" = "))
            };
            let (imports, rest): (Vec<&str>, Vec<&str>) = code.lines().partition(is_import);
            let name = if language == Language::Java { "String x" } else { "string x" };
            format!("{}\nclass A {{\nvoid f({name}) {{\n{}\n}}\n}}\n", imports.join("\n"), rest.join("\n"))
        }
        Language::Rust if !code.contains("fn ") && !code.contains("extern ") => {
            let (imports, rest): (Vec<&str>, Vec<&str>) = code.lines().partition(|line| line.starts_with("use "));
            format!("{}\nfn f(x: &str) {{\n{}\n}}\n", imports.join("\n"), rest.join("\n"))
        }
        Language::C | Language::Cpp if !code.contains(") {") => {
            let (imports, rest): (Vec<&str>, Vec<&str>) =
                code.lines().partition(|line| line.starts_with('#') || line.starts_with("using "));
            format!("{}\nvoid f(char *x) {{\n{}\n}}\n", imports.join("\n"), rest.join("\n"))
        }
        Language::Kotlin if !code.contains("fun ") => {
            let (imports, rest): (Vec<&str>, Vec<&str>) = code.lines().partition(|line| line.starts_with("import "));
            format!("{}\nfun f(x: String) {{\n{}\n}}\n", imports.join("\n"), rest.join("\n"))
        }
        Language::Scala if !code.contains("object ") && !code.contains("class ") => {
            let (imports, rest): (Vec<&str>, Vec<&str>) = code.lines().partition(|line| line.starts_with("import "));
            format!("{}\nobject A {{\ndef f(x: String) = {{\n{}\n}}\n}}\n", imports.join("\n"), rest.join("\n"))
        }
        Language::Php if !code.starts_with("<?php") => format!("<?php\n{code}\n"),
        _ => code.to_owned(),
    }
}

#[test]
fn every_rule_holds_where_it_should_and_nowhere_else() {
    let mut wrong = Vec::new();
    for language in Language::ALL {
        if rule::texts_of(language).is_empty() {
            continue;
        }
        if let Err(error) = rule::Rules::read(rule::texts_of(language)) {
            panic!("{language}: {error}");
        }
        let rules = rules_of(language).unwrap();
        // Rules that are shared are written in the language that they are named for.
        let shared = match language {
            Language::Kotlin | Language::Scala | Language::Cpp => {
                rule::Rules::read(&rule::texts_of(language)[..1]).unwrap().all.len()
            }
            _ => 0,
        };
        for rule in rules.all.iter().skip(shared) {
            assert!(!rule.present.is_empty() && !rule.absent.is_empty(), "{language} {}: no examples", rule.id);
            assert!(rule._source.starts_with("http"), "{language} {}: no source", rule.id);
            for (code, expected) in
                rule.present.iter().map(|code| (code, true)).chain(rule.absent.iter().map(|code| (code, false)))
            {
                let code = around(language, code);
                let scan = capabilities(&file(language), code.as_bytes());
                let held = scan.found.iter().any(|found| found.capability == rule.capability);
                if held != expected || scan.skipped.is_some() {
                    let told: Vec<_> = scan.found.iter().map(|found| format!("{} {}", found.capability, found.rule)).collect();
                    wrong.push(format!("{language} {} {expected}: {told:?} {:?}\n{code}", rule.id, scan.unread));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n----\n"));
}

/// A labelled case of `fixtures/capabilities`.
struct Labelled {
    path: RepoPath,
    title: String,
    present: Vec<String>,
    absent: Vec<String>,
    code: String,
}

fn labelled(language: Language) -> Vec<Labelled> {
    let folder = format!("{}/../../fixtures/capabilities/{language}", env!("CARGO_MANIFEST_DIR"));
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let text: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let text = text.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join("\n");
    let mut all = Vec::new();
    for case in text.split("\n=== ").map(|case| case.strip_prefix("=== ").unwrap_or(case)) {
        let (head, code) = case.split_once('\n').unwrap();
        let mut parts = head.split('|').map(str::trim);
        let labels = parts.next().unwrap();
        let title = parts.next().unwrap().to_owned();
        let path = parts.next().map_or_else(|| file(language), |name| RepoPath::new(name).unwrap());
        let list = |labels: &str| labels.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>();
        let (present, absent) = match labels.strip_prefix('-') {
            Some(absent) => (Vec::new(), list(absent)),
            None => (list(labels), Vec::new()),
        };
        let is_php = language == Language::Php && path.extension() == Some("php");
        let code = if is_php { format!("<?php\n{code}\n") } else { format!("{code}\n") };
        all.push(Labelled { path, title, present, absent, code });
    }
    all
}

#[test]
fn labelled_cases_are_found_and_what_looks_like_them_is_not() {
    let (mut wrong, mut present, mut found, mut absent, mut falsely) = (Vec::new(), 0, 0, 0, 0);
    for language in Language::ALL {
        let cases = labelled(language);
        let (mut own_present, mut own_found, mut own_absent, mut own_falsely) = (0, 0, 0, 0);
        for case in &cases {
            let scan = capabilities(&case.path, case.code.as_bytes());
            let told: Vec<&str> = scan.found.iter().map(|one| one.capability.as_str()).collect();
            for wanted in &case.present {
                own_present += 1;
                if told.contains(&wanted.as_str()) {
                    own_found += 1;
                } else {
                    wrong.push(format!("{language}: {}: {wanted} is not among {told:?}", case.title));
                }
            }
            if !case.absent.is_empty() {
                own_absent += 1;
                let bad: Vec<_> = scan
                    .found
                    .iter()
                    .filter(|one| case.absent.iter().any(|no| no == "*" || no == one.capability.as_str()))
                    .collect();
                if !bad.is_empty() {
                    own_falsely += 1;
                    wrong.push(format!("{language}: {}: {bad:?}", case.title));
                }
            }
        }
        if !cases.is_empty() {
            eprintln!("{language}: {own_found} of {own_present} found, {own_falsely} of {own_absent} falsely");
        }
        (present, found) = (present + own_present, found + own_found);
        (absent, falsely) = (absent + own_absent, falsely + own_falsely);
    }
    eprintln!("all: {found} of {present} found, {falsely} of {absent} falsely");
    let recall = f64::from(found) / f64::from(present);
    let rate = f64::from(falsely) / f64::from(absent);
    assert!(recall >= 0.95 && rate <= 0.02 && wrong.is_empty(), "recall {recall:.3}, false {rate:.3}\n{}", wrong.join("\n"));
}

#[test]
fn that_a_package_is_used_which_a_rule_is_all_about_is_said_once() {
    let code = "using System.Runtime.Remoting;\nclass A {\n  void f() { Show(Own.C); }\n  void g() { Own.A(); }\n  void h() { Own.B(Own.C); new Other(); }\n}\n";
    let of = |code: &str| -> Vec<u32> {
        let scan = capabilities(&file(Language::CSharp), code.as_bytes());
        scan.found.iter().filter(|one| one.rule == "deserialize").map(|one| one.line).collect()
    };
    assert_eq!(of(code), [4]);
    // What is spelled is known to be of it.
    assert_eq!(of("class A { void f() {\nSystem.Runtime.Remoting.X.A();\nSystem.Runtime.Remoting.X.B();\n} }\n"), [2, 3]);
    // A macro of the language is none of a package.
    let code = "use fs_extra::*;\nfn f() {\n    assert!(1 > 0);\n    assert_eq!(1, b());\n    c();\n    fs_extra::d();\n}\n";
    let scan = capabilities(&file(Language::Rust), code.as_bytes());
    let lines: Vec<u32> = scan.found.iter().map(|one| one.line).collect();
    assert_eq!(lines, [4, 6], "{:?}", scan.found);
}
