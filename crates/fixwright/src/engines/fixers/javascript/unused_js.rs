//! Removes variables, parameters, functions, classes and imports of JavaScript and TypeScript that nothing uses, with the
//! assignments to them, and keeps what those did besides: `var x = f()` becomes `f()`, an import becomes a bare one.

use std::ops::Range;

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::effects::{Effect, LISTS, as_statement, effect, is_builtin, may_meet, removal, required_module};
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::nearest_name::nearest;
use super::scopes::{JAVASCRIPT, Kind, Use, Variable};
use super::source::{Source, ancestor, apart, is_field, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_js",
    about: "removes unused JavaScript and TypeScript variables, parameters and imports, and keeps their side effects",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(
        finding.rule.as_str(),
        "no-unused-vars" | "@typescript-eslint/no-unused-vars" | "TS6133" | "TS6196" | "TS6192" | "TS6198" | "6133" | "6196"
    )
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let name = context.finding.message.split('\'').nth(1)?;
    let scopes = source.scopes();
    let variable = scopes.variable(range.start).filter(|variable| variable.name == name)?;
    if scopes.is_dynamic(variable) || source.text.contains("exported ") && source.text.contains("/* exported") {
        return None;
    }
    // It is used, in another spelling.
    let undeclared = scopes.variables().iter().filter(|other| other.declarations().next().is_none());
    if undeclared.into_iter().any(|other| nearest(&other.name, std::iter::once(name)).is_some()) {
        return None;
    }
    let mut change =
        Change { source: &source, variable, edits: Vec::new(), gone: Vec::new(), applicability: Applicability::Safe };
    for one in &variable.occurrences {
        let node = source.leaf(one.start)?;
        match one.usage {
            Use::Declare(kind) => change.declaration(node, kind)?,
            Use::Write | Use::Update => change.write(node)?,
            Use::Read => {}
        }
    }
    // Whatever still reads it must go along: recursion in a removed function, `x` in `x = x + 1`.
    let is_gone = |at: usize| change.gone.iter().any(|range| range.contains(&at));
    if variable.occurrences.iter().any(|one| one.usage == Use::Read && !is_gone(one.start)) {
        return None;
    }
    // An assignment inside of a removed one (`x = x = 1`), or two that share a comma: not worth untangling.
    let edits = apart(change.edits)?;
    Some(Proposal {
        summary: format!("remove unused `{name}`"),
        applicability: change.applicability,
        repair: Repair::Edits(edits),
    })
}

struct Change<'s> {
    source: &'s Source,
    variable: &'s Variable,
    edits: Vec<Edit>,
    /// Ranges of the file that are no longer there afterwards.
    gone: Vec<Range<usize>>,
    applicability: Applicability,
}

impl Change<'_> {
    fn delete(&mut self, range: Range<usize>) {
        self.gone.push(range.clone());
        self.edits.push(self.source.edit(range, ""));
    }

    fn less_sure(&mut self) {
        self.applicability = Applicability::Unsafe;
    }

    /// Says whether an expression may go unevaluated.
    fn is_quiet(&mut self, value: Node<'_>) -> bool {
        let effect = effect(self.source, value);
        if effect == Effect::Unlikely {
            self.less_sure();
        }
        effect != Effect::Possible
    }

    fn declaration(&mut self, name: Node<'_>, kind: Kind) -> Option<()> {
        let parent = name.parent()?;
        match (kind, parent.kind()) {
            (Kind::Var | Kind::Let | Kind::Const, "variable_declarator") => self.declarator(parent),
            (Kind::Function, "function_declaration" | "generator_function_declaration") => self.definition(parent),
            (Kind::Class, "class_declaration") => {
                let body = parent.child_by_field_name("body")?;
                let inert = parts(body).iter().all(|member| member.kind() == "method_definition");
                let heir = parts(parent).iter().any(|part| part.kind() == "class_heritage");
                if !inert || heir {
                    return None;
                }
                self.definition(parent)
            }
            (Kind::Function | Kind::Class, "function_expression" | "class") => {
                // The name of an expression: only the name goes.
                let before = name.prev_sibling()?;
                self.delete(before.end_byte()..name.end_byte());
                Some(())
            }
            (Kind::Type, "interface_declaration" | "type_alias_declaration") => self.definition(parent),
            (Kind::Param, _) => self.parameter(name),
            (Kind::Catch, "catch_clause") => {
                let (open, close) = (name.prev_sibling()?, name.next_sibling()?);
                self.less_sure();
                // `catch (e) {` becomes `catch {`: the blank behind the parenthesis stays.
                let start = self.source.slice(0..open.start_byte()).trim_end().len();
                self.delete(start..close.end_byte());
                let next = self.source.slice(close.end_byte()..close.end_byte() + 1);
                if !next.starts_with(char::is_whitespace) {
                    self.edits.last_mut()?.text = " ".to_owned();
                }
                Some(())
            }
            (Kind::Import, _) => self.import(name),
            (Kind::Var | Kind::Let | Kind::Const, _) => self.pattern(name),
            _ => None,
        }
    }

    /// Removes a statement with the documentation directly above it.
    fn definition(&mut self, node: Node<'_>) -> Option<()> {
        let mut range = removal(self.source, node)?;
        if let Some(comment) = documentation(self.source, node) {
            range = self.source.whole_lines(comment.start_byte()..node.end_byte());
        }
        self.delete(range);
        Some(())
    }

    fn declarator(&mut self, declarator: Node<'_>) -> Option<()> {
        let declaration = declarator.parent()?;
        let all: Vec<Node<'_>> = parts(declaration).into_iter().filter(|part| part.kind() == "variable_declarator").collect();
        let value = declarator.child_by_field_name("value");
        let Some(value) = value.filter(|value| !self.is_quiet(*value)) else {
            return self.quiet_declarator(declaration, &all, declarator);
        };
        // Of `require('x').y` only the loading does something, and not even that when the file loads `x` anyway.
        let loading = std::iter::successors(Some(value), |node| {
            node.child_by_field_name("object").filter(|_| node.kind() == "member_expression")
        })
        .find(|node| node.kind() == "call_expression")
        .and_then(|call| Some((call, required_module(self.source, call)?)));
        if let Some((_, module)) = loading
            && loads_elsewhere(self.source, module, declaration)
        {
            return self.quiet_declarator(declaration, &all, declarator);
        }
        let kept = loading.map_or(value, |(call, _)| call);
        self.loud_declarator(declaration, &all, declarator, kept)?;
        // Up to the next declarator everything went already.
        if kept.end_byte() < value.end_byte() && all.last().is_some_and(|last| last.id() == declarator.id()) {
            self.delete(kept.end_byte()..value.end_byte());
        }
        Some(())
    }

    fn quiet_declarator(&mut self, declaration: Node<'_>, all: &[Node<'_>], declarator: Node<'_>) -> Option<()> {
        let scopes = self.source.scopes();
        let in_loop = declaration.parent()?.kind() == "for_statement";
        // Neighbours that are unused as well go with it, so that the findings of all of them ask for one and the same edit.
        let unused = |one: &Node<'_>| {
            one.id() == declarator.id()
                || one.child_by_field_name("name").filter(|name| name.kind() == "identifier").is_some_and(|name| {
                    scopes.variable(name.start_byte()).is_some_and(|v| v.is_only_declared() && v.occurrences.len() == 1)
                }) && one.child_by_field_name("value").is_none_or(|value| effect(self.source, value) != Effect::Possible)
        };
        let at = all.iter().position(|one| one.id() == declarator.id())?;
        let first = all.iter().take(at).rposition(|one| !unused(one)).map_or(0, |used| used + 1);
        let behind = all.iter().skip(at).position(|one| !unused(one)).map(|offset| at + offset);
        let last = behind.map_or(all.len(), |behind| behind).checked_sub(1)?;
        let (start, end) = (all.get(first)?.start_byte(), all.get(last)?.end_byte());
        let before = first.checked_sub(1).and_then(|before| all.get(before)).copied();
        let behind = behind.and_then(|behind| all.get(behind)).copied();
        if before.is_none() && behind.is_none() {
            if !in_loop {
                return self.definition(declaration);
            }
            self.delete(declaration.start_byte()..end);
            return Some(());
        }
        let range = self.source.element(start..end, before, behind);
        // A comment behind the comma belongs to the line before: it stays, and only the comma and the declarator go.
        match before {
            Some(before) if self.source.slice(range.start..start).contains(['/', '*']) => {
                let comma = before.next_sibling().filter(|comma| comma.kind() == ",")?;
                let comment = self.source.slice(comma.end_byte()..start);
                let kept = comma.end_byte() + comment.trim_end().len();
                self.delete(comma.byte_range());
                self.delete(kept..end);
            }
            _ => self.delete(range),
        }
        Some(())
    }

    /// Removes a declarator whose value does something: the value stays, as a statement of its own, in its place in the order.
    fn loud_declarator(&mut self, declaration: Node<'_>, all: &[Node<'_>], declarator: Node<'_>, value: Node<'_>) -> Option<()> {
        let holder = declaration.parent()?;
        let at = all.iter().position(|one| one.id() == declarator.id())?;
        let text = as_statement(self.source, value);
        if !LISTS.contains(&holder.kind())
            && (all.len() > 1 || holder.kind() == "for_statement" || holder.kind() == "export_statement")
        {
            return None;
        }
        let word = declaration.child(0)?;
        let again =
            format!(";{}{}{} ", self.source.newline(), self.source.indent(declaration.start_byte()), self.source.str(word));
        let start = match at.checked_sub(1).and_then(|before| all.get(before)) {
            None if text.starts_with(['(', '[', '`', '/', '+', '-']) && !may_start(self.source, declaration) => return None,
            None => declaration.start_byte(),
            Some(before) => before.end_byte(),
        };
        let ahead = if at == 0 { String::new() } else { again.trim_end_matches(' ').replace(self.source.str(word), "") };
        let mut opening = ahead;
        if text.len() > value.byte_range().len() {
            opening.push('(');
        }
        self.edits.push(self.source.edit(start..value.start_byte(), opening));
        self.gone.push(start..value.start_byte());
        let closing = if text.len() > value.byte_range().len() { ")" } else { "" };
        match all.get(at + 1) {
            Some(next) => self.edits.push(self.source.edit(value.end_byte()..next.start_byte(), format!("{closing}{again}"))),
            None if !closing.is_empty() => self.edits.push(self.source.edit(value.end_byte()..value.end_byte(), closing)),
            None => {}
        }
        Some(())
    }

    /// Removes a name from a destructuring pattern.
    fn pattern(&mut self, name: Node<'_>) -> Option<()> {
        let mut element = name;
        while matches!(element.parent()?.kind(), "pair_pattern" | "object_assignment_pattern" | "assignment_pattern") {
            element = element.parent()?;
        }
        if matches!(element.kind(), "object_assignment_pattern" | "assignment_pattern" | "pair_pattern") {
            let quiet = parts(element).iter().all(|part| {
                part.id() == name.id()
                    || matches!(
                        part.kind(),
                        "property_identifier" | "shorthand_property_identifier_pattern" | "identifier" | "string"
                    )
                    || effect(self.source, *part) != Effect::Possible
            });
            if !quiet {
                return None;
            }
        }
        let pattern = element.parent()?;
        let all = parts(pattern);
        let at = all.iter().position(|one| one.id() == element.id())?;
        if all.len() == 1 && pattern.parent()?.kind() == "variable_declarator" {
            return self.declarator(pattern.parent()?);
        }
        if all.len() == 1 {
            return None;
        }
        self.less_sure();
        match pattern.kind() {
            "object_pattern" => {
                // A rest element takes what the others leave: removing one would give it more.
                if all.iter().any(|one| one.kind() == "rest_pattern" && one.id() != element.id()) {
                    return None;
                }
                let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
                let range = self.source.element(element.byte_range(), before, all.get(at + 1).copied());
                self.delete(range);
                Some(())
            }
            "array_pattern" if at + 1 == all.len() => {
                let before = all.get(at.checked_sub(1)?).copied();
                // Only one comma may go: in `[a, , b]` each one counts.
                if self.source.slice(before?.end_byte()..element.start_byte()).matches(',').count() != 1 {
                    return None;
                }
                let range = self.source.element(element.byte_range(), before, None);
                self.delete(range);
                Some(())
            }
            "array_pattern" => {
                self.delete(element.byte_range());
                Some(())
            }
            _ => None,
        }
    }

    fn parameter(&mut self, name: Node<'_>) -> Option<()> {
        let list = ancestor(name, &["formal_parameters", "arrow_function"])?;
        let function = if list.kind() == "formal_parameters" { list.parent()? } else { list };
        if is_field(name, "parameter") {
            self.delete(name.byte_range());
            self.edits.last_mut()?.text = "()".to_owned();
            self.less_sure();
            return Some(());
        }
        let all = parts(list);
        let at = all.iter().position(|one| one.byte_range().contains(&name.start_byte()))?;
        let own = all.get(at).copied()?;
        if matches!(own.kind(), "object_pattern" | "array_pattern") {
            return self.pattern(name);
        }
        let source = self.source;
        let body = function.child_by_field_name("body")?;
        let is_setter = function.kind() == "method_definition" && source.slice(function.byte_range()).starts_with("set ");
        // Express tells an error handler from others by its four parameters.
        let handler = all.len() == 4 && all.last().is_some_and(|last| matches!(source.str(*last), "next" | "_next" | "done"));
        let writes = self.variable.occurrences.len() > 1;
        if is_setter || handler || (writes && source.str(body).contains("arguments")) {
            return None;
        }
        let scopes = source.scopes();
        let unused = |one: &Node<'_>| {
            one.id() == own.id()
                || one.kind() == "identifier"
                    && scopes.variable(one.start_byte()).is_some_and(|v| v.is_only_declared() && v.occurrences.len() == 1)
        };
        if !all.iter().skip(at).all(unused) {
            return None;
        }
        if effect(source, own) == Effect::Possible && own.kind() != "required_parameter" && own.kind() != "rest_pattern" {
            return None;
        }
        // All the unused ones at the end go together: each of their findings asks for this same edit.
        let first = all.iter().rposition(|one| !unused(one)).map_or(0, |used| used + 1);
        let start = all.get(first)?.start_byte();
        let close = list.child(list.child_count().checked_sub(1)?)?;
        let behind = source.slice(all.last()?.end_byte()..close.start_byte());
        let end = all.last()?.end_byte() + if behind.contains("//") { 0 } else { behind.trim_end().len() };
        if first == 0 {
            self.delete(start..end);
        } else {
            // A comment in front of the comma, and one behind it on the same line, is about the parameter before.
            let comma =
                std::iter::successors(all.get(first)?.prev_sibling(), Node::prev_sibling).find(|node| node.kind() == ",")?;
            if source.slice(comma.end_byte()..start).contains("//") {
                self.delete(comma.byte_range());
                self.delete(source.slice(0..start).trim_end().len()..end);
            } else {
                self.delete(comma.start_byte()..end);
            }
        }
        if !is_only_called(source, function) {
            self.less_sure();
        }
        Some(())
    }

    fn import(&mut self, name: Node<'_>) -> Option<()> {
        let statement = ancestor(name, &["import_statement"])?;
        let module = statement.child_by_field_name("source").map(|module| self.source.str(module).trim_matches(['\'', '"']));
        let clause = ancestor(name, &["import_clause"])?;
        let specifier = ancestor(name, &["import_specifier", "namespace_import"]).unwrap_or(name);
        let names =
            parts(clause).iter().flat_map(|part| if part.kind() == "named_imports" { parts(*part) } else { vec![*part] }).count();
        if names == 1 {
            let whole = module.is_some_and(is_builtin)
                || self.source.language == Language::TypeScript
                || self.source.str(statement).starts_with("import type");
            if whole {
                let range = removal(self.source, statement)?;
                self.delete(range);
            } else {
                let from = statement.child_by_field_name("source")?;
                self.delete(clause.start_byte()..from.start_byte());
            }
            return Some(());
        }
        let list = specifier.parent()?;
        let all = parts(list);
        let at = all.iter().position(|one| one.id() == specifier.id())?;
        if all.len() == 1 {
            // `import a, { b } from`: the comma and the braces go.
            let before = list.prev_sibling().filter(|comma| comma.kind() == ",")?;
            self.delete(before.start_byte()..list.end_byte());
            return Some(());
        }
        let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
        let range = self.source.element(specifier.byte_range(), before, all.get(at + 1).copied());
        self.delete(range);
        Some(())
    }

    /// Removes an assignment and keeps the value where that is needed.
    fn write(&mut self, name: Node<'_>) -> Option<()> {
        let assignment = name.parent()?;
        let holder = assignment.parent()?;
        let value = match assignment.kind() {
            "assignment_expression" | "augmented_assignment_expression" => Some(assignment.child_by_field_name("right")?),
            "update_expression" => None,
            _ => return None,
        };
        let quiet = value.is_none_or(|value| self.is_quiet(value));
        if holder.kind() == "expression_statement" {
            if quiet {
                let range = removal(self.source, holder)?;
                self.delete(range);
                return Some(());
            }
            let value = value?;
            let text = as_statement(self.source, value);
            if text.len() != value.byte_range().len()
                || (text.starts_with(['(', '[', '`', '/', '+', '-']) && !may_start(self.source, holder))
            {
                return None;
            }
            self.delete(assignment.start_byte()..value.start_byte());
            return Some(());
        }
        let in_list = holder.kind() == "sequence_expression";
        let is_step = is_field(assignment, "increment") && holder.kind() == "for_statement";
        if quiet && is_step {
            self.delete(assignment.byte_range());
            return Some(());
        }
        if quiet && in_list && !is_field(assignment, "right") && holder.parent()?.kind() != "sequence_expression" {
            let all = parts(holder);
            let at = all.iter().position(|one| one.id() == assignment.id())?;
            if at + 1 < all.len() || matches!(holder.parent()?.kind(), "expression_statement" | "for_statement") {
                let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
                let range = self.source.element(assignment.byte_range(), before, all.get(at + 1).copied());
                self.delete(range);
                return Some(());
            }
        }
        if assignment.kind() != "assignment_expression" {
            return None;
        }
        self.delete(assignment.start_byte()..value?.start_byte());
        Some(())
    }
}

/// Returns the documentation that belongs to a statement alone: a `/** … */` on the lines directly above, unless the statement
/// is one of a group that the comment may head.
fn documentation<'t>(source: &Source, node: Node<'t>) -> Option<Node<'t>> {
    let comment =
        node.prev_named_sibling().filter(|comment| comment.kind() == "comment" && source.str(*comment).starts_with("/**"))?;
    let between = source.slice(comment.end_byte()..node.start_byte());
    let alone = source.slice(source.line_start(comment.start_byte())..comment.start_byte()).trim().is_empty();
    let directly = between.trim().is_empty() && between.matches('\n').count() == 1;
    let is_variable = matches!(node.kind(), "variable_declaration" | "lexical_declaration");
    let heads_group = is_variable
        && node.next_named_sibling().is_some_and(|next| {
            next.kind() == node.kind() && source.slice(node.end_byte()..next.start_byte()).matches('\n').count() < 2
        });
    (alone && directly && !heads_group).then_some(comment)
}

/// Says whether a top-level statement of the file other than `here` loads the module as well.
fn loads_elsewhere(source: &Source, module: &str, here: Node<'_>) -> bool {
    if here.parent().is_none_or(|parent| parent.kind() != "program") {
        return false;
    }
    parts(source.root()).into_iter().filter(|statement| statement.id() != here.id()).any(|statement| {
        parts(statement).iter().any(|one| {
            let name = one.child_by_field_name("name").and_then(|name| source.scopes().variable(name.start_byte()));
            let is_used = name.is_some_and(|name| name.occurrences.iter().any(|one| one.usage == Use::Read));
            let value = one.child_by_field_name("value").filter(|_| one.kind() == "variable_declarator" && is_used);
            let call = value.and_then(|value| {
                std::iter::successors(Some(value), |node| {
                    node.child_by_field_name("object").filter(|_| node.kind() == "member_expression")
                })
                .find(|node| node.kind() == "call_expression")
            });
            call.and_then(|call| required_module(source, call)) == Some(module)
        })
    })
}

/// Says whether an expression that begins with a bracket, a sign or a slash may stand where `statement` does.
fn may_start(source: &Source, statement: Node<'_>) -> bool {
    source.slice(0..statement.start_byte()).trim_end().ends_with([';', '{'])
        || may_meet(source, statement) && statement.prev_named_sibling().is_none()
}

/// Says whether a function is a declaration that its file only calls, so that the number of its parameters cannot be seen.
fn is_only_called(source: &Source, function: Node<'_>) -> bool {
    let Some(name) = function.child_by_field_name("name").filter(|_| function.kind() == "function_declaration") else {
        return false;
    };
    let Some(variable) = source.scopes().variable(name.start_byte()) else { return false };
    variable.occurrences.iter().all(|one| match one.usage {
        Use::Declare(_) => true,
        Use::Read => source.leaf(one.start).is_some_and(|leaf| is_field(leaf, "function")),
        Use::Write | Use::Update => false,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
