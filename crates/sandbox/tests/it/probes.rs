//! The escape suite: attempts of every kind to get out, to take what was not given, to stay.
//!
//! Each attempt is bounded and harmless where it succeeds, and runs behind the walls of a policy and limits as real use sets them. What it
//! says of itself counts for nothing: after each, this side looks at all that there is to be seen (`Scene::harm`). The caller is a process
//! of its own, with secrets in its environment, its descriptors and its keyring.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::PROGRAM;
use crate::walls::Walls;

/// What must not be read. In two parts, so that no script holds it as a whole.
const CANARY: [&str; 2] = ["canary-", "5d41402abc"];

/// This side: what an attempt may try to reach, and the evidence of whether it did.
struct Scene {
    walls: Walls,
    tcp: TcpListener,
    udp: UdpSocket,
    hidden: UnixListener,
    named: UnixListener,
    sleeper: Child,
    shared: PathBuf,
    before: String,
}

impl Scene {
    fn new(name: &str) -> Option<Self> {
        let walls = Walls::new(name)?;
        let canary = CANARY.concat();
        let (work, out) = (walls.work(), walls.outside());
        fs::write(out.join("secret"), &canary).unwrap();
        for folder in [work.join(".git/hooks"), work.join("src"), out.join(".ssh"), out.join("other/.git")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(work.join(".git/config"), "[core]\n").unwrap();
        fs::write(work.join("src/a.c"), "int a;\n").unwrap();
        for secret in [".ssh/id_ed25519", "other/.git/config", ".bashrc"] {
            fs::write(out.join(secret), &canary).unwrap();
            fs::set_permissions(out.join(secret), fs::Permissions::from_mode(0o666)).unwrap();
        }
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = SocketAddr::from_abstract_name(format!("probe-{name}-{}", std::process::id())).unwrap();
        let hidden = UnixListener::bind_addr(&address).unwrap();
        let named = UnixListener::bind(out.join("socket")).unwrap();
        fs::set_permissions(out.join("socket"), fs::Permissions::from_mode(0o777)).unwrap();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        hidden.set_nonblocking(true).unwrap();
        named.set_nonblocking(true).unwrap();
        let shared = PathBuf::from(format!("/dev/shm/probe-{name}-{}", std::process::id()));
        fs::write(&shared, &canary).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o666)).unwrap();
        // The canary on a command line, too.
        let sleeper =
            Command::new("python3").args(["-c", "import time; time.sleep(600)", &canary]).stdin(Stdio::null()).spawn().unwrap();
        let mut scene = Self { walls, tcp, udp, hidden, named, sleeper, shared, before: String::new() };
        scene.before = scene.state();
        Some(scene)
    }

    /// Returns all that must not change: what is outside, what is protected, settings of the kernel.
    fn state(&self) -> String {
        let mut state = String::new();
        for root in [self.walls.outside(), self.walls.work().join(".git")] {
            listed(&root, &mut state);
        }
        for setting in ["kernel/core_pattern", "kernel/hostname", "vm/overcommit_memory", "kernel/modprobe"] {
            state += &fs::read_to_string(Path::new("/proc/sys").join(setting)).unwrap_or_default();
        }
        state + &fs::read_to_string(&self.shared).unwrap()
    }

    /// Runs an attempt; returns how it ended and all that it left to see.
    fn attempt(&self, script: &str, wall: u32) -> (String, Vec<u8>) {
        let vsock = "import socket\ntry: print(socket.socket(40, 1, 0))\nexcept OSError: pass";
        let script = script
            .replace("$TCP", &self.tcp.local_addr().unwrap().port().to_string())
            .replace("$UDP", &self.udp.local_addr().unwrap().port().to_string())
            .replace("$SLEEPER", &self.sleeper.id().to_string())
            .replace("$HIDDEN", &format!("probe-{}-{}", self.name(), std::process::id()))
            .replace("$SHARED", self.shared.to_str().unwrap())
            .replace("$OUT", self.walls.outside().to_str().unwrap())
            .replace("$VSOCK", vsock)
            .replace("$CANARY", "canary-\"\"5d41402abc");
        let caller = format!(
            "exec 7<{out}/secret 8<{out}; exec {PROGRAM} contain-limited {} {} {wall} sh -c \"$SCRIPT\"",
            self.walls.bench.mark,
            self.walls.work().display(),
            out = self.walls.outside().display(),
        );
        // A key of its own in a session of its own, where this host has keys.
        let keyed = format!(
            "import ctypes, os\nlibc = ctypes.CDLL(None)\nlibc.syscall(250, 1, None)\n\
             libc.syscall(248, b'user', b'probe', b'{}', {}, -3)\nos.execvp('sh', ['sh', '-c', {caller:?}])",
            CANARY.concat(),
            CANARY.concat().len()
        );
        let output = Command::new("python3")
            .args(["-c", &keyed])
            .env("SCRIPT", script)
            .env("SECRET", CANARY.concat())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = text.lines().next().unwrap_or_default().to_owned();
        assert!(output.status.success(), "{output:?}");
        (status, [output.stdout, output.stderr].concat())
    }

    fn name(&self) -> String {
        self.shared.to_str().unwrap().split('-').nth(1).unwrap().to_owned()
    }

    /// Returns the harm that is to be seen on this side.
    fn harm(&mut self, said: &[u8]) -> Vec<String> {
        let mut harm = Vec::new();
        let mut seen = |is: bool, what: &str| {
            if is {
                harm.push(what.to_owned())
            }
        };
        let canary = CANARY.concat();
        let holds = |bytes: &[u8]| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        seen(holds(said), "the canary was printed");
        let mut work = Vec::new();
        files(&self.walls.work(), &mut work);
        let is_file =
            |file: &Path| fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() < 1 << 24);
        let written = work.iter().any(|file| is_file(file) && fs::read(file).is_ok_and(|bytes| holds(&bytes)));
        seen(written, "the canary was written down");
        let has_bits = |file: &PathBuf| fs::symlink_metadata(file).is_ok_and(|metadata| metadata.mode() & 0o6000 != 0);
        seen(work.iter().any(has_bits), "a set-id file stays");
        let is_device = |file: &PathBuf| fs::symlink_metadata(file).is_ok_and(|metadata| metadata.rdev() != 0);
        seen(work.iter().any(is_device), "a device stays");
        seen(self.state() != self.before, "something outside was changed");
        let refused = |error: ErrorKind| error != ErrorKind::WouldBlock;
        seen(self.tcp.accept().err().is_none_or(|error| refused(error.kind())), "tcp was reached");
        seen(self.udp.recv(&mut [0; 8]).err().is_none_or(|error| refused(error.kind())), "udp was reached");
        seen(self.hidden.accept().err().is_none_or(|error| refused(error.kind())), "an abstract socket was reached");
        seen(self.named.accept().err().is_none_or(|error| refused(error.kind())), "a named socket was reached");
        seen(self.sleeper.try_wait().unwrap().is_some(), "a process outside was ended");
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.sleeper.id())).unwrap_or_default();
        seen(stat.contains(") T") || stat.contains(") t"), "a process outside was stopped");
        let used: u64 =
            work.iter().filter_map(|file| fs::symlink_metadata(file).ok()).map(|metadata| metadata.blocks() * 512).sum();
        seen(used > 9 << 20, "the disk was filled");
        seen(!self.walls.bench.living().is_empty(), "something lives on");
        harm
    }

    /// Empties the work folder for the next attempt.
    fn clear(&self) {
        for entry in fs::read_dir(self.walls.work()).unwrap().flatten() {
            if entry.file_name() != ".git" {
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.sleeper.kill();
        let _ = self.sleeper.wait();
        let _ = fs::remove_file(&self.shared);
    }
}

fn listed(folder: &Path, state: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let text = if metadata.is_file() { fs::read_to_string(&path).unwrap() } else { String::new() };
        *state += &format!("{} {:o} {} {} {text}\n", path.display(), metadata.mode(), metadata.nlink(), metadata.uid());
        if metadata.is_dir() {
            listed(&path, state);
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        found.push(entry.path());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&entry.path(), found);
        }
    }
}

/// Makes all attempts of a family. One that begins with `Limited(…): ` must end by that limit.
fn family(name: &str, attempts: &[&str]) {
    let Some(mut scene) = Scene::new(name) else { return };
    let mut escaped = Vec::new();
    for attempt in attempts {
        let (expected, script) = match attempt.split_once(": ") {
            Some((limit, script)) if limit.starts_with("Limited(") => (Some(limit), script),
            _ => (None, *attempt),
        };
        // Milliseconds: all that takes long is to be stopped by the limit that it names.
        let wall = if expected == Some("Limited(Wall)") { 700 } else { 60_000 };
        let (status, said) = scene.attempt(script, wall);
        let mut harm = scene.harm(&said);
        if let Some(limit) = expected.filter(|limit| *limit != status) {
            harm.push(format!("expected {limit}, and it ended with {status}"));
        }
        if status.is_empty() {
            harm.push("it did not run".to_owned());
        }
        if !harm.is_empty() {
            escaped.push(format!("{harm:?}: {script}\n{}", String::from_utf8_lossy(&said)));
        }
        scene.clear();
    }
    assert!(escaped.is_empty(), "{} of {} held not:\n{}", escaped.len(), attempts.len(), escaped.join("\n"));
}

#[test]
fn writes_outside() {
    family(
        "writes",
        &[
            "echo spoilt >> $OUT/secret",
            "mkdir -p $OUT; echo new > $OUT/new",
            "ln -s $OUT/secret link; echo spoilt > link",
            "ln $OUT/secret hard && echo spoilt > hard",
            "echo spoilt > /proc/1/root$OUT/secret",
            "echo spoilt > /proc/self/root$OUT/secret; echo spoilt > /proc/self/cwd/../outside/secret",
            "for pid in 1 2 3 4 5 $PPID; do echo spoilt > /proc/$pid/cwd/../outside/secret; done",
            "mv src ../outside/moved; mv src $OUT/moved",
            "mkdir m; mount --bind $OUT m; mount -t tmpfs none m; mount -t overlay none -o lowerdir=$OUT,upperdir=src,workdir=m m",
            "echo '* * * * * root true' > /etc/cron.d/probe; echo x >> $OUT/.bashrc; echo x > /etc/profile.d/probe.sh",
            "echo '|/tmp/x' > /proc/sys/kernel/core_pattern; echo h > /proc/sysrq-trigger; echo /tmp/x > /proc/sys/kernel/modprobe",
            "mknod disk b 254 0; mknod disk b 8 0; dd if=/dev/zero of=/dev/vda bs=1 count=1 seek=99999999999999; ls /dev/sda /dev/vda",
            "umount -l /usr; umount .git; umount /; mount -o remount,rw /; mount -o remount,rw,bind .git; echo x > .git/new",
            "python3 -c \"import os; [os.open('new', os.O_CREAT | os.O_WRONLY, dir_fd=fd) for fd in range(3, 64)]\"; \
             for fd in 3 4 5 6 7 8 9; do echo x > /proc/self/fd/$fd/new; done",
            "touch ../new; touch /new; touch /usr/new; mkdir /opt/new; touch /var/new /srv/new",
        ],
    );
}

#[test]
fn reads_outside() {
    family(
        "reads",
        &[
            "cat $OUT/secret ../outside/secret",
            "ln -s $OUT/secret link; cat link; cp -L link copy",
            "ln $OUT/secret hard; cat hard",
            "cat /proc/1/root$OUT/secret /proc/self/root$OUT/secret",
            "for pid in /proc/[0-9]*; do cat $pid/environ $pid/cmdline $pid/root$OUT/secret $pid/cwd/../outside/secret; done",
            "cat /proc/$SLEEPER/cmdline /proc/$SLEEPER/environ; ps axww; ps axe",
            "cat $OUT/.ssh/id_ed25519 $OUT/other/.git/config; find / -path /usr -prune -o -path /proc -prune -o -name 'id_*' -exec cat {} + -o -name secret -exec cat {} +",
            "cat /etc/shadow /etc/gshadow && echo $CANARY",
            "cat /root/.ssh/* /root/.bash_history /home/*/.ssh/* && echo $CANARY",
            "cat /var/log/* /var/lib/dpkg/status /run/*.pid && echo $CANARY",
            "head -c 64 /proc/kcore && echo $CANARY; head -c 64 /dev/mem && echo $CANARY",
            "test -r /dev/kmsg && cat /dev/kmsg | head -1 | grep . && echo $CANARY; dmesg 2>/dev/null | grep . && echo $CANARY",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None); h = ctypes.create_string_buffer(b'\\x08\\0\\0\\0\\1\\0\\0\\0\\2\\0\\0\\0\\0\\0\\0\\0', 64); \
             fd = libc.syscall(304, 3, h, 0); print('canary-' + '5d41402abc' if fd > 0 else 'no')\"",
            "git clone $OUT/other copy; git --git-dir=$OUT/other/.git log; cat $OUT/other/.git/config",
            "tar cf all.tar / --exclude=/usr --exclude=/proc --exclude=/bin --exclude=/lib 2>/dev/null; cat all.tar",
        ],
    );
}

#[test]
fn secrets() {
    family(
        "secrets",
        &[
            "env; cat /proc/self/environ /proc/1/environ /proc/$PPID/environ",
            "strings -a /proc/1/mem; cat /proc/1/maps /proc/1/auxv /proc/1/stack",
            "for fd in 3 4 5 6 7 8 9 10; do cat <&$fd; done; ls -lL /proc/self/fd; cat /proc/self/fd/7",
            "cat /proc/self/fd/8/secret; python3 -c \"import os; print(os.read(os.open('secret', 0, dir_fd=8), 99))\"",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None); b = ctypes.create_string_buffer(99); \
             [(libc.syscall(250, 10, b'user', b'probe', 0), libc.syscall(250, 11, k, b, 99), print(b.raw)) for k in (-1, -2, -3, -4, -5)]; \
             k = libc.syscall(249, b'user', b'probe', None, -3); libc.syscall(250, 11, k, b, 99); print(b.raw)\"",
            "grep -q probe /proc/keys && echo $CANARY",
            "cat $SHARED; cat /dev/shm/*; ls /dev/shm | grep . && echo $CANARY",
            "ipcs -m | grep 0x && echo $CANARY; cat /dev/mqueue/* /var/tmp/* /tmp/*",
            "cat /proc/1/fd/* /proc/1/task/1/fd/*; ls -l /proc/1/fd",
            "cat /run/secrets/* /var/run/secrets/kubernetes.io/serviceaccount/token /proc/self/mountinfo | grep canary",
        ],
    );
}

#[test]
fn signals() {
    family(
        "signals",
        &[
            "kill -9 $SLEEPER; kill -STOP $SLEEPER; kill -TERM -$SLEEPER",
            "kill -9 -1",
            "kill -9 1; kill -9 0; kill -9 $PPID",
            "python3 -c \"import os, signal; signal.pidfd_send_signal(os.pidfd_open($SLEEPER), 9)\"",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None); libc.syscall(234, $SLEEPER, $SLEEPER, 9); libc.syscall(129, $SLEEPER, 9, 0); \
             libc.syscall(101, 16, $SLEEPER, 0, 0); libc.syscall(101, 0x4206, $SLEEPER, 0, 0)\"",
            "python3 -c \"[__import__('os').kill(pid, 9) for pid in range(2, 400)]\"; for pid in $(seq 2 400); do kill -9 $pid; done",
            "python3 -c \"import os, fcntl, signal; fd = os.open('src', 0); fcntl.fcntl(fd, 8, $SLEEPER); fcntl.fcntl(fd, 10, 9); \
             fcntl.fcntl(fd, 0x402, 0x1f); open('src/x', 'w')\"",
            "renice -n 19 -p $SLEEPER; prlimit --pid $SLEEPER --cpu=1; taskset -p 1 $SLEEPER; kill -STOP $SLEEPER",
        ],
    );
}

#[test]
fn network() {
    family(
        "network",
        &[
            "python3 -c \"import socket; socket.create_connection(('127.0.0.1', $TCP), 2)\"",
            "python3 -c \"import socket; socket.create_connection(('::ffff:127.0.0.1', $TCP), 2)\"; \
             for host in 0.0.0.0 localhost $(hostname) 127.1.2.3; do python3 -c \"import socket; socket.create_connection(('$host', $TCP), 2)\"; done",
            "python3 -c \"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', $UDP))\"",
            "python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + '$HIDDEN')\"",
            "python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('$OUT/socket')\"",
            "ln -s $OUT/socket s; python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('s')\"; \
             python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('/proc/1/root$OUT/socket')\"",
            "python3 -c '$VSOCK' | grep -q socket && echo $CANARY",
            "python3 -c \"import socket; s = socket.socket(17, 3, 0xffff)\" && echo $CANARY; \
             python3 -c \"import socket; socket.socket(2, 3, 1)\" && echo $CANARY",
            "python3 -c \"import socket; socket.create_connection(('203.0.113.80', 443), 3)\" && echo $CANARY; \
             python3 -c \"import socket; print(socket.getaddrinfo('deb.debian.org', 80))\" && echo $CANARY",
            "python3 -c \"import socket; s = socket.socket(16, 3, 0); s.bind((0, 0)); s.send(b'\\x20\\0\\0\\0\\x10\\0\\5\\0' + bytes(24))\"; \
             ip link add dummy0 type dummy && echo $CANARY; ip link | grep -E 'eth|ens|wl' && echo $CANARY",
            "ls /var/run/docker.sock /run/dbus/system_bus_socket /run/systemd && echo $CANARY",
        ],
    );
}

#[test]
fn terminal() {
    family(
        "terminal",
        &[
            "echo spoilt > /dev/tty && echo $CANARY",
            "python3 -c \"import fcntl; [fcntl.ioctl(fd, 0x5412, b'x') for fd in (0, 1, 2)]\" && echo $CANARY",
            "python3 -c \"import fcntl, pty; m, s = pty.openpty(); fcntl.ioctl(s, 0x5412, b'x')\" && echo $CANARY",
            "python3 -c \"import fcntl; fcntl.ioctl(0, 0x541c, b'\\3')\" && echo $CANARY; ls /dev/pts/0 && echo $CANARY",
        ],
    );
}

#[test]
fn resources() {
    family(
        "resources",
        &[
            "f() { f | f & f; }; f 2>/dev/null",
            "Limited(Wall): python3 -c \"import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(600)\"",
            "python3 -c \"import threading, time\nfor n in range(1000): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\" \
             && echo $CANARY; true",
            "Limited(Memory): python3 -c \"b = []\nwhile True: b.append(b'x' * (8 << 20)); __import__('time').sleep(0.01)\"",
            "Limited(Memory): for i in 1 2 3 4 5 6; do python3 -c \"b = b'x' * (60 << 20); __import__('time').sleep(600)\" & done; wait",
            "Limited(Memory): python3 -c \"import os, time; fds = [os.memfd_create('x') for n in range(60)]\nfor fd in fds: os.write(fd, b'x' * (8 << 20)); time.sleep(0.01)\n\
             time.sleep(600)\"",
            "head -c 3000000000 /dev/zero > /tmp/big && echo $CANARY; head -c 3000000000 /dev/zero > /dev/shm/big && echo $CANARY",
            "i=0; while [ $i -lt 60 ]; do head -c 1500000 /dev/zero > f$i; i=$((i+1)); done; echo done",
            "python3 -c \"fs = [open('g%d' % n, 'wb') for n in range(40)]\nfor k in range(200):\n    for f in fs: f.write(b'x' * 65536)\"",
            "truncate -s 10T sparse; fallocate -l 2G huge; dd if=/dev/zero of=one bs=1M count=400",
            "python3 -c \"import os\nfor n in range(100000):\n    try: open('e%d' % n, 'w').close()\n    except OSError: break\nelse: print('canary-' + '5d41402abc')\"",
            "Limited(Written): yes",
            "Limited(Written): yes >&2 & while :; do echo and more of this; done",
            "Limited(Cpu): while :; do :; done",
            "Limited(Cpu): for i in 1 2 3 4; do (while :; do :; done) & done; wait",
            "Limited(Wall): trap '' TERM HUP INT QUIT; while :; do sleep 600; done",
            "Limited(Wall): kill -STOP $$",
            "python3 -c \"import os; n = 0\ntry:\n    while True: os.dup(0); n += 1\nexcept OSError: print(n)\nif n > 5000: print('canary-' + '5d41402abc')\"",
            "python3 -c \"import os\nfor n in range(5000):\n    try: os.mkdir('d'); os.chdir('d')\n    except OSError: break\"",
        ],
    );
}

#[test]
fn what_is_left_behind() {
    family(
        "behind",
        &[
            "(setsid sh -c 'sleep 600' >/dev/null 2>&1 &); (nohup sleep 600 >/dev/null 2>&1 &); echo begun",
            "python3 -c \"import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\"",
            "env -i setsid sh -c 'trap \"\" TERM; sleep 600' >/dev/null 2>&1 & sleep 0.1",
            "cp /bin/sh shell; chmod 4755 shell; chmod u+s shell; chmod 6777 shell",
            "python3 -c \"import os; os.open('b', os.O_CREAT | os.O_WRONLY, 0o4755)\"; install -m 4755 /bin/sh shell; mkdir -m 2777 folder",
            "cp /bin/sh x; python3 -c \"import ctypes; libc = ctypes.CDLL(None); libc.syscall(452, -100, b'x', 0o4755, 0); \
             libc.syscall(268, -100, b'x', 0o4755); libc.syscall(437, -100, b'y', (ctypes.c_uint64 * 3)(0o101, 0o4755, 0), 24)\"",
            "cp /bin/sh x; tar cf a.tar x; python3 -c \"import tarfile; t = tarfile.open('b.tar', 'w'); i = t.gettarinfo('x'); i.mode = 0o4755; \
             t.addfile(i, open('x', 'rb')); t.close()\"; tar xpf b.tar; cp -a /usr/bin/passwd passwd; cp -a /usr/bin/su su",
            "printf '#!/bin/sh\\ntouch /tmp/x\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/*; cp /bin/sh .git/hooks/pre-commit",
            "git config core.fsmonitor 'touch /tmp/x'; printf '[core]\\n\\tfsmonitor = evil\\n' > .git/config; echo x >> .git/info/attributes",
            "mv .git was; mkdir .git; rm -rf .git; ln -sfn /tmp .git; mount -t tmpfs none .git",
            "setcap cap_sys_admin+ep src/a.c; setfattr -n security.capability -v 0sAQAAAgAgAAAAAAAAAAAAAAAAAAA= src/a.c && echo $CANARY",
            "crontab -l; echo '* * * * * true' | crontab - && echo $CANARY; echo true | at now && echo $CANARY",
        ],
    );
}

#[test]
fn privileges() {
    family(
        "privileges",
        &[
            "unshare -Ur id -u | grep -q '^0' && echo $CANARY; unshare -Urm true && echo $CANARY",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None); a = (ctypes.c_uint64 * 8)(0x10000000); \
             p = libc.syscall(435, a, 64)\nif p >= 0: print('canary-' + '5d41402abc')\"",
            "chroot / true && echo $CANARY; nsenter -t 1 -m true && echo $CANARY",
            "su -c 'echo $CANARY'; sudo -n echo $CANARY; pkexec echo $CANARY; newgrp root",
            "python3 -c \"import os; os.setuid(0); print('canary-' + '5d41402abc')\"; python3 -c \"import os; os.setgroups([0]); print('canary-' + '5d41402abc')\"",
            "grep -E '^Cap(Eff|Prm|Bnd|Amb|Inh)' /proc/self/status | grep -v 0000000000000000 && echo $CANARY",
            "grep -q 'NoNewPrivs:.1' /proc/self/status || echo $CANARY; test $(id -u) -ne 0 || echo $CANARY",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None)\nfor n, a in ((321, 0), (298, 0), (323, 1), (425, 8), (175, 0), (246, 0), (169, 0), (170, b'x'), \
             (167, b'x'), (153, 0), (172, 3), (173, 0), (164, None), (227, 0), (180, 0)):\n    \
             if libc.syscall(n, a, 1, 0, 0, 0) >= 0: print(n, 'canary-' + '5d41402abc')\"",
            "hostname probe-changed; echo 1 > /proc/sys/vm/overcommit_memory; sysctl -w kernel.hostname=probe; date -s 2001-01-01 && echo $CANARY",
            "modprobe dummy && echo $CANARY; insmod x.ko && echo $CANARY; swapoff -a && echo $CANARY",
            "python3 -c \"import ctypes; libc = ctypes.CDLL(None); print('canary-' + '5d41402abc') if libc.syscall(0x40000000 + 39) > 0 else 0\"; \
             mkdir /sys/fs/cgroup/probe && echo $CANARY; ls /sys/fs/cgroup/* && echo $CANARY",
            "gdb -p 1 -batch; python3 -c \"import ctypes; libc = ctypes.CDLL(None)\nif libc.syscall(101, 16, 1, 0, 0) == 0: print('canary-' + '5d41402abc')\"; \
             echo x > /proc/1/mem && echo $CANARY",
        ],
    );
}
