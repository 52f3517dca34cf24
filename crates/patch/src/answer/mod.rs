//! What a model answered, unwrapped: the texts that may hold edits, and what it said about them.

mod json;
mod text;

use serde::Serialize;

pub(crate) use text::{has_bare_signs, has_entities};

use crate::Refusal;
use crate::formats;
use crate::model::{FilePatch, Format};
use crate::refusal::unreadable;

/// No answer is longer.
const LARGEST: usize = 64 << 20;

/// How sure the author says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It said so.
    High,
    /// It said so, or gave a fenced edit with a reason.
    Medium,
    /// It said so, or gave an edit without a word.
    Low,
}

/// One thing that was done to an answer before it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// It was taken out of JSON.
    Json,
    /// The JSON had line feeds in its strings.
    BrokenJson,
    /// Every line ended in a carriage return.
    CarriageReturns,
    /// Line feeds were written `\n`.
    LiteralNewlines,
    /// Every line was quoted by `>`.
    Quoted,
    /// Every line was indented.
    Indented,
    /// Signs were written as `&lt;`.
    Entities,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) explanation: Option<String>,
    pub(crate) confidence: Option<Confidence>,
    /// The ways to read it, the plainest first.
    pub(crate) readings: Vec<Reading>,
}

/// One way to read an answer.
pub(crate) struct Reading {
    pub(crate) parts: Vec<Part>,
    pub(crate) repairs: Vec<Repair>,
}

/// A part of an answer.
#[derive(Clone)]
pub(crate) enum Part {
    /// Text in one of the formats, about that file if it does not say itself.
    Text(Vec<u8>, Option<String>),
    /// Old text and what replaces it.
    Block { path: String, old: String, new: String },
    /// The whole of a file.
    Whole { path: String, content: String },
}

/// Unwraps an answer.
pub(crate) fn read(answer: &[u8]) -> Result<Answer, Refusal> {
    if answer.len() > LARGEST {
        return Err(unreadable(0, "the answer is larger than any edit"));
    }
    let answer = answer.strip_prefix(crate::place::BOM).unwrap_or(answer);
    if let Some(found) = json::read(answer)? {
        let repairs = if found.repaired { vec![Repair::Json, Repair::BrokenJson] } else { vec![Repair::Json] };
        // A text inside may be wrapped once more.
        let mut readings = vec![Reading { parts: found.parts.clone(), repairs: repairs.clone() }];
        if let [Part::Text(text, path)] = found.parts.as_slice() {
            readings = text::readings(text, path.as_deref());
            readings.iter_mut().for_each(|reading| reading.repairs.splice(0..0, repairs.iter().copied()).for_each(drop));
        }
        return Ok(Answer { explanation: found.explanation, confidence: found.confidence, readings });
    }
    let (explanation, fenced) = text::prose(answer);
    let confidence = if fenced && explanation.is_some() { Confidence::Medium } else { Confidence::Low };
    Ok(Answer { explanation, confidence: Some(confidence), readings: text::readings(answer, None) })
}

impl Reading {
    /// Reads the edits.
    pub(crate) fn edits(&self, known: &dyn Fn(&str) -> bool) -> Result<Vec<FilePatch>, Refusal> {
        let mut files: Vec<FilePatch> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text, path) => {
                    let found = formats::read(text, path.as_deref(), known)?;
                    if found.is_empty() && self.parts.len() > 1 {
                        return Err(unreadable(0, "a part of the answer holds no edit"));
                    }
                    if let Some(path) =
                        path.as_deref().filter(|path| known(path) && !found.iter().any(|file| speaks_of(file, path)))
                    {
                        let what = format!("it is said to be about `{path}`, and what it holds is about another file");
                        return Err(unreadable(0, what));
                    }
                    files.extend(found);
                }
                Part::Block { path, old, new } => {
                    let old: Vec<&[u8]> = old.as_bytes().split_inclusive(|byte| *byte == b'\n').collect();
                    let new: Vec<&[u8]> = new.as_bytes().split_inclusive(|byte| *byte == b'\n').collect();
                    let mut file = FilePatch::of(path, 0, Format::Blocks);
                    file.hunks.push(formats::replacing(0, None, &old, &new)?);
                    files.push(file);
                }
                Part::Whole { path, content } => {
                    let mut file = FilePatch::of(path, 0, Format::Whole);
                    file.whole = Some(content.clone().into_bytes());
                    files.push(file);
                }
            }
        }
        if files.is_empty() {
            return Err(unreadable(
                0,
                "no edit was found: no diff, no SEARCH/REPLACE block, no patch and no whole file with its path",
            ));
        }
        Ok(files)
    }
}

/// Says whether a file of a diff may be `path`, which is there: prefixes and roots aside.
fn speaks_of(file: &FilePatch, path: &str) -> bool {
    let names = || [&file.old, &file.new].into_iter().flatten().map(|name| name.replace('\\', "/"));
    let ends = |long: &str, short: &str| long == short || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/'));
    names().any(|name| {
        let bare = name.split_once('/').map_or(name.as_str(), |(_, rest)| rest);
        ends(&name, path) || ends(path, &name) || ends(path, bare)
    })
}
