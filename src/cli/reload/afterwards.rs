//! What is found out about a version when it serves already: every operation is compiled then, as at the start, and what is wrong that was
//! not wrong before is told.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::told::Told;
use crate::cli::load::gravest_first;
use crate::contract::Contract;
use crate::finding::Finding;
use crate::mock::unsatisfiable;

/// A contract, and what is known to be wrong with what is served by it.
type Look = (Arc<Contract>, Vec<Finding>);

/// A thread that looks at one version after the other; at the newest, where several wait.
pub(super) struct Afterwards {
    looks: Option<Sender<Look>>,
    /// The first version, with which the second is compared.
    first: Option<(Look, Told)>,
}

/// What tells findings apart: places move with every line that is added before them.
type Key = (&'static str, String, Option<String>);

fn key(finding: &Finding) -> Key {
    let file = finding.place.as_ref().map(|place| place.source.name().to_owned());
    (finding.rule.id, finding.sentence.clone(), file)
}

fn everything((contract, mut findings): Look) -> Vec<Finding> {
    findings.extend(contract.findings());
    findings.extend(unsatisfiable(&contract));
    findings
}

impl Afterwards {
    /// `contract` is served now, and looked at by others.
    pub(super) fn new(contract: Arc<Contract>, findings: Vec<Finding>, told: Told) -> Afterwards {
        Afterwards { looks: None, first: Some(((contract, findings), told)) }
    }

    /// Looks at what is served now.
    pub(super) fn look_at(&mut self, contract: Arc<Contract>, findings: Vec<Finding>) {
        if let Some((first, told)) = self.first.take() {
            let (sender, looks) = channel();
            let started = thread::Builder::new().name("compile".to_owned()).spawn(move || run(first, &looks, &told));
            // Without a thread each operation is compiled when it is first called, which is only slower.
            self.looks = started.ok().map(|_| sender);
        }
        // The thread lives as long as this does.
        let _ = self.looks.as_ref().map(|looks| looks.send((contract, findings)));
    }
}

fn run(first: Look, looks: &Receiver<Look>, told: &Told) {
    let mut known: HashSet<Key> = everything(first).iter().map(key).collect();
    while let Ok(mut look) = looks.recv() {
        while let Ok(newer) = looks.try_recv() {
            look = newer;
        }
        let mut findings = everything(look);
        let keys = findings.iter().map(key).collect();
        findings.retain(|finding| !known.contains(&key(finding)));
        known = keys;
        gravest_first(&mut findings);
        told.found(&findings);
    }
}
