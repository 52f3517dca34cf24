//! Asks a program for its version, or what it can do: in a neutral folder, with the environment of a recipe, and never for long.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::env::Env;

const LIMIT: Duration = Duration::from_secs(5);
/// More than any version.
const LONGEST: u64 = 64 << 10;

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// Its standard output, or its standard error where that is empty, without blanks around it.
    pub(crate) text: String,
}

/// Runs a program and returns what it said, `None` when it cannot be started or does not answer in time; then it is killed.
pub(crate) fn ask(env: &Env, program: &Path, arguments: &[&str]) -> Option<Answer> {
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(env.recipe_env(Path::new("/nonexistent"), &[]))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // A program may leave others behind that keep the pipes open: the readers are waited for no longer than the program.
    let (to, from) = mpsc::channel();
    let streams: [(bool, Option<Box<dyn std::io::Read + Send>>); 2] =
        [(false, child.stdout.take().map(|s| Box::new(s) as _)), (true, child.stderr.take().map(|s| Box::new(s) as _))];
    for (is_error, stream) in streams {
        let (to, stream) = (to.clone(), stream?);
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stream.take(LONGEST).read_to_end(&mut bytes);
            // Nobody listens any more when it took too long.
            let _ = to.send((is_error, read.map(|_| bytes)));
        });
    }
    drop(to);
    let (mut out, mut error) = (Vec::new(), Vec::new());
    let deadline = std::time::Instant::now() + LIMIT;
    for _ in 0..2 {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        match from.recv_timeout(left) {
            Ok((false, Ok(bytes))) => out = bytes,
            Ok((true, Ok(bytes))) => error = bytes,
            _ => {
                // It may have ended between the two; then there is nothing to kill.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
    // Both pipes are closed, so it has ended or closed them on purpose; one that goes on without a voice is not waited for.
    let status = match child.try_wait() {
        Ok(Some(status)) => Some(status),
        _ => wait_briefly(&mut child),
    }?;
    let said = if out.iter().all(u8::is_ascii_whitespace) { error } else { out };
    let text = String::from_utf8_lossy(&said).trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
    Some(Answer { success: status.success(), text })
}

fn wait_briefly(child: &mut std::process::Child) -> Option<std::process::ExitStatus> {
    for _ in 0..100 {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    child.wait().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Option<Answer> {
        ask(&Env::from_pairs([("PATH", "/usr/bin:/bin"), ("A_TOKEN", "x")]), Path::new("/bin/sh"), &["-c", script])
    }

    #[test]
    fn it_returns_what_was_said_and_how_it_ended() {
        let answer = |success, text: &str| Some(Answer { success, text: text.to_owned() });
        assert_eq!(sh("echo ' 1.2 '; echo noise >&2"), answer(true, "1.2"));
        assert_eq!(sh("echo 'gone wrong' >&2; exit 3"), answer(false, "gone wrong"));
        assert_eq!(sh("pwd; echo \"[$A_TOKEN]\""), answer(true, "/\n[]"));
        assert_eq!(ask(&Env::default(), Path::new("/no/such/program"), &[]), None);
    }

    #[test]
    fn endless_output_ends() {
        assert_eq!(sh("yes | head -c 1000000").map(|answer| answer.text.len()), Some(LONGEST as usize - 1));
    }
}
