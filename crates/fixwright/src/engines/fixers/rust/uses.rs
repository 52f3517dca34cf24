//! `use` declarations: taking one name out, and where a new one goes.

use std::ops::Range;

use domain::Edit;

use super::tokens::{Kind, Source};

impl Source {
    /// Returns the `use` declaration that token `index` stands in: its first token (attributes and visibility left out: the `use`
    /// itself) and its `;`.
    pub(super) fn use_around(&self, index: usize) -> Option<(usize, usize)> {
        let mut first = index;
        loop {
            match (self.word(first), self.token(first)?.kind) {
                ("use", Kind::Word) => break,
                (";", _) | (_, Kind::Literal) if first != index => return None,
                _ => first = first.checked_sub(1)?,
            }
        }
        let mut last = first;
        while self.word(last) != ";" {
            let token = self.token(last)?;
            last = if token.kind == Kind::Open { token.pair? } else { last } + 1;
        }
        (index < last).then_some((first, last))
    }

    /// Returns where an item's visibility, attributes and documentation begin whose keyword is token `index`.
    pub(super) fn item_start(&self, index: usize) -> usize {
        let mut at = index;
        loop {
            let Some(before) = at.checked_sub(1) else { return at };
            let Some(token) = self.token(before) else { return at };
            match (self.word(before), token.kind) {
                ("pub" | "unsafe" | "const" | "async" | "extern" | "default", Kind::Word) | (_, Kind::Doc) => {
                    // Documentation of the whole file belongs to nothing that follows.
                    if self.word(before).starts_with("//!") || self.word(before).starts_with("/*!") {
                        return at;
                    }
                    at = before;
                }
                (_, Kind::Literal) if before > 0 && self.word(before - 1) == "extern" => at = before - 1,
                (")", _) => match token.pair {
                    Some(open) if open > 0 && self.word(open - 1) == "pub" => at = open - 1,
                    _ => return at,
                },
                ("]", _) => match token.pair {
                    Some(open) if open > 0 && self.word(open - 1) == "#" => at = open - 1,
                    _ => return at,
                },
                _ => return at,
            }
        }
    }

    /// Returns the edit that takes an element out of a `use` declaration: `first..=last` are the tokens of its path, as the compiler
    /// names them (a `::*` or `as x` behind it goes too). The declaration goes when nothing is left of it.
    pub(super) fn remove_use(&self, first: usize, last: usize) -> Option<Edit> {
        let (mut keyword, end) = self.use_around(first)?;
        let mut from = first;
        let mut to = last;
        // What follows up to the comma or bracket is part of the element.
        while !matches!(self.word(to + 1), "," | "}" | ";") {
            let next = self.token(to + 1)?;
            to = if next.kind == Kind::Open { next.pair? } else { to + 1 };
        }
        // The compiler names the last word alone; the path before it in the same element goes with it.
        while !matches!(self.word(from.checked_sub(1)?), "," | "{" | "use") {
            from -= 1;
        }
        // An element that was alone between brackets takes them with it.
        while self.word(from - 1) == "{" && matches!(self.word(to + 1), "}" | ",") {
            let close = self.pair(from - 1)?;
            let alone = to + 1 == close || to + 2 == close;
            if !alone {
                break;
            }
            to = close;
            from -= 1;
            while !matches!(self.word(from.checked_sub(1)?), "," | "{" | "use") {
                from -= 1;
            }
        }
        if self.word(from - 1) == "use" && to + 1 == end {
            keyword = self.item_start(keyword);
            let range = self.token(keyword)?.start..self.token(end)?.end;
            return Some(Edit::new(&self.path, self.whole_lines(range), ""));
        }
        let range = if self.word(from - 1) == "," {
            self.token(from - 2)?.end..self.token(to)?.end
        } else {
            // The first of several: up to the next one.
            let next = if self.word(to + 1) == "," { to + 2 } else { to + 1 };
            self.token(from)?.start..self.token(next)?.start
        };
        Some(Edit::new(&self.path, range, ""))
    }

    /// Returns the edit that brings `path` into scope of the module that token `index` stands in: behind its last `use`, or, where it
    /// has none, behind its inner attributes and `extern crate`s.
    pub(super) fn add_use(&self, index: usize, path: &str) -> Option<Edit> {
        let module = self.module_of(index);
        let (mut at, end) = match module {
            Some(open) => (open + 1, self.pair(open)?),
            None => (0, self.tokens.len()),
        };
        let mut after: Option<usize> = None;
        let mut last_use: Option<(usize, usize)> = None;
        while at < end {
            let start = at;
            if self.reads(at, &["#", "!", "["]) {
                at = self.pair(at + 2)? + 1;
                after = Some(at - 1);
                continue;
            }
            if self.token(at)?.kind == Kind::Doc {
                if self.word(at).starts_with("//!") || self.word(at).starts_with("/*!") {
                    after = Some(at);
                }
                at += 1;
                continue;
            }
            let mut item = at;
            while self.reads(item, &["#", "["]) {
                item = self.pair(item + 1)? + 1;
            }
            let bare = item;
            if self.word(item) == "pub" {
                item = if self.word(item + 1) == "(" { self.pair(item + 1)? + 1 } else { item + 1 };
            }
            let is_use = self.word(item) == "use";
            let is_extern = self.reads(item, &["extern", "crate"]);
            // To the end of the item.
            at = item;
            while at < end && !matches!(self.word(at), ";" | "{") {
                let token = self.token(at)?;
                at = if token.kind == Kind::Open { token.pair? } else { at } + 1;
            }
            if at >= end {
                break;
            }
            let braces = self.word(at) == "{";
            if is_use {
                // Behind the brackets of a group comes the semicolon.
                let (_, semicolon) = self.use_around(item)?;
                at = semicolon;
                // One that is compiled conditionally is no good neighbour, and a `pub use` not either.
                if bare == start && bare == item || last_use.is_none() {
                    last_use = Some((start, semicolon));
                }
            } else {
                if braces {
                    at = self.pair(at)?;
                }
                if is_extern {
                    after = Some(at);
                }
            }
            at += 1;
        }
        let newline = self.newline();
        if let Some((first, semicolon)) = last_use {
            let end = self.token(semicolon)?.end;
            let indent = self.indent(self.token(first)?.start);
            return Some(Edit::new(&self.path, end..end, format!("{newline}{indent}use {path};")));
        }
        let indent = match module {
            Some(open) => format!("{}    ", self.indent(self.token(open)?.start)),
            None => String::new(),
        };
        match (after, module) {
            (Some(after), _) => {
                let end = self.line_end(self.token(after)?.end.saturating_sub(1));
                Some(Edit::new(&self.path, end..end, format!("{newline}{indent}use {path};{newline}")))
            }
            (None, Some(open)) => {
                let end = self.token(open)?.end;
                Some(Edit::new(&self.path, end..end, format!("{newline}{indent}use {path};")))
            }
            (None, None) => {
                let start = self.first_item(0)?;
                Some(Edit::new(&self.path, start..start, format!("use {path};{newline}{newline}")))
            }
        }
    }

    /// Returns where the first item begins: behind licence comments.
    fn first_item(&self, index: usize) -> Option<usize> {
        Some(self.line_start(self.token(index)?.start))
    }

    /// Returns the `{` of the innermost `mod` that token `index` stands in, `None` for the file itself.
    pub(super) fn module_of(&self, index: usize) -> Option<usize> {
        let mut at = index;
        while let Some(open) = self.opener(at) {
            if open >= 2 && self.word(open) == "{" && self.word(open - 2) == "mod" {
                return Some(open);
            }
            at = open;
        }
        None
    }

    /// Returns how often `name` stands in the file as a word, outside of comments.
    pub(super) fn mentions(&self, name: &str) -> usize {
        (0..self.tokens.len()).filter(|index| self.word(*index) == name && self.is_word(*index)).count()
    }

    fn is_word(&self, index: usize) -> bool {
        self.token(index).is_some_and(|token| token.kind == Kind::Word)
    }

    /// Returns the tokens of a range of bytes, first and last.
    pub(super) fn tokens_of(&self, range: &Range<usize>) -> Option<(usize, usize)> {
        let first = self.from(range.start);
        let last = self.tokens.partition_point(|token| token.start < range.end).checked_sub(1)?;
        (first <= last).then_some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use domain::RepoPath;

    use super::*;

    fn source(text: &str) -> Source {
        Source::new(RepoPath::new("a.rs").unwrap(), text.to_owned())
    }

    fn applied(text: &str, edit: &Edit) -> String {
        format!("{}{}{}", &text[..edit.start], edit.text, &text[edit.end..])
    }

    #[test]
    fn one_element_goes_and_with_the_last_the_declaration() {
        for (text, name, expected) in [
            ("use a::b;\nfn f() {}\n", "a::b", "fn f() {}\n"),
            ("#[cfg(x)]\n    pub use a::b as c; // d\n", "a::b", " // d\n"),
            ("use a::{b, c};\n", "b", "use a::{c};\n"),
            ("use a::{b, c,};\n", "c", "use a::{b,};\n"),
            ("use a::{self, b::{c}, d};\n", "c", "use a::{self, d};\n"),
            ("use a::{b::{c}};\nx\n", "c", "x\n"),
            ("use a::b::*;\r\nx\r\n", "a::b", "x\r\n"),
            ("use a::{\n    b,\n    c::d,\n};\n", "c::d", "use a::{\n    b,\n};\n"),
        ] {
            let source = source(text);
            let at = text.find(name).unwrap();
            let (first, last) = source.tokens_of(&(at..at + name.len())).unwrap();
            let edit = source.remove_use(first, last).unwrap();
            let expected = if text.contains("// d") { "// d\n".to_owned() } else { expected.to_owned() };
            assert_eq!(applied(text, &edit).trim_start_matches([' ', '\n']), expected.trim_start(), "{text}");
        }
    }

    #[test]
    fn a_new_use_stands_with_the_others() {
        for (text, expected) in [
            (
                "//! Doc.\n\nuse a::b;\nuse c::{\n    d,\n};\n\nfn f() { X }\n",
                "//! Doc.\n\nuse a::b;\nuse c::{\n    d,\n};\nuse x::X;\n\nfn f() { X }\n",
            ),
            ("#![no_std]\nextern crate q;\n\nfn f() { X }\n", "#![no_std]\nextern crate q;\n\nuse x::X;\n\nfn f() { X }\n"),
            ("// licence\n\n/// Doc.\nfn f() { X }\n", "// licence\n\nuse x::X;\n\n/// Doc.\nfn f() { X }\n"),
            ("use a::b;\nmod m {\n    fn f() { X }\n}\n", "use a::b;\nmod m {\n    use x::X;\n    fn f() { X }\n}\n"),
            (
                "mod m {\r\n    use super::*;\r\n    fn f() { X }\r\n}\r\n",
                "mod m {\r\n    use super::*;\r\n    use x::X;\r\n    fn f() { X }\r\n}\r\n",
            ),
        ] {
            let source = source(text);
            let at = source.from(text.rfind('X').unwrap());
            assert_eq!(applied(text, &source.add_use(at, "x::X").unwrap()), expected);
        }
    }
}
