//! A parsed file as the fixers see it: text, tree, and the few questions about lines and whitespace that every edit has to answer.
//!
//! A fixer is asked finding by finding, mostly about one file many times over, so the last file read is kept per thread.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use domain::{Edit, Files, Language, Location, RepoPath};
use tree_sitter::{Node, Tree};

use super::fixer::FixContext;
use super::javascript::Scopes;

/// A file that was read and parsed.
pub(super) struct Source {
    /// Where it is.
    pub(super) path: RepoPath,
    /// Its language.
    pub(super) language: Language,
    /// Its text.
    pub(super) text: String,
    /// Its syntax tree, which may hold errors.
    tree: Tree,
    lines: Vec<usize>,
    scopes: OnceCell<Scopes>,
}

/// The text that was parsed last, and what it was parsed to.
type Parsed = (Arc<[u8]>, Rc<Source>);

thread_local! {
    static LAST: RefCell<Option<Parsed>> = const { RefCell::new(None) };
}

impl Source {
    /// Returns the file of the finding, when it is in one of `languages` and can be parsed.
    pub(super) fn of(context: &FixContext<'_>, languages: &[Language]) -> Option<Rc<Self>> {
        Self::open(context.files, context.finding.path()?, languages)
    }

    /// Returns a file, when it is in one of `languages` and can be parsed.
    pub(super) fn open(files: &Files, path: &RepoPath, languages: &[Language]) -> Option<Rc<Self>> {
        let bytes = files.read(path)?;
        let kept = LAST.with_borrow(|last| {
            let (of, source) = last.as_ref()?;
            (source.path == *path && languages.contains(&source.language) && (Arc::ptr_eq(of, &bytes) || **of == *bytes))
                .then(|| Rc::clone(source))
        });
        if kept.is_some() {
            return kept;
        }
        let (source, bytes) = Self::read(files, path, languages)?;
        let source = Rc::new(source);
        LAST.set(Some((bytes, Rc::clone(&source))));
        Some(source)
    }

    /// Reads and parses a file that is looked at once.
    pub(super) fn read(files: &Files, path: &RepoPath, languages: &[Language]) -> Option<(Self, Arc<[u8]>)> {
        let language = code::language_of(path).filter(|language| languages.contains(language))?;
        let bytes = files.read(path)?;
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        let tree = code::parse(language, text.as_bytes())?;
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Some((Self { path: path.clone(), language, text, tree, lines, scopes: OnceCell::new() }, bytes))
    }

    /// Returns the root of the tree.
    pub(super) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// Returns the variables of a JavaScript or TypeScript file.
    pub(super) fn scopes(&self) -> &Scopes {
        self.scopes.get_or_init(|| Scopes::of(self))
    }

    /// Returns the bytes that a location names, `None` when it is outside of the file or inside a character.
    pub(super) fn range(&self, location: &Location) -> Option<Range<usize>> {
        bytes_of(location, &self.text, &self.lines)
    }

    /// Returns the smallest named node that covers the bytes.
    pub(super) fn node(&self, range: Range<usize>) -> Option<Node<'_>> {
        self.root().named_descendant_for_byte_range(range.start, range.end)
    }

    /// Returns the leaf that starts at `offset`, if one does.
    pub(super) fn leaf(&self, offset: usize) -> Option<Node<'_>> {
        let next = self.text.get(offset..)?.chars().next()?.len_utf8();
        self.root().descendant_for_byte_range(offset, offset + next).filter(|node| node.start_byte() == offset)
    }

    /// Returns the text of a node.
    pub(super) fn str(&self, node: Node<'_>) -> &str {
        self.slice(node.byte_range())
    }

    /// Returns the text of a range; empty when it is not one of this file.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Returns where the line of `offset` starts.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.slice(0..offset).rfind('\n').map_or(0, |at| at + 1)
    }

    /// Returns where the line of `offset` ends, its line feed included.
    pub(super) fn line_end(&self, offset: usize) -> usize {
        self.slice(offset..self.text.len()).find('\n').map_or(self.text.len(), |at| offset + at + 1)
    }

    /// Returns the white space that the line of `offset` begins with.
    pub(super) fn indent(&self, offset: usize) -> &str {
        let line = self.slice(self.line_start(offset)..self.text.len());
        let end = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
        line.get(..end).unwrap_or_default()
    }

    /// Returns how this file ends its lines.
    pub(super) fn newline(&self) -> &'static str {
        let first = self.text.find('\n').unwrap_or(0);
        if first > 0 && self.text.as_bytes().get(first - 1) == Some(&b'\r') { "\r\n" } else { "\n" }
    }

    /// Returns an edit of this file.
    pub(super) fn edit(&self, range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit::new(&self.path, range, text)
    }

    /// Returns what goes when the statements in `range` go: their whole lines where nothing else stands on them (with a comment
    /// behind them, and one of two blank lines that would meet), else the statements and the blanks beside them.
    pub(super) fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        let start = self.line_start(range.start);
        let end = self.line_end(range.end);
        let before = self.slice(start..range.start);
        let after = self.slice(range.end..end).trim();
        let alone = before.trim().is_empty();
        if alone && (after.is_empty() || is_only_comment(after)) {
            let blank = |start: usize| self.slice(start..self.line_end(start)).trim().is_empty();
            let opened = start == 0 || self.slice(0..start).trim_end().ends_with(['{', ':']);
            let above_blank = start > 0 && blank(self.line_start(start - 1));
            let below = if (above_blank || opened) && end < self.text.len() && blank(end) { self.line_end(end) } else { end };
            return start..below;
        }
        if after.is_empty() {
            return start + before.trim_end().len()..range.end;
        }
        let rest = self.slice(range.end..end);
        range.start..range.end + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// Returns what goes when a statement goes of which several may stand on a line, semicolons between them.
    pub(super) fn whole_statement(&self, mut range: Range<usize>) -> Range<usize> {
        let behind = self.slice(range.end..self.line_end(range.end));
        let before = self.slice(self.line_start(range.start)..range.start);
        match (behind.trim_start_matches([' ', '\t']).strip_prefix(';'), before.trim_end_matches([' ', '\t']).strip_suffix(';')) {
            (Some(rest), _) => range.end += behind.len() - rest.len(),
            (None, Some(rest)) if behind.trim().is_empty() => range.start -= before.len() - rest.len(),
            _ => {}
        }
        self.whole_lines(range)
    }

    /// Returns the range with what separates it from its neighbour in a comma-separated list: from the end of the element before
    /// it, or up to the start of the one behind it.
    pub(super) fn element(&self, range: Range<usize>, before: Option<Node<'_>>, behind: Option<Node<'_>>) -> Range<usize> {
        match (before, behind) {
            (Some(before), _) => before.end_byte()..range.end,
            (None, Some(behind)) => range.start..behind.start_byte(),
            (None, None) => range,
        }
    }
}

fn is_only_comment(text: &str) -> bool {
    text.starts_with("//") || text.starts_with('#') || (text.starts_with("/*") && text.find("*/") == Some(text.len() - 2))
}

/// Returns the named children of a node that are not comments.
pub(super) fn parts<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// Returns the nearest ancestor (the node itself excluded) of one of `kinds`.
pub(super) fn ancestor<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    std::iter::successors(node.parent(), Node::parent).find(|node| kinds.contains(&node.kind()))
}

/// Says whether `node` is the child `field` of its parent.
pub(super) fn is_field(node: Node<'_>, field: &str) -> bool {
    node.parent().and_then(|parent| parent.child_by_field_name(field)).is_some_and(|child| child.id() == node.id())
}

/// Walks a tree from the top down in order, without recursion: input decides how deep a tree is.
pub(super) fn walk<'t>(node: Node<'t>, mut visit: impl FnMut(Node<'t>)) {
    let mut cursor = node.walk();
    loop {
        visit(cursor.node());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Returns the bytes of a text that a location names, `None` when it is outside of the text or inside of a character. `lines` holds where each
/// line starts.
pub(super) fn bytes_of(location: &Location, text: &str, lines: &[usize]) -> Option<Range<usize>> {
    let offset = |line: u32, column: u32| {
        let line = usize::try_from(line).ok()?.checked_sub(1)?;
        let at = lines.get(line)? + usize::try_from(column).ok()?.checked_sub(1)?;
        let end = lines.get(line + 1).copied().unwrap_or(text.len());
        (at <= end && text.is_char_boundary(at)).then_some(at)
    };
    let start = offset(location.line, location.column)?;
    let end = offset(location.end_line, location.end_column).unwrap_or(start);
    Some(start..end.max(start))
}

/// Returns edits in order and each once; `None` where there is none, or two overlap.
pub(super) fn apart(mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    edits.sort();
    edits.dedup();
    let overlap = edits.windows(2).any(|pair| matches!(pair, [a, b] if a.end > b.start));
    (!edits.is_empty() && !overlap).then_some(edits)
}
