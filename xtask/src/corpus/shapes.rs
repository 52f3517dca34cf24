//! How answers are laid out: heads, names, fences, wrappings and marks, in the many ways in which models write them.

use super::classes::{Write, blocks, each, fenced, file, head_of, heads, lines_of, named, piece, quoted, text, trim, v4a, whole};
use super::slips::{many_places, one_place};
use super::source::{Change, Piece};

/// Name, format, writer.
pub(super) const SHAPES: &[(&str, &str, Write)] = &[
    ("section-in-head", "unified", |c, _| {
        Some(heads(&c.diff, |p| format!("{} {}", head_of(p), scope(c, p).unwrap_or_default())))
    }),
    ("section-for-numbers", "unified", |c, _| {
        Some(heads(&c.diff, |p| scope(c, p).map_or("@@".to_owned(), |line| format!("@@ {} @@", line.trim()))))
    }),
    ("new-numbers-stale", "unified", |c, r| {
        Some(heads(&c.diff, |p| format!("@@ -{},{} +{},{} @@", p.old.0, p.old.1, p.old.0 + r.below(3), p.new.1)))
    }),
    ("all-shifted", "unified", |c, r| {
        let by = 1 + r.below(40);
        Some(heads(&c.diff, |p| format!("@@ -{},{} +{},{} @@", p.old.0 + by, p.old.1, p.new.0 + by, p.new.1)))
    }),
    ("no-heads", "unified", |c, _| {
        let [p] = c.diff.hunks.as_slice() else { return None };
        Some(format!("--- a/{0}\n+++ b/{0}\n{1}\n", c.path, p.lines.join("\n")))
    }),
    ("subversion", "unified", |c, _| {
        let line = "=".repeat(67);
        Some(named(c, &format!("Index: {0}\n{line}\n--- {0}\t(revision 12)\n+++ {0}\t(working copy)\n", c.path)))
    }),
    ("prefix-on-one-side", "unified", |c, _| Some(named(c, &format!("--- {0}\n+++ b/{0}\n", c.path)))),
    ("dot-slash", "unified", |c, _| Some(named(c, &format!("--- ./{0}\n+++ ./{0}\n", c.path)))),
    ("backslashes", "unified", |c, _| {
        let path = c.path.replace('/', "\\");
        c.path.contains('/').then(|| named(c, &format!("--- a\\{path}\n+++ b\\{path}\n")))
    }),
    ("names-in-quotes", "unified", |c, _| Some(named(c, &format!("--- \"a/{0}\"\n+++ \"b/{0}\"\n", c.path)))),
    ("git-line-only", "unified", |c, _| Some(named(c, &format!("diff --git a/{0} b/{0}\n", c.path)))),
    ("prose-without-fence", "unified", |c, _| {
        Some(format!("I looked at it. Here is the patch:\n\n{}\nIt does what was asked.\n", whole(&c.diff)))
    }),
    ("in-tags", "unified", |c, _| Some(format!("<patch>\n{}</patch>\n", whole(&c.diff)))),
    ("in-tags-without-counts", "unified", |c, _| Some(format!("<diff>\n{}</diff>\n", heads(&c.diff, |_| "@@ @@".to_owned())))),
    ("tildes", "unified", |c, _| (!c.after.contains("~~~")).then(|| format!("~~~diff\n{}~~~\n", whole(&c.diff)))),
    ("five-ticks", "unified", |c, _| Some(format!("`````diff\n{}`````\n", whole(&c.diff)))),
    ("fence-without-counts", "unified", |c, _| {
        let ticks = c.after.contains("```") || c.before.contains("```");
        (!ticks).then(|| format!("Here:\n```diff\n{}```\nDone.\n", heads(&c.diff, |_| "@@ @@".to_owned())))
    }),
    ("path-above-fence", "unified", |c, _| Some(format!("**{}**\n\n{}", c.path, fenced("diff", &bare(c))))),
    ("path-in-fence", "unified", |c, _| Some(fenced(&format!("diff {}", c.path), &bare(c)))),
    ("a-git-head-each", "unified", |c, _| {
        let head = c.diff.head.join("\n");
        Some(c.diff.hunks.iter().map(|p| format!("{head}\n{}", piece(&head_of(p), p))).collect())
    }),
    ("json-twice", "unified", |c, _| Some(quoted(&format!("{{\"diff\": {}}}", quoted(&whole(&c.diff)))))),
    ("json-literal-newlines", "unified", |c, _| {
        let text = quoted(&whole(&c.diff));
        Some(format!("{{\"diff\": {}}}", quoted(&text[1..text.len() - 1])))
    }),
    ("json-raw-newlines", "unified", |c, _| {
        Some(format!("{{\"explanation\": \"x\", \"diff\": {}}}\n", quoted(&whole(&c.diff)).replace("\\n", "\n")))
            .filter(|_| !whole(&c.diff).contains("\\n"))
    }),
    ("json-lines", "unified", |c, _| {
        let lines: Vec<String> = whole(&c.diff).lines().map(quoted).collect();
        Some(format!("{{\"diff\": [{}]}}", lines.join(", ")))
    }),
    ("json-files", "unified", |c, _| {
        Some(format!("{{\"files\": [{{\"path\": {}, \"diff\": {}}}]}}", quoted(&c.path), quoted(&whole(&c.diff))))
    }),
    ("json-path-and-hunks", "unified", |c, _| Some(format!("{{\"path\": {}, \"diff\": {}}}", quoted(&c.path), quoted(&bare(c))))),
    ("json-comma-behind", "unified", |c, _| Some(format!("{{\n  \"diff\": {},\n}}\n", quoted(&whole(&c.diff))))),
    ("json-in-indented-fence", "unified", |c, _| {
        Some(each(&fenced("json", &format!("{{\"diff\": {}}}\n", quoted(&whole(&c.diff)))), |l| format!("  {l}")))
    }),
    ("tildes", "blocks", |c, _| blocks(c, "{path}\n", |p| p.clone()).map(|b| format!("~~~\n{b}~~~\n"))),
    ("path-in-fence", "blocks", |c, _| blocks(c, "```python {path}\n", |p| p.clone())),
    ("path-as-comment", "blocks", |c, _| blocks(c, "```\n# {path}\n", |p| p.clone())),
    ("path-after-file", "blocks", |c, _| blocks(c, "File: {path}\n", |p| p.clone())),
    ("path-in-backticks", "blocks", |c, _| blocks(c, "In `{path}`:\n\n```\n", |p| p.clone())),
    ("path-once", "blocks", |c, _| {
        let path = format!("{}\n", c.path);
        blocks(c, "{path}\n", |p| p.clone()).map(|b| path.clone() + &b.replace(&path, ""))
    }),
    ("short-marks", "blocks", |c, _| marks(c, ["<<<<< SEARCH", "=====", ">>>>> REPLACE"])),
    ("long-marks", "blocks", |c, _| marks(c, ["<<<<<<<<< SEARCH", "=========", ">>>>>>>>> REPLACE"])),
    ("original-updated", "blocks", |c, _| marks(c, ["<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"])),
    ("small-letters", "blocks", |c, _| marks(c, ["<<<<<<< search", "=======", ">>>>>>> replace"])),
    ("start-line", "blocks", |c, _| {
        let mut out = String::new();
        for p in &c.diff.hunks {
            let side = |other| p.side(other).iter().map(|line| format!("{line}\n")).collect::<String>();
            let head = format!("<<<<<<< SEARCH\n:start_line:{}\n-------\n", p.old.0);
            out += &format!("{}\n{head}{}=======\n{}>>>>>>> REPLACE\n\n", c.path, side('+'), side('-'));
        }
        Some(out).filter(|_| !awkward(c))
    }),
    ("numbered-by-tab", "blocks", |c, _| {
        let mut out = String::new();
        for p in &c.diff.hunks {
            let side = |other, from: usize| {
                p.side(other).iter().enumerate().map(|(at, line)| format!("{}\t{line}\n", from + at)).collect::<String>()
            };
            out +=
                &format!("{}\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n\n", c.path, side('+', p.old.0), side('-', p.old.0));
        }
        Some(out).filter(|_| !awkward(c) && c.diff.hunks.iter().all(|p| one_place(&c.before, &p.side('+'))))
    }),
    ("no-context", "blocks", |c, _| blocks(c, "{path}\n", |p| trim(p, 0, 0)).filter(|b| !b.contains("SEARCH\n======="))),
    ("blank-line-above", "blocks", |c, _| {
        blocks(c, "{path}\n", |p| p.clone()).map(|b| b.replace("SEARCH\n", "SEARCH\n\n").replace("=======\n", "=======\n\n"))
    }),
    ("blank-line-below", "blocks", |c, _| {
        blocks(c, "{path}\n", |p| p.clone())
            .map(|b| b.replace("=======\n", "\n=======\n").replace(">>>>>>> REPLACE", "\n>>>>>>> REPLACE"))
    }),
    ("one-after-the-other", "blocks", one_after_the_other),
    ("one-after-the-other", "unified", |c, r| {
        let both = one_after_the_other(c, r)?;
        let mut out = format!("--- a/{0}\n+++ b/{0}\n", c.path);
        for block in both.split("<<<<<<< SEARCH\n").skip(1) {
            let (old, rest) = block.split_once("=======\n")?;
            let (new, _) = rest.split_once(">>>>>>> REPLACE")?;
            let marked = |text: &str, mark: &str| text.lines().map(|line| format!("{mark}{line}\n")).collect::<String>();
            out += &format!("@@ @@\n{}{}", marked(old, "-"), marked(new, "+"));
        }
        Some(out)
    }),
    ("dots-between", "blocks", |c, _| {
        let [a, b, ..] = c.diff.hunks.as_slice() else { return None };
        if c.diff.hunks.len() != 2 || [a, b].iter().any(|p| !one_place(&c.before, &p.side('+'))) || awkward(c) {
            return None;
        }
        let side = |other| format!("{}\n...\n{}\n", a.side(other).join("\n"), b.side(other).join("\n"));
        Some(format!("{}\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n", c.path, side('+'), side('-')))
    }),
    ("json-old-string", "blocks", |c, _| json(c, "old_string", "new_string")),
    ("json-search", "blocks", |c, _| json(c, "search", "replace")),
    ("part-of-a-line", "blocks", part_of_a_line),
    ("scope", "v4a", |c, _| Some(scoped(c, |p| p.clone(), 1))),
    ("two-scopes", "v4a", |c, _| Some(scoped(c, |p| p.clone(), 2))),
    ("scope-with-marks-behind", "v4a", |c, _| {
        Some(v4a_heads(c, |p| p.clone(), |p| scope(c, p).map_or("@@".to_owned(), |line| format!("@@ {} @@", line.trim()))))
    }),
    ("scope-and-little-context", "v4a", |c, _| {
        let short = |p: &Piece| trim(p, 1, 1);
        let clear = c.diff.hunks.iter().map(short).all(|p| !p.side('+').is_empty() && one_place(&c.before, &p.side('+')));
        clear.then(|| scoped(c, short, 1))
    }),
    ("scope-decides", "v4a", |c, _| {
        // The lines stand twice, and only once below the scope.
        let [p] = c.diff.hunks.as_slice() else { return None };
        let p = trim(p, 0, 1);
        let scope = scope(c, &p)?;
        let below: String =
            c.before.lines().skip(p.old.0.saturating_sub(1)).take(p.old.1 + 1).map(|line| format!("{line}\n")).collect();
        let once = c.before.lines().filter(|line| line.trim() == scope.trim()).count() == 1;
        let inside = inside(c, scope);
        let decides = once && many_places(&c.before, &p.side('+')) && one_place(&inside, &p.side('+'));
        (decides && !below.is_empty()).then(|| scoped(c, |p| trim(p, 0, 1), 1))
    }),
    ("heads-with-numbers", "v4a", |c, _| Some(v4a_heads(c, |p| p.clone(), head_of))),
    ("first-head-missing", "v4a", |c, _| Some(v4a(c, |p| p.clone(), "@@").replacen("@@\n", "", 1))),
    ("in-prose", "v4a", |c, _| Some(format!("I will change one file.\n\n{}\nThat is all.\n", v4a(c, |p| p.clone(), "@@")))),
    ("input", "v4a", |c, _| Some(format!("{{\"input\": {}}}", quoted(&v4a(c, |p| p.clone(), "@@"))))),
    ("command", "v4a", |c, _| Some(format!("{{\"command\": [\"apply_patch\", {}]}}", quoted(&v4a(c, |p| p.clone(), "@@"))))),
    ("shell-command", "v4a", |c, _| {
        let script = format!("apply_patch <<'PATCH'\n{}PATCH\n", v4a(c, |p| p.clone(), "@@"));
        Some(format!("{{\"cmd\": [\"bash\", \"-lc\", {}]}}", quoted(&script)))
    }),
    ("end-of-file", "v4a", |c, _| {
        let last = c.diff.hunks.last()?;
        let ends = last.old.0 + last.old.1 > c.before.lines().count();
        ends.then(|| v4a(c, |p| p.clone(), "@@").replace("*** End Patch", "*** End of File\n*** End Patch"))
    }),
    ("blank-lines-between", "v4a", |c, _| {
        Some(v4a(c, |p| p.clone(), "@@").replace("*** Update", "\n*** Update").replace("*** End Patch", "\n*** End Patch"))
    }),
    ("carriage-returns", "v4a", |c, _| (!c.before.contains('\r')).then(|| v4a(c, |p| p.clone(), "@@").replace('\n', "\r\n"))),
    ("blank-lines-without-mark", "v4a", |c, _| {
        Some(v4a(c, |p| lines_of(p, |l| if l == " " { String::new() } else { l.to_owned() }), "@@"))
    }),
    ("no-context", "v4a", |c, _| {
        let clear = c.diff.hunks.iter().map(|p| trim(p, 0, 0)).all(|p| one_place(&c.before, &p.side('+')));
        clear.then(|| v4a(c, |p| trim(p, 0, 0), "@@"))
    }),
    ("here-document", "whole", |c, _| file(c, &format!("cat > {} <<'EOF'\n{}EOF\n", c.path, text(&c.after)))),
    ("bold", "whole", |c, _| file(c, &format!("**{}**\n\n```\n{}```\n", c.path, text(&c.after)))),
    ("after-file", "whole", |c, _| file(c, &format!("File: `{}`\n```\n{}```\nDone.\n", c.path, text(&c.after)))),
    ("title", "whole", |c, _| file(c, &format!("```python title=\"{}\"\n{}```\n", c.path, text(&c.after)))),
    ("colon-in-fence", "whole", |c, _| file(c, &format!("```python:{}\n{}```\n", c.path, text(&c.after)))),
    ("path-as-comment", "whole", |c, _| file(c, &format!("```\n// {}\n{}```\n", c.path, text(&c.after)))),
    ("four-ticks", "whole", |c, _| {
        let sound = c.before.ends_with('\n') == c.after.ends_with('\n') && !c.after.contains("````");
        let shrinks = c.after.len() * 2 < c.before.len();
        (sound && !shrinks).then(|| format!("{}\n````\n{}````\n", c.path, text(&c.after)))
    }),
    ("json-files", "whole", |c, _| {
        file(c, &format!("{{\"files\": [{{\"path\": {}, \"content\": {}}}]}}", quoted(&c.path), quoted(&c.after)))
    }),
    ("no-last-line-feed", "whole", |c, _| {
        file(c, &format!("{{\"path\": {}, \"content\": {}}}", quoted(&c.path), quoted(c.after.trim_end_matches('\n'))))
            .filter(|_| !c.after.ends_with("\n\n"))
    }),
    ("carriage-returns", "whole", |c, _| {
        file(c, &format!("{}\n```\n{}```\n", c.path, text(&c.after)).replace('\n', "\r\n")).filter(|_| !c.before.contains('\r'))
    }),
];

fn bare(c: &Change) -> String {
    c.diff.hunks.iter().map(|p| piece(&head_of(p), p)).collect()
}

/// The line above a hunk that opens what it is in: the nearest that is indented less.
fn scope<'c>(c: &'c Change, p: &Piece) -> Option<&'c str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = c.before.lines().collect();
    let own = depth(lines.get(p.old.0.checked_sub(1)?).filter(|line| !line.trim().is_empty())?);
    let above = lines.get(..p.old.0 - 1)?.iter().rev();
    above.copied().find(|line| depth(line) < own && line.trim().chars().filter(|c| c.is_alphabetic()).count() > 3)
}

/// The lines below a scope that are indented deeper.
fn inside(c: &Change, scope: &str) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let below = c.before.lines().skip_while(|line| *line != scope).skip(1);
    below.take_while(|line| line.trim().is_empty() || depth(line) > depth(scope)).map(|line| format!("{line}\n")).collect()
}

fn v4a_heads(c: &Change, change: impl Fn(&Piece) -> Piece, head: impl Fn(&Piece) -> String) -> String {
    let hunks: String = c
        .diff
        .hunks
        .iter()
        .map(|p| {
            let mut short = change(p);
            short.lines.retain(|line| !line.starts_with('\\'));
            piece(&head(p), &short)
        })
        .collect();
    format!("*** Begin Patch\n*** Update File: {}\n{hunks}*** End Patch\n", c.path)
}

fn scoped(c: &Change, change: impl Fn(&Piece) -> Piece, most: usize) -> String {
    v4a_heads(c, change, |p| {
        let mut heads = Vec::new();
        let mut at = p.clone();
        while let Some(line) = scope(c, &at).filter(|_| heads.len() < most) {
            heads.insert(0, format!("@@ {}", line.trim()));
            at.old.0 = c.before.lines().position(|own| std::ptr::eq(own, line)).map_or(0, |at| at + 1);
        }
        if heads.is_empty() { "@@".to_owned() } else { heads.join("\n") }
    })
}

/// Says whether the texts have lines that look like marks of blocks.
pub(super) fn awkward(c: &Change) -> bool {
    let mark = |line: &str| ["<<<<<", "=====", ">>>>>"].iter().any(|mark| line.starts_with(mark));
    c.diff.hunks.iter().flat_map(|p| &p.lines).any(|line| mark(line.get(1..).unwrap_or_default()))
}

fn marks(c: &Change, marks: [&str; 3]) -> Option<String> {
    if awkward(c) {
        return None;
    }
    let own = blocks(c, "{path}\n", |p| p.clone())?;
    Some(each(&own, |line| match line {
        "<<<<<<< SEARCH" => marks[0].to_owned(),
        "=======" => marks[1].to_owned(),
        ">>>>>>> REPLACE" => marks[2].to_owned(),
        line => line.to_owned(),
    }))
}

fn json(c: &Change, old: &str, new: &str) -> Option<String> {
    let fits = |p: &Piece| {
        one_place(&c.before, &p.side('+'))
            && [p.side('+'), p.side('-')].iter().all(|side| side.last().is_some_and(|line| !line.is_empty()))
    };
    let edit =
        |p: &Piece| format!("{{\"{old}\": {}, \"{new}\": {}}}", quoted(&p.side('+').join("\n")), quoted(&p.side('-').join("\n")));
    let edits: Vec<String> = c.diff.hunks.iter().map(edit).collect();
    c.diff.hunks.iter().all(fits).then(|| format!("{{\"path\": {}, \"edits\": [{}]}}", quoted(&c.path), edits.join(", ")))
}

/// Blocks of which the second is written for the text that the first one leaves.
fn one_after_the_other(c: &Change, _: &mut super::random::Random) -> Option<String> {
    let p = c.diff.hunks.iter().find(|p| p.side('+').len() > 4 && p.side('-').len() > 4)?;
    if c.diff.hunks.len() != 1 || awkward(c) || p.lines.iter().any(|line| line.starts_with('\\')) {
        return None;
    }
    // Cut behind the first block of changes.
    let first = p.lines.iter().position(|line| !line.starts_with(' ') && !line.is_empty())?;
    let cut = first + p.lines[first..].iter().position(|line| line.starts_with(' ') || line.is_empty())?;
    let again = cut + p.lines[cut..].iter().position(|line| line.starts_with(['+', '-']))?;
    let (upper, lower) = p.lines.split_at(again);
    let side = |lines: &[String], other: char| -> Vec<String> {
        lines.iter().filter(|line| !line.starts_with(other)).map(|line| line.get(1..).unwrap_or_default().to_owned()).collect()
    };
    let (old, new) = (side(upper, '+'), side(upper, '-'));
    let (lower_old, lower_new) = (side(lower, '+'), side(lower, '-'));
    let (again_old, again_new) = ([new.clone(), lower_old].concat(), [new.clone(), lower_new].concat());
    let between = c.before.replacen(&old.join("\n"), &new.join("\n"), 1);
    let clear = one_place(&c.before, &old) && one_place(&between, &again_old) && !many_places(&c.before, &again_old);
    let block = |old: &[String], new: &[String]| {
        format!("{}\n<<<<<<< SEARCH\n{}\n=======\n{}\n>>>>>>> REPLACE\n\n", c.path, old.join("\n"), new.join("\n"))
    };
    clear.then(|| block(&old, &new) + &block(&again_old, &again_new))
}

/// Old and new text that begin and end within a line, at words.
fn part_of_a_line(c: &Change, _: &mut super::random::Random) -> Option<String> {
    let [p] = c.diff.hunks.as_slice() else { return None };
    let marked = |mark: char| p.lines.iter().filter(|line| line.starts_with(mark)).collect::<Vec<_>>();
    let (minus, plus) = (marked('-'), marked('+'));
    let ([old], [new]) = (minus.as_slice(), plus.as_slice()) else { return None };
    let (old, new) = (old.get(1..)?.trim(), new.get(1..)?.trim());
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(old), words(new));
    let lead = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - lead;
    let trail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let part = |words: &[String]| {
        words.get(lead.saturating_sub(2)..(words.len() - trail + 2).min(words.len())).map(|words| words.join(" "))
    };
    let (from, to) = (part(&a)?, part(&b)?);
    let once =
        c.before.matches(&from).count() == 1 && from.len() > 6 && from != to && c.before.replacen(&from, &to, 1) == c.after;
    once.then(|| format!("[{{\"path\": {}, \"old\": {}, \"new\": {}}}]", quoted(&c.path), quoted(&from), quoted(&to)))
}
