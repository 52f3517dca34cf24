//! Other appliers on the same answers, as those are used: git and GNU patch on a file in a folder of its own, libraries on its text.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::source::Change;
use super::{Came, judge};

/// Programs, each with whether it wants a repository that knows the file.
const PROGRAMS: [(&str, bool, &[&str]); 4] = [
    ("git apply", false, &["git", "apply"]),
    ("git apply --recount", false, &["git", "apply", "--recount"]),
    ("git apply --3way", true, &["git", "apply", "--3way"]),
    ("GNU patch", false, &["patch", "-p1", "--batch", "--no-backup-if-mismatch", "-r", "-"]),
];

/// Applies an answer to a text: the name of the library, and what it does.
type Library = (&'static str, fn(&str, &str) -> Option<String>);

const LIBRARIES: [Library; 2] = [
    ("diffy", |answer, before| {
        let patch = diffy::Patch::from_str(answer).ok()?;
        diffy::apply(before, &patch).ok()
    }),
    ("mpatch", |answer, before| {
        let options = mpatch::ApplyOptions::default();
        let patches = mpatch::parse_auto(answer).ok().filter(|patches| !patches.is_empty())?;
        patches.iter().try_fold(before.to_owned(), |text, patch| {
            Some(mpatch::try_apply_patch_to_content(patch, Some(&text), &options).ok()?.new_content)
        })
    }),
];

/// Scores each tool on one answer, which may have to be refused.
pub(super) fn score(change: &Change, answer: &str, must_refuse: bool) -> Result<Vec<(&'static str, Came)>> {
    let mut out = Vec::new();
    for (name, repository, command) in PROGRAMS {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(&change.path);
        fs::create_dir_all(file.parent().context("a file in a folder")?)?;
        fs::write(&file, &change.before)?;
        if repository {
            run(folder.path(), &["git", "init", "-q"], None)?;
            run(folder.path(), &["git", "add", "-A"], None)?;
        }
        let answers = tempfile::NamedTempFile::new()?;
        fs::write(answers.path(), answer)?;
        let good = run(folder.path(), command, Some(answers.path()))?;
        let got = fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        // Whatever else lies there was made by the answer.
        let more = others(folder.path(), &file)?;
        out.push((name, came(change, &got, good, must_refuse, more)));
    }
    for (name, apply) in LIBRARIES {
        let got = apply(answer, &change.before);
        out.push((name, came(change, got.as_deref().unwrap_or(&change.before), got.is_some(), must_refuse, false)));
    }
    Ok(out)
}

fn came(change: &Change, got: &str, good: bool, must_refuse: bool, more: bool) -> Came {
    match (got == change.before && !more, good, must_refuse) {
        (true, ..) => Came::Refused,
        // It says that it failed, or should have, and has written all the same.
        (false, false, _) | (false, _, true) => Came::Touched,
        (false, true, false) => judge(got, &change.after),
    }
}

fn run(folder: &Path, command: &[&str], input: Option<&Path>) -> Result<bool> {
    let (program, args) = command.split_first().context("a command")?;
    let input = input.map(fs::File::open).transpose()?;
    let done = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(input.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    Ok(done.with_context(|| format!("running {program}"))?.success())
}

/// Says whether there is any other file than `file`, git's own aside.
fn others(folder: &Path, file: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let other = if path.is_dir() {
            path.file_name().is_some_and(|name| name != ".git") && others(&path, file)?
        } else {
            path != file
        };
        if other {
            return Ok(true);
        }
    }
    Ok(false)
}
