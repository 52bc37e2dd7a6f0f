//! What stands under `save`: names, and where each value is from.

use super::super::reader::{Reader, excerpt, kind};
use super::super::template::is_template;
use super::super::{SaveFrom, Saves};
use crate::document::{Node, Span};

/// Reads `{ invitation: /id, invited: "{{ request.body.email }}" }`.
pub(super) fn read(reader: &mut Reader, node: Node<'_>) -> Saves {
    let mut saves = Saves::new();
    for (name, span, value) in node.members() {
        if !is_name(reader, node, name, span) {
            continue;
        }
        let Some(text) = value.text().filter(|text| !text.is_empty()) else {
            let sentence = format!("`{}` is kept from a place, and here is {}", excerpt(name), kind(value));
            reader.wrong(value, sentence, HELP);
            continue;
        };
        if is_template(&text) {
            let template = reader.template(value);
            saves.push((name.into(), SaveFrom::Template(Box::new(template))));
        } else if text.starts_with('/') && text.split('~').skip(1).all(|after| after.starts_with(['0', '1'])) {
            saves.push((name.into(), SaveFrom::Answer(text.into())));
        } else {
            reader.wrong(value, format!("`{}` is neither a JSON Pointer nor a template", excerpt(&text)), HELP);
        }
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`save` keeps nothing", "name what is kept, or remove it");
    }
    saves
}

const HELP: &str = "write a JSON Pointer into the content of the answer, such as `/id`, or a template such as `'{{ request.path.org }}'`";

/// Names are written in templates, behind a point.
pub(super) fn is_name(reader: &mut Reader, node: Node<'_>, name: &str, span: Span) -> bool {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let sound = first && name.len() <= 100 && characters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !sound {
        let sentence = format!("nothing can be kept as `{}`", excerpt(name));
        reader.wrong_key(node, span, sentence, "letters, digits and `_` make a name, for `saved.NAME` in templates");
    }
    sound
}
