//! Plans written to real folders: everything or nothing, also when the process is killed.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use domain::{Files, RepoPath};
use patch::{CommitError, Plan, Tree, commit, plan, recover};

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

/// The process that is killed: it writes the plan to the folder that it is told.
#[test]
fn killed_child() {
    #[expect(clippy::disallowed_methods, reason = "the parent says so by the environment")]
    let root = std::env::var_os("FIXWRIGHT_COMMIT_ROOT");
    if let Some(root) = root {
        commit(&planned(), Path::new(&root)).unwrap();
    }
}

/// Killed at each system call that can change the tree, one after the other: after recovery it is as before or as after.
#[test]
fn a_kill_at_any_call_leaves_before_or_after() {
    const CALLS: [&str; 8] = ["openat", "mkdirat", "write", "fsync", "renameat", "unlinkat", "fchmod", "flock"];
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed (`cargo xtask test` does it)");
        return;
    }
    let (mut was, mut is) = (0, 0);
    for call in CALLS {
        for when in 1.. {
            let root = tempfile::tempdir().unwrap();
            write(root.path());
            let done = std::process::Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null"])
                .args(["-e", &format!("inject={call}:signal=KILL:when={when}")])
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", "killed_child", "--test-threads=1"])
                .env("FIXWRIGHT_COMMIT_ROOT", root.path())
                .output()
                .unwrap();
            recover(root.path()).unwrap();
            let found = read(root.path());
            assert!(found == before() || found == after(), "{call} {when}: {found:?}");
            if done.status.success() {
                break;
            }
            *(if found == after() { &mut is } else { &mut was }) += 1;
        }
    }
    eprintln!("killed before the commit {was} times, after it {is} times");
    assert!(was > 0 && is > 0, "before {was}, after {is}");
}
