//! Attempts to break out of the sandbox, as hostile code would make them, each harmless: what holds on this machine is tried and not believed.
//! They are judged by what came of them on this side of the walls.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use sandbox::{Cancel, Command, Limit, Limits, Outcome, Policy, Status};
use serde::Serialize;

use crate::contain::Containment;

/// Longer than any attempt takes that is not about time.
const PATIENCE: Duration = Duration::from_secs(20);
/// What an attempt looks for.
const SECRET: &str = "fixwright-doctor-secret";
const MB: u64 = 1 << 20;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Probe {
    /// What is kept, in words.
    pub(crate) name: &'static str,
    pub(crate) held: bool,
    /// Why it could not be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) untried: Option<String>,
}

/// What there is to be attacked.
struct Ground {
    /// A folder beside the one that is worked in, with the secret in a file.
    outside: PathBuf,
    work: PathBuf,
    server: TcpListener,
}

/// An attempt: its script, what it is held to beside time, and whether it was held.
struct Attempt {
    name: &'static str,
    script: &'static str,
    limit: fn(&mut Limits),
    held: fn(&Ground, &Outcome) -> bool,
}

fn no_limit(_: &mut Limits) {}

fn says(outcome: &Outcome, text: &str) -> bool {
    let said = [outcome.stdout.text(), outcome.stderr.text()].concat();
    String::from_utf8_lossy(&said).contains(text)
}

fn failed(_: &Ground, outcome: &Outcome) -> bool {
    matches!(outcome.status, Status::Exited(code) if code != 0)
}

const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "the work folder can be written",
        script: "echo made >made && rm made",
        limit: no_limit,
        held: |_, outcome| outcome.status == Status::Exited(0),
    },
    Attempt {
        name: "servers of tests work (a loopback inside)",
        script: "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>&1 | grep -q refused",
        limit: no_limit,
        held: |_, outcome| outcome.status == Status::Exited(0),
    },
    Attempt {
        name: "files outside are not written",
        script: "echo owned >\"$OUTSIDE/secret\"; echo owned >\"$OUTSIDE/new\"; exit 0",
        limit: no_limit,
        held: |ground, _| {
            fs::read_to_string(ground.outside.join("secret")).is_ok_and(|text| text == SECRET)
                && !ground.outside.join("new").exists()
        },
    },
    Attempt {
        name: "files outside are not read",
        script: "cat \"$OUTSIDE/secret\" /proc/*/root\"$OUTSIDE/secret\" /proc/*/cwd/../outside/secret",
        limit: no_limit,
        held: |_, outcome| !says(outcome, SECRET),
    },
    Attempt {
        name: "hooks and settings of git are not planted",
        script: "echo owned >.git/config; mkdir -p .git/hooks; echo owned >.git/hooks/pre-commit; mv .git .gone; exit 0",
        limit: no_limit,
        held: |ground, _| {
            fs::read_to_string(ground.work.join(".git/config")).is_ok_and(|text| text == SECRET)
                && !ground.work.join(".git/hooks").exists()
        },
    },
    Attempt {
        name: "other processes are not seen",
        script: "test -d /proc/$CALLER && grep -qz . /proc/$CALLER/cmdline && kill -0 $CALLER",
        limit: no_limit,
        held: failed,
    },
    Attempt {
        name: "services of this machine are not reached",
        script: "exec bash -c \"exec 3<>/dev/tcp/127.0.0.1/$PORT\"",
        limit: no_limit,
        held: |ground, outcome| failed(ground, outcome) && ground.server.accept().is_err(),
    },
    Attempt { name: "no further namespaces are made", script: "unshare --user true", limit: no_limit, held: failed },
    Attempt {
        name: "no set-uid file is left",
        script: "cp /bin/true left; chmod 4755 left; exit 0",
        limit: no_limit,
        held: |ground, _| fs::metadata(ground.work.join("left")).is_ok_and(|about| about.permissions().mode() & 0o6000 == 0),
    },
    Attempt {
        name: "settings of the kernel are not written",
        script: "cat /proc/sys/kernel/core_pattern >/proc/sys/kernel/core_pattern",
        limit: no_limit,
        held: failed,
    },
    Attempt {
        name: "nothing that was started stays",
        script: "setsid sh -c 'trap \"\" TERM HUP; sleep 600' >/dev/null 2>&1 &",
        limit: no_limit,
        held: |_, _| sandbox::sweep(MARK) == 0,
    },
    Attempt {
        name: "time is limited",
        script: "trap '' TERM; sleep 600 & sleep 600",
        limit: |limits| limits.wall = Duration::from_millis(200),
        held: |_, outcome| outcome.status == Status::Limited(Limit::Wall),
    },
    Attempt {
        name: "processor time is limited",
        script: "while :; do :; done",
        limit: |limits| limits.cpu = Some(Duration::from_millis(200)),
        held: |_, outcome| outcome.status == Status::Limited(Limit::Cpu),
    },
    Attempt {
        name: "memory is limited",
        script: "text=$(head -c 90000000 /dev/zero | tr '\\0' x); sleep 600",
        limit: |limits| limits.memory = Some(32 * MB),
        held: |_, outcome| outcome.status == Status::Limited(Limit::Memory),
    },
    Attempt {
        name: "the number of processes is limited",
        script: "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 600 & done",
        limit: |limits| limits.tasks = Some(10),
        held: failed,
    },
    Attempt {
        name: "output is limited",
        script: "yes",
        limit: |limits| limits.written = Some(MB),
        held: |_, outcome| outcome.status == Status::Limited(Limit::Written),
    },
    Attempt {
        name: "a single file is limited",
        script: "head -c 4000000 /dev/zero >large",
        limit: |limits| limits.file_size = Some(MB),
        held: |ground, _| fs::metadata(ground.work.join("large")).is_ok_and(|about| about.len() <= MB),
    },
    Attempt {
        name: "the disk is limited, where that is asked for",
        script: "for i in 1 2 3 4; do head -c 1000000 /dev/zero >part$i || exit 1; done",
        limit: |limits| limits.disk = Some(2 * MB),
        held: failed,
    },
];

/// Begins the marks of the attempts.
pub(crate) const MARK: &str = "fixwright-doctor-";

/// Makes all attempts in a folder that is empty.
pub(crate) fn try_out(containment: &Containment, folder: &Path) -> anyhow::Result<Vec<Probe>> {
    let server = TcpListener::bind(("127.0.0.1", 0)).context("opening a port to be attacked")?;
    server.set_nonblocking(true)?;
    let ground = Ground { outside: folder.join("outside"), work: folder.join("work"), server };
    fs::create_dir(&ground.outside)?;
    fs::create_dir_all(ground.work.join(".git"))?;
    fs::write(ground.outside.join("secret"), SECRET)?;
    fs::write(ground.work.join(".git/config"), SECRET)?;
    let port = ground.server.local_addr()?.port();
    let env = BTreeMap::from([
        ("PATH", OsString::from("/usr/local/bin:/usr/bin:/bin")),
        ("OUTSIDE", ground.outside.clone().into()),
        ("CALLER", std::process::id().to_string().into()),
        ("PORT", port.to_string().into()),
    ]);
    let env: BTreeMap<OsString, OsString> = env.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let probe = |attempt: &Attempt| {
        let mut limits = Limits::new(PATIENCE, 64 << 10);
        (attempt.limit)(&mut limits);
        let argv = ["/bin/sh", "-c", attempt.script].map(OsString::from).to_vec();
        let command = Command { argv, cwd: ground.work.clone(), env: env.clone(), stdin: None };
        let outcome = containment.sandbox.run(&command, &Policy::work_in(&ground.work), &limits, &Cancel::default());
        match outcome {
            Ok(outcome) => Probe { name: attempt.name, held: (attempt.held)(&ground, &outcome), untried: None },
            Err(error) => Probe { name: attempt.name, held: false, untried: Some(error.to_string()) },
        }
    };
    Ok(ATTEMPTS.iter().map(probe).collect())
}
