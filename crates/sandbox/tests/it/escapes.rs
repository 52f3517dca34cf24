//! Attempts to get out. Each is bounded and harmless, and is judged by what is to be seen on this side.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Command, Stdio};

use sandbox::Status;

use crate::walls::Walls;

#[test]
fn files_outside_are_not_there() {
    let Some(walls) = Walls::new("reads") else { return };
    let home = std::env::home_dir().unwrap_or_default();
    let script = format!(
        "cat $OUT/secret; cat {}/secret; cat ../outside/secret; cat /proc/1/root$OUT/secret; cat /proc/self/root$OUT/secret; \
         cat /etc/shadow; cat /etc/ssh/ssh_host_rsa_key; ls {}; ls /home; ls /root; ls /var/lib; ls /run; ls /sys; ls /boot; true",
        walls.outside().display(),
        home.display()
    );
    let outcome = walls.run(&["sh", "-c", &script], &walls.policy(), &crate::walls::limits());
    assert_eq!(outcome.stdout.total, 0, "{}", crate::walls::both(&outcome));
}

#[test]
fn nothing_outside_can_be_written() {
    let Some(walls) = Walls::new("writes") else { return };
    let script = "for at in $OUT/new $OUT/secret ../outside/new /usr/new /usr/bin/new /etc/new /new /dev/new /proc/sys/kernel/core_pattern \
                  /proc/sys/vm/drop_caches /proc/sysrq-trigger /lib/new /var/new /run/new; do (echo spoilt > $at) 2>/dev/null && echo wrote $at; done; \
                  ln -s $OUT/secret link; (echo spoilt > link) 2>/dev/null && echo wrote link; \
                  ln $OUT/secret hard 2>/dev/null && echo linked; mkdir -p $OUT && echo x > $OUT/only-inside; true";
    assert_eq!(walls.sh(script), (Status::Exited(0), String::new()));
    assert_eq!(fs::read_to_string(walls.outside().join("secret")).unwrap(), "a secret of the host");
    assert_eq!(fs::read_dir(walls.outside()).unwrap().count(), 1);
}

#[test]
fn what_is_protected_is_read_and_not_written() {
    let Some(walls) = Walls::new("protected") else { return };
    for folder in [walls.work().join(".git/hooks"), walls.work().join("kept")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(walls.work().join(".git/config"), "[core]\n").unwrap();
    let script = "cat .git/config; (echo x >> .git/config) && echo wrote; (echo x > .git/hooks/pre-commit) && echo planted; \
                  mv .git moved && echo moved; rm -rf .git && echo removed; git config core.fsmonitor evil && echo configured; \
                  (echo x > kept/new) && echo wrote; touch free && echo free";
    let policy = sandbox::Policy { protect: vec![walls.work().join("kept")], ..walls.policy() };
    let outcome = walls.run(&["sh", "-c", script], &policy, &crate::walls::limits());
    assert_eq!(crate::text(&outcome.stdout.head), "[core]\nfree\n");
    assert_eq!(fs::read_to_string(walls.work().join(".git/config")).unwrap(), "[core]\n");
    assert_eq!(fs::read_dir(walls.work().join(".git/hooks")).unwrap().count(), 0);
}

#[test]
fn services_of_the_host_are_not_reached() {
    let Some(walls) = Walls::new("network") else { return };
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("fixwright-test-{}", std::process::id());
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let path = walls.outside().join("socket");
    let named = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    tcp.set_nonblocking(true).unwrap();
    hidden.set_nonblocking(true).unwrap();
    named.set_nonblocking(true).unwrap();
    let program = format!(
        "import socket
def attempt(family, address):
    try:
        one = socket.socket(family, socket.SOCK_STREAM); one.settimeout(2); one.connect(address); print('reached', address)
    except OSError as error: print(type(error).__name__)
attempt(socket.AF_INET, ('127.0.0.1', {}))
attempt(socket.AF_INET, ('192.0.2.1', 80))
attempt(socket.AF_UNIX, chr(0) + '{name}')
attempt(socket.AF_UNIX, '{}')
try: print('resolved', socket.getaddrinfo('example.org', 80))
except OSError as error: print(type(error).__name__)",
        tcp.local_addr().unwrap().port(),
        path.display()
    );
    let (status, text) = walls.python(&program);
    assert_eq!(status, Status::Exited(0), "{text}");
    assert_eq!(text, "ConnectionRefusedError\nOSError\nConnectionRefusedError\nFileNotFoundError\ngaierror\n");
    assert_eq!(tcp.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(hidden.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(named.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Calls of the kernel by number, and what they answer: the first word is the error, or `done`.
const CALLS: &str = "
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) if isinstance(one, int) else one for one in arguments])
    print(name, errno.errorcode.get(ctypes.get_errno(), 'done') if answer < 0 else 'done')
";

#[test]
#[cfg(target_arch = "x86_64")]
fn odd_parts_of_the_kernel_are_closed() {
    let Some(walls) = Walls::new("kernel") else { return };
    let program = format!(
        "{CALLS}
call('keyctl', 250, 0, -3, 0)
call('add_key', 248, b'user', b'name', b'x', 1, -3)
call('request_key', 249, b'user', b'name', None, -3)
call('bpf', 321, 0, None, 0)
call('perf_event_open', 298, None, 0, -1, -1, 0)
call('userfaultfd', 323, 1)
call('io_uring_setup', 425, 8, None)
call('openat2', 437, -100, b'/', None, 0)
call('shmget', 29, 0, 4096, 0o1600)
call('x32', 0x40000000 + 39)
call('unshare', 272, 0x10000000)
call('mount', 165, b'none', b'/tmp', b'tmpfs', 0, None)
call('setuid', 105, 0)
call('vsock', 41, 40, 1, 0)
call('alg', 41, 38, 5, 0)
call('packet', 41, 17, 3, 0)
call('netlink-audit', 41, 16, 3, 9)
call('tiocsti', 16, 0, 0x5412, b'x')
call('unix', 41, 1, 1, 0)
call('inet', 41, 2, 1, 0)
call('getpid', 39)"
    );
    let (status, text) = walls.python(&program);
    assert_eq!(status, Status::Exited(0), "{text}");
    let expected = "keyctl EPERM\nadd_key EPERM\nrequest_key EPERM\nbpf EPERM\nperf_event_open EPERM\nuserfaultfd EPERM\n\
                    io_uring_setup ENOSYS\nopenat2 ENOSYS\nshmget ENOSYS\nx32 ENOSYS\nunshare ENOSPC\nmount EPERM\nsetuid EINVAL\n\
                    vsock EPERM\nalg EPERM\npacket EPERM\nnetlink-audit EPERM\ntiocsti EPERM\nunix done\ninet done\ngetpid done\n";
    assert_eq!(text, expected);
}

#[test]
fn set_uid_bits_are_not_left_behind() {
    let Some(walls) = Walls::new("set-uid") else { return };
    let program = "
import os
def attempt(name, act):
    try: act(); print('did', name)
    except OSError: pass
open('a', 'w').close()
attempt('chmod', lambda: os.chmod('a', 0o4755))
attempt('set-gid', lambda: os.chmod('a', 0o2755))
attempt('fchmod', lambda: os.fchmod(os.open('a', os.O_RDONLY), 0o6755))
attempt('open', lambda: os.open('b', os.O_CREAT | os.O_WRONLY, 0o4755))
attempt('tmpfile', lambda: os.link('/proc/self/fd/%d' % os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o4755), 'c', follow_symlinks=True))
attempt('mknod', lambda: os.mknod('d', 0o104755))
os.chmod('a', 0o755)
os.close(os.open('e', os.O_CREAT | os.O_WRONLY, 0o755))
print(os.getuid() != 0, open('/proc/self/status').read().count('CapEff:\\t0000000000000000'), open('/proc/self/status').read().count('NoNewPrivs:\\t1'))";
    assert_eq!(walls.python(program), (Status::Exited(0), "True 1 1\n".to_owned()));
    for entry in fs::read_dir(walls.work()).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o6000, 0);
    }
}

#[test]
fn processes_outside_are_neither_seen_nor_signalled_nor_traced() {
    let Some(walls) = Walls::new("processes") else { return };
    let mut sleeper = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let program = format!(
        "{CALLS}
import os
pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
print(sorted(pids)[0], len(pids))
call('kill', 62, {0}, 15)
call('ptrace', 101, 16, {0}, 0, 0)
print(os.path.exists('/proc/{0}'))",
        sleeper.id()
    );
    let (status, text) = walls.python(&program);
    let alive = sleeper.try_wait().unwrap().is_none();
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert_eq!(status, Status::Exited(0), "{text}");
    assert!(alive);
    // Itself, and bubblewrap's first process.
    assert_eq!(text, "1 2\nkill ESRCH\nptrace ESRCH\nFalse\n");
}

#[test]
fn the_environment_and_the_descriptors_are_those_that_were_given() {
    let Some(walls) = Walls::new("secrets") else { return };
    let names = "tr '\\0' '\\n' | cut -d= -f1 | sort | tr '\\n' ' '";
    let script = format!(
        "cat /proc/1/environ 2>/dev/null; cat /proc/self/environ | {names}; ls /proc/self/fd | tr '\\n' ' '; \
         (exec 3<>/dev/tty) 2>/dev/null && echo terminal; tr '\\0' ' ' < /proc/1/cmdline | grep -c 'MAR[K]'"
    );
    let (_, text) = walls.sh(&script);
    // 3 is the listing's own; PWD is set by who changes the folder.
    assert_eq!(text, "FIXWRIGHT_MARK HOME OUT PATH PWD 0 1 2 3 0\n");
}
