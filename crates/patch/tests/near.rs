//! Answers that are nearly right: what is left of them says which edit is meant, or they are refused.

#![expect(clippy::unwrap_used, reason = "a test")]

use domain::{Files, RepoPath};
use patch::{Outcome, Plan, Refusal, Tree, plan};

const HEAD: &str = "--- a/src/f.py\n+++ b/src/f.py\n";

fn planned(answer: &str, before: &str) -> Result<Plan, Refusal> {
    plan(answer, &Tree::new(Files::from_map([(RepoPath::new("src/f.py").unwrap(), before.as_bytes().to_vec())].into())))
}

#[track_caller]
fn becomes(answer: &str, before: &str, expected: &str) {
    let plan = planned(answer, before).unwrap_or_else(|refusal| panic!("{refusal}: {refusal:?}"));
    assert_eq!(plan.outcome, Outcome::Changes);
    assert_eq!(plan.files[0].after.as_deref().map(String::from_utf8_lossy).as_deref(), Some(expected));
}

#[track_caller]
fn refused(answer: &str, before: &str) -> String {
    match planned(answer, before) {
        Err(refusal) => refusal.to_string(),
        Ok(plan) => panic!("{:?}: {}", plan.outcome, String::from_utf8_lossy(&plan.diff())),
    }
}

fn block(old: &str, new: &str) -> String {
    format!("src/f.py\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n")
}

#[test]
fn the_ends_of_a_file_are_neighbours() {
    let before = "first = 1\nsecond = 2\n\ndef last():\n    one()\n    two()\n    return 3\n";
    let appended = format!("{HEAD}@@ -4,3 +4,5 @@\n def last():\n     two()\n     return 3\n+\n+fourth = 4\n");
    becomes(&appended, before, &format!("{before}\nfourth = 4\n"));
    let prepended = format!("{HEAD}@@ -1,3 +1,4 @@\n+zeroth = 0\n first = 1\n second = 2\n # invented\n \n def last():\n");
    becomes(&prepended, before, &format!("zeroth = 0\n{before}"));
}

#[test]
fn a_context_line_of_one_blank_may_have_lost_its_mark() {
    let before = "list = [\n \"a\",\n \"b\",\n \"c\",\n]\n";
    becomes(
        &format!("{HEAD}@@ -2,3 +2,4 @@\n \"a\",\n \"b\",\n+ \"new\",\n \"c\",\n]\n"),
        before,
        "list = [\n \"a\",\n \"b\",\n \"new\",\n \"c\",\n]\n",
    );
}

#[test]
fn what_is_left_of_a_deletion_is_no_trace_of_it() {
    let before = "one()\ntwo()\nthree()\nfour()\nfive()\nsix()\n";
    becomes(
        &format!("{HEAD}@@ -4,5 +1,3 @@\n one()\n two()\n three()\n-four()\n-five()\n"),
        before,
        "one()\ntwo()\nthree()\nsix()\n",
    );
}

#[test]
fn a_result_that_is_indented_otherwise_is_not_there_already() {
    let before = "def f():\n    if a:\n        return 1\n        return 2\n";
    let wider = format!(
        "{HEAD}@@ -2,3 +2,3 @@\n     if a:\n-        return 1zq\n-        return 2zq\n+          return 1\n+            return 2\n"
    );
    refused(&wider, before);
}

#[test]
fn a_place_that_nearly_fits_where_it_is_stated_makes_another_doubtful() {
    let entry = |name: &str, more: &str| format!("name = {name}\nneeds = [\n \"serde\",\n{more} \"json\",\n \"error\",\n]\n");
    let before = entry("a", "") + &entry("b", " \"sarif\",\n");
    let hunk = |line: usize| {
        format!("{HEAD}@@ -{line},4 +{line},5 @@\n \"serde\",\n  \"json\",\n+ \"norway\",\n  \"error\",\n ]\n")
            .replace("@@\n ", "@@\n  ")
    };
    assert!(refused(&hunk(9), &before).contains("stated line"));
    becomes(&hunk(3), &before, &before.replacen("json\",\n", "json\",\n \"norway\",\n", 1));
}

#[test]
fn a_hunk_may_be_written_for_what_the_others_leave() {
    let before = "alpha = 1\nbeta = 2\ngamma = 3\ndelta = 4\n";
    let first = "@@ @@\n-alpha = 1\n-beta = 2\n+alpha = 10\n+beta = 20\n";
    let second = "@@ @@\n-beta = 20\n-gamma = 3\n+beta = 20\n+gamma = 30\n";
    let expected = "alpha = 10\nbeta = 20\ngamma = 30\ndelta = 4\n";
    becomes(&format!("{HEAD}{first}{second}"), before, expected);
    becomes(&format!("{HEAD}{second}{first}"), before, expected);
    refused(&format!("{HEAD}{first}{}", second.replace("-beta = 20", "-beta = 21")), before);
}

#[test]
fn hunks_that_are_moved_to_the_side_are_moved_each_by_its_own() {
    let before = "import os\n\ndef f():\n    if a:\n        one()\n    else:\n        two()\n";
    let answer = block("import os\n", "import os\n\nclass New:\n    pass\n") + &block("if a:\n    one()\n", "if b:\n    one()\n");
    becomes(
        &answer,
        before,
        "import os\n\nclass New:\n    pass\n\ndef f():\n    if b:\n        one()\n    else:\n        two()\n",
    );
}

#[test]
fn another_unit_of_indentation_holds_for_the_whole_answer() {
    let before = "import os\n\ndef f():\n\tif a:\n\t\tone()\n\telse:\n\t\ttwo()\n";
    let deep = block("    if a:\n        one()\n", "    if b:\n        one()\n");
    let answer = block("import os\n", "import os\n\ndef g():\n    three()\n") + &deep;
    becomes(&answer, before, "import os\n\ndef g():\n\tthree()\n\ndef f():\n\tif b:\n\t\tone()\n\telse:\n\t\ttwo()\n");
    refused(&(block("import os\n", "import os\n\ndef g():\n  three()\n") + &deep), before);
}

#[test]
fn indentation_alone_may_be_changed_by_an_answer_that_is_moved_to_the_side() {
    let before = "def f():\n    one()\n    two()\n    three()\n";
    let answer = block("one()\ntwo()\nthree()\n", "one()\n    two()\nthree()\n");
    refused(&answer.replace("one()\n", "    one()\n").replace("two()", "  two()"), before);
    becomes(
        &format!("{HEAD}@@ -1,4 +1,4 @@\n     def f():\n         one()\n-        two()\n+            two()\n         three()\n"),
        before,
        &before.replace("    two", "        two"),
    );
}

#[test]
fn a_line_that_another_takes_the_place_of_does_not_tell_the_indentation() {
    let before = "fn a() {\n        if x {\n        }\n    }\n\n    /// Says it.\n    fn b() {\n        y();\n    }\n";
    // The line `    }` was forgotten; without blanks the one above it stands in for it.
    let answer = format!(
        "{HEAD}@@ -3,6 +3,9 @@\n         }}\n \n+    fn new() {{\n+        z();\n+    }}\n+\n     /// Says it.\n     fn b() {{\n         y();\n"
    );
    becomes(&answer, before, &before.replace("    /// Says", "    fn new() {\n        z();\n    }\n\n    /// Says"));
}

#[test]
fn json_that_is_nearly_json() {
    let before = "one = 1\ntwo = 2\n";
    let diff = [HEAD, "@@ -1,2 +1,2 @@\n-one = 1\n+one = \",]\"\n two = 2\n"].concat();
    let quoted = serde_json::Value::String(diff.clone()).to_string();
    becomes(&format!("{{\n  \"diff\": {quoted},\n}}\n"), before, "one = \",]\"\ntwo = 2\n");
    let lines: Vec<String> = diff.lines().map(|line| serde_json::Value::String(line.to_owned()).to_string()).collect();
    becomes(&format!("{{\"diff\": [{}]}}", lines.join(",\n")), before, "one = \",]\"\ntwo = 2\n");
}

#[test]
fn braces_within_an_edit_are_text_of_the_file() {
    let before = "a = 1\n";
    let after = "a = {\n  \"old\": 1,\n  \"new\": two(),\n}\n{\n  \"diff\": broken(,\n";
    becomes(&format!("src/f.py\n```python\n{after}```\n"), before, after);
    // JSON that was cut off in a fence is no file.
    refused("src/f.py\n```json\n{\"diff\": \"--- a/src/f.py\\n+++ b/src/f.py\\n@@ -1 +1 @@\\n-a = 1\\n+a =\n```\n", before);
}

#[test]
fn marks_of_blocks_may_be_small() {
    let answer = block("a = 1\n", "a = 2\n").replace("SEARCH", "search").replace("REPLACE", "replace");
    becomes(&answer, "a = 1\n", "a = 2\n");
}

#[test]
fn numbers_that_no_file_has_are_no_numbers() {
    let huge = u64::MAX;
    becomes(&format!("{HEAD}@@ -{huge},{huge} +{huge},{huge} @@\n-b = 1\n+b = 2\n"), "a = 1\nb = 1\n", "a = 1\nb = 2\n");
}

#[test]
fn a_replacement_that_was_made_elsewhere_too_is_still_to_be_made() {
    let before =
        "def a():\n    first()\n    call(1)\n    last()\n\ndef b():\n    first()\n    call(2)\n    last()\n    other()\n";
    let answer = format!(
        "{HEAD}@@ -6,5 +6,5 @@\n def b():\n     # invented\n     first()\n-    call(2)\n+    call(1)\n     last()\n     other()\n"
    );
    becomes(&answer, before, &before.replace("call(2)", "call(1)"));
}

#[test]
fn a_file_of_markdown_ends_where_the_next_file_begins() {
    let tree = Tree::new(Files::from_map(
        [("A.md", "# A\nold\n"), ("b.py", "b = 1\n")]
            .map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec()))
            .into(),
    ));
    let doc = "# A\n\n### `b.py`\n\n```python\nx = 1\n```\n\n### b.py\n\n```\nx = 2\n```\n\nnew\n";
    for rest in [
        "",
        "\nDone.\n",
        "\n### b.py\n\n```\nb = 2\n```\n",
        "\nAnd then:\n\nIn `b.py`:\n```\nb = 2\n```\n",
        "\n```py b.py\nb = 2\n```\n",
    ] {
        let plan = plan(format!("### A.md\n\n```\n{doc}```\n{rest}"), &tree).unwrap();
        assert_eq!(plan.files[0].after.as_deref().map(String::from_utf8_lossy).as_deref(), Some(doc), "{rest}");
        let other = plan.files.get(1).and_then(|file| file.after.as_deref());
        assert_eq!(other, rest.contains("b = 2").then_some(&b"b = 2\n"[..]));
    }
}

#[test]
fn fences_in_the_content_of_a_file_are_its_text() {
    let tree = Tree::new(Files::from_map([(RepoPath::new("A.md").unwrap(), b"# A\n".to_vec())].into()));
    let content = "# A\n\n```js\nx\n```\n\n```diff\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n```\n";
    let answer = serde_json::json!({ "path": "A.md", "content": content }).to_string();
    assert_eq!(plan(answer, &tree).unwrap().files[0].after.as_deref(), Some(content.as_bytes()));
}

#[test]
fn a_file_of_markdown_that_was_cut_off_does_not_end_with_a_fence_of_its_own() {
    let before = "# A\n\nold\n";
    let tree = || Tree::new(Files::from_map([(RepoPath::new("A.md").unwrap(), before.as_bytes().to_vec())].into()));
    for cut in ["# A\n\n```js\nx\n```\n\nnew, and mo", "# A\n\n```js\nx\n```\n\n```\ny\nz\n", "# A\n\n```js\nx\n"] {
        assert!(matches!(plan(format!("A.md\n```\n{cut}"), &tree()), Err(Refusal::Truncated { .. })), "{cut}");
    }
}

#[test]
fn a_section_of_toml_is_no_json() {
    let before = "[package]\nname = \"diff\"\n";
    becomes(
        "src/f.py\n```\n[package]\nname = \"diff\"\nx = { \"diff\": 1 }\n```\n",
        before,
        "[package]\nname = \"diff\"\nx = { \"diff\": 1 }\n",
    );
}

#[test]
fn blanks_from_one_depth_that_are_a_move_or_another_unit_tell_no_other_depth() {
    let before = "class A:\n    def f():\n        one()\n        two()\n";
    refused(&block("    one()\n    two()\n", "    one()\n    if a:\n        two()\n"), before);
    becomes(&block("    one()\n    two()\n", "    one()\n    three()\n"), before, &before.replace("two", "three"));
}

#[test]
fn blocks_that_say_two_things_of_the_same_lines_are_refused() {
    let before = "a = 1\nb = 2\nc = 3\n";
    let first = block("a = 1\nb = 2\n", "a = 9\nb = 2\n");
    refused(&(first.clone() + &block("a = 1\nb = 2\n", "a = 9\nb = 2\nd = 4\n")), before);
    becomes(&(first.clone() + &first), before, "a = 9\nb = 2\nc = 3\n");
    becomes(&(first + &block("b = 2\nc = 3\n", "b = 2\nc = 4\n")), before, "a = 9\nb = 2\nc = 4\n");
}

#[test]
fn an_answer_that_ends_within_a_line_was_cut_off() {
    let before = "one = first()\ntwo = second()\nthree = third()\n";
    let answer = format!("```diff\n{HEAD}@@ -1,3 +1,3 @@\n-one = first()\n+one = other()\n two = second()\n three = th");
    assert!(refused(&answer, before).contains("cut off"));
    assert!(refused(&answer.replace("```diff\n", ""), before).contains("cut off"));
    becomes(&format!("{answer}ird()"), before, &before.replace("first", "other"));
    let within_blanks = format!("```diff\n{HEAD}@@ -1,2 +1,2 @@\n-a = 1\n+a = 2\n #   ");
    assert!(refused(&within_blanks, "a = 1\n#    more\nb = 3\n#\n").contains("cut off"));
    let added = format!("{HEAD}@@ -3 +3,2 @@\n three = third()\n+four = fo");
    assert!(refused(&format!("```diff\n{added}"), before).contains("no end"));
    // Without a fence the end of the answer may be the end of the line.
    becomes(&added, before, &format!("{before}four = fo\n"));
}

#[test]
fn blanks_at_ends_that_are_still_there_were_not_taken_away() {
    let before = "one \ntwo \nthree \nfour\n";
    refused(&format!("{HEAD}@@ -1,4 +1,4 @@\n-one7\n-two \n-three \n+one\n+two\n+three\n four\n"), before);
}

#[test]
fn an_added_line_of_blanks_moves_with_the_others() {
    let answer = format!("{HEAD}@@ -1,2 +1,3 @@\n     one()\n+    \t\n     two()\n");
    if let Ok(plan) = planned(&answer, "one()\ntwo()\n") {
        assert_eq!(plan.files[0].after.as_deref(), Some(&b"one()\n\t\ntwo()\n"[..]));
    }
}

#[test]
fn a_fence_behind_an_added_one_is_not_added_twice() {
    let answer = "Here:\n```\nHere:\n```\n--- a/src/f.py\n+++ b/src/f.py\n@@ -1,2 +1,3 @@\n # Changelog\n+```\n```\n";
    becomes(answer, "# Changelog\n\nText.\n", "# Changelog\n```\n\nText.\n");
    assert!(refused(answer, "# Changelog\n```\n\nText.\n").contains("may stand there already"));
}

#[test]
fn among_lines_that_are_alike_the_stated_line_tells_whether_it_was_done() {
    let before = format!("start {{\n{}end()\n", "}\n".repeat(5));
    let after = format!("start {{\n{}end()\n", "}\n".repeat(7));
    let hunk = |stated: usize| format!("{HEAD}@@ -{stated},3 +{stated},5 @@\n }}\n }}\n+}}\n+}}\n end()\n");
    becomes(&hunk(5), &before, &after);
    assert_eq!(planned(&hunk(5), &after).unwrap().outcome, Outcome::AlreadyApplied);
    assert!(refused(&hunk(50), &before).contains("may stand there already"));
    // What is before them does not move: nothing tells.
    let first = format!("{HEAD}@@ -1,3 +1,4 @@\n start {{\n }}\n+}}\n }}\n");
    assert!(refused(&first, &before).contains("may stand there already"));
}

#[test]
fn blanks_at_the_ends_of_all_lines_are_the_answers_own() {
    let before = "def f():\n    one()\n    two()\n    three()\n";
    let answer =
        |two: &str| block(&format!("    one() \n    two(){two}\n"), &format!("    one() \n    more() \n    two(){two}\n"));
    becomes(&answer(" "), before, "def f():\n    one()\n    more()\n    two()\n    three()\n");
    // One line has them and another has not: they may be meant.
    assert!(refused(&answer(""), before).contains("blanks at the ends"));
}

#[test]
fn tabs_beside_blanks_that_are_the_files_are_meant() {
    let before = "<a>\n  <b>\n  </b>\n</a>\n";
    becomes(&block("  <b>\n  </b>\n", "  <b>\n\t<c/>\n  </b>\n"), before, "<a>\n  <b>\n\t<c/>\n  </b>\n</a>\n");
}

#[test]
fn a_hunk_in_the_files_own_tabs_is_not_doubted_for_another_in_blanks() {
    let before = "func a() {\n\tone()\n}\n\nfunc b() {\n\ttwo()\n}\n";
    let answer = block("    one()\n", "    uno()\n") + &block("\ttwo()\n", "\tif x {\n\t\tdos()\n\t}\n");
    becomes(&answer, before, "func a() {\n\tuno()\n}\n\nfunc b() {\n\tif x {\n\t\tdos()\n\t}\n}\n");
}

#[test]
fn context_alone_does_not_show_a_deletion() {
    // The lines to delete are not there, and nothing that would stand behind them is: the context says nothing of it.
    let before = "one()\ntwo()\nthree()\nfour()\nfive()\n";
    refused(&format!("{HEAD}@@ -1,5 +1,3 @@\n one()\n two()\n three()\n-other()\n-another()\n"), before);
    refused(&format!("{HEAD}@@ -1,5 +1,3 @@\n-other()\n-another()\n two()\n three()\n four()\n"), before);
    let between = format!("{HEAD}@@ -1,5 +1,4 @@\n one()\n two()\n-other()\n three()\n four()\n");
    assert_eq!(planned(&between, before).unwrap().outcome, Outcome::AlreadyApplied);
    let at_the_end = format!("{HEAD}@@ -3,4 +3,3 @@\n three()\n four()\n five()\n-other()\n");
    assert_eq!(planned(&at_the_end, before).unwrap().outcome, Outcome::AlreadyApplied);
}

#[test]
fn an_order_that_only_wrong_numbers_give_says_nothing() {
    let part = |name: &str| format!("def {name}():\n    here = start()\n    go()\n    stop(here)\n\n");
    let before = [part("a"), part("b"), part("c")].concat();
    let first = "@@ -300,5 +300,6 @@\n def b():\n     here = start()\n+    look()\n     go()\n     stop(here)\n";
    let second = "@@ -70,3 +70,4 @@\n     go()\n     stop(here)\n+    log()\n \n";
    // By its number the second hunk comes before the first one, by its place in the answer behind it.
    assert!(refused(&format!("{HEAD}{first}{second}"), &before).contains("several places"));
}

#[test]
fn a_place_without_a_line_that_another_has_is_no_rival() {
    let part = |name: &str, list: &str| {
        format!(
            "def {name}(x):\n    rows = {list}\n    total = sum(rows)\n    for row in rows:\n        use(row, 1)\n    return total\n\n"
        )
    };
    let before = [part("a", "read(x)"), part("b", "load(x)")].concat();
    let hunk = |list: &str| {
        format!(
            "@@\n     rows = {list}\n     total = sum(rows)\n     for row in rows:  # and so on\n-        use(row, 1)\n\
             +        use(row, 2)\n     return total\n"
        )
    };
    let after = before.replacen("use(row, 1)", "use(row, 2)", 1);
    becomes(&format!("{HEAD}{}", hunk("read(x)")), &before, &after);
    // Without the line that tells the two apart, both are as good.
    refused(&format!("{HEAD}{}", hunk("find(x)")), &before);
    // The stated line speaks for the other one.
    refused(&format!("{HEAD}{}", hunk("read(x)").replace("@@", "@@ -9,5 +9,5 @@")), &before);
}

#[test]
fn brackets_alone_are_no_rival() {
    let before = "a = {\n  1: {\n    x()\n  }\n}\n\nb = {\n  2: {\n    last_of_all(1)\n  }\n}\n";
    let answer = format!("{HEAD}@@ -9,3 +9,5 @@\n     last_of_all(1)\n   }}\n # invented\n }}\n+\n+c = 3\n");
    becomes(&answer, before, &format!("{before}\nc = 3\n"));
}

#[test]
fn an_added_blank_line_is_no_context_of_the_same_hunk() {
    let before = "# Title\n\nSome words about it\n";
    let answer = format!("{HEAD}@@ -1,3 +1,5 @@\n\n+<img src=\"sign.svg\">\n+\n # Title\n \n Some words about it\n");
    let after = "<img src=\"sign.svg\">\n\n# Title\n\nSome words about it\n";
    becomes(&answer, before, after);
    refused(&answer, after);
}

#[test]
fn items_of_a_list_that_lost_their_mark_are_no_deletions() {
    let before = "# Releases\n\n- one\n- two\n- three\n- four\n\nThe end\n";
    let after = "# Releases\n\n- one\n- two\n- four\n\nThe end\n";
    let hunk = |head: &str| format!("{HEAD}{head}\n\n- one\n- two\n-- three\n- four\n\nThe end\n");
    becomes(&hunk("@@ -2,7 +2,6 @@"), before, after);
    // Only the head tells: without it, or with another, the same lines may be meant to go.
    refused(&hunk("@@ ... @@"), before);
    refused(&hunk("@@ -2,7 +2,5 @@"), before);
    // An item that stands there without its mark too may be the one that goes.
    refused(&hunk("@@ -2,7 +2,6 @@"), &format!("{before}\none\n"));
    let added = format!("{HEAD}@@ -2,3 +2,4 @@\n\n+ one\n++ new\n+ two\nThe end\n");
    refused(&added, "# Releases\n\n+ one\n+ two\nThe end\n");
    let added = format!("{HEAD}@@ -2,4 +2,5 @@\n\n+ one\n++ new\n+ two\nThe end\n");
    becomes(&added, "# Releases\n\n+ one\n+ two\nThe end\n", "# Releases\n\n+ one\n+ new\n+ two\nThe end\n");
}

#[test]
fn a_diff_of_no_files_in_a_whole_file_is_its_text() {
    let lines = |last: &str| (0..12).map(|at| format!("check({at})\n")).collect::<String>() + last;
    let text = "want = '''\n--- Expected\n+++ Actual\n@@ -1 +1 @@\n-a\n+b\n'''\n";
    let answer = |head: &str, text: &str| format!("### src/f.py\n\n```\n{head}{text}```\n");
    becomes(&answer(&lines("done()\n"), text), &lines(text), &(lines("done()\n") + text));
    // Of paths, or with little above it, it may be the edit that is meant.
    refused(&answer(&lines("done()\n"), &text.replace("Expected", "a/src/g.py")), &lines(text));
    refused(&answer("", text), &lines(text));
}

#[test]
fn a_path_with_blanks_may_stand_on_a_fence() {
    for info in ["html cover all/in dex.html", "html title=\"cover all/in dex.html\"", "html file='cover all/in dex.html'"] {
        let answer = format!("```{info}\n<<<<<<< SEARCH\none\n=======\ntwo\n>>>>>>> REPLACE\n```\n");
        let path = RepoPath::new("cover all/in dex.html").unwrap();
        let plan = plan(answer, &Tree::new(Files::from_map([(path.clone(), b"one\n".to_vec())].into()))).unwrap();
        assert_eq!(plan.files.iter().map(|file| &file.path).collect::<Vec<_>>(), [&path], "{info}");
    }
}

#[test]
fn a_missing_line_may_be_the_neighbour_of_what_is_added() {
    let before = "use std::ptr;\nuse std::sync::Arc;\n\nuse libc::c_int;\n\nuse crate::client;\nfn main() {}\n";
    let lines = "+use std::ffi::c_int;\n use std::sync::Arc;\n \n-use libc::c_int;\n-\n use crate::client;\n";
    refused(&format!("{HEAD}@@ -1,6 +1,5 @@\n{lines}"), before);
    refused(&format!("{HEAD}@@ -1,4 +1,5 @@\n use std::ptr;\n use std::sync::Arc;\n \n+use std::ffi::c_int;\n"), before);
    let after = "use std::ptr;\nuse std::ffi::c_int;\nuse std::sync::Arc;\n\nuse crate::client;\nfn main() {}\n";
    becomes(&format!("{HEAD}@@ -1,5 +1,4 @@\n{lines}"), before, after);
    becomes(&format!("{HEAD}@@ -2,6 +2,5 @@\n{lines}"), before, after);
}

#[test]
fn a_file_without_an_extension_is_named_in_small_letters_too() {
    let answer = block("one\n", "two\n") + "\nlicense\n<<<<<<< SEARCH\n=======\nThe licence\n>>>>>>> REPLACE\n";
    let plan = planned(&answer, "one\n").unwrap();
    assert_eq!(plan.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["license", "src/f.py"]);
}

#[test]
fn an_answer_that_ends_within_the_note_of_a_diff_was_cut_off() {
    let hunk = format!("{HEAD}@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline at end of file\n+three\n");
    let refusal = refused(&format!("{hunk}\\ No newline "), "one\ntwo");
    assert!(refusal.contains("ends within"), "{refusal}");
    becomes(&format!("{hunk}\\ No newline at end of file"), "one\ntwo", "one\nthree");
}

#[test]
fn what_would_come_twice_is_refused() {
    // The context above what is added is not there, and is added with it.
    let before = "var a = b('a');\nvar c = b('c');\nvar d = b('d');\nvar e = b('e');\n";
    refused(
        &format!("{HEAD}@@ -4,4 +1,6 @@\n \n+'use strict';\n+\n var a = b('a');\n var c = b('c');\n var d = b('d');\n"),
        before,
    );
    // Each of two blocks adds in the middle of the other's lines.
    let first = block("var c = b('c');\nvar d = b('d');\n", "'use strict';\nvar a = b('a');\nvar c = b('c');\nvar d = b('d');\n");
    let second = block(
        "var a = b('a');\nvar c = b('c');\nvar d = b('d');\n",
        "'use strict';\n\nvar a = b('a');\nvar c = b('c');\nvar d = b('d');\nz = 1;\n",
    );
    refused(&format!("{first}\n{second}"), before);
}

#[test]
fn a_merged_hunk_that_ends_with_what_it_adds_ends_the_file() {
    let before = "def a():\n    one()\n    end()\n\ndef b():\n    two()\n    end()\n\ndef c():\n    three()\n    end()\n";
    let hunk =
        "@@ -1,6 +1,9 @@\n def a():\n-    one()\n+    uno()\n     end()\n     two()\n     end()\n+\n+def d():\n+    four()\n";
    refused(&format!("{HEAD}{hunk}"), before);
}
