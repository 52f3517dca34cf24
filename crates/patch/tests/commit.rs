//! Plans written to real folders: everything or nothing, also when the process is killed.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use domain::{Files, RepoPath};
use patch::{Beneath, CommitError, FileChange, Plan, Refusal, STAGE, Tree, commit, plan, recover};

const ANSWER: &str = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** Add File: new/deep/b.txt\n+b\n\
    *** Delete File: old/c.txt\n*** Update File: run.sh\n@@\n-echo\n+echo hi\n*** End Patch\n";

fn before() -> BTreeMap<String, String> {
    [("a.txt", "one\ntwo\n"), ("old/c.txt", "c\n"), ("run.sh", "echo\n"), ("same", "same\n")]
        .map(|(p, t)| (p.to_owned(), t.to_owned()))
        .into()
}

fn after() -> BTreeMap<String, String> {
    [("a.txt", "ONE\ntwo\n"), ("new/deep/b.txt", "b\n"), ("run.sh", "echo hi\n"), ("same", "same\n")]
        .map(|(p, t)| (p.to_owned(), t.to_owned()))
        .into()
}

fn write(root: &Path) {
    for (path, text) in before() {
        fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
        fs::write(root.join(&path), text).unwrap();
    }
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn read(root: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                out.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    out
}

fn planned() -> Plan {
    let files = before().into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.into_bytes())).collect();
    plan(ANSWER, &Tree::new(Files::from_map(files))).unwrap()
}

fn planned_one() -> Plan {
    let files = before().into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.into_bytes())).collect();
    plan("--- a/a.txt\n+++ b/a.txt\n@@\n-one\n+ONE\n two\n", &Tree::new(Files::from_map(files))).unwrap()
}

#[test]
fn a_plan_is_written_whole() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    let untouched = fs::metadata(root.path().join("same")).unwrap().modified().unwrap();
    commit(&planned(), root.path()).unwrap();
    assert_eq!(read(root.path()), after());
    assert!(!root.path().join("old").exists() && !root.path().join(".fixwright-commit").exists());
    assert_eq!(fs::metadata(root.path().join("run.sh")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::metadata(root.path().join("same")).unwrap().modified().unwrap(), untouched);
    assert!(!recover(root.path()).unwrap());
}

#[test]
fn what_is_not_as_it_was_planned_for_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    fs::write(root.path().join("run.sh"), "echo, later\n").unwrap();
    let found = read(root.path());
    assert!(matches!(commit(&planned(), root.path()), Err(CommitError::Stale { path }) if path == "run.sh"));
    assert_eq!(read(root.path()), found);

    // A folder that has become a link leads nowhere.
    let elsewhere = tempfile::tempdir().unwrap();
    write(root.path());
    symlink(elsewhere.path(), root.path().join("new")).unwrap();
    assert!(matches!(commit(&planned(), root.path()), Err(CommitError::Escape { .. })));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    fs::remove_file(root.path().join("new")).unwrap();
    assert_eq!(read(root.path()), before());
}

#[test]
fn nobody_else_can_write_a_journal() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    // What a clone or an archive could bring along.
    let stage = root.path().join(STAGE);
    fs::create_dir(&stage).unwrap();
    fs::write(stage.join("0.new"), "hostile\n").unwrap();
    let journal = r#"{"version":2,"stage":{"inode":1,"born":null},"files":[],"moves":[{"path":"a.txt","name":"0.new","direction":"over"}]}"#;
    fs::write(stage.join("journal.json"), journal).unwrap();
    assert!(matches!(recover(root.path()), Err(CommitError::Journal(_))));
    assert!(matches!(commit(&planned(), root.path()), Err(CommitError::Journal(_))));
    assert_eq!(fs::read_to_string(root.path().join("a.txt")).unwrap(), "one\ntwo\n");
    // Nor can an answer.
    for name in [STAGE, ".Fixwright-Commit", "sub/.fixwright-commit"] {
        let answer = format!("--- /dev/null\n+++ b/{name}/journal.json\n@@ -0,0 +1 @@\n+x\n");
        assert!(matches!(plan(answer, &Tree::new(Files::from_map(BTreeMap::new()))), Err(Refusal::BadFile { .. })), "{name}");
    }
    // Without a journal it is what a killed one left, and is swept up.
    fs::remove_file(stage.join("journal.json")).unwrap();
    assert!(recover(root.path()).unwrap() && !stage.exists());
}

#[test]
fn a_folder_may_come_where_a_file_goes() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "file\n").unwrap();
    let files = Files::from_map([(RepoPath::new("a").unwrap(), b"file\n".to_vec())].into());
    let mut plan = plan("*** Begin Patch\n*** Delete File: a\n*** End Patch\n", &Tree::new(files)).unwrap();
    for name in ["a/b", "a/deep/c"] {
        let path = RepoPath::new(name).unwrap();
        plan.files.push(FileChange { path, before: None, after: Some(b"new\n".as_slice().into()), executable: Some(true) });
    }
    commit(&plan, root.path()).unwrap();
    assert_eq!(read(root.path()), [("a/b", "new\n"), ("a/deep/c", "new\n")].map(|(p, t)| (p.to_owned(), t.to_owned())).into());
    assert_ne!(fs::metadata(root.path().join("a/b")).unwrap().permissions().mode() & 0o100, 0);
}

#[test]
fn a_file_is_read_beneath_its_root_only() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    symlink("/etc", root.path().join("out")).unwrap();
    symlink("a.txt", root.path().join("link")).unwrap();
    let beneath = Beneath::open(root.path()).unwrap();
    let read = |path: &str| beneath.read(&RepoPath::new(path).unwrap());
    assert_eq!(read("old/c.txt").unwrap(), b"c\n");
    for path in ["out/hostname", "link", "old", "none"] {
        assert!(read(path).is_err(), "{path}");
    }
}

/// The process that is killed: it writes the plan to the folder that it is told.
#[test]
fn killed_child() {
    #[expect(clippy::disallowed_methods, reason = "the parent says so by the environment")]
    let (root, one) = (std::env::var_os("FIXWRIGHT_COMMIT_ROOT"), std::env::var_os("FIXWRIGHT_COMMIT_ONE"));
    if let Some(root) = root {
        commit(&if one.is_some() { planned_one() } else { planned() }, Path::new(&root)).unwrap();
    }
}

/// The system calls that a commit makes.
const CALLS: [&str; 15] = [
    "openat",
    "mkdirat",
    "write",
    "fsync",
    "renameat2",
    "linkat",
    "unlinkat",
    "fchmod",
    "flock",
    "read",
    "close",
    "fstat",
    "statx",
    "newfstatat",
    "getdents64",
];

/// Runs the commit with something done to the `when`th call of a kind. `None`: strace is not there.
fn struck(root: &Path, one: bool, what: &str) -> Option<bool> {
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={what}")]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "killed_child", "--test-threads=1"]).env("FIXWRIGHT_COMMIT_ROOT", root);
    if one {
        command.env("FIXWRIGHT_COMMIT_ONE", "1");
    }
    match command.output() {
        Ok(done) => Some(done.status.success()),
        Err(_) => {
            eprintln!("skipped: strace is not installed (`cargo xtask test` does it)");
            None
        }
    }
}

/// Killed at each system call, one after the other: after recovery the folder is as before or as after, and nothing else is in it.
#[test]
fn a_kill_at_any_call_leaves_before_or_after() {
    let (mut was, mut is) = (0, 0);
    for call in CALLS {
        for when in 1.. {
            let root = tempfile::tempdir().unwrap();
            write(root.path());
            let Some(done) = struck(root.path(), false, &format!("{call}:signal=KILL:when={when}")) else { return };
            recover(root.path()).unwrap();
            let found = read(root.path());
            assert!(found == before() || found == after(), "{call} {when}: {found:?}");
            if done {
                break;
            }
            *(if found == after() { &mut is } else { &mut was }) += 1;
        }
    }
    eprintln!("killed before the commit {was} times, after it {is} times");
    assert!(was > 0 && is > 0, "before {was}, after {is}");
}

/// A plan of one file is one rename: a kill at any call leaves before or after, and nobody has to recover it.
#[test]
fn one_file_needs_no_recovery() {
    let (old, new) = ("one\ntwo\n", "ONE\ntwo\n");
    let (mut was, mut is) = (0, 0);
    for call in CALLS {
        for when in 1.. {
            let root = tempfile::tempdir().unwrap();
            write(root.path());
            let Some(done) = struck(root.path(), true, &format!("{call}:signal=KILL:when={when}")) else { return };
            let found = fs::read_to_string(root.path().join("a.txt")).unwrap();
            assert!(found == old || found == new, "{call} {when}: {found:?}");
            // What a kill has left says so to git, and recovery does not change the file any more.
            recover(root.path()).unwrap();
            assert_eq!(fs::read_to_string(root.path().join("a.txt")).unwrap(), found, "{call} {when}");
            if done {
                break;
            }
            *(if found == new { &mut is } else { &mut was }) += 1;
        }
    }
    assert!(was > 0 && is > 0, "before {was}, after {is}");
}

/// A call that fails is not a kill: what was done is taken back at once, or the whole is done.
#[test]
fn a_call_that_fails_leaves_before_or_after() {
    for (call, error) in
        [("renameat2", "EIO"), ("fsync", "EIO"), ("linkat", "EPERM"), ("mkdirat", "ENOSPC"), ("renameat2", "EACCES")]
    {
        for when in 1.. {
            let root = tempfile::tempdir().unwrap();
            write(root.path());
            let Some(done) = struck(root.path(), false, &format!("{call}:error={error}:when={when}")) else { return };
            let mut found = read(root.path());
            found.retain(|path, _| !path.starts_with(STAGE));
            assert!(found == before() || (done && found == after()), "{call} {error} {when} {done}: {found:?}");
            recover(root.path()).unwrap();
            assert!([before(), after()].contains(&read(root.path())), "{call} {error} {when}");
            if done && found == after() && when > 30 {
                break;
            }
        }
    }
}

/// Who works on after a kill loses nothing: the commit goes back where it cannot go on.
#[test]
fn what_was_changed_after_a_kill_is_kept() {
    let mut back = 0;
    for when in 1..40 {
        let root = tempfile::tempdir().unwrap();
        write(root.path());
        let Some(done) = struck(root.path(), false, &format!("renameat2:signal=KILL:when={when}")) else { return };
        if done {
            break;
        }
        let mixed = read(root.path()).into_iter().filter(|(path, _)| !path.starts_with(STAGE)).collect::<BTreeMap<_, _>>();
        fs::write(root.path().join("run.sh"), "mine\n").unwrap();
        let recovered = recover(root.path());
        let mut found = read(root.path());
        assert_eq!(found.insert("run.sh".to_owned(), String::new()).unwrap(), "mine\n", "{when}");
        let but_for = |mut files: BTreeMap<String, String>| {
            files.insert("run.sh".to_owned(), String::new());
            files
        };
        match recovered {
            Ok(_) => {
                assert!([but_for(before()), but_for(after())].contains(&found), "{when}: {mixed:?} {found:?}");
                back += usize::from(but_for(mixed) != found && found == but_for(before()));
            }
            Err(error) => panic!("{when}: {error}"),
        }
    }
    assert!(back > 0, "no kill was between: the test says nothing");
}
