//! Real processes under the real supervisor. Nothing here sleeps to wait for something: what must become true is asked for until it is,
//! up to a deadline.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod bounds;
mod caller;
mod containers;
mod copies;
mod disk;
mod ends;
mod engines;
mod escapes;
mod honest;
mod launch;
mod leftovers;
mod output;
mod probes;
mod registries;
mod root;
mod walls;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use sandbox::{Cancel, Command, Limits, MARK, Outcome, Policy, Process, Sandbox};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sandbox-supervise");

/// Longer than anything here may take, and shorter than the `sleep 600` that must not be waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder, and a mark that no other test has.
struct Bench {
    folder: tempfile::TempDir,
    mark: String,
}

impl Bench {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, mark: format!("test-{}-{name}.", std::process::id()) }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn sandbox(&self) -> Process {
        Process::new(PathBuf::from(PROGRAM), self.mark.as_str())
    }

    fn command(&self, argv: &[&str]) -> Command {
        Command {
            argv: argv.iter().map(OsString::from).collect(),
            cwd: self.path().to_path_buf(),
            env: [("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())].into(),
            stdin: None,
        }
    }

    fn sh(&self, script: &str) -> Command {
        self.command(&["sh", "-c", script])
    }

    fn run(&self, command: &Command, wall: Duration) -> Outcome {
        self.sandbox().run(command, &Policy::open(), &Limits::new(wall, 1024 * 1024), &Cancel::default()).unwrap()
    }

    /// Runs a script that must end long before its limit.
    fn run_sh(&self, script: &str) -> Outcome {
        let outcome = self.run(&self.sh(script), Duration::from_secs(300));
        assert!(outcome.wall < PATIENCE, "{outcome:?}");
        outcome
    }

    /// Returns the processes with this test's mark.
    fn living(&self) -> Vec<String> {
        let variable = format!("{MARK}={}", self.mark);
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let marked = entries.filter(|entry| {
            let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|one| one.starts_with(variable.as_bytes()))
        });
        marked.map(|entry| fs::read_to_string(entry.path().join("stat")).unwrap_or_default()).collect()
    }

    /// Asserts that nothing lives, at once.
    fn assert_nothing_lives(&self) {
        assert_eq!(self.living(), Vec::<String>::new());
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = sandbox::sweep(&self.mark);
    }
}

fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_true() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
