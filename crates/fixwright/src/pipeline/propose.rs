//! Step 4: asks the engines, cheapest first, and works drafts out to edits.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Digest, Edit, Files, Finding, Subproject};

use super::errand::Purpose;
use super::run::Runner;
use crate::engines::{self, Ask, Draft, Write};
use crate::workspace::{Changes, tree_digest};

/// Works drafts out; keeps what commands gave, so that a formatter runs once for all files that it is to format.
pub(crate) struct Proposer {
    runner: Arc<Runner>,
    written: HashMap<(Digest, Vec<String>), Result<Vec<Edit>, String>>,
}

impl Proposer {
    pub(crate) fn new(runner: Arc<Runner>) -> Self {
        Self { runner, written: HashMap::new() }
    }

    /// Asks the engines about findings of one subproject, side by side on the cores there are.
    pub(crate) async fn ask(subproject: &Subproject, findings: Vec<Finding>, files: Files) -> anyhow::Result<Vec<Vec<Draft>>> {
        let subproject = Arc::new(subproject.clone());
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = findings.len().div_ceil(cores).max(8);
        let mut tasks = Vec::new();
        for part in findings.chunks(share) {
            let (part, subproject, files) = (part.to_vec(), Arc::clone(&subproject), files.clone());
            tasks.push(tokio::task::spawn_blocking(move || -> Vec<Vec<Draft>> {
                let ask = |finding| engines::propose(&Ask { finding, subproject: &subproject, files: &files });
                part.iter().map(ask).collect()
            }));
        }
        let mut all = Vec::with_capacity(findings.len());
        for task in tasks {
            all.extend(task.await?);
        }
        Ok(all)
    }

    /// Returns the edits of a draft against the base with `changes`; empty when its command failed or changed nothing.
    pub(crate) async fn work_out(&mut self, draft: &Draft, subproject: usize, changes: &Changes) -> anyhow::Result<Vec<Edit>> {
        let Some(Write { argv, only, asks }) = &draft.command else { return Ok(draft.edits.clone()) };
        let mut before = changes.clone();
        if !draft.edits.is_empty() {
            let mut overlay = patch::Overlay::new(self.runner.base.files.with(changes));
            if overlay.add(0, &draft.edits, patch::At::Base).is_err() {
                return Ok(Vec::new());
            }
            before.extend(overlay.render(|_| true).into_iter().map(|(path, bytes)| (path, Some(bytes))));
        }
        // From what is at hand, if that is enough.
        let purposes: &[Purpose] = if *asks { &[Purpose::Write, Purpose::Install] } else { &[Purpose::Write] };
        let key = (tree_digest(&self.runner.base.commit, &before), argv.clone());
        if !self.written.contains_key(&key) {
            let written = self.runner.let_write(&before, subproject, argv, purposes, |_| true).await?;
            if let Err(why) = &written {
                self.runner.app.progress.warn(&format!("`{}` did not work: {why}", argv.join(" ")));
            }
            self.written.insert(key.clone(), written);
        }
        let Some(Ok(all)) = self.written.get(&key) else { return Ok(Vec::new()) };
        let taken = |edit: &&Edit| only.as_ref().is_none_or(|only| only.iter().any(|path| path == edit.path.as_str()));
        let mut edits: Vec<Edit> = all.iter().filter(taken).cloned().collect();
        if edits.is_empty() || draft.edits.is_empty() {
            return Ok(edits);
        }
        // Edits and the command's effect together, against the text that was asked about.
        let files = self.runner.base.files.with(changes);
        let mut overlay = patch::Overlay::new(files);
        if overlay.add(0, &draft.edits, patch::At::Base).is_err() || overlay.add(0, &edits, patch::At::Now).is_err() {
            return Ok(Vec::new());
        }
        edits = overlay.edits(|_| true);
        Ok(edits)
    }
}
