//! What a secret looks like, in variables and in the settings of tools: it stays with the user, and no command that runs other people's
//! code is shown it.
//!
//! Settings are read in all their forms at once (TOML, `name=value`, XML), by the names that come before values. What is taken for a secret
//! and is none costs a setting, and that is said; the other way round it would cost the secret.

use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::Path;

/// No settings are longer (1 MiB).
const LONGEST: u64 = 1 << 20;

/// Says whether a variable or a setting of that name is a secret.
pub(super) fn is_name(name: &str) -> bool {
    const WORDS: &[&str] = &["KEY", "PASS", "PWD", "AUTH", "COOKIE", "CREDS", "PAT", "PIN"];
    const PARTS: &[&str] = &["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY", "PRIVATE_KEY"];
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part)) || name.split(['_', '-', '.']).any(|word| WORDS.contains(&word))
}

/// Says whether a URL in the value names a user: `https://user:password@host`, and `https://token@host` as well.
pub(super) fn holds_credentials(value: &OsStr) -> bool {
    let value = value.to_string_lossy();
    let ends = ['/', '?', '#', ' ', ',', '|', '\n', '"', '\'', '<'];
    value.split("://").zip(value.split("://").skip(1)).any(|(before, after)| {
        let user = after.split(ends).next().and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
        // `ssh://git@host` only says whom a key is for.
        user.is_some_and(|user| !before.ends_with("ssh") || user.contains(':'))
    })
}

/// Says whether a file of settings holds a secret. One that is too long to tell does.
pub(crate) fn file_holds_secret(path: &Path) -> bool {
    let Some(file) = fs::metadata(path).ok().filter(fs::Metadata::is_file).and_then(|_| fs::File::open(path).ok()) else {
        return false;
    };
    let mut bytes = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    read.is_ok() && (bytes.len() as u64 > LONGEST || settings_hold_secret(&String::from_utf8_lossy(&bytes)))
}

fn settings_hold_secret(text: &str) -> bool {
    let text = without_xml_comments(text);
    let lines = || text.lines().map(str::trim_start).filter(|line| !line.starts_with(['#', ';']));
    lines().any(|line| holds_credentials(OsStr::new(line)) || line_holds_secret(line))
}

/// Says whether a line gives a value to a name that is a secret's: `name = value`, `name: value`, `<name>value`.
fn line_holds_secret(line: &str) -> bool {
    line.match_indices(['=', ':', '>']).any(|(at, sign)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
        let before = before.trim_end().trim_end_matches(['"', '\'']);
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).next().unwrap_or_default();
        // Of a TOML key the last part counts, and who gives out a secret is none.
        let name = name.rsplit('.').next().unwrap_or_default();
        let is_closing = sign == ">" && before.get(..before.len() - name.len()).is_none_or(|rest| !rest.ends_with('<'));
        !is_closing
            && is_name(name)
            && !name.ends_with("credential-provider")
            && !name.ends_with("credential-providers")
            && is_value(after)
    })
}

/// Says whether there is a value that is not a switch, and not the name of a variable that is not here.
fn is_value(text: &str) -> bool {
    let value = text.trim_start().trim_start_matches(['"', '\'']);
    let value = value.split(['"', '\'', '<', ',', '}']).next().unwrap_or_default().trim();
    !value.is_empty() && !["true", "false"].contains(&value) && !value.starts_with("${")
}

fn without_xml_comments(text: &str) -> String {
    let mut parts = text.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once("-->").map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_settings_of_any_form() {
        for text in [
            "[registries.corp]\nindex = \"sparse+https://corp.example/\"\ntoken = \"s3cret\"\n",
            "[registries]\ncorp = { index = \"https://corp.example\", token = \"s3cret\" }\n",
            "registries.corp.token='s3cret'",
            "\"secret-key\" = \"k3.secret\"",
            "[http]\nproxy = \"https://user:pw@proxy.example:3128\"\n",
            "index = \"https://t0ken@corp.example/index\"",
            "index = \"ssh://me:pw@corp.example/index\"",
            "[env]\nNPM_TOKEN = { value = \"x\", force = true }\nA_TOKEN = \"x\"",
            "//registry.npmjs.org/:_authToken=npm_abc",
            "_auth = dXNlcjpwdw==",
            "[global]\nindex-url = https://user:pw@pypi.example/simple",
            "GOPROXY=https://me:pw@proxy.example\n",
            "<server><id>corp</id>\n  <password>pw</password></server>",
            "<!-- <password>example</password> --><passphrase>{abc}</passphrase>",
        ] {
            assert!(settings_hold_secret(text), "{text}");
        }
        for text in [
            "[registries.corp]\nindex = \"ssh://git@corp.example/index\"\n[net]\ngit-fetch-with-cli = true\n",
            "[registry]\nglobal-credential-providers = [\"cargo:token\", \"cargo:libsecret\"]\ncredential-provider = \"cargo:token\"",
            "[http]\nproxy = \"proxy.example:3128\"\n# token = \"example\"\n",
            "registry=https://registry.npmjs.org/\nalways-auth=true\n//npm.example/:_authToken=${NPM_TOKEN}\n",
            "<settings>\n<!-- <server>\n<password>repopwd</password>\n</server> -->\n<localRepository>/m2</localRepository></settings>",
            "<password></password>",
            "[build]\nrustflags = [\"-C\", \"target-cpu=native\"]\n[alias]\nt = \"test\"\n",
            "",
        ] {
            assert!(!settings_hold_secret(text), "{text}");
        }
    }

    #[test]
    fn what_is_too_long_to_tell_is_not_shown_and_what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, vec![b' '; LONGEST as usize + 1]).unwrap();
        assert!(file_holds_secret(&file));
        assert!(!file_holds_secret(folder.path()) && !file_holds_secret(Path::new("/dev/zero")));
    }
}
