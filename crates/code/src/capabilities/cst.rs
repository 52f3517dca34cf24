//! A compact copy of a syntax tree: parents first, in the order of the text.
//!
//! tree-sitter's own nodes look for their parent from the root each time, and the scan asks for parents, children and fields of most nodes.
//! Here each of these is an index away, and a subtree is a range.

use std::ops::Range;

use tree_sitter::Tree;

use super::grammar::{Grammar, Role, Slot};

/// The index of a node.
pub(super) type Id = usize;

/// More nodes than this are not looked at: generated or hostile.
const MAX_NODES: usize = 3_000_000;

struct Node {
    kind: u16,
    field: u16,
    start: u32,
    end: u32,
    row: u32,
    end_row: u32,
    parent: u32,
    /// One past the last node below this one.
    after: u32,
}

/// See the module.
pub(super) struct Cst<'t> {
    nodes: Vec<Node>,
    text: &'t str,
    grammar: &'static Grammar,
}

impl<'t> Cst<'t> {
    /// Copies the named nodes, and those others that have a field. `None` when there are too many.
    pub(super) fn new(tree: &Tree, text: &'t str, grammar: &'static Grammar) -> Option<Self> {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut nodes: Vec<Node> = Vec::with_capacity(text.len() / 6);
        let mut open: Vec<Option<usize>> = Vec::new();
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let field = cursor.field_id().map_or(0, std::num::NonZeroU16::get);
            let kept = node.is_named() || field != 0;
            if kept {
                if nodes.len() >= MAX_NODES {
                    return None;
                }
                let parent = open.iter().rev().find_map(|at| *at).unwrap_or(0);
                nodes.push(Node {
                    kind: node.kind_id(),
                    field,
                    start: narrow(node.start_byte()),
                    end: narrow(node.end_byte()),
                    row: narrow(node.start_position().row),
                    end_row: narrow(node.end_position().row),
                    parent: narrow(parent),
                    after: 0,
                });
            }
            if cursor.goto_first_child() {
                open.push(kept.then(|| nodes.len() - 1));
                continue;
            }
            let mut last = kept.then(|| nodes.len() - 1);
            loop {
                let after = narrow(nodes.len());
                if let Some(node) = last.and_then(|at| nodes.get_mut(at)) {
                    node.after = after;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return Some(Self { nodes, text, grammar });
                }
                last = open.pop().flatten();
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn role(&self, id: Id) -> Role {
        self.nodes.get(id).map_or(Role::Other, |node| self.grammar.role(node.kind))
    }

    pub(super) fn kind(&self, id: Id) -> &'static str {
        self.nodes.get(id).map_or("", |node| self.grammar.kind(node.kind))
    }

    /// Returns the name of the field in which a node stands within its parent; empty when it has none.
    pub(super) fn field(&self, id: Id) -> &'static str {
        self.nodes.get(id).map_or("", |node| self.grammar.field(node.field))
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        (id > 0).then(|| self.nodes.get(id).map(|node| node.parent as usize)).flatten()
    }

    /// Returns one past the last node below `id`.
    pub(super) fn after(&self, id: Id) -> Id {
        self.nodes.get(id).map_or(id + 1, |node| node.after as usize)
    }

    pub(super) fn bytes(&self, id: Id) -> Range<usize> {
        self.nodes.get(id).map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// Returns the first and the last line of a node, from 1.
    pub(super) fn lines(&self, id: Id) -> (u32, u32) {
        self.nodes.get(id).map_or((1, 1), |node| (node.row + 1, node.end_row + 1))
    }

    /// Returns the code of the function around a node, or of the file.
    pub(super) fn around(&self, id: Id) -> &'t str {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            if matches!(self.role(parent), Role::Function(_)) {
                return self.text(parent);
            }
            at = parent;
        }
        self.text(at)
    }

    pub(super) fn text(&self, id: Id) -> &'t str {
        self.text.get(self.bytes(id)).unwrap_or_default()
    }

    pub(super) fn between(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn children(&self, id: Id) -> Children<'_, 't> {
        Children { cst: self, next: id + 1, after: self.after(id) }
    }

    /// Returns the child that stands in a field.
    pub(super) fn in_field(&self, id: Id, field: &str) -> Option<Id> {
        self.children(id).find(|child| self.field(*child) == field)
    }

    /// Returns the child that a slot names.
    pub(super) fn slot(&self, id: Id, slot: Slot) -> Option<Id> {
        match slot {
            Slot::Field(name) => self.in_field(id, name),
            Slot::Child(n) => self.children(id).filter(|child| !self.is_comment(*child)).nth(n),
            Slot::Last => self.children(id).filter(|child| !self.is_comment(*child)).last(),
            Slot::Kind(kind) => self.children(id).find(|child| self.kind(*child) == kind),
            Slot::Nothing => None,
        }
    }

    /// Returns the one part of a list of expressions that has only one.
    pub(super) fn only(&self, id: Id) -> Id {
        let mut parts = self.children(id);
        match (self.kind(id), parts.next(), parts.next()) {
            ("expression_list", Some(one), None) => one,
            _ => id,
        }
    }

    pub(super) fn is_comment(&self, id: Id) -> bool {
        matches!(self.role(id), Role::Comment)
    }

    /// Returns the nodes below `id`, parents first.
    pub(super) fn below(&self, id: Id) -> Range<Id> {
        id + 1..self.after(id)
    }
}

/// The children of a node, in order.
pub(super) struct Children<'c, 't> {
    cst: &'c Cst<'t>,
    next: Id,
    after: Id,
}

impl Iterator for Children<'_, '_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let id = self.next;
        (id < self.after).then(|| {
            self.next = self.cst.after(id).max(id + 1);
            id
        })
    }
}
