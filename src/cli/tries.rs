//! Calls to try first: commands for a shell that the document itself would let through.

use std::borrow::Cow;
use std::sync::Arc;

use super::version::is_below;
use crate::contract::Contract;
use crate::message::Method;
use crate::mock::ValidCall;

/// The operations that are looked at, and so compiled: a start must not take long.
const LOOKED_AT: usize = 12;
/// The longest body that is shown.
const LONGEST: usize = 160;

/// Calls to try.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    /// The path of an operation that a browser can be pointed at.
    pub(crate) path: Option<String>,
    /// Commands, the simplest first.
    pub(crate) commands: Vec<String>,
    /// Whether they carry credentials.
    pub(crate) credentials: bool,
}

impl Tries {
    /// Up to three calls: one that reads, one that writes, one that asks for a documented error. None of them lies below `prefix`, where
    /// the server answers for itself.
    pub(crate) fn of(contract: &Arc<Contract>, authority: &str, prefix: &str, now: jiff::Timestamp) -> Tries {
        let mut tries = Tries::default();
        // The shortest first: the fewer parameters, the simpler the call.
        let mut order: Vec<usize> = (0..contract.heads().len()).collect();
        order.sort_by_key(|index| {
            let template = &contract.heads()[*index].template;
            (template.matches('{').count(), template.matches('/').count() == 1, *index)
        });
        let valid =
            |methods: &'static [Method]| {
                let fits = move |index: &&usize| methods.contains(&contract.heads()[**index].method);
                order.iter().filter(fits).take(LOOKED_AT).filter_map(|index| {
                    Try::new(contract, *index, now).filter(|made| !is_below(&made.call.path, prefix))
                })
            };
        let read = valid(&[Method::GET]).next().or_else(|| valid(&[Method::QUERY]).next());
        if let Some(read) = &read {
            tries.add(read, authority, "-s ", None);
            tries.path = (read.call.method == Method::GET).then(|| read.call.path.clone());
        }
        // One that says something, if there is one.
        let writes = || valid(&[Method::POST, Method::PUT, Method::PATCH]);
        if let Some(write) = writes().find(|write| write.call.body.is_some()).or_else(|| writes().next()) {
            tries.add(&write, authority, "-s ", None);
        }
        if let Some(read) = &read
            && let Some(status) = read.error(contract)
        {
            tries.add(read, authority, "-si", Some(status));
        }
        tries
    }

    fn add(&mut self, call: &Try, authority: &str, flags: &str, code: Option<u16>) {
        self.credentials |= call.call.credentials;
        self.commands.push(call.command(authority, flags, code));
    }
}

/// One call, and the operation it is for.
struct Try {
    index: usize,
    call: ValidCall,
}

impl Try {
    /// A valid call of an operation; `None` where there is none that is short enough to show, or whose answer has nothing to show.
    fn new(contract: &Arc<Contract>, index: usize, now: jiff::Timestamp) -> Option<Try> {
        let operation = contract.operation(index);
        operation.response(200).or(operation.response(201))?;
        let call = ValidCall::new(contract, index, now)?;
        let shown = |body: &String| body.len() <= LONGEST && !body.contains(['\r', '\n']);
        call.body.as_ref().is_none_or(shown).then_some(Try { index, call })
    }

    /// A documented error to ask for: 429 if there is one, else the last.
    fn error(&self, contract: &Contract) -> Option<u16> {
        let exact = |range: String| range.parse().ok().filter(|status: &u16| *status >= 400);
        let responses = &contract.operation(self.index).responses;
        let statuses: Vec<u16> = responses.iter().filter_map(|response| exact(response.range.to_string())).collect();
        statuses.iter().find(|status| **status == 429).or(statuses.last()).copied()
    }

    fn command(&self, authority: &str, flags: &str, code: Option<u16>) -> String {
        let mut command = format!("curl {flags} {}", quoted_where_needed(&format!("{authority}{}", self.call.path)));
        if self.call.method != Method::GET && !(self.call.method == Method::POST && self.call.body.is_some()) {
            command.push_str(&format!(" -X {}", self.call.method));
        }
        let prefer = code.map(|code| ("Prefer".to_owned(), format!("code={code}")));
        for (name, value) in self.call.fields.iter().chain(&prefer) {
            command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        if let Some(body) = &self.call.body {
            command.push_str(&format!(" -d {}", quoted(body)));
        }
        command
    }
}

/// An argument as most shells take it: in double quotes where they change nothing, which is what Windows understands too.
fn quoted(text: &str) -> String {
    if text.contains(['$', '`', '!', '\\', '%']) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{}\"", text.replace('"', "\\\""))
    }
}

fn quoted_where_needed(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@,+=[]".contains(c);
    if text.chars().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

#[cfg(test)]
mod tests {
    use super::{Tries, quoted, quoted_where_needed};
    use crate::cli::load::{Input, Subject};

    #[test]
    fn one_call_reads_one_writes_and_one_asks_for_an_error() {
        let subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let tries = Tries::of(subject.usable().unwrap(), "localhost:4010", "/_standin", jiff::Timestamp::UNIX_EPOCH);
        let [read, write, error] = &tries.commands[..] else { panic!("{:?}", tries.commands) };
        let token = "-H \"Authorization: Bearer x\"";
        assert!(tries.credentials);
        assert_eq!(tries.path.as_deref(), Some("/api/v1/invitations/me"));
        assert_eq!(*read, format!("curl -s  localhost:4010/api/v1/invitations/me {token}"));
        assert_eq!(*error, format!("curl -si localhost:4010/api/v1/invitations/me {token} -H \"Prefer: code=429\""));
        assert!(write.contains("/invitations ") && write.contains("-d \"{\\\"email\\\":"), "{write}");
    }

    #[test]
    fn arguments_are_quoted_for_a_shell() {
        assert_eq!(quoted(r#"{"a":"b"}"#), r#""{\"a\":\"b\"}""#);
        assert_eq!(quoted("it's $5"), r"'it'\''s $5'");
        assert_eq!(quoted_where_needed("localhost:4010/a?b=c&d"), "\"localhost:4010/a?b=c&d\"");
        assert_eq!(quoted_where_needed("localhost:4010/a"), "localhost:4010/a");
    }
}
