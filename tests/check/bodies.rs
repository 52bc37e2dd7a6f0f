//! Answers in every form but JSON, recorded: `fixtures/bodies`, each once as its document says and once not, then those of which
//! nothing can be said.

use standin::check::{Ending, Mode, Plan};

use super::{Ran, contract, file};

#[tokio::test]
async fn answers_in_every_form_are_judged() {
    let contract = contract("fixtures/bodies/openapi.yaml");
    let traffic = vec![file("fixtures/bodies/traffic.ndjson")];
    let document = "openapi.yaml".to_owned();
    let plan = Plan { contract, document, traffic, selected: None, mode: Mode::Offline, key: [7; 32], seed: 0 };
    let ran = Ran::of(&plan).await;
    assert_eq!(ran.ending(), Ending::Findings);
    let records = ran.summary().records;
    assert_eq!((records.valid, records.invalid, records.not_decided), (10, 11, 3), "{}", ran.text());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../fixtures/bodies");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("text", ran.text()));
}
