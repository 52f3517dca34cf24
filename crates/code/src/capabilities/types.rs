//! What a name stands for by what is declared: types, what functions give, and the parts of what holds several.

use super::call::Called;
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::value::Value;

/// Begins and ends what several of something are of: `*java.io.File()*`, `*java.io.File()*.stream()`.
pub(super) const SEVERAL: char = '*';

/// Types within types are followed this far.
const DEEPEST: usize = 6;

/// What holds one of something, and is that for us: `Arc<Client>`, `std::unique_ptr<QProcess>`, `Option<T>`.
const HOLDS_ONE: &[&str] = &[
    "Arc",
    "Rc",
    "Box",
    "Option",
    "Mutex",
    "RwLock",
    "RefCell",
    "Pin",
    "unique_ptr",
    "shared_ptr",
    "make_unique",
    "make_shared",
    "optional",
    "Optional",
    "Lazy",
    "LazyLock",
    "OnceCell",
    "OnceLock",
    "Provider",
    "Supplier",
    "Task",
    "QPointer",
    "QScopedPointer",
    "Annotated",
    "Final",
    "ClassVar",
    "Awaitable",
    "Promise",
    "Readonly",
    "Partial",
    "Required",
    "NonNullable",
    "Nullable",
    "Future",
    "CompletableFuture",
    "ValueTask",
    "ObjectProvider",
    "AtomicReference",
    "ThreadLocal",
    "Union",
    "Result",
    "Cow",
];

/// What holds several of something.
const HOLDS_SEVERAL: &[&str] = &[
    "list",
    "List",
    "Sequence",
    "MutableSequence",
    "Iterable",
    "Iterator",
    "Collection",
    "set",
    "Set",
    "frozenset",
    "tuple",
    "Tuple",
    "deque",
    "Generator",
    "AsyncIterator",
    "AsyncIterable",
    "Vec",
    "VecDeque",
    "HashSet",
    "BTreeSet",
    "ArrayList",
    "LinkedList",
    "Stream",
    "Queue",
    "Deque",
    "IEnumerable",
    "IList",
    "ICollection",
    "IReadOnlyList",
    "IReadOnlyCollection",
    "Array",
    "ReadonlyArray",
    "MutableList",
    "Flow",
    "Flux",
    "Seq",
    "vector",
    "span",
];

/// Methods of what holds several that give one of it.
const GIVES_ONE: &[&str] = &[
    "get",
    "first",
    "last",
    "next",
    "pop",
    "find",
    "at",
    "First",
    "Last",
    "Single",
    "FirstOrDefault",
    "findFirst",
    "findAny",
    "getFirst",
    "getLast",
    "poll",
    "peek",
    "shift",
    "nth",
    "head",
    "element",
    "elementAt",
    "ElementAt",
];

/// Says whether a generic type of this name is what it holds.
pub(super) fn holds_one(name: &str) -> bool {
    HOLDS_ONE.contains(&name)
}

impl Evaluator<'_, '_> {
    /// Returns an object of a type, where the type leads outside of this file or is a class of it.
    pub(super) fn instance(&mut self, of: Id, otherwise: Value) -> Value {
        match self.object_of(of, 0) {
            Some(path) => Value::name(self.rules.same(&path)),
            None => otherwise,
        }
    }

    fn object_of(&mut self, of: Id, depth: usize) -> Option<String> {
        let cst = self.cst;
        if depth > DEEPEST {
            return None;
        }
        let first_of = |this: &mut Self, id: Id| {
            let parts: Vec<Id> = cst.children(id).take(8).collect();
            parts.into_iter().find_map(|part| this.object_of(part, depth + 1))
        };
        match (cst.kind(of), cst.role(of)) {
            ("union_type" | "binary_operator" | "nullable_type" | "optional_type", _) => first_of(self, of),
            ("array_type" | "slice_type", _) => several(first_of(self, of)?),
            ("generic_type" | "subscript" | "generic_name" | "template_type", _) | (_, Role::Generic(..)) => {
                let mut parts = cst.children(of);
                let base = match cst.role(of) {
                    Role::Generic(base, _) => cst.slot(of, base)?,
                    _ => parts.next()?,
                };
                let name = cst.text(base).rsplit(['.', ':']).next().unwrap_or_default();
                if !HOLDS_ONE.contains(&name) && !HOLDS_SEVERAL.contains(&name) {
                    return self.plain_object_of(of);
                }
                let arguments = match cst.role(of) {
                    Role::Generic(_, arguments) => cst.slot(of, arguments),
                    _ => cst.children(of).find(|part| *part > base),
                };
                let arguments = arguments?;
                let inner = match cst.kind(of) {
                    "subscript" => self.object_of(arguments, depth + 1),
                    _ => first_of(self, arguments),
                }?;
                if HOLDS_SEVERAL.contains(&name) { several(inner) } else { Some(inner) }
            }
            // Python: a type that is written as a text.
            (_, Role::Text) => {
                let text = cst.text(of).trim_matches(['"', '\'']);
                let name = text.split(['[', ' ', '|']).next().filter(|name| !name.is_empty() && name.len() < 128)?;
                let mut parts = name.split('.');
                let first = self.look_up(parts.next()?);
                object(parts.fold(first, |object, part| self.member(&object, part)).path()?)
            }
            (_, Role::Wrap(inner)) => match cst.slot(of, inner) {
                Some(inner) if inner > of => self.object_of(inner, depth + 1),
                _ => None,
            },
            ("type_parameter" | "type", _) => first_of(self, of),
            _ => self.plain_object_of(of),
        }
    }

    fn plain_object_of(&mut self, of: Id) -> Option<String> {
        if matches!(self.cst.text(of), "var" | "auto" | "val" | "None" | "null" | "undefined" | "void") {
            return None;
        }
        object(self.value(of).path()?)
    }

    /// Returns what stands for each part of something: `for part in all`, `all.forEach(part => …)`.
    pub(super) fn part(&mut self, all: &Value) -> Value {
        let name = match all {
            Value::Name(name) => name,
            // `for path in [start, *start.parents]`
            Value::Node(list) if matches!(self.cst.role(*list), Role::List) => {
                let first = self.cst.children(*list).next().map_or(Value::Unknown, |first| self.value(first));
                return if first.outer_path().is_some() { first } else { Value::Unknown };
            }
            _ => return Value::Unknown,
        };
        match name.path.strip_prefix(SEVERAL) {
            Some(rest) => Value::name(rest.split(SEVERAL).next().unwrap_or_default()),
            None if name.path.starts_with('?') => Value::Unknown,
            None => Value::spelt(self.rules.same(&format!("{}.each()", name.path)), name.spelling),
        }
    }

    /// Returns what a method of several things gives, where that is one of them.
    pub(super) fn one_of_several(&self, path: &str) -> Option<Value> {
        let (all, method) = path.strip_prefix(SEVERAL)?.rsplit_once('.')?;
        let one = all.split(SEVERAL).next().unwrap_or_default();
        GIVES_ONE.contains(&method).then(|| Value::name(one))
    }

    /// Binds what a function of this file gives, by its type: `def make() -> Session`.
    pub(super) fn bind_result(&mut self, function: Id, name: &str) {
        let cst = self.cst;
        let of = ["return_type", "result", "returns", "type"].iter().find_map(|field| cst.in_field(function, field));
        let Some(of) = of else { return };
        let Value::Name(result) = self.instance(of, Value::Unknown) else { return };
        if self.is_property(function) {
            self.scopes.bind(name, Value::Name(result.clone()));
        }
        self.scopes.bind(&format!("{name}()"), Value::Name(result));
    }

    /// Binds what a function of this file gives, by what it returns.
    pub(super) fn bind_returned(&mut self, statement: Id) {
        let Some(what) = self.cst.children(statement).next() else { return };
        let value = self.value(what);
        if value.outer_path().is_some_and(|path| self.rules.knows(path.trim_end_matches("()"))) {
            self.scopes.bind_given(value);
        }
    }

    /// Says whether what is known of a name by its type is more than what a new value of it tells.
    pub(super) fn keeps_its_type(&self, name: &str, value: &Value) -> bool {
        let is_known = |value: &Value| value.outer_path().is_some_and(|path| self.rules.knows(path.trim_end_matches("()")));
        if !self.manner.class_names_are_seen || !matches!(value, Value::Name(_)) || is_known(value) {
            return false;
        }
        // `File file = null;` and then `file = made();`: but in Ruby a variable is of no type.
        let is_object = |value: &Value| value.path().is_some_and(|path| path.ends_with("()")) && !self.manner.bare_calls;
        let of_class = self.scopes.find_field(None, name);
        of_class.is_some_and(|typed| is_known(&typed))
            || self.scopes.find(name, true).is_some_and(|typed| is_object(&typed) && is_known(&typed))
    }

    fn is_property(&self, function: Id) -> bool {
        let cst = self.cst;
        let around = cst.parent(function).filter(|around| cst.kind(*around) == "decorated_definition");
        around.is_some_and(|around| cst.between(cst.bytes(around).start..cst.bytes(function).start).contains("property"))
    }

    /// Returns what calling a function of this file gives, where that is known.
    pub(super) fn result_of(&mut self, called: &Called) -> Option<Value> {
        match &called.callee {
            Value::Name(name) => {
                let name = name.path.strip_prefix('?').filter(|name| !name.contains(['.', '[']))?;
                self.scopes.find(&format!("{name}()"), true)
            }
            // `() => new Client()`
            Value::Node(lambda) if matches!(self.cst.role(*lambda), Role::Lambda) => {
                let body = self.cst.in_field(*lambda, "body")?;
                let value = self.value(body);
                value.outer_path().is_some().then_some(value)
            }
            _ => None,
        }
    }
}

/// Returns the path of an object of a class.
fn object(class: &str) -> Option<String> {
    if class.starts_with('?') {
        return None;
    }
    Some(if class.ends_with(')') { class.to_owned() } else { format!("{class}()") })
}

/// Returns the path of several of something.
fn several(one: String) -> Option<String> {
    Some(if one.starts_with(SEVERAL) { one } else { format!("{SEVERAL}{one}{SEVERAL}") })
}
