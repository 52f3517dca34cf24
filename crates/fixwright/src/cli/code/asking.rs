//! What all questions share: which folder is asked, the texts of the answers, how they are shown.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use code::{Index, Mention, Symbol, Used};
use domain::{Digest, RepoPath};
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::{Usage, screen};
use crate::exit;
use crate::progress::plain;
use crate::workspace::{Indexed, indexed};

/// What every question can be told.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// The folder that is asked about [default: the repository around the current folder, else that folder]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(super) json: bool,
}

/// How much of an answer is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Limit {
    /// Show no more answers than this
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) limit: usize,
}

/// A folder that can be asked.
pub(super) struct Asking {
    pub(super) indexed: Indexed,
    root: PathBuf,
    /// Texts that were read for answers; `None` for a file that is not as it was when it was indexed.
    texts: RefCell<HashMap<RepoPath, Option<String>>>,
}

/// No answer shows more lines of one definition.
const MAX_LINES: usize = 400;

impl Asking {
    pub(super) fn new(app: &App, common: &Common) -> anyhow::Result<Self> {
        Self::with(app, common, false)
    }

    /// As [`Asking::new`]; `anew` forgets what is kept of the index.
    pub(super) fn with(app: &App, common: &Common, anew: bool) -> anyhow::Result<Self> {
        let named = common.root.as_deref().unwrap_or(Path::new("."));
        let root = std::fs::canonicalize(named).ok().filter(|root| root.is_dir()).ok_or_else(|| Usage {
            problem: format!("{} is no folder", named.display()),
            hint: "name the folder of a project with --root DIR".to_owned(),
        })?;
        let root = if common.root.is_some() { root } else { repository_around(&root).unwrap_or(root) };
        app.progress.step(&format!("indexing {}", root.display()));
        let indexed = indexed(&root, &app.data_dir, app.clock.now(), anew)?;
        app.progress.end();
        Ok(Self { indexed, root, texts: RefCell::default() })
    }

    pub(super) fn index(&self) -> &Index {
        &self.indexed.index
    }

    /// Returns the path of a file as the index has it, from one that is relative to the current folder or to the root.
    pub(super) fn path(&self, named: &str) -> anyhow::Result<RepoPath> {
        let from_here = std::fs::canonicalize(named).ok();
        let below = from_here.as_deref().and_then(|path| path.strip_prefix(&self.root).ok()).and_then(Path::to_str);
        let path =
            below.map_or_else(|| RepoPath::new(named), RepoPath::new).ok().filter(|path| self.index().file(path).is_some());
        path.ok_or_else(|| {
            let problem = format!("{named} is not in the index of {}", self.root.display());
            let name = named.rsplit('/').next().unwrap_or(named);
            let alike = self.index().files().iter().map(|file| &file.path).filter(|path| path.file_name() == name);
            let alike: Vec<String> = alike.take(3).map(ToString::to_string).collect();
            let hint = if alike.is_empty() {
                "see `fixwright code index --skipped` for what is left out, and why".to_owned()
            } else {
                format!("there is {}", alike.join(", "))
            };
            Usage { problem, hint }.into()
        })
    }

    /// Splits `FILE:LINE` and `FILE:FIRST-LAST`.
    pub(super) fn place(&self, named: &str) -> anyhow::Result<(RepoPath, u32, u32)> {
        let parts = named.rsplit_once(':').and_then(|(file, lines)| {
            let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
            Some((file, first.parse().ok()?, last.parse().ok()?))
        });
        let Some((file, first, last)) = parts.filter(|(_, first, last)| 0 < *first && first <= last) else {
            let hint = "give it as FILE:LINE or FILE:FIRST-LAST, lines from 1".to_owned();
            return Err(Usage { problem: format!("`{named}` names no lines of a file"), hint }.into());
        };
        Ok((self.path(file)?, first, last))
    }

    /// Returns the definitions of a name, in one file if it is named.
    pub(super) fn definitions(&self, name: &str, file: Option<&str>) -> anyhow::Result<Vec<Symbol>> {
        let mut found = self.index().definitions(name)?;
        if let Some(file) = file {
            let path = self.path(file)?;
            found.retain(|one| one.path == path);
        }
        Ok(found)
    }

    /// Returns names of the tree that are near to one that it does not define, the nearest first.
    pub(super) fn near(&self, name: &str) -> anyhow::Result<Vec<String>> {
        const THRESHOLD: f64 = 0.7;
        let mut names: Vec<String> = Vec::new();
        for one in self.index().similar(name, THRESHOLD, 20)? {
            if names.len() < 3 && !names.contains(&one.symbol.name) {
                names.push(one.symbol.name);
            }
        }
        Ok(names)
    }

    /// Returns the lines of a file as they were indexed; `None` when it is another by now.
    pub(super) fn lines(&self, path: &RepoPath, first: u32, last: u32) -> Option<String> {
        let mut texts = self.texts.borrow_mut();
        let text = texts.entry(path.clone()).or_insert_with(|| {
            let text = self.indexed.snapshot.text(path)?;
            let (_, digest) = self.index().text_of(path)?;
            (Digest::of(&text) == digest).then(|| String::from_utf8_lossy(&text).into_owned())
        });
        let skip = first.saturating_sub(1) as usize;
        let count = (last.saturating_sub(first) as usize + 1).min(MAX_LINES);
        let lines: Vec<&str> = text.as_deref()?.split('\n').skip(skip).take(count).collect();
        Some(lines.join("\n"))
    }

    /// Returns a definition for programs, with its text.
    pub(super) fn symbol(&self, symbol: &Symbol) -> anyhow::Result<Value> {
        let mut value = serde_json::to_value(symbol)?;
        value["text"] = json!(self.lines(&symbol.path, symbol.line, symbol.line_end));
        Ok(value)
    }

    /// Returns what some code uses for programs; what it means comes with its text where that is told.
    pub(super) fn used(&self, used: &Used) -> anyhow::Result<Value> {
        const TOLD: usize = 3;
        let mut value = serde_json::to_value(used)?;
        if used.targets.len() <= TOLD {
            for (target, one) in value["targets"].as_array_mut().into_iter().flatten().zip(&used.targets) {
                target["text"] = json!(self.lines(&one.symbol.path, one.symbol.line, one.symbol.line_end));
            }
        }
        Ok(value)
    }

    /// Returns a mention for programs, with its line.
    pub(super) fn mention(&self, mention: &Mention) -> anyhow::Result<Value> {
        let mut value = serde_json::to_value(mention)?;
        value["text"] = json!(self.lines(&mention.path, mention.line, mention.line));
        Ok(value)
    }

    /// Prints what was found: a document for programs, or what a person reads. Returns the exit code.
    pub(super) fn answer(
        &self,
        common: &Common,
        found: bool,
        document: impl FnOnce() -> anyhow::Result<Value>,
        shown: impl FnOnce() -> String,
    ) -> anyhow::Result<u8> {
        if common.json {
            let mut whole = json!({"schema": 1, "root": self.root.display().to_string()});
            if let (Some(whole), Value::Object(own)) = (whole.as_object_mut(), document()?) {
                whole.extend(own);
            }
            screen::print_json(&whole)?;
        } else {
            screen::print(&shown())?;
        }
        Ok(if found { exit::DONE } else { exit::REMAIN })
    }
}

/// Returns the innermost folder around `folder` that is a repository of git.
fn repository_around(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Returns a definition as one line.
pub(super) fn line(one: &Symbol) -> String {
    let words = [(one.declaration, "declared"), (one.local, "local"), (one.test, "test"), (one.harness, "harness")];
    let words: String = words.iter().filter(|(is, _)| *is).map(|(_, word)| format!(" ({word})")).collect();
    format!("{}:{}-{}: {} {}{words}\n", one.path, one.line, one.line_end, one.kind.word(), plain(&one.full_name()))
}

/// Says that a name is not defined, and which ones are near to it.
pub(super) fn undefined(name: &str, near: &[String]) -> String {
    let near = if near.is_empty() { String::new() } else { format!("; similar names: {}", near.join(", ")) };
    plain(&format!("note: `{name}` is not defined here{near}")) + "\n"
}

/// Says how many more there are than were shown.
pub(super) fn more(all: usize, limit: usize) -> String {
    if all > limit { format!("and {} more (--limit {all} shows all)\n", all - limit) } else { String::new() }
}
