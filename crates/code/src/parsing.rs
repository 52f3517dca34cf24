//! Parsing within bounds, and walking a tree without recursion: a hostile file nests deeper than the stack is.

mod ambiguity;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use domain::Language;
use rustix::time::{ClockId, clock_gettime};
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

use crate::masking::{masked, reworded};
use ambiguity::{Ambiguity, is_too_slow};

/// Longer files are generated, minified or hostile.
pub(crate) const MAX_BYTES: usize = 4 << 20;
const MAX_TIME: Duration = Duration::from_secs(2);
/// Trees kept for each thread.
const KEPT: usize = 4;

/// Parses a file. `None` when there is no grammar for the language, or the text is too large (over 4 MiB) or takes over 2 seconds of a
/// processor.
///
/// A TypeScript file is read as TypeScript, and as TSX when that leaves errors which TSX does not have; so is C as C++. What leaves errors is
/// read as it is without words that the grammar does not know (`HIDDEN void f();`). The last few answers are kept for each thread: several questions about one text, and
/// about what stood there before, are the rule.
#[must_use]
pub fn parse(language: Language, text: &[u8]) -> Option<Tree> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let known = LATEST.with_borrow_mut(|latest| {
        let at = latest.iter().position(|one| one.language == language && one.text == text)?;
        let one = latest.remove(at)?;
        let tree = one.tree.clone();
        latest.push_front(one);
        Some(tree)
    });
    if known.is_some() {
        return known;
    }
    let tree = parse_anew(language, text)?;
    LATEST.with_borrow_mut(|latest| {
        latest.push_front(Parsed { language, text: text.to_vec(), tree: tree.clone() });
        latest.truncate(KEPT);
    });
    Some(tree)
}

/// A text and its tree.
struct Parsed {
    language: Language,
    text: Vec<u8>,
    tree: Tree,
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
    static LATEST: RefCell<VecDeque<Parsed>> = const { RefCell::new(VecDeque::new()) };
}

/// Parses a file that nobody will ask for again, in no more than `time`; else as [`parse`].
///
/// What its grammar is known not to read does not count: [`masked`] says what that is.
pub(crate) fn parse_alone(language: Language, text: &[u8], time: Duration) -> Option<Tree> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let limit = Limit::of(time);
    match masked(if language == Language::C && is_cpp(text) { Language::Cpp } else { language }, text) {
        // Most of TypeScript that looks so is read as it is.
        Some(masked) if language == Language::TypeScript => {
            let tree = parse_by(language, text, limit)?;
            let other = if tree.root_node().has_error() { parse_by(language, &masked, limit) } else { None };
            Some(other.filter(|other| errors_in(other) < errors_in(&tree)).unwrap_or(tree))
        }
        Some(masked) => parse_by(language, &masked, limit),
        None => parse_by(language, text, limit),
    }
}

fn errors_in(tree: &Tree) -> usize {
    descendants(tree.root_node()).filter(|node| node.is_error() || node.is_missing()).count()
}

fn parse_anew(language: Language, text: &[u8]) -> Option<Tree> {
    let limit = Limit::of(MAX_TIME);
    let tree = parse_by(language, text, limit)?;
    if !tree.root_node().has_error() {
        return Some(tree);
    }
    let other = reworded(language, text).and_then(|text| parse_by(language, &text, limit));
    Some(other.filter(|other| errors_in(other) < errors_in(&tree)).unwrap_or(tree))
}

fn parse_by(language: Language, text: &[u8], limit: Limit) -> Option<Tree> {
    let tree = parse_until(&grammar(language)?, text, limit)?;
    if !tree.root_node().has_error() {
        return Some(tree);
    }
    let other = match language {
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TSX,
        // A header says in its name that it is C, and only its text says otherwise.
        Language::C if is_cpp(text) => tree_sitter_cpp::LANGUAGE,
        _ => return Some(tree),
    };
    let other = parse_until(&other.into(), text, limit);
    // TSX is another guess; that it is C++ is known by now, whatever the grammar makes of its macros.
    let better = other.filter(|other| language == Language::C || !other.root_node().has_error());
    Some(better.unwrap_or(tree))
}

/// Returns the grammar of a language, where this build has one.
fn grammar(language: Language) -> Option<tree_sitter::Language> {
    let grammar = match language {
        Language::Rust => tree_sitter_rust::LANGUAGE,
        Language::Python => tree_sitter_python::LANGUAGE,
        Language::JavaScript => tree_sitter_javascript::LANGUAGE,
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        Language::Go => tree_sitter_go::LANGUAGE,
        Language::C => tree_sitter_c::LANGUAGE,
        Language::Cpp => tree_sitter_cpp::LANGUAGE,
        Language::Java => tree_sitter_java::LANGUAGE,
        #[cfg(feature = "csharp")]
        Language::CSharp => tree_sitter_c_sharp::LANGUAGE,
        #[cfg(feature = "ruby")]
        Language::Ruby => tree_sitter_ruby::LANGUAGE,
        #[cfg(feature = "php")]
        Language::Php => tree_sitter_php::LANGUAGE_PHP,
        #[cfg(feature = "kotlin")]
        Language::Kotlin => tree_sitter_kotlin_ng::LANGUAGE,
        #[cfg(feature = "scala")]
        Language::Scala => tree_sitter_scala::LANGUAGE,
        #[cfg(feature = "bash")]
        Language::Bash => tree_sitter_bash::LANGUAGE,
        Language::Other => return None,
        #[cfg(not(all(
            feature = "csharp",
            feature = "ruby",
            feature = "php",
            feature = "kotlin",
            feature = "scala",
            feature = "bash"
        )))]
        _ => return None,
    };
    Some(grammar.into())
}

/// Says whether a text that is named C has lines that only C++ has. Words alone would not do: `class` and `template` are names in much of C.
fn is_cpp(text: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[b"namespace ", b"template <", b"template<", b"public:", b"private:", b"protected:"];
    memchr::memchr_iter(b'\n', text).map(|at| at + 1).chain([0]).any(|at| {
        let line = text.get(at..).unwrap_or_default();
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line = line.get(blanks..).unwrap_or_default();
        match line.first() {
            Some(b'n' | b't' | b'p') => STARTS.iter().any(|start| line.starts_with(start)),
            Some(b'c') if line.starts_with(b"class ") => {
                let line = line.get(..memchr::memchr(b'\n', line).unwrap_or(line.len())).unwrap_or_default().trim_ascii_end();
                (line.ends_with(b"{") || line.ends_with(b";")) && !line.contains(&b'=')
            }
            _ => false,
        }
    })
}

/// Until when work on this thread may go on. Time on a processor counts: what else a machine does must not decide what of a program is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// No sooner than that, and asking is cheap.
    soonest: Instant,
    on_processor: Duration,
}

impl Limit {
    pub(crate) fn of(time: Duration) -> Self {
        Self { soonest: Instant::now() + time, on_processor: on_processor() + time }
    }

    pub(crate) fn is_over(self) -> bool {
        Instant::now() > self.soonest && on_processor() > self.on_processor
    }
}

/// Returns how long this thread has been on a processor.
fn on_processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

fn parse_until(grammar: &tree_sitter::Language, text: &[u8], limit: Limit) -> Option<Tree> {
    let mut ambiguity = Ambiguity::of(text);
    // A parser keeps the memory of its last parse, which a new one would ask for again.
    PARSER.with_borrow_mut(|parser| {
        parser.set_language(grammar).ok()?;
        loop {
            let mut is_suspect = false;
            let tree = parse_while(parser, text, &mut |at| {
                is_suspect = ambiguity.is_suspect(at);
                !is_suspect && !limit.is_over()
            });
            if tree.is_some() {
                return tree;
            }
            if !is_suspect || !ends_soon(grammar, ambiguity.so_far(), limit) {
                // It would go on where it was.
                parser.reset();
                return None;
            }
        }
    })
}

/// Says whether a text, which is the beginning of another one, is parsed in a time that fits its length.
fn ends_soon(grammar: &tree_sitter::Language, text: &[u8], limit: Limit) -> bool {
    let before = on_processor();
    let mut parser = Parser::new();
    let is_parsed = parser.set_language(grammar).is_ok() && parse_while(&mut parser, text, &mut |_| !limit.is_over()).is_some();
    is_parsed && !is_too_slow(text.len(), on_processor().saturating_sub(before))
}

/// Parses a text, or goes on where the parser was stopped, as long as `goes_on`, which is asked now and then, and told how far the parse has
/// come.
fn parse_while(parser: &mut Parser, text: &[u8], goes_on: &mut dyn FnMut(usize) -> bool) -> Option<Tree> {
    let mut watch = |state: &ParseState| {
        if goes_on(state.current_byte_offset()) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut watch);
    parser.parse_with_options(&mut |from, _| text.get(from..).unwrap_or_default(), None, Some(options))
}

/// Returns `node` and all nodes below it, parents first, in the order of the text.
#[must_use]
pub fn descendants(node: Node<'_>) -> Descendants<'_> {
    Descendants { cursor: node.walk(), started: false, over: false }
}

/// See [`descendants`].
pub struct Descendants<'tree> {
    cursor: TreeCursor<'tree>,
    started: bool,
    over: bool,
}

impl Descendants<'_> {
    /// Leaves out what is below the node that was returned last.
    pub fn skip_below(&mut self) {
        if self.started && !self.over {
            self.over = !self.advance_beside();
            // The cursor stands on the node to return next.
            self.started = false;
        }
    }

    fn advance_beside(&mut self) -> bool {
        loop {
            if self.cursor.goto_next_sibling() {
                return true;
            }
            if !self.cursor.goto_parent() {
                return false;
            }
        }
    }
}

impl<'tree> Iterator for Descendants<'tree> {
    type Item = Node<'tree>;

    fn next(&mut self) -> Option<Node<'tree>> {
        if self.started && !self.over {
            self.over = !(self.cursor.goto_first_child() || self.advance_beside());
        }
        self.started = true;
        (!self.over).then(|| self.cursor.node())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grammar_reads_its_language() {
        for (language, text) in [
            (Language::Rust, "fn main() {}"),
            (Language::Python, "def f():\n    return 1\n"),
            (Language::JavaScript, "const f = () => <a>{1}</a>;"),
            (Language::TypeScript, "let a = <string>b; function f<T>(x: T): T { return x }"),
            (Language::TypeScript, "const a = <b c={1}>text</b>;"),
            (Language::Go, "package a\nfunc f() {}\n"),
            (Language::C, "int main(void) { return 0; }"),
            (Language::C, "namespace a { class B { int c; }; }"),
            (Language::Cpp, "class A { int b = 1; };"),
            (Language::Java, "class A { int b = 1; }"),
            (Language::CSharp, "class A { int b = 1; }"),
            (Language::Ruby, "class A\n  def b() = 1\nend\n"),
            (Language::Php, "<p><?php class A { public $b = 1; }"),
            (Language::Kotlin, "class A {\n    val b = 1\n}\n"),
            (Language::Scala, "class A { val b = 1 }"),
            (Language::Bash, "a() { echo \"$1\"; }"),
        ] {
            let tree = parse(language, text.as_bytes()).unwrap();
            assert!(!tree.root_node().has_error(), "{language}: {}", tree.root_node().to_sexp());
        }
        assert!(parse(Language::Other, b"class A {};").is_none());
    }

    #[test]
    fn a_parse_that_was_stopped_goes_on_where_it_was() {
        let text = "def f(a, b):\n    return [a, (b, {1: 2})]\n".repeat(200);
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_python::LANGUAGE.into()).unwrap();
        let whole = parse_while(&mut parser, text.as_bytes(), &mut |_| true).unwrap().root_node().to_sexp();
        let mut seen = Vec::new();
        let tree = loop {
            let stopped = parse_while(&mut parser, text.as_bytes(), &mut |at| {
                seen.push(at);
                !seen.len().is_multiple_of(7)
            });
            if let Some(tree) = stopped {
                break tree;
            }
        };
        assert_eq!(tree.root_node().to_sexp(), whole);
        assert!(seen.len() > 20 && seen.is_sorted(), "{seen:?}");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_parsed() {
        assert!(parse(Language::Python, &vec![b'\n'; MAX_BYTES + 1]).is_none());
    }

    #[test]
    fn a_deadline_in_the_past_stops_the_parser() {
        let text = "x = [1, 2, 3]\n".repeat(10_000);
        let long_ago = Limit::of(Duration::ZERO);
        assert!(parse_until(&tree_sitter_python::LANGUAGE.into(), text.as_bytes(), long_ago).is_none());
        let soon = Limit::of(MAX_TIME);
        let next = parse_until(&tree_sitter_python::LANGUAGE.into(), b"a = 1\n", soon).unwrap();
        assert_eq!(next.root_node().end_byte(), 6, "nothing is left of the one before");
    }

    #[test]
    fn deep_nesting_neither_overflows_nor_hangs() {
        for language in [Language::Python, Language::Rust, Language::JavaScript, Language::TypeScript, Language::Go, Language::C]
        {
            for text in ["[".repeat(100_000), format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000))] {
                let started = Instant::now();
                if let Some(tree) = parse(language, text.as_bytes()) {
                    assert!(descendants(tree.root_node()).count() > 0);
                }
                assert!(started.elapsed() < MAX_TIME * 4, "{language}");
            }
        }
    }

    #[test]
    fn the_walk_is_in_order_and_can_leave_a_subtree_out() {
        let text = "a = f(1)\nb\n";
        let tree = parse(Language::Python, text.as_bytes()).unwrap();
        let kinds: Vec<_> = descendants(tree.root_node()).filter(Node::is_named).map(|node| node.kind()).collect();
        assert_eq!(
            kinds,
            [
                "module",
                "expression_statement",
                "assignment",
                "identifier",
                "call",
                "identifier",
                "argument_list",
                "integer",
                "expression_statement",
                "identifier"
            ]
        );
        let mut walk = descendants(tree.root_node());
        let mut seen = Vec::new();
        while let Some(node) = walk.next() {
            seen.push(node.kind());
            if node.kind() == "expression_statement" {
                walk.skip_below();
            }
        }
        assert_eq!(seen, ["module", "expression_statement", "expression_statement"]);
    }
}
