//! The labelled logs: a folder each, with the `log` and what is known of it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// One log and what is known of it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) log: PathBuf,
    pub(super) label: Label,
}

/// What is known of a log; `None` is what nobody says.
#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) outcome: String,
    pub(super) class: Option<String>,
    pub(super) step: Option<String>,
    pub(super) command: Option<String>,
    pub(super) exit_code: Option<i64>,
    pub(super) tests: Tests,
    /// Any of these explains the failure: first and last raw line.
    pub(super) explaining: Vec<(u64, u64)>,
    /// File and line; a line of `None` where the tool names none.
    pub(super) diagnostics: Vec<(String, Option<u64>)>,
}

/// The tests of a log.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Tests {
    pub(super) framework: Option<String>,
    pub(super) run: Option<u64>,
    pub(super) failed: Option<u64>,
    pub(super) errors: Option<u64>,
    pub(super) skipped: Option<u64>,
    #[serde(default)]
    pub(super) failing: Vec<String>,
}

/// Reads all labelled logs below a folder, sorted by name.
pub(super) fn read(folder: &Path) -> Result<Vec<Case>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.sort();
    let mut cases = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.join("label.json").is_file()) {
        let text = std::fs::read_to_string(folder.join("label.json"))?;
        let label = serde_json::from_str(&text).with_context(|| format!("reading {}", folder.join("label.json").display()))?;
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        cases.push(Case { name, log: folder.join("log"), label });
    }
    ensure!(!cases.is_empty(), "there is no labelled log in {}", folder.display());
    Ok(cases)
}
