//! The processes that a run left behind.

use std::fs;

/// Returns every living process whose environment holds `mark`, as `<number>: <command line>`; those of other users are not seen.
#[must_use]
pub fn processes_with(mark: &str) -> Vec<String> {
    assert!(!mark.is_empty(), "an empty mark is in every environment");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("reading /proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environ.windows(mark.len()).any(|part| part == mark.as_bytes()) {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(format!("{pid}: {}", String::from_utf8_lossy(&command).replace('\0', " ").trim_end()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_found_by_its_environment_while_it_lives() {
        let mark = format!("testkit-{}", std::process::id());
        // Waits for an input that comes when this test ends it.
        let mut child = Command::new("cat").env("SOME_MARK", &mark).stdin(Stdio::piped()).spawn().unwrap();
        assert_eq!(processes_with(&mark), [format!("{}: cat", child.id())]);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(processes_with(&mark), Vec::<String>::new());
    }
}
