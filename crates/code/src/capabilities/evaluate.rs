//! What an expression is, as far as that can be seen: names through imports, aliases and variables, texts through what puts them together.

use super::cst::{Cst, Id};
use super::follow::{filled, together};
use super::grammar::{Manner, Role, Slot};
use super::rule::{Follow, Rules};
use super::scope::Scopes;
use super::text::{unescaped, unquoted};
use super::types::{SEVERAL, holds_one};
use super::value::{Name, Spelling, Text, Value};

/// Deeper expressions are not followed.
const DEEPEST: usize = 120;

/// Longer literals are data, and no options.
const MOST_PAIRS: usize = 256;

/// Follows expressions; see the module.
pub(super) struct Evaluator<'c, 't> {
    pub(super) cst: &'c Cst<'t>,
    pub(super) rules: &'c Rules,
    pub(super) manner: Manner,
    pub(super) scopes: Scopes,
    /// The node that is read from somewhere within it on: a command that another one runs.
    pub(super) cut: Option<(Id, usize)>,
    known: Vec<Option<Value>>,
    depth: usize,
}

/// What a call calls, and with what.
pub(super) struct Called {
    pub(super) callee: Value,
    /// The object whose method it is.
    pub(super) receiver: Option<Id>,
    pub(super) arguments: Option<Id>,
    /// How many arguments come before those of what is called.
    pub(super) skipped: usize,
}

/// An argument of a call.
#[derive(Clone, Copy)]
pub(super) struct Argument<'t> {
    pub(super) name: Option<&'t str>,
    pub(super) value: Id,
}

impl<'c, 't> Evaluator<'c, 't> {
    pub(super) fn new(cst: &'c Cst<'t>, rules: &'c Rules, manner: Manner) -> Self {
        Self { cst, rules, manner, scopes: Scopes::new(manner.prelude), cut: None, known: vec![None; cst.len()], depth: 0 }
    }

    /// Forgets what expressions are, and keeps what names stand for.
    pub(super) fn begin_again(&mut self) {
        self.known.fill(None);
        self.scopes.current = 0;
        self.scopes.modules.clear();
    }

    /// Returns the code of a node that conditions are laid against.
    pub(super) fn code(&self, id: Id) -> &'t str {
        match self.cut {
            Some((cut, from)) if cut == id => self.cst.between(from..self.cst.bytes(id).end),
            _ => self.cst.text(id),
        }
    }

    pub(super) fn value(&mut self, id: Id) -> Value {
        if let Some(value) = self.known.get(id).and_then(Clone::clone) {
            return value;
        }
        if self.depth >= DEEPEST {
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.work_out(id);
        self.depth -= 1;
        if let Some(known) = self.known.get_mut(id) {
            *known = Some(value.clone());
        }
        value
    }

    fn slot_value(&mut self, id: Id, slot: Slot) -> Value {
        self.cst.slot(id, slot).map_or(Value::Unknown, |at| self.value(at))
    }

    fn work_out(&mut self, id: Id) -> Value {
        let cst = self.cst;
        match cst.role(id) {
            Role::Name => self.look_up(cst.text(id)),
            Role::This => Value::name("?this"),
            Role::Member(object, name) => {
                let Some(name) = cst.slot(id, name) else { return Value::Unknown };
                // `std::make_unique<QProcess>` gives what it is about.
                if let Role::Generic(of, arguments) = cst.role(name)
                    && cst.slot(name, of).is_some_and(|of| holds_one(cst.text(of)))
                {
                    return self.generic(name, of, arguments);
                }
                let name = match cst.role(name) {
                    Role::Generic(of, _) => cst.slot(name, of).unwrap_or(name),
                    _ => name,
                };
                match cst.slot(id, object) {
                    Some(object) => {
                        let object = self.value(object);
                        let text = cst.text(name);
                        // `std::filesystem::remove` is a name within a name.
                        let text = &*text.replace("::", ".");
                        self.member(&object, if cst.kind(name) == "variable_name" { text.trim_start_matches('$') } else { text })
                    }
                    // `::system` of C++: what is outside of every namespace.
                    None => Value::name(cst.text(name)),
                }
            }
            Role::Index(object, index) => self.index(id, object, index),
            Role::Method(left, operator, right) if cst.kind(id) == "infix_expression" => {
                match self.binary(id, left, operator, right) {
                    Value::Unknown => self.called_value(id),
                    text => text,
                }
            }
            Role::Call(tag, template) if cst.kind(id) == "interpolated_string_expression" => {
                // Scala's own tags put values in as they are; what others do with them is theirs.
                let is_own = cst.slot(id, tag).is_some_and(|tag| matches!(cst.text(tag), "s" | "f" | "raw"));
                if is_own { self.slot_value(id, template) } else { Value::Unknown }
            }
            Role::Call(..) | Role::Method(..) | Role::New(..) | Role::Command => self.called_value(id),
            Role::Wrap(inner) | Role::Hole(inner) | Role::Named(_, inner) => match cst.slot(id, inner) {
                Some(inner) if inner != id => self.value(inner),
                _ => Value::Unknown,
            },
            Role::Generic(of, arguments) => self.generic(id, of, arguments),
            Role::Text => self.text(id),
            Role::Content => Value::text(Text::plain(cst.text(id), id)),
            Role::Concat => {
                let pieces: Vec<Value> = cst.children(id).map(|piece| self.value(piece)).collect();
                together(&pieces, "", id)
            }
            Role::Binary(left, operator, right) => self.binary(id, left, operator, right),
            Role::Either(one, other) => match self.slot_value(id, one) {
                Value::Unknown | Value::Literal(_) => self.slot_value(id, other),
                // Bash: `${CURL:-curl}`
                value @ Value::Name(_) if cst.kind(id) == "expansion" => match self.slot_value(id, other) {
                    text @ Value::Text(_) => text,
                    _ => value,
                },
                value => value,
            },
            Role::Assign(_, right) => self.slot_value(id, right),
            Role::Object | Role::List | Role::Lambda | Role::Function(_) => Value::Node(id),
            Role::Literal => Value::Literal(cst.text(id).into()),
            _ => Value::Unknown,
        }
    }

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
        let mut all = self.scopes.wild.iter().map(|prefix| format!("{prefix}.{name}"));
        if let Some(known) = all.clone().find(|full| self.rules.knows(full) || self.rules.is_named(full)) {
            return Some(known);
        }
        // What a rule says of all that a package has is no sign that the package has this.
        let is_name = self.manner.wildcards_have_functions || name.starts_with(char::is_uppercase);
        all.find(|full| is_name && self.rules.has(full))
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
                if name == "__dict__" {
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

    fn index(&mut self, id: Id, object: Slot, index: Slot) -> Value {
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

    /// Returns what is called at a node that is a call.
    pub(super) fn called(&mut self, id: Id) -> Option<Called> {
        let cst = self.cst;
        match cst.role(id) {
            Role::Call(callee, arguments) => {
                let callee = cst.slot(id, callee)?;
                let receiver = self.receiver_of(callee);
                let arguments = cst.slot(id, arguments);
                let value = self.value(callee);
                let calls = value.path().is_some_and(|path| self.rules.follow(path) == Some(Follow::Calls));
                if let Some(function) = receiver.filter(|_| calls) {
                    let (value, receiver) = (self.value(function), self.receiver_of(function));
                    let is_known = |path: &str| !self.rules.calls.matching(path).is_empty() || self.rules.follow(path).is_some();
                    if value.outer_path().is_some_and(is_known) {
                        return Some(Called { callee: value, receiver, arguments, skipped: 1 });
                    }
                }
                Some(Called { callee: value, receiver, arguments, skipped: 0 })
            }
            Role::New(class, arguments) => {
                let arguments = cst.slot(id, arguments);
                Some(Called { callee: self.slot_value(id, class), receiver: None, arguments, skipped: 0 })
            }
            Role::Method(object, name, arguments) => {
                let receiver = cst.slot(id, object);
                let name = cst.slot(id, name)?;
                let callee = match receiver {
                    Some(receiver) => {
                        let receiver = self.value(receiver);
                        self.member(&receiver, cst.text(name))
                    }
                    None => self.value_or_name(name),
                };
                Some(Called { callee, receiver, arguments: cst.slot(id, arguments), skipped: 0 })
            }
            Role::Command => {
                let name = cst.in_field(id, "name")?;
                let callee = self.command(name);
                Some(Called { callee, receiver: None, arguments: Some(id), skipped: 0 })
            }
            _ => None,
        }
    }

    fn value_or_name(&mut self, name: Id) -> Value {
        match self.cst.role(name) {
            Role::Other | Role::Name => self.look_up(self.cst.text(name)),
            _ => self.value(name),
        }
    }

    fn receiver_of(&self, callee: Id) -> Option<Id> {
        match self.cst.role(callee) {
            Role::Member(object, _) => self.cst.slot(callee, object),
            Role::Wrap(inner) | Role::Generic(inner, _) => {
                self.cst.slot(callee, inner).filter(|inner| *inner > callee).and_then(|inner| self.receiver_of(inner))
            }
            _ => None,
        }
    }

    /// Returns the arguments that are given to what is called.
    pub(super) fn given(&self, called: &Called) -> Vec<Argument<'t>> {
        let mut all = self.arguments(called.arguments);
        all.drain(..called.skipped.min(all.len()));
        all
    }

    /// Returns the arguments of a call, in order.
    pub(super) fn arguments(&self, arguments: Option<Id>) -> Vec<Argument<'t>> {
        let Some(list) = arguments else { return Vec::new() };
        let cst = self.cst;
        // A template behind a tag is not handed over as a text.
        if matches!(cst.role(list), Role::Text) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for one in cst.children(list).filter(|one| !cst.is_comment(*one)) {
            if matches!(cst.role(list), Role::Command) && cst.field(one) != "argument" {
                continue;
            }
            let (name, value) = match cst.role(one) {
                Role::Named(name, value) | Role::Pair(name, value) => {
                    let value = cst.slot(one, value).unwrap_or(one);
                    (cst.slot(one, name).filter(|name| *name != value), value)
                }
                // `f(name = value)` of languages where that is how arguments are named.
                Role::Assign(name, value) if cst.kind(list) == "arguments" => {
                    (cst.slot(one, name), cst.slot(one, value).unwrap_or(one))
                }
                _ => (None, one),
            };
            all.push(Argument { name: name.map(|name| key_of(cst, name)), value });
        }
        all
    }

    /// Returns the keys of a literal, with their values.
    pub(super) fn pairs(&self, literal: Id) -> Vec<(&'t str, Id)> {
        let cst = self.cst;
        let pair = |one: Id| match cst.role(one) {
            Role::Pair(key, value) | Role::Named(key, value) | Role::Assign(key, value) => {
                let (key, value) = (cst.slot(one, key)?, cst.slot(one, value)?);
                (key != value).then(|| (key_of(cst, key), value))
            }
            _ => None,
        };
        cst.children(literal).take(MOST_PAIRS).filter_map(pair).collect()
    }

    fn called_value(&mut self, id: Id) -> Value {
        let Some(called) = self.called(id) else { return Value::Unknown };
        if let Some(value) = self.result_of(&called) {
            return value;
        }
        let path = match &called.callee {
            Value::Name(name) => name.path.clone(),
            _ => return Value::name("?()"),
        };
        if let Some(one) = self.one_of_several(&path) {
            return one;
        }
        let follow = self.rules.follow(&path);
        if let Some(value) = follow.and_then(|follow| self.followed(id, follow, &called)) {
            return value;
        }
        let spelling = match &called.callee {
            Value::Name(name) => name.spelling,
            _ => Spelling::Plain,
        };
        // Where a name that stands alone may be a call, what is called without arguments is mostly a part of the object.
        if self.manner.bare_calls && called.arguments.is_none() && !path.ends_with(".new") {
            return Value::spelt(self.rules.same(&path), spelling);
        }
        Value::spelt(self.rules.same(&format!("{path}()")), spelling)
    }

    fn generic(&mut self, id: Id, of: Slot, arguments: Slot) -> Value {
        let value = self.slot_value(id, of);
        let last = value.path().map(|path| path.rsplit('.').next().unwrap_or_default().to_owned()).unwrap_or_default();
        if !holds_one(&last) {
            return value;
        }
        let Some(inner) = self.cst.slot(id, arguments).and_then(|list| self.cst.children(list).next()) else { return value };
        match self.value(inner) {
            Value::Unknown => value,
            inner => inner,
        }
    }

    fn text(&mut self, id: Id) -> Value {
        let cst = self.cst;
        let is_piece = |child: Id| matches!(cst.role(child), Role::Content | Role::Escape);
        let has_pieces = cst.children(id).any(is_piece);
        let mut pieces: Vec<Value> = Vec::new();
        let plain = |text: &str| Value::text(Text::plain(text, id));
        let mut at = cst.bytes(id).start;
        let mut after_dollar = false;
        for child in cst.children(id) {
            if !has_pieces {
                pieces.push(plain(cst.between(at..cst.bytes(child).start)));
            }
            at = cst.bytes(child).end;
            match cst.role(child) {
                // Kotlin: `$name` within a text.
                Role::Content if cst.text(child) == "$" => after_dollar = true,
                Role::Content if after_dollar => {
                    after_dollar = false;
                    let text = cst.text(child);
                    let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                    let name = text.get(..text.len() - rest.len()).unwrap_or_default();
                    pieces.push(self.look_up(name));
                    pieces.push(plain(rest));
                }
                Role::Content => pieces.push(plain(cst.text(child))),
                Role::Escape => pieces.push(plain(&unescaped(cst.text(child)))),
                Role::Hole(_)
                | Role::Name
                | Role::Member(..)
                | Role::Index(..)
                | Role::Command
                | Role::Call(..)
                | Role::Wrap(_) => {
                    pieces.push(self.value(child));
                }
                _ => {}
            }
        }
        if !has_pieces {
            pieces.push(plain(cst.between(at..cst.bytes(id).end)));
        }
        let mut text = match together(&pieces, "", id) {
            Value::Text(text) => (*text).clone(),
            _ => return Value::Unknown,
        };
        if !has_pieces {
            text.text = unquoted(&text.text).to_owned();
        }
        // Pieces of one literal are not put together by anybody; a word with a hole that is filled in is.
        text.is_assembled = cst.children(id).any(|child| matches!(cst.role(child), Role::Hole(_)) && self.is_word(child));
        Value::text(text)
    }

    fn is_word(&mut self, id: Id) -> bool {
        self.value(id).whole_text().is_some()
    }

    fn binary(&mut self, id: Id, left: Slot, operator: Slot, right: Slot) -> Value {
        let operator = self.cst.slot(id, operator).map(|at| self.cst.text(at)).unwrap_or("+");
        match operator {
            "+" | "." | "++" | "<<" | ".." => {
                let (left, right) = (self.slot_value(id, left), self.slot_value(id, right));
                if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
                    together(&[left, right], "", id)
                } else {
                    Value::Unknown
                }
            }
            // A path and a part of it.
            "/" => match self.slot_value(id, left) {
                left @ Value::Name(_) => left,
                _ => Value::Unknown,
            },
            "%" => {
                let left = self.slot_value(id, left);
                let Some(at) = self.cst.slot(id, right).filter(|_| matches!(left, Value::Text(_))) else { return Value::Unknown };
                let values = match self.value(at) {
                    Value::Node(list) => self.cst.children(list).map(|one| self.value(one)).collect(),
                    value => vec![value],
                };
                filled(&left, &values, id)
            }
            "||" | "??" | "or" | "?:" => match self.slot_value(id, left) {
                Value::Unknown | Value::Literal(_) => self.slot_value(id, right),
                value => value,
            },
            "&&" | "and" => self.slot_value(id, right),
            _ => Value::Unknown,
        }
    }
}

/// The name that a key is: an identifier, or a text.
fn key_of<'t>(cst: &Cst<'t>, key: Id) -> &'t str {
    let text = cst.text(key);
    text.trim_matches(['"', '\'', '`', ':', ' '])
}
