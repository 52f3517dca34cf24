//! Rewrites what Rust's standard library has deprecated where the successor is known and means the same.
//!
//! A constant or trait that is imported and used is two findings or more: each is answered with all the edits that the file needs, since
//! neither half compiles alone.

use domain::{Applicability, Edit, Finding};

use super::descriptions;
use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "deprecated_std",
    about: "replaces deprecated items of Rust's standard library by their successors",
    handles: |finding| finding.rule == "deprecated" && item(finding).is_some_and(|name| known(name).is_some()),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// What is done about an item.
#[derive(Clone, Copy)]
enum Way {
    /// The method has another name.
    Method(&'static str),
    /// The constant is written as a call of a function of a type that stands beside it.
    Constant(&'static str),
    /// The trait's methods are inherent now.
    Import,
    /// The function has another path.
    Function(&'static str),
    SleepMs,
    CompareAndSwap,
    Uninitialized,
    Description,
}

/// Returns the item of a message such as ``use of deprecated method `core::str::<impl str>::trim_left`: superseded by …``.
fn item(finding: &Finding) -> Option<&str> {
    finding.message.strip_prefix("use of deprecated ")?.split('`').nth(1)
}

fn known(item: &str) -> Option<Way> {
    let (path, name) = item.rsplit_once("::")?;
    if !["std::", "core::", "alloc::"].iter().any(|root| item.starts_with(root)) {
        return None;
    }
    Some(match name {
        "trim_left" => Way::Method("trim_start"),
        "trim_right" => Way::Method("trim_end"),
        "trim_left_matches" => Way::Method("trim_start_matches"),
        "trim_right_matches" => Way::Method("trim_end_matches"),
        "cause" if path.ends_with("Error") => Way::Method("source"),
        "connect" if path.contains("slice") || path.contains("Join") => Way::Method("join"),
        "ONCE_INIT" => Way::Constant("Once::new()"),
        "ATOMIC_BOOL_INIT" => Way::Constant("AtomicBool::new(false)"),
        "ATOMIC_ISIZE_INIT" => Way::Constant("AtomicIsize::new(0)"),
        "ATOMIC_USIZE_INIT" => Way::Constant("AtomicUsize::new(0)"),
        "ATOMIC_I8_INIT" => Way::Constant("AtomicI8::new(0)"),
        "ATOMIC_I16_INIT" => Way::Constant("AtomicI16::new(0)"),
        "ATOMIC_I32_INIT" => Way::Constant("AtomicI32::new(0)"),
        "ATOMIC_I64_INIT" => Way::Constant("AtomicI64::new(0)"),
        "ATOMIC_U8_INIT" => Way::Constant("AtomicU8::new(0)"),
        "ATOMIC_U16_INIT" => Way::Constant("AtomicU16::new(0)"),
        "ATOMIC_U32_INIT" => Way::Constant("AtomicU32::new(0)"),
        "ATOMIC_U64_INIT" => Way::Constant("AtomicU64::new(0)"),
        "AsciiExt" => Way::Import,
        "spin_loop_hint" => Way::Function("std::hint::spin_loop"),
        "sleep_ms" => Way::SleepMs,
        "compare_and_swap" => Way::CompareAndSwap,
        "uninitialized" if path.ends_with("mem") => Way::Uninitialized,
        "description" if path.ends_with("Error") => Way::Description,
        _ => return None,
    })
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let item = item(context.finding)?;
    let name = item.rsplit("::").next()?;
    let source = Source::of(context)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (first, last) = source.tokens_of(&range).or_else(|| Some((source.at(context)?, source.at(context)?)))?;
    // The location is the name, or a path that ends with it.
    let at = (first..=last).rev().find(|index| source.word(*index) == name)?;
    let (applicability, list) = match known(item)? {
        Way::Method(to) => (Applicability::Safe, vec![replace(&source, at, at, to)?]),
        Way::Constant(call) => (Applicability::Safe, constant(&source, name, call)?),
        Way::Import => (Applicability::Safe, vec![source.remove_use(at, at)?]),
        Way::Function(path) => {
            source.use_around(at).is_none().then_some(())?;
            (Applicability::Safe, vec![replace(&source, path_start(&source, at), at, path)?])
        }
        Way::SleepMs => (Applicability::Safe, sleep_ms(&source, at)?),
        Way::CompareAndSwap => (Applicability::Safe, compare_and_swap(&source, at)?),
        Way::Uninitialized => (Applicability::Safe, vec![uninitialized(&source, at)?]),
        Way::Description => (Applicability::Unsafe, descriptions::propose(context, &source, at)?),
    };
    tokens::edits(format!("replace the deprecated `{name}`"), applicability, list)
}

fn replace(source: &Source, first: usize, last: usize, by: &str) -> Option<Edit> {
    Some(Edit::new(&source.path, source.token(first)?.start..source.token(last)?.end, by))
}

/// Returns the first token of the path that ends at token `index`.
fn path_start(source: &Source, index: usize) -> usize {
    let mut at = index;
    while at >= 2 && source.reads(at - 2, &[":", ":"]) {
        let before = at.checked_sub(3).and_then(|before| source.token(before));
        at -= if before.is_some_and(|token| token.kind == Kind::Word) { 3 } else { 2 };
    }
    at
}

/// Every use of the constant becomes a call; an import of it an import of the type, or nothing where the type is imported as well.
fn constant(source: &Source, name: &str, call: &str) -> Option<Vec<Edit>> {
    let kind = call.split(':').next()?;
    let mut list = Vec::new();
    for at in (0..source.tokens.len()).filter(|at| source.word(*at) == name) {
        let edit = if source.use_around(at).is_some() {
            let imported = (0..source.tokens.len()).any(|other| source.word(other) == kind && source.use_around(other).is_some());
            if imported { source.remove_use(at, at)? } else { replace(source, at, at, kind)? }
        } else {
            replace(source, at, at, call)?
        };
        list.push(edit);
    }
    Some(list)
}

fn sleep_ms(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let close = source.pair(at + 1)?;
    let literal = close == at + 3 && source.token(at + 2)?.kind == Kind::Literal;
    let (before, after) = if literal { ("", "") } else { ("u64::from(", ")") };
    let start = path_start(source, at);
    // An imported `sleep_ms` would need its import changed too.
    (start < at).then_some(())?;
    let open = source.token(at + 1)?;
    Some(vec![
        Edit::new(&source.path, source.token(at)?.start..open.end, format!("sleep(std::time::Duration::from_millis({before}")),
        Edit::new(&source.path, source.token(close)?.start..source.token(close)?.start, format!("{after})")),
    ])
}

/// The failure ordering is that of the load, as the documentation of `compare_and_swap` gives it.
fn compare_and_swap(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let close = source.pair(at + 1)?;
    let last = if source.word(close - 1) == "," { close - 2 } else { close - 1 };
    let failure = match source.word(last) {
        "Relaxed" | "Release" => "Relaxed",
        "Acquire" | "AcqRel" => "Acquire",
        "SeqCst" => "SeqCst",
        _ => return None,
    };
    let prefix = source.slice(source.token(path_start(source, last))?.start..source.token(last)?.start);
    let end = source.token(last)?.end;
    let close = source.token(close)?.end;
    Some(vec![
        replace(source, at, at, "compare_exchange")?,
        Edit::new(&source.path, end..end, format!(", {prefix}{failure}")),
        Edit::new(&source.path, close..close, ".unwrap_or_else(|x| x)"),
    ])
}

/// An array of numbers that is declared with its type is filled with zeros: it is written before it is read, or was a bug.
fn uninitialized(source: &Source, at: usize) -> Option<Edit> {
    source.reads(at + 1, &["(", ")"]).then_some(())?;
    let (mut first, mut last) = (path_start(source, at), at + 2);
    if source.word(first.checked_sub(1)?) == "{" && source.word(first.checked_sub(2)?) == "unsafe" && source.word(last + 1) == "}"
    {
        first -= 2;
        last += 1;
    }
    source.reads(first.checked_sub(1)?, &["="]).then_some(())?;
    // `let mut x: [u8; 20] =`
    let close = first.checked_sub(2)?;
    let open = source.pair(close).filter(|_| source.word(close) == "]")?;
    source.reads(open.checked_sub(1)?, &[":"]).then_some(())?;
    let semicolon = (open + 1..close).find(|index| source.word(*index) == ";")?;
    (semicolon == open + 2).then_some(())?;
    let zero = match source.word(open + 1) {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "0",
        "f32" | "f64" => "0.0",
        "bool" => "false",
        _ => return None,
    };
    let length = source.slice(source.token(semicolon + 1)?.start..source.token(close - 1)?.end);
    replace(source, first, last, &format!("[{zero}; {length}]"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
