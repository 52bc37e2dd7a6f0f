//! The first reading of recorded traffic: which hosts are the API's, how many records there are, what an address will look like.

use crate::contract::Contract;
use crate::finding::Failure;
use crate::judge::{Hosts, Scope, scope};
use crate::message::{Method, Target};

use super::Source;

/// What is known before the first record is judged.
pub(super) struct Scan {
    pub(super) hosts: Hosts,
    /// Lost ones included.
    pub(super) records: u64,
    /// The first request for an operation; one that is sent to any host, if there is one.
    pub(super) example: Option<(Method, Target)>,
    /// How long each source is: what is added while its requests are sent is no part of it.
    pub(super) lengths: Vec<Option<u64>>,
}

/// Reads all of it once.
///
/// # Errors
/// When a file cannot be read at all.
pub(super) fn scan(contract: &Contract, sources: &[Source]) -> Result<Scan, Failure> {
    let lengths: Vec<_> = sources.iter().map(Source::length).collect();
    let mut scan = Scan { hosts: Hosts::new(contract), records: 0, example: None, lengths: lengths.clone() };
    for (source, length) in sources.iter().zip(lengths) {
        for record in source.records(length)? {
            scan.records += 1;
            let Ok(exchange) = record else { continue };
            scan.hosts.learn(contract, &exchange);
            let request = &exchange.request;
            let better = match &scan.example {
                None => true,
                Some((known, _)) => !known.is_safe() && request.method.is_safe(),
            };
            if better && scope(contract, &exchange) == Scope::InScope {
                scan.example = Some((request.method.clone(), request.target.clone()));
            }
        }
    }
    Ok(scan)
}
