//! A configuration that cannot be used: where, which key, what is wrong with it, and what was probably meant.

use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Why a configuration cannot be used. Shown as several lines: the place and the problem, the line itself, a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    /// The file, or the environment variable.
    pub(crate) file: String,
    /// The line, from 1; 0 where the source has no lines.
    pub(crate) line: usize,
    /// The column, from 1, in characters.
    pub(crate) column: usize,
    /// The key, written with dots: `policy.max_files`, `subproject[2].path`.
    pub(crate) key: Option<String>,
    /// What is wrong.
    pub(crate) problem: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// The text of the line, and how many characters of it are meant.
    excerpt: Option<(String, usize)>,
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.problem)?;
        if let Some((text, width)) = &self.excerpt {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            // Tabs are shown as one blank, so that the marks stand below what they mark; other control characters not at all.
            let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let marks = format!("{}{}", " ".repeat(self.column.saturating_sub(1)), "^".repeat((*width).max(1)));
            write!(f, "\n{gutter} |\n{number} | {shown}\n{gutter} | {marks}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  = {hint}")?;
        }
        Ok(())
    }
}

impl Error {
    /// Returns a problem with a file as a whole.
    pub(crate) fn of_file(file: &str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { file: file.to_owned(), line: 0, column: 0, key: None, problem, hint: None, excerpt: None }
    }

    /// Returns a problem with the bytes `span` of `text`.
    pub(super) fn at(file: &str, text: &str, span: Range<usize>, problem: impl Into<String>, hint: Option<String>) -> Self {
        let start = floor(text, span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |part| part.chars().count()) + 1;
        let line_text = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let end = floor(text, span.end).min(line_start + line_text.len());
        let width = text.get(start..end).map_or(0, |part| part.chars().count());
        let key = key_at(text, &span).map(|key| key.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
        // Text of the file may stand in the problem; what a terminal obeys may not.
        let problem: String = problem.into().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let problem = match (&key, problem) {
            (Some(key), problem) if !problem.contains(&format!("`{key}`")) => format!("`{key}`: {problem}"),
            (_, problem) => problem,
        };
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            key,
            problem,
            hint,
            excerpt: Some((line_text.to_owned(), width)),
        }
    }

    /// Returns what the TOML reader complained about, in words for a person.
    pub(super) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..0);
        let (problem, hint) = in_words(error.message());
        Self::at(file, text, span, problem, hint)
    }

    /// Returns the error with another hint.
    pub(super) fn hinting(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Returns the known word that is most like `word`, if one is close.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |other: &&str| strsim::damerau_levenshtein(word, other) <= 1 + word.len().max(other.len()) / 4;
    known.into_iter().filter(near).min_by_key(|other| strsim::damerau_levenshtein(word, other))
}

/// Rewrites serde's messages, whose first quoted word is what was found and the others what was expected.
fn in_words(message: &str) -> (String, Option<String>) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (kind, found) = match (message.split('`').next(), quoted.first()) {
        (Some("unknown field "), Some(found)) => ("key", *found),
        (Some("unknown variant "), Some(found)) => ("value", *found),
        _ => return (message.replace("invalid type: ", "wrong type: "), None),
    };
    let known = quoted.get(1..).unwrap_or_default();
    let hint = match nearest(found, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    let problem =
        if kind == "key" { format!("unknown key `{found}`") } else { format!("`{found}` is not a value that it can have") };
    (problem, Some(hint))
}

/// Returns the dotted key whose name or value covers the span, the innermost one.
fn key_at(text: &str, span: &Range<usize>) -> Option<String> {
    fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
        outer.start <= inner.start && inner.end <= outer.end
    }
    fn in_table(table: &DeTable<'_>, span: &Range<usize>, prefix: &str) -> Option<String> {
        table.iter().find_map(|(key, value)| {
            let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
            // A table's own span may not cover what is below it: look inside first.
            in_value(value.get_ref(), span, &name)
                .or_else(|| (covers(&key.span(), span) || covers(&value.span(), span)).then_some(name))
        })
    }
    fn in_value(value: &DeValue<'_>, span: &Range<usize>, name: &str) -> Option<String> {
        match value {
            DeValue::Table(table) => in_table(table, span, name),
            DeValue::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                let name = format!("{name}[{}]", index + 1);
                in_value(item.get_ref(), span, &name).or_else(|| covers(&item.span(), span).then_some(name))
            }),
            _ => None,
        }
    }
    in_table(DeTable::parse(text).ok()?.get_ref(), span, "")
}

/// Returns the last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
