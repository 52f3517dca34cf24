//! Macros of Rust that are called like functions, read as functions: the grammar keeps what is between their brackets as loose words, and
//! code is there.
//!
//! Not all of it is code of the language (`json!({"a": 1})`, `matches!(x, Some(_) if y)`, arms of a match). What does not parse as code stays
//! the macro that it is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use domain::Language;
use regex::Regex;
use tree_sitter::Tree;

/// How often macros are put back: first those that an error stands in, then those around them.
const ROUNDS: usize = 2;

static MACRO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b([a-z_][a-z0-9_]*)!(\s*[(\[])").ok());

/// Parses a text, and returns it as it was read: `name!(…)` as `name (…)` and `vec![…]` as `[…]`, with every byte at its place. `None` as for
/// [`crate::parse`].
pub(super) fn parsed(text: &str) -> Option<(Cow<'_, str>, Tree)> {
    let parse = |text: &str| crate::parse(Language::Rust, text.as_bytes());
    let mut calls = calls(text);
    let mut read = as_functions(text, &calls);
    let mut tree = parse(&read)?;
    if calls.is_empty() || !tree.root_node().has_error() {
        return Some((read, tree));
    }
    let original = parse(text)?;
    let extents = extents(&original);
    calls.retain_mut(|call| extents.get(&call.all.start).map(|all| call.all = all.clone()).is_some());
    for _ in 0..ROUNDS {
        let before = calls.len();
        put_back(&mut calls, &errors(&tree));
        if calls.len() == before {
            break;
        }
        read = as_functions(text, &calls);
        tree = parse(&read)?;
        if !tree.root_node().has_error() {
            break;
        }
    }
    Some((read, tree))
}

/// A macro that is called with round or square brackets.
struct Call {
    name: Range<usize>,
    is_list: bool,
    /// From its opening bracket on.
    all: Range<usize>,
}

fn calls(text: &str) -> Vec<Call> {
    let Some(pattern) = MACRO.as_ref() else { return Vec::new() };
    let call = |found: regex::Captures<'_>| {
        let (name, open) = (found.get(1)?, found.get(2)?);
        let is_list = open.as_str().ends_with('[');
        let is_bare = !text.get(..name.start()).is_some_and(|before| before.ends_with(':'));
        let is_read = if is_list { name.as_str() == "vec" && is_bare } else { name.as_str() != "macro_rules" };
        is_read.then(|| Call { name: name.range(), is_list, all: open.end() - 1..open.end() })
    };
    pattern.captures_iter(text).filter_map(call).collect()
}

fn as_functions<'t>(text: &'t str, calls: &[Call]) -> Cow<'t, str> {
    if calls.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for Call { name, is_list, .. } in calls {
        let gone = if *is_list { name.start..name.end + 1 } else { name.end..name.end + 1 };
        bytes.get_mut(gone).into_iter().for_each(|gone| gone.fill(b' '));
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Returns where the words of macros stand with their brackets, by where they open: what looks like a macro elsewhere is a comment or a text.
/// In one walk, since asking for what stands at a place searches from the root each time, and macros nest as deep as they please.
fn extents(original: &Tree) -> HashMap<usize, Range<usize>> {
    let words = crate::parsing::descendants(original.root_node()).filter(|node| node.kind() == "token_tree");
    words.map(|words| (words.start_byte(), words.byte_range())).collect()
}

/// Returns where a text does not parse, in the order of the text.
fn errors(tree: &Tree) -> Vec<Range<usize>> {
    let wrong = crate::parsing::descendants(tree.root_node()).filter(|node| node.is_error() || node.is_missing());
    wrong.map(|node| node.byte_range()).collect()
}

/// Leaves out the innermost call around the beginning of each error, and where there is none, those that begin within it.
fn put_back(calls: &mut Vec<Call>, errors: &[Range<usize>]) {
    let mut goes = vec![false; calls.len()];
    let mut around: Vec<usize> = Vec::new();
    let (mut next, mut blamed_to) = (0, 0);
    for error in errors {
        while let Some(call) = calls.get(next).filter(|call| call.all.start <= error.start) {
            while around.last().and_then(|at| calls.get(*at)).is_some_and(|outer| outer.all.end <= call.all.start) {
                around.pop();
            }
            around.push(next);
            next += 1;
        }
        while around.last().and_then(|at| calls.get(*at)).is_some_and(|outer| outer.all.end <= error.start) {
            around.pop();
        }
        let blamed = match around.last() {
            Some(at) => *at..*at + 1,
            None => next.max(blamed_to)..calls.partition_point(|call| call.all.start < error.end),
        };
        blamed_to = blamed_to.max(blamed.end);
        goes.get_mut(blamed).into_iter().for_each(|goes| goes.fill(true));
    }
    let mut goes = goes.into_iter();
    calls.retain(|_| !goes.next().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::super::scan_code;
    use super::*;

    fn told(statement: &str) -> (Vec<&'static str>, usize) {
        let code = format!("use std::process::Command;\nfn f(p: &str, x: X) {{\n    {statement};\n}}\n");
        let scan = scan_code(Language::Rust, code.as_bytes()).unwrap();
        (scan.found.iter().map(|one| one.capability.as_str()).collect(), scan.unread.len())
    }

    #[test]
    fn words_that_are_no_code_are_no_errors() {
        for statement in [
            "either!(*self, ref inner => inner.cause())",
            "json!({\"a\": [1, {\"b\": null}]})",
            "assert!(matches!(x, X::A(_) if x.b()), \"{x:?}\")",
            "info!(%x, user = p; \"told\")",
            "table!(a => 1, b => table!(c => 2))",
            "vec![for x in 1..2 => x]",
            // The error begins before the macro.
            "match x { X::A => a!(> mut p), _ => b() }",
        ] {
            assert_eq!(told(statement), (vec![], 0), "{statement}");
        }
    }

    #[test]
    fn what_a_macro_calls_is_seen_whatever_its_words_are() {
        assert_eq!(told("either!(*self, ref inner => std::fs::read(inner))"), (vec!["FILESYSTEM_READ"], 0));
        assert_eq!(told("json!({\"home\": std::env::var(\"HOME\")})"), (vec!["ENVIRONMENT"], 0));
        assert_eq!(told("assert!(matches!(Command::new(p).status(), Ok(done) if done.success()))"), (vec!["SUBPROCESS"], 0));
        assert_eq!(told("core::arch::asm!(\"svc 0\", in(\"r7\") x, inlateout(\"r0\") p => x)"), (vec!["UNSAFE_NATIVE"], 0));
        assert_eq!(told("asm!(\"svc 0\", inlateout(\"r0\") p => x)"), (vec!["UNSAFE_NATIVE"], 0));
    }

    #[test]
    fn methods_among_the_words_are_those_of_what_they_are_called_of() {
        let code = "use reqwest::blocking::Client;\nstruct S { client: Client }\nimpl S {\n    fn f(&self, u: &str, other: Client) {\n        \
                    either!(a => self.client.get(u));\n        either!(a => other.get(u), b => a.get(u));\n    }\n}\n";
        let scan = scan_code(Language::Rust, code.as_bytes()).unwrap();
        let told: Vec<_> = scan.found.iter().map(|one| (one.line, one.capability.as_str())).collect();
        assert_eq!(told, [(5, "NETWORK_REQUEST"), (6, "NETWORK_REQUEST")]);
    }

    #[test]
    fn the_innermost_macro_that_is_no_code_spares_those_around_and_beside_it() {
        let resources = |statement: &str| {
            let code = format!("use std::process::Command;\nfn f() {{\n    {statement};\n}}\n");
            let scan = scan_code(Language::Rust, code.as_bytes()).unwrap();
            (scan.found.into_iter().filter_map(|one| one.resource).collect::<Vec<_>>(), scan.unread.len())
        };
        let listed = (vec!["ls".to_owned()], 0);
        assert_eq!(resources("show!(Command::new(\"ls\").status(), json!({\"a\": 1}))"), listed);
        assert_eq!(resources("show!(json!({\"a\": 1}), list!(Command::new(\"ls\").status()))"), listed);
        // Where the inner one is put back, the outer one is no code either; what stands beside them is.
        assert_eq!(resources("a!(x, b!(y => 1) => 2); show!(Command::new(\"ls\").status())"), listed);
    }

    #[test]
    fn what_does_not_parse_as_it_stands_is_not_known() {
        assert_eq!(told("either!(a => b) = = 1").1, 1);
    }

    #[test]
    fn many_macros_that_are_no_code_take_no_long_time() {
        let code = "fn f() {\n".to_owned() + &"    a!(b => c!(d => 1));\n".repeat(5_000) + "}\n";
        let scan = scan_code(Language::Rust, code.as_bytes()).unwrap();
        assert!(scan.unread.is_empty());
    }
}
