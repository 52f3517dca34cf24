//! What Python itself says of changed Python files: the part of the gate `syntax` that needs a command.
//!
//! A grammar lets much through that no interpreter takes (`return` outside of a function, two arguments of one name). `compile()` runs
//! nothing of the code; the interpreter is that of the repository where it has one, so it runs behind the same walls as a recipe, without
//! the packages that are installed into it. What it refuses already at the base is no fault of the change: the interpreter at hand may be
//! older than the code.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use domain::{Digest, Evidence, Files, Gate, Language, Reason, RepoPath, Verdict};
use sandbox::{Command, Status};
use serde::{Deserialize, Serialize};

use super::errand::Purpose;
use super::regress::counted;
use super::run::Runner;
use crate::config::Network;
use crate::contain::Reach;
use crate::workspace::Changes;

/// Far beyond what compiling some files takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// A change with more Python than this is looked at by the grammar alone.
const MOST_BYTES: usize = 32 << 20;

/// Texts come as bytes, each a character, so that Python finds the encoding that the file names. What is too deep or too large for the
/// compiler says nothing of the text.
const SCRIPT: &str = r#"
import json, sys, warnings
warnings.simplefilter("ignore")
def refused(text, path):
    try:
        compile(text.encode("latin-1"), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return {"path": path, "line": getattr(error, "lineno", None) or 1, "message": str(getattr(error, "msg", None) or error)[:200]}
    except (RecursionError, MemoryError, OverflowError):
        return None
out = []
for one in json.load(sys.stdin):
    now = refused(one["after"], one["path"])
    if now and not (one["before"] is not None and refused(one["before"], one["path"])):
        now["new"] = one["before"] is None
        out.append(now)
json.dump(out, sys.stdout)
"#;

/// A Python file as it was and as it becomes, a character a byte.
#[derive(Serialize)]
struct Asked<'a> {
    path: &'a RepoPath,
    before: Option<String>,
    after: String,
}

/// A file that compiled before and does not any more.
#[derive(Deserialize)]
struct Refused {
    path: String,
    line: u32,
    message: String,
    /// There was no such file.
    new: bool,
}

impl Runner {
    /// Returns what Python says of the Python files among changes to the base; `None` where none are changed, or there is no Python.
    pub(super) async fn compile_python(self: &Arc<Self>, base: &Files, tree: &Changes) -> anyhow::Result<Option<Evidence>> {
        let as_text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
        let mut asked: Vec<Asked<'_>> = Vec::new();
        let mut bytes = 0;
        for (path, after) in tree {
            let (Some(Language::Python), Some(after)) = (code::language_of(path), after) else { continue };
            let before = base.read(path);
            bytes += after.len() + before.as_ref().map_or(0, |text| text.len());
            asked.push(Asked { path, before: before.as_deref().map(as_text), after: as_text(after) });
        }
        if asked.is_empty() || bytes > MOST_BYTES {
            return Ok(None);
        }
        let input = serde_json::to_vec(&asked)?;
        let key = Digest::of(&input);
        if let Some(known) = self.compiled.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return Ok(known);
        }
        let evidence = match self.ask_python(input).await? {
            Some(refused) => Some(judged(asked.len(), &refused)),
            None => {
                // Whether it is Python that does not work or the change that it dies of, the base tells.
                let count = asked.len();
                asked.iter_mut().for_each(|one| one.after = one.before.take().unwrap_or_default());
                let works = self.ask_python(serde_json::to_vec(&asked)?).await?.is_some();
                let detail = format!("Python could not look at the changed {}", counted(count, "file"));
                works.then(|| Evidence::still(Gate::Syntax, Verdict::Inconclusive, Some(Reason::CouldNotRun), detail))
            }
        };
        if let Ok(mut known) = self.compiled.lock() {
            known.insert(key, evidence.clone());
        }
        Ok(evidence)
    }

    /// Has Python compile; `None` when it is not there, or did not come to an end.
    async fn ask_python(self: &Arc<Self>, input: Vec<u8>) -> anyhow::Result<Option<Vec<Refused>>> {
        let home = self.folder.join("home");
        let env = self.environment(0, &home, &self.folder, Purpose::Write)?;
        let reach = Reach { read: self.readable(&env), ..Reach::default() };
        let policy = self.containment.policy(self.with_own_folders(reach)?, Network::None);
        // Isolated: neither the folder nor the packages of anybody are imported from.
        let argv: Vec<OsString> = ["python3", "-I", "-S", "-B", "-c", SCRIPT].map(OsString::from).into();
        match self.run_command(Command { argv, cwd: home, env, stdin: Some(input) }, policy, PATIENCE).await {
            Ok((outcome, _)) if outcome.status == Status::Exited(0) => Ok(serde_json::from_slice(&outcome.stdout.text()).ok()),
            Ok(_) => Ok(None),
            Err(error) if matches!(error.downcast_ref(), Some(sandbox::Error::NotFound { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn judged(count: usize, refused: &[Refused]) -> Evidence {
    // The grammar has read a new file whole, so this is how code for a newer Python looks to an older one.
    let is_newer = |one: &&Refused| one.new && one.message.starts_with("invalid syntax");
    let (newer, broken): (Vec<_>, Vec<_>) = refused.iter().partition(is_newer);
    let shown = |one: &&Refused| format!("{}:{}: {}", one.path, one.line, one.message);
    match (broken.first(), newer.first()) {
        (Some(first), _) => {
            Evidence::still(Gate::Syntax, Verdict::Fail, Some(Reason::SyntaxBroken), format!("Python refuses {}", shown(first)))
        }
        (None, Some(first)) => {
            let detail = format!("the Python at hand is perhaps older than {}", shown(first));
            Evidence::still(Gate::Syntax, Verdict::Pass, None, detail)
        }
        (None, None) => Evidence::still(
            Gate::Syntax,
            Verdict::Pass,
            None,
            format!("Python compiles {} as well as before", counted(count, "file")),
        ),
    }
}
