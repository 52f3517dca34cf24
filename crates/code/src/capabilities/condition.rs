//! Whether a rule holds: its conditions against the arguments of a call, or against the value that is set.

use std::sync::LazyLock;

use regex::Regex;

use super::call::Argument;
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::rule::{Condition, Place, Rule};
use super::value::{HOLE, Text, Value};

/// What begins as SQL does.
static SQL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?is)^[\s(]*(select|insert|update|delete|drop|create|alter|replace|merge|truncate|grant|revoke|with|exec|call|where|and|order by|from|union)\b").ok()
});
/// What is a whole statement, wherever it stands.
static STATEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?s)^\s*(SELECT\s.+?\sFROM\s+\S|INSERT\s+INTO\s+\S|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s+\S|DROP\s+(TABLE|DATABASE)\s+\S|ALTER\s+TABLE\s+\S|select\s.+?\sfrom\s.+?\swhere\s.+?=|insert\s+into\s.+?\svalues\s*\(|update\s+\S+\s+set\s.+?=|delete\s+from\s+\S+\s+where\s)").ok()
});

/// Says whether a text is SQL into which something is put that is not known.
pub(super) fn is_dynamic_sql(text: &Text) -> bool {
    text.has_holes() && SQL.as_ref().is_some_and(|sql| sql.is_match(&text.text))
}

/// Says whether a text is a whole SQL statement into which something is put that is not known.
pub(super) fn is_dynamic_statement(text: &Text) -> bool {
    text.has_holes() && STATEMENT.as_ref().is_some_and(|sql| sql.is_match(&text.text))
}

impl Evaluator<'_, '_> {
    /// Says whether a rule holds for a node with these arguments; `set` is the value, where something is set.
    pub(super) fn holds(&mut self, rule: &Rule, id: Id, arguments: &[Argument<'_>], set: Option<Id>) -> bool {
        rule.when.iter().all(|one| self.meets(one, id, arguments, set))
            && !rule.unless.iter().any(|one| self.meets(one, id, arguments, set))
    }

    fn meets(&mut self, condition: &Condition, id: Id, arguments: &[Argument<'_>], set: Option<Id>) -> bool {
        if let Some(pattern) = &condition.within {
            return pattern.is_match(self.cst.around(id));
        }
        let at = if condition.at.is_empty() { Some(set.unwrap_or(id)) } else { self.find(&condition.at, arguments) };
        if let Some(given) = condition.given {
            return at.is_some() == given;
        }
        let Some(at) = at else { return false };
        if let Some(code) = &condition.code
            && !code.is_match(self.code(at))
        {
            return false;
        }
        if condition.is.is_empty() && condition.text.is_none() && !condition.sql && condition.known.is_none() {
            return true;
        }
        let value = self.value(at);
        let texts = self.texts(&value);
        if !condition.is.is_empty() {
            let own = match &value {
                // A class of this file is what it is derived from.
                Value::Name(name) => {
                    let base = name.path.strip_prefix('%').and_then(|class| self.scopes.base(Some(class)));
                    Some(base.unwrap_or(&name.path).to_owned())
                }
                Value::Literal(literal) => Some(literal.to_string()),
                Value::Text(text) => Some(text.text.clone()),
                _ => None,
            };
            if !own.is_some_and(|own| condition.is.contains(&own)) {
                return false;
            }
        }
        if let Some(pattern) = &condition.text
            && !texts.iter().any(|text| pattern.is_match(&text.text))
        {
            return false;
        }
        if condition.sql && !texts.iter().any(|text| is_dynamic_sql(text)) {
            return false;
        }
        condition.known.is_none_or(|known| {
            let is_known = match &value {
                Value::Text(text) => !text.text.contains(HOLE),
                Value::Literal(_) | Value::Node(_) => true,
                _ => false,
            };
            is_known == known
        })
    }

    /// Returns the texts that a value is, or that are in a list.
    fn texts(&mut self, value: &Value) -> Vec<std::rc::Rc<Text>> {
        match value {
            Value::Text(text) => vec![text.clone()],
            Value::Node(list) if matches!(self.cst.role(*list), Role::List | Role::Object) => {
                let parts: Vec<Id> = self.cst.children(*list).take(32).collect();
                parts.into_iter().filter_map(|part| self.value(part).as_text().cloned()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the first of these arguments that is there: by place, by name, or by the key of an argument that is a literal.
    pub(super) fn find(&mut self, places: &[Place], arguments: &[Argument<'_>]) -> Option<Id> {
        places.iter().find_map(|place| match place {
            Place::At(at) => arguments.iter().filter(|one| one.name.is_none()).nth(*at).map(|one| one.value),
            Place::Named(name) => {
                let named = arguments.iter().find(|one| one.name == Some(name)).map(|one| one.value);
                named.or_else(|| arguments.iter().filter(|one| one.name.is_none()).find_map(|one| self.keyed(one.value, name, 0)))
            }
        })
    }

    /// Says whether a call asks for a shell: `shell=True`, `{ shell: "/bin/bash" }`.
    pub(super) fn is_read_by_shell(&mut self, arguments: &[Argument<'_>]) -> bool {
        let asked = self.find(&[Place::Named("shell".to_owned())], arguments).map(|at| self.value(at));
        asked.is_some_and(|asked| match asked {
            Value::Literal(literal) => matches!(&*literal, "True" | "true" | "1"),
            // What is not known may be true.
            Value::Text(_) | Value::Unknown | Value::Name(_) => true,
            Value::Node(_) => false,
        })
    }

    /// Returns the value under a key of a literal, or of one within it.
    fn keyed(&mut self, id: Id, name: &str, depth: usize) -> Option<Id> {
        let Value::Node(literal) = self.value(id) else { return None };
        if depth > 2 || !matches!(self.cst.role(literal), Role::Object | Role::List) {
            return None;
        }
        let pairs = self.pairs(literal);
        let own = pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        own.or_else(|| pairs.iter().find_map(|(_, value)| self.keyed(*value, name, depth + 1)))
    }
}
