//! What a name stands for where the walk is, and what a part of that is: a member, a key, what stands at an index.

use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::{Role, Slot};
use super::types::SEVERAL;
use super::value::{Name, Text, Value};

impl Evaluator<'_, '_> {
    /// Returns what a name stands for where the walk is.
    pub(super) fn look_up(&mut self, name: &str) -> Value {
        let is_rooted = self.manner.separators.iter().any(|separator| name.starts_with(separator));
        let name = self.manner.separators.iter().fold(name, |name, separator| name.trim_start_matches(separator));
        if let Some((at, separator)) = self.manner.separators.iter().find_map(|one| name.rfind(one).map(|at| (at, one))) {
            let (head, tail) = (name.get(..at).unwrap_or_default(), name.get(at + separator.len()..).unwrap_or_default());
            if is_rooted {
                let full = self.manner.separators.iter().fold(name.to_owned(), |name, separator| name.replace(separator, "."));
                return Value::name(self.rules.same(&full));
            }
            let object = self.look_up(head);
            return self.member(&object, tail);
        }
        if name == "$this" {
            return Value::name("?this");
        }
        if !is_rooted {
            if let Some(value) = self.scopes.find(name, self.manner.class_names_are_seen) {
                return match value {
                    Value::Name(name) if !name.path.starts_with(['?', '%']) => {
                        Value::spelt(self.rules.same_beginning(&name.path), name.spelling)
                    }
                    value => value,
                };
            }
            if let Some(full) = self.of_wildcard(name) {
                return Value::name(self.rules.same(&full));
            }
            if let Some(value) = self.unsaid(name) {
                return value;
            }
        }
        // A lone `$` is a library of JavaScript.
        if name.starts_with('@') || (name.starts_with('$') && name != "$" && !name.starts_with("$_")) {
            return Value::local(name);
        }
        // Where modules are used without being imported, another name of one is that.
        if self.manner.separators.is_empty() { Value::name(name) } else { Value::name(self.rules.same(name)) }
    }

    /// Returns the full name of what an import of everything brings in, where it is known.
    fn of_wildcard(&self, name: &str) -> Option<String> {
        // What the language has itself.
        if self.rules.is_plain(name) {
            return None;
        }
        let mut all = self.scopes.wild.iter().map(|prefix| format!("{prefix}.{name}"));
        if let Some(known) = all.clone().find(|full| self.rules.knows(full) || self.rules.is_named(full)) {
            return Some(known);
        }
        // What a rule says of all that a package has is no sign that the package has this; least where the name is known by itself.
        let is_name = self.manner.wildcards_have_functions || name.starts_with(char::is_uppercase);
        let is_name = is_name && !self.rules.knows(name);
        all.find(|full| is_name && self.rules.has(full))
    }

    /// Returns the package that a name is only guessed to be of: all of it is imported, and all of it is what a rule is about.
    pub(super) fn guessed_package(&self, path: &str, rule: usize) -> Option<String> {
        if !self.manner.wildcards_are_common {
            return None;
        }
        let is_of = |package: &&String| path.strip_prefix(package.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let package = self.scopes.wild.iter().filter(is_of).max_by_key(|package| package.len())?;
        let is_known = self.rules.calls.spells_a_part(path, rule, package.split('.').count());
        (!is_known).then(|| package.clone())
    }

    /// Returns the part of something that a name names.
    pub(super) fn member(&mut self, object: &Value, name: &str) -> Value {
        match object {
            Value::Name(Name { path, spelling }) => {
                if let Some(class) = path.strip_prefix('%') {
                    return self.part_of_class(Some(class.trim_end_matches("()")), class.ends_with(')'), name);
                }
                if &**path == "?this" {
                    return self.part_of_class(None, true, name);
                }
                if self.rules.is_namespace(path) {
                    return Value::spelt(name, *spelling);
                }
                // JavaScript: a module that was not written as one is its own default.
                let is_default = name == "default"
                    && self.manner.index_is_member
                    && !path.starts_with('?')
                    && !path.contains('(')
                    && !self.rules.knows(&format!("{path}.default"));
                if name == "__dict__" || is_default {
                    return object.clone();
                }
                Value::spelt(self.rules.same(&format!("{path}.{name}")), *spelling)
            }
            Value::Text(_) => Value::name(format!("text().{name}")),
            Value::Node(id) if matches!(self.cst.role(*id), Role::Object) => self.part_of_literal(*id, name),
            Value::Node(id) if matches!(self.cst.role(*id), Role::List) => Value::name(format!("list().{name}")),
            Value::Node(id) if matches!(self.cst.role(*id), Role::Lambda) => Value::name(format!("function().{name}")),
            _ => Value::name(format!("?.{name}")),
        }
    }

    /// Returns what stands under a key of a literal, where that is known: `{ ...require("fs") }.readFile`.
    fn part_of_literal(&mut self, literal: Id, key: &str) -> Value {
        let own = self.pairs(literal).into_iter().find(|(name, _)| *name == key).map(|(_, value)| self.value(value));
        let whole = self.cst.children(literal).find(|one| own.is_none() && self.cst.kind(*one) == "spread_element");
        let part = match whole.map(|whole| self.value(whole)) {
            Some(whole @ Value::Name(_)) => Some(self.member(&whole, key)),
            _ => own,
        };
        part.filter(|part| part.outer_path().is_some()).unwrap_or_else(|| Value::name(format!("?.{key}")))
    }

    pub(super) fn index(&mut self, id: Id, object: Slot, index: Slot) -> Value {
        let Some(index) = self.cst.slot(id, index) else { return Value::local("[]") };
        let object = self.slot_value(id, object);
        if let Some(text) = object.as_text() {
            if self.cst.text(index).replace(' ', "").ends_with("::-1") {
                let text = text.text.chars().rev().collect();
                return Value::text(Text { text, is_assembled: true, is_decoded: false, origin: id });
            }
            return Value::Unknown;
        }
        let key = self.value(index);
        let Some(path) = object.path().map(str::to_owned) else { return Value::local("[]") };
        if path.starts_with(SEVERAL) {
            return self.part(&object);
        }
        match key.as_text().filter(|key| !key.has_holes()) {
            Some(key) => {
                let part = self.part_by_text(&object, key);
                let is_known = part.path().is_some_and(|part| self.rules.knows(part.trim_end_matches("()")));
                if self.manner.index_is_member || self.rules.is_namespace(&path) || is_known {
                    part
                } else {
                    Value::name(format!("?{path}[]"))
                }
            }
            None => Value::name(format!("?{path}[]")),
        }
    }

    /// Returns the part of an object that a text names.
    pub(super) fn part_by_text(&mut self, object: &Value, key: &Text) -> Value {
        match self.member(object, &key.text) {
            Value::Name(name) => Value::Name(Name { spelling: name.spelling.max(key.spelling()), ..name }),
            other => other,
        }
    }
}
