//! Rewrites what Go's standard library has deprecated where the successor is known and means the same.
//!
//! An import that goes takes all that the file uses of it along, since neither half compiles alone.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::missing_go_import::{add, module, path_of, remove, specs};
use super::packages::likely_name;
use super::scopes::local_names;
use super::source::{Source, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "deprecated_go",
    about: "replaces deprecated items of Go's standard library by their successors",
    handles: |finding| item(finding).is_some_and(|name| known(name).is_some()),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// What is done about an item.
#[derive(Clone, Copy)]
enum Way {
    /// The package is no more: where each of its names is now.
    Package(&'static [(&'static str, &'static str, &'static str)]),
    /// The same in another package: its path and the name there.
    Moved(&'static str, &'static str),
    /// The statement does nothing any more when it is called with the time.
    Seed,
}

const IOUTIL: &[(&str, &str, &str)] = &[
    ("Discard", "io", "Discard"),
    ("NopCloser", "io", "NopCloser"),
    ("ReadAll", "io", "ReadAll"),
    ("ReadFile", "os", "ReadFile"),
    ("TempDir", "os", "MkdirTemp"),
    ("TempFile", "os", "CreateTemp"),
    ("WriteFile", "os", "WriteFile"),
];

fn known(item: &str) -> Option<Way> {
    Some(match item {
        "io/ioutil" => Way::Package(IOUTIL),
        "os.SEEK_SET" => Way::Moved("io", "SeekStart"),
        "os.SEEK_CUR" => Way::Moved("io", "SeekCurrent"),
        "os.SEEK_END" => Way::Moved("io", "SeekEnd"),
        "reflect.PtrTo" => Way::Moved("reflect", "PointerTo"),
        "math/rand.Seed" | "rand.Seed" => Way::Seed,
        _ => {
            let (_, _, _) =
                IOUTIL.iter().find(|(name, ..)| item.strip_suffix(name).is_some_and(|lead| lead.ends_with("ioutil.")))?;
            Way::Package(IOUTIL)
        }
    })
}

/// Returns the item of `io/ioutil has been deprecated since Go 1.19: …`, as staticcheck says it, alone or through golangci-lint.
fn item(finding: &Finding) -> Option<&str> {
    let message = finding.message.strip_prefix("SA1019: ").unwrap_or(&finding.message);
    let (item, rest) = message.split_once(" has been deprecated ").or_else(|| message.split_once(" is deprecated: "))?;
    (!rest.is_empty()).then(|| item.trim_matches('"'))
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let item = item(context.finding)?;
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let (applicability, edits) = match known(item)? {
        Way::Package(names) => (Applicability::Safe, package(&source, "io/ioutil", names)?),
        Way::Moved(path, name) => (Applicability::Safe, moved(&source, at, path, name)?),
        Way::Seed => (Applicability::Unsafe, seed(context, &source, at)?),
    };
    Some(Proposal { summary: format!("replace the deprecated `{item}`"), applicability, repair: Repair::Edits(edits) })
}

/// Returns the selector that starts at `at`.
fn selector(source: &Source, at: usize) -> Option<Node<'_>> {
    std::iter::successors(source.leaf(at), Node::parent)
        .take_while(|node| node.start_byte() == at)
        .find(|node| matches!(node.kind(), "selector_expression" | "qualified_type"))
}

/// Says whether a name at this place would mean something else than the package of that name.
fn is_taken(source: &Source, node: Node<'_>, package: &str) -> bool {
    local_names(source, node).contains(package)
}

fn package(source: &Source, from: &str, names: &[(&str, &str, &str)]) -> Option<Vec<Edit>> {
    let all = specs(source);
    let spec = *all.iter().find(|spec| path_of(source, **spec).as_deref() == Some(from))?;
    let alias = spec.child_by_field_name("name").map_or(likely_name(from), |name| source.str(name));
    let (mut edits, mut needed, mut sure) = (Vec::new(), Vec::new(), true);
    walk(source.root(), |node| {
        let parts = match node.kind() {
            "selector_expression" => node.child_by_field_name("operand").zip(node.child_by_field_name("field")),
            "qualified_type" => node.child_by_field_name("package").zip(node.child_by_field_name("name")),
            _ => None,
        };
        let Some((operand, field)) = parts.filter(|(operand, _)| source.str(*operand) == alias) else { return };
        match names.iter().find(|(name, ..)| *name == source.str(field)) {
            Some((_, path, to)) if !is_taken(source, node, path) && !is_taken(source, node, alias) => {
                edits.push(source.edit(operand.start_byte()..field.end_byte(), format!("{path}.{to}")));
                if !needed.contains(path) {
                    needed.push(*path);
                }
            }
            _ => sure = false,
        }
    });
    let is_imported = |path: &str| all.iter().find(|spec| path_of(source, **spec).as_deref() == Some(path)).copied();
    if !sure
        || edits.is_empty()
        || needed.iter().any(|path| is_imported(path).is_some_and(|spec| spec.child_by_field_name("name").is_some()))
    {
        return None;
    }
    needed.retain(|path| is_imported(path).is_none());
    needed.sort_unstable();
    edits.extend(imports(source, spec, &needed)?);
    Some(edits)
}

/// Puts the imports of `paths` in the place of one.
fn imports(source: &Source, spec: Node<'_>, paths: &[&str]) -> Option<Vec<Edit>> {
    let mut edits = vec![remove(source, spec)?];
    let gone = edits.first()?.range();
    let mut in_place: Vec<&str> = Vec::new();
    for path in paths {
        let edit = add(source, path, path)?;
        // Sorted, it would stand where the old one stands.
        if edit.start <= gone.end && gone.start <= edit.end || edits.iter().any(|other| other.start == edit.start) {
            in_place.push(path);
        } else {
            edits.push(edit);
        }
    }
    if !in_place.is_empty() {
        let lines: Vec<String> = in_place.iter().map(|path| format!("\"{path}\"")).collect();
        let glue = format!("{}{}", source.newline(), source.indent(spec.start_byte()));
        if let Some(first) = edits.first_mut() {
            *first = source.edit(spec.byte_range(), lines.join(&glue));
        }
        // One import without a list holds one path.
        if lines.len() > 1 && spec.parent().is_some_and(|parent| parent.kind() == "import_declaration") {
            let inner = lines.join(&format!("{}\t", source.newline()));
            edits = vec![source.edit(spec.byte_range(), format!("({0}\t{inner}{0})", source.newline()))];
        }
    }
    Some(edits)
}

fn moved(source: &Source, at: usize, path: &str, name: &str) -> Option<Vec<Edit>> {
    let selector = selector(source, at)?;
    if is_taken(source, selector, path) {
        return None;
    }
    let mut edits = vec![source.edit(selector.byte_range(), format!("{path}.{name}"))];
    if !specs(source).into_iter().any(|spec| path_of(source, spec).as_deref() == Some(path)) {
        edits.push(add(source, path, path)?);
    }
    Some(edits)
}

/// Since Go 1.20 the generator is seeded by itself.
fn seed(context: &FixContext<'_>, source: &Source, at: usize) -> Option<Vec<Edit>> {
    let call = selector(source, at)?.parent().filter(|call| call.kind() == "call_expression")?;
    let (folder, _) = module(context, source)?;
    let manifest = domain::RepoPath::new(format!("{folder}/go.mod").trim_start_matches('/')).ok()?;
    let text = context.files.text(&manifest)?;
    let minor = text.lines().find_map(|line| line.strip_prefix("go 1."))?.split('.').next()?.trim().parse::<u32>().ok()?;
    let arguments = call.child_by_field_name("arguments")?;
    let statement = call.parent().filter(|node| node.kind() == "expression_statement")?;
    let plain =
        matches!(source.str(arguments), "(time.Now().UnixNano())" | "(time.Now().Unix())" | "(int64(time.Now().Nanosecond()))");
    (minor >= 20 && plain).then(|| vec![source.edit(source.whole_statement(statement.byte_range()), "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
