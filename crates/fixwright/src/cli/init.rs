//! `fixwright init`: writes down what was found out about the repository, so that a person can change it.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Files;

use crate::config::REPOSITORY_FILE;
use crate::detect::{Detected, detect, render_toml};
use crate::env::Env;

/// Looks at a repository and writes a fixwright.toml of at most 20 lines
///
/// The file names the subprojects and the commands that build, test and check them. It is not needed: without it, the other commands
/// look for themselves. Only commands whose tools are installed are written down; what was left out is said.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// The repository
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,

    /// Replace a fixwright.toml that is there already
    #[arg(long)]
    pub(crate) force: bool,

    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is a file, and nobody said `--force`.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// Nothing that could be written down.
    #[error("no subproject was found whose tools are installed")]
    Nothing {
        /// What was left out, and why.
        notes: Vec<String>,
    },
}

/// Looks at the files of `root`'s tree and writes the file there. The text goes to `talk`, the JSON document to `out`.
///
/// # Errors
/// [`Error`], or what the system says of a file that cannot be written.
pub(crate) fn run(
    args: &Args,
    root: &Path,
    files: &Files,
    env: &Env,
    out: &mut dyn Write,
    talk: &mut dyn Write,
) -> anyhow::Result<()> {
    let path = root.join(REPOSITORY_FILE);
    // Looked at first, so that nobody waits in vain; creating it asks again.
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(Error::Exists(path).into());
    }
    let Detected { subprojects, notes } = detect(files, env, Some(root));
    if subprojects.is_empty() {
        return Err(Error::Nothing { notes }.into());
    }
    write(&path, &render_toml(&subprojects), args.force)?;
    if args.json {
        let document = serde_json::json!({ "schema": 1, "file": path, "subprojects": subprojects, "notes": notes });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    writeln!(talk, "wrote {}", path.display())?;
    for one in &subprojects {
        let recipes: Vec<&str> = one.recipes.keys().map(|recipe| recipe.as_str()).collect();
        writeln!(talk, "  {} ({}): {}", one.path, one.language, recipes.join(", "))?;
    }
    for note in &notes {
        writeln!(talk, "note: {note}")?;
    }
    Ok(())
}

/// Writes the file whole or not at all; a link in its place is replaced, never followed.
fn write(path: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::Builder::new()
        .prefix(".fixwright.toml.")
        .tempfile_in(folder)
        .with_context(|| format!("writing into {}", folder.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(mode).with_context(|| format!("writing {}", path.display()))?;
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Exists(path.to_owned()).into()),
        Err(failed) => Err(failed.error).with_context(|| format!("writing {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use domain::RepoPath;

    use super::*;

    struct Place {
        root: tempfile::TempDir,
        env: Env,
        files: Files,
    }

    /// A repository with a Go module, on a machine with these programs.
    fn place(programs: &[&str]) -> Place {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for program in programs {
            std::fs::write(bin.join(program), "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(bin.join(program), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let file = |path: &str| (RepoPath::new(path).unwrap(), Vec::new());
        Place { env: Env::from_pairs([("PATH", bin)]), files: Files::from_map([file("go.mod"), file("a_test.go")].into()), root }
    }

    impl Place {
        fn run(&self, force: bool, json: bool) -> (anyhow::Result<()>, String, String) {
            let args = Args { path: ".".into(), force, json };
            let (mut out, mut talk) = (Vec::new(), Vec::new());
            let result = run(&args, self.root.path(), &self.files, &self.env, &mut out, &mut talk);
            let text = |bytes| String::from_utf8(bytes).unwrap().replace(&self.root.path().display().to_string(), "/repo");
            (result, text(out), text(talk))
        }

        fn written(&self) -> String {
            std::fs::read_to_string(self.root.path().join(REPOSITORY_FILE)).unwrap()
        }
    }

    #[test]
    fn it_writes_what_it_found_and_says_what_it_left_out() {
        let place = place(&["go"]);
        let (result, out, talk) = place.run(false, false);
        result.unwrap();
        assert_eq!(out, "");
        assert_eq!(talk, "wrote /repo/fixwright.toml\n  . (go): build, test, lint\n");
        insta::assert_snapshot!(place.written(), @r#"
        # How fixwright builds, tests and checks this repository. `fixwright doctor` lists tools that are missing.
        [[subproject]]
        path = "."
        language = "go"
        recipes.build = { command = "go build ./...", timeout_secs = 600 }
        recipes.test = { command = "go test ./...", timeout_secs = 600 }
        recipes.lint = { command = "go vet ./...", timeout_secs = 600 }
        "#);
    }

    #[test]
    fn a_file_that_is_there_stays_unless_forced() {
        let place = place(&["go"]);
        let outside = place.root.path().join("outside");
        std::fs::write(&outside, "mine").unwrap();
        std::os::unix::fs::symlink(&outside, place.root.path().join(REPOSITORY_FILE)).unwrap();
        let error = place.run(false, false).0.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::Exists(_))), "{error:#}");
        let (result, out, talk) = place.run(true, true);
        result.unwrap();
        assert_eq!((talk.as_str(), std::fs::read_to_string(&outside).unwrap().as_str()), ("", "mine"));
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["file"], "/repo/fixwright.toml");
        assert_eq!(document["subprojects"][0]["recipes"]["test"]["command"], "go test ./...");
        assert!(place.written().contains("go test"));
        let names: Vec<_> = std::fs::read_dir(place.root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3, "no temporary file is left: {names:?}");
    }

    #[test]
    fn nothing_is_written_where_nothing_was_found() {
        let place = place(&[]);
        let error = place.run(false, false).0.unwrap_err();
        match error.downcast_ref() {
            Some(Error::Nothing { notes }) => assert_eq!(notes, &["go: go is not installed"]),
            other => panic!("{other:?}"),
        }
        assert!(!place.root.path().join(REPOSITORY_FILE).exists());
    }
}
