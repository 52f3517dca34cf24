//! Private copies: many from one base, each with what its own command wrote, and the base as it was.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use sandbox::{Cancel, Changes, How, Now, Policy, Process, Sandbox, Status, Workspace};

use crate::walls::{Walls, both, limits};

/// A base with something of everything, and a place for copies of it.
struct Copies {
    walls: Walls,
    copies: PathBuf,
}

impl Copies {
    fn new(name: &str) -> Option<Self> {
        let walls = Walls::new(name)?;
        let base = walls.work();
        fs::create_dir_all(base.join("src/deep")).unwrap();
        fs::create_dir(base.join("old")).unwrap();
        for file in ["src/a", "src/b", "src/deep/c", "old/x", "old/y", "tool"] {
            fs::write(base.join(file), file).unwrap();
        }
        fs::set_permissions(base.join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("src/a", base.join("link")).unwrap();
        let copies = walls.bench.path().join("copies");
        fs::create_dir(&copies).unwrap();
        Some(Self { walls, copies })
    }

    fn prepare(&self, sandbox: &impl Sandbox, name: &str) -> Workspace {
        let folder = self.copies.join(name);
        fs::create_dir(&folder).unwrap();
        sandbox.prepare(&self.walls.work(), &folder).unwrap()
    }

    fn overlay(&self, name: &str) -> Workspace {
        let workspace = self.prepare(self.walls.sandbox(), name);
        assert_eq!(workspace.how(), How::Overlay);
        workspace
    }

    /// Runs a script in a copy, and returns what it printed.
    fn sh(&self, workspace: &Workspace, script: &str) -> String {
        let mut command = self.walls.command(&["sh", "-c", script]);
        command.cwd = workspace.path().to_owned();
        let policy = workspace.allowed_by(Policy::default());
        let outcome = self.walls.sandbox().run(&command, &policy, &limits(), &Cancel::default()).unwrap();
        assert_eq!(outcome.status, Status::Exited(0), "{}", both(&outcome));
        both(&outcome)
    }

    fn base_is_as_it_was(&self) {
        let names = |folder: &str| {
            let mut names: Vec<_> =
                fs::read_dir(self.walls.work().join(folder)).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(
            (names(""), names("src"), names("old")),
            (
                vec!["link".into(), "old".into(), "src".into(), "tool".into()],
                vec!["a".into(), "b".into(), "deep".into()],
                vec!["x".into(), "y".into()]
            )
        );
        for file in ["src/a", "src/b", "src/deep/c", "old/x", "old/y", "tool"] {
            assert_eq!(fs::read_to_string(self.walls.work().join(file)).unwrap(), file);
        }
    }
}

/// Returns the changes in short.
fn shown(changes: &Changes) -> Vec<String> {
    let one = |changed: &sandbox::Changed| {
        let path = changed.path.display();
        match &changed.now {
            Now::File { length, executable } => format!("{path} file {length}{}", if *executable { " x" } else { "" }),
            Now::Link { target } => format!("{path} -> {}", target.display()),
            Now::Folder => format!("{path}/"),
            Now::Gone => format!("{path} gone"),
        }
    };
    changes.entries.iter().map(one).collect()
}

const SCRIPT: &str = "echo changed > src/a; rm src/b; touch src/deep/c; mkdir new; echo n > new/file; chmod 755 new/file; rm -r old; mkdir old; \
                      echo again > old/y; ln -s /etc/passwd new/link; rm link; mkdir link; chmod 644 tool";

const EXPECTED: [&str; 10] = [
    "link/",
    "new/",
    "new/file file 2 x",
    "new/link -> /etc/passwd",
    "old/x gone",
    "old/y file 6",
    "src/a file 8",
    "src/b gone",
    "tool file 4",
    "",
];

#[test]
fn what_a_command_did_is_collected_and_the_base_stays() {
    let Some(copies) = Copies::new("collect") else { return };
    let workspace = copies.overlay("one");
    copies.sh(&workspace, SCRIPT);
    let changes = copies.walls.sandbox().collect(&workspace).unwrap();
    assert_eq!(shown(&changes), EXPECTED[..9]);
    let mut text = String::new();
    changes.open(Path::new("src/a")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), changes.left_out.len()), ("changed\n", 0));
    assert!(changes.open(Path::new("new/link")).is_err());
    copies.base_is_as_it_was();
    // The next command goes on where this one ended.
    assert_eq!(copies.sh(&workspace, "cat src/a old/y; ls old"), "changed\nagain\ny\n");
    workspace.remove().unwrap();
    assert_eq!(fs::read_dir(copies.copies.join("one")).unwrap().count(), 0);
}

#[test]
fn a_plain_copy_tells_the_same() {
    let Some(copies) = Copies::new("plain") else { return };
    let none = Process::new("/no/such/supervisor".into(), "none");
    let workspace = copies.prepare(&none, "one");
    assert!(matches!(workspace.how(), How::Copy | How::Reflink));
    copies.sh(&workspace, SCRIPT);
    assert_eq!(shown(&none.collect(&workspace).unwrap()), EXPECTED[..9]);
    copies.base_is_as_it_was();
    workspace.remove().unwrap();
    assert_eq!(fs::read_dir(copies.copies.join("one")).unwrap().count(), 0);
}

#[test]
fn copies_side_by_side_know_nothing_of_each_other() {
    let Some(copies) = Copies::new("side") else { return };
    let workspaces: Vec<_> = (0..6).map(|number| copies.overlay(&number.to_string())).collect();
    thread::scope(|scope| {
        for (number, workspace) in workspaces.iter().enumerate() {
            let copies = &copies;
            scope
                .spawn(move || copies.sh(workspace, &format!("test ! -e mine && echo {number} > mine && sleep 0.2 && cat mine")));
        }
    });
    for (number, workspace) in workspaces.into_iter().enumerate() {
        assert_eq!(workspace.read(Path::new("mine")).unwrap().unwrap(), format!("{number}\n").into_bytes());
        workspace.remove().unwrap();
    }
    copies.base_is_as_it_was();
}

#[test]
fn what_is_written_from_outside_is_seen_inside() {
    let Some(copies) = Copies::new("outside") else { return };
    let none = Process::new("/no/such/supervisor".into(), "none");
    for workspace in [copies.overlay("one"), copies.prepare(&none, "two")] {
        let path = Path::new;
        workspace.write(path("src/a"), b"from outside\n", false).unwrap();
        workspace.write(path("a/b/c"), b"echo made\n", true).unwrap();
        workspace.delete(path("src/b")).unwrap();
        workspace.delete(path("old")).unwrap();
        workspace.delete(path("nothing/there")).unwrap();
        workspace.write(path("old/new"), b"", false).unwrap();
        workspace.link(path("src/deep/c"), path("../a")).unwrap();
        assert_eq!(workspace.read(path("src/a")).unwrap().unwrap(), b"from outside\n");
        assert_eq!(workspace.read(path("tool")).unwrap().unwrap(), b"tool");
        assert_eq!((workspace.read(path("src/b")).unwrap(), workspace.read(path("old/x")).unwrap()), (None, None));
        assert!(workspace.write(path("../out"), b"", false).is_err() && workspace.read(path("/etc/passwd")).is_err());
        let text = copies.sh(&workspace, "cat src/deep/c; sh a/b/c; ls old src; rm -r a; echo inside > src/a");
        assert_eq!(text, "from outside\nmade\nold:\nnew\n\nsrc:\na\ndeep\n");
        assert_eq!(workspace.read(path("src/a")).unwrap().unwrap(), b"inside\n");
        let expected = ["old/new file 0", "old/x gone", "old/y gone", "src/a file 7", "src/b gone", "src/deep/c -> ../a"];
        assert_eq!(shown(&workspace.changes().unwrap()), expected, "{:?}", workspace.how());
        workspace.remove().unwrap();
    }
    copies.base_is_as_it_was();
}

#[test]
fn what_hostile_code_left_is_no_trap() {
    let Some(copies) = Copies::new("hostile") else { return };
    let workspace = copies.overlay("one");
    let script = "rm -r src; ln -s /etc src; ln -s .. up; mkfifo pipe; mkdir closed; echo x > closed/file; chmod 000 closed/file closed; \
                  python3 -c \"import os, socket; socket.socket(socket.AF_UNIX).bind('sock'); open(b'n\\xff\\n', 'w').close(); \
                  f = open('huge', 'w'); f.truncate(1 << 40); [(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(60)]\"";
    copies.sh(&workspace, script);
    let changes = workspace.changes().unwrap();
    let lines = shown(&changes);
    for expected in ["closed/file file 2", "huge file 1099511627776", "src -> /etc", "src/a gone", "up -> .."] {
        assert!(lines.iter().any(|line| line == expected), "{expected}: {lines:?}");
    }
    assert!(changes.entries.iter().any(|changed| changed.path.as_os_str() == OsStr::from_bytes(b"n\xff\n")));
    assert!(changes.left_out.contains(&PathBuf::from("pipe")) && changes.left_out.contains(&PathBuf::from("sock")));
    assert!(workspace.read(Path::new("src/passwd")).unwrap().is_none());
    // The link is replaced, and not followed.
    workspace.write(Path::new("up/file"), b"kept in", false).unwrap();
    assert!(!copies.copies.join("one/file").exists());
    workspace.remove().unwrap();
    assert_eq!(fs::read_dir(copies.copies.join("one")).unwrap().count(), 0);
    copies.base_is_as_it_was();
}
