//! Answers that must be refused: cut off, hostile, contradictory, or about a place that is not there.

use super::classes::{Write, fenced, head_of, piece, pieces, quoted, trim, whole, with_lines};

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
    ("fenced-context-only", |c, _| {
        let p = trim(&c.diff.hunks[0], 3, 3);
        let only: Vec<String> = p.lines.iter().filter(|l| l.starts_with(' ')).cloned().collect();
        Some(fenced("diff", &format!("--- a/{0}\n+++ b/{0}\n{1}\n{2}\n", c.path, head_of(&p), only.join("\n"))))
    }),
];

fn renamed(c: &super::source::Change, to: &str) -> String {
    let head = if to.starts_with('/') { format!("--- {to}\n+++ {to}\n") } else { format!("--- a/{to}\n+++ b/{to}\n") };
    head + &c.diff.hunks.iter().map(|p| piece(&head_of(p), p)).collect::<String>()
}
