//! The table of pages: which there are, what they take, who answers.

use std::borrow::Cow;

use http::Method;

use super::body::Takes;
use super::{
    Answer, Asked, claim, clock, coverage, document, enter, events, exchange, list, overrides, overview, scenarios,
    sessions, verify,
};
use crate::message::percent_decode;

/// A page for one method.
pub(super) struct Route {
    /// The path behind the prefix; `{name}` is any one segment.
    path: &'static str,
    method: Method,
    pub(super) takes: Takes,
    pub(super) answer: fn(&Asked<'_>) -> Answer,
    /// What it is for, where people are led to it.
    pub(super) about: &'static str,
}

impl Route {
    /// Its path behind the prefix.
    pub(super) fn path(&self) -> &'static str {
        self.path
    }
}

const fn get(path: &'static str, answer: fn(&Asked<'_>) -> Answer, about: &'static str) -> Route {
    Route { path, method: Method::GET, takes: Takes::Nothing, answer, about }
}

const fn put(path: &'static str, takes: Takes, answer: fn(&Asked<'_>) -> Answer) -> Route {
    Route { path, method: Method::PUT, takes, answer, about: "" }
}

const fn post(path: &'static str, answer: fn(&Asked<'_>) -> Answer) -> Route {
    Route { path, method: Method::POST, takes: Takes::Nothing, answer, about: "" }
}

const fn delete(path: &'static str, answer: fn(&Asked<'_>) -> Answer) -> Route {
    Route { path, method: Method::DELETE, takes: Takes::Nothing, answer, about: "" }
}

/// Every page. What is described of them is in `fixtures/admin/openapi.yaml`; a test holds the two to each other.
pub(super) static ROUTES: &[Route] = &[
    get("", overview::index, ""),
    get("/", overview::index, ""),
    get("/exchanges", list::answer, "the last requests, and how each was answered"),
    get("/exchanges.har", list::archive, "the same, whole, as an archive (HAR)"),
    get("/exchanges/tail", events::answer, ""),
    get("/exchanges/{id}", exchange::answer, ""),
    get("/verify", verify::all, "what became of everything that is expected"),
    Route { path: "/verify", method: Method::POST, takes: Takes::Json, answer: claim::answer, about: "" },
    get("/coverage", coverage::answer, "what was met of the document, and what never was"),
    get("/sessions", sessions::list, "the sessions there are"),
    delete("/sessions", sessions::end_all),
    get("/sessions/{session}", sessions::one, ""),
    delete("/sessions/{session}", sessions::end),
    post("/sessions/{session}/reset", sessions::reset),
    get("/sessions/{session}/verify", verify::of_session, ""),
    get("/sessions/{session}/counters", sessions::counters, ""),
    get("/sessions/{session}/scenarios", scenarios::of_session, ""),
    put("/sessions/{session}/scenarios", Takes::Json, scenarios::activate),
    delete("/sessions/{session}/scenarios", scenarios::activate_usual),
    get("/sessions/{session}/scenarios/{scenario}", scenarios::text_of, ""),
    put("/sessions/{session}/scenarios/{scenario}", Takes::Yaml, scenarios::upload),
    delete("/sessions/{session}/scenarios/{scenario}", scenarios::take_back),
    get("/sessions/{session}/on", overrides::list, ""),
    get("/sessions/{session}/on/{operation}", overrides::one, ""),
    put("/sessions/{session}/on/{operation}", Takes::Yaml, overrides::put),
    delete("/sessions/{session}/on/{operation}", overrides::take_away),
    get("/sessions/{session}/clock", clock::show, ""),
    put("/sessions/{session}/clock", Takes::Json, clock::set),
    post("/reset", sessions::reset_all),
    get("/scenarios", scenarios::list, "the scenarios that can be asked for"),
    get("/use", enter::answer, "have this browser use a session, with a scenario"),
    get("/document", document::only, "the document that is served"),
    get("/document/{name}", document::by_name, ""),
    get("/health", overview::health, "whether it is up"),
    get("/ready", overview::ready, "whether every operation is compiled"),
    get("/openapi.yaml", overview::description, "what there is here, for programs"),
];

/// The page for a method and a path, and what stands at the places of its parameters.
pub(super) fn find<'a>(method: &Method, rest: &'a str) -> Option<(&'static Route, Vec<Cow<'a, str>>)> {
    ROUTES.iter().filter(|route| route.method == *method).find_map(|route| Some((route, matched(route.path, rest)?)))
}

/// The methods of the pages at a path, as `Allow` lists them; empty where there is none.
pub(super) fn methods(rest: &str) -> String {
    let here = ROUTES.iter().filter(|route| matched(route.path, rest).is_some());
    let mut methods: Vec<&str> = here.map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

/// Every path, each once, as people write it.
pub(super) fn paths(prefix: &str) -> Vec<String> {
    let told = ROUTES.iter().filter(|route| route.path.len() > 1);
    let mut paths: Vec<String> = told.map(|route| format!("{prefix}{}", route.path)).collect();
    paths.dedup();
    paths
}

/// What stands in a path at the places of a template's parameters, where it is such a path. A parameter is a whole segment, and may hold
/// a slash that is percent-encoded.
fn matched<'a>(template: &str, rest: &'a str) -> Option<Vec<Cow<'a, str>>> {
    let (mut wanted, mut given) = (template.split('/'), rest.split('/'));
    let mut named = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(named),
            (Some(wanted), Some(segment)) if wanted.starts_with('{') && !segment.is_empty() => {
                named.push(percent_decode(segment).ok()?)
            }
            (Some(wanted), Some(segment)) if wanted == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{ROUTES, find, methods};
    use crate::document::{Document, Source};

    #[test]
    fn a_parameter_is_a_whole_segment_and_is_decoded() {
        let (route, named) = find(&Method::PUT, "/sessions/t%31/on/POST%20%2Fa%2F%7Bb%7D").unwrap();
        assert_eq!(
            (route.path, named),
            ("/sessions/{session}/on/{operation}", vec!["t1".into(), "POST /a/{b}".into()])
        );
        for nothing in ["/sessions//on/x", "/sessions/a/on/b/c", "/helth", "/health/", "/sessions/%ff", "//", "x"] {
            assert!(find(&Method::GET, nothing).is_none() && methods(nothing).is_empty(), "{nothing}");
        }
        assert_eq!(methods("/sessions/a/clock"), "GET, PUT, HEAD");
        assert_eq!(methods("/reset"), "POST");
    }

    /// The pages of the table are those of the document, method by method.
    #[test]
    fn every_page_is_described_and_there_is_no_other() {
        let text = include_str!("../../../fixtures/admin/openapi.yaml");
        let document = Document::read(Source::new("openapi.yaml", text)).document.unwrap();
        let paths = document.root()["paths"].as_object().unwrap().iter();
        let methods = |item: &serde_json::Value| -> Vec<String> {
            let keys = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            keys.map(|key| key.to_ascii_uppercase()).collect()
        };
        let mut described: Vec<(String, String)> = paths
            .flat_map(|(path, item)| methods(item).into_iter().map(move |method| (path.clone(), method)))
            .collect();
        let mut there: Vec<(String, String)> = ROUTES
            .iter()
            .filter(|route| !route.path.is_empty())
            .map(|route| (route.path.to_owned(), route.method.to_string()))
            .collect();
        described.sort();
        there.sort();
        assert_eq!(there, described);
    }
}
