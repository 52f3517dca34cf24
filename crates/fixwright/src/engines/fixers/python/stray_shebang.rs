//! EXE001: a shebang in a file that cannot be executed. In a module that is only imported it has no meaning and goes; a script keeps it (it lacks a
//! permission, which no edit can give).

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "stray_shebang",
    about: "removes the shebang of modules that are not scripts",
    handles: |finding| finding.rule == "EXE001",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let text = source.text.as_str();
        if !text.starts_with("#!") || text.contains("__main__") {
            return None;
        }
        let folders: Vec<&str> = source.path.parent().split('/').collect();
        if folders.iter().any(|folder| matches!(*folder, "bin" | "scripts" | "tools")) {
            return None;
        }
        Some(vec![source.edit(0..source.line_end(0), "")])
    };
    proposals("Remove the shebang of a module that is not a script", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
