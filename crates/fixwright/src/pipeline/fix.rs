//! The main job: the whole path in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{Case, Event, Finding, Reason, Recipe, Severity};
use patch::Overlay;

use super::cause::{self, Cause};
use super::decide::{self, Fate, Manner, Part};
use super::deliver::{self, Branch, Deliverer};
use super::document::{BranchLine, CaseLine, Document, TestsLine};
use super::intake::{self, Opened};
use super::items::{Item, Items};
use super::propose::Proposer;
use super::reported::{Meant, Reported};
use super::reproduce::{self, BaseRuns};
use super::run::{Runner, Stopped, Wanted};
use super::verify::Verifier;
use crate::app::App;
use crate::config::{Backend, Mode};
use crate::contain::Held;
use crate::store::Session;
use crate::workspace::Changes;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) path: PathBuf,
    /// Empty: all that the repository has.
    pub(crate) recipes: Vec<Recipe>,
    /// Only findings with one of these ids (or starts of ids).
    pub(crate) findings: Vec<String>,
    /// Only findings of these rules.
    pub(crate) rules: Vec<String>,
    /// Only findings at least as severe.
    pub(crate) severity: Option<Severity>,
    /// Only findings that this report names.
    pub(crate) report: Option<String>,
    /// Show and prove, deliver nothing.
    pub(crate) plan: bool,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) jobs: Option<usize>,
    pub(crate) budget: Option<Duration>,
    pub(crate) deliver: Option<Mode>,
    pub(crate) prove_each: bool,
    /// Who holds commands, where it is not what the settings say.
    pub(crate) backend: Option<Backend>,
}

/// What is said when an earlier run is taken up.
pub(crate) const RESUMED: &str = "going on with a run that was stopped: what is done is not repeated";

/// Something that was named to select findings, and that no finding has.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Unknown {
    what: String,
    pub(crate) hint: String,
}

/// Fewer characters of an id mean nobody in particular.
pub(crate) const SHORTEST_ID: usize = 4;
/// More names than these are no help.
const MOST_NAMED: usize = 5;

impl Request {
    /// Fails when a finding or a rule was named that is not among these. Where there are no findings at all, none has the rule, as it should be.
    fn ensure_known(&self, findings: &[&Finding]) -> Result<(), Unknown> {
        let unknown = |what: String, all: BTreeSet<&str>, named: &str| {
            let near = nearest(named, &all);
            let hint = if near.is_empty() {
                "see what there is with `fixwright run`".to_owned()
            } else {
                format!("there is {}", near.join(", "))
            };
            Unknown { what, hint }
        };
        for id in &self.findings {
            if !findings.iter().any(|finding| finding.id.starts_with(id.as_str())) {
                let ids = findings.iter().map(|finding| finding.id.as_str()).collect();
                return Err(unknown(format!("no finding has an id that starts with `{id}`"), ids, id));
            }
        }
        for rule in &self.rules {
            if !findings.is_empty() && !findings.iter().any(|finding| finding.rule == *rule) {
                let rules = findings.iter().map(|finding| finding.rule.as_str()).collect();
                return Err(unknown(format!("no finding has the rule `{rule}`"), rules, rule));
            }
        }
        Ok(())
    }

    fn selects(&self, finding: &Finding) -> bool {
        let id = self.findings.is_empty() || self.findings.iter().any(|id| finding.id.starts_with(id.as_str()));
        let rule = self.rules.is_empty() || self.rules.contains(&finding.rule);
        id && rule && self.severity.is_none_or(|least| finding.severity >= least)
    }
}

/// Returns the names that begin as `named` does, as far as they agree with it most, and all where there are few.
fn nearest<'a>(named: &str, all: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let alike = |name: &str| name.to_lowercase().chars().zip(named.to_lowercase().chars()).take_while(|(a, b)| a == b).count();
    let mut near: Vec<&str> = all.iter().copied().collect();
    near.sort_by_key(|name| std::cmp::Reverse(alike(name)));
    near.truncate(MOST_NAMED);
    near
}

/// Walks the path for one repository. Returns the closing document; a stop (interrupt, budget) is in it, and not an error.
pub(crate) async fn fix(app: &Arc<App>, request: &Request) -> anyhow::Result<Document> {
    let start = app.clock.monotonic();
    let tools_before = app.tool_time.total();
    let mut opened = Opened::open(app, &request.path)?;
    if let Some(backend) = request.backend {
        Arc::make_mut(&mut opened.config).sandbox.backend = backend;
    }
    let reported = match &request.report {
        Some(text) => Some(Reported::read(text, &opened.base.files, &opened.subprojects)?),
        None => None,
    };
    if let Some(reported) = &reported {
        opened.notes.extend(reported.notes());
        opened.audit_what_is_reported(reported);
    }
    opened.notes.iter().for_each(|note| app.progress.warn(note));
    // What it is named by, and how fast it goes, makes it no other work.
    let options = format!("{:?}", Request { path: PathBuf::new(), jobs: None, budget: None, ..request.clone() });
    let key = intake::session_key(&opened, &options);
    let name = opened.repository.name();
    let (session, resumed) = app.store.begin(&key, &name, &opened.base.commit, app.clock.now()).await?;
    if resumed {
        app.progress.note(RESUMED);
    }
    let deadline = request.budget.or(opened.config.limits.budget).map(|budget| start + budget);
    let (runner, _folder) = opened.runner(app, &session, request.jobs, deadline)?;
    let mut work = Work {
        app,
        opened: &opened,
        session: &session,
        request,
        reported: reported.as_ref(),
        runner: &runner,
        causes: Vec::new(),
        cases: Vec::new(),
    };
    let Held { backend, not_held } = runner.containment.held();
    let mut document = Document {
        schema: 1,
        repository: name,
        base: opened.base.commit.clone(),
        base_branch: opened.repository.branch.clone(),
        notes: opened.notes.clone(),
        sandbox: backend,
        not_held,
        ..Document::default()
    };
    let walked = work.walk(&mut document).await;
    let stopped = match walked {
        Ok(()) => None,
        Err(error) => match error.downcast_ref::<Stopped>() {
            Some(Stopped::Interrupted) => Some(Reason::Interrupted),
            Some(Stopped::OutOfBudget) => Some(Reason::OutOfBudget),
            None => {
                if error.is::<Unknown>() {
                    app.store.forget(&session).await?;
                }
                return Err(error);
            }
        },
    };
    if let Some(reason) = stopped {
        work.stop(&mut document, reason).await?;
    }
    document.stopped = stopped;
    document.notes.extend(runner.noted());
    if let Ok(counts) = runner.counts.lock() {
        document.recipe_runs = counts.iter().map(|(recipe, count)| (recipe.to_string(), *count)).collect();
    }
    document.seconds_in_tools = (app.tool_time.total() - tools_before).as_secs_f64();
    document.seconds = (app.clock.monotonic() - start).as_secs_f64();
    let text = serde_json::to_string(&document)?;
    match stopped {
        None => app.store.finish(&session, &text, app.clock.now()).await?,
        Some(_) => app.store.suspend(&session, &text).await?,
    }
    Ok(document)
}

struct Work<'a> {
    app: &'a Arc<App>,
    opened: &'a Opened,
    session: &'a Session,
    request: &'a Request,
    reported: Option<&'a Reported>,
    runner: &'a Arc<Runner>,
    causes: Vec<Cause>,
    cases: Vec<Case>,
}

impl Work<'_> {
    async fn walk(&mut self, document: &mut Document) -> anyhow::Result<()> {
        let recipes = if self.request.recipes.is_empty() { Recipe::ALL.to_vec() } else { self.request.recipes.clone() };
        let mut runs = reproduce::run_selected(self.runner, &recipes).await?;
        document.unanswered = runs.values().filter(|run| run.could_not_run.is_some()).map(reproduce::describe).collect();
        document.unanswered.clone().into_iter().for_each(|text| self.note(document, text));
        for run in runs.values().filter(|run| !run.skipped.is_empty()) {
            self.note(document, format!("{}: not all of the output could be read: {}", run.recipe, run.skipped.join("; ")));
        }
        let meant = self.reported.map(|reported| reported.find_in(&mut runs, &self.opened.base.files));
        let unseen = meant.as_ref().map(|meant| meant.unseen.as_slice()).unwrap_or_default();
        let all: Vec<&Finding> = runs.values().flat_map(|run| &run.findings).chain(unseen.iter().map(|(one, _)| one)).collect();
        self.request.ensure_known(&all)?;
        let drafted = self.propose(&runs, meant.as_ref()).await?;
        let repairs = drafted.iter().filter_map(|item| Some((item.finding_id.clone(), item.first_repair()?))).collect();
        let seen = runs.values().flat_map(|run| run.findings.iter());
        self.causes = cause::causes(seen.chain(unseen.iter().map(|(finding, _)| finding)).cloned(), &repairs);
        if self.causes.is_empty() {
            return Ok(());
        }
        self.open_cases().await?;
        let selected: Vec<Wanted> = runs.keys().copied().collect();
        if drafted.iter().any(|item| !item.drafts.is_empty()) {
            reproduce::run_companions(self.runner, &mut runs).await?;
            let said: Vec<String> = runs.values().filter(|run| run.could_not_run.is_some()).map(reproduce::describe).collect();
            said.into_iter().for_each(|text| self.note(document, text));
        }
        // Base runs were added: items name theirs by position.
        let items = self.renumber(drafted, &selected, &runs);
        let scans: Vec<Wanted> = runs.keys().copied().filter(|one| selected.contains(one) || one.1 != Recipe::Test).collect();
        let overlay = Overlay::new(self.opened.base.files.clone());
        let attempts = self.request.max_attempts.unwrap_or(self.opened.config.limits.max_attempts);
        let items = Items::new(items, overlay, attempts.max(1) as usize);
        let mut verifier = Verifier::new(Arc::clone(self.runner), Arc::clone(&self.opened.config), items, runs, scans);
        verifier.settle().await?;
        let each = self.request.deliver.unwrap_or(self.opened.config.delivery.mode) == Mode::Each;
        let manner = Manner { each, prove_each: self.request.prove_each };
        let unseen = unseen.iter().map(|(finding, reason)| (finding.id.clone(), *reason)).collect();
        let mut parts = decide::decide(&mut verifier, &self.causes, &unseen, manner).await?;
        parts.iter_mut().try_for_each(|part| self.keep_what_is_asked(part))?;
        document.tests = tests_line(&verifier).await?;
        let (branches, placed) =
            if self.request.plan { (Vec::new(), BTreeMap::new()) } else { self.deliver(&verifier, &parts, each).await? };
        self.record(document, &parts, &branches, &placed).await
    }

    fn note(&self, document: &mut Document, text: String) {
        if !document.notes.contains(&text) {
            self.app.progress.warn(&text);
            document.notes.push(text);
        }
    }

    async fn open_cases(&mut self) -> anyhow::Result<()> {
        for cause in &self.causes {
            let ids = cause.findings.iter().map(|finding| finding.id.clone()).collect();
            let case = Case::open(
                (&self.session.repository, &self.session.base),
                (cause.kind, &cause.rule, &cause.subproject),
                &cause.title,
                ids,
            );
            let mut case = self.app.store.open_case(self.session, &case, &cause.findings).await?;
            if case.state == domain::CaseState::Opened {
                case = self.app.store.commit(self.session, &case, &Event::Reproduced, self.app.clock.now()).await?;
            }
            self.cases.push(case);
        }
        Ok(())
    }

    /// Asks the engines about every selected finding, against the untouched base. A finding that no recipe can show again gets no item.
    async fn propose(&self, runs: &BaseRuns, meant: Option<&Meant>) -> anyhow::Result<Vec<Item>> {
        let is_meant = |finding: &Finding| meant.is_none_or(|meant| meant.selected.contains(&finding.id));
        if runs.values().any(|run| !run.findings.is_empty()) {
            self.app.progress.step("asking the tools and fixers for repairs");
        }
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        for (number, ((subproject, _), run)) in runs.iter().enumerate() {
            let mine: Vec<(usize, Finding)> = run
                .findings
                .iter()
                .enumerate()
                .filter(|(_, finding)| is_meant(finding) && self.request.selects(finding) && seen.insert(finding.id.clone()))
                .map(|(index, finding)| (index, finding.clone()))
                .collect();
            let asked = mine.iter().map(|(_, finding)| finding.clone()).collect();
            let drafts = Proposer::ask(&self.runner.subprojects[*subproject], asked, self.opened.base.files.clone()).await?;
            for ((index, finding), drafts) in mine.into_iter().zip(drafts) {
                items.push(Item::new(*subproject, number, index, &finding.id, drafts));
            }
        }
        Ok(items)
    }

    fn renumber(&self, mut items: Vec<Item>, selected: &[Wanted], runs: &BaseRuns) -> Vec<Item> {
        for item in &mut items {
            let wanted = selected[item.run];
            item.run = runs.keys().position(|key| *key == wanted).unwrap_or(item.run);
        }
        items
    }

    async fn deliver(
        &self,
        verifier: &Verifier,
        parts: &[Part],
        each: bool,
    ) -> anyhow::Result<(Vec<Branch>, BTreeMap<usize, (String, String)>)> {
        self.app.progress.step("delivering");
        let topic = match self.request.recipes.as_slice() {
            [one] => one.as_str(),
            _ => "fix",
        };
        let (app, opened, session) = (self.app.as_ref(), self.opened, self.session);
        Deliverer { app, opened, session, causes: &self.causes, cases: &self.cases, verifier, topic, each }.deliver(parts).await
    }

    /// Keeps the patch that a person is asked about with the gate that asks: whoever approves it must be able to see it.
    fn keep_what_is_asked(&self, part: &mut Part) -> anyhow::Result<()> {
        if part.to_approve.is_empty() {
            return Ok(());
        }
        let kept = self.app.artifacts.put(self.diff(&part.to_approve).as_bytes())?;
        let asks = part.evidence.iter_mut().filter(|one| one.reason == Some(Reason::NeedsApproval));
        asks.for_each(|gate| gate.evidence = Some(kept));
        Ok(())
    }

    /// Writes down what became of every part, and fills the document.
    async fn record(
        &self,
        document: &mut Document,
        parts: &[Part],
        branches: &[Branch],
        placed: &BTreeMap<usize, (String, String)>,
    ) -> anyhow::Result<()> {
        let mut first_of_cause = BTreeSet::new();
        let mut ids = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let cause = &self.causes[part.cause];
            let case = if first_of_cause.insert(part.cause) {
                self.cases[part.cause].clone()
            } else {
                let findings = part.findings.iter().map(|finding| finding.id.clone()).collect();
                let base = (self.session.repository.as_str(), self.session.base.as_str());
                let case = Case::open(base, (cause.kind, &cause.rule, &cause.subproject), &cause.title, findings);
                self.app.store.open_case(self.session, &case, &part.findings).await?
            };
            let host = if let Fate::With(host) = part.fate { host } else { index };
            let events = deliver::events(part, placed.get(&host), None);
            let case = deliver::advance(&self.app.store, self.session, &case, part, &events, self.app).await?;
            ids.push(case.id);
        }
        let stored: BTreeMap<String, _> =
            self.app.store.cases(self.session.id).await?.into_iter().map(|case| (case.case.id.clone(), case)).collect();
        for (part, id) in parts.iter().zip(&ids) {
            let Some(stored) = stored.get(id) else { continue };
            let mut line = case_line(stored);
            if self.request.plan
                && let Fate::Commit { changes, .. } = &part.fate
            {
                line.diff = Some(self.diff(changes));
            } else if line.candidate.is_some() {
                line.diff = Some(self.diff(&part.to_approve));
            }
            document.cases.push(line);
        }
        document.branches = branches
            .iter()
            .map(|branch| BranchLine {
                name: branch.delivery.branch.clone(),
                tip: branch.delivery.tip.clone(),
                cases: document
                    .cases
                    .iter()
                    .filter(|case| case.branch.as_ref() == Some(&branch.delivery.branch))
                    .map(|case| case.id.clone())
                    .collect(),
                pull_request: branch.pull_request.display().to_string(),
            })
            .collect();
        Ok(())
    }

    fn diff(&self, changes: &Changes) -> String {
        let one = |(path, after): (&domain::RepoPath, &Option<Arc<[u8]>>)| {
            patch::diff(path, self.opened.base.files.read(path).as_deref(), after.as_deref())
        };
        changes.iter().map(one).collect()
    }

    /// Keeps the work of a run that was stopped: every case that is not decided waits, with the reason.
    async fn stop(&self, document: &mut Document, reason: Reason) -> anyhow::Result<()> {
        for stored in self.app.store.cases(self.session.id).await? {
            let event = Event::Stopped { reason };
            if stored.case.apply(&event).is_ok() {
                self.app.store.commit(self.session, &stored.case, &event, self.app.clock.now()).await?;
            }
        }
        document.cases = self.app.store.cases(self.session.id).await?.iter().map(case_line).collect();
        Ok(())
    }
}

/// Returns the line of the document for a stored case.
pub(crate) fn case_line(stored: &crate::store::StoredCase) -> CaseLine {
    let (branch, commit) = match &stored.case.state {
        domain::CaseState::Delivered { branch, commit } => (Some(branch.clone()), Some(commit.clone())),
        _ => (None, None),
    };
    let engine = stored.attempts.iter().find(|attempt| attempt.reason.is_none()).or(stored.attempts.first());
    CaseLine {
        id: stored.case.id.clone(),
        number: stored.number,
        title: stored.case.title.clone(),
        status: stored.case.status().to_owned(),
        reason: stored.case.reason(),
        engine: engine.map(|attempt| attempt.engine.clone()),
        branch,
        commit,
        findings: stored.findings.iter().map(Into::into).collect(),
        gates: stored.evidence.clone(),
        attempts: stored.attempts.clone(),
        candidate: stored.evidence.iter().find(|one| one.reason == Some(Reason::NeedsApproval)).and_then(|one| one.evidence),
        diff: None,
    }
}

async fn tests_line(verifier: &Verifier) -> anyhow::Result<Option<TestsLine>> {
    let changes = verifier.items.render(&verifier.items.applied());
    let mut line: Option<TestsLine> = None;
    for one in verifier.affected(&changes).into_iter().filter(|(_, recipe)| *recipe == Recipe::Test) {
        let (before, after) = (&verifier.base_runs[&one], verifier.run_at(&changes, one).await?);
        if before.tests.framework.is_some() && before.could_not_run.is_none() {
            let line = line.get_or_insert(TestsLine { passed_before: 0, passed_after: 0 });
            line.passed_before += before.tests.passed;
            line.passed_after += after.tests.passed;
        }
    }
    Ok(line)
}
