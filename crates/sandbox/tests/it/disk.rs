//! Space on the disk: what is written is bounded, and what was written is there afterwards.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use sandbox::{Cancel, Limit, Limits, Sandbox, Status};

use crate::walls::{Walls, both, limits};

const MEBI: u64 = 1 << 20;

fn bounded(walls: &Walls, script: &str) -> (Status, String) {
    let limits = Limits { disk: Some(16 * MEBI), ..limits() };
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    (outcome.status, both(&outcome))
}

#[test]
fn more_than_the_limit_is_not_written() {
    let Some(walls) = Walls::new("disk") else { return };
    let script = "i=0; while [ $i -lt 40 ]; do head -c 1000000 /dev/zero > f$i 2>/dev/null || echo full; i=$((i+1)); done";
    let (status, text) = bounded(&walls, script);
    assert!(status == Status::Exited(0) && text.contains("full"), "{text}");
    let sizes = fs::read_dir(walls.work()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    let sum: u64 = sizes.sum();
    assert!((12 * MEBI..=16 * MEBI).contains(&sum), "{sum}");
}

#[test]
fn that_the_space_was_used_up_is_said_whatever_the_command_makes_of_it() {
    let Some(walls) = Walls::new("used-up") else { return };
    let run = |script: &str, disk| {
        let limits = Limits { disk, ..limits() };
        walls.run(&["sh", "-c", script], &walls.policy(), &limits)
    };
    let outcome = run("head -c 3000000 /dev/zero > big || exit 3", Some(MEBI));
    assert_eq!((outcome.status, outcome.reached), (Status::Exited(3), vec![Limit::Disk]));
    let outcome = run("head -c 3000000 /dev/zero > big; exit 0", Some(MEBI));
    assert_eq!((outcome.status, outcome.reached), (Status::Exited(0), vec![Limit::Disk]));
    let outcome = run("head -c 3000000 /dev/zero > big", Some(16 * MEBI));
    assert_eq!((outcome.status, outcome.reached), (Status::Exited(0), Vec::new()));
}

#[test]
fn what_is_written_to_the_disk_itself_is_counted_and_what_is_set_aside_is_not_to_be_had() {
    let Some(walls) = Walls::new("counted") else { return };
    let limits = Limits { disk_writes: Some(24 * MEBI), ..limits() };
    // By many, one after the other: what those that ended wrote counts as well.
    let script =
        "i=0; while [ $i -lt 60 ]; do head -c 2000000 /dev/zero > f$((i%4)); sync f$((i%4)); i=$((i+1)); done; sleep 600";
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Disk), "{outcome:?}");
    let script = "head -c 8000000 /dev/zero > few; fallocate -l 100000000 aside 2>&1 | grep -c 'not supported'; \
                  python3 -c 'import os; os.posix_fallocate(os.open(\"zeros\", os.O_RDWR | os.O_CREAT), 0, 4096)'";
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "1\n".to_owned()));
}

#[test]
fn what_is_sparse_stays_sparse_and_names_of_one_file_stay_names() {
    let Some(walls) = Walls::new("sparse") else { return };
    let script = "truncate -s 100G huge; head -c 4000000 /dev/urandom > one; i=0; while [ $i -lt 50 ]; do ln one name$i; i=$((i+1)); done; \
                  n=0; while [ $n -lt 20000 ]; do true 2>/dev/null > e$n || { echo no more; break; }; n=$((n+1)); done; rm -f e*";
    let (status, text) = bounded(&walls, script);
    assert_eq!((status, text.contains("no more")), (Status::Exited(0), true), "{text}");
    let huge = fs::metadata(walls.work().join("huge")).unwrap();
    assert!(huge.len() == 100 << 30 && huge.blocks() < 1 << 10);
    let [one, name] = ["one", "name49"].map(|name| fs::metadata(walls.work().join(name)).unwrap());
    assert_eq!((one.ino(), one.nlink()), (name.ino(), 51));
}

#[test]
fn the_folder_is_as_the_command_left_it() {
    let Some(walls) = Walls::new("left") else { return };
    let work = walls.work();
    fs::create_dir_all(work.join("old/deep")).unwrap();
    fs::create_dir(work.join(".git")).unwrap();
    for file in ["a", "old/b", "old/deep/c", ".git/config"] {
        fs::write(work.join(file), file).unwrap();
    }
    let script = "echo more >> a; rm -r old; mkdir old; echo new > old/d; mkdir closed; echo x > closed/y; chmod 0500 closed; \
                  printf '#!/bin/sh' > tool; chmod 755 tool; ln -s a link; mkfifo pipe; (echo x > .git/config) 2>/dev/null; \
                  touch -d 2001-01-01 dated; cat a; exit 3";
    assert_eq!(bounded(&walls, script), (Status::Exited(3), "amore\n".to_owned()));
    assert_eq!(fs::read_to_string(work.join("a")).unwrap(), "amore\n");
    assert_eq!(fs::read_to_string(work.join(".git/config")).unwrap(), ".git/config");
    let mut names: Vec<_> = fs::read_dir(work.join("old")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["d"]);
    let mode = |name: &str| fs::metadata(work.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("tool"), mode("closed")), (0o755, 0o500));
    assert_eq!(fs::read_link(work.join("link")).unwrap().to_str(), Some("a"));
    assert_eq!(fs::metadata(work.join("dated")).unwrap().mtime() / 86400 / 365, 31);
    // For the folder to be removed.
    fs::set_permissions(work.join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_limit_on_the_disk_holds_over_a_private_copy() {
    let Some(walls) = Walls::new("disk-copy") else { return };
    let folder = walls.bench.path().join("copy");
    fs::create_dir(&folder).unwrap();
    fs::write(walls.work().join("a"), "base").unwrap();
    let workspace = walls.sandbox().prepare(&walls.work(), &folder).unwrap();
    let mut command = walls.command(&["sh", "-c", "head -c 30000000 /dev/zero > big; rm a; echo done > new; ls"]);
    command.cwd = workspace.path().to_owned();
    let limits = Limits { disk: Some(16 * MEBI), ..limits() };
    let policy = workspace.allowed_by(sandbox::Policy::default());
    let outcome = walls.sandbox().run(&command, &policy, &limits, &Cancel::default()).unwrap();
    assert!(both(&outcome).starts_with("big\nnew\n"), "{}", both(&outcome));
    assert!(fs::metadata(folder.join("upper/big")).unwrap().len() <= 16 * MEBI);
    assert_eq!(workspace.read("a".as_ref()).unwrap(), None);
    assert_eq!(fs::read_dir(walls.work()).unwrap().count(), 1);
    workspace.remove().unwrap();
}
