//! What a person reads, as snapshots. Times, places and names that hang on them are put into words.

use regex::Regex;

use crate::bench::{Bench, code};
use crate::spelling::{good, repository, texts};

/// One that is repaired, one that breaks a test, and one for which nobody has a repair.
fn bench() -> Bench {
    let line = |number| match number {
        4 => "the colour must stay".to_owned(),
        7 => "a color twice".to_owned(),
        _ => good(number),
    };
    Bench::new(repository(&texts(12, line)))
}

fn scrubbed(bench: &Bench, text: &str) -> String {
    let mut text = text.replace(bench.repo.path().to_str().unwrap(), "REPOSITORY");
    for (pattern, word) in [
        (r"\d+\.\d s\b", "N s"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"\(([0-9a-f]{12})\)", "(CASE)"),
        (r"fixwright/([a-z]+)-[0-9a-f]{6}\b", "fixwright/$1-NAME"),
        (r"\b(commit|at) [0-9a-f]{12}\b", "$1 COMMIT"),
        (r"sandbox: [^\n]*", "sandbox: HELD"),
        (r"fixwright 0\.\d+\.\d+", "fixwright VERSION"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, word).into_owned();
    }
    text
}

fn shown(bench: &Bench, args: &[&str], code: i32) -> String {
    let ran = bench.run(args);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    scrubbed(bench, &ran.stdout)
}

#[test]
fn run_lists_the_findings() {
    let bench = bench();
    insta::assert_snapshot!(shown(&bench, &["run"], code::REMAIN));
}

#[test]
fn fix_report_and_show_tell_the_story() {
    let bench = bench();
    insta::assert_snapshot!("fix", shown(&bench, &["fix", "--recipe", "lint"], code::REMAIN));
    insta::assert_snapshot!("report", shown(&bench, &["report"], code::DONE));
    let report = bench.run(["report", "--json"]).document(code::DONE);
    let number = |status: &str, reason: &str| {
        let cases = report["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["status"] == status && case["reason"].as_str().unwrap_or_default() == reason);
        case.unwrap_or_else(|| panic!("{status} {reason} in {report:#}"))["number"].to_string()
    };
    insta::assert_snapshot!("show_delivered", shown(&bench, &["show", &number("delivered", "")], code::DONE));
    insta::assert_snapshot!("show_refused", shown(&bench, &["show", &number("refused", "tests_broken")], code::DONE));
    insta::assert_snapshot!("show_no_candidate", shown(&bench, &["show", &number("refused", "no_candidate")], code::DONE));
}

#[test]
fn what_is_said_while_it_works() {
    let bench = bench();
    let ran = bench.run(["fix"]);
    // Recipes run side by side: which of them begins first is not settled.
    let (recipes, steps): (Vec<_>, Vec<_>) =
        ran.stderr.lines().partition(|line| line.ends_with(": sh tools/test") || line.ends_with(": sh tools/lint"));
    assert!(recipes.len() > 4, "{recipes:?}");
    insta::assert_snapshot!(scrubbed(&bench, &steps.join("\n")));
}

#[test]
fn nothing_found_is_said() {
    let bench = Bench::new(repository(&[("clean".to_owned(), "nothing\n".to_owned())]));
    insta::assert_snapshot!(shown(&bench, &["fix"], code::DONE));
}

#[test]
fn a_plan_is_shown() {
    let bench = bench();
    insta::assert_snapshot!(shown(&bench, &["fix", "--plan", "--rule", "US002"], code::REMAIN));
}

#[test]
fn every_command_has_help() {
    let bench = bench();
    let mut all = shown(&bench, &["--help"], code::DONE);
    for command in
        ["init", "run", "fix", "verify", "apply", "read", "show", "report", "doctor", "demo", "sandbox", "sandbox exec"]
    {
        let args: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        all += &format!("\n=== {command}\n\n{}", shown(&bench, &args, code::DONE));
    }
    insta::assert_snapshot!(all.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
}
