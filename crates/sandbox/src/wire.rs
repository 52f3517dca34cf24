//! What the caller and its supervisor say to each other, over the socket that is the supervisor's standard input.
//!
//! Not by arguments and environment: a recipe that runs `pkill -f pytest` must not hit a supervisor whose command line names pytest,
//! and the environment of a command (`LD_PRELOAD`) is not meant for its supervisor. The caller sends one request and then the bytes of
//! the command's standard input; the supervisor answers in lines. Closing the socket means: stop.

mod bytes;
mod inside;
mod jail;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::bytes::{Reader, Writer};
pub(crate) use self::inside::Inside;
pub(crate) use self::jail::{Bind, Bundle, Confined, Jail, Stage, User};
use crate::{Command, Usage};

/// A command whose program was found, as the supervisor receives it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) program: PathBuf,
    pub(crate) cwd: PathBuf,
    pub(crate) argv: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) stdin: bool,
    pub(crate) confined: Option<Confined>,
}

/// Returns a request as bytes; `extra` is one more variable of the environment.
pub(crate) fn encode(program: &Path, command: &Command, extra: (&str, &str), confined: Option<&Confined>) -> Vec<u8> {
    let extra = (OsStr::new(extra.0), OsStr::new(extra.1));
    let given = command.env.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()));
    let env: Vec<_> = given.filter(|(name, _)| *name != extra.0).chain([extra]).collect();
    let mut to = Writer::default();
    to.flag(command.stdin.is_some());
    to.text(program);
    to.text(&command.cwd);
    to.list(command.argv.iter(), Writer::text);
    to.list(env.into_iter(), |to, (name, value)| {
        to.text(name);
        to.text(value);
    });
    to.option(confined, |to, confined| confined.write(to));
    to.finish()
}

impl Request {
    /// Reads a request, and not a byte of what follows it.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut from = Reader(from);
        Ok(Self {
            stdin: from.flag()?,
            program: from.text()?.into(),
            cwd: from.text()?.into(),
            argv: from.list(Reader::text)?,
            env: from.list(|from| Ok((from.text()?, from.text()?)))?,
            confined: from.option(Confined::read)?,
        })
    }
}

/// One line of the supervisor's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// The command is running, and the supervisor is ready for signals.
    Started,
    /// The command could not be started: the number of the operating system's error.
    Failed(i32),
    /// The walls could not be made; what was in the way is on standard error.
    NotJailed,
    /// The command exited.
    Exited(i32),
    /// A signal ended the command.
    Signalled(i32),
    /// Nothing is left of the bounded space for what is written.
    DiskFull,
    /// A signal told the supervisor to stop.
    Told(i32),
    /// What the command used, with all that it started.
    Used(Usage),
    /// Nothing that the command started is left.
    Clean,
    /// What was written could not be carried over from the bounded folder: the number of the operating system's error.
    NotKept(i32),
}

impl Report {
    pub(crate) fn write(self, to: &mut impl Write) -> io::Result<()> {
        let line = match self {
            Self::Started => "started\n".to_owned(),
            Self::Failed(number) => format!("failed {number}\n"),
            Self::NotJailed => "not-jailed\n".to_owned(),
            Self::DiskFull => "disk-full\n".to_owned(),
            Self::Exited(code) => format!("exited {code}\n"),
            Self::Signalled(number) => format!("signalled {number}\n"),
            Self::Told(number) => format!("told {number}\n"),
            Self::Used(Usage { user, system, peak_memory }) => {
                format!("used {} {} {peak_memory}\n", user.as_micros(), system.as_micros())
            }
            Self::Clean => "clean\n".to_owned(),
            Self::NotKept(number) => format!("not-kept {number}\n"),
        };
        to.write_all(line.as_bytes())
    }

    /// Reads all lines that are whole; one that makes no sense is passed over.
    pub(crate) fn parse(bytes: &[u8]) -> Vec<Self> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').and_then(|end| bytes.get(..end)).unwrap_or_default();
        let text = String::from_utf8_lossy(whole);
        let line = |line: &str| match line.split_once(' ') {
            None if line == "started" => Some(Self::Started),
            None if line == "not-jailed" => Some(Self::NotJailed),
            None if line == "disk-full" => Some(Self::DiskFull),
            None if line == "clean" => Some(Self::Clean),
            Some(("failed", number)) => number.parse().ok().map(Self::Failed),
            Some(("exited", number)) => number.parse().ok().map(Self::Exited),
            Some(("signalled", number)) => number.parse().ok().map(Self::Signalled),
            Some(("not-kept", number)) => number.parse().ok().map(Self::NotKept),
            Some(("told", number)) => number.parse().ok().map(Self::Told),
            Some(("used", numbers)) => usage(numbers).map(Self::Used),
            _ => None,
        };
        text.lines().filter_map(line).collect()
    }
}

fn usage(numbers: &str) -> Option<Usage> {
    let mut numbers = numbers.split(' ').map(str::parse);
    let mut next = || numbers.next()?.ok();
    let (user, system, peak_memory) = (Duration::from_micros(next()?), Duration::from_micros(next()?), next()?);
    Some(Usage { user, system, peak_memory })
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent_and_leaves_the_rest_in_the_stream() {
        let odd = OsString::from_vec(vec![b'a', b'\n', 0xff]);
        let command = Command {
            argv: vec!["tool".into(), odd.clone(), "".into()],
            cwd: "/work".into(),
            env: [("A".into(), odd.clone()), ("MARK".into(), "theirs".into())].into(),
            stdin: Some(Vec::new()),
        };
        let jail = Jail {
            launcher: Some("/bin/wall".into()),
            options: vec!["--a".into(), "".into()],
            files: vec![("/at".into(), vec![0, 255])],
            binds_files: true,
            filters: vec![Vec::new(), vec![1]],
            stage: Some(Stage {
                user: Some(User { uid: 1, gid: 2 }),
                late: true,
                binds: vec![Bind { source: "/a".into(), mapping: Some("/b".into()), writable: true, layer: Some("/c".into()) }],
                disk: Some(9),
            }),
            proxy: Some(vec!["a:1".into()]),
            writable: vec!["/w".into()],
            tasks: Some(7),
            file_size: None,
        };
        let confined = Confined::Jail(jail);
        let mut bytes = encode(Path::new("/bin/tool"), &command, ("MARK", "ours"), Some(&confined));
        bytes.extend_from_slice(b"input");
        let mut stream = bytes.as_slice();
        let request = Request::read(&mut stream).unwrap();
        let expected = Request {
            program: "/bin/tool".into(),
            cwd: "/work".into(),
            argv: command.argv,
            env: vec![("A".into(), odd), ("MARK".into(), "ours".into())],
            stdin: true,
            confined: Some(confined),
        };
        assert_eq!((request, stream), (expected, b"input".as_slice()));
    }

    #[test]
    fn a_request_cut_short_is_an_error() {
        let command = Command { argv: vec!["tool".into()], cwd: "/".into(), env: Default::default(), stdin: None };
        let bytes = encode(Path::new("/bin/tool"), &command, ("A", "b"), None);
        for length in 0..bytes.len() {
            assert!(Request::read(&mut &bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn reports_are_read_back_and_a_line_cut_short_is_not_believed() {
        let used = Usage { user: Duration::from_micros(1_500_000), system: Duration::ZERO, peak_memory: 1 << 40 };
        let all = [
            Report::Started,
            Report::Failed(2),
            Report::NotJailed,
            Report::DiskFull,
            Report::Exited(255),
            Report::Signalled(9),
            Report::Told(15),
            Report::Used(used),
            Report::Clean,
            Report::NotKept(28),
        ];
        let mut bytes = Vec::new();
        for report in all {
            report.write(&mut bytes).unwrap();
        }
        assert_eq!(Report::parse(&bytes), all);
        assert_eq!(Report::parse(b"nonsense\nexited x\nused 1 2\nexited 1"), []);
    }
}
