//! Where documents come from: files and folders, standard input, addresses; several at once.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;

use crate::program::Folder;
use crate::serving::Serving;

/// A document with one operation, whose answer is in another file.
fn document(reference: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: Pets, version: '1' }}\npaths:\n  /pets:\n    get:\n      operationId: list_pets\n      \
         responses: {{ '200': {{ description: All, content: {{ application/json: {{ schema: {{ $ref: '{reference}' }} }} }} }} }}\n"
    )
}

/// A server on loopback that answers with files, and remembers what it was asked for.
struct Files {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Files {
    /// A target and its answer: a status line with fields, and content behind an empty line.
    fn serving(files: &[(&str, String)]) -> Files {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let files: Vec<(String, String)> =
            files.iter().map(|(target, text)| ((*target).to_owned(), text.clone())).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let target =
                    lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)).unwrap_or_default();
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let found = files.iter().find(|(known, _)| *known == target);
                let answer = found.map_or("404 Not Found\n\nnone", |(_, answer)| answer);
                let (head, content) = answer.split_once("\n\n").unwrap();
                let head = head.replace("PORT", &port.to_string()).replace('\n', "\r\n");
                told.lock().unwrap().push(target);
                let length = content.len();
                let _ =
                    write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{content}");
            }
        });
        Files { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

fn ok(text: impl AsRef<str>) -> String {
    format!("200 OK\n\n{}", text.as_ref())
}

#[test]
fn a_document_at_an_address_with_what_lies_beside_it() {
    let files = Files::serving(&[
        ("/api/openapi.yaml?v=1", ok(document("schemas/pets.yaml#/all"))),
        ("/api/schemas/pets.yaml", ok("all: { type: array, items: { $ref: /shared.yaml }, maxItems: 1, minItems: 1 }")),
        ("/shared.yaml", ok("{ const: rex }")),
    ]);
    let address = format!("http://127.0.0.1:{}/api/openapi.yaml?v=1", files.port);
    let served = Serving::start_in(Folder::new(), &["mock", &address]);
    let answer = served.ask("GET", "/pets", "", "");
    assert_eq!((answer.status, answer.body), (200, b"[\"rex\"]".to_vec()));
    assert_eq!(files.asked(), ["/api/openapi.yaml?v=1", "/api/schemas/pets.yaml", "/shared.yaml"]);
    let (_, said) = served.stop();
    assert!(said.contains(&format!("   {address}   OpenAPI 3.1.0, 1 operation\n")), "{said}");
}

#[test]
fn a_document_that_was_moved_is_where_it_was_moved_to() {
    let files = Files::serving(&[
        ("/latest", "302 Found\nLocation: v3/openapi.yaml\n\n".to_owned()),
        ("/v3/openapi.yaml", ok(document("pets.yaml"))),
        ("/v3/pets.yaml", ok("{ const: rex }")),
        ("/elsewhere", "301 Moved\nLocation: http://localhost:PORT/v3/openapi.yaml\n\n".to_owned()),
        ("/round", "307 Round\nLocation: /round\n\n".to_owned()),
    ]);
    let lint =
        |path: &str, flags: &str| Folder::new().run(&format!("lint http://127.0.0.1:{}{path} {flags}", files.port));
    let ran = lint("/latest", "");
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    // Another name is another origin.
    let ran = lint("/elsewhere", "");
    assert_eq!(ran.exit, 4, "{}", ran.err);
    assert!(ran.err.contains("/v3/openapi.yaml`, which `--fetch` allows to follow\n"), "{}", ran.err);
    assert_eq!(lint("/elsewhere", "--fetch").exit, 0);
    let ran = lint("/round", "");
    assert!(ran.exit == 4 && ran.err.contains("it was moved more than 5 times"), "{}", ran.err);
}

#[test]
fn references_to_other_servers_are_fetched_when_that_is_allowed() {
    let files =
        Files::serving(&[("/pets.yaml", ok("{ type: array, items: { $ref: one.yaml } }")), ("/one.yaml", ok("{}"))]);
    let text = document(&format!("http://127.0.0.1:{}/pets.yaml", files.port));
    let folder = Folder::new().with("openapi.yaml", text);
    let ran = folder.run("lint openapi.yaml");
    assert_eq!((ran.exit, files.asked()), (1, Vec::new()));
    let told = ran.all().replace(&files.port.to_string(), "PORT");
    let told: Vec<&str> = told.lines().filter(|line| !line.contains(" | ")).collect();
    assert_snapshot!(told.join("\n"), @r"
    openapi.yaml:7:94: error[dangling-ref]: `http://127.0.0.1:PORT/pets.yaml` leads nowhere: `http://127.0.0.1:PORT/pets.yaml` is on a network, and is not fetched
    help: `--fetch` lets references be fetched; or keep a copy beside the document; until then what depends on it is not decided
    --- stderr
    standin 0.1.0   openapi.yaml   OpenAPI 3.1.0, 1 operation
    1 error    exit 1: findings
    --- exit 1
    ");
    let ran = folder.run("lint openapi.yaml --fetch");
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert_eq!(files.asked(), ["/one.yaml", "/pets.yaml"]);
}

#[test]
fn what_cannot_be_fetched_says_why() {
    let files = Files::serving(&[("/latin.yaml", ok("a: 1"))]);
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ran = Folder::new().run(&format!("lint http://127.0.0.1:{}/gone.yaml", files.port));
    assert_snapshot!(ran.all().replace(&files.port.to_string(), "PORT"), @r"
    --- stderr
    error: `http://127.0.0.1:PORT/gone.yaml` cannot be fetched: the answer was 404 Not Found
    help: check the address; or save the document to a file, and give that
    --- exit 4
    ");
    let ran = Folder::new().run(&format!("mock http://127.0.0.1:{refused}/openapi.yaml"));
    assert!(ran.exit == 4 && ran.err.contains("refused the connection"), "{}", ran.err);
    let ran = Folder::new().run("mock http://");
    assert!(ran.exit == 4 && ran.err.contains("cannot be fetched"), "{}", ran.err);
    let ran = Folder::new().run(&format!("lint http://127.0.0.1:{}/latin.yaml", files.port));
    assert!(ran.exit == 3 && ran.out.contains("has no `openapi` member"), "{}{}", ran.out, ran.err);
    // A thousand references to a server that is gone cost one attempt.
    let lost: String =
        (0..1000).map(|n| format!("  /p{n}: {{ $ref: 'http://127.0.0.1:{refused}/{n}.yaml' }}\n")).collect();
    let folder =
        Folder::new().with("a.yaml", format!("openapi: 3.1.0\ninfo: {{ title: A, version: '1' }}\npaths:\n{lost}"));
    let ran = folder.run("lint a.yaml --fetch");
    assert_eq!(ran.out.matches("did not answer before").count(), 999);
}

#[test]
fn standard_input_refers_to_what_lies_here() {
    let folder = Folder::new().with("pets.yaml", "{ const: rex }").with("inner/none", "");
    let ran = folder.run_with_input("lint -", &document("pets.yaml"));
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    let ran = folder.run_with_input("lint -", &document("cats.yaml"));
    assert!(ran.out.starts_with("stdin:7:94: error[dangling-ref]: `cats.yaml` leads nowhere"), "{}", ran.out);
    let ran = folder.run_with_input("lint - /two=-", "");
    assert!(ran.exit == 2 && ran.err.contains("standard input can be read once"), "{}", ran.err);
}

#[test]
fn references_leave_the_folder_of_the_document_when_that_is_allowed() {
    let folder = Folder::new().with("api/v1/openapi.yaml", document("../../common/pets.yaml"));
    let folder = folder.with("common/pets.yaml", "{ const: rex }").with("other/none", "");
    let ran = folder.run("lint api/v1/openapi.yaml");
    assert_eq!(ran.exit, 1);
    assert!(
        ran.out.contains("lies outside of the document's folder") && ran.out.contains("help: `--root DIR`"),
        "{}",
        ran.out
    );
    assert_eq!(folder.run("lint api/v1/openapi.yaml --root api").exit, 1);
    let ran = folder.run("lint api/v1/openapi.yaml --root .");
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    for wrong in ["other", "nowhere"] {
        let ran = folder.run(&format!("lint api/v1/openapi.yaml --root {wrong}"));
        assert!(ran.exit == 2 && ran.err.contains("error: --root: "), "{}", ran.err);
    }
}

#[test]
fn a_broken_member_file_is_named_and_everything_else_is_served() {
    let folder = Folder::new().with(
        "openapi.yaml",
        format!(
            "{}  /fine: {{ get: {{ responses: {{ '204': {{ description: Fine }} }} }} }}\n",
            document("schemas/pets.yaml")
        ),
    );
    let folder = folder.with("schemas/pets.yaml", "type: object\n  required: [name]\n");
    let ran = folder.run("lint openapi.yaml");
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("schemas/pets.yaml:2:3: error[syntax]: "), "{}", ran.out);
    let served = Serving::start_in(folder, &["mock", "openapi.yaml"]);
    assert_eq!(served.ask("GET", "/fine", "", "").status, 204);
    assert_eq!(served.ask("GET", "/pets", "", "").status, 200);
    served.until("schemas/pets.yaml:2:3: error[syntax]: ");
}

#[test]
fn several_documents_are_named_and_served_together() {
    let pets = document("#/components/schemas/Pets")
        .replace("info:", "components: { schemas: { Pets: { const: [] } } }\ninfo:");
    let orders = pets.replace("/pets", "/orders").replace("Pets, v", "Orders, v");
    let folder = Folder::new().with("pets.yaml", &pets).with("orders.yaml", &orders).with("twin.yaml", &pets);
    let story = "scenario: none\nstrict: false\non: { orders#list_pets: [{ reply: 404 }] }\n";
    let folder = folder.with("none.yaml", story).with("either.yaml", story.replace("orders#", ""));
    let ran = folder.run("lint pets.yaml /twin=twin.yaml orders.yaml");
    assert_eq!(ran.exit, 0, "{}", ran.out);
    assert_snapshot!(ran.err, @r"
    standin 0.1.0   pets.yaml, /twin=twin.yaml, orders.yaml   OpenAPI 3.1.0, 3 operations
    no findings
    ");
    let ran = folder.run("lint pets.yaml twin.yaml");
    assert_snapshot!(ran.all(), @r"
    twin.yaml:5:3: warning[ambiguous-path]: `/pets` answers to the same requests as `/pets` at pets.yaml:5:3
     5 |   /pets:
       |   ^^^^^
    help: the first one, `pets#list_pets`, is served; give them different paths, or place one of two documents elsewhere: `/mount=FILE`
    --- stderr
    standin 0.1.0   pets.yaml, twin.yaml   OpenAPI 3.1.0, 2 operations
    1 warning
    --- exit 0
    ");
    let ran = folder.run("lint pets.yaml nowhere.yaml");
    assert!(ran.exit == 3 && ran.err.contains("no such file: `nowhere.yaml`"), "{}", ran.err);
    // A scenario names the document where several have an operation of that name.
    let ran = folder.run("explain ./none.yaml pets.yaml orders.yaml");
    assert!(ran.exit == 0 && ran.out.contains("orders#list_pets"), "{}", ran.all());
    let ran = folder.run("explain ./either.yaml pets.yaml orders.yaml");
    assert!(ran.exit == 3, "{}", ran.all());
    assert!(
        ran.err.contains("several documents have one: write `pets#list_pets` or `orders#list_pets`"),
        "{}",
        ran.err
    );
    // One that cannot be used takes down no other.
    let folder = folder.with("broken.yaml", "openapi: [\n");
    let ran = folder.run("lint pets.yaml broken.yaml");
    assert!(ran.exit == 1 && ran.out.contains("broken.yaml:"), "{}", ran.all());
    let served = Serving::start_in(folder, &["mock", "pets.yaml", "/twin=twin.yaml", "broken.yaml"]);
    assert_eq!(served.ask("GET", "/pets", "", "").status, 200);
    assert_eq!(served.ask("GET", "/twin/pets", "", "").status, 200);
    let list = served.ask("GET", "/_standin/document", "", "");
    let list: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list["documents"][1]["path"], "/twin");
    let text = served.ask("GET", list["documents"][1]["document"].as_str().unwrap(), "", "");
    assert_eq!(String::from_utf8(text.body).unwrap(), pets);
    let page = served.ask("GET", "/", "Accept: text/html\r\n", "");
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("from 2 OpenAPI documents with 2 operations") && page.contains("GET /twin/pets"), "{page}");
    let (_, said) = served.stop();
    assert!(said.contains("never called  none") && said.contains("twin#list_pets #1"), "{said}");
}
