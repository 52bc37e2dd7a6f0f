//! Base paths: what the document's servers put before its paths, and where a document is placed among several.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::template::{Segment, prefix, segments};
use super::{Contract, Miss, Part, Route};
use crate::message::Method;
use crate::spec::{Head, Server};

/// Which base paths are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BasePath {
    /// With the base path of the document's servers, and also without it wherever nothing else claims the path.
    #[default]
    Document,
    /// Only with the base path of the document's servers.
    Strict,
    /// Only without.
    None,
    /// Only with this one, such as `/v1`.
    Only(String),
}

/// The base paths of a contract. Where a document is placed is a part of each of its base paths.
#[derive(Debug)]
pub(super) struct Bases {
    /// Distinct, longest first; empty texts stand for none.
    listed: Vec<String>,
    /// Those in which variables may have any value, each with the place in `listed` of the one that has their defaults.
    open: Vec<(Vec<Segment>, usize)>,
    /// For each operation, which of them it has (indices into `listed`, ascending); `None`: every one.
    of: Vec<Option<Arc<[usize]>>>,
    /// Where paths without their base path are served too: each place of a document, longest first. Empty: nowhere.
    short: Vec<String>,
    /// For each operation, the place in `listed` of the base path that it is usually served under.
    usual: Vec<usize>,
    /// For each operation, which of `short` its document is placed at; empty where there is one place.
    placed: Vec<usize>,
}

impl Bases {
    pub(super) fn new(parts: &[Part], heads: &[Head], mode: &BasePath) -> Bases {
        let places = || parts.iter().flat_map(|part| std::iter::repeat_n(part.mount.path.as_str(), part.operations));
        let own = |head: &Head| -> Vec<String> {
            match mode {
                BasePath::None => vec![String::new()],
                BasePath::Only(path) => vec![path.trim_end_matches('/').to_owned()],
                BasePath::Document | BasePath::Strict if head.servers.is_empty() => vec![String::new()],
                BasePath::Document | BasePath::Strict => {
                    let paths = |server: &Server| [Some(server.base_path.clone()), server.other_path.clone()];
                    head.servers.iter().flat_map(paths).flatten().collect()
                }
            }
        };
        // Nearly always all operations have the same servers: what is said of those is found once.
        let mut runs: Vec<(&Head, &str, usize)> = Vec::new();
        for (head, place) in heads.iter().zip(places()) {
            match runs.last_mut() {
                Some((first, at, count)) if Arc::ptr_eq(&first.servers, &head.servers) && *at == place => *count += 1,
                _ => runs.push((head, place, 1)),
            }
        }
        let bases =
            |head, place| -> Vec<String> { own(head).into_iter().map(|base| format!("{place}{base}")).collect() };
        // What a client comes to that appends paths to a URL with a slash at its end is served, and not shown.
        let shown = |head: &Head, base: &str, place: &str| {
            let mut others = head.servers.iter().filter_map(|server| server.other_path.as_deref());
            let own = base.strip_prefix(place).unwrap_or(base);
            !others.any(|other| other == own) || head.servers.iter().any(|server| server.base_path == own)
        };
        let mut listed: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        for (head, place, _) in &runs {
            listed.extend(bases(head, place).into_iter().filter(|base| seen.insert(base.clone())));
        }
        listed.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let numbers: HashMap<&str, usize> =
            listed.iter().enumerate().map(|(index, base)| (base.as_str(), index)).collect();
        let mut open: Vec<(Vec<Segment>, usize)> = Vec::new();
        let mut seen: HashSet<(String, usize)> = HashSet::new();
        for (head, place, _) in runs.iter().filter(|_| matches!(mode, BasePath::Document | BasePath::Strict)) {
            for (server, any) in head.servers.iter().filter_map(|server| Some((server, server.open_path.as_ref()?))) {
                let Some(index) = numbers.get(&*format!("{place}{}", server.base_path)) else { continue };
                let any = format!("{place}{any}");
                if seen.insert((any.clone(), *index)) {
                    open.push((segments(&any), *index));
                }
            }
        }
        let of = runs.iter().flat_map(|(head, place, count)| {
            let mut indices: Vec<usize> =
                bases(head, place).iter().filter_map(|base| numbers.get(base.as_str()).copied()).collect();
            indices.sort_unstable();
            indices.dedup();
            let indices: Option<Arc<[usize]>> = (indices.len() < listed.len()).then(|| indices.into());
            std::iter::repeat_n(indices, *count)
        });
        let of: Vec<Option<Arc<[usize]>>> = of.collect();
        let mut usual = Vec::with_capacity(heads.len());
        for (head, place, count) in &runs {
            let own = of.get(usual.len()).cloned().flatten();
            let own: Vec<usize> = own.map_or_else(|| (0..listed.len()).collect(), |own| own.to_vec());
            let first = own.iter().copied().find(|index| shown(head, &listed[*index], place));
            usual.extend(std::iter::repeat_n(first.or(own.first().copied()).unwrap_or(0), *count));
        }
        let mut short: Vec<String> = Vec::new();
        if *mode == BasePath::Document {
            short.extend(parts.iter().map(|part| part.mount.path.clone()));
            short.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            short.dedup();
        }
        let index = |place: &str| short.iter().position(|known| known == place).unwrap_or(0);
        let placed = if short.len() > 1 { places().map(index).collect() } else { Vec::new() };
        Bases { listed, open, of, usual, short, placed }
    }

    pub(super) fn listed(&self) -> &[String] {
        &self.listed
    }

    /// The base path that an operation is usually served under.
    pub(super) fn usual(&self, operation: usize) -> &str {
        self.usual.get(operation).and_then(|index| self.listed.get(*index)).map_or("", String::as_str)
    }

    /// Whether two operations have a base path in common.
    pub(super) fn meet(&self, one: usize, other: usize) -> bool {
        match (&self.of[one], &self.of[other]) {
            (Some(one), Some(other)) => one.iter().any(|base| other.binary_search(base).is_ok()),
            _ => true,
        }
    }

    /// Whether two operations have the same base paths.
    pub(super) fn agree(&self, one: usize, other: usize) -> bool {
        self.of[one] == self.of[other]
    }
}

impl Contract {
    /// The operation for a method and a raw path. The query decides where a document tells operations apart by it.
    pub fn route(&self, method: &Method, path: &str, query: Option<&str>) -> Result<Route, Miss> {
        let Bases { listed, open, of, short, placed, .. } = &self.bases;
        let mut miss = Miss::Path;
        let literal = listed.iter().enumerate().filter_map(|(index, base)| {
            let rest = path.strip_prefix(base.as_str())?;
            rest.starts_with('/').then_some((index, base.len()))
        });
        let open = open.iter().filter_map(|(segments, index)| Some((*index, prefix(segments, path)?)));
        for (index, base) in literal.chain(open) {
            let admits = |operation: usize| of[operation].as_ref().is_none_or(|of| of.binary_search(&index).is_ok());
            match self.router.find(method, &path[base..], query, admits) {
                Ok((operation, head_by_get)) => {
                    return Ok(Route { operation, base, head_by_get, short: false });
                }
                Err(found) if miss == Miss::Path => miss = self.under(&listed[index], found),
                Err(_) => {}
            }
        }
        for (index, place) in short.iter().enumerate() {
            if miss != Miss::Path {
                break;
            }
            let Some(rest) = path.strip_prefix(place.as_str()).filter(|rest| rest.starts_with('/')) else { continue };
            let admits = |operation: usize| placed.get(operation).is_none_or(|of| *of == index);
            match self.router.find(method, rest, query, admits) {
                Ok((operation, head_by_get)) => {
                    return Ok(Route { operation, base: place.len(), head_by_get, short: true });
                }
                Err(found) => miss = self.under(place, found),
            }
        }
        Err(miss)
    }

    /// Of several documents the template alone does not say which path it was.
    fn under(&self, base: &str, miss: Miss) -> Miss {
        match miss {
            Miss::Method { allow, template } if self.parts.len() > 1 => {
                Miss::Method { allow, template: format!("{base}{template}").into() }
            }
            miss => miss,
        }
    }

    /// The base path that an operation is usually served under, the place of its document included; empty for none.
    pub fn base_path(&self, operation: usize) -> &str {
        self.bases.usual(operation)
    }
}
