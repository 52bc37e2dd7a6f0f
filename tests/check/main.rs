//! `standin check` as a library: recordings that are judged, and recordings that are replayed against servers of these tests.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bodies;
mod live;
mod mock;
mod recorded;
mod safety;
mod server;

use std::path::PathBuf;
use std::sync::Arc;

use standin::check::{self, Ending, Live, Mode, Outcome, Plan, Source, World};
use standin::client::{BaseUrl, Options};
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::finding::{Difference, Event, Severity, Summary};
use standin::message::Moment;
use standin::report::{CheckJson, CheckJunit, CheckText};

const DOCUMENT: &str = "fixtures/check/openapi.yaml";

fn contract(path: &str) -> Arc<Contract> {
    let folder = std::path::Path::new(path).parent().unwrap().to_owned();
    let loaded = Documents::load(path, &Files::new(folder));
    let (contract, findings) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::default());
    assert!(findings.is_empty(), "{findings:?}");
    Arc::new(contract.unwrap())
}

fn file(path: &str) -> Source {
    Source::File(PathBuf::from(path))
}

fn live(url: &str) -> Live {
    Live {
        url: BaseUrl::parse(url).unwrap(),
        client: Options::default(),
        fields: Vec::new(),
        allow_writes: false,
        safe_only: false,
        wait: None,
    }
}

fn plan(traffic: Source, mode: Mode) -> Plan {
    let contract = contract(DOCUMENT);
    let document = "openapi.yaml".to_owned();
    Plan { contract, document, traffic: vec![traffic], selected: None, mode, key: [7; 32], seed: 0 }
}

/// A check that ran.
struct Ran {
    events: Vec<Event>,
    outcome: Outcome,
}

impl Ran {
    async fn of(plan: &Plan) -> Ran {
        let mut events = Vec::new();
        let world = World { now: &Moment::default, stop: &|| false };
        let outcome = check::run(plan, world, &mut |event| events.push(event)).await;
        Ran { events, outcome }
    }

    /// Every byte that is reported.
    fn reports(&self) -> String {
        format!("{}\n{}\n{}", self.text(), self.json(), self.junit())
    }

    fn text(&self) -> String {
        let report = CheckText { each: true };
        self.events.iter().map(|event| report.lines(event).to_string()).collect()
    }

    fn json(&self) -> String {
        let mut report = CheckJson::default();
        self.events.iter().for_each(|event| report.event(event));
        report.finish()
    }

    fn junit(&self) -> String {
        let mut report = CheckJunit::new(Severity::Error);
        self.events.iter().for_each(|event| report.event(event));
        report.finish()
    }

    fn found(&self) -> Vec<&Difference> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Found(found) = event { Some(&**found) } else { None })
            .collect()
    }

    fn rules(&self) -> Vec<&'static str> {
        self.found().iter().map(|found| found.finding.rule.id).collect()
    }

    fn summary(&self) -> &Summary {
        let Some(Event::Finished(summary)) = self.events.last() else { panic!("{:?}", self.events) };
        summary
    }

    fn ending(&self) -> Ending {
        self.outcome.ending(Severity::Error)
    }
}
