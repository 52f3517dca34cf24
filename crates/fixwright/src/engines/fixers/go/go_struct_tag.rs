//! Tags of Go's struct fields that `reflect.StructTag` cannot read: the value without quotes, a space too many or too few.

use domain::{Applicability, Language};
use regex::Regex;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, ancestor};

pub(super) const FIXER: Fixer = Fixer {
    id: "go_struct_tag",
    about: "writes tags of Go's struct fields so that they can be read",
    handles: |finding| finding.message.contains(" not compatible with reflect.StructTag.Get: "),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let leaf = source.node(at..at + 1)?;
    let field = if leaf.kind() == "field_declaration" { leaf } else { ancestor(leaf, &["field_declaration"])? };
    let tag = field.child_by_field_name("tag")?;
    let text = source.str(tag);
    let (inner, is_raw) = match text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        Some(inner) => (inner.to_owned(), true),
        None => (text.strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\""), false),
    };
    // An escape that means more than a quote is not ours to rewrite.
    if !is_raw && inner.contains('\\') {
        return None;
    }
    let right = corrected(&inner)?;
    if right == inner {
        return None;
    }
    Some(Proposal {
        summary: "write a struct tag so that it can be read".to_owned(),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![source.edit(tag.byte_range(), format!("`{right}`"))]),
    })
}

/// Returns the tag as `key:"value"` pairs with a space between them, `None` where it cannot be told what they are.
fn corrected(tag: &str) -> Option<String> {
    let pair = Regex::new(r#"^\s*([A-Za-z_][\w.-]*)\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"'`:=]+))\s*[,;]?"#).ok()?;
    let mut rest = tag.trim();
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let found = pair.captures(rest)?;
        let value = found.get(2).or(found.get(3)).or(found.get(4))?.as_str();
        pairs.push(format!("{}:\"{}\"", found.get(1)?.as_str(), value.trim()));
        rest = rest.get(found.get(0)?.end()..)?.trim_start();
    }
    (!pairs.is_empty()).then(|| pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_pairs() {
        assert_eq!(corrected("json:a").as_deref(), Some("json:\"a\""));
        assert_eq!(corrected("json:\"a,omitempty\",xml:\"b\"").as_deref(), Some("json:\"a,omitempty\" xml:\"b\""));
        assert_eq!(corrected("json: 'a' yaml = b").as_deref(), Some("json:\"a\" yaml:\"b\""));
        assert_eq!(corrected("what is this"), None);
    }

    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
