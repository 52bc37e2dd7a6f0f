//! The JSON Schema of the file of settings, for editors: made from the flags as the command line has them.

use clap::{Arg, Command};
use serde_json::{Map, Value, json};

use super::{args, is_list, is_setting, is_switch, key};

/// The schema, in draft 2020-12.
pub(crate) fn schema(line: &Command) -> Value {
    let mut top = Map::new();
    for (_, arg) in args(line) {
        top.entry(key(arg)).or_insert_with(|| value(arg));
    }
    let everywhere = || line.get_arguments().filter(|arg| is_setting(arg));
    for command in line.get_subcommands() {
        let own = command.get_arguments().filter(|arg| is_setting(arg)).chain(everywhere());
        let members: Map<String, Value> = own.map(|arg| (key(arg).to_owned(), value(arg))).collect();
        let described = command.get_about().map(ToString::to_string).unwrap_or_default();
        let section =
            json!({ "description": described, "type": "object", "properties": members, "additionalProperties": false });
        top.insert(command.get_name().to_owned(), section);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of standin",
        "description": "Flags by their names. What stands below a command is for that command; what stands beside it, for every one that has such a flag.",
        "type": "object",
        "properties": top,
        "additionalProperties": false,
    })
}

fn value(arg: &Arg) -> Value {
    let described = arg.get_help().map(ToString::to_string).unwrap_or_default();
    if is_switch(arg) {
        return json!({ "description": described, "type": "boolean" });
    }
    let possible: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let one = if possible.is_empty() { json!({ "type": ["string", "number"] }) } else { json!({ "enum": possible }) };
    if is_list(arg) {
        return json!({ "description": described, "anyOf": [one, { "type": "array", "items": one }] });
    }
    let mut one = one;
    if let Some(members) = one.as_object_mut() {
        members.insert("description".to_owned(), described.into());
    }
    one
}
