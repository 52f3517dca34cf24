//! Engines in the place of a runtime. Where podman is installed it is tried for real, with a store of the test's own; docker where its
//! daemon answers is the same code.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sandbox::{Cancel, Error, Hold, Limit, Limits, Network, Oci, Policy, Sandbox, Status};

use crate::PROGRAM;
use crate::walls::{NOBODY, Walls, both, limits, skipped};

/// A podman whose containers and images are in the folder of the test.
struct Podman {
    walls: Walls,
    sandbox: Oci,
    program: PathBuf,
}

impl Podman {
    fn new(name: &str) -> Option<Self> {
        let walls = Walls::new(name)?;
        if !PathBuf::from("/usr/bin/podman").is_file() || !nix::unistd::geteuid().is_root() {
            skipped(&format!("{name}: podman is not installed, or is not to be used here"));
            return None;
        }
        let program = walls.bench.path().join("podman");
        let [store, run, state] = ["store", "run", "state"].map(|name| walls.bench.path().join(name).display().to_string());
        // The one that works with groups of both versions, where it is there.
        let runtime = ["/usr/bin/runc", "/usr/sbin/runc"].into_iter().find(|path| PathBuf::from(path).is_file());
        let runtime = runtime.map(|path| format!("--runtime {path} ")).unwrap_or_default();
        let script = format!(
            "#!/bin/sh\nexec /usr/bin/podman --root {store} --runroot {run} --tmpdir {state} --storage-driver vfs --cgroup-manager cgroupfs {runtime}\"$@\"\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        // An engine shows the folder as it is.
        chown(walls.work(), Some(NOBODY), Some(NOBODY)).unwrap();
        let sandbox = Oci::new(&program, PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY);
        let held = sandbox.probe();
        if held.holds.is_empty() {
            skipped(&format!("{name}: {}", held.missing.join("; ")));
            return None;
        }
        Some(Self { walls, sandbox, program })
    }

    fn sh(&self, script: &str, limits: &Limits) -> sandbox::Outcome {
        let command = self.walls.command(&["sh", "-c", script]);
        let outcome = self.sandbox.run(&command, &self.walls.policy(), limits, &Cancel::default()).unwrap();
        assert_eq!(outcome.backend, "oci");
        outcome
    }

    fn containers(&self) -> String {
        let output = Command::new(&self.program).args(["ps", "--all", "--quiet"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        assert!(self.containers().is_empty() || std::thread::panicking());
        // The mounts of its store, which would keep the folder from being removed.
        let _ = Command::new(&self.program).args(["system", "reset", "--force"]).output();
    }
}

#[test]
fn a_container_of_an_engine_works_and_holds() {
    let Some(podman) = Podman::new("podman") else { return };
    let work = podman.walls.work();
    fs::create_dir(work.join(".git")).unwrap();
    let script = "(echo made > made; cat $OUT/secret; echo x > .git/x; echo x > /usr/x; echo x > /x; cp /bin/sh s; chmod 4755 s; \
                  unshare --user true && echo namespace; echo x > /proc/sys/kernel/core_pattern) 2>/dev/null; id -u; \
                  grep -c '^CapEff:.0*$' /proc/self/status; exit 5";
    let outcome = podman.sh(script, &limits());
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(5), "65534\n1\n".to_owned()));
    assert_eq!(fs::read_to_string(work.join("made")).unwrap(), "made\n");
    assert_eq!(fs::read_dir(work.join(".git")).unwrap().count(), 0);
    assert_eq!(fs::metadata(work.join("s")).unwrap().permissions().mode() & 0o6000, 0);
    let mut command = podman.walls.command(&["sh", "-c", "cat; echo $ONE; exit 125"]);
    command.stdin = Some(b"its input\n".to_vec());
    command.env.insert("ONE".into(), "of a, \"kind\"".into());
    let outcome = podman.sandbox.run(&command, &podman.walls.policy(), &limits(), &Cancel::default()).unwrap();
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(125), "its input\nof a, \"kind\"\n".to_owned()));
    let server = "import socket; one = socket.socket(); one.bind(('127.0.0.1', 0)); one.listen(); \
                  two = socket.create_connection(one.getsockname()); print('loopback')\n\
                  try: socket.create_connection(('203.0.113.80', 443), 2)\nexcept OSError: print('alone')";
    fs::write(work.join("server.py"), server).unwrap();
    assert_eq!(both(&podman.sh("python3 server.py", &limits())), "loopback\nalone\n");
}

#[test]
fn a_container_of_an_engine_ends_at_its_limits() {
    let Some(podman) = Podman::new("podman-limits") else { return };
    let wall = Limits::new(Duration::from_secs(3), 1 << 16);
    let outcome = podman.sh("trap '' TERM; (setsid sleep 600 &); sleep 600", &wall);
    assert_eq!((outcome.status, podman.containers().as_str()), (Status::Limited(Limit::Wall), ""));
    let flood = Limits { written: Some(1 << 20), ..limits() };
    assert_eq!(podman.sh("yes", &flood).status, Status::Limited(Limit::Written));
    let tasks = Limits { tasks: Some(16), ..limits() };
    assert!(!both(&podman.sh("for i in $(seq 40); do sleep 1 & done; echo all", &tasks)).contains("all"));
    if podman.sandbox.probe().holds.contains(&Hold::Memory) {
        let memory = Limits { memory: Some(64 << 20), ..limits() };
        let outcome = podman.sh("exec python3 -c 'block = bytes(1) * (300 << 20)'", &memory);
        // Not every engine finds out that it was for want of memory.
        assert!(matches!(outcome.status, Status::Limited(Limit::Memory) | Status::Exited(137)), "{outcome:?}");
        assert_eq!(outcome.memory_by, podman.sandbox.probe().memory_by);
    }
}

#[test]
fn what_an_engine_cannot_hold_is_refused_before_it_is_asked() {
    let Some(podman) = Podman::new("podman-refuses") else { return };
    let run = |policy: &Policy, limits: &Limits| {
        podman.sandbox.run(&podman.walls.command(&["true"]), policy, limits, &Cancel::default()).unwrap_err().to_string()
    };
    let registries = Policy { network: Network::Registries, ..podman.walls.policy() };
    assert!(run(&registries, &limits()).contains("use the back end ns"));
    assert!(run(&podman.walls.policy(), &Limits { disk: Some(1 << 20), ..limits() }).contains("disk space"));
    let whole = Policy { read: vec!["/".into()], ..podman.walls.policy() };
    assert!(run(&whole, &limits()).contains("cannot be shown as a whole"));
    chown(podman.walls.work(), Some(0), Some(0)).unwrap();
    assert!(run(&podman.walls.policy(), &limits()).contains("belongs to another user"));
}

#[test]
fn an_engine_that_does_not_answer_is_named_with_what_helps() {
    let Some(walls) = Walls::new("no-engine") else { return };
    let refused = |script: &str| {
        let program = walls.bench.path().join("docker");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let sandbox = Oci::new(&program, PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY);
        let error = sandbox.run(&walls.command(&["true"]), &walls.policy(), &limits(), &Cancel::default()).unwrap_err();
        assert!(matches!(&error, Error::NotHeld { backend: "oci", needs, .. } if needs.contains(&Hold::FileReads)), "{error}");
        error.to_string()
    };
    let says = refused("#!/bin/sh\necho 'Cannot connect to the Docker daemon.' >&2; exit 1\n");
    assert!(says.contains("systemctl start docker") && says.ends_with("(Cannot connect to the Docker daemon.))"), "{says}");
    // The daemon takes the connection, and says nothing.
    let says = refused("#!/bin/sh\nexec sleep 600\n");
    assert!(says.ends_with("(no answer within 10 s))"), "{says}");
}
