//! Raises a vulnerable dependency to the smallest version that mends it: where the manifest allows one, only the lockfile changes.
//!
//! The finding's message says all that is needed, in one fixed form.

use domain::{Applicability, Edit, RepoPath};

use super::cargo_manifests;
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::npm_locks;
use crate::advisories::{Ecosystem, Version, Vulnerable, meets, pin, python_name};

pub(super) const FIXER: Fixer = Fixer {
    id: "vulnerable_dependency",
    about: "raises a vulnerable dependency to the smallest version that mends it, in manifest and lockfile",
    handles: |finding| Vulnerable::read(finding).is_some_and(|found| !found.fixed.is_empty()),
    propose,
    may_change: &[
        "Cargo.toml",
        "Cargo.lock",
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "go.mod",
        "go.sum",
        "requirements*.txt",
        "requirements/*.txt",
        "constraints.txt",
        "pyproject.toml",
        "poetry.lock",
        "uv.lock",
    ],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(found) = Vulnerable::read(context.finding) else { return Vec::new() };
    let repair = match found.ecosystem {
        Ecosystem::PyPi => python(context, &found),
        Ecosystem::CratesIo => cargo(context, &found),
        Ecosystem::Npm => npm(context, &found),
        Ecosystem::Go => go(context, &found),
    };
    let Some((to, repair)) = repair else { return Vec::new() };
    let summary = format!("raise {} from {} to {to}", found.package, found.version);
    vec![Proposal { summary, applicability: Applicability::Unsafe, repair }]
}

/// The folder of the lockfile, relative to that of the subproject; and relative to the root.
fn folders<'a>(context: &'a FixContext<'_>, lock: &str) -> Option<(String, &'a str)> {
    let subproject = context.subproject.path.trim_matches('/');
    let folder = match context.finding.path() {
        Some(path) if path.file_name() == lock => path.parent(),
        _ => subproject,
    };
    let (folder, subproject) = (if folder == "." { "" } else { folder }, if subproject == "." { "" } else { subproject });
    if folder == subproject {
        return Some((String::new(), folder));
    }
    let below = if subproject.is_empty() { folder } else { folder.strip_prefix(subproject)?.strip_prefix('/')? };
    // It becomes an argument.
    (!below.starts_with('-')).then(|| (below.to_owned(), folder))
}

fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn cargo(context: &FixContext<'_>, found: &Vulnerable) -> Option<(String, Repair)> {
    let (below, folder) = folders(context, "Cargo.lock")?;
    let installed = semver::Version::parse(&found.version).ok()?;
    let mut direct = cargo_manifests::requirements(context.files, folder, &found.package);
    direct.retain(|one| meets(&one.parsed, &installed));
    let versions = || found.fixed.iter().filter_map(|text| Some((semver::Version::parse(text).ok()?, text)));
    let compatible = semver::VersionReq::parse(&format!("^{installed}")).ok()?;
    let allowed = |version: &semver::Version| {
        // What other crates ask of it the lockfile does not say; nearly all ask for a compatible version.
        if direct.is_empty() { meets(&compatible, version) } else { direct.iter().all(|one| meets(&one.parsed, version)) }
    };
    let mut argv = words(&["cargo", "update", "-p", &format!("{}@{}", found.package, found.version)]);
    let mut may_change = vec![within(&below, "Cargo.lock")];
    if !below.is_empty() {
        argv.extend(words(&["--manifest-path", &within(&below, "Cargo.toml")]));
    }
    if let Some((version, text)) = versions().find(|(version, _)| allowed(version)) {
        argv.extend(words(&["--precise", &version.to_string()]));
        return Some((text.clone(), Repair::Command { argv, may_change }));
    }
    let (version, text) = versions().next()?;
    if direct.is_empty() {
        return None;
    }
    let edits = direct
        .iter()
        .filter(|one| !meets(&one.parsed, &version))
        .map(|one| {
            let exact = if one.text.trim_start().starts_with('=') { "=" } else { "" };
            Edit::new(&one.path, one.range.clone(), format!("{exact}{version}"))
        })
        .collect();
    may_change.sort();
    Some((text.clone(), Repair::EditsThenCommand { edits, argv, may_change }))
}

fn npm(context: &FixContext<'_>, found: &Vulnerable) -> Option<(String, Repair)> {
    let lock = context.finding.path().map_or("package-lock.json", RepoPath::file_name);
    if !matches!(lock, "package-lock.json" | "npm-shrinkwrap.json" | "package.json") {
        return None;
    }
    let lock = if lock == "package.json" { "package-lock.json" } else { lock };
    let (below, folder) = folders(context, lock)?;
    let read = |name: &str| context.files.text(&RepoPath::new(within(folder, name)).ok()?);
    let manifest = read("package.json")?;
    let quiet = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
    // The manifest may ask for one version, and another package for the vulnerable one.
    let direct = npm_locks::direct(&manifest, &found.package).filter(|range| npm_locks::allows(range, &found.version));
    let (to, mut argv) = if let Some(range) = direct {
        let allowed = found.fixed.iter().find(|version| npm_locks::allows(&range, version));
        let to = allowed.or(found.fixed.first())?;
        let mut argv = words(&["npm", "install", &format!("{}@{to}", found.package)]);
        // The range keeps its form: npm would write `^` for a pinned version.
        if Version::parse(Ecosystem::Npm, &range).is_some() {
            argv.push("--save-exact".to_owned());
        } else if range.starts_with('~') {
            argv.push("--save-prefix=~".to_owned());
        }
        (to.clone(), argv)
    } else {
        let parents = npm_locks::asked(&read(lock)?, &found.package, &found.version)?;
        let to = found.fixed.iter().find(|version| parents.iter().all(|range| npm_locks::allows(range, version)))?;
        (to.clone(), words(&["npm", "update", &found.package]))
    };
    argv.extend(words(&quiet));
    if !below.is_empty() {
        argv.extend(words(&["--prefix", &below]));
    }
    let may_change = vec![within(&below, "package.json"), within(&below, lock)];
    Some((to, Repair::Command { argv, may_change }))
}

fn go(context: &FixContext<'_>, found: &Vulnerable) -> Option<(String, Repair)> {
    let (below, _) = folders(context, "go.mod")?;
    let to = found.fixed.first()?;
    let chdir = if below.is_empty() {
        String::new()
    } else if below.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        format!("cd {below} && ")
    } else {
        return None;
    };
    let version = to.trim_start_matches('v');
    let line = format!("{chdir}go get {}@v{version} && go mod tidy", found.package);
    let may_change = vec![within(&below, "go.mod"), within(&below, "go.sum")];
    Some((to.clone(), Repair::Command { argv: words(&["sh", "-c", &line]), may_change }))
}

fn python(context: &FixContext<'_>, found: &Vulnerable) -> Option<(String, Repair)> {
    let to = found.fixed.first()?;
    match context.finding.path() {
        Some(path) if path.file_name() == "uv.lock" => {
            let (below, _) = folders(context, "uv.lock")?;
            let mut argv = words(&["uv", "lock", "--upgrade-package", &format!("{}=={to}", found.package)]);
            if !below.is_empty() {
                argv.extend(words(&["--directory", &below]));
            }
            Some((to.clone(), Repair::Command { argv, may_change: vec![within(&below, "uv.lock")] }))
        }
        Some(path) if path.file_name() == "poetry.lock" => {
            let (below, _) = folders(context, "poetry.lock")?;
            let mut argv = words(&["poetry", "update", "--lock", "--no-interaction", &found.package]);
            if !below.is_empty() {
                argv.extend(words(&["--directory", &below]));
            }
            Some((to.clone(), Repair::Command { argv, may_change: vec![within(&below, "poetry.lock")] }))
        }
        Some(path) => {
            let edits = pins(context, path, found, to);
            (!edits.is_empty()).then(|| (to.clone(), Repair::Edits(edits)))
        }
        // A report that names no file: wherever this version is pinned.
        None => {
            let mut edits = Vec::new();
            for path in context.files.paths() {
                let name = path.file_name();
                let manifest = matches!(name, "pyproject.toml" | "setup.py" | "setup.cfg") || name.ends_with(".txt");
                if manifest && path.is_below(&context.subproject.path) {
                    edits.extend(pins(context, path, found, to));
                }
            }
            (!edits.is_empty()).then(|| (to.clone(), Repair::Edits(edits)))
        }
    }
}

/// Returns edits of each place in a manifest that pins the package to the version.
fn pins(context: &FixContext<'_>, path: &RepoPath, found: &Vulnerable, to: &str) -> Vec<Edit> {
    let Some(text) = context.files.text(path) else { return Vec::new() };
    let name = python_name(&found.package);
    let mut edits = Vec::new();
    let mut at = 0;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (index, line) in lines.iter().enumerate() {
        let start = at;
        at += line.len();
        // Hashes belong to the version; without them the line no longer installs.
        let hashed = line.contains("--hash")
            || (line.trim_end().ends_with('\\') && lines.get(index + 1).is_some_and(|next| next.contains("--hash")));
        if hashed {
            continue;
        }
        let whole = pin(line).map(|found| (0, found));
        let quoted = quoted_parts(line).filter_map(|(offset, part)| Some((offset, pin(part)?)));
        for (offset, (pinned, version)) in whole.into_iter().chain(quoted) {
            if python_name(pinned) != name
                || Version::parse(Ecosystem::PyPi, version) != Version::parse(Ecosystem::PyPi, &found.version)
            {
                continue;
            }
            // `pin` hands back slices of the line, and the version is the first of its spelling after the `==`.
            let Some(part) = line.get(offset..) else { continue };
            let Some(equals) = part.find("==") else { continue };
            let Some(place) = part.get(equals..).and_then(|rest| rest.find(version)) else { continue };
            let from = start + offset + equals + place;
            edits.push(Edit::new(path, from..from + version.len(), to));
        }
    }
    edits.sort();
    edits.dedup();
    edits
}

/// Returns what stands between quotes on a line, with where it begins.
fn quoted_parts(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = line.get(at..)?;
            let open = rest.find(['"', '\''])?;
            let quote = rest.get(open..=open)?;
            let from = at + open + 1;
            let Some(length) = line.get(from..)?.find(quote) else {
                at = from;
                continue;
            };
            at = from + length + 1;
            return Some((from, line.get(from..from + length)?));
        }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
