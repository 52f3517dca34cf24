//! Slips within hunks: context that was forgotten, invented or reworded, changes written the long way, lines written otherwise. Each slip
//! is written in every format that has hunks, and only where what is left says which edit is meant.

use super::classes::{Write, blocks, curly, heads, lines_of, retab, shift, trim, v4a, whole};
use super::random::Random;
use super::source::{Change, Diff, Piece};

/// A slip: `None` where it says nothing of this hunk, or leaves it open.
type Slip = fn(&Change, &Piece, &mut Random) -> Option<Piece>;

macro_rules! slips {
    ($($name:literal: $slip:expr;)*) => {
        /// The slips in all formats: name, format, writer.
        pub(super) const SLIPS: &[(&str, &str, Write)] = &[$(
            ($name, "unified", |c, r| slipped(c, r, $slip).map(|c| whole(&c.diff))),
            (concat!($name, "-unnumbered"), "unified", |c, r| {
                slipped(c, r, $slip).filter(told).map(|c| heads(&c.diff, |_| "@@ @@".to_owned()))
            }),
            ($name, "blocks", |c, r| blocks(&slipped(c, r, $slip)?, "{path}\n", |p| p.clone())),
            ($name, "v4a", |c, r| slipped(c, r, $slip).filter(told).map(|c| v4a(&c, |p| p.clone(), "@@"))),
        )*];
    };
}

slips! {
    "a-line-reworded": |_, p, r| {
        let at = pick(&far(p), r)?;
        let line = p.lines.get(at).filter(|line| line.trim().len() > 8)?;
        let half = (line.len() / 2..line.len()).find(|at| line.is_char_boundary(*at))?;
        Some(put(p, at, Some(format!("{}ed {}", &line[..half], &line[half..]))))
    };
    "a-neighbour-reworded": |_, p, r| {
        let at = pick(&near_deletions(p), r)?;
        let line = p.lines.get(at).filter(|line| line.trim().len() > 8)?;
        Some(put(p, at, Some(format!("{line} # and so on"))))
    };
    "a-line-forgotten": |_, p, r| Some(put(p, pick(&far(p), r)?, None));
    "blank-lines-forgotten": |_, p, _| {
        let far = far(p);
        let blank: Vec<usize> = far.into_iter().filter(|at| p.lines[*at].trim().is_empty()).collect();
        let kept = p.lines.iter().enumerate().filter(|(at, _)| !blank.contains(at)).map(|(_, line)| line.clone()).collect();
        (!blank.is_empty()).then(|| Piece { lines: kept, ..p.clone() })
    };
    "a-blank-line-invented": |_, p, r| {
        let at = pick(&far(p), r)?;
        let mut lines = p.lines.clone();
        let twice = [at.checked_sub(1), Some(at)].into_iter().flatten().any(|at| lines[at].trim().is_empty());
        lines.insert(at, " ".to_owned());
        (!twice).then(|| Piece { lines, ..p.clone() })
    };
    "last-line-invented": |_, p, _| {
        let mut lines = p.lines.clone();
        (p.lines.len() > 4 && far(p).contains(&(p.lines.len() - 1))).then(|| {
            lines.push(" # and this comes behind it".to_owned());
            Piece { lines, ..p.clone() }
        })
    };
    "rewritten": |_, p, _| {
        let changed = |line: &String| !line.starts_with(' ') && !line.is_empty();
        let (from, to) = (p.lines.iter().position(changed)?, p.lines.iter().rposition(changed)?);
        rewritten(p, from, to + 1)
    };
    "all-rewritten": |_, p, _| rewritten(p, 0, p.lines.len());
    "adds-first": |_, p, _| blocks_of(p, |minus, plus| plus.into_iter().chain(minus).collect());
    "interleaved": |_, p, _| blocks_of(p, |minus, plus| {
        let longer = minus.len().max(plus.len());
        (0..longer).flat_map(|at| [minus.get(at).cloned(), plus.get(at).cloned()]).flatten().collect()
    });
    "context-trimmed": |c, p, r| {
        let p = trim(p, r.below(4), r.below(4));
        let old = p.side('+');
        (!old.is_empty() && one_place(&c.before, &old)).then_some(p)
    };
    "more-context": |c, p, r| {
        let before: Vec<&str> = c.before.lines().collect();
        let (start, end) = (p.old.0.checked_sub(1)?, p.old.0 - 1 + p.old.1);
        let (from, to) = (start.saturating_sub(r.below(12)), (end + r.below(12)).min(before.len()));
        if p.old.1 == 0 || p.lines.iter().any(|line| line.starts_with('\\')) {
            return None;
        }
        let context = |lines: &[&str]| lines.iter().map(|line| format!(" {line}")).collect::<Vec<_>>();
        let lines = [context(before.get(from..start)?), p.lines.clone(), context(before.get(end..to)?)].concat();
        let new = (p.new.0.saturating_sub(start - from), p.new.1 + (to - from) - p.old.1);
        Some(Piece { old: (from + 1, to - from), new, lines })
    };
    "ends-stripped": |_, p, _| {
        let clean = p.lines.iter().filter(|line| line.starts_with('+')).all(|line| line.trim_end() == line);
        clean.then(|| lines_of(p, |line| format!("{}{}", &line[..1], line[1..].trim_end())))
    };
    "moved-right": |c, p, _| seen(c, p, lines_of(p, |line| match line.len() {
        2.. if !line.starts_with('\\') => format!("{}    {}", &line[..1], &line[1..]),
        _ => line.to_owned(),
    }));
    "moved-left": |c, p, _| seen(c, p, shift(p, 0));
    "tabs-as-blanks": |c, p, _| {
        (c.before.contains("\n\t") && !c.before.contains("\n  ")).then_some(())?;
        seen(c, p, lines_of(p, |line| format!("{}{}", &line[..1], retab(&line[1..], "\t", "    "))))
    };
    "blanks-as-tabs": |c, p, _| {
        c.before.lines().all(|line| (line.len() - line.trim_start_matches(' ').len()) % 4 == 0).then_some(())?;
        seen(c, p, lines_of(p, |line| format!("{}{}", &line[..1], retab(&line[1..], "    ", "\t"))))
    };
    "inner-blanks": |c, p, _| {
        let squeezed = |line: &str| {
            let text = line[1..].trim_start();
            let indent = &line[..line.len() - text.len()];
            format!("{indent}{}", text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
        };
        let changed = lines_of(p, |line| if line.starts_with(' ') { squeezed(line) } else { line.to_owned() });
        (changed.lines != p.lines && one_place(&c.before, &changed.side('+'))).then_some(changed)
    };
    "typeset": |c, p, _| {
        // Where the real text has such signs, those of the slip cannot be told from them.
        let curls = |text: &str| text.contains(['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}']);
        (!curls(&c.before) && !curls(&c.after)).then_some(())?;
        let changed = lines_of(p, curly);
        let old = |p: &Piece| p.side('+').concat();
        // What only added lines have, nothing tells.
        (old(&changed) != old(p) || changed.lines == p.lines).then_some(changed)
    };
}

/// Writes every hunk with the slip, where it says something of one of them at least.
fn slipped(c: &Change, r: &mut Random, slip: Slip) -> Option<Change> {
    let mut any = false;
    let hunks = c
        .diff
        .hunks
        .iter()
        .map(|p| {
            slip(c, p, r).map_or_else(
                || p.clone(),
                |changed| {
                    any |= changed.lines != p.lines;
                    changed
                },
            )
        })
        .collect();
    any.then(|| c.with(Diff { head: c.diff.head.clone(), hunks }))
}

/// Says whether the text of every hunk, where it stands in the file, and the order of the hunks tell its place.
pub(super) fn told(c: &Change) -> bool {
    let hunks: Vec<Vec<String>> = c.diff.hunks.iter().map(|p| p.side('+')).collect();
    hunks.iter().all(|lines| !is_open(&c.before, lines)) || in_order(&c.before, &hunks)
}

/// Context at least one line away from every change, and not at the ends of what is left to tell the place.
fn far(p: &Piece) -> Vec<usize> {
    let context = |at: usize| p.lines.get(at).is_none_or(|line| line.is_empty() || line.starts_with(' '));
    let all: Vec<usize> =
        (0..p.lines.len()).filter(|at| context(*at) && context(at + 1) && at.checked_sub(1).is_none_or(context)).collect();
    let tells = p.lines.iter().filter(|line| !line.starts_with(['+', '\\']) && line.trim().len() > 5).count();
    if tells >= 4 { all } else { Vec::new() }
}

/// Context that touches a change which takes lines away: those tell the place without it.
fn near_deletions(p: &Piece) -> Vec<usize> {
    let mark = |at: usize| p.lines.get(at).map_or(' ', |line| line.chars().next().unwrap_or(' '));
    let tells = p.lines.iter().filter(|line| !line.starts_with(['+', '\\']) && line.trim().len() > 5).count();
    (0..p.lines.len())
        .filter(|at| tells >= 4 && mark(*at) == ' ' && mark(at + 1) == '-' && at.checked_sub(1).is_none_or(|at| mark(at) == ' '))
        .collect()
}

fn pick(from: &[usize], r: &mut Random) -> Option<usize> {
    from.get(r.below(from.len())).copied()
}

/// Puts a line in place of another, or takes it away.
fn put(p: &Piece, at: usize, line: Option<String>) -> Piece {
    let mut lines = p.lines.clone();
    lines.splice(at..=at, line);
    Piece { lines, ..p.clone() }
}

/// Takes the lines `from..to` away and adds them anew, the unchanged ones too.
fn rewritten(p: &Piece, from: usize, to: usize) -> Option<Piece> {
    let part = p.lines.get(from..to)?;
    if p.lines.iter().any(|line| line.starts_with('\\')) {
        return None;
    }
    let side = |other: char, mark: char| {
        part.iter()
            .filter(move |line| !line.starts_with(other))
            .map(move |line| format!("{mark}{}", line.get(1..).unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let lines = [p.lines.get(..from)?.to_vec(), side('+', '-'), side('-', '+'), p.lines.get(to..)?.to_vec()].concat();
    Some(Piece { lines, ..p.clone() })
}

/// Writes the deleted and added lines of each block in another order.
fn blocks_of(p: &Piece, order: impl Fn(Vec<String>, Vec<String>) -> Vec<String>) -> Option<Piece> {
    if p.lines.iter().any(|line| line.starts_with('\\')) {
        return None;
    }
    let mut lines = Vec::new();
    let mut at = 0;
    while at < p.lines.len() {
        let block: Vec<String> = p.lines[at..].iter().take_while(|line| line.starts_with(['+', '-'])).cloned().collect();
        at += block.len().max(1);
        if block.is_empty() {
            lines.push(p.lines[at - 1].clone());
        } else {
            let (plus, minus) = block.into_iter().partition(|line| line.starts_with('+'));
            lines.extend(order(minus, plus));
        }
    }
    Some(Piece { lines, ..p.clone() })
}

/// Lets a hunk through whose lines are written otherwise, when the indentation of every added line can be seen or follows: some old line
/// that says something is moved, and the change is not one of white space.
fn seen(c: &Change, p: &Piece, changed: Piece) -> Option<Piece> {
    let bare = |lines: Vec<String>| lines.concat().split_whitespace().collect::<String>();
    if bare(p.side('+')) == bare(p.side('-')) {
        return None;
    }
    let depth = |line: &str| line.len() - line.trim_start().len();
    let pairs = |mark: fn(char) -> bool| {
        let both = p.lines.iter().zip(&changed.lines).filter(move |(own, _)| own.starts_with(mark));
        both.filter(|(own, _)| !own[1..].trim().is_empty())
            .map(|(own, now)| (depth(&now[1..]), depth(&own[1..])))
            .collect::<Vec<_>>()
    };
    let old = pairs(|mark| mark == ' ' || mark == '-');
    let known = pairs(|mark| mark == '+').iter().all(|(now, own)| old.contains(&(*now, *own)));
    (known && one_place(&c.before, &changed.side('+'))).then_some(changed)
}

/// Says whether lines stand at one place of a text.
pub(super) fn one_place(text: &str, lines: &[String]) -> bool {
    found(text, lines) == Some(1)
}

/// Says whether lines stand at several places of a text, so that nothing tells which is meant.
pub(super) fn is_open(text: &str, lines: &[String]) -> bool {
    found(text, lines).is_some_and(|count| count > 1)
}

/// At how many places lines stand: to the letter, else without blanks at ends, else without any.
fn found(text: &str, lines: &[String]) -> Option<usize> {
    let normals: [fn(&str) -> String; 3] =
        [str::to_owned, |line| line.trim_end().to_owned(), |line| line.split_whitespace().collect()];
    normals.into_iter().map(|normal| places(text, lines, normal)).find(|count| *count > 0)
}

/// Says whether the order of the hunks leaves one place for each, when nothing but their text tells the places.
pub(super) fn in_order(text: &str, hunks: &[Vec<String>]) -> bool {
    let have: Vec<&str> = text.lines().collect();
    let mut all: Vec<Vec<usize>> = hunks
        .iter()
        .map(|lines| {
            let fits = |at: &usize| have.get(*at..at + lines.len()).is_some_and(|there| there == lines.as_slice());
            (0..have.len()).filter(fits).collect()
        })
        .collect();
    // Forth: behind the earliest place of the one before. Back: before the latest of the one behind.
    let mut from = 0;
    for (places, lines) in all.iter_mut().zip(hunks) {
        places.retain(|at| *at >= from);
        from = places.first().map_or(usize::MAX, |at| at + lines.len());
    }
    let mut to = usize::MAX;
    for (places, lines) in all.iter_mut().zip(hunks).rev() {
        places.retain(|at| at + lines.len() <= to);
        to = places.last().copied().unwrap_or(0);
    }
    all.iter().all(|places| places.len() == 1)
}

/// Says whether lines stand at two places or more.
pub(super) fn many_places(text: &str, lines: &[String]) -> bool {
    places(text, lines, str::to_owned) > 1
}

fn places(text: &str, lines: &[String], normal: fn(&str) -> String) -> usize {
    let have: Vec<String> = text.lines().map(normal).collect();
    let wanted: Vec<String> = lines.iter().map(|line| normal(line.strip_suffix('\r').unwrap_or(line))).collect();
    if wanted.is_empty() { 0 } else { have.windows(wanted.len()).filter(|window| *window == wanted).count() }
}
