//! What the last program before a command, behind the walls, is told.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;

use super::bytes::{Reader, Writer};

/// A command behind the walls, and what is set just before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inside {
    pub(crate) program: PathBuf,
    pub(crate) argv: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Folders that can be written.
    pub(crate) writable: Vec<PathBuf>,
    pub(crate) tasks: Option<u64>,
    pub(crate) file_size: Option<u64>,
    pub(crate) descriptors: u64,
}

impl Inside {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.text(&self.program);
        to.list(self.argv.iter(), Writer::text);
        to.list(self.env.iter(), |to, (name, value)| {
            to.text(name);
            to.text(value);
        });
        to.list(self.writable.iter(), Writer::text);
        to.option(self.tasks, Writer::number);
        to.option(self.file_size, Writer::number);
        to.number(self.descriptors);
        to.finish()
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut from = Reader(from);
        Ok(Self {
            program: from.text()?.into(),
            argv: from.list(Reader::text)?,
            env: from.list(|from| Ok((from.text()?, from.text()?)))?,
            writable: from.list(|from| from.text().map(PathBuf::from))?,
            tasks: from.option(Reader::number)?,
            file_size: from.option(Reader::number)?,
            descriptors: from.number()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_arrives_as_it_was_sent() {
        let inside = Inside {
            program: "/bin/tool".into(),
            argv: vec!["tool".into(), "".into()],
            env: vec![("A".into(), "b".into())],
            writable: vec!["/w".into()],
            tasks: Some(1),
            file_size: None,
            descriptors: 3,
        };
        let bytes = inside.encode();
        assert_eq!(Inside::read(&mut bytes.as_slice()).unwrap(), inside);
        assert!(Inside::read(&mut bytes.split_last().unwrap().1).is_err());
    }
}
