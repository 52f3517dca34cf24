//! What a round does about what its scan shows: further steps, cuts, and a bisection of what nobody can be named for.

use std::collections::BTreeSet;

use domain::{Edit, Files, Finding, FindingKind, Reason, Severity};
use patch::At;

use super::Verifier;
use super::hold::Check;
use crate::engines::Draft;
use crate::pipeline::blame::blame;
use crate::pipeline::items::ItemState;
use crate::pipeline::propose::Proposer;
use crate::pipeline::scan::{New, Scan};
use crate::pipeline::scope;
use crate::workspace::Changes;

/// Further steps that one repair may take.
const MAX_FOLLOW_UPS: u32 = 6;

/// A finding of a scan that the engines are asked about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    subproject: usize,
    /// The item whose finding it is; `None` for a new one.
    own: Option<usize>,
    finding: &'a Finding,
    revealed: bool,
}

/// A further step that a round takes: whose, what, and its edits against the text of the scan.
struct Move {
    owner: usize,
    draft: Draft,
    edits: Vec<Edit>,
}

/// An item that is to be withdrawn, and why.
struct Cut {
    item: usize,
    reason: Reason,
    because: String,
}

impl Verifier {
    /// One answer to a scan: follow-ups first (their positions are those of the scan's text), then cuts. `false` when nothing changed.
    pub(super) async fn respond(&mut self, scan: &Scan, changes: &Changes) -> anyhow::Result<bool> {
        let files = self.runner.base.files.with(changes);
        // A compiler that stops at an error shows nothing else: what seems gone then may not be.
        let masked =
            scan.new.iter().any(|new| new.finding.kind == FindingKind::BuildError && new.finding.severity == Severity::Error);
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for New { subproject, finding, revealed } in &scan.new {
            asked.push(Asked { subproject: *subproject, own: None, finding, revealed: *revealed });
        }
        if !masked {
            asked.extend(scan.still.iter().map(|(index, finding)| {
                let subproject = self.items.all[*index].subproject;
                Asked { subproject, own: Some(*index), finding, revealed: false }
            }));
        }
        let drafts = if self.items.is_final { vec![Vec::new(); asked.len()] } else { self.ask_again(&asked, &files).await? };
        let mut moves: Vec<Move> = Vec::new();
        let mut cuts: Vec<Cut> = Vec::new();
        let mut doubtful: BTreeSet<usize> = BTreeSet::new();
        let mut unclear: Vec<&Finding> = Vec::new();
        let mut unanswered: Vec<usize> = Vec::new();
        for (Asked { own, finding, revealed, .. }, drafts) in asked.into_iter().zip(drafts) {
            let blame = blame(finding, &self.items, &self.runner.base.files);
            let Some(owner) = own.or_else(|| blame.suspects.first().copied()) else { continue };
            let follow_up_left = self.items.all[owner].follow_ups < MAX_FOLLOW_UPS;
            let mut found = false;
            if follow_up_left {
                for draft in drafts {
                    let edits = self.proposer.work_out(&draft, self.items.all[owner].subproject, changes).await?;
                    let clash = moves.iter().any(|other| overlaps(&other.edits, &edits) && other.edits != edits);
                    if edits.is_empty() || scope::allowed(&self.config, finding, &draft, &edits).is_err() {
                        continue;
                    }
                    if clash {
                        // Another round will ask again.
                        found = true;
                        break;
                    }
                    if self.items.all[owner].try_once(&draft, &edits, &files) {
                        moves.push(Move { owner, draft, edits });
                        found = true;
                        break;
                    }
                }
            }
            if found || revealed {
                continue;
            }
            match own {
                Some(index) if self.items.all[index].state == ItemState::Waiting => unanswered.push(index),
                Some(item) => cuts.push(Cut { item, reason: Reason::StillThere, because: String::new() }),
                None if blame.is_sure => {
                    cuts.push(Cut { item: owner, reason: reason_of(finding), because: in_words(finding) });
                }
                None => {
                    doubtful.extend(blame.suspects);
                    unclear.push(finding);
                }
            }
        }
        let mut changed = !moves.is_empty() || !cuts.is_empty();
        self.make(moves);
        for Cut { item, reason, because } in cuts {
            if self.items.all[item].state == ItemState::Applied {
                self.items.withdraw(item, reason, &because);
            }
        }
        for index in unanswered {
            if self.offer_again(index).await? {
                changed = true;
            } else if !changed || self.items.all[index].drafts.is_empty() {
                self.items.give_up(index, Reason::NoCandidate);
            }
        }
        // What a further step or a cut has just changed may have settled the unclear ones too: the next scan tells.
        let Some(first) = unclear.first().filter(|_| !changed) else { return Ok(changed) };
        let (suspects, rest): (Vec<_>, Vec<_>) =
            self.items.applied_bundles().into_iter().partition(|bundle| !bundle.is_disjoint(&doubtful));
        let good = rest.into_iter().flatten().collect();
        let check = Check::Without(unclear.iter().map(|finding| finding.fingerprint).collect());
        let (suspects, good) = if self.holds(&good, &check).await? {
            (suspects, good)
        } else {
            // It was none of the nearest.
            (self.items.applied_bundles(), BTreeSet::new())
        };
        self.bisect(suspects, good, check, reason_of(first), &in_words(first)).await?;
        Ok(true)
    }

    async fn ask_again(&self, asked: &[Asked<'_>], files: &Files) -> anyhow::Result<Vec<Vec<Draft>>> {
        let mut answers: Vec<Vec<Draft>> = vec![Vec::new(); asked.len()];
        for (number, subproject) in self.runner.subprojects.iter().enumerate() {
            let mine: Vec<usize> = (0..asked.len()).filter(|at| asked[*at].subproject == number).collect();
            if mine.is_empty() {
                continue;
            }
            let findings = mine.iter().map(|at| asked[*at].finding.clone()).collect();
            for (at, drafts) in mine.into_iter().zip(Proposer::ask(subproject, findings, files.clone()).await?) {
                answers[at] = drafts;
            }
        }
        Ok(answers)
    }

    /// Puts the moves of a round into the overlay, from the back of each file to its front, so that positions stay right.
    fn make(&mut self, moves: Vec<Move>) {
        let mut pieces: Vec<(usize, usize, Edit)> = Vec::new();
        let mut linked: Vec<(usize, usize)> = Vec::new();
        for (number, one) in moves.iter().enumerate() {
            let twin = moves[..number].iter().find(|other| other.edits == one.edits);
            match twin {
                Some(twin) => linked.push((one.owner, twin.owner)),
                None => pieces.extend(one.edits.iter().map(|edit| (number, one.owner, edit.clone()))),
            }
        }
        pieces.sort_by(|a, b| b.2.cmp(&a.2));
        for (number, owner, edit) in pieces {
            self.items.add(owner, &moves[number].draft, &[edit], At::Now);
        }
        // However many edits it takes: a file that parses at last shows all that is in it at once.
        for owner in moves.iter().map(|one| one.owner).collect::<BTreeSet<_>>() {
            self.items.all[owner].follow_ups += 1;
        }
        for (owner, twin) in linked {
            self.items.share(owner, twin);
        }
    }
}

fn reason_of(new: &Finding) -> Reason {
    if new.kind == FindingKind::BuildError { Reason::BuildBroken } else { Reason::NewFinding }
}

/// A finding in one line, for whoever asks what was wrong with a repair.
fn in_words(finding: &Finding) -> String {
    let place = finding.location.as_ref().map(|at| format!(" at {}:{}", at.path, at.line)).unwrap_or_default();
    format!("{} {}{place}", finding.rule, finding.message)
}

fn overlaps(one: &[Edit], other: &[Edit]) -> bool {
    one.iter().any(|a| {
        other.iter().any(|b| {
            let same_place = a.start == b.start && (a.start == a.end || b.start == b.end);
            a.path == b.path && (same_place || (a.start < b.end && b.start < a.end))
        })
    })
}
