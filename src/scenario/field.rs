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
    /// Calls, in their order.
    Steps,
    /// A duration, or as long as an answer asks for.
    Wait,
    /// Names of parameters, and what is sent for each.
    Arguments,
    /// One status, a class of them, or a list of both.
    Statuses,
    /// Statuses, or what else an answer is like.
    Then,
    /// Names, and where in an answer the value of each is.
    Keeps,
    /// One of several words: how an answer can break.
    Break,
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
            Form::Steps => "a list of calls (`- call: get_org`)",
            Form::Wait => "a duration such as `2s`, or `retry-after`",
            Form::Arguments => "a mapping: names, and what is sent for each",
            Form::Statuses => "a status such as 404, a class such as `2XX`, or a list of them",
            Form::Then => "a status, a list of statuses, or a mapping",
            Form::Keeps => "a mapping: names, and where in the answer each value is",
            Form::Break => "`reset`, `empty`, `hang` or `truncate`",
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
            Form::Steps => value.is_array(),
            Form::Wait | Form::Break => scalar(value),
            Form::Arguments | Form::Keeps => value.is_object(),
            Form::States | Form::Statuses => !value.is_object(),
            Form::Then => true,
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
    /// What it is for, in a sentence: what editors show.
    pub(super) about: &'static str,
}

/// One level of the format.
#[derive(Debug)]
pub(super) struct Level {
    /// What has these keys, with its article.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

macro_rules! level {
    ($(#[$doc:meta])* $constant:ident $name:literal { $($key:literal $form:ident $(=> $about:literal)?)* }) => {
        $(#[$doc])*
        pub(super) static $constant: Level =
            Level { name: $name, fields: &[$(Field { key: $key, form: Form::$form, about: concat!($($about)?) }),*] };
    };
}

level! {
    /// The file.
    FILE "a scenario file" {
        "scenario" Text => "Its name: letters, digits, - _ . make one."
        "summary" Text => "What happens, in a sentence."
        "seed" Integer => "The seed of its draws, unless the command line or the session gives one."
        "strict" Flag => "Whether what the document does not allow is an error (true unless given)."
        "state" Text => "The state that the story begins in, where it has any."
        "on" Operations => "Operations (an operationId, a method and a path, or \"*\" for every one), and a list of rules for each."
        "expect" Expected => "Operations, and what is expected of who calls them."
        "steps" Steps => "The same story as a client tells it: calls, and what the answer to each is like."
        "replies" Replies => "Replies with a name, for rules to use."
        "include" Files => "Files whose replies are used here, by their paths from this one."
    }
}

level! {
    /// An item of the list under an operation.
    RULE "a rule" {
        "id" Text => "A name of its own, once in a file: counters and draws go by it."
        "when" Keys => "What a request must be like for the rule to hold."
        "valid" Flag => "Whether the request must be valid, or must not."
        "state" States => "The state, or one of the states, that the story must be in."
        "between" Between => "From so long after the scenario became active until so long after it: 30s..45s."
        "chance" Chance => "How often it holds of those times when everything else does: 0% to 100%."
        "calls" Calls => "What is answered by the number of the call: 3, 1-2, 4+; or a list in their order, whose last item sticks."
        "count" Count => "What calls are counted: those that this rule decides, or all of the operation."
        "reply" Reply => "What is answered: a status, ok, the name of a reply, or a reply in detail."
        "save" Saves => "What is kept of the calls that this rule decides: names, and where each value is from."
        "rate" Keys => "How many calls are let through in how long."
    }
}

level! {
    /// What stands under `rate`.
    RATE "a rate" {
        "limit" Integer => "How many calls there may be."
        "per" Duration => "In how long: 10s."
        "by" Text => "What is counted for itself: the session (unless given), header.NAME or path.NAME."
        "kind" Text => "How it is counted: as a bucket that fills again, or in windows of time."
        "burst" Integer => "How many calls may come at once."
        "fields" Text => "Which header fields tell the limit."
    }
}

level! {
    /// What stands under `when`.
    WHEN "`when`" {
        "path" Named => "Path parameters, decoded."
        "query" Named => "Parameters of the query, decoded."
        "header" Named => "Header fields, in upper or lower case."
        "cookie" Named => "Cookies."
        "body" Named => "Members of the content, or JSON Pointers into it."
    }
}

level! {
    /// A condition that is more than a value.
    TEST "a condition" {
        "pattern" Text => "A regular expression that finds something in the text."
        "one-of" Scalars => "Values of which it equals one."
        "absent" Flag => "Whether it is not there; false: that it is there, whatever it is."
        "schema" Schema => "A JSON Schema that it is valid by."
    }
}

level! {
    /// What stands under `reply`, or under a number of a call.
    REPLY "a reply" {
        "status" Status => "The status, 200 or more; without it, that of the answer that would be given anyway."
        "example" Text => "The name of one of the document's examples."
        "body" Json => "The whole content."
        "merge" Members => "What to change in the content (RFC 7396): members replace their like, null removes."
        "headers" Fields => "Header fields: a value, a list that sends the field once for each, or null to leave it out."
        "delay" Delay => "How long the answer is held back: 300ms, 200ms..2s, or a median with a tail."
        "fault" Fault => "What becomes of the answer on the wire."
        "force" Flag => "Whether an invalid request is answered like a valid one."
        "template" Template => "What the content is made of, call by call: a text, or a value whose texts are templates."
        "go" Text => "The state that the story goes to then."
    }
}

level! {
    /// A delay that is drawn from a distribution.
    DELAY "a delay" {
        "median" Duration => "Half of the answers take less."
        "p99" Duration => "Ninety-nine in a hundred take less."
    }
}

level! {
    /// A fault that is more than a word.
    FAULT "a fault" {
        "truncate" Share => "How much of the content is sent before the connection ends: 40%."
        "dribble" Later
    }
}

level! {
    /// What stands under an operation of `expect`.
    EXPECT "what is expected of a client" {
        "honours-retry-after" Flag => "Whether it waits as long as Retry-After says."
        "backs-off" Flag => "Whether it waits longer before each further try."
        "at-most" Integer => "How many calls of one request there may be."
        "same-idempotency-key" Flag => "Whether tries of one request keep their Idempotency-Key."
        "no-unsafe-retry" Flag => "Whether what is not idempotent is sent only once."
        "nothing-undocumented" Flag => "Whether it sends nothing that the document does not describe."
        "meets" Scalars => "Statuses that it must have met."
    }
}

level! {
    /// An item of `steps`.
    STEP "a step" {
        "call" Text => "The operation that is called: an operationId, or a method and a path."
        "with" Keys => "What is sent; what is not said is an example of the document, or made up."
        "wait" Wait => "How long the client waits before the call: 2s; retry-after: as long as the last answer asked for."
        "times" Integer => "How often the call is made, one after the other; the answer must be so each time."
        "then" Then => "What the answer is like: a status, 2XX, a list of them, or more than that. Without it: a status below 400."
    }
}

level! {
    /// What stands under `with`.
    WITH "`with`" {
        "path" Arguments => "Path parameters."
        "query" Arguments => "Parameters of the query; null leaves one out."
        "header" Arguments => "Header fields; null leaves one out."
        "cookie" Arguments => "Cookies; null leaves one out."
        "body" Json => "The whole content; null: there is none."
        "credentials" Flag => "Whether the request carries the credentials that the document asks for (true unless given)."
    }
}

level! {
    /// What stands under `then`.
    THEN "`then`" {
        "status" Statuses => "The status, a class such as 2XX, or a list of which it is one."
        "header" Named => "Header fields, in upper or lower case."
        "body" Named => "Members of the content, or JSON Pointers into it."
        "schema" Schema => "A JSON Schema that the content is valid by."
        "save" Keeps => "What is kept for later steps: names, and a JSON Pointer into the content or header.NAME for each."
        "fault" Break => "How the answer breaks: reset, empty, hang or truncate."
    }
}

static LEVELS: [&Level; 12] = [&FILE, &RULE, &RATE, &WHEN, &TEST, &REPLY, &DELAY, &FAULT, &EXPECT, &STEP, &WITH, &THEN];

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

    /// Editors show a sentence for every key.
    #[test]
    fn every_key_that_is_carried_out_is_described() {
        for level in LEVELS {
            for field in level.fields.iter().filter(|field| field.form != super::Form::Later) {
                assert!(field.about.ends_with('.'), "`{}` of {} has no description", field.key, level.name);
            }
        }
    }

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
