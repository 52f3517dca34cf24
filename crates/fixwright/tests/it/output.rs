//! Where output goes: to readers that leave, to files on full disks, to nobody.

use std::fs::{self, File, OpenOptions};
use std::io::pipe;
use std::process::Stdio;

use crate::bench::{Bench, Ran, code};
use crate::spelling::{good, repository, texts};

fn bench() -> Bench {
    let bench = Bench::new(repository(&texts(3, good)));
    bench.fix(&[]).document(code::DONE);
    bench
}

/// All commands that say something, with the code that they end with when somebody listens.
const COMMANDS: [(&[&str], i32); 14] = [
    (&["run"], code::REMAIN),
    (&["run", "--json"], code::REMAIN),
    (&["run", "--format", "sarif"], code::REMAIN),
    (&["fix"], code::DONE),
    (&["fix", "--json"], code::DONE),
    (&["fix", "--plan"], code::REMAIN),
    (&["report"], code::DONE),
    (&["report", "--json"], code::DONE),
    (&["show", "1"], code::DONE),
    (&["show", "1", "--json"], code::DONE),
    (&["show", "1", "--output", "reproduce"], code::DONE),
    (&["verify", "--patch", "good.patch"], code::DONE),
    (&["--help"], code::DONE),
    (&["fix", "--help"], code::DONE),
];

/// Returns the writing end of a pipe that nobody reads.
fn unread() -> Stdio {
    let (_, writer) = pipe().unwrap();
    writer.into()
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let bench = bench();
    let branch = bench.branches().remove(0);
    let patch = bench.repo.git(["diff", "HEAD", branch.split(' ').next().unwrap()]) + "\n";
    fs::write(bench.repo.path().join("good.patch"), patch).unwrap();
    for (args, expected) in COMMANDS {
        // `fixwright report | head -0`
        let ran = Ran::of(bench.command(args).stdout(unread()).spawn().unwrap());
        assert_eq!(ran.code, Some(expected), "{args:?}: {ran:?}");
        assert!(!ran.stderr.contains("error: "), "{args:?}: {ran:?}");
        // `fixwright report 2>&1 | head -0`: it still ends as it would have.
        let ended = bench.command(args).stdout(unread()).stderr(unread()).spawn().unwrap().wait().unwrap();
        assert_eq!(ended.code(), Some(expected), "{args:?}");
        // Errors have nobody to tell, and keep their code.
        let ended = bench.command(["fix", "/nowhere"]).stderr(unread()).spawn().unwrap().wait().unwrap();
        assert_eq!(ended.code(), Some(code::REPOSITORY));
    }
    for args in [&["doctor"][..], &["init", "--force"], &["init", "--force", "--json"]] {
        let expected = Some(if args[0] == "init" { code::ENVIRONMENT } else { code::DONE });
        let ran = Ran::of(bench.command(args).stdout(unread()).spawn().unwrap());
        assert_eq!(ran.code, expected, "{args:?}: {ran:?}");
        let ended = bench.command(args).stdout(unread()).stderr(unread()).spawn().unwrap().wait().unwrap();
        assert_eq!(ended.code(), expected, "{args:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let bench = bench();
    let branch = bench.branches().remove(0);
    let patch = bench.repo.git(["diff", "HEAD", branch.split(' ').next().unwrap()]) + "\n";
    fs::write(bench.repo.path().join("good.patch"), patch).unwrap();
    for (args, _) in COMMANDS.into_iter().filter(|(args, _)| !args.contains(&"--help")) {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = Ran::of(bench.command(args).stdout(full).spawn().unwrap());
        assert_eq!(ran.code, Some(code::ENVIRONMENT), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains("error: writing the output") && ran.stderr.contains("disk is full"), "{args:?}: {ran:?}");
    }
}

#[test]
fn without_a_terminal_there_are_no_colours_and_no_spinner() {
    let bench = bench();
    for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")] {
        for args in [["run", "."], ["fix", "."], ["report", "."], ["show", "1"], ["doctor", "--json"]] {
            let ran = Ran::of(bench.command(args).env(name, value).spawn().unwrap());
            assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{args:?}: {ran:?}");
        }
    }
}

#[test]
fn sarif_names_files_and_columns_as_its_readers_take_them() {
    // Ruff counts characters, whatever awk does.
    const LINT: &str = "echo '[{\"code\":\"US001\",\"message\":\"m\",\"filename\":\"src/a #1.txt\",\"location\":{\"row\":1,\"column\":4},\
                        \"end_location\":{\"row\":1,\"column\":10},\"fix\":null}]'\nexit 1\n";
    let repo = repository(&[("a #1".to_owned(), "öö colour\n".to_owned())]);
    repo.file("tools/lint", LINT).commit("lint");
    let bench = Bench::new(repo);
    let sarif = bench.run(["run", "--format", "sarif"]).document(code::REMAIN);
    let run = &sarif["runs"][0];
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&run["columnKind"], &place["artifactLocation"]["uri"]),
        (&"unicodeCodePoints".into(), &"src/a%20%231.txt".into())
    );
    let region = serde_json::json!({"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 10});
    assert_eq!(place["region"], region, "{sarif:#}");
}

#[test]
fn standard_output_is_data_and_quiet_says_nothing_else() {
    let bench = bench();
    let ran = bench.run(["fix", "--json"]);
    serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    assert!(ran.stderr.contains("lint: sh tools/lint"), "{ran:?}");
    let ran = bench.run(["fix", "--json", "--quiet"]);
    serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    assert_eq!(ran.stderr, "");
    // What the result must be read with is no chatter.
    bench.repo.file("src/text000.txt", "changed");
    let ran = bench.run(["fix", "--json", "--quiet"]);
    assert!(ran.stderr.contains("not committed") && ran.stderr.lines().count() == 1, "{ran:?}");
    let read_only = File::open("/dev/null").unwrap();
    // A standard output that cannot be written to at all.
    let ran = Ran::of(bench.command(["fix", "--json"]).stdout(read_only).spawn().unwrap());
    assert_ne!(ran.code, Some(code::INTERNAL), "{ran:?}");
}
