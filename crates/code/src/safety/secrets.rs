//! Keys and passwords in a line of text: by the forms that keys have, and by how random a value is that is called a secret.

use std::sync::LazyLock;

use regex::Regex;

/// What keys look like, with what each is.
const FORMS: &[(&str, &str)] = &[
    ("a private key", r"-----BEGIN (RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY( BLOCK)?-----"),
    ("an AWS access key", r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("a GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abposr]-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook", r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("a Stripe key", r"\b(sk|rk)_live_[A-Za-z0-9]{20,}"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}"),
    ("an API key", r"\bsk-(ant-|proj-)?[A-Za-z0-9_-]{32,}"),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("an Azure key", r"AccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    ("a token of JSON", r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
    ("a password in an address", r#"\b[a-z][a-z0-9+.-]*://[^\s/:@'"<>${}]+:[^\s/:@'"<>${}]{6,}@[A-Za-z0-9.-]+"#),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{34}\b"),
    ("a DigitalOcean token", r"\bdop_v1_[a-f0-9]{64}\b"),
];

static PATTERNS: LazyLock<Vec<(&str, Regex)>> =
    LazyLock::new(|| FORMS.iter().filter_map(|(what, form)| Some((*what, Regex::new(form).ok()?))).collect());
/// A name that says secret, and its value in quotes.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(passw(or)?d|passphrase|secret|token|api_?key|access_?key|auth_?key|private_?key|client_?secret|credential)\w*["']?\s*(:|=|=>|:=)\s*[a-z]{0,2}["'`]([^"'`\s]{12,})["'`]"#).ok()
});

/// A value in which a character tells less than this (in bits) is a word.
const RANDOM: f64 = 3.5;

/// Returns what secret stands in a line, without it.
pub(super) fn in_line(line: &str) -> Option<String> {
    let by_form = PATTERNS.iter().find_map(|(what, form)| {
        let found = form.find(line)?;
        (!is_example(found.as_str())).then(|| (*what).to_owned())
    });
    by_form.or_else(|| {
        let found = NAMED.as_ref()?.captures(line)?;
        let (name, value) = (found.get(1)?.as_str(), found.get(found.len() - 1)?.as_str());
        let is_mixed = value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(char::is_alphabetic);
        let is_secret =
            is_mixed && entropy(value) >= RANDOM && !is_example(value) && !value.contains("://") && !value.starts_with('/');
        is_secret.then(|| format!("a value that is called {} and looks random", name.to_lowercase()))
    })
}

/// Says whether a value only shows where one belongs.
fn is_example(value: &str) -> bool {
    let low = value.to_lowercase();
    [
        "example",
        "xxxx",
        "your",
        "changeme",
        "placeholder",
        "dummy",
        "sample",
        "1234567890",
        "abcdef123",
        "test",
        "redacted",
        "****",
        "localhost",
    ]
    .iter()
    .any(|word| low.contains(word))
        || value.contains(['{', '<', '$', '%', '('])
}

/// Returns how many bits a character of a text tells.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length).map(|part| -part * part.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_seen_and_words_are_not() {
        // Put together here, so that this file holds no key.
        let random = "q7Zr9Wm2Xk4Tv8Lp1Nc6Yb3Hd5Jf0Gs";
        for line in [
            format!("token = 'ghp_{random}{}'", "Ab12z"),
            format!("-----BEGIN {}PRIVATE KEY-----", "RSA "),
            format!("API_KEY: \"{random}\""),
            format!("url = 'postgres://admin:{}@db.internal/x'", "s3cr3tPw9"),
            format!("client_secret = '{random}'"),
        ] {
            assert!(in_line(&line).is_some(), "{line}");
        }
        for line in [
            "password = os.environ['PASSWORD']",
            "token = 'your-token-goes-here-1'",
            "API_KEY = 'XXXXXXXXXXXXXXXXXXXX1'",
            "secret_name = 'database-password-file'",
            "url = 'https://user:${PASSWORD}@host/'",
            "token_url = 'https://auth.internal/oauth2/token'",
            "hash = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'",
        ] {
            assert_eq!(in_line(line), None, "{line}");
        }
    }
}
