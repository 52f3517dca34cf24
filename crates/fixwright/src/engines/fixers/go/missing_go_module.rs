//! Requires the module that provides a Go package in `go.mod`, where its version is known without asking anybody: the module lies in this
//! repository, another one of the repository requires it, `go.sum` knows it, or it is in the module cache.

use domain::{Applicability, Edit, Files, Finding, RepoPath};

use super::fixer::{FixContext, Fixer, Proposal, Repair};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_go_module",
    about: "requires the Go module that provides a package, at a version that is known offline",
    handles: |finding| package(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &["go.mod", "go.sum"],
};

/// Requires `$1` at version `$2`, as what is imported here: `go get` takes it to be needed by others.
const AT_VERSION: &str = r#"go get "$1@$2" && go mod edit -droprequire="$1" -require="$1@$2""#;

/// Takes the newest version in the module cache that can be used; `$1` is the package. Modules lie there under paths whose capitals are
/// written `!c`. What is in the cache was checked when it was fetched.
const FROM_CACHE: &str = r#"path=$1; cache=$(go env GOMODCACHE)/cache/download; export GOFLAGS=-mod=mod GOPROXY="file://$cache" GOSUMDB=off
at() { printf '%s/%s/@v' "$cache" "$(printf %s "$path" | sed 's/[A-Z]/!\l&/g')"; }
until [ -d "$(at)" ]; do case $path in */*) path=${path%/*};; *) exit 1;; esac; done
for version in $(ls "$(at)" | sed -n 's/\.zip$//p' | sort -Vr); do
go get "$path@$version" && exec go mod edit -droprequire="$path" -require="$path@$version"; done; exit 1"#;

/// Returns the package that no required module provides.
fn package(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    let rest = ["no required module provides package ", "cannot find module providing package "]
        .iter()
        .find_map(|lead| message.split(lead).nth(1))?;
    let path = rest.split([';', ':', ' ']).next()?;
    let is_plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"./_-~+".contains(&b));
    (is_plain && path.starts_with(|c: char| c.is_ascii_alphanumeric()) && !path.contains("..")).then_some(path)
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let package = package(context.finding)?;
    let manifest = manifest(context)?;
    let text = context.files.text(&manifest)?;
    let found = |module: &str, repair: Repair| Proposal {
        summary: format!("require `{module}`, which provides `{package}`"),
        applicability: Applicability::Unsafe,
        repair,
    };
    if let Some((module, folder)) = in_repository(context.files, &manifest, package) {
        let mut edits = vec![require(&manifest, &text, &module, "v0.0.0")];
        let replace = format!("{0}replace {module} => {1}{0}", newline(&text), relative(manifest.parent(), &folder));
        // At one place, two edits would not know their order.
        match edits.first_mut().filter(|edit| edit.start == text.len()) {
            Some(edit) => edit.text.push_str(&replace),
            None => edits.push(Edit::new(&manifest, text.len()..text.len(), replace)),
        }
        return Some(found(&module, Repair::Edits(edits)));
    }
    let folder = manifest.parent();
    let sums = RepoPath::new(format!("{folder}/go.sum").trim_start_matches('/')).ok()?;
    if let Some((module, version)) = context.files.text(&sums).and_then(|sums| in_sums(&sums, package)) {
        return Some(found(&module, Repair::Edits(vec![require(&manifest, &text, &module, &version)])));
    }
    let below = if context.subproject.path == "." { "" } else { context.subproject.path.trim_matches('/') };
    // Commands run in the folder of the subproject.
    (below == folder).then_some(())?;
    let may_change = vec!["go.mod".to_owned(), "go.sum".to_owned()];
    if let Some((module, version)) = elsewhere(context.files, &manifest, package) {
        let argv = ["sh", "-c", AT_VERSION, "sh", &module, &version].map(str::to_owned).into();
        return Some(found(&module, Repair::Command { argv, may_change }));
    }
    let first = package.split('/').next().filter(|host| host.contains('.'))?;
    let argv = ["sh", "-c", FROM_CACHE, "sh", package].map(str::to_owned).into();
    (first.len() < package.len()).then(|| Proposal {
        summary: format!("require the module that provides `{package}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Command { argv, may_change },
    })
}

/// Returns the `go.mod` of the module that the finding is in.
fn manifest(context: &FixContext<'_>) -> Option<RepoPath> {
    let mut folder = context.finding.path().map_or(context.subproject.path.trim_matches(['/', '.']), RepoPath::parent);
    loop {
        let file = RepoPath::new(format!("{folder}/go.mod").trim_start_matches('/')).ok()?;
        if context.files.contains(&file) {
            return Some(file);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn provides(module: &str, package: &str) -> bool {
    package.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the longest of the modules that could provide the package.
fn longest<T>(modules: impl Iterator<Item = (String, T)>, package: &str) -> Option<(String, T)> {
    // Of equals the last: the newest version stands last in `go.sum`.
    modules.filter(|(module, _)| provides(module, package)).max_by_key(|(module, _)| module.len())
}

fn others<'f>(files: &'f Files, manifest: &'f RepoPath) -> impl Iterator<Item = &'f RepoPath> {
    files.paths().iter().filter(move |path| path.file_name() == "go.mod" && *path != manifest)
}

/// Returns the module of this repository that holds the package, and its folder.
fn in_repository(files: &Files, manifest: &RepoPath, package: &str) -> Option<(String, String)> {
    let modules = others(files, manifest).filter_map(|path| {
        let text = files.text(path)?;
        let module = text.lines().find_map(|line| line.strip_prefix("module "))?;
        Some((module.trim().trim_matches('"').to_owned(), path.parent().to_owned()))
    });
    let (module, folder) = longest(modules, package)?;
    let below = format!("{folder}{}", package.strip_prefix(&module)?);
    let is_there = files.paths().iter().any(|path| path.parent() == below.trim_matches('/') && path.extension() == Some("go"));
    is_there.then_some((module, folder))
}

/// Returns the module and version whose content a `go.sum` knows.
fn in_sums(sums: &str, package: &str) -> Option<(String, String)> {
    let modules = sums.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (module, version) = (words.next()?, words.next()?);
        (!version.ends_with("/go.mod")).then(|| (module.to_owned(), version.to_owned()))
    });
    longest(modules, package)
}

/// Returns the module and version that another module of the repository requires.
fn elsewhere(files: &Files, manifest: &RepoPath, package: &str) -> Option<(String, String)> {
    let modules = others(files, manifest).filter_map(|path| files.text(path)).flat_map(|text| {
        let required = |line: &str| {
            let line = line.split("//").next().unwrap_or_default();
            let words: Vec<&str> = line.split_ascii_whitespace().filter(|word| *word != "require").collect();
            match words.as_slice() {
                [module, version] if version.starts_with('v') && module.contains('/') => {
                    Some(((*module).to_owned(), (*version).to_owned()))
                }
                _ => None,
            }
        };
        text.lines().filter_map(required).collect::<Vec<_>>()
    });
    longest(modules, package)
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Writes the requirement into the list of those that are there, in its place, else below the rest.
fn require(manifest: &RepoPath, text: &str, module: &str, version: &str) -> Edit {
    let newline = newline(text);
    let (mut at, mut in_list, mut behind) = (0, false, None);
    for line in text.split_inclusive('\n') {
        let words = line.split("//").next().unwrap_or_default().trim();
        // A list of what others need (`// indirect`) is not the one for what is imported here.
        if in_list && (words == ")" || words > module && !line.contains("// indirect")) {
            return Edit::new(manifest, at..at, format!("\t{module} {version}{newline}"));
        }
        let opens = words.starts_with("require") && words.ends_with('(');
        let first = text.get(at + line.len()..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        in_list = (in_list && words != ")") || (opens && !first.contains("// indirect"));
        at += line.len();
        if words.starts_with("require ") && !words.ends_with('(') {
            behind = Some(at);
        }
    }
    match behind {
        Some(at) => Edit::new(manifest, at..at, format!("require {module} {version}{newline}")),
        None => {
            let end = if text.ends_with('\n') { "" } else { newline };
            Edit::new(manifest, text.len()..text.len(), format!("{end}{newline}require {module} {version}{newline}"))
        }
    }
}

/// Returns the path from one folder of the repository to another as `replace` wants it.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &'_ str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (here, there) = (parts(from), parts(to));
    let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = here.len() - shared;
    let lead = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    let path = lead + &there.get(shared..).unwrap_or_default().join("/");
    path.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
