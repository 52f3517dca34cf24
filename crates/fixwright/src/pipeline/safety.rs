//! The gates `capability` and `secrets`: what a change lets the program do is laid against the policy, and what no change may bring is refused.
//!
//! Asked here of whole changes (what moves between files is no gain), and of one file while the bad ones among many repairs are searched.

use std::sync::Arc;

use code::{Capability, Change, Evaluation, Issue, IssueKind, Scans};
use domain::{Evidence, Files, Gate, Reason, RepoPath, Verdict};

use crate::config::{Answer, Config};
use crate::workspace::Changes;

/// More gains of one change are counted and not told.
const MOST_TOLD: usize = 5;

/// Something that a change newly lets the program do, or of which nobody knows whether it does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Gain {
    pub(crate) path: RepoPath,
    pub(crate) line: u32,
    /// `None` where it cannot be known what it is.
    pub(crate) capability: Option<Capability>,
    pub(crate) answer: Answer,
    /// The code that shows it, or why it is not known.
    pub(crate) evidence: String,
}

/// A file before and after, held while it is looked at.
struct Held {
    path: RepoPath,
    before: Option<Arc<[u8]>>,
    after: Option<Arc<[u8]>>,
}

fn held(base: &Files, changes: &Changes) -> Vec<Held> {
    changes.iter().map(|(path, after)| Held { path: path.clone(), before: base.read(path), after: after.clone() }).collect()
}

fn views(all: &[Held]) -> Vec<Change<'_>> {
    all.iter().map(|one| Change { path: &one.path, before: one.before.as_deref(), after: one.after.as_deref() }).collect()
}

/// Evaluates a change to the files of a base.
pub(crate) fn evaluate(scans: &Scans, base: &Files, changes: &Changes) -> Evaluation {
    code::evaluate(&views(&held(base, changes)), scans)
}

/// Returns what does not parse any more after a change to the files of a base.
pub(crate) fn broken(base: &Files, changes: &Changes) -> Vec<code::Broken> {
    code::broken(&views(&held(base, changes)))
}

/// Returns what a change to the files of a base newly lets the program do and the policy does not simply pass, the worst first.
pub(crate) fn gains(config: &Config, scans: &Scans, base: &Files, changes: &Changes) -> Vec<Gain> {
    gains_of(config, &code::delta(&views(&held(base, changes)), scans))
}

/// As [`gains`], of a difference that is known.
pub(crate) fn gains_of(config: &Config, delta: &code::Delta) -> Vec<Gain> {
    let added = delta.added.iter().map(|one| Gain {
        path: one.path.clone(),
        line: one.found.line,
        capability: Some(one.found.capability),
        answer: config.policy.answer(one.found.capability),
        evidence: one.found.evidence.clone(),
    });
    let unknown = delta.unknown.iter().map(|one| Gain {
        path: one.path.clone(),
        line: one.line,
        capability: None,
        answer: Answer::Ask,
        evidence: one.why.clone(),
    });
    let mut all: Vec<Gain> = added.chain(unknown).filter(|one| one.answer != Answer::Pass).collect();
    all.sort_by(|a, b| b.answer.cmp(&a.answer).then_with(|| (&a.path, a.line).cmp(&(&b.path, b.line))));
    all
}

/// Returns what no change may bring into a file: the reason, and the line of the new text.
pub(crate) fn issues(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> Vec<(Reason, Option<u32>)> {
    let found = code::issues(&Change { path, before, after });
    found.into_iter().filter_map(|issue| Some((reason_of(issue.kind)?, Some(issue.line)))).collect()
}

/// Returns the reason for which an issue is refused; `None` for what a person should only know.
pub(crate) fn reason_of(kind: IssueKind) -> Option<Reason> {
    match kind {
        IssueKind::Secret => Some(Reason::SecretAdded),
        IssueKind::HiddenText => Some(Reason::HiddenText),
        IssueKind::Binary => Some(Reason::BinaryAdded),
        IssueKind::LicenceRemoved => Some(Reason::LicenceRemoved),
        IssueKind::Large => None,
    }
}

/// Returns the reason for which a gain is refused.
pub(crate) fn reason_of_gain(gain: &Gain) -> Reason {
    if gain.answer == Answer::Refuse { Reason::CapabilityRefused } else { Reason::NeedsApproval }
}

/// Writes down what both gates say of a change. `approved`: a person approved exactly this change; that does not open what is refused.
pub(crate) fn gates(config: &Config, scans: &Scans, base: &Files, changes: &Changes, approved: bool) -> [Evidence; 2] {
    let evaluation = evaluate(scans, base, changes);
    [capability_gate(config, changes, &evaluation, approved), secrets_gate(&evaluation)]
}

fn capability_gate(config: &Config, changes: &Changes, evaluation: &Evaluation, approved: bool) -> Evidence {
    let gains = gains_of(config, &evaluation.delta);
    let open: Vec<&Gain> = gains.iter().filter(|gain| !(approved && gain.answer == Answer::Ask)).collect();
    if let Some(first) = open.first() {
        let told: Vec<String> = open.iter().take(MOST_TOLD).map(|gain| in_words(gain)).collect();
        let more = open.len().saturating_sub(MOST_TOLD);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let detail = format!("{}{more}", told.join("; "));
        return Evidence::still(Gate::Capability, Verdict::Fail, Some(reason_of_gain(first)), detail);
    }
    if approved && !gains.is_empty() {
        let told: Vec<String> = gains.iter().take(MOST_TOLD).map(in_words).collect();
        let detail = format!("a person approved it: {}", told.join("; "));
        return Evidence::still(Gate::Capability, Verdict::Pass, None, detail);
    }
    let known = changes.keys().filter(|path| code::language_of(path).is_some()).count();
    if known == 0 {
        return Evidence::still(Gate::Capability, Verdict::NotApplicable, None, "no code that can be looked into");
    }
    let passed = evaluation.delta.added.len();
    let detail = match passed {
        0 => "the program can do nothing that it could not do before".to_owned(),
        _ => format!("{passed} things that the policy passes"),
    };
    Evidence::still(Gate::Capability, Verdict::Pass, None, detail)
}

fn secrets_gate(evaluation: &Evaluation) -> Evidence {
    let worst = evaluation.issues.iter().find_map(|issue| Some((issue, reason_of(issue.kind)?)));
    match worst {
        Some((Issue { path, line, message, .. }, reason)) => {
            Evidence::still(Gate::Secrets, Verdict::Fail, Some(reason), format!("{path}:{line}: {message}"))
        }
        None => Evidence::still(Gate::Secrets, Verdict::Pass, None, "no secret, no hidden text, no blob, no licence taken away"),
    }
}

/// A gain in one line.
pub(crate) fn in_words(gain: &Gain) -> String {
    let what = gain
        .capability
        .map_or("nobody knows what it does".to_owned(), |capability| format!("{capability} (it can {})", capability.text()));
    format!("{}:{}: {what}: {}", gain.path, gain.line, gain.evidence)
}
