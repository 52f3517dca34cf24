//! Steps 1 and 2: from a path of the user's to a base commit, a session, a private tree, and findings grouped by cause.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use domain::{Digest, Finding, FindingKind, Subproject};
use sandbox::Sandbox;
use tokio::sync::{Mutex, Semaphore};

use super::reported::Reported;
use super::run::Runner;
use crate::advisories::Sources;
use crate::app::App;
use crate::config::{Config, REPOSITORY_FILE};
use crate::detect;
use crate::store::Session;
use crate::workspace::{Base, Hold, Repository, Tree, Unusable, WorkFolder};

/// What keeps the main job from starting and is not the repository's fault: exit code 4.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct Missing {
    pub(crate) problem: String,
    pub(crate) hint: String,
}

/// A repository that is held for this process, with all that is needed to run recipes over it.
pub(crate) struct Opened {
    pub(crate) repository: Repository,
    pub(crate) config: Arc<Config>,
    pub(crate) base: Base,
    pub(crate) subprojects: Vec<Subproject>,
    /// What the recipe `audit` looks into where no tool does.
    pub(crate) advisories: Sources,
    /// What was left out or ignored, for the user to know.
    pub(crate) notes: Vec<String>,
    hold: Hold,
}

impl Opened {
    /// Opens the repository at `path`.
    ///
    /// # Errors
    /// [`Unusable`] when it cannot be worked on, [`crate::config::Error`] for a broken `fixwright.toml`.
    pub(crate) fn open(app: &App, path: &Path) -> anyhow::Result<Self> {
        let repository = Repository::open(&app.git, path)?;
        let hold = Hold::take(&repository, &app.data_dir)?;
        if hold.swept > 0 {
            app.progress.note(&format!("ended {} processes that a killed run had left", hold.swept));
        }
        app.artifacts.sweep();
        let base = Base::open(&hold.git(&app.git), &repository, &app.data_dir)?;
        if base.files.paths().is_empty() {
            return Err(Unusable::Empty(PathBuf::from(repository.name())).into());
        }
        let config = Arc::new(load_config(app, &repository, &base)?);
        let mut notes: Vec<String> = repository.ignored_changes(&base).into_iter().collect();
        if !base.submodules.is_empty() {
            notes.push(format!("submodules are not checked out: {}", base.submodules.join(", ")));
        }
        let mut subprojects = config.subprojects.clone();
        if subprojects.is_empty() {
            let found = detect::detect(&base.files, &app.env, repository.checkout.as_deref());
            subprojects = found.subprojects;
            notes.extend(found.notes);
        }
        let inside = |one: &Subproject| {
            let prefix = Path::new(&repository.prefix);
            let path = Path::new(one.path.trim_start_matches("./"));
            path.starts_with(prefix) || (one.path == "." && repository.prefix.is_empty())
        };
        if !repository.prefix.is_empty() && subprojects.iter().any(inside) {
            subprojects.retain(inside);
        }
        let advisories = Sources { folders: config.advisories.clone(), reported: Vec::new() };
        Ok(Self { repository, config, base, subprojects, advisories, notes, hold })
    }

    /// Lets the recipe `audit` look for what a report names, in place of asking a service.
    pub(crate) fn audit_what_is_reported(&mut self, reported: &Reported) {
        if !reported.advisories.is_empty() {
            self.subprojects.iter_mut().for_each(|one| drop(one.recipes.remove(&domain::Recipe::Audit)));
            self.advisories = Sources { folders: Vec::new(), reported: reported.advisories.clone() };
        }
    }

    /// Makes the private tree, and returns what runs recipes in it.
    pub(crate) fn runner(
        &self,
        app: &Arc<App>,
        session: &Session,
        jobs: Option<usize>,
        deadline: Option<Instant>,
    ) -> anyhow::Result<(Arc<Runner>, WorkFolder)> {
        let folder = self.hold.folder(session.id)?;
        app.progress.step("checking out the base commit into a private tree");
        let tree = Tree::create(&self.base, &self.repository, &folder.0)?;
        let sandbox: Arc<dyn Sandbox> = Arc::new(sandbox::Process::new(app.supervisor.clone(), self.hold.mark.as_str()));
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = jobs.or_else(|| self.config.limits.jobs.map(std::num::NonZero::get)).unwrap_or(cores);
        let runner = Runner {
            app: Arc::clone(app),
            sandbox,
            advisories: self.advisories.clone(),
            session: session.clone(),
            base: self.base.clone(),
            subprojects: self.subprojects.clone(),
            folder: folder.0.clone(),
            passed: app.env.passed(&self.config.pass),
            checkout: self.repository.checkout.clone(),
            output_limit: self.config.limits.output_bytes,
            deadline,
            jobs: Semaphore::new(jobs.max(1)),
            tree: Mutex::new(tree),
            known: std::sync::Mutex::default(),
            counts: std::sync::Mutex::default(),
        };
        Ok((Arc::new(runner), folder))
    }
}

/// The configuration: `fixwright.toml` as it lies in the checkout (a user who has just written it means it), else as committed.
fn load_config(app: &App, repository: &Repository, base: &Base) -> anyhow::Result<Config> {
    let root = repository.checkout.as_deref().unwrap_or(&repository.git_dir);
    let file = root.join(REPOSITORY_FILE);
    let name = file.display().to_string();
    let text = match &repository.checkout {
        Some(_) => match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(crate::config::Error::of_file(&name, format!("it cannot be read: {error}")).into()),
        },
        None => None,
    };
    let text = text.or_else(|| base.files.text(&domain::RepoPath::new(REPOSITORY_FILE).ok()?));
    Ok(Config::load(&app.env, text.as_deref().map(|text| (name.as_str(), text)), root)?)
}

/// Findings that one repair is expected to settle.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) kind: FindingKind,
    pub(crate) rule: String,
    pub(crate) subproject: String,
    pub(crate) title: String,
    pub(crate) findings: Vec<Finding>,
}

/// Groups findings by cause: those of one rule in one subproject that a linter or formatter reports are one; a vulnerable package is one,
/// however many advisories there are for it; every other problem is one by itself, wherever it shows.
pub(crate) fn causes(findings: impl IntoIterator<Item = Finding>) -> Vec<Cause> {
    let mut groups: BTreeMap<(String, String, String), Vec<Finding>> = BTreeMap::new();
    let mut seen = std::collections::HashSet::new();
    for finding in findings {
        if !seen.insert(finding.id.clone()) {
            continue;
        }
        let what = match finding.kind {
            FindingKind::Linting | FindingKind::Formatting | FindingKind::TypeChecking | FindingKind::Deprecation => {
                String::new()
            }
            FindingKind::DependencyIssue => finding.message.split(" is vulnerable").next().unwrap_or_default().to_owned(),
            _ => finding.message.chars().filter(|c| !c.is_ascii_digit()).collect(),
        };
        let rule = if finding.kind == FindingKind::DependencyIssue { String::new() } else { finding.rule.clone() };
        groups.entry((finding.subproject.clone(), rule, what)).or_default().push(finding);
    }
    groups
        .into_values()
        .filter_map(|findings| {
            let first = findings.first()?;
            let title = title(first, &findings);
            Some(Cause { kind: first.kind, rule: first.rule.clone(), subproject: first.subproject.clone(), title, findings })
        })
        .collect()
}

/// The cause in a few words.
fn title(first: &Finding, all: &[Finding]) -> String {
    let messages: Vec<&str> = all.iter().map(|finding| finding.message.as_str()).collect();
    let short: String = shared(&messages).unwrap_or(&first.message).chars().take(100).collect();
    let rule = &first.rule;
    if short.to_lowercase().contains(&rule.to_lowercase()) { short } else { format!("{rule} {short}") }
}

/// Returns what messages have in common at their start or, where they begin with a name each, at their end, if it says anything.
fn shared<'m>(messages: &[&'m str]) -> Option<&'m str> {
    let first = *messages.first()?;
    let (mut start, mut end) = (first, first);
    for other in messages {
        let differs = start.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        start = &start[..differs.unwrap_or(start.len().min(other.len()))];
        let differs = end.char_indices().rev().zip(other.chars().rev()).find(|((_, a), b)| a != b);
        end = differs.map_or(end, |((at, c), _)| &end[at + c.len_utf8()..]);
    }
    if start == first {
        return Some(first);
    }
    // Half a quotation, half a word or a connecting mark says nothing.
    let start = start.rsplit_once('`').filter(|_| start.matches('`').count() % 2 == 1).map_or(start, |(before, _)| before);
    let start = start.trim_end_matches(|c: char| !c.is_alphanumeric() && !")`".contains(c));
    let end = end.split_once(' ').map_or("", |(_, words)| words).trim();
    [start, end].into_iter().find(|part| part.chars().count() >= 8)
}

/// Returns the key of a session: equal when the same work would be done.
pub(crate) fn session_key(opened: &Opened, options: &str) -> String {
    let subprojects = serde_json::to_string(&opened.subprojects).unwrap_or_default();
    let parts =
        [opened.repository.name(), opened.base.commit.clone(), options.to_owned(), subprojects, format!("{:?}", opened.config)];
    Digest::of_parts(parts).to_string()
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn a_title_is_what_messages_share() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (&["Class `A` inherits from `object`"], Some("Class `A` inherits from `object`")),
            (&["`os` imported but unused", "`sys` imported but unused"], Some("imported but unused")),
            (&["Local variable `a` is unused", "Local variable `b` is unused"], Some("Local variable")),
            (&["unused import: `a`", "unused import: `b`"], Some("unused import")),
            (&["a", "b"], None),
        ];
        for (messages, expected) in cases {
            assert_eq!(shared(messages), expected, "{messages:?}");
        }
    }
}
