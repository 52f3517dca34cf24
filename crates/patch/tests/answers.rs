//! Answers in every format, over small trees: what they become, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use domain::{Files, RepoPath};
use patch::{Outcome, Plan, Refusal, Repair, Rung, Special, Tree, Why, plan};

fn tree(list: &[(&str, &str)]) -> Tree {
    Tree::new(Files::from_map(list.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect()))
}

fn planned(answer: &str, list: &[(&str, &str)]) -> Result<Plan, Refusal> {
    plan(answer, &tree(list))
}

/// The files afterwards, those that are gone as `None`.
fn after(answer: &str, list: &[(&str, &str)]) -> Result<BTreeMap<String, Option<String>>, Refusal> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let plan = planned(answer, list)?;
    Ok(plan.files.iter().map(|file| (file.path.to_string(), file.after.as_deref().map(text))).collect())
}

#[track_caller]
fn one(answer: &str, before: &str, expected: &str) {
    match after(answer, &[("src/f.py", before)]) {
        Ok(files) => assert_eq!(files.get("src/f.py").cloned().flatten().as_deref(), Some(expected)),
        Err(refusal) => panic!("{refusal}: {refusal:?}"),
    }
}

#[track_caller]
fn refused(answer: &str, before: &str) -> Refusal {
    match planned(answer, &[("src/f.py", before)]) {
        Err(refusal) => refusal,
        Ok(plan) => panic!("{:?}: {}", plan.outcome, String::from_utf8_lossy(&plan.diff())),
    }
}

const FILE: &str = "import os\n\n\ndef first(a, b):\n    x = a + b\n    return x\n\n\ndef second(a):\n    if a:\n        return 1\n    return 2\n";

const HEAD: &str = "--- a/src/f.py\n+++ b/src/f.py\n";

#[test]
fn create_delete_rename_and_change_in_one_patch() {
    let patch = "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+hello\n\
        diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n\
        diff --git a/x b/y\nsimilarity index 50%\nrename from x\nrename to y\n--- a/x\n+++ b/y\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n";
    let result = after(patch, &[("old", "bye\n"), ("x", "one\ntwo\n")]).unwrap();
    let text = |s: &str| Some(s.to_owned());
    let expected = [("new", text("hello\n")), ("old", None), ("x", None), ("y", text("one\nTWO\n"))];
    assert_eq!(result, expected.into_iter().map(|(path, text)| (path.to_owned(), text)).collect());
}

#[test]
fn wrong_line_numbers_need_one_place() {
    let patch = "--- a/f\n+++ b/f\n@@ -90,1 +90,1 @@\n-b\n+B\n";
    assert_eq!(after(patch, &[("f", "a\nb\nc\n")]).unwrap()["f"].as_deref(), Some("a\nB\nc\n"));
    let twice = after(patch, &[("f", "b\na\nb\n")]).unwrap_err();
    assert_eq!(twice.to_string(), "f: hunk 1 fits at several places: lines 1, 3");
    let nowhere = after(patch, &[("f", "x\n")]).unwrap_err();
    assert_eq!(nowhere.to_string(), "f: hunk 1 fits nowhere: its context is not in the file");
}

#[test]
fn line_ends_come_from_the_file() {
    let patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n-b\n+B\n+C\n";
    assert_eq!(after(patch, &[("f", "a\r\nb\r\n")]).unwrap()["f"].as_deref(), Some("a\r\nB\r\nC\r\n"));
    let open = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+B\n\\ No newline at end of file\n";
    assert_eq!(after(open, &[("f", "b")]).unwrap()["f"].as_deref(), Some("B"));
    assert_eq!(after(patch, &[("f", "a\nb")]).unwrap()["f"].as_deref(), Some("a\nB\nC"));
    assert_eq!(after(&patch.replace('\n', "\r\n"), &[("f", "a\nb\n")]).unwrap()["f"].as_deref(), Some("a\nB\nC\n"));
    let bom = "\u{feff}a\nb\n";
    assert_eq!(after(patch, &[("f", bom)]).unwrap()["f"].as_deref(), Some("\u{feff}a\nB\nC\n"));
}

#[test]
fn hostile_and_empty_answers_are_refused() {
    let to = |name: &str| format!("--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+x\n");
    for name in [
        "b/../../etc/x",
        "/etc/x",
        "b/.git/hooks/post-commit",
        "../x",
        "b/.GIT/x",
        "b/.git./x",
        "b/git~1/x",
        "C:\\x",
        "..\\x",
        "~/x",
        "b/.g\u{200b}it/x",
        "b/f/x",
        "b/sub/x",
        "b/link/x",
        "b/link",
        "b/x\\nindex 1..2\\n--- a/x\\n+++ b/x\\n@@ -1 +1 @@\\n-a\\n+b",
    ] {
        let special = [("link", Special::Link), ("sub", Special::Submodule)].map(|(p, s)| (RepoPath::new(p).unwrap(), s));
        let tree = tree(&[("f", "there\n")]).with_special(special.into());
        assert!(matches!(plan(to(name), &tree), Err(Refusal::BadFile { .. })), "{name}");
    }
    assert!(matches!(after("I would change line 3.", &[]), Err(Refusal::Unreadable { .. })));
    assert!(matches!(after("", &[]), Err(Refusal::Unreadable { .. })));
    assert!(after("--- a/f\n+++ b/f\n@@ -1 +1 @@\n a\n", &[("f", "a\n")]).is_err());
    assert!(after("--- a/f\n+++ b/f\n", &[("f", "a\n")]).is_err());
    for mode in ["120000", "160000"] {
        let link = format!("diff --git a/l b/l\nnew file mode {mode}\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n");
        assert!(after(&link, &[]).is_err());
    }
    assert!(after(&to("b/f"), &[("f", "there\n")]).is_err());
    assert!(after("diff --git a/f b/f\nBinary files a/f and b/f differ\n", &[("f", "a\n")]).is_err());
    let delete = "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
    assert!(after(delete, &[("f", "a\nb\n")]).is_err());
}

#[test]
fn diffs_of_any_quality() {
    let expected = FILE.replace("x = a + b", "x = a * b");
    for hunk in [
        "@@ -4,3 +4,3 @@\n def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n",
        "@@ -400,3 +4,9 @@ def first\n def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n",
        "@@\n def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n",
        "@@ ... @@\n-    x = a + b\n+    x = a * b\n",
        " def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n",
        // Lost marks of context.
        "@@ -4,3 +4,3 @@\ndef first(a, b):\n-    x = a + b\n+    x = a * b\n    return x\n",
        // Foreign indentation.
        "@@ -4,3 +4,3 @@\n def first(a, b):\n-  x = a + b\n+  x = a * b\n   return x\n",
        "@@ -4,3 +4,3 @@\n def first(a, b):\n-\tx = a + b\n+\tx = a * b\n \treturn x\n",
        // A blank after each mark.
        "@@ -4,3 +4,3 @@\n  def first(a, b):\n-     x = a + b\n+     x = a * b\n      return x\n",
        // Context that is not there, between lines that are.
        "@@ -2,6 +2,6 @@\n import os\n def first(a, b):\n     # add them\n-    x = a + b\n+    x = a * b\n     return x\n",
        // Lines left out.
        "@@ -1,9 +1,9 @@\n import os\n ...\n-    x = a + b\n+    x = a * b\n ...\n def second(a):\n",
    ] {
        one(&format!("{HEAD}{hunk}"), FILE, &expected);
        one(&format!("Sure, here it is:\n\n```diff\n{HEAD}{hunk}```\n\nThis multiplies.\n"), FILE, &expected);
    }
    let body = "@@ -5 +5 @@\n-    x = a + b\n+    x = a * b\n";
    for head in [
        "--- src/f.py\n+++ src/f.py\n",
        "--- a/src/f.py\t2024-01-01 00:00:00\n+++ b/src/f.py\t2024-01-01 00:00:00\n",
        "--- old/src/f.py\n+++ new/src/f.py\n",
        "--- a/repo/src/f.py\n+++ b/repo/src/f.py\n",
        "+++ b/src/f.py\n",
        "diff --git a/src/f.py b/src/f.py\nindex 1234567..89abcde 100644\n--- a/src/f.py\n+++ b/src/f.py\n",
        "`src/f.py`:\n",
        "### src/f.py\n",
    ] {
        one(&format!("{head}{body}"), FILE, &expected);
    }
    assert!(matches!(refused(&format!("--- a/f.py\n+++ b/f.py\n{body}"), FILE), Refusal::NoSuchFile { .. }));
    assert!(matches!(refused(body, FILE), Refusal::Unreadable { .. }));
}

#[test]
fn what_could_stand_elsewhere_is_refused() {
    let twice = "a = 1\nfoo()\nb = 2\nfoo()\n";
    let several = refused(&format!("{HEAD}@@\n-foo()\n+bar()\n"), twice);
    let Refusal::Misfit(misfit) = several else { panic!("{several:?}") };
    assert_eq!((misfit.why, misfit.rung), (Why::Several(vec![2, 4]), Rung::Exact));
    one(&format!("{HEAD}@@ -4 +4 @@\n-foo()\n+bar()\n"), twice, "a = 1\nfoo()\nb = 2\nbar()\n");
    refused(&format!("{HEAD}@@ -3 +3 @@\n-foo()\n+bar()\n"), twice);
    // A deleted line that is not there is never matched by likeness.
    refused(&format!("{HEAD}@@ -4,3 +4,3 @@\n def first(a, b):\n-    x = a + c\n+    x = a * b\n     return x\n"), FILE);
    // An insertion whose neighbours are apart.
    refused(&format!("{HEAD}@@ -4,3 +4,4 @@\n def first(a, b):\n+    y = 1\n     return x\n"), FILE);
    // Pure insertion by number alone.
    refused(&format!("{HEAD}@@ -5,0 +6 @@\n+    y = 1\n"), FILE);
}

#[test]
fn an_edit_that_stands_already_is_its_own_outcome() {
    let insert = format!("{HEAD}@@ -1 +1,2 @@\n import os\n+import re\n");
    let replace = format!("{HEAD}@@ -4,3 +4,3 @@\n def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n");
    let block = "src/f.py\n<<<<<<< SEARCH\nimport os\n=======\nimport os\nimport re\n>>>>>>> REPLACE\n";
    for answer in [insert.as_str(), &replace, block] {
        let first = after(answer, &[("src/f.py", FILE)]).unwrap();
        let text = first["src/f.py"].clone().unwrap();
        let again = planned(answer, &[("src/f.py", &text)]).unwrap();
        assert_eq!((again.outcome, again.files.len()), (Outcome::AlreadyApplied, 0), "{answer}");
    }
}

/// What was written once is not written again, also where the rungs alone do not see it.
#[test]
fn twice_is_once_on_every_rung() {
    let twice = |answer: &str, before: &str| {
        let first = after(answer, &[("src/f.py", before)]).unwrap()["src/f.py"].clone().unwrap();
        let again = planned(answer, &[("src/f.py", &first)]);
        assert!(matches!(&again, Ok(plan) if plan.outcome == Outcome::AlreadyApplied), "{again:?}");
    };
    // The new text begins with the old one, which is part of a line.
    twice("src/f.py\n<<<<<<< SEARCH\n a + b\n=======\n a + b\n    log(x, a, b)\n>>>>>>> REPLACE\n", FILE);
    // The old lines stand at a second place.
    twice(&format!("{HEAD}@@ -2 +2,2 @@\n call()\n+again()\n"), "one\ncall()\ntwo\ncall()\nthree\n");
    // Context that is only partly there: at the latest the second time it is too little.
    let wrong = "@@ -1,6 +1,9 @@\n import os\n # nothing\n def first(a, b):\n     x = a + b\n+    log(x, a, b)\n+    check(x, a, b)\n     return x\n\n\n def other(a):\n";
    let first = after(&format!("{HEAD}{wrong}"), &[("src/f.py", FILE)]).unwrap()["src/f.py"].clone().unwrap();
    let again = planned(&format!("{HEAD}{wrong}"), &[("src/f.py", &first)]);
    assert!(again.as_ref().map_or(true, |plan| plan.files.is_empty()), "{again:?}");
}

#[test]
fn search_and_replace() {
    let expected = FILE.replace("x = a + b", "x = a * b");
    let old = "    x = a + b\n    return x\n";
    let new = "    x = a * b\n    return x\n";
    let body = format!("<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n");
    for answer in [
        format!("src/f.py\n{body}"),
        format!("src/f.py\n```python\n{body}```\n"),
        format!("```python\nsrc/f.py\n{body}```\n"),
        format!("```python src/f.py\n{body}```\n"),
        format!("Here:\n\n**src/f.py**\n\n```\n{body}```\nDone.\n"),
        format!("### File: `src/f.py`\n{body}"),
        format!("src/f.py\n{}", body.replace("<<<<<<< SEARCH", "<<<<<<< SEARCH>").replace("=======", "=====")),
        format!("src/f.py\n------- SEARCH\n{old}=======\n{new}+++++++ REPLACE\n"),
        format!("src/f.py\n<<<<<<< SEARCH\n:start_line:5\n-------\n{old}=======\n{new}>>>>>>> REPLACE\n"),
        "src/f.py\n<<<<<<< SEARCH\n 5 |     x = a + b\n 6 |     return x\n=======\n 5 |     x = a * b\n 6 |     return x\n>>>>>>> REPLACE\n".to_owned(),
        "src/f.py\n<<<<<<< SEARCH\nx = a + b\nreturn x\n=======\nx = a * b\nreturn x\n>>>>>>> REPLACE\n".to_owned(),
        "src/f.py\n<<<<<<< SEARCH\na + b\n=======\na * b\n>>>>>>> REPLACE\n".to_owned(),
        "src/f.py\n<<<<<<< SEARCH\ndef first(a, b):\n...\n    x = a + b\n    return x\n=======\ndef first(a, b):\n...\n    x = a * b\n    return x\n>>>>>>> REPLACE\n".to_owned(),
        format!("src/f.py\n{}", body.replace('\n', "\r\n")),
    ] {
        one(&answer, FILE, &expected);
    }
    for answer in [
        format!("src/f.py\n<<<<<<< SEARCH\n{old}=======\n{new}"),
        format!("src/f.py\n<<<<<<< SEARCH\n{old}>>>>>>> REPLACE\n"),
        format!("src/f.py\n<<<<<<< SEARCH\n{old}=======\n{old}>>>>>>> REPLACE\n"),
        body.clone(),
        format!("src/f.py\n<<<<<<< SEARCH\n=======\n{new}>>>>>>> REPLACE\n"),
        "src/f.py\n<<<<<<< SEARCH\n    x = a + b\n=======\n    # ... existing code ...\n    x = 2\n>>>>>>> REPLACE\n".to_owned(),
        "src/f.py\n<<<<<<< SEARCH\na\n=======\nc\n>>>>>>> REPLACE\n".to_owned(),
    ] {
        refused(&answer, FILE);
    }
    let new_file = "src/g.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n";
    assert_eq!(after(new_file, &[("src/f.py", FILE)]).unwrap()["src/g.py"].as_deref(), Some("x = 1\n"));
}

#[test]
fn v4a() {
    let expected = FILE.replace("x = a + b", "x = a * b");
    let update = "*** Update File: src/f.py\n@@ def first(a, b):\n-    x = a + b\n+    x = a * b\n     return x\n";
    one(&format!("*** Begin Patch\n{update}*** End Patch\n"), FILE, &expected);
    one(&format!("apply_patch <<'EOF'\n*** Begin Patch\n{update}*** End Patch\nEOF\n"), FILE, &expected);
    one(&format!("```\n*** Begin Patch\n{update}*** End Patch\n```\n"), FILE, &expected);
    refused(&format!("*** Begin Patch\n{update}"), FILE);
    refused("*** Begin Patch\n*** End Patch\n", FILE);
    let twice = "class A:\n    def f(self):\n        return 0\n\n    def g(self):\n        return 0\n\n\nclass B:\n    def f(self):\n        return 0\n";
    let anchored = "*** Begin Patch\n*** Update File: src/f.py\n@@ class B:\n@@     def f(self):\n-        return 0\n+        return 1\n*** End Patch\n";
    one(anchored, twice, &format!("{}1\n", twice.strip_suffix("0\n").unwrap()));
    refused(&anchored.replace("@@ class B:\n", ""), twice);
    let at_end =
        "*** Begin Patch\n*** Update File: src/f.py\n@@\n-        return 0\n+        return 1\n*** End of File\n*** End Patch\n";
    one(at_end, twice, &format!("{}1\n", twice.strip_suffix("0\n").unwrap()));
    let all = "*** Begin Patch\n*** Add File: src/g.py\n+x = 1\n+\n+y = 2\n*** Delete File: old.py\n*** Update File: src/f.py\n*** Move to: src/h.py\n@@\n-import os\n+import re\n*** End Patch\n";
    let result = after(all, &[("src/f.py", FILE), ("old.py", "a\n")]).unwrap();
    assert_eq!(result["src/g.py"].as_deref(), Some("x = 1\n\ny = 2\n"));
    assert_eq!((&result["old.py"], &result["src/f.py"]), (&None, &None));
    assert_eq!(result["src/h.py"].as_deref(), Some(FILE.replace("import os", "import re").as_str()));
}

#[test]
fn whole_files() {
    let expected = FILE.replace("x = a + b", "x = a * b");
    for answer in [
        format!("src/f.py\n```python\n{expected}```\n"),
        format!("Here is the file:\n\n**`src/f.py`**\n```python\n{expected}```\nEnjoy.\n"),
        format!("```python src/f.py\n{expected}```\n"),
        format!("```python\n# src/f.py\n{expected}```\n"),
        format!("cat > src/f.py <<'EOF'\n{expected}EOF\n"),
    ] {
        one(&answer, FILE, &expected);
    }
    let crlf = FILE.replace('\n', "\r\n");
    one(&format!("src/f.py\n```python\n{expected}```\n"), &crlf, &expected.replace('\n', "\r\n"));
    refused(&format!("src/f.py\n```python\n{expected}"), FILE);
    refused("src/f.py\n```python\nimport os\n# ... rest of the code unchanged ...\n```\n", FILE);
    refused("src/f.py\n```python\nimport os\nimport re\n```\n", FILE);
    let again = planned(&format!("src/f.py\n```python\n{FILE}```\n"), &[("src/f.py", FILE)]).unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyApplied);
}

/// A shell takes the first word for the file: what follows it unquoted is not a part of any other name.
#[test]
fn a_here_document_is_written_to_the_file_that_it_names_whole() {
    let named = "a b (1).py";
    for (head, path) in [
        ("cat > 'a b (1).py' <<'EOF'", named),
        ("cat > \"a b (1).py\" <<'EOF'", named),
        ("cat <<'EOF' > a\\ b\\ (1).py", named),
        ("cat > a b (1).py <<'EOF'", named),
        ("cat <<'EOF' > new.py && python3 new.py", "new.py"),
    ] {
        let result = after(&format!("{head}\nx = 2\nEOF\n"), &[(named, "x = 1\n")]).unwrap();
        assert_eq!(result[path].as_deref(), Some("x = 2\n"), "{head}");
    }
    let unknown = after("cat > dir/a b.py <<'EOF'\nx = 2\nEOF\n", &[(named, "x = 1\n")]);
    assert!(unknown.is_err(), "{unknown:?}");
}

#[test]
fn json() {
    let expected = FILE.replace("x = a + b", "x = a * b");
    let diff = format!("{HEAD}@@ -5 +5 @@\n-    x = a + b\n+    x = a * b\n");
    let quoted = serde_json::to_string(&diff).unwrap();
    for answer in [
        format!("{{\"diff\": {quoted}, \"explanation\": \"a {{b}} \\\"c\\\"\", \"confidence\": \"high\"}}"),
        format!("Here:\n```json\n{{\"patch\": {quoted}}}\n```\nDone."),
        format!("Here it is:\n{{\"diff_text\": {quoted}}}\nDone."),
        format!("{{\"content\": {quoted}}}"),
        quoted.clone(),
        serde_json::json!({"diff": format!("```diff\n{diff}```\n")}).to_string(),
        serde_json::json!([{"path": "src/f.py", "old": "    x = a + b", "new": "    x = a * b"}]).to_string(),
        serde_json::json!({"edits": [{"path": "src/f.py", "old": "x = a + b", "new": "x = a * b"}]}).to_string(),
        serde_json::json!({"path": "src/f.py", "content": expected}).to_string(),
        // Line feeds that are not escaped.
        format!("{{\"diff\": \"{diff}\"}}"),
        diff.replace('\n', "\\n"),
    ] {
        one(&answer, FILE, &expected);
    }
    let plan =
        planned(&format!("{{\"diff\": {quoted}, \"explanation\": \"why\", \"confidence\": \"high\"}}"), &[("src/f.py", FILE)])
            .unwrap();
    assert_eq!((plan.explanation.as_deref(), plan.confidence), (Some("why"), Some(patch::Confidence::High)));
    assert_eq!(plan.repairs, [Repair::Json]);
    let cut = format!("{{\"diff\": {quoted}, \"explanation\": \"wh");
    assert!(matches!(refused(&cut, FILE), Refusal::Truncated { .. }));
    assert!(matches!(refused("{\"diff\": \"\"}", FILE), Refusal::Unreadable { .. }));
    assert!(matches!(refused("{\"diff\": null, \"explanation\": \"no\"}", FILE), Refusal::Unreadable { .. }));
}

#[test]
fn what_happened_on_the_way_is_undone() {
    let expected = "if a < b and c:\n    say(\"hi\")\n    go()\n";
    let before = "if a < b:\n    say(\"hi\")\n    go()\n";
    let diff = format!("{HEAD}@@ -1,2 +1,2 @@\n-if a < b:\n+if a < b and c:\n     say(\"hi\")\n");
    let escaped = diff.replace('<', "&lt;").replace('"', "&quot;");
    let quoted: String = diff.lines().map(|line| format!("> {line}\n")).collect();
    let listed: String = format!("```diff\n{diff}```\n").lines().map(|line| format!("   {line}\n")).collect();
    for answer in [escaped, quoted, format!("1. Change it:\n\n{listed}"), diff.replace("\"hi\"", "“hi”")] {
        one(&answer, before, expected);
    }
}

#[test]
fn an_answer_that_was_cut_off_is_refused() {
    let patch = format!(
        "{HEAD}@@ -1,4 +1,4 @@\n-import os\n+import re\n \n \n def first(a, b):\n@@ -9,4 +9,4 @@\n def second(a):\n     if a:\n-        return 1\n"
    );
    assert!(matches!(refused(&patch, FILE), Refusal::Truncated { .. }));
    assert!(matches!(refused(&format!("```diff\n{patch}"), FILE), Refusal::Truncated { .. }));
    // Within the last added line, with one line of context missing behind it.
    let half = format!("{HEAD}@@ -9,4 +9,4 @@\n def second(a):\n     if a:\n-        return 1\n+        ret");
    assert!(matches!(refused(&half, FILE), Refusal::Truncated { .. }));
}

#[test]
fn a_refusal_says_what_the_next_turn_needs() {
    let answer = format!(
        "{HEAD}@@ -4,3 +4,3 @@\n def first(a, b):\n-    x = a - b\n+    x = a * b\n     return x\n@@ -9 +9 @@\n-import os\n+import re\n"
    );
    let Refusal::Misfit(misfit) = refused(&answer, FILE) else { panic!() };
    assert_eq!((misfit.hunk, misfit.line, misfit.placed.as_slice()), (1, 3, [2].as_slice()));
    let difference = misfit.difference.unwrap();
    assert_eq!(
        (difference.line, difference.expected.as_str(), difference.found.as_deref()),
        (5, "    x = a - b", Some("    x = a + b"))
    );
    assert!(misfit.region.unwrap().text.contains("def first(a, b):\n    x = a + b\n    return x"));
}

#[test]
fn the_diff_of_a_plan_is_gits() {
    let answer =
        "*** Begin Patch\n*** Add File: a b.txt\n+x\n*** Update File: src/f.py\n@@\n-import os\n+import re\n*** End Patch\n";
    let plan = planned(answer, &[("src/f.py", FILE)]).unwrap();
    insta::assert_snapshot!(String::from_utf8(plan.diff()).unwrap());
    assert_eq!(plan.counts()[&RepoPath::new("src/f.py").unwrap()], (1, 1));
}

#[test]
fn a_deletion_that_does_not_fit_is_not_taken_for_one_that_was_made() {
    let before = "fn a() {\n    one();\n}\n\nfn b() -> u8 {\n    two();\n}\n\nstatic USER: u8 = 1;\n\nfn last() {}\n";
    let delete = " }\n \n-fn b() ->> u8 {\n-    two();\n-}\n-\n static USER: u8 = 1;\n";
    let answer = format!("{HEAD}@@ -3,7 +3,3 @@\n{delete}@@ -11 +7,2 @@\n fn last() {{}}\n+fn more() -> u8 {{}}\n");
    refused(&answer, before);
    refused(&format!("{HEAD}@@ -3,7 +3,3 @@\n{delete}"), before);
}

const TWO: [(&str, &str); 2] = [("a.py", "x = 1\ny = 2\nz = 3\n"), ("b.py", "x = 1\nq = 5\n")];

/// Both files are changed, or the answer is refused: none of its edits may be lost.
#[track_caller]
fn never_half(answer: &str) -> bool {
    match planned(answer, &TWO) {
        Ok(plan) => {
            assert_eq!(plan.files.len(), 2, "{answer}");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn no_edit_of_several_values_of_json_is_lost() {
    let (a, b) = (r#"{"path":"a.py","old":"x = 1","new":"x = 9"}"#, r#"{"path":"b.py","old":"q = 5","new":"q = 6"}"#);
    assert!(never_half(&format!("{a}\n{b}")));
    assert!(never_half(&format!("First:\n```json\n{a}\n```\nThen:\n```json\n{b}\n```\n")));
    assert!(never_half(&format!("[{a},{b}]")));
    assert!(!never_half(&format!("{a}{b}")));
    assert!(!never_half(&format!("```json\n{a}\n```\n```json\n{}\n```\n", &b[..35])));
    assert!(!never_half(&format!("{a}\n\n**b.py**\n```python\nx = 1\nq = 6\n```\n")));
    for incomplete in [r#"{"path":"b.py","old":"q = 5","new":null}"#, r#"{"path":"b.py","search":"q = 5"}"#] {
        assert!(!never_half(&format!("[{a},{incomplete}]")));
    }
    assert!(!never_half(r#"{"files":[{"path":"a.py","content":"x = 9\ny = 2\nz = 3\n"},{"path":"b.py","content":""}]}"#));
    let diff = r#""diff":"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 9\n""#;
    assert!(!never_half(&format!("{{{diff},\"edits\":[{b}]}}")));
    // Values that have to be mended are mended, and not without end.
    let mended = |count: usize| "{\"path\":\"a.py\",\"old\":\"x = 1\",\"new\":\"x = 9\",}\n".repeat(count);
    assert!(planned(&mended(3), &TWO).is_ok());
    assert!(planned(&mended(100), &TWO).is_err());
    // What a list says of the edit itself is no edit.
    let about = format!("{{{diff},\"changes\":[{{\"file\":\"a.py\",\"description\":\"nine\"}}]}}");
    assert_eq!(planned(&about, &TWO).unwrap().files.len(), 1);
}

#[test]
fn numbers_of_lines_are_told_from_text_of_the_file() {
    let block = |old: &str, new: &str| format!("a.py\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n");
    let becomes = |answer: &str, before: &str, expected: &str| {
        assert_eq!(after(answer, &[("a.py", before)]).unwrap(), [("a.py".to_owned(), Some(expected.to_owned()))].into());
    };
    let map = "M = {\n    1: 'alpha',\n    2: 'two',\n}\n";
    becomes(
        &block("    1: 'alpha',\n", "    1: 'beta',\n    5: 'gamma',\n"),
        map,
        &map.replace("1: 'alpha',", "1: 'beta',\n    5: 'gamma',"),
    );
    becomes(&block("1: alpha\n2: two\n", "1: two\n2: alpha\n"), "1: alpha\n2: two\n", "1: two\n2: alpha\n");
    becomes(&block("1: 'alpha',\n", "7: 'alpha',\n"), "1: 'alpha',\n", "7: 'alpha',\n");
    becomes(&block("2 | y = 2\n3 | z = 3\n", "2 | y = 2\n3 | z = 4\n"), TWO[0].1, "x = 1\ny = 2\nz = 4\n");
}

#[test]
fn a_part_of_a_name_or_a_number_is_no_place() {
    for (before, old, new) in [
        ("timeout = 3.5\n", "timeout = 3", "timeout = 5"),
        ("requests==2.3.1\n", "requests==2.3", "requests==2.4"),
        ("image: nginx-unprivileged\n", "image: nginx", "image: nginx:1.25"),
        ("x = self.value\n", "value", "price"),
    ] {
        let answer = format!("a.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n");
        assert!(planned(&answer, &[("a.py", before)]).is_err(), "{before}");
    }
}

#[test]
fn a_file_cannot_be_renamed_twice() {
    let to = |name: &str| format!("diff --git a/a.py b/{name}\nsimilarity index 100%\nrename from a.py\nrename to {name}\n");
    assert!(planned(&to("c.py"), &TWO).is_ok());
    assert!(planned(&(to("c.py") + &to("d.py")), &TWO).is_err());
}

const BLOCK: &str = "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n";
const DIFF: &str = "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n-x = 1\n+x = 9\n y = 2\n z = 3\n";

#[test]
fn an_edit_below_prose_about_another_file_says_its_own() {
    let answer = |second: &str| format!("a.py\n{BLOCK}\n{second}\n{BLOCK}");
    assert!(planned(&answer("And the same in `b.py` as well:"), &TWO).is_err());
    assert!(never_half(&answer("And the same in `b.py` as well:\n\nb.py")));
    let once = format!("a.py\n{BLOCK}\nThis is all; `b.py` stays as it is.\n");
    assert_eq!(planned(&once, &TWO).unwrap().files.len(), 1);
}

#[test]
fn a_list_behind_a_diff_is_no_part_of_it() {
    for note in ["+ this is a note\n", "- first\n- second\n"] {
        let changed = after(&format!("{DIFF}\n{note}"), &TWO).unwrap();
        assert_eq!(changed["a.py"].as_deref(), Some("x = 9\ny = 2\nz = 3\n"));
    }
}

#[test]
fn the_first_half_of_an_answer_is_not_applied() {
    let whole = "a.py\n```python\nx = 9\ny = 2\nz = 3\n```\n";
    for rest in ["b.py\n<<<<<<< SEA", "b.py\n```python\n", "b.py\n", "*** Begin Pat", "--- a/b.py", "diff --git a/b.p"] {
        for first in [format!("a.py\n{BLOCK}"), whole.to_owned(), DIFF.to_owned()] {
            assert!(planned(&format!("{first}\n{rest}"), &TWO).is_err(), "{first}{rest}");
        }
    }
    assert!(planned(whole, &TWO).is_ok());
}

#[test]
fn headings_and_excerpts_are_no_files() {
    let heading = format!("Before/After:\n```\nx = 1\n```\n\n```diff\n{DIFF}```\n");
    assert_eq!(planned(&heading, &TWO).unwrap().files.len(), 1);
    let numbered = format!("## 2.1\n```bash\nmake\n```\n\n```diff\n{DIFF}```\n");
    assert_eq!(planned(&numbered, &TWO).unwrap().files.len(), 1);
    let excerpt = format!("```diff\n{DIFF}```\nThe relevant part of it:\n```python\n# b.py\nx = 1\n```\n");
    assert!(planned(&excerpt, &TWO).is_err());
    let six = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n";
    assert!(planned("a.py\n```python\nb = 2\nc = 3\nd = 4\ne = 5\n```\n", &[("a.py", six)]).is_err());
}

#[test]
fn of_two_names_the_one_that_is_there_is_meant() {
    let diff = |old: &str, new: &str| format!("--- {old}\n+++ {new}\n@@ -1 +1 @@\n-x = 1\n+x = 9\n");
    let both = [("a.py", "x = 1\n"), ("a.py.orig", "x = 1\n")];
    assert!(planned(&diff("a.py.orig", "a.py"), &both).is_err());
    assert_eq!(after(&diff("a.py.orig", "a.py"), &both[..1]).unwrap().len(), 1);
    // A name that may not be is not made good by another.
    for bad in ["/etc/passwd", "../a.py", ".git/config"] {
        assert!(matches!(planned(&diff(bad, "a.py"), &both[..1]), Err(Refusal::BadFile { .. })), "{bad}");
    }
}

#[test]
fn a_hunk_above_its_anchor_is_refused() {
    let file = "class A:\n    def f(self):\n        return 11\n\nclass B:\n    def f(self):\n        return 22\n";
    let patch = |anchor: &str| {
        format!("*** Begin Patch\n*** Update File: a.py\n@@ {anchor}\n-        return 11\n+        return 33\n*** End Patch\n")
    };
    assert!(planned(&patch("class A:"), &[("a.py", file)]).is_ok());
    assert!(planned(&patch("class B:"), &[("a.py", file)]).is_err());
}

#[test]
fn an_answer_that_ends_within_a_line_is_refused() {
    let before = "def a():\n    one = 1\n    two = 2\n    return one\n\ndef b():\n    pass\n";
    let whole = "```diff\n--- a/src/f.py\n+++ b/src/f.py\n@@ -1,4 +1,4 @@\n def a():\n     one = 1\n-    two = 2\n+    two = 3\n     return one\n";
    let expected = before.replace("two = 2", "two = 3");
    one(whole, before, &expected);
    // Only the blank before the last line is there: it is no blank line of the file.
    refused(whole.strip_suffix("    return one\n").unwrap(), before);
    // The head of a next file: no blank line is deleted.
    refused(&format!("{whole}-"), before);
    refused(&format!("{whole}--"), before);
    let block = "src/f.py\n<<<<<<< SEARCH\n    two = 2\n=======\n    two = 3\n>>>>>>> REPLACE\n";
    one(block, before, &expected);
    for rest in ["\nsrc/", "\nsrc/g.", "\nsrc/g.py\n<", "\nsrc/g.py\n<<<<<", "\nsrc/g.py\n``", "\n*", "\ndiff", "\n@"] {
        refused(&format!("{block}{rest}"), before);
    }
    one(&format!("{block}\nThat is all"), before, &expected);
}

#[test]
fn a_patch_that_is_written_down_to_be_applied_is_the_edit() {
    let diff = "--- a/src/f.py\n+++ b/src/f.py\n@@ -1,2 +1,2 @@\n one()\n-two()\n+three()\n";
    let answer = |name: &str, then: &str| format!("```bash\ncat <<'EOF' > {name}\n{diff}EOF\n{then}\n```\n");
    one(&answer("fix.patch", "git apply fix.patch"), "one()\ntwo()\n", "one()\nthree()\n");
    one(&answer("/tmp/fix.diff", "patch -p1 < /tmp/fix.diff"), "one()\ntwo()\n", "one()\nthree()\n");
    // Without a word of applying it, it is a file.
    let files = after(&answer("debian/fix.patch", "ls"), &[("src/f.py", "one()\ntwo()\n")]).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["debian/fix.patch"]);
}

#[test]
fn a_fence_may_name_a_file_without_an_extension() {
    let files = [("LICENSE", "one\ntwo\n"), ("diff", "x\n")];
    let answer = "```diff LICENSE\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n```\n";
    assert_eq!(after(answer, &files).unwrap().get("LICENSE").cloned().flatten().as_deref(), Some("one\nthree\n"));
    let titled = "```text title=\"LICENSE\"\none\nthree\n```\n";
    assert_eq!(after(titled, &files).unwrap().get("LICENSE").cloned().flatten().as_deref(), Some("one\nthree\n"));
}

#[test]
fn a_path_beside_a_diff_of_another_file_is_refused() {
    let files = [("src/f.py", "one()\ntwo()\n"), ("src/g.py", "one()\ntwo()\n")];
    let answer = |path: &str, head: &str| {
        let diff = format!("{head}@@ -1,2 +1,2 @@\n one()\n-two()\n+three()\n");
        serde_json::json!({ "path": path, "diff": diff }).to_string()
    };
    let named = |path, head: &str| after(&answer(path, head), &files).map(|files| files.into_keys().collect::<Vec<_>>());
    let head = "--- a/src/f.py\n+++ b/src/f.py\n";
    assert_eq!(named("src/f.py", head).unwrap(), ["src/f.py"]);
    assert_eq!(named("src/g.py", "").unwrap(), ["src/g.py"]);
    assert_eq!(named("src", head).unwrap(), ["src/f.py"]);
    assert_eq!(named("src/f.py", "--- a/repo/src/f.py\n+++ b/repo/src/f.py\n").unwrap(), ["src/f.py"]);
    named("src/g.py", head).unwrap_err();
}
