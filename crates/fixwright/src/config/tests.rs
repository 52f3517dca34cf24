//! What a person sees of a broken configuration, and who wins over whom.

use std::path::Path;

use super::*;

fn load(text: &str) -> Result<Config, Error> {
    Config::load(&Env::default(), Some((REPOSITORY_FILE, text)), Path::new("/repo"))
}

fn broken(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

#[test]
fn the_built_in_file_names_every_setting() {
    let config = Config::load(&Env::default(), None, Path::new("/repo")).unwrap();
    assert_eq!(config.subprojects, []);
    assert_eq!((config.policy.max_files, config.policy.max_lines), (200, 5000));
    let delivery = Delivery {
        mode: Mode::Stack,
        author_name: "fixwright".into(),
        author_email: "fixwright@localhost".into(),
        branch_prefix: "fixwright".into(),
    };
    assert_eq!(config.delivery, delivery);
    assert_eq!(config.limits, Limits { output_bytes: 8 << 20, jobs: None, max_attempts: 3, budget: None });
    assert!(config.advisories.is_empty() && config.pass.is_empty());
}

#[test]
fn an_unknown_key_is_shown_with_its_place_and_what_was_meant() {
    insta::assert_snapshot!(
        broken("[[subproject]]\npath = \".\"\nlanguage = \"python\"\n[subproject.recipes.lint]\n  comand = \"ruff check .\"\n"),
        @r#"
    fixwright.toml:5:3: `subproject[1].recipes.lint.comand`: unknown key `comand`
      |
    5 |   comand = "ruff check ."
      |   ^^^^^^
      = did you mean `command`?
    "#
    );
    insta::assert_snapshot!(broken("[polcy]\nmax_files = 1\n"), @r"
    fixwright.toml:1:2: unknown key `polcy`
      |
    1 | [polcy]
      |  ^^^^^
      = did you mean `policy`?
    ");
    insta::assert_snapshot!(broken("[delivery]\nsomething_else = 1\n"), @r"
    fixwright.toml:2:1: `delivery.something_else`: unknown key `something_else`
      |
    2 | something_else = 1
      | ^^^^^^^^^^^^^^
      = known here: mode, author_name, author_email, branch_prefix
    ");
    insta::assert_snapshot!(
        broken("[[subproject]]\npath = \".\"\nlanguage = \"go\"\nrecipes.tests = { command = \"go test ./...\" }\n"),
        @r#"
    fixwright.toml:4:9: `subproject[1].recipes.tests`: unknown key `tests`
      |
    4 | recipes.tests = { command = "go test ./..." }
      |         ^^^^^
      = did you mean `test`?
    "#
    );
}

#[test]
fn wrong_types_and_values_name_key_and_line() {
    insta::assert_snapshot!(broken("# é\n[policy]\nmax_files = \"many\"\n"), @r#"
    fixwright.toml:3:13: `policy.max_files`: wrong type: string "many", expected u32
      |
    3 | max_files = "many"
      |             ^^^^^^
    "#);
    insta::assert_snapshot!(broken("[[subproject]]\npath = \".\"\nlanguage = \"pyton\"\n"), @r#"
    fixwright.toml:3:12: `subproject[1].language`: `pyton` is not a value that it can have
      |
    3 | language = "pyton"
      |            ^^^^^^^
      = did you mean `python`?
    "#);
    insta::assert_snapshot!(broken("[[subproject]]\npath = \"a\"\n"), @r"
    fixwright.toml:1:1: `subproject[1]`: missing field `language`
      |
    1 | [[subproject]]
      | ^^^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(broken("[policy]\nprotected = [\n  \"a\",\n\t3,\n]\n"), @r"
    fixwright.toml:4:2: `policy.protected[2]`: wrong type: integer `3`, expected a string
      |
    4 |  3,
      |  ^
    ");
    insta::assert_snapshot!(broken("[policy\nmax_files = 1\n"), @r"
    fixwright.toml:1:8: unclosed table, expected `]`
      |
    1 | [policy
      |        ^
    ");
}

#[test]
fn subprojects_are_validated() {
    let named = |path: &str, rest: &str| format!("[[subproject]]\npath = {path:?}\nlanguage = \"c\"\n{rest}");
    for path in ["../x", "/etc", "a/../../b", ".git/hooks", "", "a/.."] {
        let error = load(&named(path, "")).unwrap_err();
        assert_eq!((error.line, error.key.as_deref()), (2, Some("subproject[1].path")), "{path:?}: {error}");
    }
    for (path, folder) in [(".", "."), ("./", "."), ("./a//b/", "a/b")] {
        assert_eq!(load(&named(path, "")).unwrap().subprojects[0].path, folder);
    }
    for (rest, key) in [
        ("recipes.lint = { command = \"  \" }", "subproject[1].recipes.lint.command"),
        ("recipes.lint = { command = \"x\", timeout_secs = 0 }", "subproject[1].recipes.lint.timeout_secs"),
        ("recipes.lint = { command = \"x\", timeout_secs = 86401 }", "subproject[1].recipes.lint.timeout_secs"),
        ("recipes.lint = { command = \"x\", timeout_secs = -1 }", "subproject[1].recipes.lint.timeout_secs"),
    ] {
        let error = load(&named("a", rest)).unwrap_err();
        assert_eq!((error.line, error.key.as_deref()), (4, Some(key)), "{error}");
    }
    let twice = named("a", "") + &named("./a/", "");
    assert!(broken(&twice).contains("named before"));
    let config =
        load(&named("a", "recipes.lint = { command = \"x\" }\nrecipes.test = { command = \"y\", timeout_secs = 5 }")).unwrap();
    let command = |command: &str, timeout_secs| domain::RecipeCommand { command: command.into(), timeout_secs };
    assert_eq!(
        config.subprojects,
        [Subproject {
            path: "a".into(),
            language: domain::Language::C,
            recipes: [(domain::Recipe::Lint, command("x", 600)), (domain::Recipe::Test, command("y", 5))].into(),
        }]
    );
}

#[test]
fn a_repository_may_not_set_limits_nor_ask_for_secrets() {
    insta::assert_snapshot!(broken("[limits]\njobs = 64\n"), @r"
    fixwright.toml:1:1: `limits` cannot be set by a repository
      |
    1 | [limits]
      | ^^^^^^^^
      = it belongs into the user's config.toml
    ");
    insta::assert_snapshot!(broken("[environment]\npass = [\"DISPLAY\", \"GITHUB_TOKEN\"]\n"), @r#"
    fixwright.toml:2:20: `environment.pass[2]`: recipes are handed no secrets, and nothing that git believes
      |
    2 | pass = ["DISPLAY", "GITHUB_TOKEN"]
      |                    ^^^^^^^^^^^^^^
    "#);
    for bad in [
        "author_name = \"a\\nb\"",
        "author_email = \"\"",
        "branch_prefix = \"a b\"",
        "branch_prefix = \"-x\"",
        "branch_prefix = \"a/\"",
    ] {
        assert!(load(&format!("[delivery]\n{bad}\n")).is_err(), "{bad}");
    }
}

#[test]
fn later_places_win_and_some_lists_grow() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("fixwright/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(
        &file,
        "[policy]\nmax_files = 7\nprotected = [\"a/**\"]\nmax_lines = 70\n[delivery]\nmode = \"each\"\nauthor_name = \"User\"\n\
         [advisories]\npaths = [\"db\", \"~/db\"]\n[limits]\njobs = 2\nmax_attempts = 9\nbudget_seconds = 60\n",
    )
    .unwrap();
    let env = Env::from_pairs([
        ("XDG_CONFIG_HOME", home.path().to_str().unwrap()),
        ("HOME", "/home/u"),
        ("FIXWRIGHT_LIMITS_JOBS", "4"),
        ("FIXWRIGHT_ADVISORIES_PATHS", "/x:/y"),
        ("FIXWRIGHT_POLICY_MAX_LINES", "700"),
        ("FIXWRIGHT_DATA_DIR", "/not/ours"),
        ("FIXWRIGHT_DELIVERY_AUTHOR_EMAIL", ""),
    ]);
    let text =
        "[policy]\nmax_files = 8\nprotected = [\"b/**\"]\n[delivery]\nauthor_name = \"Repo\"\n[advisories]\npaths = [\"own\"]\n";
    let config = Config::load(&env, Some((REPOSITORY_FILE, text)), Path::new("/repo")).unwrap();
    assert_eq!((config.policy.max_files, config.policy.max_lines), (8, 700));
    assert_eq!((config.delivery.mode, config.delivery.author_name.as_str()), (Mode::Each, "Repo"));
    assert_eq!(config.delivery.author_email, "fixwright@localhost", "an empty variable is as good as none");
    let limits =
        Limits { output_bytes: 8 << 20, jobs: NonZeroUsize::new(4), max_attempts: 9, budget: Some(Duration::from_secs(60)) };
    assert_eq!(config.limits, limits);
    let user = |name: &str| home.path().join("fixwright").join(name);
    assert_eq!(config.advisories, [user("db"), "/home/u/db".into(), "/repo/own".into(), "/x".into(), "/y".into()]);
    for path in ["a/x", "b/x"] {
        assert_eq!(config.protection(&RepoPath::new(path).unwrap()), Some(Protection::Custom));
    }
    std::fs::write(&file, "[limits]\njob = 2\n").unwrap();
    let error = Config::load(&env, None, Path::new("/repo")).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), (file.to_str().unwrap(), 2));
}

#[test]
fn a_bad_variable_is_named() {
    let broken = |name: &str, value: &str| {
        Config::load(&Env::from_pairs([(name, value)]), None, Path::new("/repo")).unwrap_err().to_string()
    };
    insta::assert_snapshot!(broken("FIXWRIGHT_LIMITS_JOB", "2"), @r"
    FIXWRIGHT_LIMITS_JOB: `limits.job`: unknown key `job`
      = did you mean `FIXWRIGHT_LIMITS_JOBS`?
    ");
    insta::assert_snapshot!(
        broken("FIXWRIGHT_LIMITS_JOBS", "two"),
        @r#"FIXWRIGHT_LIMITS_JOBS: `limits.jobs`: wrong type: string "two", expected u16"#
    );
    insta::assert_snapshot!(
        broken("FIXWRIGHT_DELIVERY_MODE", "stac"),
        @"FIXWRIGHT_DELIVERY_MODE: `delivery.mode`: `stac` is not a value that it can have"
    );
}

#[test]
fn protection_by_default() {
    let config = Config::load(&Env::default(), None, Path::new("/repo")).unwrap();
    let table: &[(Option<Protection>, &[&str])] = &[
        (
            Some(Protection::Test),
            &[
                "tests/x.rs",
                "pkg/tests/data/a.txt",
                "test/a.js",
                "test_a.py",
                "a/b_test.go",
                "src/x.test.ts",
                "src/__tests__/a.js",
                "src/test/java/A.java",
                "src/FooTest.java",
                "pkg/conftest.py",
                "test.js",
                "src/snapshots/a.snap",
                "src/lexer/tests.rs",
            ],
        ),
        (Some(Protection::Ci), &[".github/workflows/ci.yml", ".gitlab-ci.yml", "Jenkinsfile", "ci/Jenkinsfile.release"]),
        (
            Some(Protection::LintConfig),
            &[
                "fixwright.toml",
                "ruff.toml",
                ".flake8",
                "a/tox.ini",
                "eslint.config.mjs",
                ".eslintrc.json",
                "clippy.toml",
                ".clang-format",
            ],
        ),
        (Some(Protection::Lockfile), &["Cargo.lock", "web/package-lock.json", "poetry.lock", "go.sum", "uv.lock"]),
        (
            None,
            &[
                "src/main.rs",
                "setup.cfg",
                "pyproject.toml",
                "package.json",
                "Cargo.toml",
                "go.mod",
                "src/testing.py",
                "contest.js",
                "latest/a.py",
            ],
        ),
    ];
    for (protection, paths) in table {
        for path in *paths {
            assert_eq!(config.protection(&RepoPath::new(path).unwrap()), *protection, "{path}");
        }
    }
}

proptest::proptest! {
    /// Whatever the file holds: an answer, and a message that can be shown.
    #[test]
    fn no_text_panics(text in "[\\PC\n\t\\[\\]\"={}.é]{0,80}") {
        if let Err(error) = load(&text) {
            let escape = error.to_string().contains('\u{1b}');
            proptest::prop_assert!(!escape);
        }
    }
}
