//! A plan written to a folder, with a process that completes it should this one be killed.
//!
//! A plan of several files takes several renames, and no system makes those one. So before the first of them a second process of this
//! program is started, in a group of its own, which waits for the end of a pipe: when that comes without the word that all is done, this
//! process was killed, and the second one brings the folder to one side (see `patch::recover`). If both are killed, or the machine stops,
//! the next command on the folder does it.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use patch::{CommitError, Plan};

/// The first argument that makes this program wait for the end of a commit.
pub(crate) const FINISH: &str = "__finish";

/// Says to the second process that there is nothing to do.
const DONE: &[u8] = b".";

/// Writes a plan to the folder `root`.
///
/// # Errors
/// As [`patch::commit`].
pub(crate) fn commit(plan: &Plan, root: &Path) -> Result<(), CommitError> {
    // A single rename has no between.
    let second = if patch::is_one_step(plan) { None } else { Second::start(root) };
    let done = patch::commit(plan, root);
    if let Some(second) = second {
        second.end(done.is_ok());
    }
    done
}

/// What the second process does: returns its exit code.
pub(crate) fn finish(mut args: impl Iterator<Item = OsString>) -> u8 {
    let Some(root) = args.next().map(PathBuf::from) else { return crate::exit::USAGE };
    let mut said = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut said);
    if said == DONE || patch::recover(&root).is_ok() { crate::exit::DONE } else { crate::exit::INTERNAL }
}

struct Second {
    child: Child,
    pipe: ChildStdin,
}

impl Second {
    /// Starts it. Where that cannot be, the next command on the folder does what it would have done.
    fn start(root: &Path) -> Option<Self> {
        let program = std::env::current_exe().ok()?;
        // It holds this process's output open, so that whoever reads that to its end finds the folder on one side.
        let mut child = Command::new(program).arg(FINISH).arg(root).process_group(0).stdin(Stdio::piped()).spawn().ok()?;
        let pipe = child.stdin.take()?;
        Some(Self { child, pipe })
    }

    /// Ends it, after it has looked once more if the commit went wrong.
    fn end(mut self, done: bool) {
        if done {
            let _ = self.pipe.write_all(DONE);
        }
        drop(self.pipe);
        let _ = self.child.wait();
    }
}
