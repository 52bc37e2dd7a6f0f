//! What `standin exec` takes: all that `standin mock` does, and a command.

use std::ffi::OsString;

use clap::Args;

use super::MockArgs;
use crate::finding::{Floor, Measure, did_you_mean};

/// `standin exec`.
#[derive(Debug, Args)]
pub(crate) struct ExecArgs {
    /// What is served while the command runs.
    #[command(flatten)]
    pub(crate) mock: MockArgs,

    /// Put the base URL into another variable too: `NAME`, or `NAME={url}/v1` (`{host}` and `{port}` are known, too); may be repeated
    #[arg(long = "env", env = "STANDIN_ENV", value_name = "NAME[=TEXT]", value_parser = variable, help_heading = "Command")]
    pub(crate) variables: Vec<Variable>,
    /// How much of the document has to be met: `80%` of its statuses, or `operations=80%`, `statuses=20%`, `examples=50%`; may be repeated
    #[arg(long, env = "STANDIN_FAIL_UNDER", value_name = "[WHAT=]SHARE", value_parser = floor, value_delimiter = ',', help_heading = "Command")]
    pub(crate) fail_under: Vec<Floor>,
    /// The command, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// `--env`: a variable of the command's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// Its value, with holes.
    pub(crate) text: String,
}

/// The variable that tells the command where the mock is.
pub(crate) const URL: &str = "STANDIN_URL";

/// The holes that there are.
const HOLES: [&str; 3] = ["url", "host", "port"];

impl Variable {
    /// Its value for a server at this base URL, such as `http://localhost:4123`.
    pub(crate) fn value(&self, url: &str) -> String {
        let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
        let mut out = String::with_capacity(self.text.len() + url.len());
        let mut rest = self.text.as_str();
        while let Some((before, hole, after)) = next_hole(rest) {
            out.push_str(before);
            match hole {
                "url" => out.push_str(url),
                "host" => out.push_str(host),
                "port" => out.push_str(port),
                other => out.extend(["{", other, "}"]),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The next `{word}`: what stands before it, the word, what stands behind it.
fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text.get(from..)?.find('{').map(|at| from + at) {
        let word = text[open + 1..].split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        let after = &text[open + 1 + word.len()..];
        match after.strip_prefix('}') {
            Some(after) if !word.is_empty() => return Some((&text[..open], word, after)),
            _ => from = open + 1,
        }
    }
    None
}

/// The name of a hole that is opened and not closed.
fn unclosed(text: &str) -> Option<&'static str> {
    let parts = text.split('{').skip(1);
    let word = |part: &str| part.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default().len();
    let mut open = parts.filter(|part| !part[word(part)..].starts_with('}'));
    open.find_map(|part| HOLES.into_iter().find(|hole| *hole == &part[..word(part)]))
}

fn variable(text: &str) -> Result<Variable, String> {
    let (name, text) = text.split_once('=').unwrap_or((text, "{url}"));
    let within = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || !name.chars().all(within) {
        let form = "letters, digits and `_`, no digit first";
        return Err(format!("the name of a variable is meant ({form}), such as `VITE_API_URL`, or `API={{url}}/v1`"));
    }
    if name == URL {
        return Err(format!("`{URL}` is the base URL in any case: name another variable, or leave it out"));
    }
    if let Some(open) = unclosed(text) {
        return Err(format!("`{{{open}` has no `}}`: write `{{{open}}}`"));
    }
    let mut rest = text;
    while let Some((_, hole, after)) = next_hole(rest) {
        if !HOLES.contains(&hole) {
            let near = did_you_mean(hole, HOLES).map(|near| format!("did you mean `{{{near}}}`?"));
            let known = || "`{url}`, `{host}` and `{port}` are known".to_owned();
            return Err(format!("nothing is known that stands for `{{{hole}}}`: {}", near.unwrap_or_else(known)));
        }
        rest = after;
    }
    Ok(Variable { name: name.to_owned(), text: text.to_owned() })
}

fn floor(text: &str) -> Result<Floor, String> {
    let (what, share) = text.split_once('=').unwrap_or((Measure::Statuses.word(), text));
    let words = Measure::ALL.map(Measure::word);
    let Some(what) = Measure::ALL.into_iter().find(|measure| measure.word() == what) else {
        let near = did_you_mean(what, words).map(|near| format!("did you mean `{near}`?"));
        let known = || "`operations`, `statuses` and `examples` are known".to_owned();
        return Err(format!("nothing is counted as `{what}`: {}", near.unwrap_or_else(known)));
    };
    let number = share.strip_suffix('%').unwrap_or(share);
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match number.parse::<f64>() {
        Ok(percent) if plain && percent <= 100.0 => Ok(Floor { what, percent }),
        _ => Err("a share is meant, such as `80%`, or `operations=80%`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{floor, variable};
    use crate::finding::{Floor, Measure};

    #[test]
    fn a_share_is_one_of_something() {
        let of = |what, percent| Ok(Floor { what, percent });
        assert_eq!(floor("80%"), of(Measure::Statuses, 80.0));
        assert_eq!(floor("operations=99.5%"), of(Measure::Operations, 99.5));
        assert_eq!(floor("examples=0"), of(Measure::Examples, 0.0));
        assert_eq!(floor("operation=1%").unwrap_err(), "nothing is counted as `operation`: did you mean `operations`?");
        for wrong in ["", "%", "101%", "-1%", "a", "operations=", "nan%", "1e1%"] {
            assert!(floor(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_variable_has_the_base_url_or_what_is_made_of_it() {
        let value = |typed: &str| {
            let variable = variable(typed)?;
            Ok::<_, String>(format!("{}={}", variable.name, variable.value("http://localhost:4123")))
        };
        for (typed, meant) in [
            ("VITE_API_URL", "VITE_API_URL=http://localhost:4123"),
            ("API={url}/api/v1", "API=http://localhost:4123/api/v1"),
            ("AT={host}:{port}/{url}", "AT=localhost:4123/http://localhost:4123"),
            ("EMPTY=", "EMPTY="),
            ("JSON={\"base\":\"{url}\",\"a\":{}}", "JSON={\"base\":\"http://localhost:4123\",\"a\":{}}"),
            ("OPEN={{url}}{", "OPEN={http://localhost:4123}{"),
            ("spring.api-url", "spring.api-url=http://localhost:4123"),
            ("A=b=c", "A=b=c"),
        ] {
            assert_eq!(value(typed).as_deref(), Ok(meant), "{typed}");
        }
        assert_eq!(value("A={ulr}").unwrap_err(), "nothing is known that stands for `{ulr}`: did you mean `{url}`?");
        assert!(value("A={something}").unwrap_err().ends_with("`{url}`, `{host}` and `{port}` are known"));
        for open in ["A={url", "A={url}/{url", "A={url /x}", "A={\"base\":\"{url\"}"] {
            assert_eq!(value(open).unwrap_err(), "`{url` has no `}`: write `{url}`", "{open}");
        }
        let own = "`STANDIN_URL` is the base URL in any case: name another variable, or leave it out";
        assert_eq!(value("STANDIN_URL=y").unwrap_err(), own);
        for wrong in ["1A", "1A={url}", "A$B", "ü", "-A"] {
            let meant = "the name of a variable is meant (letters, digits and `_`, no digit first)";
            assert!(value(wrong).unwrap_err().starts_with(meant), "{wrong}");
        }
        assert!(value("=x").is_err() && value("").is_err() && value("A B=x").is_err());
    }

    #[test]
    fn an_address_keeps_its_brackets() {
        let variable = variable("AT={host} {port}").unwrap();
        assert_eq!(variable.value("http://[2001:db8::1]:80"), "[2001:db8::1] 80");
    }
}
