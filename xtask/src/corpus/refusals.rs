//! Answers that must be refused: cut off, hostile, contradictory, or about a place that is not there.

use super::classes::{Write, fenced, head_of, piece, pieces, quoted, trim, whole, with_lines};
use super::source::{Change, Piece};

/// Name and writer.
pub(super) const REFUSALS: &[(&str, Write)] = &[
    ("json-cut", |c, r| {
        let q = quoted(&whole(&c.diff));
        let mut at = q.len() / 2 + r.below(q.len() / 2 - 1);
        while !q.is_char_boundary(at) {
            at -= 1;
        }
        Some(format!("{{\"diff\": {}", &q[..at]))
    }),
    ("fence-cut", |c, _| {
        let text = whole(&c.diff);
        let last = c.diff.hunks.last()?;
        let keep = text.lines().count() - (last.lines.len() - 1).min(4);
        let cut: Vec<&str> = text.lines().take(keep).collect();
        (last.lines.len() > 5).then(|| format!("```diff\n{}\n", cut.join("\n")))
    }),
    ("block-without-end", |c, _| {
        Some(format!("{}\n<<<<<<< SEARCH\n{}\n=======\nx\n", c.path, c.diff.hunks[0].side('+').join("\n")))
    }),
    ("block-without-divider", |c, _| {
        Some(format!("{}\n<<<<<<< SEARCH\n{}\n>>>>>>> REPLACE\n", c.path, c.diff.hunks[0].side('+').join("\n")))
    }),
    ("block-without-path", |c, _| {
        let p = &c.diff.hunks[0];
        Some(format!("<<<<<<< SEARCH\n{}\n=======\n{}\n>>>>>>> REPLACE\n", p.side('+').join("\n"), p.side('-').join("\n")))
    }),
    ("v4a-without-end", |c, _| Some(format!("*** Begin Patch\n*** Update File: {}\n{}", c.path, piece("@@", &c.diff.hunks[0])))),
    ("deleted-line-altered", |c, _| {
        let any = c.diff.hunks.iter().any(|p| p.lines.iter().any(|l| l.starts_with('-') && l.trim().len() > 6));
        any.then(|| {
            pieces(&c.diff, |p| {
                with_lines(p, |l| {
                    l.iter_mut().filter(|x| x.starts_with('-') && x.trim().len() > 6).for_each(|x| *x = format!("{x}zq"))
                })
            })
        })
    }),
    ("deleted-line-invented", |c, _| {
        let mut d = c.diff.clone();
        let p = d.hunks.first_mut()?;
        let at = p.lines.iter().position(|l| !l.starts_with(' '))?;
        p.lines.insert(at, "-this line was never there".to_owned());
        p.lines.insert(at, "+nor this one".to_owned());
        Some(whole(&d))
    }),
    ("neighbours-apart", |c, _| {
        let lines: Vec<&str> = c.before.lines().filter(|l| l.trim().len() > 6).collect();
        let (a, b) = (lines.first()?, lines.get(5)?);
        Some(format!("--- a/{0}\n+++ b/{0}\n@@ -1,2 +1,3 @@\n {a}\n+zq = 1\n {b}\n", c.path))
    }),
    ("ambiguous", |c, _| {
        let lines: Vec<&str> = c.before.lines().collect();
        let line = lines.iter().find(|l| l.trim().len() > 2 && lines.iter().filter(|o| o == l).count() > 1)?;
        Some(format!("--- a/{0}\n+++ b/{0}\n@@\n-{line}\n+{line} zq\n", c.path))
    }),
    ("ambiguous-block", |c, _| {
        let lines: Vec<&str> = c.before.lines().collect();
        let line = lines.iter().find(|l| l.trim().len() > 2 && lines.iter().filter(|o| o == l).count() > 1)?;
        Some(format!("{}\n<<<<<<< SEARCH\n{line}\n=======\n{line} zq\n>>>>>>> REPLACE\n", c.path))
    }),
    ("insertion-by-number", |c, r| {
        Some(format!("--- a/{0}\n+++ b/{0}\n@@ -{1},0 +{2} @@\n+zq = 1\n", c.path, 1 + r.below(9), 2 + r.below(9)))
    }),
    ("parent", |c, _| Some(renamed(c, "../x/y.txt"))),
    ("absolute", |c, _| Some(renamed(c, "/etc/passwd"))),
    ("git-folder", |_, _| Some("--- /dev/null\n+++ b/.GIT/hooks/post-commit\n@@ -0,0 +1 @@\n+x\n".to_owned())),
    ("base-name-only", |c, _| {
        let (_, name) = c.path.rsplit_once('/')?;
        (!c.names.iter().any(|n| n == name)).then(|| renamed(c, name))
    }),
    ("no-such-file", |c, _| Some(renamed(c, "zq/not/there.txt"))),
    ("heads-only", |c, _| Some(format!("--- a/{0}\n+++ b/{0}\n", c.path))),
    ("empty-hunk", |c, _| Some(format!("--- a/{0}\n+++ b/{0}\n@@ -1,3 +1,3 @@\n", c.path))),
    ("context-only", |c, _| {
        let first = c.before.lines().next()?;
        Some(format!("--- a/{0}\n+++ b/{0}\n@@ -1,1 +1,1 @@\n {first}\n", c.path))
    }),
    ("prose", |c, _| Some(format!("You should change {} so that it works.\n\n- first\n- second\n", c.path))),
    ("placeholder", |c, _| {
        let mut d = c.diff.clone();
        let p = d.hunks.first_mut()?;
        let at = p.lines.iter().position(|l| l.starts_with('+'))?;
        p.lines.insert(at, "+    // ... existing code ...".to_owned());
        Some(whole(&d))
    }),
    ("whole-elided", |c, _| {
        Some(format!(
            "{}\n```\n{}\n// ... rest of the file unchanged ...\n```\n",
            c.path,
            c.after.lines().take(40).collect::<Vec<_>>().join("\n")
        ))
    }),
    ("whole-shrunk", |c, _| {
        let lines: Vec<&str> = c.before.lines().filter(|l| !l.trim().is_empty()).collect();
        (lines.len() > 20).then(|| format!("{}\n```\n{}\n```\n", c.path, lines[..lines.len() / 4].join("\n")))
    }),
    ("create-over", |c, _| Some(format!("--- /dev/null\n+++ b/{}\n@@ -0,0 +1 @@\n+zq\n", c.path))),
    ("delete-other", |c, _| Some(format!("--- a/{}\n+++ /dev/null\n@@ -1 +0,0 @@\n-zq\n", c.path))),
    ("link", |_, _| {
        Some("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n".to_owned())
    }),
    ("submodule", |_, _| {
        Some("diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit 0123456789012345678901234567890123456789\n".to_owned())
    }),
    ("binary", |c, _| Some(format!("diff --git a/{0} b/{0}\nBinary files a/{0} and b/{0} differ\n", c.path))),
    ("contradiction", |c, _| {
        let mut d = c.diff.clone();
        let mut again = d.hunks.first()?.clone();
        let line = again.lines.iter_mut().find(|l| l.starts_with('+'))?;
        *line += " zq";
        d.hunks.push(again);
        Some(whole(&d))
    }),
    ("one-hunk-wrong", |c, _| {
        let mut d = c.diff.clone();
        (d.hunks.len() > 1).then(|| {
            for l in d.hunks.iter_mut().skip(1).flat_map(|p| p.lines.iter_mut()) {
                if !l.starts_with('+') {
                    *l += "zq";
                }
            }
            whole(&d)
        })
    }),
    ("json-without-edit", |_, _| Some("{\"diff\": \"\", \"explanation\": \"nothing to do\"}".to_owned())),
    ("cut-within-a-line", |c, _| {
        let text = fenced("diff", &whole(&c.diff));
        let last = c.diff.hunks.last()?;
        let line = last.lines.iter().rev().find(|line| line.trim().len() > 8)?;
        let at = text.rfind(line.as_str())? + (1..line.len() / 2 + 1).rfind(|at| line.is_char_boundary(*at))?;
        (last.lines.len() > 4).then(|| text[..at].to_owned())
    }),
    ("whole-file-cut", |c, _| {
        let lines: Vec<&str> = c.after.lines().collect();
        Some(format!("{}\n```\n{}\n", c.path, lines[..lines.len() * 9 / 10].join("\n"))).filter(|_| lines.len() > 10)
    }),
    ("here-document-cut", |c, _| Some(format!("cat > {} <<'EOF'\n{}", c.path, c.after)).filter(|_| !c.after.contains("\nEOF"))),
    ("second-block-cut", |c, _| {
        let block = super::classes::blocks(c, "{path}\n", |p| p.clone())?;
        let at = block.rfind(">>>>>>> REPLACE")?;
        (c.diff.hunks.len() > 1).then(|| block[..at].to_owned())
    }),
    ("deleted-line-left-out", |c, _| {
        // One of three deleted lines is missing: what is left does not stand together.
        let run = |p: &Piece| {
            (1..p.lines.len().saturating_sub(1)).find(|at| p.lines[at - 1..=at + 1].iter().all(|l| l.starts_with('-')))
        };
        let p = c.diff.hunks.iter().find(|p| run(p).is_some())?;
        let at = run(p)?;
        let mut d = c.diff.clone();
        d.hunks = vec![with_lines(p, |lines| drop(lines.remove(at)))];
        let old = d.hunks[0].side('+');
        // It may stand together elsewhere, or a line may stand for another.
        let told = !c.before.contains(&old.join("\n")) && p.lines[at - 1] != p.lines[at] && p.lines[at + 1] != p.lines[at];
        told.then(|| pieces(&d, |p| p.clone()))
    }),
    ("deleted-lines-swapped", |c, _| {
        let two = |p: &Piece| {
            p.lines.windows(2).position(|l| l.iter().all(|l| l.starts_with('-') && l.trim().len() > 6) && l[0] != l[1])
        };
        let p = c.diff.hunks.iter().find(|p| two(p).is_some())?;
        let at = two(p)?;
        let swapped = with_lines(p, |lines| lines.swap(at, at + 1));
        let there = c.before.contains(&format!("{}\n{}", &p.lines[at + 1][1..], &p.lines[at][1..]));
        let d = super::source::Diff { head: c.diff.head.clone(), hunks: vec![swapped] };
        (!there).then(|| whole(&d))
    }),
    ("deleted-word-altered", |c, _| {
        // One digit or letter of a deleted line is another.
        let mut d = c.diff.clone();
        let line = d.hunks.iter_mut().flat_map(|p| p.lines.iter_mut()).find(|l| l.starts_with('-') && l.trim().len() > 10)?;
        let at = line.rfind(|c: char| c.is_ascii_alphanumeric())?;
        let other = if &line[at..=at] == "7" { "8" } else { "7" };
        line.replace_range(at..=at, other);
        let gone = !c.before.lines().any(|own| own == &line[1..]);
        gone.then(|| whole(&d))
    }),
    ("another-file", |c, _| {
        let mut d = c.diff.clone();
        for line in d.hunks.iter_mut().flat_map(|p| p.lines.iter_mut()).filter(|line| !line.starts_with('+')) {
            *line = format!(
                "{}{}",
                line.get(..1).unwrap_or(" "),
                line.get(1..).unwrap_or_default().chars().rev().collect::<String>()
            );
        }
        let says = d.hunks.iter().all(|p| p.side('+').iter().filter(|line| line.trim().len() > 8).count() > 1);
        let gone = d
            .hunks
            .iter()
            .all(|p| p.side('+').iter().filter(|line| line.trim().len() > 8).all(|line| !c.before.contains(line.as_str())));
        (says && gone).then(|| whole(&d))
    }),
    ("ambiguous-v4a", |c, _| {
        let line = twice(c)?;
        Some(format!("*** Begin Patch\n*** Update File: {}\n@@\n-{line}\n+{line} zq\n*** End Patch\n", c.path))
    }),
    ("ambiguous-by-blanks", |c, _| {
        let line = twice(c)?;
        Some(format!("{}\n<<<<<<< SEARCH\n   {line}\n=======\n   {line} zq\n>>>>>>> REPLACE\n", c.path))
    }),
    ("ambiguous-part", |c, _| {
        let word = c.before.split_whitespace().find(|word| word.len() > 4 && c.before.matches(word).count() > 1)?;
        let alone = !c.before.lines().any(|line| line.trim() == word);
        alone.then(|| format!("[{{\"path\": {}, \"old\": {}, \"new\": \"zqzq\"}}]", quoted(&c.path), quoted(word)))
    }),
    ("part-within-a-word", |c, _| {
        let word = c
            .before
            .split(|c: char| !c.is_ascii_alphanumeric())
            .find(|w| w.len() > 7 && c.before.matches(&w[1..w.len() - 1]).count() == 1)?;
        Some(format!("[{{\"path\": {}, \"old\": {}, \"new\": \"zqzq\"}}]", quoted(&c.path), quoted(&word[1..word.len() - 1])))
    }),
    ("parent-within", |c, _| Some(renamed(c, "src/../../x/y.txt"))),
    ("parent-by-backslashes", |c, _| Some(renamed(c, "..\\x\\y.txt"))),
    ("drive", |c, _| Some(format!("*** Begin Patch\n*** Add File: C:\\x\\{}\n+zq\n*** End Patch\n", c.path.len()))),
    ("home", |_, _| Some("~/.bashrc\n```\nalias ls=zq\n```\n".to_owned())),
    ("git-folder-whole", |_, _| Some("{\"path\": \".git/config\", \"content\": \"[core]\\n\\tpager = zq\\n\"}".to_owned())),
    ("git-folder-short", |_, _| Some("*** Begin Patch\n*** Add File: GIT~1/hooks/pre-commit\n+zq\n*** End Patch\n".to_owned())),
    ("parent-in-block", |_, _| Some("../zq.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n".to_owned())),
    ("below-a-file", |c, _| Some(format!("--- /dev/null\n+++ b/{}/zq\n@@ -0,0 +1 @@\n+zq\n", c.path))),
    ("rename-over", |c, _| {
        let to = c.names.iter().find(|name| **name != c.path)?;
        Some(format!("diff --git a/{0} b/{to}\nsimilarity index 100%\nrename from {0}\nrename to {to}\n", c.path))
    }),
    ("to-a-link", |c, _| Some(format!("diff --git a/{0} b/{0}\nold mode 100644\nnew mode 120000\n", c.path))),
    ("placeholder-in-block", |c, _| {
        let p = c.diff.hunks.first()?;
        let mut new = p.side('-');
        new.insert(new.len() / 2, "    # ... rest of the code remains the same ...".to_owned());
        let (old, new) = (p.side('+').join("\n"), new.join("\n"));
        Some(format!("{}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n", c.path))
    }),
    ("placeholder-in-v4a", |c, _| {
        let p = c.diff.hunks.first()?;
        let at = p.lines.iter().position(|l| l.starts_with('+'))?;
        let p = with_lines(p, |lines| lines.insert(at, "+    /* ... unchanged ... */".to_owned()));
        Some(format!("*** Begin Patch\n*** Update File: {}\n{}*** End Patch\n", c.path, piece("@@", &p)))
    }),
    ("same-lines", |c, _| {
        let line = c.before.lines().find(|line| line.trim().len() > 6)?;
        Some(format!("--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-{line}\n+{line}\n", c.path))
    }),
    ("block-of-the-same", |c, _| {
        let old = c.diff.hunks.first()?.side('+').join("\n");
        Some(format!("{}\n<<<<<<< SEARCH\n{old}\n=======\n{old}\n>>>>>>> REPLACE\n", c.path))
    }),
    ("blocks-that-contradict", |c, _| {
        let p = c.diff.hunks.first()?;
        let (old, new) = (p.side('+').join("\n"), p.side('-').join("\n"));
        let block = |new: &str| format!("{}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n\n", c.path);
        Some(block(&new) + &block(&format!("{new}\nzq = 1")))
    }),
    ("inside-json-and-beside", |c, _| {
        Some(format!("{}\n{{\"diff\": {}}}\n", fenced("diff", &whole(&c.diff)), quoted(&whole(&c.diff).replace("\n+", "\n+zq"))))
    }),
    ("two-wholes-that-contradict", |c, _| {
        let text = c.after.trim_end_matches('\n');
        Some(format!("{0}\n```\n{text}\n```\n\n{0}\n```\n{text}\nzq = 1\n```\n", c.path)).filter(|_| !c.after.contains("```"))
    }),
    ("fenced-context-only", |c, _| {
        let p = trim(&c.diff.hunks[0], 3, 3);
        let only: Vec<String> = p.lines.iter().filter(|l| l.starts_with(' ')).cloned().collect();
        Some(fenced("diff", &format!("--- a/{0}\n+++ b/{0}\n{1}\n{2}\n", c.path, head_of(&p), only.join("\n"))))
    }),
];

/// A line that the file has twice.
fn twice(c: &Change) -> Option<&str> {
    let lines: Vec<&str> = c.before.lines().collect();
    lines.iter().copied().find(|line| line.trim().len() > 2 && lines.iter().filter(|other| other == &line).count() > 1)
}

fn renamed(c: &Change, to: &str) -> String {
    let head = if to.starts_with('/') { format!("--- {to}\n+++ {to}\n") } else { format!("--- a/{to}\n+++ b/{to}\n") };
    head + &c.diff.hunks.iter().map(|p| piece(&head_of(p), p)).collect::<String>()
}
