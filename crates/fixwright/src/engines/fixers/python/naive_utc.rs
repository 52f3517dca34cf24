//! DTZ003, DTZ004 (and Python's own deprecation): `datetime.utcnow()` and `utcfromtimestamp()` become aware calls whose zone is taken off
//! again, so that the value stays what it was.

use domain::{Applicability, FindingKind};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::source::{Source, is_field, walk};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "naive_utc",
    about: "replaces datetime.utcnow and utcfromtimestamp",
    handles: |finding| {
        matches!(finding.rule.as_str(), "DTZ003" | "DTZ004")
            || finding.kind == FindingKind::Deprecation
                && (finding.message.contains("utcnow()") || finding.message.contains("utcfromtimestamp()"))
    },
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    // `datetime.UTC` is what ruff asks for (UP017) where Python is 3.11 or later; before, it does not exist.
    let names: &[&str] = if knows_utc(context) { &["UTC", "timezone.utc"] } else { &["timezone.utc"] };
    names
        .iter()
        .flat_map(|utc| proposals("Make the time in UTC without the deprecated call", Applicability::Safe, edits(context, utc)))
        .collect()
}

/// Whether nothing says that this project runs on a Python before 3.11.
fn knows_utc(context: &FixContext<'_>) -> bool {
    let manifests = ["pyproject.toml", "setup.cfg", "setup.py", "ruff.toml", ".ruff.toml"];
    let root = if context.subproject.path == "." { "" } else { &context.subproject.path };
    !manifests.iter().any(|manifest| {
        let Ok(path) = domain::RepoPath::new(format!("./{root}/{manifest}").replace("//", "/")) else { return false };
        let text = context.files.text(&path).unwrap_or_default();
        text.lines().filter(|line| line.contains("python") || line.contains("target-version")).any(|line| {
            let packed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            let old = |version: u32| {
                packed.contains(&format!(">=3.{version}\""))
                    || packed.contains(&format!(">=3.{version}'"))
                    || packed.contains(&format!(">=3.{version},"))
                    || packed.ends_with(&format!(">=3.{version}"))
                    || packed.contains(&format!("\"py3{version}\""))
            };
            (0..11).any(old) || packed.contains(">=2.")
        })
    })
}

fn edits(context: &FixContext<'_>, utc: &str) -> Option<Vec<domain::Edit>> {
    let source = source(context)?;
    let location = context.finding.location.as_ref()?;
    let at = source.range(location)?.start;
    let row = usize::try_from(location.line).ok()?.checked_sub(1)?;
    let mut call = None;
    walk(source.root(), |node| {
        if node.kind() == "call"
            && node.start_position().row == row
            && called(&source, node).is_some()
            && (node.start_byte() >= at || location.column == 1)
        {
            call = call.or(Some(node));
        }
    });
    let call = call?;
    let (class, method) = called(&source, call)?;
    // `datetime.datetime` brings the module along, `datetime` alone is the class.
    let module = class.strip_suffix(".datetime");
    let mut edits = Vec::new();
    let zone = match module {
        Some(module) => format!("{module}.{utc}"),
        None => {
            edits = add_import(&source, context.files, &context.subproject.path, "datetime", utc.split('.').next())?;
            utc.to_owned()
        }
    };
    let arguments = source.str(call.child_by_field_name("arguments")?);
    let inner = arguments.strip_prefix('(')?.strip_suffix(')')?.trim().trim_end_matches(',');
    let text = match method {
        "utcnow" if inner.is_empty() => format!("{class}.now({zone}).replace(tzinfo=None)"),
        "utcfromtimestamp" if !inner.is_empty() => format!("{class}.fromtimestamp({inner}, {zone}).replace(tzinfo=None)"),
        _ => return None,
    };
    edits.push(source.edit(call.byte_range(), text));
    Some(edits)
}

fn called<'s>(source: &'s Source, call: Node<'_>) -> Option<(&'s str, &'s str)> {
    let callee =
        call.child_by_field_name("function").filter(|callee| callee.kind() == "attribute" && is_field(*callee, "function"))?;
    let class = source.str(callee.child_by_field_name("object")?);
    let method = source.str(callee.child_by_field_name("attribute")?);
    ((class == "datetime" || class.ends_with(".datetime")) && matches!(method, "utcnow" | "utcfromtimestamp"))
        .then_some((class, method))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
