//! The path of a finding, step by step; every way into the program walks it.
//!
//! intake → reproduce → propose → verify → decide → deliver. `run.rs` is what the steps run recipes with.

mod bisect;
mod blame;
mod cause;
mod compare;
mod compiles;
mod copies;
mod decide;
mod deliver;
pub(crate) mod document;
mod errand;
mod fix;
mod gates;
mod install;
mod intake;
mod items;
mod judge;
mod message;
mod propose;
mod regress;
mod reported;
mod reproduce;
mod run;
mod safety;
mod scan;
mod scope;
mod verify;

pub(crate) use fix::case_line;
pub(crate) use fix::{RESUMED, Request, SHORTEST_ID, Unknown, fix};
pub(crate) use intake::{Missing, Opened, load_config, session_key};
pub(crate) use judge::{Judgement, judge};
pub(crate) use reported::NothingRead;
pub(crate) use reproduce::run_selected;
pub(crate) use run::{Run, Stopped};
pub(crate) use safety::{Gain, evaluate, gains_of, in_words};
