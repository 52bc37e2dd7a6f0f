//! Base paths: what the document's servers put before its paths, and where a document is placed among several.

use super::{Contract, Miss, Part, Route};
use crate::message::Method;
use crate::spec::Head;

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
    /// For each operation, which of them it has (indices into `listed`); `None`: every one.
    of: Vec<Option<Vec<usize>>>,
    /// Where paths without their base path are served too: each place of a document, longest first. Empty: nowhere.
    short: Vec<String>,
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
                    head.servers.iter().map(|server| server.base_path.clone()).collect()
                }
            }
        };
        let of_each = || heads.iter().zip(places()).map(|(head, place)| (own(head), place));
        let mut listed: Vec<String> = Vec::new();
        for (bases, place) in of_each() {
            for base in bases {
                // Nearly always one of few is meant, and that one is there already.
                let known = |known: &String| known.strip_prefix(place).is_some_and(|rest| rest == base);
                if !listed.iter().any(known) {
                    listed.push(format!("{place}{base}"));
                }
            }
        }
        listed.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let of = of_each().map(|(bases, place)| {
            let has = |known: &str| known.strip_prefix(place).is_some_and(|rest| bases.iter().any(|base| base == rest));
            let indices: Vec<usize> = (0..listed.len()).filter(|index| has(&listed[*index])).collect();
            (indices.len() < listed.len()).then_some(indices)
        });
        let of = of.collect();
        let mut short: Vec<String> = Vec::new();
        if *mode == BasePath::Document {
            short.extend(parts.iter().map(|part| part.mount.path.clone()));
            short.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            short.dedup();
        }
        let index = |place: &str| short.iter().position(|known| known == place).unwrap_or(0);
        let placed = if short.len() > 1 { places().map(index).collect() } else { Vec::new() };
        Bases { listed, of, short, placed }
    }

    pub(super) fn listed(&self) -> &[String] {
        &self.listed
    }

    /// The base path that an operation is usually served under.
    pub(super) fn usual(&self, operation: usize) -> &str {
        match &self.of[operation] {
            Some(indices) => indices.first().map_or("", |index| &self.listed[*index]),
            None => self.listed.first().map_or("", String::as_str),
        }
    }

    /// Whether two operations have a base path in common.
    pub(super) fn meet(&self, one: usize, other: usize) -> bool {
        match (&self.of[one], &self.of[other]) {
            (Some(one), Some(other)) => one.iter().any(|base| other.contains(base)),
            _ => true,
        }
    }

    /// Whether two operations have the same base paths.
    pub(super) fn agree(&self, one: usize, other: usize) -> bool {
        self.of[one] == self.of[other]
    }
}

impl Contract {
    /// The operation for a method and a raw path, with the query behind it or without. The query counts among operations of one path
    /// whose templates have a `?`.
    pub fn route(&self, method: &Method, path: &str) -> Result<Route, Miss> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let Bases { listed, of, short, placed } = &self.bases;
        let mut miss = Miss::Path;
        for (index, base) in listed.iter().enumerate() {
            let Some(rest) = path.strip_prefix(base.as_str()).filter(|rest| rest.starts_with('/')) else { continue };
            let admits = |operation: usize| of[operation].as_ref().is_none_or(|of| of.contains(&index));
            match self.router.find(method, rest, query, admits) {
                Ok((operation, head_by_get)) => {
                    return Ok(Route { operation, base: base.len(), head_by_get, short: false });
                }
                Err(found) if miss == Miss::Path => miss = self.under(base, found),
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
