//! Names that a module hands on from another one: what `__init__.py`, `index.ts` and `mod.rs` import, others import from them.

use std::cell::RefCell;
use std::collections::HashMap;

use domain::{Language, RepoPath};

use super::modules::leads_to;
use super::{Certainty, Symbol};
use crate::index::{Error, Index};

/// Modules that a name is followed through.
const MAX_DOORS: usize = 4;

/// What is known already of the imports of one file.
#[derive(Default)]
pub(super) struct Handed {
    from: RefCell<HashMap<(String, String, RepoPath), bool>>,
    parts: RefCell<HashMap<(RepoPath, RepoPath), bool>>,
}

impl Handed {
    /// Says whether `name` of `module`, as `importer` imports it, is handed on from the definition.
    pub(super) fn is_from(
        &self,
        index: &Index,
        language: Language,
        (module, name): (&str, &str),
        importer: &RepoPath,
        target: &Symbol,
    ) -> Result<bool, Error> {
        let key = (module.to_owned(), name.to_owned(), target.path.clone());
        if let Some(known) = self.from.borrow().get(&key) {
            return Ok(*known);
        }
        let is_from = follow(index, language, (module, name), importer, target, MAX_DOORS)?;
        self.from.borrow_mut().insert(key, is_from);
        Ok(is_from)
    }

    /// Says whether `whole`, a file of C, includes `part`.
    pub(super) fn is_part(&self, index: &Index, part: &RepoPath, whole: &RepoPath) -> Result<bool, Error> {
        let key = (part.clone(), whole.clone());
        if let Some(known) = self.parts.borrow().get(&key) {
            return Ok(*known);
        }
        let imports = index.imports(whole)?.into_iter().flatten();
        let is_part = imports.filter_map(|one| leads_to(Language::C, &one.module, whole, part)).next().is_some();
        self.parts.borrow_mut().insert(key, is_part);
        Ok(is_part)
    }
}

fn follow(
    index: &Index,
    language: Language,
    (module, name): (&str, &str),
    importer: &RepoPath,
    target: &Symbol,
    left: usize,
) -> Result<bool, Error> {
    let Some(left) = left.checked_sub(1) else { return Ok(false) };
    for door in doors(language, &target.path) {
        if door == *importer || door == target.path || leads_to(language, module, importer, &door) != Some(Certainty::Sure) {
            continue;
        }
        for one in index.imports(&door)?.into_iter().flatten() {
            let original = match (&one.name, one.star && one.alias.is_none()) {
                (Some(original), _) if one.alias.as_ref().unwrap_or(original) == name => original.as_str(),
                (None, true) => name,
                _ => continue,
            };
            let is_it = original == target.name && leads_to(language, &one.module, &door, &target.path) == Some(Certainty::Sure);
            if is_it || follow(index, language, (&one.module, original), &door, target, left)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns the files above a file, or beside it, that stand for their folder. They need not be there.
fn doors(language: Language, target: &RepoPath) -> Vec<RepoPath> {
    let names: &[&str] = match language {
        Language::Python => &["__init__.py", "__init__.pyi"],
        Language::JavaScript | Language::TypeScript => {
            &["index.ts", "index.tsx", "index.js", "index.mjs", "index.cjs", "index.jsx"]
        }
        Language::Rust => &["mod.rs", "lib.rs"],
        _ => &[],
    };
    let mut doors = Vec::new();
    let mut folder = target.parent();
    loop {
        doors.extend(names.iter().filter_map(|name| RepoPath::new(below(folder, name)).ok()));
        // `a.rs` stands for the folder `a`.
        if language == Language::Rust && !folder.is_empty() {
            doors.extend(RepoPath::new(format!("{folder}.rs")));
        }
        match folder.rsplit_once('/') {
            Some((above, _)) => folder = above,
            None if folder.is_empty() => break doors,
            None => folder = "",
        }
    }
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
