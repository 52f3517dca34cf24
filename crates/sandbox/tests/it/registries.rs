//! The network of `registries`: the hosts that are allowed, and no other. Judged by servers on this side, which count.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sandbox::{Cancel, Error, Network, Policy, Sandbox, Status};

use crate::text;
use crate::walls::{Walls, both, limits, skipped};

/// Starts a server that answers each connection once; returns its port and the number of connections so far.
pub(crate) fn server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut buffer = [0; 4096];
            let read = client.read(&mut buffer).unwrap_or(0);
            let line = String::from_utf8_lossy(&buffer[..read]).lines().next().unwrap_or_default().to_owned();
            let length = line.len();
            // In one piece: what arrives in several may be read in several.
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{line}");
            let _ = client.write_all(answer.as_bytes());
        }
    });
    (port, count)
}

fn policy(walls: &Walls, hosts: Vec<String>) -> Policy {
    Policy { network: Network::Registries, hosts, ..walls.policy() }
}

/// Asks the proxy, and says what came back first.
pub(crate) const ASK: &str = "
import os, socket, sys
def ask(text):
    one = socket.create_connection(('127.0.0.1', 3128), 20)
    one.sendall(text.encode()); answer = one.recv(4096)
    return one, answer.decode()
def first(text):
    return ask(text)[1].split('\\r\\n')[0]
";

#[test]
fn an_allowed_host_is_reached_and_no_other() {
    let Some(walls) = Walls::new("registries") else { return };
    let ((allowed, reached), (other, touched)) = (server(), server());
    let program = format!(
        "{ASK}
one, answer = ask('CONNECT localhost:{allowed} HTTP/1.1\\r\\n\\r\\n')
print(answer.split('\\r\\n')[0]); one.sendall(b'hello through\\r\\n\\r\\n'); print(one.makefile().read().splitlines()[-1])
print(ask('GET http://localhost:{allowed}/path?x HTTP/1.1\\r\\nHost: elsewhere\\r\\n\\r\\n')[1].split('\\r\\n')[-1])
for host in ['localhost:{other}', '127.0.0.1:{allowed}', '127.0.0.1:{other}', 'example.org:443', '[::1]:{allowed}']:
    print(host.split(':')[0], first('CONNECT %s HTTP/1.1\\r\\n\\r\\n' % host).split(' ', 1)[1])
for host in ['localhost:{other}', 'example.org']:
    print(first('GET http://%s/ HTTP/1.1\\r\\n\\r\\n' % host))
for port in [{allowed}, {other}]:
    try: socket.create_connection(('127.0.0.1', port), 5); print('reached')
    except OSError as error: print(type(error).__name__)
print(os.environ['HTTPS_PROXY'], sys.stdin.read())"
    );
    let mut command = walls.command(&["python3", "-c", &program]);
    command.stdin = Some(b"its input".to_vec());
    let policy = policy(&walls, vec![format!("localhost:{allowed}")]);
    let outcome = walls.sandbox().run(&command, &policy, &limits(), &Cancel::default()).unwrap();
    let expected = "HTTP/1.1 200 Connection established\nhello through\nGET /path?x HTTP/1.1\n\
                    localhost 403 Forbidden\n127.0.0.1 403 Forbidden\n127.0.0.1 403 Forbidden\nexample.org 403 Forbidden\n[ 400 Bad Request\n\
                    HTTP/1.1 403 Forbidden\nHTTP/1.1 403 Forbidden\nConnectionRefusedError\nConnectionRefusedError\n\
                    http://127.0.0.1:3128 its input\n";
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), expected.to_owned()));
    assert_eq!((reached.load(Ordering::SeqCst), touched.load(Ordering::SeqCst)), (2, 0));
    walls.bench.assert_nothing_lives();
}

/// A small registry: an index of one package, and the package. Not at the address that programs are told to reach directly.
fn registry(package: Vec<u8>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut asked = Vec::new();
            let mut buffer = [0; 4096];
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                match client.read(&mut buffer) {
                    Ok(read) if read > 0 => asked.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            let line = String::from_utf8_lossy(&asked).lines().next().unwrap_or_default().to_owned();
            let index = format!("<a href=\"/files/{PACKAGE}\">{PACKAGE}</a>").into_bytes();
            let (kind, body) = match line.split(' ').nth(1) {
                Some("/simple/greeting/") => ("text/html", &index),
                Some(path) if path.ends_with(PACKAGE) => ("application/octet-stream", &package),
                _ => ("text/plain", &Vec::new()),
            };
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = client.write_all(&[head.as_bytes(), body].concat());
        }
    });
    (port, count)
}

const PACKAGE: &str = "greeting-1.0-py3-none-any.whl";

/// Writes a package of Python to standard output.
const PACK: &str = "
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, 'w') as wheel:
    wheel.writestr('greeting.py', 'print(\"hello from the registry\")')
    wheel.writestr('greeting-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n')
    wheel.writestr('greeting-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('greeting-1.0.dist-info/RECORD', '')
sys.stdout.buffer.write(out.getvalue())";

#[test]
fn a_package_is_installed_from_a_registry_that_is_allowed_and_from_no_other() {
    let Some(walls) = Walls::new("install") else { return };
    let python = |arguments: &[&str]| std::process::Command::new("/usr/bin/python3").args(arguments).output();
    if !python(&["-m", "pip", "--version"]).is_ok_and(|output| output.status.success()) {
        skipped("install: the system has no pip");
        return;
    }
    let package = python(&["-c", PACK]).unwrap().stdout;
    let (port, reached) = registry(package.clone());
    let (other, touched) = registry(package);
    let install = |port: u16| {
        let script = format!(
            "/usr/bin/python3 -m pip install --quiet --no-cache-dir --retries 0 --target lib --trusted-host 127.0.0.2 \
             --index-url http://127.0.0.2:{port}/simple greeting && PYTHONPATH=lib /usr/bin/python3 -c 'import greeting'"
        );
        let command = walls.command(&["sh", "-c", &script]);
        walls.sandbox().run(&command, &policy(&walls, vec![format!("127.0.0.2:{port}")]), &limits(), &Cancel::default()).unwrap()
    };
    let outcome = install(port);
    assert_eq!(
        (outcome.status, text(&outcome.stdout.head)),
        (Status::Exited(0), "hello from the registry\n"),
        "{}",
        both(&outcome)
    );
    assert!(reached.load(Ordering::SeqCst) >= 2);
    std::fs::remove_dir_all(walls.work().join("lib")).unwrap();
    let script = format!(
        "/usr/bin/python3 -m pip install --no-cache-dir --retries 0 --target lib --trusted-host 127.0.0.2 \
         --index-url http://127.0.0.2:{other}/simple greeting"
    );
    let command = walls.command(&["sh", "-c", &script]);
    let outcome = walls.sandbox().run(&command, &policy(&walls, Vec::new()), &limits(), &Cancel::default()).unwrap();
    assert_eq!(outcome.status, Status::Exited(1), "{}", both(&outcome));
    assert_eq!(touched.load(Ordering::SeqCst), 0);
}

#[test]
fn runs_side_by_side_have_a_proxy_each() {
    let Some(walls) = Walls::new("proxies") else { return };
    let (port, reached) = server();
    let program = format!("{ASK}\nprint(first('GET http://localhost:{port}/ HTTP/1.1\\r\\n\\r\\n'))");
    let policy = policy(&walls, vec![format!("localhost:{port}")]);
    thread::scope(|scope| {
        let run = || walls.sandbox().run(&walls.command(&["python3", "-c", &program]), &policy, &limits(), &Cancel::default());
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for run in runs {
            assert_eq!(both(&run.join().unwrap().unwrap()), "HTTP/1.1 200 OK\n");
        }
    });
    assert_eq!(reached.load(Ordering::SeqCst), 4);
}

#[test]
fn a_host_without_a_port_is_an_error() {
    let Some(walls) = Walls::new("no-port") else { return };
    let policy = policy(&walls, vec!["example.org".into()]);
    let error = walls.sandbox().run(&walls.command(&["true"]), &policy, &limits(), &Cancel::default()).unwrap_err();
    assert!(matches!(&error, Error::SetUp { says, .. } if says.contains("write name:port")), "{error}");
}
