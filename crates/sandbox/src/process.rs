//! The back end `none`: runs a command as it is, and sees to it that it ends and that nothing of it stays.
//!
//! It does not contain: the command may read and write what its user may. It must be asked for by name and is recorded in every outcome;
//! of all policies it keeps the open one alone.

use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::{Cancel, Capabilities, Command, Error, Hold, Limits, Outcome, Policy, Sandbox};

/// What this back end holds wherever it runs.
const HOLDS: [Hold; 4] = [Hold::WallTime, Hold::Output, Hold::Environment, Hold::Terminal];

/// Runs commands under a supervisor process and without containment.
#[derive(Debug, Clone)]
pub struct Process {
    engine: Engine,
}

impl Process {
    /// Returns the back end.
    ///
    /// `supervisor` is the absolute path of a program that calls [`supervise`](crate::supervise()) when its first argument is
    /// [`SUPERVISE`](crate::SUPERVISE); `/proc/self/exe` names the program that runs now, even when its file was replaced meanwhile.
    /// `mark` begins the mark that all processes of its runs carry, by which [`sweep`](crate::sweep()) finds them.
    #[must_use]
    pub fn new(supervisor: PathBuf, mark: impl Into<String>) -> Self {
        Self { engine: Engine::new(supervisor, mark) }
    }
}

impl Sandbox for Process {
    fn probe(&self) -> Capabilities {
        let mut holds = HOLDS.to_vec();
        let mut missing = Vec::new();
        // Without it, only what stays a child of the supervisor can be found.
        if Path::new("/proc/self/stat").exists() {
            holds.push(Hold::Descendants);
        } else {
            missing.push("/proc: mount -t proc proc /proc".to_owned());
        }
        Capabilities::of("none", holds, missing)
    }

    fn run(&self, command: &Command, policy: &Policy, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        let held = self.probe();
        held.suffice(policy, limits)?;
        self.engine.run(held, command, None, limits, cancel)
    }
}
