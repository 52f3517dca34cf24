//! The back end `oci`, with each runtime that is installed.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sandbox::{Cancel, Error, Hold, Limit, Limits, Network, Oci, Policy, Sandbox, Status};

use crate::PROGRAM;
use crate::registries::{ASK, server};
use crate::walls::{NOBODY, Walls, both, limits, skipped};

/// Calls `test` with every runtime that works here.
fn each(name: &str, test: impl Fn(&str, &Walls, &Oci)) {
    let mut tested = 0;
    for runtime in ["runc", "crun", "runsc"] {
        let Some(walls) = Walls::new(&format!("{name}-{runtime}")) else { return };
        let sandbox = Oci::new(runtime, PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY);
        let held = sandbox.probe();
        if held.holds.is_empty() {
            skipped(&format!("{name}: {}", held.missing.join("; ")));
            continue;
        }
        test(runtime, &walls, &sandbox);
        walls.bench.assert_nothing_lives();
        // The name of a container is the mark without its punctuation, between two numbers.
        let name: String = walls.bench.mark.chars().filter(char::is_ascii_alphanumeric).collect();
        let groups = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten().flat_map(|entry| fs::read_dir(entry.path()));
        let left = groups.flatten().flatten().find(|entry| entry.file_name().to_string_lossy().contains(&name));
        assert!(left.is_none(), "{left:?}");
        tested += 1;
    }
    if tested == 0 {
        skipped(&format!("{name}: no runtime works here"));
    }
}

fn sh(walls: &Walls, sandbox: &Oci, script: &str, limits: &Limits) -> (Status, String) {
    let outcome = sandbox.run(&walls.command(&["sh", "-c", script]), &walls.policy(), limits, &Cancel::default()).unwrap();
    assert_eq!(outcome.backend, "oci");
    (outcome.status, both(&outcome))
}

#[test]
fn a_container_works_and_holds() {
    each("container", |runtime, walls, sandbox| {
        fs::create_dir(walls.work().join(".git")).unwrap();
        let script = "echo made > made; cat $OUT/secret; cat /etc/shadow; echo x > .git/x; echo x > /usr/x; \
                      cp /bin/sh s; chmod 4755 s; rm s; grep -c '^CapEff:.0*$' /proc/self/status; exit 5";
        let (status, text) = sh(walls, sandbox, &format!("({script}) 2>/dev/null"), &limits());
        assert_eq!((status, text.as_str()), (Status::Exited(5), "1\n"), "{runtime}");
        assert_eq!(fs::read_to_string(walls.work().join("made")).unwrap(), "made\n");
        assert_eq!(fs::read_dir(walls.work().join(".git")).unwrap().count(), 0);
        let server = "import socket; one = socket.socket(); one.bind(('127.0.0.1', 0)); one.listen(); \
                      two = socket.create_connection(one.getsockname()); print('loopback')\n\
                      try: socket.create_connection(('203.0.113.80', 443), 2)\nexcept OSError: print('alone')";
        fs::write(walls.work().join("server.py"), server).unwrap();
        assert_eq!(
            sh(walls, sandbox, "python3 server.py", &limits()),
            (Status::Exited(0), "loopback\nalone\n".to_owned()),
            "{runtime}"
        );
    });
}

#[test]
fn a_container_ends_at_its_limits() {
    each("limited", |runtime, walls, sandbox| {
        let wall = Limits::new(Duration::from_secs(4), 1 << 16);
        let (status, _) = sh(walls, sandbox, "trap '' TERM; (setsid sleep 600 &); sleep 600", &wall);
        assert_eq!(status, Status::Limited(Limit::Wall), "{runtime}");
        let flood = Limits { written: Some(1 << 20), ..limits() };
        assert_eq!(sh(walls, sandbox, "yes", &flood).0, Status::Limited(Limit::Written), "{runtime}");
        let tasks = Limits { tasks: Some(16), ..limits() };
        let (_, text) = sh(walls, sandbox, "for i in $(seq 40); do sleep 1 & done; echo all", &tasks);
        assert!(!text.contains("all"), "{runtime}: {text}");
    });
}

#[test]
fn a_private_copy_is_worked_on_in_a_container() {
    each("copied", |runtime, walls, sandbox| {
        let folder = walls.bench.path().join("copy");
        fs::create_dir(&folder).unwrap();
        fs::write(walls.work().join("a"), "base").unwrap();
        let workspace = sandbox.prepare(&walls.work(), &folder).unwrap();
        let mut command = walls.command(&["sh", "-c", "echo more >> a"]);
        command.cwd = workspace.path().to_owned();
        let outcome = sandbox.run(&command, &workspace.allowed_by(Policy::default()), &limits(), &Cancel::default()).unwrap();
        assert_eq!(outcome.status, Status::Exited(0), "{runtime}: {}", both(&outcome));
        assert_eq!(workspace.read("a".as_ref()).unwrap().unwrap(), b"basemore\n");
        assert_eq!(fs::read_to_string(walls.work().join("a")).unwrap(), "base");
        workspace.remove().unwrap();
    });
}

#[test]
fn an_allowed_host_is_reached_out_of_a_container_and_no_other() {
    each("container-registries", |runtime, walls, sandbox| {
        let ((allowed, reached), (other, touched)) = (server(), server());
        let hosts = vec![format!("localhost:{allowed}")];
        let policy = Policy { network: Network::Registries, hosts, ..walls.policy() };
        let program = format!(
            "{ASK}
print(ask('GET http://localhost:{allowed}/path HTTP/1.1\\r\\n\\r\\n')[1].split('\\r\\n')[-1])
print(first('CONNECT localhost:{other} HTTP/1.1\\r\\n\\r\\n'))
for port in [{allowed}, {other}]:
    try: socket.create_connection(('127.0.0.1', port), 5); print('reached')
    except OSError as error: print(type(error).__name__)
one = socket.socket(socket.AF_UNIX)
try: one.connect('/run/fixwright/way/socket'); print('listens')
except OSError as error: print(type(error).__name__)
print(os.environ['HTTPS_PROXY'], sys.stdin.read()); sys.exit(5)"
        );
        let mut command = walls.command(&["python3", "-c", &program]);
        command.stdin = Some(b"its input".to_vec());
        let outcome = sandbox.run(&command, &policy, &limits(), &Cancel::default());
        if runtime == "runsc" {
            assert!(
                !sandbox.probe().registries && outcome.unwrap_err().to_string().contains("use runc, crun or the back end ns")
            );
            return;
        }
        let outcome = outcome.unwrap();
        let expected = "GET /path HTTP/1.1\nHTTP/1.1 403 Forbidden\nConnectionRefusedError\nConnectionRefusedError\n\
                        ConnectionRefusedError\nhttp://127.0.0.1:3128 its input\n";
        assert!(sandbox.probe().registries, "{runtime}");
        assert_eq!((outcome.status, both(&outcome)), (Status::Exited(5), expected.to_owned()), "{runtime}");
        assert_eq!((reached.load(Ordering::SeqCst), touched.load(Ordering::SeqCst)), (1, 0), "{runtime}");
    });
}

#[test]
fn the_system_of_another_root_is_the_containers() {
    each("rooted", |runtime, walls, _| {
        // A system of another release, made of this one's programs: what is at its root and not at the host's is what tells them apart.
        let root = walls.bench.path().join("system");
        for folder in ["usr/bin", "usr/share/other", "etc"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for program in ["sh", "cat"] {
            fs::copy(format!("/bin/{program}"), root.join("usr/bin").join(program)).unwrap();
        }
        for library in libraries(&["/bin/sh", "/bin/cat"]) {
            let at = root.join("usr").join(library.strip_prefix("/usr").or_else(|_| library.strip_prefix("/")).unwrap());
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::copy(&library, at).unwrap();
        }
        for link in ["bin", "lib", "lib64"] {
            std::os::unix::fs::symlink(format!("usr/{link}"), root.join(link)).unwrap();
        }
        fs::write(root.join("etc/os-release"), "ID=other\n").unwrap();
        fs::write(root.join("etc/secret"), "its secret").unwrap();
        let sandbox =
            Oci::new(runtime, PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY).with_root(&root);
        let script = "cat /etc/os-release; echo /usr/share/* /usr/bin/*; cat /etc/secret 2>/dev/null; echo made > made";
        let (status, text) = sh(walls, &sandbox, script, &limits());
        assert_eq!(
            (status, text.as_str()),
            (Status::Exited(0), "ID=other\n/usr/share/other /usr/bin/cat /usr/bin/sh\n"),
            "{runtime}"
        );
        assert_eq!(fs::read_to_string(walls.work().join("made")).unwrap(), "made\n");
        let nowhere = walls.bench.path().join("no-system");
        let sandbox =
            Oci::new(runtime, PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY).with_root(nowhere);
        assert!(sandbox.probe().holds.is_empty(), "{runtime}");
    });
}

/// Returns the libraries of programs, as the loader finds them, and the loader itself.
fn libraries(programs: &[&str]) -> Vec<PathBuf> {
    let output = std::process::Command::new("ldd").args(programs).output().unwrap();
    let words = crate::text(&output.stdout).split_ascii_whitespace().filter(|word| word.starts_with('/') && !word.ends_with(':'));
    words.map(PathBuf::from).collect()
}

#[test]
fn a_runtime_that_is_not_there_is_named_with_what_helps() {
    let Some(walls) = Walls::new("no-runtime") else { return };
    let sandbox = Oci::new("no-such-runtime", PathBuf::from(PROGRAM), walls.bench.mark.as_str()).dropping_to(NOBODY, NOBODY);
    let error = sandbox.run(&walls.command(&["true"]), &walls.policy(), &limits(), &Cancel::default()).unwrap_err();
    assert!(error.to_string().ends_with("(missing: no-such-runtime: apt-get install no-such-runtime)"), "{error}");
    assert!(matches!(error, Error::NotHeld { backend: "oci", needs, .. } if needs.contains(&Hold::FileReads)));
}
