//! Commands of a shell that run the command that stands in their arguments: `sudo`, `env`, `xargs`, `find -exec`.

use super::call::{Argument, Called};
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::value::{Spelling, Value};

/// Deeper than this nobody wraps.
const DEEPEST: usize = 4;

/// Stands for what a function of a shell gives that runs its arguments.
const RUNS: &str = "?runs";

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
        "parallel" => (&["-j", "-n", "-I", "-N", "--jobs", "--colsep"], 0),
        "pkexec" | "fakeroot" | "xvfb-run" | "unbuffer" | "chronic" | "torsocks" | "proxychains" | "busybox" | "coproc" => {
            (&[], 0)
        }
        "gosu" | "su-exec" | "taskset" | "faketime" => (&[], 1),
        "runuser" | "setpriv" => (&["-u", "-g", "-G"], 0),
        "chrt" | "unshare" | "nsenter" | "systemd-run" | "firejail" | "numactl" => (&["-t", "-p"], 0),
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
        if words_before(&wrapper).is_none() && wrapper != "find" && !self.runs_its_words(&wrapper) {
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

    /// Returns what a command is by the word that names it, as far as that is known: `$CURL`, `"${command[@]}"`, `\\curl`.
    pub(super) fn command(&mut self, name: Id) -> Value {
        let cst = self.cst;
        let Some(mut word) = cst.children(name).next() else { return Value::local("command") };
        // `"$CURL"` is what is in it.
        if cst.kind(word) == "string" && cst.children(word).count() == 1 {
            word = cst.children(word).next().unwrap_or(word);
        }
        let value = match self.value(word) {
            Value::Node(list) => cst.children(list).next().map_or(Value::Unknown, |first| self.value(first)),
            value => value,
        };
        let Value::Text(text) = value else { return Value::local("command") };
        let first = text.text.split_whitespace().next().unwrap_or_default();
        let command = first.rsplit('/').next().unwrap_or_default();
        let plain = command.strip_prefix('\\').unwrap_or(command);
        if text.has_holes() || plain.is_empty() {
            return Value::local("command");
        }
        let pieces: Vec<Id> = if cst.kind(word) == "string" { cst.children(word).collect() } else { Vec::new() };
        let holds = |this: &mut Self, piece: Id| this.value(piece).as_text().is_some_and(|text| text.text.contains(plain));
        let is_split = !pieces.is_empty() && !pieces.into_iter().any(|piece| holds(self, piece));
        let is_hidden = is_split || text.is_assembled || text.is_decoded || plain.contains('\\');
        let plain = plain.replace('\\', "");
        match self.scopes.find(&plain, true) {
            Some(value) => value,
            None => Value::spelt(plain.replace('.', "·"), if is_hidden { Spelling::Assembled } else { Spelling::Plain }),
        }
    }

    /// Remembers of a function of a shell that it runs its arguments: `retry() { "$@"; }`.
    pub(super) fn bind_wrapper(&mut self, function: Id) {
        let cst = self.cst;
        let Some(name) = cst.in_field(function, "name").filter(|name| cst.kind(*name) == "word") else { return };
        let runs = |at: Id| matches!(cst.role(at), Role::Command) && cst.text(at).trim_start_matches('"').starts_with("$@");
        if cst.below(function).any(runs) {
            self.scopes.bind(&format!("{}()", cst.text(name)), Value::name(RUNS));
        }
    }

    fn runs_its_words(&self, name: &str) -> bool {
        self.scopes.find(&format!("{name}()"), true).is_some_and(|value| value.path() == Some(RUNS))
    }

    /// Returns the place among the arguments where the command stands that is run.
    fn runs_at(&self, wrapper: &str, arguments: &[Argument<'t>]) -> Option<usize> {
        let text = |at: usize| arguments.get(at).map(|one| self.cst.text(one.value));
        if wrapper == "find" {
            let at = (0..arguments.len()).find(|at| matches!(text(*at), Some("-exec" | "-execdir" | "-ok" | "-okdir")))?;
            return Some(at + 1);
        }
        let Some((valued, mut besides)) = words_before(wrapper) else {
            let is_command = |at: &usize| text(*at).is_some_and(|word| !self.rules.calls.matching(base_name(word)).is_empty());
            return (0..arguments.len().min(DEEPEST)).find(is_command);
        };
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
