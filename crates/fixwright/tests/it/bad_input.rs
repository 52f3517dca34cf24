//! Repositories, settings and surroundings that are not as one would wish: each has a clear answer and its exit code, and nothing of
//! the user's is touched.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use testkit::Repo;

use crate::bench::{Bench, Ran, code};
use crate::spelling::{good, repository, texts};

fn bench() -> Bench {
    Bench::new(repository(&texts(3, good)))
}

/// Asserts that a command ended with this code and an error that begins so, with help below it.
#[track_caller]
fn assert_error(ran: &Ran, code: i32, said: &str) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(&format!("error: {said}")) && ran.stderr.contains("help: "), "not `{said}`: {}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

/// Asserts that the main job works as ever in a folder, and that its branch arrives.
#[track_caller]
fn assert_works(bench: &Bench, path: &Path) -> Ran {
    let before = bench.repo.snapshot();
    let ran = bench.run([OsStr::new("fix"), OsStr::new("--json"), path.as_os_str()]);
    let document = ran.document(code::DONE);
    assert_eq!(document["branches"].as_array().unwrap().len(), 1, "{document:#}");
    assert_eq!(bench.repo.snapshot(), before);
    assert_eq!(bench.left(), Vec::<String>::new());
    ran
}

#[test]
fn what_is_no_repository_with_a_commit_is_said_to_be_none() {
    let bench = bench();
    let folder = bench.repo.beside("plain");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("file"), "").unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    for command in ["fix", "run", "report", "init"] {
        assert_error(&bench.run([command, &path("nowhere")]), code::REPOSITORY, &format!("{}: no such folder", path("nowhere")));
        assert_error(&bench.run([command, &path(".")]), code::REPOSITORY, &format!("{}: not a git repository", folder.display()));
        assert_error(&bench.run([command, &path("file")]), code::REPOSITORY, &format!("{}: not a git repository", path("file")));
    }
    let unborn = Bench::new(Repo::new());
    assert_error(
        &unborn.run(["fix"]),
        code::REPOSITORY,
        &format!("{}: the repository has no commit yet", unborn.repo.path().display()),
    );
    let orphan = self::bench();
    orphan.repo.git(["checkout", "--quiet", "--orphan", "new"]);
    assert_error(
        &orphan.run(["fix"]),
        code::REPOSITORY,
        &format!("{}: the repository has no commit yet", orphan.repo.path().display()),
    );
    let empty = Bench::new(Repo::new());
    empty.repo.commit("nothing");
    assert_error(
        &empty.run(["fix"]),
        code::REPOSITORY,
        &format!("{}: the commit at HEAD holds no files", empty.repo.path().display()),
    );
}

#[test]
fn a_broken_repository_is_said_to_be_broken() {
    let bench = bench();
    let tree = bench.repo.git(["rev-parse", "HEAD^{tree}"]);
    fs::remove_file(bench.repo.path().join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let ran = bench.run(["fix"]);
    assert_error(&ran, code::REPOSITORY, "");
    let bench = self::bench();
    fs::write(bench.repo.path().join(".git/config"), "[core\nbroken").unwrap();
    assert_error(&bench.run(["fix"]), code::REPOSITORY, "");
}

#[test]
fn a_detached_head_is_worked_on() {
    let bench = bench();
    bench.repo.git(["checkout", "--quiet", "--detach"]);
    assert_works(&bench, bench.repo.path());
    let head = bench.repo.git(["rev-parse", "--short=12", "HEAD"]);
    let ran = bench.run(["report"]);
    assert!(ran.stdout.contains(&format!("next: git log -p {head}..fixwright/")), "{ran:?}");
}

#[test]
fn a_shallow_clone_is_worked_on() {
    let origin = bench();
    origin.repo.file("more.txt", "more").commit("second");
    let bench = Bench::new(Repo::new());
    let url = format!("file://{}", origin.repo.path().display());
    bench.repo.git(["-c", "protocol.file.allow=always", "fetch", "--quiet", "--depth=1", &url, "main"]);
    bench.repo.git(["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    assert_eq!(bench.repo.git(["rev-parse", "--is-shallow-repository"]), "true");
    assert_works(&bench, bench.repo.path());
    bench.repo.git(["fsck", "--no-dangling"]);
}

#[test]
fn a_submodule_is_left_alone_and_named() {
    let (bench, other) = (bench(), bench());
    let other = other.repo.path().to_str().unwrap().to_owned();
    bench.repo.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &other, "libs/other"]);
    bench.repo.commit("a submodule");
    let ran = assert_works(&bench, bench.repo.path());
    assert!(ran.stderr.contains("submodules are not checked out: libs/other"), "{ran:?}");
}

#[test]
fn odd_kinds_of_repositories_are_worked_on() {
    let bench = bench();
    let make: [(&str, &[&str]); 5] = [
        ("sha256", &["init", "--quiet", "--object-format=sha256", "--initial-branch=main", "sha256"]),
        ("shared", &["clone", "--quiet", "--shared", ".", "shared"]),
        ("packed", &["clone", "--quiet", "--no-local", "--no-hardlinks", ".", "packed"]),
        ("split", &["clone", "--quiet", ".", "split"]),
        ("separate", &["clone", "--quiet", "--separate-git-dir=separate.git", ".", "separate"]),
    ];
    for (name, args) in make {
        let folder = bench.repo.path().join(name);
        bench.repo.git(["-c", "protocol.file.allow=always"].iter().chain(args));
        let git = |args: &[&str]| bench.repo.git(["-C", name].iter().chain(args));
        match name {
            "sha256" => {
                for file in ["src", "tools", "fixwright.toml"] {
                    let copied =
                        std::process::Command::new("cp").arg("-r").arg(bench.repo.path().join(file)).arg(&folder).status();
                    assert!(copied.unwrap().success());
                }
                git(&["add", "--all"]);
                git(&["commit", "--quiet", "--message", "start"]);
            }
            "split" => drop([git(&["update-index", "--split-index"]), git(&["config", "core.splitIndex", "true"])]),
            "packed" => drop([git(&["gc", "--quiet"]), git(&["pack-refs", "--all"])]),
            _ => {}
        }
        let ran = bench.run([OsStr::new("fix"), OsStr::new("--json"), folder.as_os_str()]);
        let document = ran.document(code::DONE);
        let branch = document["branches"][0]["name"].as_str().unwrap();
        assert_eq!(document["branches"][0]["tip"], git(&["rev-parse", branch]).as_str(), "{name}");
        git(&["fsck", "--strict", "--no-dangling"]);
        assert!(!ran.stderr.contains("ignored, because not committed"), "{name}: {ran:?}");
    }
}

#[test]
fn inside_a_submodule_the_submodule_is_the_repository() {
    let (bench, other) = (bench(), bench());
    let url = other.repo.path().to_str().unwrap();
    bench.repo.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "libs/other"]);
    bench.repo.commit("a submodule");
    let before = bench.repo.snapshot();
    let folder = bench.repo.path().join("libs/other");
    let document = bench.run([OsStr::new("fix"), OsStr::new("--json"), folder.as_os_str()]).document(code::DONE);
    let name = document["branches"][0]["name"].as_str().unwrap();
    assert_eq!(bench.repo.git(["-C", "libs/other", "rev-parse", name]), document["branches"][0]["tip"].as_str().unwrap());
    assert_eq!((bench.branches(), bench.repo.snapshot()), (vec![], before));
}

#[test]
fn a_data_directory_inside_of_the_repository_is_none_of_its_files() {
    let bench = bench();
    let ran = Ran::of(bench.command(["fix", "--json", "--data-dir", "kept"]).env_remove("FIXWRIGHT_DATA_DIR").spawn().unwrap());
    ran.document(code::DONE);
    assert!(bench.repo.path().join("kept/fixwright.db").is_file());
    assert_eq!(bench.branches().len(), 1);
}

#[test]
fn a_bare_repository_is_worked_on_and_cannot_be_initialised() {
    let bench = bench();
    let bare = bench.repo.beside("bare.git");
    bench.repo.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let ran = bench.run([OsStr::new("fix"), OsStr::new("--json"), bare.as_os_str()]);
    let document = ran.document(code::DONE);
    let branch = document["branches"][0]["name"].as_str().unwrap();
    let tip = bench.repo.git(["--git-dir", bare.to_str().unwrap(), "rev-parse", branch]);
    assert_eq!(document["branches"][0]["tip"], tip);
    let ran = bench.run([OsStr::new("init"), bare.as_os_str()]);
    assert_error(&ran, code::USAGE, &format!("{} is a bare repository", bare.display()));
}

#[test]
fn a_linked_worktree_is_worked_on_at_its_own_head() {
    let bench = bench();
    let linked = bench.repo.beside("linked");
    bench.repo.git(["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    let git = |args: &[&str]| bench.repo.git(["-C", linked.to_str().unwrap()].iter().chain(args));
    fs::write(linked.join("src/side.txt"), "the colour of the side\n").unwrap();
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "side"]);
    let ran = assert_works(&bench, &linked);
    let document = ran.document(code::DONE);
    assert_eq!(document["base"], git(&["rev-parse", "HEAD"]).as_str());
    assert_eq!(document["base_branch"], "side");
    assert_eq!(bench.branches().len(), 1);
}

#[test]
fn a_folder_below_the_root_is_enough_and_is_the_same_repository() {
    let bench = bench();
    assert_works(&bench, &bench.repo.path().join("src"));
    let ran = bench.run(["report", "tools"]);
    assert!(ran.stdout.contains("3 of 3 findings gone"), "{ran:?}");
}

#[test]
fn odd_names_are_repaired_where_a_tool_can_name_them() {
    let texts = ["with blank", "-dash", "quo\"te", "ünï", "new\nline", "tab\t", "%41"]
        .map(|name| (name.to_owned(), "the colour\n".to_owned()));
    let repo = repository(&texts);
    repo.file(Path::new("src").join(OsStr::from_bytes(b"\xff.txt")), "the colour\n").commit("not UTF-8");
    let bench = Bench::new(repo);
    let before = bench.repo.snapshot();
    // The name that is not UTF-8 cannot stand in a report: its finding is listed, and says so.
    let document = bench.fix(&[]).document(code::REMAIN);
    let mut refused: Vec<_> = document["cases"].as_array().unwrap().iter().filter(|case| case["status"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{document:#}");
    let case = refused.remove(0);
    assert_eq!((&case["reason"], case["findings"].as_array().unwrap().len()), (&"location_unusable".into(), 1), "{case:#}");
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    let changed = bench.repo.git(["diff", "--name-only", "-z", "HEAD", tip]);
    let mut changed: Vec<_> = changed.split_terminator('\0').collect();
    changed.sort_unstable();
    let mut expected = texts.map(|(name, _)| format!("src/{name}.txt"));
    expected.sort();
    assert_eq!(changed, expected);
    assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()));
}

#[test]
fn an_odd_name_of_the_repository_itself_is_no_hindrance() {
    for name in [b"with blank".as_slice(), b"new\nline", b"\xff", b"quo\"te:#", b"-dash"] {
        let bench = bench();
        let folder = bench.repo.beside("").join(OsStr::from_bytes(name));
        bench.repo.git(["clone", "--quiet", "."].map(OsStr::new).into_iter().chain([folder.as_os_str()]));
        let ran = bench.run([OsStr::new("fix"), OsStr::new("--json"), folder.as_os_str()]);
        let document = ran.document(code::DONE);
        let branch = document["branches"][0]["name"].as_str().unwrap();
        let args = [OsStr::new("-C"), folder.as_os_str(), OsStr::new("rev-parse"), OsStr::new(branch)];
        assert_eq!(document["branches"][0]["tip"], bench.repo.git(args));
    }
}

#[test]
fn links_are_never_followed_out_of_the_tree() {
    let bench = bench();
    let outside = bench.repo.beside("outside.txt");
    fs::write(&outside, "the colour outside\n").unwrap();
    let repo = &bench.repo;
    repo.link("loop", "loop").link("src/loop", "../src").link("up", "../..").link("broken", "nowhere");
    repo.link("src/out.txt", &outside).link("src/within.txt", "text000.txt").link("etc", "/etc").commit("links");
    let before = repo.snapshot();
    let mut command = bench.command(["fix", "--json"]);
    // The linter follows them, and sees what it may see.
    command.env("FIXWRIGHT_SANDBOX_READ", &outside);
    let document = Ran::of(command.spawn().unwrap()).document(code::REMAIN);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "the colour outside\n");
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(repo.git(["diff", "--name-only", "HEAD", tip]), "src/text000.txt");
    assert_eq!((repo.snapshot(), bench.left()), (before, Vec::new()));
}

#[test]
fn nothing_of_the_repositorys_configuration_is_run() {
    let bench = bench();
    let repo = &bench.repo;
    let ran = repo.beside("ran");
    let trap = format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", ran.display());
    repo.program("trap", &trap);
    repo.file(".gitattributes", "* filter=trap diff=trap merge=trap ident text eol=crlf\n");
    repo.commit("with attributes");
    for hook in [
        "reference-transaction",
        "post-checkout",
        "post-index-change",
        "pre-auto-gc",
        "pre-receive",
        "update",
        "post-update",
        "post-commit",
        "pre-commit",
    ] {
        repo.program(format!(".git/hooks/{hook}"), &trap);
    }
    // Set last, so that only the program under test meets them.
    let trap = repo.path().join("trap");
    let trap = trap.to_str().unwrap();
    let settings = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "filter.trap.clean",
        "filter.trap.smudge",
        "filter.trap.process",
        "merge.trap.driver",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "sequence.editor",
    ];
    let mut config = fs::read_to_string(repo.path().join(".git/config")).unwrap();
    for setting in settings {
        let (section, key) = setting.rsplit_once('.').unwrap();
        let header = section.split_once('.').map_or(format!("[{section}]"), |(section, name)| format!("[{section} \"{name}\"]"));
        config += &format!("{header}\n\t{key} = {trap}\n");
    }
    config += "[filter \"trap\"]\n\trequired = true\n[commit]\n\tgpgSign = true\n[gc]\n\tauto = 1\n[core]\n\tautocrlf = true\n";
    for alias in ["rev-parse", "ls-tree", "fast-import", "update-ref", "diff-files"] {
        config += &format!("[alias]\n\t{alias} = !{trap}\n");
    }
    fs::write(repo.path().join(".git/config"), config).unwrap();
    // Looks changed by time and size, which is when filters are asked.
    repo.file("src/text000.txt", "dirty\n");
    let document = bench.fix(&[]).document(code::DONE);
    assert_eq!(document["branches"].as_array().unwrap().len(), 1);
    for command in [["run", "."], ["report", "."], ["init", "--force"], ["safety", "."]] {
        bench.run(command);
    }
    assert_eq!(fs::read_to_string(&ran).unwrap_or_default(), "");
}

#[test]
fn nothing_is_fetched_for_a_repository_that_lacks_objects() {
    let bench = bench();
    let repo = &bench.repo;
    let (ran, other) = (repo.beside("ran"), repo.beside("other"));
    repo.git(["clone", "--quiet", "--bare", ".", other.to_str().unwrap()]);
    let command = format!("touch '{}'; git-upload-pack", ran.display());
    repo.git(["config", "core.repositoryFormatVersion", "1"]);
    for (key, value) in [
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", other.to_str().unwrap()),
        ("remote.origin.uploadpack", &command),
        ("credential.helper", &format!("!{command}")),
    ] {
        repo.git(["config", key, value]);
    }
    fs::write(repo.path().join(".git/refs/heads/main"), format!("{}\n", "1234567890".repeat(4))).unwrap();
    for arguments in [["fix", "--plan"], ["run", "."], ["init", "--force"], ["safety", "--base=HEAD~1"]] {
        bench.run(arguments);
        assert!(!ran.exists(), "{arguments:?} let the repository's configuration run a command");
    }
    assert_error(&bench.run(["fix", "--plan"]), code::REPOSITORY, "");
}

#[test]
fn files_that_the_configuration_names_elsewhere_are_not_looked_at() {
    let bench = bench();
    let elsewhere = bench.repo.beside("elsewhere");
    fs::create_dir_all(elsewhere.join("node_modules")).unwrap();
    bench.repo.git(["config", "core.worktree", elsewhere.to_str().unwrap()]);
    assert_error(&bench.run(["fix", "--plan"]), code::REPOSITORY, "");
}

#[test]
fn the_git_variables_of_the_environment_are_not_believed() {
    let bench = bench();
    let other = self::bench();
    let ran = bench.repo.beside("ran");
    let trap = bench.repo.beside("bin").join("trap");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\n", ran.display())).unwrap();
    let before = (bench.repo.snapshot(), other.repo.snapshot());
    let mut command = bench.command(["fix", "--json"]);
    let elsewhere = other.repo.path();
    command
        .env("GIT_DIR", elsewhere.join(".git"))
        .env("GIT_WORK_TREE", elsewhere)
        .env("GIT_INDEX_FILE", elsewhere.join(".git/index"));
    command.env("GIT_OBJECT_DIRECTORY", elsewhere.join(".git/objects")).env("GIT_COMMON_DIR", elsewhere.join(".git"));
    command.env("GIT_CEILING_DIRECTORIES", "/").env("GIT_NAMESPACE", "other").env("GIT_DEFAULT_HASH", "sha256");
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "core.fsmonitor").env("GIT_CONFIG_VALUE_0", &trap);
    command.env("GIT_CONFIG_PARAMETERS", format!("'core.fsmonitor'='{}'", trap.display()));
    command
        .env("GIT_EXEC_PATH", bench.repo.beside("bin"))
        .env("GIT_EXTERNAL_DIFF", &trap)
        .env("GIT_TRACE", &ran)
        .env("GIT_TRACE2", &ran);
    command.env("GIT_AUTHOR_NAME", "Mallory").env("GIT_COMMITTER_DATE", "1 +0000").env("GIT_SSH_COMMAND", &trap);
    let document = Ran::of(command.spawn().unwrap()).document(code::DONE);
    assert_eq!(document["repository"], bench.repo.path().to_str().unwrap());
    assert_eq!(bench.branches().len(), 1);
    assert_eq!(
        bench.repo.git(["log", "-1", "--format=%an %cn", document["branches"][0]["tip"].as_str().unwrap()]),
        "fixwright fixwright"
    );
    assert_eq!(((bench.repo.snapshot(), other.repo.snapshot()), other.branches()), (before, vec![]));
    assert!(!ran.exists(), "{}", fs::read_to_string(ran).unwrap_or_default());
}

#[test]
fn a_dirty_tree_is_left_as_it_is_and_said_to_be_ignored() {
    let bench = bench();
    bench.repo.file("src/text000.txt", "changed\n").file("new.txt", "").file("staged.txt", "").git(["add", "staged.txt"]);
    let ran = assert_works(&bench, bench.repo.path());
    assert!(ran.stderr.contains("ignored, because not committed: 1 changed, 1 staged, 1 untracked"), "{ran:?}");
}

#[test]
fn broken_settings_are_named_by_file_line_and_key() {
    let file = |bench: &Bench| bench.repo.path().join("fixwright.toml").display().to_string();
    let table: [(&[u8], &str); 8] = [
        (b"[limits\n", ":1:"),
        (b"[policy]\nmax_fils = 3\n", ":2:1: `policy.max_fils`: unknown key"),
        (b"[policy]\nmax_files = \"many\"\n", ":2:13: `policy.max_files`"),
        (b"[[subproject]]\npath = \"../other\"\nlanguage = \"c\"\n", ":2:8: `subproject[1].path`"),
        (b"[[subproject]]\npath = \".\"\nlanguage = \"klingon\"\n", ":3:12: `subproject[1].language`"),
        (
            b"[[subproject]]\npath = \".\"\nlanguage = \"c\"\n[subproject.recipes.dance]\ncommand = \"x\"\n",
            ":4:21: `subproject[1].recipes",
        ),
        (
            b"[[subproject]]\npath = \".\"\nlanguage = \"c\"\n[subproject.recipes.lint]\ncommand = \"x\"\ntimeout_secs = 0\n",
            ":6:16: `subproject[1].recipes.lint.timeout_secs`",
        ),
        (b"# \xff\n", ": "),
    ];
    for (text, said) in table {
        let bench = bench();
        bench.repo.file("fixwright.toml", text);
        for command in ["fix", "run"] {
            let ran = bench.run([command]);
            let expected = format!("error: {}{said}", file(&bench));
            assert_eq!(ran.code, Some(code::USAGE), "{said}: {ran:?}");
            assert!(ran.stderr.contains(&expected), "not `{expected}`:\n{}", ran.stderr);
            assert_eq!(bench.left(), Vec::<String>::new());
        }
    }
    // What is no file of settings at all.
    for make in [
        |path: &Path| fs::create_dir(path).unwrap(),
        |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
        |path: &Path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap(),
        |path: &Path| fs::write(path, " ".repeat(2 << 20)).unwrap(),
    ] {
        let bench = bench();
        let path = bench.repo.path().join("fixwright.toml");
        fs::remove_file(&path).unwrap();
        make(&path);
        let ran = bench.run(["fix"]);
        assert_eq!(ran.code, Some(code::USAGE), "{ran:?}");
        assert!(ran.stderr.contains(&format!("error: {}: it cannot be read: ", path.display())), "{ran:?}");
    }
}

#[test]
fn wrong_arguments_are_usage() {
    let bench = bench();
    let table: [&[&str]; 9] = [
        &[],
        &["dance"],
        &["fix", "--recipe", "dance"],
        &["fix", "--severity", "awful"],
        &["fix", "--jobs", "0"],
        &["fix", "--deliver", "pigeon"],
        &["verify"],
        &["verify", "--patch", "nowhere.patch"],
        &["show", "4711"],
    ];
    for args in table {
        let ran = bench.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code::USAGE), ""), "{args:?}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "{args:?}");
    }
    let ran = bench.run(["report"]);
    assert_error(&ran, code::USAGE, &format!("nothing is known of {}", bench.repo.path().display()));
}

#[test]
fn a_tool_that_is_missing_is_named_and_found_when_it_is_there() {
    let repo = Repo::new();
    repo.file(
        "fixwright.toml",
        "[[subproject]]\npath = \".\"\nlanguage = \"other\"\n[subproject.recipes.lint]\ncommand = \"no-such-tool src\"\n",
    );
    repo.file("src/a.txt", "a\n").commit("start");
    let bench = Bench::new(repo);
    let ran = bench.run(["fix"]);
    assert_error(&ran, code::ENVIRONMENT, "lint could not run (`no-such-tool src`): the command `no-such-tool` was not found");
    assert_eq!(bench.left(), Vec::<String>::new());
    // It is installed: the same command goes on, and does not remember that it was not there.
    let tool = bench.repo.beside("bin").join("no-such-tool");
    fs::write(&tool, "#!/bin/sh\nexit 0\n").unwrap();
    fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ran = bench.run(["fix"]);
    assert_eq!(ran.code, Some(code::DONE), "{ran:?}");
}

#[test]
fn a_repository_without_any_recipe_is_said_to_have_none() {
    let repo = Repo::new();
    repo.file("README", "nothing to run").commit("start");
    let bench = Bench::new(repo);
    for command in ["fix", "run", "init"] {
        let ran = bench.run([command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code::ENVIRONMENT), ""), "{ran:?}");
        assert!(ran.stderr.contains("error: no ") && ran.stderr.contains("fixwright doctor"), "{ran:?}");
    }
}

#[test]
fn without_git_or_home_it_says_so() {
    let bench = bench();
    let mut command = bench.command(["fix"]);
    command.env("PATH", bench.repo.beside("bin"));
    assert_error(&Ran::of(command.spawn().unwrap()), code::ENVIRONMENT, "git is not on the PATH");
    let mut command = bench.command(["fix"]);
    command.env_remove("HOME").env_remove("FIXWRIGHT_DATA_DIR");
    assert_error(&Ran::of(command.spawn().unwrap()), code::ENVIRONMENT, "there is no folder to keep work in");
    let mut command = bench.command(["fix"]);
    command.env("FIXWRIGHT_DATA_DIR", "/proc/nowhere");
    let ran = Ran::of(command.spawn().unwrap());
    assert_eq!(ran.code, Some(code::ENVIRONMENT), "{ran:?}");
}

#[test]
fn what_was_named_and_is_not_there_is_wrong_usage() {
    let bench = Bench::new(crate::spelling::repository(&crate::spelling::texts(3, crate::spelling::good)));
    let table = [
        (&["--finding", "zzzz"][..], "no finding has an id that starts with `zzzz`", "help: there is "),
        (&["--finding", "abc"], "`abc` is too short for the id of a finding", "help: give at least 4 characters of it"),
        (&["--rule", "US01"], "no finding has the rule `US01`", "help: there is US001, US002, US003"),
        (&["--rule", "US001", "--rule", "NOPE"], "no finding has the rule `NOPE`", "help: there is US001"),
    ];
    for (args, problem, help) in table {
        let ran = bench.run(["fix"].iter().chain(args));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code::USAGE), ""), "{args:?} {ran:?}");
        assert!(ran.stderr.contains(&format!("error: {problem}\n")) && ran.stderr.contains(help), "{args:?} {ran:?}");
    }
    assert_eq!(bench.run(["report"]).code, Some(code::USAGE), "nothing of it is a run to report");
    // Where nothing is found, no rule is broken: the same command in a script goes on to be right.
    let clean = Bench::new(crate::spelling::repository(&[("clean".to_owned(), "nothing\n".to_owned())]));
    assert_eq!(clean.run(["fix", "--rule", "US001"]).code, Some(code::DONE));
}
