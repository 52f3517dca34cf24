//! Does to a folder what an upper layer says was done to it: how a run whose writing was bounded leaves its work behind.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::beneath::Root;
use super::upper::{What, entries};

/// Carries the changes over. What no path leads to, and sockets and devices, stay behind. Folders get their modes last: one that is
/// closed could not be filled.
pub(crate) fn keep(upper: &Root, target: &Root) -> io::Result<()> {
    let (entries, _) = entries(upper)?;
    let mut names: BTreeMap<(u64, u64), PathBuf> = BTreeMap::new();
    let mut modes = Vec::new();
    for entry in entries {
        let path = &entry.path;
        match entry.what {
            What::Folder { opaque } => {
                if opaque {
                    target.remove(path)?;
                }
                target.make_folder(path)?;
                modes.push((entry.path, entry.stat.st_mode));
            }
            What::File => {
                let first = (entry.stat.st_nlink > 1).then(|| names.get(&(entry.stat.st_dev, entry.stat.st_ino))).flatten();
                if let Some(first) = first {
                    target.put_name(path, first)?;
                    continue;
                }
                target.put_file(path, &mut upper.own_file(path)?, entry.stat.st_mode)?;
                names.insert((entry.stat.st_dev, entry.stat.st_ino), entry.path);
            }
            What::Link => target.put_link(path, &upper.link(path)?)?,
            What::Pipe => target.put_pipe(path, entry.stat.st_mode)?,
            What::Gone => target.remove(path)?,
            What::Odd => {}
        }
    }
    for (path, mode) in modes.iter().rev() {
        target.set_mode(path, *mode)?;
    }
    Ok(())
}
