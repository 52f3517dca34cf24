//! Step 7: names the branch, makes the commits, gives them to the repository, and writes down what happened, in that order.
//!
//! Every effect is named in the store before it happens and looked up at the target before it is repeated.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use domain::{AttemptStatus, Case, Delivery, Digest, Event, Evidence, Reason};

use super::cause::Cause;
use super::decide::{Fate, Part};
use super::intake::Opened;
use super::message::{self, Style};
use super::verify::Verifier;
use crate::app::App;
use crate::forge::local;
use crate::store::{Session, Store};
use crate::workspace::{Changes, Unusable};

/// A branch that stands.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) delivery: Delivery,
    /// The text for a pull request.
    pub(crate) pull_request: std::path::PathBuf,
}

/// Everything that a delivery needs to know.
pub(crate) struct Deliverer<'a> {
    pub(crate) app: &'a App,
    pub(crate) opened: &'a Opened,
    pub(crate) session: &'a Session,
    pub(crate) causes: &'a [Cause],
    pub(crate) cases: &'a [Case],
    pub(crate) verifier: &'a Verifier,
    /// Names the branch: the recipe, where one was asked for.
    pub(crate) topic: &'a str,
    pub(crate) each: bool,
}

impl Deliverer<'_> {
    /// Delivers every part that goes. Returns the branches, and for each such part (by index) its branch and commit.
    pub(crate) async fn deliver(&self, parts: &[Part]) -> anyhow::Result<(Vec<Branch>, BTreeMap<usize, (String, String)>)> {
        let going: Vec<usize> = (0..parts.len()).filter(|at| matches!(parts[*at].fate, Fate::Commit { .. })).collect();
        let stacks: Vec<Vec<usize>> = if self.each { going.iter().map(|at| vec![*at]).collect() } else { vec![going] };
        let style = Style::of(&local::recent_subjects(&self.opened.base));
        let mut branches = Vec::new();
        let mut placed = BTreeMap::new();
        for stack in stacks.into_iter().filter(|stack| !stack.is_empty()) {
            let (branch, ids) = self.deliver_stack(parts, &stack, style).await?;
            for (at, id) in stack.iter().zip(ids) {
                placed.insert(*at, (branch.delivery.branch.clone(), id));
            }
            branches.push(branch);
        }
        Ok((branches, placed))
    }

    async fn deliver_stack(&self, parts: &[Part], stack: &[usize], style: Style) -> anyhow::Result<(Branch, Vec<String>)> {
        let drafts: Vec<local::Draft> = stack.iter().map(|at| self.draft(parts, *at, style)).collect::<anyhow::Result<_>>()?;
        let content = drafts.iter().map(|draft| Digest::of(&draft.message).to_string() + &changes_name(&draft.changes));
        let name = Digest::of_parts(std::iter::once(self.opened.base.commit.clone()).chain(content)).short(6);
        let topic = if self.each { slug(&self.causes[parts[stack[0]].cause].rule) } else { self.topic.to_owned() };
        let delivery = &self.opened.config.delivery;
        let branch = format!("{}/{topic}-{name}", delivery.branch_prefix);
        let author = local::Author { name: &delivery.author_name, email: &delivery.author_email };
        let ids = local::make_commits(&self.opened.base, &author, &branch, &drafts)?;
        let tip = ids.last().context("a stack without commits")?.clone();
        let cases = stack.iter().map(|at| self.cases[parts[*at].cause].id.clone()).collect();
        let named = Delivery { branch: branch.clone(), tip: tip.clone(), cases };
        self.app.store.name_delivery(self.session, &named).await?;
        match local::tip(&self.opened.base, &self.opened.repository, &branch) {
            // A run before this one, or before the kill, got as far as here.
            Some(there) if there == tip => {}
            Some(_) => return Err(Unusable::Taken(branch).into()),
            None => local::push(&self.opened.base, &self.opened.repository, &branch, &tip)?,
        }
        self.app.store.delivered(self.session, &branch, self.app.clock.now()).await?;
        let pull_request = self.write_pull_request(parts, stack, &branch)?;
        Ok((Branch { delivery: named, pull_request }, ids))
    }

    fn draft(&self, parts: &[Part], at: usize, style: Style) -> anyhow::Result<local::Draft> {
        let part = &parts[at];
        let Fate::Commit { changes, cleared } = &part.fate else { anyhow::bail!("only what was cleared is delivered") };
        let cause = &self.causes[part.cause];
        let along = parts.iter().filter(|other| other.fate == Fate::With(at));
        let findings = part.findings.iter().chain(along.flat_map(|other| &other.findings)).collect();
        let applied = part.attempts.iter().filter(|attempt| attempt.reason.is_none());
        let (did, authors) = applied.map(|a| (a.explanation.clone(), format!("{} {}", a.engine, a.author))).unzip();
        let evidence = self.app.artifacts.put(&proof(cleared.candidate(), &part.evidence)?)?;
        let title = cause.title.as_str();
        let commit = message::Commit { kind: cause.kind, title, findings, did, authors, evidence };
        Ok(local::Draft { message: message::commit(style, &commit), changes: changes.clone() })
    }

    fn write_pull_request(&self, parts: &[Part], stack: &[usize], branch: &str) -> anyhow::Result<std::path::PathBuf> {
        let settled = |at: &usize| {
            let along = parts.iter().filter(|other| other.fate == Fate::With(*at)).map(|other| other.findings.len());
            (self.causes[parts[*at].cause].title.clone(), parts[*at].findings.len() + along.sum::<usize>())
        };
        let evidence: Vec<Evidence> = one_of_each(stack.iter().flat_map(|at| &parts[*at].evidence));
        let text = message::pull_request(&message::PullRequest {
            branch,
            base: &self.opened.base.commit,
            cases: stack.iter().map(settled).collect(),
            evidence: &evidence,
            notes: &self.opened.notes,
            held: &self.verifier.runner.containment.held(),
        });
        let folder = self.app.data_dir.join("pull-requests").join(self.opened.base.bare.file_stem().unwrap_or_default());
        let file = folder.join(format!("{}.md", branch.replace('/', "-")));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, text))
            .with_context(|| format!("writing {}", file.display()))?;
        Ok(file)
    }
}

/// The proof that a commit names: what was cleared and what every gate said, without times and outputs, so that the same proof has the
/// same name on every machine.
fn proof(candidate: Digest, evidence: &[Evidence]) -> anyhow::Result<Vec<u8>> {
    let gates: Vec<_> = evidence
        .iter()
        .map(|one| {
            serde_json::json!({ "gate": one.gate, "verdict": one.verdict, "reason": one.reason, "detail": one.detail,
                                "command": one.command, "exit_code": one.exit_code })
        })
        .collect();
    Ok(serde_json::to_vec(&serde_json::json!({ "schema": 1, "candidate": candidate, "gates": gates }))?)
}

/// The same run proves many cases of a stack: it is shown once.
fn one_of_each<'a>(evidence: impl Iterator<Item = &'a Evidence>) -> Vec<Evidence> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<Evidence> =
        evidence.filter(|one| seen.insert((one.gate, one.command.clone(), one.detail.clone()))).cloned().collect();
    all.sort_by_key(|one| one.gate);
    all
}

fn changes_name(changes: &Changes) -> String {
    let parts =
        changes.iter().flat_map(|(path, bytes)| [path.to_string().into_bytes(), bytes.as_deref().unwrap_or_default().to_vec()]);
    Digest::of_parts(parts).to_string()
}

fn slug(rule: &str) -> String {
    let plain: String = rule.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let short: String = plain.trim_matches('-').chars().take(30).collect();
    if short.is_empty() { "fix".to_owned() } else { short }
}

/// Brings a stored case to where `events` lead, whatever an earlier life of this session made of it: a case that is already delivered
/// stays, and one that was left on the way starts over.
pub(crate) async fn advance(
    store: &Store,
    session: &Session,
    case: &Case,
    part: &Part,
    events: &[Event],
    app: &App,
) -> anyhow::Result<Case> {
    let now = app.clock.now();
    let mut at = case.clone();
    let is_new = at.status() != "delivered";
    if is_new
        && let Ok((_, _)) = at.apply(&Event::Resumed)
        && at.state != domain::CaseState::Reproduced
    {
        at = store.commit(session, &at, &Event::Resumed, now).await?;
    }
    if at.state == domain::CaseState::Opened {
        at = store.commit(session, &at, &Event::Reproduced, now).await?;
    }
    let left: Vec<String> =
        at.findings.iter().filter(|id| !part.findings.iter().any(|finding| finding.id == **id)).cloned().collect();
    if is_new && !left.is_empty() {
        at = store.commit(session, &at, &Event::Split { findings: left }, now).await?;
    }
    for event in events.iter().filter(|_| is_new) {
        at = store.commit(session, &at, event, now).await?;
    }
    // Also of one that was delivered before: the life that did so may have ended here.
    let mut attempts = part.attempts.clone();
    if at.status() == "delivered" {
        for attempt in attempts.iter_mut().filter(|attempt| attempt.status == AttemptStatus::Drafted) {
            attempt.status = AttemptStatus::Delivered;
        }
    }
    store.keep_work(session, &at.id, &part.findings, &attempts, &part.evidence).await?;
    Ok(at)
}

/// Returns the events of a part once its branch is known.
pub(crate) fn events(part: &Part, placed: Option<&(String, String)>, stopped: Option<Reason>) -> Vec<Event> {
    let candidate = match &part.fate {
        Fate::Commit { cleared, .. } => cleared.candidate(),
        _ => part.attempts.last().map_or_else(|| Digest::of(""), |attempt| attempt.candidate),
    };
    let proved = || vec![Event::Proposed { candidate }, Event::Proved { candidate }];
    match (&part.fate, placed, stopped) {
        (Fate::Refused(Reason::NotSelected), _, _) => vec![Event::Stopped { reason: Reason::NotSelected }],
        (Fate::Refused(reason), _, _) => vec![Event::Refused { reason: *reason }],
        (_, Some((branch, commit)), _) => {
            let mut events = proved();
            events.push(Event::DeliveryStarted { branch: branch.clone() });
            events.push(Event::Delivered { commit: commit.clone() });
            events
        }
        (_, None, reason) => {
            let mut events = proved();
            events.push(Event::Stopped { reason: reason.unwrap_or(Reason::Planned) });
            events
        }
    }
}
