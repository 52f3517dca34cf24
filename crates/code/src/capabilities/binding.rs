//! What statements bind names to: assignments, declarations, parameters, definitions.

use super::call::Called;
use super::cst::Id;
use super::evaluate::Evaluator;
use super::follow::together;
use super::grammar::{Role, Slot};
use super::rule::Follow;
use super::scope::Kind;
use super::value::Value;

impl Evaluator<'_, '_> {
    /// Binds what the node at hand binds, and goes into its scope when it has one. Returns the name of that scope.
    pub(super) fn bind(&mut self, id: Id) -> Option<String> {
        let cst = self.cst;
        match cst.role(id) {
            Role::Import => (self.manner.import)(cst, id, &mut self.scopes),
            Role::Assign(left, right) => {
                let right = cst.slot(id, right).map(|right| cst.only(right));
                let mut value = right.map_or(Value::Unknown, |right| self.value(right));
                if let Some(left) = cst.slot(id, left) {
                    if self.is_appended(left, right) {
                        let before = self.value(left);
                        let is_text = matches!(before, Value::Text(_)) || matches!(value, Value::Text(_));
                        value = if is_text { together(&[before, value], "", id) } else { before };
                    }
                    self.bind_pattern(left, value, right, true);
                }
            }
            Role::Declare(name, of, value) => {
                let given = cst.slot(id, value).map(|value| cst.only(value));
                let value = given.map_or(Value::Unknown, |value| self.value(value));
                let value = match (&value, cst.slot(id, of).or_else(|| self.type_before(id))) {
                    // What calls give that nobody knows is what the declaration says.
                    (Value::Name(name), None) if !name.path.starts_with('?') => value,
                    (Value::Name(name), _) if self.rules.knows(name.path.split(['.', '(']).next().unwrap_or_default()) => value,
                    // C++: `Client client{"…"}` is made by what stands between the braces.
                    (Value::Node(list), Some(of)) if cst.kind(*list) == "initializer_list" => self.instance(of, value),
                    (Value::Text(_) | Value::Node(_), _) => value,
                    (_, Some(of)) => self.instance(of, value),
                    _ => value,
                };
                if let Some(name) = cst.slot(id, name) {
                    self.bind_pattern(name, value, given, false);
                }
            }
            Role::Each(left, of) => {
                let of = cst.slot(id, of).map_or(Value::Unknown, |of| self.value(of));
                let part = self.part(&of);
                // `for (File file : files)`
                let part = cst.in_field(id, "type").map_or(part.clone(), |of| self.instance(of, part));
                // Python: what is made part by part has names of its own; what the rest of the function calls so is a module.
                let is_module = |left: &Id| {
                    let value = self.scopes.find(cst.text(*left), true);
                    let path = value.as_ref().and_then(Value::outer_path);
                    path.is_some_and(|path| self.scopes.modules.iter().any(|(module, _)| module == path))
                };
                let left = cst.slot(id, left).filter(|left| cst.kind(id) != "for_in_clause" || !is_module(left));
                // Go: `for at, file := range files`
                let left = left.and_then(|left| match cst.kind(id) {
                    "range_clause" => cst.children(left).last(),
                    _ => Some(left),
                });
                if let Some(left) = left {
                    self.bind_pattern(left, part, None, false);
                }
            }
            Role::Macro(name, text) => self.bind_macro(id, name, text),
            Role::Method(..) if self.manner.bare_calls => self.bind_mixed_in(id),
            Role::Command => self.bind_shell_alias(id),
            // The first parameter may be known from what the function is handed to.
            Role::Param(..) if cst.parent(id).is_some_and(|list| list + 1 == id && self.given_by_call(list).is_some()) => {}
            Role::Param(name, of) => self.bind_parameter(id, name, of),
            Role::Params => {
                for (at, child) in cst.children(id).enumerate() {
                    let given = if at == 0 { self.given_by_call(id) } else { None };
                    match cst.role(child) {
                        _ if given.is_some() => {
                            let pattern = cst.in_field(child, "pattern").unwrap_or(child);
                            self.bind_pattern(pattern, given.unwrap_or(Value::Unknown), None, false);
                        }
                        Role::Name => {
                            let name = cst.text(child);
                            // Python hands the object itself over under this name.
                            let is_this = matches!(name, "self" | "cls") && self.scopes.is_method();
                            self.scopes.bind(name, if is_this { Value::name("?this") } else { Value::local(name) });
                        }
                        Role::Param(..) | Role::Declare(..) => {}
                        _ => self.bind_pattern(child, Value::Unknown, None, false),
                    }
                }
            }
            Role::Function(name) => {
                let name = cst.slot(id, name).and_then(|name| self.innermost(name));
                let text = name.map(|name| cst.text(name).to_owned()).unwrap_or_default();
                let last = text.rsplit(['.', ':']).next().unwrap_or_default().to_owned();
                if !text.is_empty() && last == text {
                    let of_c = self.name_in_c(id, &text).map(|name| Value::name(format!("libc.{name}")));
                    self.scopes.bind(&text, of_c.unwrap_or_else(|| Value::local(&text)));
                    self.bind_result(id, &text);
                    self.bind_wrapper(id);
                }
                // `void Class::method()`, `func (s *S) method()`: what the class has is seen within.
                self.scopes.enter(id, Kind::Function, None);
                self.scopes.call_it(&text);
                return Some(text);
            }
            Role::Declared(name) => {
                let block = cst.parent(id).and_then(|list| cst.parent(list));
                if let Some(name) = cst.slot(id, name)
                    && block.is_some_and(|block| cst.kind(block) == "foreign_mod_item")
                {
                    let name = cst.text(name);
                    self.scopes.bind(name, Value::name(format!("libc.{name}")));
                }
            }
            Role::Lambda => {
                self.scopes.enter(id, Kind::Function, None);
                self.bind_block(id);
                // `name => …`
                let name = cst
                    .in_field(id, "parameter")
                    .or_else(|| cst.in_field(id, "parameters").filter(|one| matches!(cst.role(*one), Role::Name)));
                if let Some(name) = name {
                    let value = self.given_by_call(name).unwrap_or(Value::Unknown);
                    self.bind_pattern(name, value, None, false);
                }
                return Some(String::new());
            }
            // C: `struct stat *s` uses a type, and hides no function.
            Role::Class(_) if cst.kind(id) == "struct_specifier" && cst.in_field(id, "body").is_none() => {}
            Role::Class(name) => {
                let name = cst.slot(id, name).map(|name| cst.text(name)).unwrap_or_default();
                let name = name.split(['<', '(']).next().unwrap_or_default().trim();
                if !name.is_empty() {
                    self.scopes.bind(name, Value::name(format!("%{name}")));
                }
                let base = self.base_of(id);
                self.scopes.enter(id, Kind::Class, Some(name).filter(|name| !name.is_empty()));
                if let Some(base) = base {
                    self.scopes.derive_from(base);
                }
                return Some(name.to_owned());
            }
            Role::Other if cst.kind(id) == "return_statement" => self.bind_returned(id),
            _ => {}
        }
        None
    }

    /// Returns what a method of C# is called where it is defined, when that is in C: `[DllImport("libc", EntryPoint = "…")]`.
    fn name_in_c<'a>(&'a self, id: Id, name: &'a str) -> Option<&'a str> {
        let cst = self.cst;
        if cst.kind(id) != "method_declaration" || cst.in_field(id, "body").is_some() {
            return None;
        }
        let code = cst.text(id);
        let attribute = code.split_once("DllImport(").or_else(|| code.split_once("LibraryImport("))?.1;
        let entry = attribute.split_once("EntryPoint").and_then(|(_, rest)| rest.split('"').nth(1));
        Some(entry.unwrap_or(name))
    }

    /// Says whether something is added to what stands on the left, rather than put in its place.
    fn is_appended(&self, left: Id, right: Option<Id>) -> bool {
        let cst = self.cst;
        right.is_some_and(|right| matches!(cst.between(cst.bytes(left).end..cst.bytes(right).start).trim(), "+=" | ".=" | "<<="))
    }

    /// `builder.append("…").append(x)`: from here on the builder is that text.
    pub(super) fn remember_appended(&mut self, id: Id, called: &Called) {
        // A text that another one is joined to stays what it is.
        let is_append = called
            .callee
            .path()
            .is_some_and(|path| self.rules.follow(path) == Some(Follow::Append) && !path.ends_with(".concat"));
        let is_whole =
            self.cst.parent(id).is_none_or(|parent| !matches!(self.cst.role(parent), Role::Method(..) | Role::Member(..)));
        let (true, true, Some(mut object)) = (is_append, is_whole, called.receiver) else { return };
        for _ in 0..64 {
            match self.called(object).and_then(|inner| inner.receiver) {
                Some(receiver) => object = receiver,
                None => break,
            }
        }
        if matches!(self.cst.role(object), Role::Name) {
            let text = self.value(id);
            self.scopes.rebind(self.cst.text(object), text);
        }
    }

    /// A macro that is another name of something is that.
    fn bind_macro(&mut self, id: Id, name: Slot, text: Slot) {
        let cst = self.cst;
        let (Some(name), Some(text)) = (cst.slot(id, name), cst.slot(id, text)) else { return };
        let text = cst.text(text).trim();
        if cst.kind(id) == "preproc_def" && is_identifier(text) && !cst.text(name).eq(text) {
            let value = self.look_up(text);
            self.scopes.bind_in_file(cst.text(name), value);
        }
    }

    /// Returns what a parameter is when nothing is given for it.
    pub(super) fn default_of(&self, id: Id) -> Option<Id> {
        let cst = self.cst;
        cst.in_field(id, "value").or_else(|| cst.in_field(id, "default_value")).or_else(|| cst.in_field(id, "right"))
    }

    fn bind_parameter(&mut self, id: Id, name: Slot, of: Slot) {
        let cst = self.cst;
        let of = cst.slot(id, of);
        let mut value = of.map_or(Value::Unknown, |of| self.instance(of, Value::Unknown));
        if value == Value::Unknown
            && let Some(otherwise) = self.default_of(id)
            && let Value::Name(name) = self.value(otherwise)
            && !name.path.starts_with(['?', '%'])
        {
            value = Value::Name(name);
        }
        let bound = cst.slot(id, name);
        // Kotlin: the name of a property is a declaration within that of the property, which says what it is.
        let is_known =
            value == Value::Unknown && cst.parent(id).is_some_and(|parent| matches!(cst.role(parent), Role::Declare(..)));
        if let Some(bound) = bound.filter(|_| !is_known) {
            // Parameters of a constructor that are fields as well.
            if let Some(name) = self.innermost(bound).filter(|_| matches!(value, Value::Name(_))) {
                self.scopes.bind_field(cst.text(name), value.clone());
            }
            self.bind_pattern(bound, value, None, false);
        }
    }

    /// The type of a declarator stands before it, in the declaration around.
    fn type_before(&self, id: Id) -> Option<Id> {
        let parent = self.cst.parent(id)?;
        let of = self.cst.in_field(parent, "type")?;
        (of < id
            && matches!(
                self.cst.kind(parent),
                "declaration"
                    | "field_declaration"
                    | "local_variable_declaration"
                    | "variable_declaration"
                    | "property_declaration"
            ))
        .then_some(of)
    }

    /// Returns the name within a declarator.
    pub(super) fn innermost(&self, id: Id) -> Option<Id> {
        let mut at = id;
        for _ in 0..32 {
            let inner = self.cst.in_field(at, "declarator").or_else(|| {
                matches!(
                    self.cst.kind(at),
                    "reference_declarator"
                        | "parenthesized_declarator"
                        | "pointer_declarator"
                        | "variable_declaration"
                        | "mut_pattern"
                        | "ref_pattern"
                        | "variadic_declarator"
                )
                .then(|| self.cst.children(at).last())
                .flatten()
            });
            match inner {
                Some(inner) => at = inner,
                None => return Some(at),
            }
        }
        None
    }

    /// Binds the names of a pattern. `code` is where the value comes from.
    fn bind_pattern(&mut self, pattern: Id, value: Value, code: Option<Id>, again: bool) {
        let cst = self.cst;
        let Some(pattern) = self.innermost(pattern) else { return };
        let known = |name: &str, value: Value| match value {
            Value::Unknown => Value::local(name),
            other => other,
        };
        match cst.role(pattern) {
            Role::Name => {
                let name = cst.text(pattern);
                // What compilers write into each file to wrap modules is what it is called, however it is written.
                let wraps = name.starts_with('_') && self.rules.follow(&format!("?{name}")) == Some(Follow::Wrap);
                let value = if wraps { Value::local(name) } else { known(name, value) };
                if again && self.keeps_its_type(name, &value) {
                    return;
                }
                if again { self.scopes.rebind(name, value) } else { self.scopes.bind(name, value) }
            }
            Role::Member(object, name) => {
                let Some(name) = cst.slot(pattern, name) else { return };
                let object = cst.slot(pattern, object).map_or(Value::Unknown, |object| self.value(object));
                if object.path() == Some("?this") {
                    let name = cst.text(name);
                    let value = known(&format!("this.{name}"), value);
                    self.scopes.bind_field(name, value);
                }
            }
            Role::Pair(key, inner) => {
                let (Some(key), Some(inner)) = (cst.slot(pattern, key), cst.slot(pattern, inner)) else { return };
                let part = self.member(&value, cst.text(key));
                self.bind_pattern(inner, part, None, again);
            }
            Role::Wrap(inner) => {
                if let Some(inner) = cst.slot(pattern, inner).filter(|inner| *inner > pattern) {
                    self.bind_pattern(inner, value, code, again);
                }
            }
            Role::Object => {
                for child in cst.children(pattern) {
                    match cst.role(child) {
                        Role::Name => {
                            let part =
                                if value == Value::Unknown { Value::Unknown } else { self.member(&value, cst.text(child)) };
                            self.bind_pattern(child, part, None, again);
                        }
                        Role::Pair(..) => self.bind_pattern(child, value.clone(), None, again),
                        Role::Assign(left, _) => {
                            if let Some(left) = cst.slot(child, left) {
                                let part = self.member(&value, cst.text(left));
                                self.bind_pattern(left, part, None, again);
                            }
                        }
                        _ => self.bind_pattern(child, Value::Unknown, None, again),
                    }
                }
            }
            Role::List => {
                let values: Vec<Id> = match code {
                    Some(code) if matches!(cst.role(code), Role::List) => cst.children(code).collect(),
                    _ => Vec::new(),
                };
                for (at, child) in cst.children(pattern).enumerate() {
                    let part = match (values.get(at), at) {
                        (Some(part), _) => self.value(*part),
                        // `value, err := f()`
                        (None, 0) if values.len() <= 1 => match (values.first(), &value) {
                            (_, Value::Name(_) | Value::Text(_)) => value.clone(),
                            _ => Value::Unknown,
                        },
                        _ => Value::Unknown,
                    };
                    let code = values.get(at).copied();
                    self.bind_pattern(child, part, code, again);
                }
            }
            Role::Index(..) | Role::Call(..) | Role::Method(..) | Role::New(..) => {}
            // `{ path: name = otherwise }`
            Role::Param(name, _) => {
                if let Some(name) = cst.slot(pattern, name) {
                    self.bind_pattern(name, value, None, again);
                }
            }
            _ => {
                let mut at = pattern + 1;
                while at < cst.after(pattern) {
                    // Rust: a path within a pattern is what it names, and a guard binds nothing.
                    if matches!(cst.role(at), Role::Member(..)) || cst.field(at) == "condition" {
                        at = cst.after(at);
                        continue;
                    }
                    if matches!(cst.role(at), Role::Name) && !matches!(cst.field(at), "type" | "property" | "field") {
                        self.scopes.bind(cst.text(at), Value::local(cst.text(at)));
                    }
                    at += 1;
                }
            }
        }
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
