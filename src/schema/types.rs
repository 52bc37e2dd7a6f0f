//! Sets of JSON types.

use std::fmt;

use serde_json::Value;

/// A JSON type, as JSON Schema counts them: `integer` is a part of `number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// `integer`: a number without a fraction, `1.0` among them
    Integer,
    /// `number`
    Number,
    /// `string`
    String,
    /// `array`
    Array,
    /// `object`
    Object,
}

impl Type {
    /// All of them, scalars first.
    pub const ALL: [Type; 7] =
        [Type::Null, Type::Boolean, Type::Integer, Type::Number, Type::String, Type::Array, Type::Object];

    /// The word that schemas use.
    pub fn word(self) -> &'static str {
        match self {
            Type::Null => "null",
            Type::Boolean => "boolean",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::String => "string",
            Type::Array => "array",
            Type::Object => "object",
        }
    }

    /// The type that a schema names with this word.
    pub fn of_word(word: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The narrowest type of a value: `1.0` is an integer.
    pub fn of(value: &Value) -> Type {
        match value {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Boolean,
            Value::Number(number) if number.as_f64().is_some_and(|float| float.fract() == 0.0) => Type::Integer,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::String,
            Value::Array(_) => Type::Array,
            Value::Object(_) => Type::Object,
        }
    }

    /// The word with its article, as sentences use it: `an integer`, `null`.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Type::Null => "null",
            Type::Boolean => "a boolean",
            Type::Integer => "an integer",
            Type::Number => "a number",
            Type::String => "a string",
            Type::Array => "an array",
            Type::Object => "an object",
        }
    }
}

/// A set of JSON types. A set with `number` in it has `integer` in it too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeSet(u8);

impl TypeSet {
    /// Every type: what a schema admits that says nothing about types.
    pub const ANY: TypeSet = TypeSet(0x7f);
    /// No type: what the schema `false` admits.
    pub const NONE: TypeSet = TypeSet(0);

    pub(super) const NUMBER: TypeSet = TypeSet(1 << Type::Number as u8 | 1 << Type::Integer as u8);

    /// The set of this one type.
    pub const fn only(one: Type) -> TypeSet {
        match one {
            Type::Number => TypeSet::NUMBER,
            one => TypeSet(1 << one as u8),
        }
    }

    /// Whether values of this type are admitted.
    pub fn contains(self, one: Type) -> bool {
        self.0 & 1 << one as u8 != 0
    }

    /// Whether no type is admitted.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether lists are admitted.
    pub fn array(self) -> bool {
        self.contains(Type::Array)
    }

    /// Whether objects are admitted.
    pub fn object(self) -> bool {
        self.contains(Type::Object)
    }

    /// Whether anything is admitted that is neither a list nor an object.
    pub fn scalar(self) -> bool {
        self.iter().any(|one| !matches!(one, Type::Array | Type::Object))
    }

    /// What either admits.
    #[must_use = "a set is a value: keep what this returns"]
    pub const fn or(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 | other.0)
    }

    /// What both admit.
    #[must_use = "a set is a value: keep what this returns"]
    pub const fn and(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 & other.0)
    }

    /// This set without one type.
    #[must_use = "a set is a value: keep what this returns"]
    pub const fn without(self, one: Type) -> TypeSet {
        TypeSet(self.0 & !TypeSet::only(one).0)
    }

    /// The types in it; `integer` is left out where `number` is there.
    pub fn iter(self) -> impl Iterator<Item = Type> {
        let whole = self.contains(Type::Number);
        Type::ALL.into_iter().filter(move |one| self.contains(*one) && !(whole && *one == Type::Integer))
    }

    /// The one type in it, where it is one.
    pub fn single(self) -> Option<Type> {
        let mut types = self.iter();
        types.next().filter(|_| types.next().is_none())
    }

    /// What the keyword `type` names: a word or a list of words. `None` where a word is no type.
    pub(super) fn of_keyword(value: &Value) -> Option<TypeSet> {
        let word = |value: &Value| Some(TypeSet::only(Type::of_word(value.as_str()?)?));
        match value {
            Value::Array(words) if !words.is_empty() => {
                words.iter().try_fold(TypeSet::NONE, |set, value| Some(set.or(word(value)?)))
            }
            value => word(value),
        }
    }

    /// The types as a phrase: `a string or null`.
    pub(super) fn phrase(self) -> String {
        let mut phrases: Vec<_> = self.iter().filter(|one| *one != Type::Null).map(Type::phrase).collect();
        if self.contains(Type::Null) {
            phrases.push("null");
        }
        match phrases.split_last() {
            None => "anything".into(),
            Some((last, [])) => (*last).into(),
            Some((last, before)) => format!("{} or {last}", before.join(", ")),
        }
    }
}

/// The words, in braces.
impl fmt::Debug for TypeSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter().map(Type::word)).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Type, TypeSet};

    #[test]
    fn integers_are_numbers() {
        let number = TypeSet::only(Type::Number);
        let integer = TypeSet::only(Type::Integer);
        assert!(number.contains(Type::Integer));
        assert_eq!(number.and(integer), integer);
        assert_eq!(number.single(), Some(Type::Number));
        assert_eq!(Type::of(&json!(1.0)), Type::Integer);
        assert_eq!(Type::of(&json!(1.5)), Type::Number);
        assert_eq!(Type::of(&json!(u64::MAX)), Type::Integer);
    }

    #[test]
    fn keywords_are_read_and_said() {
        let set = TypeSet::of_keyword(&json!(["null", "string", "integer"])).unwrap();
        assert_eq!(set.phrase(), "an integer, a string or null");
        assert_eq!(format!("{set:?}"), r#"{"null", "integer", "string"}"#);
        assert_eq!(TypeSet::of_keyword(&json!("any")), None);
        assert_eq!(TypeSet::of_keyword(&json!([])), None);
    }
}
