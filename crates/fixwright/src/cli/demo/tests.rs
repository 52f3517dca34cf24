//! The demo is only worth something if its repositories really fail as they are meant to: each recipe is run here.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use domain::Recipe;

use super::*;
use crate::config::Config;

/// Repository, recipe, whether it fails, and what its output must hold.
type Expected = (&'static str, Recipe, bool, &'static [&'static str]);

const EXPECTED: &[Expected] = &[
    ("rust-warnings", Recipe::Build, false, &["unused import: `HashSet`", "unused variable: `all`"]),
    ("rust-warnings", Recipe::Test, false, &["test result: ok. 4 passed"]),
    ("rust-build", Recipe::Build, true, &["consider importing this struct", "cannot find value `conts`"]),
    ("rust-build", Recipe::Test, true, &["could not compile"]),
    (
        "python-names",
        Recipe::Test,
        true,
        &["Ran 7 tests", "name 'json' is not defined", "name 'lnes' is not defined", "450 != 400", "failures=1, errors=2"],
    ),
    ("c-warnings", Recipe::Build, false, &["strlen", "unused_yet", "-Wformat", "-Wsign-compare"]),
    ("c-warnings", Recipe::Test, false, &["ok 1 ", "ok 2 ", "ok 3 "]),
    ("javascript-requires", Recipe::Test, true, &["path is not defined", "Cannot find module './Colours'", "pass 3", "fail 2"]),
    ("go-imports", Recipe::Build, true, &["undefined: strings", "\"os\" imported and not used"]),
    ("go-imports", Recipe::Test, true, &["ok  \texample.com/figures/stats", "FAIL\texample.com/figures/greet [build failed]"]),
    ("go-imports", Recipe::Lint, true, &["Sprintf format %d has arg name of wrong type string"]),
    ("go-imports", Recipe::Format, false, &["greet/greet.go"]),
];

fn git(folder: &Path, env: &Env) -> Git {
    Git::new(env.find_program("git").unwrap(), env.get("PATH").unwrap().to_owned(), folder.join("settings")).unwrap()
}

#[test]
fn every_file_of_the_fixtures_is_in_the_program() {
    fn below(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type().unwrap().is_dir() {
                true => below(&entry.path(), &format!("{name}/"), found),
                false => drop(found.insert(name)),
            }
        }
    }
    let mut on_disk = BTreeSet::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo"), "", &mut on_disk);
    let within: BTreeSet<String> =
        ALL.iter().flat_map(|content| content.files.iter().map(move |(path, _)| format!("{}/{path}", content.name))).collect();
    assert_eq!(on_disk, within);
}

#[test]
fn repositories_fail_as_they_are_meant_to() {
    let folder = tempfile::tempdir().unwrap();
    let env = Env::from_process();
    let home = folder.path().join("home");
    std::fs::create_dir_all(home.join("tmp")).unwrap();
    let made = make_repositories(&git(folder.path(), &env), folder.path(), &env, None).unwrap();
    assert!(made.iter().any(|repo| repo.language == Language::Rust), "these tests were built with it");
    for repo in &made {
        let text = std::fs::read_to_string(repo.path.join("fixwright.toml")).unwrap();
        let config = Config::load(&Env::default(), Some(("fixwright.toml", &text)), &repo.path).unwrap();
        let [subproject] = config.subprojects.as_slice() else { panic!("{}: one subproject", repo.name) };
        assert_eq!(subproject.language, repo.language);
        for (recipe, command) in &subproject.recipes {
            let target: [(OsString, OsString); 1] = [("CARGO_TARGET_DIR".into(), folder.path().join("target").into())];
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &command.command]).current_dir(&repo.path).env_clear().envs(env.recipe_env(&home, &target));
            let output = shell.stdin(Stdio::null()).output().unwrap();
            let said = [output.stdout.as_slice(), &output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            // Linters that happen to be installed only have to say something.
            let expected = EXPECTED.iter().find(|(name, of, ..)| *name == repo.name && of == recipe);
            let Some((_, _, fails, parts)) = expected else {
                assert_eq!(*recipe, Recipe::Lint, "{}: nothing is expected of {recipe}", repo.name);
                assert!(
                    said.contains(if repo.language == Language::Rust { "warning: " } else { "problem" })
                        || said.contains("Found "),
                    "{said}"
                );
                continue;
            };
            assert_eq!(!output.status.success(), *fails, "{} {recipe}: {said}", repo.name);
            for part in *parts {
                assert!(said.contains(part), "{} {recipe}: no {part:?} in:\n{said}", repo.name);
            }
        }
    }
}

#[test]
fn the_same_commit_wherever_it_is_made_and_nothing_of_the_user_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let env = Env::from_process();
    let tip = |repo: &DemoRepo| {
        let mut git = Command::new("git");
        git.args(["-c", "safe.directory=*", "log", "--format=%H %an <%ae> %ad %s", "main"]).current_dir(&repo.path);
        String::from_utf8(git.output().unwrap().stdout).unwrap()
    };
    let one = make_repositories(&git(folder.path(), &env), &folder.path().join("one"), &env, Some(Language::Rust)).unwrap();
    let two = make_repositories(&git(folder.path(), &env), &folder.path().join("two"), &env, Some(Language::Rust)).unwrap();
    assert_eq!(one.iter().map(|repo| repo.name).collect::<Vec<_>>(), ["rust-warnings", "rust-build"]);
    assert_eq!(one.iter().map(tip).collect::<Vec<_>>(), two.iter().map(tip).collect::<Vec<_>>());
    assert!(tip(&one[0]).contains("Demo Author <author@demo.example>"));
    assert!(!one[0].path.join(".git/hooks").exists());
    let again = make_repositories(&git(folder.path(), &env), &folder.path().join("one"), &env, Some(Language::Rust)).unwrap_err();
    assert!(again.to_string().ends_with("rust-warnings is there already"), "{again:#}");
}

#[test]
fn missing_toolchains_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let found = Env::from_process().find_program("git").unwrap();
    std::os::unix::fs::symlink(found, folder.path().join("git")).unwrap();
    let env = Env::from_pairs([("PATH", folder.path())]);
    let error =
        |only| make_repositories(&git(folder.path(), &env), &folder.path().join("r"), &env, only).unwrap_err().to_string();
    assert_eq!(error(Some(Language::Go)), "no toolchain for go is installed");
    assert_eq!(error(None), "no toolchain is installed for any of the demo's languages");
    assert_eq!((language("go"), language("cobol").is_err()), (Ok(Language::Go), true));
}
