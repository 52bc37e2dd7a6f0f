//! Schemas against values: each case in `fixtures/schema` says what is valid, what is not and why; real documents must compile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use standin::document::{Document, Documents, Files, Location, Read, Source, pointer};
use standin::finding::{Finding, Verdict, Violation};
use standin::message::Direction;
use standin::schema::{Dialect, Schema, Schemas};

/// One case of a file.
struct Case {
    name: String,
    documents: Arc<Documents>,
    at: Location,
    value: Value,
    dialect: Dialect,
}

impl Case {
    fn schemas(&self) -> Arc<Schemas> {
        Schemas::new(self.documents.clone(), self.dialect)
    }

    fn directions(&self) -> Vec<Direction> {
        match self.value.get("direction").and_then(Value::as_str) {
            None => vec![Direction::Request, Direction::Response],
            Some("request") => vec![Direction::Request],
            Some("response") => vec![Direction::Response],
            Some(other) => panic!("{}: no direction `{other}`", self.name),
        }
    }

    fn list(&self, name: &str) -> &[Value] {
        self.value.get(name).map(|list| list.as_array().expect(name).as_slice()).unwrap_or_default()
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema");
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let Read { document, problems } = Document::read(Source::new(file.as_str(), fs::read_to_string(path).unwrap()));
        assert!(problems.is_empty(), "{file}: {problems:?}");
        let documents = Arc::new(Documents::single(document.unwrap()));
        let root = documents.root().clone();
        for (index, value) in root.at("/cases").unwrap().as_array().unwrap().iter().enumerate() {
            let known = ["title", "dialect", "direction", "schema", "valid", "invalid", "undecided", "findings"];
            let unknown = value.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
            assert!(unknown.is_none(), "{file}: case {index} has an unknown member {unknown:?}");
            let dialects = match value.get("dialect").or_else(|| root.at("/dialect")).and_then(Value::as_str) {
                Some("3.0") => vec![Dialect::V3_0],
                Some("3.1") => vec![Dialect::V3_1],
                Some("both") => vec![Dialect::V3_0, Dialect::V3_1],
                other => panic!("{file}: no dialect {other:?}"),
            };
            for dialect in dialects {
                cases.push(Case {
                    name: format!("{file}: {} ({dialect:?})", value["title"].as_str().unwrap()),
                    documents: documents.clone(),
                    at: Location { document: root.clone(), pointer: format!("/cases/{index}/schema") },
                    value: value.clone(),
                    dialect,
                });
            }
        }
    }
    assert!(cases.len() > 60, "{} cases", cases.len());
    cases
}

/// `#/email format`, as case files write it.
fn told(violation: &Violation) -> String {
    format!("#{} {}", violation.pointer, violation.keyword)
}

/// The two ways of asking must agree, whatever the value.
fn agree(schema: &Schema, value: &Value, name: &str) {
    let verdict = schema.check(value);
    let violations = schema.explain(value);
    assert_eq!(verdict == Verdict::Invalid, !violations.is_empty(), "{name}: {value}: {verdict:?}, {violations:?}");
}

#[test]
fn every_case_holds() {
    let mut wrong = Vec::new();
    for case in cases() {
        let schemas = case.schemas();
        for direction in case.directions() {
            let schema = schemas.schema(&case.at, direction);
            let expect = |value: &Value, expected: Verdict, wrong: &mut Vec<String>| {
                let got = schema.check(value);
                if got != expected {
                    let why: Vec<_> = schema.explain(value).iter().map(told).collect();
                    wrong.push(format!("{} ({direction:?}): {value} is {got:?}, not {expected:?} {why:?}", case.name));
                }
                agree(&schema, value, &case.name);
            };
            case.list("valid").iter().for_each(|value| expect(value, Verdict::Valid, &mut wrong));
            case.list("undecided").iter().for_each(|value| expect(value, Verdict::NotDecided, &mut wrong));
            for invalid in case.list("invalid") {
                let value = &invalid["value"];
                expect(value, Verdict::Invalid, &mut wrong);
                let violations = schema.explain(value);
                let expected: Vec<_> = invalid["against"].as_array().expect("against").iter().collect();
                let mut got: Vec<_> = violations.iter().map(told).collect();
                let mut wanted: Vec<_> =
                    expected.iter().map(|line| line.as_str().unwrap().split(": ").next().unwrap().to_owned()).collect();
                got.sort();
                wanted.sort();
                if got != wanted {
                    wrong.push(format!("{} ({direction:?}): {value}: got {got:?}, not {wanted:?}", case.name));
                }
                // After a colon stands the sentence.
                for line in expected.iter().filter_map(|line| line.as_str().unwrap().split_once(": ")) {
                    let said = violations.iter().any(|one| told(one) == line.0 && one.sentence == line.1);
                    if !said {
                        let got: Vec<_> =
                            violations.iter().map(|one| format!("{}: {}", told(one), one.sentence)).collect();
                        wrong.push(format!(
                            "{} ({direction:?}): {value}: got {got:?}, not `{}: {}`",
                            case.name, line.0, line.1
                        ));
                    }
                }
                for violation in &violations {
                    let place = violation.place.as_ref().unwrap();
                    assert!(place.line_column().0 > 1, "{}: {}: no place", case.name, told(violation));
                }
            }
        }
        let got: BTreeSet<_> = schemas.findings().iter().map(|finding| finding.rule.id.to_owned()).collect();
        let wanted: BTreeSet<_> = case.list("findings").iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        if got != wanted {
            let found: Vec<_> = schemas.findings().into_iter().map(|finding| finding.sentence).collect();
            wrong.push(format!("{}: findings {got:?}, not {wanted:?}: {found:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every value of every case against every schema: what `check` calls invalid is what `explain` has something against.
#[test]
fn check_and_explain_agree() {
    let cases = cases();
    let mut values: Vec<_> =
        ["valid", "undecided"].iter().flat_map(|name| cases.iter().flat_map(|case| case.list(name))).collect();
    values.extend(cases.iter().flat_map(|case| case.list("invalid")).map(|invalid| &invalid["value"]));
    for case in &cases {
        let schemas = case.schemas();
        for direction in case.directions() {
            let schema = schemas.schema(&case.at, direction);
            values.iter().for_each(|value| agree(&schema, value, &case.name));
        }
    }
}

#[test]
fn a_violation_is_told_with_its_place() {
    let text = "openapi: 3.1.0\ncomponents:\n  schemas:\n    Invite:\n      type: object\n      required: [email, role]\n      properties:\n        email: { type: string, format: email }\n        role: { enum: [owner, reader] }\n";
    let document = Document::read(Source::new("api.yaml", text)).document.unwrap();
    let documents = Arc::new(Documents::single(document));
    let at = Location { document: documents.root().clone(), pointer: "/components/schemas/Invite".into() };
    let schema = Schemas::new(documents, Dialect::V3_1).schema(&at, Direction::Request);
    let lines: Vec<_> = schema
        .explain(&serde_json::json!({ "email": "ada@" }))
        .iter()
        .map(|one| {
            format!(
                "{} {} {} | {:?} | {:?}",
                one.place.as_ref().unwrap(),
                told(one),
                one.sentence,
                one.expected,
                one.got
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "api.yaml:6:25 #/role required missing | None | None",
            "api.yaml:8:40 #/email format not an e-mail address | Some(\"an e-mail address\") | Some(\"\\\"ada@\\\"\")",
        ]
    );
}

fn corpus() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STANDIN_CORPUS") else { return Vec::new() };
    let mut files = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => open.push(path),
                Some("yaml" | "yml" | "json") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// The places of the schemas in a document: its components, and whatever stands under `schema` in the rest.
fn schemas_in(document: &Document) -> Vec<String> {
    fn search(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let at = pointer::join(at, name);
                    match name.as_str() {
                        "example" | "examples" | "value" => {}
                        "schema" | "itemSchema" if member.is_object() => found.push(at),
                        _ => search(member, &at, found),
                    }
                }
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| search(item, &pointer::join(at, &index.to_string()), found));
            }
            _ => {}
        }
    }
    let components = document.at("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let mut found: Vec<_> = components.map(|(name, _)| pointer::join("/components/schemas", name)).collect();
    for place in [
        "/paths",
        "/components/parameters",
        "/components/responses",
        "/components/requestBodies",
        "/components/headers",
    ] {
        if let Some(value) = document.at(place) {
            search(value, place, &mut found);
        }
    }
    found
}

/// Compiles every schema of every document below `STANDIN_CORPUS`, if that is set.
#[test]
fn every_schema_of_the_corpus_compiles() {
    for path in corpus() {
        let name = path.to_string_lossy().into_owned();
        let Some(documents) = Documents::load(&name, &Files::new(path.parent().unwrap())).documents else { continue };
        let version = documents.root().at("/openapi").and_then(Value::as_str).unwrap_or_default().to_owned();
        let dialect = match version.get(..3) {
            Some("3.0") => Dialect::V3_0,
            Some("3.1" | "3.2") => Dialect::V3_1,
            _ => continue,
        };
        let documents = Arc::new(documents);
        let schemas = Schemas::new(documents.clone(), dialect);
        let mut count = 0;
        for pointer in schemas_in(documents.root()) {
            for direction in [Direction::Request, Direction::Response] {
                let schema = schemas
                    .schema(&Location { document: documents.root().clone(), pointer: pointer.clone() }, direction);
                schema.prepare();
                for value in [
                    Value::Null,
                    serde_json::json!({}),
                    serde_json::json!([]),
                    serde_json::json!("a"),
                    serde_json::json!(1),
                ] {
                    agree(&schema, &value, &format!("{name}#{pointer}"));
                }
                count += 1;
            }
        }
        let findings = schemas.findings();
        let failed: Vec<_> =
            findings.iter().filter(|finding| finding.sentence.contains("the schema cannot be used")).collect();
        assert!(failed.is_empty(), "{name}: {failed:?}");
        let told = |finding: &Finding| {
            format!("    {} {} {}", finding.place.as_ref().unwrap(), finding.rule.id, finding.sentence)
        };
        let told: Vec<_> =
            findings.iter().filter(|finding| finding.rule.id != "schema-ignored").map(told).take(12).collect();
        eprintln!("{name}: {count} schemas, {} findings\n{}", findings.len(), told.join("\n"));
    }
}
