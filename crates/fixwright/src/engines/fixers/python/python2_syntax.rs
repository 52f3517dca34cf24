//! Files that only Python 2 reads: `print x`, `except E, e`, `raise E, "m"`, `exec c in d`, `` `x` ``, `<>`, `0777`, `10L`, `d.has_key(k)`.
//!
//! The file is converted as a whole, so every finding in it asks for the same edits, and nothing is proposed unless all of it parses afterwards. A file that
//! could not be parsed was not linted either: what is wrong in it otherwise is found then.

use domain::{Applicability, Edit, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{parts, walk};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "python2_syntax",
    about: "converts the syntax of Python 2 to that of Python 3",
    handles: |finding| {
        matches!(
            finding.rule.as_str(),
            "syntax-error" | "invalid-syntax" | "E999" | "E0001" | "SyntaxError" | "compileall" | "syntax"
        ) || finding.message.starts_with("SyntaxError:")
            || finding.message.starts_with("Missing parentheses in call to")
            || matches!(finding.rule.as_str(), "F821" | "B025" | "B030")
    },
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let path = context.finding.path()?;
        if code::language_of(path) != Some(Language::Python) {
            return None;
        }
        let text = context.files.text(path)?;
        if matches!(context.finding.rule.as_str(), "F821" | "B025" | "B030") {
            return except_with_comma(context);
        }
        // Backquotes are unknown to the grammar, so they go first; lengths change, so the file is replaced from the first difference to the last.
        let unquoted = without_backquotes(&text)?;
        let converted = convert(&unquoted)?;
        is_python3(&converted)
            .then(|| lines_that_differ(&text, &converted).into_iter().map(|(range, new)| Edit::new(path, range, new)).collect())
    };
    proposals("Convert the file to Python 3 syntax", Applicability::Unsafe, edits())
}

/// `except E, e:` is what Python 2 wrote for `as e`, and two types since Python 3.14, which parses and finds no `e`.
fn except_with_comma(context: &FixContext<'_>) -> Option<Vec<Edit>> {
    let source = source(context)?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let clauses = std::iter::successors(source.leaf(at), Node::parent).filter(|node| node.kind() == "except_clause");
    let (comma, name) = clauses.filter_map(comma).find(|(_, name)| {
        let text = source.str(*name);
        text.starts_with(char::is_lowercase)
            && context
                .finding
                .message
                .split(['`', '\''])
                .nth(1)
                .is_none_or(|meant| meant == text || context.finding.rule != "F821")
    })?;
    Some(vec![source.edit(comma.start_byte()..name.start_byte(), " as ")])
}

/// The replacements that turn one text into the other, line by line where they have the same number of lines.
fn lines_that_differ(old: &str, new: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let (before, after): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let same_start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    if before.len() != after.len() {
        let start: usize = before.iter().take(same_start).map(|line| line.len()).sum();
        let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
        let tail = tail.min(before.len() - same_start).min(after.len() - same_start);
        let kept: usize = before.iter().rev().take(tail).map(|line| line.len()).sum();
        return vec![(start..old.len() - kept, new.get(start..new.len() - kept).unwrap_or_default().to_owned())];
    }
    let mut at = 0;
    let mut edits = Vec::new();
    for (old, new) in before.into_iter().zip(after) {
        if old != new {
            edits.push((at..at + old.len(), new.to_owned()));
        }
        at += old.len();
    }
    edits
}

fn is_python3(text: &str) -> bool {
    let Some(tree) = code::parse(Language::Python, text.as_bytes()) else { return false };
    let root = tree.root_node();
    let mut old = root.has_error();
    walk(root, |node| {
        old |= match node.kind() {
            "print_statement" | "exec_statement" | "<>" => true,
            "raise_statement" => node.named_child(0).is_some_and(|what| what.kind() == "expression_list"),
            "except_clause" => comma(node).is_some(),
            "integer" => octal(own(text, node)).is_some() || own(text, node).ends_with(['l', 'L']),
            "parameters" | "lambda_parameters" => parts(node).iter().any(|parameter| parameter.kind() == "tuple_pattern"),
            _ => false,
        }
    });
    !old
}

fn own<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The comma of `except E, e`, and the name behind it.
fn comma(clause: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let mut cursor = clause.walk();
    let comma = clause.children(&mut cursor).find(|child| child.kind() == ",")?;
    let name = comma.next_named_sibling().filter(|name| name.kind() == "identifier")?;
    Some((comma, name))
}

/// `0777` as Python 3 writes it.
fn octal(number: &str) -> Option<String> {
    let digits = number.trim_end_matches(['l', 'L']).strip_prefix('0')?;
    let is_octal = !digits.is_empty() && digits.chars().all(|c| ('0'..='7').contains(&c)) && digits.chars().any(|c| c != '0');
    is_octal.then(|| format!("0o{digits}"))
}

/// Applies one kind of change at a time, innermost last: a `print` may hold what is to be changed as well.
fn convert(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    let whole_file = old_print(&text);
    // Each round changes what does not hold another change; nesting is shallow in any real file.
    for _ in 0..20 {
        let tree = code::parse(Language::Python, text.as_bytes())?;
        let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        walk(tree.root_node(), |node| edits.extend(rewrite(&text, node, whole_file)));
        if edits.is_empty() {
            return Some(text);
        }
        let holds_another = |one: &std::ops::Range<usize>| {
            edits.iter().any(|(other, _)| other != one && one.start <= other.start && other.end <= one.end)
        };
        let mut now: Vec<_> = edits.iter().filter(|(range, _)| !holds_another(range)).cloned().collect();
        now.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        now.dedup();
        for (range, new) in now {
            text.get(range.clone())?;
            text.replace_range(range, &new);
        }
    }
    None
}

/// Whether the file prints by statement, so that `print` alone and `print (a) % b` are statements too.
fn old_print(text: &str) -> bool {
    let Some(tree) = code::parse(Language::Python, text.as_bytes()) else { return false };
    let mut found = false;
    walk(tree.root_node(), |node| found |= node.kind() == "print_statement");
    found
}

fn rewrite(text: &str, node: Node<'_>, prints: bool) -> Option<(std::ops::Range<usize>, String)> {
    let own = |node: Node<'_>| own(text, node);
    let range = node.byte_range();
    match node.kind() {
        "print_statement" => {
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            let chevron = children.iter().find(|child| child.kind() == "chevron");
            let ends_in_comma = children.last().is_some_and(|last| last.kind() == ",");
            let values: Vec<Node<'_>> = node.children_by_field_name("argument", &mut node.walk()).collect();
            let mut arguments = match values.first().zip(values.last()) {
                Some((first, last)) => text.get(first.start_byte()..last.end_byte())?.to_owned(),
                None => String::new(),
            };
            let mut add = |argument: String| {
                if !arguments.is_empty() {
                    arguments.push_str(", ");
                }
                arguments.push_str(&argument);
            };
            if ends_in_comma && !values.is_empty() {
                add("end=' '".to_owned());
            }
            if let Some(to) = chevron.and_then(|chevron| chevron.named_child(0)) {
                add(format!("file={}", own(to)));
            }
            Some((range, format!("print({arguments})")))
        }
        "expression_statement" if prints && own(node) == "print" => Some((range, "print()".to_owned())),
        "expression_statement" if prints => {
            let expression = node.named_child(0)?;
            let rest = own(node).strip_prefix("print")?;
            let left = std::iter::successors(Some(expression), |inner| {
                inner.child_by_field_name("left").or_else(|| inner.child_by_field_name("object"))
            })
            .last()?;
            let is_statement = matches!(expression.kind(), "binary_operator" | "tuple" | "expression_list")
                && rest.trim_start().starts_with('(')
                && left.kind() == "call";
            is_statement.then(|| (range, format!("print({})", rest.trim_start())))
        }
        "exec_statement" => {
            let code = node.child_by_field_name("code")?;
            let scopes: Vec<&str> = parts(node).into_iter().filter(|part| part.id() != code.id()).map(own).collect();
            let arguments: Vec<&str> = std::iter::once(own(code)).chain(scopes).collect();
            Some((range, format!("exec({})", arguments.join(", "))))
        }
        "except_clause" => {
            let (comma, name) = comma(node)?;
            Some((comma.start_byte()..name.start_byte(), " as ".to_owned()))
        }
        "raise_statement" => {
            let list = node.named_child(0).filter(|what| what.kind() == "expression_list")?;
            let values = parts(list);
            let made = |class: Node<'_>, value: Node<'_>| match (own(value), value.kind()) {
                ("None", _) => own(class).to_owned(),
                (value, "tuple") => format!("{}{value}", own(class)),
                (value, _) => format!("{}({value})", own(class)),
            };
            // The parts of `sys.exc_info()`: the second is an instance already.
            let is_instance =
                |class: Node<'_>, value: Node<'_>| match (own(class).strip_suffix("[0]"), own(value).strip_suffix("[1]")) {
                    (Some(class), Some(value)) => class == value,
                    _ => {
                        class.kind() == "identifier" && value.kind() == "identifier" && own(class).starts_with(char::is_lowercase)
                    }
                };
            let text = match values[..] {
                [class, value, trace] if is_instance(class, value) => format!("{}.with_traceback({})", own(value), own(trace)),
                [class, value] => made(class, value),
                [class, value, trace] => format!("{}.with_traceback({})", made(class, value), own(trace)),
                _ => return None,
            };
            Some((list.byte_range(), text))
        }
        "<>" => Some((range, "!=".to_owned())),
        "integer" => {
            let number = own(node);
            let new = octal(number).unwrap_or_else(|| number.trim_end_matches(['l', 'L']).to_owned());
            (new != number).then_some((range, new))
        }
        "call" => {
            let callee = node.child_by_field_name("function").filter(|callee| callee.kind() == "attribute")?;
            if own(callee.child_by_field_name("attribute")?) != "has_key" {
                return None;
            }
            let object = own(callee.child_by_field_name("object")?);
            let arguments = parts(node.child_by_field_name("arguments")?);
            let [key] = arguments[..] else { return None };
            let simple = matches!(key.kind(), "identifier" | "attribute" | "string" | "integer" | "subscript" | "call" | "tuple");
            let key = if simple { own(key).to_owned() } else { format!("({})", own(key)) };
            let parent = node.parent()?;
            if parent.kind() == "not_operator" {
                return Some((parent.byte_range(), format!("{key} not in {object}")));
            }
            let bare = matches!(
                parent.kind(),
                "if_statement"
                    | "while_statement"
                    | "elif_clause"
                    | "boolean_operator"
                    | "return_statement"
                    | "assignment"
                    | "argument_list"
                    | "parenthesized_expression"
                    | "expression_statement"
                    | "assert_statement"
                    | "if_clause"
                    | "conditional_expression"
            );
            Some((range, if bare { format!("{key} in {object}") } else { format!("({key} in {object})") }))
        }
        "parameters" => tuple_parameter(text, node),
        _ => None,
    }
}

/// `def f(a, (b, c)):` takes the pair under a name of its own and unpacks it first.
fn tuple_parameter(text: &str, parameters: Node<'_>) -> Option<(std::ops::Range<usize>, String)> {
    let function = parameters.parent().filter(|function| function.kind() == "function_definition")?;
    let index = parts(parameters).iter().position(|parameter| parameter.kind() == "tuple_pattern")?;
    let pattern = *parts(parameters).get(index)?;
    let body = function.child_by_field_name("body")?;
    let first = parts(body).into_iter().next()?;
    if body.start_position().row == function.start_position().row {
        return None;
    }
    let is_docstring =
        first.kind() == "expression_statement" && first.named_child(0).is_some_and(|child| child.kind() == "string");
    let names: Vec<&str> =
        own(text, pattern).split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty()).collect();
    let name = names.join("_");
    let line = text.get(..first.start_byte())?.rfind('\n')? + 1;
    let indent = text.get(line..first.start_byte()).filter(|indent| indent.trim().is_empty())?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unpack = format!("{} = {name}", own(text, pattern));
    let at = if is_docstring { first.end_byte() } else { first.start_byte() };
    let inserted = if is_docstring { format!("{newline}{indent}{unpack}") } else { format!("{unpack}{newline}{indent}") };
    let between = text.get(pattern.end_byte()..at)?;
    Some((pattern.start_byte()..at, format!("{name}{between}{inserted}")))
}

/// Writes `` `x` `` as `repr(x)` and `ur""` as `r""`, outside of strings and comments: what the grammar does not know. `None` when a backquote has no partner.
fn without_backquotes(text: &str) -> Option<String> {
    let raw_unicode = ["ur'", "ur\"", "UR'", "UR\"", "uR'", "uR\"", "Ur'", "Ur\""];
    if !text.contains('`') && !raw_unicode.iter().any(|prefix| text.contains(prefix)) {
        return Some(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut open = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let triple: String = std::iter::repeat_n(c, 3).collect();
                let quote = if rest.starts_with(&triple) { triple } else { c.to_string() };
                string_end(rest, &quote)
            }
            '`' => {
                out.push_str(if open { ")" } else { "repr(" });
                open = !open;
                rest = rest.get(1..)?;
                continue;
            }
            'u' | 'U'
                if raw_unicode.iter().any(|prefix| rest.starts_with(prefix))
                    && !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') =>
            {
                rest = rest.get(1..)?;
                continue;
            }
            _ => c.len_utf8(),
        };
        out.push_str(rest.get(..taken)?);
        rest = rest.get(taken..)?;
    }
    (!open).then_some(out)
}

/// Where a string that `text` starts with ends.
fn string_end(text: &str, quote: &str) -> usize {
    let mut at = quote.len();
    while let Some(rest) = text.get(at..) {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        match rest.chars().next() {
            Some('\\') => at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            Some('\n') if quote.len() == 1 => return at,
            Some(c) => at += c.len_utf8(),
            None => return text.len(),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
