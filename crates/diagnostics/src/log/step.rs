//! One step of a job, as its log passes.

use memchr::{memchr_iter, memmem};

use super::scan::Tellings;
use crate::envelope::Dialect;
use crate::text::pattern;

/// More of a step's output than this is not kept from its beginning, nor twice this from its end.
const KEPT: usize = 1 << 20;

/// More commands than a step runs; a longer one is cut.
const MOST_COMMANDS: usize = 200;

/// So far back the last word of a step is looked for.
const MOST_AFTERMATH: usize = 200;

pattern! {
    AFTERMATH = concat!(
        r#"^(?:npm (?:ERR!|error)|lerna ERR!|info Visit https://yarnpkg\.com/|error Command failed|\s*ELIFECYCLE|ERROR: "[^"]*" exited with "#,
        r"|g?make(?:\[\d+\])?: |Tasks: TOP|\(See full trace|rake aborted!|Command failed with status|Script .* returned with error code|Exit code: ",
        r"|\s+at .*:\d+\)?$|\s*(?:from )?\S+:\d+:in [`'])",
    );
}

/// A step of a job.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Its name, as the log gives it; none before the first one.
    pub(super) name: Option<String>,
    /// It is not what the job is for.
    pub(super) is_aside: bool,
    /// It is a further command of the step before it.
    pub(super) goes_on: bool,
    /// It was not run.
    pub(super) is_skipped: bool,
    /// The commands, in order.
    pub(super) commands: Vec<String>,
    /// The code that it ended with.
    pub(super) exit: Option<i32>,
    /// How many lines it had said when it ended: what the system says after that explains nothing.
    said: Option<u64>,
    /// Lines that the CI system calls errors.
    pub(super) errors: Vec<(u64, u64)>,
    /// What its lines tell.
    pub(super) tellings: Tellings,
    /// The last line with any text.
    pub(super) last: Option<(u64, u64)>,
    /// The output: its beginning, and of its end what was kept first and what came after that.
    head: String,
    tail: [Lines; 2],
    /// How many bytes were left out between the two.
    left_out: usize,
    /// Where its lines stand in the log.
    places: Places,
}

/// Some lines, and how many they are.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    count: u64,
}

/// Which raw line each line of a step came from: runs of lines that follow each other, each with its first line's number in the step.
#[derive(Debug, Default)]
struct Places {
    runs: Vec<(u64, (u64, u64))>,
    /// How many lines there were, how many of them stand at the beginning, and how many were left out after those.
    lines: u64,
    head: u64,
    left_out: u64,
}

/// More runs than this are not remembered: the lines of the last one are then taken to follow each other.
const MOST_RUNS: usize = 50_000;

impl Places {
    fn add(&mut self, raw: (u64, u64)) {
        // The next line is of the last run, where it is of any.
        let goes_on = self.runs.last().is_some_and(|(first, of_first)| {
            let expected = of_first.1 + (self.lines - first);
            *first < self.lines && raw == (expected, expected)
        });
        if !goes_on && self.runs.len() < MOST_RUNS {
            self.runs.push((self.lines, raw));
        }
        self.lines += 1;
    }

    /// Returns the raw lines of a line of the step; of all but the first of a run it is one.
    fn of(&self, line: u64) -> Option<(u64, u64)> {
        let run = self.runs.partition_point(|(first, _)| *first <= line).checked_sub(1)?;
        let (first, raw) = self.runs.get(run)?;
        let after = line - first;
        Some(if after == 0 { *raw } else { (raw.1 + after, raw.1 + after) })
    }

    /// Returns the line of the step that came from a raw line.
    fn line(&self, raw: u64) -> Option<u64> {
        let run = self.runs.partition_point(|(_, of_first)| of_first.0 <= raw).checked_sub(1)?;
        let (first, of_first) = self.runs.get(run)?;
        let line = first + raw.saturating_sub(of_first.1);
        self.of(line).filter(|(first, last)| (*first..=*last).contains(&raw)).map(|_| line)
    }
}

impl Step {
    pub(super) fn new(name: Option<String>, is_aside: bool) -> Self {
        Self { name, is_aside, ..Self::default() }
    }

    /// Returns a further command of this step, as a step of its own.
    pub(super) fn next(&self) -> Self {
        Self { name: self.name.clone(), is_aside: self.is_aside, goes_on: true, ..Self::default() }
    }

    pub(super) fn command(&mut self, command: &str) {
        if self.commands.len() < MOST_COMMANDS {
            self.commands.push(command.to_owned());
        } else if let Some(last) = self.commands.last_mut() {
            command.clone_into(last);
        }
    }

    pub(super) fn error(&mut self, raw: (u64, u64)) {
        if self.errors.len() < 20 {
            self.errors.push(raw);
        }
    }

    /// Ends it.
    pub(super) fn end(&mut self, code: i32) {
        self.exit = Some(code);
        self.said.get_or_insert(self.places.lines);
    }

    /// Keeps a line of its output.
    pub(super) fn keep(&mut self, line: &str, raw: (u64, u64)) {
        self.places.add(raw);
        if self.head.len() < KEPT {
            self.places.head = self.places.lines;
            self.head.push_str(line);
            return self.head.push('\n');
        }
        let [older, newer] = &mut self.tail;
        newer.text.push_str(line);
        newer.text.push('\n');
        newer.count += 1;
        if older.text.len() + newer.text.len() > 2 * KEPT {
            self.left_out += older.text.len();
            self.places.left_out += std::mem::take(&mut older.count);
            older.text.clear();
        }
        if older.text.is_empty() && newer.text.len() > KEPT {
            self.tail.swap(0, 1);
        }
    }

    /// Forgets the output.
    pub(super) fn forget(&mut self) {
        self.left_out += self.size();
        self.head = String::new();
        self.tail = Default::default();
        self.places.left_out = self.places.lines;
        self.places.head = 0;
    }

    /// Returns how much of the output is kept.
    pub(super) fn size(&self) -> usize {
        self.head.len() + self.tail.iter().map(|lines| lines.text.len()).sum::<usize>()
    }

    /// Returns how much of the output is not.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// Hands its output over.
    pub(super) fn text_into(&self, text: &mut String) {
        text.push_str(&self.head);
        self.tail.iter().for_each(|lines| text.push_str(&lines.text));
    }

    /// Returns the raw lines of the first line that has each of some texts, as far as it is kept.
    pub(super) fn lines_with(&self, texts: &[String]) -> Vec<(u64, u64)> {
        let line_in = |kept: &str, text: &str| {
            let at = memmem::find(kept.as_bytes(), text.as_bytes())?;
            kept.as_bytes().get(..at).map(|before| memchr_iter(b'\n', before).count() as u64)
        };
        let line = |text: &String| {
            let [older, newer] = &self.tail;
            let in_tail = || {
                let in_newer = || line_in(&newer.text, text).map(|line| line + older.count);
                let line = line_in(&older.text, text).or_else(in_newer)?;
                Some(line + self.places.head + self.places.left_out)
            };
            self.places.of(line_in(&self.head, text).or_else(in_tail)?)
        };
        texts.iter().filter_map(line).collect()
    }

    /// Returns the text of a raw line, as far as it is kept.
    pub(super) fn text_at(&self, raw: u64) -> Option<&str> {
        let line = self.places.line(raw).filter(|line| *line < self.places.lines)?;
        let [older, newer] = &self.tail;
        let (kept, line) = match line.checked_sub(self.places.head) {
            None => (&self.head, line),
            Some(after) => match after.checked_sub(self.places.left_out)? {
                line if line < older.count => (&older.text, line),
                line => (&newer.text, line - older.count),
            },
        };
        kept.split('\n').nth(usize::try_from(line).ok()?)
    }

    /// Returns the last line that says more than that something failed, which managers of scripts and of builds do after what they ran.
    pub(super) fn last_word(&self) -> Option<(u64, u64)> {
        let [older, newer] = &self.tail;
        let in_tail = newer.text.lines().rev().chain(older.text.lines().rev()).zip((0..self.places.lines).rev());
        let in_head = self.head.lines().rev().zip((0..self.places.head).rev());
        let before_its_end = |line: &(&str, u64)| self.said.is_none_or(|said| line.1 < said);
        let mut latest = in_tail.chain(in_head).take(MOST_AFTERMATH).filter(before_its_end);
        let (_, line) = latest.find(|(line, _)| !line.trim().is_empty() && !AFTERMATH.is_match(line))?;
        self.places.of(line)
    }

    /// Says whether it did anything that could fail.
    pub(super) fn ran(&self) -> bool {
        !self.is_aside && !self.is_skipped && (!self.commands.is_empty() || self.size() > 0 || self.left_out > 0)
    }

    /// Returns the command that failed, as far as the log tells: where commands are echoed as they are run, the last one; where the
    /// script stands at the head of the step, all of it.
    pub(super) fn failing_command(&self, dialect: Dialect) -> Option<String> {
        match dialect {
            Dialect::GitHub | Dialect::CircleCi => (!self.commands.is_empty()).then(|| self.commands.join("\n")),
            _ => self.commands.last().cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_line_is_found_where_it_stood_however_much_was_left_out() {
        let line = |number: u64| format!("line {number} of many, as wide as most lines of a log are: {:40}", "");
        for last in [10, 12_000, 24_000, 35_000, 60_000, 123_456] {
            let mut step = Step::default();
            (1..=last).for_each(|number| step.keep(&line(number), (number, number)));
            let mut kept = String::new();
            step.text_into(&mut kept);
            let whole = (last as usize) * line(last).len();
            assert!(kept.len() >= whole.min(2 * KEPT) && kept.len() <= 3 * KEPT + line(last).len(), "{} of {whole}", kept.len());
            assert_eq!(step.text_at(last + 1), None);
            for number in kept.lines().filter_map(|line| line.split(' ').nth(1)?.parse::<u64>().ok()).step_by(997).chain([last]) {
                assert_eq!(step.lines_with(&[format!("line {number} of")]), [(number, number)], "of {last}");
                assert_eq!(step.text_at(number), Some(line(number).as_str()), "{number} of {last}");
            }
        }
    }
}
