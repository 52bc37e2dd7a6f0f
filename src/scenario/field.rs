//! The keys of the file format, once: what each level of a scenario may hold. Reading, did-you-mean and the list of keys
//! in messages derive from these tables.

use serde_json::Value;

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Belongs to the format, and this version does not carry it out.
    Later,
    /// A text in one piece.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Integer,
    /// A status.
    Status,
    /// `0%` to `100%`.
    Chance,
    /// One of two words.
    Count,
    /// From one duration to another.
    Between,
    /// A duration, a range of durations, or a median with a tail.
    Delay,
    /// One duration.
    Duration,
    /// One of several words, or how much of an answer is sent.
    Fault,
    /// A percentage that is less than all.
    Share,
    /// A JSON value.
    Json,
    /// Members of a JSON object.
    Members,
    /// Names of header fields, and their values.
    Fields,
    /// Operations, and their rules.
    Operations,
    /// Operations, and what is expected of who calls them.
    Expected,
    /// Numbers of calls, or a list in their order.
    Calls,
    /// A status, `ok`, or what to answer in detail.
    Reply,
    /// Further keys.
    Keys,
    /// Names, and what is asked of each.
    Named,
    /// What content is made of: a text, or a tree of texts.
    Template,
    /// Names, and the reply of each.
    Replies,
    /// A path, or a list of paths.
    Files,
    /// Names, and where the value of each is from.
    Saves,
    /// A list of scalars.
    Scalars,
    /// A state, or a list of them.
    States,
    /// A JSON Schema.
    Schema,
}

impl Form {
    /// What is expected, for messages.
    pub(super) fn takes(self) -> &'static str {
        match self {
            Form::Later => "nothing yet",
            Form::Text => "a text",
            Form::Flag => "`true` or `false`",
            Form::Integer => "a whole number",
            Form::Status => "a status such as 404",
            Form::Chance => "a percentage such as `20%`",
            Form::Count => "`rule` or `operation`",
            Form::Between => "a stretch of time such as `30s..45s`",
            Form::Delay => "a duration such as `300ms`, a range `200ms..2s`, or `{ median: 300ms, p99: 2s }`",
            Form::Duration => "a duration such as `300ms`",
            Form::Fault => "`reset`, `empty`, `hang` or `{ truncate: 40% }`",
            Form::Share => "a percentage such as `40%`",
            Form::Json => "a value",
            Form::Members => "a mapping: the members to change, and their new values",
            Form::Fields => "a mapping: names of header fields, and their values",
            Form::Operations => "a mapping: operations, and a list of rules for each",
            Form::Expected => "a mapping: operations, and what is expected of who calls each",
            Form::Calls => "a mapping (`3: 429`) or a list (`[ok, ok, 429, ok]`)",
            Form::Reply => "a status such as 404, `ok`, or a mapping",
            Form::Keys => "a mapping",
            Form::Named => "a mapping: names, and the value of each",
            Form::Template => "a text, or the content with templates in it",
            Form::Replies => "a mapping: names, and the reply of each",
            Form::Files => "the path of a file, or a list of paths",
            Form::Saves => "a mapping: names, and where each value is from",
            Form::Scalars => "a list of values",
            Form::States => "a state, or a list of them",
            Form::Schema => "a JSON Schema such as `{ type: string, maxLength: 20 }`",
        }
    }

    /// Whether a value can be of this form, going by its kind alone.
    pub(super) fn admits(self, value: &Value) -> bool {
        match self {
            Form::Later | Form::Json | Form::Template => true,
            Form::Text | Form::Flag | Form::Integer | Form::Status | Form::Chance | Form::Count => scalar(value),
            Form::Between | Form::Duration | Form::Share => scalar(value),
            Form::Delay | Form::Fault | Form::Reply => !value.is_array(),
            Form::Files => !value.is_object(),
            Form::Members | Form::Fields | Form::Operations | Form::Expected | Form::Replies => value.is_object(),
            Form::Keys | Form::Named | Form::Schema | Form::Saves => value.is_object(),
            Form::Calls => value.is_object() || value.is_array(),
            Form::Scalars => value.is_array(),
            Form::States => !value.is_object(),
        }
    }
}

/// Whether a value has nothing inside of it.
fn scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// One key.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) form: Form,
}

/// One level of the format.
#[derive(Debug)]
pub(super) struct Level {
    /// What has these keys, with its article.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

macro_rules! level {
    ($(#[$doc:meta])* $constant:ident $name:literal { $($key:literal $form:ident)* }) => {
        $(#[$doc])*
        pub(super) static $constant: Level =
            Level { name: $name, fields: &[$(Field { key: $key, form: Form::$form }),*] };
    };
}

level! {
    /// The file.
    FILE "a scenario file" {
        "scenario" Text
        "summary" Text
        "seed" Integer
        "strict" Flag
        "state" Text
        "on" Operations
        "expect" Expected
        "steps" Later
        "replies" Replies
        "include" Files
    }
}

level! {
    /// An item of the list under an operation.
    RULE "a rule" {
        "id" Text
        "when" Keys
        "valid" Flag
        "state" States
        "between" Between
        "chance" Chance
        "calls" Calls
        "count" Count
        "reply" Reply
        "save" Saves
        "rate" Keys
    }
}

level! {
    /// What stands under `rate`.
    RATE "a rate" {
        "limit" Integer
        "per" Duration
        "by" Text
        "kind" Text
        "burst" Integer
        "fields" Text
    }
}

level! {
    /// What stands under `when`.
    WHEN "`when`" {
        "path" Named
        "query" Named
        "header" Named
        "cookie" Named
        "body" Named
    }
}

level! {
    /// A condition that is more than a value.
    TEST "a condition" {
        "pattern" Text
        "one-of" Scalars
        "absent" Flag
        "schema" Schema
    }
}

level! {
    /// What stands under `reply`, or under a number of a call.
    REPLY "a reply" {
        "status" Status
        "example" Text
        "body" Json
        "merge" Members
        "headers" Fields
        "delay" Delay
        "fault" Fault
        "go" Text
        "force" Flag
        "template" Template
    }
}

level! {
    /// A delay that is drawn from a distribution.
    DELAY "a delay" {
        "median" Duration
        "p99" Duration
    }
}

level! {
    /// A fault that is more than a word.
    FAULT "a fault" {
        "truncate" Share
        "dribble" Later
    }
}

level! {
    /// What stands under an operation of `expect`.
    EXPECT "what is expected of a client" {
        "honours-retry-after" Flag
        "backs-off" Flag
        "at-most" Integer
        "same-idempotency-key" Flag
        "no-unsafe-retry" Flag
        "nothing-undocumented" Flag
        "meets" Scalars
    }
}

static LEVELS: [&Level; 9] = [&FILE, &RULE, &RATE, &WHEN, &TEST, &REPLY, &DELAY, &FAULT, &EXPECT];

impl Level {
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The keys that are carried out.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(|field| field.form != Form::Later).map(|field| field.key)
    }

    /// Another level that has this key.
    pub(super) fn home(key: &str) -> Option<&'static Level> {
        LEVELS.into_iter().find(|level| level.field(key).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::LEVELS;
    use crate::document::{Document, Source};

    /// Every key of the tables stands in an example of the reference page.
    #[test]
    fn every_key_has_an_example_in_the_reference() {
        let page = include_str!("../../docs/scenarios.md");
        let mut keys = std::collections::HashSet::new();
        for block in page.split("\n```yaml").skip(1) {
            let text =
                block.split_once('\n').and_then(|(_, text)| text.split_once("\n```")).map_or("", |(text, _)| text);
            let Some(document) = Document::read(Source::new("example.yaml", text)).document else { continue };
            let mut open = vec![document.root()];
            while let Some(value) = open.pop() {
                keys.extend(value.as_object().into_iter().flatten().map(|(key, _)| key.clone()));
                open.extend(value.as_object().into_iter().flat_map(|members| members.values()));
                open.extend(value.as_array().into_iter().flatten());
            }
        }
        for level in LEVELS {
            for key in level.keys() {
                assert!(keys.contains(key), "`{key}` of {} has no example in docs/scenarios.md", level.name);
                assert!(page.contains(&format!("`{key}`")), "`{key}` of {} is not explained", level.name);
            }
        }
    }
}
