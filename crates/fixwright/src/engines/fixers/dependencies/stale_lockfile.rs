//! Writes a lockfile again that does not fit its manifest, and changes no more of it than that needs.

use domain::{Applicability, RepoPath};

use super::fixer::{FixContext, Fixer, Proposal, Repair};

pub(super) const FIXER: Fixer = Fixer {
    id: "stale_lockfile",
    about: "brings a lockfile back in line with its manifest",
    handles: |finding| finding.rule == "stale-lockfile" && lock(&finding.tool).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &["Cargo.lock", "package-lock.json", "npm-shrinkwrap.json", "go.mod", "go.sum", "poetry.lock", "uv.lock"],
};

/// The command of a package manager, the manifest that says that it is meant, and what the command may change.
struct Lock {
    manifest: &'static str,
    argv: &'static [&'static str],
    may_change: &'static [&'static str],
}

fn lock(tool: &str) -> Option<Lock> {
    let (manifest, argv, may_change): (_, &[_], &[_]) = match tool {
        // Only what the manifests of the workspace ask for anew; from what is at hand, if that is enough.
        "cargo" => {
            ("Cargo.toml", &["sh", "-c", "cargo update --workspace --offline || cargo update --workspace"], &["Cargo.lock"])
        }
        "npm" => (
            "package.json",
            &["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
            &["package-lock.json", "npm-shrinkwrap.json"],
        ),
        "go" => ("go.mod", &["go", "mod", "tidy"], &["go.mod", "go.sum"]),
        // `poetry lock` keeps what is locked since 2.0; before, that was a flag.
        "poetry" => (
            "pyproject.toml",
            &["sh", "-c", "poetry lock --no-interaction --no-update || poetry lock --no-interaction"],
            &["poetry.lock"],
        ),
        "uv" => ("pyproject.toml", &["uv", "lock"], &["uv.lock"]),
        _ => return None,
    };
    Some(Lock { manifest, argv, may_change })
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let lock = lock(&context.finding.tool)?;
    let folder = context.subproject.path.trim_matches('/');
    let manifest = if matches!(folder, "" | ".") { lock.manifest.to_owned() } else { format!("{folder}/{}", lock.manifest) };
    context.files.contains(&RepoPath::new(manifest).ok()?).then_some(())?;
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    Some(Proposal {
        summary: format!("bring the lockfile in line with {}", lock.manifest),
        applicability: Applicability::Unsafe,
        repair: Repair::Command { argv: words(lock.argv), may_change: words(lock.may_change) },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
