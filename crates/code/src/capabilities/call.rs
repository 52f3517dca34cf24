//! What a call calls and with what, and what it then gives.

use super::cst::{Cst, Id};
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::rule::Follow;
use super::value::{Spelling, Value};

/// Longer literals are data, and no options.
const MOST_PAIRS: usize = 256;
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

    pub(super) fn called_value(&mut self, id: Id) -> Value {
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
}

/// The name that a key is: an identifier, or a text.
fn key_of<'t>(cst: &Cst<'t>, key: Id) -> &'t str {
    let text = cst.text(key);
    text.trim_matches(['"', '\'', '`', ':', ' '])
}
