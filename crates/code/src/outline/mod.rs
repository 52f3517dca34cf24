//! The outline of a file: its definitions, what it mentions and what it imports, by one walk over its tree.
//!
//! Each language is a table (`languages/`) that says what its kinds of nodes mean; `walk.rs` follows it. It is a walk and not a set of
//! tree-sitter queries because the walk must cost little beside the parse (see `docs/decisions/0011-a-walk-and-not-queries.md`).
//! Mentions of local variables and parameters are left out: what remains may mean something outside of its function.

mod declared;
mod defines;
mod facts;
mod imports;
mod languages;
mod lexing;
mod marks;
mod table;
#[cfg(test)]
mod tests;
mod walk;

use domain::Language;
use serde::{Deserialize, Serialize};

pub(crate) use facts::{Facts, Names, Qualifier, RawDefinition, RawImport, RawReference};
pub(crate) use walk::facts;

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Function,
    Method,
    Class,
    Struct,
    Union,
    Enum,
    Interface,
    Trait,
    /// A typedef or another alias of a type.
    Type,
    Macro,
    /// A module or namespace.
    Module,
    /// Methods added to a type elsewhere: Rust's `impl`.
    Impl,
    Variable,
    /// A constant, or one value of an enumeration.
    Constant,
    /// A test that is no function: `it("adds", …)`, `TEST(Suite, name)`.
    Test,
}

impl Kind {
    const ALL: [Self; 15] = [
        Self::Function,
        Self::Method,
        Self::Class,
        Self::Struct,
        Self::Union,
        Self::Enum,
        Self::Interface,
        Self::Trait,
        Self::Type,
        Self::Macro,
        Self::Module,
        Self::Impl,
        Self::Variable,
        Self::Constant,
        Self::Test,
    ];

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Returns the kind as a word, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Method => "method",
            Self::Class => "class",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Interface => "interface",
            Self::Trait => "trait",
            Self::Type => "type",
            Self::Macro => "macro",
            Self::Module => "module",
            Self::Impl => "impl",
            Self::Variable => "variable",
            Self::Constant => "constant",
            Self::Test => "test",
        }
    }

    /// Says whether it can be called and has a body: a function or a method.
    #[must_use]
    pub fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Method)
    }

    /// Says whether it is a type in the widest sense: what `fixwright code type` finds.
    #[must_use]
    pub fn is_type(self) -> bool {
        self.holds_methods() || matches!(self, Self::Union | Self::Type)
    }

    /// Says whether functions within it are its methods.
    pub(crate) fn holds_methods(self) -> bool {
        matches!(self, Self::Class | Self::Struct | Self::Enum | Self::Interface | Self::Trait | Self::Impl)
    }
}

/// How a name is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is called, or expanded as a macro.
    Call,
    /// It stands where only a type can.
    Type,
    /// It is read, written or passed on.
    Use,
    /// It is imported.
    Import,
}

impl Role {
    pub(crate) fn from_number(number: u8) -> Self {
        match number & 3 {
            0 => Self::Call,
            1 => Self::Type,
            2 => Self::Use,
            _ => Self::Import,
        }
    }

    /// Returns the role as a word, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Type => "type",
            Self::Use => "use",
            Self::Import => "import",
        }
    }
}

/// A declaration without a body: a prototype, a method of an interface.
pub(crate) const DECLARATION: u16 = 1;
/// A test.
pub(crate) const TEST: u16 = 2;
/// The entry point of a fuzzing harness.
pub(crate) const HARNESS: u16 = 4;
/// Only known within its file: `static` in C.
pub(crate) const LOCAL: u16 = 8;

/// A definition in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Its name, without what it stands in.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub line_end: u32,
    /// The line of the name.
    pub name_line: u32,
    /// What it stands in or belongs to, the outermost first.
    pub container: Vec<String>,
    /// Which of the outline's definitions it stands in.
    pub parent: Option<usize>,
    /// It has no body.
    pub declaration: bool,
    /// It is a test.
    pub test: bool,
    /// It is the entry point of a fuzzing harness.
    pub harness: bool,
}

/// An import of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The module or file that is imported, as it is written.
    pub module: String,
    /// The name that is taken out of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is called here, where that is another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// All of its names are taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub star: bool,
    /// The line, from 1.
    pub line: u32,
}

/// The outline of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// The definitions, in the order of the text, each after what it stands in.
    pub definitions: Vec<Definition>,
    /// The imports.
    pub imports: Vec<Import>,
    /// The text holds stretches that do not parse: what stands there may be missing.
    pub errors: bool,
}

/// Returns the outline of a file. `None` where [`crate::parse`] would not read it.
///
/// ```
/// let outline = code::outline(domain::Language::Python, b"class A:\n    def f(self):\n        pass\n").unwrap();
/// assert_eq!(outline.definitions[1].name, "f");
/// assert_eq!(outline.definitions[1].container, ["A"]);
/// ```
#[must_use]
pub fn outline(language: Language, text: &[u8]) -> Option<Outline> {
    let facts = facts(language, text)?;
    let word = |name: u32| String::from_utf8_lossy(facts.names.get(name)).into_owned();
    let definitions = facts.definitions.iter().map(|one| Definition {
        name: word(one.name),
        kind: one.kind,
        line: one.start,
        line_end: one.end,
        name_line: one.line,
        container: container(&facts.definitions, one).into_iter().map(word).collect(),
        parent: one.parent.map(|parent| parent as usize),
        declaration: one.flags & DECLARATION != 0,
        test: one.flags & TEST != 0,
        harness: one.flags & HARNESS != 0,
    });
    let imports = facts.imports.iter().map(|one| Import {
        module: word(one.module),
        name: one.name.map(word),
        alias: one.alias.map(word),
        star: one.star,
        line: one.line,
    });
    Some(Outline { definitions: definitions.collect(), imports: imports.collect(), errors: facts.errors })
}

/// Returns the names of what a definition stands in or belongs to, the outermost first.
pub(crate) fn container(all: &[RawDefinition], one: &RawDefinition) -> Vec<u32> {
    let mut names: Vec<u32> = one.owner.into_iter().collect();
    let mut at = one.parent;
    while let Some(parent) = at.and_then(|at| all.get(at as usize)) {
        names.extend(std::iter::once(parent.name).chain(parent.owner));
        // A parent stands before its children, so this ends; a damaged index might say otherwise.
        at = parent.parent.filter(|above| Some(*above) < at);
    }
    names.reverse();
    names
}
