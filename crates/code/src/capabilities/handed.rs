//! Code that stands where no call is seen: functions that are handed on, calls among the loose words of macros, and code in texts.

use super::call::{Argument, Called};
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::report::Report;
use super::rule::{Follow, Rule};

use super::value::{Spelling, Value};
use super::{Capability, scan_text};

/// Texts of code within texts of code are followed this far.
const DEEPEST: usize = 3;

/// Programs that run a text or their input as commands of a shell.
const SHELLS: &[&str] = &["bash", "sh", "dash", "ksh", "zsh", "ash"];

impl Report {
    /// What a macro calls is called wherever it is used.
    pub(super) fn look_at_macro(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, parts: Option<(Id, Id)>) {
        let Some((name, text)) = parts.map(|(name, text)| (evaluator.cst.text(name), evaluator.cst.text(text))) else { return };
        for (at, _) in text.match_indices('(').take(64) {
            let before = text.get(..at).unwrap_or_default().trim_end();
            let called = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
            let value = if called.is_empty() || called == name { Value::Unknown } else { evaluator.look_up(called) };
            let Some(path) = value.outer_path().filter(|path| evaluator.rules.is_a_function_of_note(path)) else { continue };
            for rule in evaluator.rules.calls.matching(path).into_iter().filter_map(|at| evaluator.rules.all.get(at)) {
                if rule.when.is_empty() && rule.unless.is_empty() {
                    self.add(evaluator.cst, id, rule.capability, &rule.id, None);
                }
            }
        }
    }

    /// A function of note that is handed on is as good as called.
    pub(super) fn look_at_reference(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        for (capability, rule) in referred_to(evaluator, id) {
            self.add(evaluator.cst, id, capability, &rule, None);
        }
    }

    /// A function of note that a field or a variable of a type of functions is made of will be called, though perhaps not in this file.
    pub(super) fn look_at_alias(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, value: Id) {
        let cst = evaluator.cst;
        let is_handed_on = match cst.role(id) {
            // `exports.run = exec`
            Role::Assign(left, _) => cst.slot(id, left).is_some_and(|left| matches!(cst.role(left), Role::Member(..))),
            Role::Declare(_, of, _) => {
                cst.slot(id, of).is_some() || cst.parent(id).is_some_and(|parent| cst.in_field(parent, "type").is_some())
            }
            _ => false,
        };
        if !is_handed_on {
            return;
        }
        for (capability, rule) in referred_to(evaluator, value) {
            let told = self.told(cst, id, capability, &rule);
            self.aliases.push((id, told));
        }
    }

    /// What a class inherits that is of note will be done, though perhaps not in this file.
    pub(super) fn look_at_base(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let Some(base) = evaluator.base_of(id) else { return };
        for (capability, rule) in of_note(evaluator, &base) {
            let told = self.told(evaluator.cst, id, capability, &rule);
            self.aliases.push((id, told));
        }
    }

    /// Names of functions that are given as texts to what calls them.
    pub(super) fn look_at_callbacks(
        &mut self,
        evaluator: &mut Evaluator<'_, '_>,
        id: Id,
        called: &Called,
        arguments: &[Argument<'_>],
    ) {
        if called.callee.path().and_then(|path| evaluator.rules.follow(path)) != Some(Follow::Callback) {
            return;
        }
        for one in arguments {
            let value = evaluator.value(one.value);
            let Some(text) = value.as_text().filter(|text| !text.has_holes()) else { continue };
            for (capability, rule) in of_note(evaluator, &text.text) {
                self.add(evaluator.cst, id, capability, &rule, None);
            }
            if text.spelling() == Spelling::Assembled && evaluator.rules.is_a_function_of_note(&text.text) {
                self.add(evaluator.cst, id, Capability::Obfuscated, "name-as-text", None);
            }
        }
    }

    /// A part of what the language has that is named by a text that is put together: `globals()["__buil" + "tins__"]`.
    pub(super) fn look_at_hidden_part(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let Role::Index(object, _) = evaluator.cst.role(id) else { return };
        let Some(object) = evaluator.cst.slot(id, object).map(|object| evaluator.value(object)) else { return };
        let is_namespace = object.path().is_some_and(|path| evaluator.rules.is_namespace(path));
        let is_hidden = matches!(evaluator.value(id), Value::Name(name) if name.spelling == Spelling::Assembled);
        if is_namespace && is_hidden {
            self.add(evaluator.cst, id, Capability::Obfuscated, "name-as-text", None);
        }
    }

    /// What has no meaning for the scan by its kind, and may hold code.
    pub(super) fn look_at_loose(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, kind: &str) {
        match kind {
            "export_specifier" => self.look_at_export(evaluator, id),
            "export_statement" => self.look_at_whole_export(evaluator, id),
            "method_reference" => self.look_at_method_reference(evaluator, id),
            "macro_definition" => self.look_at_words(evaluator, id),
            "macro_invocation" => {
                let cst = evaluator.cst;
                let Some(name) = cst.in_field(id, "macro") else { return };
                let called = evaluator.value(name);
                for (capability, rule) in called.outer_path().into_iter().flat_map(|path| of_note(evaluator, path)) {
                    self.add(cst, id, capability, &rule, None);
                }
                // What is quoted is the code of another program.
                if !cst.text(name).contains("quote") {
                    self.look_at_words(evaluator, id);
                }
            }
            _ => {}
        }
    }

    /// JavaScript: `export { exec } from "child_process"` hands a function on.
    fn look_at_export(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let statement = cst.parent(id).and_then(|clause| cst.parent(clause));
        let source = statement.and_then(|statement| cst.in_field(statement, "source"));
        let is_type = |id: Id| cst.text(id).trim_start_matches("export").trim_start().starts_with("type ");
        let (Some(source), Some(name)) = (source, cst.in_field(id, "name")) else { return };
        if is_type(id) || statement.is_some_and(is_type) {
            return;
        }
        let module = evaluator.value(source);
        let Some(module) = module.whole_text() else { return };
        let path = format!("{}.{}", module.strip_prefix("node:").unwrap_or(module), cst.text(name));
        for (capability, rule) in of_note(evaluator, evaluator.rules.same_beginning(&path).as_ref()) {
            self.add(cst, id, capability, &rule, None);
        }
    }

    /// JavaScript: `export * from "child_process"`, where all that the module does is one thing.
    fn look_at_whole_export(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let Some(source) =
            cst.in_field(id, "source").filter(|_| cst.text(id).trim_start_matches("export").trim_start().starts_with('*'))
        else {
            return;
        };
        let module = evaluator.value(source);
        let Some(module) = module.whole_text().map(|module| module.strip_prefix("node:").unwrap_or(module)) else { return };
        if let Some(capability) = evaluator.rules.only_capability(evaluator.rules.same(module)) {
            self.add(cst, id, capability, "exported-module", Some(module.to_owned()));
        }
    }

    /// Java: `Files::delete`, `File::delete` of an object, `ProcessBuilder::new`.
    fn look_at_method_reference(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let Some(object) = cst.children(id).next() else { return };
        let name = cst.text(id).rsplit("::").next().unwrap_or_default().trim();
        let value = evaluator.value(object);
        let Some(object) = value.outer_path() else { return };
        let paths = match name {
            "new" => vec![object.to_owned()],
            name => vec![format!("{object}.{name}"), format!("{object}().{name}")],
        };
        for (capability, rule) in paths.iter().flat_map(|path| of_note(evaluator, path)) {
            self.add(cst, id, capability, &rule, None);
        }
    }

    /// Rust: calls among the words of a macro, which no grammar reads.
    fn look_at_words(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) {
        let cst = evaluator.cst;
        let mut callee: Option<Value> = None;
        let mut end = 0;
        for at in cst.below(id) {
            let bytes = cst.bytes(at);
            let between = cst.between(end..bytes.start).trim();
            match cst.kind(at) {
                "self" => callee = Some(evaluator.value(at)),
                "identifier" => {
                    let name = cst.text(at);
                    callee = Some(match callee.take().filter(|_| matches!(between, "::" | ".")) {
                        Some(before) => evaluator.member(&before, name),
                        None => evaluator.look_up(name),
                    });
                }
                "token_tree" => {
                    let path = callee.take().filter(|_| between.is_empty() && cst.text(at).starts_with('('));
                    let path = path.as_ref().and_then(Value::outer_path).map(str::to_owned);
                    for (capability, rule) in path.into_iter().flat_map(|path| of_note(evaluator, &path)) {
                        self.add(cst, at, capability, &rule, None);
                    }
                    if between.ends_with("unsafe") && cst.text(at).starts_with('{') {
                        self.add(cst, at, Capability::UnsafeNative, "unsafe-in-macro", None);
                    }
                    end = bytes.start + 1;
                    continue;
                }
                _ => callee = None,
            }
            end = bytes.end;
        }
    }

    /// Bash: what stands in a text that is run as commands.
    pub(super) fn look_at_code(
        &mut self,
        evaluator: &mut Evaluator<'_, '_>,
        id: Id,
        called: &Called,
        arguments: &[Argument<'_>],
    ) {
        let cst = evaluator.cst;
        let Role::Command = cst.role(id) else { return };
        let Some(command) = called.callee.path().map(str::to_owned) else { return };
        let is_shell = SHELLS.contains(&&*command);
        let code = match &*command {
            "eval" | "trap" => arguments.first(),
            "env" => arguments.iter().skip_while(|one| cst.text(one.value) != "-S").nth(1),
            "su" => arguments.iter().skip_while(|one| cst.text(one.value) != "-c").nth(1),
            _ if is_shell => {
                let is_flag = |one: &&Argument<'_>| cst.text(one.value).starts_with('-');
                let flags: Vec<_> = arguments.iter().take_while(is_flag).collect();
                let last = flags.last().is_some_and(|one| cst.text(one.value).ends_with('c'));
                arguments.get(flags.len()).filter(|_| last)
            }
            _ => None,
        };
        let fed = || {
            let around = cst.parent(id).filter(|_| is_shell)?;
            match cst.kind(around) {
                _ if cst.children(id).any(|part| cst.kind(part) == "herestring_redirect") => cst
                    .children(id)
                    .find(|part| cst.kind(*part) == "herestring_redirect")
                    .and_then(|fed| cst.children(fed).next()),
                "redirected_statement" => cst.below(around).find(|at| cst.kind(*at) == "heredoc_body").or_else(|| {
                    let fed = cst.below(around).find(|at| cst.kind(*at) == "herestring_redirect")?;
                    cst.children(fed).next()
                }),
                // `echo "curl …" | sh`
                "pipeline" => {
                    let before = cst.children(around).take_while(|one| *one < id).last()?;
                    let is_told = matches!(cst.role(before), Role::Command)
                        && cst.in_field(before, "name").is_some_and(|name| matches!(cst.text(name), "echo" | "printf"));
                    cst.children(before).filter(|one| is_told && cst.field(*one) == "argument").last()
                }
                _ => None,
            }
        };
        let Some(code) = code.map(|one| one.value).or_else(fed) else { return };
        let value = evaluator.value(code);
        let Some(text) = value.as_text().filter(|_| self.depth < DEEPEST) else { return };
        // Values that are not known are words.
        let text = text.text.replace(super::value::HOLE, "$_");
        let Ok(scan) = scan_text(domain::Language::Bash, &text, self.depth + 1, self.limit) else { return };
        for one in scan.found {
            self.add(cst, id, one.capability, &one.rule, one.resource);
        }
    }
}

/// Returns the capabilities of a function of note that an expression is, with their rules.
fn referred_to(evaluator: &mut Evaluator<'_, '_>, id: Id) -> Vec<(Capability, String)> {
    let cst = evaluator.cst;
    // Go: what stands in a literal.
    let id = if cst.kind(id) == "literal_element" { cst.children(id).next().unwrap_or(id) } else { id };
    if !matches!(cst.role(id), Role::Name | Role::Member(..)) {
        return Vec::new();
    }
    // C#: the name of a name.
    let call = cst.parent(id).and_then(|one| cst.parent(one)).and_then(|list| cst.parent(list));
    if call.is_some_and(|call| cst.text(call).starts_with("nameof")) {
        return Vec::new();
    }
    let value = evaluator.value(id);
    let Some(path) = value.outer_path() else { return Vec::new() };
    let last = path.rsplit('.').next().unwrap_or_default();
    let is_class = last.starts_with(char::is_uppercase) && !evaluator.manner.functions_are_capital;
    if is_class || path.ends_with(')') {
        return Vec::new();
    }
    // What objects have are values as well as functions, and so is what begins with a capital where functions do.
    let may_be_a_value = path.contains("().") || evaluator.manner.functions_are_capital;
    let is_known = |at: usize| match may_be_a_value {
        true => evaluator.rules.calls.spells_a_part(path, at, usize::MAX),
        false => evaluator.guessed_package(path, at).is_none(),
    };
    of_note_where(evaluator, path, is_known)
}

/// Returns the capabilities that calling something is where nothing is said of its arguments, with their rules.
fn of_note(evaluator: &Evaluator<'_, '_>, path: &str) -> Vec<(Capability, String)> {
    of_note_where(evaluator, path, |_| true)
}

fn of_note_where(evaluator: &Evaluator<'_, '_>, path: &str, counts: impl Fn(usize) -> bool) -> Vec<(Capability, String)> {
    let matching = evaluator.rules.calls.matching(path).into_iter().filter(|at| counts(*at));
    let rules = matching.filter_map(|at| evaluator.rules.all.get(at));
    let is_free = |rule: &&Rule| {
        rule.when.is_empty()
            && rule.unless.iter().all(|one| !one.at.is_empty() && one.given.is_none())
            && !rule.calls.iter().all(|pattern| pattern.starts_with("**"))
    };
    rules.filter(is_free).map(|rule| (rule.capability, rule.id.clone())).collect()
}
