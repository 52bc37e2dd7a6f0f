//! Which of the recorded hosts is the API.
//!
//! A recording of a browser holds requests to many hosts. Those of the API are, in this order, the first that there are any of:
//! hosts that the document lists under `servers`; hosts that got a request for an operation, base path included; hosts that got
//! one for an operation without its base path. Requests for pages, and those by which browsers ask for leave, do not count (an
//! application may be served from a host that the document lists, and call the API elsewhere). A
//! record that does not say which host it went to is taken for one of the API.

use std::collections::BTreeSet;

use super::scope::{Scope, scope};
use crate::contract::Contract;
use crate::traffic::Exchange;

/// The hosts of recorded traffic that may be the API's.
#[derive(Clone, Debug)]
pub struct Hosts {
    listed: BTreeSet<String>,
    with_base: BTreeSet<String>,
    without_base: BTreeSet<String>,
    seen_listed: bool,
}

impl Hosts {
    /// What the document says of it.
    pub fn new(contract: &Contract) -> Hosts {
        let servers = contract.heads().iter().flat_map(|head| &head.servers);
        let listed = servers.filter_map(|server| origin(&server.url)).collect();
        Hosts { listed, with_base: BTreeSet::new(), without_base: BTreeSet::new(), seen_listed: false }
    }

    /// Takes a recorded exchange into account.
    pub fn learn(&mut self, contract: &Contract, exchange: &Exchange) {
        let Some(base) = exchange.base.as_deref() else { return };
        let scope = scope(contract, exchange);
        self.seen_listed |= self.listed.contains(base) && !matches!(scope, Scope::OutOfScope(_));
        if scope != Scope::InScope {
            return;
        }
        if let Ok(route) = contract.route(&exchange.request.method, exchange.request.target.as_str()) {
            let hosts = if route.short { &mut self.without_base } else { &mut self.with_base };
            hosts.insert(base.to_owned());
        }
    }

    /// Whether an exchange was with the API.
    pub fn are_of(&self, exchange: &Exchange) -> bool {
        let Some(base) = exchange.base.as_deref() else { return true };
        let ours = match () {
            () if self.seen_listed => &self.listed,
            () if !self.with_base.is_empty() => &self.with_base,
            () => &self.without_base,
        };
        // Where nothing is for an operation, nothing is known to be another host's.
        ours.is_empty() || ours.contains(base)
    }
}

/// Scheme and authority of an absolute URL, in lower case and without the scheme's own port, as records have them.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let host = authority.strip_suffix(port).unwrap_or(&authority);
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::{Hosts, origin};
    use crate::contract::{BasePath, Contract};
    use crate::document::{Document, Documents, Source};
    use crate::traffic::{Exchange, ndjson};

    #[test]
    fn a_listed_host_counts_when_it_was_called_and_not_for_its_pages() {
        let text = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\nservers: [ { url: 'http://localhost:3000' } ]\n\
                    paths: { /things: { get: { responses: { '200': { description: ok } } } } }\n";
        let document = Document::read(Source::new("t.yaml", text)).document.unwrap();
        let (contract, _) = Contract::load(std::sync::Arc::new(Documents::single(document)), &BasePath::default());
        let contract = contract.unwrap();
        let exchange = |base: &str, target: &str, accept: &str| {
            let line = serde_json::json!({
                "standin": 1, "base": base, "answer": {"status": 200},
                "request": {"method": "GET", "target": target, "headers": [["accept", accept]]},
            });
            ndjson::parse(line.to_string().as_bytes()).unwrap()
        };
        let page = exchange("http://localhost:3000", "/", "text/html,*/*");
        let call = exchange("https://api.example.com", "/things", "*/*");
        let listed = exchange("http://localhost:3000", "/thing", "*/*");
        let ours = |seen: &[&Exchange]| {
            let mut hosts = Hosts::new(&contract);
            seen.iter().for_each(|exchange| hosts.learn(&contract, exchange));
            (hosts.are_of(&listed), hosts.are_of(&call))
        };
        assert_eq!(ours(&[&page, &call]), (false, true));
        assert_eq!(ours(&[&page, &call, &listed]), (true, false));
    }

    #[test]
    fn origins_are_written_as_records_write_them() {
        assert_eq!(origin("https://API.example.com:443/v1").as_deref(), Some("https://api.example.com"));
        assert_eq!(origin("http://localhost:4010").as_deref(), Some("http://localhost:4010"));
        assert_eq!(origin("/v1"), None);
        assert_eq!(origin("ws://example.com"), None);
    }
}
