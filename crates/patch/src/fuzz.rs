//! What must hold of [`plan`](crate::plan()) for any answer, and a way to make answers that are nearly real.
//!
//! Fuzzers of any make call [`bytes`] and [`mutated`] with bytes of theirs: the targets of cargo-fuzz, the runner on a stable compiler, and
//! the share that is a test. What is made of the bytes depends on nothing else, so that a case can be told by its bytes.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use domain::{Files, RepoPath};

use crate::{FileChange, Outcome, Plan, Refusal, Special, Tree, plan};

/// An answer and the files that it is for.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// The answer.
    pub answer: Vec<u8>,
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What came of a case in which everything held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It was planned.
    Changes,
    /// It was there already.
    AlreadyApplied,
    /// It was refused.
    Refused,
}

/// More text than this is no refusal that anybody reads.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// What stands in each tree beside its files, and may not be written through.
const SPECIAL: [(&str, Special); 3] = [("link", Special::Link), ("sub", Special::Submodule), ("pipe", Special::Other)];

/// What answers are made of, and what hostile ones name.
const PIECES: &[&str] = &[
    "--- a/src/f.rs\n",
    "+++ b/src/f.rs\n",
    "diff --git a/src/f.rs b/src/f.rs\n",
    "@@ -1,3 +1,3 @@\n",
    "@@\n",
    "@@ -0,0 +1 @@\n",
    "@@ def f():\n",
    " a\n",
    "-b\n",
    "+c\n",
    "a\n",
    "\n",
    "```\n",
    "```diff\n",
    "~~~~\n",
    "src/f.rs\n",
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "*** Begin Patch\n",
    "*** End Patch\n",
    "*** Update File: src/f.rs\n",
    "*** Add File: g\n",
    "*** Delete File: src/f.rs\n",
    "*** Move to: h\n",
    "*** End of File\n",
    "{\"diff\": \"",
    "{\"path\": \"src/f.rs\", \"old\": \"",
    "\", \"new\": \"",
    "\"}",
    "[",
    "]",
    "\\n",
    "\\u0000",
    "...\n",
    "// ... existing code ...\n",
    "\\ No newline at end of file\n",
    "rename from src/f.rs\n",
    "rename to ../x\n",
    "new file mode 120000\n",
    "new file mode 100755\n",
    "new file mode 160000\n",
    "old mode 100644\nnew mode 100755\n",
    "deleted file mode 100644\n",
    "cat > src/f.rs <<'EOF'\n",
    "EOF\n",
    "&lt;",
    "&amp;quot;",
    "> ",
    "    ",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{201c}",
    "\u{a0}",
    "\u{0}",
    "--- /dev/null\n",
    "+++ /dev/null\n",
    "+++ b/../x\n",
    "+++ b/.GIT/hooks/post-commit\n",
    "+++ /etc/passwd\n",
    "+++ b/link/x\n",
    "+++ b/sub/x\n",
    "+++ b/pipe\n",
    "+++ b/.fixwright-commit/journal.json\n",
    "*** Add File: link/y\n",
    "*** Add File: .git/config\n",
    "*** Add File: src/f.rs/under\n",
    "GIT binary patch\nliteral 3\nKcmZ\n\n",
];

/// Gives numbers out of bytes; past their end, zeros.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let (taken, rest) = self.0.split_at(self.0.len().min(2));
        self.0 = rest;
        taken.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)) % limit.max(1)
    }
}

/// Checks an answer of any bytes, or of marks in any order.
///
/// # Errors
/// What does not hold.
pub fn bytes(data: &[u8]) -> Result<Held, String> {
    check(&assembled(data))
}

/// Makes an answer over a few small files: of the bytes as they are, or of a mark for each of them.
#[must_use]
pub fn assembled(data: &[u8]) -> Case {
    let files = [("src/f.rs", "a\nb\nc\n"), ("src/deep/g.rs", "fn main() {\n    a();\n}\n"), ("h", "one\r\ntwo\r\nlast")];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).into();
    let answer = match data.split_first() {
        Some((first, rest)) if first % 4 > 0 => {
            let piece = |byte: &u8| PIECES.get(usize::from(*byte) % PIECES.len()).copied().unwrap_or_default().bytes();
            rest.iter().take(60).flat_map(piece).collect()
        }
        _ => data.to_vec(),
    };
    Case { answer, files }
}

/// Reads a scenario folder: `answer`, and the files in `before/`.
///
/// # Errors
/// When it cannot be read.
pub fn scenario(folder: &Path) -> io::Result<Case> {
    let root = folder.join("before");
    let mut case = Case { answer: std::fs::read(folder.join("answer"))?, files: BTreeMap::new() };
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.strip_prefix(&root).ok().and_then(Path::to_str) {
                case.files.insert(name.to_owned(), std::fs::read(&path)?);
            }
        }
    }
    Ok(case)
}

/// Checks one of `seeds`, changed as `data` says.
///
/// # Errors
/// What does not hold.
pub fn mutated(seeds: &[Case], data: &[u8]) -> Result<Held, String> {
    check(&mutate(seeds, data))
}

/// Makes a case of real ones: which, and what is done to it, is what `data` says.
#[must_use]
pub fn mutate(seeds: &[Case], data: &[u8]) -> Case {
    let mut choices = Choices(data);
    let mut case = seeds.get(choices.below(seeds.len())).cloned().unwrap_or_default();
    for _ in 0..choices.below(7) {
        let mut lines: Vec<Vec<u8>> = case.answer.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let (one, other) = (choices.below(lines.len()), choices.below(lines.len()));
        let piece = PIECES.get(choices.below(PIECES.len())).copied().unwrap_or_default();
        match choices.below(19) {
            0 => drop(lines.splice(one..lines.len().min(one + 1), [])),
            1 => lines.insert(one, lines.get(other).cloned().unwrap_or_default()),
            2 if one < lines.len() && other < lines.len() => lines.swap(one, other),
            3 => lines.insert(one, piece.into()),
            4 => lines.iter_mut().skip(one).take(1).for_each(|line| *line = piece.into()),
            5 => lines.iter_mut().skip(one).take(1).for_each(|line| drop(line.splice(..line.len().min(1), []))),
            6 => lines.iter_mut().skip(one).take(choices.below(9)).for_each(|line| line.insert(line.len().min(1), b' ')),
            7 => lines.truncate(one),
            8 => lines.iter_mut().skip(one).take(1).for_each(|line| line.truncate(other)),
            9 => lines.iter_mut().for_each(|line| {
                if line.last() == Some(&b'\n') {
                    line.insert(line.len() - 1, b'\r');
                }
            }),
            10 => lines = vec![serde_json::json!({"diff": String::from_utf8_lossy(&case.answer)}).to_string().into_bytes()],
            11 => lines = [vec![b"Here:\n```\n".to_vec()], lines, vec![b"```\n".to_vec()]].concat(),
            12 => {
                let with = seeds.get(choices.below(seeds.len()));
                lines.extend(with.map(|seed| seed.answer.clone()));
            }
            13 => {
                let from = String::from_utf8_lossy(&case.answer).into_owned();
                lines = vec![from.replace('&', "&amp;").replace('<', "&lt;").into_bytes()];
            }
            14 => lines.iter_mut().for_each(|line| drop(line.splice(0..0, *b"> "))),
            15 => {
                let name = ["../x", ".git/config", "/etc/passwd", "link/x", "sub/x", ".GIT/x", "h/..", "C:\\x", ".git./x"];
                let to = name.get(choices.below(name.len())).copied().unwrap_or_default();
                let from = case.files.keys().nth(choices.below(case.files.len())).cloned().unwrap_or_default();
                lines = vec![String::from_utf8_lossy(&case.answer).replace(&from, to).into_bytes()];
            }
            16 | 17 => mutate_file(&mut case, &mut choices),
            _ => {
                let at = choices.below(case.answer.len());
                let byte = u8::try_from(choices.below(256)).unwrap_or(0);
                let mut answer = case.answer.clone();
                answer.iter_mut().skip(at).take(1).for_each(|old| *old = byte);
                lines = vec![answer];
            }
        }
        case.answer = lines.concat();
        // Pieces of pieces of pieces: what is past this says nothing new.
        case.answer.truncate(64 * 1024);
    }
    case
}

fn mutate_file(case: &mut Case, choices: &mut Choices<'_>) {
    let at = choices.below(case.files.len());
    let Some(text) = case.files.values_mut().nth(at) else { return };
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (choices.below(lines.len()), choices.below(lines.len()));
    match choices.below(6) {
        0 => drop(lines.splice(one..lines.len().min(one + 1), [])),
        1 => lines.insert(one, lines.get(other).cloned().unwrap_or_default()),
        2 if one < lines.len() && other < lines.len() => lines.swap(one, other),
        3 => lines.iter_mut().skip(one).take(3).for_each(|line| line.insert(0, b' ')),
        4 => lines.iter_mut().skip(one).take(1).for_each(|line| line.truncate(line.len().saturating_sub(1))),
        _ => lines = [lines.clone(), lines].concat(),
    }
    *text = lines.concat();
    text.truncate(64 * 1024);
}

/// Plans the case and says what does not hold, if anything.
///
/// # Errors
/// What does not hold.
pub fn check(case: &Case) -> Result<Held, String> {
    let files = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<RepoPath, Vec<u8>> {
        files.iter().filter_map(|(path, text)| Some((RepoPath::new(path).ok()?, text.clone()))).collect()
    };
    let before = files(&case.files);
    let special = SPECIAL.iter().filter_map(|(path, kind)| Some((RepoPath::new(path).ok()?, *kind)));
    let special: BTreeMap<RepoPath, Special> = special.filter(|(path, _)| !before.contains_key(path)).collect();
    let tree = |files: BTreeMap<RepoPath, Vec<u8>>| Tree::new(Files::from_map(files)).with_special(special.clone());
    let plan_once = match plan(&case.answer, &tree(before.clone())) {
        Err(refusal) => return readable(&refusal).map(|()| Held::Refused),
        Ok(plan) => plan,
    };
    for change in &plan_once.files {
        beneath(change, &before, &special)?;
    }
    let distinct: std::collections::BTreeSet<&RepoPath> = plan_once.files.iter().map(|file| &file.path).collect();
    if distinct.len() != plan_once.files.len() {
        return Err("a file is written twice".to_owned());
    }
    if plan_once.files.is_empty() != (plan_once.outcome == Outcome::AlreadyApplied) {
        return Err(format!("{:?} with {} files", plan_once.outcome, plan_once.files.len()));
    }
    let _ = (plan_once.manifest(), plan_once.counts());
    if plan_once.outcome == Outcome::AlreadyApplied {
        return Ok(Held::AlreadyApplied);
    }
    let after = written(&before, &plan_once);
    again(&plan_once, &tree(before), &after)?;
    // Once more: there already, refused, or something that is not there yet; never the same lines again.
    if let Ok(twice) = plan(&case.answer, &tree(after.clone())) {
        not_doubled(&plan_once, &twice)?;
    }
    Ok(Held::Changes)
}

fn readable(refusal: &Refusal) -> Result<(), String> {
    let length = refusal.to_string().len().max(serde_json::to_string(refusal).map_err(|error| error.to_string())?.len());
    if length > LONGEST_REFUSAL { Err(format!("a refusal of {length} bytes")) } else { Ok(()) }
}

/// Every path of a plan is a file of the tree or can become one, and nothing that may not be written.
fn beneath(
    change: &FileChange,
    before: &BTreeMap<RepoPath, Vec<u8>>,
    special: &BTreeMap<RepoPath, Special>,
) -> Result<(), String> {
    let path = change.path.as_str();
    let escapes = path.is_empty()
        || path.starts_with('/')
        || path.contains(['\\', '\0'])
        || path.split('/').any(|part| {
            let bare = part.trim_end_matches(['.', ' ']).to_lowercase();
            bare.is_empty() || bare == ".git" || bare == "git~1" || bare == crate::STAGE || part == ".."
        });
    if escapes {
        return Err(format!("`{path}` is no path of the tree"));
    }
    let mut part = path;
    loop {
        if special.keys().any(|known| known.as_str() == part) {
            return Err(format!("`{path}` goes through `{part}`"));
        }
        let Some((folder, _)) = part.rsplit_once('/') else { break };
        part = folder;
        if before.keys().any(|known| known.as_str() == part) {
            return Err(format!("`{path}` lies beneath the file `{part}`"));
        }
    }
    if change.before.as_deref() != before.get(&change.path).map(Vec::as_slice) {
        return Err(format!("`{path}` is not what it was planned for"));
    }
    if change.before == change.after && change.executable.is_none() {
        return Err(format!("`{path}` is not changed"));
    }
    Ok(())
}

fn written(before: &BTreeMap<RepoPath, Vec<u8>>, plan: &Plan) -> BTreeMap<RepoPath, Vec<u8>> {
    let mut after = before.clone();
    for file in &plan.files {
        match &file.after {
            Some(text) => drop(after.insert(file.path.clone(), text.to_vec())),
            None => drop(after.remove(&file.path)),
        }
    }
    after
}

/// The canonical diff of a plan, read as an answer, is the same plan, where it is not refused.
fn again(first: &Plan, tree: &Tree, after: &BTreeMap<RepoPath, Vec<u8>>) -> Result<(), String> {
    let diff = first.diff();
    match plan(&diff, tree) {
        Ok(second) if second.outcome == Outcome::Changes => {
            let texts = |plan: &Plan| -> BTreeMap<RepoPath, Option<Vec<u8>>> {
                plan.files.iter().map(|file| (file.path.clone(), file.after.as_deref().map(<[u8]>::to_vec))).collect()
            };
            if texts(first) == texts(&second) {
                Ok(())
            } else {
                let said = String::from_utf8_lossy(&diff);
                Err(format!("the canonical diff means something else than the plan ({} files):\n{said}", after.len()))
            }
        }
        _ => Ok(()),
    }
}

/// Says whether the second plan adds what the first has added, at the place where that stands.
fn not_doubled(first: &Plan, second: &Plan) -> Result<(), String> {
    for file in &second.files {
        let Some(known) = first.files.iter().find(|known| known.path == file.path) else { continue };
        let [first, then, again] = [&known.before, &file.before, &file.after].map(|text| text.as_deref().unwrap_or_default());
        if crate::place::doubles(first, then, again) {
            return Err(format!("`{}` gets the same lines when it is applied twice", file.path));
        }
    }
    Ok(())
}
