//! One file a tool or family of tools: each reads what that family writes and nothing else.
//!
//! A reader is handed either one JSON document, and answers whether it is one of its own, or all lines of text, and takes those that
//! it knows. None of them fails: what cannot be read is left to the others, or reported as skipped.

pub(crate) mod annotated;
pub(crate) mod audit;
pub(crate) mod cargo;
pub(crate) mod checkstyle;
pub(crate) mod clang_tidy;
pub(crate) mod cmake;
pub(crate) mod diff;
pub(crate) mod eslint;
pub(crate) mod formatters;
pub(crate) mod forms;
pub(crate) mod gcc;
pub(crate) mod gcc_json;
pub(crate) mod go;
pub(crate) mod go_linters;
mod json;
pub(crate) mod located;
pub(crate) mod lockfile;
pub(crate) mod markdownlint;
pub(crate) mod markup;
pub(crate) mod mypy;
pub(crate) mod node;
pub(crate) mod npm;
pub(crate) mod pylint;
pub(crate) mod pyright;
pub(crate) mod python;
pub(crate) mod quality;
pub(crate) mod rdjson;
pub(crate) mod ruby;
pub(crate) mod ruff;
pub(crate) mod sarif;
pub(crate) mod scanners;
pub(crate) mod scripts;
pub(crate) mod shapes;
pub(crate) mod tsc;
pub(crate) mod weaknesses;
pub(crate) mod web;
pub(crate) mod workflow;
