//! What is installed into the user's checkout, read off its files: a repository can bring a `.venv` or a `node_modules` of its own making,
//! so that no program in them is run outside of walls, not even for its version.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longer than any file that is read here has a reason to be.
const LONGEST: u64 = 256 << 10;
/// Versions of Python that one environment has folders of.
const MOST_VERSIONS: usize = 16;

/// Returns those of `modules` that a virtual environment has.
pub(super) fn python_modules(environment: &Path, modules: &[&str]) -> BTreeSet<String> {
    let folders: Vec<PathBuf> = ["lib", "lib64"]
        .iter()
        .filter_map(|name| fs::read_dir(environment.join(name)).ok())
        .flat_map(|entries| entries.flatten().take(MOST_VERSIONS))
        .map(|entry| entry.path().join("site-packages"))
        .collect();
    let has = |name: &str| folders.iter().any(|folder| folder.join(name).is_dir() || folder.join(format!("{name}.py")).is_file());
    modules.iter().filter(|name| has(name)).map(|name| (*name).to_owned()).collect()
}

/// Says whether a virtual environment sees the packages of the interpreter that it was made of.
pub(super) fn sees_system_packages(environment: &Path) -> bool {
    let settings = text(&environment.join("pyvenv.cfg")).unwrap_or_default();
    let mut pairs = settings.lines().filter_map(|line| line.split_once('='));
    pairs.any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("include-system-site-packages") && value.trim().eq_ignore_ascii_case("true")
    })
}

/// Returns the version of the package that has put a program into `node_modules/.bin`, as far as it is called like its program.
pub(super) fn node_version(program: &Path) -> Option<String> {
    let modules = program.parent().filter(|folder| folder.ends_with("node_modules/.bin"))?.parent()?;
    let manifest = text(&modules.join(program.file_name()?).join("package.json"))?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
    manifest.get("version")?.as_str().map(str::to_owned)
}

/// Reads a plain file of reasonable size; what else has its name may never end.
fn text(path: &Path) -> Option<String> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut text = String::new();
    fs::File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
}
