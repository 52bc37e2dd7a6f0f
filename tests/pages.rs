//! Lists that are read in pages, followed to their end: `fixtures/mock/pages.yaml` is the document.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::message::{Body, HeaderMap, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State};

struct Client {
    mock: Mock,
    state: State,
}

impl Client {
    fn new() -> Client {
        let path = Path::new("fixtures/mock/pages.yaml");
        let loaded = Documents::load("pages.yaml", &Files::beside(path));
        let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
        let mock = Mock::new(Arc::new(contract.unwrap()), Options::default(), Vec::new(), Vec::new()).0;
        let state = State::new(&mock);
        Client { mock, state }
    }

    fn get(&self, target: &str) -> Value {
        let request = Request {
            method: Method::GET,
            target: Target::parse(target).unwrap(),
            headers: HeaderMap::new(),
            body: Body::default(),
        };
        let reply = self.mock.answer(&self.state, request, Moment::default());
        assert_eq!(reply.answer.status.as_u16(), 200, "{target}");
        serde_json::from_slice(&reply.answer.body.bytes()).unwrap()
    }
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

#[test]
fn pages_by_number_hold_the_whole_list_whatever_their_size() {
    let client = Client::new();
    let whole = |size: u64| {
        let mut all = Vec::new();
        let total = client.get(&format!("/books?per_page={size}"))["total"].as_u64().unwrap();
        for page in 1.. {
            let answer = client.get(&format!("/books?page={page}&per_page={size}"));
            let shown = items(&answer, "items");
            assert_eq!(answer["total"], total, "the total does not change from page to page");
            assert_eq!(answer["page"], page);
            assert_eq!(answer["per_page"], size);
            assert_eq!(answer["total_pages"], total.div_ceil(size));
            assert_eq!(answer["has_previous"], page > 1);
            assert_eq!(answer["has_next"], page < total.div_ceil(size));
            all.extend(shown.to_vec());
            if answer["has_next"] == false {
                assert_eq!(shown.len() as u64, total - (page - 1) * size);
                break;
            }
            assert_eq!(shown.len() as u64, size);
        }
        assert_eq!(all.len() as u64, total);
        all
    };
    let all = whole(7);
    assert_eq!(all, whole(10));
    assert_eq!(all, whole(100));
    let ids: HashSet<&str> = all.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len(), "no item comes twice");
    assert!(items(&client.get("/books?page=99"), "items").is_empty());
    assert_eq!(client.get("/books")["items"].as_array().unwrap().len(), 10, "the document's default");
    let filtered = client.get("/books?author=ada");
    assert_ne!(filtered["items"], client.get("/books")["items"], "another list");
}

#[test]
fn links_and_tokens_lead_to_the_end_and_back() {
    let client = Client::new();
    let mut target = "/songs?limit=9".to_owned();
    let (mut seen, mut total) = (0, 0);
    for _ in 0..50 {
        let answer = client.get(&target);
        assert_eq!(answer["offset"], seen);
        assert_eq!(answer["limit"], 9);
        assert_eq!(answer["previous"].is_null(), seen == 0);
        seen += items(&answer, "items").len() as u64;
        total = answer["total"].as_u64().unwrap();
        match answer["next"].as_str() {
            Some(next) => target = next.strip_prefix("http://localhost").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, total);

    let mut token: Option<String> = None;
    let mut ids = HashSet::new();
    for _ in 0..50 {
        let page = token.map(|token| format!("&pageToken={token}")).unwrap_or_default();
        let answer = client.get(&format!("/events?pageSize=6{page}"));
        for item in items(&answer, "events") {
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()), "no item comes twice");
        }
        token = answer["nextPageToken"].as_str().map(str::to_owned);
        assert_eq!(answer["has_more"], token.is_some());
        if token.is_none() {
            break;
        }
    }
    assert!(token.is_none() && ids.len() >= 40);

    let first = client.get("/bare?page=0");
    assert_eq!(first, client.get("/bare"));
    assert_eq!(first.as_array().unwrap().len(), 15);
    assert_ne!(first, client.get("/bare?page=1"));
}
