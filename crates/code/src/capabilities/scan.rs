//! The walk over a file that asks the rules about everything in it, for as long as it may.

use super::call::{Argument, Called};
use super::condition::is_dynamic_sql;
use super::credentials::holds_credentials;
use super::cst::{Cst, Id};
use super::evaluate::Evaluator;
use super::grammar::{Manner, Role};
use super::report::Report;
use super::rule::{Follow, Rules};
use super::value::{HOLE, Name, Spelling, Value};
use super::{Capability, Scan, Skipped};
use crate::parsing::Limit;

/// How many nodes are looked at between two looks at the clock.
const STEPS: usize = 16;

/// Scans a file.
///
/// `depth` is how many texts of code it stands in.
pub(super) fn scan(cst: &Cst<'_>, rules: &Rules, manner: Manner, depth: usize, limit: Limit) -> Scan {
    let mut evaluator = Evaluator::new(cst, rules, manner);
    // The first walk learns what names stand for, so that the second knows those that are defined further down.
    let is_learnt = walk(&mut evaluator, None, limit);
    evaluator.begin_again();
    let mut report = Report::within(depth, limit);
    let is_whole = is_learnt && walk(&mut evaluator, Some(&mut report), limit);
    let mut scan = report.finish(cst);
    if !is_whole {
        scan.skipped = Some(Skipped::TooSlow);
    }
    scan
}

/// Walks over a file. Returns `false` when that takes too long: what nests or repeats itself so that each part asks for all the others.
fn walk(evaluator: &mut Evaluator<'_, '_>, mut report: Option<&mut Report>, limit: Limit) -> bool {
    let cst = evaluator.cst;
    let mut steps = 0_usize;
    let mut open: Vec<(Id, usize)> = Vec::new();
    let mut id = 0;
    while id < cst.len() {
        steps += 1;
        if steps.is_multiple_of(STEPS) && limit.is_over() {
            return false;
        }
        while let Some((after, scope)) = open.last().copied() {
            if id < after {
                break;
            }
            evaluator.scopes.current = scope;
            open.pop();
            if let Some(report) = report.as_deref_mut() {
                report.functions.pop();
            }
        }
        let after = cst.after(id);
        let role = cst.role(id);
        if let Some(report) = report.as_deref_mut() {
            report.look(evaluator, id);
        }
        let scope = evaluator.scopes.current;
        let modules = evaluator.scopes.modules.len();
        if let Some(name) = evaluator.bind(id) {
            open.push((after, scope));
            if let Some(report) = report.as_deref_mut() {
                report.functions.push(name);
            }
        }
        if let Some(report) = report.as_deref_mut() {
            report.look_at_imports(evaluator, modules);
        }
        let is_type = matches!(cst.field(id), "type" | "return_type" | "type_parameters" | "type_arguments" | "superclass")
            && matches!(role, Role::Name | Role::Member(..) | Role::Wrap(_) | Role::Generic(..) | Role::Skip);
        id = match role {
            Role::Comment | Role::Skip | Role::Import => after.max(id + 1),
            _ if is_type => after.max(id + 1),
            _ => id + 1,
        };
    }
    !limit.is_over()
}

impl Report {
    fn look(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        if self.is_full() {
            return;
        }
        let cst = evaluator.cst;
        let kind = cst.kind(id);
        if kind == "ERROR" {
            self.unread.push(cst.lines(id));
        }
        let watched = if evaluator.rules.nodes.is_empty() { None } else { evaluator.rules.nodes.get(kind) };
        self.look_at_node(evaluator, id, watched);
        if matches!(kind, "init_declarator" | "declaration") {
            self.look_at_object(evaluator, id);
        }
        match cst.role(id) {
            Role::Command => {
                self.look_at_call(evaluator, id);
                for inner in evaluator.inner_commands(id) {
                    evaluator.cut = Some((id, inner.start));
                    self.look_at_node(evaluator, id, watched);
                    self.apply_calls(evaluator, id, &inner.called, &inner.arguments);
                    self.look_at_code(evaluator, id, &inner.called, &inner.arguments);
                    evaluator.cut = None;
                }
            }
            Role::Call(..) | Role::Method(..) | Role::New(..) => self.look_at_call(evaluator, id),
            Role::Param(..) => {
                if let Some(otherwise) = evaluator.default_of(id) {
                    self.look_at_reference(evaluator, otherwise);
                }
            }
            Role::Class(_) => self.look_at_base(evaluator, id),
            Role::Macro(name, text) => self.look_at_macro(evaluator, id, cst.slot(id, name).zip(cst.slot(id, text))),
            Role::Name => {
                self.look_at_name(evaluator, id);
                let is_variable = || evaluator.scopes.find(cst.text(id), true).is_some();
                if evaluator.manner.bare_calls && is_alone(cst, id) && !is_variable() {
                    let called = Called { callee: evaluator.value(id), receiver: None, arguments: None, skipped: 0 };
                    self.apply_calls(evaluator, id, &called, &[]);
                }
            }
            Role::Member(..) | Role::Index(..) => {
                self.look_at_name(evaluator, id);
                self.look_at_hidden_part(evaluator, id);
            }
            Role::Skip | Role::Other => self.look_at_loose(evaluator, id, kind),
            _ => {}
        }
        match cst.role(id) {
            Role::Method(..) if evaluator.manner.bare_calls => self.look_at_name(evaluator, id),
            Role::List => cst.children(id).for_each(|one| self.look_at_reference(evaluator, one)),
            Role::Pair(name, value) | Role::Named(name, value) => {
                if let (Role::Pair(..), Some(value)) = (cst.role(id), cst.slot(id, value)) {
                    self.look_at_reference(evaluator, value);
                }
                if let (Some(name), Some(value)) = (cst.slot(id, name), cst.slot(id, value)) {
                    let key = cst.text(name).trim_matches(['"', '\'', '`', ':', ' ']);
                    self.look_at_set(evaluator, id, &format!("?.{key}"), value);
                }
            }
            Role::Assign(left, value) | Role::Declare(left, _, value) => {
                if let (Some(left), Some(value)) = (cst.slot(id, left), cst.slot(id, value)) {
                    let (left, value) = (cst.only(left), cst.only(value));
                    let path = match cst.role(left) {
                        Role::Member(..) | Role::Index(..) => evaluator.value(left).path().map(str::to_owned),
                        Role::Method(_, name, _) => cst.slot(left, name).map(|name| format!("?.{}", cst.text(name))),
                        // A variable of Python or Ruby that is called like an option is none, but in a class.
                        Role::Name if kind == "assignment" && !evaluator.scopes.is_in_class() => None,
                        Role::Name => Some(format!("?.{}", cst.text(left))),
                        _ => None,
                    };
                    if let Some(path) = path {
                        self.look_at_set(evaluator, id, &path, value);
                    }
                    self.look_at_alias(evaluator, id, value);
                }
            }
            Role::Shell => self.look_at_shell(evaluator, id),
            // Ruby: `Dir["*"]` is a call.
            Role::Index(object, index) if evaluator.manner.bare_calls => {
                let object = cst.slot(id, object).and_then(|object| evaluator.value(object).outer_path().map(str::to_owned));
                if let Some((object, index)) = object.zip(cst.slot(id, index)) {
                    let callee = Value::name(format!("{object}.[]"));
                    let called = Called { callee, receiver: None, arguments: None, skipped: 0 };
                    self.apply_calls(evaluator, id, &called, &[Argument { name: None, value: index }]);
                }
            }
            Role::Other if kind == "return_statement" => cst.children(id).for_each(|one| self.look_at_reference(evaluator, one)),
            _ => {}
        }
        if matches!(cst.role(id), Role::Text | Role::Binary(..) | Role::Call(..) | Role::Method(..)) {
            self.look_at_text(evaluator, id);
        }
    }

    fn look_at_node(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, watched: Option<&Vec<usize>>) {
        for at in watched.into_iter().flatten() {
            if let Some(rule) = evaluator.rules.all.get(*at)
                && evaluator.holds(rule, id, &[], None)
            {
                self.add(evaluator.cst, id, rule.capability, &rule.id, None);
            }
        }
    }

    fn look_at_call(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let Some(mut called) = evaluator.called(id) else { return };
        // A variable that holds the name of a function, where that is how functions are called (`$name()`).
        if let Value::Text(text) = &called.callee {
            if text.has_holes() {
                return;
            }
            called.callee = Value::spelt(&text.text, text.spelling());
        }
        let arguments = evaluator.given(&called);
        self.apply_calls(evaluator, id, &called, &arguments);
        // An object of a class of this file is one of what that is derived from.
        let base =
            called.callee.path().and_then(|path| path.strip_prefix('%')).and_then(|class| evaluator.scopes.base(Some(class)));
        if let Some(base) = base.map(Value::name) {
            let called = Called { callee: base, receiver: None, arguments: called.arguments, skipped: called.skipped };
            self.apply_calls(evaluator, id, &called, &arguments);
        }
        self.look_at_code(evaluator, id, &called, &arguments);
        self.look_at_lookup(evaluator, id, &called, &arguments);
        for one in &arguments {
            self.look_at_reference(evaluator, one.value);
        }
        self.look_at_callbacks(evaluator, id, &called, &arguments);
        evaluator.remember_appended(id, &called);
        // `sprintf(buffer, "…", x)`: from here on the buffer is that text.
        if let Some(path) = called.callee.path()
            && let Some(Follow::Into(_)) = evaluator.rules.follow(path)
            && let Some(first) = arguments.first()
            && matches!(evaluator.cst.role(first.value), Role::Name)
        {
            let text = evaluator.value(id);
            evaluator.scopes.rebind(evaluator.cst.text(first.value), text);
        }
    }

    /// C++: `std::ifstream file("a")` makes an object; what looks like `std::ifstream file(name)` does as well, within a function.
    fn look_at_object(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let (of, arguments) = if cst.kind(id) == "init_declarator" {
            let Some(value) = cst.in_field(id, "value") else { return };
            if !matches!(cst.kind(value), "argument_list" | "initializer_list") {
                return;
            }
            (cst.parent(id).and_then(|parent| cst.in_field(parent, "type")), Some(value))
        } else {
            let made = cst.in_field(id, "declarator").filter(|one| cst.kind(*one) == "function_declarator");
            let Some(made) = made.filter(|_| !self.functions.is_empty()) else { return };
            (cst.in_field(id, "type"), cst.in_field(made, "parameters"))
        };
        let Some(of) = of else { return };
        let called = Called { callee: evaluator.value(of), receiver: None, arguments, skipped: 0 };
        let arguments = evaluator.arguments(arguments);
        let whole = if cst.kind(id) == "init_declarator" { cst.parent(id).unwrap_or(id) } else { id };
        self.apply_calls(evaluator, whole, &called, &arguments);
    }

    pub(super) fn apply_calls(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, called: &Called, arguments: &[Argument<'_>]) {
        let Value::Name(Name { path, spelling }) = &called.callee else { return };
        let mut is_of_note = false;
        for at in evaluator.rules.calls.matching(path) {
            let Some(rule) = evaluator.rules.all.get(at) else { continue };
            if !evaluator.holds(rule, id, arguments, None) {
                continue;
            }
            // `using A;` may bring in what is called, and so may any other: that `A` is used is said once.
            let guessed = evaluator.guessed_package(path, at);
            let is_spelled =
                |package: &String| package.split('.').next().is_some_and(|root| evaluator.code(id).starts_with(root));
            if let Some(package) = guessed.filter(|package| !is_spelled(package)) {
                // C#: what has no receiver is a method, and no package has those.
                let is_own = evaluator.cst.kind(id) == "invocation_expression" && called.receiver.is_none();
                if is_own || !self.guessed.insert((at, package)) {
                    continue;
                }
            }
            is_of_note = true;
            let place = if rule.resource.is_empty() { None } else { evaluator.find(&rule.resource, arguments) };
            // Of `Path("a").read_text()` the object says what is read.
            let by_object = |report: &mut Self, evaluator: &mut Evaluator<'_, '_>| {
                let receiver = evaluator.called(called.receiver?)?;
                let first = evaluator.arguments(receiver.arguments).first().copied()?;
                report.resources.of(evaluator, first.value)
            };
            let is_file = matches!(rule.capability, Capability::FilesystemRead | Capability::FilesystemWrite);
            let object = if is_file && path.contains("().") { by_object(self, evaluator) } else { None };
            let resource = object
                .or_else(|| place.and_then(|place| self.resources.of(evaluator, place)))
                .or_else(|| by_object(self, evaluator));
            // Whose home it is in need not be known.
            if (place.is_none() || resource.as_ref().is_none_or(|path| path.contains(HOLE)))
                && matches!(rule.capability, Capability::FilesystemRead | Capability::FilesystemWrite)
                && let Some(named) = place.or(called.receiver)
                && holds_credentials(&evaluator.path_within(named))
            {
                self.add(evaluator.cst, id, Capability::Secrets, "credential-file", None);
            }
            self.look_at_path(evaluator.cst, id, rule.capability, resource.as_deref());
            // Of a command every word counts.
            let is_command = matches!(evaluator.cst.role(id), Role::Command) || rule.capability == Capability::Subprocess;
            let resource = match resource {
                _ if is_command && !rule.resource.is_empty() => self.resources.words(evaluator, id, place, arguments),
                resource => resource,
            };
            // The same words are another command where a shell reads them.
            let resource = match resource {
                resource if rule.capability == Capability::Subprocess && evaluator.is_read_by_shell(arguments) => {
                    Some(format!("sh -c {}", resource.unwrap_or_else(|| HOLE.to_string())))
                }
                resource => resource,
            };
            self.insert(evaluator.cst, id, rule.capability, &rule.id, resource);
            if rule.capability == Capability::SqlDynamic {
                for one in arguments {
                    if let Some(text) = evaluator.value(one.value).as_text().filter(|text| is_dynamic_sql(text)) {
                        self.run.insert(text.origin);
                    }
                }
            }
            let runs = matches!(rule.capability, Capability::EvalExec | Capability::Subprocess | Capability::ImportDynamic);
            if runs && arguments.iter().any(|one| is_hidden(evaluator, one.value)) {
                self.add(evaluator.cst, id, Capability::Obfuscated, "hidden-argument", None);
            }
        }
        // `child_process[name]()`
        if let Some(object) = path.strip_prefix('?').and_then(|path| path.strip_suffix("[]")) {
            self.add_computed(evaluator, id, object);
        }
        let is_outer = !path.starts_with(['?', '%']);
        if (is_of_note && *spelling > Spelling::Plain) || (is_outer && *spelling == Spelling::Assembled) {
            self.add(evaluator.cst, id, Capability::Obfuscated, "name-as-text", None);
        }
    }
}

fn is_hidden(evaluator: &mut Evaluator<'_, '_>, id: Id) -> bool {
    evaluator.value(id).as_text().is_some_and(|text| text.is_decoded)
}

/// Says whether a name is a statement or an argument by itself, so that it may be a call.
fn is_alone(cst: &Cst<'_>, id: Id) -> bool {
    cst.parent(id).is_some_and(|parent| match cst.role(parent) {
        Role::Other | Role::Wrap(_) => true,
        Role::Assign(_, right) | Role::Declare(_, _, right) => cst.slot(parent, right) == Some(id),
        _ => false,
    }) && cst.field(id) != "method"
}
