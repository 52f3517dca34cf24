//! What code does without calling it by its name: names that are used, parts that are set or looked up by a text, imports, statements of SQL.

use super::Capability;
use super::call::{Argument, Called};
use super::condition::is_dynamic_statement;
use super::cst::{Cst, Id};
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::report::{Report, found};
use super::rule::Follow;
use super::value::{Name, Spelling, Value};

impl Report {
    /// Attributes and modules that are looked up by a text.
    pub(super) fn look_at_lookup(
        &mut self,
        evaluator: &mut Evaluator<'_, '_>,
        id: Id,
        called: &Called,
        arguments: &[Argument<'_>],
    ) {
        let Some(path) = called.callee.path() else { return };
        let follow = evaluator.rules.follow(path);
        if !matches!(follow, Some(Follow::Attribute | Follow::Module)) {
            return;
        }
        let cst = evaluator.cst;
        match evaluator.value(id) {
            Value::Name(Name { path, spelling }) if !path.starts_with(['?', '%']) => {
                let matching = evaluator.rules.calls.matching(&path).into_iter();
                let of_note = matching.filter_map(|at| evaluator.rules.all.get(at)).find(|rule| rule.when.is_empty());
                if let (Some(rule), Some(Follow::Attribute)) = (of_note, follow) {
                    self.add(cst, id, rule.capability, &rule.id, None);
                }
                if spelling == Spelling::Assembled || (spelling == Spelling::Text && of_note.is_some()) {
                    self.add(cst, id, Capability::Obfuscated, "name-as-text", None);
                }
            }
            Value::Name(Name { path, .. }) => {
                // A name that is worked out, of something that could be anything of note.
                let object = path.strip_prefix('?').and_then(|path| path.strip_suffix("[]")).unwrap_or_default();
                // `getattr(logging, level.upper())` is a constant, where it is not called.
                let is_called = cst.parent(id).is_some_and(|parent| match cst.role(parent) {
                    Role::Call(callee, _) => cst.slot(parent, callee) == Some(id),
                    _ => false,
                });
                let is_constant = !is_called && arguments.get(1).is_some_and(|key| cst.text(key.value).ends_with(".upper()"));
                if follow == Some(Follow::Attribute) && arguments.len() < 3 && !is_constant {
                    self.add_computed(evaluator, id, object);
                }
            }
            _ => {}
        }
    }

    /// A name that is worked out, of something that could do anything of note; where all that it does is one thing, it is that.
    pub(super) fn add_computed(&mut self, evaluator: &Evaluator<'_, '_>, id: Id, object: &str) {
        if object.is_empty() || !evaluator.rules.acts_through(object) {
            return;
        }
        self.add(evaluator.cst, id, Capability::Obfuscated, "computed-name", None);
        if let Some(capability) = evaluator.rules.only_capability(object) {
            self.add(evaluator.cst, id, capability, "computed-name", None);
        }
    }

    pub(super) fn look_at_name(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        // The name of a part, a key or a parameter stands for nothing by itself.
        let is_part = cst.parent(id).is_some_and(|parent| match cst.role(parent) {
            Role::Member(_, name)
            | Role::Method(_, name, _)
            | Role::Function(name)
            | Role::Class(name)
            | Role::Named(name, _) => cst.slot(parent, name) == Some(id),
            Role::Pair(key, value) => cst.slot(parent, key) == Some(id) && cst.slot(parent, value) != Some(id),
            Role::Param(name, _) | Role::Declare(name, _, _) | Role::Each(name, _) | Role::Macro(name, _) => {
                cst.slot(parent, name) == Some(id)
            }
            Role::Params | Role::Import => true,
            _ => false,
        });
        if is_part {
            return;
        }
        let value = evaluator.value(id);
        let Some(path) = value.path().map(str::to_owned) else { return };
        for at in evaluator.rules.names.matching(&path) {
            let Some(rule) = evaluator.rules.all.get(at) else { continue };
            if !evaluator.holds(rule, id, &[], None) {
                continue;
            }
            let resource = cst.parent(id).and_then(|parent| match cst.role(parent) {
                Role::Member(object, name) if cst.slot(parent, object) == Some(id) => {
                    let name = cst.slot(parent, name).map(|name| cst.text(name)).unwrap_or_default();
                    let call = cst.parent(parent).filter(|call| matches!(cst.role(*call), Role::Call(..)));
                    match call {
                        Some(call) => {
                            let called = evaluator.called(call)?;
                            let first = evaluator.arguments(called.arguments).first().copied()?;
                            self.resources.of(evaluator, first.value)
                        }
                        None => Some(name.to_owned()),
                    }
                }
                Role::Method(..) => {
                    let called = evaluator.called(parent)?;
                    let first = evaluator.arguments(called.arguments).first().copied()?;
                    self.resources.of(evaluator, first.value)
                }
                Role::Index(object, index) if cst.slot(parent, object) == Some(id) => {
                    self.resources.of(evaluator, cst.slot(parent, index)?)
                }
                _ => None,
            });
            self.add(cst, id, rule.capability, &rule.id, resource);
        }
    }

    pub(super) fn look_at_set(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, path: &str, value: Id) {
        for at in evaluator.rules.sets.matching(path) {
            if let Some(rule) = evaluator.rules.all.get(at)
                && evaluator.holds(rule, id, &[], Some(value))
            {
                let resource = if rule.resource.is_empty() { None } else { self.resources.of(evaluator, value) };
                self.add(evaluator.cst, id, rule.capability, &rule.id, resource);
            }
        }
    }

    pub(super) fn look_at_shell(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let called = Called { callee: Value::name("`"), receiver: None, arguments: None, skipped: 0 };
        self.apply_calls(evaluator, id, &called, &[]);
    }

    pub(super) fn look_at_imports(&mut self, evaluator: &mut Evaluator<'_, '_>, from: usize) {
        let new: Vec<(String, Id)> = evaluator.scopes.modules.get(from..).unwrap_or_default().to_vec();
        for (module, id) in new {
            for at in evaluator.rules.imports.matching(&module) {
                if let Some(rule) = evaluator.rules.all.get(at) {
                    self.add(evaluator.cst, id, rule.capability, &rule.id, Some(module.clone()));
                }
            }
        }
    }

    /// SQL that is put together, whoever runs it.
    pub(super) fn look_at_text(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let value = evaluator.value(id);
        let Some(text) = value.as_text().filter(|text| text.origin == id && is_dynamic_statement(text)) else { return };
        let inside = |parent: Id| match cst.role(parent) {
            Role::Binary(..) | Role::Concat => true,
            _ => cst.kind(parent).contains("raise") || cst.kind(parent).contains("throw"),
        };
        // A tag before a template puts its values where they do no harm.
        let is_tagged = cst.parent(id).is_some_and(|parent| match cst.role(parent) {
            Role::Call(_, arguments) => cst.slot(parent, arguments) == Some(id),
            _ => false,
        });
        if is_tagged || cst.parent(id).is_some_and(inside) || is_told(cst, id) {
            return;
        }
        self.statements
            .entry(text.origin)
            .or_insert_with(|| Some(found(cst, id, Capability::SqlDynamic, "statement", None, &self.functions)));
    }
}

/// Says whether a text is only told to somebody: logged, printed, thrown.
fn is_told(cst: &Cst<'_>, id: Id) -> bool {
    let mut at = id;
    for _ in 0..5 {
        let Some(parent) = cst.parent(at) else { return false };
        let name = match cst.role(parent) {
            Role::Call(callee, _) => cst.slot(parent, callee),
            Role::Method(_, name, _) => cst.slot(parent, name),
            Role::New(class, _) => cst.slot(parent, class),
            Role::Function(_) | Role::Assign(..) | Role::Declare(..) => return false,
            _ => None,
        };
        if let Some(name) = name.filter(|name| *name != at) {
            let code = cst.text(name).to_lowercase();
            return [
                "log",
                "print",
                "echo",
                "error",
                "warn",
                "debug",
                "info",
                "exception",
                "puts",
                "trace",
                "fail",
                "panic",
                "assert",
                "expect",
                // What makes parameters of what is put in.
                "interpolated",
            ]
            .iter()
            .any(|word| code.contains(word));
        }
        at = parent;
    }
    false
}
