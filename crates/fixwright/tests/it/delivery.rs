//! What leaves, and what is said of it: branches, commits, trailers, the text of the pull request, and the closing document.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::bench::{Bench, code};
use crate::spelling::{good, repository, texts};

fn bench() -> Bench {
    Bench::new(repository(&texts(9, good)))
}

/// Returns a bench whose tests are this script as well.
fn tested_by(script: &str) -> Bench {
    let repo = repository(&texts(9, good));
    let own = fs::read_to_string(repo.path().join("tools/test")).unwrap();
    repo.file("tools/test", script.to_owned() + &own).commit("tests");
    Bench::new(repo)
}

fn array<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key} in {value:#}"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Returns the gates of a case by that name.
fn gates<'a>(case: &'a Value, gate: &str) -> Vec<&'a Value> {
    array(case, "gates").iter().filter(|one| one["gate"] == gate).collect()
}

#[test]
fn a_stack_is_one_branch_with_a_commit_a_case() {
    let bench = bench();
    let base = bench.repo.git(["rev-parse", "HEAD"]);
    let document = bench.fix(&["--recipe", "lint"]).document(code::DONE);
    let [branch] = array(&document, "branches").as_slice() else { panic!("{document:#}") };
    let name = branch["name"].as_str().unwrap();
    assert!(name.starts_with("fixwright/lint-"), "{name}");
    assert_eq!(bench.branches(), [format!("{name} {}", branch["tip"].as_str().unwrap())]);
    let log = bench.repo.git(["log", "--reverse", "--format=%H %an <%ae> %s", &format!("{base}..{name}")]);
    let subjects = ["US001 colour is spelt color", "US002 behaviour is spelt behavior", "US003 centre is spelt center"];
    let cases = array(&document, "cases");
    assert_eq!(array(branch, "cases"), &cases.iter().map(|case| case["id"].clone()).collect::<Vec<_>>());
    let expected = cases.iter().zip(subjects).map(|(case, subject)| {
        format!("{} fixwright <fixwright@localhost> fix(lint): {subject}", case["commit"].as_str().unwrap())
    });
    assert_eq!(log.lines().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    // Each commit repairs its own rule and no other.
    for (case, word) in cases.iter().zip(["color", "behavior", "center"]) {
        let diff = bench.repo.git(["show", "--format=", "--unified=0", case["commit"].as_str().unwrap()]);
        let added: Vec<_> = diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
        assert_eq!((added.len(), added.iter().all(|line| line.contains(word))), (3, true), "{diff}");
    }
    // The tip is the tree that was proved: nothing is found there.
    bench.repo.git(["checkout", "--quiet", name]);
    assert_eq!(array(&bench.run(["run", "--json"]).document(code::DONE), "runs").len(), 2);
}

#[test]
fn trailers_name_the_findings_the_evidence_and_who_helped() {
    let bench = bench();
    let document = bench.fix(&[]).document(code::DONE);
    for case in array(&document, "cases") {
        let message = bench.repo.git(["log", "-1", "--format=%(trailers:only,unfold)", case["commit"].as_str().unwrap()]);
        let expected = array(case, "findings").iter().map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            format!("Finding: {} {} {}:{}", text("id"), text("rule"), text("path"), finding["line"])
        });
        let expected: Vec<_> = expected.collect();
        let lines: Vec<_> = message.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[..lines.len() - 2], expected, "{message}");
        let evidence = lines[lines.len() - 2].strip_prefix("Evidence: sha256:").unwrap();
        let kept = bench.data().join("blobs").join(&evidence[..2]).join(&evidence[2..]);
        let proof: Value = serde_json::from_slice(&fs::read(kept).unwrap()).unwrap();
        assert_eq!(array(&proof, "gates").len(), array(case, "gates").len());
        assert_eq!(lines[lines.len() - 1], format!("Assisted-by: fixwright {} (tool ruff)", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn the_text_of_the_pull_request_says_what_was_proved_and_what_was_not() {
    let bench = bench();
    let document = bench.fix(&["--recipe", "lint"]).document(code::DONE);
    let text = fs::read_to_string(document["branches"][0]["pull_request"].as_str().unwrap()).unwrap();
    let name = document["branches"][0]["name"].as_str().unwrap();
    let seconds = regex::Regex::new(r"\d+\.\d \|").unwrap();
    let text = seconds.replace_all(&text, "S |").replace(name, "BRANCH").replace(document["base"].as_str().unwrap(), "BASE");
    // What held the recipes is of the machine.
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("- the recipes ran ")).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn each_is_a_branch_a_case_on_the_base() {
    let bench = bench();
    let base = bench.repo.git(["rev-parse", "HEAD"]);
    let document = bench.fix(&["--deliver", "each"]).document(code::DONE);
    let branches = array(&document, "branches");
    assert_eq!((branches.len(), array(&document, "cases").len()), (3, 3));
    for (branch, case) in branches.iter().zip(array(&document, "cases")) {
        assert_eq!((&branch["cases"][0], &branch["name"], &branch["tip"]), (&case["id"], &case["branch"], &case["commit"]));
        let name = branch["name"].as_str().unwrap();
        let rule = case["findings"][0]["rule"].as_str().unwrap().to_lowercase();
        assert!(name.starts_with(&format!("fixwright/{rule}-")), "{name}");
        assert_eq!(bench.repo.git(["rev-parse", &format!("{name}^")]), base);
        let detail = gates(case, "regress")[0]["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with("proved by itself"), "{detail}");
    }
    assert_eq!(bench.branches().len(), 3);
}

/// Tests that fail where `color` is written and `behavior` is not.
const TOGETHER: &str = "if grep -q color src/*.txt && ! grep -q behavior src/*.txt; then echo 'not ok 4 - together'; else echo 'ok 4 - together'; fi\n";

#[test]
fn a_stack_is_proved_at_its_tip_and_with_prove_each_at_every_commit() {
    let stack = tested_by(TOGETHER);
    let document = stack.fix(&[]).document(code::DONE);
    let commits =
        |document: &Value| array(document, "cases").iter().map(|case| case["commit"].to_string()).collect::<BTreeSet<_>>().len();
    assert_eq!(commits(&document), 3);
    for case in array(&document, "cases") {
        assert_eq!(gates(case, "regress")[0]["detail"], "3 passed before, 3 after; proved at the tip of the stack");
    }
    // The first commit by itself loses a test: it is put into the next.
    let each = tested_by(TOGETHER);
    let document = each.fix(&["--prove-each"]).document(code::DONE);
    assert_eq!(commits(&document), 2);
    for case in array(&document, "cases") {
        assert_eq!(gates(case, "regress")[0]["detail"], "3 passed before, 3 after; proved by itself");
    }
    let tree =
        |bench: &Bench| bench.repo.git(["rev-parse", &format!("{}^{{tree}}", bench.branches()[0].split(' ').next().unwrap())]);
    assert_eq!(tree(&stack), tree(&each));
    // And as a branch of its own it is refused.
    let apart = tested_by(TOGETHER);
    let document = apart.fix(&["--deliver", "each"]).document(code::REMAIN);
    let fates: Vec<_> = array(&document, "cases")
        .iter()
        .map(|case| format!("{} {} {}", case["findings"][0]["rule"], case["status"], case["reason"]))
        .collect();
    let refused = fates.iter().filter(|fate| fate.contains("refused")).collect::<Vec<_>>();
    assert_eq!((refused, apart.branches().len()), (vec![&"\"US001\" \"refused\" \"tests_broken\"".to_owned()], 2), "{fates:?}");
}

#[test]
fn a_plan_shows_the_difference_and_changes_nothing() {
    let bench = bench();
    let before = bench.repo.snapshot();
    let ran = bench.run(["fix", "--plan", "--rule", "US002"]);
    assert_eq!(
        (ran.code, bench.branches(), bench.repo.snapshot(), bench.left()),
        (Some(code::REMAIN), vec![], before, vec![]),
        "{ran:?}"
    );
    let diff: String = ran.stdout.split_inclusive('\n').take_while(|line| !line.starts_with(['✔', '…', '✘'])).collect();
    fs::write(bench.repo.beside("plan.patch"), &diff).unwrap();
    bench.repo.git(["apply", bench.repo.beside("plan.patch").to_str().unwrap()]);
    assert_eq!(bench.repo.git(["diff", "--numstat"]), "2\t2\tsrc/text000.txt\n1\t1\tsrc/text001.txt");
    // What was planned is delivered when it is asked for.
    let document = bench.fix(&["--rule", "US002"]).document(code::DONE);
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(bench.repo.git(["diff", "HEAD", tip]), bench.repo.git(["diff"]));
}

#[test]
fn the_document_has_its_fields_and_every_finding_is_in_one_case() {
    let line = |number| if number % 9 == 4 { "the colour must stay, and color twice".to_owned() } else { good(number) };
    let bench = Bench::new(repository(&texts(20, line)));
    let listed = bench.run(["run", "--json"]).document(code::REMAIN);
    let document = bench.fix(&[]).document(code::REMAIN);
    // The first of each list are promised in the documentation; those after it came later.
    let promised = ["schema", "repository", "base", "branches", "cases", "recipe_runs", "seconds", "seconds_in_tools"];
    assert!(promised.iter().all(|key| keys(&document).contains(key)), "{:?}", keys(&document));
    assert_eq!(document["schema"], 1);
    assert_eq!(keys(&document["branches"][0]), ["name", "tip", "cases", "pull_request"]);
    assert_eq!(keys(&document["recipe_runs"]), ["lint", "test"]);
    assert!(document["seconds"].as_f64().unwrap() >= document["seconds_in_tools"].as_f64().unwrap());
    let mut found = Vec::new();
    for case in array(&document, "cases") {
        for key in ["id", "status", "reason", "engine", "branch", "commit", "findings", "gates"] {
            assert!(keys(case).contains(&key), "{key} of {case:#}");
        }
        let status = case["status"].as_str().unwrap();
        assert!(matches!(status, "delivered" | "refused" | "pending"), "{status}");
        assert_eq!((case["reason"].is_null(), case["commit"].is_string()), (status == "delivered", status == "delivered"));
        for finding in array(case, "findings") {
            assert_eq!(keys(finding), ["id", "kind", "rule", "severity", "path", "line", "message"]);
            found.push(finding["id"].to_string());
        }
        for gate in array(case, "gates") {
            let expected = ["gate", "verdict", "reason", "detail", "command", "exit_code", "seconds", "before", "evidence"];
            assert_eq!(keys(gate), expected);
        }
    }
    found.sort();
    let mut expected: Vec<_> =
        array(&listed, "runs").iter().flat_map(|run| array(run, "findings")).map(|finding| finding["id"].to_string()).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn only_what_is_selected_is_repaired() {
    let bench = bench();
    let listed = bench.run(["run", "--json"]).document(code::REMAIN);
    let id =
        array(&listed, "runs").iter().flat_map(|run| array(run, "findings")).next().unwrap()["id"].as_str().unwrap().to_owned();
    let document = bench.fix(&["--finding", &id[..8]]).document(code::DONE);
    let of_status = |status: &str| -> usize {
        let cases = array(&document, "cases").iter().filter(|case| case["status"] == status);
        cases.map(|case| array(case, "findings").len()).sum()
    };
    assert_eq!((of_status("delivered"), of_status("pending")), (1, 8), "{document:#}");
    let unselected = array(&document, "cases").iter().filter(|case| case["status"] == "pending");
    assert!(unselected.map(|case| &case["reason"]).all(|reason| reason == "not_selected"));
    // All findings here are errors.
    bench.fix(&["--severity", "error", "--rule", "US003"]).document(code::DONE);
    assert_eq!(bench.branches().len(), 2);
}

#[test]
fn no_tests_found_is_said() {
    let bench = tested_by("echo 'collected 0 items'; echo '============ no tests ran in 0.01s ============'; exit 5\n");
    let document = bench.fix(&[]).document(code::DONE);
    for case in array(&document, "cases") {
        let regress = gates(case, "regress")[0];
        assert_eq!((&regress["verdict"], &regress["reason"]), (&"not_applicable".into(), &"no_tests".into()), "{regress:#}");
    }
    let text = fs::read_to_string(document["branches"][0]["pull_request"].as_str().unwrap()).unwrap();
    assert!(text.split("## Not checked").nth(1).unwrap().contains("regress: no tests were found"), "{text}");
    let ran = bench.run(["report"]);
    assert!(ran.stdout.contains("no tests: no tests were found"), "{ran:?}");
}

#[test]
fn tests_that_cannot_run_are_never_a_pass() {
    let bench = tested_by("exec no-such-runner\n");
    let document = bench.fix(&["--recipe", "lint"]).document(code::REMAIN);
    assert_eq!((array(&document, "branches").len(), bench.branches().len()), (0, 0));
    for case in array(&document, "cases") {
        assert_eq!((&case["status"], &case["reason"]), (&"refused".into(), &"could_not_run".into()));
        assert_eq!(gates(case, "regress")[0]["verdict"], "inconclusive");
    }
}

#[test]
fn a_scan_that_cannot_run_beside_others_is_said_to_be_missing() {
    let bench = bench();
    let settings = fs::read_to_string(bench.repo.path().join("fixwright.toml")).unwrap();
    bench
        .repo
        .file("fixwright.toml", settings + "[subproject.recipes.typecheck]\ncommand = \"no-such-checker\"\n")
        .commit("types");
    let document = bench.fix(&["--recipe", "lint"]).document(code::DONE);
    for case in array(&document, "cases") {
        let verdicts: Vec<_> =
            gates(case, "rescan").iter().map(|gate| (gate["verdict"].as_str(), gate["reason"].as_str())).collect();
        assert_eq!(verdicts, [(Some("pass"), None), (Some("not_applicable"), Some("could_not_run"))]);
    }
    let text = fs::read_to_string(document["branches"][0]["pull_request"].as_str().unwrap()).unwrap();
    assert!(text.split("## Not checked").nth(1).unwrap().contains("rescan: typecheck could not run at the base"), "{text}");
}

#[test]
fn a_test_that_flips_by_itself_is_called_flaky() {
    let bench = tested_by(
        "if [ \"$(grep -c test \"$COUNTER\")\" = 1 ]; then echo 'not ok 4 - the weather'; else echo 'ok 4 - the weather'; fi\n",
    );
    // The counter is written by what follows in the script: the second run fails.
    let document = bench.fix(&[]).document(code::DONE);
    let case = &document["cases"][0];
    let regress = gates(case, "regress")[0];
    assert_eq!((&regress["verdict"], &regress["reason"]), (&"pass".into(), &"tests_flaky".into()), "{regress:#}");
    assert!(regress["detail"].as_str().unwrap().contains("flaky: the weather"), "{regress:#}");
    assert_eq!(bench.branches().len(), 1);
}

#[test]
fn the_repositorys_own_style_is_kept() {
    let bench = bench();
    for number in 0..6 {
        bench.repo.file("notes.txt", number.to_string()).commit(&format!("Add note {number}"));
    }
    let document = bench.fix(&["--rule", "US001"]).document(code::DONE);
    let subject = bench.repo.git(["log", "-1", "--format=%s", document["branches"][0]["tip"].as_str().unwrap()]);
    assert_eq!(subject, "Fix US001 colour is spelt color");
}

#[test]
fn a_branch_that_was_deleted_comes_back_and_one_that_was_changed_is_not_overwritten() {
    let bench = bench();
    let document = bench.fix(&[]).document(code::DONE);
    let name = document["branches"][0]["name"].as_str().unwrap();
    let before = bench.branches();
    bench.repo.git(["branch", "--quiet", "-D", name]);
    bench.fix(&[]).document(code::DONE);
    assert_eq!(bench.branches(), before);
    bench.repo.git(["branch", "--quiet", "--force", name, "HEAD"]);
    let moved = bench.branches();
    let ran = bench.run(["fix"]);
    assert_eq!((ran.code, bench.branches()), (Some(code::REPOSITORY), moved), "{ran:?}");
    assert!(
        ran.stderr.contains(&format!("error: the branch {name} is there already, with other commits"))
            && ran.stderr.contains("help: "),
        "{ran:?}"
    );
    // With the branch out of the way the same run goes on.
    bench.repo.git(["branch", "--quiet", "-D", name]);
    bench.fix(&[]).document(code::DONE);
    assert_eq!(bench.branches(), before);
}

/// Returns a bench with a second recipe that also dislikes `colour`, and knows no repair.
fn doubly_checked() -> Bench {
    let bench = bench();
    let settings = fs::read_to_string(bench.repo.path().join("fixwright.toml")).unwrap();
    let check = "grep -Hn colour src/*.txt | sed 's/:[^:]*$/:1: error: colour again/'\n! grep -q colour src/*.txt\n";
    bench.repo.file("tools/check", check);
    bench
        .repo
        .file("fixwright.toml", settings + "[subproject.recipes.typecheck]\ncommand = \"sh tools/check\"\n")
        .commit("check");
    bench
}

#[test]
fn what_goes_along_has_evidence_of_its_own() {
    for mode in ["stack", "each"] {
        let document = doubly_checked().fix(&["--deliver", mode]).document(code::DONE);
        let along: Vec<&Value> =
            array(&document, "cases").iter().filter(|case| case["findings"][0]["message"] == "colour again").collect();
        assert!(!along.is_empty(), "{mode}: {document:#}");
        for case in along {
            let commands: Vec<_> = gates(case, "reproduce").iter().map(|gate| gate["command"].as_str().unwrap()).collect();
            assert_eq!(commands, ["sh tools/check"], "{mode}");
            let host = array(&document, "cases").iter().find(|other| other["findings"][0]["rule"] == "US001").unwrap();
            assert_eq!(case["branch"], host["branch"], "{mode}: the branch that takes `colour` away");
        }
    }
}

/// A linter that wants `subprocess.run` in `x.py` (MV001) and not in `y.py` (MV002), one that only wants the mark in `z.py` (MV003) gone,
/// and tests that pass when exactly one of the first two has it: the first two repairs hold together, and neither does alone.
fn moved_together() -> Bench {
    const LINT: &str = r#"echo lint >>"$COUNTER"
sep=
say() {
    printf '%s{"code":"%s","message":"%s","filename":"%s","location":{"row":%d,"column":1},"end_location":{"row":%d,"column":1},' "$sep" "$1" "$2" "$3" "$4" "$5"
    printf '"fix":{"applicability":"safe","message":"%s","edits":[{"content":"%s","location":{"row":%d,"column":1},"end_location":{"row":%d,"column":1}}]}}' "$2" "$6" "$4" "$5"
    sep=,
}
printf '['
grep -q 'subprocess.run' src/x.py || say MV001 'x runs it' src/x.py 5 5 '    subprocess.run(name)\n'
! grep -q 'subprocess.run' src/y.py || say MV002 'y runs nothing' src/y.py 5 6 ''
! grep -q 'mark' src/z.py || say MV003 'no mark' src/z.py 1 2 ''
printf ']'
[ -z "$sep" ]
"#;
    const TEST: &str = "echo test >>\"$COUNTER\"\necho 1..1\nif [ $(grep -l subprocess.run src/x.py src/y.py | wc -l) = 1 ]; \
                        then echo 'ok 1 - one of them'; else echo 'not ok 1 - one of them'; exit 1; fi\n";
    let repo = repository(&[]);
    repo.file("tools/lint", LINT).file("tools/test", TEST);
    repo.file("src/x.py", "import subprocess\n\n\ndef x(name):\n    return name\n");
    repo.file("src/y.py", "import subprocess\n\n\ndef y(name):\n    subprocess.run(name)\n    return name\n");
    repo.file("src/z.py", "# mark\nz = 1\n").commit("moved");
    Bench::new(repo)
}

/// Runs the tests of the repository on what was delivered.
fn passes_at(bench: &Bench, branch: &str) -> bool {
    bench.repo.git(["checkout", "--quiet", branch]);
    let ran =
        std::process::Command::new("sh").arg("tools/test").current_dir(bench.repo.path()).env("COUNTER", "/dev/null").output();
    ran.unwrap().status.success()
}

#[test]
fn what_is_delivered_is_the_tree_that_was_proved() {
    for manner in [&[][..], &["--prove-each"], &["--deliver", "each"]] {
        let bench = moved_together();
        let document: Value = serde_json::from_str(&bench.fix(manner).stdout).unwrap();
        let fates: Vec<_> = array(&document, "cases")
            .iter()
            .map(|case| {
                let rule = case["findings"][0]["rule"].as_str().unwrap();
                (rule, case["status"].as_str().unwrap(), case["reason"].as_str().unwrap_or_default())
            })
            .collect();
        // Where each commit is proved, the first may wait for the second and go with it.
        let expected = if manner == ["--prove-each"] {
            [("MV001", "delivered", ""), ("MV002", "delivered", "")]
        } else {
            [("MV001", "refused", "needs_approval"), ("MV002", "refused", "tests_broken")]
        };
        assert!(expected.iter().all(|fate| fates.contains(fate)), "{manner:?} {fates:?}");
        assert!(fates.contains(&("MV003", "delivered", "")), "{manner:?} {fates:?}");
        let [branch] = array(&document, "branches").as_slice() else { panic!("{document:#}") };
        assert!(passes_at(&bench, branch["name"].as_str().unwrap()), "{manner:?} {document:#}");
    }
}

/// A linter whose fix for `a.py` (PY001) no Python takes, though a grammar reads it, and whose fix for `z.py` (PY002) is good.
fn one_that_python_refuses() -> Bench {
    const LINT: &str = r#"echo lint >>"$COUNTER"
sep=
say() {
    printf '%s{"code":"%s","message":"%s","filename":"%s","location":{"row":1,"column":1},"end_location":{"row":2,"column":1},' "$sep" "$1" "$2" "$3"
    printf '"fix":{"applicability":"safe","message":"%s","edits":[{"content":"%s","location":{"row":1,"column":1},"end_location":{"row":2,"column":1}}]}}' "$2" "$4"
    sep=,
}
printf '['
! grep -q 'a = 1' src/a.py || say PY001 'no a' src/a.py 'return 1\n'
! grep -q 'mark' src/z.py || say PY002 'no mark' src/z.py ''
printf ']'
[ -z "$sep" ]
"#;
    let repo = repository(&[]);
    repo.file("tools/lint", LINT).file("tools/test", "echo test >>\"$COUNTER\"\necho 1..1\necho 'ok 1 - all'\n");
    repo.file("src/a.py", "a = 1\n").file("src/z.py", "# mark\nz = 1\n").commit("two");
    Bench::new(repo)
}

#[test]
fn a_repair_that_python_refuses_takes_no_other_with_it() {
    let document = one_that_python_refuses().fix(&[]).document(code::REMAIN);
    let fates: Vec<_> = array(&document, "cases")
        .iter()
        .map(|case| (case["findings"][0]["rule"].as_str().unwrap(), case["reason"].as_str().unwrap_or_default()))
        .collect();
    assert!(fates.contains(&("PY001", "syntax_broken")) && fates.contains(&("PY002", "")), "{fates:?} {document:#}");
    assert_eq!(array(&document, "branches").len(), 1, "{document:#}");
}

#[test]
fn what_was_refused_last_keeps_the_reason_of_its_gate() {
    let bench = Bench::new(repository(&texts(2, |number| ["the colour must stay".to_owned(), good(1)][number].clone())));
    let run = bench.run(["run", "--json"]).document(code::REMAIN);
    let findings: Vec<&Value> = array(&run, "runs").iter().flat_map(|run| array(run, "findings")).collect();
    let colour = findings.iter().find(|finding| finding["rule"] == "US001").unwrap();
    let document = bench.fix(&["--plan", "--finding", colour["id"].as_str().unwrap()]).document(code::REMAIN);
    let refused: Vec<_> = array(&document, "cases").iter().filter(|case| case["status"] == "refused").collect();
    let [case] = refused.as_slice() else { panic!("{document:#}") };
    assert_eq!(case["reason"], "tests_broken", "{document:#}");
    assert_eq!(gates(case, "regress").len(), 1, "{document:#}");
}
