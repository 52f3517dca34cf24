//! One log a dialect, in the form that its documentation and its runner give it.

use super::*;

type Texts = Vec<(String, (u64, u64))>;

/// Returns the dialect, the peeled lines with their raw ones, and the marks.
fn peeled(log: &str) -> (Dialect, Texts, Vec<(u64, Mark)>) {
    let mut all = Vec::new();
    for size in [1, 7, log.len().max(1)] {
        let (mut lines, mut marks) = (Vec::new(), Vec::new());
        let mut sink = |line: &Line<'_>| {
            lines.extend(line.text.map(|text| (text.to_owned(), line.raw)));
            marks.extend(line.marks.iter().map(|mark| (line.raw.0, mark.clone())));
        };
        let mut peeler = Peeler::default();
        log.as_bytes().chunks(size).for_each(|piece| peeler.feed(piece, &mut sink));
        peeler.finish(&mut sink);
        all.push((peeler.dialect(), lines, marks));
    }
    all.dedup();
    assert_eq!(all.len(), 1, "the pieces make no difference");
    all.remove(0)
}

fn lines(expected: &[(&str, u64, u64)]) -> Texts {
    expected.iter().map(|(text, first, last)| ((*text).to_owned(), (*first, *last))).collect()
}

fn step(name: &str) -> Mark {
    Mark::Step(name.into())
}

fn command(text: &str) -> Mark {
    Mark::Command(text.into())
}

#[test]
fn github() {
    let stamp = "2024-05-01T10:00:00.1234567Z ";
    let log = [
        "\u{feff}STAMP##[group]Run ruff check .",
        "STAMP\u{1b}[36;1mruff check .\u{1b}[0m",
        "STAMPshell: /usr/bin/bash -e {0}",
        "STAMP##[endgroup]",
        "STAMPa\rb",
        "STAMP##[error]\u{1b}[31ma.py:1:1: F401 x\u{1b}[0m",
        "STAMP##[error]Process completed with exit code 1.",
        "STAMPPost job cleanup.",
        "",
    ]
    .join("\r\n")
    .replace("STAMP", stamp);
    let (dialect, text, marks) = peeled(&log);
    assert_eq!(dialect, Dialect::GitHub);
    assert_eq!(text, lines(&[("a", 5, 5), ("b", 6, 6), ("a.py:1:1: F401 x", 7, 7)]));
    let expected = [
        (1, step("Run ruff check .")),
        (2, command("ruff check .")),
        (7, Mark::Error),
        (8, Mark::Exit(1)),
        (9, Mark::Aside("Post job cleanup.".into())),
    ];
    assert_eq!(marks, expected);
    assert_eq!(peel(&log), "a\nb\na.py:1:1: F401 x\n");

    let viewed =
        format!("job\tLint it\t{stamp}##[group]Run ruff\njob\tLint it\t{stamp}##[endgroup]\njob\tLint it\t{stamp}a\tb\tc\n");
    let (_, text, marks) = peeled(&viewed);
    assert_eq!((text, marks), (lines(&[("a\tb\tc", 3, 3)]), vec![(1, step("Lint it"))]));
    let own = "starting\n2024-05-01T10:00:00Z request\n";
    assert_eq!(peel(own), own);
}

#[test]
fn github_copied_from_its_page() {
    let log = "Run ruff check . && pytest\n  ruff check . && pytest\n  echo done\n  shell: /usr/bin/bash -e {0}\n  env:\n    CI: true\nAll checks passed!\n\
               Run of 3 tests\n  indented\nError: Process completed with exit code 1.\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::GitHub);
    let expected =
        [("Run ruff check . && pytest", 1, 1), ("All checks passed!", 7, 7), ("Run of 3 tests", 8, 8), ("  indented", 9, 9)];
    assert_eq!(text, lines(&expected));
    let expected = [
        (2, step("Run ruff check . && pytest")),
        (2, command("ruff check . && pytest")),
        (3, command("echo done")),
        (10, Mark::Exit(1)),
    ];
    assert_eq!(marks, expected);
    assert_eq!(Dialect::of("Run of 3 tests\n  ok\nshell: x\n"), Dialect::Plain);
}

#[test]
fn github_without_colours_or_tabs() {
    let stamp = "the job UNKNOWN STEP 2024-05-01T10:00:00.1234567Z ";
    let log = "STAMP##[group]Run make a\nSTAMPmake a\nSTAMP  --all\nSTAMPshell: /usr/bin/bash -e {0}\nSTAMPenv:\nSTAMP  make: a\nSTAMP##[endgroup]\nSTAMPa.c:1:1: error: x\n\
               STAMP##[group]Run acme/action@v1\nSTAMPwith:\nSTAMP  x: y\nSTAMP##[endgroup]\n"
        .replace("STAMP", stamp);
    let (dialect, text, marks) = peeled(&log);
    assert_eq!(dialect, Dialect::GitHub);
    assert_eq!(text, lines(&[("a.c:1:1: error: x", 8, 8)]));
    let expected = [(1, step("Run make a")), (2, command("make a")), (3, command("  --all")), (9, step("Run acme/action@v1"))];
    assert_eq!(marks, expected);
}

#[test]
fn azure_pipelines() {
    let log = "##[section]Starting: Build it\n==============================\nTask         : Bash\n==============================\nScript contents:\nmake all\n\
               ========================== Starting Command Output ===========================\na.c:1:1: error: x\n##[error]Bash exited with code '2'.\n##[section]Finishing: Build it\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!((dialect, text.last().map(|(text, _)| text.as_str())), (Dialect::GitHub, Some("a.c:1:1: error: x")));
    assert_eq!(marks, [(1, step("Build it")), (6, command("make all")), (9, Mark::Exit(2))]);
}

#[test]
fn gitlab() {
    let log = "Running with gitlab-runner 17.0.0\nsection_start:1714557600:step_script[collapsed=true]\r\u{1b}[0K\u{1b}[0K\u{1b}[36;1mExecuting\u{1b}[0;m\n\
               \u{1b}[32;1m$ cargo test\u{1b}[0;m\nold\rnew\nsection_end:1714557601:step_script\r\u{1b}[0Ksection_start:1714557601:after_script\r\u{1b}[0K\n\
               \u{1b}[31;1mERROR: Job failed: exit code 101\u{1b}[0;m\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::GitLab);
    let expected = [("Running with gitlab-runner 17.0.0", 1, 1), ("Executing", 3, 3), ("old", 5, 5), ("new", 6, 6), ("", 9, 9)];
    assert_eq!(text, lines(&expected));
    let expected =
        [(2, step("step_script")), (4, command("cargo test")), (8, Mark::Aside("after_script".into())), (10, Mark::Exit(101))];
    assert_eq!(marks, expected);

    let stamped = "2024-05-01T10:00:00.123456Z 01O error: on\n2024-05-01T10:00:00.223456Z 01O+e line\n2024-05-01T10:00:01.223456Z 01E two\n";
    let (dialect, text, _) = peeled(stamped);
    assert_eq!((dialect, text), (Dialect::GitLab, lines(&[("error: one line", 1, 2), ("two", 3, 3)])));
}

#[test]
fn what_a_script_of_gitlab_folds_away_is_part_of_it() {
    let log = "section_start:1:step_script\r\u{1b}[0K\n\u{1b}[32;1m$ make\u{1b}[0;m\nsection_start:2:mine[collapsed=true]\r\u{1b}[0Kbuilding\na.c:1:1: error: x\n\
               section_end:3:mine\r\u{1b}[0K\nsection_end:4:step_script\r\u{1b}[0K\nsection_start:4:cleanup_file_variables\r\u{1b}[0K\n";
    let (_, text, marks) = peeled(log);
    assert!(text.contains(&("a.c:1:1: error: x".to_owned(), (6, 6))), "{text:?}");
    let marks: Vec<Mark> = marks.into_iter().map(|(_, mark)| mark).collect();
    assert_eq!(marks, [step("step_script"), command("make"), Mark::Aside("cleanup_file_variables".into())]);
}

#[test]
fn jenkins_with_the_time_since_its_start() {
    let log =
        "00:00:01.123 [Pipeline] { (Build)\n00:00:01.200 + make\n00:00:02.007  a.c:3:5: error: x\n00:00:03.1 Finished: FAILURE\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!((dialect, text), (Dialect::Jenkins, lines(&[("a.c:3:5: error: x", 3, 3)])));
    assert_eq!(marks, [(1, step("Build")), (2, command("make")), (4, Mark::Failed)]);
}

#[test]
fn jenkins() {
    let log = "Started by user \u{1b}[8mha:////4AbC+/==\u{1b}[0madmin\n[Pipeline] stage\n[Pipeline] { (Branch: unit)\n[Pipeline] sh\n\
               [unit] + make test\n[2024-05-01T10:00:00.123Z] [unit] a.c:1:1: error: x\n[other] kept\n[Pipeline] }\n[Pipeline] { (Deploy)\n\
               Stage \"Deploy\" skipped due to earlier failure(s)\n[Pipeline] // stage\nFailed in branch unit\nERROR: script returned exit code 2\nFinished: FAILURE\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::Jenkins);
    assert_eq!(text, lines(&[("Started by user admin", 1, 1), ("a.c:1:1: error: x", 6, 6), ("[other] kept", 7, 7)]));
    let expected = [
        (3, step("unit")),
        (5, command("make test")),
        (9, step("Deploy")),
        (10, Mark::Skipped),
        (12, Mark::FailedIn("unit".into())),
        (13, Mark::Exit(2)),
        (14, Mark::Failed),
    ];
    assert_eq!(marks, expected);
}

#[test]
fn travis() {
    let log = "travis_fold:start:install\r\u{1b}[0Ktravis_time:start:1a\r\u{1b}[0K$ npm ci\nok\ntravis_time:end:1a:start=1,finish=2,duration=1\r\u{1b}[0K\
               travis_fold:end:install\r\u{1b}[0Ktravis_time:start:2b\r\u{1b}[0K$ npm test\nboom\n\u{1b}[31;1mThe command \"npm test\" exited with 3.\u{1b}[0m\n\n\
               Done. Your build exited with 1.\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::Travis);
    assert_eq!(text, lines(&[("ok", 4, 4), ("boom", 9, 9), ("", 11, 11)]));
    let expected = [
        (1, step("install")),
        (3, command("npm ci")),
        (8, step("npm test")),
        (8, command("npm test")),
        (10, Mark::FailedIn("npm test".into())),
        (10, Mark::Exit(3)),
        (12, Mark::Failed),
    ];
    assert_eq!(marks, expected);
}

#[test]
fn travis_without_escapes() {
    let log = "travis_fold:start:worker_infoWorker information\nhostname: x\ntravis_fold:end:worker_infotravis_fold:start:before_script.3travis_time:start:1b6b$ ./prepare\n\
               travis_time:end:1b6b:start=1,finish=2,duration=1travis_fold:end:before_script.3travis_time:start:2604b458$ sh -c \"\ntravis_fold:start:unit\ntravis_time:start:0aa$ no command\nboom\n\
               travis_time:end:2604b458:start=1,finish=2,duration=-1,event=scriptThe command \"sh -c \"\n  a\n\"\n\" exited with 2.\n\ntravis_fold:start:cache.2store build cache\n\
               travis_time:start:0c97travis_time:end:0c97:start=1,finish=2,duration=1travis_time:start:01denothing changed\n\nDone. Your build exited with 1.\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::Travis);
    let expected = [
        ("Worker information", 1, 1),
        ("hostname: x", 2, 2),
        ("$ no command", 6, 6),
        ("boom", 7, 7),
        ("", 12, 12),
        ("store build cache", 13, 13),
        ("nothing changed", 14, 14),
        ("", 15, 15),
    ];
    assert_eq!(text, lines(&expected));
    let expected = [
        (1, step("worker_info")),
        (3, step("before_script.3")),
        (3, command("./prepare")),
        (4, step("sh -c \"")),
        (4, command("sh -c \"")),
        (11, Mark::FailedIn("sh -c \"\n  a\n\"".into())),
        (11, Mark::Exit(2)),
        (13, Mark::Aside("cache.2".into())),
        (16, Mark::Failed),
    ];
    assert_eq!(marks, expected);
}

#[test]
fn buildkite() {
    let log = "\u{1b}_bk;t=1714557600123\u{7}~~~ Running commands\n\u{1b}_bk;t=1714557600124\u{7}\u{1b}[90m$\u{1b}[0m make\n\
               --- :gear: Build\n\u{1b}_bk;t=1714557600125\u{7}--- a/x\n\u{1b}_bk;t=1714557600125\u{7}+++ b/x\n^^^ +++\n🚨 Error: The command exited with status 2\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::Buildkite);
    assert_eq!(text, lines(&[("--- a/x", 4, 4), ("+++ b/x", 5, 5)]));
    assert_eq!(marks, [(1, step("Running commands")), (2, command("make")), (3, step(":gear: Build")), (7, Mark::Exit(2))]);
}

#[test]
fn circleci() {
    let log =
        "#!/bin/bash -eo pipefail\ngo test ./...\n\nFAIL\n\nExited with code exit status 1\n\nCircleCI received exit code 1\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::CircleCi);
    assert_eq!(text, lines(&[("FAIL", 4, 4), ("", 5, 5), ("", 7, 7)]));
    assert_eq!(marks, [(2, command("go test ./...")), (6, Mark::Exit(1)), (8, Mark::Exit(1))]);
}

#[test]
fn travis_ends_a_line_that_a_program_left_open() {
    let log = "travis_time:start:0a1b2c3e$ make\nboom\n>travis_time:end:0a1b2c3e:start=2,finish=3,duration=1The command \"make\" exited with 3.\n\n\
               No output has been received in the last 10m0s, this potentially indicates a stalled build.\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::Travis);
    assert_eq!(
        text.iter().map(|(text, raw)| (text.as_str(), raw.0)).take(3).collect::<Vec<_>>(),
        [("boom", 2), (">", 3), ("", 4)]
    );
    let expected =
        [(1, step("make")), (1, command("make")), (3, Mark::FailedIn("make".into())), (3, Mark::Exit(3)), (5, Mark::Failed)];
    assert_eq!(marks, expected);
}

#[test]
fn gitlab_as_its_page_shows_it() {
    let log = "Running with gitlab-runner 16.1.0 (abc)\nPreparing the \"docker\" executor\n00:05\nGetting source from Git repository\n00:01\n\
               Executing \"step_script\" stage of the job script\n00:07\n$ make test\nboom\nCleaning up project directory and file based variables\n00:01\nERROR: Job failed: exit code 2\n";
    let (dialect, text, marks) = peeled(log);
    assert_eq!(dialect, Dialect::GitLab);
    assert!(text.iter().any(|(text, raw)| text == "boom" && *raw == (9, 9)), "{text:?}");
    let expected = [
        (2, step("prepare_executor")),
        (4, step("get_sources")),
        (6, step("step_script")),
        (8, command("make test")),
        (10, Mark::Aside("cleanup_file_variables".into())),
        (12, Mark::Exit(2)),
    ];
    assert_eq!(marks, expected);
}
