//! Which definitions are tests, and where fuzzers enter.

use domain::Language;
use memchr::memmem;
use tree_sitter::Node;

use super::facts::{Facts, RawDefinition};
use super::{DECLARATION, HARNESS, Kind, TEST};
use crate::testing;

/// Marks the tests and harnesses among the definitions of a file. Tests that are no functions (`it("adds", …)`) are added.
pub(super) fn mark(language: Language, root: Node<'_>, text: &[u8], facts: &mut Facts) {
    if may_test(language, text) {
        for test in testing::tests_at(language, root, text) {
            // The name that a runner shows may hold what it stands in.
            let name = test.name.rsplit(['.', ':']).next().unwrap_or(&test.name).as_bytes();
            let names = &facts.names;
            let is_it = |one: &&mut RawDefinition| one.line == test.line && names.get(one.name) == name;
            // `TEST(Suite, Name) {` reads as a function of that name.
            let is_macro = |one: &&mut RawDefinition| one.line == test.line && names.get(one.name).starts_with(b"TEST");
            if let Some(known) = facts.definitions.iter_mut().find(is_it) {
                known.flags |= TEST;
            } else if let Some(known) = facts.definitions.iter_mut().find(is_macro).filter(|_| language == Language::Cpp) {
                known.flags |= TEST;
                known.kind = Kind::Test;
                known.name = facts.names.intern(test.name.as_bytes());
            } else {
                let name = facts.names.intern(test.name.as_bytes());
                let parent = innermost(&facts.definitions, test.line);
                facts.definitions.push(RawDefinition {
                    name,
                    kind: Kind::Test,
                    flags: TEST,
                    start: test.line,
                    end: test.line_end,
                    line: test.line,
                    parent,
                    owner: None,
                });
            }
        }
    }
    if let Some(named) = harness(language, text) {
        for one in &mut facts.definitions {
            let name = facts.names.get(one.name);
            if one.kind.is_function() && one.flags & DECLARATION == 0 && named(name, text) {
                one.flags |= HARNESS;
            }
        }
    }
}

fn innermost(all: &[RawDefinition], line: u32) -> Option<u32> {
    let holds = |one: &&RawDefinition| one.start <= line && line <= one.end && one.kind != Kind::Test;
    let at = all.iter().rposition(|one| holds(&one))?;
    u32::try_from(at).ok()
}

fn has(text: &[u8], word: &str) -> bool {
    memmem::find(text, word.as_bytes()).is_some()
}

/// Says whether a second walk is worth its time: most files hold no test.
fn may_test(language: Language, text: &[u8]) -> bool {
    match language {
        Language::Rust => ["test", "bench", "quickcheck"].iter().any(|word| has(text, word)),
        Language::Python => has(text, "def test"),
        Language::JavaScript | Language::TypeScript => {
            has(text, "describe") || has(text, "it(") || has(text, "test") || has(text, "QUnit") || has(text, "suite")
        }
        Language::Go => has(text, "*testing."),
        Language::C => has(text, " test_") || has(text, "_test("),
        Language::Cpp => has(text, "test_") || has(text, "_test(") || has(text, "TEST") || has(text, "SCENARIO"),
        Language::Java | Language::Kotlin => has(text, "@"),
        _ => false,
    }
}

/// Says of a function's name, and the text of its file, whether a fuzzer enters there.
type IsEntry = fn(&[u8], &[u8]) -> bool;

/// Returns how the functions of a file are told in which a fuzzer enters; `None` for most files.
fn harness(language: Language, text: &[u8]) -> Option<IsEntry> {
    match language {
        Language::C | Language::Cpp if has(text, "LLVMFuzzerTestOneInput") => Some(|name, _| name == b"LLVMFuzzerTestOneInput"),
        Language::Rust if has(text, "LLVMFuzzerTestOneInput") => Some(|name, _| name.ends_with(b"LLVMFuzzerTestOneInput")),
        Language::Java | Language::Kotlin if has(text, "fuzzerTestOneInput") => Some(|name, _| name == b"fuzzerTestOneInput"),
        // `testing.F`, and go-fuzz before it.
        Language::Go if has(text, "testing.F") || has(text, "func Fuzz(") => Some(|name, _| {
            name.strip_prefix(b"Fuzz").is_some_and(|rest| rest.first().is_none_or(|first| !first.is_ascii_lowercase()))
        }),
        Language::Python if has(text, "atheris") => Some(|name, text| set_up_with(text).is_some_and(|entry| entry == name)),
        Language::JavaScript | Language::TypeScript if has(text, "exports.fuzz") || has(text, "export function fuzz") => {
            Some(|name, _| name == b"fuzz")
        }
        _ => None,
    }
}

/// Returns what is given to `atheris.Setup(sys.argv, …)`.
fn set_up_with(text: &[u8]) -> Option<&[u8]> {
    let from = memmem::find(text, b"Setup(")? + b"Setup(".len();
    let rest = text.get(from..)?;
    let arguments = rest.get(..rest.iter().position(|byte| *byte == b')')?)?;
    arguments.split(|byte| *byte == b',').nth(1).map(<[u8]>::trim_ascii)
}
