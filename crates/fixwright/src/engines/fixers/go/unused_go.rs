//! Removes Go variables that nothing uses, with the assignments to them, assignments of a variable to itself, and statements that
//! can never run. What computing a value does is kept; `_` stands only where a value of several has to go somewhere.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::nearest_name::nearest;
use super::scopes::{declared_until, local_names, scope_of};
use super::source::{Source, ancestor, apart, is_field, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_go",
    about: "removes unused Go variables, self-assignments and unreachable code, and keeps the side effects of values",
    handles: |finding| unused(finding).is_some() || useless(finding),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn unused(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    message
        .strip_prefix("declared and not used: ")
        .or_else(|| message.strip_suffix(" declared and not used"))
        .or_else(|| message.strip_suffix(" declared but not used"))
}

fn useless(finding: &Finding) -> bool {
    finding.message.starts_with("self-assignment of ")
        || (finding.message == "unreachable code" && finding.tool.starts_with("go"))
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let mut leaf = source.leaf(at)?;
    let mut change = Change { source: &source, edits: Vec::new(), sure: true };
    let summary = if let Some(name) = unused(context.finding) {
        if source.str(leaf) != name {
            return None;
        }
        if is_misspelt_elsewhere(&source, leaf, name) {
            return None;
        }
        change.variable(leaf, name)?;
        format!("remove unused `{name}`")
    } else {
        while leaf.parent()?.start_byte() == at && leaf.parent()?.kind() != "statement_list" {
            leaf = leaf.parent()?;
        }
        let list = leaf.parent().filter(|list| list.kind() == "statement_list")?;
        if context.finding.message == "unreachable code" {
            let dead: Vec<Node<'_>> = parts(list).into_iter().filter(|one| one.start_byte() >= at).collect();
            if dead.iter().any(|one| one.kind() == "labeled_statement") {
                return None;
            }
            let range = leaf.start_byte()..dead.last()?.end_byte();
            change.edits.push(source.edit(source.whole_lines(range), ""));
            "remove unreachable code".to_owned()
        } else {
            if leaf.kind() != "assignment_statement" || parts(leaf).iter().any(|side| side.named_child_count() != 1) {
                return None;
            }
            change.edits.push(source.edit(source.whole_lines(leaf.byte_range()), ""));
            "remove an assignment of a variable to itself".to_owned()
        }
    };
    let applicability = if change.sure { Applicability::Safe } else { Applicability::Unsafe };
    let edits = apart(change.edits)?;
    Some(Proposal { summary, applicability, repair: Repair::Edits(edits) })
}

/// Says whether a name that is nearly the same, and that no function around it declares, is used in the scope of this one.
fn is_misspelt_elsewhere(source: &Source, name: Node<'_>, word: &str) -> bool {
    let mut found = false;
    let Some(scope) = scope_of(name) else { return false };
    walk(scope, |node| {
        if node.kind() == "identifier" && !found && nearest(source.str(node), std::iter::once(word)).is_some() {
            found = declared_until(source, node).is_none() && !local_names(source, node).contains(source.str(node));
        }
    });
    found
}

struct Change<'s> {
    source: &'s Source,
    edits: Vec<Edit>,
    sure: bool,
}

impl<'s> Change<'s> {
    fn replace(&mut self, range: std::ops::Range<usize>, text: &str) {
        self.edits.push(self.source.edit(range, text));
    }

    fn remove(&mut self, statement: Node<'s>) -> Option<()> {
        if statement.parent()?.kind() != "statement_list" {
            return None;
        }
        self.replace(self.source.whole_statement(statement.byte_range()), "");
        Some(())
    }

    fn variable(&mut self, name: Node<'s>, word: &str) -> Option<()> {
        for one in self.uses(name, word) {
            self.write(one)?;
        }
        let holder =
            ancestor(name, &["short_var_declaration", "var_spec", "range_clause", "type_switch_statement", "receive_statement"])?;
        match holder.kind() {
            "short_var_declaration" => self.lists(holder, name, word),
            "var_spec" => self.spec(holder, name),
            "range_clause" => {
                let left = holder.child_by_field_name("left")?;
                match parts(left).as_slice() {
                    [only] if only.id() == name.id() => {
                        let word = source_word(self.source, holder, "range")?;
                        self.replace(left.start_byte()..word, "");
                    }
                    [first, second] if second.id() == name.id() && self.source.str(*first) == "_" => {
                        let word = source_word(self.source, holder, "range")?;
                        self.replace(left.start_byte()..word, "");
                    }
                    [first, second] if second.id() == name.id() => self.replace(first.end_byte()..second.end_byte(), ""),
                    [first, _] if first.id() == name.id() => self.replace(name.byte_range(), "_"),
                    _ => return None,
                }
                Some(())
            }
            "type_switch_statement" => {
                let (alias, value) = (holder.child_by_field_name("alias")?, holder.child_by_field_name("value")?);
                self.replace(alias.start_byte()..value.start_byte(), "");
                Some(())
            }
            _ => {
                let (left, right) = (holder.child_by_field_name("left")?, holder.child_by_field_name("right")?);
                match parts(left).len() {
                    1 => self.replace(left.start_byte()..right.start_byte(), ""),
                    _ => self.replace(name.byte_range(), "_"),
                }
                Some(())
            }
        }
    }

    /// Returns the places behind its declaration that name the variable, those left out that name another one of an inner scope.
    fn uses(&self, name: Node<'s>, word: &str) -> Vec<Node<'s>> {
        let Some(scope) = scope_of(name) else { return Vec::new() };
        let (mut found, mut hidden) = (Vec::new(), Vec::new());
        walk(scope, |node| {
            if node.kind() != "identifier" || node.start_byte() <= name.start_byte() || self.source.str(node) != word {
                return;
            }
            // A key of a composite literal names a field: a use of the variable there would have counted.
            if node.parent().is_some_and(|parent| parent.kind() == "literal_element") && is_key(node) {
                return;
            }
            match (declared_until(self.source, node), scope_of(node)) {
                (Some(end), Some(inner)) if inner.id() != scope.id() => hidden.push((node.start_byte(), end, inner.end_byte())),
                _ => found.push(node),
            }
        });
        let is_hidden = |at: usize| hidden.iter().any(|(start, end, scope)| at == *start || (*end..*scope).contains(&at));
        found.retain(|node| !is_hidden(node.start_byte()));
        found
    }

    fn write(&mut self, name: Node<'s>) -> Option<()> {
        let parent = name.parent()?;
        if matches!(parent.kind(), "inc_statement" | "dec_statement") {
            return self.remove(parent);
        }
        let assignment = parent.parent().filter(|_| parent.kind() == "expression_list")?;
        // `:=` assigns to what its own scope knows already.
        if assignment.kind() == "short_var_declaration" && is_field(parent, "left") {
            return self.again(assignment, parent, name);
        }
        if assignment.kind() != "assignment_statement" {
            return None;
        }
        let (left, right) = (assignment.child_by_field_name("left")?, assignment.child_by_field_name("right")?);
        if left.id() != parent.id() {
            return None;
        }
        match (parts(left).as_slice(), parts(right).as_slice()) {
            ([_], [value]) => self.single(assignment, left, *value),
            _ => {
                self.replace(name.byte_range(), "_");
                Some(())
            }
        }
    }

    /// Assigns the value of a later `:=` to nothing.
    fn again(&mut self, statement: Node<'s>, left: Node<'s>, name: Node<'s>) -> Option<()> {
        self.replace(name.byte_range(), "_");
        if !self.others_new(statement, left, name) {
            self.plain_assignment(statement, left);
        }
        Some(())
    }

    /// Says whether a `:=` declares another variable than `name`.
    fn others_new(&self, statement: Node<'s>, left: Node<'s>, name: Node<'s>) -> bool {
        parts(left).into_iter().any(|one| {
            let text = self.source.str(one);
            one.id() != name.id() && text != "_" && !self.is_known_before(statement, text)
        })
    }

    /// Removes `x := value` or `x = value`, and keeps a call or a receive as a statement.
    fn single(&mut self, statement: Node<'s>, left: Node<'s>, value: Node<'s>) -> Option<()> {
        if self.is_quiet(value) {
            if let Some(owner) = statement.parent().filter(|owner| owner.kind() != "statement_list") {
                // `if x := 1; y {`: up to what is behind the semicolon.
                let next = statement
                    .next_named_sibling()
                    .filter(|_| matches!(owner.kind(), "if_statement" | "expression_switch_statement"))?;
                self.replace(statement.start_byte()..next.start_byte(), "");
                return Some(());
            }
            return self.remove(statement);
        }
        let is_receive = value.kind() == "unary_expression" && self.source.str(value).starts_with("<-");
        if (value.kind() == "call_expression" && !is_builtin_call(self.source, value)) || is_receive {
            self.replace(statement.start_byte()..value.start_byte(), "");
        } else {
            let between = self.source.slice(left.start_byte()..value.start_byte());
            self.replace(left.start_byte()..left.start_byte() + between.trim_end().len(), "_ =");
        }
        Some(())
    }

    fn lists(&mut self, statement: Node<'s>, name: Node<'s>, word: &str) -> Option<()> {
        let (left, right) = (statement.child_by_field_name("left")?, statement.child_by_field_name("right")?);
        let (names, values) = (parts(left), parts(right));
        let at = names.iter().position(|one| one.id() == name.id())?;
        if let ([_], [value]) = (names.as_slice(), values.as_slice()) {
            return self.single(statement, left, *value);
        }
        let is_dead = |one: &Node<'s>| {
            let text = self.source.str(*one);
            text == "_" || text == word || self.uses(*one, text).is_empty() && !self.is_known_before(statement, text)
        };
        let all_dead = names.iter().all(is_dead);
        if names.len() == values.len() {
            let quiet: Vec<bool> = values.iter().map(|value| self.is_quiet(*value)).collect();
            if all_dead && quiet.iter().all(|quiet| *quiet) {
                return self.remove(statement);
            }
            if quiet.get(at) == Some(&true) {
                for list in [&names, &values] {
                    let before = at.checked_sub(1).and_then(|before| list.get(before)).copied();
                    let range = self.source.element(list.get(at)?.byte_range(), before, list.get(at + 1).copied());
                    self.replace(range, "");
                }
            } else {
                self.replace(name.byte_range(), "_");
            }
            if !self.others_new(statement, left, name) {
                self.plain_assignment(statement, left);
            }
            return Some(());
        }
        let value = *values.first()?;
        if all_dead {
            let is_receive = self.source.str(value).starts_with("<-");
            if value.kind() == "call_expression" || is_receive {
                self.replace(statement.start_byte()..value.start_byte(), "");
                return Some(());
            }
            return if self.is_quiet(value) { self.remove(statement) } else { None };
        }
        self.replace(name.byte_range(), "_");
        if !self.others_new(statement, left, name) {
            self.plain_assignment(statement, left);
        }
        Some(())
    }

    /// `:=` needs a new name on its left.
    fn plain_assignment(&mut self, statement: Node<'s>, left: Node<'s>) {
        if let Some(at) = self.source.slice(left.end_byte()..statement.end_byte()).find(":=") {
            let at = left.end_byte() + at;
            self.replace(at..at + 1, "");
        }
    }

    /// Says whether the scope of the statement knows the name already, so that `:=` assigns to it.
    fn is_known_before(&self, statement: Node<'s>, name: &str) -> bool {
        let Some(list) = statement.parent().filter(|list| list.kind() == "statement_list") else { return false };
        let mut known = false;
        let mut note = |node: Node<'s>| known |= node.kind() == "identifier" && self.source.str(node) == name;
        for before in parts(list).into_iter().take_while(|one| one.id() != statement.id()) {
            match before.kind() {
                "short_var_declaration" => before.child_by_field_name("left").into_iter().flat_map(parts).for_each(&mut note),
                "var_declaration" => walk(before, |node| {
                    if node.parent().is_some_and(|parent| parent.kind() == "var_spec") {
                        note(node);
                    }
                }),
                _ => {}
            }
        }
        let function = list.parent().and_then(|block| block.parent());
        if let Some(function) =
            function.filter(|f| matches!(f.kind(), "function_declaration" | "method_declaration" | "func_literal"))
        {
            for field in ["parameters", "result", "receiver"] {
                if let Some(list) = function.child_by_field_name(field) {
                    walk(list, &mut note);
                }
            }
        }
        known
    }

    fn spec(&mut self, spec: Node<'s>, name: Node<'s>) -> Option<()> {
        let declaration = ancestor(spec, &["var_declaration"])?;
        let mut cursor = spec.walk();
        let names: Vec<Node<'s>> = spec.children_by_field_name("name", &mut cursor).filter(Node::is_named).collect();
        let values = spec.child_by_field_name("value").map(parts).unwrap_or_default();
        let at = names.iter().position(|one| one.id() == name.id())?;
        let grouped = spec.parent()?.kind() == "var_spec_list";
        if names.len() == 1 {
            let value = values.first().copied();
            if value.is_none_or(|value| self.is_quiet(value)) {
                let alone = !grouped || parts(spec.parent()?).len() == 1;
                let range = if alone { declaration.byte_range() } else { spec.byte_range() };
                self.replace(self.source.whole_statement(range), "");
                return Some(());
            }
            let value = value?;
            if !grouped && value.kind() == "call_expression" {
                self.replace(declaration.start_byte()..value.start_byte(), "");
                return Some(());
            }
            self.replace(name.byte_range(), "_");
            return Some(());
        }
        let pairs = values.is_empty() || values.len() == names.len();
        if pairs && values.get(at).is_none_or(|value| self.is_quiet(*value)) {
            for list in [&names, &values].into_iter().filter(|list| !list.is_empty()) {
                let before = at.checked_sub(1).and_then(|before| list.get(before)).copied();
                let range = self.source.element(list.get(at)?.byte_range(), before, list.get(at + 1).copied());
                self.replace(range, "");
            }
        } else {
            self.replace(name.byte_range(), "_");
        }
        Some(())
    }

    /// Says whether an expression may go unevaluated: it calls nothing but what only computes, and receives nothing.
    fn is_quiet(&mut self, value: Node<'s>) -> bool {
        let mut open = vec![value];
        while let Some(node) = open.pop() {
            match node.kind() {
                "func_literal" => continue,
                "call_expression" if !is_quiet_call(self.source, node) => return false,
                "unary_expression" if self.source.str(node).starts_with("<-") => return false,
                "ERROR" => return false,
                "index_expression" | "selector_expression" | "slice_expression" | "type_assertion_expression" => {
                    self.sure = false
                }
                _ => {}
            }
            open.extend(parts(node));
        }
        true
    }
}

/// Says whether a node is the key of an element of a composite literal.
fn is_key(node: Node<'_>) -> bool {
    let element = node.parent().and_then(|literal| literal.parent()).filter(|element| element.kind() == "keyed_element");
    element.and_then(|element| element.named_child(0)).is_some_and(|key| key.start_byte() == node.start_byte())
}

fn source_word(source: &Source, node: Node<'_>, word: &str) -> Option<usize> {
    (0..node.child_count())
        .filter_map(|at| node.child(at))
        .find(|child| source.str(*child) == word)
        .map(|child| child.start_byte())
}

const CONVERSIONS: &[&str] = &[
    "bool",
    "byte",
    "complex64",
    "complex128",
    "error",
    "float32",
    "float64",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "rune",
    "string",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
];
const BUILTINS: &[&str] = &["append", "cap", "complex", "imag", "len", "make", "max", "min", "new", "real"];
const QUIET: &[&str] = &[
    "errors.New",
    "fmt.Errorf",
    "fmt.Sprint",
    "fmt.Sprintf",
    "fmt.Sprintln",
    "time.Now",
    "time.Since",
    "filepath.Join",
    "filepath.Base",
    "filepath.Dir",
    "filepath.Ext",
    "path.Join",
    "path.Base",
    "path.Dir",
    "os.Getenv",
    "reflect.TypeOf",
    "reflect.ValueOf",
    "context.Background",
    "context.TODO",
    "bytes.NewReader",
    "bytes.NewBuffer",
    "bytes.NewBufferString",
];

fn is_builtin_call(source: &Source, call: Node<'_>) -> bool {
    call.child_by_field_name("function").is_some_and(|callee| {
        let callee = source.str(callee);
        CONVERSIONS.contains(&callee) || BUILTINS.contains(&callee)
    })
}

fn is_quiet_call(source: &Source, call: Node<'_>) -> bool {
    let Some(callee) = call.child_by_field_name("function").map(|callee| source.str(callee)) else { return false };
    is_builtin_call(source, call)
        || QUIET.contains(&callee)
        || ["strings.", "strconv.", "math.", "unicode."]
            .iter()
            .any(|package| callee.starts_with(package) && callee.matches('.').count() == 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
