//! The walk over a tree, by the rules of its language.
//!
//! It goes over each node once and without recursion, interns names into one table, and throws away at the end of each function what
//! turned out to be a local name in it.

use std::ops::Range;
use std::time::Duration;

use domain::Language;
use tree_sitter::{Node, Tree};

use super::defines::Cut;
use super::facts::{Facts, MAX_NAME, Qualifier, RawDefinition, RawReference};
use super::lexing;
use super::table::{Define, Found, How, Mention, Rule, Rules, Site, rules};
use super::{DECLARATION, Kind, Role, declared, imports, marks};
use crate::parsing::{MAX_BYTES, parse_alone};

/// What nests deeper is not followed: no person writes it, and each level costs.
const MAX_DEPTH: usize = 2000;
/// Functions nested deeper than this keep the mentions of their local names: leaving them out costs for each level.
const MAX_FUNCTIONS: usize = 32;
/// Names that were declared ahead of the walk; more of them only when the walk went past some.
const MAX_DECLARED: usize = 64;
/// Bodies that may be of macros; finding the name of one costs more the more a file holds.
const MAX_MACROS: usize = 1000;
/// A file gets no more time than this.
const MAX_TIME: Duration = Duration::from_secs(2);

/// Returns what a file says of itself. `None` when it cannot be parsed within bounds.
pub(crate) fn facts(language: Language, text: &[u8]) -> Option<Facts> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let cut = if matches!(language, Language::C | Language::Cpp) { Cut::of(text) } else { None };
    let left = cut.as_ref().map_or(text, |cut| &cut.text);
    let tree = parse_alone(language, left, MAX_TIME)?;
    let rules = rules(language, &tree.language())?;
    let mut facts = facts_of(&tree, rules, left);
    if let Some(cut) = cut {
        cut.put_back(&mut facts, rules.words);
    }
    Some(facts)
}

/// Returns what a text says of itself, by its tree.
fn facts_of(tree: &Tree, rules: &'static Rules, text: &[u8]) -> Facts {
    let mut walk = Walk {
        text,
        rules,
        facts: Facts { errors: tree.root_node().has_error(), ..Facts::default() },
        open: Vec::new(),
        functions: 0,
        declared: Vec::new(),
        stamps: Vec::new(),
        stamp: 0,
        outer: None,
        root: tree.root_node(),
        macros: 0,
        typed: Vec::new(),
    };
    walk.run(tree);
    let mut facts = walk.facts;
    marks::mark(rules.language, tree.root_node(), text, &mut facts);
    facts
}

struct Walk<'t> {
    text: &'t [u8],
    rules: &'static Rules,
    facts: Facts,
    /// The definitions that the walk is within.
    open: Vec<Open>,
    /// How many of them are functions.
    functions: usize,
    /// Where names start that are defined or bound there: they are no mentions.
    declared: Vec<usize>,
    /// For each name the function in which it was last seen to be local.
    stamps: Vec<u32>,
    stamp: u32,
    root: Node<'t>,
    /// Bodies that were looked at for the macro before them.
    macros: usize,
    /// The local names of the function around it whose type is known, and that type.
    typed: Vec<(u32, u32)>,
    /// Where what stands around the next definition starts (its line), and where it ends.
    outer: Option<(u32, usize)>,
}

/// A definition that the walk is within.
struct Open {
    depth: usize,
    /// `None` for a function without a name.
    definition: Option<(u32, Kind)>,
    function: Option<Function>,
}

/// What is collected within a function.
#[derive(Default)]
struct Function {
    locals: Vec<u32>,
    /// Names that it takes from outside: Python's `global`.
    outer: Vec<u32>,
    first_reference: usize,
}

impl<'t> Walk<'t> {
    fn run(&mut self, tree: &'t Tree) {
        let mut cursor = tree.walk();
        let mut depth = 0;
        // A leaf is known by its kind, and asking the cursor to enter it would cost as much as finding it.
        let mut enter = self.visit(cursor.node(), depth);
        loop {
            if enter && depth < MAX_DEPTH && cursor.goto_first_child() {
                depth += 1;
            } else {
                self.facts.too_deep |= enter && depth >= MAX_DEPTH;
                while !cursor.goto_next_sibling() {
                    if depth == 0 {
                        return self.close(0);
                    }
                    cursor.goto_parent();
                    depth -= 1;
                    self.close(depth);
                }
                self.close(depth);
            }
            enter = self.visit(cursor.node(), depth);
        }
    }

    /// Takes what a node says. Returns whether to go into it.
    fn visit(&mut self, node: Node<'t>, depth: usize) -> bool {
        match self.rules.rule(node.kind_id()) {
            Rule::Leaf => false,
            Rule::Name(means) => {
                self.mention(node.byte_range(), line_of(node), means);
                false
            }
            Rule::Pass => true,
            Rule::Flat => {
                self.words_of(node);
                false
            }
            Rule::Define(define) => {
                self.define(node, define, depth);
                true
            }
            Rule::Bind(field) => {
                self.bind(node, field);
                true
            }
            Rule::Label(field) => {
                if let Some(label) = node.child_by_field_name(field) {
                    self.declared.push(label.start_byte());
                }
                true
            }
            Rule::Outer if node.child_by_field_name("source").is_some() => {
                imports::read(self.rules.language, node, self.text, &mut self.facts);
                false
            }
            Rule::Outer => {
                self.outer = Some((line_of(node), node.end_byte()));
                true
            }
            Rule::Import => {
                imports::read(self.rules.language, node, self.text, &mut self.facts);
                false
            }
            Rule::Scope => {
                self.open_scope(depth);
                true
            }
        }
    }

    fn open_scope(&mut self, depth: usize) {
        let function = Function { first_reference: self.facts.references.len(), ..Function::default() };
        self.functions += 1;
        self.open.push(Open { depth, definition: None, function: Some(function) });
    }

    /// Says whether the definition around a name has that name: `f: function f() {}`.
    fn is_given_to(&mut self, name: Node<'t>) -> bool {
        let around = self.open.last().and_then(|open| open.definition);
        let around = around.and_then(|(number, _)| self.facts.definitions.get(number as usize)).map(|one| one.name);
        let is_it = around.is_some_and(|around| self.facts.names.get(around) == declared::unquoted(self.text, name.byte_range()));
        if is_it {
            self.declared.push(name.start_byte());
        }
        is_it
    }

    fn site(&self) -> Site<'t> {
        Site {
            text: self.text,
            in_function: self.functions > 0,
            in_type: self.open.last().and_then(|open| open.definition).is_some_and(|(_, kind)| kind.holds_methods()),
        }
    }

    fn defined_by_macro(&mut self, body: Node<'t>) -> Option<Node<'t>> {
        if self.functions > 0 || self.macros >= MAX_MACROS {
            return None;
        }
        self.macros += 1;
        let name = lexing::first_argument(self.text, body.start_byte())?;
        self.root.descendant_for_byte_range(name.start, name.end).filter(|found| found.byte_range() == name)
    }

    fn define(&mut self, node: Node<'t>, define: &'static Define, depth: usize) {
        let site = self.site();
        let found = match define.how {
            How::Field(field) => node.child_by_field_name(field).map(Found::new).into_iter().collect(),
            How::WithBody(field) if node.child_by_field_name("body").is_some() => {
                node.child_by_field_name(field).map(Found::new).into_iter().collect()
            }
            How::WithBody(_) => Vec::new(),
            How::OfMacro => self.defined_by_macro(node).map(Found::new).into_iter().collect(),
            How::Named(field) => {
                let name = node.child_by_field_name(field).filter(|name| !self.is_given_to(*name));
                if name.is_none() {
                    self.open_scope(depth);
                }
                name.map(Found::new).into_iter().collect()
            }
            How::By(find) => find(node, site),
        };
        if matches!(self.rules.language, Language::JavaScript | Language::TypeScript) {
            imports::required(node, self.text, &mut self.facts);
        }
        for one in found {
            self.declared.push(one.name.start_byte());
            let Some(name) = self.intern(one.name) else { continue };
            if one.local {
                self.local(name);
                continue;
            }
            let mut kind = one.kind.unwrap_or(define.is);
            if kind == Kind::Function && (site.in_type || one.owner.is_some()) {
                kind = Kind::Method;
            }
            let owner = one.owner.and_then(|owner| self.intern(owner));
            let number = u32::try_from(self.facts.definitions.len()).unwrap_or(u32::MAX);
            let (mut start, end) = declared::lines(node);
            if let Some((outer, _)) = self.outer.take_if(|(_, outer)| *outer == node.end_byte()) {
                start = outer;
            }
            // A body of a macro begins with the macro.
            start = start.min(line_of(one.name));
            self.facts.definitions.push(RawDefinition {
                name,
                kind,
                flags: one.flags,
                start,
                end,
                line: line_of(one.name),
                parent: self.open.iter().rev().find_map(|open| open.definition).map(|(number, _)| number),
                owner,
            });
            let has_locals = kind.is_function() || kind == Kind::Macro;
            // What is only announced has parameters as well.
            if has_locals || ((kind.holds_methods() || kind == Kind::Module) && one.flags & DECLARATION == 0) {
                if has_locals && self.functions == 0 {
                    self.typed.clear();
                }
                let function =
                    has_locals.then(|| Function { first_reference: self.facts.references.len(), ..Function::default() });
                self.functions += usize::from(function.is_some());
                self.open.push(Open { depth, definition: Some((number, kind)), function });
            }
        }
    }

    /// Ends the definitions that were opened at `depth` or below it.
    fn close(&mut self, depth: usize) {
        while self.open.last().is_some_and(|open| open.depth >= depth) {
            let Some(function) = self.open.pop().and_then(|open| open.function) else { continue };
            self.functions -= 1;
            if function.locals.is_empty() || self.functions > MAX_FUNCTIONS {
                continue;
            }
            self.stamp += 1;
            self.stamps.resize(self.facts.names.len(), 0);
            let mut mark = |names: &[u32], value| {
                for name in names {
                    if let Some(slot) = self.stamps.get_mut(*name as usize) {
                        *slot = value;
                    }
                }
            };
            mark(&function.locals, self.stamp);
            mark(&function.outer, 0);
            let (stamps, stamp) = (&self.stamps, self.stamp);
            let is_local = |one: &RawReference| {
                one.qualifier == Qualifier::None
                    && one.role != Role::Type
                    && stamps.get(one.name as usize).is_some_and(|seen| *seen == stamp)
            };
            let mut kept = function.first_reference;
            for at in function.first_reference..self.facts.references.len() {
                if let Some(one) = self.facts.references.get(at).copied()
                    && !is_local(&one)
                {
                    if let Some(slot) = self.facts.references.get_mut(kept) {
                        *slot = one;
                    }
                    kept += 1;
                }
            }
            self.facts.references.truncate(kept);
        }
    }

    fn bind(&mut self, node: Node<'t>, field: &str) {
        if self.functions == 0 {
            return;
        }
        if field == "global" {
            let names: Vec<u32> = declared::names_in(node).into_iter().filter_map(|name| self.intern(name)).collect();
            if let Some(function) = self.open.iter_mut().rev().find_map(|open| open.function.as_mut()) {
                function.outer.extend(names);
            }
            return;
        }
        let of = declared::own_type(node).and_then(|of| self.intern(of));
        for name in declared::bound(node, field) {
            self.declared.push(name.start_byte());
            if let Some(name) = self.intern(name) {
                // What has the name within it is something else, and nobody says where that ends.
                let is_first = of.is_some() && self.functions == 1 && !self.is_local(name);
                self.typed.retain(|(known, _)| *known != name);
                self.typed.extend(of.filter(|_| is_first).map(|of| (name, of)));
                self.local(name);
            }
        }
    }

    fn local(&mut self, name: u32) {
        if let Some(function) = self.open.iter_mut().rev().find_map(|open| open.function.as_mut()) {
            function.locals.push(name);
        }
    }

    fn is_local(&self, name: u32) -> bool {
        let function = self.open.iter().rev().find_map(|open| open.function.as_ref());
        function.is_some_and(|function| function.locals.contains(&name))
    }

    fn intern(&mut self, node: Node<'_>) -> Option<u32> {
        let name = declared::name_of(self.text, node);
        (!name.is_empty() && name.len() <= MAX_NAME).then(|| self.facts.names.intern(name))
    }

    fn words_of(&mut self, node: Node<'_>) {
        let (text, range) = (self.text, node.byte_range());
        let mut line = line_of(node);
        let mut counted = range.start;
        lexing::words(text, range, |word| {
            let passed = text.get(counted..word.start).unwrap_or_default();
            line += u32::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(0);
            counted = word.start;
            self.mention(word, line, Mention::Use);
        });
    }

    fn mention(&mut self, at: Range<usize>, line: u32, means: Mention) {
        if !self.declared.is_empty()
            && let Some(known) = self.declared.iter().position(|start| *start == at.start)
        {
            self.declared.swap_remove(known);
            return;
        }
        // Names that the walk never comes to, because it does not go there.
        if self.declared.len() > MAX_DECLARED {
            self.declared.retain(|start| *start > at.start);
        }
        let mut mention = self.facts.mention(self.text, at, line, means, self.rules.words);
        if let Some(RawReference { qualifier: Qualifier::Name(name), .. }) = &mut mention
            && let Some((_, of)) = self.typed.iter().find(|(known, _)| known == name)
        {
            *name = *of;
        }
        self.facts.references.extend(mention);
    }
}

/// Returns the line where a node starts, from 1.
pub(super) fn line_of(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row).unwrap_or(u32::MAX - 1) + 1
}
