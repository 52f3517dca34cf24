//! Step 6: what becomes of every finding. Settled ones are put into commits, `gates.rs` writes the evidence down, and only what
//! `domain::Cleared` lets through goes on; the rest keeps its reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Attempt, AttemptStatus, Cleared, Digest, Evidence, Finding, FindingKind, Gate, Reason, Verdict};
use patch::{At, Overlay};

use super::cause::Cause;
use super::compare::compare;
use super::gates::{self, Proved};
use super::items::ItemState;
use super::scope;
use super::verify::Verifier;
use crate::workspace::Changes;

/// A case of hundreds of findings is told in a few of them.
const MOST_REASONS_SHOWN: usize = 3;

/// Findings of one cause that share a fate.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Index of the cause.
    pub(crate) cause: usize,
    pub(crate) findings: Vec<Finding>,
    /// The items that carry its edits.
    pub(crate) items: BTreeSet<usize>,
    /// The items in the tree that its commit was proved over.
    proved_over: BTreeSet<usize>,
    pub(crate) fate: Fate,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) attempts: Vec<Attempt>,
    /// What a person is asked about, where the reason is that one must be.
    pub(crate) to_approve: Changes,
}

/// What becomes of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes, with these changes to the tree before it.
    Commit { changes: Changes, cleared: Cleared },
    /// The commit of another part (by index) settles it too.
    With(usize),
    /// It is not repaired.
    Refused(Reason),
}

/// How commits are proved and delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    /// A branch a case: each is proved on the base alone.
    pub(crate) each: bool,
    /// Every commit of the stack is proved, not only its tip.
    pub(crate) prove_each: bool,
}

impl Manner {
    /// Says whether a commit is proved by itself, and not only with all that come after it.
    fn alone(self) -> bool {
        self.each || self.prove_each
    }
}

/// Decides over all causes. The parts come in commit order, the refused ones last. `unseen` are findings that no run at the base shows.
pub(crate) async fn decide(
    verifier: &mut Verifier,
    causes: &[Cause],
    unseen: &BTreeMap<String, Reason>,
    manner: Manner,
) -> anyhow::Result<Vec<Part>> {
    refuse_too_large(verifier, causes).await?;
    let mut left_out = LeftOut::new();
    let (mut parts, along, refused) = loop {
        let Sorted { settled, along, refused } = sort(verifier, causes, unseen, &left_out).await?;
        let parts = commits(verifier, settled, manner).await?;
        if manner.alone() || !leave_out(verifier, &parts, &mut left_out) {
            break (parts, along, refused);
        }
        verifier.settle_again().await?;
    };
    for mut part in along {
        part.fate = hosts_of(verifier, &part, &parts).first().copied().map_or(part.fate, Fate::With);
        parts.push(part);
    }
    prove_along(verifier, &mut parts, manner).await?;
    parts.extend(refused);
    Ok(parts)
}

/// What the gates said of commits that a stack was left without, by cause and reason.
type LeftOut = BTreeMap<(usize, Reason), Vec<Evidence>>;

/// The findings of all causes by what became of them.
struct Sorted {
    /// Gone, with repairs that aimed at them; in the order of commits.
    settled: Vec<Part>,
    /// Gone, and nobody aimed at them.
    along: Vec<Part>,
    refused: Vec<Part>,
}

async fn sort(
    verifier: &Verifier,
    causes: &[Cause],
    unseen: &BTreeMap<String, Reason>,
    left_out: &LeftOut,
) -> anyhow::Result<Sorted> {
    let gone = gone_at_tip(verifier).await?;
    let by_id: HashMap<String, usize> =
        verifier.items.all.iter().enumerate().map(|(index, item)| (item.finding_id.clone(), index)).collect();
    let mut sorted = Sorted { settled: Vec::new(), along: Vec::new(), refused: Vec::new() };
    for (number, cause) in causes.iter().enumerate() {
        let mut mine = empty_part(number);
        let mut apart: BTreeMap<Reason, Part> = BTreeMap::new();
        for finding in &cause.findings {
            let item = by_id.get(&finding.id).map(|index| (*index, verifier.items.all[*index].state));
            if gone.contains(&finding.id) {
                if let Some((index, ItemState::Applied)) = item {
                    mine.items.insert(index);
                }
                mine.findings.push(finding.clone());
                continue;
            }
            let reason = match item {
                Some((_, ItemState::Refused(reason))) => reason,
                Some((_, ItemState::Applied)) => Reason::StillThere,
                Some((_, ItemState::Waiting)) => Reason::Overlap,
                None => unseen.get(&finding.id).copied().unwrap_or(Reason::NotSelected),
            };
            let part = apart.entry(reason).or_insert_with(|| Part { fate: Fate::Refused(reason), ..empty_part(number) });
            part.findings.push(finding.clone());
            if let Some((index, _)) = item {
                part.attempts.extend(verifier.items.all[index].attempts.iter().cloned());
            }
        }
        for (reason, part) in &mut apart {
            let items = part.findings.iter().filter_map(|finding| verifier.items.all.get(*by_id.get(&finding.id)?));
            let because: BTreeSet<&str> = items.map(|item| item.because.as_str()).filter(|because| !because.is_empty()).collect();
            if *reason == Reason::NeedsApproval {
                part.to_approve =
                    to_approve(verifier, part.findings.iter().filter_map(|finding| by_id.get(&finding.id).copied()));
            }
            part.evidence = match left_out.get(&(number, *reason)) {
                Some(evidence) => evidence.clone(),
                None => refusal_evidence(&part.attempts, &part.fate, &because),
            };
        }
        match (mine.items.is_empty(), mine.findings.is_empty()) {
            (false, _) => sorted.settled.push(mine),
            (true, false) => sorted.along.push(mine),
            (true, true) => {}
        }
        sorted.refused.extend(apart.into_values());
    }
    // What must be repaired before anything else can be seen comes first.
    sorted.settled.sort_by_key(|part| (rank(causes[part.cause].kind), part.cause));
    Ok(sorted)
}

/// The gates of a stack speak of its tip with all repairs. Where the commits do not make that tree, since one of them was refused or a
/// repair settled nothing, nothing is proved of what they make: withdraws those repairs, so that the rest is settled by itself. `false`
/// when the commits make the tree that was proved.
fn leave_out(verifier: &mut Verifier, parts: &[Part], left_out: &mut LeftOut) -> bool {
    let tip = verifier.items.applied();
    let goes = |part: &&Part| !matches!(part.fate, Fate::Refused(_));
    let going: BTreeSet<usize> = parts.iter().filter(goes).flat_map(|part| part.items.iter().copied()).collect();
    if verifier.items.render(&going) == verifier.items.render(&tip) {
        return false;
    }
    let mut reasons: BTreeMap<usize, (Reason, &str)> =
        tip.difference(&going).map(|index| (*index, (Reason::StillThere, ""))).collect();
    for part in parts {
        let Fate::Refused(reason) = part.fate else { continue };
        let said_no = part.evidence.iter().find(|one| one.reason == Some(reason) && one.verdict != Verdict::Pass);
        let because = said_no.map_or("", |one| one.detail.as_str());
        reasons.extend(part.items.iter().map(|index| (*index, (reason, because))));
        left_out.insert((part.cause, reason), part.evidence.clone());
    }
    for (index, (reason, because)) in reasons {
        if verifier.items.all[index].state == ItemState::Applied {
            verifier.items.withdraw(index, reason, because);
        }
        verifier.items.give_up(index, reason);
    }
    true
}

/// Writes down for each part that goes along with a commit what the gates say of its own findings. On a branch a case they need not be gone
/// with the likeliest commit; then the others are asked, and without one that settles them they are not repaired.
async fn prove_along(verifier: &Verifier, parts: &mut [Part], manner: Manner) -> anyhow::Result<()> {
    for at in 0..parts.len() {
        let Fate::With(mut host) = parts[at].fate else { continue };
        while let Fate::With(next) = parts[host].fate {
            host = next;
        }
        let hosts = if manner.each { hosts_of(verifier, &parts[at], parts) } else { vec![host] };
        for host in hosts {
            let tree = verifier.items.render(&parts[host].proved_over);
            let own = [Gate::Build, Gate::Reproduce, Gate::Regress, Gate::Rescan];
            let mut evidence: Vec<Evidence> =
                parts[host].evidence.iter().filter(|one| !own.contains(&one.gate)).cloned().collect();
            evidence.extend(gates::run(verifier, &tree, &parts[at].findings, gates::whole(manner.alone())).await?);
            let judged = Cleared::judge(Digest::of(""), &evidence);
            parts[at].fate = judged.as_ref().map_or_else(|refusal| Fate::Refused(refusal.reason), |_| Fate::With(host));
            parts[at].evidence = evidence;
            if judged.is_ok() {
                break;
            }
        }
    }
    Ok(())
}

fn empty_part(cause: usize) -> Part {
    let fate = Fate::Refused(Reason::NoCandidate);
    Part {
        cause,
        findings: Vec::new(),
        items: BTreeSet::new(),
        proved_over: BTreeSet::new(),
        fate,
        evidence: Vec::new(),
        attempts: Vec::new(),
        to_approve: Changes::new(),
    }
}

fn rank(kind: FindingKind) -> u8 {
    match kind {
        FindingKind::BuildError | FindingKind::ImportError | FindingKind::DependencyIssue => 0,
        FindingKind::TestFailure | FindingKind::TypeChecking | FindingKind::Security | FindingKind::Deprecation => 1,
        FindingKind::Linting => 2,
        FindingKind::Formatting => 3,
    }
}

/// A case that changes more than the policy allows is taken out whole, and the rest is settled again without it.
async fn refuse_too_large(verifier: &mut Verifier, causes: &[Cause]) -> anyhow::Result<()> {
    let mut cut = false;
    for cause in causes {
        let ids: BTreeSet<&String> = cause.findings.iter().map(|finding| &finding.id).collect();
        let of_cause: BTreeSet<usize> =
            verifier.items.applied().into_iter().filter(|index| ids.contains(&verifier.items.all[*index].finding_id)).collect();
        let changes = verifier.items.render(&of_cause);
        if scope::small_enough(&verifier.config, &changes, &verifier.runner.base.files).is_ok() {
            continue;
        }
        for index in of_cause {
            if verifier.items.all[index].state == ItemState::Applied {
                verifier.items.withdraw(index, Reason::TooLarge, "");
            }
            verifier.items.give_up(index, Reason::TooLarge);
        }
        cut = true;
    }
    if cut {
        verifier.settle_again().await?;
    }
    Ok(())
}

/// Returns the ids of the base findings that the tip does not have.
async fn gone_at_tip(verifier: &Verifier) -> anyhow::Result<BTreeSet<String>> {
    let changes = verifier.items.render(&verifier.items.applied());
    let mut gone = BTreeSet::new();
    if changes.is_empty() {
        return Ok(gone);
    }
    for (wanted, before) in &verifier.base_runs {
        if !verifier.scans.contains(wanted) || !verifier.affected(&changes).contains(wanted) || before.could_not_run.is_some() {
            continue;
        }
        let after = verifier.run_at(&changes, *wanted).await?;
        if after.could_not_run.is_none() {
            let comparison = compare(&before.findings, &after.findings, |path| verifier.lines(path, &changes));
            gone.extend(comparison.gone.into_iter().map(|index| before.findings[index].id.clone()));
        }
    }
    Ok(gone)
}

/// Turns settled parts into commits, in order. One whose edits are all in an earlier commit goes along with it.
async fn commits(verifier: &Verifier, settled: Vec<Part>, manner: Manner) -> anyhow::Result<Vec<Part>> {
    let tip = verifier.items.applied();
    let mut parts: Vec<Part> = Vec::new();
    let mut so_far: BTreeSet<usize> = BTreeSet::new();
    let mut tree = Changes::new();
    // Parts whose commit did not hold by itself are squashed into the next one that does.
    let mut waiting: Vec<usize> = Vec::new();
    let last = settled.len().saturating_sub(1);
    for (position, mut part) in settled.into_iter().enumerate() {
        let keep = if manner.each { part.items.clone() } else { &so_far | &part.items };
        let after = verifier.items.render(&keep);
        let before = if manner.each { Changes::new() } else { tree.clone() };
        let changes = between(&before, &after, &verifier.runner.base.files);
        part.attempts = part.items.iter().flat_map(|index| verifier.items.all[*index].attempts.iter().cloned()).collect();
        let index = parts.len();
        if changes.is_empty() {
            part.fate = waiting
                .last()
                .copied()
                .or_else(|| (0..index).rev().find(|at| is_commit(&parts[*at])))
                .map_or(part.fate, Fate::With);
            parts.push(part);
            continue;
        }
        part.proved_over.clone_from(if manner.alone() { &keep } else { &tip });
        let proved = Proved {
            findings: &part.findings,
            repairs: part.items.len(),
            attempts: &part.attempts,
            before: &before,
            changes: &changes,
            tree: &verifier.items.render(&part.proved_over),
            alone: manner.alone(),
        };
        part.evidence = gates::of_commit(verifier, &proved).await?;
        let digest = Digest::of_parts(
            changes
                .iter()
                .flat_map(|(path, bytes)| [path.to_string().into_bytes(), bytes.as_deref().unwrap_or_default().to_vec()]),
        );
        match Cleared::judge(digest, &part.evidence) {
            Ok(cleared) => {
                for host in waiting.drain(..) {
                    parts[host].fate = Fate::With(index);
                }
                part.fate = Fate::Commit { changes, cleared };
                so_far = keep;
                tree = after;
            }
            Err(refusal) => {
                part.fate = Fate::Refused(refusal.reason);
                if refusal.reason == Reason::NeedsApproval {
                    part.to_approve = verifier.items.render(&part.items);
                }
                if manner.prove_each && !manner.each && position < last {
                    so_far = keep;
                    waiting.push(index);
                }
            }
        }
        parts.push(part);
    }
    // Nothing came that they could have gone with: what was to go with them does not go either.
    for host in waiting {
        let refused = parts[host].fate.clone();
        parts.iter_mut().filter(|part| part.fate == Fate::With(host)).for_each(|part| part.fate = refused.clone());
    }
    for part in &mut parts {
        let Fate::Refused(reason) = part.fate else { continue };
        for attempt in part.attempts.iter_mut().filter(|attempt| attempt.status == AttemptStatus::Drafted) {
            (attempt.status, attempt.reason) = (AttemptStatus::VerifyFailed, Some(reason));
        }
    }
    Ok(parts)
}

/// Puts together what these items would have done had they been approved.
fn to_approve(verifier: &Verifier, items: impl Iterator<Item = usize>) -> Changes {
    let mut all = Overlay::new(verifier.runner.base.files.clone());
    for index in items {
        // Those that melted have each other's edits: the second finds its own there.
        let _ = all.add(index, &verifier.items.all[index].to_approve, At::Base);
    }
    all.render(|_| true).into_iter().map(|(path, bytes)| (path, Some(bytes))).collect()
}

fn is_commit(part: &Part) -> bool {
    matches!(part.fate, Fate::Commit { .. })
}

/// Returns what must be written to come from one tree to another, both given against the base.
fn between(before: &Changes, after: &Changes, base: &domain::Files) -> Changes {
    let mut changes: Changes =
        after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes)).map(|(p, b)| (p.clone(), b.clone())).collect();
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        changes.insert(path.clone(), base.read(path));
    }
    changes
}

/// Returns the commits that may have settled findings which nobody aimed at, the likeliest first: those that change the same file, then
/// those of the same subproject.
fn hosts_of(verifier: &Verifier, part: &Part, parts: &[Part]) -> Vec<usize> {
    let paths: BTreeSet<_> = part.findings.iter().filter_map(|finding| finding.path().cloned()).collect();
    let touches = |at: usize| match &parts[at].fate {
        Fate::Commit { changes, .. } => changes.keys().any(|path| paths.contains(path)),
        _ => false,
    };
    let is_near = |at: usize| {
        let mut subprojects = parts[at].items.iter().map(|index| &verifier.finding(*index).subproject);
        subprojects.any(|subproject| part.findings.iter().any(|finding| finding.subproject == *subproject))
    };
    let mut hosts: Vec<usize> = (0..parts.len()).filter(|at| is_commit(&parts[*at])).collect();
    hosts.sort_by_key(|at| (!touches(*at), !is_near(*at)));
    hosts
}

/// What can be shown for a refused part: the gate that said no to its last attempt.
fn refusal_evidence(attempts: &[Attempt], fate: &Fate, because: &BTreeSet<&str>) -> Vec<Evidence> {
    let Fate::Refused(reason) = fate else { return Vec::new() };
    let gate = match reason {
        Reason::ApplyFailed | Reason::NoChange | Reason::Overlap => Gate::Apply,
        Reason::ProtectedPath | Reason::TooLarge | Reason::TestDeleted | Reason::Suppression => Gate::Scope,
        Reason::SyntaxBroken => Gate::Syntax,
        Reason::CapabilityRefused | Reason::NeedsApproval => Gate::Capability,
        Reason::SecretAdded | Reason::HiddenText | Reason::BinaryAdded | Reason::LicenceRemoved => Gate::Secrets,
        Reason::BuildBroken => Gate::Build,
        Reason::StillThere => Gate::Reproduce,
        Reason::TestsBroken | Reason::TimedOut | Reason::CouldNotRun => Gate::Regress,
        Reason::NewFinding => Gate::Rescan,
        _ => return Vec::new(),
    };
    let verdict = if matches!(reason, Reason::CouldNotRun | Reason::TimedOut) { Verdict::Inconclusive } else { Verdict::Fail };
    let tried: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.author.as_str()).collect();
    let mut detail = format!("tried: {}", tried.into_iter().collect::<Vec<_>>().join(", "));
    for why in because.iter().take(MOST_REASONS_SHOWN) {
        detail += &format!("; {why}");
    }
    vec![Evidence::still(gate, verdict, Some(*reason), detail)]
}
