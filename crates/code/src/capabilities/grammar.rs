//! What the kinds of nodes of a language mean to the scan, so that one scan reads all languages.
//!
//! A language is a table (`languages/`): kinds to roles, with the places of their parts. What a table cannot say (imports, above all) is a
//! function beside it.

use std::collections::HashMap;

use super::cst::{Cst, Id};
use super::scope::Scopes;

/// Where a part of a node is found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// The child in this field.
    Field(&'static str),
    /// The child at this place, comments left out.
    Child(usize),
    /// The last child.
    Last,
    /// The first child of this kind.
    Kind(&'static str),
    /// There is none.
    Nothing,
}

/// What a node is to the scan.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Only what is below matters.
    Other,
    Comment,
    /// Nothing below says what the program does: types, attributes.
    Skip,
    Name,
    /// The receiver of the method that is being defined.
    This,
    /// An object and the name of its part.
    Member(Slot, Slot),
    /// An object and what stands between the brackets.
    Index(Slot, Slot),
    /// A called expression and the arguments.
    Call(Slot, Slot),
    /// An object (perhaps none), the name of the method, the arguments.
    Method(Slot, Slot, Slot),
    /// A class and the arguments.
    New(Slot, Slot),
    /// The name and the value of an argument that has a name.
    Named(Slot, Slot),
    /// A key and its value in a literal.
    Pair(Slot, Slot),
    /// It is what this part of it is.
    Wrap(Slot),
    /// A generic type: what it is of, and its arguments.
    Generic(Slot, Slot),
    Text,
    /// A piece of a text as it stands.
    Content,
    Escape,
    /// A value within a text.
    Hole(Slot),
    /// Texts put beside each other.
    Concat,
    Binary(Slot, Slot, Slot),
    /// A condition's two outcomes.
    Either(Slot, Slot),
    /// What is set, and to what.
    Assign(Slot, Slot),
    /// The name, the type and the value of a variable.
    Declare(Slot, Slot, Slot),
    /// What stands for each part of something, and that something.
    Each(Slot, Slot),
    /// A macro of a preprocessor: its name and its text.
    Macro(Slot, Slot),
    /// The name and type of a parameter.
    Param(Slot, Slot),
    /// Parameters: names in it are local.
    Params,
    Function(Slot),
    /// A function that is declared here and defined elsewhere: its name.
    Declared(Slot),
    Lambda,
    Class(Slot),
    Import,
    /// Keys with values.
    Object,
    List,
    Literal,
    /// A command of a shell.
    Command,
    /// A string that is run by a shell.
    Shell,
}

/// How a language differs beyond its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Names of a class are seen within its methods without a receiver.
    pub(super) class_names_are_seen: bool,
    /// A name that stands alone may be a call.
    pub(super) bare_calls: bool,
    /// `object["name"]` is `object.name`.
    pub(super) index_is_member: bool,
    /// Functions begin with a capital, so that a name with one need be no class.
    pub(super) functions_are_capital: bool,
    /// What an import of everything brings in may be functions.
    pub(super) wildcards_have_functions: bool,
    /// All of a package is imported so often that what comes of it is not known by what the file calls.
    pub(super) wildcards_are_common: bool,
    /// Prefixes that every file has imported.
    pub(super) prelude: &'static [&'static str],
    /// The parts of a name are separated by any of these.
    pub(super) separators: &'static [&'static str],
    /// Binds what an import brings in.
    pub(super) import: fn(&Cst<'_>, Id, &mut Scopes),
}

/// A language, by the ids of its grammar.
pub(super) struct Grammar {
    roles: Vec<Role>,
    kinds: Vec<Box<str>>,
    fields: Vec<Box<str>>,
    pub(super) language: tree_sitter::Language,
    pub(super) manner: Manner,
}

impl Grammar {
    pub(super) fn new(language: tree_sitter::Language, table: &[(&str, Role)], manner: Manner) -> Self {
        let table: HashMap<&str, Role> = table.iter().copied().collect();
        let ids = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let kinds: Vec<Box<str>> = ids.clone().map(|id| language.node_kind_for_id(id).unwrap_or_default().into()).collect();
        let roles =
            ids.zip(&kinds)
                .map(|(id, kind)| {
                    if language.node_kind_is_named(id) { table.get(&**kind).copied().unwrap_or(Role::Other) } else { Role::Other }
                })
                .collect();
        let fields = 0..=u16::try_from(language.field_count()).unwrap_or(u16::MAX);
        let fields = fields.map(|id| language.field_name_for_id(id).unwrap_or_default().into()).collect();
        Self { roles, kinds, fields, language, manner }
    }

    pub(super) fn role(&self, kind: u16) -> Role {
        if kind == u16::MAX {
            return Role::Other;
        }
        self.roles.get(usize::from(kind)).copied().unwrap_or(Role::Other)
    }

    pub(super) fn kind(&self, kind: u16) -> &str {
        if kind == u16::MAX {
            return "ERROR";
        }
        self.kinds.get(usize::from(kind)).map_or("", |kind| kind)
    }

    pub(super) fn field(&self, field: u16) -> &str {
        self.fields.get(usize::from(field)).map_or("", |field| field)
    }
}
