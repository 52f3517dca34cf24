//! Anyone's patch on the same gates: what is good is proved, what is not is named, and nothing of it is delivered.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::bench::{Bench, Ran, code};
use crate::spelling::{good, repository, texts};
use crate::until;

const APP: &str = "import os\n\n\ndef main():\n    return os.sep\n";
const TESTS: &str = "from app import main\n\n\ndef test_main():\n    assert main() == '/'\n";

fn bench() -> Bench {
    let repo = repository(&texts(3, |number| if number == 2 { "stays".to_owned() } else { good(number) }));
    repo.file("src/app.py", APP).file("tests/test_app.py", TESTS).file(".github/workflows/ci.yml", "on: push\n");
    repo.file("src/must.txt", "one must stay\n").commit("more");
    Bench::new(repo)
}

/// Returns the difference that a file with this content would make.
fn patch(bench: &Bench, path: &str, content: &str) -> String {
    let before = fs::read(bench.repo.path().join(path)).ok();
    bench.repo.file(path, content).git(["add", "--intent-to-add", path]);
    let diff = bench.repo.git(["diff", "--", path]) + "\n";
    match before {
        Some(bytes) => drop(bench.repo.file(path, bytes)),
        None => fs::remove_file(bench.repo.path().join(path)).unwrap(),
    }
    bench.repo.git(["reset", "--quiet"]);
    diff
}

/// Judges a patch, and asserts that the repository is as it was.
fn judged(bench: &Bench, patch: impl AsRef<[u8]>) -> Ran {
    let file = bench.repo.beside("a.patch");
    fs::write(&file, patch).unwrap();
    let before = bench.repo.snapshot();
    let ran = bench.run(["verify", "--json", "--patch", file.to_str().unwrap()]);
    assert_eq!((bench.repo.snapshot(), bench.branches(), bench.left()), (before, vec![], vec![]));
    ran
}

/// Returns the gate that said no, and its reason.
#[track_caller]
fn refused(ran: &Ran) -> (String, String) {
    let document = ran.document(code::REMAIN);
    assert_eq!(document["proved"], false, "{document:#}");
    let is_no = |gate: &&Value| matches!(gate["verdict"].as_str(), Some("fail" | "inconclusive"));
    let gate = document["gates"].as_array().unwrap().iter().find(is_no).unwrap_or_else(|| panic!("{document:#}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(document["reason"], gate["reason"], "{document:#}");
    (text(&gate["gate"]), text(&gate["reason"]))
}

#[test]
fn a_good_patch_is_proved_with_its_evidence() {
    let bench = bench();
    let text = fs::read_to_string(bench.repo.path().join("src/text000.txt")).unwrap();
    let good = patch(&bench, "src/text000.txt", &text.replace("colour", "color"));
    let document = judged(&bench, &good).document(code::DONE);
    assert_eq!((&document["proved"], &document["reason"]), (&true.into(), &Value::Null));
    let gates: Vec<_> =
        document["gates"].as_array().unwrap().iter().map(|gate| format!("{} {}", gate["gate"], gate["verdict"])).collect();
    let passes = ["parse", "apply", "scope", "regress", "rescan"];
    assert!(passes.iter().all(|gate| gates.contains(&format!("\"{gate}\" \"pass\""))), "{gates:?}");
    let gone: Vec<_> = document["gone"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(gone, ["US001"]);
    // The same from standard input, as a person reads it.
    let mut child = bench.command(["verify", "--patch", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(good.as_bytes()).unwrap();
    let ran = Ran::of(child);
    assert!(ran.code == Some(code::DONE) && ran.stdout.ends_with("1 findings of the base are gone\n✔ proved\n"), "{ran:?}");
}

#[test]
fn a_bad_patch_is_refused_by_the_gate_that_it_fails() {
    let bench = bench();
    let text = fs::read_to_string(bench.repo.path().join("src/text000.txt")).unwrap();
    let of = |path: &str, content: &str| patch(&bench, path, content);
    let table = [
        ("weakens a test", of("tests/test_app.py", &TESTS.replace("main() == '/'", "True")), ("scope", "protected_path")),
        ("adds a test that says nothing", of("tests/test_more.py", "def test_more():\n    pass\n"), ("scope", "protected_path")),
        ("silences", of("src/app.py", &APP.replace("import os", "import os  # noqa")), ("scope", "suppression")),
        ("touches CI", of(".github/workflows/ci.yml", "on: never\n"), ("scope", "protected_path")),
        ("loosens settings", of("fixwright.toml", "[policy]\nmax_files = 9000\n"), ("scope", "protected_path")),
        ("breaks syntax", of("src/app.py", &APP.replace("main()", "main((")), ("syntax", "syntax_broken")),
        ("makes a finding", of("src/text000.txt", &(text.clone() + "a colour more\n")), ("rescan", "new_finding")),
        ("breaks a test", of("src/must.txt", "one color must stay\n"), ("regress", "tests_broken")),
        ("does not fit", of("src/must.txt", "one may stay\n").replace("-one must", "-one should"), ("apply", "apply_failed")),
        (
            "changes nothing",
            "--- a/src/must.txt\n+++ b/src/must.txt\n@@ -1 +1 @@\n-one must stay\n+one must stay\n".to_owned(),
            ("apply", "no_change"),
        ),
        ("is no difference", "please merge this\n".to_owned(), ("parse", "not_parsed")),
        ("is empty", String::new(), ("parse", "not_parsed")),
    ];
    for (what, patch, expected) in &table {
        let (gate, reason) = refused(&judged(&bench, patch));
        assert_eq!((gate.as_str(), reason.as_str()), *expected, "{what}\n{patch}");
    }
}

#[test]
fn a_patch_that_leaves_the_files_is_refused_unread() {
    let bench = bench();
    let add = |path: &str| format!("--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+owned\n");
    let link = "diff --git a/out b/out\nnew file mode 120000\n--- /dev/null\n+++ b/out\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n";
    let binary =
        "diff --git a/b b/b\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n";
    let submodule = "diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit 1111111111111111111111111111111111111111\n";
    let patches = [
        add("b/../outside"),
        add("/etc/owned"),
        add("b/.git/hooks/post-checkout"),
        add("b/.GIT/config"),
        add("b/src/../../outside"),
        link.to_owned(),
        binary.to_owned(),
        submodule.to_owned(),
        "@@ -1 +1 @@\n".repeat(3),
        "--- a/src/must.txt\n+++ b/src/must.txt\n@@ -4294967295,99999999999 +1,18446744073709551615 @@\n-x\n+y\n".to_owned(),
        "\u{1b}[2J\n".to_owned(),
    ];
    for patch in patches {
        let (gate, reason) = refused(&judged(&bench, &patch));
        assert!(matches!(gate.as_str(), "parse" | "apply" | "scope"), "{gate} {reason}: {patch}");
    }
    let (gate, _) = refused(&judged(&bench, b"\xff\xfe\x00--- a\n+++ b\n"));
    assert_eq!(gate, "parse");
    let large = judged(&bench, vec![b'+'; (16 << 20) + 1]);
    assert_eq!(large.code, Some(code::USAGE), "{}", large.stderr);
    assert!(large.stderr.contains("is larger than 16 MiB"));
}

#[test]
fn what_cannot_be_checked_is_not_proved() {
    for (recipe, gate) in [("lint", "rescan"), ("test", "regress")] {
        let bench = bench();
        bench.repo.file(format!("tools/{recipe}"), "exec no-such-tool\n").commit("broken");
        let patch = patch(&bench, "src/must.txt", "one may stay\n");
        assert_eq!(refused(&judged(&bench, patch)), (gate.to_owned(), "could_not_run".to_owned()), "{recipe}");
    }
}

#[test]
fn a_judgement_is_not_a_run_to_report() {
    let bench = bench();
    let patch = patch(&bench, "src/must.txt", "one may stay\n");
    judged(&bench, patch).document(code::DONE);
    assert_eq!(bench.run(["report"]).code, Some(code::USAGE));
    bench.fix(&[]).document(code::DONE);
    let report = bench.run(["report"]).stdout;
    let file = bench.repo.beside("a.patch");
    bench.run(["verify", "--patch", file.to_str().unwrap()]);
    assert_eq!(bench.run(["report"]).stdout, report);
}

#[test]
fn an_interrupt_ends_it_and_leaves_nothing() {
    let bench = bench();
    let file = bench.repo.beside("a.patch");
    fs::write(&file, patch(&bench, "src/must.txt", "one may stay\n")).unwrap();
    for command in [vec!["verify", "--patch", file.to_str().unwrap()], vec!["run"]] {
        bench.shut("lint");
        let runs = bench.runs_of("lint");
        let child = bench.command(&command).process_group(0).spawn().unwrap();
        until("the linter waits", || bench.runs_of("lint") > runs);
        killpg(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
        let ran = Ran::of(child);
        assert_eq!((ran.code, ran.stdout.as_str(), bench.left()), (Some(code::INTERRUPTED), "", vec![]), "{ran:?}");
        assert!(ran.stderr.contains("error: interrupted"), "{ran:?}");
        bench.open("lint");
    }
}

#[test]
fn what_never_parsed_and_moves_to_another_file_is_not_broken_by_that() {
    let bench = bench();
    let strange = "int f(void)\n{\n\tFOR_EACH(x, list\n\t\tuse(x);\n}\n";
    bench.repo.file("src/old.c", format!("int first;\n{strange}")).file("src/new.c", "int second;\n").commit("strange");
    let into = patch(&bench, "src/new.c", &format!("int second;\n{strange}"));
    assert_eq!(refused(&judged(&bench, &into)), ("syntax".to_owned(), "syntax_broken".to_owned()));
    let moved = patch(&bench, "src/old.c", "int first;\n") + &into;
    let document = judged(&bench, moved).document(code::DONE);
    let syntax = document["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == "syntax").unwrap();
    assert_eq!(syntax["verdict"], "pass", "{document:#}");
}

#[test]
fn a_test_that_moves_to_another_file_is_not_deleted() {
    let bench = bench();
    let tested = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n";
    bench.repo.file("src/old.rs", tested).file("src/new.rs", "fn g() {}\n").commit("tested");
    let out_of = patch(&bench, "src/old.rs", "mod new;\n");
    assert_eq!(refused(&judged(&bench, &out_of)), ("scope".to_owned(), "test_deleted".to_owned()));
    let moved = out_of + &patch(&bench, "src/new.rs", &format!("fn g() {{}}\n{tested}"));
    let document = judged(&bench, moved).document(code::DONE);
    let scope = document["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == "scope").unwrap();
    assert_eq!(scope["verdict"], "pass", "{document:#}");
}

/// Where there is Python, it has a word on the gate `syntax`: a grammar reads what no interpreter takes.
#[test]
fn what_python_refuses_to_compile_is_refused_unless_it_did_so_before() {
    let bench = bench();
    let outside = APP.replace("import os\n", "import os\n\nreturn os.sep\n");
    assert_eq!(
        refused(&judged(&bench, patch(&bench, "src/app.py", &outside))),
        ("syntax".to_owned(), "syntax_broken".to_owned())
    );
    let twice = patch(&bench, "src/more.py", "def f(a, a):\n    return a\n");
    assert_eq!(refused(&judged(&bench, twice)), ("syntax".to_owned(), "syntax_broken".to_owned()));
    let good = judged(&bench, patch(&bench, "src/app.py", &APP.replace("os.sep", "str(os.sep)")));
    let document = good.document(code::DONE);
    let mut said = document["gates"].as_array().unwrap().iter().filter(|gate| gate["gate"] == "syntax");
    assert!(said.any(|gate| gate["detail"].as_str().unwrap().starts_with("Python compiles 1 file")), "{document:#}");
    // Code that the Python at hand has never taken may change all the same.
    bench.repo.file("src/strange.py", "def f(a, a):\n    return 1\n").commit("strange");
    judged(&bench, patch(&bench, "src/strange.py", "def f(a, a):\n    return 2\n")).document(code::DONE);
}

#[test]
fn what_is_proved_is_the_tree_that_the_patch_makes() {
    let bench = bench();
    std::os::unix::fs::symlink("src", bench.repo.path().join("link")).unwrap();
    bench.repo.program("run.sh", "#!/bin/sh\nexit 0\n").commit("a link and a script");
    let new = |path: &str, mode: &str| {
        format!("diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+more\n")
    };
    let mode = |path: &str, old: &str, new: &str| format!("diff --git a/{path} b/{path}\nold mode {old}\nnew mode {new}\n");
    let moved = "diff --git a/run.sh b/go.sh\nsimilarity index 100%\nrename from run.sh\nrename to go.sh\n".to_owned();
    let patches = [
        ("beyond a link", new("link/new.txt", "100644")),
        ("over a link", new("link", "100644")),
        ("makes executable", mode("src/must.txt", "100644", "100755")),
        ("makes not executable", mode("run.sh", "100755", "100644")),
        ("a new program", new("new.sh", "100755")),
        ("moves a program", moved),
    ];
    for (what, patch) in patches {
        let (gate, reason) = refused(&judged(&bench, &patch));
        assert_eq!((gate.as_str(), reason.as_str()), ("apply", "apply_failed"), "{what}\n{patch}");
    }
    let script = patch(&bench, "run.sh", "#!/bin/sh\nexit 1\n");
    judged(&bench, script).document(code::DONE);
}
