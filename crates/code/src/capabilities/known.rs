//! Scans that are known, by the content of the file: the base of a change is looked at once, however many changes to it are asked about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use domain::{Digest, RepoPath};

use super::{Scan, capabilities};

/// More are forgotten, all at once: they come again.
const MOST_KNOWN: usize = 2000;

/// See the module.
#[derive(Debug, Default)]
pub struct Scans {
    known: Mutex<HashMap<(RepoPath, Digest), Arc<Scan>>>,
}

impl Scans {
    /// Returns what a file lets the program do.
    #[must_use]
    pub fn of(&self, path: &RepoPath, text: &[u8]) -> Arc<Scan> {
        let key = (path.clone(), Digest::of(text));
        if let Some(scan) = self.known.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return scan;
        }
        let scan = Arc::new(capabilities(path, text));
        if let Ok(mut known) = self.known.lock() {
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(key, Arc::clone(&scan));
        }
        scan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_looked_at_once_for_each_content() {
        let (scans, path) = (Scans::default(), RepoPath::new("a.py").unwrap());
        let first = scans.of(&path, b"eval(x)\n");
        assert!(Arc::ptr_eq(&first, &scans.of(&path, b"eval(x)\n")));
        assert_eq!((first.found.len(), scans.of(&path, b"x = 1\n").found.len()), (1, 0));
        // What a file is called says how it is read.
        assert!(scans.of(&RepoPath::new("notes").unwrap(), b"eval(x)\n").found.is_empty());
    }
}
