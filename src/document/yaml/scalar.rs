//! What a scalar means: the core schema of YAML 1.2, and tags.

use granit_parser::Tag;
use serde_json::{Number, Value};

use super::super::problem::ProblemKind;

/// A scalar's value, and what is odd about it.
pub(super) struct Resolved {
    pub(super) value: Value,
    pub(super) complaint: Option<Complaint>,
}

/// Why a scalar is kept as the text it is.
#[derive(Clone, Copy)]
pub(super) enum Complaint {
    NotHeld,
    NotWhatItsTagSays,
}

impl Complaint {
    pub(super) fn kind(self) -> ProblemKind {
        match self {
            Complaint::NotHeld => ProblemKind::Limit,
            Complaint::NotWhatItsTagSays => ProblemKind::Syntax,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Complaint::NotHeld => "is no number that JSON can hold; kept as text",
            Complaint::NotWhatItsTagSays => "is not what its tag says; kept as text",
        }
    }

    pub(super) fn help(self) -> &'static str {
        match self {
            Complaint::NotHeld => "write a finite number, or put the text in quotes",
            Complaint::NotWhatItsTagSays => "remove the tag, or mend the value",
        }
    }
}

/// The value of a scalar. A tag that is not of the core schema says nothing.
pub(super) fn resolve(text: &str, is_plain: bool, tag: Option<&Tag>) -> Resolved {
    let Some(tag) = tag else {
        return if is_plain { plain(text) } else { string(text) };
    };
    let fits = |fits: fn(&Value) -> bool| {
        let resolved = plain(text);
        if fits(&resolved.value) || resolved.complaint.is_some() {
            return resolved;
        }
        Resolved { complaint: Some(Complaint::NotWhatItsTagSays), ..string(text) }
    };
    match tag.core_suffix() {
        Some("int") => fits(|value| value.as_f64().is_some_and(|number| number.fract() == 0.0)),
        Some("float") => match plain(text) {
            Resolved { value: Value::Number(number), .. } => held(number.as_f64(), text),
            _ => fits(Value::is_number),
        },
        Some("bool") => fits(Value::is_boolean),
        Some("null") => fits(Value::is_null),
        Some(_) => string(text),
        // `!` alone says: a string.
        None if tag.suffix() == "!" && tag.handle().is_empty() => string(text),
        None if is_plain => plain(text),
        None => string(text),
    }
}

fn string(text: &str) -> Resolved {
    Resolved { value: Value::String(text.to_owned()), complaint: None }
}

fn value(value: Value) -> Resolved {
    Resolved { value, complaint: None }
}

fn held(number: Option<f64>, text: &str) -> Resolved {
    match number.and_then(Number::from_f64) {
        Some(number) => value(Value::Number(number)),
        None => Resolved { complaint: Some(Complaint::NotHeld), ..string(text) },
    }
}

/// An untagged plain scalar.
fn plain(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return value(Value::Null),
        "true" | "True" | "TRUE" => return value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return value(Value::Bool(false)),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        _ => string(text),
    }
}

fn number(text: &str) -> Resolved {
    if let Some(digits) = text.strip_prefix("0o") {
        return based(text, digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return based(text, digits, 16);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return held(None, text);
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let mut rest = unsigned.get(whole..).unwrap_or("");
    if rest.is_empty() && whole > 0 {
        // Beyond 64 bits the nearest double will do, as in JSON.
        let signless = text.strip_prefix('+').unwrap_or(text);
        return match (signless.parse::<u64>(), signless.parse::<i64>()) {
            (Ok(number), _) => value(number.into()),
            (_, Ok(number)) => value(number.into()),
            _ => held(text.parse().ok(), text),
        };
    }
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = after.get(fraction..).unwrap_or("");
    }
    if whole + fraction == 0 {
        return string(text);
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return string(text);
        }
        rest = "";
    }
    if rest.is_empty() { held(text.parse().ok(), text) } else { string(text) }
}

fn based(text: &str, digits: &str, base: u32) -> Resolved {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return string(text);
    }
    match u64::from_str_radix(digits, base) {
        Ok(number) => value(number.into()),
        Err(_) => {
            let number = digits
                .chars()
                .filter_map(|digit| digit.to_digit(base))
                .fold(0.0, |sum, digit| sum * f64::from(base) + f64::from(digit));
            held(Some(number), text)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::plain;

    #[test]
    fn plain_scalars_have_the_types_of_the_core_schema() {
        for (text, expected) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("null", json!(null)),
            ("Null", json!(null)),
            ("nUll", json!("nUll")),
            ("true", json!(true)),
            ("FALSE", json!(false)),
            ("tRue", json!("tRue")),
            ("yes", json!("yes")),
            ("no", json!("no")),
            ("on", json!("on")),
            ("y", json!("y")),
            ("0", json!(0)),
            ("-0", json!(0)),
            ("+12", json!(12)),
            ("012", json!(12)),
            ("-5", json!(-5)),
            ("0o14", json!(12)),
            ("0xfF", json!(255)),
            ("0b1", json!("0b1")),
            ("1_000", json!("1_000")),
            ("190:20:30", json!("190:20:30")),
            ("0o8", json!("0o8")),
            ("0x", json!("0x")),
            ("1.0", json!(1.0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-.5", json!(-0.5)),
            ("1e3", json!(1000.0)),
            ("1E-2", json!(0.01)),
            (".", json!(".")),
            ("-", json!("-")),
            ("+.", json!("+.")),
            ("1e", json!("1e")),
            ("1e+", json!("1e+")),
            ("e5", json!("e5")),
            (".e5", json!(".e5")),
            ("1.2.3", json!("1.2.3")),
            ("2024-01-01", json!("2024-01-01")),
            ("12:30", json!("12:30")),
            ("3.1.0", json!("3.1.0")),
            ("inf", json!("inf")),
            ("-nan", json!("-nan")),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551616", json!(18446744073709551616.0)),
            ("0xffffffffffffffffff", json!(4722366482869645213695.0)),
        ] {
            let resolved = plain(text);
            assert_eq!(resolved.value, expected, "{text}");
            assert!(resolved.complaint.is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_that_nothing_holds_stay_text_and_are_told() {
        for text in [".inf", "-.INF", ".nan", "1e400", &"9".repeat(400)] {
            let resolved = plain(text);
            assert_eq!(resolved.value, Value::String(text.to_owned()));
            assert!(resolved.complaint.is_some(), "{text}");
        }
    }
}
