//! Names of JavaScript and TypeScript that differ by a letter or two from one that is known where they stand: variables, what a module
//! exports, and what the TypeScript compiler itself takes to be meant.

use domain::{Applicability, Edit, Finding, RepoPath};

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::missing_js_import::{join, missing_name};
use super::nearest_name::nearest;
use super::scopes::{JAVASCRIPT, Use};
use super::source::{Source, ancestor, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "misspelt_js",
    about: "corrects misspelt names of JavaScript and TypeScript",
    handles: |finding| missing_name(finding).is_some() || meant(finding).is_some() || not_exported(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// What Node, browsers and the language itself provide, as far as programs use it much.
const GLOBALS: &str = "Array Boolean Buffer Date Error Function Infinity JSON Map Math NaN Number Object Promise Proxy Reflect RegExp \
    Set String Symbol TypeError RangeError WeakMap WeakSet arguments clearInterval clearTimeout console decodeURIComponent document \
    encodeURIComponent exports global globalThis isFinite isNaN module navigator parseFloat parseInt process require setImmediate \
    setInterval setTimeout undefined window __dirname __filename";

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let (name, right, edits) = if let Some((name, right)) = meant(context.finding) {
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let leaf = source.leaf(at).filter(|leaf| source.str(*leaf) == name)?;
        (name, right.to_owned(), vec![source.edit(leaf.byte_range(), right)])
    } else if let Some((name, module)) = not_exported(context.finding) {
        let (right, edits) = exported(context, &source, name, module)?;
        (name, right, edits)
    } else {
        let name = missing_name(context.finding)?;
        let (right, edits) = variable(&source, name)?;
        (name, right, edits)
    };
    Some(Proposal {
        summary: format!("spell `{name}` as `{right}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(edits),
    })
}

/// `Cannot find name 'lenght'. Did you mean 'length'?`
fn meant(finding: &Finding) -> Option<(&str, &str)> {
    if finding.tool != "tsc" {
        return None;
    }
    let (what, right) = finding.message.split_once(". Did you mean ")?;
    let right = right.trim_start_matches("to write ").strip_prefix('\'')?.strip_suffix("'?")?;
    let quoted: Vec<&str> = what.split('\'').collect();
    let name = match quoted.as_slice() {
        // What has no such member may be quoted before it.
        [_, name, ..] if what.starts_with("Cannot find name") || what.starts_with("Property") => *name,
        [.., name, _] => *name,
        _ => return None,
    };
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    (is_word(name) && is_word(right)).then_some((name, right))
}

/// The name and module of `The requested module './a.js' does not provide an export named 'b'` and of `b not found in './a'`.
fn not_exported(finding: &Finding) -> Option<(&str, &str)> {
    let message = finding.message.as_str();
    if finding.rule == "import/named" {
        let (name, module) = message.split_once(" not found in '")?;
        return Some((name, module.strip_suffix('\'')?));
    }
    let (module, name) = message.split_once("The requested module '")?.1.split_once("' does not provide an export named '")?;
    Some((name.strip_suffix('\'')?, module))
}

/// Every place that names the variable is spelt alike, and nothing in the file declares it: all of them mean the other one.
fn variable(source: &Source, name: &str) -> Option<(String, Vec<Edit>)> {
    let scopes = source.scopes();
    let variable = scopes.undeclared(name)?;
    if variable.occurrences.iter().any(|one| one.usage != Use::Read) || source.text.contains(&format!("typeof {name}")) {
        return None;
    }
    let mut right: Option<&str> = None;
    let mut edits = Vec::new();
    for one in &variable.occurrences {
        // `{ lenght }` names the property too.
        let is_property = source.leaf(one.start)?.kind() == "shorthand_property_identifier";
        let found = nearest(name, scopes.visible(one.start).chain(GLOBALS.split_ascii_whitespace()))?;
        if is_property || right.is_some_and(|right| right != found) {
            return None;
        }
        right = Some(found);
        edits.push(source.edit(one.start..one.end, found));
    }
    Some((right?.to_owned(), edits))
}

/// Names what the module does export, and all that stands for it in this file.
fn exported(context: &FixContext<'_>, source: &Source, name: &str, module: &str) -> Option<(String, Vec<Edit>)> {
    module.starts_with('.').then_some(())?;
    let path = join(source.path.parent(), module)?;
    let candidates = ["", ".js", ".mjs", ".ts", ".tsx", "/index.js", "/index.ts"].iter().map(|end| format!("{path}{end}"));
    let path = candidates.filter_map(|path| RepoPath::new(path).ok()).find(|path| context.files.contains(path))?;
    let (other, _) = Source::read(context.files, &path, JAVASCRIPT)?;
    let known = exports(&other);
    let right = nearest(name, known.iter().copied())?;
    let mut named = None;
    walk(source.root(), |node| {
        if node.kind() == "import_specifier"
            && node.child_by_field_name("name").is_some_and(|one| source.str(one) == name)
            && ancestor(node, &["import_statement"])
                .and_then(|import| import.child_by_field_name("source"))
                .is_some_and(|from| source.str(from).trim_matches(['\'', '"']) == module)
        {
            named = Some(node);
        }
    });
    let specifier = named?;
    let imported = specifier.child_by_field_name("name")?;
    if specifier.child_by_field_name("alias").is_some() {
        return Some((right.to_owned(), vec![source.edit(imported.byte_range(), right)]));
    }
    let variable = source.scopes().variable(imported.start_byte())?;
    if source.scopes().visible(imported.start_byte()).any(|one| one == right) {
        return None;
    }
    let edits = variable
        .occurrences
        .iter()
        .map(|one| {
            let is_property = source.leaf(one.start).is_some_and(|leaf| leaf.kind() == "shorthand_property_identifier");
            source.edit(one.start..one.end, if is_property { format!("{name}: {right}") } else { right.to_owned() })
        })
        .collect();
    Some((right.to_owned(), edits))
}

/// Returns the names that a module exports by name.
fn exports(source: &Source) -> Vec<&str> {
    let mut found = Vec::new();
    for statement in parts(source.root()).into_iter().filter(|part| part.kind() == "export_statement") {
        if let Some(declaration) = statement.child_by_field_name("declaration") {
            found.extend(declaration.child_by_field_name("name").map(|name| source.str(name)));
            let declarators = parts(declaration).into_iter().filter(|part| part.kind() == "variable_declarator");
            found.extend(declarators.filter_map(|part| part.child_by_field_name("name")).map(|name| source.str(name)));
        }
        let lists = parts(statement).into_iter().filter(|part| part.kind() == "export_clause");
        for specifier in lists.flat_map(parts) {
            let name = specifier.child_by_field_name("alias").or_else(|| specifier.child_by_field_name("name"));
            found.extend(name.map(|name| source.str(name)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
