//! Sets up what the tests run for real: Debian packages, Python tools in `.tools/py`, npm tools in `.tools/node`.
//!
//! The pins lie in `xtask/tools/`. A copy of them beside what was installed says that the install is complete and current, so that a
//! warm run only compares files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// A program that the tests need, and the Debian package that brings it.
struct Needed {
    package: &'static str,
    is_there: fn() -> bool,
}

const NEEDED: &[Needed] = &[
    Needed { package: "git", is_there: || shell::which("git").is_some() },
    Needed { package: "gcc", is_there: || shell::which("gcc").is_some() },
    Needed { package: "make", is_there: || shell::which("make").is_some() },
    Needed { package: "clang", is_there: || shell::which("clang").is_some() },
    Needed { package: "clang-format", is_there: || shell::which("clang-format").is_some() },
    Needed { package: "bubblewrap", is_there: || shell::which("bwrap").is_some() },
    Needed { package: "strace", is_there: || shell::which("strace").is_some() },
    Needed { package: "python3", is_there: || shell::which("python3").is_some() },
    Needed { package: "python3-venv", is_there: can_make_venvs },
    Needed { package: "nodejs", is_there: || shell::which("node").is_some() },
    Needed { package: "npm", is_there: || shell::which("npm").is_some() },
];

/// Debian splits the part that `python3 -m venv` needs into a package of its own.
fn can_make_venvs() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import venv, ensurepip"]).stderr(Stdio::null());
    shell::output_of(&mut python).is_ok_and(|output| output.status.success())
}

/// Installs what is missing, and nothing when all is there.
pub(crate) fn set_up(root: &Path) -> Result<()> {
    let pins = root.join("xtask/tools");
    let tools = root.join(".tools");
    let python_pins = read(&pins.join("requirements.txt"))?;
    let node_pins = read(&pins.join("package.json"))? + &read(&pins.join("package-lock.json"))?;
    let python_current = is_current(&tools.join("py"), &python_pins) && tools.join("py/bin/python").exists();
    // The probe for venvs starts Python: not worth its time when the venv stands already.
    debian(|needed| python_current && needed.package == "python3-venv")?;
    if !python_current {
        python(&tools.join("py"), &pins.join("requirements.txt"), &python_pins)?;
    }
    if !is_current(&tools.join("node"), &node_pins) {
        node(&tools.join("node"), &pins, &node_pins)?;
    }
    Ok(())
}

fn debian(skip: impl Fn(&Needed) -> bool) -> Result<()> {
    install(&NEEDED.iter().filter(|n| !skip(n) && !(n.is_there)()).map(|n| n.package).collect::<Vec<_>>())
}

/// Installs Debian packages.
pub(crate) fn install(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("the tests need what these packages bring: {0}\n  apt-get install {0}", missing.join(" "));
    if shell::which("apt-get").is_none() {
        bail!("{by_hand}\n(or the like: this system has no apt-get); `cargo xtask test --no-setup` goes on without");
    }
    let Some(root) = become_root()? else {
        bail!("{by_hand}\n(as root: this user has no passwordless sudo); `cargo xtask test --no-setup` goes on without");
    };
    eprintln!("installing Debian packages: {}", missing.join(" "));
    let apt = |args: &[&str]| {
        let mut words: Vec<&str> = root.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]);
        words.extend(args);
        let (program, rest) = words.split_first().unwrap_or((&"apt-get", &[]));
        let mut command = Command::new(program);
        command.args(rest).stdout(Stdio::null());
        command
    };
    let install: Vec<&str> = ["install", "--yes", "--no-install-recommends"].into_iter().chain(missing.iter().copied()).collect();
    // Old package lists are the usual reason for a failure, and fetching them anew takes longer than the install: so only then.
    if shell::output_of(&mut apt(&install)).is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    shell::must(&mut apt(&["update"]))?;
    shell::must(&mut apt(&install)).with_context(|| by_hand)
}

/// Returns the words to put before a command so that root runs it; `None` where that cannot be had without a question.
fn become_root() -> Result<Option<&'static [&'static str]>> {
    let id = shell::stdout_of(Command::new("id").arg("-u"))?;
    if id.trim() == "0" {
        return Ok(Some(&[]));
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]);
    Ok(shell::output_of(&mut sudo).is_ok_and(|output| output.status.success()).then_some(&["sudo", "-n"]))
}

/// Makes `folder` a Python environment with the packages of a list.
pub(crate) fn python(folder: &Path, list: &Path, stamp: &str) -> Result<()> {
    eprintln!("installing Python tools into {}", folder.display());
    if !folder.join("bin/pip").exists() || !folder.join("bin/python").exists() {
        shell::must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(list);
    shell::must(&mut pip)?;
    mark_current(folder, stamp)
}

/// Installs the npm packages that the lockfile in `pins` names into `folder`.
pub(crate) fn node(folder: &Path, pins: &Path, stamp: &str) -> Result<()> {
    eprintln!("installing npm tools into {}", folder.display());
    fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(pins.join(name), folder.join(name)).with_context(|| format!("copying {name}"))?;
    }
    let mut npm = Command::new("npm");
    // Scripts of packages are code of strangers: none of these tools needs one. `ci` refuses a lockfile without the packages of other
    // systems, which not every registry has; what it names is installed as it names it by either.
    npm.current_dir(folder).args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
    shell::must(npm.stdout(Stdio::null()))?;
    mark_current(folder, stamp)
}

/// Says whether a folder was installed from these pins, and wholly.
pub(crate) fn is_current(folder: &Path, pins: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|installed| installed == pins)
}

/// Notes what a folder was installed from.
pub(crate) fn mark_current(folder: &Path, pins: &str) -> Result<()> {
    fs::write(folder.join(STAMP), pins).context("noting what was installed")
}

/// The pins that a tools folder was installed from, complete.
const STAMP: &str = "installed-pins";

/// Returns the text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
