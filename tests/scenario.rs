//! Scenarios against the bundled document: what is shipped, what is documented, and what is wrong with each file of
//! `fixtures/scenario`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says where; helpers of tests are not known as such"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use standin::contract::{BasePath, Call, Contract};
use standin::document::{Documents, Files, Refusal, Source};
use standin::finding::{Finding, Severity, Verdict};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Target};
use standin::scenario::{Chance, Delay, Fail, Rule, Scenario, Then, shipped, timeline};
use standin::traffic::Fault;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bundled() -> &'static Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let files = Files::new(root().join("fixtures/invitation"));
        contract(Documents::load("openapi.yaml", &files).documents.unwrap())
    })
}

fn contract(documents: Documents) -> Arc<Contract> {
    Arc::new(Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap())
}

/// A document of a few lines.
fn small(text: &'static str) -> Arc<Contract> {
    let files = move |_: &str| -> Result<String, Refusal> { Ok(text.to_owned()) };
    contract(Documents::load("small.yaml", &files).documents.unwrap())
}

fn read(text: &str, contract: &Contract) -> (Option<Scenario>, Vec<Finding>) {
    Scenario::read(&Source::new("story.yaml", text), contract)
}

/// Findings as a terminal would show them.
fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = finding.place.as_ref().unwrap();
        let _ = writeln!(text, "{place}: {}[{}]: {}", finding.severity, finding.rule.id, finding.sentence);
        let (line, column) = place.line_column();
        let shown = place.source.line(line).unwrap_or("");
        let width = place.source.slice(place.span).lines().next().unwrap_or("").trim_end().chars().count().max(1);
        let _ = writeln!(text, "  {shown}\n  {}{}", " ".repeat(column - 1), "^".repeat(width));
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_mistake_is_named_with_its_place_and_remedy() {
    let mut seen = 0;
    for path in files("fixtures/scenario") {
        seen += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let beside = Files::new(root().join("fixtures/scenario"));
        let (scenario, findings) = Scenario::read_with(&Source::new(name, text.as_str()), &beside, bundled());
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(scenario.is_none(), errors, "{name}: an error makes a scenario unusable, and nothing else does");
        assert!(!findings.is_empty(), "{name} is here for what is wrong with it");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/scenario" }, {
            insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), told(&findings));
        });
    }
    assert!(seen >= 30, "{seen} cases");
}

#[test]
fn named_replies_come_from_the_file_and_from_those_it_includes() {
    let beside = |path: &str| -> Result<String, Refusal> {
        match path {
            "lib/shared.yaml" => Ok("include: [more.yaml]\nreplies: { throttled: { status: 429, headers: { Retry-After: 2 } } }\n"),
            "lib/more.yaml" => Ok("replies: { said: { status: 409, template: { code: 409, type: already_exists_error, detail: '{{ call }}' } } }\n"),
            _ => Err(Refusal::Outside),
        }
        .map(str::to_owned)
    };
    let text = "scenario: s\ninclude: lib/shared.yaml\nreplies: { gone: 404 }\non:\n  invite_to_organization:\n    - calls: { 1: gone, 2: throttled, 3: said, 4: ok, 5+: gone }\n";
    let (scenario, findings) = Scenario::read_with(&Source::new("dir/story.yaml", text), &beside, bundled());
    let scenario = scenario.unwrap_or_else(|| panic!("{}", told(&findings)));
    assert!(findings.is_empty(), "unused replies are no fault: {}", told(&findings));
    let reached: Vec<&str> = scenario.included.iter().map(|source| source.name()).collect();
    assert_eq!(reached, ["dir/lib/shared.yaml", "dir/lib/more.yaml"]);
    let Then::Calls(calls) = &only_rule(&scenario).then else { panic!("calls") };
    let names: Vec<Option<&str>> =
        (1..=6).map(|number| calls.at(number).and_then(|reply| reply.name.as_deref())).collect();
    assert_eq!(names, [Some("gone"), Some("throttled"), Some("said"), None, Some("gone"), Some("gone")]);
    let said = calls.at(3).unwrap();
    assert_eq!((said.place.to_string().as_str(), said.is_filled()), ("dir/lib/more.yaml:1:18", true));
    insta::assert_snapshot!(timeline(&scenario, bundled()));
}

#[test]
fn the_shipped_scenarios_are_the_files_and_their_timelines() {
    let names: Vec<&str> = shipped().iter().map(|(name, _)| *name).collect();
    let stems: Vec<String> =
        files("scenarios").iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, stems, "every file of scenarios/ is in the binary, in order");
    for (name, text) in shipped() {
        let (scenario, findings) = Scenario::read(&Source::new(format!("scenarios/{name}.yaml"), *text), bundled());
        assert!(findings.is_empty(), "{}", told(&findings));
        let scenario = scenario.unwrap();
        assert_eq!(&*scenario.name, *name, "a shipped scenario is called like its file");
        assert!(!scenario.summary.is_empty());
        insta::assert_snapshot!(*name, timeline(&scenario, bundled()));
    }
}

fn usable(text: &str) -> Scenario {
    let (scenario, findings) = read(text, bundled());
    scenario.unwrap_or_else(|| panic!("{}", told(&findings)))
}

fn only_rule(scenario: &Scenario) -> &Rule {
    scenario.rules("invite_to_organization").next().unwrap()
}

/// A request to the bundled document; `fields` are `Name: value`.
fn call(method: Method, target: &str, fields: &[&str], body: &str) -> Call<'static> {
    let mut headers = HeaderMap::new();
    for field in fields {
        let (name, value) = field.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let target = Target::parse(target).unwrap();
    let route = bundled().route(&method, target.path(), target.query()).unwrap();
    Call::new(bundled(), route, Request { method, target, headers, body: Body::from(body.to_owned()) })
}

fn invite(org: &str, query: &str, fields: &[&str], body: &str) -> Call<'static> {
    call(Method::POST, &format!("/api/v1/org/{org}/invitations{query}"), fields, body)
}

/// Whether the only rule's `when` holds.
fn holds(when: &str, call: &Call) -> bool {
    let text = format!("scenario: s\non:\n  invite_to_organization:\n    - when: {when}\n      reply: 409\n");
    only_rule(&usable(&text)).when.holds(call)
}

#[test]
fn conditions_compare_texts_as_written() {
    let call = invite("acme%20inc", "?page=2&v=1.50&q=a+b&q=c", &["X-Mode: on", "Cookie: t=007"], "{}");
    for (when, expected) in [
        ("{ path: { org: acme inc } }", true),
        ("{ path: { org: acme%20inc } }", false),
        ("{ query: { page: 2 } }", true),
        ("{ query: { page: \"2\" } }", true),
        ("{ query: { page: 2.0 } }", false),
        ("{ query: { v: 1.50 } }", true),
        ("{ query: { v: 1.5 } }", false),
        ("{ query: { q: a b } }", true),
        ("{ query: { q: c } }", false),
        ("{ header: { x-mode: on } }", true),
        ("{ header: { X-Mode: true } }", false),
        ("{ cookie: { t: 007 } }", true),
        ("{ cookie: { t: 7 } }", false),
        ("{ cookie: { t: { pattern: '^0+7$' } } }", true),
        ("{ query: { page: { one-of: [1, 2] } } }", true),
        ("{ query: { page: { one-of: [1, 3] } } }", false),
        ("{ query: { page: { absent: true } } }", false),
        ("{ query: { page: { absent: false } } }", true),
        ("{ query: { none: { absent: true } } }", true),
        ("{ query: { none: { absent: false } } }", false),
        ("{ query: { none: { pattern: '^' } } }", false),
        ("{ query: { page: { pattern: \"[0-9]\", one-of: [2, 3] } } }", true),
        ("{ query: { page: { pattern: \"[a-z]\", one-of: [2, 3] } } }", false),
        ("{ query: { page: 2 }, header: { x-mode: off } }", false),
        ("{ query: { page: 2 }, header: { x-mode: on } }", true),
    ] {
        assert_eq!(holds(when, &call), expected, "{when}");
    }
}

#[test]
fn conditions_with_a_schema_are_decided_by_it() {
    let json = &["Content-Type: application/json", "X-Level: 7", "Cookie: n=1.5"];
    let body = r#"{"email":"ada@example.com","role":"owner","n":7,"list":[1,2]}"#;
    let call = invite("acme", "?page=2&word=two", json, body);
    for (when, expected) in [
        ("{ path: { org: { schema: { minLength: 4, maxLength: 4 } } } }", true),
        ("{ path: { org: { schema: { type: integer } } } }", false),
        ("{ query: { page: { schema: { type: integer, minimum: 2 } } } }", true),
        ("{ query: { page: { schema: { type: integer, exclusiveMinimum: 2 } } } }", false),
        ("{ query: { page: { schema: { type: string } } } }", true),
        ("{ query: { word: { schema: { type: integer } } } }", false),
        ("{ query: { none: { schema: { not: { type: integer } } } } }", false),
        ("{ header: { x-level: { schema: { enum: [7, 8] } } } }", true),
        ("{ cookie: { n: { schema: { type: number, maximum: 1.5 } } } }", true),
        ("{ body: { /email: { schema: { type: string, maxLength: 20 } } } }", true),
        ("{ body: { email: { schema: { type: string, maxLength: 14 } } } }", false),
        ("{ body: { n: { schema: { type: string } } } }", false),
        ("{ body: { list: { schema: { type: array, items: { type: integer }, minItems: 2 } } } }", true),
        ("{ body: { /list/1: { schema: { const: 2 } } } }", true),
        ("{ body: { role: { schema: { $ref: '#/components/schemas/OrganizationRole' } } } }", true),
        ("{ body: { email: { schema: { $ref: '#/components/schemas/OrganizationRole' } } } }", false),
        ("{ body: { n: { schema: { minimum: 5 }, one-of: [6, 7] } } }", true),
        ("{ body: { n: { schema: { minimum: 8 }, one-of: [6, 7] } } }", false),
    ] {
        assert_eq!(holds(when, &call), expected, "{when}");
    }
}

#[test]
fn a_condition_that_a_schema_does_not_decide_does_not_hold() {
    // A match that finds no end in time: the expression goes back for ever.
    let when = r"{ body: { email: { schema: { pattern: '^((a|a)+)+\1b$' } } } }";
    let text = format!("scenario: s\non:\n  invite_to_organization:\n    - when: {when}\n      reply: 409\n");
    let body = format!(r#"{{"email":"{}c"}}"#, "a".repeat(90));
    let call = invite("acme", "", &["Content-Type: application/json"], &body);
    let scenario = usable(&text);
    assert_eq!(only_rule(&scenario).when.verdict(&call), Verdict::NotDecided);
    assert!(!only_rule(&scenario).when.holds(&call));
}

#[test]
fn conditions_on_a_body_compare_values() {
    let json = &["Content-Type: application/json"];
    let body = r#"{"email":"ada@example.com","n":1,"t":"1","no":null,"yes":true,"a/b":{"c~d":[0,{"e":2.5}]}}"#;
    let call = invite("acme", "", json, body);
    for (when, expected) in [
        ("{ email: ada@example.com }", true),
        ("{ email: ADA@example.com }", false),
        ("{ /email: ada@example.com }", true),
        ("{ n: 1 }", true),
        ("{ n: 1.0 }", true),
        ("{ n: \"1\" }", false),
        ("{ t: 1 }", false),
        ("{ t: '1' }", true),
        ("{ no: null }", true),
        ("{ no: { absent: true } }", false),
        ("{ none: null }", false),
        ("{ none: { absent: true } }", true),
        ("{ yes: true }", true),
        ("{ yes: yes }", false),
        ("{ a/b: { absent: false } }", true),
        ("{ /a~1b/c~0d/1/e: 2.5 }", true),
        ("{ /a~1b/c~0d/2/e: { absent: true } }", true),
        ("{ email: { pattern: '@example[.]com$' } }", true),
        ("{ n: { pattern: '1' } }", false),
        ("{ n: { one-of: [0, 1] } }", true),
    ] {
        assert_eq!(holds(&format!("{{ body: {when} }}"), &call), expected, "{when}");
    }
    for (fields, body) in
        [(&json[..], ""), (json, "{"), (&["Content-Type: text/plain"], r#"{"email":"ada@example.com"}"#)]
    {
        let call = invite("acme", "", fields, body);
        assert!(!holds("{ body: { email: ada@example.com } }", &call), "{body}");
        assert!(holds("{ body: { email: { absent: true } } }", &call), "{body}");
    }
    let text = call_text(b"\xff");
    assert!(holds("{ header: { x-odd: { absent: false } } }", &text), "a field that is no text is there all the same");
    assert!(!holds("{ header: { x-odd: { absent: true } } }", &text));
}

fn call_text(value: &[u8]) -> Call<'static> {
    let target = Target::parse("/api/v1/org/acme/invitations").unwrap();
    let route = bundled().route(&Method::POST, target.path(), target.query()).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-odd", HeaderValue::from_bytes(value).unwrap());
    Call::new(bundled(), route, Request { method: Method::POST, target, headers, body: Body::Empty })
}

#[test]
fn values_are_read_by_their_place() {
    let scenario = usable(
        r#"
scenario: places
seed: 7
on:
  invite_to_organization:
    - id: first
      when: { path: { org: acme } }
      valid: true
      chance: 12.5%
      count: operation
      calls:
        1-2: ok
        3: 429
        5+:
          status: 409
          headers:
            X-Number: 2
            X-Decimal: 1.50
            X-Word: on
            X-Quoted: "007"
            Set-Cookie: [a=1, b=2]
            X-Gone: null
          delay: { median: 300ms, p99: 2s }
          merge: { detail: "on", errors: null }
  POST /api/v1/invitations/{invitation_id}/respond:
    - reply: ok
    "#,
    );
    assert_eq!((scenario.seed, scenario.strict), (Some(7), true));
    let rule = only_rule(&scenario);
    assert_eq!((&*rule.id, rule.line, rule.valid), ("first", 6, Some(true)));
    assert_eq!(rule.chance.unwrap().to_string(), "12.5%");
    let Then::Calls(calls) = &rule.then else { panic!("calls") };
    assert_eq!(calls.count(), standin::scenario::Count::Operation);
    let statuses: Vec<Option<u16>> = (1..=6).map(|number| calls.at(number).and_then(|reply| reply.status)).collect();
    assert_eq!(statuses, [None, None, Some(429), None, Some(409), Some(409)]);
    assert_eq!(calls.at(u64::MAX).unwrap().line, 14);
    let reply = calls.at(5).unwrap();
    let fields: Vec<String> = reply
        .headers
        .iter()
        .map(|(name, values)| {
            format!("{name}={}", values.iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("|"))
        })
        .collect();
    assert_eq!(fields, ["x-number=2", "x-decimal=1.50", "x-word=on", "x-quoted=007", "set-cookie=a=1|b=2", "x-gone="]);
    assert!(reply.headers[5].1.is_empty(), "null removes");
    assert_eq!(reply.merge, Some(json!({ "detail": "on", "errors": null })));
    assert!(matches!(reply.delay, Some(Delay::LogNormal { .. })));
    let respond: Vec<&Rule> = scenario.rules("respond_to_invitation").collect();
    assert_eq!(&*respond[0].id, "respond_to_invitation#1", "an operation has one name, however it is written");
    assert!(matches!(&respond[0].then, Then::Reply(reply) if reply.is_ok()));
}

#[test]
fn a_list_of_calls_ends_with_what_sticks() {
    let scenario = usable("scenario: s\non:\n  \"*\":\n    - calls: [ok, 429, ok, 502]\n");
    let Then::Calls(calls) = &only_rule(&scenario).then else { panic!("calls") };
    let statuses: Vec<Option<u16>> = (0..=6).map(|number| calls.at(number).and_then(|reply| reply.status)).collect();
    assert_eq!(statuses, [None, None, Some(429), None, Some(502), Some(502), Some(502)]);
}

#[test]
fn own_rules_stand_before_those_for_every_operation() {
    let scenario = usable(
        "scenario: s\non:\n  \"*\": [{ id: any, reply: 502 }]\n  get_org: [{ id: own, chance: 1%, reply: 403 }]\n",
    );
    let ids = |operation| scenario.rules(operation).map(|rule| rule.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids("get_org"), ["own", "any"]);
    assert_eq!(ids("list_members"), ["any"]);
}

const SMALL: &str = r#"
openapi: 3.1.0
info: { title: Small, version: "1" }
servers: [{ url: "https://example.com/v1" }]
paths:
  /pets:
    get:
      operationId: list
      responses:
        "200":
          description: All
          content:
            application/json:
              schema: { type: object, required: [n], properties: { n: { type: integer }, s: { type: string } } }
              examples:
                few: { value: { n: 2 } }
                lying: { value: { s: 5 } }
            text/plain: { schema: { type: string, minLength: 2 } }
        4XX: { description: Refused, content: { application/problem+json: { schema: { type: object } } } }
        "503": { description: Gone }
        "500": { description: Sheet, content: { application/vnd.ms-excel: {} } }
    post:
      responses:
        default: { description: Any }
"#;

fn small_findings(rules: &str) -> String {
    let contract = small(SMALL);
    let (_, findings) = read(&format!("scenario: s\non:\n  list:\n{rules}"), &contract);
    findings.iter().map(|finding| format!("{} {}: {}\n", finding.severity, finding.rule.id, finding.sentence)).collect()
}

#[test]
fn operations_are_found_with_their_base_path_too() {
    let contract = small(SMALL);
    for key in ["list", "GET /pets", "GET /v1/pets"] {
        let (scenario, findings) = read(&format!("scenario: s\non:\n  {key}: [{{ reply: 404 }}]\n"), &contract);
        assert_eq!(&*scenario.unwrap_or_else(|| panic!("{}", told(&findings))).operations[0].0, "list");
    }
    let (scenario, _) = read("scenario: s\non:\n  POST /pets: [{ reply: 418 }]\n", &contract);
    assert!(scenario.is_some(), "`default` covers every status");
}

#[test]
fn content_is_checked_as_far_as_it_is_understood() {
    assert_eq!(small_findings("    - reply: { body: { n: 1 } }\n"), "");
    assert_eq!(small_findings("    - reply: { body: ok }\n"), "", "a text of the second media type");
    assert_eq!(
        small_findings("    - reply: { headers: { Content-Type: text/plain }, body: { n: 1 } }\n"),
        "error scenario-body: `body` is no text, and 200 of `list` is\n"
    );
    assert_eq!(
        small_findings("    - reply: { headers: { Content-Type: application/json }, body: ok }\n"),
        "error scenario-body: the schema for 200 of `list` forbids this content: not an object\n"
    );
    assert_eq!(
        small_findings("    - reply: { status: 503, body: { a: 1 } }\n"),
        "note scenario-body: `body` is not checked: the document describes no content for 503 of `list`\n"
    );
    assert_eq!(
        small_findings("    - reply: { status: 500, body: { a: 1 } }\n"),
        "note scenario-body: `body` is not checked for 500 of `list`: `application/vnd.ms-excel` is not understood\n"
    );
    assert_eq!(
        small_findings("    - reply: { status: 500, merge: { a: 1 } }\n"),
        "error scenario-body: `merge` changes members, and 500 of `list` is `application/vnd.ms-excel`\n"
    );
    assert_eq!(small_findings("    - reply: { status: 404, merge: { a: 1 } }\n"), "", "4XX covers 404");
    assert_eq!(
        small_findings("    - reply: { example: few }\n    - reply: { example: phew }\n"),
        "warning scenario-unreachable: this rule is never reached: the one on line 4 decides every call\n\
         error scenario-example: no example `phew` for 200 of `list`\n"
    );
}

#[test]
fn a_merge_is_tried_on_the_example_or_on_a_sample() {
    assert_eq!(small_findings("    - reply: { example: few, merge: { s: x } }\n"), "");
    assert_eq!(
        small_findings("    - reply: { example: few, merge: { n: x } }\n"),
        "error scenario-body: the schema for 200 of `list` forbids `/n`: not an integer\n"
    );
    assert_eq!(
        small_findings("    - reply: { example: few, merge: { n: } }\n"),
        "error scenario-body: the schema for 200 of `list` asks for `/n`, which is missing\n"
    );
    assert_eq!(
        small_findings("    - reply: { example: lying, merge: { t: 1 } }\n"),
        "",
        "an example that its own schema forbids is not the scenario's fault"
    );
    let scenario = usable("scenario: s\non:\n  get_org:\n    - reply: { status: 404, merge: { detail: 5 } }\n");
    let asked = std::cell::RefCell::new(Vec::new());
    let findings = scenario.check_merged(bundled(), &|operation, status| {
        asked.borrow_mut().push((operation.to_owned(), status));
        Some(json!({ "code": 404, "detail": "Not found", "type": "not_found_error" }))
    });
    assert_eq!(asked.into_inner(), [("get_org".to_owned(), Some(404))]);
    assert_eq!(
        told(&findings).lines().next(),
        Some("story.yaml:4:46: error[scenario-body]: the schema for 404 of `get_org` forbids `/detail`: not a string")
    );
    assert!(scenario.check_merged(bundled(), &|_, _| None::<Value>).is_empty(), "without a sample nothing is known");
}

#[test]
fn delay_and_failures_on_every_operation_are_a_scenario() {
    let chance = |text| Chance::parse(text).unwrap();
    let status = Fail::Status;
    let faults = ["reset", "empty", "hang", "truncate:40%"].map(|fault| Fail::Fault(Fault::parse(fault).unwrap()));
    let mut fail = vec![(status(502), chance("10%")), (status(504), chance("1%"))];
    fail.extend(faults.map(|fault| (fault, chance("5%"))));
    let delay = Delay::parse("200ms..2s").unwrap();
    let (scenario, yaml, findings) = Scenario::everywhere("everywhere", Some(delay), &fail, bundled());
    assert!(findings.is_empty(), "{}", told(&findings));
    insta::assert_snapshot!("everywhere", format!("{yaml}---\n{}", timeline(&scenario.unwrap(), bundled())));
    let (scenario, yaml, _) = Scenario::everywhere("everywhere", None, &[(status(502), chance("100%"))], bundled());
    assert!(scenario.is_some() && !yaml.contains("delay"), "{yaml}");
    let (scenario, _, findings) = Scenario::everywhere("everywhere", None, &[(status(418), chance("1%"))], bundled());
    assert!(scenario.is_some(), "an undocumented failure is a warning: it may come from a proxy");
    assert_eq!(findings[0].severity, Severity::Warning);
    let (scenario, ..) = Scenario::everywhere("everywhere", None, &[(status(99), chance("1%"))], bundled());
    assert!(scenario.is_none());
}

#[test]
fn a_timeline_has_words_for_everything() {
    let scenario = usable(
        r#"
scenario: all-words
summary: >
  Everything that a timeline
  has words for.
seed: 9
strict: false
state: start
on:
  invite_to_organization:
    - when:
        path: { org: acme }
        header: { x-a: { absent: true } }
        cookie: { c: { absent: false } }
        query: { q: { one-of: [1, 2] } }
        body: { email: { pattern: '@example[.]com$' }, /n: 1 }
      valid: false
      between: 1m..90s
      chance: 5%
      reply: { status: 422, delay: 200ms..2s, headers: { X-A: [1, 2], Retry-After: null } }
    - count: operation
      chance: 50%
      calls: [ok, { delay: { median: 300ms, p99: 2s } }, 429]
    - reply: { status: 200, force: true, body: { code: 1 } }
  get_org:
    - rate: { limit: 3, per: 10s, by: header.x-key }
    - when: { path: { org: acme } }
      rate: { limit: 1, per: 90s, burst: 5 }
      reply: { delay: 1s, merge: { detail: Slower } }
    - state: [start, done]
      calls: { 2: { merge: { name: null, description: New }, go: done } }
  "*":
    - chance: 1%
      reply: 500
    - rate: { limit: 100, per: 1h, kind: window }
    - calls: { 1-3: 504 }
"#,
    );
    insta::assert_snapshot!(timeline(&scenario, bundled()));
}

#[test]
fn nothing_makes_the_reader_panic() {
    // Every file here with a byte range taken out, or doubled: whatever comes of it, it comes.
    for path in files("fixtures/scenario").into_iter().chain(files("scenarios")) {
        let text = fs::read_to_string(&path).unwrap();
        let marks: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).collect();
        for pair in marks.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            for broken in [format!("{}{}", &text[..start], &text[end..]), format!("{}{}", &text[..end], &text[start..])]
            {
                let (scenario, findings) = read(&broken, bundled());
                if let Some(scenario) = scenario {
                    assert!(timeline(&scenario, bundled()).ends_with('\n'));
                }
                assert!(findings.iter().all(|finding| finding.place.is_some()));
            }
        }
    }
}

/// The fenced blocks of a page: what follows the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(kind) if !open => blocks.push((kind, String::new())),
            Some(_) => {}
            None if open => blocks.last_mut().unwrap().1.push_str(&format!("{line}\n")),
            None => continue,
        }
        open = !line.starts_with("```") || !open;
    }
    blocks
}

#[test]
fn the_reference_page_tells_the_truth() {
    let page = fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    let blocks = blocks(&page);
    let mut examples = 0;
    for (index, (kind, text)) in blocks.iter().enumerate() {
        let (scenario, findings) = match *kind {
            "yaml" | "yaml error" => read(text, bundled()),
            _ => continue,
        };
        examples += 1;
        if *kind == "yaml" {
            assert!(findings.is_empty(), "{text}\n{}", told(&findings));
            assert!(scenario.is_some());
        } else {
            let (said, message) = &blocks[index + 1];
            assert_eq!((*said, message.as_str()), ("text", told(&findings).as_str()), "the message below:\n{text}");
        }
    }
    assert!(examples >= 15, "{examples} examples");
}

#[test]
fn a_long_file_takes_as_long_as_it_is() {
    let calls = "429,".repeat(100_000);
    let merges = "{merge: {n: 1}},".repeat(3_000);
    let rules = "    - { chance: 1%, reply: 502 }\n".repeat(10_000);
    #[allow(clippy::disallowed_methods, reason = "a test may look at the clock")]
    let start = std::time::Instant::now();
    let text = format!("scenario: s\non:\n  get_org:\n{rules}    - calls: [{calls} {merges} ok]\n");
    let (scenario, findings) = read(&text, bundled());
    let scenario = scenario.unwrap_or_else(|| panic!("{}", told(&findings)));
    assert_eq!(scenario.rules("get_org").count(), 10_001);
    // Quadratic work would take minutes.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    let (scenario, findings) = read(&"# too long\n".repeat(100_000), bundled());
    assert!(scenario.is_none());
    assert_eq!(findings[0].rule.id, "limits");
}

#[test]
fn there_is_an_end_to_what_steps_keep_and_name() {
    let kept = |names: usize| {
        let saves: Vec<String> = (0..names).map(|number| format!("a{number}: /id")).collect();
        let step = format!("  - {{ call: get_org, then: {{ save: {{ {} }} }} }}\n", saves.join(", "));
        // A name that is used again takes no more room.
        read(&format!("scenario: s\nsteps:\n{step}{step}"), bundled())
    };
    assert!(kept(100).0.is_some());
    let (scenario, findings) = kept(101);
    assert!(scenario.is_none() && findings[0].sentence == "the steps keep more than 100 values", "{}", told(&findings));
    let named = |names: usize| {
        let query: Vec<String> = (0..names).map(|number| format!("q{number}: x")).collect();
        let text =
            format!("scenario: s\nsteps:\n  - call: get_org\n    with: {{ query: {{ {} }} }}\n", query.join(", "));
        read(&text, bundled())
    };
    assert!(named(1000).0.is_some());
    let (scenario, findings) = named(1001);
    let sentence = "a step that names more than 1000 parameters";
    assert!(scenario.is_none() && findings[0].sentence == sentence, "{}", told(&findings));
}

/// The schema for editors, as a validator that knows nothing of the reader.
fn editor() -> jsonschema::Validator {
    let schema = standin::scenario::editor_schema();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn the_schema_for_editors_is_the_file_that_the_shipped_scenarios_name() {
    let path = root().join("scenarios/schema.json");
    let schema = format!("{:#}\n", standin::scenario::editor_schema());
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, schema, "write it anew: standin lint --schema scenario > scenarios/schema.json");
    for path in files("scenarios") {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# yaml-language-server: $schema=schema.json\n"), "{}", path.display());
    }
}

/// What is wrong with these shows only to the reader: numbers of calls that overlap, two names of one operation, what stands beside a
/// fault that sends nothing, the calls of all steps together.
const BEYOND: [&str; 5] = ["overlap", "same-operation", "steps-many", "twice", "unseen"];

#[test]
fn the_schema_for_editors_agrees_with_the_reader() {
    let editor = editor();
    let mut wrong = Vec::new();
    let (mut good, mut bad) = (0, 0);
    let beside = Files::new(root().join("fixtures/scenario"));
    let pages = fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    let examples = blocks(&pages).into_iter().filter(|(kind, _)| kind.starts_with("yaml"));
    let named =
        |text: &str| text.strip_prefix("scenario: ").and_then(|rest| rest.lines().next()).unwrap_or("?").to_owned();
    let examples = examples.map(|(_, text)| (named(&text), text));
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    for (name, text) in files("fixtures/scenario").into_iter().chain(files("scenarios")).map(read).chain(examples) {
        let source = Source::new(format!("{name}.yaml"), text.as_str());
        let Some(document) = standin::document::Document::read(source.clone()).document else { continue };
        let (scenario, findings) = Scenario::read_with(&source, &beside, bundled());
        let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
        let structural =
            errors().all(|finding| ["scenario-key", "scenario-calls", "scenario-value"].contains(&finding.rule.id));
        let valid = editor.is_valid(document.root());
        if scenario.is_some() {
            good += 1;
            if let Err(error) = editor.validate(document.root()) {
                wrong.push(format!("{name}: {} {error}", error.instance_path()));
            }
        } else if structural {
            bad += 1;
            if valid != BEYOND.contains(&&*name) {
                wrong.push(format!("{name}: told by the reader, and not by the schema (or the other way round)"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(good >= 20 && bad >= 5, "{good} good, {bad} bad");
}
