//! Which syntax errors a change makes: a difference of two multisets, so that errors which only moved are not new.

use domain::Language;
use tree_sitter::Node;

use crate::multiset::cancel;
use crate::parse;

/// More errors than this are not told apart one by one: the file is not in this language.
const MAX_ERRORS: usize = 10_000;

/// A place where a file does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there, one line.
    pub what: String,
}

/// Returns the syntax errors of `after` that `before` does not have (all of them for a new file). `None` when it cannot be judged.
///
/// A delta and not "no errors": grammars do not know every extension that compilers accept, so files that build may hold errors.
/// Errors are paired first by their text and surroundings, wherever they stand, and then by their surroundings alone: an edit within a
/// stretch that did not parse before changes its text and is not to blame for it.
#[must_use]
pub fn new_syntax_errors(language: Language, before: Option<&[u8]>, after: &[u8]) -> Option<Vec<SyntaxError>> {
    let mut found = errors_of(language, after)?;
    let Some(before) = before else {
        return Some(found.into_iter().map(|error| error.shown).collect());
    };
    if found.is_empty() {
        return Some(Vec::new());
    }
    let mut old = errors_of(language, before)?;
    cancel(&mut found, &mut old, |error| (error.class.clone(), error.text.clone()));
    cancel(&mut found, &mut old, |error| error.class.clone());
    Some(found.into_iter().map(|error| error.shown).collect())
}

struct Found {
    /// What is missing or unexpected, and inside what.
    class: String,
    text: String,
    shown: SyntaxError,
}

fn errors_of(language: Language, text: &[u8]) -> Option<Vec<Found>> {
    let tree = parse(language, text)?;
    let mut errors = Vec::new();
    if !tree.root_node().has_error() {
        return Some(errors);
    }
    // `Node::parent` searches from the root each time, so the walk keeps the chain of kinds itself.
    let mut cursor = tree.walk();
    let mut kinds: Vec<&str> = Vec::new();
    loop {
        let node = cursor.node();
        if node.is_missing() || node.is_error() {
            errors.push(found(node, kinds.last().copied().unwrap_or("the file"), text));
            if errors.len() > MAX_ERRORS {
                return None;
            }
        }
        if node.has_error() && cursor.goto_first_child() {
            kinds.push(node.kind());
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Some(errors);
            }
            kinds.pop();
        }
    }
}

fn found(node: Node<'_>, inside: &str, text: &[u8]) -> Found {
    let line = u32::try_from(node.start_position().row).unwrap_or(u32::MAX - 1) + 1;
    let (class, what, own) = if node.is_missing() {
        let kind = node.kind();
        (format!("missing {kind} in {inside}"), format!("`{kind}` is missing"), line_at(text, node.start_byte()))
    } else {
        let own = text.get(node.byte_range()).unwrap_or_default();
        let own = String::from_utf8_lossy(own.get(..200).unwrap_or(own)).split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = own.chars().take(60).collect();
        (format!("error in {inside}"), format!("`{short}` does not parse"), own)
    };
    Found { class, text: own, shown: SyntaxError { line, what } }
}

fn line_at(text: &[u8], at: usize) -> String {
    let at = at.min(text.len());
    let (before, after) = text.split_at(at);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = after.iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| at + n);
    let line = text.get(start..end.min(start + 200)).unwrap_or_default();
    String::from_utf8_lossy(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(language: Language, before: &str, after: &str) -> Vec<SyntaxError> {
        new_syntax_errors(language, Some(before.as_bytes()), after.as_bytes()).unwrap()
    }

    #[test]
    fn a_change_that_breaks_a_file_is_seen_in_every_language() {
        for (language, good, bad) in [
            (Language::Rust, "fn f() { g(1); }\n", "fn f() { g(1; }\n"),
            (Language::Python, "def f():\n    return g(1)\n", "def f():\n    return g(1\n"),
            (Language::JavaScript, "const a = [1, 2];\n", "const a = [1, 2;\n"),
            (Language::TypeScript, "interface A { b: string }\n", "interface A { b: string \n"),
            (Language::Go, "package a\n\nfunc f() {}\n", "package a\n\nfunc f( {}\n"),
            (Language::C, "int f(void) { return 0; }\n", "int f(void) { return 0 }\n"),
            (Language::Cpp, "class A { int b() { return 0; } };\n", "class A { int b() { return 0 } };\n"),
            (Language::Java, "class A { int b() { return 0; } }\n", "class A { int b() { return 0 } }\n"),
            (Language::CSharp, "class A { int B() { return 0; } }\n", "class A { int B() { return 0 } }\n"),
            (Language::Ruby, "def a\n  1\nend\n", "def a\n  (1\nend\n"),
            (Language::Php, "<?php f(1);\n", "<?php f(1;\n"),
            (Language::Kotlin, "fun a() { b(1) }\n", "fun a() { b(1 }\n"),
            (Language::Scala, "object A { def b() = c(1) }\n", "object A { def b() = c(1 }\n"),
            (Language::Bash, "if a; then b; fi\n", "if a; then b; \n"),
        ] {
            assert_eq!(new(language, good, good), [], "{language}");
            let errors = new(language, good, bad);
            assert!(!errors.is_empty(), "{language}");
            assert!(errors.iter().all(|error| error.line >= 1 && !error.what.contains('\n')), "{errors:?}");
            assert_eq!(new(language, bad, good), [], "{language}");
            assert!(!new_syntax_errors(language, None, bad.as_bytes()).unwrap().is_empty());
        }
    }

    #[test]
    fn an_error_that_moved_is_not_new_and_a_second_one_is() {
        let before = "a = 1\nb = = 2\nc = 3\n";
        assert_eq!(new(Language::Python, before, "# note\n\nimport os\na = 1\nb = = 2\nc = 3\n"), []);
        assert_eq!(new(Language::Python, before, "a = 1\nb = = 2\nc = = 3\n").len(), 1);
    }

    #[test]
    fn an_edit_within_a_stretch_that_did_not_parse_is_not_to_blame() {
        let before = "int a;\nEXTENSION unusual @@ here;\nint b;\n";
        assert_eq!(new(Language::C, before, "int a;\nEXTENSION unusual @@ there;\nint b;\n"), []);
    }

    #[test]
    fn old_dialects_that_the_grammar_knows_are_no_errors() {
        let text = b"print 'a', b\nexec 'c'\n";
        assert_eq!(new_syntax_errors(Language::Python, None, text), Some(vec![]));
        let tree = parse(Language::Python, text).unwrap();
        assert!(crate::descendants(tree.root_node()).any(|node| node.kind() == "print_statement"));
    }

    #[test]
    fn without_a_grammar_it_cannot_be_judged() {
        assert_eq!(new_syntax_errors(Language::Other, None, b"int a;"), None);
        assert_eq!(new_syntax_errors(Language::Other, Some(b""), b"x"), None);
    }

    #[test]
    fn hostile_nesting_and_bytes_are_survived() {
        let deep = "(".repeat(100_000);
        let _ = new_syntax_errors(Language::Python, None, deep.as_bytes());
        let _ = new_syntax_errors(Language::JavaScript, Some(b""), &[0xff; 10_000]);
    }
}
