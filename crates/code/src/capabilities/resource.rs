//! What a call does its work on, as far as that is written out: all of a command and not its first word.
//!
//! Two scans are compared by this, so whatever of it is known is in it, and what is not known has a mark in its place.

use std::collections::HashMap;
use std::rc::Rc;

use domain::Digest;

use super::LONGEST_EVIDENCE;
use super::call::{Argument, Called};
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::value::{HOLE, Value};

/// Lists that are longer are told apart by their code.
const LONGEST_LIST: usize = 16 << 10;
/// Lists within lists are followed this far.
const DEEPEST: usize = 4;
/// Nobody chains more calls to one object.
const LONGEST_CHAIN: usize = 1000;
/// Calls that give an object arguments for what it will run.
const ARGUMENTS: &[&str] = &["arg", "args", "raw_arg", "arguments", "withArguments", "command"];
/// Names under which arguments are given beside the command.
const NAMED: &[&str] = &["Arguments", "ArgumentList", "Args", "args", "argv"];

/// Texts of values, with a [`HOLE`] for what is not known. Lists are put together once, however often they are used.
#[derive(Default)]
pub(super) struct Resources {
    lists: HashMap<Id, Rc<str>>,
}

impl Resources {
    /// Returns the text of an argument; `None` where nothing of it is known.
    pub(super) fn of(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id) -> Option<String> {
        self.text(evaluator, id, 0).filter(|text| text.chars().any(|c| c != HOLE && !c.is_whitespace()))
    }

    /// Returns the words that a call is given, from the one at `place` on, with those that are handed to the same object later on.
    pub(super) fn words(
        &mut self,
        evaluator: &mut Evaluator<'_, '_>,
        call: Id,
        place: Option<Id>,
        arguments: &[Argument<'_>],
    ) -> Option<String> {
        let mut words = Words::default();
        let links = chain(evaluator, call);
        match links.split_first() {
            Some((first, rest)) if !rest.is_empty() => {
                let given = evaluator.arguments(first.arguments);
                self.add_all(evaluator, &mut words, &given, None);
                for link in rest.iter().filter(|link| link.name.as_deref().is_some_and(|name| ARGUMENTS.contains(&name))) {
                    let given = evaluator.arguments(link.arguments);
                    self.add_all(evaluator, &mut words, &given, None);
                }
            }
            _ => self.add_all(evaluator, &mut words, arguments, place),
        }
        words.known()
    }

    fn add_all(&mut self, evaluator: &mut Evaluator<'_, '_>, words: &mut Words, arguments: &[Argument<'_>], from: Option<Id>) {
        let first = from.and_then(|from| arguments.iter().position(|one| one.value == from));
        if let Some(from) = from.filter(|_| first.is_none()) {
            words.add(self.text(evaluator, from, 0).as_deref());
        }
        for (at, one) in arguments.iter().enumerate() {
            let is_meant = match one.name {
                Some(name) => NAMED.contains(&name) || Some(at) == first,
                None => at >= first.unwrap_or(0),
            };
            if !is_meant {
                continue;
            }
            // Options and what is called back are no words.
            let is_word = match evaluator.value(one.value) {
                Value::Node(node) => matches!(evaluator.cst.role(node), Role::List),
                _ => true,
            };
            if is_word {
                words.add(self.text(evaluator, one.value, 0).as_deref());
            }
        }
    }

    fn text(&mut self, evaluator: &mut Evaluator<'_, '_>, id: Id, depth: usize) -> Option<String> {
        match evaluator.value(id) {
            Value::Text(text) => Some(text.text.clone()),
            Value::Literal(literal) => Some(literal.to_string()),
            Value::Node(list) if matches!(evaluator.cst.role(list), Role::List) && depth < DEEPEST => {
                if let Some(text) = self.lists.get(&list) {
                    return Some(text.to_string());
                }
                let text = self.list(evaluator, list, depth);
                self.lists.insert(list, text.as_str().into());
                Some(text)
            }
            // A text that is too long to be followed.
            Value::Unknown if matches!(evaluator.cst.role(id), Role::Text | Role::Concat) => {
                Some(Digest::of(evaluator.cst.text(id)).short(16))
            }
            _ => None,
        }
    }

    fn list(&mut self, evaluator: &mut Evaluator<'_, '_>, list: Id, depth: usize) -> String {
        let cst = evaluator.cst;
        let mut words = Words::default();
        for one in cst.children(list).filter(|one| !cst.is_comment(*one)) {
            let word = self.text(evaluator, one, depth + 1);
            words.add(word.as_deref());
            if words.text.len() > LONGEST_LIST {
                words.add(Some(&Digest::of(cst.text(list)).short(16)));
                break;
            }
        }
        words.text
    }
}

/// Words with blanks between them, and one hole for any number of words that are not known.
#[derive(Default)]
struct Words {
    text: String,
}

impl Words {
    fn add(&mut self, word: Option<&str>) {
        let hole = HOLE.to_string();
        let word = word.filter(|word| !word.is_empty()).unwrap_or(&hole);
        let is_repeated = word == hole && (self.text == hole || self.text.ends_with(&format!(" {HOLE}")));
        if is_repeated {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
    }

    fn known(self) -> Option<String> {
        Some(self.text).filter(|text| text.chars().any(|c| c != HOLE && !c.is_whitespace()))
    }
}

/// A call of a chain: `.arg("-c")` of `Command::new("sh").arg("-c")`.
struct Link {
    name: Option<String>,
    arguments: Option<Id>,
}

/// Returns the calls of the chain that a call stands in, from the first on.
fn chain(evaluator: &mut Evaluator<'_, '_>, call: Id) -> Vec<Link> {
    let mut first = call;
    for _ in 0..LONGEST_CHAIN {
        match evaluator.called(first).and_then(|called| called.receiver) {
            Some(receiver) if is_call(evaluator, receiver) => first = receiver,
            _ => break,
        }
    }
    let Some(Called { arguments, .. }) = evaluator.called(first) else { return Vec::new() };
    let mut links = vec![Link { name: None, arguments }];
    let cst = evaluator.cst;
    let mut at = first;
    while links.len() < LONGEST_CHAIN {
        let Some(parent) = cst.parent(at) else { break };
        match cst.role(parent) {
            Role::Wrap(_) => at = parent,
            Role::Method(object, name, arguments) if cst.slot(parent, object) == Some(at) => {
                let name = cst.slot(parent, name).map(|name| cst.text(name).to_owned());
                links.push(Link { name, arguments: cst.slot(parent, arguments) });
                at = parent;
            }
            Role::Member(object, name) if cst.slot(parent, object) == Some(at) => {
                let Some(whole) = cst.parent(parent) else { break };
                let Role::Call(callee, arguments) = cst.role(whole) else { break };
                if cst.slot(whole, callee) != Some(parent) {
                    break;
                }
                let name = cst.slot(parent, name).map(|name| cst.text(name).to_owned());
                links.push(Link { name, arguments: cst.slot(whole, arguments) });
                at = whole;
            }
            _ => break,
        }
    }
    links
}

fn is_call(evaluator: &Evaluator<'_, '_>, id: Id) -> bool {
    matches!(evaluator.cst.role(id), Role::Call(..) | Role::Method(..) | Role::New(..))
}

/// Returns what is told of a resource, and the digest of all of it where that is longer.
pub(super) fn told(resource: &str) -> (String, Option<Digest>) {
    let marked = resource.replace(HOLE, "…");
    if marked.len() <= LONGEST_EVIDENCE {
        return (marked, None);
    }
    let digest = Digest::of(&marked);
    let end = (0..=LONGEST_EVIDENCE).rev().find(|at| marked.is_char_boundary(*at)).unwrap_or(0);
    (marked.get(..end).unwrap_or_default().to_owned(), Some(digest))
}
