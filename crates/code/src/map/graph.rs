//! Who refers to whom, file by file, and the rank that flows along.

use std::collections::HashMap;

use super::{Focus, KNOWN};
use crate::index::{Error, Index, Place, says};
use crate::lookup::can_speak_of;

/// A name that more files define says nothing of any of them.
const MAX_DEFINERS: usize = 8;
/// Files that mention one name beyond these add nothing but time.
const MAX_MENTIONS: usize = 500;
/// Shorter names are common to everything.
const MIN_NAME: usize = 3;
const DAMPING: f64 = 0.85;
const ROUNDS: usize = 20;

/// An edge: a file mentions a name that another one defines.
struct Edge {
    from: u32,
    to: u32,
    /// Of the segment that defines it.
    name: u32,
    weight: f32,
}

/// A file that knows a name.
#[derive(Clone, Copy)]
struct Knows {
    file: u32,
    /// The number of the name in its segment.
    name: u32,
    says: u8,
}

/// The files of a tree and who refers to whom.
pub(super) struct Graph {
    places: Vec<Place>,
    edges: Vec<Edge>,
    /// Where a reader starts: it adds up to one.
    start: Vec<f64>,
}

impl Graph {
    pub(super) fn of(index: &Index, focus: &Focus) -> Result<Self, Error> {
        let mut places: Vec<Place> = index.files().iter().filter_map(|file| file.place.ok()).collect();
        places.sort_unstable();
        places.dedup();
        let nodes: HashMap<Place, u32> = places.iter().copied().zip(0..).collect();
        let language = |place: &Place| index.segment(*place).ok()?.contents.get(place.content as usize).map(|one| one.language);
        let languages: Vec<_> = places.iter().map(language).collect();
        let speaks = |from: u32, to: u32| {
            let of = |file: u32| languages.get(file as usize).copied().flatten();
            of(from).zip(of(to)).is_some_and(|(from, to)| can_speak_of(from, to))
        };
        let mut edges = Vec::new();
        let mut add = |name: &[u8], known: Vec<Knows>| {
            if name.len() < MIN_NAME {
                return;
            }
            let defining: Vec<_> = known.iter().filter(|one| one.says & says::DEFINED != 0).collect();
            if defining.is_empty() || defining.len() > MAX_DEFINERS {
                return;
            }
            let told = focus.names.iter().any(|told| told.as_bytes() == name);
            let weight = if told { KNOWN } else { 1.0 } / defining.len() as f64;
            let mentions = known.iter().filter(|one| one.says & (says::CALLED | says::MENTIONED) != 0).take(MAX_MENTIONS);
            for mention in mentions {
                for one in defining.iter().filter(|one| speaks(mention.file, one.file)) {
                    // A file that refers to itself says little of the others; it keeps its own a little above what nobody names.
                    let weight = if mention.file == one.file { weight * 0.1 } else { weight };
                    edges.push(Edge { from: mention.file, to: one.file, name: one.name, weight: weight as f32 });
                }
            }
        };
        let node = |segment: u32, content: u32| nodes.get(&Place { segment, content }).copied();
        // The largest segment is read from front to back; of the others, the small ones, the names are held.
        let largest = (0..).zip(&index.segments).max_by_key(|(_, one)| one.contents.len()).map(|(at, _)| at).unwrap_or(0_u32);
        let mut others: HashMap<Vec<u8>, Vec<Knows>> = HashMap::new();
        for (number, segment) in (0..).zip(&index.segments).filter(|(number, _)| *number != largest) {
            segment.each_name(|at, name, postings| {
                let known =
                    postings.iter().filter_map(|one| Some(Knows { file: node(number, one.content)?, name: at, says: one.says }));
                others.entry(name.to_vec()).or_default().extend(known);
            })?;
        }
        if let Some(segment) = index.segments.get(largest as usize) {
            segment.each_name(|at, name, postings| {
                let known =
                    postings.iter().filter_map(|one| Some(Knows { file: node(largest, one.content)?, name: at, says: one.says }));
                add(name, known.chain(others.remove(name).unwrap_or_default()).collect());
            })?;
        }
        for (name, known) in others {
            add(&name, known);
        }
        let start = start(index, focus, &places, &nodes);
        Ok(Self { places, edges, start })
    }

    /// Returns the rank of each file: where somebody is who follows references at random, and starts again now and then.
    pub(super) fn ranks(&self) -> Vec<f64> {
        let leaving = self.leaving();
        let mut ranks = self.start.clone();
        for _ in 0..ROUNDS {
            let stuck: f64 = ranks.iter().zip(&leaving).filter(|(_, leaving)| **leaving == 0.0).map(|(rank, _)| rank).sum();
            let mut next: Vec<f64> = self.start.iter().map(|start| start * (1.0 - DAMPING + DAMPING * stuck)).collect();
            for edge in &self.edges {
                if let Some(slot) = next.get_mut(edge.to as usize) {
                    *slot += DAMPING * share(edge, &ranks, &leaving);
                }
            }
            ranks = next;
        }
        ranks
    }

    /// Returns what share of the rank flows to each defined name, the greatest first: the file, the name in its segment, the share.
    pub(super) fn shares(&self, ranks: &[f64], limit: usize) -> Vec<(Place, u32, f64)> {
        let leaving = self.leaving();
        let mut shares: HashMap<(u32, u32), f64> = HashMap::new();
        for edge in &self.edges {
            *shares.entry((edge.to, edge.name)).or_default() += share(edge, ranks, &leaving);
        }
        let mut shares: Vec<_> = shares
            .into_iter()
            .filter_map(|((file, name), share)| Some((*self.places.get(file as usize)?, name, share)))
            .collect();
        shares.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| (a.0, a.1).cmp(&(b.0, b.1))));
        shares.truncate(limit);
        shares
    }

    fn leaving(&self) -> Vec<f64> {
        let mut leaving = vec![0.0; self.places.len()];
        for edge in &self.edges {
            if let Some(slot) = leaving.get_mut(edge.from as usize) {
                *slot += f64::from(edge.weight);
            }
        }
        leaving
    }
}

fn share(edge: &Edge, ranks: &[f64], leaving: &[f64]) -> f64 {
    let of = |all: &[f64]| all.get(edge.from as usize).copied().unwrap_or(0.0);
    let leaving = of(leaving);
    if leaving > 0.0 { of(ranks) * f64::from(edge.weight) / leaving } else { 0.0 }
}

fn start(index: &Index, focus: &Focus, places: &[Place], nodes: &HashMap<Place, u32>) -> Vec<f64> {
    let mut start = vec![0.0; places.len()];
    let near = focus.files.iter().filter_map(|path| nodes.get(&index.file(path)?.place.ok()?));
    for at in near {
        if let Some(slot) = start.get_mut(*at as usize) {
            *slot += 1.0;
        }
    }
    let sum: f64 = start.iter().sum();
    // Even with a focus, everything is reached now and then: what nothing in it refers to has an order too.
    let everywhere = if sum > 0.0 { 0.05 } else { 1.0 } / places.len().max(1) as f64;
    let scale = if sum > 0.0 { 0.95 / sum } else { 0.0 };
    start.iter().map(|one| one * scale + everywhere).collect()
}
