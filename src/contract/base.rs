//! Base paths: what the document's servers put before its paths.

use super::{Contract, Miss, Route};
use crate::message::Method;
use crate::spec::Api;

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

/// The base paths of a contract.
#[derive(Debug)]
pub(super) struct Bases {
    /// Distinct, longest first; empty texts stand for none.
    listed: Vec<String>,
    /// For each operation, which of them it has (indices into `listed`); `None`: every one.
    of: Vec<Option<Vec<usize>>>,
    /// Whether paths without their base path are served too.
    short: bool,
}

impl Bases {
    pub(super) fn new(api: &Api, mode: &BasePath) -> Bases {
        let only = |path: &str| Bases {
            listed: vec![path.trim_end_matches('/').to_owned()],
            of: vec![None; api.heads().len()],
            short: false,
        };
        let short = match mode {
            BasePath::None => return only(""),
            BasePath::Only(path) => return only(path),
            BasePath::Document => true,
            BasePath::Strict => false,
        };
        let mut listed: Vec<String> = Vec::new();
        for head in api.heads() {
            if head.servers.is_empty() && !listed.iter().any(String::is_empty) {
                listed.push(String::new());
            }
            for server in &head.servers {
                if !listed.contains(&server.base_path) {
                    listed.push(server.base_path.clone());
                }
            }
        }
        listed.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let of = api.heads().iter().map(|head| {
            let has = |base: &String| {
                if head.servers.is_empty() {
                    base.is_empty()
                } else {
                    head.servers.iter().any(|server| server.base_path == *base)
                }
            };
            let indices: Vec<usize> = (0..listed.len()).filter(|index| has(&listed[*index])).collect();
            (indices.len() < listed.len()).then_some(indices)
        });
        Bases { of: of.collect(), listed, short }
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
}

impl Contract {
    /// The operation for a method and a raw path.
    pub fn route(&self, method: &Method, path: &str) -> Result<Route, Miss> {
        let mut miss = Miss::Path;
        for (index, base) in self.bases.listed.iter().enumerate() {
            let Some(rest) = path.strip_prefix(base.as_str()).filter(|rest| rest.starts_with('/')) else { continue };
            match self.router.find(method, rest) {
                Ok((operation, head_by_get)) => {
                    if self.bases.of[operation].as_ref().is_none_or(|of| of.contains(&index)) {
                        return Ok(Route { operation, base: base.len(), head_by_get, short: false });
                    }
                }
                Err(found) => {
                    if miss == Miss::Path {
                        miss = found;
                    }
                }
            }
        }
        if self.bases.short && miss == Miss::Path {
            return self.router.find(method, path).map(|(operation, head_by_get)| Route {
                operation,
                base: 0,
                head_by_get,
                short: true,
            });
        }
        Err(miss)
    }

    /// The base path that an operation is usually served under; empty for none.
    pub fn base_path(&self, operation: usize) -> &str {
        self.bases.usual(operation)
    }
}
