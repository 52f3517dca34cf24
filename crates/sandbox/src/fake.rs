//! A sandbox for unit tests: nothing runs, a closure answers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::{Cancel, Capabilities, Captured, Command, Error, Hold, Limits, Outcome, Policy, Sandbox, Status, Usage};

const BACKEND: &str = "fake";

type Script = dyn Fn(&Command, &Policy, &Limits, &Cancel) -> Result<Outcome, Error> + Send + Sync;

/// Answers every command by a closure, and remembers what it was asked.
pub struct Fake {
    script: Box<Script>,
    ran: Mutex<Vec<Command>>,
}

impl Fake {
    /// Returns a sandbox that answers by `script`.
    pub fn new(script: impl Fn(&Command, &Policy, &Limits, &Cancel) -> Result<Outcome, Error> + Send + Sync + 'static) -> Self {
        Self { script: Box::new(script), ran: Mutex::default() }
    }

    /// Returns an outcome for a script: an exit code, with what was written.
    #[must_use]
    pub fn exited(code: i32, stdout: &str, stderr: &str) -> Outcome {
        Outcome {
            status: Status::Exited(code),
            reached: Vec::new(),
            stdout: Captured::whole(stdout),
            stderr: Captured::whole(stderr),
            wall: Duration::ZERO,
            usage: Usage::default(),
            backend: BACKEND,
            not_held: Vec::new(),
            memory_by: None,
        }
    }

    /// Returns the commands so far, in the order they came.
    #[must_use]
    pub fn ran(&self) -> Vec<Command> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sandbox for Fake {
    fn probe(&self) -> Capabilities {
        Capabilities { registries: true, ..Capabilities::of(BACKEND, Hold::ALL.to_vec(), Vec::new()) }
    }

    fn run(&self, command: &Command, policy: &Policy, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).push(command.clone());
        (self.script)(command, policy, limits, cancel)
    }
}
