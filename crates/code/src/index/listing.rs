//! The list of files of an index, in bytes: what each holds, or why it was left out.

use domain::{Digest, RepoPath};

use super::wire::{Reader, put};
use super::{Error, Place, Skip};

const MAGIC: &[u8; 8] = b"fwlist\0\x01";

/// A file of an indexed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is.
    pub path: RepoPath,
    /// What the walk knew of it when it was read: it is not read again while this stays the same. `None` when it was not trusted.
    pub(super) stamp: Option<u64>,
    pub(crate) place: Result<Place, Skip>,
}

impl File {
    /// Returns why the file was left out; `None` for one that is in the index.
    #[must_use]
    pub fn skipped(&self) -> Option<Skip> {
        self.place.err()
    }
}

/// Writes a list of files, sorted by path.
pub(super) fn write(segments: &[Digest], files: &[File]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put(&mut out, segments.len() as u64);
    for segment in segments {
        out.extend_from_slice(segment.as_bytes());
    }
    put(&mut out, files.len() as u64);
    let mut last: &str = "";
    for file in files {
        let path = file.path.as_str();
        let shared = last.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        put(&mut out, shared as u64);
        put(&mut out, (path.len() - shared) as u64);
        out.extend_from_slice(path.as_bytes().get(shared..).unwrap_or_default());
        match file.place {
            Ok(place) => {
                put(&mut out, u64::from(place.segment) * 2);
                put(&mut out, u64::from(place.content));
            }
            Err(skip) => put(&mut out, skip as u64 * 2 + 1),
        }
        out.extend_from_slice(&file.stamp.unwrap_or(0).to_le_bytes());
        last = path;
    }
    out.extend_from_slice(Digest::of(&out).as_bytes());
    out
}

/// Reads what [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Digest>, Vec<File>), Error> {
    let body = bytes.strip_prefix(MAGIC).ok_or(Error::OtherVersion)?;
    let (listed, digest) = bytes.split_last_chunk::<32>().ok_or(Error::Damaged)?;
    if Digest::of(listed).as_bytes() != digest {
        return Err(Error::Damaged);
    }
    parse(body).ok_or(Error::Damaged)
}

fn parse(body: &[u8]) -> Option<(Vec<Digest>, Vec<File>)> {
    let mut reader = Reader::new(body);
    let count = reader.small()?;
    let segments =
        (0..count).map(|_| Some(Digest::from_bytes(reader.bytes(32)?.try_into().ok()?))).collect::<Option<Vec<_>>>()?;
    let count = reader.small()? as usize;
    let mut files = Vec::with_capacity(count.min(body.len()));
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let shared = reader.small()?;
        let suffix = reader.small()?;
        path.truncate(shared as usize);
        path.extend_from_slice(reader.bytes(suffix as usize)?);
        let place = reader.small()?;
        let place = if place % 2 == 0 {
            Ok(Place { segment: place / 2, content: reader.small()? })
        } else {
            Err(*Skip::ALL.get(place as usize / 2)?)
        };
        let stamp = u64::from_le_bytes(reader.bytes(8)?.try_into().ok()?);
        let stamp = Some(stamp).filter(|stamp| *stamp != 0);
        files.push(File { path: RepoPath::new(std::str::from_utf8(&path).ok()?).ok()?, stamp, place });
    }
    Some((segments, files))
}
