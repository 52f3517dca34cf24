//! Files that run when a project is built, installed or tested, known by their path.
//!
//! They have no grammar here, or one that does not say what runs: what counts is each command and each setting that one is made of. Two
//! scans are compared by these, so nothing is left out: what is not told one by one is in a digest.

mod ci;
mod image;
mod make;
mod settings;
#[cfg(test)]
mod tests;

use domain::{Digest, RepoPath};

use super::super::resource::told;
use super::super::{Capability, Found, LONGEST_EVIDENCE};

/// More commands of one file than this are not told one by one.
const MOST: usize = 500;
/// What comes later in a file is not told one by one.
const LONGEST: usize = 1 << 20;

/// Returns what a file runs when the project is built or installed: a script as a whole, or the lines that are commands.
pub(in super::super) fn of(path: &RepoPath, text: &[u8]) -> Vec<Found> {
    let Some(read) = reader_of(path) else { return Vec::new() };
    let (head, tail) = text.split_at(text.len().min(LONGEST));
    let text = String::from_utf8_lossy(head);
    let mut hooks = Hooks::default();
    read(path.file_name(), &text, &mut hooks);
    hooks.finish(tail)
}

/// Reads a kind of file: its name, its text, and where to put what it runs.
type Reader = fn(&str, &str, &mut Hooks);

fn reader_of(path: &RepoPath) -> Option<Reader> {
    let name = path.file_name();
    let low = name.to_ascii_lowercase();
    let extension = path.extension().unwrap_or_default();
    let is_in = |folder: &str| path.as_str().starts_with(folder) || path.as_str().contains(&format!("/{folder}"));
    Some(match low.as_str() {
        "build.rs" => build_of_rust,
        "setup.py" | "extconf.rb" | "conanfile.py" => script,
        "binding.gyp" | "jenkinsfile" => whole,
        "package.json" | "composer.json" => settings::package,
        "cargo.toml" => settings::cargo,
        "pyproject.toml" => settings::pyproject,
        "tox.ini" | "setup.cfg" => settings::ini,
        ".npmrc" | ".yarnrc" | ".yarnrc.yml" | "bunfig.toml" => settings::npm,
        ".pre-commit-config.yaml" | ".pre-commit-hooks.yaml" => settings::pre_commit,
        "makefile" | "gnumakefile" => make::of,
        "justfile" | ".justfile" | "procfile" | ".gitmodules" | ".bazelrc" | "devcontainer.json" | ".devcontainer.json" => {
            all_lines
        }
        "tasks.json" if is_in(".vscode/") => all_lines,
        "cmakelists.txt" => make::cmake,
        "pom.xml" => settings::project,
        "config.toml" | "config" if is_in(".cargo/") => settings::cargo_config,
        _ if matches!(low.split('.').next(), Some("dockerfile" | "containerfile")) => image::of,
        _ if matches!(low.rsplit('.').next(), Some("dockerfile" | "containerfile")) => image::of,
        _ if low.starts_with("jenkinsfile.") || low.ends_with(".jenkinsfile") => whole,
        _ if ci::is_ci(path) => ci::of,
        _ if is_in(".husky/") || is_in(".githooks/") || matches!(extension, "pth" | "just") => all_lines,
        _ if extension == "mk" || low.starts_with("makefile.") => make::of,
        _ if extension == "cmake" => make::cmake,
        _ if extension.ends_with("proj") || matches!(extension, "targets" | "props") => settings::project,
        _ if extension == "go" => go,
        _ if low.starts_with("requirements") && extension == "txt" => settings::requirements,
        _ => return None,
    })
}

/// What a file runs, in the order of the text.
#[derive(Default)]
struct Hooks {
    found: Vec<Found>,
    /// How many more there are, and all of them.
    more: usize,
    rest: String,
}

impl Hooks {
    /// Adds a command on a line (from 0). Two are the same when `resource` is, but for white space.
    fn add(&mut self, line: usize, rule: &str, code: &str, resource: &str) {
        let resource = resource.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.found.len() >= MOST {
            self.more += 1;
            self.rest.push_str(&resource);
            self.rest.push('\n');
            return;
        }
        let (resource, beyond) = told(&resource);
        let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
        self.found.push(Found {
            line,
            line_end: line,
            capability: Capability::BuildHook,
            resource: Some(resource),
            rule: rule.to_owned(),
            evidence: code.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_EVIDENCE).collect(),
            function: String::new(),
            beyond,
        });
    }

    fn finish(mut self, tail: &[u8]) -> Vec<Found> {
        if self.more == 0 && tail.is_empty() {
            return self.found;
        }
        let line = self.found.last().map_or(1, |last| last.line);
        self.found.push(Found {
            line,
            line_end: line,
            capability: Capability::BuildHook,
            resource: None,
            rule: "rest-of-the-file".to_owned(),
            evidence: format!("and {} more, and {} bytes", self.more, tail.len()),
            function: String::new(),
            beyond: Some(Digest::of_parts([self.rest.as_bytes(), tail])),
        });
        self.found
    }
}

/// A script in a language that is read as code, too: that it is there is told here, what it does there.
fn script(name: &str, text: &str, hooks: &mut Hooks) {
    let first =
        text.lines().position(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '/', '"'])).unwrap_or(0);
    hooks.add(first, "build-script", text.lines().nth(first).unwrap_or_default(), name);
}

/// What `build.rs` prints, it tells Cargo to do.
fn build_of_rust(name: &str, text: &str, hooks: &mut Hooks) {
    script(name, text, hooks);
    for (at, line) in text.lines().enumerate() {
        if line.contains("\"cargo:") {
            hooks.add(at, "build-script", line, line);
        }
    }
}

/// A script that nothing else looks into: all of it is what it runs, but for comments that have a line.
fn whole(_: &str, text: &str, hooks: &mut Hooks) {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with('#');
    let code: Vec<&str> = text.lines().map(str::trim).filter(is_code).collect();
    let Some(first) = code.first() else { return };
    let line = text.lines().position(|line| line.trim() == *first).unwrap_or(0);
    hooks.add(line, "build-script", first, &code.join(" "));
}

/// A file each line of which may be run.
fn all_lines(_: &str, text: &str, hooks: &mut Hooks) {
    for (at, line) in logical(text, '\\') {
        if !line.trim_start().starts_with("//") {
            hooks.add(at, "command", &line, &line);
        }
    }
}

fn go(_: &str, text: &str, hooks: &mut Hooks) {
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("//go:generate ") {
            hooks.add(at, "go-generate", line, line);
        } else if line.starts_with("#cgo ") || line.starts_with("// #cgo ") || line.starts_with("//#cgo ") {
            hooks.add(at, "cgo-flags", line, line);
        }
    }
}

/// Returns the lines (with their numbers, from 0) with what continues them; comments and empty ones are left out.
fn logical(text: &str, escape: char) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (at, line) in text.lines().enumerate() {
        let is_empty = line.trim().is_empty() || line.trim_start().starts_with('#');
        if is_empty {
            continue;
        }
        let body = line.trim_end().strip_suffix(escape);
        let code = body.unwrap_or(line);
        match all.last_mut().filter(|_| is_open) {
            Some((_, open)) => {
                open.push(' ');
                open.push_str(code.trim_start());
            }
            None => all.push((at, code.to_owned())),
        }
        is_open = body.is_some();
    }
    all
}
