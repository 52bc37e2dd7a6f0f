//! The first line of every command: the version, and the document it works on.

use super::load::Input;
use crate::contract::Contract;
use crate::report::{Text, Tone};

/// `standin 0.1.0   openapi.yaml   OpenAPI 3.1, 11 operations`.
pub(crate) fn head(input: &Input, contract: Option<&Contract>) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, concat!("standin ", env!("CARGO_PKG_VERSION")));
    text.plain(match input {
        Input::Bundled => "   bundled invitation API (no DOCUMENT given)".to_owned(),
        Input::Stdin | Input::File(_) => format!("   {}", input.name()),
    });
    if let Some(contract) = contract {
        let count = contract.heads().len();
        let operations = if count == 1 { "operation" } else { "operations" };
        text.plain(format!("   {} {}, {count} {operations}", contract.language(), contract.version()));
    }
    text.plain("\n");
    text
}
