//! Removes variables, static functions and labels of C that nothing uses, with the assignments to them; what an initialiser does
//! is kept. A name that stands anywhere else, be it in a branch that is not compiled here, is left alone.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor, apart, is_field, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_c",
    about: "removes unused C variables, static functions and labels, and keeps the side effects of initialisers",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(
        finding.rule.as_str(),
        "-Wunused-variable"
            | "-Wunused-but-set-variable"
            | "-Wunused-function"
            | "-Wunused-const-variable"
            | "-Wunused-const-variable="
            | "-Wunused-label"
    )
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::C])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let name = context.finding.message.split(['‘', '’', '\'']).nth(1)?;
    let leaf = source.leaf(at)?;
    if context.finding.rule == "-Wunused-label" {
        let label = if leaf.kind() == "statement_identifier" { leaf } else { return None };
        let statement = label.parent().filter(|node| node.kind() == "labeled_statement")?;
        let body = statement.named_child(1);
        let end = body.map_or(statement.end_byte(), |body| body.start_byte());
        let colon = source.slice(0..end).trim_end().len();
        let own_line = source.slice(colon..end).contains('\n');
        let range = if own_line { source.whole_lines(statement.start_byte()..colon) } else { statement.start_byte()..end };
        // A label often stands further left than the statements around it.
        let above = statement.prev_named_sibling().filter(|_| !own_line && source.indent(end).is_empty());
        let indent = above.map_or("", |above| source.indent(above.end_byte()));
        return proposal(name, Applicability::Safe, vec![source.edit(range, indent)]);
    }
    if source.str(leaf) != name {
        return None;
    }
    let mut change = Change { source: &source, name, edits: Vec::new(), sure: true };
    let function = ancestor(leaf, &["function_definition"]);
    let defines = function.filter(|function| declared_name(*function).is_some_and(|one| one.id() == leaf.id()));
    let scope = match (defines, function) {
        (None, Some(function)) => {
            ancestor(leaf, &["compound_statement"]).filter(|block| block.start_byte() > function.start_byte())?
        }
        _ => source.root(),
    };
    match (defines, context.finding.rule.as_str()) {
        (Some(function), _) => change.static_function(function)?,
        (None, "-Wunused-function") => change.prototypes(leaf)?,
        (None, _) => change.variable(leaf, scope)?,
    }
    let applicability = if change.sure { Applicability::Safe } else { Applicability::Unsafe };
    let edits = apart(change.edits)?;
    proposal(name, applicability, edits)
}

fn proposal(name: &str, applicability: Applicability, edits: Vec<Edit>) -> Option<Proposal> {
    Some(Proposal { summary: format!("remove unused `{name}`"), applicability, repair: Repair::Edits(edits) })
}

/// Returns the name that a declarator declares, under its stars, brackets and parameters.
fn declared_name(node: Node<'_>) -> Option<Node<'_>> {
    let mut inner = node.child_by_field_name("declarator")?;
    while let Some(below) = inner.child_by_field_name("declarator") {
        inner = below;
    }
    (inner.kind() == "identifier").then_some(inner)
}

/// Returns the block in which a name is declared, when the place is its declaration there.
fn inner_scope(name: Node<'_>) -> Option<Node<'_>> {
    let declaration = ancestor(name, &["declaration", "parameter_declaration", "function_definition"])?;
    let mut cursor = declaration.walk();
    let declares = declaration.children_by_field_name("declarator", &mut cursor).any(|one| {
        let inner = std::iter::successors(Some(one), |node| node.child_by_field_name("declarator")).last();
        inner.is_some_and(|inner| inner.id() == name.id())
    });
    (declaration.kind() == "declaration" && declares).then(|| ancestor(declaration, &["compound_statement", "for_statement"]))?
}

fn is_within(node: Node<'_>, outer: Node<'_>) -> bool {
    outer.start_byte() <= node.start_byte() && node.end_byte() <= outer.end_byte()
}

struct Change<'s> {
    source: &'s Source,
    name: &'s str,
    edits: Vec<Edit>,
    sure: bool,
}

impl<'s> Change<'s> {
    /// Returns all places in `scope` that name it, those left out that name another one of an inner block; `None` when a macro or a
    /// conditional part does.
    fn named(&self, scope: Node<'s>) -> Option<Vec<Node<'s>>> {
        let (mut found, mut others) = (Vec::new(), Vec::new());
        walk(scope, |node| {
            if node.kind() == "identifier" && self.source.str(node) == self.name {
                match inner_scope(node).filter(|inner| inner.byte_range() != scope.byte_range() && is_within(*inner, scope)) {
                    Some(inner) => others.push(node.start_byte()..inner.end_byte()),
                    None => found.push(node),
                }
            }
        });
        found.retain(|node| !others.iter().any(|other| other.contains(&node.start_byte())));
        (!self.is_in_macro(scope)).then_some(found)
    }

    /// Says whether a macro of the file names it that `scope` uses or holds.
    fn is_in_macro(&self, scope: Node<'s>) -> bool {
        let mut hidden = false;
        walk(self.source.root(), |node| {
            if node.kind() == "preproc_arg" && mentions(self.source.str(node), self.name) {
                let macro_name = node.parent().and_then(|parent| parent.child_by_field_name("name"));
                hidden |= is_within(node, scope)
                    || macro_name.is_none_or(|name| mentions(self.source.str(scope), self.source.str(name)));
            }
        });
        hidden
    }

    fn static_function(&mut self, function: Node<'s>) -> Option<()> {
        let mut ranges = vec![with_comment(self.source, function)];
        for one in self.named(self.source.root())? {
            if function.byte_range().contains(&one.start_byte()) {
                continue;
            }
            let declaration = prototype(one)?;
            ranges.push(declaration.byte_range());
        }
        let edits = ranges.into_iter().map(|range| self.source.edit(self.source.whole_lines(range), ""));
        self.edits.extend(edits);
        Some(())
    }

    /// `declared ‘static’ but never defined`: only prototypes are there.
    fn prototypes(&mut self, leaf: Node<'s>) -> Option<()> {
        prototype(leaf)?;
        for one in self.named(self.source.root())? {
            let declaration = prototype(one)?;
            self.edits.push(self.source.edit(self.source.whole_lines(declaration.byte_range()), ""));
        }
        Some(())
    }

    fn variable(&mut self, name: Node<'s>, scope: Node<'s>) -> Option<()> {
        for one in self.named(scope)? {
            if one.id() == name.id() {
                self.declarator(name)?;
            } else {
                self.write(one)?;
            }
        }
        Some(())
    }

    fn declarator(&mut self, name: Node<'s>) -> Option<()> {
        let declaration = ancestor(name, &["declaration"])?;
        let element = std::iter::successors(Some(name), Node::parent)
            .find(|node| node.parent().is_some_and(|up| up.id() == declaration.id()))?;
        let mut cursor = declaration.walk();
        let all: Vec<Node<'_>> = declaration.children_by_field_name("declarator", &mut cursor).collect();
        let at = all.iter().position(|one| one.id() == element.id())?;
        let value = element.child_by_field_name("value").filter(|_| element.kind() == "init_declarator");
        let quiet = value.is_none_or(|value| self.is_quiet(value));
        // `struct s {…} x;` declares the type as well.
        let kind = declaration.child_by_field_name("type")?;
        let holder = declaration.parent()?.kind();
        let defines_type = kind.child_by_field_name("body").is_some();
        if defines_type
            || !matches!(holder, "compound_statement" | "translation_unit" | "preproc_ifdef" | "preproc_if" | "preproc_else")
        {
            return None;
        }
        if all.len() > 1 {
            if !quiet {
                return None;
            }
            let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
            let range = self.source.element(element.byte_range(), before, all.get(at + 1).copied());
            self.edits.push(self.source.edit(range, ""));
            return Some(());
        }
        let range = match value {
            Some(value) if !quiet => declaration.start_byte()..value.start_byte(),
            _ => self.source.whole_lines(declaration.byte_range()),
        };
        if !quiet && (holder != "compound_statement" || value?.kind() == "initializer_list") {
            return None;
        }
        self.edits.push(self.source.edit(range, ""));
        Some(())
    }

    fn write(&mut self, name: Node<'s>) -> Option<()> {
        let assignment = name.parent()?;
        let value = match assignment.kind() {
            "assignment_expression" if is_field(name, "left") => Some(assignment.child_by_field_name("right")?),
            "update_expression" => None,
            _ => return None,
        };
        let statement = assignment.parent().filter(|node| node.kind() == "expression_statement")?;
        let holder = statement.parent()?;
        if !value.is_none_or(|value| self.is_quiet(value)) {
            self.edits.push(self.source.edit(assignment.start_byte()..value?.start_byte(), ""));
            return Some(());
        }
        if !matches!(holder.kind(), "compound_statement") {
            return None;
        }
        self.edits.push(self.source.edit(self.source.whole_lines(statement.byte_range()), ""));
        Some(())
    }

    /// Says whether an expression may go unevaluated: it calls nothing, assigns nothing, and is no macro that could.
    fn is_quiet(&mut self, value: Node<'_>) -> bool {
        let (mut loud, mut sure) = (false, true);
        walk(value, |node| match node.kind() {
            "call_expression"
            | "assignment_expression"
            | "update_expression"
            | "compound_statement"
            | "ERROR"
            | "gnu_asm_expression" => {
                loud = true;
            }
            "pointer_expression" | "subscript_expression" | "field_expression" => sure = false,
            _ => {}
        });
        self.sure &= sure;
        !loud
    }
}

fn mentions(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// Returns the declaration when the name is what a prototype declares, alone.
fn prototype(name: Node<'_>) -> Option<Node<'_>> {
    let declarator = name.parent().filter(|node| node.kind() == "function_declarator")?;
    let declaration = ancestor(declarator, &["declaration", "function_definition", "parameter_declaration"])?;
    let mut cursor = declaration.walk();
    let count = declaration.children_by_field_name("declarator", &mut cursor).count();
    (declaration.kind() == "declaration" && count == 1).then_some(declaration)
}

/// Returns the function with the comment on the lines directly above it.
fn with_comment(source: &Source, function: Node<'_>) -> std::ops::Range<usize> {
    let mut start = function.start_byte();
    let mut above = function.prev_sibling();
    while let Some(comment) = above.filter(|node| node.kind() == "comment") {
        let between = source.slice(comment.end_byte()..start);
        let own_line = source.slice(source.line_start(comment.start_byte())..comment.start_byte()).trim().is_empty();
        if !own_line || between.matches('\n').count() != 1 || !between.trim().is_empty() {
            break;
        }
        start = comment.start_byte();
        above = comment.prev_sibling();
    }
    start..function.end_byte()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
