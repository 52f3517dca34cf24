//! UP031 where ruff has no fix: `"%d" % n` truncates what is no integer and `"{:d}"` refuses it, so the number is made one first.

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, parts, walk};
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "percent_format",
    about: "turns percent formatting with numbers into f-strings",
    handles: |finding| finding.rule == "UP031",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let range = source.range(context.finding.location.as_ref()?)?;
        let mut node = source.node(range.clone())?;
        while node.kind() != "binary_operator" && node.parent().is_some_and(|parent| parent.start_byte() == node.start_byte()) {
            node = node.parent()?;
        }
        if node.kind() != "binary_operator" || source.str(node.child_by_field_name("operator")?) != "%" {
            return None;
        }
        let left = node.child_by_field_name("left")?;
        let right = node.child_by_field_name("right")?;
        let literals = literals(&source, left)?;
        let mut comment = false;
        walk(node, |node| comment |= node.kind() == "comment");
        if comment {
            return None;
        }
        let values = Values::of(&source, right)?;
        // A single value that may turn out to be a tuple is spread by `%s`; with numbers it can only be one of one.
        let spread = !matches!(right.kind(), "tuple" | "dictionary" | "string" | "integer" | "parenthesized_expression");
        if spread && literals.iter().any(|literal| ["%s", "%r"].iter().any(|kind| literal.body.contains(kind))) {
            return None;
        }
        let formatted =
            as_f_strings(&source, &literals, &values).or_else(|| as_format_call(&source, left, &literals, right, &values))?;
        // Literals that are joined over several lines need brackets, which may have stood around the format alone.
        let bracketed = node
            .parent()
            .is_some_and(|parent| matches!(parent.kind(), "argument_list" | "parenthesized_expression" | "tuple" | "list"));
        let formatted = if formatted.contains('\n') && !bracketed && !formatted.starts_with('(') {
            format!("({formatted})")
        } else {
            formatted
        };
        Some(vec![source.edit(node.byte_range(), formatted)])
    };
    proposals("Use format specifiers instead of percent format", Applicability::Unsafe, edits())
}

/// One string literal of a (possibly implicitly joined) format.
struct Literal<'s> {
    raw: bool,
    quote: &'static str,
    body: &'s str,
    start: usize,
    end: usize,
}

fn literals<'s>(source: &'s Source, node: Node<'_>) -> Option<Vec<Literal<'s>>> {
    match node.kind() {
        "string" => {
            let text = source.str(node);
            let prefix = text.get(..text.find(['"', '\''])?)?.to_lowercase();
            let raw = match prefix.as_str() {
                "" | "u" => false,
                "r" => true,
                _ => return None,
            };
            let rest = text.get(prefix.len()..)?;
            let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote))?;
            let body = rest.strip_prefix(quote)?.strip_suffix(quote)?;
            // `\N{DASH}` has braces of its own.
            (raw || !body.contains("\\N{"))
                .then(|| vec![Literal { raw, quote, body, start: node.start_byte(), end: node.end_byte() }])
        }
        "concatenated_string" => {
            let all: Option<Vec<_>> = parts(node).into_iter().map(|part| literals(source, part)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        "parenthesized_expression" => literals(source, node.named_child(0)?),
        _ => None,
    }
}

/// What is put in: each with its text.
enum Values<'s> {
    InOrder(Vec<Value<'s>>),
    Named(Vec<(&'s str, Value<'s>)>),
}

#[derive(Clone)]
struct Value<'s> {
    /// Without brackets around it.
    text: &'s str,
    /// `!s` and the like, when the value is a call that does nothing else, and then `text` is what is converted.
    conversion: Option<&'static str>,
    /// Whether it is certainly an integer.
    integer: bool,
    /// Whether it can stand within braces without brackets.
    plain: bool,
}

impl<'s> Values<'s> {
    fn of(source: &'s Source, right: Node<'_>) -> Option<Self> {
        match right.kind() {
            "tuple" => {
                let values = parts(right);
                if values.iter().any(|value| value.kind() == "list_splat") {
                    return None;
                }
                Some(Self::InOrder(values.into_iter().map(|value| Value::of(source, value)).collect()))
            }
            "dictionary" => {
                let mut named = Vec::new();
                for pair in parts(right) {
                    let key = pair.child_by_field_name("key").filter(|_| pair.kind() == "pair")?;
                    named
                        .push((super::syntax::plain_string(source, key)?, Value::of(source, pair.child_by_field_name("value")?)));
                }
                Some(Self::Named(named))
            }
            "parenthesized_expression" => Self::of(source, right.named_child(0)?),
            _ => Some(Self::InOrder(vec![Value::of(source, right)])),
        }
    }
}

impl<'s> Value<'s> {
    fn of(source: &'s Source, node: Node<'_>) -> Self {
        if let Some(inner) =
            node.named_child(0).filter(|inner| node.kind() == "parenthesized_expression" && inner.kind() != "yield")
        {
            return Self::of(source, inner);
        }
        let plain = matches!(node.kind(), "identifier" | "attribute" | "subscript" | "call" | "integer" | "float" | "string");
        let value = Self { text: source.str(node), conversion: None, integer: is_integer(source, node), plain };
        let converted = || {
            let callee = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
            let arguments = parts(node.child_by_field_name("arguments")?);
            let [argument] = arguments.as_slice() else { return None };
            let conversion = match source.str(callee) {
                "str" => "!s",
                "repr" => "!r",
                "ascii" => "!a",
                _ => return None,
            };
            let simple = matches!(argument.kind(), "identifier" | "attribute" | "subscript" | "call");
            simple.then(|| Self { text: source.str(*argument), conversion: Some(conversion), ..value.clone() })
        };
        converted().unwrap_or(value)
    }
}

fn is_integer(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "integer" => true,
        "call" => node
            .child_by_field_name("function")
            .is_some_and(|callee| matches!(source.str(callee), "len" | "int" | "ord" | "id" | "hash")),
        "parenthesized_expression" => node.named_child(0).is_some_and(|inner| is_integer(source, inner)),
        "unary_operator" => node.child_by_field_name("argument").is_some_and(|inner| is_integer(source, inner)),
        "binary_operator" => {
            let operand = |field| node.child_by_field_name(field).is_some_and(|inner| is_integer(source, inner));
            let operator = node.child_by_field_name("operator").map(|operator| source.str(operator));
            matches!(operator, Some("+" | "-" | "*" | "//" | "%" | "&" | "|" | "^" | "<<" | ">>"))
                && operand("left")
                && operand("right")
        }
        // `sys.version_info[0]` and the like are numbers, and yet nothing here says so.
        _ => false,
    }
}

/// A conversion (`%-5.2f`), taken apart.
struct Conversion<'s> {
    name: Option<&'s str>,
    flags: &'s str,
    width: &'s str,
    precision: Option<&'s str>,
    kind: char,
}

enum Piece<'s> {
    Text(&'s str),
    Percent,
    Value(Conversion<'s>),
}

fn pieces(body: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('%') {
        pieces.push(Piece::Text(rest.get(..at)?));
        rest = rest.get(at + 1..)?;
        if let Some(after) = rest.strip_prefix('%') {
            pieces.push(Piece::Percent);
            rest = after;
            continue;
        }
        let name = match rest.strip_prefix('(') {
            Some(named) => {
                let (name, after) = named.split_once(')')?;
                rest = after;
                Some(name)
            }
            None => None,
        };
        let mut take = |accepted: &dyn Fn(char) -> bool| {
            let end = rest.find(|c| !accepted(c)).unwrap_or(rest.len());
            let (taken, after) = rest.split_at(end);
            rest = after;
            taken
        };
        let flags = take(&|c| "#0- +".contains(c));
        let width = take(&|c| c == '*' || c.is_ascii_digit());
        let precision = if take(&|c| c == '.').is_empty() { None } else { Some(take(&|c| c == '*' || c.is_ascii_digit())) };
        take(&|c| "hlL".contains(c));
        let kind = rest.chars().next()?;
        rest = rest.get(kind.len_utf8()..)?;
        pieces.push(Piece::Value(Conversion { name, flags, width, precision, kind }));
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

/// Hands out values to conversions.
struct Supply<'v, 's> {
    values: &'v Values<'s>,
    next: usize,
}

impl<'s> Supply<'_, 's> {
    fn take(&mut self, name: Option<&str>) -> Option<Value<'s>> {
        match (self.values, name) {
            (Values::InOrder(values), None) => {
                self.next += 1;
                values.get(self.next - 1).cloned()
            }
            (Values::Named(values), Some(name)) => {
                let mut found = values.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone());
                found.next().filter(|_| found.next().is_none())
            }
            _ => None,
        }
    }

    fn is_spent(&self) -> bool {
        match self.values {
            Values::InOrder(values) => self.next == values.len(),
            Values::Named(_) => true,
        }
    }
}

/// The expression and the format specification (`!r:>5`) of one conversion; `inner` writes a width that is a value.
fn replacement(
    conversion: &Conversion<'_>,
    supply: &mut Supply<'_, '_>,
    inner: &mut dyn FnMut(String) -> String,
) -> Option<(String, String)> {
    let Conversion { flags, kind, .. } = *conversion;
    let width = match conversion.width {
        "*" => inner(supply.take(None).filter(|width| width.conversion.is_none())?.text.to_owned()),
        digits => digits.to_owned(),
    };
    let precision = match conversion.precision {
        Some("*") => Some(inner(supply.take(None).filter(|precision| precision.conversion.is_none())?.text.to_owned())),
        Some("") => Some("0".to_owned()),
        other => other.map(str::to_owned),
    };
    let value = supply.take(conversion.name)?;
    let number = !matches!(kind, 's' | 'r' | 'a');
    if value.conversion.is_some() && kind != 's' {
        return None;
    }
    let mut spec = String::new();
    if flags.contains('-') {
        // A negative width from a value would mean the left as well.
        if conversion.width.is_empty() || conversion.width == "*" && !number {
            return None;
        }
        spec.push('<');
    } else if !number && !width.is_empty() {
        // A negative width out of `*` aligns to the left, and is an error in a format specification.
        spec.push('>');
    }
    if number {
        for sign in ['+', ' '] {
            if flags.contains(sign) {
                spec.push(sign);
                break;
            }
        }
        if flags.contains('#') {
            spec.push('#');
        }
        if flags.contains('0') && !flags.contains('-') {
            spec.push('0');
        }
    }
    spec.push_str(&width);
    let mut text = if value.plain || value.integer { value.text.to_owned() } else { format!("({})", value.text) };
    match kind {
        'd' | 'i' | 'u' => {
            // `%.3d` pads with zeros, for which there is no specification.
            if precision.is_some() || flags.contains('#') {
                return None;
            }
            if value.integer {
                text = value.text.to_owned();
            } else {
                text = format!("int({})", value.text);
            }
            if !spec.is_empty() {
                spec.push('d');
            }
        }
        'x' | 'X' | 'o' => {
            // `%#o` writes `0o17` in both; a precision pads.
            if precision.is_some() {
                return None;
            }
            spec.push(kind);
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            if let Some(precision) = precision {
                spec.push('.');
                spec.push_str(&precision);
            }
            spec.push(kind);
        }
        's' | 'r' | 'a' => {
            if let Some(precision) = precision {
                spec.push('.');
                spec.push_str(&precision);
            }
            let convert = match kind {
                's' if value.conversion.is_some() => value.conversion.unwrap_or_default(),
                's' if spec.is_empty() => "",
                's' => "!s",
                'r' => "!r",
                _ => "!a",
            };
            let colon = if spec.is_empty() { "" } else { ":" };
            return Some((text, format!("{convert}{colon}{spec}")));
        }
        _ => return None,
    }
    let colon = if spec.is_empty() { "" } else { ":" };
    Some((text, format!("{colon}{spec}")))
}

/// Before Python 3.12 neither the quote of the f-string nor a backslash, a comment or a line's end may stand within its braces.
fn with_other_quotes(text: String, quote: &str) -> Option<String> {
    if text.contains(['\\', '\n', '#']) {
        return None;
    }
    let (own, other) = if quote.starts_with('"') { ('"', '\'') } else { ('\'', '"') };
    if !text.contains(own) {
        return Some(text);
    }
    (!text.contains(other)).then(|| text.replace(own, &other.to_string()))
}

fn as_f_strings(source: &Source, literals: &[Literal<'_>], values: &Values<'_>) -> Option<String> {
    let mut supply = Supply { values, next: 0 };
    let mut out = String::new();
    let mut until: Option<usize> = None;
    for literal in literals {
        if let Some(until) = until {
            out.push_str(source.slice(until..literal.start));
        }
        until = Some(literal.end);
        let mut body = String::new();
        let mut formatted = false;
        for piece in pieces(literal.body)? {
            match piece {
                Piece::Text(text) => body.push_str(&text.replace('{', "{{").replace('}', "}}")),
                Piece::Percent => body.push('%'),
                Piece::Value(conversion) => {
                    formatted = true;
                    let (text, spec) = replacement(&conversion, &mut supply, &mut |width| format!("{{{width}}}"))?;
                    let (text, spec) = (with_other_quotes(text, literal.quote)?, with_other_quotes(spec, literal.quote)?);
                    let gap = if text.starts_with('{') { " " } else { "" };
                    body.push_str(&format!("{{{gap}{text}{spec}}}"));
                }
            }
        }
        let prefix = match (formatted, literal.raw) {
            (true, true) => "rf",
            (true, false) => "f",
            (false, true) => "r",
            (false, false) => "",
        };
        if !formatted {
            body = body.replace("{{", "{").replace("}}", "}");
        }
        out.push_str(&format!("{prefix}{quote}{body}{quote}", quote = literal.quote));
    }
    supply.is_spent().then_some(out)
}

/// For what cannot stand in an f-string: `"…".format(…)`. Values keep their order and are given once each.
fn as_format_call(
    source: &Source,
    left: Node<'_>,
    literals: &[Literal<'_>],
    right: Node<'_>,
    values: &Values<'_>,
) -> Option<String> {
    if matches!(values, Values::Named(_)) {
        return None;
    }
    let mut supply = Supply { values, next: 0 };
    let mut out = String::new();
    let mut until: Option<usize> = None;
    let mut arguments: Vec<String> = Vec::new();
    for literal in literals {
        if let Some(until) = until {
            out.push_str(source.slice(until..literal.start));
        }
        until = Some(literal.end);
        let mut body = String::new();
        for piece in pieces(literal.body)? {
            match piece {
                Piece::Text(text) => body.push_str(&text.replace('{', "{{").replace('}', "}}")),
                Piece::Percent => body.push('%'),
                Piece::Value(conversion) => {
                    if conversion.width == "*" || conversion.precision == Some("*") {
                        return None;
                    }
                    let (text, spec) = replacement(&conversion, &mut supply, &mut |width| width)?;
                    arguments.push(text);
                    body.push_str(&format!("{{{spec}}}"));
                }
            }
        }
        out.push_str(&format!("{}{quote}{body}{quote}", if literal.raw { "r" } else { "" }, quote = literal.quote));
    }
    if literals.len() > 1 {
        // Juxtaposed literals are joined before a method of theirs is called, but not over the end of a line.
        out = format!("({out})");
    }
    // A layout over several lines is kept where only the values change.
    let between = source.slice(left.end_byte()..right.start_byte());
    if between.contains('\n')
        && left.end_position().row != right.start_position().row
        && arguments.iter().any(|text| text.contains('\n'))
    {
        return None;
    }
    supply.is_spent().then(|| format!("{out}.format({})", arguments.join(", ")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
