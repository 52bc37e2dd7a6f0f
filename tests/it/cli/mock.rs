//! `standin mock`: how it starts, what it says, how it ends.

use insta::assert_snapshot;

use crate::program::Folder;
use crate::serving::Serving;

const PETS: &str = "\
openapi: 3.1.0
info: { title: Pets, version: '1' }
servers: [{ url: /v1 }]
paths:
  /pets/{id}:
    get:
      operationId: get_pet
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer }, example: 7 }
      responses:
        '200':
          description: A pet
          content: { application/json: { example: { id: 7, name: Rex } } }
        '404': { description: No such pet }
  /owners:
    get:
      operationId: list_owners
      responses: { '204': { description: None } }
";

const TOKEN: &str = "Authorization: Bearer x\r\n";
const JSON: &str = "Authorization: Bearer x\r\nContent-Type: application/json\r\n";
const INVITATION: &str = r#"{"email":"ada@example.com","role":"reader"}"#;

fn start(folder: Folder, line: &str) -> Serving {
    let args: Vec<&str> = std::iter::once("mock").chain(line.split_whitespace()).collect();
    Serving::start_in(folder, &args)
}

fn get(serving: &Serving, target: &str) -> u16 {
    serving.ask("GET", target, TOKEN, "").status
}

/// What differs from run to run, made alike.
fn settled(text: &str, served: &str) -> String {
    let port = served.rsplit(':').next().unwrap_or_default();
    let text = text.replace(port, "PORT");
    let lines = text.lines().filter(|line| !line.contains("only this container")).map(|line| {
        // A line of the log: when, and how long it took.
        if line.len() > 10 && line.as_bytes()[2] == b':' && line.as_bytes()[5] == b':' {
            let took = |part: &str| part.starts_with(|c: char| c.is_ascii_digit()) && part.ends_with('s');
            let parts: Vec<&str> = line[8..].split("  ").map(|part| if took(part) { "1 ms" } else { part }).collect();
            return format!("TIME{}\n", parts.join("  "));
        }
        match line.split_once(" calls in ") {
            Some((count, _)) => format!("{count} calls in 1.0 s\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

#[test]
fn it_says_where_it_listens_and_what_to_try_and_stops_with_a_summary() {
    let folder = Folder::new().with("pets.yaml", PETS);
    let served = start(folder, "pets.yaml --now 2026-11-22T12:04:10Z");
    let url = served.url.clone();
    assert!(url.starts_with("http://localhost:"), "{url}");
    assert_eq!(get(&served, "/v1/pets/7"), 200);
    assert_eq!(get(&served, "/v1/pets/x"), 422);
    let (exit, said) = served.stop();
    assert_eq!(exit, 0);
    assert!(said.ends_with('\n'), "a shell's prompt does not stand behind the summary");
    assert_snapshot!(settled(&said, &url));
}

#[test]
fn without_arguments_it_serves_the_bundled_document() {
    let folder = Folder::new().with("openapi.yaml", PETS);
    let served = start(folder, "");
    assert_eq!(get(&served, "/api/v1/invitations/me"), 200);
    assert_eq!(served.ask("GET", "/api/v1/invitations/me", "", "").status, 401);
    assert_eq!(served.ask("POST", "/api/v1/org/acme/invitations", JSON, INVITATION).status, 200);
    let (exit, said) = served.stop();
    assert_eq!(exit, 0);
    let first = said.lines().next().unwrap_or_default();
    assert!(first.contains("bundled invitation API (no DOCUMENT given)"), "{first}");
    assert!(said.contains("standin mock openapi.yaml      (./openapi.yaml is here)"), "{}", said);
    let shipped = format!("{} shipped: standin explain", standin::scenario::shipped().len());
    assert!(said.contains(&shipped), "{}", said);
}

#[test]
fn a_scenario_is_told_at_the_start_and_decides() {
    let served = start(Folder::new(), "--scenario throttled-then-recovers");
    let invite = || served.ask("POST", "/api/v1/org/acme/invitations", JSON, INVITATION).status;
    let statuses: Vec<u16> = (0..4).map(|_| invite()).collect();
    assert_eq!(statuses, [200, 200, 429, 200]);
    let (_, said) = served.stop();
    assert!(said.contains("  scenario    throttled-then-recovers   The third invitation"), "{}", said);
    // The fourth call came at once, and the third was asked to wait.
    assert!(said.contains("\n  coverage      operations 1/12 · statuses 2/"), "{}", said);
    assert!(said.contains("\n  verdicts      0 kept, 1 broken, 0 not decided\n    broken      default  honours-retry-after  invite_to_organization #3 at "), "{}", said);
    assert!(said.contains(": 429, Retry-After 2  #4 at ") && said.ends_with(" s too early\n"), "{}", said);
}

#[test]
fn delays_and_failures_are_a_scenario_whose_yaml_is_shown() {
    let folder = Folder::new().with("pets.yaml", PETS);
    let served = start(folder, "pets.yaml --delay 1ms --fail 100%=404");
    assert_eq!(get(&served, "/v1/pets/7"), 404);
    let (_, said) = served.stop();
    assert!(said.contains("  |     - { chance: 100%, reply: { status: 404, delay: 1ms } }"), "{}", said);
}

#[test]
fn findings_come_at_the_start_with_the_way_to_the_rest() {
    let broken = (0..30).fold(PETS.to_owned(), |text, n| {
        text + &format!("  /gone/{n}:\n    get: {{ responses: {{ '200': {{ $ref: '#/none/{n}' }} }} }}\n")
    });
    let folder = Folder::new().with("pets.yaml", broken);
    let served = start(folder, "pets.yaml");
    served.until("more: standin lint pets.yaml");
    let (_, said) = served.stop();
    assert!(said.contains("more: standin lint pets.yaml"), "{}", said);
    assert_eq!(said.matches(" error[dangling-ref]: ").count(), 20, "{}", said);
}

#[test]
fn a_port_in_use_is_named_with_the_way_out() {
    let first = start(Folder::new(), "");
    let port = first.port().to_string();
    let ran = Folder::new().run(&format!("mock -p {port}"));
    assert_snapshot!(ran.all().replace(&port, "4010"), @r"
    --- stderr
    error: port 4010 is in use
    help: another program listens on 127.0.0.1:4010: stop it, or use a free port with `-p 0`
    --- exit 4
    ");
}

#[test]
fn yaml_indentation_is_told_before_anything_is_served() {
    let text = PETS.replace("      operationId: get_pet", "       operationId: get_pet");
    let folder = Folder::new().with("pets.yaml", text);
    assert_snapshot!(folder.run("mock -p 0 pets.yaml").all());
}

#[test]
fn an_unknown_operation_in_a_scenario_names_the_nearest() {
    let story = "scenario: late\non:\n  get_pets:\n    - reply: 404\n";
    let folder = Folder::new().with("pets.yaml", PETS).with("scenarios/late.yaml", story);
    assert_snapshot!(folder.run("mock -p 0 pets.yaml --scenario late").all());
    // One that nobody asked for is told, and everything else is served.
    let served = start(folder, "pets.yaml");
    assert_eq!(get(&served, "/v1/pets/7"), 200);
    served.until("scenarios/late.yaml:3:3: error[");
    let (_, said) = served.stop();
    assert!(said.contains("scenarios/late.yaml:3:3: error["), "{}", said);
}

#[test]
fn quiet_says_the_address_and_nothing_else() {
    let served = start(Folder::new(), "-q");
    assert_eq!(get(&served, "/nothing"), 404);
    let (exit, said) = served.stop();
    assert_eq!((exit, said.as_str()), (0, ""));
}

#[test]
fn the_log_as_json_is_json_alone() {
    let served = start(Folder::new(), "--log json --format json");
    let address: serde_json::Value = serde_json::from_str(&served.url).expect("JSON");
    assert!(address["url"].as_str().is_some_and(|url| url.starts_with("http://localhost:")));
    let (_, said) = served.stop();
    assert!(said.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{}", said);
}

#[test]
fn a_recording_has_every_exchange_and_no_secret() {
    let folder = Folder::new();
    let served = start(Folder::new(), &format!("--record {}/traffic.ndjson", folder.path().display()));
    assert_eq!(served.ask("GET", "/api/v1/invitations/me", "Authorization: Bearer sesame\r\n", "").status, 200);
    let (exit, said) = served.stop();
    assert_eq!(exit, 0, "{}", said);
    let recorded = folder.read("traffic.ndjson");
    assert!(recorded.contains("/api/v1/invitations/me") && !recorded.contains("sesame"), "{recorded}");
}

#[test]
fn a_start_script_for_prism_works_unchanged() {
    let folder = Folder::new().with("pets.yaml", PETS);
    let flags = "-d --cors false -m --errors --errors true -v debug --ignoreExamples --seed pets pets.yaml";
    let served = start(folder, flags);
    assert_eq!(get(&served, "/v1/pets/7"), 200);
    let answer = served.ask("GET", "/pets/7", "Origin: http://localhost:3000\r\n", "");
    assert!(!answer.head.to_ascii_lowercase().contains("access-control"), "{}", answer.head);
    let log = served.folder.read("log");
    assert_eq!(log.matches("note: `--errors` means nothing here").count(), 1, "{log}");
    assert_eq!(log.matches("note: `--multiprocess` means nothing here").count(), 1, "{log}");
    served.stop();
}

#[test]
fn what_is_wrong_with_flags_is_usage() {
    for line in ["a.yaml a.yaml", "/a= b.yaml", "/_standin/a=b.yaml", "--delay soon", "--fail 10", "--report json=x"] {
        let ran = Folder::new().run(&format!("mock {line}"));
        assert_eq!(ran.exit, 2, "{line}: {}", ran.err);
        assert!(ran.err.contains("help: "), "{line}: {}", ran.err);
    }
    for line in ["--scenario nobody", "--scenarios nowhere", "nowhere.yaml"] {
        assert_eq!(Folder::new().run(&format!("mock {line}")).exit, 3, "{line}");
    }
    assert_eq!(Folder::new().run("mock --record nowhere/traffic.ndjson -p 0").exit, 4);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_recording_and_not_the_serving() {
    let served = start(Folder::new(), "--record /dev/full");
    assert_eq!(get(&served, "/api/v1/invitations/me"), 200);
    served.until("recording to `/dev/full` stopped");
    assert_eq!(get(&served, "/api/v1/invitations/me"), 200);
    let (exit, said) = served.stop();
    assert_eq!(exit, 4);
    assert!(said.contains("recording to `/dev/full` stopped") && said.contains("serving goes on"), "{}", said);
}
