//! The walk over a file that asks the rules about everything in it.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{is_dynamic_sql, is_dynamic_statement};
use super::credentials::{holds_credentials, is_shared};
use super::cst::{Cst, Id};
use super::evaluate::{Argument, Called, Evaluator};
use super::grammar::{Manner, Role};
use super::resource::{Resources, told};
use super::rule::{Follow, Rules};
use super::value::{HOLE, Name, Spelling, Value};
use super::{Capability, Found, LONGEST_EVIDENCE, Scan, Skipped};

/// More than this is not told one by one.
const MOST_FOUND: usize = 20_000;

/// Scans a file.
///
/// `depth` is how many texts of code it stands in.
pub(super) fn scan(cst: &Cst<'_>, rules: &Rules, manner: Manner, depth: usize) -> Scan {
    let mut evaluator = Evaluator::new(cst, rules, manner);
    // The first walk learns what names stand for, so that the second knows those that are defined further down.
    walk(&mut evaluator, None);
    evaluator.begin_again();
    let mut report = Report { depth, ..Report::default() };
    walk(&mut evaluator, Some(&mut report));
    report.finish(cst)
}

/// What was found, by the place of its code and what it is.
#[derive(Default)]
pub(super) struct Report {
    found: BTreeMap<(usize, Capability, usize), Found>,
    functions: Vec<String>,
    unread: Vec<(u32, u32)>,
    /// SQL that is put together, by where that is done, and whether something was seen to run it.
    statements: BTreeMap<Id, Option<Found>>,
    run: BTreeSet<Id>,
    /// Functions of note that a variable is made of: used, unless something like it is found.
    pub(super) aliases: Vec<(Id, Found)>,
    resources: Resources,
    /// How many texts of code the code stands in.
    pub(super) depth: usize,
    /// There was more than is told.
    is_cut: bool,
}

fn walk(evaluator: &mut Evaluator<'_, '_>, mut report: Option<&mut Report>) {
    let cst = evaluator.cst;
    let mut open: Vec<(Id, usize)> = Vec::new();
    let mut id = 0;
    while id < cst.len() {
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
}

impl Report {
    fn look(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        if self.found.len() >= MOST_FOUND {
            self.is_cut = true;
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

    fn apply_calls(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, called: &Called, arguments: &[Argument<'_>]) {
        let Value::Name(Name { path, spelling }) = &called.callee else { return };
        let mut is_of_note = false;
        for at in evaluator.rules.calls.matching(path) {
            let Some(rule) = evaluator.rules.all.get(at) else { continue };
            if !evaluator.holds(rule, id, arguments, None) {
                continue;
            }
            is_of_note = true;
            let place = if rule.resource.is_empty() { None } else { evaluator.find(&rule.resource, arguments) };
            // Of `Path("a").read_text()` the object says what is read.
            let resource = place.and_then(|place| self.resources.of(evaluator, place)).or_else(|| {
                let receiver = evaluator.called(called.receiver?)?;
                let first = evaluator.arguments(receiver.arguments).first().copied()?;
                self.resources.of(evaluator, first.value)
            });
            // Whose home it is in need not be known.
            if resource.as_ref().is_none_or(|path| path.contains(HOLE))
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

    /// Attributes and modules that are looked up by a text.
    fn look_at_lookup(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, called: &Called, arguments: &[Argument<'_>]) {
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
                if follow == Some(Follow::Attribute) && arguments.len() < 3 {
                    self.add_computed(evaluator, id, object);
                }
            }
            _ => {}
        }
    }

    /// A name that is worked out, of something that could do anything of note; where all that it does is one thing, it is that.
    fn add_computed(&mut self, evaluator: &Evaluator<'_, '_>, id: Id, object: &str) {
        if object.is_empty() || !evaluator.rules.acts_through(object) {
            return;
        }
        self.add(evaluator.cst, id, Capability::Obfuscated, "computed-name", None);
        if let Some(capability) = evaluator.rules.only_capability(object) {
            self.add(evaluator.cst, id, capability, "computed-name", None);
        }
    }

    fn look_at_name(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
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

    fn look_at_set(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, path: &str, value: Id) {
        for at in evaluator.rules.sets.matching(path) {
            if let Some(rule) = evaluator.rules.all.get(at)
                && evaluator.holds(rule, id, &[], Some(value))
            {
                let resource = if rule.resource.is_empty() { None } else { self.resources.of(evaluator, value) };
                self.add(evaluator.cst, id, rule.capability, &rule.id, resource);
            }
        }
    }

    fn look_at_shell(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let called = Called { callee: Value::name("`"), receiver: None, arguments: None, skipped: 0 };
        self.apply_calls(evaluator, id, &called, &[]);
    }

    fn look_at_imports(&mut self, evaluator: &mut Evaluator<'_, '_>, from: usize) {
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
    fn look_at_text(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
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

    /// Makes what is told of a piece of code.
    pub(super) fn told(&self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str) -> Found {
        found(cst, id, capability, rule, None, &self.functions)
    }

    pub(super) fn add(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str, resource: Option<String>) {
        self.look_at_path(cst, id, capability, resource.as_deref());
        self.insert(cst, id, capability, rule, resource);
    }

    /// Files of credentials, and files where everybody may write.
    fn look_at_path(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, path: Option<&str>) {
        let Some(path) = path.filter(|_| matches!(capability, Capability::FilesystemRead | Capability::FilesystemWrite)) else {
            return;
        };
        if holds_credentials(path) {
            self.insert(cst, id, Capability::Secrets, "credential-file", Some(path.to_owned()));
        }
        let is_shared = !path.contains(HOLE) && is_shared(path);
        if capability == Capability::FilesystemWrite && is_shared {
            self.insert(cst, id, Capability::TempInsecure, "shared-folder", Some(path.to_owned()));
        }
    }

    fn insert(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str, resource: Option<String>) {
        let start = cst.bytes(id).start;
        // The parts of one chain of calls begin at one place: they are one thing.
        if let Some(known) =
            self.found.range_mut((start, capability, 0)..(start, capability, usize::MAX)).next().map(|(_, one)| one)
        {
            if known.resource.is_none()
                && let Some(resource) = resource
            {
                let (resource, beyond) = told(&resource);
                (known.resource, known.beyond) = (Some(resource), beyond);
            }
            return;
        }
        let one = found(cst, id, capability, rule, resource, &self.functions);
        self.found.insert((start, capability, id), one);
    }

    fn finish(mut self, cst: &Cst<'_>) -> Scan {
        for (id, one) in std::mem::take(&mut self.statements) {
            if let Some(one) = one.filter(|_| !self.run.contains(&id)) {
                let start = cst.bytes(id).start;
                let is_within = self.found.values().any(|other| {
                    other.capability == Capability::SqlDynamic && other.line <= one.line && other.line_end >= one.line_end
                });
                if !is_within {
                    self.found.insert((start, Capability::SqlDynamic, id), one);
                }
            }
        }
        for (id, one) in std::mem::take(&mut self.aliases) {
            let is_used = self.found.values().any(|other| other.capability == one.capability && other.rule == one.rule);
            if !is_used {
                self.found.insert((cst.bytes(id).start, one.capability, id), one);
            }
        }
        let mut unread = self.unread;
        unread.dedup();
        let skipped = self.is_cut.then_some(Skipped::TooMany);
        Scan { found: self.found.into_values().collect(), unread, skipped }
    }
}

/// Makes what is told of a piece of code.
fn found(cst: &Cst<'_>, id: Id, capability: Capability, rule: &str, resource: Option<String>, functions: &[String]) -> Found {
    let (line, line_end) = cst.lines(id);
    let code = cst.text(id);
    let mut evidence = String::new();
    for word in code.get(..floor(code, 4 * LONGEST_EVIDENCE)).unwrap_or(code).split_whitespace() {
        if !evidence.is_empty() {
            evidence.push(' ');
        }
        evidence.push_str(word);
    }
    evidence.truncate(floor(&evidence, LONGEST_EVIDENCE));
    let function = functions.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(".");
    let (resource, beyond) = resource.map(|text| told(&text)).unzip();
    Found { line, line_end, capability, resource, rule: rule.to_owned(), evidence, function, beyond: beyond.flatten() }
}

/// The largest length up to `at` at which a text can be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
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
