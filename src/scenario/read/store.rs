//! A file that is there to be included: replies with names, and nothing that tells a story.

use std::sync::Arc;

use super::super::Scenario;
use super::super::field::FILE;
use super::reach;
use crate::contract::Contract;
use crate::document::{Retrieve, Source};
use crate::finding::Finding;

impl Scenario {
    /// What is wrong with a file of replies, read for itself. What operations document of its replies is known where they are used.
    pub fn check_store(source: &Arc<Source>, files: &dyn Retrieve, contract: &Contract) -> Vec<Finding> {
        let read = Scenario::read_as(source, contract, |reader, document| {
            let root = document.node();
            if !root.value().is_object() {
                reader.wrong(root, "a file of replies is a mapping", "begin with `replies:`");
                return None;
            }
            let members = reader.members(root, &FILE);
            reach(reader, &members, files, document);
            None
        });
        read.1
    }
}
