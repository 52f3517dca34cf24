//! Whole commits: several files changed, made, taken away and renamed by one answer.

use std::collections::BTreeMap;

use super::classes::{Write, fenced, quoted, text};
use super::random::Random;
use super::slips::is_open;
use super::source::{Change, Commit, hunks};

/// A way to write a commit; `None` where a format cannot say it.
type WriteAll = fn(&Commit, &mut Random) -> Option<String>;

/// Name, format, writer.
pub(super) const COMMITS: &[(&str, &str, WriteAll)] = &[
    ("commit", "unified", |c, _| Some(c.diff.clone())),
    ("commit-fenced", "unified", |c, _| Some(format!("It takes several files:\n\n{}", fenced("diff", &c.diff)))),
    ("commit-in-json", "unified", |c, _| Some(format!("{{\"diff\": {}, \"confidence\": \"low\"}}", quoted(&c.diff)))),
    ("commit-without-git-heads", "unified", |c, _| {
        let plain = |line: &&str| {
            !["diff --git", "index ", "new file mode", "deleted file mode"].iter().any(|head| line.starts_with(head))
        };
        let empty = |text: &String| text.is_empty();
        let says = c.renames.is_empty() && !c.before.values().flatten().any(empty) && !c.after.values().flatten().any(empty);
        says.then(|| c.diff.lines().filter(plain).map(|line| format!("{line}\n")).collect())
    }),
    ("commit-in-fences", "unified", |c, _| {
        let rest = c.diff.strip_prefix("diff --git ")?;
        let parts =
            rest.split("\ndiff --git ").map(|part| fenced("diff", &format!("diff --git {}\n", part.trim_end_matches('\n'))));
        Some(parts.collect::<Vec<_>>().join("\nThen:\n\n"))
    }),
    ("commit-with-wrong-numbers", "unified", |c, r| {
        let told = c.changed().all(|(_, before, after)| hunks(before, after).iter().all(|p| !is_open(before, &p.side('+'))));
        let mut head = |line: &str| {
            let new_file = line.starts_with("@@ -0,0 ");
            let at = (1 + r.below(500), 1 + r.below(500));
            if line.starts_with("@@ -") && !new_file { format!("@@ -{},7 +{},7 @@\n", at.0, at.1) } else { format!("{line}\n") }
        };
        // A head that says less than stands there is no cut.
        told.then(|| c.diff.split_terminator('\n').map(&mut head).collect())
    }),
    ("commit", "blocks", |c, _| blocks(c)),
    ("commit-fenced", "blocks", |c, _| Some(format!("Here:\n\n````\n{}````\n", blocks(c)?))),
    ("commit", "v4a", |c, _| v4a(c)),
    ("commit-in-json", "v4a", |c, _| Some(format!("{{\"patch\": {}}}", quoted(&v4a(c)?)))),
    ("commit", "whole", |c, _| {
        whole(c, |path, content| format!("### {path}\n\n```\n{content}```\n\n")).filter(|text| !awkward(c, text))
    }),
    ("commit-in-json", "whole", |c, _| {
        let all = whole(c, |path, content| format!("{{\"path\": {}, \"content\": {}}}, ", quoted(path), quoted(content)))?;
        Some(format!("{{\"files\": [{}]}}", all.trim_end_matches(", ")))
    }),
    ("commit-in-here-documents", "whole", |c, _| {
        whole(c, |path, content| format!("cat > {path} <<'EOF'\n{content}EOF\n"))
            .filter(|_| !c.after.values().flatten().any(|t| t.contains("\nEOF")))
    }),
];

/// Answers that ask for what is there already: format and writer, for the file as it became.
pub(super) const ALREADY: &[(&str, Write)] = &[
    ("unified", |c, _| added(c).then(|| super::classes::whole(&c.diff))),
    ("blocks", |c, _| super::classes::blocks(c, "{path}\n", |p| p.clone()).filter(|_| added(c) && told_after(c))),
    ("v4a", |c, _| (added(c) && told_after(c)).then(|| super::classes::v4a(c, |p| p.clone(), "@@"))),
    ("whole", |c, _| super::classes::file(c, &format!("{}\n```\n{}```\n", c.path, text(&c.after)))),
];

/// Says whether every hunk adds something: what only takes away leaves nothing to know it by.
fn added(c: &Change) -> bool {
    c.diff.hunks.iter().all(|p| p.lines.iter().any(|line| line.starts_with('+') && line.trim().len() > 5))
}

/// Says whether the new lines of every hunk stand at one place, and the old ones nowhere.
fn told_after(c: &Change) -> bool {
    c.diff.hunks.iter().all(|p| {
        !is_open(&c.after, &p.side('-')) && !super::slips::one_place(&c.after, &p.side('+')) && !is_open(&c.after, &p.side('+'))
    })
}

impl Commit {
    /// The files that are there before and afterwards, under their names before.
    fn changed(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.before.iter().filter_map(|(path, before)| {
            let after = self.after.get(self.renames.get(path).unwrap_or(path))?;
            Some((path.as_str(), before.as_deref()?, after.as_deref()?))
        })
    }

    /// The files that are made, and not by a rename.
    fn made(&self) -> impl Iterator<Item = (&str, &str)> {
        let renamed = |path: &String| self.renames.values().any(|to| to == path);
        self.after.iter().filter_map(move |(path, after)| {
            let new = self.before.get(path).is_none_or(Option::is_none) && !renamed(path);
            Some((path.as_str(), after.as_deref().filter(|_| new)?))
        })
    }

    /// The files that are taken away, and not by a rename.
    fn gone(&self) -> impl Iterator<Item = &str> {
        let there = |path: &String| self.after.get(path).is_some_and(Option::is_some) || self.renames.contains_key(path);
        self.before.iter().filter(move |(path, before)| before.is_some() && !there(path)).map(|(path, _)| path.as_str())
    }
}

fn blocks(c: &Commit) -> Option<String> {
    if c.gone().next().is_some() || !c.renames.is_empty() {
        return None;
    }
    let side = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let mut out = String::new();
    for (path, before, after) in c.changed() {
        for p in hunks(before, after) {
            if is_open(before, &p.side('+')) || before.ends_with('\n') != after.ends_with('\n') {
                return None;
            }
            let (old, new) = (side(p.side('+')), side(p.side('-')));
            out += &format!("{path}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n\n");
        }
    }
    for (path, content) in c.made() {
        if !content.ends_with('\n') {
            return None;
        }
        out += &format!("{path}\n<<<<<<< SEARCH\n=======\n{content}>>>>>>> REPLACE\n\n");
    }
    let marks = c
        .diff
        .lines()
        .any(|line| ["<<<<<", "=====", ">>>>>"].iter().any(|mark| line.get(1..).is_some_and(|l| l.starts_with(mark))));
    (!marks).then_some(out)
}

fn v4a(c: &Commit) -> Option<String> {
    let mut out = "*** Begin Patch\n".to_owned();
    for (path, before, after) in c.changed() {
        let hunks = hunks(before, after);
        let old: Vec<Vec<String>> = hunks.iter().map(|p| p.side('+')).collect();
        if hunks.is_empty() || before.ends_with('\n') != after.ends_with('\n') || !super::slips::in_order(before, &old) {
            return None;
        }
        out += &format!("*** Update File: {path}\n");
        if let Some(to) = c.renames.get(path) {
            out += &format!("*** Move to: {to}\n");
        }
        for p in hunks {
            let lines: Vec<&str> = p.lines.iter().map(String::as_str).filter(|line| !line.starts_with('\\')).collect();
            out += &format!("@@\n{}\n", lines.join("\n"));
        }
    }
    for (path, content) in c.made() {
        if !content.ends_with('\n') || content.ends_with("\n\n") {
            return None;
        }
        out += &format!("*** Add File: {path}\n");
        out.extend(content.lines().map(|line| format!("+{line}\n")));
    }
    out.extend(c.gone().map(|path| format!("*** Delete File: {path}\n")));
    Some(out + "*** End Patch\n")
}

fn whole(c: &Commit, one: impl Fn(&str, &str) -> String) -> Option<String> {
    let says = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let shrinks =
        c.changed().any(|(_, before, after)| says(after) * 2 < says(before) || before.ends_with('\n') != after.ends_with('\n'));
    let odd = c.after.values().flatten().any(|text| text.is_empty() || !text.ends_with('\n'));
    if c.gone().next().is_some() || !c.renames.is_empty() || shrinks || odd {
        return None;
    }
    Some(c.after.iter().filter_map(|(path, text)| Some(one(path, text.as_deref()?))).collect())
}

/// Says whether the files hold fences of their own.
fn awkward(c: &Commit, _: &str) -> bool {
    c.after.values().flatten().any(|text| text.contains("```"))
}

/// The files of a change of one file, as a commit has them.
pub(super) fn of(path: &str, content: &str) -> BTreeMap<String, Option<String>> {
    [(path.to_owned(), Some(content.to_owned()))].into()
}
