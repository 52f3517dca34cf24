//! What an expression is, as far as that can be seen: names through imports, aliases and variables, texts through what puts them together.
//!
//! Here is told which kind of node is looked at how; what names stand for is in `meaning`, what calls give in `call`, what texts hold in
//! `literal`.

use super::cst::{Cst, Id};
use super::follow::together;
use super::grammar::{Manner, Role, Slot};
use super::rule::Rules;
use super::scope::Scopes;
use super::types::holds_one;
use super::value::{Text, Value};

/// Deeper expressions are not followed.
const DEEPEST: usize = 120;

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

    pub(super) fn slot_value(&mut self, id: Id, slot: Slot) -> Value {
        self.cst.slot(id, slot).map_or(Value::Unknown, |at| self.value(at))
    }

    fn is_of_note(&self, value: &Value) -> bool {
        value.outer_path().is_some_and(|path| self.rules.is_a_function_of_note(path))
    }

    /// Returns what a part of is named: where an object is called like its class (`Assembly Assembly`), it may be of the class.
    fn object_or_class(&mut self, id: Id, part: &str) -> Value {
        let object = self.value(id);
        if let (Role::Name, Some(class)) = (self.cst.role(id), object.path().and_then(|path| path.strip_suffix("()")))
            && class.rsplit('.').next() == Some(self.cst.text(id))
            && !self.rules.calls.matching(&format!("{class}.{part}")).is_empty()
        {
            return Value::name(class);
        }
        object
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
                        let object = self.object_or_class(object, cst.text(name));
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
                // `isWindows ? wrapped : spawn`
                value @ Value::Name(_) if !self.is_of_note(&value) => match self.slot_value(id, other) {
                    other if self.is_of_note(&other) => other,
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

    fn generic(&mut self, id: Id, of: Slot, arguments: Slot) -> Value {
        let mut value = self.slot_value(id, of);
        // Kotlin: `java.io.File` as a type is a list of names.
        if self.cst.kind(id) == "user_type" {
            for part in self.cst.children(id).skip(1).take_while(|part| matches!(self.cst.role(*part), Role::Name)) {
                value = self.member(&value, self.cst.text(part));
            }
        }
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
}
