//! The keywords of schemas: what their values look like, which types they speak about, since which version they hold.

use super::types::{Type, TypeSet};

/// What the value of a keyword must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A type's name, or several.
    Type,
    /// A schema.
    Schema,
    /// A list of schemas, at least one.
    Schemas,
    /// Schemas by name.
    SchemaMap,
    /// Schemas by regular expression.
    PatternMap,
    /// A whole number, not negative.
    Count,
    /// A number.
    Number,
    /// A number above zero.
    Positive,
    /// A regular expression.
    Pattern,
    /// A list of strings.
    Names,
    /// Lists of strings, by name.
    NamesMap,
    /// A list of values.
    Values,
    /// `true` or `false`.
    Flag,
    /// A string.
    Text,
    /// An object.
    Object,
    /// Anything.
    Any,
}

/// Which value the schemas under a keyword are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// There is no schema under it.
    Nothing,
    /// The same value that the keyword is about.
    Same,
    /// Its members, its items, or the names of its members.
    Inner,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) about: About,
    /// The types of value that it can refuse; none for what only describes.
    pub(super) on: TypeSet,
    /// Whether OpenAPI 3.0 does not know it.
    pub(super) since_3_1: bool,
}

const NONE: TypeSet = TypeSet::NONE;
const ANY: TypeSet = TypeSet::ANY;
const NUM: TypeSet = TypeSet::NUMBER;
const STR: TypeSet = TypeSet::only(Type::String);
const ARR: TypeSet = TypeSet::only(Type::Array);
const OBJ: TypeSet = TypeSet::only(Type::Object);

macro_rules! keywords {
    ($($name:literal $shape:ident $about:ident $on:ident $since:literal)*) => {
        /// The names of all of them.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        /// The keyword of that name, if schemas have it in 3.0 or in 3.1.
        pub(super) fn keyword(name: &str) -> Option<Keyword> {
            match name {
                $($name => Some(Keyword {
                    name: $name, shape: Shape::$shape, about: About::$about, on: $on, since_3_1: $since > 3.0,
                }),)*
                _ => None,
            }
        }
    };
}

// Asserted, then what only describes. 3.0: Schema Object of OpenAPI 3.0.4; 3.1: JSON Schema 2020-12.
keywords! {
    "type"                  Type       Nothing ANY 3.0
    "enum"                  Values     Nothing ANY 3.0
    "const"                 Any        Nothing ANY 3.1
    "multipleOf"            Positive   Nothing NUM 3.0
    "maximum"               Number     Nothing NUM 3.0
    "exclusiveMaximum"      Number     Nothing NUM 3.0
    "minimum"               Number     Nothing NUM 3.0
    "exclusiveMinimum"      Number     Nothing NUM 3.0
    "maxLength"             Count      Nothing STR 3.0
    "minLength"             Count      Nothing STR 3.0
    "pattern"               Pattern    Nothing STR 3.0
    "format"                Text       Nothing ANY 3.0
    "maxItems"              Count      Nothing ARR 3.0
    "minItems"              Count      Nothing ARR 3.0
    "uniqueItems"           Flag       Nothing ARR 3.0
    "maxContains"           Count      Nothing ARR 3.1
    "minContains"           Count      Nothing ARR 3.1
    "maxProperties"         Count      Nothing OBJ 3.0
    "minProperties"         Count      Nothing OBJ 3.0
    "required"              Names      Nothing OBJ 3.0
    "dependentRequired"     NamesMap   Nothing OBJ 3.1
    "allOf"                 Schemas    Same    ANY 3.0
    "anyOf"                 Schemas    Same    ANY 3.0
    "oneOf"                 Schemas    Same    ANY 3.0
    "not"                   Schema     Same    ANY 3.0
    "if"                    Schema     Same    ANY 3.1
    "then"                  Schema     Same    ANY 3.1
    "else"                  Schema     Same    ANY 3.1
    "dependentSchemas"      SchemaMap  Same    OBJ 3.1
    "prefixItems"           Schemas    Inner   ARR 3.1
    "items"                 Schema     Inner   ARR 3.0
    "contains"              Schema     Inner   ARR 3.1
    "properties"            SchemaMap  Inner   OBJ 3.0
    "patternProperties"     PatternMap Inner   OBJ 3.1
    "additionalProperties"  Schema     Inner   OBJ 3.0
    "propertyNames"         Schema     Inner   OBJ 3.1
    "unevaluatedItems"      Schema     Inner   ARR 3.1
    "unevaluatedProperties" Schema     Inner   OBJ 3.1

    "title"                 Text       Nothing NONE 3.0
    "default"               Any        Nothing NONE 3.0
    "example"               Any        Nothing NONE 3.0
    "examples"              Values     Nothing NONE 3.1
    "deprecated"            Flag       Nothing NONE 3.0
    "readOnly"              Flag       Nothing NONE 3.0
    "writeOnly"             Flag       Nothing NONE 3.0
    "discriminator"         Object     Nothing NONE 3.0
    "xml"                   Object     Nothing NONE 3.0
    "contentEncoding"       Text       Nothing NONE 3.1
    "contentMediaType"      Text       Nothing NONE 3.1
    "contentSchema"         Schema     Inner   NONE 3.1
}

/// Keywords whose answer can turn from no to yes when something under them turns from yes to no.
///
/// What is undecided under one of these makes the whole keyword undecided.
pub(super) const NOT_MONOTONE: [&str; 6] =
    ["not", "oneOf", "if", "contains", "unevaluatedItems", "unevaluatedProperties"];

/// The keywords that cannot be judged without this one, because they speak about what it leaves over.
pub(super) fn leaning_on(name: &str) -> &'static [&'static str] {
    match name {
        "properties" | "patternProperties" => &["additionalProperties", "unevaluatedProperties"],
        "additionalProperties" => &["unevaluatedProperties"],
        "prefixItems" => &["items", "unevaluatedItems"],
        "items" => &["unevaluatedItems"],
        "minContains" | "maxContains" => &["contains", "unevaluatedItems"],
        "contains" => &["unevaluatedItems"],
        "$ref" | "$dynamicRef" | "allOf" | "anyOf" | "oneOf" | "if" | "then" | "else" | "not" | "dependentSchemas" => {
            &["unevaluatedItems", "unevaluatedProperties"]
        }
        _ => &[],
    }
}
