//! Schemas against values: each case in `fixtures/schema` says what is valid, what is not and why; real documents must compile.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests; the corpus is named by the environment"
)]

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
                Some("2.0") => vec![Dialect::V2_0],
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

/// The places of the keywords of a schema that can be spoilt, with what spoils them.
fn spoils(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    let Some(members) = value.as_object() else { return };
    for (name, member) in members {
        let at = pointer::join(at, name);
        let mut below = |token: &str, value: &Value| spoils(value, &pointer::join(&at, token), found);
        match (name.as_str(), member) {
            ("properties" | "patternProperties" | "$defs" | "dependentSchemas", Value::Object(schemas)) => {
                schemas.iter().for_each(|(name, schema)| below(name, schema));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter().enumerate().for_each(|(index, schema)| below(&index.to_string(), schema));
            }
            (
                "title" | "description" | "default" | "example" | "examples" | "discriminator" | "const" | "nullable",
                _,
            ) => {}
            ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => {}
            (name, _)
                if name.starts_with('$') && name != "$ref" && name != "$dynamicRef" || name.starts_with("content") => {}
            (_, Value::Object(_)) => spoils(member, &at, found),
            _ => {}
        }
        let spoilt = match name.as_str() {
            "type" | "enum" | "multipleOf" | "maximum" | "exclusiveMaximum" | "minimum" | "exclusiveMinimum"
            | "maxLength" | "minLength" | "maxItems" | "minItems" | "maxContains" | "minContains" | "maxProperties"
            | "minProperties" => Value::from("spoilt"),
            "pattern" => Value::from("("),
            "$ref" | "$dynamicRef" => Value::from("#/gone"),
            "format"
            | "uniqueItems"
            | "required"
            | "dependentRequired"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "dependentSchemas"
            | "prefixItems"
            | "items"
            | "contains"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => Value::from(5.5),
            _ => continue,
        };
        if !matches!((name.as_str(), member), ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_))) {
            found.push((at, spoilt));
        }
    }
}

/// Spoils each keyword of a schema in turn: what was valid may then be valid or not decided, never invalid, and so on.
/// Gives the number of verdicts that changed nothing.
fn spoil(document: &Value, at: &str, dialect: Dialect, direction: Direction, values: &[&Value], name: &str) -> usize {
    let ask = |document: &Value| -> Vec<Verdict> {
        let document = Document::read(Source::new("spoilt.json", document.to_string())).document.unwrap();
        let documents = Arc::new(Documents::single(document));
        let at = Location { document: documents.root().clone(), pointer: at.into() };
        let schema = Schemas::new(documents, dialect).schema(&at, direction);
        values.iter().for_each(|value| agree(&schema, value, name));
        values.iter().map(|value| schema.check(value)).collect()
    };
    let before = ask(document);
    let mut places = Vec::new();
    spoils(document.pointer(at).unwrap(), at, &mut places);
    for (name, component) in document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        spoils(component, &pointer::join("/components/schemas", name), &mut places);
    }
    let mut same = 0;
    for (place, spoilt) in places {
        let mut document = document.clone();
        *document.pointer_mut(&place).unwrap() = spoilt;
        for ((before, after), value) in before.iter().zip(ask(&document)).zip(values) {
            assert!(
                after == *before || after == Verdict::NotDecided,
                "{name}: {place} spoilt: {value} was {before:?}, is {after:?}"
            );
            same += usize::from(after == *before && after != Verdict::NotDecided);
        }
    }
    same
}

/// A keyword that cannot be read never turns a verdict round.
#[test]
fn what_is_spoilt_is_decided_less_but_never_otherwise() {
    let mut same = 0;
    for case in cases().iter().filter(|case| case.list("findings").is_empty()) {
        let document = serde_json::json!({
            "components": case.documents.root().at("/components").cloned().unwrap_or_default(),
            "schema": case.value["schema"],
        });
        if document.to_string().contains("Only\":true") {
            // Members are exempt by what can be read of their schemas.
            continue;
        }
        let mut values: Vec<_> = case.list("valid").iter().collect();
        values.extend(case.list("invalid").iter().map(|invalid| &invalid["value"]));
        for direction in case.directions() {
            same += spoil(&document, "/schema", case.dialect, direction, &values, &case.name);
        }
    }
    assert!(same > 500, "only {same} verdicts stood");
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
    std::env::var_os("STANDIN_CORPUS").map(|folder| files_below(Path::new(&folder))).unwrap_or_default()
}

/// Every YAML or JSON file below a folder, in a steady order.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
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
    let definitions = document.at("/definitions").and_then(Value::as_object).into_iter().flatten();
    found.extend(definitions.map(|(name, _)| pointer::join("/definitions", name)));
    for place in [
        "/paths",
        "/parameters",
        "/responses",
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
        let version = documents.root().at("/openapi").or_else(|| documents.root().at("/swagger"));
        let version = version.and_then(Value::as_str).unwrap_or_default().to_owned();
        let dialect = match version.get(..3) {
            Some("2.0") => Dialect::V2_0,
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

/// The schemas that the suite expects at `http://localhost:1234/`, but for those that call themselves otherwise.
fn remotes(suite: &Path) -> Value {
    let folder = suite.join("remotes");
    let mut remotes = serde_json::Map::new();
    for path in files_below(&folder) {
        let address = format!("http://localhost:1234/{}", path.strip_prefix(&folder).unwrap().to_string_lossy());
        let text = fs::read_to_string(&path).unwrap();
        if let Ok(Value::Object(mut remote)) = serde_json::from_str(&text)
            && address.contains("/draft2020-12/")
            && remote.get("$id").is_none_or(|id| *id == address)
        {
            remote.insert("$id".into(), address.clone().into());
            remotes.insert(address, Value::Object(remote));
        }
    }
    Value::Object(remotes)
}

/// Runs the JSON Schema test suite for 2020-12, whose folder `STANDIN_JSON_SCHEMA_SUITE` names, if that is set.
///
/// Not decided is never wrong; how often it is the answer is printed. Formats are asserted here, and vocabularies are not
/// looked at.
#[test]
fn the_json_schema_test_suite_holds() {
    let Some(folder) = std::env::var_os("STANDIN_JSON_SCHEMA_SUITE").map(PathBuf::from) else { return };
    let remotes = remotes(&folder);
    let mut files: Vec<_> =
        fs::read_dir(folder.join("tests/draft2020-12")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    let (mut wrong, mut undecided, mut count) = (Vec::new(), Vec::new(), 0);
    for path in &files {
        let groups: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for group in groups.as_array().unwrap() {
            let (text, pointer) = match group["schema"].clone() {
                Value::Object(mut schema) => {
                    if schema.values().any(|value| value.to_string().contains("localhost:1234")) {
                        schema.insert("remotes".into(), remotes.clone());
                    }
                    (Value::Object(schema), "")
                }
                other => (serde_json::json!({ "schema": other }), "/schema"),
            };
            let document = Document::read(Source::new("suite.json", text.to_string())).document.unwrap();
            let documents = Arc::new(Documents::single(document));
            let at = Location { document: documents.root().clone(), pointer: pointer.into() };
            let schema = Schemas::new(documents, Dialect::V3_1).schema(&at, Direction::Request);
            if pointer.is_empty() && group.to_string().len() < 20_000 {
                let values: Vec<_> = group["tests"].as_array().unwrap().iter().map(|test| &test["data"]).collect();
                let name = path.to_string_lossy();
                spoil(&text, pointer, Dialect::V3_1, Direction::Request, &values, &name);
            }
            for test in group["tests"].as_array().unwrap() {
                let name = format!(
                    "{}: {}: {}",
                    path.file_stem().unwrap().to_string_lossy(),
                    group["description"].as_str().unwrap(),
                    test["description"].as_str().unwrap()
                );
                let verdict = schema.check(&test["data"]);
                agree(&schema, &test["data"], &name);
                let expected = if test["valid"] == true { Verdict::Valid } else { Verdict::Invalid };
                count += 1;
                match verdict {
                    Verdict::NotDecided => undecided.push(name),
                    verdict if verdict == expected => {}
                    _ if name.contains("only an annotation by default") || name.starts_with("vocabulary:") => {}
                    verdict => wrong.push(format!("{name}: {verdict:?}, not {expected:?}")),
                }
            }
        }
    }
    eprintln!("{count} tests, {} not decided:\n{}", undecided.len(), undecided.join("\n"));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn one(text: &str, dialect: Dialect, pointer: &str, direction: Direction) -> Schema {
    let document = Document::read(Source::new("api.yaml", text)).document.unwrap();
    let documents = Arc::new(Documents::single(document));
    let at = Location { document: documents.root().clone(), pointer: pointer.into() };
    Schemas::new(documents, dialect).schema(&at, direction)
}

#[test]
fn parameters_are_read_by_the_types_behind_references() {
    let text = "
a: { $ref: '#/types/Id' }
b: { allOf: [{ $ref: '#/types/Id' }, { maximum: 5 }] }
c: { anyOf: [{ type: integer }, { type: 'null' }] }
d: { anyOf: [{ type: integer }, { type: string }] }
e: { enum: [1, 2] }
f: { type: [boolean, 'null'] }
g: { description: anything }
h: { $ref: '#/types/Loop' }
types:
  Id: { type: integer, format: int64, description: { $ref: '#/types/Id' } }
  Loop: { anyOf: [{ $ref: '#/types/Loop' }, { type: integer }] }
";
    let cases = [
        ("/a", "9007199254740993", serde_json::json!(9_007_199_254_740_993_i64)),
        ("/b", "4", serde_json::json!(4)),
        ("/c", "4", serde_json::json!(4)),
        ("/c", "four", serde_json::json!("four")),
        ("/d", "4", serde_json::json!("4")),
        ("/e", "2", serde_json::json!(2)),
        ("/f", "true", serde_json::json!(true)),
        ("/f", "null", Value::Null),
        ("/g", "4", serde_json::json!("4")),
        ("/h", "4", serde_json::json!("4")),
    ];
    for (pointer, text_in, expected) in cases {
        let schema = one(text, Dialect::V3_1, pointer, Direction::Request);
        assert_eq!(schema.coerce(text_in), expected, "`{text_in}` for {pointer}, which admits {:?}", schema.types());
    }
}

#[test]
fn a_walk_sees_normal_form_and_follows_references() {
    let text = "
components:
  schemas:
    Page:
      type: object
      required: [items, next]
      properties:
        items: { type: array, items: { $ref: '#/components/schemas/Tree' } }
        next: { type: string, nullable: true, format: uri }
    Tree:
      type: object
      required: [id, name]
      properties:
        id: { type: integer, readOnly: true, example: 7 }
        name: { type: string, minLength: 1 }
        secret: { type: string, writeOnly: true }
        children: { type: array, items: { $ref: '#/components/schemas/Tree' } }
";
    let page = one(text, Dialect::V3_0, "/components/schemas/Page", Direction::Response);
    let node = page.node();
    assert_eq!(node.child(&["properties", "next"]).unwrap().value()["type"], serde_json::json!(["null", "string"]));
    let reference = node.child(&["properties", "items", "items"]).unwrap();
    let tree = reference.resolve();
    assert_eq!(tree.name().as_deref(), Some("Tree"));
    let names: Vec<_> = tree.properties().iter().map(|(name, node)| format!("{name} {}", node.value())).collect();
    assert_eq!(
        names[..3],
        [
            r#"id {"type":"integer","readOnly":true,"example":7}"#,
            r#"name {"type":"string","minLength":1}"#,
            "secret false",
        ]
    );
    let again = tree.child(&["properties", "children", "items"]).unwrap().resolve();
    assert_eq!(again.identity(), tree.identity());
    assert_eq!(again.location().pointer, "/components/schemas/Tree");
    let name = tree.child(&["properties", "name"]).unwrap();
    assert_eq!(name.schema().check(&serde_json::json!("")), Verdict::Invalid);
    assert!(tree.child(&["properties", "nothing"]).is_none());
    // The way there, a request need not carry what is read-only.
    let tree = one(text, Dialect::V3_0, "/components/schemas/Tree", Direction::Request);
    assert_eq!(tree.node().get("required"), Some(&serde_json::json!(["name"])));
}

/// The stack of a test is 2 MB, as a worker's is.
#[test]
fn deep_values_and_deep_schemas_do_not_exhaust_the_stack() {
    let text =
        "Tree: { type: object, required: [a], properties: { a: { anyOf: [{ type: integer }, { $ref: '#/Tree' }] } } }";
    let schema = one(text, Dialect::V3_1, "/Tree", Direction::Request);
    let nest = |inner: Value| (0..250).fold(inner, |value, _| serde_json::json!({ "a": value }));
    assert_eq!(schema.check(&nest(serde_json::json!(1))), Verdict::Valid);
    agree(&schema, &nest(serde_json::json!("x")), "deep value");
    for keyword in ["not", "items", "additionalProperties"] {
        let deep = format!("{}{{\"type\":\"string\"}}{}", format!("{{\"{keyword}\":").repeat(248), "}".repeat(248));
        let schema = one(&deep, Dialect::V3_1, "", Direction::Request);
        schema.prepare();
        agree(&schema, &serde_json::json!([["a"]]), keyword);
    }
    let chain: Vec<_> = (0..2_000)
        .map(|index| format!("S{index}: {{ allOf: [{{ $ref: '#/S{}' }}, {{ minLength: 1 }}] }}", index + 1))
        .collect();
    let text = format!("{}\nS2000: {{ type: string }}", chain.join("\n"));
    let document = Document::read(Source::new("api.yaml", text)).document.unwrap();
    let documents = Arc::new(Documents::single(document));
    let at = Location { document: documents.root().clone(), pointer: "/S0".into() };
    let schemas = Schemas::new(documents, Dialect::V3_1);
    assert_eq!(schemas.schema(&at, Direction::Request).check(&serde_json::json!("a")), Verdict::NotDecided);
    assert_eq!(schemas.findings()[0].rule.id, "schema-limit");
}

#[test]
fn schemas_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Schema>();
    shared::<Schemas>();
    let text =
        "Tree: { type: object, required: [a], properties: { a: { anyOf: [{ type: integer }, { $ref: '#/Tree' }] } } }";
    let schema = one(text, Dialect::V3_1, "/Tree", Direction::Request);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                assert_eq!(schema.check(&serde_json::json!({ "a": { "a": 1 } })), Verdict::Valid);
                assert_eq!(schema.explain(&serde_json::json!({ "a": { "a": "" } })).len(), 1);
            });
        }
    });
}
