//! What models do to an edit: each class is a way to write a real change that still says what it is.

use super::random::Random;
use super::shapes::awkward;
use super::slips::{is_open, told};
use super::source::{Change, Diff, Piece};

/// A way to write a change; `None` where it says nothing of this change.
pub(super) type Write = fn(&Change, &mut Random) -> Option<String>;

/// The classes that can be placed: name, format, writer.
pub(super) const CLASSES: &[(&str, &str, Write)] = &[
    ("clean", "unified", |c, _| Some(whole(&c.diff))),
    ("no-git-head", "unified", |c, _| Some(named(c, &format!("--- a/{0}\n+++ b/{0}\n", c.path)))),
    ("no-prefix", "unified", |c, _| Some(named(c, &format!("--- {0}\n+++ {0}\n", c.path)))),
    ("dated", "unified", |c, _| {
        Some(named(c, &format!("--- a/{0}\t2024-05-01 10:00:00\n+++ b/{0}\t2024-05-01 10:00:01\n", c.path)))
    }),
    ("two-roots", "unified", |c, _| Some(named(c, &format!("--- old/{0}\n+++ new/{0}\n", c.path)))),
    ("new-name-only", "unified", |c, _| Some(named(c, &format!("+++ b/{}\n", c.path)))),
    ("extra-root", "unified", |c, _| {
        c.path.contains('/').then(|| named(c, &format!("--- a/project/{0}\n+++ b/project/{0}\n", c.path)))
    }),
    ("missing-root", "unified", |c, _| {
        let (_, rest) = c.path.split_once('/').filter(|(_, rest)| rest.contains('/'))?;
        let unique = c.names.iter().filter(|name| name.ends_with(&format!("/{rest}")) || *name == rest).count() == 1;
        unique.then(|| named(c, &format!("--- a/{rest}\n+++ b/{rest}\n")))
    }),
    ("wrong-counts", "unified", |c, r| {
        Some(heads(&c.diff, |p| {
            format!("@@ -{},{} +{},{} @@", p.old.0, p.old.1 + r.below(5), p.new.0, p.new.1.saturating_sub(r.below(4)))
        }))
    }),
    ("wrong-numbers", "unified", |c, r| {
        Some(heads(&c.diff, |p| format!("@@ -{},{} +{},{} @@", 1 + r.below(900), p.old.1, 1 + r.below(900), p.new.1)))
    }),
    ("near-numbers", "unified", |c, r| {
        Some(heads(&c.diff, |p| format!("@@ -{},{} +{},{} @@", p.old.0 + 1 + r.below(9), p.old.1, p.new.0, p.new.1)))
    }),
    ("all-wrong", "unified", |c, r| {
        Some(heads(&c.diff, |_| format!("@@ -{},{} +{},{} @@", 1 + r.below(90), 1 + r.below(9), 1 + r.below(90), 1 + r.below(9))))
    }),
    ("no-numbers", "unified", |c, _| Some(heads(&c.diff, |_| "@@".to_owned()))),
    ("dots-for-numbers", "unified", |c, _| Some(heads(&c.diff, |_| "@@ ... @@".to_owned()))),
    ("no-counts", "unified", |c, _| Some(heads(&c.diff, |p| format!("@@ -{} +{} @@", p.old.0, p.new.0)))),
    ("fenced", "unified", |c, _| Some(fenced("diff", &whole(&c.diff)))),
    ("fenced-in-prose", "unified", |c, _| {
        Some(format!("I will change this file:\n\n{}\nThis does it - and:\n\n- it is short\n", fenced("diff", &whole(&c.diff))))
    }),
    ("a-fence-each", "unified", |c, _| {
        let head = format!("--- a/{0}\n+++ b/{0}\n", c.path);
        Some(
            c.diff
                .hunks
                .iter()
                .map(|p| fenced("diff", &format!("{head}{}", piece(&head_of(p), p))))
                .collect::<Vec<_>>()
                .join("\nand\n\n"),
        )
    }),
    ("fence-not-closed", "unified", |c, _| Some(format!("```diff\n{}", whole(&c.diff)))),
    ("here-document", "unified", |c, _| Some(format!("git apply <<'EOF'\n{}EOF\n", whole(&c.diff)))),
    ("format-patch", "unified", |c, _| {
        Some(format!(
            "From 1234 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\n {} | 2 +-\n\n{}-- \n2.39.5\n\n",
            c.path,
            whole(&c.diff)
        ))
    }),
    ("carriage-returns", "unified", |c, _| (!c.before.contains('\r')).then(|| whole(&c.diff).replace('\n', "\r\n"))),
    ("quoted", "unified", |c, _| Some(each(&whole(&c.diff), |l| format!("> {l}")))),
    ("in-a-list", "unified", |c, _| {
        Some(format!("1. Change it:\n\n{}", each(&fenced("diff", &whole(&c.diff)), |l| format!("   {l}"))))
    }),
    ("entities", "unified", |c, _| {
        Some(whole(&c.diff).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
    }),
    ("entities-no-quotes", "unified", |c, _| {
        Some(whole(&c.diff).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
    }),
    ("curly-quotes", "unified", |c, _| Some(lines(&c.diff, curly))),
    ("hard-blanks", "unified", |c, _| Some(lines(&c.diff, |l| format!("{}{}", &l[..1], l[1..].replace(' ', "\u{a0}"))))),
    ("stripped", "unified", |c, _| {
        // Blanks at the end of an added line are nowhere else.
        let added = c.diff.hunks.iter().flat_map(|p| &p.lines).filter(|l| l.starts_with('+'));
        added.clone().all(|l| l.trim_end() == l).then(|| each(&whole(&c.diff), |l| l.trim_end().to_owned()))
    }),
    ("blanks-at-ends", "unified", |c, _| {
        Some(lines(&c.diff, |l| if l.starts_with('+') { l.to_owned() } else { format!("{l}  ") }))
    }),
    ("blank-context-without-mark", "unified", |c, _| {
        Some(lines(&c.diff, |l| if l == " " { String::new() } else { l.to_owned() }))
    }),
    ("context-lost-marks", "unified", |c, _| Some(lines(&c.diff, |l| l.strip_prefix(' ').unwrap_or(l).to_owned()))),
    ("some-lost-marks", "unified", |c, r| {
        Some(lines(&c.diff, |l| if r.below(3) == 0 { l.strip_prefix(' ').unwrap_or(l).to_owned() } else { l.to_owned() }))
    }),
    ("a-blank-after-marks", "unified", |c, _| {
        Some(lines(
            &c.diff,
            |l| if l.len() > 1 && !l.starts_with('\\') { format!("{} {}", &l[..1], &l[1..]) } else { l.to_owned() },
        ))
    }),
    ("tabs-to-blanks", "unified", |c, _| {
        c.before.contains("\n\t").then(|| lines(&c.diff, |l| format!("{}{}", &l[..1], retab(&l[1..], "\t", "    "))))
    }),
    ("blanks-to-tabs", "unified", |c, _| Some(lines(&c.diff, |l| format!("{}{}", &l[..1], retab(&l[1..], "    ", "\t"))))),
    ("halved-indent", "unified", |c, _| Some(lines(&c.diff, |l| format!("{}{}", &l[..1], retab(&l[1..], "    ", "  "))))),
    ("flush-left", "unified", |c, _| Some(pieces(&c.diff, |p| shift(p, 0)))),
    ("deeper", "unified", |c, _| {
        Some(pieces(&c.diff, |p| {
            lines_of(
                p,
                |l| if l.len() > 1 && !l.starts_with('\\') { format!("{}    {}", &l[..1], &l[1..]) } else { l.to_owned() },
            )
        }))
    }),
    ("one-line-of-context", "unified", |c, _| Some(pieces(&c.diff, |p| trim(p, 1, 1)))),
    ("no-context-before", "unified", |c, _| trimmed(c, 0, 3)),
    ("no-context-behind", "unified", |c, _| trimmed(c, 3, 0)),
    ("no-context", "unified", |c, _| {
        c.diff.hunks.iter().all(|p| p.lines.iter().any(|l| l.starts_with('-'))).then(|| pieces(&c.diff, |p| trim(p, 0, 0)))
    }),
    ("context-invented", "unified", |c, _| {
        Some(pieces(&c.diff, |p| {
            with_lines(p, |l| {
                let at = l.iter().position(|x| !x.starts_with(' ')).unwrap_or(0);
                if at > 0 {
                    l.insert(at - 1, " # this line is not there".to_owned());
                }
            })
        }))
    }),
    ("context-missing", "unified", |c, _| {
        Some(pieces(&c.diff, |p| {
            with_lines(p, |l| {
                if l.len() > 6 && l[1].starts_with(' ') && l[2].starts_with(' ') {
                    l.remove(1);
                }
            })
        }))
    }),
    ("context-altered", "unified", |c, _| {
        Some(pieces(&c.diff, |p| {
            with_lines(p, |l| {
                if l[0].starts_with(' ') && l[0].trim().len() > 3 {
                    l[0] += " really";
                }
            })
        }))
    }),
    ("hunks-reversed", "unified", |c, _| {
        let mut d = c.diff.clone();
        d.hunks.reverse();
        Some(whole(&d))
    }),
    ("hunk-repeated", "unified", |c, _| {
        let mut d = c.diff.clone();
        let first = d.hunks.first()?.clone();
        d.hunks.push(first);
        Some(whole(&d))
    }),
    ("merged-by-dots", "unified", |c, _| (c.diff.hunks.len() > 1).then(|| merged(&c.diff, Some(" ...")))),
    ("merged", "unified", |c, _| (c.diff.hunks.len() > 1).then(|| merged(&c.diff, None))),
    ("no-end-marker", "unified", |c, _| {
        let both = !c.before.ends_with('\n') && !c.after.ends_with('\n');
        (both && whole(&c.diff).contains("\n\\ No"))
            .then(|| each(&whole(&c.diff), |l| l.to_owned()).replace("\\ No newline at end of file\n", ""))
    }),
    ("json", "unified", |c, _| {
        Some(format!("{{\"diff\": {}, \"explanation\": \"a {{ \\\" brace\", \"confidence\": \"high\"}}", quoted(&whole(&c.diff))))
    }),
    ("json-fenced", "unified", |c, _| {
        Some(format!("Here:\n\n{}\nDone.\n", fenced("json", &format!("{{\n  \"patch\": {}\n}}\n", quoted(&whole(&c.diff))))))
    }),
    ("json-in-prose", "unified", |c, _| {
        Some(format!("Here it is:\n{{\"diff_text\": {}}}\nDone {{so}}.\n", quoted(&whole(&c.diff))))
    }),
    ("json-of-fence", "unified", |c, _| Some(format!("{{\"diff\": {}}}", quoted(&fenced("diff", &whole(&c.diff)))))),
    ("literal-newlines", "unified", |c, _| {
        let q = quoted(&whole(&c.diff));
        Some(q[1..q.len() - 1].to_owned())
    }),
    ("clean", "blocks", |c, _| blocks(c, "{path}\n", |p| p.clone())),
    ("fenced", "blocks", |c, _| Some(format!("Do this:\n\n{}\n", blocks(c, "{path}\n```python\n", |p| p.clone())?))),
    ("path-inside", "blocks", |c, _| blocks(c, "```\n{path}\n", |p| p.clone())),
    ("bold-path", "blocks", |c, _| blocks(c, "**{path}**\n", |p| p.clone())),
    ("heading", "blocks", |c, _| blocks(c, "### File: `{path}`\n", |p| p.clone())),
    ("cline-marks", "blocks", |c, _| {
        Some(
            blocks(c, "{path}\n", |p| p.clone())?
                .replace("<<<<<<< SEARCH", "------- SEARCH")
                .replace(">>>>>>> REPLACE", "+++++++ REPLACE"),
        )
    }),
    ("one-line-of-context", "blocks", |c, _| blocks(c, "{path}\n", |p| trim(p, 1, 1))),
    ("flush-left", "blocks", |c, _| blocks(c, "{path}\n", |p| shift(p, 0))),
    ("blanks-at-ends", "blocks", |c, _| {
        blocks(c, "{path}\n", |p| lines_of(p, |l| if l.starts_with(' ') { format!("{l} ") } else { l.to_owned() }))
    }),
    ("reversed", "blocks", |c, _| {
        let mut diff = c.diff.clone();
        diff.hunks.reverse();
        blocks(&c.with(diff), "{path}\n", |p| p.clone())
    }),
    ("carriage-returns", "blocks", |c, _| {
        blocks(c, "{path}\n", |p| p.clone()).filter(|_| !c.before.contains('\r')).map(|b| b.replace('\n', "\r\n"))
    }),
    ("numbered", "blocks", |c, _| Some(numbered(c)).filter(|_| !awkward(c))),
    ("json-list", "blocks", |c, _| {
        // Without a final line feed a last line that is blank cannot be told from none.
        let blank =
            c.diff.hunks.iter().any(|p| [p.side('+'), p.side('-')].iter().any(|side| side.last().is_none_or(String::is_empty)));
        (!blank && !c.diff.hunks.iter().any(|p| is_open(&c.before, &p.side('+')))).then(|| {
            format!(
                "[{}]",
                c.diff
                    .hunks
                    .iter()
                    .map(|p| format!(
                        "{{\"path\": {}, \"old\": {}, \"new\": {}}}",
                        quoted(&c.path),
                        quoted(&p.side('+').join("\n")),
                        quoted(&p.side('-').join("\n"))
                    ))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
    }),
    ("clean", "v4a", |c, _| Some(v4a(c, |p| p.clone(), "@@"))),
    ("fenced", "v4a", |c, _| Some(fenced("", &v4a(c, |p| p.clone(), "@@")))),
    ("here-document", "v4a", |c, _| Some(format!("apply_patch <<'EOF'\n{}EOF\n", v4a(c, |p| p.clone(), "@@")))),
    ("json", "v4a", |c, _| Some(format!("{{\"patch\": {}}}", quoted(&v4a(c, |p| p.clone(), "@@"))))),
    ("lost-marks", "v4a", |c, _| Some(v4a(c, |p| lines_of(p, |l| l.strip_prefix(' ').unwrap_or(l).to_owned()), "@@"))),
    ("flush-left", "v4a", |c, _| Some(v4a(c, |p| shift(p, 0), "@@"))),
    ("path-above", "whole", |c, _| file(c, &format!("{}\n```\n{}```\n", c.path, text(&c.after)))),
    ("heading", "whole", |c, _| file(c, &format!("Here is the file:\n\n### `{}`\n\n```rust\n{}```\n", c.path, text(&c.after)))),
    ("path-in-fence", "whole", |c, _| file(c, &format!("```rust {}\n{}```\n", c.path, text(&c.after)))),
    ("json", "whole", |c, _| file(c, &format!("{{\"path\": {}, \"content\": {}}}", quoted(&c.path), quoted(&c.after)))),
];

/// Classes that change how lines are written: in a hunk where only added lines are changed, nothing tells what was meant.
const HIDDEN: &[&str] =
    &["curly-quotes", "hard-blanks", "tabs-to-blanks", "blanks-to-tabs", "halved-indent", "entities", "entities-no-quotes"];

/// Classes that leave nothing but the text to tell the places.
const UNNUMBERED: &[&str] = &["wrong-numbers", "all-wrong", "no-numbers", "dots-for-numbers", "section-for-numbers"];

/// Classes that write white space otherwise: what changes white space only cannot be seen in them, nor what divides unevenly.
const BLANKS: &[&str] = &[
    "curly-quotes",
    "hard-blanks",
    "tabs-to-blanks",
    "blanks-to-tabs",
    "halved-indent",
    "flush-left",
    "deeper",
    "a-blank-after-marks",
];

/// Says whether an answer of a class says which edit is meant.
pub(super) fn tells(name: &str, format: &str, c: &Change, answer: &str) -> bool {
    (!HIDDEN.contains(&name) || shows(c, answer))
        && (!UNNUMBERED.contains(&name) && (format != "v4a" || name.contains("scope")) || told(c))
        && (!BLANKS.contains(&name) || is_even(c))
}

/// Writes every hunk with so much context, where each has an old line left: lines that are added by a number alone must be refused.
fn trimmed(c: &Change, before: usize, behind: usize) -> Option<String> {
    let has_old = |p: &Piece| !trim(p, before, behind).side('+').is_empty();
    c.diff.hunks.iter().all(has_old).then(|| pieces(&c.diff, |p| trim(p, before, behind)))
}

/// Says whether every hunk changes more than white space, and indents by whole steps of four where it indents.
fn is_even(c: &Change) -> bool {
    let bare = |lines: Vec<String>| lines.concat().split_whitespace().collect::<String>();
    let even = |line: &String| {
        let depth = line.len() - line.trim_start_matches(' ').len();
        depth.is_multiple_of(4) || line.trim().is_empty()
    };
    c.diff.hunks.iter().all(|p| {
        let (old, new) = (p.side('+'), p.side('-'));
        old.iter().chain(&new).all(even) && bare(old) != bare(new)
    })
}

/// Says whether every hunk with added lines that are written otherwise has old lines that are, too.
fn shows(c: &Change, answer: &str) -> bool {
    let mut written = answer.lines().skip(c.diff.head.len());
    c.diff.hunks.iter().all(|p| {
        written.next();
        let pairs: Vec<(&String, &str)> = p.lines.iter().zip(written.by_ref().take(p.lines.len())).collect();
        let differs = |added: bool| pairs.iter().any(|(own, other)| own.starts_with('+') == added && own.as_str() != *other);
        !differs(true) || differs(false)
    })
}

pub(super) fn head_of(p: &Piece) -> String {
    format!("@@ -{},{} +{},{} @@", p.old.0, p.old.1, p.new.0, p.new.1)
}

pub(super) fn piece(head: &str, p: &Piece) -> String {
    format!("{head}\n{}\n", p.lines.join("\n"))
}

pub(super) fn whole(diff: &Diff) -> String {
    heads(diff, head_of)
}

pub(super) fn heads(diff: &Diff, mut head: impl FnMut(&Piece) -> String) -> String {
    let mut out = diff.head.join("\n") + "\n";
    diff.hunks.iter().for_each(|p| out += &piece(&head(p), p));
    out
}

pub(super) fn named(c: &Change, head: &str) -> String {
    head.to_owned() + &c.diff.hunks.iter().map(|p| piece(&head_of(p), p)).collect::<String>()
}

pub(super) fn pieces(diff: &Diff, change: impl Fn(&Piece) -> Piece) -> String {
    let hunks = diff.hunks.iter().map(change).collect();
    whole(&Diff { head: diff.head.clone(), hunks })
}

pub(super) fn lines_of(p: &Piece, change: impl FnMut(&str) -> String) -> Piece {
    let mut change = change;
    Piece { lines: p.lines.iter().map(|line| if line.is_empty() { String::new() } else { change(line) }).collect(), ..p.clone() }
}

fn lines(diff: &Diff, mut change: impl FnMut(&str) -> String) -> String {
    let hunks = diff.hunks.iter().map(|p| lines_of(p, &mut change)).collect();
    whole(&Diff { head: diff.head.clone(), hunks })
}

pub(super) fn with_lines(p: &Piece, change: impl Fn(&mut Vec<String>)) -> Piece {
    let mut lines = p.lines.clone();
    change(&mut lines);
    Piece { lines, ..p.clone() }
}

pub(super) fn fenced(info: &str, text: &str) -> String {
    let ticks = if text.contains("```") { "````" } else { "```" };
    format!("{ticks}{info}\n{text}{ticks}\n")
}

pub(super) fn each(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_terminator('\n').map(|line| change(line) + "\n").collect()
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

pub(super) fn curly(line: &str) -> String {
    let mut open = false;
    line.chars()
        .map(|c| match c {
            '"' => {
                open = !open;
                if open { '\u{201c}' } else { '\u{201d}' }
            }
            '\'' => '\u{2019}',
            c => c,
        })
        .collect()
}

pub(super) fn retab(line: &str, from: &str, to: &str) -> String {
    let mut rest = line;
    let mut out = String::new();
    while let Some(more) = rest.strip_prefix(from) {
        out += to;
        rest = more;
    }
    out + rest
}

/// Takes the common indentation away and leaves `keep` blanks.
pub(super) fn shift(p: &Piece, keep: usize) -> Piece {
    let depth =
        |line: &String| line.get(1..).filter(|text| !text.trim().is_empty()).map(|text| text.len() - text.trim_start().len());
    let common = p.lines.iter().filter(|line| !line.starts_with('\\')).filter_map(depth).min().unwrap_or(0);
    lines_of(p, |l| {
        if l.starts_with('\\') {
            l.to_owned()
        } else {
            format!("{}{}{}", &l[..1], " ".repeat(keep), l.get(1 + common..).unwrap_or_default())
        }
    })
}

/// Leaves so many lines of context at each end.
pub(super) fn trim(p: &Piece, before: usize, behind: usize) -> Piece {
    let context = |line: &&String| line.starts_with(' ') || line.is_empty();
    let lead = p.lines.iter().take_while(context).count();
    let trail = p.lines.iter().rev().take_while(context).count();
    let (drop, keep) = (lead.saturating_sub(before), p.lines.len() - trail.saturating_sub(behind));
    let lines: Vec<String> = p.lines.get(drop..keep).unwrap_or_default().to_vec();
    let gone = drop + trail.saturating_sub(behind);
    Piece { old: (p.old.0 + drop, p.old.1.saturating_sub(gone)), new: (p.new.0 + drop, p.new.1.saturating_sub(gone)), lines }
}

fn merged(diff: &Diff, mark: Option<&str>) -> String {
    let Some(first) = diff.hunks.first() else { return String::new() };
    let mut one = first.clone();
    for p in diff.hunks.iter().skip(1) {
        one.lines.extend(mark.map(str::to_owned));
        one.lines.extend(p.lines.iter().cloned());
        one.old.1 += p.old.1;
        one.new.1 += p.new.1;
    }
    whole(&Diff { head: diff.head.clone(), hunks: vec![one] })
}

/// Writes blocks; `None` where an old text stands at several places, and nothing says which is meant.
pub(super) fn blocks(c: &Change, head: &str, change: impl Fn(&Piece) -> Piece) -> Option<String> {
    let closes = if head.contains("```") { "```\n" } else { "" };
    let hunks: Vec<Piece> = c.diff.hunks.iter().map(change).collect();
    if awkward(c) || hunks.iter().any(|p| is_open(&c.before, &p.side('+'))) {
        return None;
    }
    let blocks = hunks
        .iter()
        .map(|p| {
            let text = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            format!(
                "{}<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n{closes}\n",
                head.replace("{path}", &c.path),
                text(p.side('+')),
                text(p.side('-'))
            )
        })
        .collect();
    Some(blocks)
}

fn numbered(c: &Change) -> String {
    c.diff
        .hunks
        .iter()
        .map(|p| {
            let text = |lines: Vec<String>, from: usize| {
                lines.iter().enumerate().map(|(n, line)| format!("{:>4} | {line}\n", from + n)).collect::<String>()
            };
            format!(
                "{}\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n\n",
                c.path,
                text(p.side('+'), p.old.0),
                text(p.side('-'), p.new.0)
            )
        })
        .collect()
}

pub(super) fn v4a(c: &Change, change: impl Fn(&Piece) -> Piece, head: &str) -> String {
    let hunks: String = c
        .diff
        .hunks
        .iter()
        .map(change)
        .map(|mut p| {
            p.lines.retain(|line| !line.starts_with('\\'));
            piece(head, &p)
        })
        .collect();
    format!("*** Begin Patch\n*** Update File: {}\n{hunks}*** End Patch\n", c.path)
}

pub(super) fn file(c: &Change, answer: &str) -> Option<String> {
    let says = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let ok =
        says(&c.after) * 2 >= says(&c.before) && !c.after.contains("```") && c.before.ends_with('\n') == c.after.ends_with('\n');
    ok.then(|| answer.to_owned())
}

pub(super) fn text(content: &str) -> String {
    if content.ends_with('\n') { content.to_owned() } else { format!("{content}\n") }
}
