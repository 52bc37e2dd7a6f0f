//! `standin lint`.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Folder, Ran};

const DANGLING: &str = "\
openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    get:
      operationId: list_pets
      responses:
        '200': { description: All }
        '404': { $ref: '#/components/responses/Gone' }
components:
  responses:
    Missing: { description: Not there }
";

#[test]
fn the_bundled_document_is_clean() {
    let ran = Folder::new().run("lint");
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""));
    let first = ran.err.lines().next().unwrap_or_default();
    assert!(first.contains("bundled invitation API (no DOCUMENT given)   OpenAPI 3.1"), "{first}");
    assert!(ran.err.ends_with("no findings\n"), "{}", ran.err);
}

#[test]
fn a_finding_has_its_place_its_line_and_its_remedy() {
    let folder = Folder::new().with("pets.yaml", DANGLING);
    assert_snapshot!(folder.run("lint pets.yaml").all());
}

const SWAGGER: &str = "\
swagger: '2.0'
info: { title: Pets, version: '1' }
consumes: [application/json]
produces: [application/json, json]
security: [{ token: [] }]
securityDefinitions: { tokens: { type: oauth2 } }
paths:
  /pets:
    post:
      operationId: add_pet
      parameters:
        - { name: name, in: formData, type: string }
        - { name: tags, in: query, type: array, collectionFormat: comma, items: { type: string } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: kind, in: form, type: string }
        - { $ref: '#/parameters/limit' }
      responses:
        '200':
          description: All
          schema: { type: string, nullable: true }
          examples: { text/csv: a, first: { value: a } }
        '404': { $ref: '#/responses/gone' }
    put:
      operationId: put_pet
      parameters:
        - { name: one, in: body, schema: { type: integer } }
        - { name: two, in: body, schema: { type: integer } }
        - { name: three, in: formData, type: file }
      responses: { '204': { description: Fine } }
";

#[test]
fn what_swagger_2_does_not_have_is_told_at_its_place() {
    let folder = Folder::new().with("pets.yaml", SWAGGER);
    assert_snapshot!(folder.run("lint pets.yaml").all());
}

#[test]
fn what_openapi_3_2_does_not_allow_is_told_at_its_place() {
    let document = |name: &str| std::fs::read_to_string(format!("fixtures/mock/{name}.yaml")).unwrap();
    let folder = Folder::new().with("methods.yaml", document("methods")).with("queries.yaml", document("queries"));
    assert_snapshot!(folder.run("lint methods.yaml").all() + &folder.run("lint queries.yaml").all());
}

/// Every document under `fixtures/lint`, and every one that the cases of the mock are served from: what is told of it, in both forms.
#[test]
fn every_document_of_the_cases_is_linted_as_its_snapshot_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["fixtures/lint", "fixtures/mock"]
        .iter()
        .flat_map(|folder| root.join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.retain(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().any(|line| line.starts_with("openapi:") || line.starts_with("swagger:"))
    });
    files.sort();
    assert!(files.len() > 20);
    let mut clean = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let run = |line: &str| {
            let mut command = Folder::new().command(line.split_whitespace());
            Ran::of(command.current_dir(root).output().unwrap())
        };
        let text = run(&format!("lint -q {name}"));
        let json: Value = serde_json::from_str(&run(&format!("lint -q --format json {name}")).out).expect("JSON");
        let found = json["findings"].as_array().unwrap();
        if found.is_empty() {
            assert_eq!((text.exit, text.out.as_str()), (0, ""), "{name}");
            clean.push(name);
            continue;
        }
        // Both forms tell the same, at the same places.
        let first = |one: &Value| {
            let [file, severity, rule, sentence] =
                ["file", "severity", "rule", "sentence"].map(|member| one[member].as_str().unwrap_or_default());
            format!("{file}:{}:{}: {severity}[{rule}]: {sentence}", one["line"], one["column"])
        };
        let told: Vec<&str> =
            text.out.lines().filter(|line| line.contains(": ") && line.starts_with("fixtures/")).collect();
        assert_eq!(told, found.iter().map(first).collect::<Vec<_>>(), "{name}");
        assert_eq!(text.exit, i32::from(json["summary"]["errors"] != 0), "{name}");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root.join("fixtures/lint/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let short = name.trim_start_matches("fixtures/").trim_end_matches(".yaml").replace('/', "-");
        settings.bind(|| insta::assert_snapshot!(short, text.out));
    }
    assert_snapshot!(clean.join("\n"), @r"
    fixtures/mock/formats.yaml
    fixtures/mock/forms.yaml
    fixtures/mock/media.yaml
    fixtures/mock/multipart.yaml
    fixtures/mock/own-media.yaml
    fixtures/mock/pages.yaml
    fixtures/mock/parts.yaml
    fixtures/mock/routing.yaml
    fixtures/mock/scheme-references.yaml
    fixtures/mock/sequences.yaml
    fixtures/mock/servers.yaml
    fixtures/mock/status-names.yaml
    fixtures/mock/style-table.yaml
    fixtures/mock/templates.yaml
    fixtures/mock/trailing-slash.yaml
    fixtures/mock/xml.yaml
    ");
}

#[test]
fn what_operations_share_is_told_where_it_stands() {
    let text = r##"openapi: 3.0.3
info: { title: A, version: "1" }
paths:
  /a: { get: { responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Code" } } } } } } }
  /b: { get: { responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Code" } } } } } } }
components:
  schemas:
    Code:
      type: integer
      enum: [zero, one]
"##;
    let ran = Folder::new().with("pets.yaml", text).run("lint pets.yaml --format json");
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let found = told["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "schema-unsatisfiable");
    let places: Vec<_> = found.map(|finding| (&finding["operation"], &finding["line"])).collect();
    assert_eq!(format!("{places:?}"), "[(String(\"GET /a\"), Number(9)), (String(\"GET /b\"), Number(9))]");
}

#[test]
fn a_version_that_is_not_known_yet_is_read_as_the_newest_that_is() {
    let text = DANGLING.replace("openapi: 3.1.0", "openapi: 4.0.0");
    let ran = Folder::new().with("pets.yaml", text).run("lint pets.yaml");
    assert!(ran.out.contains("warning[document-version]: OpenAPI `4.0.0` is read as 3.2"), "{}", ran.out);
}

#[test]
fn yaml_indentation_is_named_with_the_line_to_mend() {
    let text = DANGLING.replace("      operationId", "       operationId");
    let folder = Folder::new().with("pets.yaml", text);
    assert_snapshot!(folder.run("lint pets.yaml").all());
}

#[test]
fn a_format_can_be_switched_off() {
    let text = DANGLING.replace(
        "{ $ref: '#/components/responses/Gone' }",
        "{ description: No, content: { application/json: { schema: { type: object, properties: { at: { type: string, format: date }, by: { type: string, format: email } } }, example: { at: today, by: me } } } }",
    );
    let folder = Folder::new().with("pets.yaml", text);
    let told = |line: &str| folder.run(line).out.lines().next().unwrap_or_default().to_owned();
    assert!(told("lint -q pets.yaml").ends_with("`/at` not a date, and 1 more"), "{}", told("lint -q pets.yaml"));
    assert!(told("lint -q pets.yaml --ignore-format date").ends_with("`/by` not an e-mail address"));
    for line in ["lint -q pets.yaml --ignore-format date,email", "lint -q pets.yaml --ignore-format all"] {
        assert_eq!(told(line), "", "{line}");
    }
}

#[test]
fn quiet_leaves_the_findings_alone() {
    let folder = Folder::new().with("pets.yaml", DANGLING);
    let ran = folder.run("lint -q pets.yaml");
    assert_eq!((ran.exit, ran.err.as_str()), (1, ""));
    assert!(ran.out.contains("error[dangling-ref]"));
}

#[test]
fn json_on_standard_output_and_in_a_file() {
    let folder = Folder::new().with("pets.yaml", DANGLING);
    let ran = folder.run("lint pets.yaml --format json --report json=report.json");
    assert_eq!(ran.exit, 1);
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json, serde_json::from_str::<Value>(&folder.read("report.json")).expect("JSON"));
    assert_eq!((&json["document"], &json["summary"]["errors"]), (&"pets.yaml".into(), &1.into()));
    let finding = &json["findings"][0];
    assert_eq!((&finding["rule"], &finding["file"]), (&"dangling-ref".into(), &"pets.yaml".into()));
    assert_eq!(finding["line"], 9);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_of_its_own() {
    let ran = Folder::new().run("lint --report json=nowhere/report.json");
    assert_eq!(ran.exit, 4);
    assert!(ran.err.contains("the report `nowhere/report.json` cannot be written"), "{}", ran.err);
    assert_eq!(Folder::new().run("lint --report junit=report.xml").exit, 2);
}

#[test]
fn a_file_that_is_not_there_names_those_that_are() {
    let folder = Folder::new().with("openapi.yaml", DANGLING).with("swagger.json", "{}").with("notes.txt", "");
    assert_snapshot!(folder.run("lint opnapi.yaml").all(), @r"
    --- stderr
    error: no such file: `opnapi.yaml`
    help: did you mean `openapi.yaml`?
    --- exit 3
    ");
    assert_snapshot!(folder.run("lint something.yaml").all(), @r"
    --- stderr
    error: no such file: `something.yaml`
    help: in that folder: `openapi.yaml`, `swagger.json`
    --- exit 3
    ");
    assert_snapshot!(folder.run("lint specs/something.yaml").all(), @r"
    --- stderr
    error: no such file: `specs/something.yaml`
    help: there is no folder `specs`
    --- exit 3
    ");
    assert_snapshot!(folder.run("lint .").all(), @r"
    --- stderr
    error: `.` is a folder, and a document is meant
    help: in that folder: `openapi.yaml`, `swagger.json`
    --- exit 3
    ");
}

#[test]
fn standard_input_is_a_document() {
    let ran = Folder::new().run_with_input("lint -", DANGLING);
    assert_eq!(ran.exit, 1);
    assert!(ran.out.starts_with("stdin:9:"), "{}", ran.out);
}

#[test]
fn what_is_no_document_is_unusable_and_says_why() {
    let folder = Folder::new().with("list.yaml", "- 1\n- 2\n").with("early.yaml", "swagger: '1.2'\npaths: {}\n");
    for name in ["list.yaml", "early.yaml"] {
        let ran = folder.run(&format!("lint {name}"));
        assert_eq!(ran.exit, 3, "{}", ran.all());
        assert!(ran.out.contains(&format!("{name}:1:")) && ran.out.contains("error["), "{}", ran.out);
    }
    let ran = folder.with("latin.yaml", b"openapi: 3.1.0\ninfo: {title: \xe4}\n").run("lint latin.yaml");
    assert_eq!(ran.exit, 3);
    assert!(ran.err.contains("`latin.yaml` cannot be read: not UTF-8 text (line 2)"), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn findings_that_cannot_be_written_are_no_result() {
    let folder = Folder::new().with("pets.yaml", DANGLING);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = folder.command(["lint", "pets.yaml"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("standard output cannot be written"), "{said}");
}

#[test]
fn a_path_that_has_a_parameter_twice_is_told_at_its_key() {
    let path = "openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths:\n  /owners/{id}/pets/{id}/v{n}:\n";
    let operation = "    get: { responses: { '204': { description: Fine } } }\n";
    let folder = Folder::new().with("pets.yaml", path.to_owned() + operation);
    let said = folder.run("lint pets.yaml").out;
    let first = "pets.yaml:4:3: warning[path-template]: `{id}` stands twice in `/owners/{id}/pets/{id}/v{n}`";
    assert!(said.starts_with(first) && said.contains("help: give the second another name"), "{said}");
}

#[test]
fn the_schema_of_scenarios_is_the_one_that_the_shipped_ones_name() {
    let ran = Folder::new().run("lint --schema scenario");
    assert_eq!(ran.out, include_str!("../../../scenarios/schema.json"));
}

/// A file of replies for several scenarios is read for itself.
#[test]
fn a_file_of_named_replies_is_linted_as_one() {
    let replies = "replies:\n  busy: { status: 429, headers: { Retry-After: 2 } }\n  gone: { statu: 404 }\n";
    let folder = Folder::new().with("replies.yaml", replies);
    let ran = folder.run("lint -q replies.yaml");
    assert_eq!(ran.exit, 3);
    assert_snapshot!(ran.out, @r"
    replies.yaml:3:11: error[scenario-key]: a reply has no key `statu`
     3 |   gone: { statu: 404 }
       |           ^^^^^
    help: did you mean `status`?
    ");
    let folder = Folder::new().with("replies.yaml", replies.replace("statu:", "status:"));
    assert_eq!(folder.run("lint replies.yaml").exit, 0);
}

/// The steps of a scenario are taken: what does not come out is told, with what came and who decided.
#[test]
fn the_steps_of_a_scenario_are_taken() {
    let told = |then: &str| {
        let story = format!(
            "scenario: third\non:\n  get_org:\n    - calls: {{ 3: 429 }}\nsteps:\n  - {{ call: get_org, times: 2 }}\n  - {{ call: get_org, then: {then} }}\n"
        );
        Folder::new().with("third.yaml", story).run("lint third.yaml")
    };
    let good = told("429");
    assert_eq!((good.exit, good.out.as_str()), (0, ""));
    assert!(good.err.contains("third    2 steps, 3 calls: as they say\n"), "{}", good.err);
    let bad = told("200");
    assert_eq!(bad.exit, 1);
    assert!(bad.err.contains("third    2 steps, 3 calls: not as they say\n"), "{}", bad.err);
    assert_snapshot!(bad.out, @r"
    third.yaml:7:28: error[scenario-step]: step 2 (`get_org`): expected 200, and 429 came
     7 |   - { call: get_org, then: 200 }
       |                            ^^^
    help: call 3 of the operation: the rule on line 4 of `third` decided
    ");
}

/// A story about what is kept needs a mock that keeps it.
#[test]
fn steps_are_taken_with_what_calls_made() {
    let kept = include_str!("../../../fixtures/steps/kept.yaml");
    let pets = include_str!("../../../fixtures/steps/documents/pets.yaml");
    let folder = Folder::new().with("kept.yaml", kept).with("pets.yaml", pets);
    let ran = folder.run("lint --stateful kept.yaml pets.yaml");
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    let ran = folder.run("lint kept.yaml pets.yaml");
    assert_eq!(ran.exit, 1, "{}", ran.all());
}

/// What shows of a scenario only when a mock starts with it, a merge that does not fit, is told as well.
#[test]
fn what_a_merge_comes_to_is_tried() {
    let story = "scenario: wrong\non:\n  get_org:\n    - reply: { status: 404, merge: { detail: 5 } }\n";
    let ran = Folder::new().with("wrong.yaml", story).run("lint wrong.yaml");
    assert_eq!(ran.exit, 1, "{}", ran.all());
    assert!(ran.out.starts_with("wrong.yaml:4:46: error[scenario-body]"), "{}", ran.out);
}

/// What shows only when a scenario is tried keeps it from being carried out.
#[test]
fn a_scenario_whose_template_cannot_come_out_is_refused() {
    let story = "scenario: a\non:\n  list_members: [ { reply: { template: \"{{ 1/0 }}\" } } ]\n";
    let folder = Folder::new().with("a.yaml", story);
    assert_eq!(folder.run("lint a.yaml").exit, 1);
    for line in ["mock -p 0 --scenario a.yaml", "exec --scenario a.yaml -- true"] {
        let ran = folder.run(line);
        assert_eq!(ran.exit, 3, "{line}: {}", ran.all());
        assert!(ran.err.contains("a.yaml:3:44: error[scenario-template]"), "{}", ran.err);
        assert!(ran.err.contains("error: the scenario `a` cannot be used"), "{}", ran.err);
    }
}
