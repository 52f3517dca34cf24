//! What a file imports: modules, and names out of them, with what they are called there.

use domain::Language;
use tree_sitter::Node;

use super::Role;
use super::declared::{lines, unquoted};
use super::facts::{Facts, Qualifier, RawImport, RawReference};
use super::walk::line_of;
use crate::descendants;

/// An import with more names is no person's work.
const MAX_NAMES: usize = 1000;

/// Reads one import.
pub(super) fn read(language: Language, node: Node<'_>, text: &[u8], facts: &mut Facts) {
    let mut to = To { node, text, facts };
    match language {
        Language::Python => python(&mut to),
        Language::JavaScript | Language::TypeScript => javascript(&mut to),
        Language::Rust => rust(&mut to),
        Language::Go => go(&mut to),
        Language::Java | Language::Kotlin | Language::Scala => dotted(&mut to),
        Language::C | Language::Cpp => {
            if let Some(path) = node.child_by_field_name("path") {
                to.add(own(path, text).trim_matches(['"', '<', '>']), None, None, false);
            }
        }
        Language::CSharp | Language::Php => {
            let words = own(node, text);
            for name in words.trim_end_matches(';').split_whitespace().filter(|word| !matches!(*word, "using" | "use" | "static"))
            {
                to.add(name.trim_matches(['\\', ',']), None, None, false);
            }
        }
        Language::Ruby | Language::Bash | Language::Other => {}
    }
}

/// Reads `const a = require("b")`, `const { a, b: c } = require("d")` and `const a = require("b").c`.
pub(super) fn required(node: Node<'_>, text: &[u8], facts: &mut Facts) {
    let value = node.child_by_field_name("value").filter(|_| node.kind() == "variable_declarator");
    let Some((mut value, bound)) = value.zip(node.child_by_field_name("name")) else { return };
    let mut taken = None;
    if value.kind() == "member_expression" {
        taken = value.child_by_field_name("property");
        let Some(object) = value.child_by_field_name("object") else { return };
        value = object;
    }
    let called = value.child_by_field_name("function").filter(|_| value.kind() == "call_expression");
    if called.is_none_or(|called| own(called, text) != "require") {
        return;
    }
    let argument = value.child_by_field_name("arguments").and_then(|all| all.named_child(0)).filter(|one| one.kind() == "string");
    let Some(module) = argument.and_then(|one| std::str::from_utf8(unquoted(text, one.byte_range())).ok()) else { return };
    let mut to = To { node, text, facts };
    match (taken, bound.kind()) {
        (Some(taken), "identifier") => to.add(module, Some(own(taken, text)), Some(own(bound, text)), false),
        (None, "identifier") => to.add(module, None, Some(own(bound, text)), true),
        (None, "object_pattern") => {
            let mut cursor = bound.walk();
            for one in bound.named_children(&mut cursor).take(MAX_NAMES) {
                let (name, alias) = match one.kind() {
                    "pair_pattern" => (one.child_by_field_name("key"), one.child_by_field_name("value")),
                    _ => (Some(one), None),
                };
                let alias = alias.filter(|alias| alias.kind() == "identifier").map(|alias| own(alias, text));
                if let Some(name) = name.filter(|name| name.kind().ends_with("identifier") || name.kind().ends_with("_pattern")) {
                    to.add_at(line_of(one), module, Some(own(name, text)), alias, false);
                }
            }
        }
        _ => to.add(module, None, None, false),
    }
}

struct To<'t, 'f> {
    node: Node<'t>,
    text: &'t [u8],
    facts: &'f mut Facts,
}

impl To<'_, '_> {
    fn add(&mut self, module: &str, name: Option<&str>, alias: Option<&str>, star: bool) {
        self.add_at(line_of(self.node), module, name, alias, star);
    }

    fn add_at(&mut self, line: u32, module: &str, name: Option<&str>, alias: Option<&str>, star: bool) {
        if module.is_empty() && name.is_none() {
            return;
        }
        let names = &mut self.facts.names;
        let module = names.intern(module.as_bytes());
        let name = name.map(|name| names.intern(name.as_bytes()));
        let alias = alias.map(|alias| names.intern(alias.as_bytes()));
        self.facts.imports.push(RawImport { module, name, alias: alias.filter(|alias| Some(*alias) != name), star, line });
        // `default` is no name of the module that it comes from.
        if let Some(name) = name.filter(|name| self.facts.names.get(*name) != b"default") {
            self.facts.references.push(RawReference { name, line, role: Role::Import, qualifier: Qualifier::None });
        }
    }
}

fn own<'t>(node: Node<'_>, text: &'t [u8]) -> &'t str {
    std::str::from_utf8(text.get(node.byte_range()).unwrap_or_default()).unwrap_or_default()
}

fn python(to: &mut To<'_, '_>) {
    let (node, text) = (to.node, to.text);
    let module = node.child_by_field_name("module_name").map(|name| own(name, text));
    let mut cursor = node.walk();
    let names: Vec<Node<'_>> = node.children_by_field_name("name", &mut cursor).take(MAX_NAMES).collect();
    for one in names {
        let line = line_of(one);
        let alias = one.child_by_field_name("alias").map(|alias| own(alias, text));
        let name = own(one.child_by_field_name("name").unwrap_or(one), text);
        match module {
            Some(module) => to.add_at(line, module, Some(name), alias, false),
            None => to.add_at(line, name, None, alias, false),
        }
    }
    let mut cursor = node.walk();
    if let (Some(module), true) = (module, node.named_children(&mut cursor).any(|child| child.kind() == "wildcard_import")) {
        to.add(module, None, None, true);
    }
}

fn javascript(to: &mut To<'_, '_>) {
    let (node, text) = (to.node, to.text);
    let source = node.child_by_field_name("source").or_else(|| {
        // `import a = require("b")`
        descendants(node).take(MAX_NAMES).find(|child| child.kind() == "string")
    });
    let Some(source) = source else { return };
    let Ok(module) = std::str::from_utf8(unquoted(text, source.byte_range())) else { return };
    let before = to.facts.imports.len();
    let mut walk = descendants(node);
    while let Some(one) = walk.next() {
        match one.kind() {
            "import_specifier" | "export_specifier" => {
                let name = one.child_by_field_name("name").map(|name| own(name, text));
                let alias = one.child_by_field_name("alias").map(|alias| own(alias, text));
                to.add_at(line_of(one), module, name, alias, false);
                walk.skip_below();
            }
            "namespace_import" | "namespace_export" => {
                let alias = one.named_child(0).map(|alias| own(alias, text));
                to.add_at(line_of(one), module, None, alias, true);
                walk.skip_below();
            }
            // The default export goes by whatever name it is given here.
            "identifier" => to.add_at(line_of(one), module, Some("default"), Some(own(one, text)), false),
            _ => {}
        }
        if to.facts.imports.len() > before + MAX_NAMES {
            break;
        }
    }
    if to.facts.imports.len() == before {
        // `export * from "a"`
        to.add(module, None, None, node.kind() == "export_statement");
    }
}

fn rust(to: &mut To<'_, '_>) {
    let (node, text) = (to.node, to.text);
    let Some(argument) = node.child_by_field_name("argument").or_else(|| node.child_by_field_name("name")) else { return };
    // Each entry with the path that it stands under.
    let mut left = vec![(argument, String::new())];
    let mut added = 0;
    while let Some((one, under)) = left.pop() {
        let join = |path: &str| if under.is_empty() { path.to_owned() } else { format!("{under}::{path}") };
        if added > MAX_NAMES || under.len() > 500 {
            break;
        }
        added += 1;
        let split = |path: &str| match path.rsplit_once("::") {
            Some((module, name)) => (module.to_owned(), name.to_owned()),
            None => (path.to_owned(), String::new()),
        };
        let line = line_of(one);
        match one.kind() {
            "use_list" => {
                let mut cursor = one.walk();
                left.extend(one.named_children(&mut cursor).map(|child| (child, under.clone())));
            }
            "scoped_use_list" => {
                let path = one.child_by_field_name("path").map(|path| own(path, text)).unwrap_or_default();
                left.extend(one.child_by_field_name("list").map(|list| (list, join(path))));
            }
            "use_as_clause" => {
                let path = one.child_by_field_name("path").map(|path| own(path, text)).unwrap_or_default();
                let alias = one.child_by_field_name("alias").map(|alias| own(alias, text));
                let (module, name) = split(&join(path));
                to.add_at(line, &module, Some(&name).filter(|name| !name.is_empty()).map(String::as_str), alias, false);
            }
            "use_wildcard" => {
                let path = one.named_child(0).map(|path| own(path, text)).unwrap_or_default();
                to.add_at(line, &if path.is_empty() { under } else { join(path) }, None, None, true);
            }
            // `use a::{self}` is `use a`.
            "self" => {
                let (module, name) = split(&under);
                to.add_at(line, &module, Some(&name).filter(|name| !name.is_empty()).map(String::as_str), None, false);
            }
            "identifier" | "scoped_identifier" => {
                let (module, name) = split(&join(own(one, text)));
                to.add_at(line, &module, Some(&name).filter(|name| !name.is_empty()).map(String::as_str), None, false);
            }
            _ => {}
        }
    }
}

fn go(to: &mut To<'_, '_>) {
    let (node, text) = (to.node, to.text);
    let Some(path) = node.child_by_field_name("path") else { return };
    let Ok(module) = std::str::from_utf8(unquoted(text, path.byte_range())) else { return };
    let name = node.child_by_field_name("name").map(|name| own(name, text));
    to.add(module, None, name.filter(|name| !matches!(*name, "." | "_")), name == Some("."));
}

/// `import static a.b.C.d;`, `import a.b.*`, `import a.b.{C, D as E}`.
fn dotted(to: &mut To<'_, '_>) {
    let words = own(to.node, to.text);
    let (first, last) = lines(to.node);
    if last > first + 100 {
        return;
    }
    let path = words.trim_start_matches("import").trim().trim_start_matches("static ").trim_end_matches(';').trim();
    if let Some((module, list)) = path.split_once('{') {
        for one in list.trim_end_matches('}').split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (name, alias) =
                one.split_once(" as ").or_else(|| one.split_once("=>")).map_or((one, None), |(a, b)| (a, Some(b)));
            let star = matches!(name.trim(), "_" | "*");
            let name = Some(name.trim()).filter(|_| !star);
            to.add(module.trim_end_matches(['.', ' ']), name, alias.map(str::trim), star);
        }
        return;
    }
    let (path, alias) = path.split_once(" as ").map_or((path, None), |(path, alias)| (path, Some(alias.trim())));
    match path.trim().rsplit_once('.') {
        Some((module, "*" | "_")) => to.add(module, None, None, true),
        Some((module, name)) => to.add(module, Some(name), alias, false),
        None => to.add(path, None, alias, false),
    }
}
