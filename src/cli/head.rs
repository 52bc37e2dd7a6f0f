//! The first line of every command: the version, and the document it works on.

use super::load::Subject;
use crate::report::{Text, Tone};

/// `standin 0.1.0   openapi.yaml   OpenAPI 3.1, 11 operations`; several documents with commas between.
pub(crate) fn head(subject: &Subject) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, concat!("standin ", env!("CARGO_PKG_VERSION")));
    text.plain(match subject.is_bundled() {
        true => "   bundled invitation API (no DOCUMENT given)".to_owned(),
        false => format!("   {}", subject.name()),
    });
    if let Some(contract) = &subject.contract {
        let count = contract.heads().len();
        let operations = if count == 1 { "operation" } else { "operations" };
        text.plain(format!("   {} {}, {count} {operations}", contract.language(), contract.version()));
    }
    text.plain("\n");
    text
}
