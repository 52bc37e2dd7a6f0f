//! The rules of ARCHITECTURE.md, held: who imports whom, where crates live, how long a file may be, what documentation may say.
//!
//! The tables are read from that page, so that it cannot say one thing and the code do another. Each check works on texts, and is
//! tried on a planted offence as well as on the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of code, by its path from the top.
struct File {
    path: String,
    text: String,
    /// The text without comments and unit tests; strings are rows of quotes, and lines stay where they were.
    code: String,
}

impl File {
    fn new(path: impl Into<String>, text: impl Into<String>) -> File {
        let (path, text) = (path.into(), text.into());
        let code = without_tests(&bare(&text));
        File { path, text, code }
    }

    /// The modules that lead to it: `src/contract/style/mod.rs` is `[contract, style]`.
    fn modules(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        path.split('/').filter(|segment| !matches!(*segment, "mod" | "lib" | "main")).collect()
    }

    /// The module of the table that it is part of; none for `lib.rs` and `main.rs`.
    fn home(&self) -> Option<&str> {
        self.modules().first().copied()
    }

    fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.code[..offset].matches('\n').count() + 1)
    }
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so, by its path from the top; installed packages left out.
fn below(folder: &str, endings: &[&str]) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(top().join(&folder)) else { continue };
        for entry in entries.map(|entry| entry.expect("a folder that can be read")) {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                // What a package manager put there is not ours.
                open.extend(Some(path).filter(|path| !path.ends_with("node_modules")));
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).expect(path)
}

/// The files of the crate, those that are only unit tests left out.
fn sources() -> Vec<File> {
    let files: Vec<File> =
        below("src", &[".rs"]).into_iter().map(|path| File::new(path.clone(), read(&path))).collect();
    let tests: BTreeSet<String> = files.iter().flat_map(test_files).collect();
    assert!(files.len() > 20, "the sources were not found");
    files.into_iter().filter(|file| !tests.iter().any(|test| file.path.starts_with(test.as_str()))).collect()
}

/// The rows below the heading row that starts with `head` in ARCHITECTURE.md: the words in backticks of each cell.
fn table(head: &str) -> Vec<Vec<Vec<String>>> {
    let page = read("ARCHITECTURE.md");
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let rows: Vec<Vec<Vec<String>>> = rows.map(|row| row.trim_matches('|').split('|').map(words).collect()).collect();
    assert!(!rows.is_empty(), "ARCHITECTURE.md has no table `{head}`");
    rows
}

/// What each module may import, in the order of the table.
fn modules() -> Vec<(String, Vec<String>)> {
    table("| module |").into_iter().map(|row| (row[0][0].clone(), row[2].clone())).collect()
}

fn none(offences: Vec<String>, rule: &str) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

// Reading Rust, as far as these rules need it.

/// The text with comments blank and the insides of strings and characters as rows of quotes.
fn bare(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    let blank = |c: char, with: char| if c == '\n' { '\n' } else { with };
    while at < chars.len() {
        let rest = &chars[at..];
        let (length, with) = match rest {
            ['/', '/', ..] => (rest.iter().take_while(|c| **c != '\n').count(), ' '),
            ['/', '*', ..] => (block_comment(rest), ' '),
            ['"', ..] => (string(rest), '"'),
            ['r', '"' | '#', ..] if !at.checked_sub(1).is_some_and(|before| word(chars[before])) => {
                (raw_string(rest), '"')
            }
            ['\'', '\\', ..] => (2 + rest.iter().skip(3).take_while(|c| **c != '\'').count() + 2, '"'),
            ['\'', _, '\'', ..] => (3, '"'),
            _ => (0, ' '),
        };
        if length == 0 {
            out.push(chars[at]);
            at += 1;
        } else {
            let end = (at + length).min(chars.len());
            out.extend(chars[at..end].iter().map(|c| blank(*c, with)));
            at = end;
        }
    }
    out
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of a raw string; 0 where it is none (`r#type`).
fn raw_string(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    rest[body..].windows(end.len()).position(|window| window == end).map_or(rest.len(), |at| body + at + end.len())
}

/// Where the items under `#[cfg(test)]` stand.
fn test_items(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut items = Vec::new();
    for (start, mark) in code.match_indices("#[cfg(test)]") {
        let rest = &code[start..];
        let (mut depth, mut end) = (0, rest.len());
        for (at, c) in rest.char_indices().skip(mark.len()) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = at + 1;
                break;
            }
        }
        items.push(start..start + end);
    }
    items
}

fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    for item in test_items(code) {
        let blank = |c: char| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) };
        let blanks: String = code[item.clone()].chars().map(blank).collect();
        out.replace_range(item, &blanks);
    }
    out
}

/// The files and folders that a file declares as unit tests: `#[cfg(test)] mod noise;`.
fn test_files(file: &File) -> Vec<String> {
    let code = bare(&file.text);
    let folder = match file.path.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs")) => folder.to_owned(),
        _ => file.path.trim_end_matches(".rs").to_owned(),
    };
    let declared = test_items(&code).into_iter().filter_map(|item| {
        let item = code[item].trim_end().strip_suffix(';')?;
        Some(item.split_whitespace().last()?.to_owned())
    });
    declared.flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]).collect()
}

/// Where `name` stands as a path of its own: not after `::` or `.`, nor as part of a word.
fn roots<'c>(code: &'c str, name: &str) -> Vec<(usize, &'c str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(name) {
        let (before, after) = (code[..at].trim_end(), &code[at + name.len()..]);
        let whole = !code[..at].ends_with(word) && !after.starts_with(word);
        if whole && !before.ends_with("::") && !before.ends_with('.') {
            found.push((at, after));
        }
    }
    found
}

/// The modules of this crate that a file names, with where: `crate::a::B`, `crate::{a::B, c}`.
fn imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, after) in roots(&file.code, "crate") {
        let Some(after) = after.trim_start().strip_prefix("::") else { continue };
        let after = after.trim_start();
        let firsts: Vec<String> = match after.strip_prefix('{') {
            Some(group) => group_firsts(group),
            None => vec![first_word(after)],
        };
        found.extend(firsts.into_iter().filter(|name| !name.is_empty()).map(|name| (at, name)));
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| word(*c)).collect()
}

/// The first word of each path of a group, up to its closing brace.
fn group_firsts(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                parts.push(first_word(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

// Who imports whom.

fn wrong_imports(files: &[File], table: &[(String, Vec<String>)]) -> Vec<String> {
    let allowed: BTreeMap<&str, &Vec<String>> = table.iter().map(|(name, may)| (name.as_str(), may)).collect();
    let mut offences = Vec::new();
    for file in files {
        let Some(home) = file.home() else { continue };
        let Some(may) = allowed.get(home) else {
            offences.push(format!("{}: the module `{home}` is not in the table", file.path));
            continue;
        };
        for (at, module) in imports(file) {
            if module != home && !may.contains(&module) {
                offences.push(format!("{}: `{home}` may not import `{module}`", file.at(at)));
            }
        }
    }
    offences
}

#[test]
fn modules_import_what_their_row_allows() {
    none(wrong_imports(&sources(), &modules()), "imports outside of the table");

    let table = [("low".to_owned(), vec![]), ("high".to_owned(), vec!["low".to_owned()])];
    let planted = [
        File::new("src/low/mod.rs", "//! x\nuse crate::{low::A, high::{B, C}};\n"),
        File::new("src/high/a.rs", "// crate::other\nuse crate::low::A; const A: &str = \"crate::other\";\n"),
        File::new("src/high/b.rs", "#[cfg(test)]\nmod tests { use crate::other; }\nfn f() { crate::third::g() }\n"),
        File::new("src/new/mod.rs", ""),
    ];
    let offences = wrong_imports(&planted, &table);
    let expected = [
        "src/low/mod.rs:2: `low` may not import `high`",
        "src/high/b.rs:3: `high` may not import `third`",
        "src/new/mod.rs: the module `new` is not in the table",
    ];
    assert_eq!(offences, expected);
}

/// Rows that list a module which does not stand above them.
fn circles(table: &[(String, Vec<String>)]) -> Vec<String> {
    let mut above: BTreeSet<&str> = BTreeSet::new();
    let mut offences = Vec::new();
    for (module, may) in table {
        let below = may.iter().filter(|import| !above.contains(import.as_str()));
        offences.extend(below.map(|import| format!("`{module}` lists `{import}`, which is not above it")));
        above.insert(module);
    }
    offences
}

#[test]
fn the_table_has_no_circles() {
    let table = modules();
    assert!(table.len() >= 16, "the table of modules is not read whole");
    none(circles(&table), "the table of modules");
    let circle = [("a".to_owned(), vec!["b".to_owned()]), ("b".to_owned(), vec!["a".to_owned()])];
    assert_eq!(circles(&circle), ["`a` lists `b`, which is not above it"]);
}

fn climbing(files: &[File]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        for (at, after) in roots(&file.code, "super") {
            let steps = 1 + after.split("::").skip(1).take_while(|part| part.trim() == "super").count();
            let is_path = after.trim_start().starts_with("::");
            if is_path && steps >= file.modules().len() {
                offences.push(format!("{}: `super` leaves `{}`", file.at(at), file.home().unwrap_or("the crate")));
            }
        }
    }
    offences
}

#[test]
fn no_path_climbs_out_of_its_module() {
    none(climbing(&sources()), "write `crate::…` for another module");
    let planted = [
        File::new("src/a/b/c.rs", "use super::super::d;\nuse super::super::super::e;\n"),
        File::new("src/a/mod.rs", "pub(super) fn f() {}\nuse super::g;\n"),
    ];
    assert_eq!(climbing(&planted), ["src/a/b/c.rs:2: `super` leaves `a`", "src/a/mod.rs:2: `super` leaves `a`"]);
}

// Crates and their homes.

fn strays(files: &[File], homes: &[(String, Vec<String>)]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        let home = file.home().unwrap_or("the crate's root");
        for (name, at_home) in homes {
            let used = roots(&file.code, name).into_iter().filter(|(at, after)| {
                let imported = file.code[..*at].trim_end().ends_with("use") && after.starts_with([' ', ';']);
                after.trim_start().starts_with("::") || imported
            });
            let strays = used.filter(|_| !at_home.iter().any(|module| module == home));
            offences.extend(strays.map(|(at, _)| format!("{}: `{name}` is not at home in `{home}`", file.at(at))));
        }
    }
    offences
}

#[test]
fn crates_stay_at_home() {
    let table = table("| crates |");
    let homes = table.iter().flat_map(|row| row[0].iter().map(|name| (name.clone(), row[1].clone())));
    let homes: Vec<(String, Vec<String>)> = homes.collect();
    none(strays(&sources(), &homes), "crates outside of their home");

    let homes = [("tokio".to_owned(), vec!["server".to_owned()])];
    let planted = [
        File::new("src/server/mod.rs", "use tokio::net::TcpListener;\n"),
        File::new(
            "src/mock/mod.rs",
            "use tokio as t;\nfn f() { crate::tokio::g() }\nfn g(tokio: u8) { ::tokio::h() }\n",
        ),
    ];
    let offences = strays(&planted, &homes);
    assert_eq!(offences, ["src/mock/mod.rs:1: `tokio` is not at home in `mock`"]);
}

// Files.

fn code_files() -> Vec<String> {
    ["src", "tests", "benches", "examples"].iter().flat_map(|folder| below(folder, &[".rs"])).collect()
}

#[test]
fn every_file_says_what_belongs_in_it() {
    let silent = code_files().into_iter().filter(|path| !read(path).starts_with("//! "));
    none(silent.collect(), "files without `//!` at their top");
}

fn code_lines(file: &File) -> usize {
    file.code.lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn no_file_is_longer_than_400_lines_of_code() {
    let tables: Vec<String> = table("| table |").into_iter().map(|row| row[0][0].clone()).collect();
    for table in &tables {
        assert!(top().join(table).is_file(), "the table `{table}` is gone");
    }
    let long = sources().into_iter().filter(|file| code_lines(file) > 400 && !tables.contains(&file.path));
    none(long.map(|file| format!("{}: {}", file.path, code_lines(&file))).collect(), "files that are too long");

    let text =
        "//! a\n\n/* b\nc */ fn f() {\n    // d\n    \"e\n    f\";\n}\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n";
    assert_eq!(code_lines(&File::new("src/a.rs", text)), 4);
}

#[test]
fn files_and_folders_are_named_in_the_words_of_the_project() {
    let avoided = ["handler", "manager", "helper", "helpers", "util", "utils", "common", "data", "engine", "misc"];
    let named = code_files().into_iter().filter(|path| {
        path.trim_end_matches(".rs").split('/').any(|segment| segment.split('_').any(|word| avoided.contains(&word)))
    });
    none(named.collect(), "names that say nothing");
}

/// The statics of a file that can change after they were made.
fn changing_statics(file: &File) -> Vec<String> {
    let inner = ["Mutex", "RwLock", "Cell", "RefCell", "UnsafeCell", "OnceCell", "OnceLock", "Atomic"];
    let mut offences = Vec::new();
    for (at, after) in roots(&file.code, "static") {
        let declaration = after.split('=').next().unwrap_or("");
        // `'static` is a lifetime, and `static` before anything but a name and a type is a closure's.
        let is_item = !file.code[..at].ends_with('\'') && declaration.contains(':');
        let changes = declaration.trim_start().starts_with("mut ")
            || declaration
                .split(|c| !word(c))
                .any(|name| inner.iter().any(|i| name == *i || (*i == "Atomic" && name.starts_with(i))));
        if is_item && changes {
            offences.push(format!("{}: static{}", file.at(at), declaration.trim_end()));
        }
    }
    let locals = roots(&file.code, "thread_local").into_iter().map(|(at, _)| format!("{}: thread_local", file.at(at)));
    offences.extend(locals);
    offences
}

#[test]
fn no_static_can_change() {
    let excused: Vec<String> = table("| static |").into_iter().map(|row| row[0][0].clone()).collect();
    for path in &excused {
        let excused = sources().into_iter().find(|file| file.path == *path);
        assert!(excused.is_some_and(|file| !changing_statics(&file).is_empty()), "no static of `{path}` can change");
    }
    let others = sources().into_iter().filter(|file| !excused.contains(&file.path));
    none(others.flat_map(|file| changing_statics(&file)).collect(), "state outlives a run");
    let text =
        "static A: &'static str = B;\nstatic C: Mutex<u8> = D;\nstatic E: [AtomicU8; 2] = F;\nthread_local! {}\n";
    let offences = changing_statics(&File::new("src/a.rs", text));
    assert_eq!(
        offences,
        ["src/a.rs:2: static C: Mutex<u8>", "src/a.rs:3: static E: [AtomicU8; 2]", "src/a.rs:4: thread_local"]
    );
}

// What is written about the project.

fn pages() -> Vec<String> {
    let mut pages = below("docs", &[".md"]);
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(str::to_owned));
    pages.retain(|page| top().join(page).is_file());
    pages
}

/// The paths below `fixtures/`, `scenarios/` and such that a text names; a `*`, `<` or `{` ends one at the folder before it.
fn named_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["fixtures/", "scenarios/", "tests/", "docs/", "src/", "benches/"] {
        for (at, _) in text.match_indices(folder) {
            let part = |c: char| word(c) || "/.-".contains(c);
            let before = text[..at].strip_suffix("./").unwrap_or(&text[..at]);
            if before.ends_with(|c: char| part(c) || c == '>' || c == '}') {
                continue;
            }
            let end = text[at..].find(|c| !part(c)).map_or(text.len(), |length| at + length);
            let path = text[at..end].trim_end_matches('.');
            let cut = text[end..].starts_with(['*', '<', '{', '…', '$']);
            let path = if cut { path.rsplit_once('/').map_or(path, |(folder, _)| folder) } else { path };
            found.push(path.to_owned());
        }
    }
    found
}

#[test]
fn paths_in_documentation_exist() {
    let mut offences = Vec::new();
    for page in pages() {
        let gone = named_paths(&read(&page)).into_iter().filter(|path| !top().join(path).exists());
        offences.extend(gone.map(|path| format!("{page}: {path}")));
    }
    for file in sources() {
        let comments: String = file.text.lines().filter(|line| line.trim_start().starts_with("//")).fold(
            String::new(),
            |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            },
        );
        let gone = named_paths(&comments).into_iter().filter(|path| !top().join(path).exists());
        offences.extend(gone.map(|path| format!("{}: {path}", file.path)));
    }
    none(offences, "paths that lead nowhere");
    let text = "see `scenarios/a.yaml`, ./fixtures/b/*.case, ./my-scenarios/c and fixtures/<area>/d.";
    assert_eq!(named_paths(text), ["fixtures/b", "fixtures", "scenarios/a.yaml"]);
}

/// Lines that speak of somebody's machine, or of work left open.
fn foreign(path: &str, text: &str) -> Vec<String> {
    // Put together here, so that this file does not speak of them.
    let machine = ["home", "root", "Users", "work", "tmp", "mnt"].map(|folder| format!("/{folder}/"));
    let open = [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"]].map(|parts| parts.concat());
    let mut offences = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let elsewhere = machine.iter().any(|folder| {
            line.match_indices(folder.as_str()).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<".contains(c))
            })
        });
        if elsewhere || open.iter().any(|word| line.contains(word.as_str())) {
            offences.push(format!("{path}:{}: {}", number + 1, line.trim()));
        }
    }
    offences
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let endings = [".rs", ".md", ".toml", ".yaml", ".yml", ".json", ".snap", ".sh", ".js", ".mjs", "run"];
    let folders = ["src", "tests", "docs", "benches", "examples", "scenarios", "fixtures", ".ci"];
    let mut paths: Vec<String> = folders.iter().flat_map(|folder| below(folder, &endings)).collect();
    paths.extend(pages());
    paths.extend(["Cargo.toml", "clippy.toml"].map(str::to_owned));
    let offences =
        paths.iter().filter_map(|path| fs::read_to_string(top().join(path)).ok().map(|text| foreign(path, &text)));
    none(offences.flatten().collect(), "lines that speak of something else");

    let planted =
        [["see /ho", "me/ada/x"].concat(), ["// TO", "DO later"].concat(), "GET /v1/home/x".to_owned()].join("\n");
    assert_eq!(foreign("a", &planted).len(), 2);
}

#[test]
fn every_crate_comes_from_one_registry() {
    let lock = read("Cargo.lock");
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let mut sources: Vec<String> = sources.map(str::to_owned).collect();
    sources.sort();
    sources.dedup();
    assert!(sources.len() == 1 && sources[0].starts_with("\"registry+"), "crates from elsewhere: {sources:?}");
}
