//! Other than it was meant: texts with bytes, and trees with nodes, that a number says. For the seeded mutations, and for what
//! the fuzz targets make of an input.
#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "shared by path, each takes what it needs; fails by panicking"
)]

use serde_json::{Map, Value, json};

/// Texts that stand where they should not.
const TOKENS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\t",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "%",
    "$ref",
    "\u{feff}",
    "\0",
    "é",
    "99999999999999999999",
    "1e400",
    "-0",
    "null",
    "!!binary ",
];
/// Members that mean something to a document or a schema.
const NAMES: [&str; 30] = [
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "allOf",
    "oneOf",
    "not",
    "if",
    "enum",
    "const",
    "pattern",
    "format",
    "minimum",
    "maxLength",
    "minItems",
    "$defs",
    "$id",
    "$anchor",
    "$dynamicRef",
    "additionalProperties",
    "unevaluatedProperties",
    "discriminator",
    "example",
    "examples",
    "content",
    "schema",
    "parameters",
    "responses",
    "servers",
];

/// SplitMix64: the same numbers everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A text with a few bytes other than they were; still UTF-8, as every text is by the time it is read.
pub fn spoilt_text(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let end = (at + 1 + chance.below(40)).min(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => drop(bytes.splice(at..at, chance.one(&TOKENS).bytes())),
            4 => drop(bytes.splice(at..end, chance.one(&TOKENS).bytes())),
            _ => bytes.truncate(end),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A value that is rarely meant.
fn odd(chance: &mut Chance, pointers: &[String]) -> Value {
    match chance.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(18_446_744_073_709_551_615_u64),
        4 => json!(1e308),
        5 => json!(""),
        6 => json!([]),
        7 => json!({}),
        8 => json!(["null", "string"]),
        9 => json!("(?=a)(a|aa)+$[\\p{L}"),
        10 => json!([[[[{ "type": "array" }]]]]),
        11 => json!(0.1),
        _ => json!({ "$ref": format!("#{}", chance.one(pointers)) }),
    }
}

/// A tree with a few nodes other than they were.
pub fn spoilt_tree(tree: &Value, chance: &mut Chance) -> Value {
    let mut tree = tree.clone();
    for _ in 0..=chance.below(3) {
        let mut pointers = Vec::new();
        list(&tree, &mut String::new(), &mut pointers);
        let at = chance.one(&pointers);
        let other = tree.pointer(&chance.one(&pointers)).cloned().unwrap_or_default();
        let strange = odd(chance, &pointers);
        let Some(node) = tree.pointer_mut(&at) else { continue };
        match (chance.below(6), node) {
            (0, node) => *node = strange,
            (1, node) => *node = other,
            (2, Value::Object(members)) => {
                let name = members.keys().nth(chance.below(members.len())).cloned();
                name.and_then(|name| members.shift_remove(&name));
            }
            (3, Value::Object(members)) => {
                members.insert(chance.one(&NAMES).to_owned(), strange);
            }
            (4, Value::Object(members)) => {
                let renamed = chance.below(members.len());
                let name = chance.one(&NAMES);
                let old: Map<String, Value> = std::mem::take(members);
                members.extend(
                    old.into_iter()
                        .enumerate()
                        .map(|(index, (key, value))| (if index == renamed { name.to_owned() } else { key }, value)),
                );
            }
            (_, Value::Array(items)) => items.push(other),
            (_, node) => *node = json!({ "allOf": [node.clone(), other] }),
        }
    }
    tree
}

fn list(node: &Value, at: &mut String, pointers: &mut Vec<String>) {
    pointers.push(at.clone());
    let length = at.len();
    let mut below = |token: &str, child: &Value, at: &mut String| {
        at.push('/');
        at.push_str(&token.replace('~', "~0").replace('/', "~1"));
        list(child, at, pointers);
        at.truncate(length);
    };
    match node {
        Value::Object(members) => members.iter().for_each(|(name, child)| below(name, child, at)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| below(&index.to_string(), child, at)),
        _ => {}
    }
}
