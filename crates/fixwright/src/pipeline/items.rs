//! The unit that is proved and cut out: one finding with the edits that are to settle it.
//!
//! Items share one [`Overlay`]. Those whose edits melted together in a later round are linked and stand or fall together.

use std::collections::{BTreeSet, HashSet, VecDeque};

use domain::{Applicability, Attempt, AttemptStatus, Candidate, Digest, Edit, Files, Reason};
use patch::{At, Overlay, Refusal};

use crate::engines::Draft;
use crate::workspace::Changes;

/// One finding and the state of its repair.
pub(crate) struct Item {
    /// Index of the subproject.
    pub(crate) subproject: usize,
    /// Index of the base run that reported the finding, and of the finding in it.
    pub(crate) run: usize,
    pub(crate) finding: usize,
    pub(crate) finding_id: String,
    /// Drafts that were not tried yet, in base coordinates.
    pub(crate) drafts: VecDeque<Draft>,
    pub(crate) state: ItemState,
    pub(crate) attempts: Vec<Attempt>,
    /// How often the repair was followed by another step.
    pub(crate) follow_ups: u32,
    /// Its author does not vouch for a draft that was taken.
    pub(crate) is_unsure: bool,
    /// It, or what it was linked with, has been withdrawn before.
    pub(crate) was_withdrawn: bool,
    /// What a gate held against its first failed attempt, in words.
    pub(crate) because: String,
    /// The edits of an attempt that a person must approve first, with those that they had melted with, in base coordinates.
    pub(crate) to_approve: Vec<Edit>,
    tried: HashSet<Digest>,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemState {
    /// None of its edits are in the overlay; it may get some.
    Waiting,
    /// Its edits are in the overlay.
    Applied,
    /// Given up.
    Refused(Reason),
}

/// All items of a run and the composed text of those that are applied.
pub(crate) struct Items {
    pub(crate) all: Vec<Item>,
    pub(crate) overlay: Overlay,
    /// Sets of linked items.
    bundles: Vec<BTreeSet<usize>>,
    max_attempts: usize,
    /// Nothing is tried again.
    pub(crate) is_final: bool,
}

impl Item {
    pub(crate) fn new(subproject: usize, run: usize, finding: usize, finding_id: &str, drafts: Vec<Draft>) -> Self {
        Self {
            subproject,
            run,
            finding,
            finding_id: finding_id.to_owned(),
            drafts: drafts.into(),
            state: ItemState::Waiting,
            attempts: Vec::new(),
            follow_ups: 0,
            is_unsure: false,
            was_withdrawn: false,
            because: String::new(),
            to_approve: Vec::new(),
            tried: HashSet::new(),
        }
    }

    /// Returns the digest of the edits that are first in line; `None` where there are none, or only a command that makes some.
    pub(crate) fn first_repair(&self) -> Option<Digest> {
        let edits = self.drafts.front().map(|draft| &draft.edits).filter(|edits| !edits.is_empty())?;
        let parts =
            edits.iter().flat_map(|edit| [edit.path.to_string(), format!("{}..{}", edit.start, edit.end), edit.text.clone()]);
        Some(Digest::of_parts(parts))
    }

    /// Marks a draft as tried; `false` when the same change was tried before at the same place of lines that read the same. Numbers of
    /// lines do not count: text moves from round to round. `files` is what the edits are against.
    pub(crate) fn try_once(&mut self, draft: &Draft, edits: &[Edit], files: &Files) -> bool {
        self.tried.insert(trial(draft, edits, files))
    }

    /// Says whether that was done already.
    pub(crate) fn was_tried(&self, draft: &Draft, edits: &[Edit], files: &Files) -> bool {
        self.tried.contains(&trial(draft, edits, files))
    }

    fn close_attempt(&mut self, status: AttemptStatus, reason: Option<Reason>) {
        if let Some(attempt) = self.attempts.iter_mut().rev().find(|attempt| attempt.status == AttemptStatus::Drafted) {
            (attempt.status, attempt.reason) = (status, reason);
        }
    }
}

/// Names the change that a draft makes, by its words and the lines that it changes.
fn trial(draft: &Draft, edits: &[Edit], files: &Files) -> Digest {
    let words = [draft.author.clone(), draft.explanation.clone()].into_iter();
    let texts = edits.iter().flat_map(|edit| {
        let line = files.read(&edit.path).map(|text| line_around(&text, edit.start)).unwrap_or_default();
        [edit.path.to_string(), (edit.end - edit.start).to_string(), edit.text.clone(), line]
    });
    Digest::of_parts(words.chain(texts))
}

/// The line that `at` is in, with a mark where it is.
fn line_around(text: &[u8], at: usize) -> String {
    let (before, after) = text.split_at(at.min(text.len()));
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end = after.iter().position(|byte| *byte == b'\n').unwrap_or(after.len());
    let parts = [before.get(start..), after.get(..end)].into_iter().flatten();
    parts.map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n")
}

impl Items {
    pub(crate) fn new(all: Vec<Item>, overlay: Overlay, max_attempts: usize) -> Self {
        Self { all, overlay, bundles: Vec::new(), max_attempts, is_final: false }
    }

    /// Returns the indices of the items whose edits are in the overlay.
    pub(crate) fn applied(&self) -> BTreeSet<usize> {
        (0..self.all.len()).filter(|index| self.all[*index].state == ItemState::Applied).collect()
    }

    /// Returns `index` and all that is linked with it.
    pub(crate) fn bundle(&self, index: usize) -> BTreeSet<usize> {
        self.bundles.iter().find(|bundle| bundle.contains(&index)).cloned().unwrap_or_else(|| [index].into())
    }

    /// Returns the applied items as bundles, in the order of their first member.
    pub(crate) fn applied_bundles(&self) -> Vec<BTreeSet<usize>> {
        let mut left = self.applied();
        let mut bundles = Vec::new();
        while let Some(first) = left.first().copied() {
            let bundle = self.bundle(first);
            left.retain(|index| !bundle.contains(index));
            bundles.push(bundle);
        }
        bundles
    }

    /// Returns the changed files with the edits of `keep` alone.
    pub(crate) fn render(&self, keep: &BTreeSet<usize>) -> Changes {
        self.overlay.render(|owner| keep.contains(&owner)).into_iter().map(|(path, bytes)| (path, Some(bytes))).collect()
    }

    /// Adds a draft with its worked-out edits to the overlay. `Ok(false)`: it overlaps others and may be tried again in a later round.
    pub(crate) fn add(&mut self, index: usize, draft: &Draft, edits: &[Edit], at: At) -> bool {
        let added = self.overlay.add(index, edits, at);
        let item = &mut self.all[index];
        let candidate = Candidate {
            engine: draft.engine.to_owned(),
            author: draft.author.clone(),
            explanation: draft.explanation.clone(),
            applicability: draft.applicability,
            edits: edits.to_vec(),
        };
        let mut attempt = Attempt {
            engine: candidate.engine.clone(),
            author: candidate.author.clone(),
            explanation: candidate.explanation.clone(),
            findings: vec![item.finding_id.clone()],
            candidate: candidate.digest(),
            status: AttemptStatus::Drafted,
            reason: None,
        };
        match added {
            Ok(linked) => {
                item.state = ItemState::Applied;
                item.is_unsure |= draft.applicability != Applicability::Safe;
                item.attempts.push(attempt);
                self.link(index, linked);
                true
            }
            // Not a failed attempt: another item was first, and the next round asks again with the text as it then is.
            Err(Refusal::Overlap { .. }) => false,
            Err(refusal) => {
                let reason = if refusal == Refusal::NoChange { Reason::NoChange } else { Reason::ApplyFailed };
                (attempt.status, attempt.reason) = (AttemptStatus::ApplyFailed, Some(reason));
                item.attempts.push(attempt);
                false
            }
        }
    }

    /// Lets `index` share what `twin` has just done: the same change settles both.
    pub(crate) fn share(&mut self, index: usize, twin: usize) {
        if index != twin {
            self.all[index].state = ItemState::Applied;
            self.link(index, [twin].into());
        }
    }

    fn link(&mut self, index: usize, linked: BTreeSet<usize>) {
        if linked.is_empty() {
            return;
        }
        let mut merged = linked;
        merged.insert(index);
        let (touching, apart) = std::mem::take(&mut self.bundles).into_iter().partition(|bundle| !bundle.is_disjoint(&merged));
        self.bundles = apart;
        merged.extend(Vec::<BTreeSet<usize>>::into_iter(touching).flatten());
        self.bundles.push(merged);
    }

    /// Takes out the edits of `index` and of all that is linked with it. Those linked wait for another chance; the attempt of `index`
    /// has failed for `reason`, and so it is given up when no attempt is left.
    pub(crate) fn withdraw(&mut self, index: usize, reason: Reason, because: &str) {
        let bundle = self.bundle(index);
        if reason == Reason::NeedsApproval && self.all[index].to_approve.is_empty() {
            self.all[index].to_approve = self.overlay.edits(|owner| bundle.contains(&owner));
        }
        self.overlay.remove(&bundle);
        self.bundles.retain(|known| !known.contains(&index));
        for member in &bundle {
            let item = &mut self.all[*member];
            if item.state == ItemState::Applied {
                item.state = ItemState::Waiting;
                item.was_withdrawn = true;
                item.follow_ups = 0;
                if *member != index {
                    // The same draft may be applied again without the one that spoilt it.
                    item.tried.clear();
                    item.attempts.retain(|attempt| attempt.status != AttemptStatus::Drafted);
                }
            }
        }
        let spent = {
            let item = &mut self.all[index];
            if item.because.is_empty() {
                because.clone_into(&mut item.because);
            }
            item.close_attempt(AttemptStatus::VerifyFailed, Some(reason));
            item.attempts.retain(|attempt| attempt.status != AttemptStatus::Drafted);
            let failed = item.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::VerifyFailed).count();
            failed >= self.max_attempts
        };
        if spent {
            self.give_up(index, reason);
        }
        if self.is_final {
            bundle.into_iter().for_each(|member| self.give_up(member, reason));
        }
    }

    /// Gives up all that wait; whoever is withdrawn from now on stays so, with all that is linked with it.
    pub(crate) fn no_more_attempts(&mut self) {
        self.is_final = true;
        for index in 0..self.all.len() {
            if self.all[index].state == ItemState::Waiting {
                self.give_up(index, Reason::MaxAttempts);
            }
        }
    }

    /// Gives an item up. The reason shown is the first that a gate gave: later ones are consequences of trying on.
    pub(crate) fn give_up(&mut self, index: usize, reason: Reason) {
        let item = &mut self.all[index];
        if matches!(item.state, ItemState::Refused(_)) {
            return;
        }
        let first = item.attempts.iter().find_map(|attempt| attempt.reason);
        item.state = ItemState::Refused(first.unwrap_or(reason));
        if item.attempts.len() >= self.max_attempts
            && let Some(last) = item.attempts.last_mut()
        {
            last.status = AttemptStatus::MaxAttemptsExceeded;
        }
    }
}
