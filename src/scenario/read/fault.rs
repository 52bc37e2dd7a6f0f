//! What stands under `fault`.

use super::super::field::{FAULT, REPLY};
use super::super::reader::{Reader, excerpt};
use crate::document::Node;
use crate::traffic::{Fault, Share};

/// What a reply may have beside a fault that sends nothing of it.
const BESIDE: [&str; 2] = ["fault", "delay"];

/// Reads a word, or a mapping with the share that is sent.
pub(super) fn read(reader: &mut Reader, node: Node<'_>) -> Option<Fault> {
    if !node.value().is_object() {
        let text = reader.text(node, "fault")?;
        let fault = Fault::of_word(&text);
        if fault.is_none() {
            let (sentence, help) = wrong_word(&text);
            reader.wrong(node, sentence, help);
        }
        return fault;
    }
    // What is a word elsewhere is no key, and that is told in other words than what is no fault at all.
    if let Some((key, span, _)) = node.members().find(|(key, ..)| FAULT.field(key).is_none()) {
        let (sentence, help) = match Fault::of_word(key) {
            Some(fault) => (format!("`{fault}` is a word, and no key"), format!("write `fault: {fault}`")),
            None => wrong_word(key),
        };
        reader.wrong_key(node, span, sentence, help);
        return None;
    }
    let members = reader.members(node, &FAULT);
    let Some(share) = members.get("truncate") else {
        if node.members().next().is_none() {
            reader.wrong(node, "an empty fault does nothing", "write one such as `reset`, or `{ truncate: 40% }`");
        }
        return None;
    };
    let text = reader.text(share, "truncate")?;
    let read = Share::parse(&text).map(Fault::Truncate);
    read.map_err(|(sentence, help)| reader.wrong(share, sentence, help)).ok()
}

/// What is wrong with a word that is no fault, and what to write instead.
fn wrong_word(text: &str) -> (String, String) {
    let shown = excerpt(text);
    if Fault::is_later(text) {
        let sentence = format!("`{shown}` is a fault of the format that this version does not carry out yet");
        return (sentence, "remove it, so that nothing is expected of it".to_owned());
    }
    // As it is written where there are no mappings.
    if let Ok(Fault::Truncate(share)) = Fault::parse(text) {
        return (format!("`{shown}` takes a mapping here"), format!("write `{{ truncate: {share} }}`"));
    }
    if text == "truncate" {
        let sentence = "`truncate` does not say how much of the content is sent".to_owned();
        return (sentence, "write `{ truncate: 40% }`".to_owned());
    }
    let help = match Fault::nearest(text) {
        Some("truncate") => "did you mean `{ truncate: 40% }`?".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `reset`, `empty`, `hang` or `{ truncate: 40% }`".to_owned(),
    };
    (format!("`{shown}` is no fault"), help)
}

/// Tells what a reply has beside a fault that sends nothing: it would never be seen.
pub(super) fn alone(reader: &mut Reader, reply: Node<'_>, fault: Fault) {
    if fault.answers() {
        return;
    }
    for (key, span, _) in reply.members() {
        if REPLY.field(key).is_some() && !BESIDE.contains(&key) {
            let sentence = format!("`{key}` beside `fault: {fault}`, which sends no answer");
            reader.wrong_key(reply, span, sentence, "keep one of the two");
        }
    }
}
