//! What must hold for every text: clean diffs give their result, twice is once, the order of hunks does not matter, and no bytes that
//! come in can make planning panic.

#![expect(clippy::unwrap_used, reason = "a test")]

use domain::{Files, RepoPath};
use patch::{Outcome, Refusal, Tree, diff, plan};
use proptest::prelude::*;

fn path() -> RepoPath {
    RepoPath::new("src/f.rs").unwrap()
}

fn tree(text: &[u8]) -> Tree {
    Tree::new(Files::from_map([(path(), text.to_vec())].into()))
}

fn applied(answer: &[u8], text: &[u8]) -> Result<(Outcome, Vec<u8>), Refusal> {
    let plan = plan(answer, &tree(text))?;
    let after = plan.files.first().map_or_else(|| text.to_vec(), |file| file.after.as_deref().unwrap_or_default().to_vec());
    Ok((plan.outcome, after))
}

/// A file whose lines are told apart, and the same file with some lines changed.
fn change() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let line = "[ ]{0,8}[a-z_]{4,9}\\(\\);";
    (prop::collection::btree_set(line, 8..60), prop::collection::vec((any::<prop::sample::Index>(), 0..4, line), 1..6)).prop_map(
        |(lines, edits)| {
            let before: Vec<String> = lines.into_iter().collect();
            let mut after = before.clone();
            for (at, kind, text) in edits {
                let at = at.index(after.len());
                match kind {
                    0 => after.insert(at, format!("{text} // new")),
                    1 if after.len() > 2 => drop(after.remove(at)),
                    _ => after[at] = format!("{text} // changed"),
                }
            }
            (before, after)
        },
    )
}

fn joined(lines: &[String], end: &str) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}{end}").into_bytes()).collect()
}

proptest! {
    #[test]
    fn a_clean_diff_gives_its_result_and_twice_is_once((before, after) in change(), crlf: bool) {
        let end = if crlf { "\r\n" } else { "\n" };
        let (old, new) = (joined(&before, end), joined(&after, end));
        prop_assume!(old != new);
        let answer = diff(&path(), Some(&old), Some(&new));
        prop_assert_eq!(applied(answer.as_bytes(), &old).unwrap(), (Outcome::Changes, new.clone()));
        // Once more: already there, or refused; never written twice.
        if let Ok((outcome, text)) = applied(answer.as_bytes(), &new) {
            prop_assert_eq!((outcome, text), (Outcome::AlreadyApplied, new));
        }
    }

    #[test]
    fn the_order_of_hunks_does_not_matter((before, after) in change(), numbers: bool) {
        let (old, new) = (joined(&before, "\n"), joined(&after, "\n"));
        prop_assume!(old != new);
        let answer = diff(&path(), Some(&old), Some(&new));
        let (head, hunks) = answer.split_at(answer.find("@@").unwrap());
        let mut hunks: Vec<String> = hunks.split("@@ -").skip(1).map(|hunk| format!("@@ -{hunk}")).collect();
        if !numbers {
            hunks.iter_mut().for_each(|hunk| *hunk = format!("@@\n{}", hunk.split_once('\n').unwrap().1));
        }
        let straight = applied(format!("{head}{}", hunks.concat()).as_bytes(), &old);
        hunks.reverse();
        prop_assert_eq!(applied(format!("{head}{}", hunks.concat()).as_bytes(), &old), straight.clone());
        prop_assert_eq!(straight.unwrap(), (Outcome::Changes, new));
    }

    #[test]
    fn bytes_outside_of_the_edited_lines_are_the_files((before, after) in change()) {
        // The file has other ends of lines and blanks than the answer knows of.
        let odd = |line: &String, at: usize| format!("{line}{}{}", if at.is_multiple_of(3) { " \t" } else { "" }, if at.is_multiple_of(2) { "\r\n" } else { "\n" });
        let old: Vec<u8> = before.iter().enumerate().flat_map(|(at, line)| odd(line, at).into_bytes()).collect();
        let answer = diff(&path(), Some(&joined(&before, "\n")), Some(&joined(&after, "\n")));
        prop_assume!(before != after);
        if let Ok((_, text)) = applied(answer.as_bytes(), &old) {
            let had: std::collections::BTreeSet<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                let new = line.windows(3).any(|part| part == b"// ");
                prop_assert!(new || had.contains(line), "{:?}", String::from_utf8_lossy(line));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(answer in prop::collection::vec(any::<u8>(), 0..400), text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = applied(&answer, &text);
    }

    /// Answers of the pieces that answers are made of, in any order.
    #[test]
    fn no_mixture_of_marks_makes_it_panic_or_lose_its_file(
        parts in prop::collection::vec(prop::sample::select(vec![
            "--- a/src/f.rs\n", "+++ b/src/f.rs\n", "diff --git a/src/f.rs b/src/f.rs\n", "@@ -1,3 +1,3 @@\n", "@@\n", "@@ -0,0 +1 @@\n", " a\n", "-b\n", "+c\n", "a\n", "\n",
            "b\n", "```\n", "```diff\n", "src/f.rs\n", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "*** Begin Patch\n", "*** End Patch\n", "*** Update File: src/f.rs\n",
            "*** Add File: g\n", "*** Delete File: src/f.rs\n", "*** Move to: h\n", "{\"diff\": \"", "\"}", "\\n", "...\n", "\\ No newline at end of file\n", "rename to ../x\n",
            "new file mode 120000\n", "cat > src/f.rs <<'EOF'\n", "EOF\n", "&lt;", "> ", "   ", "\r\n", "\u{feff}", "new file mode 100644\n", "--- /dev/null\n", "+++ /dev/null\n",
        ]), 0..24),
        text in "([abc]?\n){0,8}[abc]?",
    ) {
        let answer = parts.concat();
        if let Ok(plan) = plan(&answer, &tree(text.as_bytes())) {
            for file in &plan.files {
                prop_assert!(RepoPath::new(file.path.as_str()).is_ok());
                prop_assert!(file.before != file.after || file.executable.is_some());
            }
            prop_assert_eq!(plan.files.is_empty(), plan.outcome == Outcome::AlreadyApplied);
        }
    }
}

/// A hunk of fifty lines that is nowhere in ten thousand, and lines that are all the same: bounded, whatever the input.
#[test]
fn hostile_sizes_are_bounded() {
    let start = std::time::Instant::now();
    let file: String = (0..10_000).map(|n| format!("    line {} of {};\n", n % 997, n % 13)).collect();
    let hunk: String = (0..50)
        .map(|n| if n % 9 == 4 { format!("-    line {n} of x;\n") } else { format!("     line {n} of {};\n", n % 13) })
        .collect();
    let answer = format!("--- a/src/f.rs\n+++ b/src/f.rs\n@@ -1 +1 @@\n{hunk}+x\n");
    assert!(applied(answer.as_bytes(), file.as_bytes()).is_err());
    let same = "x\n".repeat(50_000);
    let hunk = format!("--- a/src/f.rs\n+++ b/src/f.rs\n@@\n{}+y\n", " x\n".repeat(5_000));
    assert!(applied(hunk.as_bytes(), same.as_bytes()).is_err());
    let braces = format!("{}{}", "{\"diff\": [".repeat(5_000), "```\n".repeat(5_000));
    assert!(applied(braces.as_bytes(), same.as_bytes()).is_err());
    let fences = "src/f.rs\n```rust\n".repeat(4_000);
    assert!(applied(fences.as_bytes(), same.as_bytes()).is_err());
    let blocks = "src/f.rs\n<<<<<<< SEARCH\n".repeat(4_000);
    assert!(applied(blocks.as_bytes(), same.as_bytes()).is_err());
    let heads = "--- a/src/f.rs\n+++ b/src/f.rs\n@@\n-x\n+y\n".repeat(4_000);
    assert!(applied(heads.as_bytes(), same.as_bytes()).is_err());
    // Unoptimised, on a busy machine: an order of magnitude above what it takes.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What git itself makes of its own diff, with any number of lines of context, is what the plan says.
    #[test]
    fn a_clean_diff_gives_gits_own_result((before, after) in change(), context in 1_usize..5, open: bool) {
        let folder = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let ran = std::process::Command::new("git").args(args).current_dir(folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
            ran.unwrap()
        };
        let (mut old, mut new) = (joined(&before, "\n"), joined(&after, "\n"));
        prop_assume!(old != new);
        if open {
            old.pop();
            new.pop();
        }
        std::fs::create_dir(folder.path().join("src")).unwrap();
        let file = folder.path().join("src/f.rs");
        std::fs::write(&file, &old).unwrap();
        git(&["init", "-q"]);
        git(&["add", "-A"]);
        std::fs::write(&file, &new).unwrap();
        let answer = git(&["diff", "--no-ext-diff", &format!("-U{context}")]).stdout;
        std::fs::write(&file, &old).unwrap();
        std::fs::write(folder.path().join("answer"), &answer).unwrap();
        let applied_by_git = git(&["apply", "answer"]);
        prop_assert!(applied_by_git.status.success(), "{:?}", applied_by_git);
        prop_assert_eq!(applied(&answer, &old).unwrap(), (Outcome::Changes, std::fs::read(&file).unwrap()));
    }
}
