//! A file that the user names as input of a command, `-` for standard input.

use std::io::Read as _;
use std::path::Path;

use super::Usage;

/// Returns the text of `file`; bytes that are no UTF-8 are replaced.
///
/// # Errors
/// [`Usage`] with `hint` where it cannot be read or is larger than `largest` MiB.
pub(super) fn read(file: &Path, largest: u64, hint: &str) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&read_bytes(file, largest, hint)?).into_owned())
}

/// Returns the bytes of `file`.
///
/// # Errors
/// As [`read`].
pub(super) fn read_bytes(file: &Path, largest: u64, hint: &str) -> anyhow::Result<Vec<u8>> {
    let name = if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() };
    let wrong = |problem: String| Usage { problem, hint: hint.to_owned() };
    let limit = largest << 20;
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().take(limit + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| wrong(format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(wrong(format!("{name} is larger than {largest} MiB")).into());
    }
    Ok(bytes)
}
