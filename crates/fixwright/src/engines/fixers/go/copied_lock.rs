//! Methods of Go that copy the lock in their receiver, and so lock nothing: the receiver becomes a pointer. One that changes its receiver
//! is left alone: nobody sees the change today.

use domain::{Applicability, Finding, Language};

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "copied_lock",
    about: "gives methods whose receiver holds a lock a pointer to it",
    handles: |finding| method(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// Returns the function of `Name passes lock by value: example.com/m.T contains sync.Mutex`.
fn method(finding: &Finding) -> Option<&str> {
    finding.message.split_once(" passes lock by value: ").map(|(name, _)| name)
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let leaf = source.node(at..at + 1)?;
    let parameter = if leaf.kind() == "parameter_declaration" { leaf } else { ancestor(leaf, &["parameter_declaration"])? };
    let function = parameter.parent()?.parent().filter(|node| node.kind() == "method_declaration")?;
    let receiver = function.child_by_field_name("receiver")?;
    if parameter.parent()?.id() != receiver.id() || source.str(function.child_by_field_name("name")?) != method(context.finding)?
    {
        return None;
    }
    let kind = parameter.child_by_field_name("type").filter(|kind| kind.kind() == "type_identifier")?;
    let mut changes = false;
    if let Some(name) = parameter.child_by_field_name("name").map(|name| source.str(name)) {
        walk(function.child_by_field_name("body")?, |node| {
            let target = match node.kind() {
                "assignment_statement" => node.child_by_field_name("left"),
                "inc_statement" | "dec_statement" => node.named_child(0),
                // As a value it would be another type.
                "identifier" if source.str(node) == name && node.parent().is_none_or(|up| up.kind() != "selector_expression") => {
                    changes = true;
                    None
                }
                _ => None,
            };
            let starts = |text: &str| text.split(['.', '[', ' ', ',']).next() == Some(name);
            changes |= target.is_some_and(|target| source.str(target).split(',').any(|one| starts(one.trim())));
        });
    }
    (!changes).then(|| Proposal {
        summary: format!("give `{}` its receiver by a pointer", method(context.finding).unwrap_or_default()),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![source.edit(kind.start_byte()..kind.start_byte(), "*")]),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
