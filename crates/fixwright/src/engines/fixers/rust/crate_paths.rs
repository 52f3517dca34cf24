//! Mends what the compiler itself suggests where it names an item of the crate by a path that only the crate's root can use: `cell::Cell`
//! where `crate::cell::Cell` is meant.

use domain::{Edit, Files, Finding, RepoPath};

use super::fixer::{FixContext, Fixer, Proposal};
use super::modules::Crate;
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "crate_paths",
    about: "mends paths to the crate's own items in what rustc and clippy suggest",
    handles: |finding| {
        matches!(finding.tool.as_str(), "rustc" | "clippy") && finding.suggestions.iter().any(|one| named(one).is_some())
    },
    propose: |context| propose(context).unwrap_or_default(),
    may_change: &[],
};

fn named(suggestion: &domain::Suggestion) -> Option<()> {
    suggestion.edits.iter().any(|edit| edit.text.contains("::")).then_some(())
}

fn propose(context: &FixContext<'_>) -> Option<Vec<Proposal>> {
    let Finding { suggestions, location, .. } = context.finding;
    let path = &location.as_ref()?.path;
    let of = Crate::of(context.files, path)?;
    // In the root itself the path is right.
    (!of.module(path)?.is_empty()).then_some(())?;
    let modules = top_modules(context.files, &of, path);
    let mut all = Vec::new();
    for suggestion in suggestions.iter().filter(|one| named(one).is_some()) {
        let edits: Vec<Edit> =
            suggestion.edits.iter().map(|edit| Edit { text: rooted(path, &edit.text, &modules), ..edit.clone() }).collect();
        if edits != suggestion.edits {
            all.extend(tokens::edits(suggestion.message.clone(), suggestion.applicability, edits));
        }
    }
    Some(all)
}

/// Returns the names of the modules in the crate's root, by their files, but for those that the file itself declares or imports.
fn top_modules(files: &Files, of: &Crate, path: &RepoPath) -> Vec<String> {
    let source = Source::open(files, path);
    let mut names: Vec<String> = files
        .paths()
        .iter()
        .filter(|path| of.within(path).is_some())
        .filter_map(|path| of.module(path)?.into_iter().next())
        .filter(|name| {
            source.as_ref().is_none_or(|source| {
                !(1..source.tokens.len())
                    .any(|at| source.word(at) == name && (source.word(at - 1) == "mod" || source.use_around(at).is_some()))
            })
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Returns the text with `crate::` before each path that begins with one of the modules.
fn rooted(path: &RepoPath, text: &str, modules: &[String]) -> String {
    let source = Source::new(path.clone(), text.to_owned());
    let mut out = String::new();
    let mut copied = 0;
    for at in 0..source.tokens.len() {
        let Some(token) = source.token(at) else { continue };
        let begins = at == 0 || !matches!(source.word(at - 1), ":" | ".");
        let is_path = source.reads(at + 1, &[":", ":"]);
        if token.kind == Kind::Word && begins && is_path && modules.iter().any(|module| module == source.word(at)) {
            out.push_str(source.slice(copied..token.start));
            out.push_str("crate::");
            copied = token.start;
        }
    }
    out.push_str(source.slice(copied..text.len()));
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Applicability, Digest, FindingKind, Language, Location, Recipe, Severity, Subproject, Suggestion};

    use super::super::fixer::Repair;
    use super::*;

    /// What the fixer makes of a suggestion in `src/a.rs` of a crate with the modules `a` and `common`.
    fn mended(file: &str, suggested: &str) -> Option<String> {
        let path = |p: &str| RepoPath::new(p).unwrap();
        let tree = [("Cargo.toml", ""), ("src/lib.rs", ""), ("src/a.rs", file), ("src/common/mod.rs", "")];
        let files = Files::from_map(tree.iter().map(|(p, text)| (path(p), text.as_bytes().to_vec())).collect());
        let edits = vec![Edit::new(&path("src/a.rs"), 0..1, suggested)];
        let finding = Finding {
            id: "f".into(),
            kind: FindingKind::Linting,
            tool: "clippy".into(),
            rule: "clippy::missing_transmute_annotations".into(),
            severity: Severity::Warning,
            message: "transmute used without annotations".into(),
            location: Some(Location { path: path("src/a.rs"), line: 1, column: 1, end_line: 1, end_column: 2 }),
            subproject: ".".into(),
            recipe: Recipe::Lint,
            fingerprint: Digest::of("f"),
            suggestions: vec![Suggestion { message: "add annotations".into(), applicability: Applicability::Unsafe, edits }],
        };
        assert!((FIXER.handles)(&finding) == suggested.contains("::"));
        let subproject = Subproject { path: ".".into(), language: Language::Rust, recipes: BTreeMap::new() };
        let proposals = (FIXER.propose)(&FixContext { finding: &finding, subproject: &subproject, files: &files });
        match &proposals.first()?.repair {
            Repair::Edits(edits) => Some(edits[0].text.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_path_from_the_root_is_written_as_one() {
        let text = "transmute::<u8, common::Block>";
        assert_eq!(mended("fn f() {}", text).as_deref(), Some("transmute::<u8, crate::common::Block>"));
        assert_eq!(
            mended("fn f() {}", "<Ix as common::T>::x(common::y, x.common::<u8>())").as_deref(),
            Some("<Ix as crate::common::T>::x(crate::common::y, x.common::<u8>())")
        );
    }

    #[test]
    fn a_path_that_is_right_is_left() {
        assert_eq!(mended("use crate::common;", "common::Block"), None);
        assert_eq!(mended("fn f() {}", "crate::common::Block"), None);
        assert_eq!(mended("fn f() {}", "std::mem::take(x)"), None);
        assert_eq!(mended("fn f() {}", "x"), None);
    }
}
