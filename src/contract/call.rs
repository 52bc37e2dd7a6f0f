//! A request matched to its operation.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use super::body::{Received, receive_coded};
use super::mark::Mark;
use super::template;
use super::{Contract, Operation, Route};
use crate::message::{Request, cookies, form_decode, percent_decode, query_pairs};

/// A request and the operation it is for. It can wait between two steps; each part is parsed at most once, when it is first asked for.
#[derive(Debug)]
pub struct Call<'c> {
    contract: &'c Contract,
    route: Route,
    request: Request,
    body: OnceCell<Received>,
}

impl<'c> Call<'c> {
    /// A request with the route that [`Contract::route`] found for it.
    pub fn new(contract: &'c Contract, route: Route, request: Request) -> Call<'c> {
        Call { contract, route, request, body: OnceCell::new() }
    }

    /// The contract it was routed by.
    pub fn contract(&self) -> &'c Contract {
        self.contract
    }

    /// How it was routed.
    pub fn route(&self) -> Route {
        self.route
    }

    /// Its operation.
    pub fn operation(&self) -> &'c Operation {
        self.contract.operation(self.route.operation)
    }

    /// Gives the request back.
    pub fn into_request(self) -> Request {
        self.request
    }

    /// The request as it came.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Hands over the raw text of each path parameter, in the order of the template.
    pub fn path_values<'r>(&'r self, mut each: impl FnMut(&Arc<str>, &'r str)) {
        let operation = self.operation();
        template::path_values(&operation.segments, &self.request.target.path()[self.route.base..], &mut each);
        Mark::values(&operation.marks, self.request.target.query(), each);
    }

    /// The decoded text of a path parameter.
    pub fn path(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut found = None;
        self.path_values(|known, raw| {
            if &**known == name && found.is_none() {
                found = Some(percent_decode(raw).unwrap_or(Cow::Borrowed(raw)));
            }
        });
        found
    }

    /// The decoded text of a query parameter; the first one where there are several. `?name` counts as an empty text.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let pairs = query_pairs(self.request.target.query()?);
        let value =
            pairs.filter(|(known, _)| same_name(known, name)).map(|(_, value)| value.unwrap_or_default()).next()?;
        Some(form_decode(value).unwrap_or(Cow::Borrowed(value)))
    }

    /// The text of a header field; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The raw text of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookies(&self.request.headers).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The content.
    pub fn body(&self) -> &Received {
        self.body.get_or_init(|| {
            let contents = self.operation().request.as_ref().map_or(&[][..], |body| &body.content);
            receive_coded(contents, &self.request.headers, &self.request.body)
        })
    }
}

/// Whether a raw name of the query is this name.
pub(super) fn same_name(raw: &str, name: &str) -> bool {
    raw == name || (raw.contains(['%', '+']) && form_decode(raw).is_ok_and(|decoded| decoded == name))
}
