//! What functions give that the scan follows: texts that they put together, decode or hand through, and the parts and modules that a text
//! names.

use super::call::Called;
use super::cst::Id;
use super::evaluate::Evaluator;
use super::grammar::Role;
use super::rule::Follow;
use super::text::{character, decoded, format_places, rotated};
use super::value::{HOLE, Name, Spelling, Text, Value};

impl Evaluator<'_, '_> {
    /// Returns what a function gives that the scan follows.
    pub(super) fn followed(&mut self, id: Id, follow: Follow, called: &Called) -> Option<Value> {
        let arguments = self.given(called);
        let mut values: Vec<Value> = arguments.iter().take(64).map(|one| self.value(one.value)).collect();
        let receiver = called.receiver.map(|receiver| self.value(receiver));
        let of_text = receiver.clone().filter(|receiver| matches!(receiver, Value::Text(_)));
        match follow {
            Follow::Through => of_text.or_else(|| {
                // `Path.of(x)` is a text as far as it is known, and else the object that it makes.
                let made = called.callee.path().map(|path| format!("{path}()")).unwrap_or_default();
                let is_object = self.rules.same(&made) != made;
                values.first().filter(|value| !is_object || matches!(value, Value::Text(_))).cloned()
            }),
            Follow::Wrap => values.first().cloned(),
            Follow::Last => values.last().cloned(),
            Follow::Path => {
                let parts: Vec<Value> = of_text.into_iter().chain(values).collect();
                let path = together(&parts, "/", id);
                Some(path.as_text().map_or(Value::Unknown, |path| Value::text(Text::plain(path.text.replace("//", "/"), id))))
            }
            Follow::Text(at) => Some(Value::text(Text::plain(self.rules.text(at), id))),
            Follow::Receiver => receiver.filter(|receiver| receiver.outer_path().is_some()),
            Follow::Append => {
                let before = of_text.unwrap_or_else(|| Value::text(Text::plain("", id)));
                let pieces: Vec<Value> = std::iter::once(before).chain(values).collect();
                Some(together(&pieces, "", id))
            }
            Follow::Calls | Follow::Callback => None,
            Follow::Join => {
                let list = |value: &Value| match value {
                    Value::Node(list) if matches!(self.cst.role(*list), Role::List) => Some(*list),
                    _ => None,
                };
                match (&of_text, receiver.as_ref().and_then(list)) {
                    (Some(separator), _) => {
                        // The characters of a text, put together again.
                        if let (Some(""), Some(text @ Value::Text(_))) = (separator.whole_text(), values.first())
                            && !arguments.first().is_some_and(|one| self.makes_characters(one.value))
                        {
                            return Some(text.clone());
                        }
                        let list = list(values.first()?);
                        // Places for values that are bound later are no hole in SQL.
                        let is_places = arguments.first().is_some_and(|one| holds_only_places(self.cst.text(one.value)));
                        let Some(list) = list.filter(|_| !is_places) else {
                            let text = if is_places { "?".to_owned() } else { HOLE.to_string() };
                            let is_decoded = !is_places && arguments.first().is_some_and(|one| self.makes_characters(one.value));
                            return Some(Value::text(Text { is_decoded, ..Text::plain(text, id) }));
                        };
                        let pieces: Vec<Value> = self.cst.children(list).map(|piece| self.value(piece)).collect();
                        Some(together(&pieces, separator.whole_text().unwrap_or_default(), id))
                    }
                    (None, Some(list)) => {
                        let separator = values.first().and_then(Value::whole_text).unwrap_or_default().to_owned();
                        let pieces: Vec<Value> = self.cst.children(list).map(|piece| self.value(piece)).collect();
                        Some(together(&pieces, &separator, id))
                    }
                    _ if called.receiver.is_some_and(|receiver| self.makes_characters(receiver)) => {
                        Some(Value::text(Text { is_decoded: true, ..Text::plain(HOLE, id) }))
                    }
                    _ => {
                        let text = together(&values, "/", id);
                        Some(match text {
                            Value::Text(text) => Value::text(Text::plain(text.text.replace("//", "/"), id)),
                            other => other,
                        })
                    }
                }
            }
            Follow::Format | Follow::Into(_) => {
                let at = match (&of_text, follow) {
                    (Some(_), _) => 0,
                    (None, Follow::Into(at)) => at + 1,
                    (None, _) => values.iter().position(|value| matches!(value, Value::Text(_)))? + 1,
                };
                let template = match of_text {
                    Some(template) => template,
                    None => values.get(at.checked_sub(1)?)?.clone(),
                };
                let rest = values.split_off(at.min(values.len()));
                Some(filled(&template, &rest, id))
            }
            Follow::Decode => {
                let given = of_text.or_else(|| values.first().cloned());
                let is_rotated = called.callee.path().is_some_and(|path| path.ends_with("rot13"));
                let decode = |text: &str| if is_rotated { Some(rotated(text)) } else { decoded(text) };
                let text = given.as_ref().and_then(Value::whole_text).and_then(decode).unwrap_or_else(|| HOLE.to_string());
                Some(Value::text(Text { text, is_assembled: false, is_decoded: true, origin: id }))
            }
            Follow::Reverse => {
                let given = of_text
                    .or_else(|| values.first().cloned())
                    .filter(|value| value.whole_text().is_some_and(|text| !text.is_empty()));
                let given = given.or_else(|| self.text_at_the_root(called.receiver))?;
                let text = given.as_text()?;
                let text =
                    Text { text: text.text.chars().rev().collect(), is_assembled: true, is_decoded: true, ..(**text).clone() };
                Some(Value::text(text))
            }
            Follow::Character => {
                // One character may be a line break; more of them are hidden.
                let is_list = |at: Id| self.cst.text(at).starts_with(['[', '.']);
                let is_decoded = values.len() > 1 || arguments.first().is_some_and(|one| is_list(one.value));
                let mut text = String::new();
                for value in &values {
                    let Value::Literal(number) = value else {
                        return Some(Value::text(Text { is_decoded, ..Text::plain(HOLE, id) }));
                    };
                    text.push(character(number)?);
                }
                Some(Value::text(Text { text, is_assembled: true, is_decoded, origin: id }))
            }
            Follow::Attribute => {
                let (object, key) = match (values.first(), values.get(1)) {
                    (Some(Value::Text(key)), _) if receiver.is_none() && !key.has_holes() => {
                        return Some(match self.look_up(&key.text) {
                            Value::Name(name) => Value::Name(Name { spelling: name.spelling.max(key.spelling()), ..name }),
                            other => other,
                        });
                    }
                    (Some(Value::Text(key)), _) => (receiver.unwrap_or(Value::Unknown), key),
                    (Some(object), Some(Value::Text(key))) => (object.clone(), key),
                    (Some(object), Some(_)) => return Some(Value::name(format!("?{}[]", object.path().unwrap_or_default()))),
                    _ => return None,
                };
                if key.has_holes() {
                    return Some(Value::name(format!("?{}[]", object.path().unwrap_or_default())));
                }
                let part = self.part_by_text(&object, key);
                Some(part)
            }
            Follow::Module => match values.first() {
                Some(Value::Text(text)) if !text.has_holes() => {
                    let name = text.text.strip_prefix("node:").unwrap_or(&text.text);
                    if name.starts_with(['.', '/']) {
                        return Some(Value::local(name));
                    }
                    let spelling = if text.spelling() == Spelling::Assembled { Spelling::Assembled } else { Spelling::Plain };
                    Some(Value::spelt(self.rules.same(name), spelling))
                }
                _ => Some(Value::local("module")),
            },
        }
    }
}

impl Evaluator<'_, '_> {
    /// Says whether code makes characters of numbers: `chr(n) for n in numbers`, `map(chr, numbers)`.
    fn makes_characters(&mut self, code: Id) -> bool {
        let cst = self.cst;
        let parts: Vec<Id> =
            cst.below(code).filter(|at| matches!(cst.role(*at), Role::Name | Role::Member(..))).take(32).collect();
        parts.into_iter().any(|part| {
            let value = self.value(part);
            value.path().is_some_and(|path| matches!(self.rules.follow(path), Some(Follow::Character | Follow::Decode)))
        })
    }

    /// Returns the text that a chain of calls begins with: `"a".split("").reverse()`, `new StringBuilder("a").reverse()`.
    fn text_at_the_root(&mut self, receiver: Option<Id>) -> Option<Value> {
        let mut at = receiver?;
        for _ in 0..4 {
            let value = self.value(at);
            if value.as_text().is_some() {
                return Some(value);
            }
            let called = self.called(at)?;
            match called.receiver {
                Some(receiver) => at = receiver,
                None => {
                    return self
                        .arguments(called.arguments)
                        .first()
                        .map(|one| self.value(one.value))
                        .filter(|one| one.as_text().is_some());
                }
            }
        }
        None
    }
}

fn holds_only_places(code: &str) -> bool {
    let is_place = ["'?'", "\"?\"", "'%s'", "\"%s\""].iter().any(|place| code.contains(place));
    is_place && !code.contains('{')
}

/// Puts values together to a text; what is not known becomes a hole.
pub(super) fn together(values: &[Value], separator: &str, origin: Id) -> Value {
    let mut text = String::new();
    let mut written = 0;
    let (mut is_assembled, mut is_decoded) = (false, false);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        match value {
            Value::Text(piece) => {
                written += usize::from(!piece.text.is_empty());
                is_assembled |= piece.is_assembled;
                is_decoded |= piece.is_decoded;
                text.push_str(&piece.text);
            }
            Value::Literal(literal) => text.push_str(literal),
            _ => text.push(HOLE),
        }
    }
    Value::text(Text { text, is_assembled: is_assembled || written > 1, is_decoded, origin })
}

/// Fills the places of a format.
pub(super) fn filled(template: &Value, values: &[Value], origin: Id) -> Value {
    let Some(template) = template.as_text() else { return Value::Unknown };
    let mut pieces = Vec::new();
    let mut values = values.iter();
    let mut is_filled = false;
    for piece in format_places(&template.text) {
        match piece {
            Some(text) => pieces.push(Value::text(Text::plain(text, origin))),
            None => {
                let value = values.next().cloned().unwrap_or(Value::Unknown);
                is_filled |= value.whole_text().is_some_and(|text| !text.is_empty());
                pieces.push(value);
            }
        }
    }
    match together(&pieces, "", origin) {
        Value::Text(text) => {
            let is_decoded = text.is_decoded || template.is_decoded;
            Value::text(Text { is_assembled: is_filled || template.is_assembled, is_decoded, ..(*text).clone() })
        }
        other => other,
    }
}
