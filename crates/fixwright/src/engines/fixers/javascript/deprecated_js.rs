//! Rewrites what Node and JavaScript have deprecated where the successor is known and means the same.

use domain::{Applicability, Edit, Finding};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::JAVASCRIPT;
use super::source::{Source, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "deprecated_js",
    about: "replaces deprecated calls of Node and JavaScript by their successors",
    handles: |finding| item(finding).is_some_and(|name| known(name).is_some()),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// What is done about an item.
#[derive(Clone, Copy)]
enum Way {
    /// Another function takes the same arguments.
    Function(&'static str),
    /// The member has another name.
    Member(&'static str),
    /// The module has another name.
    Module(&'static str),
    /// A question about one value, `_`, is asked without a call; asked twice about it, it must be a plain name.
    Test(&'static str),
    Buffer,
    Substr,
}

fn known(item: &str) -> Option<Way> {
    Some(match item {
        "Buffer()" | "new Buffer()" => Way::Buffer,
        "substr" => Way::Substr,
        "trimLeft" => Way::Member("trimStart"),
        "trimRight" => Way::Member("trimEnd"),
        "os.tmpDir" => Way::Member("tmpdir"),
        "os.getNetworkInterfaces" => Way::Member("networkInterfaces"),
        "path._makeLong" => Way::Member("toNamespacedPath"),
        "util.isDate" => Way::Member("types.isDate"),
        "util.isRegExp" => Way::Member("types.isRegExp"),
        "util.isArray" => Way::Function("Array.isArray"),
        "util.isBuffer" => Way::Function("Buffer.isBuffer"),
        "util.puts" => Way::Function("console.log"),
        "util.error" => Way::Function("console.error"),
        "util._extend" => Way::Function("Object.assign"),
        "util.isBoolean" => Way::Test("typeof _ === 'boolean'"),
        "util.isError" => Way::Test("_ instanceof Error"),
        "util.isFunction" => Way::Test("typeof _ === 'function'"),
        "util.isNull" => Way::Test("_ === null"),
        "util.isNullOrUndefined" => Way::Test("_ === null || _ === undefined"),
        "util.isNumber" => Way::Test("typeof _ === 'number'"),
        "util.isObject" => Way::Test("typeof _ === 'object' && _ !== null"),
        "util.isString" => Way::Test("typeof _ === 'string'"),
        "util.isSymbol" => Way::Test("typeof _ === 'symbol'"),
        "util.isUndefined" => Way::Test("_ === undefined"),
        "sys" => Way::Module("util"),
        _ => return None,
    })
}

/// Returns the item of what eslint-plugin-n, typescript-eslint and eslint's own `no-buffer-constructor` say.
fn item(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    if finding.rule == "no-buffer-constructor" {
        return message.split_once(" is deprecated").map(|(item, _)| item);
    }
    let by_node = message.strip_prefix('\'').and_then(|rest| rest.split_once("' was deprecated since "));
    let module = || message.strip_prefix('\'')?.split_once("' module was deprecated since ");
    let by_type = || message.strip_prefix('`')?.split_once("` is deprecated");
    by_node.or_else(module).or_else(by_type).map(|(item, _)| item)
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let item = item(context.finding)?;
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let node = source.node(range.clone()).filter(|node| node.start_byte() == range.start)?;
    let (applicability, edits) = match known(item)? {
        Way::Function(name) => (Applicability::Safe, vec![source.edit(member(&source, node, item)?.byte_range(), name)]),
        Way::Member(name) => {
            let property = member(&source, node, item)?.child_by_field_name("property")?;
            (Applicability::Safe, vec![source.edit(property.byte_range(), name)])
        }
        Way::Module(name) => (Applicability::Safe, vec![module(&source, node, item, name)?]),
        Way::Test(test) => (Applicability::Safe, vec![asked(&source, member(&source, node, item)?, test)?]),
        Way::Buffer => (Applicability::Unsafe, buffer(&source, node)?),
        Way::Substr => (Applicability::Unsafe, vec![substr(&source, node)?]),
    };
    Some(Proposal { summary: format!("replace the deprecated `{item}`"), applicability, repair: Repair::Edits(edits) })
}

/// Returns the member expression that names the item: `util.isArray`, whatever the module is called here, or `text.trimLeft`.
fn member<'s>(source: &'s Source, node: Node<'s>, item: &str) -> Option<Node<'s>> {
    let name = item.rsplit('.').next()?;
    let node = if node.kind() == "property_identifier" { node.parent()? } else { node };
    let property = node.child_by_field_name("property").filter(|_| node.kind() == "member_expression")?;
    (source.str(property) == name).then_some(node)
}

fn module(source: &Source, call: Node<'_>, from: &str, to: &str) -> Option<Edit> {
    let arguments = call.child_by_field_name("arguments")?;
    let name = parts(arguments).into_iter().find(|one| one.kind() == "string")?;
    (source.str(name).trim_matches(['\'', '"']) == from).then(|| source.edit(name.start_byte() + 1..name.end_byte() - 1, to))
}

/// `util.isString(x)` becomes `typeof x === 'string'`, in parentheses where its surroundings could take it apart.
fn asked(source: &Source, callee: Node<'_>, test: &str) -> Option<Edit> {
    let call = callee.parent().filter(|call| call.kind() == "call_expression")?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let [value] = arguments.as_slice() else { return None };
    let is_plain = matches!(value.kind(), "identifier" | "this");
    let is_tight = is_plain || matches!(value.kind(), "member_expression" | "subscript_expression" | "call_expression");
    if !is_plain && test.matches('_').count() > 1 || source.str(*value).contains("/*") {
        return None;
    }
    let text = if is_tight { source.str(*value).to_owned() } else { format!("({})", source.str(*value)) };
    let quote = if source.text.matches('"').count() > source.text.matches('\'').count() { "\"" } else { "'" };
    let test = test.replace('\'', quote).replace('_', &text);
    let parent = call.parent()?;
    let is_apart =
        matches!(parent.kind(), "parenthesized_expression" | "arguments" | "variable_declarator" | "return_statement" | "array")
            || parent.kind() == "assignment_expression";
    let is_joined = parent.kind() == "binary_expression"
        && parent.child_by_field_name("operator").is_some_and(|word| matches!(source.str(word), "&&" | "||"))
        && !test.contains("&&")
        && !test.contains("||");
    Some(source.edit(call.byte_range(), if is_apart || is_joined { test } else { format!("({test})") }))
}

/// `new Buffer(x)` is `Buffer.alloc(x)` for a size, else `Buffer.from(x)`.
fn buffer(source: &Source, call: Node<'_>) -> Option<Vec<Edit>> {
    let call = if call.kind() == "identifier" { call.parent()? } else { call };
    let callee = call.child_by_field_name("constructor").or_else(|| call.child_by_field_name("function"))?;
    if source.str(callee) != "Buffer" || !matches!(call.kind(), "new_expression" | "call_expression") {
        return None;
    }
    let arguments = parts(call.child_by_field_name("arguments")?);
    let first = *arguments.first()?;
    let is_size = arguments.len() == 1 && is_number(source, first);
    let name = if is_size { "Buffer.alloc" } else { "Buffer.from" };
    Some(vec![source.edit(call.start_byte()..callee.end_byte(), name)])
}

/// Says whether an expression looks like a number: by its form, or by how sizes are called.
fn is_number(source: &Source, value: Node<'_>) -> bool {
    let named_size = |name: &str| {
        let name = name.to_lowercase();
        ["length", "len", "size", "count", "bytes", "n"]
            .iter()
            .any(|word| name == *word || word.len() > 2 && name.ends_with(word))
    };
    match value.kind() {
        "number" => true,
        "identifier" => named_size(source.str(value)),
        "member_expression" => value.child_by_field_name("property").is_some_and(|name| named_size(source.str(name))),
        "parenthesized_expression" => value.named_child(0).is_some_and(|inner| is_number(source, inner)),
        "binary_expression" => {
            let sides = [value.child_by_field_name("left"), value.child_by_field_name("right")];
            let operator = value.child_by_field_name("operator").map_or("", |word| source.str(word));
            match operator {
                "-" | "*" | "/" | "%" | "<<" | ">>" | ">>>" => true,
                "+" => sides.into_iter().flatten().all(|side| is_number(source, side)),
                _ => false,
            }
        }
        "call_expression" => value.child_by_field_name("function").is_some_and(|function| {
            let function = source.str(function);
            function.starts_with("Math.") || function.ends_with(".byteLength") || matches!(function, "parseInt" | "Number")
        }),
        _ => false,
    }
}

/// `x.substr(a)` is `x.slice(a)`, and `x.substr(0, n)` is `x.slice(0, n)` unless `n` is negative.
fn substr(source: &Source, node: Node<'_>) -> Option<Edit> {
    let member = member(source, node, "substr")?;
    let call = member.parent().filter(|call| call.kind() == "call_expression")?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let same = match arguments.as_slice() {
        [_] => true,
        [start, length] => {
            let is_length =
                length.kind() == "number" || length.kind() == "member_expression" && source.str(*length).ends_with(".length");
            source.str(*start) == "0" && is_length
        }
        _ => false,
    };
    same.then(|| member.child_by_field_name("property").map(|property| source.edit(property.byte_range(), "slice")))?
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
