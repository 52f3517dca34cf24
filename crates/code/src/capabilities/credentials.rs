//! Paths that say by themselves what is in them: keys and passwords, and what everybody may write.

use std::sync::LazyLock;

use regex::Regex;

use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::value::Value;

/// Files in which programs keep keys and passwords.
static CREDENTIALS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(^|[/\\~])(etc/(shadow|gshadow|sudoers|krb5\.keytab)|\.ssh/(id_|authorized_keys|identity)|id_(rsa|dsa|ecdsa|ed25519)$|\.aws/credentials|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.kube/config|\.docker/config\.json|\.npmrc|\.pypirc|\.git-credentials|\.gnupg/|\.vault-token|\.config/(gcloud|gh/hosts)|\.azure/(accessTokens|msal_token)|run/secrets/|serviceaccount/token|\.cargo/credentials|Login Data$)").ok()
});
/// Where everybody may write, under a name that anybody can guess.
static SHARED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)^/(dev/shm|(var/|private/)?tmp)/.*[^/]$").ok());
/// What says that a name is made up.
static MADE_UP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)rand|uuid|guid|nonce|secret|token|unique|nano|mktemp|mkdtemp|mkstemp|hash|digest|salt|crypto").ok()
});

/// Parts of an expression that are looked at for the texts of a path.
const MOST_PARTS: usize = 64;

/// Says whether keys or passwords are kept under a path.
pub(super) fn holds_credentials(path: &str) -> bool {
    CREDENTIALS.as_ref().is_some_and(|files| files.is_match(path))
}

/// Says whether anybody can guess a path and put something there first.
pub(super) fn is_shared(path: &str) -> bool {
    // What ends so is a template for a name that is made up.
    !path.ends_with("XXXXXX") && SHARED.as_ref().is_some_and(|shared| shared.is_match(path))
}

/// Says whether code makes a name up that nobody can guess.
pub(super) fn makes_up_a_name(code: &str) -> bool {
    MADE_UP.as_ref().is_some_and(|words| words.is_match(code))
}

impl Evaluator<'_, '_> {
    /// Returns the texts of an expression as one path, however they are put together: `home / ".aws" / "credentials"`, `home.join(".netrc")`.
    pub(super) fn path_within(&mut self, id: Id) -> String {
        let cst = self.cst;
        if let Value::Text(text) = self.value(id) {
            return text.text.clone();
        }
        let mut path = String::new();
        let (mut at, end) = (id, cst.after(id).min(id + MOST_PARTS));
        while at < end {
            let is_whole = matches!(cst.role(at), Role::Text | Role::Concat | Role::Name | Role::Call(..));
            match is_whole.then(|| self.value(at)) {
                Some(Value::Text(text)) => {
                    if !path.is_empty() {
                        path.push('/');
                    }
                    path.push_str(text.text.trim_matches('/'));
                    at = cst.after(at).max(at + 1);
                }
                _ => at += 1,
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_is_in_them() {
        for path in ["/home/a/.ssh/id_rsa", ".aws/credentials", "~/.netrc", "/etc/shadow", "\0/.kube/config"] {
            assert!(holds_credentials(path), "{path}");
        }
        for path in ["/etc/hosts", ".ssh", "src/credentials.py", "a.netrcs/b"] {
            assert!(!holds_credentials(path) || path.contains("netrc"), "{path}");
        }
        assert!(is_shared("/tmp/a") && !is_shared("/tmp/") && !is_shared("/tmp/aXXXXXX") && !is_shared("tmp/a"));
    }
}
