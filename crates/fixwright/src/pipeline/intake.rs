//! Steps 1 and 2: from a path of the user's to a base commit, a session, a private tree, and findings grouped by cause.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use domain::{Digest, Subproject};
use tokio::sync::{Mutex, Semaphore};

use super::copies::Copies;
use super::install::Installations;
use super::reported::Reported;
use super::run::Runner;
use crate::advisories::Sources;
use crate::app::App;
use crate::config::{Config, REPOSITORY_FILE};
use crate::contain::Containment;
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
        let containment = Containment::new(&self.config.sandbox, app.supervisor.clone(), &self.hold.mark);
        containment.ensure()?;
        let folder = self.hold.folder(session.id)?;
        app.progress.step("checking out the base commit into a private tree");
        let tree = Tree::create(&self.base, &self.repository, &folder.0)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = jobs.or_else(|| self.config.limits.jobs.map(std::num::NonZero::get)).unwrap_or(cores);
        let runner = Runner {
            app: Arc::clone(app),
            containment,
            objects: self.base.object_folders(),
            advisories: self.advisories.clone(),
            session: session.clone(),
            base: self.base.clone(),
            subprojects: self.subprojects.clone(),
            folder: folder.0.clone(),
            passed: app.env.passed(&self.config.pass),
            checkout: self.repository.checkout.clone(),
            cache: self.hold.cache()?,
            installations: Installations::default(),
            copies: Copies::default(),
            notes: std::sync::Mutex::default(),
            installed: tree.installed.clone(),
            output_limit: self.config.limits.output_bytes,
            deadline,
            jobs: Semaphore::new(jobs.max(1)),
            tree: Mutex::new(tree),
            known: std::sync::Mutex::default(),
            counts: std::sync::Mutex::default(),
            scans: code::Scans::default(),
            compiled: std::sync::Mutex::default(),
        };
        Ok((Arc::new(runner), folder))
    }
}

/// No settings that a person wrote are larger.
const LARGEST_SETTINGS: u64 = 1 << 20;

/// The configuration: `fixwright.toml` as it lies in the checkout (a user who has just written it means it), else as committed.
pub(crate) fn load_config(app: &App, repository: &Repository, base: &Base) -> anyhow::Result<Config> {
    let root = repository.checkout.as_deref().unwrap_or(&repository.git_dir);
    let file = root.join(REPOSITORY_FILE);
    let name = file.display().to_string();
    let unreadable = |why: String| crate::config::Error::of_file(&name, format!("it cannot be read: {why}"));
    let text = match repository.checkout.is_some().then(|| std::fs::symlink_metadata(&file)) {
        // A link may lead to what never ends.
        Some(Ok(meta)) if !meta.is_file() => return Err(unreadable("it is no plain file".to_owned()).into()),
        Some(Ok(meta)) if meta.len() > LARGEST_SETTINGS => return Err(unreadable("it is larger than 1 MiB".to_owned()).into()),
        Some(Ok(_)) => Some(std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?),
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => return Err(unreadable(error.to_string()).into()),
        Some(Err(_)) | None => None,
    };
    let text = text.or_else(|| base.files.text(&domain::RepoPath::new(REPOSITORY_FILE).ok()?));
    Ok(Config::load(&app.env, text.as_deref().map(|text| (name.as_str(), text)), root)?)
}

/// Returns the key of a session: equal when the same work would be done.
pub(crate) fn session_key(opened: &Opened, options: &str) -> String {
    let subprojects = serde_json::to_string(&opened.subprojects).unwrap_or_default();
    let parts =
        [opened.repository.name(), opened.base.commit.clone(), options.to_owned(), subprojects, format!("{:?}", opened.config)];
    Digest::of_parts(parts).to_string()
}
