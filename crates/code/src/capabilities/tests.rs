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
