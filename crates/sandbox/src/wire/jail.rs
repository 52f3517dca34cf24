//! The walls round a command, as the supervisor receives them.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;

use super::bytes::{Reader, Writer};

/// What contains a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confined {
    Jail(Jail),
    Bundle(Bundle),
}

impl Confined {
    /// Returns what the supervisor mounts itself.
    pub(crate) fn stage(&self) -> Option<&Stage> {
        match self {
            Self::Jail(jail) => jail.stage.as_ref(),
            Self::Bundle(bundle) => Some(&bundle.stage),
        }
    }

    pub(super) fn write(&self, to: &mut Writer) {
        to.flag(matches!(self, Self::Bundle(_)));
        match self {
            Self::Jail(jail) => jail.write(to),
            Self::Bundle(bundle) => bundle.write(to),
        }
    }

    pub(super) fn read(from: &mut Reader<'_, impl Read>) -> io::Result<Self> {
        if from.flag()? { Bundle::read(from).map(Self::Bundle) } else { Jail::read(from).map(Self::Jail) }
    }
}

/// A container of an OCI runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bundle {
    pub(crate) runtime: PathBuf,
    /// Its options before what it shall do.
    pub(crate) options: Vec<OsString>,
    /// Begins the name of the container.
    pub(crate) name: String,
    /// `config.json`, but for the command.
    pub(crate) config: Vec<u8>,
    /// Links in the root: the path inside, and where it leads.
    pub(crate) links: Vec<(OsString, OsString)>,
    /// Files in the root: the path inside, and what is in them.
    pub(crate) files: Vec<(OsString, Vec<u8>)>,
    /// Who on the host is the root of the container, where that is not the caller.
    pub(crate) root: Option<u32>,
    /// The hosts that are reached by a proxy, where there is one.
    pub(crate) proxy: Option<Vec<String>>,
    pub(crate) stage: Stage,
}

impl Bundle {
    fn write(&self, to: &mut Writer) {
        to.text(&self.runtime);
        to.list(self.options.iter(), Writer::text);
        to.text(&self.name);
        to.bytes(&self.config);
        to.list(self.links.iter(), |to, (at, target)| {
            to.text(at);
            to.text(target);
        });
        to.list(self.files.iter(), |to, (at, content)| {
            to.text(at);
            to.bytes(content);
        });
        to.option(self.root, |to, root| to.number(root.into()));
        write_hosts(self.proxy.as_ref(), to);
        self.stage.write(to);
    }

    fn read(from: &mut Reader<'_, impl Read>) -> io::Result<Self> {
        Ok(Self {
            runtime: from.text()?.into(),
            options: from.list(Reader::text)?,
            name: from.text()?.to_string_lossy().into_owned(),
            config: from.bytes()?,
            links: from.list(|from| Ok((from.text()?, from.text()?)))?,
            files: from.list(|from| Ok((from.text()?, from.bytes()?)))?,
            root: from.option(|from| id(from.number()?))?,
            proxy: read_hosts(from)?,
            stage: Stage::read(from)?,
        })
    }
}

fn write_hosts(hosts: Option<&Vec<String>>, to: &mut Writer) {
    to.option(hosts, |to, hosts| to.list(hosts.iter(), Writer::text));
}

fn read_hosts(from: &mut Reader<'_, impl Read>) -> io::Result<Option<Vec<String>>> {
    from.option(|from| from.list(|from| Ok(from.text()?.to_string_lossy().into_owned())))
}

fn id(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The walls of bubblewrap round a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jail {
    /// bubblewrap; `None` where [`launch`](crate::launch) takes its place.
    pub(crate) launcher: Option<PathBuf>,
    /// Its options, but for those that name descriptors.
    pub(crate) options: Vec<OsString>,
    /// Files that are put into the root: the path inside, and what is in them.
    pub(crate) files: Vec<(OsString, Vec<u8>)>,
    /// They are mounted over what the root has there, which cannot be written.
    pub(crate) binds_files: bool,
    /// Filters of calls, as the kernel takes them.
    pub(crate) filters: Vec<Vec<u8>>,
    /// What the supervisor mounts itself, before bubblewrap.
    pub(crate) stage: Option<Stage>,
    /// The hosts that are reached by a proxy, where there is one.
    pub(crate) proxy: Option<Vec<String>>,
    /// Folders that can be written.
    pub(crate) writable: Vec<PathBuf>,
    /// [`Limits::tasks`](crate::Limits::tasks).
    pub(crate) tasks: Option<u64>,
    /// [`Limits::file_size`](crate::Limits::file_size).
    pub(crate) file_size: Option<u64>,
}

/// Mounts that the supervisor makes where only it and what it starts sees them, under numbers: bubblewrap takes them from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Whom the supervisor, which is root until then, becomes.
    pub(crate) user: Option<User>,
    /// It becomes that user only when the command has ended; else before it begins.
    pub(crate) late: bool,
    /// The first is number 0.
    pub(crate) binds: Vec<Bind>,
    /// [`Limits::disk`](crate::Limits::disk).
    pub(crate) disk: Option<u64>,
}

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A file or folder of this side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bind {
    pub(crate) source: PathBuf,
    /// A user namespace that shows the files of the folder's owner as the user's own.
    pub(crate) mapping: Option<PathBuf>,
    /// It is of no use without the mapping.
    pub(crate) writable: bool,
    /// The folder of an upper layer, which takes what is written.
    pub(crate) layer: Option<PathBuf>,
}

impl Jail {
    fn write(&self, to: &mut Writer) {
        to.option(self.launcher.as_ref(), Writer::text);
        to.list(self.options.iter(), Writer::text);
        to.list(self.files.iter(), |to, (at, content)| {
            to.text(at);
            to.bytes(content);
        });
        to.flag(self.binds_files);
        to.list(self.filters.iter(), |to, filter| to.bytes(filter));
        to.option(self.stage.as_ref(), |to, stage| stage.write(to));
        write_hosts(self.proxy.as_ref(), to);
        to.list(self.writable.iter(), Writer::text);
        to.option(self.tasks, Writer::number);
        to.option(self.file_size, Writer::number);
    }

    fn read(from: &mut Reader<'_, impl Read>) -> io::Result<Self> {
        Ok(Self {
            launcher: from.option(|from| from.text().map(PathBuf::from))?,
            options: from.list(Reader::text)?,
            files: from.list(|from| Ok((from.text()?, from.bytes()?)))?,
            binds_files: from.flag()?,
            filters: from.list(Reader::bytes)?,
            stage: from.option(Stage::read)?,
            proxy: read_hosts(from)?,
            writable: from.list(|from| from.text().map(PathBuf::from))?,
            tasks: from.option(Reader::number)?,
            file_size: from.option(Reader::number)?,
        })
    }
}

impl Stage {
    fn write(&self, to: &mut Writer) {
        to.option(self.user, |to, User { uid, gid }| {
            to.number(uid.into());
            to.number(gid.into());
        });
        to.flag(self.late);
        to.list(self.binds.iter(), |to, bind| bind.write(to));
        to.option(self.disk, Writer::number);
    }

    fn read(from: &mut Reader<'_, impl Read>) -> io::Result<Self> {
        Ok(Self {
            user: from.option(|from| Ok(User { uid: id(from.number()?)?, gid: id(from.number()?)? }))?,
            late: from.flag()?,
            binds: from.list(Bind::read)?,
            disk: from.option(Reader::number)?,
        })
    }
}

impl Bind {
    fn write(&self, to: &mut Writer) {
        to.text(&self.source);
        to.option(self.mapping.as_ref(), Writer::text);
        to.flag(self.writable);
        to.option(self.layer.as_ref(), Writer::text);
    }

    fn read(from: &mut Reader<'_, impl Read>) -> io::Result<Self> {
        let path = |from: &mut Reader<'_, _>| from.text().map(PathBuf::from);
        Ok(Self { source: path(from)?, mapping: from.option(path)?, writable: from.flag()?, layer: from.option(path)? })
    }
}
