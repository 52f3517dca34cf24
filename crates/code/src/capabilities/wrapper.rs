//! Commands of a shell that run the command that stands in their arguments: `sudo`, `env`, `xargs`, `find -exec`.

use super::cst::Id;
use super::evaluate::{Argument, Called, Evaluator};
use super::grammar::Role;
use super::value::{Spelling, Value};

/// Deeper than this nobody wraps.
const DEEPEST: usize = 4;

/// A command that another one runs.
pub(super) struct Inner<'t> {
    pub(super) called: Called,
    pub(super) arguments: Vec<Argument<'t>>,
    /// Where it begins.
    pub(super) start: usize,
}

/// What stands between a wrapper and what it runs: the options that have a value, and how many words there are besides.
fn words_before(wrapper: &str) -> Option<(&'static [&'static str], usize)> {
    Some(match wrapper {
        "sudo" | "doas" => (&["-u", "-g", "-C", "-h", "-p", "-U", "-r", "-t", "-D"], 0),
        "env" => (&["-u", "-C", "-S"], 0),
        "xargs" => (&["-n", "-I", "-P", "-L", "-d", "-s", "-E", "-a"], 0),
        "nice" => (&["-n"], 0),
        "ionice" => (&["-c", "-n", "-p"], 0),
        "timeout" => (&["-k", "-s"], 1),
        "flock" => (&["-w", "-E"], 1),
        "chroot" => (&[], 1),
        "watch" => (&["-n"], 0),
        "strace" | "ltrace" => (&["-e", "-o", "-p"], 0),
        "nohup" | "setsid" | "time" | "exec" | "builtin" | "stdbuf" | "command" | "eatmydata" | "caffeinate" => (&[], 0),
        _ => return None,
    })
}

impl<'t> Evaluator<'_, 't> {
    /// Returns the commands that a command runs, from the outermost on.
    pub(super) fn inner_commands(&mut self, command: Id) -> Vec<Inner<'t>> {
        let cst = self.cst;
        let Role::Command = cst.role(command) else { return Vec::new() };
        let Some(name) = cst.in_field(command, "name") else { return Vec::new() };
        let mut wrapper = base_name(cst.text(name)).to_owned();
        if words_before(&wrapper).is_none() && wrapper != "find" {
            return Vec::new();
        }
        let arguments = self.arguments(Some(command));
        let mut rest = arguments.as_slice();
        let mut all = Vec::new();
        while all.len() < DEEPEST {
            let Some(at) = self.runs_at(&wrapper, rest) else { break };
            let Some((first, after)) = rest.get(at..).and_then(<[_]>::split_first) else { break };
            let Value::Text(text) = self.value(first.value) else { break };
            if text.has_holes() || text.text.is_empty() {
                break;
            }
            wrapper = base_name(&text.text).to_owned();
            let callee = match self.scopes.find(&wrapper, true) {
                Some(value) => value,
                None => Value::spelt(wrapper.replace('.', "·"), Spelling::Plain),
            };
            let called = Called { callee, receiver: None, arguments: Some(command), skipped: 0 };
            all.push(Inner { called, arguments: after.to_vec(), start: cst.bytes(first.value).start });
            rest = after;
        }
        all
    }

    /// Returns the place among the arguments where the command stands that is run.
    fn runs_at(&self, wrapper: &str, arguments: &[Argument<'t>]) -> Option<usize> {
        let text = |at: usize| arguments.get(at).map(|one| self.cst.text(one.value));
        if wrapper == "find" {
            let at = (0..arguments.len()).find(|at| matches!(text(*at), Some("-exec" | "-execdir" | "-ok" | "-okdir")))?;
            return Some(at + 1);
        }
        let (valued, mut besides) = words_before(wrapper)?;
        let mut at = 0;
        loop {
            let word = text(at)?;
            if wrapper == "command" && matches!(word, "-v" | "-V") {
                return None;
            }
            if valued.contains(&word) {
                at += 2;
            } else if word.starts_with('-') || (matches!(wrapper, "env" | "sudo") && word.contains('=')) {
                at += 1;
            } else if besides > 0 {
                besides -= 1;
                at += 1;
            } else {
                return Some(at);
            }
        }
    }
}

fn base_name(command: &str) -> &str {
    command.rsplit('/').next().unwrap_or_default()
}
