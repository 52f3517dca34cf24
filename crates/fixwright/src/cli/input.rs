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

/// Refuses what is packed: a CI system hands the logs of a run out as an archive, and what is in it has to be named.
///
/// # Errors
/// [`Usage`] where `beginning` is that of an archive or of compressed bytes.
pub(super) fn refuse_packed(file: &Path, beginning: &[u8]) -> anyhow::Result<()> {
    const KINDS: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"\xfd7zXZ\0", "compressed (xz)"),
        (b"BZh", "compressed (bzip2)"),
    ];
    let Some((_, what)) = KINDS.iter().find(|(start, _)| beginning.starts_with(start)) else { return Ok(()) };
    let name = if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() };
    let hint =
        "unpack it, and name the log or the report that is in it; of a run's archive, that of the job that failed".to_owned();
    Err(Usage { problem: format!("{name} is {what}"), hint }.into())
}
