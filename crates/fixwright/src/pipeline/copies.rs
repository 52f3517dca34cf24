//! A private copy of the tree for each chain of recipes that proves a candidate.
//!
//! The tree stays at the base, with all that was built there; a copy is an overlay over it, so it costs nothing to make, builds only what
//! the candidate changes, and takes with it whatever the candidate's code did. Where no overlay can be mounted, the tree itself is brought to
//! the candidate, as it is for candidates that change what is to be installed; copying a built tree would cost more than it gives.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use sandbox::{How, Workspace};

use super::install::MANIFESTS;
use super::run::Runner;
use crate::workspace::{Changes, Tree};

/// What is known of copies in this session.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    made: AtomicU64,
    works: OnceLock<bool>,
    /// Something was run at the base by this process: without what is built there, each copy would build everything.
    built: OnceLock<()>,
}

/// A private copy, removed when the last that uses it is done.
#[derive(Debug)]
pub(super) struct Copy(Option<Workspace>);

impl Copy {
    pub(super) fn allow(&self, policy: sandbox::Policy) -> sandbox::Policy {
        match &self.0 {
            Some(workspace) => workspace.allowed_by(policy),
            None => policy,
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed is removed with the folder of the session.
        drop(self.0.take().map(Workspace::remove));
    }
}

impl Copies {
    /// Takes note of a run at the base.
    pub(super) fn base_was_run(&self) {
        let _ = self.built.set(());
    }
}

impl Runner {
    /// Says whether a candidate is to be proved in copies of the tree.
    pub(super) fn proves_in_copies(&self, changes: &Changes, tree: &Tree) -> bool {
        let plain = !changes.is_empty() && !changes.keys().any(|path| MANIFESTS.contains(&path.file_name()));
        plain && self.copies.built.get().is_some() && !self.containment.is_open() && self.can_copy(tree)
    }

    /// Makes a copy of the tree, which is at the base, with `changes`.
    pub(super) fn copy(&self, tree: &Tree, changes: &Changes) -> anyhow::Result<Arc<Copy>> {
        let copy = self.prepare(&tree.root)?;
        let workspace = copy.0.as_ref().context("a copy without a workspace")?;
        for (path, bytes) in changes {
            let at = Path::new(path.as_str());
            let written = match bytes {
                Some(bytes) => workspace.write(at, bytes, tree.is_executable(path)),
                None => workspace.delete(at),
            };
            written.with_context(|| format!("writing {path} of a private copy"))?;
        }
        Ok(Arc::new(copy))
    }

    fn prepare(&self, base: &Path) -> anyhow::Result<Copy> {
        let folder = self.folder.join("copies").join(self.copies.made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Copy(Some(self.containment.sandbox.prepare(base, &folder)?)))
    }

    /// Says whether a copy is an overlay here: tried out with a folder that holds nothing.
    fn can_copy(&self, tree: &Tree) -> bool {
        let try_out = || {
            let empty = self.folder.join("empty");
            let works = std::fs::create_dir_all(&empty).is_ok()
                && self.prepare(&empty).is_ok_and(|copy| copy.0.as_ref().is_some_and(|copy| copy.how() == How::Overlay));
            if !works {
                self.note(format!("candidates were proved in one tree: no overlay can be mounted over {}", tree.root.display()));
            }
            works
        };
        *self.copies.works.get_or_init(try_out)
    }
}
