//! Puts Go statements where they work: the `defer` of a response's body behind the check of its error, the `Add` of a wait group before
//! the goroutine that it counts, what is to be computed when a function ends into the function that ends it, a call that ends a test
//! where a goroutine may only report.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "misplaced_go",
    about: "moves Go statements to where they work: defers of bodies, WaitGroup.Add, deferred arguments, test failures in goroutines",
    handles: |finding| kind(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

#[derive(Clone, Copy)]
enum Misplaced {
    Response,
    WaitGroup,
    Deferred,
    Failure,
}

fn kind(finding: &Finding) -> Option<Misplaced> {
    let message = finding.message.as_str();
    match message {
        "call to time.Since is not deferred" => Some(Misplaced::Deferred),
        "WaitGroup.Add called from inside new goroutine" => Some(Misplaced::WaitGroup),
        _ if message.starts_with("using ") && message.ends_with(" before checking for errors") => Some(Misplaced::Response),
        _ if message.starts_with("call to (*testing.") && message.ends_with(" from a non-test goroutine") => {
            Some(Misplaced::Failure)
        }
        _ => None,
    }
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let leaf = source.leaf(at)?;
    let (summary, edits) = match kind(context.finding)? {
        Misplaced::Response => ("check the error before the response is used", response(&source, leaf)?),
        Misplaced::WaitGroup => ("count a goroutine before it starts", wait_group(&source, leaf)?),
        Misplaced::Deferred => ("compute what is deferred when it is due", deferred(&source, leaf)?),
        Misplaced::Failure => ("report a failure and end the goroutine itself", failure(&source, leaf)?),
    };
    Some(Proposal { summary: summary.to_owned(), applicability: Applicability::Unsafe, repair: Repair::Edits(edits) })
}

/// Changes places with the statement behind, which must be the one that looks at the error of the statement before.
fn response(source: &Source, leaf: Node<'_>) -> Option<Vec<Edit>> {
    let statement = ancestor(leaf, &["defer_statement"])?;
    let all = parts(statement.parent()?);
    let index = all.iter().position(|one| one.id() == statement.id())?;
    let (call, check) = (*all.get(index.checked_sub(1)?)?, *all.get(index + 1)?);
    let names =
        call.child_by_field_name("left").filter(|_| matches!(call.kind(), "short_var_declaration" | "assignment_statement"))?;
    let error = source.str(*parts(names).last()?);
    let mut looks = false;
    // What only the error decides: an `if` that leaves, or an assertion.
    let head = if check.kind() == "if_statement" { check.child_by_field_name("condition")? } else { check };
    walk(head, |node| looks |= node.kind() == "identifier" && source.str(node) == error);
    if !looks || !matches!(check.kind(), "if_statement" | "expression_statement") {
        return None;
    }
    let (first, second) = (source.str(statement).to_owned(), source.str(check).to_owned());
    Some(vec![source.edit(statement.byte_range(), second), source.edit(check.byte_range(), first)])
}

fn wait_group(source: &Source, leaf: Node<'_>) -> Option<Vec<Edit>> {
    let statement = ancestor(leaf, &["expression_statement"])?;
    let go = ancestor(statement, &["go_statement"])?;
    let literal = ancestor(statement, &["func_literal"])?;
    let is_first = literal
        .child_by_field_name("body")
        .and_then(|body| body.named_child(0))
        .is_some_and(|list| list.id() == statement.id() || list.named_child(0).is_some_and(|first| first.id() == statement.id()));
    if !is_first || go.parent()?.kind() != "statement_list" || ancestor(literal, &["go_statement"])?.id() != go.id() {
        return None;
    }
    let line = format!("{}{}{}", source.str(statement), source.newline(), source.indent(go.start_byte()));
    let own_line = source.slice(source.line_start(go.start_byte())..go.start_byte()).trim().is_empty();
    own_line.then(|| {
        vec![source.edit(go.start_byte()..go.start_byte(), line), source.edit(source.whole_lines(statement.byte_range()), "")]
    })
}

/// `defer f(time.Since(t))` becomes `defer func() { f(time.Since(t)) }()`.
fn deferred(source: &Source, leaf: Node<'_>) -> Option<Vec<Edit>> {
    let statement = ancestor(leaf, &["defer_statement"])?;
    let call = statement.named_child(0).filter(|call| call.kind() == "call_expression")?;
    if ancestor(leaf, &["func_literal"]).is_some_and(|literal| literal.start_byte() > statement.start_byte()) {
        return None;
    }
    let (start, end) = (call.start_byte(), call.end_byte());
    Some(vec![source.edit(start..start, "func() { "), source.edit(end..end, " }()")])
}

/// `t.Fatal(err)` ends only the goroutine that runs the test: another one reports and returns.
fn failure(source: &Source, leaf: Node<'_>) -> Option<Vec<Edit>> {
    let call = ancestor(leaf, &["call_expression"])?;
    let statement = call.parent().filter(|node| node.kind() == "expression_statement")?;
    let literal = ancestor(statement, &["func_literal"])?;
    let go = literal
        .parent()
        .and_then(|call| call.parent())
        .filter(|node| matches!(node.kind(), "go_statement" | "defer_statement"))?;
    let within = go.kind() == "go_statement" || ancestor(go, &["go_statement"]).is_some();
    let name = call.child_by_field_name("function").and_then(|function| function.child_by_field_name("field"))?;
    let reports = match source.str(name) {
        "Fatal" => "Error",
        "Fatalf" => "Errorf",
        "FailNow" => "Fail",
        _ => return None,
    };
    let own_line = source.slice(call.end_byte()..source.line_end(call.end_byte())).trim().is_empty();
    if !within || !own_line || literal.child_by_field_name("result").is_some() || statement.parent()?.kind() != "statement_list" {
        return None;
    }
    let mut edits = vec![source.edit(name.byte_range(), reports)];
    // At the end of the function there is nothing left to skip.
    let body = literal.child_by_field_name("body")?;
    let list = statement.parent()?;
    let is_last = statement.next_named_sibling().is_none() && list.parent().is_some_and(|block| block.id() == body.id());
    if !is_last {
        let line = format!("{}{}return", source.newline(), source.indent(statement.start_byte()));
        edits.push(source.edit(call.end_byte()..call.end_byte(), line));
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
