//! Programs that mean no harm, and must not notice the walls.

use std::fs;
use std::path::Path;
use std::process::Command;

use sandbox::{Limits, Policy, Status};

use crate::PATIENCE;
use crate::walls::{Walls, both, limits, skipped};

const ROOMY: u64 = 1 << 30;

fn roomy() -> Limits {
    Limits {
        memory: Some(ROOMY),
        tasks: Some(256),
        file_size: Some(ROOMY),
        written: Some(1 << 26),
        ..Limits::new(PATIENCE * 6, 64 * 1024)
    }
}

/// Runs a Python program under limits that are wide enough for it, and expects it to print `done`.
fn python(name: &str, program: &str) {
    let Some(walls) = Walls::new(name) else { return };
    let outcome = walls.run(&["python3", "-c", program], &walls.policy(), &roomy());
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "done\n".to_owned()));
}

#[test]
fn many_threads() {
    python(
        "threads",
        "import threading, time\nthreads = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(60)]\n\
         [one.start() for one in threads]\n[one.join() for one in threads]\nprint('done')",
    );
}

#[test]
fn three_hundred_megabytes() {
    python("roomy", "block = bytearray(b'x' * (300 << 20))\nimport time; time.sleep(0.1)\nprint('done')");
}

#[test]
fn a_server_on_the_loopback() {
    python(
        "server",
        "import http.server, threading, urllib.request\n\
         class Quiet(http.server.SimpleHTTPRequestHandler):\n    def log_message(self, *_): pass\n\
         server = http.server.HTTPServer(('localhost', 0), Quiet)\n\
         threading.Thread(target=server.serve_forever, daemon=True).start()\n\
         assert urllib.request.urlopen('http://localhost:%d/' % server.server_port).status == 200\nprint('done')",
    );
}

#[test]
fn sockets_by_path_and_by_abstract_name() {
    python(
        "unix",
        "import socket\nfor name in ['here.sock', chr(0) + 'abstract']:\n    one = socket.socket(socket.AF_UNIX); one.bind(name); one.listen()\n    \
         two = socket.socket(socket.AF_UNIX); two.connect(name)\nsocket.socketpair()\nprint('done')",
    );
}

#[test]
fn processes_with_queues_semaphores_and_shared_memory() {
    python(
        "multiprocessing",
        "import multiprocessing, multiprocessing.shared_memory as shared\nwith multiprocessing.Pool(4) as pool:\n    \
         assert sum(pool.map(abs, range(100))) == 4950\nblock = shared.SharedMemory(create=True, size=1 << 20); block.unlink()\nprint('done')",
    );
}

#[test]
fn signals_among_own_processes() {
    python(
        "signals",
        "import os, signal, subprocess\nchild = subprocess.Popen(['sleep', '600'])\nchild.terminate()\nassert child.wait() == -15\n\
         seen = []\nsignal.signal(signal.SIGUSR1, lambda *_: seen.append(1))\nos.kill(os.getpid(), signal.SIGUSR1)\nassert seen\nprint('done')",
    );
}

#[test]
fn temporary_files_users_and_zones() {
    python(
        "tmp",
        "import getpass, os, pwd, subprocess, tempfile, time\nwith tempfile.NamedTemporaryFile() as file: file.write(b'x')\n\
         assert pwd.getpwuid(os.getuid()).pw_name == 'sandbox'\nassert subprocess.run(['true']).returncode == 0\ntime.localtime()\nprint('done')",
    );
}

#[test]
fn a_terminal_of_its_own() {
    python(
        "pty",
        "import pty, os\nmaster, slave = pty.openpty()\nos.write(slave, b'x')\nassert os.read(master, 1) == b'x'\nprint('done')",
    );
}

#[test]
fn deep_folders_and_many_files() {
    python(
        "deep",
        "import os, shutil\nos.makedirs('/'.join(['d'] * 200))\nshutil.rmtree('d')\n\
         for number in range(2000): open('f%d' % number, 'w').close()\nfor number in range(2000): os.unlink('f%d' % number)\nprint('done')",
    );
}

#[test]
fn input_and_output_pass_through() {
    use sandbox::Sandbox;
    let Some(walls) = Walls::new("pipe") else { return };
    let mut command = walls.command(&["sh", "-c", "sort | tee sorted; pwd >&2"]);
    command.stdin = Some(b"b\na\n".to_vec());
    let outcome = walls.sandbox().run(&command, &walls.policy(), &roomy(), &Default::default()).unwrap();
    assert_eq!(both(&outcome), format!("a\nb\n{}\n", walls.work().display()));
    assert_eq!(fs::read_to_string(walls.work().join("sorted")).unwrap(), "a\nb\n");
}

/// Returns where a toolchain is, if it is on this machine.
fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned()).filter(|text| !text.is_empty())
}

/// Runs a script with folders of a toolchain readable, of which the first may be in the home of another user.
fn build(walls: &Walls, script: &str, toolchain: &[&Path]) {
    let visible = |path: &&&Path| !path.starts_with("/usr");
    let policy = Policy { read: toolchain.iter().filter(visible).map(|path| path.to_path_buf()).collect(), ..walls.policy() };
    let outcome = walls.run(&["sh", "-c", script], &policy, &Limits { memory: Some(4 * ROOMY), ..roomy() });
    assert_eq!(outcome.status, Status::Exited(0), "{}", both(&outcome));
}

fn write(walls: &Walls, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = walls.work().join(name);
        if let Some(folder) = path.parent().filter(|folder| *folder != walls.work()) {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(&path, text).unwrap();
    }
}

#[test]
fn a_c_program_is_built_by_make() {
    if ask("make", &["--version"]).is_none() || ask("cc", &["--version"]).is_none() {
        skipped("make or cc is not installed");
        return;
    }
    let Some(walls) = Walls::new("make") else { return };
    write(&walls, &[("a.c", "int main(void) { return 0; }\n"), ("Makefile", "a: a.c\n\tcc -g -fsanitize=address -o a a.c\n")]);
    build(&walls, "make -j2 && ./a", &[]);
}

#[test]
fn a_rust_crate_is_tested_by_cargo() {
    let Some(root) = ask("rustc", &["--print", "sysroot"]) else { return skipped("rustc is not installed") };
    let Some(walls) = Walls::new("cargo") else { return };
    write(
        &walls,
        &[
            ("Cargo.toml", "[package]\nname = \"a\"\nedition = \"2021\"\n"),
            ("src/lib.rs", "#[test]\nfn works() { std::thread::spawn(|| {}).join().unwrap(); }\n"),
        ],
    );
    build(&walls, &format!("PATH={root}/bin:$PATH cargo test --offline"), &[Path::new(&root)]);
}

#[test]
fn a_go_program_is_built() {
    let Some(root) = ask("go", &["env", "GOROOT"]) else { return skipped("go is not installed") };
    let Some(walls) = Walls::new("go") else { return };
    // Without imports: every package of the library would have to be built here first.
    let program = "package main\n\nfunc main() {\n\tc := make(chan int)\n\tgo func() { c <- 1 }()\n\t<-c\n}\n";
    write(&walls, &[("go.mod", "module a\n\ngo 1.20\n"), ("a.go", program)]);
    build(&walls, &format!("PATH={root}/bin:$PATH GOTOOLCHAIN=local GOPROXY=off go run ."), &[Path::new(&root)]);
}

#[test]
fn a_node_program_runs() {
    let Some(program) = ask("sh", &["-c", "readlink -f $(command -v node)"]) else {
        return skipped("node is not installed");
    };
    let Some(walls) = Walls::new("node") else { return };
    let program = Path::new(&program);
    let script = "require('fs').promises.readFile('a.js').then(() => require('child_process').execSync('true')); \
                  new (require('worker_threads').Worker)('1', {eval: true})";
    write(&walls, &[("a.js", script)]);
    build(&walls, &format!("{} a.js", program.display()), &[program]);
}

#[test]
fn limits_that_nobody_reaches_change_nothing() {
    let Some(walls) = Walls::new("unlimited") else { return };
    assert_eq!(walls.run(&["sh", "-c", "echo ok"], &walls.policy(), &limits()).stdout, sandbox::Captured::whole("ok\n"));
}
