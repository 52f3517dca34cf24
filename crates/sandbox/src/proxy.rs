//! The way to package registries, and to nothing else: a proxy between a command's own loopback and the hosts that a policy allows.
//!
//! The command has a network of its own, in which one address answers: [`ADDRESS`]. The last program before the command (`inside`) opens it
//! there and hands it to the supervisor, which stands in the network of the host (in a container, the first program does, by a socket that is
//! mounted there: `way`). A socket stays in the network that it was opened in, so
//! that nothing has to be let into the command's root, and what no allowed host is asked for never leaves it.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::{Error, Policy};

/// Where the command finds the proxy, on its own loopback.
pub(crate) const ADDRESS: &str = "127.0.0.1:3128";

/// The variables by which programs are told of it, and by which they are told what is not to go there.
const VARIABLES: [&str; 4] = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The hosts of the registries that everyone uses: crates.io, PyPI, npm, Go, Maven Central, Debian.
const REGISTRIES: [&str; 14] = [
    "crates.io:443",
    "index.crates.io:443",
    "static.crates.io:443",
    "pypi.org:443",
    "files.pythonhosted.org:443",
    "registry.npmjs.org:443",
    "registry.yarnpkg.com:443",
    "proxy.golang.org:443",
    "sum.golang.org:443",
    "repo.maven.apache.org:443",
    "repo1.maven.org:443",
    "deb.debian.org:80",
    "deb.debian.org:443",
    "security.debian.org:80",
];

/// Bytes of the head of a request at most.
const HEAD: usize = 32 * 1024;

/// Headers of a request at most.
const HEADERS: usize = 64;

/// Connections at one time; more are closed.
const CONNECTIONS: usize = 64;

/// How long a host may take to answer, and a client to ask.
const PATIENCE: Duration = Duration::from_secs(30);

/// Adds the variables that tell programs of the proxy.
pub(crate) fn tell(env: &mut Vec<(std::ffi::OsString, std::ffi::OsString)>) {
    let proxy = VARIABLES.into_iter().map(|name| (name, format!("http://{ADDRESS}")));
    let exceptions = EXCEPTIONS.into_iter().map(|name| (name, "localhost,127.0.0.1,::1".to_owned()));
    for (name, value) in proxy.chain(exceptions) {
        env.retain(|(known, _)| known != name);
        env.push((name.into(), value.into()));
    }
}

/// Returns the hosts that a policy allows.
pub(crate) fn hosts(policy: &Policy, backend: &'static str) -> Result<Vec<String>, Error> {
    let known = REGISTRIES.map(str::to_owned).into_iter().map(Ok);
    let named = policy.hosts.iter().map(|host| {
        let says = || format!("`{host}` is no host: write name:port");
        named(host, None).ok_or_else(|| Error::SetUp { backend, says: says() })
    });
    known.chain(named).collect()
}

/// Opens the address of the proxy in the network of this process, and hands it over.
pub(crate) fn hand_over(to: impl AsFd) -> io::Result<()> {
    let listener = TcpListener::bind(ADDRESS)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut message = SendAncillaryBuffer::new(&mut space);
    let sockets = [listener.as_fd()];
    message.push(SendAncillaryMessage::ScmRights(&sockets));
    sendmsg(to, &[IoSlice::new(b"x")], &mut message, SendFlags::empty())?;
    Ok(())
}

/// Waits until someone connects and hands the address over, and is the proxy from then on, as of [`serve`]. Nobody else is let in.
pub(crate) fn serve_first(way: UnixListener, allowed: Vec<String>) -> io::Result<()> {
    in_a_thread(move || {
        let first = way.accept();
        drop(way);
        if let Ok((from, _)) = first {
            answer_all(&from, allowed);
        }
    })
}

/// Waits until the address is handed over, and is the proxy from then on, in threads that end with the process.
pub(crate) fn serve(from: UnixStream, allowed: Vec<String>) -> io::Result<()> {
    in_a_thread(move || answer_all(&from, allowed))
}

/// Starts a thread.
///
/// No signal is for these threads: the kernel gives one to any thread that does not block it, and the supervisor, which reads the ends of
/// its children from a descriptor, would never hear of this one.
fn in_a_thread(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let started = thread::Builder::new().spawn(work);
    before.thread_set_mask()?;
    started.map(drop)
}

fn answer_all(from: &UnixStream, allowed: Vec<String>) {
    let Ok(Some(listener)) = take_over(from) else { return };
    let (allowed, open) = (Arc::new(allowed), Arc::new(AtomicUsize::new(0)));
    for client in listener.incoming().flatten() {
        if open.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS {
            open.fetch_sub(1, Ordering::AcqRel);
            continue;
        }
        let (allowed, count) = (Arc::clone(&allowed), Arc::clone(&open));
        let served = thread::Builder::new().spawn(move || {
            // Whatever fails here is the client's to notice.
            let _ = answer(client, &allowed);
            count.fetch_sub(1, Ordering::AcqRel);
        });
        if served.is_err() {
            open.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

fn take_over(from: &UnixStream) -> io::Result<Option<TcpListener>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut message = RecvAncillaryBuffer::new(&mut space);
    recvmsg(from, &mut [IoSliceMut::new(&mut [0])], &mut message, RecvFlags::CMSG_CLOEXEC)?;
    let sockets =
        message.drain().filter_map(|part| if let RecvAncillaryMessage::ScmRights(sockets) = part { Some(sockets) } else { None });
    Ok(sockets.flatten().next().map(TcpListener::from))
}

/// A request, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// `name:port`.
    host: String,
    /// What is said to the host before all else; nothing for a tunnel.
    head: Option<Vec<u8>>,
}

fn answer(mut client: TcpStream, allowed: &[String]) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    let (asked, length) = loop {
        let count = client.read(&mut buffer)?;
        said.extend_from_slice(buffer.get(..count).unwrap_or_default());
        match parse(&said) {
            Some(Some(request)) => break request,
            None if count > 0 && said.len() < HEAD => {}
            _ => return refuse(&mut client, "400 Bad Request", "not a request that this proxy knows"),
        }
    };
    if !allowed.contains(&asked.host) {
        return refuse(&mut client, "403 Forbidden", &format!("{} is not among the hosts that the sandbox allows", asked.host));
    }
    let Some(mut host) = connect(&asked.host) else {
        return refuse(&mut client, "502 Bad Gateway", &format!("{} does not answer", asked.host));
    };
    client.set_read_timeout(None)?;
    match &asked.head {
        Some(head) => host.write_all(head)?,
        None => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?,
    }
    host.write_all(said.get(length..).unwrap_or_default())?;
    let (mut from, mut to) = (client.try_clone()?, host.try_clone()?);
    thread::Builder::new().spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    })?;
    let copied = io::copy(&mut host, &mut client);
    // Both ways: the thread above may wait for a client that says no more.
    let _ = client.shutdown(Shutdown::Both);
    copied.map(drop)
}

fn refuse(client: &mut TcpStream, status: &str, why: &str) -> io::Result<()> {
    let length = why.len() + 1;
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // In one piece: many clients read but once.
    client.write_all(format!("{head}{why}\n").as_bytes())
}

fn connect(host: &str) -> Option<TcpStream> {
    host.to_socket_addrs().ok()?.find_map(|address| TcpStream::connect_timeout(&address, PATIENCE).ok())
}

/// Reads a request and tells how long its head is. `None` when there is more to come, `Some(None)` when it is none.
fn parse(bytes: &[u8]) -> Option<Option<(Asked, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some(None),
    };
    let (Some(method), Some(target)) = (request.method, request.path) else { return Some(None) };
    if method == "CONNECT" {
        return Some(named(target, None).map(|host| (Asked { host, head: None }, length)));
    }
    let Some(rest) = target.strip_prefix("http://") else { return Some(None) };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Some(name) = named(host, Some(80)) else { return Some(None) };
    // One request a connection: what comes after it goes to the same host, whatever it asks for.
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n").into_bytes();
    let ours = ["host", "connection", "proxy-connection", "proxy-authorization", "keep-alive"];
    for header in request.headers.iter().filter(|header| !ours.contains(&header.name.to_ascii_lowercase().as_str())) {
        head.extend_from_slice(header.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(header.value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    Some(Some((Asked { host: name, head: Some(head) }, length)))
}

/// Returns a host and its port in the form in which hosts are allowed.
fn named(host: &str, port: Option<u16>) -> Option<String> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') => (name, digits.parse().ok()?),
        Some(_) => return None,
        None => (host, port?),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_');
    let name = name.strip_suffix('.').unwrap_or(name);
    (!name.is_empty() && name.chars().all(is_name)).then(|| format!("{}:{port}", name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Option<(String, Option<String>, usize)>> {
        let shown =
            |(asked, length): (Asked, usize)| (asked.host, asked.head.map(|head| String::from_utf8(head).unwrap()), length);
        parse(text.as_bytes()).map(|found| found.map(shown))
    }

    #[test]
    fn a_tunnel_and_a_plain_request_name_their_host() {
        let text = "CONNECT PyPI.org.:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\nrest";
        assert_eq!(asked(text), Some(Some(("pypi.org:443".into(), None, text.len() - 4))));
        let text =
            "GET http://deb.debian.org/a?b HTTP/1.1\r\nHost: evil.example\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\n\r\n";
        let head = "GET /a?b HTTP/1.1\r\nHost: deb.debian.org\r\nConnection: close\r\nAccept: */*\r\n\r\n";
        assert_eq!(asked(text), Some(Some(("deb.debian.org:80".into(), Some(head.into()), text.len()))));
    }

    #[test]
    fn what_is_cut_short_waits_and_what_is_no_request_is_refused() {
        assert_eq!(asked("CONNECT a:1 HTTP/1.1\r\nHo"), None);
        for text in [
            "GET /path HTTP/1.1\r\n\r\n",
            "CONNECT a HTTP/1.1\r\n\r\n",
            "CONNECT [::1]:443 HTTP/1.1\r\n\r\n",
            "CONNECT a@b:443 HTTP/1.1\r\n\r\n",
            "GET http://user@host/ HTTP/1.1\r\n\r\n",
            "GET http:///x HTTP/1.1\r\n\r\n",
            "\u{0}\r\n\r\n",
        ] {
            assert_eq!(asked(text), Some(None), "{text:?}");
        }
    }

    #[test]
    fn all_registries_are_written_as_hosts_are_compared() {
        for host in REGISTRIES {
            assert_eq!(named(host, None).as_deref(), Some(host));
        }
    }
}
