//! The first round: the best draft of each item, in the coordinates of the base.

use std::collections::VecDeque;

use domain::{Edit, FindingKind, Reason};
use patch::At;

use super::Verifier;
use crate::engines::Draft;
use crate::pipeline::blame::{brings_in, takes_away};
use crate::pipeline::items::ItemState;
use crate::pipeline::scope;
use crate::workspace::Changes;

impl Verifier {
    /// Round one: the best draft of each item that has one, in base coordinates.
    pub(super) async fn apply_first(&mut self) -> anyhow::Result<()> {
        let nothing = Changes::new();
        let mut order: Vec<usize> =
            (0..self.items.all.len()).filter(|at| self.items.all[*at].state == ItemState::Waiting).collect();
        order.sort_by_key(|index| self.turn(*index));
        for index in order {
            if self.is_needed_by_others(index) {
                self.items.all[index].drafts.clear();
                continue;
            }
            if self.items.all[index].drafts.is_empty() {
                let finding = self.finding(index);
                let placeless = finding.location.is_none() && finding.kind != FindingKind::DependencyIssue;
                self.items.give_up(index, if placeless { Reason::LocationUnusable } else { Reason::NoCandidate });
            }
            while let Some(draft) = self.items.all[index].drafts.pop_front() {
                let edits = self.proposer.work_out(&draft, self.items.all[index].subproject, &nothing).await?;
                match self.may_apply(index, &draft, &edits) {
                    Err(reason) => self.note_refused_draft(index, &draft, reason),
                    Ok(()) => {
                        if self.items.add(index, &draft, &edits, At::Base) {
                            self.items.all[index].try_once(&draft, &edits, &self.runner.base.files);
                            break;
                        }
                        if self.items.all[index].attempts.is_empty() {
                            // Overlaps an earlier item: asked again when that one is in place, or out of it.
                            self.items.all[index].drafts.push_front(draft);
                            break;
                        }
                    }
                }
            }
            let item = &self.items.all[index];
            if item.state == ItemState::Waiting && item.drafts.is_empty() && !item.attempts.is_empty() {
                self.items.give_up(index, Reason::NoCandidate);
            }
        }
        Ok(())
    }

    /// Tries what was offered at the base and could not be tried yet, of an item that no engine has an answer for now: a report offers its fixes
    /// once, and the recipe that shows the finding may have none. `Ok(true)`: one is in place.
    pub(super) async fn offer_again(&mut self, index: usize) -> anyhow::Result<bool> {
        let mut overlapping = VecDeque::new();
        let mut is_added = false;
        while let Some(draft) = self.items.all[index].drafts.pop_front() {
            let edits = self.proposer.work_out(&draft, self.items.all[index].subproject, &Changes::new()).await?;
            let attempts = self.items.all[index].attempts.len();
            if self.may_apply(index, &draft, &edits).is_err()
                || self.items.all[index].was_tried(&draft, &edits, &self.runner.base.files)
            {
                continue;
            }
            if self.items.add(index, &draft, &edits, At::Base) {
                self.items.all[index].try_once(&draft, &edits, &self.runner.base.files);
                is_added = true;
                break;
            }
            if self.items.all[index].attempts.len() == attempts {
                overlapping.push_back(draft);
            }
        }
        overlapping.append(&mut self.items.all[index].drafts);
        self.items.all[index].drafts = overlapping;
        Ok(is_added)
    }

    /// Formatting comes last, over what the others left; before it, whoever takes away what its finding calls unused: another repair may use it.
    fn turn(&self, index: usize) -> u8 {
        let finding = self.finding(index);
        let edits = self.items.all[index].drafts.front().map(|draft| draft.edits.as_slice()).unwrap_or_default();
        match finding.kind {
            FindingKind::Formatting => 2,
            _ => u8::from(!takes_away(finding, edits, &self.runner.base.files).is_empty()),
        }
    }

    /// Says whether a repair that is in place brings in a name that this one would take away. It is asked about again after the scan.
    fn is_needed_by_others(&self, index: usize) -> bool {
        let finding = self.finding(index);
        let Some((path, draft)) = finding.path().zip(self.items.all[index].drafts.front()) else { return false };
        let base = &self.runner.base.files;
        let names = takes_away(finding, &draft.edits, base);
        !names.is_empty() && brings_in(&names, &self.items.overlay.edits_in(path, |_| true), path, base)
    }

    fn may_apply(&self, index: usize, draft: &Draft, edits: &[Edit]) -> Result<(), Reason> {
        if edits.is_empty() {
            return Err(Reason::NoChange);
        }
        scope::allowed(&self.config, self.finding(index), draft, edits)
    }

    fn note_refused_draft(&mut self, index: usize, draft: &Draft, reason: Reason) {
        let item = &mut self.items.all[index];
        item.attempts.push(domain::Attempt {
            engine: draft.engine.to_owned(),
            author: draft.author.clone(),
            explanation: draft.explanation.clone(),
            findings: vec![item.finding_id.clone()],
            candidate: domain::Digest::of(""),
            status: domain::AttemptStatus::VerifyFailed,
            reason: Some(reason),
        });
    }
}
