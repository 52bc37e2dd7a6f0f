//! What the command gets, what becomes of its code, what is written where.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{exec, exec_in, last};
use crate::clients::{runs, there};
use crate::program::{Folder, Ran};
use crate::serving::Serving;

#[test]
fn standard_output_is_the_commands_and_so_is_standard_input() {
    let ran = exec("", "printf 'one\\ntwo'");
    assert_eq!((ran.exit, ran.out.as_str()), (0, "one\ntwo"), "{}", ran.err);
    assert!(ran.err.starts_with("standin "), "{}", ran.err);
    assert!(ran.err.lines().next().is_some_and(|line| line.contains("bundled invitation API")), "{}", ran.err);

    let folder = Folder::new();
    let mut command = folder.command(["exec", "-q", "--", "cat"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let mut input = child.stdin.take().expect("a pipe");
    let written = bytes.clone();
    let writing = std::thread::spawn(move || input.write_all(&written).expect("the command reads"));
    let output = child.wait_with_output().expect("it ends");
    writing.join().expect("all was read");
    assert!(output.stdout == bytes && output.status.success(), "bytes were changed on their way");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "-q says nothing where nothing is wrong");
}

#[test]
fn codes_are_the_commands() {
    for (script, code, said) in [
        ("exit 0", 0, "exit 0: the command ended 0, "),
        ("exit 3", 3, "exit 3: the command ended 3"),
        ("exit 255", 255, "exit 255: the command ended 255"),
        ("kill -TERM $$", 143, "exit 143: the command was killed by SIGTERM"),
        ("kill -KILL $$", 137, "exit 137: the command was killed by SIGKILL"),
    ] {
        let ran = exec("", script);
        assert_eq!(ran.exit, code, "{script}: {}", ran.err);
        assert!(last(&ran).starts_with(said), "{script}: {}", ran.err);
    }
}

#[test]
fn what_cannot_be_run_has_the_codes_of_shells_and_a_remedy() {
    let folder =
        Folder::new().with("plain", "echo hi\n").with("lost", "#!/no/such/interpreter\n").with("bare", "echo\n");
    for name in ["lost", "bare"] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let run = |line: &str| folder.run(line);
    for (line, code, said) in [
        ("exec -- no-such-command", 127, "error: no such command: `no-such-command`\nhelp: is it installed"),
        ("exec -- ./nothing", 127, "error: no such command: `./nothing`\nhelp: there is no such file"),
        ("exec -- ./lost", 127, "error: `./lost` cannot be run: its interpreter is not there\nhelp: "),
        ("exec -- ./plain", 126, "error: `./plain` cannot be run: permission denied\nhelp: chmod +x ./plain"),
        (
            "exec -- ./bare",
            126,
            "names none that runs it\nhelp: a script says on its first line what runs it, as in `#!/bin/sh`",
        ),
        ("exec -- ./bare", 126, "; else: sh ./bare\n"),
        ("exec -- .", 126, "error: `.` is a folder, and no command"),
        (
            "exec npm test",
            2,
            "error: which command is to be run? It stands behind `--`\nhelp: standin exec -- npm test",
        ),
        ("exec plain", 2, "help: standin exec plain -- npm test"),
        ("exec pytest -x", 2, "error: `-x` is no flag of `standin exec`\nhelp: standin exec -- pytest -x\n"),
        ("exec -d plain npm test --silent", 2, "help: standin exec -d plain -- npm test --silent\n"),
        ("exec plain --sede 7", 2, "'--seed'"),
        ("exec --format json -- true", 2, "help: --report json=FILE"),
        ("exec - -- true", 2, "error: `-` is standard input, which is the command's"),
        ("exec nothing.yaml -- true", 3, "error: "),
        ("exec --report json=no/folder -- echo ran", 4, "error: the report `no/folder` cannot be written: "),
        ("exec --env A={url -- true", 2, "`{url` has no `}`: write `{url}`"),
        ("exec --env 1A -- true", 2, "the name of a variable is meant (letters, digits and `_`, no digit first)"),
        ("exec --env STANDIN_URL=y -- true", 2, "name another variable, or leave it out"),
        ("exec --env A={ulr} -- true", 2, "did you mean `{url}`?"),
        ("run -- true", 2, "help: did you mean `standin exec`?"),
    ] {
        let ran = run(line);
        assert_eq!((ran.exit, ran.out.as_str()), (code, ""), "{line}: {}", ran.err);
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
    }
}

#[test]
fn the_command_is_told_where_the_mock_is() {
    let ran = exec(
        "--env VITE_API_URL --env API={url}/api/v1 --env AT={host}|{port}",
        "env | grep -E '^(STANDIN_URL|VITE_API_URL|API|AT)=' | sort",
    );
    let told: Vec<&str> = ran.out.lines().collect();
    let [api, at, standin, vite] = told.as_slice() else { panic!("{}", ran.all()) };
    let url = standin.strip_prefix("STANDIN_URL=").expect("the first");
    let port = url.strip_prefix("http://localhost:").expect("both loopback addresses");
    assert!(port.parse::<u16>().is_ok_and(|port| port > 0), "{url}");
    assert_eq!(*api, format!("API={url}/api/v1"));
    assert_eq!(*at, format!("AT=localhost|{port}"));
    assert_eq!(*vite, format!("VITE_API_URL={url}"));
    assert!(ran.err.contains(&format!("listening   {url}   in STANDIN_URL, VITE_API_URL, API, AT\n")), "{}", ran.err);

    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    assert_eq!(exec(&format!("-p {free}"), "echo $STANDIN_URL").out, format!("http://localhost:{free}\n"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let ran = exec(&format!("-p {port}"), "echo ran");
    assert_eq!((ran.exit, ran.out.as_str()), (4, ""), "{}", ran.err);
    assert!(ran.err.contains(&format!("port {port} is in use")), "{}", ran.err);
}

const ASK: &str = "ask() { curl -s --noproxy '*' -o /dev/null -w '%{http_code}\\n' \"$STANDIN_URL$@\"; };";

fn asking(script: &str) -> String {
    format!("{ASK} {script}")
}

#[test]
fn calls_are_answered_from_the_first_moment_and_what_met_no_operation_fails_the_run() {
    if !there("curl", runs("curl")) {
        return;
    }
    let token = "-H 'Authorization: Bearer x'";
    let ran = exec("", &asking(&format!("ask /api/v1/invitations/me {token}")));
    assert_eq!((ran.exit, ran.out.as_str()), (0, "200\n"), "{}", ran.err);
    assert!(ran.err.contains("    1 session, 1 call, seed 0\n"), "{}", ran.err);

    // Both addresses that `localhost` may mean.
    let both = "port=${STANDIN_URL##*:}; for host in 127.0.0.1 '[::1]'; do STANDIN_URL=http://$host:$port; ask /api/v1/invitations/me; done";
    assert_eq!(exec("--no-auth", &asking(both)).out, "200\n200\n");

    let missed = "ask /api/v1/org/acme/member -H 'Standin-Session: t17'; ask /api/v1/org/acme/member -H 'Standin-Session: t31'; ask /nowhere -X PUT";
    let ran = exec("", &asking(missed));
    assert_eq!((ran.exit, ran.out.as_str()), (1, "404\n404\n404\n"), "{}", ran.err);
    let rows: Vec<&str> = ran.err.lines().skip_while(|line| !line.contains("unmatched")).collect();
    assert_eq!(
        rows[0],
        "  unmatched   3   2 × GET /api/v1/org/acme/member   nearest: GET /api/v1/org/{org}/members (`member`, not `members`)    t17 t31"
    );
    assert!(rows[1].starts_with("                  1 × PUT /nowhere"), "{}", ran.err);
    assert_eq!(last(&ran), "exit 1: 3 unmatched");

    // What is refused is a good test, and a warning.
    let ran = exec("", &asking("ask /api/v1/invitations/me"));
    assert_eq!((ran.exit, ran.out.as_str()), (0, "401\n"), "{}", ran.err);
    assert!(ran.err.contains("  refused     1   401 list_my_pending_invitations, credentials"), "{}", ran.err);

    // The command's own code goes before it, and both are told.
    let ran = exec("-q", &asking("ask /nowhere; exit 9"));
    assert_eq!((ran.exit, last(&ran)), (9, "exit 9: the command ended 9, 1 unmatched"), "{}", ran.err);
}

#[test]
fn the_log_is_off_unless_it_is_asked_for() {
    if !there("curl", runs("curl")) {
        return;
    }
    let call = asking("ask /api/v1/invitations/me -H 'Authorization: Bearer x'");
    for (flags, logged) in [("", 0), ("-v", 1), ("--log pretty", 1), ("-v --log off", 0)] {
        let ran = exec(flags, &call);
        let lines = ran.err.lines().filter(|line| line.contains("GET /api/v1/invitations/me  ")).count();
        assert_eq!(lines, logged, "{flags}: {}", ran.err);
    }
    let ran = exec("--log json", &call);
    let json = ran.err.lines().filter(|line| line.starts_with('{')).count();
    assert_eq!(json, 1, "{}", ran.err);
}

#[test]
fn the_printed_line_does_the_same_again() {
    if !there("curl", runs("curl")) {
        return;
    }
    let folder = Folder::new();
    let get = "curl -s --noproxy '*' -w '\\n%{http_code}\\n' \"$STANDIN_URL/api/v1/invitations/me\" -H 'Authorization: Bearer x'";
    let script = format!("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do\n{get}\ndone");
    let first = exec_in(&folder, "--fail 40%=502 --dynamic --seed random", &script);
    let again = first.err.lines().find_map(|line| line.strip_prefix("  again       ")).expect("the line");
    assert!(again.contains("--seed ") && again.contains("--now "), "{again}");
    let program = format!("standin() {{ '{}' \"$@\"; }}; {again}", env!("CARGO_BIN_EXE_standin"));
    let second = Command::new("bash").args(["-c", &program]).current_dir(folder.path()).output().expect("bash runs");
    let second = Ran::of(second);
    assert!(first.out.contains("502") && first.out.contains("\n200\n"), "{}", first.out);
    assert_eq!(first.out, second.out, "{again}");
    let line = |ran: &Ran| ran.err.lines().find(|line| line.starts_with("  again")).map(str::to_owned);
    assert_eq!(line(&first), line(&second));
}

#[test]
fn the_end_of_the_command_is_the_end_whatever_it_leaves_behind() {
    let ran = exec("", "sleep 40 >/dev/null 2>&1 & echo done");
    assert_eq!((ran.exit, ran.out.as_str()), (0, "done\n"), "{}", ran.err);
    let took = ran.err.split(" ended 0 after ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    assert!(took.is_some_and(|seconds| seconds < 30.0), "it waited for what was left behind: {}", ran.err);
}

#[test]
fn what_is_in_flight_at_the_end_is_answered_and_counted() {
    if !there("curl", runs("curl")) {
        return;
    }
    let folder = Folder::new();
    let script = "curl -s --noproxy '*' -o late -w '%{http_code}' $STANDIN_URL/api/v1/invitations/me >status 2>/dev/null & sleep 0.4";
    let ran = exec_in(&folder, "--no-auth --delay 900ms", script);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(ran.err.contains("1 call, "), "{}", ran.err);
    for _ in 0..200 {
        if !folder.read("status").is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(folder.read("status"), "200");
}

#[test]
fn a_run_without_a_call_is_told_as_such() {
    let ran = exec("", "true");
    assert_eq!(ran.exit, 0);
    assert!(
        ran.err.contains("  note        no call came: does the command use the address in STANDIN_URL?\n"),
        "{}",
        ran.err
    );
}

const TEAPOT: &str = "openapi: 3.1.0
info: { title: T, version: '1' }
paths:
  /pot:
    get:
      operationId: get_pot
      responses:
        '200': { description: Tea., content: { application/json: { schema: { type: object } } } }
        default: { description: No tea., content: { application/json: { schema: { type: object } } } }
";

#[test]
fn what_could_not_be_made_covers_nothing_and_is_told_at_the_end_of_a_mock_too() {
    if !there("curl", runs("curl")) {
        return;
    }
    let story = "scenario: cold\non: { get_pot: [ { calls: { 2+: { template: '{{ saved.x }}' } } } ] }\nexpect: { get_pot: { meets: [500] } }\n";
    let folder = Folder::new().with("pot.yaml", TEAPOT).with("cold.yaml", story);
    let flags = "pot.yaml --scenario cold.yaml --report json=run.json --fail-under examples=1%,operations=100%";
    let ran = exec_in(&folder, flags, &asking("ask /pot; ask /pot; ask /pot; ask /favicon.ico"));
    assert_eq!((ran.exit, ran.out.as_str()), (1, "200\n500\n500\n404\n"), "{}", ran.err);
    assert_eq!(last(&ran), "exit 1: 2 answers could not be made, 1 verdict broken");
    assert!(ran.err.contains("  not made    2   cold:2 get_pot   a template failed: cold.yaml:2:"), "{}", ran.err);
    assert!(ran.err.contains("  coverage    operations 1/1  statuses 1/2"), "{}", ran.err);
    let note = "  note        `--fail-under examples=1%` asks for nothing: the document has no examples\n";
    assert!(ran.err.contains(note), "{}", ran.err);
    assert!(!ran.err.contains("asks for nothing: the document has no operations"), "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&folder.read("run.json")).expect("JSON");
    assert_eq!((&report["unmade"]["total"], &report["icons"]), (&2.into(), &1.into()));
    assert_eq!((&report["unmade"]["kinds"][0]["line"], &report["calls"]), (&2.into(), &3.into()));

    let serving = Serving::start_in(folder, &["mock", "pot.yaml", "--scenario", "cold.yaml", "--log", "off"]);
    let codes = [(); 2].map(|()| serving.ask("GET", "/pot", "", "").head);
    assert!(codes[0].starts_with("HTTP/1.1 200") && codes[1].starts_with("HTTP/1.1 500"), "{codes:?}");
    let (_, told) = serving.stop();
    assert!(
        told.contains(
            "  not made      1 answer could not be made\n    1 ×         cold:2 get_pot  a template failed: "
        ),
        "{told}"
    );
}
