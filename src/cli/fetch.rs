//! Documents over HTTP: what was typed as an address, and what may be fetched besides.
//!
//! An address that was typed is fetched, and so is what lies at the same origin and is referred to from there. Anything else only
//! with `--fetch`. What is asked for is never more than a GET without credentials.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::args::Reading;
use crate::client::{self, Client, Origin, ProxyVariables, SendError, Sent};
use crate::document::{Refusal, text_of, uri};
use crate::message::{Body, HeaderMap, HeaderValue, Method, Moment, Request, header};
use crate::server::{Clock, SystemClock};

/// The bytes of one text that are read at most.
const LIMIT: usize = 64 << 20;
/// How long one answer may take.
const EACH: Duration = Duration::from_secs(20);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long everything that a document refers to may take together.
const ALL: Duration = Duration::from_secs(60);
/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// A text that was fetched.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    /// Where it was in the end, which is what references in it start from.
    pub(super) address: String,
    /// The text.
    pub(super) text: String,
}

/// Why nothing was fetched.
#[derive(Debug)]
pub(super) enum Unfetched {
    /// It may not be.
    Forbidden,
    /// It could not be: why, as a sentence fragment.
    Failed(String),
}

impl From<Unfetched> for Refusal {
    fn from(unfetched: Unfetched) -> Refusal {
        match unfetched {
            Unfetched::Forbidden => Refusal::Remote,
            Unfetched::Failed(why) => Refusal::Failed(why),
        }
    }
}

/// What fetches.
pub(super) struct Net {
    /// Made when something is fetched, which is rare.
    client: OnceCell<Option<Client>>,
    /// The origins that were typed.
    typed: RefCell<Vec<Origin>>,
    anywhere: bool,
    /// Origins that did not answer: waiting for each of a thousand references to them would take hours.
    silent: RefCell<HashSet<String>>,
    /// What was fetched, by what was asked for. A document that is read again, because a file has changed, is what it was.
    fetched: RefCell<HashMap<String, Fetched>>,
    clock: SystemClock,
    began: Moment,
}

impl Net {
    /// Nothing was typed yet; with `--fetch` anything may be fetched.
    pub(super) fn new(reading: &Reading) -> Net {
        let clock = SystemClock::new();
        Net {
            client: OnceCell::new(),
            typed: RefCell::default(),
            anywhere: reading.fetch,
            silent: RefCell::default(),
            fetched: RefCell::default(),
            began: clock.now(),
            clock,
        }
    }

    /// Fetches an address that was typed.
    pub(super) fn typed(&self, address: &str) -> Result<Fetched, Unfetched> {
        let origin = client::split_url(address).map(|(origin, _)| origin);
        self.typed.borrow_mut().extend(origin.ok());
        self.fetch(address)
    }

    /// Begins once more: what was fetched stays, and what did not answer may do so now.
    pub(super) fn again(&mut self) {
        self.silent.borrow_mut().clear();
        self.began = self.clock.now();
    }

    /// Fetches an address that is referred to.
    pub(super) fn fetch(&self, address: &str) -> Result<Fetched, Unfetched> {
        if let Some(fetched) = self.fetched.borrow().get(address) {
            return Ok(fetched.clone());
        }
        let fetched = self.fetch_now(address)?;
        self.fetched.borrow_mut().insert(address.to_owned(), fetched.clone());
        Ok(fetched)
    }

    fn fetch_now(&self, address: &str) -> Result<Fetched, Unfetched> {
        let mut at = address.to_owned();
        for _ in 0..=REDIRECTS {
            let (origin, target) = client::split_url(&at).map_err(|error| Unfetched::Failed(error.to_string()))?;
            if !self.anywhere && !self.typed.borrow().contains(&origin) {
                return Err(match at == address {
                    true => Unfetched::Forbidden,
                    false => Unfetched::Failed(format!("it was moved to `{at}`, which `--fetch` allows to follow")),
                });
            }
            let request = Request { method: Method::GET, target, headers: fields(), body: Body::Empty };
            let sent = self.send(&origin, request)?;
            let status = sent.response.status;
            let moved = || sent.response.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned);
            if let Some(to) =
                Some(status.as_u16()).filter(|status| [301, 302, 303, 307, 308].contains(status)).and_then(|_| moved())
            {
                let to = uri::join(&at, to.split('#').next().unwrap_or(&to));
                if at.starts_with("https:") && to.starts_with("http:") {
                    return Err(Unfetched::Failed(format!("it was moved to `{to}`, which is not encrypted any more")));
                }
                at = to;
                continue;
            }
            if !status.is_success() {
                return Err(Unfetched::Failed(format!("the answer was {status}")));
            }
            if sent.cut {
                return Err(Unfetched::Failed(format!("it is longer than {} MiB", LIMIT >> 20)));
            }
            if let Some(broken) = sent.broken {
                return Err(Unfetched::Failed(broken.to_string()));
            }
            let text = text_of(sent.response.body.bytes().to_vec()).map_err(|refusal| match refusal {
                Refusal::Failed(why) => Unfetched::Failed(why),
                Refusal::Outside | Refusal::Remote => Unfetched::Forbidden,
            })?;
            return Ok(Fetched { address: at, text });
        }
        Err(Unfetched::Failed(format!("it was moved more than {REDIRECTS} times")))
    }

    fn send(&self, origin: &Origin, request: Request) -> Result<Sent, Unfetched> {
        let failed = |why: String| Err(Unfetched::Failed(why));
        if self.silent.borrow().contains(&origin.to_string()) {
            return failed(format!("`{}` did not answer before", origin.address()));
        }
        if self.clock.now().since(self.began) > ALL {
            return failed(format!("fetching took longer than {ALL:?} in all"));
        }
        let make = || {
            let options = client::Options {
                connect_timeout: CONNECT,
                timeout: EACH,
                body_limit: LIMIT,
                // Each request has a runtime of its own, and no connection outlives it.
                idle_per_origin: 0,
                proxies: proxies(),
                ..client::Options::default()
            };
            // Without files of certificates there is nothing that could be wrong with it.
            Client::new(options).ok()
        };
        let Some(client) = self.client.get_or_init(make) else {
            return failed("nothing can be sent from here".to_owned());
        };
        match client::wait_for(client.send(origin, request)) {
            Err(error) => failed(error.to_string()),
            Ok(Ok(sent)) => Ok(sent),
            Ok(Err(error)) => {
                if !matches!(error, SendError::Unsendable { .. }) {
                    self.silent.borrow_mut().insert(origin.to_string());
                }
                failed(error.to_string())
            }
        }
    }
}

fn fields() -> HeaderMap {
    let mut fields = HeaderMap::new();
    let accepted = "application/yaml, application/json, text/yaml;q=0.9, */*;q=0.5";
    fields.insert(header::ACCEPT, HeaderValue::from_static(accepted));
    // Coded content cannot be looked into.
    fields.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    fields.insert(header::USER_AGENT, HeaderValue::from_static(concat!("standin/", env!("CARGO_PKG_VERSION"))));
    fields
}

/// The proxies that the environment names.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(super) fn proxies() -> ProxyVariables {
    // Lower case first, as other programs have it.
    let read =
        |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    ProxyVariables {
        // In a CGI program `HTTP_PROXY` would be a field of the request; this is none.
        http: read(&["http_proxy", "HTTP_PROXY"]),
        https: read(&["https_proxy", "HTTPS_PROXY"]),
        all: read(&["all_proxy", "ALL_PROXY"]),
        no_proxy: read(&["no_proxy", "NO_PROXY"]),
        loopback: false,
    }
}
