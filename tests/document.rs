//! Texts to trees and problems: each file in `fixtures/document` is a case; real documents are cross-checked with another reader.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use standin::document::{Document, Documents, Files, ProblemKind, Read, Refusal, Retrieve, Source, Span};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every file below a folder, in a steady order.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

fn read(name: &str, text: &str) -> (Arc<Source>, Read) {
    let source = Source::new(name, text);
    (source.clone(), Document::read(source))
}

/// What a text comes to, as text: problems with line and column, then the tree.
fn told(source: &Source, read: &Read) -> String {
    let mut told = String::new();
    for problem in &read.problems {
        let (line, column) = source.line_column(problem.span.start);
        let (name, kind, message) = (source.name(), problem.kind, &problem.message);
        let _ = writeln!(told, "{name}:{line}:{column}: {kind:?}: {message}");
        let text = source.line(line).unwrap_or("").replace('\t', "→").replace(char::is_control, "\u{fffd}");
        let width = source.slice(problem.span).lines().next().unwrap_or("").chars().count().max(1);
        let _ = writeln!(told, "  {text}\n  {}{}", " ".repeat(column - 1), "^".repeat(width));
        if let Some(help) = &problem.help {
            let _ = writeln!(told, "  help: {help}");
        }
    }
    match &read.document {
        Some(document) => {
            let _ = writeln!(told, "{}", serde_json::to_string_pretty(document.root()).unwrap_or_default());
        }
        None => told.push_str("no tree\n"),
    }
    told
}

#[test]
fn cases() {
    let folder = fixtures().join("document");
    let mut seen = 0;
    for path in files_below(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".snap") || name.ends_with(".new") {
            continue;
        }
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        let (source, read) = read(&name, &text);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name.clone(), told(&source, &read)));
        seen += 1;
    }
    assert!(seen > 40, "{seen} cases");
}

/// Everything that must hold between a tree and its places; `few` checks only some of the pointers of a large tree.
fn assert_places(document: &Document, few: bool) {
    let json = serde_json::from_str::<Value>(document.source().text().trim_start_matches('\u{feff}')).is_ok();
    let mut open = vec![document.node()];
    let mut seen = 0_usize;
    while let Some(node) = open.pop() {
        seen += 1;
        let (span, text) = (node.span(), document.source().text());
        assert!(
            span.start <= span.end && text.get(span.start..span.end).is_some(),
            "{span:?} in {}",
            document.source().name()
        );
        let at = || format!("{} {span:?} {}", document.source().name(), node.pointer());
        assert_reads(document, node.value(), document.source().slice(span), json, &at);
        if !few || seen.is_multiple_of(97) {
            let pointer = node.pointer();
            assert!(std::ptr::eq(document.at(&pointer).unwrap(), node.value()), "{pointer}");
            assert_eq!(document.span_near(&pointer), span, "{pointer}");
            assert_eq!(document.key_span(&pointer), node.key_span(), "{pointer}");
        }
        let (members, items) = (node.members().count(), node.items().count());
        match node.value() {
            Value::Object(object) => assert_eq!((members, items), (object.len(), 0), "{}", at()),
            Value::Array(array) => assert_eq!((members, items), (0, array.len()), "{}", at()),
            _ => assert_eq!((members, items), (0, 0), "{}", at()),
        }
        for (key, key_span, child) in node.members() {
            let written = document.source().slice(key_span);
            if json {
                assert_eq!(serde_json::from_str::<String>(written).unwrap(), key, "{}", at());
            } else if !written.contains('\n') && !written.starts_with(['"', '\'', '*']) {
                assert_eq!(written, key, "{}", at());
            }
            open.push(child);
        }
        open.extend(node.items());
    }
}

/// The text of a value, read alone, is that value: where it can be read alone.
fn assert_reads(document: &Document, value: &Value, written: &str, json: bool, at: &dyn Fn() -> String) {
    if json {
        // Of all but small ones the start is enough: their members are looked at in turn.
        if written.len() < 200 {
            assert_eq!(self::read("part.json", written).1.document.unwrap().root(), value, "{}", at());
        }
        return;
    }
    let tagged = document.source().text().contains('!') || document.source().text().contains(['&', '\u{80}']);
    if value.is_object() || value.is_array() || written.contains('\n') || tagged {
        return;
    }
    let (_, read) = self::read("part", &format!("x: {written}"));
    let alone = read.document.map(|document| document.root()["x"].clone());
    // A line of a block scalar may be anything.
    if alone.as_ref() != Some(value) {
        assert_eq!(value.as_str().map(str::trim), Some(written.trim()), "{}", at());
    }
}

#[test]
fn places_fit_the_trees_of_all_cases() {
    let named = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|name| ending == *name))
    };
    for path in files_below(&fixtures()).into_iter().filter(named) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let (_, read) = read(&path.to_string_lossy(), &text);
        if let Some(document) = &read.document {
            assert_places(document, false);
        }
    }
}

/// What another reader makes of a YAML text; `None` where it fails.
fn other_reader(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

/// Cases in which the other reader follows YAML 1.1 or libyaml where this one follows YAML 1.2, or what authors mean.
const READ_OTHERWISE: &[(&str, &str)] = &[
    ("merge.yaml", "merge keys are taken over here"),
    ("scalars.yaml", "`012` is a number in the core schema; tags of one's own say nothing"),
    ("keys-as-written.yaml", "keys are their text here"),
];

#[test]
fn another_reader_agrees() {
    let mut agreed = 0;
    for path in files_below(&fixtures()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if !name.ends_with(".yaml") && !name.ends_with(".yml") {
            continue;
        }
        let (_, read) = read(&name, &text);
        let (Some(document), Some(other), true) = (read.document, other_reader(&text), read.problems.is_empty()) else {
            continue;
        };
        let ours = path.parent().is_some_and(|folder| folder.ends_with("document"));
        let otherwise = ours && READ_OTHERWISE.iter().any(|(case, _)| *case == name);
        assert_eq!(*document.root() != other, otherwise, "{name}: {:#} or {other:#}", document.root());
        agreed += usize::from(!otherwise);
    }
    assert!(agreed > 3, "{agreed} texts compared");
}

/// The folder of real documents, if the environment names one.
#[expect(clippy::disallowed_methods, reason = "a test may be told where real documents lie")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("STANDIN_CORPUS").map(PathBuf::from);
    assert!(folder.is_some() || std::env::var_os("CI").is_none(), "STANDIN_CORPUS is not set");
    folder
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not run must be said")]
fn real_documents() {
    let Some(folder) = corpus() else {
        eprintln!("real_documents: not run: STANDIN_CORPUS names no folder");
        return;
    };
    let mut broken = Vec::new();
    let mut otherwise = Vec::new();
    for path in files_below(&folder) {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let (Ok(text), true) =
            (fs::read_to_string(&path), name.ends_with("json") || name.ends_with("yaml") || name.ends_with("yml"))
        else {
            continue;
        };
        let (source, read) = read(&name, &text);
        broken.extend(read.problems.iter().map(|problem| {
            let (line, column) = source.line_column(problem.span.start);
            format!("{name}:{line}:{column}: {}", problem.message)
        }));
        let Some(document) = read.document else { continue };
        assert_places(&document, text.len() > 20_000);
        let other = if name.ends_with("json") { serde_json::from_str(&text).ok() } else { other_reader(&text) };
        if other.is_some_and(|other| other != *document.root()) {
            otherwise.push(name);
        }
    }
    assert!(otherwise.is_empty(), "another reader sees something else in {otherwise:?}");
    eprintln!("real_documents: problems in the corpus:\n{}", broken.join("\n"));
    // A corpus has a few broken texts on purpose, and many whole ones.
    assert!(broken.len() < 10, "{broken:#?}");
}

/// Small and steady, for choosing what to break.
struct Draws(u64);

impl Draws {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((mixed ^ (mixed >> 27)) >> 33).unwrap() % below.max(1)
    }
}

/// One small change: a stretch removed, repeated, replaced, or something odd put in.
fn broken(text: &str, draws: &mut Draws) -> String {
    const ODD: &[&str] = &[
        "\t", "\n", " ", "  ", ":", ": ", "- ", "*", "&a ", "*a", "{", "}", "[", "]", "\"", "'", "|", ">-\n", "#", "!",
        "!!int ", "%", "@", "`", "?", "---\n", "...\n", "<<: *a\n", "\u{feff}", "\u{80}", "\u{85}", "\u{2028}", "\0",
        "\r", "\\", "\\ud800", "é", "😀", "1e999", ",", "~", "\\\n",
    ];
    let mut boundary = |text: &str| {
        let mut at = draws.next(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (a, b) = (boundary(text), boundary(text));
    let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 40));
    let end = (start..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap();
    let odd = ODD[draws.next(ODD.len())];
    let (before, part, after) = (&text[..start], &text[start..end], &text[end..]);
    match draws.next(4) {
        0 => format!("{before}{after}"),
        1 => format!("{before}{part}{part}{after}"),
        2 => format!("{before}{odd}{after}"),
        _ => format!("{before}{odd}{part}{after}"),
    }
}

#[test]
fn no_broken_text_makes_a_panic_or_a_place_outside() {
    let texts: Vec<String> = files_below(&fixtures())
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with(".snap"))
        .filter_map(|path| fs::read_to_string(path).ok())
        .filter(|text| text.len() < 4_000)
        .collect();
    let mut draws = Draws(7);
    let (mut trees, mut problems) = (0, 0);
    for round in 0..20_000 {
        let mut text = texts[round % texts.len()].clone();
        for _ in 0..=draws.next(4) {
            text = broken(&text, &mut draws);
        }
        let (source, read) = read("broken", &text);
        assert!(read.document.is_some() || !read.problems.is_empty(), "nothing said about {text:?}");
        for problem in &read.problems {
            let Span { start, end } = problem.span;
            assert!(start <= end && text.get(start..end).is_some(), "{:?} {problem:?} in {text:?}", problem.span);
            let (line, column) = source.line_column(start);
            assert!(line >= 1 && column >= 1);
        }
        if let Some(document) = &read.document {
            let mut open = vec![document.node()];
            while let Some(node) = open.pop() {
                let pointer = node.pointer();
                assert!(
                    document.at(&pointer).is_some_and(|value| std::ptr::eq(value, node.value())),
                    "{pointer} in {text:?}"
                );
                assert!(
                    text.get(node.span().start..node.span().end).is_some(),
                    "{pointer} {:?} in {text:?}",
                    node.span()
                );
                let children = node.members().count() + node.items().count();
                let expected = node
                    .value()
                    .as_object()
                    .map_or_else(|| node.value().as_array().map_or(0, Vec::len), |members| members.len());
                assert_eq!(children, expected, "{pointer} in {text:?}");
                open.extend(node.members().map(|(.., member)| member));
                open.extend(node.items());
            }
        }
        trees += usize::from(read.document.is_some());
        problems += usize::from(!read.problems.is_empty());
    }
    assert!(
        trees > 500 && problems > 500,
        "{trees} trees, {problems} with problems: the changes are too strong or too weak"
    );
}

/// Runs on a thread with the stack that worker threads have.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn nesting_is_read_to_its_limit_on_a_small_stack() {
    on_a_small_stack(|| {
        let list = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let object = |depth: usize| format!("{}1{}", "{\"a\": ".repeat(depth), "}".repeat(depth));
        let braces = |depth: usize| format!("{}1{}", "{a: ".repeat(depth), "}".repeat(depth));
        let block = |depth: usize| (0..depth).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n");
        let dashes = |depth: usize| "- ".repeat(depth) + "1";
        let texts: [&dyn Fn(usize) -> String; 5] = [&list, &object, &braces, &block, &dashes];
        for (which, text) in texts.iter().enumerate() {
            for (depth, fits) in [(249, true), (250, true), (251, false), (252, false), (300, false), (100_000, false)]
            {
                if depth > 300 && which == 3 {
                    continue; // Its indentation alone would be gigabytes.
                }
                let (_, read) = read("deep", &text(depth));
                assert_eq!(read.document.is_some(), fits, "text {which}, {depth} levels: {:?}", read.problems);
                if let Some(document) = read.document {
                    assert_places(&document, false);
                    let copy = document.root().clone();
                    assert_eq!(copy, *document.root());
                } else {
                    assert!(
                        read.problems.iter().any(|problem| problem.kind == ProblemKind::Limit),
                        "text {which}, {depth} levels: {:?}",
                        read.problems
                    );
                }
            }
        }
    });
}

#[test]
fn aliases_have_a_budget() {
    let bomb = (1..10).fold("a0: &a0 [lol]\n".to_owned(), |text, level| {
        let one = format!("*a{}", level - 1);
        text + &format!("a{level}: &a{level} [{}]\n", [one.as_str(); 9].join(", "))
    });
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), ["*a"; 20_000].join(", "));
    let merged = format!(
        "a: &a {{{}}}\nb: [{}]\n",
        (0..1000).map(|key| format!("k{key}: 1, ")).collect::<String>(),
        ["{<<: *a}"; 10_000].join(", ")
    );
    let nested = format!("{}x{}\n{}", "[&a ".repeat(200), "]".repeat(200), ["- *a"; 2].join("\n"));
    let deep = (1..=200)
        .fold("a0: &a0 [1]\n".to_owned(), |text, level| text + &format!("a{level}: &a{level} [[*a{}]]\n", level - 1));
    for (text, what) in [(bomb, "nine of nine"), (long, "long text"), (merged, "merged"), (deep, "deep")] {
        let (_, read) = read("bomb", &text);
        let limits = read.problems.iter().filter(|problem| problem.kind == ProblemKind::Limit).count();
        assert!(limits == 1 && read.document.is_none(), "{what}: {:?}", read.problems);
    }
    // It does not stop at what is merely odd.
    let (_, read) = self::read("nested", &nested);
    assert!(read.problems.iter().all(|problem| problem.kind == ProblemKind::Syntax), "{:?}", read.problems);
}

#[test]
fn a_text_with_thousands_of_problems_tells_the_first_hundred_and_counts() {
    for (name, text) in
        [("a.yaml", "a: 1\n".repeat(5_000)), ("a.json", format!("{{{}\"a\": 1}}", "\"a\": 1, ".repeat(4_999)))]
    {
        let (_, read) = read(name, &text);
        assert_eq!(read.problems.len(), 101, "{name}");
        assert_eq!(read.problems[100].message, "4899 more problems, the last of them here");
        assert_eq!(read.document.unwrap().root(), &serde_json::json!({ "a": 1 }));
    }
}

/// Files in memory: path and text.
fn in_memory(files: &[(&'static str, &'static str)]) -> impl Retrieve {
    let files: Vec<_> = files.to_vec();
    move |path: &str| match files.iter().find(|(name, _)| *name == path) {
        Some((_, text)) => Ok((*text).to_owned()),
        None if path.starts_with("..") => Err(Refusal::Outside),
        None => Err(Refusal::Failed("no such file".to_owned())),
    }
}

/// `file#pointer`, or why not.
fn resolved(documents: &Documents, from: usize, reference: &str) -> String {
    match documents.resolve(&documents.all()[from], reference) {
        Ok(location) => format!("{}#{} {}", location.document.source().name(), location.pointer, location.value()),
        Err(reason) => format!("{reason}"),
    }
}

#[test]
fn references_lead_from_file_to_file() {
    let files = in_memory(&[
        (
            "openapi.yaml",
            "a: {$ref: 'paths/{id}.yaml#/get'}\nb: {a b: 1, 50%: 2, x/y~z: 3}\nexample: {$ref: gone.yaml}\nn: {$ref: 5}\n",
        ),
        ("paths/{id}.yaml", "get: {$ref: ../schemas.json#/Pet}\nback: {$ref: '../openapi.yaml#/b'}\n"),
        ("schemas.json", "{\"Pet\": {\"$ref\": \"#/Dog\"}, \"Dog\": [1, 2]}"),
    ]);
    let loaded = Documents::load("api/openapi.yaml", &files);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let documents = loaded.documents.unwrap();
    let names: Vec<_> = documents.all().iter().map(|document| document.source().name().to_owned()).collect();
    assert_eq!(names, ["api/openapi.yaml", "api/paths/{id}.yaml", "api/schemas.json"]);
    assert!(Arc::ptr_eq(documents.root(), &documents.all()[0]));
    for (from, reference, expected) in [
        (0, "#/b/a%20b", "api/openapi.yaml#/b/a b 1"),
        (0, "#/b/a b", "api/openapi.yaml#/b/a b 1"),
        (0, "#/b/50%", "api/openapi.yaml#/b/50% 2"),
        (0, "#/b/x~1y~0z", "api/openapi.yaml#/b/x/y~z 3"),
        (0, "paths/%7Bid%7D.yaml#/back/$ref", "api/paths/{id}.yaml#/back/$ref \"../openapi.yaml#/b\""),
        (1, "../schemas.json#/Dog/1", "api/schemas.json#/Dog/1 2"),
        (1, "../openapi.yaml#/b/50%25", "api/openapi.yaml#/b/50% 2"),
        (2, "#/Dog", "api/schemas.json#/Dog [1,2]"),
        (2, "schemas.json#/Dog/0", "api/schemas.json#/Dog/0 1"),
        (0, "#/b/c/d", "`openapi.yaml#/b` has no `c`"),
        (0, "schemas.json#/Dog/2", "`schemas.json#/Dog` has no `2`"),
        (0, "gone.yaml", "the file `gone.yaml` cannot be used: no such file"),
        (0, "never-seen.yaml", "the file `never-seen.yaml` cannot be used: it was not read with the document"),
        (0, "/etc/passwd", "the file `/etc/passwd` lies outside of the document's folder"),
        (0, "https://example.com/a.yaml#/b", "`https://example.com/a.yaml` is on a network, and is not fetched"),
        (0, "#node", "`#node` is the name of an anchor, which references here cannot use"),
        (0, "", "the reference is empty"),
        (0, "#/%ff", "the percent-encoding of the reference is no UTF-8"),
    ] {
        let expected = expected.replace("/b/x/y~z", "/b/x~1y~0z");
        assert_eq!(resolved(&documents, from, reference), expected, "{reference} from {from}");
    }
    assert_eq!(resolved(&documents, 2, "#").split(' ').next(), Some("api/schemas.json#"));
}

#[test]
fn no_reference_makes_a_panic() {
    const PARTS: &[&str] = &[
        "a", "b.yaml", "/", "//", "..", ".", "#", "?", ":", "http:", "https://", "urn:", "%2F", "%", "%ff", "é", "[",
        "]", "@", "$", " ", "~1", "~", "file:///", "\\", "C:",
    ];
    let mut draws = Draws(11);
    let (mut found, mut lost) = (0, 0);
    for _ in 0..4_000 {
        let mut text = || (0..draws.next(6)).map(|_| PARTS[draws.next(PARTS.len())]).collect::<String>();
        let (own, id, one, other) = (text(), text(), text(), text());
        let root = serde_json::json!({
            "$self": own, "a": { "$id": id, "b": { "$ref": one } }, "discriminator": { "propertyName": "a", "mapping": { "x": other } },
        });
        let files = |path: &str| match path {
            "root.json" => Ok(root.to_string()),
            // Each leads deeper: somewhere it has to end.
            _ if path.len() < 12 && path.len().is_multiple_of(2) => Ok(root.to_string()),
            _ => Err(Refusal::Failed("no such file".to_owned())),
        };
        let documents = Documents::load("root.json", &files).documents.unwrap();
        for document in documents.all() {
            assert!(!document.address().is_empty());
            for reference in [&own, &id, &one, &other] {
                match documents.resolve(document, reference) {
                    Ok(location) => {
                        found += 1;
                        assert!(location.document.at(&location.pointer).is_some());
                    }
                    Err(reason) => {
                        lost += 1;
                        assert!(!reason.to_string().is_empty() && !reason.help().is_empty());
                    }
                }
            }
        }
    }
    assert!(found > 500 && lost > 500, "{found} found, {lost} lost");
}

#[test]
fn only_what_is_named_like_a_document_is_judged() {
    let files = in_memory(&[
        (
            "root.yaml",
            "a: {$ref: notes.md}\nb: {$ref: broken.yaml}\nc: {$ref: ../up.yaml}\nd: {$ref: broken.yaml#/x}\n",
        ),
        ("notes.md", "*Notes*: a: b: {"),
        ("broken.yaml", "a: 1\n  b: 2\n"),
    ]);
    let loaded = Documents::load("root.yaml", &files);
    let told: Vec<_> = loaded.problems.iter().map(|(source, problem)| (source.name(), problem.kind)).collect();
    assert_eq!(told, [("broken.yaml", ProblemKind::Syntax)]);
    let documents = loaded.documents.unwrap();
    assert_eq!(documents.all().len(), 1);
    assert!(resolved(&documents, 0, "notes.md").starts_with("the file `notes.md` cannot be used: 1:"));
    assert!(resolved(&documents, 0, "broken.yaml#/a").starts_with("the file `broken.yaml` cannot be used: 2:3: "));
    assert_eq!(resolved(&documents, 0, "../up.yaml"), "the file `../up.yaml` lies outside of the document's folder");
}

#[test]
fn a_root_that_cannot_be_had_is_one_problem() {
    let loaded = Documents::load("api/gone.yaml", &in_memory(&[]));
    assert!(loaded.documents.is_none());
    let told: Vec<_> = loaded
        .problems
        .iter()
        .map(|(source, problem)| (source.name(), problem.kind, problem.message.as_str()))
        .collect();
    assert_eq!(told, [("api/gone.yaml", ProblemKind::Unavailable, "cannot be read: no such file")]);
}

#[test]
fn files_outside_of_the_folder_are_never_read() {
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("files-outside");
    let _ = fs::remove_dir_all(&top);
    let api = top.join("api");
    fs::create_dir_all(api.join("inner")).unwrap();
    fs::write(top.join("secret.yaml"), "secret: 1\n").unwrap();
    fs::write(api.join("inner/a.yaml"), "a: 1\n").unwrap();
    fs::write(api.join("latin.yaml"), b"a: 1\nb: caf\xe9\n").unwrap();
    fs::write(api.join("wide.yaml"), b"\xff\xfea\0:\0 \x001\0").unwrap();
    fs::write(api.join("cut.yaml"), b"\xff\xfea").unwrap();
    let text = "in: {$ref: inner/a.yaml}\nup: {$ref: ../secret.yaml}\ngone: {$ref: ../gone.yaml}\nfolder: {$ref: inner}\n\
                latin: {$ref: latin.yaml}\nwide: {$ref: wide.yaml}\ncut: {$ref: cut.yaml}\nlink: {$ref: link.yaml}\ninside: {$ref: inside.yaml}\nlinked: {$ref: linked/secret.yaml}\n";
    fs::write(api.join("openapi.yaml"), text).unwrap();
    let linked = cfg!(unix);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.yaml", api.join("link.yaml")).unwrap();
        std::os::unix::fs::symlink("inner/a.yaml", api.join("inside.yaml")).unwrap();
        std::os::unix::fs::symlink("..", api.join("linked")).unwrap();
    }
    let root = api.join("openapi.yaml");
    let name = root.to_str().unwrap();
    let loaded = Documents::load(name, &Files::beside(&root));
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let documents = loaded.documents.unwrap();
    let outside = |path: &str| format!("the file `{path}` lies outside of the document's folder");
    assert_eq!(resolved(&documents, 0, "../secret.yaml"), outside("../secret.yaml"));
    assert_eq!(resolved(&documents, 0, "../gone.yaml"), outside("../gone.yaml"), "nobody learns what is there");
    assert_eq!(resolved(&documents, 0, "inner"), "the file `inner` cannot be used: no regular file");
    assert_eq!(
        resolved(&documents, 0, "latin.yaml"),
        "the file `latin.yaml` cannot be used: not UTF-8 text (line 2); save it as UTF-8"
    );
    assert!(resolved(&documents, 0, "wide.yaml#/a").ends_with("wide.yaml#/a 1"), "UTF-16");
    assert_eq!(
        resolved(&documents, 0, "cut.yaml"),
        "the file `cut.yaml` cannot be used: UTF-16 text that is cut; save it as UTF-8"
    );
    assert!(resolved(&documents, 0, "inner/a.yaml#/a").ends_with("a.yaml#/a 1"));
    if linked {
        assert_eq!(resolved(&documents, 0, "link.yaml"), outside("link.yaml"));
        assert_eq!(resolved(&documents, 0, "linked/secret.yaml"), outside("linked/secret.yaml"));
        assert!(resolved(&documents, 0, "inside.yaml#/a").ends_with("inside.yaml#/a 1"));
    }
    // One flag allows more.
    let loaded = Documents::load(name, &Files::beside(&root).within(&top));
    assert!(resolved(&loaded.documents.unwrap(), 0, "../secret.yaml#/secret").ends_with("#/secret 1"));
}
