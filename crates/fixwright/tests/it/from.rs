//! `fix --from`: a report says what to repair, and the recipes have to show it.

use std::fs;

use serde_json::{Value, json};

use crate::bench::{Bench, code};
use crate::spelling::{good, repository, texts};

fn bench() -> Bench {
    Bench::new(repository(&texts(3, good)))
}

/// Writes a report beside the repository and returns its path.
fn report(bench: &Bench, text: &str) -> String {
    let file = bench.repo.beside("report");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn sarif(rule: &str, path: &str, line: u32) -> String {
    let place = json!({"artifactLocation": {"uri": path}, "region": {"startLine": line}});
    let result = json!({"ruleId": rule, "message": {"text": "m"}, "locations": [{"physicalLocation": place}]});
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "ruff"}}, "results": [result]}]}).to_string()
}

/// Returns "status reason rule:line" of every finding, sorted.
fn fates(document: &Value) -> Vec<String> {
    let cases = document["cases"].as_array().unwrap().iter();
    let mut fates: Vec<String> = cases
        .flat_map(|case| {
            let fate = format!("{} {}", case["status"].as_str().unwrap(), case["reason"].as_str().unwrap_or("-"));
            let lines = case["findings"].as_array().unwrap().iter();
            lines
                .map(move |finding| format!("{fate} {}:{}", finding["rule"].as_str().unwrap(), finding["line"]))
                .collect::<Vec<_>>()
        })
        .collect();
    fates.sort();
    fates
}

#[test]
fn only_what_the_report_names_is_repaired_and_the_rest_keeps_its_reason() {
    let bench = bench();
    let base: Value = serde_json::from_str(&bench.run(["run", "--recipe", "lint", "--json"]).stdout).unwrap();
    let found = &base["runs"][0]["findings"][0];
    let (rule, path, line) = (found["rule"].as_str().unwrap(), found["path"].as_str().unwrap(), found["line"].as_u64().unwrap());
    // From another machine's folder, and with a finding that nobody here reports.
    let mut both: Value = serde_json::from_str(&sarif(rule, &format!("file:///ci/job/{path}"), line as u32)).unwrap();
    let foreign: Value = serde_json::from_str(&sarif("US777", path, 1)).unwrap();
    both["runs"].as_array_mut().unwrap().extend(foreign["runs"].as_array().unwrap().iter().cloned());
    let before = bench.repo.snapshot();
    let document = bench.fix(&["--from", &report(&bench, &both.to_string())]).document(code::REMAIN);
    let fates = fates(&document);
    assert!(fates.contains(&format!("delivered - {rule}:{line}")), "{fates:#?}");
    assert_eq!(fates.iter().filter(|fate| fate.starts_with("delivered")).count(), 1, "{fates:#?}");
    assert!(fates.iter().any(|fate| fate.contains("not_reproduced US777") || fate.contains("no_recipe US777")), "{fates:#?}");
    assert!(fates.iter().any(|fate| fate.starts_with("pending not_selected")), "{fates:#?}");
    assert_eq!(document["branches"].as_array().unwrap().len(), 1);
    assert_eq!(bench.repo.snapshot(), before);
}

/// A linter that offers nothing itself, and finds another word bad after the first fix of the report.
const LINT: &str = r#"found=0
for word in aa bb cc; do
    at=$(awk -v word=$word '{ print index($0, word) }' a.txt)
    if [ "$at" -gt 0 ]; then echo "a.txt:1:$at: warning: $word is bad [word-$word]"; found=1; fi
done
exit $found
"#;

#[test]
fn a_fix_of_a_report_that_stood_behind_a_bad_one_is_tried_when_that_is_out() {
    let repo = testkit::Repo::new();
    let settings = "[[subproject]]\npath = \".\"\nlanguage = \"other\"\n[subproject.recipes.lint]\ncommand = \"sh lint\"\n";
    repo.file("lint", LINT).file("fixwright.toml", settings).file("a.txt", "aa bb\n").commit("words");
    let bench = Bench::new(repo);
    let fix = |rule: &str, (from, to): (u32, u32), text: &str| {
        let at = |column: u32| json!({"line": 1, "column": column});
        json!({"message": format!("{rule} is bad"), "code": {"value": rule}, "location": {"path": "a.txt", "range": {"start": at(from)}},
            "suggestions": [{"range": {"start": at(from.min(3)), "end": at(to)}, "text": text}]})
    };
    let both = format!("{}\n{}\n", fix("word-aa", (1, 4), "cc "), fix("word-bb", (4, 6), ""));
    let document = bench.fix(&["--from", &report(&bench, &both)]).document(code::REMAIN);
    assert_eq!(fates(&document), ["delivered - word-bb:1", "refused new_finding word-aa:1"]);
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(bench.repo.git(["show", &format!("{tip}:a.txt")]), "aa");
}

#[test]
fn a_report_in_utf_16_is_read() {
    let bench = bench();
    let base: Value = serde_json::from_str(&bench.run(["run", "--recipe", "lint", "--json"]).stdout).unwrap();
    let found = &base["runs"][0]["findings"][0];
    let line = found["line"].as_u64().unwrap();
    let report = sarif(found["rule"].as_str().unwrap(), found["path"].as_str().unwrap(), u32::try_from(line).unwrap());
    let bytes: Vec<u8> = format!("\u{feff}{report}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = bench.repo.beside("report");
    fs::write(&file, bytes).unwrap();
    let document = bench.fix(&["--from", file.to_str().unwrap()]).document(code::DONE);
    assert_eq!(fates(&document).iter().filter(|fate| fate.starts_with("delivered")).count(), 1, "{document:#}");
}

#[test]
fn a_vulnerable_dependency_of_a_report_needs_no_recipe_and_no_service() {
    let bench = bench();
    bench.repo.file("requirements.txt", "jinja2==2.10\n").commit("a dependency");
    let pip_audit = json!({"dependencies": [{"name": "Jinja2", "version": "2.10", "vulns": [
        {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "description": "A sandbox escape."}]}]});
    let document = bench.fix(&["--from", &report(&bench, &pip_audit.to_string())]).document(code::DONE);
    assert!(fates(&document).contains(&"delivered - PYSEC-2019-217:1".to_owned()), "{:#?}", fates(&document));
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(bench.repo.git(["show", &format!("{tip}:requirements.txt")]), "jinja2==2.10.1");
}

#[test]
fn what_is_no_report_is_refused_before_any_work() {
    let bench = bench();
    for (text, said) in [("all is well\n", "no tool's report was recognised"), ("", "no tool's report was recognised")] {
        let ran = bench.fix(&["--from", &report(&bench, text)]);
        assert_eq!(ran.code, Some(code::USAGE), "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
    let ran = bench.fix(&["--from", "/no/such/file"]);
    assert_eq!(ran.code, Some(code::USAGE), "{ran:?}");
    assert!(ran.stderr.contains("cannot read /no/such/file"), "{ran:?}");
    assert_eq!(bench.branches(), Vec::<String>::new());
}
