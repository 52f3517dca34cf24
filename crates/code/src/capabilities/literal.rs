//! What a literal holds, and what operators make of its like: texts with holes, sums, formats, the one or the other.

use super::cst::Id;
use super::evaluate::Evaluator;
use super::follow::{filled, together};
use super::grammar::{Role, Slot};
use super::text::{unescaped, unquoted};
use super::value::{Text, Value};

impl Evaluator<'_, '_> {
    pub(super) fn text(&mut self, id: Id) -> Value {
        let cst = self.cst;
        let is_piece = |child: Id| matches!(cst.role(child), Role::Content | Role::Escape);
        let has_pieces = cst.children(id).any(is_piece);
        let mut pieces: Vec<Value> = Vec::new();
        let plain = |text: &str| Value::text(Text::plain(text, id));
        let mut at = cst.bytes(id).start;
        let mut after_dollar = false;
        for child in cst.children(id) {
            if !has_pieces {
                pieces.push(plain(cst.between(at..cst.bytes(child).start)));
            }
            at = cst.bytes(child).end;
            match cst.role(child) {
                // Kotlin: `$name` within a text.
                Role::Content if cst.text(child) == "$" => after_dollar = true,
                Role::Content if after_dollar => {
                    after_dollar = false;
                    let text = cst.text(child);
                    let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                    let name = text.get(..text.len() - rest.len()).unwrap_or_default();
                    pieces.push(self.look_up(name));
                    pieces.push(plain(rest));
                }
                Role::Content => pieces.push(plain(cst.text(child))),
                Role::Escape => pieces.push(plain(&unescaped(cst.text(child)))),
                Role::Hole(_)
                | Role::Name
                | Role::Member(..)
                | Role::Index(..)
                | Role::Command
                | Role::Call(..)
                | Role::Wrap(_) => {
                    pieces.push(self.value(child));
                }
                _ => {}
            }
        }
        if !has_pieces {
            pieces.push(plain(cst.between(at..cst.bytes(id).end)));
        }
        let mut text = match together(&pieces, "", id) {
            Value::Text(text) => (*text).clone(),
            _ => return Value::Unknown,
        };
        if !has_pieces {
            text.text = unquoted(&text.text).to_owned();
        }
        // Pieces of one literal are not put together by anybody; a word with a hole that is filled in is.
        text.is_assembled = cst.children(id).any(|child| matches!(cst.role(child), Role::Hole(_)) && self.is_word(child));
        Value::text(text)
    }

    fn is_word(&mut self, id: Id) -> bool {
        self.value(id).whole_text().is_some()
    }

    pub(super) fn binary(&mut self, id: Id, left: Slot, operator: Slot, right: Slot) -> Value {
        let operator = self.cst.slot(id, operator).map(|at| self.cst.text(at)).unwrap_or("+");
        match operator {
            "+" | "." | "++" | "<<" | ".." => {
                let (left, right) = (self.slot_value(id, left), self.slot_value(id, right));
                if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
                    together(&[left, right], "", id)
                } else {
                    Value::Unknown
                }
            }
            // A path and a part of it.
            "/" => match self.slot_value(id, left) {
                left @ Value::Name(_) => left,
                _ => Value::Unknown,
            },
            "%" => {
                let left = self.slot_value(id, left);
                let Some(at) = self.cst.slot(id, right).filter(|_| matches!(left, Value::Text(_))) else { return Value::Unknown };
                let values = match self.value(at) {
                    Value::Node(list) => self.cst.children(list).map(|one| self.value(one)).collect(),
                    value => vec![value],
                };
                filled(&left, &values, id)
            }
            "||" | "??" | "or" | "?:" => match self.slot_value(id, left) {
                Value::Unknown | Value::Literal(_) => self.slot_value(id, right),
                value => value,
            },
            "&&" | "and" => self.slot_value(id, right),
            _ => Value::Unknown,
        }
    }
}
