//! What is known of an expression without running it: a name in full, a text, or nothing.

use std::rc::Rc;

use super::cst::Id;

/// Longer names and texts are cut off: nothing that a rule asks for is that long.
const LONGEST: usize = 4096;

/// Stands in a text for what is not known.
pub(super) const HOLE: char = '\0';

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Unknown,
    /// A name in full (see [`Name`]).
    Name(Name),
    Text(Rc<Text>),
    /// A number, a truth value or nothing, as it is written.
    Literal(Rc<str>),
    /// A literal with keys, or a list: the node.
    Node(Id),
}

/// Where a value comes from, from the outermost module on: `os.system`, `requests.Session().get` (`()` is what a call gives, or an object of
/// a class). A name that begins with `?` is of something local that is not known, one that begins with `%` of a class of this file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) path: Rc<str>,
    pub(super) spelling: Spelling,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// As a name.
    Plain,
    /// As a text.
    Text,
    /// As a text that is put together or decoded.
    Assembled,
}

/// A text, of which parts may not be known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    /// With a [`HOLE`] for each part that is not known.
    pub(super) text: String,
    /// It is put together of pieces that are each written out, as somebody does who hides a word.
    pub(super) is_assembled: bool,
    /// It comes out of something encoded.
    pub(super) is_decoded: bool,
    /// Where it is made.
    pub(super) origin: Id,
}

impl Text {
    pub(super) fn plain(text: impl Into<String>, origin: Id) -> Self {
        Self { text: text.into(), is_assembled: false, is_decoded: false, origin }
    }

    pub(super) fn has_holes(&self) -> bool {
        self.text.contains(HOLE)
    }

    /// Says how a name is spelt that this text holds.
    pub(super) fn spelling(&self) -> Spelling {
        if self.is_assembled || self.is_decoded { Spelling::Assembled } else { Spelling::Text }
    }
}

impl Value {
    pub(super) fn name(path: impl AsRef<str>) -> Self {
        Self::spelt(path, Spelling::Plain)
    }

    pub(super) fn spelt(path: impl AsRef<str>, spelling: Spelling) -> Self {
        let path = path.as_ref();
        if path.len() > LONGEST { Self::Unknown } else { Self::Name(Name { path: path.into(), spelling }) }
    }

    pub(super) fn text(text: Text) -> Self {
        if text.text.len() > 16 * LONGEST { Self::Unknown } else { Self::Text(Rc::new(text)) }
    }

    /// Something local of which no more is known than what it is called.
    pub(super) fn local(name: &str) -> Self {
        Self::name(format!("?{name}"))
    }

    pub(super) fn path(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(&name.path),
            _ => None,
        }
    }

    /// Returns the name when it leads to something that this file did not make: a module, a builtin, what they give.
    pub(super) fn outer_path(&self) -> Option<&str> {
        self.path().filter(|path| !path.starts_with(['?', '%']))
    }

    pub(super) fn as_text(&self) -> Option<&Rc<Text>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the text when all of it is known.
    pub(super) fn whole_text(&self) -> Option<&str> {
        self.as_text().filter(|text| !text.has_holes()).map(|text| text.text.as_str())
    }
}
