//! What is served, replaced ten thousand times under load; and how soon an edit of a file is served.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::mock::{Mock, Options, State};
use standin::server::{Service, Settings, SystemClock, bind, serve};
use tokio::sync::oneshot;

use super::process::Server;
use super::{ask, connect, request};

const SWAPS: usize = 10_000;
const CLIENTS: usize = 16;
/// So many answers are waited for between two swaps: all of them are under load.
const BETWEEN: u64 = 10;
const EDITS: usize = 50;

/// The words that name the versions: each answer has that of its own wherever the versions differ, and never the other one.
const WORDS: [&str; 2] = ["one", "two-and-longer"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn contract(path: &Path) -> Arc<Contract> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap();
    let documents = Documents::load(name, &Files::beside(path)).documents.unwrap();
    Arc::new(Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap())
}

fn mock(contract: &Arc<Contract>) -> Mock {
    Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new()).0
}

/// The version that all of an answer is of; `None`: not all of it is of one.
fn version(field: Option<&str>, text: &str) -> Option<usize> {
    let mut of = (0..2).filter(|index| field == Some(WORDS[*index]) || text.contains(WORDS[*index]));
    let index = of.next().filter(|index| field == Some(WORDS[*index]) && text.contains(WORDS[*index]))?;
    of.next().is_none().then_some(index)
}

/// Ten thousand swaps through the library while clients call.
pub(crate) async fn swaps() -> bool {
    let contracts = ["one", "two"].map(|name| contract(&root().join(format!("fixtures/reload/{name}.yaml"))));
    let first = Arc::new(mock(&contracts[0]));
    let state = Arc::new(State::new(&first));
    let service = Service::new(first, state, Settings::quiet(&contracts[0], &[7; 32]));
    let listeners = bind("127.0.0.1", 0).unwrap();
    let port = listeners[0].local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = service.clone();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let until = async { drop(stopped.await) };
        runtime.block_on(serve(listeners, served, SystemClock::new(), until)).unwrap()
    });

    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (ended, count) = (over.clone(), answered.clone());
    let (swapping, both) = (service.clone(), contracts.clone());
    let began = Instant::now();
    let swapper = std::thread::spawn(move || {
        let mut took = Duration::ZERO;
        for turn in 1..=SWAPS {
            let begun = Instant::now();
            swapping.swap(mock(&both[turn % 2]));
            took += begun.elapsed();
            let due = count.load(Relaxed) + BETWEEN;
            while count.load(Relaxed) < due {
                std::thread::sleep(Duration::from_micros(20));
            }
        }
        ended.store(true, Relaxed);
        took
    });
    let seen = Rc::new([const { Cell::new(0_u64) }; 2]);
    let wrong = Rc::new(RefCell::new(Vec::new()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (over, answered, seen, wrong) = (over.clone(), answered.clone(), seen.clone(), wrong.clone());
            tokio::task::spawn_local(async move {
                let mut sender = connect(port).await;
                let mut turn = client;
                while !over.load(Relaxed) {
                    turn += 1;
                    let (method, path, status) =
                        [("GET", "/shown", 200), ("GET", "/made", 200), ("POST", "/checked", 422)][turn % 3];
                    let mut request = request(method, path, Some(["a", "b"][client % 2]), "{}");
                    if turn % 13 == 0 {
                        // Begun with one version, and answered when others have come.
                        request.headers_mut().insert("prefer", "delay=2ms".parse().unwrap());
                    }
                    sender.ready().await.unwrap();
                    let response = sender.send_request(request).await.unwrap();
                    let (parts, body) = response.into_parts();
                    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
                    let field = parts.headers.get("x-version").and_then(|value| value.to_str().ok());
                    match version(field, &text) {
                        Some(index) if parts.status == status => seen[index].set(seen[index].get() + 1),
                        _ => wrong.borrow_mut().push(format!("{path}: {} {field:?} {text}", parts.status)),
                    }
                    answered.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let took = swapper.join().unwrap();
    let counted = service.counts().calls;
    stop.send(()).unwrap();
    let left = server.join().unwrap();
    let (answers, wrong) = (answered.load(Relaxed), wrong.borrow());
    let holds =
        wrong.is_empty() && left.unanswered == 0 && counted == answers && seen.iter().all(|seen| seen.get() > 0);
    println!(
        "{SWAPS} swaps under load in {:.1} s, {:.0} µs each: {answers} answers ({} of one version, {} of the other), {} of two or failed: {}",
        began.elapsed().as_secs_f64(),
        took.as_secs_f64() * 1e6 / SWAPS as f64,
        seen[0].get(),
        seen[1].get(),
        wrong.len(),
        if holds { "holds" } else { "does not hold" }
    );
    if let Some(first) = wrong.first() {
        println!("  the first of them: {first}");
    }
    holds
}

/// How long it takes from the save of a file until what is in it is served: of the bundled document, or of those that are named.
pub(crate) async fn edits(files: &[String]) {
    let bundled = root().join("fixtures/invitation/openapi.yaml");
    let files = if files.is_empty() { vec![bundled] } else { files.iter().map(PathBuf::from).collect() };
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let folder = std::env::temp_dir().join(format!("standin-hold-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let copy = folder.join(file.file_name().unwrap());
        let (before, after) = text.split_at(text.find("\npaths:\n").expect("a block `paths:`") + "\npaths:\n".len());
        let edited = |edit: usize| {
            format!(
                "{before}  /edit-{edit}:\n    get: {{ responses: {{ '204': {{ description: It is there. }} }} }}\n{after}"
            )
        };
        fs::write(&copy, edited(0)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(["mock", "-p", "0", "--log", "off"]).arg(&copy);
        let server = Server::start("standin mock", command);
        let mut sender = connect(server.port).await;
        while ask(&mut sender, "GET", "/_standin/ready?compiled=true", None, "", "").await != 200 {
            tokio::task::yield_now().await;
        }
        let mut took = Vec::new();
        for edit in 1..=EDITS {
            let path = format!("/edit-{edit}");
            fs::write(&copy, edited(edit)).unwrap();
            let saved = Instant::now();
            while ask(&mut sender, "GET", &path, None, "", "").await != 204 {
                assert!(saved.elapsed() < Duration::from_secs(60), "edit {edit} is not served");
            }
            took.push(saved.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_unstable_by(f64::total_cmp);
        println!(
            "{}, {} KB: {EDITS} edits, from the save to the first answer {:.0} ms in the middle, {:.0} ms at most",
            file.file_name().unwrap().to_string_lossy(),
            text.len() / 1_000,
            took[EDITS / 2],
            took[EDITS - 1]
        );
        drop(server);
        fs::remove_dir_all(folder).unwrap();
    }
}
