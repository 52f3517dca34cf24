//! Calls of Go's print functions that `go vet` finds wrong: a verb that does not fit its argument, a format given to a function that
//! takes none, a newline too many.

use domain::{Applicability, Edit, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor, parts};

pub(super) const FIXER: Fixer = Fixer {
    id: "go_printf",
    about: "corrects the verbs of Go's print functions, and calls the one that takes a format",
    handles: |finding| {
        let message = finding.message.as_str();
        message.contains(" has arg ") && message.contains(" of wrong type ")
            || message.contains(" does not support error-wrapping directive %w")
            || message.ends_with(" call has arguments but no formatting directives")
            || is_too_many(message)
            || message.contains("call has possible ") && message.contains("formatting directive")
            || message.ends_with("arg list ends with redundant newline")
    },
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let message = context.finding.message.as_str();
    let called = message.split(' ').next()?.rsplit('.').next()?;
    let mut call = source.node(at..at + 1)?;
    while !(call.kind() == "call_expression" && function_name(call).is_some_and(|name| source.str(name) == called)) {
        call = ancestor(call, &["call_expression"])?;
    }
    let (summary, edits) = if message.contains(" of wrong type ") {
        ("print a value with a verb that fits its type", verb(&source, call, at, message)?)
    } else if message.ends_with("no formatting directives") || is_too_many(message) {
        ("print the values that the format left out", left_out(&source, call)?)
    } else if message.contains("error-wrapping") {
        ("print an error where none is wrapped", unwrapped(&source, call)?)
    } else if message.contains("formatting directive") {
        ("call the print function that takes a format", formatted(&source, call)?)
    } else {
        ("print the newline once, where it is written", newline(&source, call)?)
    };
    Some(Proposal { summary: summary.to_owned(), applicability: Applicability::Unsafe, repair: Repair::Edits(edits) })
}

/// `fmt.Printf call needs 1 arg but has 2 args`
fn is_too_many(message: &str) -> bool {
    let count = |text: &str| text.split(' ').next().and_then(|word| word.parse::<u32>().ok());
    let counts = message.split_once(" call needs ").and_then(|(_, rest)| rest.split_once(" but has "));
    counts.is_some_and(|(needs, has)| count(needs) < count(has))
}

fn function_name(call: Node<'_>) -> Option<Node<'_>> {
    let function = call.child_by_field_name("function")?;
    function.child_by_field_name("field").or(Some(function))
}

struct Verb {
    start: usize,
    end: usize,
}

/// Returns the verbs of a format literal that each take one argument, `None` when a width is taken from the arguments as well.
fn verbs(source: &Source, literal: Node<'_>) -> Option<Vec<Verb>> {
    let text = source.str(literal).as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..)?.iter().position(|byte| *byte == b'%').map(|offset| at + offset) {
        let mut end = start + 1;
        while text.get(end).is_some_and(|byte| b"+-# 0123456789.".contains(byte)) {
            end += 1;
        }
        match text.get(end)? {
            b'*' | b'[' => return None,
            b'%' => {}
            _ => found.push(Verb { start: literal.start_byte() + start, end: literal.start_byte() + end + 1 }),
        }
        at = end + 1;
    }
    Some(found)
}

fn is_literal(node: Node<'_>) -> bool {
    matches!(node.kind(), "interpreted_string_literal" | "raw_string_literal")
}

/// `fmt.Printf format %d has arg name of wrong type string`
fn verb(source: &Source, call: Node<'_>, at: usize, message: &str) -> Option<Vec<Edit>> {
    let directive = message.split(" format ").nth(1)?.split(' ').next()?;
    let (named, kind) = message.split_once(" has arg ")?.1.rsplit_once(" of wrong type ")?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let format = arguments.iter().position(|one| is_literal(*one))?;
    let literal = *arguments.get(format)?;
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let fits: Vec<Verb> = verbs(source, literal)?
        .into_iter()
        .enumerate()
        .filter(|(index, verb)| {
            let argument = arguments.get(format + 1 + index).map(|one| plain(source.str(*one)));
            source.slice(verb.start..verb.end) == directive && argument.as_deref() == Some(plain(named).as_str())
        })
        .map(|(_, verb)| verb)
        .collect();
    let verb = match fits.as_slice() {
        [only] => only,
        several => several.iter().find(|verb| verb.start == at)?,
    };
    let letter = match kind.trim() {
        "string" | "[]byte" | "untyped string" => 's',
        "bool" | "untyped bool" => 't',
        "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uintptr" | "byte"
        | "rune" | "untyped int" => 'd',
        "float32" | "float64" | "untyped float" => 'g',
        _ => 'v',
    };
    Some(vec![source.edit(verb.end - 1..verb.end, letter.to_string())])
}

/// `fmt.Println("x %d", x)` becomes `fmt.Printf("x %d\n", x)`.
fn formatted(source: &Source, call: Node<'_>) -> Option<Vec<Edit>> {
    let name = function_name(call)?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let called = source.str(name);
    let stem = called.strip_suffix("ln").unwrap_or(called);
    let known = matches!(stem, "Print" | "Sprint" | "Fprint" | "Log" | "Error" | "Fatal" | "Panic" | "Skip");
    let format = usize::from(stem == "Fprint");
    let literal = arguments.get(format).copied().filter(|one| is_literal(*one))?;
    if !known || verbs(source, literal)?.len() != arguments.len() - format - 1 {
        return None;
    }
    let mut edits = vec![source.edit(name.start_byte() + stem.len()..name.end_byte(), "f")];
    // A logger ends its lines itself.
    let is_log = call.child_by_field_name("function").is_some_and(|function| source.str(function).starts_with("log."));
    if called.ends_with("ln") && !is_log {
        if literal.kind() != "interpreted_string_literal" {
            return None;
        }
        edits.push(source.edit(literal.end_byte() - 1..literal.end_byte() - 1, "\\n"));
    }
    Some(edits)
}

/// `t.Errorf("failed", err)` becomes `t.Errorf("failed: %v", err)`.
fn left_out(source: &Source, call: Node<'_>) -> Option<Vec<Edit>> {
    let arguments = parts(call.child_by_field_name("arguments")?);
    let format = arguments.iter().position(|one| one.kind() == "interpreted_string_literal")?;
    let literal = *arguments.get(format)?;
    let given = arguments.len() - format - 1;
    let missing = given.checked_sub(verbs(source, literal)?.len()).filter(|missing| *missing > 0)?;
    if source.str(call).contains("...") {
        return None;
    }
    let text = source.str(literal).strip_suffix('"')?;
    let mut end = text.len();
    while text.get(..end).is_some_and(|text| text.ends_with("\\n") && !text.ends_with("\\\\n")) {
        end -= 2;
    }
    let lead = match text.get(..end)?.chars().last()? {
        '"' | ' ' | '=' | '(' | '[' => "",
        ':' | ',' | ';' | '.' | '!' | '?' => " ",
        _ => ": ",
    };
    let at = literal.start_byte() + end;
    Some(vec![source.edit(at..at, format!("{lead}{}", vec!["%v"; missing].join(", ")))])
}

/// `%w` is for `fmt.Errorf` alone; elsewhere `%v` prints an error.
fn unwrapped(source: &Source, call: Node<'_>) -> Option<Vec<Edit>> {
    let literal = parts(call.child_by_field_name("arguments")?).into_iter().find(|one| is_literal(*one))?;
    let verbs = verbs(source, literal)?.into_iter().filter(|verb| source.slice(verb.end - 1..verb.end) == "w");
    let edits: Vec<Edit> = verbs.map(|verb| source.edit(verb.end - 1..verb.end, "v")).collect();
    (!edits.is_empty()).then_some(edits)
}

/// `fmt.Println("x\n")` prints two newlines; `fmt.Print("x\n\n")` says so.
fn newline(source: &Source, call: Node<'_>) -> Option<Vec<Edit>> {
    let name = function_name(call)?;
    let arguments = parts(call.child_by_field_name("arguments")?);
    let stem = source.str(name).strip_suffix("ln").filter(|stem| matches!(*stem, "Print" | "Fprint" | "Sprint"))?;
    let function = source.str(call.child_by_field_name("function")?);
    // A constant string, or a sum that ends with one.
    let literal = arguments.last().copied()?;
    let is_raw = literal.kind() != "interpreted_string_literal";
    if arguments.len() == 1 + usize::from(stem == "Fprint") && (function.starts_with("fmt.") || function.starts_with("log.")) {
        let more = if is_raw { (literal.end_byte(), " + \"\\n\"") } else { (literal.end_byte() - 1, "\\n") };
        return Some(vec![source.edit(name.start_byte() + stem.len()..name.end_byte(), ""), source.edit(more.0..more.0, more.1)]);
    }
    // Of several values, which `Println` sets apart, the empty line becomes a call of its own.
    let statement = call.parent().filter(|node| node.kind() == "expression_statement" || node.kind() == "statement_list")?;
    let own_line = source.slice(call.end_byte()..source.line_end(call.end_byte())).trim().is_empty();
    let writer = if stem == "Fprint" { source.str(*arguments.first()?) } else { "" };
    let is_plain = writer.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b));
    if is_raw || !own_line || !is_plain || !function.starts_with("fmt.") || statement.has_error() {
        return None;
    }
    let ending = literal.end_byte() - 1;
    (source.slice(ending - 2..ending) == "\\n").then_some(())?;
    let (line, indent) = (source.newline(), source.indent(call.start_byte()));
    Some(vec![
        source.edit(ending - 2..ending, ""),
        source.edit(call.end_byte()..call.end_byte(), format!("{line}{indent}{function}({writer})")),
    ])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
