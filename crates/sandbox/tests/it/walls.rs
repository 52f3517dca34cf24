//! The back end `ns`, for the tests of what it holds and of what works behind it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use sandbox::{Cancel, Captured, Command, Limits, Ns, Outcome, Policy, Sandbox, Status};

use crate::{Bench, PATIENCE, PROGRAM};

/// The user that a root caller drops to: `nobody`.
pub(crate) const NOBODY: u32 = 65534;

/// The variable by which all of this is tried without bubblewrap.
pub(crate) const WITHOUT_BUBBLEWRAP: &str = "FIXWRIGHT_TEST_WITHOUT_BUBBLEWRAP";

/// Returns whether this is the second time.
#[expect(clippy::disallowed_methods, reason = "these tests start themselves anew, and tell themselves so by it")]
pub(crate) fn without_bubblewrap() -> bool {
    std::env::var_os(WITHOUT_BUBBLEWRAP).is_some()
}

/// A folder of two rooms: `work`, which the command gets, and `outside`, which it does not. A file of the other side lies in it.
pub(crate) struct Walls {
    pub(crate) bench: Bench,
    sandbox: Ns,
}

impl Walls {
    /// Returns the walls; `None`, with a line that says why, where this host cannot hold them.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let bench = Bench::new(name);
        let sandbox = Ns::new(PathBuf::from(PROGRAM), bench.mark.as_str()).dropping_to(NOBODY, NOBODY);
        let sandbox = if without_bubblewrap() { sandbox.without_bubblewrap() } else { sandbox };
        let missing = sandbox.probe().missing;
        if !missing.is_empty() {
            skipped(&format!("{name}: this host cannot hold it: {}", missing.join("; ")));
            return None;
        }
        let walls = Self { bench, sandbox };
        for folder in [walls.bench.path().to_owned(), walls.work(), walls.outside()] {
            fs::create_dir_all(&folder).unwrap();
        }
        fs::write(walls.outside().join("secret"), "a secret of the host").unwrap();
        // So that it is the walls that hold and not the modes of the files. The work folder keeps its own.
        for (path, mode) in
            [(walls.bench.path().to_owned(), 0o755), (walls.outside(), 0o777), (walls.outside().join("secret"), 0o666)]
        {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        Some(walls)
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.bench.path().join("work")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.bench.path().join("outside")
    }

    pub(crate) fn sandbox(&self) -> &Ns {
        &self.sandbox
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::work_in(self.work())
    }

    /// Returns a command in the work folder that knows the other one as `$OUT`.
    pub(crate) fn command(&self, argv: &[&str]) -> Command {
        let mut command = self.bench.command(argv);
        command.cwd = self.work();
        command.env.insert("OUT".into(), self.outside().into());
        command.env.insert("HOME".into(), self.work().into());
        command
    }

    pub(crate) fn run(&self, argv: &[&str], policy: &Policy, limits: &Limits) -> Outcome {
        let outcome = self.sandbox.run(&self.command(argv), policy, limits, &Cancel::default()).unwrap();
        assert_eq!(outcome.backend, "ns");
        self.bench.assert_nothing_lives();
        outcome
    }

    /// Runs a script to its end, and returns its exit code and all its output.
    pub(crate) fn sh(&self, script: &str) -> (Status, String) {
        let outcome = self.run(&["sh", "-c", script], &self.policy(), &limits());
        (outcome.status, both(&outcome))
    }

    /// Runs a Python program to its end.
    pub(crate) fn python(&self, program: &str) -> (Status, String) {
        let outcome = self.run(&["python3", "-c", program], &self.policy(), &limits());
        (outcome.status, both(&outcome))
    }
}

pub(crate) fn limits() -> Limits {
    Limits::new(PATIENCE * 3, 64 * 1024)
}

pub(crate) fn within(wall: Duration) -> Limits {
    Limits::new(wall, 64 * 1024)
}

pub(crate) fn both(outcome: &Outcome) -> String {
    let text = |captured: &Captured| String::from_utf8_lossy(&captured.text()).into_owned();
    text(&outcome.stdout) + &text(&outcome.stderr)
}

/// Says that a test was not made, past the capture of output.
pub(crate) fn skipped(why: &str) {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "SKIPPED {why}").unwrap();
}
