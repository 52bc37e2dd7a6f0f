//! Values from schemas: each case in `fixtures/generate` says what must hold of them; real documents must be satisfied.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use standin::contract::{BasePath, Contract};
use standin::document::{Document, Documents, Files, Location, Read, Source};
use standin::finding::Verdict;
use standin::generate::{Context, Echo, NoEcho, Plan, Repaired, Seed, repair};
use standin::message::Direction;
use standin::schema::{Dialect, Schema, Schemas};

const NOW: &str = "2026-07-15T12:00:00Z";
const SEEDS: u64 = 25;

/// A request that says this.
struct Says(Map<String, Value>);

impl Echo for Says {
    fn member(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.get(name).map(Cow::Borrowed)
    }
}

/// One case of a file.
struct Case {
    name: String,
    schemas: Arc<Schemas>,
    at: Location,
    value: Value,
    direction: Direction,
}

impl Case {
    fn schema(&self, member: &str) -> Option<Schema> {
        self.value.get(member)?;
        let pointer = format!("{}/{member}", self.at.pointer);
        Some(self.schemas.schema(&Location { document: self.at.document.clone(), pointer }, self.direction))
    }

    fn says(&self) -> Says {
        Says(self.value.get("echo").and_then(Value::as_object).cloned().unwrap_or_default())
    }

    fn context<'c>(&self, seed: u64, echo: &'c Says) -> Context<'c> {
        let size = self.value.get("size").and_then(Value::as_u64).map(|size| usize::try_from(size).unwrap());
        Context { seed: Seed(seed), now: NOW.parse().unwrap(), echo, size, page: None }
    }
}

const MEMBERS: [&str; 15] = [
    "title",
    "dialect",
    "direction",
    "schema",
    "and",
    "values",
    "size",
    "echo",
    "page",
    "agree",
    "unsatisfiable",
    "places",
    "example",
    "mended",
    "whole",
];

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/generate");
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
            let unknown = value.as_object().unwrap().keys().find(|key| !MEMBERS.contains(&key.as_str()));
            assert!(unknown.is_none(), "{file}: case {index} has an unknown member {unknown:?}");
            let dialects = match value.get("dialect").or_else(|| root.at("/dialect")).and_then(Value::as_str) {
                Some("3.0") => vec![Dialect::V3_0],
                Some("3.1") => vec![Dialect::V3_1],
                Some("both") => vec![Dialect::V3_0, Dialect::V3_1],
                other => panic!("{file}: no dialect {other:?}"),
            };
            let direction = match value.get("direction").and_then(Value::as_str) {
                None | Some("response") => Direction::Response,
                Some("request") => Direction::Request,
                Some(other) => panic!("{file}: no direction `{other}`"),
            };
            for dialect in dialects {
                cases.push(Case {
                    name: format!("{file}: {} ({dialect:?})", value["title"].as_str().unwrap()),
                    schemas: Schemas::new(documents.clone(), dialect),
                    at: Location { document: root.clone(), pointer: format!("/cases/{index}") },
                    value: value.clone(),
                    direction,
                });
            }
        }
    }
    assert!(cases.len() > 120, "{} cases", cases.len());
    cases
}

#[test]
fn every_case_holds() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut not = |what: String| wrong.push(format!("{}: {what}", case.name));
        let schema = case.schema("schema").unwrap();
        let plan = Plan::new(&schema, None);
        if case.value.get("example").is_some() {
            mending(&case, &schema, &plan, &mut not);
            continue;
        }
        let findings: Vec<_> = plan.findings().into_iter().map(|finding| finding.sentence).collect();
        match case.value.get("unsatisfiable").and_then(Value::as_str) {
            None if findings.is_empty() => {}
            None => not(format!("unsatisfiable: {findings:?}")),
            Some(why) => {
                let expected = format!("no value was found that satisfies the schema: {why}");
                if findings != [expected.clone()] {
                    not(format!("says {findings:?}, not `{expected}`"));
                }
                // What can be satisfied is, and what cannot is wrong at no other place than these.
                if let Some(places) = case.value.get("places").and_then(Value::as_array) {
                    for seed in 0..SEEDS {
                        let value = plan.value(&case.context(seed, &case.says()));
                        let wrong: Vec<Value> =
                            schema.explain(&value).into_iter().map(|one| json!(one.pointer)).collect();
                        if wrong.is_empty() || !wrong.iter().all(|place| places.contains(place)) {
                            not(format!("{value} is wrong at {wrong:?}, not {places:?}"));
                        }
                        if case.schema("and").is_some_and(|and| and.check(&value) != Verdict::Valid) {
                            not(format!("{value} is not what `and` says"));
                        }
                    }
                }
                continue;
            }
        }
        let and = case.schema("and");
        let says = case.says();
        let mut seen = Vec::new();
        for seed in 0..SEEDS {
            let context = case.context(seed, &says);
            let value = plan.value(&context);
            for schema in [Some(&schema), and.as_ref()].into_iter().flatten() {
                if schema.check(&value) != Verdict::Valid {
                    let against: Vec<_> = schema
                        .explain(&value)
                        .into_iter()
                        .map(|one| format!("{} {}", one.pointer, one.sentence))
                        .collect();
                    not(format!("seed {seed}: {value}: {against:?}"));
                }
            }
            let mut text = Vec::new();
            plan.write(&context, &mut text);
            if serde_json::from_slice::<Value>(&text).unwrap() != value {
                not(format!("seed {seed}: {value} is written {}", String::from_utf8_lossy(&text)));
            }
            if let Some(page) = case.value.get("page") {
                paging(page, &value, &mut not);
            }
            if let Some(what) = case.value.get("agree").and_then(Value::as_str)
                && let Some(disagreement) = disagreement(what, &value)
            {
                not(format!("seed {seed}: {value}: {disagreement}"));
            }
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        if let Some(values) = case.value.get("values").and_then(Value::as_array)
            && (seen.len() != values.len() || !seen.iter().all(|value| values.contains(value)))
        {
            not(format!("gives {seen:?}, not {values:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn mending(case: &Case, schema: &Schema, plan: &Plan, not: &mut impl FnMut(String)) {
    let says = case.says();
    let Repaired { value, mended, whole } = repair(schema, plan, &case.value["example"], &case.context(3, &says));
    for schema in [Some(schema), case.schema("and").as_ref()].into_iter().flatten() {
        if schema.check(&value) != Verdict::Valid {
            not(format!("becomes {value}: {:?}", schema.explain(&value)));
        }
    }
    let expected: Vec<&str> =
        case.value["mended"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    if mended != expected {
        not(format!("mends {mended:?}, not {expected:?}: {value}"));
    }
    if whole != case.value.get("whole").is_some() {
        not(format!("whole is {whole}"));
    }
}

fn paging(page: &Value, value: &Value, not: &mut impl FnMut(String)) {
    let items = match page.get("items").and_then(Value::as_str) {
        Some(name) => &value[name],
        None => value,
    };
    let count = items.as_array().unwrap().len() as u64;
    let mut ask = |what: &str, holds: bool| {
        if !holds {
            not(format!("{what}: {value}"));
        }
    };
    ask("the items are as many as wanted", page.get("count").is_none_or(|wanted| *wanted == count));
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    if let (Some(total), Some(number), Some(size), Some(pages)) =
        (number("total"), number("page"), number("page_size"), number("total_pages"))
    {
        ask("the page is the one wanted", page.get("page").is_none_or(|wanted| *wanted == number));
        ask("the total is the one wanted", page.get("total").is_none_or(|wanted| *wanted == total));
        ask("the total is what pages before and this one have", total == (number - 1) * size + count);
        ask("the pages hold the total", pages == total.div_ceil(size).max(1));
        ask("there is a next page if it is not the last", value["has_next"] == (number < pages));
        ask("there is a previous page if it is not the first", value["has_previous"] == (number > 1));
        ask("a page has no more than its size", count <= size);
    }
}

/// What does not agree, among members that should.
fn disagreement(what: &str, value: &Value) -> Option<String> {
    let text = |name: &str| value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value}"));
    let folded = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let holds = match what {
        "person" => {
            let both = format!("{}.{}", folded(text("first_name")), folded(text("last_name")));
            text("email") == format!("{both}@example.com") && text("username") == both
        }
        "two persons" => {
            let of = |who: &str| {
                folded(text(&format!("{who}_email"))) == format!("{}examplecom", folded(text(&format!("{who}_name"))))
            };
            of("inviter") && of("invitee") && text("inviter_name") != text("invitee_name")
        }
        "name and slug" => folded(text("name")) == folded(text("slug")) && text("slug").contains('-'),
        "org_name and org_slug" => folded(text("org_name")) == folded(text("org_slug")),
        "moments" => {
            let order = ["created_at", "start_time", "updatedAt", "last_login"].map(text);
            let after = ["end_time", "due_date"].map(text);
            order.is_sorted()
                && order[3] < NOW
                && NOW < after[0]
                && &after[0][..10] <= after[1]
                && text("joined_at") == text("created_at")
        }
        "place" => {
            let known = [
                ("Germany", "DE", "EUR", "Europe/"),
                ("United States", "US", "USD", "America/"),
                ("Japan", "JP", "JPY", "Asia/"),
            ];
            let found = known.iter().find(|(country, ..)| *country == text("country"));
            found.is_none_or(|(_, code, currency, zone)| {
                text("country_code") == *code && text("currency") == *currency && text("timezone").starts_with(zone)
            })
        }
        other => panic!("nothing is known of `{other}`"),
    };
    (!holds).then(|| format!("{what} do not agree"))
}

fn invitation(operation: &str) -> Schema {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/invitation/openapi.yaml");
    let documents = Documents::load("openapi.yaml", &Files::beside(&path)).documents.unwrap();
    let contract = Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap();
    let operation = contract.operation(contract.find(operation).unwrap());
    operation.response(200).unwrap().content[0].schema.clone().unwrap()
}

/// A printed seed has to give the same values tomorrow: if this has to change, so does the product's version.
#[test]
fn values_are_the_same_in_every_version() {
    let plan = Plan::new(&invitation("invite_to_organization"), None);
    let context = |seed| Context { seed: Seed(seed), now: NOW.parse().unwrap(), echo: &NoEcho, size: None, page: None };
    let golden = [
        json!({
            "created_at": "2026-05-23T00:03:09Z", "email": "stevie.kerluke@example.com", "expires_at": "2026-08-04T08:12:14Z",
            "id": "7c4bb5a7-12ad-44e1-8983-eb3239561f3d", "invited_by": "f43c7d7f-9580-47e3-a4ae-44f3a0843759",
            "org_id": "d4dceef3-2090-41b8-baba-275e2d1eb0c2", "org_name": "Evergreen Works", "role": "owner",
        }),
        json!({
            "created_at": "2026-05-22T20:41:34Z", "email": "jacinthe.grimes@example.com", "expires_at": "2026-07-24T07:31:20Z",
            "id": "c0410947-7870-4817-b6b7-6eb77afe9894", "invited_by": "0e4e2b85-3f3f-4d7c-b84e-7abb31447c3e",
            "org_id": "5316328b-db56-48f7-848c-543054e1d96d", "org_name": "Falcon Energy", "role": "owner",
        }),
    ];
    assert_eq!([plan.value(&context(0)), plan.value(&context(7))], golden);
    let echo = Says(serde_json::from_str(r#"{"email": "ada@example.com", "role": "contributor"}"#).unwrap());
    let echoed = plan.value(&Context { echo: &echo, ..context(0) });
    let mut expected = plan.value(&context(0));
    expected["email"] = "ada@example.com".into();
    expected["role"] = "contributor".into();
    assert_eq!(echoed, expected, "the rest does not depend on what is echoed");
}

/// What is written for one member does not depend on which others there are.
#[test]
fn a_change_to_one_member_moves_no_other() {
    let of = |properties: &str| {
        let text = format!("{{type: object, properties: {{{properties}}}}}");
        let document = Document::read(Source::new("a.yaml", text)).document.unwrap();
        let documents = Arc::new(Documents::single(document));
        let at = Location { document: documents.root().clone(), pointer: String::new() };
        let schema = Schemas::new(documents, Dialect::V3_1).schema(&at, Direction::Response);
        Plan::new(&schema, None).value(&Context {
            seed: Seed(4),
            now: NOW.parse().unwrap(),
            echo: &NoEcho,
            size: None,
            page: None,
        })
    };
    let many = of(
        "name: {type: string}, count: {type: integer}, created_at: {type: string}, id: {format: uuid}, email: {format: email}",
    );
    let few = of("zebra: {}, email: {format: email}, created_at: {type: string}, count: {type: integer}");
    for name in ["email", "created_at", "count"] {
        assert_eq!(many[name], few[name]);
    }
}

#[test]
fn the_items_of_a_list_differ() {
    let plan = Plan::new(&invitation("list_my_pending_invitations"), None);
    let context = Context { seed: Seed(1), now: NOW.parse().unwrap(), echo: &NoEcho, size: Some(200), page: None };
    let value = plan.value(&context);
    let ids: std::collections::BTreeSet<_> =
        value.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 200);
}

/// Schemas nested as deep as documents may be, on the stack of a thread of a server.
#[test]
fn deep_schemas_end() {
    let depth = 100;
    let text = format!(
        "{}{{\"type\": \"string\"}}{}",
        r#"{"type": "object", "required": ["a"], "properties": {"a": "#.repeat(depth),
        "}}".repeat(depth)
    );
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let document = Document::read(Source::new("a.json", text)).document.unwrap();
            let documents = Arc::new(Documents::single(document));
            let at = Location { document: documents.root().clone(), pointer: String::new() };
            let schema = Schemas::new(documents, Dialect::V3_1).schema(&at, Direction::Response);
            let plan = Plan::new(&schema, None);
            let context = Context { seed: Seed(1), now: NOW.parse().unwrap(), echo: &NoEcho, size: None, page: None };
            let value = plan.value(&context);
            assert!(plan.findings().is_empty(), "{:?}", plan.findings());
            assert_eq!(value.to_string().matches("\"a\"").count(), 100);
        })
        .unwrap()
        .join()
        .unwrap();
}

/// A schema drawn from everything that schemas can say, so deep.
fn drawn(seed: &mut Seed, depth: usize) -> Value {
    fn below(seed: &mut Seed, bound: u64) -> u64 {
        *seed = seed.nth(1);
        seed.below(bound)
    }
    let mut schema = Map::new();
    let word = ["null", "boolean", "integer", "number", "string", "array", "object"][below(seed, 7) as usize];
    if below(seed, 10) < 8 {
        schema.insert("type".into(), if below(seed, 6) == 0 { json!([word, "null"]) } else { json!(word) });
    }
    let names = ["a", "b", "email", "created_at", "items"];
    for _ in 0..below(seed, 4) {
        let small = below(seed, 12);
        let (keyword, value) = match below(seed, if depth == 0 { 16 } else { 32 }) {
            0 => ("minimum", json!(small as i64 - 6)),
            1 => ("maximum", json!(small)),
            2 => ("exclusiveMinimum", json!(small as f64 / 4.0)),
            3 => ("multipleOf", json!([0.5, 1.0, 3.0, 0.01][small as usize % 4])),
            4 => ("minLength", json!(small)),
            5 => ("maxLength", json!(small * 2)),
            6 => ("pattern", json!(["^[a-z]+$", "^\\d{3}", "x$", "^(?!a)\\w*$", "[A-Z]"][small as usize % 5])),
            7 => ("format", json!(["date-time", "email", "uuid", "uri", "int32", "ipv4"][small as usize % 6])),
            8 => ("minItems", json!(small % 5)),
            9 => ("maxItems", json!(small)),
            10 => ("uniqueItems", json!(true)),
            11 => ("required", json!([names[small as usize % 5]])),
            12 => ("minProperties", json!(small % 4)),
            13 => ("maxProperties", json!(small)),
            14 => ("enum", json!([1, "a", null, true, {"a": 1}, [], 2.5])),
            15 => ("dependentRequired", json!({names[small as usize % 5]: [names[(small + 1) as usize % 5]]})),
            16 | 17 => {
                ("properties", json!({names[small as usize % 5]: drawn(seed, depth - 1), "b": drawn(seed, depth - 1)}))
            }
            18 => ("additionalProperties", drawn(seed, depth - 1)),
            19 => ("patternProperties", json!({"^[ab]": drawn(seed, depth - 1)})),
            20 => ("propertyNames", json!({"maxLength": small})),
            21 => ("items", drawn(seed, depth - 1)),
            22 => ("prefixItems", json!([drawn(seed, depth - 1), drawn(seed, depth - 1)])),
            23 => ("contains", drawn(seed, depth - 1)),
            24 => ("allOf", json!([drawn(seed, depth - 1), drawn(seed, depth - 1)])),
            25 => ("anyOf", json!([drawn(seed, depth - 1), drawn(seed, depth - 1)])),
            26 => ("oneOf", json!([drawn(seed, depth - 1), drawn(seed, depth - 1)])),
            27 => ("not", drawn(seed, depth - 1)),
            28 => ("if", drawn(seed, depth - 1)),
            29 => ("then", drawn(seed, depth - 1)),
            30 => ("unevaluatedProperties", json!(false)),
            _ => ("$ref", json!("#/$defs/other")),
        };
        schema.insert(keyword.into(), value);
    }
    Value::Object(schema)
}

/// Nothing that a schema may say makes it panic, and what is made is valid or told.
#[test]
fn whatever_a_schema_says_it_is_satisfied_or_told() {
    let mut told = 0;
    for number in 0..1_500 {
        let mut seed = Seed(number);
        let mut schema = drawn(&mut seed, 3);
        schema["$defs"] = json!({"other": drawn(&mut seed, 2)});
        let text = schema.to_string();
        let document = Document::read(Source::new("a.json", text.as_str())).document.unwrap();
        let documents = Arc::new(Documents::single(document));
        let at = Location { document: documents.root().clone(), pointer: String::new() };
        let schema = Schemas::new(documents, Dialect::V3_1).schema(&at, Direction::Response);
        let plan = Plan::new(&schema, None);
        let is_told = !plan.findings().is_empty();
        told += u32::from(is_told);
        for seed in 0..3 {
            let context =
                Context { seed: Seed(seed), now: NOW.parse().unwrap(), echo: &NoEcho, size: None, page: None };
            let value = plan.value(&context);
            let mut written = Vec::new();
            plan.write(&context, &mut written);
            assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), value, "{text}");
            assert!(
                is_told || schema.check(&value) != Verdict::Invalid,
                "{number}: {value} for {text}: {:?}",
                schema.explain(&value)
            );
        }
        let repaired = repair(
            &schema,
            &plan,
            &json!({"a": [1, {"b": null}]}),
            &Context { seed: Seed(1), now: NOW.parse().unwrap(), echo: &NoEcho, size: None, page: None },
        );
        assert!(
            is_told || schema.check(&repaired.value) != Verdict::Invalid,
            "{number}: {:?} for {text}",
            repaired.value
        );
    }
    assert!(told < 250, "{told} of 1,500 told");
}

#[expect(clippy::disallowed_methods, reason = "a test may be told where real documents lie")]
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

/// Every schema of every response of every operation of every document below `STANDIN_CORPUS`, if that is set: a value that
/// the schema admits, for each of five seeds, or a finding.
#[test]
#[expect(clippy::print_stdout, reason = "the counts are what is asked for")]
fn real_documents_are_satisfied() {
    let mut wrong = Vec::new();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for path in corpus() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(documents) = Documents::load(&name, &Files::beside(&path)).documents else { continue };
        let Some(contract) = Contract::load(Arc::new(documents), &BasePath::Document).0 else { continue };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut told = Vec::new();
        let mut largest = 0;
        for index in 0..contract.heads().len() {
            let operation = contract.operation(index);
            let contents = operation
                .responses
                .iter()
                .flat_map(|response| response.content.iter().map(move |one| (response.range, one)));
            for (range, content) in contents {
                let Some(schema) = &content.schema else { continue };
                let plan = Plan::new(schema, None);
                *counts.entry("schemas").or_default() += 1;
                if let Some(finding) = plan.findings().first() {
                    *counts.entry("findings").or_default() += 1;
                    told.push(format!("{}: {}", finding.place.as_ref().unwrap(), finding.sentence));
                    continue;
                }
                for seed in 0..5 {
                    let context =
                        Context { seed: Seed(seed), now: NOW.parse().unwrap(), echo: &NoEcho, size: None, page: None };
                    let value = plan.value(&context);
                    let mut text = Vec::new();
                    plan.write(&context, &mut text);
                    largest = largest.max(text.len());
                    if serde_json::from_slice::<Value>(&text).unwrap() != value {
                        wrong.push(format!("{name}: {} {range}: written otherwise", operation.key));
                    }
                    match schema.check(&value) {
                        Verdict::Valid => *counts.entry("valid").or_default() += 1,
                        Verdict::NotDecided => *counts.entry("not decided").or_default() += 1,
                        Verdict::Invalid => {
                            let why = schema.explain(&value);
                            let why = why.first().map(|one| format!("{} {}", one.pointer, one.sentence));
                            wrong.push(format!("{name}: {} {range} seed {seed}: {why:?}", operation.key));
                        }
                    }
                }
            }
        }
        println!("{name}: {counts:?}, largest {largest} bytes");
        told.sort();
        told.dedup();
        told.iter().for_each(|line| println!("   {line}"));
        counts.into_iter().for_each(|(what, count)| *all.entry(what).or_default() += count);
    }
    println!("in all: {all:?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
