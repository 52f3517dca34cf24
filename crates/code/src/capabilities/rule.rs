//! The rules of a language: data, read once (`rules/<language>.toml`).
//!
//! Each rule names the documentation that it stands on, and carries code in which it holds and code in which it does not.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::Language;
use hashbrown::HashSet;
use regex::Regex;
use serde::Deserialize;

use super::Capability;
use super::pattern::{Patterns, expand};

/// The file of a language, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Other names of the same thing.
    #[serde(default)]
    same: BTreeMap<String, String>,
    #[serde(default)]
    functions: Functions,
    #[serde(default)]
    rule: Vec<Rule>,
}

/// Functions that the scan follows: what they give is known when their arguments are.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Functions {
    /// They give the text that they are given (or that they are called on), as far as this scan cares.
    through: Vec<String>,
    /// They give their first argument, put into another form: decorated, bound, made a promise.
    wrap: Vec<String>,
    /// They put their arguments together.
    join: Vec<String>,
    /// The first argument is a format for the others.
    format: Vec<String>,
    /// They give what something encoded stands for.
    decode: Vec<String>,
    /// They give a text from its end on.
    reverse: Vec<String>,
    /// They give the character of a number.
    character: Vec<String>,
    /// They give the part of an object (the first argument, or the receiver) that a text names.
    attribute: Vec<String>,
    /// They give the module that a text names.
    module: Vec<String>,
    /// They call what they are called on, with all but their first argument.
    calls: Vec<String>,
    /// They give what they are called on.
    receiver: Vec<String>,
    /// They add their arguments to the text that they are called on, and give it.
    append: Vec<String>,
    /// They call functions that they are given by their names.
    callback: Vec<String>,
    /// What is in them is what the language has under that name.
    namespace: Vec<String>,
    /// A function that they decorate is given this first.
    decorated: BTreeMap<String, String>,
    /// They give this text.
    text: BTreeMap<String, String>,
    /// They give a path: what they are called on, and their arguments.
    path: Vec<String>,
    /// They give their last argument.
    last: Vec<String>,
    /// What a package has that does nothing of note, so that no wildcard of another one claims it.
    plain: Vec<String>,
    /// They write a text into their first argument: the number is the place of the format.
    into: BTreeMap<String, usize>,
}

/// What a function is to the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follow {
    Through,
    Wrap,
    Join,
    Format,
    Decode,
    Reverse,
    Character,
    Attribute,
    Module,
    Calls,
    Receiver,
    Append,
    Callback,
    Last,
    Path,
    Into(usize),
    /// The text at this place, see [`Rules::text`].
    Text(usize),
}

/// See the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) capability: Capability,
    /// Functions and classes that are called.
    #[serde(default)]
    pub(super) calls: Vec<String>,
    /// Names that are used, in whatever way.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// Attributes, fields, keys and named arguments that are set.
    #[serde(default)]
    pub(super) sets: Vec<String>,
    /// Modules that are imported.
    #[serde(default)]
    pub(super) imports: Vec<String>,
    /// Kinds of nodes of the syntax.
    #[serde(default)]
    pub(super) nodes: Vec<String>,
    /// Where the resource is: the first of these that is there.
    #[serde(default)]
    pub(super) resource: Vec<Place>,
    #[serde(default)]
    pub(super) when: Vec<Condition>,
    /// None of these may hold.
    #[serde(default)]
    pub(super) unless: Vec<Condition>,
    /// Where it is documented.
    #[serde(rename = "source")]
    pub(super) _source: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests read them"))]
    pub(super) present: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests read them"))]
    pub(super) absent: Vec<String>,
}

/// An argument: by its place from 0, or by its name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Place {
    At(usize),
    Named(String),
}

/// Something that must be so for a rule to hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    /// The argument that is asked about: the first of these that is there. Without any, it is the value that is set, or the whole node.
    #[serde(default)]
    pub(super) at: Vec<Place>,
    /// It is one of these names, texts or literals.
    #[serde(default)]
    pub(super) is: Vec<String>,
    /// Its text matches.
    #[serde(default, with = "pattern")]
    pub(super) text: Option<Regex>,
    /// Its code matches.
    #[serde(default, with = "pattern")]
    pub(super) code: Option<Regex>,
    /// The code of the function around it matches; outside of functions, that of the file.
    #[serde(default, with = "pattern")]
    pub(super) within: Option<Regex>,
    /// It is SQL that is put together from strings.
    #[serde(default)]
    pub(super) sql: bool,
    /// All of it is known.
    #[serde(default)]
    pub(super) known: Option<bool>,
    /// It is there.
    #[serde(default)]
    pub(super) given: Option<bool>,
}

mod pattern {
    use regex::Regex;
    use serde::Deserialize as _;

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
        let text = String::deserialize(deserializer)?;
        Regex::new(&text).map(Some).map_err(serde::de::Error::custom)
    }
}

/// The rules of a language, made ready to look names up.
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    pub(super) calls: Patterns,
    pub(super) names: Patterns,
    pub(super) sets: Patterns,
    pub(super) imports: Patterns,
    pub(super) nodes: BTreeMap<String, Vec<usize>>,
    same: BTreeMap<String, String>,
    follow: Patterns,
    follows: Vec<Follow>,
    namespaces: Vec<String>,
    texts: Vec<String>,
    decorated: BTreeMap<String, String>,
    plain: HashSet<String>,
    /// What namespaces, follows and aliases begin with.
    others: Patterns,
}

impl Rules {
    /// Reads the rules of a language: one file, or one that it shares with others and its own.
    pub(super) fn read(texts: &[&str]) -> Result<Self, String> {
        let mut rules = Self {
            all: Vec::new(),
            calls: Patterns::default(),
            names: Patterns::default(),
            sets: Patterns::default(),
            imports: Patterns::default(),
            nodes: BTreeMap::new(),
            same: BTreeMap::new(),
            follow: Patterns::default(),
            follows: Vec::new(),
            namespaces: Vec::new(),
            texts: Vec::new(),
            decorated: BTreeMap::new(),
            plain: HashSet::new(),
            others: Patterns::default(),
        };
        for text in texts {
            rules.add(toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())?);
        }
        Ok(rules)
    }

    fn add(&mut self, File { same, functions, rule: new }: File) {
        let Functions { through, wrap, join, format, decode, reverse, character, attribute, module, .. } = functions;
        let Functions { calls, receiver, append, callback, namespace, into, text, decorated, last, path, plain, .. } = functions;
        for (names, follow) in [
            (through, Follow::Through),
            (wrap, Follow::Wrap),
            (join, Follow::Join),
            (format, Follow::Format),
            (decode, Follow::Decode),
            (reverse, Follow::Reverse),
            (character, Follow::Character),
            (attribute, Follow::Attribute),
            (module, Follow::Module),
            (calls, Follow::Calls),
            (receiver, Follow::Receiver),
            (append, Follow::Append),
            (callback, Follow::Callback),
            (last, Follow::Last),
            (path, Follow::Path),
        ] {
            names.iter().for_each(|name| self.add_follow(name, follow));
        }
        for (name, at) in &into {
            self.add_follow(name, Follow::Into(*at));
        }
        for (name, text) in text {
            self.add_follow(&name, Follow::Text(self.texts.len()));
            self.texts.push(text);
        }
        self.decorated.extend(decorated);
        self.namespaces.extend(namespace);
        self.plain.extend(plain.iter().flat_map(|pattern| expand(pattern)));
        for (from, to) in same {
            self.others.add(from.trim_end_matches("()"), 0);
            self.same.insert(from, to);
        }
        for rule in new {
            let at = self.all.len();
            rule.calls.iter().for_each(|one| self.calls.add(one, at));
            rule.names.iter().for_each(|one| self.names.add(one, at));
            rule.sets.iter().for_each(|one| self.sets.add(one, at));
            rule.imports.iter().for_each(|one| self.imports.add(one, at));
            rule.nodes.iter().for_each(|one| self.nodes.entry(one.clone()).or_default().push(at));
            self.all.push(rule);
        }
    }

    fn add_follow(&mut self, name: &str, follow: Follow) {
        self.follow.add(name, self.follows.len());
        self.follows.push(follow);
    }

    /// Says whether anything is known that begins with this name.
    pub(super) fn knows(&self, path: &str) -> bool {
        [&self.calls, &self.names, &self.sets, &self.follow, &self.others].iter().any(|patterns| patterns.knows(path))
    }

    /// Says whether anything is known that begins with this name, or that a rule is about this very name.
    pub(super) fn has(&self, path: &str) -> bool {
        self.knows(path) || [&self.calls, &self.names, &self.follow].iter().any(|patterns| patterns.names(path))
    }

    /// Says whether something is known of this very name.
    pub(super) fn is_named(&self, path: &str) -> bool {
        self.plain.contains(path) || [&self.calls, &self.names, &self.follow].iter().any(|patterns| patterns.spells(path))
    }

    /// Says whether this does nothing of note.
    pub(super) fn is_plain(&self, path: &str) -> bool {
        self.plain.contains(path)
    }

    /// Returns what all that a rule is about of an object lets a program do, where that is one thing.
    pub(super) fn only_capability(&self, object: &str) -> Option<Capability> {
        let mut all = self.all.iter().filter(|rule| rule.when.is_empty());
        let is_of = |pattern: &String| pattern.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'));
        let first = all.find(|rule| rule.calls.iter().any(is_of))?.capability;
        let is_other = |rule: &Rule| rule.capability != first && rule.calls.iter().any(is_of);
        (!all.any(is_other)).then_some(first)
    }

    /// Says whether something that a rule is about is a part of this.
    pub(super) fn acts_through(&self, path: &str) -> bool {
        self.calls.knows(path) || self.names.knows(path)
    }

    /// Returns what a name is the same as.
    pub(super) fn same<'a>(&'a self, path: &'a str) -> &'a str {
        self.same.get(path).map_or(path, String::as_str)
    }

    /// Returns a name whose beginning is that of something else, with that instead.
    pub(super) fn same_beginning<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let (head, tail) = path.split_at(end);
            if let Some(same) = self.same.get(head) {
                return Cow::Owned(format!("{same}{tail}"));
            }
        }
        Cow::Borrowed(path)
    }

    /// Returns what a function is to the scan.
    pub(super) fn follow(&self, path: &str) -> Option<Follow> {
        self.follow.matching(path).first().and_then(|at| self.follows.get(*at)).copied()
    }

    /// Returns what a function is given first that this decorates.
    pub(super) fn given_by(&self, decorator: &str) -> Option<&str> {
        self.decorated.get(decorator.trim_end_matches("()")).map(String::as_str)
    }

    /// Returns the text that a function gives.
    pub(super) fn text(&self, at: usize) -> &str {
        self.texts.get(at).map_or("", String::as_str)
    }

    pub(super) fn is_namespace(&self, path: &str) -> bool {
        self.namespaces.iter().any(|one| one == path)
    }

    /// Says whether calling this is a capability without looking at arguments.
    pub(super) fn is_a_function_of_note(&self, path: &str) -> bool {
        self.calls.matching(path).into_iter().filter_map(|at| self.all.get(at)).any(|rule| {
            rule.when.is_empty() && rule.unless.is_empty() && !rule.calls.iter().all(|pattern| pattern.starts_with("**"))
        })
    }
}

/// Returns the files with the rules of a language.
pub(super) fn texts_of(language: Language) -> &'static [&'static str] {
    const JVM: &str = include_str!("rules/jvm.toml");
    const C: &str = include_str!("rules/c.toml");
    match language {
        Language::Python => &[include_str!("rules/python.toml")],
        Language::JavaScript | Language::TypeScript => &[include_str!("rules/javascript.toml")],
        Language::Go => &[include_str!("rules/go.toml")],
        Language::Rust => &[include_str!("rules/rust.toml")],
        Language::Java => &[JVM, include_str!("rules/java.toml")],
        Language::C => &[C],
        Language::Cpp => &[C, include_str!("rules/cpp.toml")],
        Language::CSharp => &[include_str!("rules/csharp.toml")],
        Language::Ruby => &[include_str!("rules/ruby.toml")],
        Language::Php => &[include_str!("rules/php.toml")],
        Language::Kotlin => &[JVM, include_str!("rules/kotlin.toml")],
        Language::Scala => &[JVM, include_str!("rules/scala.toml")],
        Language::Bash => &[include_str!("rules/bash.toml")],
        Language::Other => &[],
    }
}
