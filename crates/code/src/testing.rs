//! The tests that a file defines, by name: a change that loses one is refused.
//!
//! A test that is marked to be skipped is no test here, so a change that marks one loses it.

use std::borrow::Cow;

use domain::{Language, RepoPath};
use tree_sitter::Node;

use crate::{descendants, parse};

/// Returns the names of the test functions in a file (`test*` functions and methods in Python, `#[test]` in Rust, `it`/`test`/
/// `describe` titles in JavaScript and TypeScript, `Test*` in Go, …), repeated as often as they are defined.
#[must_use]
pub fn tests_in(language: Language, path: &RepoPath, text: &[u8]) -> Vec<String> {
    let file = path.file_name();
    if language == Language::Go && !file.ends_with("_test.go") {
        return Vec::new();
    }
    let Some(tree) = parse(language, text) else { return Vec::new() };
    tests_at(language, tree.root_node(), text).into_iter().map(|test| test.name).collect()
}

/// A test and where it stands.
pub(crate) struct Test {
    pub(crate) name: String,
    /// The line of its name, from 1.
    pub(crate) line: u32,
    pub(crate) line_end: u32,
}

impl Test {
    fn new(name: impl Into<String>, at: Node<'_>, whole: Node<'_>) -> Self {
        let line = |row: usize| u32::try_from(row).unwrap_or(u32::MAX - 1) + 1;
        Self { name: name.into(), line: line(at.start_position().row), line_end: line(whole.end_position().row) }
    }
}

/// Returns the tests below a node; those of Go also where the file's name says that no runner looks there.
pub(crate) fn tests_at(language: Language, root: Node<'_>, text: &[u8]) -> Vec<Test> {
    match language {
        Language::Python => scoped(root, text, PYTHON),
        Language::Rust => scoped(root, text, RUST),
        Language::JavaScript | Language::TypeScript => titles(root, text),
        Language::Go => functions(root, text, "function_declaration", |name| {
            ["Test", "Benchmark", "Fuzz", "Example"].iter().any(|prefix| name.starts_with(prefix)) && name != "TestMain"
        }),
        Language::C => functions(root, text, "function_definition", |name| name.starts_with("test_") || name.ends_with("_test")),
        Language::Java | Language::Kotlin => annotated(root, text),
        Language::Cpp => macros(root, text),
        Language::CSharp | Language::Ruby | Language::Php | Language::Scala | Language::Bash | Language::Other => Vec::new(),
    }
}

/// How tests are written in a language that nests them in named scopes.
struct Nested {
    /// The kind of node that is a function.
    function: &'static str,
    /// The kind of node that is a scope.
    scope: &'static str,
    /// The kind of node that stands before a function and marks it.
    mark: &'static str,
    /// Between the names of scopes.
    separator: &'static str,
    /// Whether a function of that name and with those marks is a test.
    is_test: fn(&str, &[Cow<'_, str>]) -> bool,
}

const PYTHON: Nested = Nested {
    function: "function_definition",
    scope: "class_definition",
    mark: "decorator",
    separator: ".",
    is_test: |name, marks| name.starts_with("test") && !marks.iter().any(|mark| mark.contains("skip")),
};

const RUST: Nested = Nested {
    function: "function_item",
    scope: "mod_item",
    mark: "attribute_item",
    separator: "::",
    is_test: |_, marks| {
        let name = |mark: &Cow<'_, str>| {
            let path = mark.trim_start_matches(['#', '[', ' ']).split(['(', ']', ' ', '=']).next().unwrap_or_default();
            path.rsplit("::").next().unwrap_or_default().to_owned()
        };
        let names: Vec<String> = marks.iter().map(name).collect();
        let tests = ["test", "rstest", "test_case", "wasm_bindgen_test", "quickcheck", "bench"];
        names.iter().any(|name| tests.contains(&name.as_str())) && !names.iter().any(|name| name == "ignore")
    },
};

fn scoped(root: Node<'_>, text: &[u8], how: Nested) -> Vec<Test> {
    let mut found = Vec::new();
    let mut scopes: Vec<(usize, String)> = Vec::new();
    // Marks come before what they mark, so the walk collects them: asking a node for its neighbours searches from the root each time.
    let mut marks = Vec::new();
    let mut walk = descendants(root);
    while let Some(node) = walk.next() {
        while scopes.last().is_some_and(|(end, _)| *end <= node.start_byte()) {
            scopes.pop();
        }
        let name = || node.child_by_field_name("name").map(|name| own_text(name, text).into_owned()).unwrap_or_default();
        if node.kind() == how.mark {
            marks.push(own_text(node, text));
            walk.skip_below();
        } else if node.kind() == how.function {
            let name = name();
            if (how.is_test)(&name, &marks) {
                let mut full: Vec<&str> = scopes.iter().map(|(_, scope)| scope.as_str()).collect();
                full.push(&name);
                found.push(Test::new(full.join(how.separator), node.child_by_field_name("name").unwrap_or(node), node));
            }
            marks.clear();
            // What is defined within a function is not collected by any runner.
            walk.skip_below();
        } else if node.kind() == how.scope {
            scopes.push((node.end_byte(), name()));
            marks.clear();
        } else if node.is_extra() {
            walk.skip_below();
        } else if node.is_named() {
            marks.clear();
        }
    }
    found
}

fn functions(root: Node<'_>, text: &[u8], kind: &str, is_test: fn(&str) -> bool) -> Vec<Test> {
    let mut found = Vec::new();
    let mut walk = descendants(root);
    while let Some(node) = walk.next() {
        if node.kind() == kind {
            if let Some(name) = function_name(node).filter(|name| is_test(&own_text(*name, text))) {
                found.push(Test::new(own_text(name, text), name, node));
            }
            walk.skip_below();
        }
    }
    found
}

/// Methods with an annotation that makes them a test, as JUnit, TestNG and `kotlin.test` have it.
fn annotated(root: Node<'_>, text: &[u8]) -> Vec<Test> {
    let tests = ["Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate", "Property"];
    let mut found = Vec::new();
    // The marks stand in the modifiers of a method, and its name behind them.
    let (mut is_test, mut is_skipped) = (false, false);
    for node in descendants(root) {
        match node.kind() {
            "annotation" | "marker_annotation" => {
                let mark = own_text(node, text);
                let name = mark.trim_start_matches('@').split(['(', ' ']).next().unwrap_or_default();
                let name = name.rsplit('.').next().unwrap_or_default();
                is_test |= tests.contains(&name);
                is_skipped |= matches!(name, "Disabled" | "Ignore" | "Ignored");
            }
            "method_declaration" | "function_declaration" | "class_declaration" => (is_test, is_skipped) = (false, false),
            "identifier" if is_test => {
                // Names within an annotation come first, and belong to it.
                let holder = node.parent().map(|parent| parent.kind());
                if matches!(holder, Some("method_declaration" | "function_declaration")) {
                    if !is_skipped {
                        found.push(Test::new(own_text(node, text), node, node));
                    }
                    (is_test, is_skipped) = (false, false);
                }
            }
            _ => {}
        }
    }
    found
}

/// `TEST(Suite, name)`, `TEST_F`, `TEST_P`, `TYPED_TEST` of GoogleTest, `TEST_CASE("name")` of Catch2 and doctest.
fn macros(root: Node<'_>, text: &[u8]) -> Vec<Test> {
    let mut found = functions(root, text, "function_definition", |name| name.starts_with("test_") || name.ends_with("_test"));
    for node in descendants(root) {
        let (name, list) = match node.kind() {
            "function_declarator" => (node.child_by_field_name("declarator"), node.child_by_field_name("parameters")),
            "call_expression" => (node.child_by_field_name("function"), node.child_by_field_name("arguments")),
            _ => continue,
        };
        let (Some(name), Some(list)) = (name, list) else { continue };
        if matches!(
            &*own_text(name, text),
            "TEST" | "TEST_F" | "TEST_P" | "TYPED_TEST" | "TYPED_TEST_P" | "TEST_CASE" | "SCENARIO"
        ) {
            let title = own_text(list, text).trim_matches(['(', ')']).split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Test::new(title, node, node));
        }
    }
    found.retain(|test| !test.name.contains("DISABLED_"));
    found
}

/// The name of a function: its field, or in C the innermost declarator.
fn function_name(function: Node<'_>) -> Option<Node<'_>> {
    let mut node = function.child_by_field_name("name").or_else(|| function.child_by_field_name("declarator"))?;
    while let Some(inner) = node.child_by_field_name("declarator") {
        node = inner;
    }
    Some(node)
}

/// Titles of `it("…")`, `test.only(…)`, `describe("…")`, `test.each(…)("…")`, `QUnit.test(…)`, `Deno.test(…)`.
fn titles(root: Node<'_>, text: &[u8]) -> Vec<Test> {
    let mut found = Vec::new();
    for node in descendants(root).filter(|node| node.kind() == "call_expression") {
        let Some(callee) = node.child_by_field_name("function") else { continue };
        let Some(title) = node.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0)) else { continue };
        if !matches!(title.kind(), "string" | "template_string") {
            continue;
        }
        let callee = own_text(callee, text);
        // `test.each([…])("title")`: what names the call stands before the first bracket.
        let words: Vec<&str> = callee.split(['(', '`']).next().unwrap_or_default().split('.').map(str::trim).collect();
        let names_a_test = match words.as_slice() {
            [first] => is_test_word(first),
            [first, rest @ ..] => {
                (is_test_word(first)
                    && rest
                        .iter()
                        .all(|word| matches!(*word, "only" | "each" | "concurrent" | "sequential" | "serial" | "describe")))
                    || (matches!(*first, "QUnit" | "Deno" | "suite" | "t" | "Bun")
                        && rest.iter().all(|word| matches!(*word, "test" | "only" | "module")))
            }
            [] => false,
        };
        if names_a_test {
            let title = own_text(title, text);
            found.push(Test::new(title.get(1..title.len().saturating_sub(1)).unwrap_or_default(), node, node));
        }
    }
    found
}

fn is_test_word(word: &str) -> bool {
    matches!(word, "it" | "test" | "describe" | "context" | "specify" | "suite" | "fit" | "fdescribe")
}

fn own_text<'t>(node: Node<'_>, text: &'t [u8]) -> Cow<'t, str> {
    String::from_utf8_lossy(text.get(node.byte_range()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(language: Language, path: &str, text: &str) -> Vec<String> {
        tests_in(language, &RepoPath::new(path).unwrap(), text.as_bytes())
    }

    #[test]
    fn python() {
        let text = "import pytest\n\nasync def test_a(): pass\n\nclass TestB(X):\n    def testC(self):\n        def test_inner(): pass\n\n    @pytest.mark.skip\n    def test_d(self): pass\n\n    @staticmethod\n    def test_e(): pass\n    def helper(self): pass\n\ndef test_a(): pass\n";
        assert_eq!(names(Language::Python, "t.py", text), ["test_a", "TestB.testC", "TestB.test_e", "test_a"]);
    }

    #[test]
    fn rust() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    /// doc\n    #[should_panic(expected = \"x\")]\n    fn b() {}\n    #[tokio::test]\n    async fn c() {}\n    #[test]\n    #[ignore = \"slow\"]\n    fn d() {}\n    fn e() {}\n}\n#[test] fn f() {}\n";
        assert_eq!(names(Language::Rust, "a.rs", text), ["tests::b", "tests::c", "f"]);
    }

    #[test]
    fn scripts() {
        let text = "describe('a', () => {\n  it(\"b c\", async () => {});\n  it.skip('d', () => {});\n  xit('e', () => {});\n  test.each([1, 2])('f %s', () => {});\n});\nQUnit.test(`g`, f);\nother('h');\nx.test('i');\n";
        for language in [Language::JavaScript, Language::TypeScript] {
            assert_eq!(names(language, "a.test.ts", text), ["a", "b c", "f %s", "g"]);
        }
    }

    #[test]
    fn java_kotlin_and_cpp() {
        let text = "class A { @Test void a() {} @Test @Disabled(\"x\") void b() {} void c() {} @ParameterizedTest(name = \"n\") void d(int e) {} }";
        assert_eq!(names(Language::Java, "ATest.java", text), ["a", "d"]);
        let text = "class A {\n  @Test\n  fun a() {}\n  @Test @Ignore fun b() {}\n  fun c() {}\n}\n";
        assert_eq!(names(Language::Kotlin, "ATest.kt", text), ["a"]);
        let text =
            "TEST(A, b) { EXPECT_EQ(1, 1); }\nTEST_F(A, DISABLED_c) {}\nTEST_CASE(\"d\") { CHECK(1); }\nint e() { return 1; }\n";
        assert_eq!(names(Language::Cpp, "a_test.cc", text), ["A, b", "\"d\""]);
    }

    #[test]
    fn go_and_c() {
        let text = "package a\n\nfunc TestA(t *testing.T) {}\nfunc testB() {}\nfunc BenchmarkC(b *testing.B) {}\nfunc (s *S) TestD() {}\nfunc TestMain(m *testing.M) {}\n";
        assert_eq!(names(Language::Go, "a_test.go", text), ["TestA", "BenchmarkC"]);
        assert_eq!(names(Language::Go, "a.go", text), Vec::<String>::new());
        assert_eq!(names(Language::C, "a.c", "static int *test_a(void) { return 0; }\nint b(void) { return 1; }\n"), ["test_a"]);
    }
}
