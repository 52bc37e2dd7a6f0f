//! The small languages that values of flags are written in.

use std::path::PathBuf;
use std::time::Duration;

use crate::finding::did_you_mean;
use crate::generate::Seed;
use crate::message::{HeaderName, HeaderValue};

/// `--seed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seeding {
    /// This one.
    Number(u64),
    /// A new one each time; it is printed.
    Random,
}

pub(crate) fn seeding(text: &str) -> Result<Seeding, String> {
    if text == "random" {
        return Ok(Seeding::Random);
    }
    if text.is_empty() {
        return Err("a number, another text, or `random` is meant".to_owned());
    }
    Ok(Seeding::Number(Seed::of_text(text).0))
}

pub(crate) fn time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "a time with its offset is meant, such as `2026-01-31T12:00:00Z`".to_owned())
}

/// `--report`: in which form, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// The form.
    pub(crate) kind: Kind,
    /// The file.
    pub(crate) file: PathBuf,
}

/// The forms of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// JSON, as on standard output with `--format json`.
    Json,
    /// JUnit XML.
    Junit,
    /// Markdown, for the summary of a CI step.
    Markdown,
}

pub(crate) fn report(text: &str) -> Result<Report, String> {
    let (kind, file) = text.split_once('=').ok_or("a form and a file are meant, such as `json=report.json`")?;
    let kinds = [("json", Kind::Json), ("junit", Kind::Junit), ("markdown", Kind::Markdown)];
    let Some((_, kind)) = kinds.into_iter().find(|(name, _)| *name == kind) else {
        let near = did_you_mean(kind, kinds.map(|(name, _)| name));
        let near = near.map_or_else(
            || "`json`, `junit` and `markdown` are known".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(format!("no reports are written as `{kind}`: {near}"));
    };
    if file.is_empty() {
        return Err(format!("the name of the file is missing, as in `{text}report.xml`"));
    }
    if file == "-" {
        return Err("a report goes to a file; `--format json` writes to standard output".to_owned());
    }
    Ok(Report { kind, file: file.into() })
}

/// A length of time: `250ms`, `30s`, `2m`, `1h`; fractions are allowed.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a length of time is meant, such as `250ms`, `30s`, `2m` or `1h`".to_owned();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = number.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|length| length.as_secs() <= 86_400 * 365).ok_or_else(wrong)
}

/// A header field: `Name: value`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: HeaderName,
    /// Its value; may be a secret.
    pub(crate) value: HeaderValue,
}

/// Without the value, which may be a secret.
impl std::fmt::Debug for Field {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: …", self.name)
    }
}

pub(crate) fn field(text: &str) -> Result<Field, String> {
    let wrong = || "a header field is meant, such as `X-Api-Key: secret`".to_owned();
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| wrong())?;
    value.set_sensitive(true);
    Ok(Field { name, value })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Kind, Seeding, duration, field, report, seeding, time};

    #[test]
    fn seeds_and_times() {
        assert_eq!(seeding("7"), Ok(Seeding::Number(7)));
        assert_eq!(seeding("random"), Ok(Seeding::Random));
        assert_eq!(seeding("abc"), seeding("abc"));
        assert!(seeding("abc") != seeding("abd") && seeding("").is_err());
        assert!(time("2026-01-31T12:00:00Z").is_ok() && time("2026-01-31T12:00:00+02:00").is_ok());
        assert!(time("2026-01-31").is_err());
    }

    #[test]
    fn reports_have_a_form_and_a_file() {
        let junit = report("junit=a=b.xml").unwrap();
        assert_eq!((junit.kind, junit.file.to_str()), (Kind::Junit, Some("a=b.xml")));
        assert_eq!(report("jsno=a").unwrap_err(), "no reports are written as `jsno`: did you mean `json`?");
        assert!(report("json=-").is_err() && report("junit=").is_err() && report("a.json").is_err());
    }

    #[test]
    fn lengths_of_time_need_a_unit() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "s", "5 s", "-1s", "1e9s", "nans", "1d", "1.2.3s", "999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_value_of_a_field_is_not_told() {
        let token = field("Authorization:  Bearer x ").unwrap();
        assert_eq!((token.name.as_str(), token.value.as_bytes()), ("authorization", &b"Bearer x"[..]));
        assert_eq!(format!("{token:?}"), "authorization: …");
        assert!(field("no colon").is_err() && field("a b: c").is_err() && field("a: \n").is_ok());
    }
}
