//! `ModuleNotFoundError` for a module of somebody else: the project imports it and does not say that it needs it. The distribution that
//! brings it is added to `requirements.txt` or to the dependencies in `pyproject.toml`, where its name is known for certain.

use domain::{Applicability, Edit, Finding, RepoPath};
use toml_edit::Document;

use super::fixer::{FixContext, Fixer, Proposal};
use super::syntax::{is_identifier, is_stdlib, module_file, proposals};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_python_dependency",
    about: "adds a distribution whose module is imported to the project's dependencies",
    handles: |finding| module(finding).is_some(),
    propose,
    may_change: &["requirements.txt", "pyproject.toml"],
};

/// Returns the top module that cannot be found: what Python, mypy and pylint say.
fn module(finding: &Finding) -> Option<&str> {
    let lead = ["No module named ", "library stub for module named ", "Unable to import "];
    let rest = lead.iter().find_map(|lead| finding.message.split(lead).nth(1))?;
    let name = rest.split(['\'', '"']).nth(1)?.split('.').next()?;
    is_identifier(name).then_some(name)
}

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(module) = module(context.finding) else { return Vec::new() };
    let Some(distribution) = distribution(module) else { return Vec::new() };
    let root = context.subproject.path.as_str();
    if is_stdlib(module) || module_file(context.files, root, module).is_some() {
        return Vec::new();
    }
    let edits = in_requirements(context, distribution).or_else(|| in_project(context, distribution));
    proposals(format!("Declare the dependency on {distribution}"), Applicability::Unsafe, edits)
}

/// The distribution that a module comes with. A name that is not listed may be anybody's, and nothing of the kind is installed on a guess.
fn distribution(module: &str) -> Option<&'static str> {
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == module).map(|(_, distribution)| *distribution);
    other.or_else(|| SAME_NAMES.split_ascii_whitespace().find(|name| name.replace('-', "_") == module))
}

fn file(context: &FixContext<'_>, name: &str) -> Option<(RepoPath, String)> {
    let root = context.subproject.path.as_str();
    let path = if root == "." { RepoPath::new(name) } else { RepoPath::new(format!("{root}/{name}")) }.ok()?;
    let text = context.files.text(&path)?;
    Some((path, text))
}

/// The name in a requirement, as the index compares names.
fn normal(requirement: &str) -> String {
    let end = requirement.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or_default().to_lowercase().replace(['_', '.'], "-")
}

/// Adds a line, in its place where the lines are sorted.
fn in_requirements(context: &FixContext<'_>, distribution: &str) -> Option<Vec<Edit>> {
    let (path, text) = file(context, "requirements.txt")?;
    let own = normal(distribution);
    let mut at = 0;
    let mut lines: Vec<(usize, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = normal(line.trim_start());
        if !name.is_empty() && !name.starts_with('-') {
            lines.push((at, name));
        }
        at += line.len();
    }
    // A constraint by hash or another file may say more than can be added to here.
    if text.contains("--hash") || lines.iter().any(|(_, name)| *name == own) {
        return None;
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let sorted = lines.is_sorted_by_key(|(_, name)| name);
    let behind = lines.iter().find(|(_, name)| sorted && *name > own);
    Some(vec![match behind {
        Some((at, _)) => Edit::new(&path, *at..*at, format!("{distribution}{newline}")),
        None if text.is_empty() || text.ends_with('\n') => {
            Edit::new(&path, text.len()..text.len(), format!("{distribution}{newline}"))
        }
        None => Edit::new(&path, text.len()..text.len(), format!("{newline}{distribution}{newline}")),
    }])
}

/// Adds an element to `project.dependencies`.
fn in_project(context: &FixContext<'_>, distribution: &str) -> Option<Vec<Edit>> {
    let (path, text) = file(context, "pyproject.toml")?;
    let document = Document::parse(text.as_str()).ok()?;
    let list = document.as_table().get("project")?.as_table_like()?.get("dependencies")?.as_array()?;
    let own = normal(distribution);
    if list.iter().filter_map(|one| one.as_str()).any(|one| normal(one.trim()) == own) {
        return None;
    }
    let Some(last) = list.iter().last() else {
        let at = list.span()?.start + 1;
        return Some(vec![Edit::new(&path, at..at, format!("\"{distribution}\""))]);
    };
    let span = last.span()?;
    let line = text.get(..span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let before = text.get(line..span.start)?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if before.trim().is_empty() { format!("{newline}{before}") } else { " ".to_owned() };
    Some(vec![Edit::new(&path, span.end..span.end, format!(",{gap}\"{distribution}\""))])
}

/// Modules that are called otherwise than what brings them.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("yaml", "PyYAML"),
    ("PIL", "Pillow"),
    ("bs4", "beautifulsoup4"),
    ("dateutil", "python-dateutil"),
    ("dotenv", "python-dotenv"),
    ("jwt", "PyJWT"),
    ("cv2", "opencv-python"),
    ("sklearn", "scikit-learn"),
    ("skimage", "scikit-image"),
    ("Crypto", "pycryptodome"),
    ("OpenSSL", "pyOpenSSL"),
    ("MySQLdb", "mysqlclient"),
    ("psycopg2", "psycopg2"),
    ("serial", "pyserial"),
    ("usb", "pyusb"),
    ("zmq", "pyzmq"),
    ("git", "GitPython"),
    ("magic", "python-magic"),
    ("slugify", "python-slugify"),
    ("jose", "python-jose"),
    ("multipart", "python-multipart"),
    ("docx", "python-docx"),
    ("pptx", "python-pptx"),
    ("ldap", "python-ldap"),
    ("nacl", "PyNaCl"),
    ("attr", "attrs"),
    ("pkg_resources", "setuptools"),
    ("google_crc32c", "google-crc32c"),
    ("markdown", "Markdown"),
    ("jinja2", "Jinja2"),
    ("flask", "Flask"),
    ("werkzeug", "Werkzeug"),
    ("sqlalchemy", "SQLAlchemy"),
    ("django", "Django"),
    ("rest_framework", "djangorestframework"),
    ("pygments", "Pygments"),
    ("sphinx", "Sphinx"),
    ("mako", "Mako"),
    ("babel", "Babel"),
    ("markupsafe", "MarkupSafe"),
];

/// Distributions that bring a module of their own name.
const SAME_NAMES: &str = "aiohttp alembic anyio arrow boto3 botocore cachetools celery certifi chardet click colorama cryptography docopt \
    docutils fastapi feedparser gevent greenlet gunicorn h11 httplib2 httpx humanize hypothesis idna ijson itsdangerous jmespath joblib \
    jsonschema keyring lxml matplotlib mistune mock more-itertools mpmath msgpack mypy-extensions networkx nltk nose numpy oauthlib \
    openpyxl packaging pandas paramiko passlib peewee pendulum pexpect platformdirs pluggy ply psutil pycparser pydantic pymongo pymysql \
    pyparsing pytest pytz redis regex requests requests-oauthlib rich rsa scipy scrapy seaborn sentry-sdk setuptools simplejson six \
    sortedcontainers sqlparse starlette statsmodels structlog sympy tabulate tenacity termcolor toml tomli tomlkit toolz tornado tqdm \
    typing-extensions tzlocal ujson urllib3 uvicorn validators wcwidth websockets wheel wrapt xlrd xlsxwriter xmltodict \
    yarl zstandard";

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
