//! A caller who is root: what belongs to root is read and written as the policy says, by a user who is not root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use sandbox::{Policy, Status};

use crate::walls::{Walls, both, limits, skipped};

fn root(name: &str) -> Option<Walls> {
    if !nix::unistd::geteuid().is_root() {
        skipped(&format!("{name}: only root can be tested to drop"));
        return None;
    }
    Walls::new(name)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn closed_folders_of_root_are_no_obstacle_and_files_stay_with_their_owner() {
    let Some(walls) = root("closed") else { return };
    let tools = walls.bench.path().join("tools");
    fs::create_dir(&tools).unwrap();
    fs::write(tools.join("key"), "readable").unwrap();
    fs::write(walls.work().join("mine"), "first ").unwrap();
    mode(&tools.join("key"), 0o600);
    mode(&walls.work().join("mine"), 0o600);
    for folder in [&tools, &walls.work(), walls.bench.path()] {
        mode(folder, 0o700);
    }
    let script = "id -u; cat $HOME/../tools/key; echo second >> mine; mkdir -p made/deep; echo x > made/deep/file; \
                  (echo x > $HOME/../tools/new) 2>/dev/null; rm -f $HOME/../tools/key 2>/dev/null; stat -c %u mine";
    let policy = Policy { read: vec![tools.clone()], ..walls.policy() };
    let outcome = walls.run(&["sh", "-c", script], &policy, &limits());
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "65534\nreadable65534\n".to_owned()));
    assert_eq!(fs::read_to_string(walls.work().join("mine")).unwrap(), "first second\n");
    let made = fs::metadata(walls.work().join("made/deep/file")).unwrap();
    assert_eq!((made.uid(), made.gid(), fs::read_dir(tools).unwrap().count()), (0, 0, 1));
}

#[test]
fn a_folder_of_another_user_is_written_as_that_user() {
    let Some(walls) = root("another") else { return };
    chown(walls.work(), Some(1234), Some(4321)).unwrap();
    assert_eq!(walls.sh("echo x > new; stat -c %u new"), (Status::Exited(0), "65534\n".to_owned()));
    let new = fs::metadata(walls.work().join("new")).unwrap();
    assert_eq!((new.uid(), new.gid()), (1234, 4321));
}

#[test]
fn what_is_roots_alone_in_the_system_stays_closed() {
    let Some(walls) = root("shadow") else { return };
    let policy = Policy { read: vec!["/".into()], ..walls.policy() };
    let outcome = walls.run(&["sh", "-c", "cat /etc/shadow; cat /etc/passwd >/dev/null && echo users"], &policy, &limits());
    assert!(both(&outcome).starts_with("users\n") && both(&outcome).contains("ermission denied"), "{}", both(&outcome));
}
