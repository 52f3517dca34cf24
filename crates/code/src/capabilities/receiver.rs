//! What code acts on without naming it: what a class inherits or mixes in, and what a block is given.

use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::types::SEVERAL;
use super::value::Value;

/// Where a class names what it is derived from: fields, and kinds of children.
const BASE_FIELDS: &[&str] = &["superclasses", "superclass", "bases"];
const BASE_KINDS: &[&str] =
    &["class_heritage", "base_clause", "extends_clause", "base_list", "base_class_clause", "delegation_specifiers"];

impl Evaluator<'_, '_> {
    /// Returns the first of the classes that a class is derived from that a rule knows.
    pub(super) fn base_of(&mut self, class: Id) -> Option<String> {
        let cst = self.cst;
        let list =
            cst.children(class).find(|one| BASE_FIELDS.contains(&cst.field(*one)) || BASE_KINDS.contains(&cst.kind(*one)))?;
        let (mut at, end) = (list, cst.after(list));
        while at < end {
            match cst.role(at) {
                Role::Name | Role::Member(..) | Role::Generic(..) => {
                    let value = self.value(at);
                    let base =
                        value.outer_path().filter(|path| self.rules.knows(path) || self.rules.is_named(path)).map(str::to_owned);
                    if base.is_some() {
                        return base;
                    }
                    at = cst.after(at).max(at + 1);
                }
                _ => at += 1,
            }
        }
        None
    }

    /// Returns the part of an object of a class of this file (`None`: that around the walk): its own, or what it inherits.
    pub(super) fn part_of_class(&self, class: Option<&str>, is_object: bool, name: &str) -> Value {
        if let Some(value) = self.scopes.find_field(class, name) {
            return value;
        }
        match self.scopes.base(class) {
            Some(base) => {
                let object = if is_object { "()" } else { "" };
                Value::name(self.rules.same(&format!("{base}{object}.{name}")))
            }
            None => Value::name(format!("?this.{name}")),
        }
    }

    /// Binds what a block is given by the call that it belongs to: Kotlin's `x.use { it… }`, and `x.apply { … }`, where `x` goes unsaid.
    pub(super) fn bind_block(&mut self, block: Id) {
        let cst = self.cst;
        if cst.kind(block) != "lambda_literal" {
            return;
        }
        let mut at = block;
        let call = loop {
            let Some(parent) = cst.parent(at) else { return };
            match cst.role(parent) {
                Role::Call(callee, _) => break cst.slot(parent, callee).filter(|callee| *callee != at),
                Role::Other if cst.kind(parent) == "annotated_lambda" => at = parent,
                _ => return,
            }
        };
        let Some(callee) = call else { return };
        // `x.apply(f) { … }` has the call around the call.
        let (receiver, name) = match cst.role(callee) {
            Role::Member(object, name) => (cst.slot(callee, object), cst.slot(callee, name)),
            Role::Call(inner, arguments) if cst.slot(callee, inner).is_some_and(|inner| cst.text(inner) == "with") => {
                let list = cst.slot(callee, arguments);
                (self.arguments(list).first().map(|one| one.value), cst.slot(callee, inner))
            }
            _ => return,
        };
        let (Some(receiver), Some(name)) = (receiver, name) else { return };
        let value = self.value(receiver);
        let Some(path) = value.path() else { return };
        match cst.text(name) {
            _ if path.starts_with(SEVERAL) => {
                let part = self.part(&value);
                self.scopes.bind("it", part);
            }
            "use" | "let" | "also" | "takeIf" => self.scopes.bind("it", Value::name(path)),
            "apply" | "run" | "with" => self.scopes.act_on(path),
            _ => {}
        }
    }

    /// What a function is given by the call that it is handed to: `files.forEach(file => …)`. `parameters` is within the function.
    pub(super) fn given_by_call(&mut self, parameters: Id) -> Option<Value> {
        let cst = self.cst;
        let function = cst.parent(parameters)?;
        if !matches!(cst.role(function), Role::Lambda) {
            return self.given_by_decorator(function);
        }
        let mut at = function;
        for _ in 0..3 {
            at = cst.parent(at)?;
            if matches!(cst.role(at), Role::Call(..) | Role::Method(..)) {
                let receiver = self.called(at)?.receiver.filter(|receiver| *receiver < function)?;
                let value = self.value(receiver);
                let is_several = value.path().is_some_and(|path| path.starts_with(SEVERAL));
                return if is_several { Some(self.part(&value)) } else { self.given_by_promise(parameters) };
            }
        }
        None
    }

    /// Python: what a function is given first by what decorates it: `@task def build(context)`.
    fn given_by_decorator(&mut self, function: Id) -> Option<Value> {
        let cst = self.cst;
        let around = cst.parent(function).filter(|around| cst.kind(*around) == "decorated_definition")?;
        let decorators: Vec<Id> = cst.children(around).filter(|one| cst.kind(*one) == "decorator").collect();
        decorators.into_iter().find_map(|decorator| {
            let value = self.value(cst.children(decorator).next()?);
            self.rules.given_by(value.outer_path()?).map(Value::name)
        })
    }

    /// JavaScript: what a function is given that waits for a module: `import("fs").then(fs => …)`.
    fn given_by_promise(&mut self, parameters: Id) -> Option<Value> {
        let cst = self.cst;
        let function = cst.parent(parameters).filter(|function| cst.kind(*function) == "arrow_function")?;
        let list = cst.parent(function).filter(|list| *list + 1 == function && cst.kind(*list) == "arguments")?;
        let Role::Call(callee, _) = cst.role(cst.parent(list)?) else { return None };
        let callee = cst.slot(cst.parent(list)?, callee)?;
        let Role::Member(object, name) = cst.role(callee) else { return None };
        cst.slot(callee, name).filter(|name| cst.text(*name) == "then")?;
        let value = self.value(cst.slot(callee, object)?);
        let is_module = value.outer_path().is_some_and(|path| !path.contains('(') && self.rules.knows(path));
        is_module.then_some(value)
    }

    /// Bash: `alias get="curl -s"` makes a command another one.
    pub(super) fn bind_shell_alias(&mut self, command: Id) {
        let Some(called) = self.called(command) else { return };
        if called.callee.path() != Some("alias") {
            return;
        }
        for one in self.arguments(called.arguments) {
            let value = self.value(one.value);
            let Some((name, text)) = value.as_text().and_then(|text| text.text.split_once('=')) else { continue };
            let text = text.trim_matches(['\'', '"']);
            if let Some(first) = text.split_whitespace().next() {
                self.scopes.bind_in_file(name, Value::name(first.replace('.', "·")));
            }
        }
    }

    /// Ruby: `include FileUtils` makes what a module has seen under its own name.
    pub(super) fn bind_mixed_in(&mut self, call: Id) {
        let Some(called) = self.called(call) else { return };
        if called.receiver.is_some() || !matches!(called.callee.path(), Some("include" | "extend" | "prepend")) {
            return;
        }
        for one in self.arguments(called.arguments) {
            let value = self.value(one.value);
            if let Some(path) = value.outer_path().filter(|path| self.rules.knows(path)) {
                self.scopes.wild.push(path.to_owned());
            }
        }
    }

    /// Returns what a name stands for that nothing in the file binds: something that is inherited, or of what a block acts on.
    pub(super) fn unsaid(&self, name: &str) -> Option<Value> {
        let known = |full: String| self.rules.has(&full).then(|| Value::name(self.rules.same(&full)));
        let inherited = self.manner.class_names_are_seen.then(|| self.scopes.base(None)).flatten();
        let of_block = self.scopes.acted_on().find_map(|object| known(format!("{object}.{name}")));
        of_block.or_else(|| known(format!("{}().{name}", inherited?)))
    }
}
