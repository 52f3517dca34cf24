//! Runs: executions of recipes on trees. The engine room of reproduce, verify and `fixwright run`.
//!
//! A run is named by the tree, the subproject and the command. One that is known (from this session, or from the life of it that was
//! killed) is not repeated.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use diagnostics::{Matchers, Origin, Output};
use domain::{Digest, Edit, Evidence, Finding, Recipe, RepoPath, Subproject, TestsSeen};
use sandbox::{Limit, Status};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};

use super::copies::{Copies, Copy};
use super::errand::{Errand, Purpose};
use super::install::Installations;
use crate::advisories::{self, Advisories};
use crate::app::App;
use crate::contain::{self, Containment, Held};
use crate::progress::Progress;
use crate::store::Session;
use crate::workspace::{Base, Changes, Tree, tree_digest};

/// How long a command may take that changes files.
const WRITING: Duration = Duration::from_secs(600);

/// What a recipe gave on a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) recipe: Recipe,
    pub(crate) subproject: String,
    /// The command as configured.
    pub(crate) command: String,
    /// `None` when a signal or a limit ended it.
    pub(crate) exit_code: Option<i32>,
    pub(crate) timed_out: bool,
    /// Why it did not run at all, in one line.
    pub(crate) could_not_run: Option<String>,
    pub(crate) seconds: f64,
    pub(crate) findings: Vec<Finding>,
    pub(crate) tests: TestsSeen,
    /// What of the output could not be read.
    pub(crate) skipped: Vec<String>,
    /// The blob with the output.
    pub(crate) output: Digest,
    /// What held it.
    #[serde(default)]
    pub(crate) held: Held,
}

/// Work ends early and is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("interrupted")]
    Interrupted,
    #[error("the time budget ran out")]
    OutOfBudget,
}

/// A recipe of a subproject: its index and which.
pub(crate) type Wanted = (usize, Recipe);

/// Runs recipes in a private tree.
pub(crate) struct Runner {
    pub(crate) app: Arc<App>,
    pub(crate) containment: Containment,
    /// Where the objects of the base commit are: the private tree has none of its own.
    pub(crate) objects: Vec<PathBuf>,
    /// With advisories at hand the recipe `audit` needs no tool.
    pub(crate) advisories: advisories::Sources,
    pub(crate) session: Session,
    pub(crate) base: Base,
    pub(crate) subprojects: Vec<Subproject>,
    /// The folder of this session: private home, temporary files, the tree.
    pub(crate) folder: PathBuf,
    /// Variables that the configuration passes on.
    pub(crate) passed: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    /// Folders with programs of the user's checkout (`.venv/bin`).
    pub(crate) checkout: Option<PathBuf>,
    /// What commands over this repository leave for the next session.
    pub(crate) cache: PathBuf,
    /// Dependencies that were installed for it.
    pub(crate) installations: Installations,
    pub(crate) copies: Copies,
    /// What was found out on the way, for the user to know.
    pub(crate) notes: Mutex<Vec<String>>,
    /// Packages that are installed into the checkout, and that the tree links to.
    pub(crate) installed: Vec<PathBuf>,
    pub(crate) output_limit: usize,
    pub(crate) deadline: Option<Instant>,
    pub(crate) jobs: Semaphore,
    pub(crate) tree: AsyncMutex<Tree>,
    pub(crate) known: Mutex<HashMap<String, Run>>,
    pub(crate) counts: Mutex<BTreeMap<Recipe, u64>>,
    /// What files let the program do, as far as it was asked about.
    pub(crate) scans: code::Scans,
    /// What Python said of changed files, by their content.
    pub(crate) compiled: Mutex<HashMap<Digest, Option<Evidence>>>,
}

impl Runner {
    /// Keeps something for the user to know, once.
    pub(crate) fn note(&self, note: String) {
        self.tell(note, Progress::note);
    }

    /// The same for what makes the result another than it would be.
    pub(crate) fn warn(&self, warning: String) {
        self.tell(warning, Progress::warn);
    }

    fn tell(&self, note: String, tell: fn(&Progress, &str)) {
        if let Ok(mut notes) = self.notes.lock()
            && !notes.contains(&note)
        {
            tell(&self.app.progress, &note);
            notes.push(note);
        }
    }

    /// Returns what was noted.
    pub(crate) fn noted(&self) -> Vec<String> {
        self.notes.lock().map(|notes| notes.clone()).unwrap_or_default()
    }

    /// Says whether the subproject has the recipe.
    pub(crate) fn has(&self, (subproject, recipe): Wanted) -> bool {
        let configured = self.subprojects.get(subproject).is_some_and(|it| it.recipes.contains_key(&recipe));
        configured || (recipe == Recipe::Audit && !self.advisories.is_empty())
    }

    /// Fails when the user interrupted.
    pub(super) fn check_interrupt(&self) -> Result<(), Stopped> {
        if self.app.cancel.is_cancelled() { Err(Stopped::Interrupted) } else { Ok(()) }
    }

    /// Fails when nothing more is to be begun: the user interrupted, or the budget is used up.
    pub(crate) fn check_stop(&self) -> Result<(), Stopped> {
        self.check_interrupt()?;
        if self.deadline.is_some_and(|deadline| self.app.clock.monotonic() >= deadline) {
            return Err(Stopped::OutOfBudget);
        }
        Ok(())
    }

    /// Runs recipes on the base with `changes`; the answers are in the order of `wanted`. `again` tells repeated runs of the same
    /// tree apart (to find flaky tests).
    ///
    /// A subproject's tests start after its build; everything else runs side by side, as far as there are cores.
    pub(crate) async fn run_all(self: &Arc<Self>, changes: &Changes, wanted: &[Wanted], again: u32) -> anyhow::Result<Vec<Run>> {
        let tree_name = tree_digest(&self.base.commit, changes);
        let keys: Vec<String> = wanted.iter().map(|one| self.key(&tree_name, *one, again)).collect();
        let mut missing: Vec<(Wanted, String)> = Vec::new();
        for (one, key) in wanted.iter().zip(&keys) {
            if self.known(key).is_some() {
                continue;
            }
            match self.app.store.known_run::<Run>(&self.session, key).await? {
                Some(run) => self.remember(key, run),
                None => missing.push((*one, key.clone())),
            }
        }
        if !missing.is_empty() {
            self.check_stop()?;
            let mut tree = self.tree.lock().await;
            let in_copies = self.proves_in_copies(changes, &tree);
            let in_tree = if in_copies { &Changes::new() } else { changes };
            tree.bring_to(in_tree)?;
            let root = tree.root.clone();
            let files = self.base.files.with(changes);
            let runs_code = |one: &&(Wanted, String)| !matches!(one.0.1, Recipe::Audit | Recipe::Format);
            let depending: Vec<usize> = missing.iter().filter(runs_code).map(|((subproject, _), _)| *subproject).collect();
            if self.install(depending, &mut tree, &files).await? {
                // Package managers write lockfiles.
                tree.bring_to(in_tree)?;
            }
            let mut chains: BTreeMap<(usize, bool), Vec<(Wanted, String)>> = BTreeMap::new();
            let mut side_by_side = Vec::new();
            missing.sort_by_key(|((subproject, recipe), _)| (*subproject, *recipe));
            for (one, key) in missing {
                match one.1 {
                    Recipe::Build | Recipe::Test => chains.entry((one.0, true)).or_default().push((one, key)),
                    _ => side_by_side.push(vec![(one, key)]),
                }
            }
            let mut tasks = tokio::task::JoinSet::new();
            for chain in chains.into_values().chain(side_by_side) {
                let (this, root, files) = (Arc::clone(self), root.clone(), files.clone());
                let copy = if in_copies { Some(self.copy(&tree, changes)?) } else { None };
                tasks.spawn(async move {
                    for (one, key) in chain {
                        let _slot = this.jobs.acquire().await?;
                        this.check_stop()?;
                        let run = this.run_one(one, &root, &files, copy.clone()).await?;
                        // A command that could not run may be able to when the session goes on: what it lacked may be there then.
                        if run.could_not_run.is_none() || run.timed_out {
                            this.app.store.keep_run(&this.session, &key, &run).await?;
                        }
                        this.remember(&key, run);
                    }
                    anyhow::Ok(())
                });
            }
            let mut first_error = Ok(());
            while let Some(done) = tasks.join_next().await {
                first_error = first_error.and(done.context("a run panicked").flatten());
            }
            first_error?;
            if changes.is_empty() {
                self.copies.base_was_run();
            }
        }
        keys.iter().map(|key| self.known(key).context("a run left no answer")).collect()
    }

    fn key(&self, tree: &Digest, (subproject, recipe): Wanted, again: u32) -> String {
        let path = self.subprojects.get(subproject).map_or("", |one| one.path.as_str());
        // What needs no command is told apart by its place alone.
        let command = self.command(subproject, recipe).unwrap_or_default();
        Digest::of_parts([&tree.to_string(), path, &recipe.to_string(), command, &again.to_string()]).to_string()
    }

    fn command(&self, subproject: usize, recipe: Recipe) -> Option<&str> {
        Some(&self.subprojects.get(subproject)?.recipes.get(&recipe)?.command)
    }

    fn known(&self, key: &str) -> Option<Run> {
        self.known.lock().ok()?.get(key).cloned()
    }

    fn remember(&self, key: &str, run: Run) {
        if let Ok(mut known) = self.known.lock() {
            known.insert(key.to_owned(), run);
        }
    }

    async fn run_one(
        self: &Arc<Self>,
        (index, recipe): Wanted,
        root: &std::path::Path,
        files: &domain::Files,
        copy: Option<Arc<Copy>>,
    ) -> anyhow::Result<Run> {
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let Some(configured) = subproject.recipes.get(&recipe) else {
            return self.audit(subproject.path.clone(), files.clone()).await;
        };
        let spoken = diagnostics::speak(&configured.command);
        let place = if subproject.path == "." { String::new() } else { format!(" in {}", subproject.path) };
        self.app.progress.step(&format!("{recipe}{place}: {}", configured.command));
        if let Ok(mut counts) = self.counts.lock() {
            *counts.entry(recipe).or_default() += 1;
        }
        let argv = vec!["sh".into(), "-c".into(), spoken.command.clone().into()];
        let timeout = Duration::from_secs(configured.timeout_secs);
        let errand = Errand { argv, subproject: index, purpose: Purpose::Recipe(recipe), timeout, copy };
        let (outcome, limits) = self.execute(errand, root).await?;
        let timed_out = outcome.status == Status::Limited(Limit::Wall);
        let exit_code = if let Status::Exited(code) = outcome.status { Some(code) } else { None };
        let this = Arc::clone(self);
        let (files, root, subproject) = (files.clone(), root.to_owned(), subproject.path.clone());
        let command = configured.command.clone();
        // Reading megabytes of output is work for a thread of its own.
        tokio::task::spawn_blocking(move || {
            let (stdout, stderr) = (outcome.stdout.text(), outcome.stderr.text());
            let output = Output { stdout: &stdout, stderr: &stderr, tool: spoken.tool };
            let report = diagnostics::read_with(&output, &Matchers::in_tree(&files));
            let could_not_run = match outcome.status {
                Status::Limited(limit) => Some(match limit {
                    Limit::Wall => format!("stopped after {} s", timeout.as_secs()),
                    limit => format!("stopped: the limit of {}", contain::limit_words(limit, &limits)),
                }),
                Status::Signalled(signal) => Some(format!("ended by signal {signal}")),
                Status::Exited(code) if code != 0 && outcome.reached.contains(&Limit::Disk) => {
                    Some(format!("the limit of {}", contain::limit_words(Limit::Disk, &limits)))
                }
                _ => diagnostics::could_not_run(exit_code, &output, &report),
            };
            let roots = [root.display().to_string()];
            let origin = Origin { recipe, subproject: &subproject, roots: &roots };
            let findings =
                if could_not_run.is_some() { Vec::new() } else { diagnostics::to_findings(&report.diagnostics, &origin, &files) };
            let text = [format!("$ {}\n", spoken.command).as_bytes(), &stdout, b"\n--- standard error\n", &stderr].concat();
            let output = this.app.artifacts.put(&text)?;
            Ok(Run {
                recipe,
                subproject,
                command,
                exit_code,
                timed_out,
                could_not_run,
                seconds: outcome.wall.as_secs_f64(),
                findings,
                tests: report.tests,
                skipped: report.skipped,
                output,
                held: Held::of(&outcome),
            })
        })
        .await?
    }

    /// The recipe `audit` of a subproject that has none: its lockfiles against the advisories at hand, without any tool.
    async fn audit(self: &Arc<Self>, subproject: String, files: domain::Files) -> anyhow::Result<Run> {
        let this = Arc::clone(self);
        if let Ok(mut counts) = self.counts.lock() {
            *counts.entry(Recipe::Audit).or_default() += 1;
        }
        tokio::task::spawn_blocking(move || {
            let start = this.app.clock.monotonic();
            let advisories = Advisories::load(&this.advisories);
            let found = advisories.audit(&files, &subproject);
            let findings = advisories::to_findings(&found, &subproject, Recipe::Audit);
            let listed: String = findings.iter().map(|finding| format!("{} {}\n", finding.rule, finding.message)).collect();
            let output = this.app.artifacts.put(format!("{} advisories\n{listed}", advisories.len()).as_bytes())?;
            Ok(Run {
                recipe: Recipe::Audit,
                command: "fixwright: lockfiles against advisories".to_owned(),
                exit_code: Some(i32::from(!findings.is_empty())),
                timed_out: false,
                could_not_run: (advisories.len() == 0).then(|| "the folders of [advisories] paths hold no advisory".to_owned()),
                seconds: (this.app.clock.monotonic() - start).as_secs_f64(),
                findings,
                tests: TestsSeen::default(),
                skipped: advisories.problems(),
                output,
                held: Held::default(),
                subproject,
            })
        })
        .await?
    }

    /// Runs a command that changes files (a formatter, a package manager) on the base with `changes`, and returns the edits, against
    /// that text, of what it did to the files that `takes` accepts. It is run for one purpose after the other, until it succeeds.
    pub(crate) async fn let_write(
        self: &Arc<Self>,
        changes: &Changes,
        index: usize,
        argv: &[String],
        purposes: &[Purpose],
        takes: impl Fn(&RepoPath) -> bool,
    ) -> anyhow::Result<Result<Vec<Edit>, String>> {
        self.check_stop()?;
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        self.app.progress.step(&format!("running {}", argv.join(" ")));
        let mut tree = self.tree.lock().await;
        let command = argv.join(" ");
        let argv: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
        let mut why = String::new();
        let mut done = false;
        // Without walls, both are the same.
        let tries = if self.containment.is_open() { 1 } else { purposes.len() };
        for purpose in purposes.iter().take(tries) {
            tree.bring_to(changes)?;
            let errand = Errand { argv: argv.clone(), subproject: index, purpose: *purpose, timeout: WRITING, copy: None };
            let (outcome, _) = self.execute(errand, &tree.root.clone()).await?;
            done = outcome.status == Status::Exited(0);
            if done {
                break;
            }
            let said = String::from_utf8_lossy(&outcome.stderr.text()).trim().lines().last().unwrap_or_default().to_owned();
            why = format!("{:?}: {said}", outcome.status);
        }
        if !done {
            return Ok(Err(why));
        }
        let files = self.base.files.with(changes);
        let mut paths: Vec<RepoPath> = files.paths().to_vec();
        // A lockfile may be new.
        for name in ["Cargo.lock", "package-lock.json", "go.sum"] {
            paths.extend(RepoPath::new(format!("{}/{name}", subproject.path)).ok().filter(|path| !files.contains(path)));
        }
        let mut edits = Vec::new();
        let by_tool = tree.changed_by_tool(&paths);
        for path in &by_tool.too_large {
            self.note(format!("{path} is left as it was: what `{command}` wrote there is too large to be an edit"));
        }
        for (path, now) in by_tool.changes {
            if takes(&path)
                && let Some(now) = now
            {
                let before = files.read(&path).unwrap_or_default();
                edits.extend(patch::line_edits(&path, &before, &now).unwrap_or_default());
            }
        }
        Ok(Ok(edits))
    }
}
