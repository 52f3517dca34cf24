//! `fixwright doctor`: which tools are there, what is missing, and the command that installs it. Each tool is asked for its version,
//! for a short time and several at once; nothing is changed.

mod probes;
mod tools;

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sandbox::{Capabilities, Hold, MemoryBy};
use serde::Serialize;

use crate::config::Backend;
use crate::detect::ask;
use crate::engines::fixers;
use crate::env::Env;
use tools::{Ask, Group, Install, TOOLS, Tool};

/// Shows which toolchains, tools and sandbox are there, what is missing, and how to install it
///
/// The sandbox is attacked for it, harmlessly. Exits with 0 when the main job can run (git and at least one toolchain are there, and commands
/// can be held), else with 4.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Print the table as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Tools that are asked at the same time.
const AT_ONCE: usize = 6;

/// What came of asking a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum State {
    /// It is there and answers.
    Found {
        /// Where.
        path: PathBuf,
        /// The version it names, if it does.
        version: Option<String>,
    },
    /// There is a file of that name which does not work: a stand-in of a version manager, a component that is not installed.
    Broken {
        /// Where.
        path: PathBuf,
        /// What it says.
        says: String,
        /// The command that installs it.
        install: String,
    },
    /// It is not there.
    Missing {
        /// The command that installs it.
        install: String,
    },
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    group: Group,
    purpose: &'static str,
    #[serde(flatten)]
    state: State,
}

pub(crate) use probes::{MARK, Probe, try_out};

/// What is known of the sandbox.
pub(crate) struct Walls {
    pub(crate) held: Capabilities,
    /// What came of attacks on it.
    pub(crate) probes: Vec<Probe>,
}

/// Asks all tools and shows the answers on `out`. Returns whether the main job can run.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn run(args: &Args, env: &Env, walls: &Walls, out: &mut dyn Write) -> anyhow::Result<bool> {
    let sandbox = &walls.held;
    let rows = ask_all(env);
    let works = |name: &str| rows.iter().any(|row| row.name == name && matches!(row.state, State::Found { .. }));
    let can_hold = sandbox.backend == Backend::None.to_string() || sandbox.holds.contains(&Hold::FileWrites);
    let ready = can_hold
        && works("git")
        && rows.iter().any(|row| row.group == Group::Toolchain && works(row.name) && tools::suffices(row.name));
    if args.json {
        let held = serde_json::json!({
            "backend": sandbox.backend,
            "holds": words(&sandbox.holds),
            "not_held": words(&sandbox.not_held),
            "missing": sandbox.missing,
            "memory_by": sandbox.memory_by.map(MemoryBy::words),
            "better": sandbox.better,
            "probes": walls.probes,
        });
        let fixers: Vec<_> = fixers::all().map(|fixer| serde_json::json!({ "id": fixer.id, "about": fixer.about })).collect();
        let document = serde_json::json!({ "schema": 1, "ready": ready, "tools": rows, "sandbox": held, "fixers": fixers });
        writeln!(out, "{document:#}")?;
    } else {
        table(&rows, walls, ready, out)?;
    }
    Ok(ready)
}

fn table(rows: &[Row], walls: &Walls, ready: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let sandbox = &walls.held;
    for group in Group::ALL {
        writeln!(out, "{}", group.title())?;
        for row in rows.iter().filter(|row| row.group == group) {
            let (mark, text) = match &row.state {
                State::Found { version, .. } => ("✔", version.clone().unwrap_or_else(|| "there".to_owned())),
                State::Broken { says, install, .. } => ("✘", format!("does not work ({says}): {install}")),
                State::Missing { install } => ("·", format!("missing: {install}")),
            };
            writeln!(out, "  {mark} {:<14} {:<36} {text}", row.name, row.purpose)?;
        }
    }
    writeln!(out, "Fixers")?;
    for fixer in fixers::all() {
        writeln!(out, "  ✔ {:<24} {}", fixer.id, fixer.about)?;
    }
    writeln!(out, "Sandbox")?;
    writeln!(out, "  {:<16} holds {}", sandbox.backend, listed(&words(&sandbox.holds)))?;
    if !sandbox.not_held.is_empty() {
        writeln!(out, "  {:<16} does not hold {}", "", listed(&words(&sandbox.not_held)))?;
    }
    if let Some(by) = sandbox.memory_by {
        writeln!(out, "  {:<16} holds memory by {}", "", by.words())?;
    }
    for line in &sandbox.better {
        writeln!(out, "  {:<16} would be better: {line}", "")?;
    }
    for line in &sandbox.missing {
        writeln!(out, "  {:<16} missing {line}", "")?;
    }
    for Probe { name, held, untried } in &walls.probes {
        let (mark, text) = match (held, untried) {
            (true, _) => ("✔", ""),
            (false, None) => ("✘", "does not hold"),
            (false, Some(why)) => ("·", why.as_str()),
        };
        writeln!(out, "  {}", format!("{mark} {name:<44} {text}").trim_end())?;
    }
    writeln!(out)?;
    match ready {
        true => writeln!(out, "The main job can run: `fixwright demo` shows it."),
        false => writeln!(
            out,
            "The main job cannot run: it needs git, at least one toolchain that works, and a sandbox that holds commands."
        ),
    }
}

fn words(holds: &[Hold]) -> Vec<&'static str> {
    holds.iter().map(|hold| hold.words()).collect()
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// Asks all tools, a few at once; the answers are in the order of the table.
fn ask_all(env: &Env) -> Vec<Row> {
    let managed = is_managed_by_the_system(env);
    let waiting: Mutex<VecDeque<(usize, &Tool)>> = Mutex::new(TOOLS.iter().enumerate().collect());
    let answers: Mutex<Vec<(usize, Row)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((index, tool)) = next else { return };
                    let row = Row { name: tool.name, group: tool.group, purpose: tool.purpose, state: state(tool, env, managed) };
                    answers.lock().unwrap_or_else(PoisonError::into_inner).push((index, row));
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, row)| row).collect()
}

fn state(tool: &Tool, env: &Env, managed: bool) -> State {
    let install = install_command(tool.install, managed);
    let (program, arguments): (&str, &[&str]) = match tool.ask {
        Ask::Version(arguments) => (tool.name, arguments),
        Ask::Cargo(subcommand) => ("cargo", subcommand),
        Ask::Presence => {
            return match env.find_program(tool.name) {
                Some(path) => State::Found { path, version: None },
                None => State::Missing { install },
            };
        }
    };
    // `cargo clippy` says nothing useful where there is no cargo, and `cargo-audit` may be there without being on its own path.
    let own = if matches!(tool.ask, Ask::Cargo(_)) { env.find_program(tool.name) } else { None };
    let Some(path) = env.find_program(program) else {
        return as_module(tool, env).unwrap_or(State::Missing { install });
    };
    if matches!(tool.ask, Ask::Cargo(_)) && own.is_none() {
        return State::Missing { install };
    }
    match ask(env, &path, arguments) {
        Some(answer) if answer.success => State::Found { path: own.unwrap_or(path), version: version(&answer.text) },
        failed => as_module(tool, env).unwrap_or_else(|| {
            let says = failed.map_or_else(|| "no answer".to_owned(), |answer| answer.text);
            let says = says.lines().find(|line| !line.trim().is_empty()).unwrap_or("it fails without a word");
            State::Broken { path, says: says.trim().chars().take(100).collect(), install }
        }),
    }
}

/// A tool of Python may be there as a module only.
fn as_module(tool: &Tool, env: &Env) -> Option<State> {
    let Install::Pip { .. } = tool.install else { return None };
    let python = env.find_program("python3")?;
    let answer = ask(env, &python, &["-m", &tool.name.replace('-', "_"), "--version"]).filter(|answer| answer.success)?;
    Some(State::Found { path: python, version: version(&answer.text) })
}

/// Says whether the system's package manager owns the Python that is found first, so that `pip install` refuses.
fn is_managed_by_the_system(env: &Env) -> bool {
    const SCRIPT: &str = "import os, sys, sysconfig as s; \
        print(sys.prefix == sys.base_prefix and os.path.exists(os.path.join(s.get_path('stdlib'), 'EXTERNALLY-MANAGED')))";
    let python = env.find_program("python3");
    python.and_then(|python| ask(env, &python, &["-c", SCRIPT])).is_some_and(|answer| answer.text == "True")
}

fn install_command(install: Install, managed: bool) -> String {
    match install {
        Install::Command(command) => command.to_owned(),
        Install::Apt(packages) => format!("sudo apt-get install {packages}"),
        Install::Npm(package) => format!("npm install --save-dev {package}"),
        Install::Rustup(component) => format!("rustup component add {component}"),
        Install::Cargo(name) => format!("cargo install --locked {name}"),
        Install::Pip { name, apt } if managed => {
            apt.map_or_else(|| format!("pipx install {name}"), |apt| format!("sudo apt-get install {apt}"))
        }
        Install::Pip { name, .. } => format!("python3 -m pip install {name}"),
    }
}

/// Returns the first word that looks like a version.
fn version(text: &str) -> Option<String> {
    let looks = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '"'));
    let bare = words.map(|word| word.strip_prefix("go").unwrap_or(word).trim_start_matches('v'));
    bare.filter(looks).map(|word| word.chars().take(40).collect()).next()
}

#[cfg(test)]
mod tests;
