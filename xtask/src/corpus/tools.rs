//! git and GNU patch on the same answers, as those are used: on a file in a folder of its own.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::source::Change;
use super::{Came, judge};

const TOOLS: [(&str, &[&str]); 3] = [
    ("git apply", &["git", "apply"]),
    ("git apply --recount", &["git", "apply", "--recount"]),
    ("GNU patch", &["patch", "-p1", "--batch", "--no-backup-if-mismatch", "-r", "-"]),
];

/// Scores each tool on one answer.
pub(super) fn score(change: &Change, answer: &str) -> Result<Vec<(&'static str, Came)>> {
    let mut out = Vec::new();
    for (name, command) in TOOLS {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(&change.path);
        fs::create_dir_all(file.parent().context("a file in a folder")?)?;
        fs::write(&file, &change.before)?;
        fs::write(folder.path().join("answer.patch"), answer)?;
        let input = fs::File::open(folder.path().join("answer.patch"))?;
        let (program, args) = command.split_first().context("a command")?;
        let done = Command::new(program)
            .args(args)
            .current_dir(folder.path())
            .env("GIT_CEILING_DIRECTORIES", folder.path())
            .stdin(Stdio::from(input))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.with_context(|| format!("running {program}"))?;
        let got = fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let untouched = got == change.before;
        out.push((name, if untouched { Came::Refused } else { judge(&got, &change.after) }));
    }
    Ok(out)
}
