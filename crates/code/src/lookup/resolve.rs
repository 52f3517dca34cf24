//! Whether a mention means a definition, as far as syntax tells: linkage in C, imports and packages elsewhere, the class around a method.

use domain::{Language, RepoPath};

use super::handed::Handed;
use super::modules::leads_to;
use super::{Certainty, Opened, Symbol};
use crate::index::Error;
use crate::outline::{DECLARATION, Kind, LOCAL, Qualifier, RawImport, RawReference};

/// A file that mentions the name that was asked for.
pub(super) struct Asking<'f, 'i> {
    pub(super) file: &'f Opened<'i>,
    pub(super) path: &'f RepoPath,
    /// The definitions of that name in this file.
    pub(super) own: &'f [usize],
    /// The imports of that name in this file.
    pub(super) imported: &'f [RawImport],
    pub(super) handed: &'f Handed,
}

/// Words that stand for the object or class around them.
const OWN: &[&str] = &["self", "this", "cls", "Self", "super", "static", "parent", "base"];

impl Asking<'_, '_> {
    /// Says how sure it is that a mention means `target`; `None` when it cannot. `alone`: nothing else of that name is known.
    pub(super) fn means(&self, mention: &RawReference, target: &Symbol, alone: bool) -> Result<Option<Certainty>, Error> {
        if !can_speak_of(self.file.language, target.language) {
            return Ok(None);
        }
        let here = target.path == *self.path;
        if mention.role == crate::Role::Import {
            return Ok(self.by_import(target)?.or(here.then_some(Certainty::Sure)));
        }
        match mention.qualifier {
            Qualifier::None if matches!(self.file.language, Language::C | Language::Cpp) => self.by_linkage(target, here, alone),
            Qualifier::None => self.plain(mention, target, here),
            // A pointer to a function has the name of a field, which says nothing of functions.
            _ if self.file.language == Language::C => Ok(None),
            Qualifier::Expression => Ok(self.of_some_object(target)),
            Qualifier::Name(name) => {
                let qualifier = self.file.word(name)?;
                self.qualified(mention, &qualifier, name, target, here)
            }
        }
    }

    /// C: what is `static` stays in its file (or, in a header, in the files that include it); the rest is known everywhere.
    fn by_linkage(&self, target: &Symbol, here: bool, alone: bool) -> Result<Option<Certainty>, Error> {
        let flags = self.own.iter().filter_map(|at| self.file.facts.definitions.get(*at)).map(|one| one.flags);
        let is_defined_here = flags.clone().any(|flags| flags & DECLARATION == 0);
        if here {
            return Ok(Some(Certainty::Sure));
        }
        if is_defined_here && (target.local || flags.clone().any(|flags| flags & LOCAL != 0)) {
            return Ok(None);
        }
        if target.local || target.kind == Kind::Macro {
            // An include of a header may come by way of another one.
            let name = target.path.file_name();
            let is_header = name.ends_with(".h") || name.ends_with(".hpp") || name.ends_with(".hh") || name.ends_with(".inc");
            for one in &self.file.facts.imports {
                if leads_to(self.file.language, &self.file.word(one.module)?, self.path, &target.path).is_some() {
                    return Ok(Some(Certainty::Sure));
                }
            }
            // A file that the one with the definition includes is a part of it.
            let beside = !is_header && target.path.parent() == self.path.parent();
            if beside && !is_defined_here && self.handed.is_part(self.file.index, self.path, &target.path)? {
                return Ok(Some(Certainty::Sure));
            }
            return Ok((is_header && !is_defined_here).then_some(if alone { Certainty::Sure } else { Certainty::Possible }));
        }
        if target.kind == Kind::Method && self.file.language == Language::Cpp {
            return Ok(Some(Certainty::Possible));
        }
        Ok(Some(if alone && !is_defined_here { Certainty::Sure } else { Certainty::Possible }))
    }

    /// A name alone: defined in the same file, imported, or known to the whole package.
    fn plain(&self, mention: &RawReference, target: &Symbol, here: bool) -> Result<Option<Certainty>, Error> {
        let language = self.file.language;
        let needs_object = target.kind == Kind::Method && !calls_methods_plainly(language);
        if needs_object {
            return Ok(None);
        }
        if here {
            let is_sibling = target.kind != Kind::Method || self.is_of_type_around(mention.line, target)?;
            return Ok(Some(if is_sibling { Certainty::Sure } else { Certainty::Possible }));
        }
        if let Some(certainty) = self.by_import(target)? {
            return Ok(Some(certainty));
        }
        let is_defined_here = self.own.iter().any(|at| {
            let kind = self.file.facts.definitions.get(*at).map(|one| one.kind);
            kind.is_some_and(|kind| kind != Kind::Method || calls_methods_plainly(language))
        });
        if is_defined_here || !self.imported.is_empty() {
            return Ok(None);
        }
        let same_folder = target.path.parent() == self.path.parent();
        Ok(match language {
            // A package is a folder.
            Language::Go => same_folder.then_some(Certainty::Sure),
            Language::Java | Language::Kotlin | Language::Scala | Language::CSharp | Language::Php => {
                let is_type = target.kind.is_type();
                if same_folder && is_type { Some(Certainty::Sure) } else { Some(Certainty::Possible) }
            }
            // Macros are known by the order of the text, and globals of scripts without any import.
            Language::Rust => (target.kind == Kind::Macro).then_some(Certainty::Possible),
            Language::JavaScript if self.file.facts.imports.is_empty() => Some(Certainty::Possible),
            Language::Ruby | Language::Bash => Some(Certainty::Possible),
            _ => None,
        })
    }

    /// Says whether an import of the name, or of everything, leads to the target.
    fn by_import(&self, target: &Symbol) -> Result<Option<Certainty>, Error> {
        let mut best = None;
        for one in self.imported {
            let module = self.file.word(one.module)?;
            let original = one.name.map(|name| self.file.word(name)).transpose()?;
            let mut found = self.surely(self.leads(&module, target), &module, original.as_deref(), target)?;
            // `import a.b.C.f` and `use a::Type::f`: the last part may be a type of the target's file.
            if found.is_none()
                && let Some(owner) = target.container.last()
                && let Some(outer) = module.strip_suffix(owner.as_str()).map(|outer| outer.trim_end_matches(['.', ':']))
            {
                found = self.leads(outer, target);
            }
            // `import a.b.C` names a file when `C` is what is asked for.
            let whole = || Some(format!("{module}{}{}", separator(self.file.language)?, target.name));
            let found = found.or_else(|| self.leads(&whole()?, target));
            best = best.max_surest(found);
        }
        for one in self.file.facts.imports.iter().filter(|one| one.star && one.alias.is_none()) {
            let module = self.file.word(one.module)?;
            best = best.max_surest(self.surely(self.leads(&module, target), &module, Some(&target.name), target)?);
        }
        Ok(best)
    }

    /// Makes sure of what a module may hand on.
    fn surely(
        &self,
        found: Option<Certainty>,
        module: &str,
        name: Option<&str>,
        target: &Symbol,
    ) -> Result<Option<Certainty>, Error> {
        let Some((Certainty::Possible, name)) = found.zip(name) else { return Ok(found) };
        let is_from = self.handed.is_from(self.file.index, self.file.language, (module, name), self.path, target)?;
        Ok(if is_from { Some(Certainty::Sure) } else { found })
    }

    fn leads(&self, module: &str, target: &Symbol) -> Option<Certainty> {
        leads_to(self.file.language, module, self.path, &target.path)
    }

    /// A name after a dot: of the class around it, of an imported module or type, or of an object of unknown type.
    fn qualified(
        &self,
        mention: &RawReference,
        qualifier: &str,
        name: u32,
        target: &Symbol,
        here: bool,
    ) -> Result<Option<Certainty>, Error> {
        let owner = target.container.last().map(String::as_str);
        if OWN.contains(&qualifier) {
            let within = self.owner_at(mention.line)?;
            if here && within.is_some() && within.as_deref() == owner {
                return Ok(Some(Certainty::Sure));
            }
            // `self::f` and `super::f` are modules in Rust.
            if self.file.language == Language::Rust && target.kind != Kind::Method {
                return Ok(if here { Some(Certainty::Sure) } else { self.leads(qualifier, target) });
            }
            let mut overridden = false;
            for at in self.own {
                overridden |= self.file.container(*at)?.last() == within.as_ref();
            }
            let inherited = !overridden || qualifier == "super";
            return Ok((inherited && target.kind == Kind::Method && within.as_deref() != owner).then_some(Certainty::Possible));
        }
        if owner == Some(qualifier) {
            // A type of Go that is named alone is one of the package, which is a folder.
            let is_of_package = self.file.language != Language::Go || target.path.parent() == self.path.parent();
            return Ok(is_of_package.then_some(Certainty::Sure));
        }
        // Nor is it another type's, where the one that is named has it here.
        if self.file.language == Language::Go {
            for at in self.own {
                if self.file.container(*at)?.last().is_some_and(|own| own == qualifier) {
                    return Ok(None);
                }
            }
        }
        let mut is_imported = false;
        for one in &self.file.facts.imports {
            if one.alias.or(one.name) == Some(name) || (one.name.is_none() && self.is_called(one, qualifier)?) {
                is_imported = true;
                let module = self.file.word(one.module)?;
                let inner = one.name.map(|name| self.file.word(name)).transpose()?;
                // An imported module that holds it, or an imported type that has it.
                let of_type = inner.as_deref() == owner && owner.is_some();
                let whole = inner.and_then(|inner| Some(format!("{module}{}{inner}", separator(self.file.language)?)));
                let found = whole
                    .and_then(|whole| self.leads(&whole, target))
                    .or_else(|| (of_type || one.name.is_none()).then(|| self.leads(&module, target)).flatten());
                if found.is_some() {
                    let name = one.name.is_none().then_some(target.name.as_str());
                    return self.surely(found, &module, name, target);
                }
            }
        }
        // A module that is named by its path: `parsing::parse`, or a namespace.
        if matches!(self.file.language, Language::Rust | Language::Cpp) && target.kind != Kind::Method {
            let stem = target.path.file_name().split('.').next().unwrap_or_default();
            let folder = target.path.parent().rsplit('/').next().unwrap_or_default();
            let named = stem == qualifier
                || (stem == "mod" && folder == qualifier)
                || target.container.iter().any(|one| one == qualifier);
            // Or a crate: `code::parse`.
            let of_crate = || if self.file.language == Language::Rust { self.leads(qualifier, target) } else { None };
            return Ok(if is_imported { None } else { named.then_some(Certainty::Possible).or_else(of_crate) });
        }
        Ok(if is_imported { None } else { self.of_some_object(target) })
    }

    fn of_some_object(&self, target: &Symbol) -> Option<Certainty> {
        (target.kind == Kind::Method).then_some(Certainty::Possible)
    }

    /// Says whether an import without a name of its own is called so here: `import os.path` is `os`, `"example.com/m/store"` is `store`.
    fn is_called(&self, import: &RawImport, qualifier: &str) -> Result<bool, Error> {
        if let Some(alias) = import.alias {
            return Ok(self.file.word(alias)? == qualifier);
        }
        let module = self.file.word(import.module)?;
        Ok(match self.file.language {
            Language::Python => module.rsplit('.').next() == Some(qualifier) || module == qualifier,
            Language::Go => {
                module.rsplit('/').find(|part| !is_version(part)).is_some_and(|last| last.trim_start_matches("go-") == qualifier)
            }
            _ => module.rsplit(['/', '.', ':', '\\']).next() == Some(qualifier),
        })
    }

    /// Says whether the innermost type around the line that has a method of that name is the target's.
    fn is_of_type_around(&self, line: u32, target: &Symbol) -> Result<bool, Error> {
        let owner = target.container.last();
        let within = self.owner_at(line)?;
        if within.as_ref() == owner || !calls_methods_plainly(self.file.language) {
            return Ok(within.as_ref() == owner);
        }
        let mut having = Vec::new();
        for at in self.own {
            having.extend(self.file.container(*at)?.pop());
        }
        let mut at = self.file.innermost(line);
        while let Some(definition) = at.and_then(|at| self.file.facts.definitions.get(at)) {
            if definition.kind.holds_methods() {
                let name = self.file.word(definition.name)?;
                if having.contains(&name) {
                    return Ok(owner == Some(&name));
                }
            }
            at = at.and_then(|at| self.file.parent(at));
        }
        Ok(false)
    }

    /// Returns the type whose method the line stands in.
    fn owner_at(&self, line: u32) -> Result<Option<String>, Error> {
        let mut at = self.file.innermost(line);
        while let Some(one) = at {
            let Some(definition) = self.file.facts.definitions.get(one) else { break };
            if let Some(owner) = definition.owner {
                return self.file.word(owner).map(Some);
            }
            if definition.kind.holds_methods() {
                return self.file.word(definition.name).map(Some);
            }
            at = self.file.parent(one);
        }
        Ok(None)
    }
}

/// Says whether code of one language can mention definitions of the other directly.
pub(crate) fn can_speak_of(from: Language, to: Language) -> bool {
    let family = |language| match language {
        Language::C | Language::Cpp => 1,
        Language::JavaScript | Language::TypeScript => 2,
        Language::Java | Language::Kotlin | Language::Scala => 3,
        other => 100 + other as u8,
    };
    family(from) == family(to)
}

/// Says whether a method may be called without naming its object.
fn calls_methods_plainly(language: Language) -> bool {
    matches!(language, Language::Java | Language::Kotlin | Language::Scala | Language::CSharp | Language::Ruby | Language::Cpp)
}

/// Returns what stands between a module and a name in an import; `None` where a file cannot be named so.
fn separator(language: Language) -> Option<&'static str> {
    match language {
        Language::Python | Language::Java | Language::Kotlin | Language::Scala | Language::CSharp => Some("."),
        Language::Rust => Some("::"),
        Language::JavaScript | Language::TypeScript => Some("/"),
        Language::Php => Some("\\"),
        _ => None,
    }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Of two answers the surer one.
pub(super) trait Surest {
    fn max_surest(self, other: Self) -> Self;
}

impl Surest for Option<Certainty> {
    fn max_surest(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}
