//! The file of settings, `standin.yaml`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::Folder;
use crate::serving::Serving;

const PETS: &str = "\
openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    get: { operationId: list_pets, responses: { '204': { description: None } } }
";

/// What the mock says when it starts.
fn started(folder: Folder, args: &[&str]) -> String {
    Serving::start_in(folder, args).stop().1
}

#[test]
fn it_is_read_where_it_lies_and_gives_way_to_what_is_typed() {
    let folder = Folder::new().with("pets.yaml", PETS).with(
        "standin.yaml",
        "seed: 7\nmock:\n  documents: pets.yaml\n  port: 0\n  no-auth: true\nlint: { documents: [pets.yaml] }\n",
    );
    let ran = folder.run("lint");
    assert!(ran.err.starts_with("standin 0.1.0   pets.yaml   OpenAPI 3.1.0, 1 operation\n"), "{}", ran.err);
    let started = started(folder, &["mock"]);
    assert!(started.contains("  seed 7 ") && started.contains("  settings    standin.yaml\n"), "{started}");
    let folder = Folder::new().with("standin.yaml", "seed: 7\n");
    assert!(self::started(folder, &["mock", "--seed", "9"]).contains("  seed 9 "));
}

#[test]
fn everything_wrong_in_it_is_told_with_its_place() {
    let folder = Folder::new().with(
        "standin.yaml",
        "prot: 4020\nurl: http://localhost\nmock:\n  port: many\n  examples: reapir\n  offline: true\n  no-auth: perhaps\n  delay: [1s, 2s]\n  host:\nexplain: 3\nlog:\n- json\ncheck: { header: no-colon }\n",
    );
    let ran = folder.run("mock");
    assert_eq!(ran.exit, 2);
    assert_snapshot!(ran.err);
    let linted = folder.run("lint standin.yaml");
    assert_eq!(linted.exit, 2, "{}", linted.err);
}

#[test]
fn another_file_is_named_by_flag_or_environment_and_its_paths_start_beside_it() {
    let folder = Folder::new().with("etc/pets.yaml", PETS).with("etc/own.yaml", "documents: pets.yaml\n");
    let ran = folder.run("lint --config etc/own.yaml");
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(ran.err.contains("etc/pets.yaml"), "{}", ran.err);
    let missing = folder.run("lint --config none.yaml");
    assert_eq!(missing.exit, 2);
    assert_snapshot!(missing.err, @r"
    error: the settings in `none.yaml` cannot be read: no such file
    help: `--config` takes a YAML file; `standin.yaml` is read where it lies
    ");
}

#[test]
fn the_schema_for_editors_knows_every_flag_and_takes_what_is_taken() {
    let folder = Folder::new();
    let schema: Value = serde_json::from_str(&folder.run("lint --schema config").out).expect("JSON");
    let mock = &schema["properties"]["mock"]["properties"];
    assert_eq!(mock["no-auth"]["type"], "boolean");
    assert_eq!(mock["examples"]["enum"], serde_json::json!(["repair", "as-is"]));
    assert!(schema["properties"]["check"]["properties"]["url"].is_object());
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (yaml, valid) in [
        ("seed: 7\nmock: { port: 0, scenario: [a, b], no-auth: true }\n", true),
        ("mock: { prot: 0 }\n", false),
        ("mock: { examples: never }\n", false),
        ("no-auth: yes please\n", false),
    ] {
        let value: Value = serde_yaml::from_str(yaml).expect("YAML");
        assert_eq!(validator.is_valid(&value), valid, "{yaml}");
    }
}

#[test]
fn a_scenario_is_linted_with_its_document() {
    let story = "scenario: s\non:\n  list_pts: [{ reply: 204 }]\n";
    let folder = Folder::new().with("pets.yaml", PETS).with("story.yaml", story);
    let ran = folder.run("lint pets.yaml story.yaml");
    assert_eq!(ran.exit, 3);
    assert_snapshot!(ran.all());
    let ran = Folder::new()
        .with("pets.yaml", PETS)
        .with("story.yaml", story.replace("pts", "pets"))
        .run("lint pets.yaml story.yaml");
    assert_eq!(ran.exit, 0, "{}", ran.err);
}
