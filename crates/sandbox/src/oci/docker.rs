//! Engines in the place of a runtime: `docker run` and `podman run`, under the policy of every back end.
//!
//! The root is an image that we make of links and a few files, and that the engine takes in once; everything else of it is mounted from this
//! machine. An engine runs containers where it stands, beside us and not below: it sees no mounts of ours, so that private copies are
//! copies and the disk has no limit, and it is told to remove each container by its name. The containers of a killed fixwright are
//! removed by the next start.

mod arguments;
mod image;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::{Uid, getegid, geteuid};

use self::arguments::{Asked, arguments};
use super::{BACKEND, Oci, config};
use crate::procfs::Entry;
use crate::wire::User;
use crate::{
    Cancel, Capabilities, Command, Error, Hold, Limit, Limits, MemoryBy, Network, Outcome, Policy, Status, Usage, lookup, mounts,
};

/// What is held where the trial run succeeds; memory where the engine can have it.
const HOLDS: [Hold; 11] = [
    Hold::WallTime,
    Hold::Output,
    Hold::Environment,
    Hold::Terminal,
    Hold::FileReads,
    Hold::FileWrites,
    Hold::Network,
    Hold::Processes,
    Hold::FileSize,
    Hold::Signals,
    Hold::Kernel,
];

/// How long an engine may take to answer a question.
const ANSWER: Duration = Duration::from_secs(10);

/// How long it may take to take in an image, to run what does nothing, and to remove a container.
const WORK: Duration = Duration::from_secs(60);

/// The exit code of an engine that could not run the command.
const NOT_RUN: i32 = 125;

/// Begins the names of containers; the number of this process and that of the run follow.
const NAME: &str = "fixwright-";

static RUNS: AtomicU64 = AtomicU64::new(1);

/// Says whether a program is an engine, by its name.
pub(super) fn is_engine(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "docker" || name == "podman")
}

/// Asks the engine, and tries it out. Returns what is held, and the name of the image, or what is in the way.
pub(super) fn try_out(oci: &Oci) -> Result<(Capabilities, String), String> {
    let name = oci.runtime.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !oci.runtime.is_file() {
        let package = if name == "docker" { "docker.io" } else { name.as_str() };
        return Err(format!("{name}: apt-get install {package}"));
    }
    ask(oci, &["version"], None, ANSWER).map_err(|says| {
        let help = if name == "docker" { "systemctl start docker, and be of the group docker" } else { "podman info" };
        format!("an engine that answers to `{name} version`: {help} ({says})")
    })?;
    sweep(oci);
    let (image, archive) = image::archive(&mounts::links(&plan(oci)?), &mounts::files(&Policy::default(), &oci.root, user(oci)))
        .map_err(|error| format!("the root of a container as an archive: {error}"))?;
    if ask(oci, &["image", "inspect", &image], None, ANSWER).is_err() {
        ask(oci, &["import", "-", &image], Some(archive), WORK)
            .map_err(|says| format!("an engine that takes in an image: {says}"))?;
    }
    let by = memory_by(oci, &name);
    let mut said = String::new();
    for (holds, memory) in [
        ([&HOLDS[..], &[Hold::Descendants, Hold::Memory]].concat(), Some(256 << 20)),
        ([&HOLDS[..], &[Hold::Descendants]].concat(), None),
    ] {
        let mut held = Capabilities::of(BACKEND, holds, Vec::new());
        held.memory_by = memory.map(|_| by);
        let argv = ["/bin/sh", "-c", ":"].map(OsString::from).to_vec();
        let trial = Command { argv, cwd: "/".into(), env: BTreeMap::new(), stdin: None };
        let limits = Limits { memory, ..Limits::new(WORK, 1 << 10) };
        match run(oci, held.clone(), &image, &trial, &Policy::default(), &limits, &Cancel::default()) {
            Ok(outcome) if outcome.status == Status::Exited(0) => {
                if memory.is_none() {
                    held.missing.push(format!("memory of containers: {said}"));
                }
                return Ok((held, image));
            }
            Ok(outcome) => {
                let words = String::from_utf8_lossy(&outcome.stderr.text()).trim().to_owned();
                said = format!("it ended with {:?} {words}", outcome.status);
            }
            Err(Error::SetUp { says, .. }) => said = says,
            Err(error) => said = error.to_string(),
        }
    }
    Err(format!("an engine that runs a container here: {said}"))
}

fn plan(oci: &Oci) -> Result<Vec<mounts::Mount>, String> {
    mounts::plan(&Policy::default(), &Limits::new(WORK, 0), &oci.root).map_err(|error| error.to_string())
}

/// Runs a command in a container of its own, and removes that.
pub(super) fn run(
    oci: &Oci,
    held: Capabilities,
    image: &str,
    command: &Command,
    policy: &Policy,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Outcome, Error> {
    held.suffice(policy, limits)?;
    let not_held = |what: &str| Error::NotHeld { backend: BACKEND, needs: vec![Hold::Network], missing: vec![what.to_owned()] };
    if policy.network == Network::Registries {
        return Err(not_held("a way to the registries out of a container: use the back end ns"));
    }
    let refused = |path: &Path, problem| Err(Error::Path { path: path.to_owned(), problem });
    if mounts::shows_all(policy) {
        return refused(Path::new("/"), "cannot be shown as a whole by an engine");
    }
    let user = user(oci);
    for path in &policy.write {
        if fs::metadata(path).is_ok_and(|about| about.uid() != user.uid) {
            return refused(
                path,
                "belongs to another user than commands run as, and an engine shows it as it is: chown -R it, or use ns",
            );
        }
    }
    let plan = mounts::plan(policy, limits, &oci.root)?;
    let program = lookup::program(command)?;
    if let Some(path) = [&program, &command.cwd].into_iter().find(|path| !mounts::sees(&plan, path)) {
        return Err(Error::Path { path: path.clone(), problem: "is needed, and is not among what can be read" });
    }
    let set_up = |error: io::Error| Error::SetUp { backend: BACKEND, says: error.to_string() };
    let filter = Passed::of(config::filter(limits).to_string().as_bytes()).map_err(set_up)?;
    let variables = Passed::of(&variables(command).map_err(set_up)?).map_err(set_up)?;
    let name = format!("{NAME}{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
    let told = arguments(&Asked {
        name: &name,
        image,
        plan: &plan,
        policy,
        limits,
        user,
        keeps_id: !geteuid().is_root() && oci.runtime.ends_with("podman"),
        most_tasks: getrlimit(Resource::RLIMIT_NPROC).map_or(1 << 12, |(_, most)| (most / 4).min(1 << 15)),
        filter: &filter.path(),
        variables: &variables.path(),
        program: &program,
        arguments: &command.argv,
        cwd: &command.cwd,
        has_input: command.stdin.is_some(),
    })?;
    let memory_by = limits.memory.and(held.memory_by);
    let ran = oci.engine.run(
        held,
        &called(oci, told, command.stdin.clone()),
        None,
        &Limits { memory: None, cpu: None, disk_writes: None, ..*limits },
        cancel,
    );
    // Its to say: to this process a container that ran out of memory is one that was killed.
    let ran_out = limits.memory.is_some()
        && ask(oci, &["inspect", "--format", "{{.State.OOMKilled}}", &name], None, ANSWER)
            .is_ok_and(|says| says.trim() == "true");
    let removed = ask(oci, &["rm", "--force", &name], None, WORK);
    let mut outcome = ran?;
    if outcome.status == Status::Exited(NOT_RUN) && says_itself(&outcome) {
        return Err(Error::SetUp { backend: BACKEND, says: String::from_utf8_lossy(&outcome.stderr.text()).trim().to_owned() });
    }
    if ran_out && matches!(outcome.status, Status::Exited(_) | Status::Signalled(_)) {
        outcome.status = Status::Limited(Limit::Memory);
    }
    outcome.memory_by = memory_by;
    // What the engine's own program used is of no interest.
    outcome.usage = Usage::default();
    if removed.is_err_and(|says| !says.to_ascii_lowercase().contains("no such container")) {
        outcome.not_held.push(Hold::Descendants);
    }
    Ok(outcome)
}

/// Says whether it is the engine's own words that a container failed with.
fn says_itself(outcome: &Outcome) -> bool {
    let text = outcome.stderr.text();
    ["docker: ", "Error: ", "Error response"].iter().any(|words| text.starts_with(words.as_bytes()))
}

/// Whom commands run as.
fn user(oci: &Oci) -> User {
    oci.user.unwrap_or(User { uid: geteuid().as_raw(), gid: getegid().as_raw() })
}

/// Asks the engine something. Returns what it says, or why it did not answer.
fn ask(oci: &Oci, words: &[&str], input: Option<Vec<u8>>, patience: Duration) -> Result<String, String> {
    let held = Capabilities::of(BACKEND, vec![Hold::WallTime, Hold::Output], Vec::new());
    let command = called(oci, words.iter().map(OsString::from).collect(), input);
    let outcome = oci.engine.run(held, &command, None, &Limits::new(patience, 1 << 16), &Cancel::default());
    let outcome = outcome.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match outcome.status {
        Status::Exited(0) => Ok(text(&outcome.stdout.text())),
        Status::Limited(_) => Err(format!("no answer within {} s", patience.as_secs())),
        _ => Err(text(&outcome.stderr.text()).lines().last().unwrap_or_default().to_owned()),
    }
}

/// Returns the engine's program with arguments. It knows its user by the environment.
fn called(oci: &Oci, arguments: Vec<OsString>, stdin: Option<Vec<u8>>) -> Command {
    let uid = geteuid();
    let home = nix::unistd::User::from_uid(uid).ok().flatten().map_or(PathBuf::from("/"), |user| user.dir);
    let mut env: BTreeMap<OsString, OsString> =
        [("PATH".into(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()), ("HOME".into(), home.into())]
            .into();
    let runtime = PathBuf::from(format!("/run/user/{uid}"));
    if uid != Uid::from_raw(0) && runtime.is_dir() {
        env.insert("XDG_RUNTIME_DIR".into(), runtime.into());
    }
    let argv = std::iter::once(oci.runtime.clone().into()).chain(arguments).collect();
    Command { argv, cwd: "/".into(), env, stdin }
}

fn memory_by(oci: &Oci, name: &str) -> MemoryBy {
    let format = if name == "docker" { "{{.CgroupVersion}}" } else { "{{.Host.CgroupsVersion}}" };
    let says = ask(oci, &["info", "--format", format], None, ANSWER).unwrap_or_default();
    if says.ends_with('2') { MemoryBy::CgroupV2 } else { MemoryBy::CgroupV1 }
}

/// Removes the containers of processes that are gone.
fn sweep(oci: &Oci) {
    let filter = format!("name={NAME}");
    let names = ask(oci, &["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"], None, ANSWER).unwrap_or_default();
    for name in names.lines() {
        let maker = name.strip_prefix(NAME).and_then(|rest| rest.split('-').next()?.parse::<i32>().ok());
        if maker.is_some_and(|pid| Entry::read(pid).is_none()) {
            let _ = ask(oci, &["rm", "--force", name], None, WORK);
        }
    }
}

/// Returns the variables of a command as an engine reads them from a file: one a line.
fn variables(command: &Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (name, value) in &command.env {
        let line = [name.as_bytes(), b"=", value.as_bytes()].concat();
        if line.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            let name = name.to_string_lossy();
            return Err(io::Error::other(format!("the variable {name} has a line end, which an engine cannot pass on")));
        }
        text.extend(line);
        text.push(b'\n');
    }
    Ok(text)
}

/// A file in memory that the engine's program reads by a path.
struct Passed(File);

impl Passed {
    fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut file = File::from(memfd_create("passed", MFdFlags::MFD_CLOEXEC)?);
        file.write_all(bytes)?;
        Ok(Self(file))
    }

    fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()).into()
    }
}
