//! The options of bubblewrap, those that this crate writes. One that is not known is an error: what is asked for is held.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use nix::sched::CloneFlags;
use seccompiler::{BpfProgram, sock_filter};

/// What is at a path inside.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    Bind {
        source: PathBuf,
        writable: bool,
    },
    Link(OsString),
    /// In memory, of a size.
    Scratch(Option<String>),
    Proc,
    Dev,
    /// Written into the root.
    File(Vec<u8>),
    /// Mounted over what the root has.
    FileOver(Vec<u8>),
}

/// What the options ask for.
pub(super) struct Asked {
    pub(super) namespaces: CloneFlags,
    /// In their order.
    pub(super) root: Vec<(PathBuf, Put)>,
    pub(super) read_only: Vec<PathBuf>,
    pub(super) filters: Vec<BpfProgram>,
    pub(super) hostname: OsString,
    pub(super) cwd: PathBuf,
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    /// The descriptors that were read, which are not for the program.
    pub(super) read: Vec<i32>,
}

impl Asked {
    /// Reads `--args FD -- PROGRAM ARGUMENT…`.
    pub(super) fn of(args: &[OsString]) -> io::Result<Self> {
        let [first, number, dashes, program, args @ ..] = args else { return Err(io::ErrorKind::InvalidInput.into()) };
        if first != "--args" || dashes != "--" {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut asked = Self {
            namespaces: CloneFlags::empty(),
            root: Vec::new(),
            read_only: Vec::new(),
            filters: Vec::new(),
            hostname: "sandbox".into(),
            cwd: "/".into(),
            program: program.clone(),
            args: args.to_vec(),
            read: Vec::new(),
        };
        let options = asked.bytes(number)?;
        let options = options.strip_suffix(b"\0").unwrap_or(&options);
        let mut words = options.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec()));
        let mut size = None;
        while let Some(option) = words.next() {
            let mut next = || words.next().ok_or(io::Error::from(io::ErrorKind::InvalidInput));
            match option.as_bytes() {
                // What is always so here: see `launch`. Files are readable, as `--perms 0644` would have it.
                b"--unshare-user" | b"--unshare-pid" | b"--disable-userns" | b"--die-with-parent" | b"--new-session" => {}
                b"--cap-drop" | b"--perms" => drop(next()?),
                b"--unshare-ipc" => asked.namespaces |= CloneFlags::CLONE_NEWIPC,
                b"--unshare-uts" => asked.namespaces |= CloneFlags::CLONE_NEWUTS,
                b"--unshare-cgroup" => asked.namespaces |= CloneFlags::CLONE_NEWCGROUP,
                b"--unshare-net" => asked.namespaces |= CloneFlags::CLONE_NEWNET,
                b"--hostname" => asked.hostname = next()?,
                b"--chdir" => asked.cwd = next()?.into(),
                b"--remount-ro" => asked.read_only.push(next()?.into()),
                b"--size" => size = Some(next()?.to_string_lossy().into_owned()),
                b"--add-seccomp-fd" => {
                    let bytes = asked.bytes(&next()?)?;
                    asked.filters.push(filter(&bytes));
                }
                b"--bind" | b"--ro-bind" => {
                    let (source, at) = (next()?.into(), next()?);
                    asked.root.push((at.into(), Put::Bind { source, writable: option == "--bind" }));
                }
                b"--symlink" => {
                    let target = next()?;
                    asked.root.push((next()?.into(), Put::Link(target)));
                }
                b"--tmpfs" => asked.root.push((next()?.into(), Put::Scratch(size.take()))),
                b"--proc" => asked.root.push((next()?.into(), Put::Proc)),
                b"--dev" => asked.root.push((next()?.into(), Put::Dev)),
                b"--file" | b"--ro-bind-data" => {
                    let bytes = asked.bytes(&next()?)?;
                    let put = if option == "--file" { Put::File(bytes) } else { Put::FileOver(bytes) };
                    asked.root.push((next()?.into(), put));
                }
                _ => return Err(io::Error::other(format!("an option that is not known: {}", option.display()))),
            }
        }
        Ok(asked)
    }

    /// Reads a descriptor from its beginning, also when it was read before.
    fn bytes(&mut self, number: &OsStr) -> io::Result<Vec<u8>> {
        let number = number.to_str().and_then(|number| number.parse().ok()).ok_or(io::ErrorKind::InvalidInput)?;
        let mut bytes = Vec::new();
        File::open(format!("/proc/self/fd/{number}"))?.read_to_end(&mut bytes)?;
        self.read.push(number);
        Ok(bytes)
    }
}

/// Returns a filter from the form that the kernel takes.
fn filter(bytes: &[u8]) -> BpfProgram {
    let (instructions, _) = bytes.as_chunks::<8>();
    let read = |[code_0, code_1, jt, jf, k_0, k_1, k_2, k_3]: [u8; 8]| sock_filter {
        code: u16::from_ne_bytes([code_0, code_1]),
        jt,
        jf,
        k: u32::from_ne_bytes([k_0, k_1, k_2, k_3]),
    };
    instructions.iter().copied().map(read).collect()
}
