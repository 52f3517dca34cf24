//! What the caller and its supervisor say to each other, over the socket that is the supervisor's standard input.
//!
//! Not by arguments and environment: a recipe that runs `pkill -f pytest` must not hit a supervisor whose command line names pytest,
//! and the environment of a command (`LD_PRELOAD`) is not meant for its supervisor. The caller sends one request and then the bytes of
//! the command's standard input; the supervisor answers in lines. Closing the socket means: stop.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Command, Usage};

/// A command whose program was found, as the supervisor receives it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) program: PathBuf,
    pub(crate) cwd: PathBuf,
    pub(crate) argv: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) stdin: bool,
    pub(crate) jail: Option<Jail>,
}

/// The walls round a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jail {
    /// bubblewrap.
    pub(crate) launcher: PathBuf,
    /// Its options, but for those that name descriptors.
    pub(crate) options: Vec<OsString>,
    /// Files that are made up: the path inside, and what is in them.
    pub(crate) files: Vec<(OsString, Vec<u8>)>,
    /// Filters of calls, as the kernel takes them.
    pub(crate) filters: Vec<Vec<u8>>,
    /// [`Limits::tasks`](crate::Limits::tasks).
    pub(crate) tasks: Option<u64>,
    /// [`Limits::file_size`](crate::Limits::file_size).
    pub(crate) file_size: Option<u64>,
}

/// Returns a request as bytes; `extra` is one more variable of the environment.
pub(crate) fn encode(program: &Path, command: &Command, extra: (&str, &str), jail: Option<&Jail>) -> Vec<u8> {
    let extra = (OsStr::new(extra.0), OsStr::new(extra.1));
    let given = command.env.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()));
    let env: Vec<_> = given.filter(|(name, _)| *name != extra.0).chain([extra]).collect();
    let mut bytes = vec![u8::from(command.stdin.is_some())];
    put(&mut bytes, program.as_os_str());
    put(&mut bytes, command.cwd.as_os_str());
    bytes.extend_from_slice(&(command.argv.len() as u64).to_le_bytes());
    for argument in &command.argv {
        put(&mut bytes, argument);
    }
    bytes.extend_from_slice(&(env.len() as u64).to_le_bytes());
    for (name, value) in env {
        put(&mut bytes, name);
        put(&mut bytes, value);
    }
    bytes.push(u8::from(jail.is_some()));
    if let Some(jail) = jail {
        put_jail(&mut bytes, jail);
    }
    bytes
}

fn put_jail(bytes: &mut Vec<u8>, jail: &Jail) {
    put(bytes, jail.launcher.as_os_str());
    bytes.extend_from_slice(&(jail.options.len() as u64).to_le_bytes());
    for option in &jail.options {
        put(bytes, option);
    }
    bytes.extend_from_slice(&(jail.files.len() as u64).to_le_bytes());
    for (at, content) in &jail.files {
        put(bytes, at);
        put(bytes, OsStr::from_bytes(content));
    }
    bytes.extend_from_slice(&(jail.filters.len() as u64).to_le_bytes());
    for filter in &jail.filters {
        put(bytes, OsStr::from_bytes(filter));
    }
    for limit in [jail.tasks, jail.file_size] {
        bytes.push(u8::from(limit.is_some()));
        bytes.extend_from_slice(&limit.unwrap_or(0).to_le_bytes());
    }
}

fn put(bytes: &mut Vec<u8>, text: &OsStr) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

impl Request {
    /// Reads a request, and not a byte of what follows it.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let stdin = flag(from)?;
        let program = PathBuf::from(take(from)?);
        let cwd = PathBuf::from(take(from)?);
        let argv = (0..number(from)?).map(|_| take(from)).collect::<io::Result<_>>()?;
        let env = (0..number(from)?).map(|_| Ok((take(from)?, take(from)?))).collect::<io::Result<_>>()?;
        let jail = if flag(from)? { Some(Jail::read(from)?) } else { None };
        Ok(Self { program, cwd, argv, env, stdin, jail })
    }
}

impl Jail {
    fn read(from: &mut impl Read) -> io::Result<Self> {
        let launcher = PathBuf::from(take(from)?);
        let options = (0..number(from)?).map(|_| take(from)).collect::<io::Result<_>>()?;
        let files = (0..number(from)?).map(|_| Ok((take(from)?, take(from)?.into_vec()))).collect::<io::Result<_>>()?;
        let filters = (0..number(from)?).map(|_| Ok(take(from)?.into_vec())).collect::<io::Result<_>>()?;
        let mut limit = || Ok::<_, io::Error>(flag(from)?.then_some(number(from)?));
        Ok(Self { launcher, options, files, filters, tasks: limit()?, file_size: limit()? })
    }
}

fn flag(from: &mut impl Read) -> io::Result<bool> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte != [0])
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn take(from: &mut impl Read) -> io::Result<OsString> {
    let length = number(from)?;
    let mut bytes = Vec::new();
    // By `take`, so that memory grows with what came and not with what was announced.
    if from.by_ref().take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(OsString::from_vec(bytes))
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
    /// A signal told the supervisor to stop.
    Told(i32),
    /// What the command used, with all that it started.
    Used(Usage),
    /// Nothing that the command started is left.
    Clean,
}

impl Report {
    pub(crate) fn write(self, to: &mut impl Write) -> io::Result<()> {
        let line = match self {
            Self::Started => "started\n".to_owned(),
            Self::Failed(number) => format!("failed {number}\n"),
            Self::NotJailed => "not-jailed\n".to_owned(),
            Self::Exited(code) => format!("exited {code}\n"),
            Self::Signalled(number) => format!("signalled {number}\n"),
            Self::Told(number) => format!("told {number}\n"),
            Self::Used(Usage { user, system, peak_memory }) => {
                format!("used {} {} {peak_memory}\n", user.as_micros(), system.as_micros())
            }
            Self::Clean => "clean\n".to_owned(),
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
            None if line == "clean" => Some(Self::Clean),
            Some(("failed", number)) => number.parse().ok().map(Self::Failed),
            Some(("exited", number)) => number.parse().ok().map(Self::Exited),
            Some(("signalled", number)) => number.parse().ok().map(Self::Signalled),
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
            launcher: "/bin/wall".into(),
            options: vec!["--a".into(), "".into()],
            files: vec![("/at".into(), vec![0, 255])],
            filters: vec![Vec::new(), vec![1]],
            tasks: Some(7),
            file_size: None,
        };
        let mut bytes = encode(Path::new("/bin/tool"), &command, ("MARK", "ours"), Some(&jail));
        bytes.extend_from_slice(b"input");
        let mut stream = bytes.as_slice();
        let request = Request::read(&mut stream).unwrap();
        let expected = Request {
            program: "/bin/tool".into(),
            cwd: "/work".into(),
            argv: command.argv,
            env: vec![("A".into(), odd), ("MARK".into(), "ours".into())],
            stdin: true,
            jail: Some(jail),
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
            Report::Exited(255),
            Report::Signalled(9),
            Report::Told(15),
            Report::Used(used),
            Report::Clean,
        ];
        let mut bytes = Vec::new();
        for report in all {
            report.write(&mut bytes).unwrap();
        }
        assert_eq!(Report::parse(&bytes), all);
        assert_eq!(Report::parse(b"nonsense\nexited x\nused 1 2\nexited 1"), []);
    }
}
