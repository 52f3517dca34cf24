//! F401 for an import that only finds out whether a module is there (`try: import x`). Importing it by a call says that no name is wanted.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::source::ancestor;
use super::syntax::{is_taken_elsewhere, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "optional_import",
    about: "imports modules by a call where only their presence matters",
    handles: |finding| finding.rule == "F401" && finding.message.contains("importlib.util.find_spec"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let statement =
            std::iter::successors(source.leaf(at), tree_sitter::Node::parent).find(|node| node.kind() == "import_statement")?;
        let mut cursor = statement.walk();
        let names: Vec<_> = statement.children_by_field_name("name", &mut cursor).collect();
        let [name] = names.as_slice() else { return None };
        // At a module's level another file may take the name from here.
        let function = ancestor(statement, &["function_definition"]);
        let bound = name.child_by_field_name("alias").unwrap_or(*name);
        if function.is_none() && is_taken_elsewhere(context.files, &source.path, source.str(bound)) {
            return None;
        }
        let module = source.str(name.child_by_field_name("name").unwrap_or(*name));
        let mut edits = add_import(&source, context.files, &context.subproject.path, "importlib", None)?;
        edits.push(source.edit(statement.byte_range(), format!("importlib.import_module(\"{module}\")")));
        Some(edits)
    };
    proposals("Import a module by a call where only its presence matters", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
