//! What the kinds of nodes of a language mean: written as names in `languages/`, looked up by number in the walk.

use std::sync::OnceLock;

use domain::Language;
use tree_sitter::{Language as Grammar, Node};

use super::Kind;
use super::languages;

/// A language, as `languages/` writes it.
pub(super) struct Table {
    /// Kinds below which there is nothing to find.
    pub(super) leaves: &'static [&'static str],
    /// Kinds that are names, and what a mention of one means unless it is called.
    pub(super) names: &'static [(&'static str, Mention)],
    /// Kinds that define something.
    pub(super) defines: &'static [Define],
    /// Kinds of which one field, or (with an empty field) all children, makes local names.
    pub(super) binds: &'static [(&'static str, &'static str)],
    /// Kinds of which the name in a field is a label: neither a definition nor a mention.
    pub(super) labels: &'static [(&'static str, &'static str)],
    /// Kinds that stand around a definition and belong to it: decorators, `export`. One with a source imports what it hands on.
    pub(super) outer: &'static [&'static str],
    /// Kinds that import.
    pub(super) imports: &'static [&'static str],
    /// Kinds that are read as words, and not node by node: what they hold is known well enough by its neighbours.
    pub(super) flat: &'static [&'static str],
    /// Functions without a name: they have local names, and are no definitions.
    pub(super) scopes: &'static [&'static str],
    /// How mentions are told apart by what stands around them.
    pub(super) words: Words,
}

/// What a name of some kind means where it is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention {
    Use,
    Type,
    /// Something only after a dot or an arrow; a label elsewhere.
    Member,
}

/// How the words of a language are told apart by their neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// Fields that are not called mean nothing: C's cannot be told apart by their names.
    pub(super) drops_fields: bool,
    /// `name!(…)` is a call.
    pub(super) bang: bool,
    /// `name<T>(…)` is a call.
    pub(super) generics: bool,
}

/// The words of most languages.
pub(super) const WORDS: Words = Words { drops_fields: false, bang: false, generics: false };

/// How a kind of node defines something.
pub(super) struct Define {
    /// The kind of node.
    pub(super) node: &'static str,
    /// What it defines.
    pub(super) is: Kind,
    /// Finds what it defines.
    pub(super) how: How,
}

/// How the names are found that a node defines.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// The field holds the name.
    Field(&'static str),
    /// As [`How::Field`], and the node must have a body: without one it only mentions the type.
    WithBody(&'static str),
    /// As [`How::Field`]; without a name, or with that of what it is given to, it is a function that only has local names.
    Named(&'static str),
    /// The body of what a macro defines at the beginning of a line: `SYSCALL_DEFINE3(read, …) { … }` is called `read`.
    OfMacro,
    /// The function looks for itself.
    By(for<'t> fn(Node<'t>, Site<'t>) -> Vec<Found<'t>>),
}

/// Where a node stands.
#[derive(Clone, Copy)]
pub(super) struct Site<'t> {
    pub(super) text: &'t [u8],
    /// Within a function: what it declares is local.
    pub(super) in_function: bool,
    /// Directly within a type.
    pub(super) in_type: bool,
}

/// A name that a node defines.
pub(super) struct Found<'t> {
    pub(super) name: Node<'t>,
    pub(super) kind: Option<Kind>,
    pub(super) owner: Option<Node<'t>>,
    pub(super) flags: u16,
    /// Local to the function: it is no definition, and its mentions are left out.
    pub(super) local: bool,
}

impl<'t> Found<'t> {
    pub(super) fn new(name: Node<'t>) -> Self {
        Self { name, kind: None, owner: None, flags: 0, local: false }
    }
}

/// What to do at a node, by the number of its kind.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    Pass,
    Leaf,
    Name(Mention),
    Define(&'static Define),
    Bind(&'static str),
    Label(&'static str),
    Outer,
    Import,
    Flat,
    Scope,
}

/// The rules of one grammar.
pub(super) struct Rules {
    by_kind: Vec<Rule>,
    pub(super) words: Words,
    pub(super) language: Language,
}

impl Rules {
    fn new(language: Language, grammar: &Grammar, table: &'static Table) -> Self {
        let count = grammar.node_kind_count();
        let mut by_kind = vec![Rule::Pass; count];
        let mut set = |name: &str, rule: Rule| {
            // One name may stand for several numbers (aliases), and some are only in one of two related grammars.
            for (kind, slot) in by_kind.iter_mut().enumerate() {
                let kind = u16::try_from(kind).unwrap_or(u16::MAX);
                if grammar.node_kind_is_named(kind) && grammar.node_kind_for_id(kind) == Some(name) {
                    *slot = rule;
                }
            }
        };
        table.leaves.iter().for_each(|name| set(name, Rule::Leaf));
        table.flat.iter().for_each(|name| set(name, Rule::Flat));
        table.names.iter().for_each(|(name, role)| set(name, Rule::Name(*role)));
        table.binds.iter().for_each(|(name, field)| set(name, Rule::Bind(field)));
        table.labels.iter().for_each(|(name, field)| set(name, Rule::Label(field)));
        table.outer.iter().for_each(|name| set(name, Rule::Outer));
        table.scopes.iter().for_each(|name| set(name, Rule::Scope));
        table.defines.iter().for_each(|define| set(define.node, Rule::Define(define)));
        table.imports.iter().for_each(|name| set(name, Rule::Import));
        for (kind, slot) in by_kind.iter_mut().enumerate() {
            if !grammar.node_kind_is_named(u16::try_from(kind).unwrap_or(u16::MAX)) {
                *slot = Rule::Leaf;
            }
        }
        Self { by_kind, words: table.words, language }
    }

    /// Returns what to do at a node of this kind. Errors are passed through.
    pub(super) fn rule(&self, kind: u16) -> Rule {
        self.by_kind.get(usize::from(kind)).copied().unwrap_or(Rule::Pass)
    }
}

/// Returns the rules for a tree of this grammar; they are made once.
pub(super) fn rules(language: Language, grammar: &Grammar) -> Option<&'static Rules> {
    // A file of one language may have been read by the grammar of another (TSX, C++), so the grammar decides.
    const GRAMMARS: usize = 16;
    static MADE: [OnceLock<Option<Rules>>; GRAMMARS] = [const { OnceLock::new() }; GRAMMARS];
    let language = languages::really(language, grammar);
    let slot = match (language, languages::is_tsx(grammar)) {
        (Language::TypeScript, true) => GRAMMARS - 1,
        (other, _) => other as usize,
    };
    MADE.get(slot)?.get_or_init(|| Some(Rules::new(language, grammar, languages::table(language)?))).as_ref()
}
