//! C and C++: what compilers report.

mod deprecated_c;
mod headers;
mod missing_c_header;
mod misspelt_c;
mod unused_c;

#[cfg(test)]
use super::scenarios;
use super::{fixer, nearest_name, source};

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[deprecated_c::FIXER, missing_c_header::FIXER, misspelt_c::FIXER, unused_c::FIXER];
