//! A repository with all that one user has: a home, a data directory, a temporary folder; and a look at what is left in them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::stat::Mode;
use serde_json::Value;
use testkit::Repo;

/// The exit codes, as the documentation promises them.
pub(crate) mod code {
    pub(crate) const DONE: i32 = 0;
    pub(crate) const REMAIN: i32 = 1;
    pub(crate) const USAGE: i32 = 2;
    pub(crate) const REPOSITORY: i32 = 3;
    pub(crate) const ENVIRONMENT: i32 = 4;
    pub(crate) const BUDGET: i32 = 5;
    pub(crate) const INTERNAL: i32 = 70;
    pub(crate) const INTERRUPTED: i32 = 130;
}

/// A repository and its user.
pub(crate) struct Bench {
    pub(crate) repo: Repo,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new(repo: Repo) -> Self {
        for folder in ["home", "tmp", "bin", "gates"] {
            fs::create_dir(repo.beside(folder)).unwrap();
        }
        Self { repo }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.repo.beside("data")
    }

    /// Returns the program with arguments, in the repository's folder and with an environment that holds nothing but what is needed.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        // The folder of this test is in the PATH, and so in the environment of all processes that come of it: they are found by it.
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.repo.beside("bin").display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixwright"));
        command
            .args(args)
            .current_dir(self.repo.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.repo.beside("home"))
            .env("TMPDIR", self.repo.beside("tmp"))
            .env("FIXWRIGHT_DATA_DIR", self.data())
            .env("COUNTER", self.counter())
            .env("GATES", self.repo.beside("gates"))
            // Behind walls, recipes can write what is beside their tree where the user says so.
            .env("FIXWRIGHT_SANDBOX_WRITE", self.repo.beside("gates"))
            .env("FIXWRIGHT_SANDBOX_BACKEND", backend())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(self.command(args).spawn().unwrap())
    }

    /// Runs `fix --json` to its end.
    pub(crate) fn fix(&self, args: &[&str]) -> Ran {
        self.run(["fix", "--json"].iter().chain(args))
    }

    /// Where recipes of these tests count their runs, or say what they saw.
    pub(crate) fn counter(&self) -> PathBuf {
        self.repo.beside("gates").join("counter")
    }

    /// Returns how often a recipe has run, by its own count.
    pub(crate) fn runs_of(&self, recipe: &str) -> u64 {
        let lines = fs::read_to_string(self.counter()).unwrap_or_default();
        lines.lines().filter(|line| *line == recipe).count() as u64
    }

    /// Makes a recipe wait, each time it runs, until the gate is open.
    pub(crate) fn shut(&self, recipe: &str) {
        nix::unistd::mkfifo(&self.gate(recipe), Mode::S_IRWXU).unwrap();
    }

    /// Opens a gate for good.
    pub(crate) fn open(&self, recipe: &str) {
        let gate = self.gate(recipe);
        // Those that wait at it hold it by now, or find none.
        let waiting = fs::OpenOptions::new().write(true).custom_flags(nix::libc::O_NONBLOCK).open(&gate);
        fs::remove_file(gate).unwrap();
        drop(waiting);
    }

    fn gate(&self, recipe: &str) -> PathBuf {
        self.repo.beside("gates").join(recipe)
    }

    /// Returns the branches that were delivered, with their tips.
    pub(crate) fn branches(&self) -> Vec<String> {
        let listed = self.repo.git(["for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/fixwright"]);
        listed.lines().map(str::to_owned).collect()
    }

    /// Says whether that many runs of recipes are in the store.
    pub(crate) fn has_kept(&self, runs: usize) -> bool {
        // Their outputs are kept before them, and a blob is written once for equal ones.
        let blobs = below(&self.data().join("blobs"));
        blobs.iter().filter(|path| path.is_file()).count() >= runs
    }

    /// Says whether a process has said what it does on an interrupt, so that it is not simply ended by one.
    pub(crate) fn listens_to_interrupts(&self, child: &Child) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default().trim().to_owned();
        u64::from_str_radix(&caught, 16).is_ok_and(|caught| caught & 0b10 != 0)
    }

    /// Returns all processes that a run left.
    pub(crate) fn living(&self) -> Vec<String> {
        testkit::processes_with(self.repo.beside("bin").to_str().unwrap())
    }

    /// Returns what a run left that it should have taken away: private trees, locks, temporary files, processes.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut left = self.living();
        let keeps = |path: &Path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let temporary = [".tmp", "tmp_", "fast_import_crash"].iter().any(|start| name.starts_with(start));
            !temporary && !name.ends_with(".lock") && !name.ends_with("-wal") && !name.ends_with("-shm")
        };
        let git_dir = self.repo.path().join(".git");
        for root in [self.data(), git_dir] {
            left.extend(below(&root).iter().filter(|path| !keeps(path)).map(|path| path.display().to_string()));
        }
        for empty in [self.data().join("work"), self.data().join("blobs/tmp"), self.repo.beside("tmp")] {
            left.extend(below(&empty).iter().map(|path| path.display().to_string()));
        }
        left
    }
}

/// Returns the back end of the sandbox that these tests run with: what whoever runs them says in the same variable, else the default.
pub(crate) fn backend() -> String {
    #[expect(clippy::disallowed_methods, reason = "for machines on which no walls can be made")]
    std::env::var("FIXWRIGHT_SANDBOX_BACKEND").unwrap_or_else(|_| "ns".to_owned())
}

impl Ran {
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ran = Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        ran
    }

    /// Returns the document on standard output, after a look at the exit code.
    #[track_caller]
    pub(crate) fn document(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stderr, self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Returns everything below a folder, itself left out; links are not followed.
pub(crate) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
