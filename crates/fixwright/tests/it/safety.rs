//! What a change lets the program do: anyone's patch and our own repairs on the gates `capability` and `secrets`, and `fixwright safety`.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, Ran, code};
use crate::spelling::{good, repository, texts};

const APP: &str = "import os\n\n\ndef main(name):\n    return os.path.join('a', name)\n";

fn bench(settings: &str) -> Bench {
    let repo = repository(&texts(2, good));
    repo.file("src/app.py", APP).file("src/other.py", "import os\n\n\ndef run(x):\n    os.system(x)\n");
    let known = fs::read_to_string(repo.path().join("fixwright.toml")).unwrap();
    repo.file("fixwright.toml", known + settings).commit("more");
    Bench::new(repo)
}

/// Returns the difference that files with this content would make.
fn patch(bench: &Bench, files: &[(&str, &str)]) -> String {
    for (path, content) in files {
        bench.repo.file(path, content).git(["add", "--intent-to-add", path]);
    }
    let diff = bench.repo.git(["diff"]) + "\n";
    bench.repo.git(["reset", "--quiet", "--hard"]);
    bench.repo.git(["clean", "-fdq"]);
    diff
}

fn verify(bench: &Bench, patch: &str, more: &[&str]) -> Ran {
    let file = bench.repo.beside("a.patch");
    fs::write(&file, patch).unwrap();
    let arguments = [&["verify", "--json", "--patch", file.to_str().unwrap()], more].concat();
    bench.run(arguments)
}

fn gate<'a>(document: &'a Value, name: &str) -> (&'a str, &'a str) {
    let gate = document["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap();
    (gate["verdict"].as_str().unwrap(), gate["reason"].as_str().unwrap_or_default())
}

#[test]
fn a_new_capability_is_asked_about_and_the_approval_is_of_that_very_patch() {
    let bench = bench("");
    let text = APP.replace("return", "os.system(name)\n    return");
    let evil = patch(&bench, &[("src/app.py", &text)]);
    let document = verify(&bench, &evil, &[]).document(code::REMAIN);
    assert_eq!((gate(&document, "capability"), &document["reason"]), (("fail", "needs_approval"), &"needs_approval".into()));
    let digest = document["candidate"].as_str().unwrap().to_owned();
    let document = verify(&bench, &evil, &["--approve", &digest]).document(code::DONE);
    assert_eq!(gate(&document, "capability"), ("pass", ""));
    let other = patch(&bench, &[("src/app.py", &text.replace("os.system(name)", "os.system(name + ' ')"))]);
    let document = verify(&bench, &other, &["--approve", &digest]).document(code::REMAIN);
    assert_eq!(gate(&document, "capability"), ("fail", "needs_approval"));
}

#[test]
fn the_policy_says_what_passes_and_what_no_approval_opens() {
    let bench = bench("\n[policy.capabilities]\nSUBPROCESS = \"pass\"\nEVAL_EXEC = \"refuse\"\n");
    let runs = patch(&bench, &[("src/app.py", &APP.replace("return", "os.system(name)\n    return"))]);
    assert_eq!(gate(&verify(&bench, &runs, &[]).document(code::DONE), "capability"), ("pass", ""));
    let evals = patch(&bench, &[("src/app.py", &APP.replace("return", "eval(name)\n    return"))]);
    let document = verify(&bench, &evals, &[]).document(code::REMAIN);
    assert_eq!(gate(&document, "capability"), ("fail", "capability_refused"));
    let digest = document["candidate"].as_str().unwrap().to_owned();
    let document = verify(&bench, &evals, &["--approve", &digest]).document(code::REMAIN);
    assert_eq!(gate(&document, "capability"), ("fail", "capability_refused"));
}

#[test]
fn a_repair_that_must_be_approved_is_kept_and_can_be() {
    const LINT: &str = r#"grep -q 'os.system' src/app.py && { echo '[]'; exit 0; }
cat <<'END'
[{"code":"SY001","message":"it runs nothing","filename":"src/app.py","location":{"row":5,"column":1},"end_location":{"row":5,"column":1},
"fix":{"applicability":"safe","message":"run it","edits":[{"content":"    os.system(name)\r\n","location":{"row":5,"column":1},"end_location":{"row":5,"column":1}}]}}]
END
exit 1
"#;
    let bench = bench("");
    bench.repo.file("tools/lint", LINT).file("src/app.py", APP.replace('\n', "\r\n")).commit("must run");
    for (args, plan) in [(&["--plan"][..], true), (&[], false), (&["--deliver", "each"], false)] {
        let document = bench.fix(args).document(code::REMAIN);
        let [case] = document["cases"].as_array().unwrap().as_slice() else { panic!("{document:#}") };
        assert_eq!((&case["status"], &case["reason"]), (&"refused".into(), &"needs_approval".into()), "{document:#}");
        assert_eq!(case["attempts"][0]["status"], "verify_failed", "{document:#}");
        let (number, digest) = (case["number"].to_string(), case["candidate"].as_str().unwrap());
        assert!(case["diff"].as_str().unwrap().contains("\n+    os.system(name)\r\n"), "{plan} {document:#}");
        // What the screen says is what works.
        let story = bench.run(["show", &number]).stdout;
        let commands = [
            format!("fixwright show {number} --patch > change.diff"),
            format!("fixwright verify --patch change.diff --approve {digest}"),
        ];
        assert!(commands.iter().all(|command| story.contains(command)) && story.contains("+    os.system(name)"), "{story}");
        let asked = bench.run(["show", &number, "--patch"]);
        assert_eq!(asked.code, Some(code::DONE), "{asked:?}");
        let document = verify(&bench, &asked.stdout, &[]).document(code::REMAIN);
        assert_eq!((&document["candidate"], &document["reason"]), (&digest.into(), &"needs_approval".into()));
        let document = verify(&bench, &asked.stdout, &["--approve", digest]).document(code::DONE);
        assert_eq!((gate(&document, "capability"), document["gone"][0]["rule"].as_str()), (("pass", ""), Some("SY001")));
    }
    let shown = bench.run(["fix", "--plan"]).stdout;
    assert!(shown.contains("to be approved first (SY001 it runs nothing), "), "{shown}");
    // A user may make room: it is said, and the story is told without.
    fs::remove_dir_all(bench.data().join("blobs")).unwrap();
    let ran = bench.run(["show", "1", "--patch"]);
    assert!(ran.code == Some(code::USAGE) && ran.stderr.contains("error: the patch is not kept any more"), "{ran:?}");
    assert_eq!(bench.run(["show", "1"]).code, Some(code::DONE));
}

#[test]
fn what_moves_from_file_to_file_is_no_gain() {
    let bench = bench("");
    let moved = patch(
        &bench,
        &[("src/other.py", "import os\n"), ("src/app.py", &format!("{APP}\n\ndef elsewhere(x):\n    os.system(x)\n"))],
    );
    assert_eq!(gate(&verify(&bench, &moved, &[]).document(code::DONE), "capability"), ("pass", ""));
}

#[test]
fn secrets_and_hidden_text_are_refused() {
    let bench = bench("");
    // Put together here, so that this file holds none.
    let key = format!("KEY = '{}{}'\n", "ghp_", "q7Zr9Wm2Xk4Tv8Lp1Nc6Yb3Hd5Jf0GsAb12z");
    let leak = patch(&bench, &[("src/app.py", &format!("{APP}\n\n{key}"))]);
    let ran = verify(&bench, &leak, &[]);
    assert!(!ran.stdout.contains("q7Zr9Wm2"), "the secret itself is not told");
    assert_eq!(gate(&ran.document(code::REMAIN), "secrets"), ("fail", "secret_added"));
    let hidden = patch(&bench, &[("src/app.py", &APP.replace("'a'", "'\u{202e}a'"))]);
    assert_eq!(gate(&verify(&bench, &hidden, &[]).document(code::REMAIN), "secrets"), ("fail", "hidden_text"));
}

#[test]
fn safety_looks_at_the_work_tree_or_at_a_patch_and_runs_nothing() {
    let bench = bench("");
    let evil = APP.replace("return", "os.system(name)\n    return");
    bench.repo.file("src/app.py", &evil);
    let document = bench.run(["safety", "--json"]).document(code::REMAIN);
    let gains: Vec<_> = document["gains"].as_array().unwrap().iter().map(|gain| gain["capability"].as_str().unwrap()).collect();
    assert_eq!((gains, document["ok"].as_bool()), (vec!["SUBPROCESS"], Some(false)));
    let sarif = bench.run(["safety", "--sarif"]).document(code::REMAIN);
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "SUBPROCESS");
    assert_eq!(sarif["runs"][0]["columnKind"], "unicodeCodePoints");
    bench.repo.git(["checkout", "--quiet", "."]);
    assert_eq!(bench.run(["safety", "--json"]).document(code::DONE)["ok"], true);
    let file = bench.repo.beside("b.patch");
    fs::write(&file, patch(&bench, &[("src/app.py", &evil)])).unwrap();
    let ran = bench.run(["safety", "--json", "--base", "HEAD", "--patch", file.to_str().unwrap()]);
    assert_eq!(ran.document(code::REMAIN)["hash"], document["hash"]);
    assert_eq!(bench.left(), Vec::<String>::new());
}
