//! Texts to trees and problems: each file in `fixtures/document` is a case; real documents are cross-checked with another reader.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use standin::document::{Document, Read, Source};

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
        // Characters that editors hide are written as escapes in names only: the bytes of a case are the case.
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
