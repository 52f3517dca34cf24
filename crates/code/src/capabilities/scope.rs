//! What names stand for, scope by scope.

use hashbrown::HashMap;

use super::cst::Id;
use super::value::Value;

/// The index of a scope.
pub(super) type ScopeId = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Function,
    Class,
}

struct Scope {
    parent: Option<ScopeId>,
    kind: Kind,
    names: HashMap<String, Value>,
    /// What a class is derived from; what a block acts on.
    unsaid: Option<String>,
    /// What a function is called.
    name: Option<Box<str>>,
}

/// All scopes of a file, and where the walk is among them.
pub(super) struct Scopes {
    all: Vec<Scope>,
    by_node: HashMap<Id, ScopeId>,
    classes: HashMap<String, ScopeId>,
    pub(super) current: ScopeId,
    /// Prefixes under which a name that is bound nowhere may be found.
    pub(super) wild: Vec<String>,
    /// What is imported, as it is written there.
    pub(super) modules: Vec<(String, Id)>,
}

impl Scopes {
    pub(super) fn new(prelude: &[&str]) -> Self {
        Self {
            all: vec![Scope { parent: None, kind: Kind::File, names: HashMap::new(), unsaid: None, name: None }],
            by_node: HashMap::new(),
            classes: HashMap::new(),
            current: 0,
            wild: prelude.iter().map(|prefix| (*prefix).to_owned()).collect(),
            modules: Vec::new(),
        }
    }

    /// Goes into the scope of a node; makes it where there is none. Parts of one class share a scope.
    pub(super) fn enter(&mut self, node: Id, kind: Kind, class: Option<&str>) {
        if let Some(known) = self.by_node.get(&node) {
            self.current = *known;
            return;
        }
        if let Some(known) = class.and_then(|class| self.classes.get(class)) {
            self.by_node.insert(node, *known);
            self.current = *known;
            return;
        }
        self.all.push(Scope { parent: Some(self.current), kind, names: HashMap::new(), unsaid: None, name: None });
        self.current = self.all.len() - 1;
        self.by_node.insert(node, self.current);
        if let Some(class) = class {
            self.classes.insert(class.to_owned(), self.current);
        }
    }

    /// Says what the function is called that the walk has come into.
    pub(super) fn call_it(&mut self, name: &str) {
        if let Some(scope) = self.all.get_mut(self.current) {
            scope.name = Some(name).filter(|name| !name.is_empty()).map(Into::into);
        }
    }

    /// Binds what the function gives that the walk is in, where nothing is known of that.
    pub(super) fn bind_given(&mut self, value: Value) {
        let function = self.all.get(self.current).filter(|scope| scope.kind == Kind::Function);
        let Some((name, parent)) = function.and_then(|scope| scope.name.as_deref().zip(scope.parent)) else { return };
        let name = format!("{name}()");
        if !self.all.get(parent).is_some_and(|around| around.names.contains_key(&name)) {
            self.bind_in(parent, &name, value);
        }
    }

    /// Says what the class is derived from that the walk is in.
    pub(super) fn derive_from(&mut self, base: String) {
        if let Some(scope) = self.class().and_then(|at| self.all.get_mut(at)) {
            scope.unsaid = Some(base);
        }
    }

    /// Says what the block acts on that the walk is in.
    pub(super) fn act_on(&mut self, object: &str) {
        if let Some(scope) = self.all.get_mut(self.current) {
            scope.unsaid = Some(object.to_owned());
        }
    }

    /// Returns what a class of this file is derived from; without a class, that which the walk is in.
    pub(super) fn base(&self, class: Option<&str>) -> Option<&str> {
        let class = match class {
            Some(class) => *self.classes.get(class)?,
            None => self.class()?,
        };
        self.all.get(class)?.unsaid.as_deref()
    }

    /// Returns what the blocks act on that the walk is in, from the innermost on.
    pub(super) fn acted_on(&self) -> impl Iterator<Item = &str> {
        let around = std::iter::successors(self.all.get(self.current), |scope| self.all.get(scope.parent?));
        around.filter(|scope| scope.kind == Kind::Function).filter_map(|scope| scope.unsaid.as_deref())
    }

    /// Says whether the walk is directly in a class.
    pub(super) fn is_in_class(&self) -> bool {
        self.all.get(self.current).is_some_and(|scope| scope.kind == Kind::Class)
    }

    /// Says whether the walk is in a function that is directly in a class.
    pub(super) fn is_method(&self) -> bool {
        let around = self.all.get(self.current).and_then(|scope| self.all.get(scope.parent?));
        around.is_some_and(|scope| scope.kind == Kind::Class)
    }

    /// Binds a name where the walk is. That something may also be nothing does not change what it is.
    pub(super) fn bind(&mut self, name: &str, value: Value) {
        self.bind_in(self.current, name, value);
    }

    /// Binds a name for the whole file.
    pub(super) fn bind_in_file(&mut self, name: &str, value: Value) {
        self.bind_in(0, name, value);
    }

    /// Binds a name of the class that the walk is in.
    pub(super) fn bind_field(&mut self, name: &str, value: Value) {
        if let Some(class) = self.class() {
            self.bind_in(class, name, value);
        }
    }

    /// Binds a name that is bound already where it is; a new one where the walk is.
    pub(super) fn rebind(&mut self, name: &str, value: Value) {
        if name.starts_with('@') && self.class().is_some() {
            return self.bind_field(name, value);
        }
        let mut at = Some(self.current);
        while let Some(scope) = at.and_then(|at| self.all.get(at)) {
            if scope.names.contains_key(name) && scope.kind != Kind::File {
                break;
            }
            at = scope.parent;
        }
        self.bind_in(at.unwrap_or(self.current), name, value);
    }

    fn bind_in(&mut self, scope: ScopeId, name: &str, value: Value) {
        let Some(scope) = self.all.get_mut(scope) else { return };
        let is_nothing = matches!(&value, Value::Literal(text) if matches!(&**text, "None" | "null" | "nil" | "undefined" | "nullptr" | "NULL"));
        if is_nothing && matches!(scope.names.get(name), Some(Value::Name(_))) {
            return;
        }
        // What is `$name` in a class of PHP is `name` to all that speaks of it.
        let name = if scope.kind == Kind::Class { name.trim_start_matches('$') } else { name };
        scope.names.insert(name.to_owned(), value);
    }

    /// Returns what a name stands for where the walk is; `None` when nothing in the file binds it.
    pub(super) fn find(&self, name: &str, class_names_are_seen: bool) -> Option<Value> {
        let mut at = Some(self.current);
        while let Some(scope) = at.and_then(|at| self.all.get(at)) {
            let is_seen = scope.kind != Kind::Class || class_names_are_seen || at == Some(self.current);
            if let Some(value) = scope.names.get(name).filter(|_| is_seen) {
                return Some(value.clone());
            }
            at = scope.parent;
        }
        None
    }

    /// Returns what a part of a class of this file is; without a class, of the one that the walk is in.
    pub(super) fn find_field(&self, class: Option<&str>, name: &str) -> Option<Value> {
        let class = match class {
            Some(class) => *self.classes.get(class)?,
            None => self.class()?,
        };
        self.all.get(class)?.names.get(name).cloned()
    }

    fn class(&self) -> Option<ScopeId> {
        let mut at = Some(self.current);
        while let Some(scope) = at.and_then(|at| self.all.get(at)) {
            if scope.kind == Kind::Class {
                return at;
            }
            at = scope.parent;
        }
        None
    }
}
