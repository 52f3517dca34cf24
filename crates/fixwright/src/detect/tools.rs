//! Which tools are there: on `PATH`, in the virtual environment or `node_modules` of the user's checkout, or as a Python module.
//!
//! What is outside of the checkout is asked; what is in it is read ([`installed`]), and not even found by what is asked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::installed;
use super::probe::ask;
use super::tree::upwards;
use crate::env::{Env, find_in};

/// Asked of the interpreter in one go.
const MODULES: &[&str] = &["pytest", "ruff", "flake8", "pyflakes", "pylint", "mypy", "black", "isort", "setuptools"];

/// Returns the folders of a checkout whose programs a recipe of the subproject `folder` should find before those of `PATH`: the
/// virtual environments and `node_modules/.bin` of the folder and of those above it.
pub(crate) fn checkout_programs(checkout: &Path, folder: &str) -> Vec<PathBuf> {
    const PLACES: [&str; 3] = [".venv/bin", "venv/bin", "node_modules/.bin"];
    let folder = if folder == "." { "" } else { folder };
    upwards(folder)
        .flat_map(|folder| PLACES.map(|place| checkout.join(folder).join(place)))
        .filter(|path| path.is_dir())
        .collect()
}

/// Finds tools, and remembers what it had to ask.
pub(super) struct Tools<'a> {
    env: &'a Env,
    /// The same environment, in which nothing of the checkout is found.
    outside: Env,
    checkout: Option<&'a Path>,
    modules: RefCell<BTreeMap<PathBuf, BTreeSet<String>>>,
    works: RefCell<BTreeMap<(PathBuf, String), bool>>,
}

impl<'a> Tools<'a> {
    pub(super) fn new(env: &'a Env, checkout: Option<&'a Path>) -> Self {
        let outside = env.searching(env.search_path().into_iter().filter(|folder| !is_below(checkout, folder)).collect());
        Self { env, outside, checkout, modules: RefCell::default(), works: RefCell::default() }
    }

    /// Returns the program that a recipe of the folder would run under that name.
    pub(super) fn program(&self, folder: &str, name: &str) -> Option<PathBuf> {
        let path = find_in(&self.own_programs(folder), name).or_else(|| self.env.find_program(name))?;
        // Version managers put a stand-in for every tool that any of their versions has.
        let is_stand_in = path.components().any(|part| part.as_os_str() == "shims");
        (!is_stand_in || self.is_own(&path) || self.answers(&path, &["--version"])).then_some(path)
    }

    /// Says whether a tool is there under that name.
    pub(super) fn has(&self, folder: &str, name: &str) -> bool {
        self.program(folder, name).is_some()
    }

    /// Says whether `cargo <name>` works: rustup has a stand-in for each component, installed or not.
    pub(super) fn has_cargo(&self, name: &str) -> bool {
        let (Some(cargo), Some(part)) = (self.program("", "cargo"), self.program("", &format!("cargo-{name}"))) else {
            return false;
        };
        self.is_own(&cargo) || self.is_own(&part) || self.answers(&cargo, &[name, "--version"])
    }

    /// Returns how the interpreter is called.
    pub(super) fn python(&self, folder: &str) -> Option<&'static str> {
        ["python3", "python"].into_iter().find(|name| self.has(folder, name))
    }

    /// Returns how a Python tool is called: by name, or as a module of the interpreter; `None` when it is not there.
    pub(super) fn python_tool(&self, folder: &str, name: &str) -> Option<String> {
        if self.has(folder, name) {
            return Some(name.to_owned());
        }
        self.python_module(folder, name)
    }

    /// Returns how a Python tool is called as a module, which finds the packages of the folder that it is run in.
    pub(super) fn python_module(&self, folder: &str, name: &str) -> Option<String> {
        let python = self.python(folder)?;
        let program = self.program(folder, python)?;
        let mut known = self.modules.borrow_mut();
        let modules = known.entry(program.clone()).or_insert_with(|| self.modules_of(&program));
        modules.contains(name).then(|| format!("{python} -m {name}"))
    }

    /// Returns how a tool of the JavaScript world is called: through `npx` where the project has it, by name where `PATH` has it.
    pub(super) fn node_tool(&self, folder: &str, name: &str) -> Option<String> {
        let path = self.program(folder, name)?;
        let is_own = path.components().any(|part| part.as_os_str() == "node_modules")
            && self.checkout.is_some_and(|own| path.starts_with(own));
        Some(if is_own { format!("npx --no-install {name}") } else { name.to_owned() })
    }

    /// Says whether the packages of the folder, or of one above it, are installed in the checkout.
    pub(super) fn has_node_modules(&self, folder: &str) -> bool {
        self.checkout.is_some_and(|own| upwards(folder).any(|folder| own.join(folder).join("node_modules").is_dir()))
    }

    /// Returns the first figure of what a tool calls its version.
    pub(super) fn major_version(&self, folder: &str, name: &str) -> Option<u32> {
        let program = self.program(folder, name)?;
        let version = if self.is_own(&program) {
            installed::node_version(&program)?
        } else {
            ask(&self.outside, &program, &["--version"])?.text
        };
        version.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.').next()?.parse().ok()
    }

    /// Returns those of [`MODULES`] that an interpreter has.
    fn modules_of(&self, program: &Path) -> BTreeSet<String> {
        let script = "import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if u.find_spec(m)])";
        let arguments: Vec<&str> = ["-c", script].into_iter().chain(MODULES.iter().copied()).collect();
        let asked = |program: &Path| {
            let answer = ask(&self.outside, program, &arguments);
            answer.filter(|answer| answer.success).map(|answer| words(&answer.text)).unwrap_or_default()
        };
        if !self.is_own(program) {
            return asked(program);
        }
        let Some(environment) = program.parent().and_then(Path::parent) else { return BTreeSet::new() };
        let mut modules = installed::python_modules(environment, MODULES);
        if installed::sees_system_packages(environment) {
            modules.extend(self.outside.find_program("python3").map(|program| asked(&program)).unwrap_or_default());
        }
        modules
    }

    /// Says whether the repository itself may have brought a program: then it is not run.
    fn is_own(&self, program: &Path) -> bool {
        is_below(self.checkout, program) || program.parent().is_some_and(|folder| is_below(self.checkout, folder))
    }

    fn answers(&self, program: &Path, arguments: &[&str]) -> bool {
        let key = (program.to_owned(), arguments.join(" "));
        if let Some(known) = self.works.borrow().get(&key) {
            return *known;
        }
        let works = ask(&self.outside, program, arguments).is_some_and(|answer| answer.success);
        self.works.borrow_mut().insert(key, works);
        works
    }

    fn own_programs(&self, folder: &str) -> Vec<PathBuf> {
        self.checkout.map(|checkout| checkout_programs(checkout, folder)).unwrap_or_default()
    }
}

/// Says whether a path is in the checkout, by its name or by where its links lead.
fn is_below(checkout: Option<&Path>, path: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    checkout.is_some_and(|checkout| {
        path.starts_with(checkout) || real(checkout).zip(real(path)).is_some_and(|(checkout, path)| path.starts_with(checkout))
    })
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
